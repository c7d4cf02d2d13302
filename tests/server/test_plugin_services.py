"""
Services of plugins, in a whole chat room in memory: how they begin, talk, hear, end and are handed over.
"""

from __future__ import annotations

import contextlib
from asyncio import new_event_loop
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.errors import LimitReached, NoSuchRoom, Refused, Unlawful
from chatroom.events import Event, PasswordSet, Said
from chatroom.interfaces import IPluginServer, IPluginService, PageAnswer, PageRequest, PluginOption, interface
from chatroom.limits import Limits
from chatroom.plugins.base import PluginService
from chatroom.plugins.options import PluginOptions
from chatroom.server import plugin_server
from chatroom.server.plugin_server import WORK
from chatroom.server.plugin_services import HEARING, STATE
from chatroom.testing import Server
from tests.plugins.finding import logged


class Parrot(PluginService):
    """A service that notes what it hears, and does with it what a test wants."""

    name: str = "parrot"
    hears: tuple[str, ...] = ("said", "joined", "auto-said", "room-password")

    def __init__(
        self, at_start: Callable[[], Any] = lambda: None, at_heard: Callable[[Event], Any] = lambda _: None
    ) -> None:
        self.noted: list[Event] = []
        self.life: list[str] = []
        self.at_start, self.at_heard = at_start, at_heard
        self.handed: Any = None

    def start(self, server: IPluginServer) -> Awaitable[None] | None:
        """Begin."""
        super().start(server)
        self.life.append("start")
        outcome: Awaitable[None] | None = self.at_start()
        return outcome

    def stop(self) -> Awaitable[None] | None:
        """End."""
        self.life.append("stop")
        return None

    def state(self) -> Any:
        """What a test wants."""
        return self.handed

    def heard(self, event: Event) -> Awaitable[None] | None:
        """Note it."""
        self.noted.append(event)
        outcome: Awaitable[None] | None = self.at_heard(event)
        return outcome


class ServiceCase(SynchronousTestCase):
    """A server that runs a parrot, and alice, who has read everything."""

    limits = Limits()

    def setUp(self) -> None:
        self.disk = MemoryStore()
        self.parrot = Parrot()
        self.server = Server(self.limits, store=self.disk, services=[self.parrot])
        self.alice = self.server.guest("alice")
        self.alice.reads()

    def plugin(self) -> IPluginServer:
        """What the parrot sees."""
        return self.parrot.server


