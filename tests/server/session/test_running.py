"""
Commands of other packages: whatever they do, their caller is answered, the log names them, and the server goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, succeed
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatroom.commands.base import Command
from chatroom.errors import BadArguments, NotKept, Refused
from chatroom.events import SERVER, Noticed, Said
from chatroom.interfaces import Answer, ICaller, Receipt, interface
from chatroom.limits import OFF, Limits
from chatroom.plugins.find import find
from chatroom.plugins.watch import BLOCKS, MINUTE
from chatroom.testing import Server

FAILED = "! The server made a mistake and logged it: /bad failed. Tell an admin."


class Bad(Command):
    """A command that does what a test says."""

    name = "bad"
    summary = "do what a test says"
    does: Callable[[Any], Any]

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Any:
        """Whatever it is."""
        return self.does(caller)


class BadTestCase(SynchronousTestCase):
    """Alice and bob are in the lobby, and a program; the command C{/bad} does what a test says."""

    def setUp(self) -> None:
        """They have read everything."""
        self.bad, self.worse = Bad(), Bad()
        self.worse.name = "worse"
        commands = {**find(), "bad": self.bad, "worse": self.worse}
        self.server = Server(Limits(talk_rate=OFF, work_rate=OFF), commands=commands)
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.robot = self.server.program("robot")
        self.alice.reads()
        self.bob.reads()
        self.logged: list[str] = []

    def does(self, deed: Callable[[Any], Any]) -> None:
        """From now on, the command does this with its caller."""
        self.bad.does = deed

    def types(self, *lines: str) -> list[str]:
        """What alice reads when she types this; what is logged meanwhile is in C{logged}."""
        with capturedLogs() as events:
            self.alice.types(*lines)
        self.logged = [formatEvent(event) for event in events if event.get("log_level", LogLevel.info) >= LogLevel.warn]
        return self.alice.reads()

    def is_named(self, *words: str) -> None:
        """One line was logged: it names the command, its file, and these words."""
        self.assertEqual(1, len(self.logged), self.logged)
        for word in ("The command /bad", "test_running.py", *words):
            self.assertIn(word, self.logged[0])

    def goes_on(self) -> None:
        """Alice can talk, and bob hears her."""
        self.bob.reads()
        self.alice.types("still here")
        self.assertIn("<alice> still here", self.bob.reads())
        self.flushLoggedErrors()


class CrashTests(BadTestCase):
    """Commands that raise what they must not raise."""

    def test_bug(self) -> None:
        """A bug is answered with a sentence, and logged once with the command, its file and the line."""
        self.does(lambda caller: 1 // 0)
        self.assertEqual([FAILED], self.types("/bad"))
        self.is_named("ZeroDivisionError", "test_running.py:")
        self.goes_on()

    def test_bug_behind_a_wait(self) -> None:
        """A bug in an C{async def} is the same."""

        async def deed(caller: Any) -> None:
            await succeed(None)
            raise KeyError("x")

        self.does(deed)
        self.assertEqual([FAILED], self.types("/bad"))
        self.is_named("KeyError")
        self.goes_on()

    def test_attempt_to_end_the_process(self) -> None:
        """C{sys.exit()} in a command ends the command alone, and costs nobody the connection."""
        for error in (SystemExit(1), KeyboardInterrupt(), GeneratorExit(), RecursionError(), MemoryError()):

            def deed(caller: Any, error: BaseException = error) -> None:
                raise error

            async def late(caller: Any, error: BaseException = error) -> None:
                raise error

            for each in (deed, late):
                self.does(each)
                self.assertEqual([FAILED], self.types("/bad"), error)
                self.goes_on()

    def test_program_reads_a_code(self) -> None:
        """A program reads C{internal}, as for any bug."""
        self.does(lambda caller: 1 // 0)
        self.assertEqual("internal", self.robot.asks("bad")["error"])
        self.flushLoggedErrors()

    def test_same_bug_is_logged_once_a_minute(self) -> None:
        """However often somebody makes it fail, the log has one traceback a minute, with how many are not there."""
        self.does(lambda caller: 1 // 0)
        self.types(*["/bad"] * 10)
        self.is_named()
        self.server.wait(MINUTE)
        self.types("/bad")
        self.is_named("9 more times")
        self.assertEqual(11, self.server.services.watch.failed["command", "bad"])
        self.flushLoggedErrors()

    def test_refusal_without_a_sentence(self) -> None:
        """A Refused that holds no sentence is a bug of the command."""

        class Wordless(Refused):
            def __init__(self) -> None:
                pass

        def deed(caller: Any) -> None:
            raise Wordless

        self.does(deed)
        self.assertEqual([FAILED], self.types("/bad"))
        self.goes_on()

    def test_refusal(self) -> None:
        """A refusal is no bug: the caller reads it as it stands, and nothing is logged."""

        def deed(caller: Any) -> None:
            raise BadArguments("Write 2d6.")

        self.does(deed)
        self.assertEqual(["! Write 2d6."], self.types("/bad"))
        self.assertEqual([], self.logged)

    def test_command_that_runs_itself(self) -> None:
        """A command that runs itself without end is ended."""
        self.does(lambda caller: caller.do("bad", {}))
        self.assertEqual([FAILED], self.types("/bad"))

        async def deed(caller: Any) -> Any:
            return await caller.do("bad", {})

        self.does(deed)
        self.assertEqual([FAILED], self.types("/bad"))
        self.goes_on()


class Evil(Mapping[str, Any]):
    """A mapping whose code fails."""

    def __getitem__(self, name: str) -> Any:
        raise ZeroDivisionError

    def __iter__(self) -> Any:
        raise ZeroDivisionError

    def __len__(self) -> int:
        return 1


def _deep() -> list[Any]:
    nest: list[Any] = []
    for _ in range(5000):
        nest = [nest]
    return nest


def _round() -> list[Any]:
    nest: list[Any] = []
    nest.append(nest)
    return nest


WRONG: Mapping[str, Callable[[], Any]] = {
    "text": lambda: "text",
    "a number": lambda: 5,
    "an object": object,
    "a class": lambda: Answer,
    "a list of answers": lambda: [Answer()],
    "a generator": lambda: (each for each in "x"),
    "text as parts": lambda: Answer("text"),  # type: ignore[arg-type]
    "bytes in parts": lambda: Answer((b"text",)),  # type: ignore[arg-type]
    "None in parts": lambda: Answer((None,)),  # type: ignore[arg-type]
    "parts without end": lambda: Answer(iter(lambda: "x", "")),  # type: ignore[arg-type]
    "a list as facts": lambda: Answer(facts=["x"]),  # type: ignore[arg-type]
    "a set in facts": lambda: Answer(facts={"x": {1}}),
    "bytes in facts": lambda: Answer(facts={"x": b"x"}),
    "not a number": lambda: Answer(facts={"x": float("nan")}),
    "a number without end": lambda: Answer(facts={"x": float("inf")}),
    "a great number": lambda: Answer(facts={"x": 10**5000}),
    "a name that is no text": lambda: Answer(facts={5: "x"}),  # type: ignore[dict-item]
    "facts that fail": lambda: Answer(facts=Evil()),
    "facts in facts without end": lambda: Answer(facts={"x": _round()}),
    "facts that are deep": lambda: Answer(facts={"x": _deep()}),
    "half a character": lambda: Answer(("\ud800",)),
    "half a character in facts": lambda: Answer(facts={"x": "\ud800"}),
    "what follows, which is text": lambda: Answer(then="x"),  # type: ignore[arg-type]
    "an event without a time": lambda: Answer((Said("now", "lobby", "bob", 1, "x"),)),  # type: ignore[arg-type]
    "an event of no time": lambda: Answer((Said(float("nan"), "lobby", "bob", 1, "x"),)),
    "an event of bytes": lambda: Answer((Said(1.0, "lobby", "bob", 1, b"x"),)),  # type: ignore[arg-type]
    "an event in facts without a room": lambda: Answer(facts={"x": [Said(1.0, None, "bob", 1, "x")]}),  # type: ignore[arg-type]
    "a receipt of its own": lambda: Receipt(Said(1.0, "lobby", "bob", 0, "x")),
    "a great answer": lambda: Answer(("x" * 300_000,)),
    "a great many parts": lambda: Answer(("",) * 300_000),
    "great facts": lambda: Answer(facts={"x": ["x"] * 300_000}),
}
"""What a command may not give back."""


class WrongOutcomeTests(BadTestCase):
    """Commands that give back what they must not."""

    def test_is_answered_and_named(self) -> None:
        """Whatever a command gives back, at once or later: its caller is answered on any door, and the log names it."""
        for what, make in WRONG.items():

            async def late(caller: Any, make: Callable[[], Any] = make) -> Any:
                await succeed(None)
                return make()

            for deed in (lambda caller, make=make: make(), late):
                self.does(deed)
                self.server.wait(MINUTE)
                self.assertEqual([FAILED], self.types("/bad"), what)
                self.is_named()
                self.assertEqual("internal", self.robot.asks("bad")["error"], what)
        self.assertFalse(self.alice.is_disconnected())
        self.goes_on()

    def test_wrong_type_is_said(self) -> None:
        """The log says which type it was, and what a command may give back."""
        self.does(lambda caller: "text")
        self.types("/bad")
        self.is_named("an object of the type str, and not an Answer, a Receipt of its caller, or None")

    def test_great_answer_is_said(self) -> None:
        """The log names the limit that was reached."""
        self.does(lambda caller: Answer(("x" * 300_000,)))
        self.types("/bad")
        self.is_named("more than the 262,144 bytes of --answer-bytes")

    def test_what_follows_the_answer(self) -> None:
        """A bug in what follows on an answer is named as well, and the answer is there."""
        self.does(lambda caller: Answer(("Done.",), then=lambda: 1 // 0))  # type: ignore[arg-type]
        self.assertEqual(["Done.", FAILED], self.types("/bad"))
        self.is_named("ZeroDivisionError")
        self.goes_on()

    def test_receipt(self) -> None:
        """A receipt of the caller's is right, at once and after it was kept."""
        self.does(lambda caller: caller.say("hello"))
        self.assertEqual([], self.types("/bad"))
        self.assertEqual(["<alice> hello"], self.bob.reads())
        answer = self.robot.asks("bad")
        self.assertEqual((True, "lobby"), (answer["ok"], answer["room"]))

        async def late(caller: Any) -> Any:
            receipt = caller.say("hello again")
            wait: Deferred[None] = Deferred()
            self.server.clock.callLater(0.5, wait.callback, None)
            await wait
            return receipt

        self.does(late)
        self.types("/bad")
        self.server.wait(0.6)
        self.assertEqual([], self.alice.reads())
        self.alice.types("go on")
        self.assertIn("<alice> go on", self.bob.reads())

    def test_receipt_of_what_could_not_be_kept(self) -> None:
        """Whoever said it reads so, whether the command gives its receipt back or not."""

        async def keep(batch: object) -> None:
            raise NotKept("The disk is full.")

        self.patch(self.server.services.batches, "_keep", keep)
        self.does(lambda caller: caller.say("hello"))
        self.assertEqual(["! The disk is full."], self.types("/bad"))
        self.does(lambda caller: caller.say("hello") and None)
        self.assertEqual(["-- The disk is full."], self.types("/bad"))

    def test_receipt_with_something_to_follow(self) -> None:
        """What a command sets on a receipt is asked when it is kept, and held against the same rules."""

        def deed(caller: Any) -> Any:
            receipt = caller.say("hello")
            receipt.then = self.then
            return receipt

        self.does(deed)
        cases: list[tuple[Callable[[], Any], list[str]]] = [
            (lambda: Answer(("Said.",)), ["Said."]),
            (lambda: None, []),
            (lambda: "Said.", [FAILED]),
            (lambda: 1 // 0, [FAILED]),
            (lambda: succeed(Answer(("Said later.",))), ["Said later."]),
        ]
        for self.then, read in cases:
            self.assertEqual(read, self.types("/bad"))
        self.goes_on()

    def test_unclean_text(self) -> None:
        """No terminal is harmed by what a command answers, tells or refuses."""
        evil = "\x1b[2J\x07\r\nQUIT\u202e"

        def deed(caller: Any) -> Answer:
            caller.tell(evil)
            return Answer((evil, Said(caller.now(), "lobby", "bob", 1, evil)), {"x": evil})

        self.does(deed)
        self.alice.types("/bad")
        read = self.alice.receives()
        for byte in (b"\x1b", b"\x07", "\u202e".encode()):
            self.assertNotIn(byte, read)

    @given(st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner),
    ))  # fmt: skip
    def test_anything(self, value: object) -> None:
        """Whatever a command gives back, everyone is answered."""
        self.does(lambda caller: Answer((value,), {"value": value}) if isinstance(value, str) else value)
        self.assertIn("ok", self.robot.asks("bad"))
        self.alice.types("/bad")
        self.does(lambda caller: Answer(facts={"value": value}))
        self.assertIn("ok", self.robot.asks("bad"))
        self.flushLoggedErrors()