class TalkTests(ServiceCase):
    """What a service says."""

    def test_it_keeps_its_promises(self) -> None:
        """The base class is a service, and what a service is given is what is promised to it."""
        self.assertTrue(verifyObject(interface(IPluginService), self.parrot))
        self.assertTrue(verifyObject(interface(IPluginServer), self.plugin()))

    def test_under_its_own_name(self) -> None:
        """People read it as talk, programs as what another program says by itself, and history keeps it."""
        robot = self.server.program("robot")
        robot.hears(), self.alice.reads()
        said = self.plugin().say("lobby", "hello\x1b[2J all")
        self.plugin().say("lobby", "flies", act=True)
        self.server.settle()
        self.assertIsNone(self.successResultOf(cast("Deferred[None]", said)))
        self.assertEqual(["<parrot> hello[2J all", "* parrot flies"], self.alice.reads())
        heard = [(event["event"], event.get("bot")) for event in robot.hears()]
        self.assertEqual([("auto-said", True), ("acted", True)], heard)
        self.alice.types("/history")
        self.assertIn("<parrot> hello[2J all", "\n".join(self.alice.reads()))

    def test_nobody_else_has_the_name(self) -> None:
        """Nobody can take the nickname of a service while it runs, and then anybody can."""
        bob = self.server.connection()
        bob.types("Parrot")
        self.assertIn("Parrot", "\n".join(bob.reads()))
        self.assertNotIn("parrot", self.server.services.chat.state.people)
        self.server.finish(self.server.plugins.stop())
        bob.types("parrot")
        self.assertIn("parrot", self.server.services.chat.state.people)

    def test_another_name(self) -> None:
        """The operator may give it another nickname, and it is not started where that one is taken."""
        self.server.account("polly")
        self.server.stop()
        parrot, lines = Parrot(), logged(self)
        server = Server(store=self.disk, services=[parrot], plugin_options={"parrot": {"nick": "polly"}})
        self.assertEqual([], parrot.life)
        (line,) = [each for each in lines if "does not run" in each]
        self.assertIn("The nickname polly belongs to an account. Set another by --plugin parrot:nick=NAME.", line)
        server.stop()
        server = Server(store=self.disk, services=[parrot], plugin_options={"parrot": {"nick": "Lora"}})
        bob = server.guest("bob")
        parrot.server.say("lobby", "hi")
        server.settle()
        self.assertIn("<Lora> hi", bob.reads())

    def test_what_cannot_be_said(self) -> None:
        """A room that is not there, and text that nobody may say, are refused at once."""
        self.assertRaises(NoSuchRoom, self.plugin().say, "nowhere", "hi")
        for text in ("", " ", "x" * 5000):
            self.assertRaises(Unlawful, self.plugin().say, "lobby", text)

    def test_how_fast(self) -> None:
        """A service may say as much at once as one connection, and then as many lines in a second."""
        for _ in range(self.limits.talk_burst):
            self.plugin().say("lobby", "hi")
        self.assertRaises(LimitReached, self.plugin().say, "lobby", "hi")
        self.server.wait(1 / self.limits.talk_rate + 0.01)
        self.plugin().say("lobby", "hi")
        self.assertRaises(LimitReached, self.plugin().say, "lobby", "hi")

    def test_one_commit(self) -> None:
        """What is said and stored in one turn is in one batch."""
        batches: list[list[str]] = []
        keep = self.server.backend.keep

        async def watched(batch: Any) -> Any:
            batches.append([event.kind for event in batch])
            return await keep(batch)

        self.server.services.batches._keep = watched
        self.plugin().store().put("a", 1)
        self.plugin().say("lobby", "a is 1")
        self.server.settle()
        self.assertEqual([["plugin-stored", "auto-said"]], batches)

    def test_stores(self) -> None:
        """A service has the store of its name and those that begin with it, and no other plugin's."""
        self.assertIs(self.plugin().store(), self.plugin().store("parrot"))
        self.plugin().store("parrot-words")
        for name in ("poll", "parrots"):
            self.assertRaises(ValueError, self.plugin().store, name)

    def test_rooms_and_people(self) -> None:
        """A service sees the rooms, which of them are public, and who is in them."""
        self.alice.types("/create den", "/private", "/away tea")
        self.assertEqual(("lobby", "den"), self.plugin().rooms())
        self.assertEqual((True, False, False), tuple(map(self.plugin().is_public, ("lobby", "den", "nowhere"))))
        (person,) = self.plugin().people("den")
        self.assertEqual(("alice", "tea", "OWNER"), (person.nick, person.away, person.role.name))
        self.assertEqual((), self.plugin().people("nowhere"))

    def test_identity(self) -> None:
        """A guest is known as the same while here, by whatever nickname, and an account by its name."""
        before = self.plugin().identity("Alice")
        self.alice.types("/nick carol")
        self.assertEqual((before, None), (self.plugin().identity("carol"), self.plugin().identity("alice")))
        assert before is not None
        self.assertRegex(before, r"\A~[0-9a-f]{16}\Z")
        self.server.account("Bob")
        self.assertEqual("bob", self.plugin().identity("BOB"))


class HearingTests(ServiceCase):
    """What a service hears."""

    def heard(self) -> list[str]:
        """The kinds of what it has heard."""
        return [event.kind for event in self.parrot.noted]

    def test_kinds_it_asked_for(self) -> None:
        """It hears of what has happened, in order, and of nothing that it did not ask for."""
        self.parrot.noted.clear()
        self.server.guest("bob").types("hi", "/me waves", "@alice psst", "/away")
        self.assertEqual(["joined", "said"], self.heard())
        self.assertEqual(3, len({self.parrot.noted[1].room, "hi", self.parrot.noted[1].nick} | {"bob", "lobby"}))

    def test_after_it_is_kept(self) -> None:
        """What could not be kept is not heard of."""
        from chatroom.errors import NotKept

        self.parrot.noted.clear()
        self.disk.failing = NotKept("The disk is full.")
        self.alice.types("lost")
        self.disk.failing = None
        self.alice.types("kept")
        self.assertEqual(["kept"], [getattr(event, "text", "") for event in self.parrot.noted])

    def test_not_itself(self) -> None:
        """It hears nothing of what it says, so that it cannot answer itself."""
        self.parrot.noted.clear()
        self.plugin().say("lobby", "hi")
        self.server.settle()
        self.assertEqual([], self.heard())

    def test_no_hashes(self) -> None:
        """What an event keeps from people, it keeps from plugins."""
        self.alice.types("/create den", "/password zwiebelkuchen")
        (event,) = [each for each in self.parrot.noted if isinstance(each, PasswordSet)]
        self.assertEqual(("", True), (event.hash, event.on))

    def test_nobody_listens(self) -> None:
        """Where no service wants to hear anything, nothing is called when people talk."""
        quiet = Parrot()
        quiet.hears = ()
        for services in ([], [quiet]):
            server = Server(services=services)
            self.assertEqual([], server.hub._watchers)

    def test_failure(self) -> None:
        """A service that fails when it hears something hurts nobody, and fills no log."""

        def fail(_: Event) -> None:
            raise RuntimeError("oh")

        self.parrot.at_heard = fail
        bob = self.server.guest("bob")
        for number in range(10):
            self.alice.types(str(number))
        self.assertEqual([f"<alice> {number}" for number in range(10)], bob.reads())
        self.assertEqual(1, len(self.flushLoggedErrors(RuntimeError)))
        self.server.wait(60)
        self.alice.types("again")
        self.assertEqual(1, len(self.flushLoggedErrors(RuntimeError)))

    def test_slow(self) -> None:
        """A service that keeps everybody waiting is named in the log."""

        def dawdle(_: Event) -> None:
            self.server.clock.rightNow += 0.25

        self.parrot.at_heard = dawdle
        lines = logged(self)
        self.alice.types("hi")
        self.assertIn(
            f"The service parrot ({__file__}) blocked the server for 0.25 seconds when it heard 'said'. "
            "Slow work belongs into a thread.",
            lines,
        )

    def test_endless(self) -> None:
        """One that waits for ever is cancelled, and misses events once it waits for too many."""
        never: list[Deferred[None]] = []

        def wait(_: Event) -> Deferred[None]:
            never.append(Deferred())
            return never[-1]

        self.parrot.at_heard = wait
        crowd = [Said(self.server.now(), "lobby", "alice", text=str(number)) for number in range(HEARING + 20)]
        self.server.services.batches.happen(*crowd)
        self.server.settle()
        self.assertEqual(HEARING, len(never))
        self.server.wait(self.limits.plugin_time)
        self.assertTrue(all(each.called for each in never))
        self.server.wait(60)
        self.alice.types("and on")
        self.assertEqual(HEARING + 1, len(never))
        self.flushLoggedErrors()

    def test_on_two_nodes(self) -> None:
        """Each node's service hears an event, and one of them knows that it is its own."""
        clock, disk, own = Clock(), MemoryStore(), list[bool]()
        parrots = [Parrot(), Parrot()]

        def note(parrot: Parrot, event: Event) -> None:
            own.append(parrot.server.is_own(event))

        for each in parrots:
            each.at_heard = partial(note, each)
        north, south = (
            Server(node=name, clock=clock, backend=MemoryBackend(disk, clock), services=[each])
            for name, each in zip(("north", "south"), parrots, strict=True)
        )
        alice = north.guest("alice")
        own.clear()
        alice.types("hi")
        south.settle()
        self.assertEqual([False, True], sorted(own))