class TellTests(BadTestCase):
    """What a command tells a connection outside an answer."""

    def test_forged_event(self) -> None:
        """An event of a room that did not happen is told to nobody: programs count what they hear."""

        def deed(caller: Any) -> None:
            caller.tell(Said(caller.now(), "lobby", "bob", 99, "I give up."))

        self.does(deed)
        self.assertEqual([FAILED], self.types("/bad"))
        self.is_named("may tell text and events of no room")
        self.assertEqual("internal", self.robot.asks("bad")["error"])
        self.assertEqual([], self.robot.hears())
        self.goes_on()

    def test_sentences_and_notices(self) -> None:
        """Text and events of no room are told."""

        def deed(caller: Any) -> None:
            caller.tell("Mind the gap.", Noticed(caller.now(), SERVER, "", code="gap", text="Mind it."))

        self.does(deed)
        self.assertEqual(["-- Mind the gap.", "-- Mind it."], self.types("/bad"))


class BlockingTests(BadTestCase):
    """Code that keeps everybody waiting."""

    def block(self, seconds: float) -> None:
        """Time passes in which nothing else happens."""
        self.server.clock.rightNow += seconds

    def test_is_noticed(self) -> None:
        """A command that blocks is named in the log, with how long, and counted."""
        self.does(lambda caller: self.block(0.25))
        self.assertEqual([], self.types("/bad"))
        self.is_named("blocked the server for 0.25 seconds")
        watch = self.server.services.watch
        self.assertEqual(
            (1, 0.25), (watch.blocked["command", "bad"], round(watch.seconds_blocked["command", "bad"], 3))
        )

    def test_is_noticed_behind_a_wait(self) -> None:
        """It is noticed as well where an C{async def} blocks after it has waited."""
        wait: Deferred[None] = Deferred()

        async def deed(caller: Any) -> None:
            await wait
            self.block(0.25)

        self.does(deed)
        self.types("/bad")
        with capturedLogs() as events:
            wait.callback(None)
        self.assertIn("blocked the server for 0.25 seconds", formatEvent(events[0]))

    def test_waiting_is_not_blocking(self) -> None:
        """A command that waits blocks nobody, and nothing is logged."""

        async def deed(caller: Any) -> None:
            wait: Deferred[None] = Deferred()
            self.server.clock.callLater(5, wait.callback, None)
            await wait

        self.does(deed)
        with capturedLogs() as events:
            self.alice.types("/bad")
            self.server.wait(6)
        self.assertEqual([], [formatEvent(e) for e in events if e["log_level"] >= LogLevel.warn])

    def test_quick_code_is_no_news(self) -> None:
        """Up to a tenth of a second, nothing is said."""
        self.does(lambda caller: self.block(BLOCKS / 2))
        self.types("/bad")
        self.assertEqual([], self.logged)

    def test_asyncio(self) -> None:
        """What waits for asyncio's loop, which does not run here, fails at once and does not hang."""

        async def sleeps(caller: Any) -> None:
            await asyncio.sleep(0)

        async def waits(caller: Any) -> None:
            loop = asyncio.new_event_loop()
            try:
                await loop.create_future()
            finally:
                loop.close()

        for deed in (sleeps, waits):
            self.does(deed)
            self.server.wait(MINUTE)
            self.assertEqual([FAILED], self.types("/bad"))
            self.is_named("can await coroutines and Twisted's Deferreds")
        self.goes_on()