class BrokenTests(ServiceCase):
    """A service that does something wrong hurts nobody, and the log says what. docs/broken-plugins.csv names these."""

    def setUp(self) -> None:
        super().setUp()
        self.lines = logged(self)

    def says(self, *sentences: str) -> None:
        """Each stands in the log, behind the name and the file of the service."""
        log = "\n".join(self.lines)
        for sentence in sentences:
            self.assertIn(f"The service parrot ({__file__}) {sentence}", log)

    def goes_on(self) -> None:
        """alice and bob talk."""
        bob = self.server.guest("bob")
        self.alice.types("and on")
        self.assertIn("<alice> and on", bob.reads())
        bob.disconnects()

    def test_fails_when_it_starts(self) -> None:
        """It does not run, and its nickname is free."""
        for error in (ZeroDivisionError("oh"), SystemExit(1)):

            def fail(error: BaseException = error) -> None:
                raise error

            server = Server(services=[Parrot(fail)])
            self.assertEqual({}, server.plugins.running)
            server.guest("parrot").types("hi")
        self.says("failed when it started: ZeroDivisionError: oh (")
        self.assertIn("It does not run.", self.lines[0])
        self.flushLoggedErrors()

    def test_never_starts(self) -> None:
        """It is stopped after its time, and does not run."""
        server = Server(services=[Parrot(lambda: Deferred())])
        server.guest("alice").types("hi")
        server.wait(self.limits.plugin_time)
        self.assertEqual({}, server.plugins.running)
        self.says("was stopped after 5 seconds when it started. It does not run.")

    def test_fails_when_it_hears(self) -> None:
        """Everybody else hears what was said; also where it wants to end the process."""
        for error in (RuntimeError("oh"), SystemExit(1), KeyboardInterrupt()):

            def fail(_: Event, error: BaseException = error) -> None:
                raise error

            self.parrot.at_heard = fail
            self.goes_on()
        self.says("failed when it heard 'joined': RuntimeError: oh (")
        self.assertEqual({("service", "parrot"): 6}, dict(self.server.services.watch.failed))
        self.flushLoggedErrors()

    def test_never_ends_what_it_hears(self) -> None:
        """It is stopped after its time; one that catches that is left alone, and hears no more once it is too much."""
        never: list[bool] = []

        async def wait() -> None:
            never.append(True)
            while True:
                with contextlib.suppress(CancelledError):  # as it must not
                    await Deferred()

        self.parrot.at_heard = lambda _: wait()
        crowd = [Said(self.server.now(), "lobby", "alice", text=str(number)) for number in range(HEARING)]
        self.patch(plugin_server, "WORK", 2 * HEARING)
        for _ in range(4):
            self.server.services.batches.happen(*crowd)
            self.server.settle()
            self.server.wait(self.limits.plugin_time)
        self.assertEqual(2 * HEARING, len(never))
        self.goes_on()
        self.says(
            "was stopped after 5 seconds when it heard 'said'. It catches CancelledError and goes on; nobody waits "
            "for it any more.",
            "has not ended what it began when it heard 100 events, and misses those that come now.",
        )

    def test_blocks_after_it_has_waited(self) -> None:
        """Each step of what it does is timed, and not only the first."""
        gate: Deferred[None] = Deferred()

        async def work() -> None:
            await gate
            self.server.clock.rightNow += 0.3

        self.plugin().run(work())
        gate.callback(None)
        self.says("blocked the server for 0.30 seconds in the background.")

    def test_awaits_asyncio(self) -> None:
        """It fails where it waits, and the log says what can be awaited."""
        loop = new_event_loop()
        self.addCleanup(loop.close)

        async def work() -> None:
            await loop.create_future()

        self.plugin().run(work())
        self.says("failed in the background: TypeError: a plugin can await coroutines and Twisted's Deferreds, and no ")
        self.flushLoggedErrors()

    def test_never_stops(self) -> None:
        """The server ends all the same, after its time; also where the service catches that it is cancelled."""

        async def wait() -> None:
            while True:
                with contextlib.suppress(CancelledError):  # as it must not
                    await Deferred()

        def fail(_: Deferred[None]) -> None:
            raise RuntimeError("this cannot be cancelled")

        stops: tuple[Callable[[], Any], ...] = (wait, lambda: Deferred(fail))
        for stop in stops:
            parrot = Parrot()
            parrot.stop = stop  # type: ignore[method-assign]
            server = Server(services=[parrot])
            done = Deferred.fromCoroutine(server.plugins.stop())
            self.assertNoResult(done)
            server.wait(self.limits.plugin_time)
            self.successResultOf(done)
        self.says("was stopped after 5 seconds when it stopped.")
        self.flushLoggedErrors()

    def test_hands_over_nonsense(self) -> None:
        """The next process begins without a state."""
        self.parrot.handed = {1}
        self.server.finish(self.server.hub.suspend())
        self.says("failed when it was asked for its state: TypeError: Object of type set is not JSON serializable (")
        self.assertIn("It hands over nothing.", self.lines[-1])
        self.flushLoggedErrors()