class GivenTests(BadTestCase):
    """What a command is given."""

    def given(self, look: Callable[[Any], Any]) -> Any:
        """What this finds out about the caller that a command is given."""
        found: list[Any] = []

        def deed(caller: Any) -> None:
            found.append(look(caller))

        self.does(deed)
        self.alice.types("/bad")
        return found[0]

    def test_is_a_caller(self) -> None:
        """It has all that L{ICaller} promises."""
        self.assertTrue(self.given(lambda caller: verifyObject(interface(ICaller), caller)))
        self.assertEqual("alice", self.given(lambda caller: caller.nick))

    def test_nothing_behind_it_is_in_reach(self) -> None:
        """No attribute leads from it to the server: neither by the names inside the server, nor by any it has."""
        caller = self.given(lambda caller: caller)
        promised = set(interface(ICaller).names(all=True))
        self.assertEqual(promised, {name for name in dir(caller) if not name.startswith("__")})
        for name in ("hub", "services", "connections", "ear", "presence", "session", "_given", "_session", "__dict__"):
            self.assertFalse(hasattr(caller, name), name)
        server = self.server.services
        for seen in self.reached_from(caller, 4):
            for part in (server, server.backend, server.chat, server.batches, self.server.hub, self.server.connections):
                self.assertIsNot(part, seen)

    def reached_from(self, caller: Any, depth: int) -> list[Any]:
        """All objects to which attributes lead, bound methods included, and a receipt."""
        found: list[Any] = []
        edge = [caller, caller.say("x")]
        for _ in range(depth):
            steps = [
                (each, name) for each in edge for name in dir(each) if not name.startswith("__") or name == "__self__"
            ]
            edge = []
            for each, name in steps:
                try:
                    value = getattr(each, name)
                except Exception:  # noqa: BLE001 not all can be read
                    continue
                if not any(value is one for one in found):
                    found.append(value)
                    if not isinstance(value, str | int | float | type | None):
                        edge.append(value)
        return found

    def test_nothing_can_be_kept_on_it(self) -> None:
        """It takes no new attributes, and none of its own may be set."""
        caller = self.given(lambda caller: caller)
        for name in ("mine", "nick", "account"):
            self.assertRaises(AttributeError, setattr, caller, name, True)

    def test_no_hash_is_handed_out(self) -> None:
        """Whatever a guest's command asks for, no hash and no digest is in it."""
        carol = self.server.account("carol", "correct horse battery")
        self.alice.types("/create den", "/password open sesame", "/join lobby")
        account = Deferred.fromCoroutine(self.server.backend.account("carol"))
        carols = self.successResultOf(account)
        assert carols is not None
        hash = carols.password
        self.assertIn("$argon2", hash)
        self.seen: list[str] = []

        async def deed(caller: Any) -> None:
            for made in (caller.person("carol"), caller.history("den", talk=False)):
                self.seen.append(repr(await made))
            self.seen += [repr(caller.people("*")), repr(caller.person_now("carol")), repr(caller.view("den"))]

        self.does(deed)
        self.alice.reads()
        self.assertEqual([], self.types("/bad"))
        self.assertEqual(5, len(self.seen))
        self.assertIn("PasswordSet", self.seen[1])
        for text in self.seen:
            self.assertNotIn("$argon2", text)

        async def sessions(caller: Any) -> None:
            self.seen.append(repr(await caller.sessions()))

        self.does(sessions)
        carol.types("/bad")
        digests = [
            token.digest for token in self.successResultOf(Deferred.fromCoroutine(self.server.backend.tokens("carol")))
        ]
        self.assertEqual(1, len(digests))
        self.assertIn(digests[0][:8], self.seen[-1])
        self.assertNotIn(digests[0], self.seen[-1])

    def test_what_was_asked_for_is_done_to_its_end(self) -> None:
        """A command that is stopped while the server works for it does not leave that work half done."""
        keeping: Deferred[None] = Deferred()
        keep = self.server.services.batches._keep

        async def slowly(batch: Any) -> Any:
            await keeping
            return await keep(batch)

        async def deed(caller: Any) -> None:
            await caller.set_topic("Tea", "lobby")

        self.server.open_topic()
        self.patch(self.server.services.batches, "_keep", slowly)
        self.does(deed)
        self.alice.types("/bad")
        self.alice.disconnects()
        keeping.callback(None)
        self.server.settle()
        self.bob.reads()
        self.bob.types("/topic")
        self.assertIn("Tea", self.bob.reads()[0])