class CheckTests(SynchronousTestCase):
    """A service whose checks are broken: what people wish is allowed."""

    def allowed(self, check: Callable[[Any], Any], sentence: str, after: float = 0.0) -> None:
        """bob joins a room, and the log says that, behind the name of the service."""

        class Door(PluginService):
            name = "door"
            checks = ("join", "whisper")

        door = Door()
        door.check = check  # type: ignore[method-assign,assignment]
        lines = logged(self)
        server = Server(services=[door])
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.types("/create den")
        server.wait(after)
        bob.types("/join den", "hi")
        server.wait(after)
        self.assertIn("<bob> hi", alice.reads())
        self.assertIn(f"The service door ({__file__}) {sentence}", "\n".join(lines))
        self.flushLoggedErrors()

    def test_fails(self) -> None:
        """The log says that it was allowed."""

        def fail(wish: Any) -> None:
            raise ZeroDivisionError("oh")

        def leave(wish: Any) -> None:
            raise SystemExit

        for check in (fail, leave):
            self.allowed(check, "failed when it checked a join: ")

    def test_takes_too_long(self) -> None:
        """After its time."""
        sentence = "was stopped after 5 seconds when it checked a join. It was allowed."
        self.allowed(lambda _: Deferred(), sentence, after=5)

    def test_gives_back_nonsense(self) -> None:
        """What is no text, or another name for a room, is ignored."""
        self.allowed(lambda _: 7, "failed when it checked a join: ")
        self.allowed(lambda _: "attic", "gave back text for a join, which was ignored.")

    def test_refuses_without_a_sentence(self) -> None:
        """A refusal that cannot be shown is none."""

        def refuse(wish: Any) -> None:
            raise Refused("x" * 3000)

        self.allowed(refuse, "refused without a sentence, or with one that is too long. It was allowed.")


class BrokenPageTests(SynchronousTestCase):
    """A service whose page is broken."""

    def test_page(self) -> None:
        """A browser reads that the page is broken, and the log says why."""

        class Page(PluginService):
            name = "page"

        def leave() -> None:
            raise SystemExit

        page, lines = Page(), logged(self)
        server = Server(Limits(plugin_page=1000), services=[page])
        for made in (lambda: 7, lambda: PageAnswer("x" * 1001), lambda: PageAnswer(None), leave):  # type: ignore[arg-type]
            page.page = lambda _, made=made: made()  # type: ignore[method-assign,misc]
            answer = self.successResultOf(Deferred.fromCoroutine(server.plugins.page("page", PageRequest("", {}))))
            assert answer is not None
            self.assertEqual(500, answer.status)
        log = "\n".join(lines)
        for sentence in (
            "made a page of more than 1,000 bytes, or of no type or status, which cannot be shown.",
            "failed when it made a page: SystemExit",
        ):
            self.assertIn(f"The service page ({__file__}) {sentence}", log)
        self.flushLoggedErrors()


class LifeTests(ServiceCase):
    """Start, stop and upgrade."""

    def suspend(self) -> Sequence[Event]:
        """The server lets the backend go, as at an upgrade."""
        suspending = Deferred.fromCoroutine(self.server.hub.suspend())
        self.server.settle()
        present: Sequence[Event] = self.successResultOf(suspending)
        return present

    def started(self, parrot: Parrot) -> Server:
        """A server with one more parrot, which may have failed."""
        other = Parrot()
        other.name = "other"
        server = Server(services=[parrot, other])
        self.assertEqual(["start"], other.life)
        return server

    def test_one_that_cannot_start(self) -> None:
        """It is logged, does not run, gives its nickname back, and all else runs."""

        def refuse() -> None:
            raise Refused("There is no weather today.")

        async def fail() -> None:
            raise Refused("There is no weather today.")

        lines = logged(self)
        for how in (refuse, fail):
            parrot = Parrot(how)
            server = self.started(parrot)
            sentence = "failed when it started: There is no weather today. It does not run."
            self.assertIn(f"The service parrot ({__file__}) {sentence}", lines)
            server.guest("parrot").types("hi")
            self.assertEqual(["start"], parrot.life)
            self.assertRaises(Refused, parrot.server.say, "lobby", "hi")
            server.stop()
            self.assertEqual(["start"], parrot.life)

    def test_one_that_never_starts(self) -> None:
        """It is cancelled after its time, and nobody waits for it."""
        parrot = Parrot(lambda: Deferred())
        server = self.started(parrot)
        server.guest("alice").types("hi")
        server.wait(self.limits.plugin_time)
        self.assertNotIn("parrot", server.plugins.running)
        self.assertEqual([], parrot.noted)
        self.flushLoggedErrors()

    def test_stop(self) -> None:
        """It may say something at last. What it has begun is cancelled, and nothing can be begun any more."""
        ticks, cancelled = list[int](), list[bool]()

        async def forever() -> None:
            try:
                await Deferred()
            finally:
                cancelled.append(True)

        plugin = self.plugin()
        plugin.every(1, lambda: ticks.append(1))
        plugin.call_later(30, lambda: ticks.append(30))
        plugin.run(forever())
        self.server.wait(3)
        self.parrot.stop = lambda: plugin.say("lobby", "bye")  # type: ignore[method-assign]
        self.server.stop()
        self.assertEqual(([1, 1, 1], [True]), (ticks, cancelled))
        for begin in (
            lambda: plugin.say("lobby", "x"),
            lambda: plugin.call_later(1, list),
            lambda: plugin.every(1, list),
        ):
            self.assertRaises(Refused, begin)
        (room,) = self.disk.history.values()
        self.assertIn("bye", [getattr(event, "text", "") for _, event in room])
        self.assertEqual([], self.flushLoggedErrors())

    def test_one_that_never_stops(self) -> None:
        """The server waits for it as long as it may take, and not longer."""
        self.parrot.stop = lambda: Deferred()  # type: ignore[method-assign]
        done = Deferred.fromCoroutine(self.server.plugins.stop())
        self.server.wait(self.limits.plugin_time - 1)
        self.assertNoResult(done)
        self.server.wait(1)
        self.successResultOf(done)
        self.flushLoggedErrors()

    def test_hand_over(self) -> None:
        """What it hands over at an upgrade, it has in the next process, and at no other start."""
        self.assertIsNone(self.plugin().handed_over)
        self.parrot.handed = {"words": ["hi", None]}
        present = self.suspend()
        again = Parrot()
        server = Server(
            store=self.disk, services=[again], states=self.server.plugins.states, present=present, takes_over=True
        )
        self.assertEqual({"words": ["hi", None]}, again.server.handed_over)
        server.stop()

    def test_name_after_an_upgrade(self) -> None:
        """In the next process nobody can take the nickname of the service, either, whoever was handed over."""
        present = self.suspend()
        server = Server(
            store=self.disk, services=[Parrot()], states=self.server.plugins.states, present=present, takes_over=True
        )
        server.hub.welcome_back(30.0)
        bob = server.connection()
        bob.types("Parrot")
        self.assertNotIn("parrot", server.services.chat.state.people)
        server.stop()

    def test_hand_over_that_fails(self) -> None:
        """After an upgrade that failed, the service runs again in the old process, with what it handed over."""
        self.parrot.handed = 7
        present = self.suspend()
        self.server.finish(self.server.hub.resume(present))
        self.assertEqual((["start", "stop", "start"], 7), (self.parrot.life, self.plugin().handed_over))
        self.parrot.noted.clear()
        self.plugin().say("lobby", "back")
        self.alice.types("hi")
        self.assertEqual(["said"], [event.kind for event in self.parrot.noted])

    def test_what_cannot_be_handed_over(self) -> None:
        """State that is no JSON, or too much, is logged and left out."""
        for state in ({1}, float("nan"), "x" * STATE):
            self.parrot.handed = state
            self.server.finish(self.server.hub.suspend())
            self.assertEqual({}, self.server.plugins.states)
            self.server.finish(self.server.hub.resume(()))
        self.assertEqual(3, len(self.flushLoggedErrors()))


class WorkTests(ServiceCase):
    """Work of a service's own."""

    def test_failures(self) -> None:
        """A call that fails is logged; one that is repeated goes on."""
        ticks: list[int] = []

        def fail() -> None:
            ticks.append(1)
            raise RuntimeError("oh")

        async def fail_later() -> None:
            fail()

        self.plugin().call_later(1, fail)
        self.plugin().every(1, fail_later)
        self.plugin().run(fail_later())
        self.server.wait(3)
        self.assertEqual(5, len(ticks))
        self.assertEqual(1, len(self.flushLoggedErrors(RuntimeError)))

    def test_repeated_calls_never_overlap(self) -> None:
        """The next call begins its time after the last one is over."""
        waiting: list[Deferred[None]] = []

        async def slow() -> None:
            waiting.append(Deferred())
            await waiting[-1]

        end = self.plugin().every(1, slow)
        self.server.wait(5)
        self.assertEqual(1, len(waiting))
        waiting[0].callback(None)
        self.server.wait(1)
        self.assertEqual(2, len(waiting))
        end()
        waiting[1].callback(None)
        self.server.wait(5)
        self.assertEqual(2, len(waiting))
        self.assertRaises(ValueError, self.plugin().every, 0, list)

    def test_cancelled_calls(self) -> None:
        """A call may be cancelled, and then counts no more."""
        for _ in range(3 * WORK):
            self.plugin().call_later(1, list).cancel()

    def test_too_much(self) -> None:
        """One service may have so much under way, and then is refused."""
        for _ in range(WORK):
            self.plugin().call_later(9, list)
        self.assertRaises(LimitReached, self.plugin().call_later, 1, list)

        async def nothing() -> None:
            """Does nothing."""

        self.assertRaises(LimitReached, self.plugin().run, nothing())
        self.server.wait(9)
        self.plugin().run(nothing())


OPTIONS = (
    PluginOption("max", 10, "choices", least=2, most=50),
    PluginOption("speed", 1.5),
    PluginOption("loud", False),
    PluginOption("who", "all", choices=("all", "accounts")),
    PluginOption("text", ""),
)


class OptionTests(SynchronousTestCase):
    """What an operator may set."""

    def test_values(self) -> None:
        """Each is read as what its default is; what is not set has its default."""
        made = PluginOptions("poll", OPTIONS, {"max": " 7", "loud": "ON", "who": "accounts", "speed": "2"})
        self.assertEqual(
            {"nick": "poll", "max": 7, "speed": 2.0, "loud": True, "who": "accounts", "text": ""}, dict(made)
        )

    def test_what_cannot_be_taken(self) -> None:
        """A wrong value is refused with what it should be, and a wrong name with the one that was meant."""
        for settings, sentence in (
            ({"max": "1"}, "the option 'max' of the plugin poll is at least 2, not '1'"),
            ({"max": "51"}, "the option 'max' of the plugin poll is at most 50, not '51'"),
            ({"max": "3.5"}, "the option 'max' of the plugin poll is a whole number, not '3.5'"),
            ({"max": "9" * 5000}, "is a whole number"),
            ({"speed": "nan"}, "is a number, not 'nan'"),
            ({"loud": "perhaps"}, "is on or off, not 'perhaps'"),
            ({"who": "nobody"}, "is one of all, accounts, not 'nobody'"),
            ({"maxx": "3"}, "the plugin poll has no option 'maxx'; did you mean 'max'?"),
            ({"zzz": "3"}, "it has nick, max, speed, loud, who, text"),
        ):
            error = self.assertRaises(ValueError, PluginOptions, "poll", OPTIONS, settings)
            self.assertIn(sentence, str(error))

    @given(st.dictionaries(st.sampled_from([each.name for each in OPTIONS]) | st.text(max_size=5), st.text(max_size=9)))
    def test_anything(self, settings: dict[str, str]) -> None:
        """Whatever an operator writes is taken, or refused in one line; and then nothing has changed."""
        made = PluginOptions("poll", OPTIONS, {})
        before = dict(made)
        try:
            changed = made.become(settings)
        except ValueError as error:
            self.assertEqual(before, dict(made))
            self.assertNotIn("\n", str(error))
        else:
            self.assertEqual({name for name in made if made[name] != before[name]}, set(changed))

    def test_reload(self) -> None:
        """The mapping that a service holds has the new values, and the service is told; a mistake changes nothing."""
        told: list[object] = []

        class Counter(Parrot):
            options = OPTIONS

            def reload(self) -> None:
                told.append(self.server.options["max"])
                if self.server.options["text"] == "bad":
                    raise ValueError("the text is bad")

        counter = Counter()
        server, lines = Server(services=[counter]), logged(self)
        options = counter.server.options
        server.plugins.reload({"parrot": {"max": "3"}})
        self.assertEqual((3, [3]), (options["max"], told))
        server.plugins.reload({"parrot": {"max": "x"}})
        self.assertEqual((3, [3]), (options["max"], told))
        server.plugins.reload({"parrot": {"text": "bad"}})
        self.assertIn("The plugin parrot keeps its old options: the text is bad.", lines)
        self.assertEqual(10, options["max"])

    def test_service_that_is_not_there(self) -> None:
        """Options for a service that is not installed are refused, with those that are."""
        error = self.assertRaises(ValueError, Server, services=[Parrot()], plugin_options={"parot": {}})
        self.assertEqual("no plugin with options is called 'parot'; installed are: parrot", str(error))
