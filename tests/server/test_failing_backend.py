"""
What people are told, and what they may rely on, while nothing can be kept: a full disk, a backend that is away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.backends.sqlite.backend import CLOSE_TIME, SQLiteBackend
from chatroom.errors import NotKept
from chatroom.interfaces import IBackend
from chatroom.limits import Limits
from chatroom.records import Mail
from chatroom.server.batching import RETRY
from chatroom.server.retention import EVERY
from chatroom.testing import NEW_YEAR, Guest, Server
from tests.backends.workers import AtOnce

PASSWORD = "correct horse battery"


class ServerCase(SynchronousTestCase):
    """Alice and bob stand in the lobby; bob has an account."""

    limits = Limits()

    def setUp(self) -> None:
        """The backend works at first."""
        self.clock = Clock()
        self.server = Server(self.limits, backend=self.make_backend(), clock=self.clock)
        self.alice = self.server.guest("alice")
        self.bob = self.server.account("bob", PASSWORD)
        self.alice.reads()

    def make_backend(self) -> IBackend:
        """One that can be made to fail."""
        self.store = MemoryStore()
        return MemoryBackend(self.store)

    def breaks(self, failing: bool) -> None:
        """From now on nothing can be kept, or everything can again."""
        self.store.failing = NotKept("The disk is full.") if failing else None

    def assert_refused(self, guest: Guest) -> None:
        """One line says that it could not be done, and the connection is still there."""
        said = guest.reads()
        self.assertEqual(1, len(said), said)
        self.assertRegex(said[0], r"^! .*disk")
        self.assertFalse(guest.is_disconnected())

    def history(self) -> list[tuple[int, str]]:
        """Number and text of everything said in the lobby, or only the number of what else happened there."""
        reader = self.server.program("reader")
        events = reader.asks("history", since=0, talk=False)["events"]
        reader.asks("quit")
        return [(event["seq"], event.get("text", "")) for event in events]


class OutageTests(ServerCase):
    """From the moment a disk is full until there is room again. Nobody is dropped."""

    def test_talk(self) -> None:
        """Who says something is told that nobody read it; said again when it can be kept, it stands there once."""
        self.breaks(True)
        for _ in range(3):
            self.alice.types("hello")
            self.assert_refused(self.alice)
        self.assertEqual([], self.bob.reads())
        self.breaks(False)
        self.alice.types("hello")
        self.assertEqual(["<alice> hello"], self.bob.reads())
        history = self.history()
        self.assertEqual(["hello"], [text for _, text in history if text])
        self.assertEqual(list(range(1, len(history) + 1)), [seq for seq, _ in history])

    def test_every_line_of_a_paste_is_answered(self) -> None:
        """Whoever sent several at once knows of each that it is lost."""
        self.breaks(True)
        self.alice.types("one", "two", "three")
        self.assertEqual(3, len([line for line in self.alice.reads() if line.startswith("! ")]))

    def test_lost_line_costs_no_wait_in_slow_mode(self) -> None:
        """Nobody read it, so that it may be said again at once; of a paste, one line is tried, and the rest wait."""
        self.alice.types("/create attic", "/slow 30")
        self.bob.types("/join attic")
        self.alice.reads()
        self.bob.reads()
        self.breaks(True)
        self.bob.types("one", "two", "three")
        *waiting, lost = self.bob.reads()
        self.assertRegex(lost, r"^! .*disk")
        refusal = "! attic is in slow mode: one message every 30 seconds. Try again in 30 seconds."
        self.assertEqual([refusal] * 2, waiting)
        self.breaks(False)
        self.bob.types("one", "two")
        self.assertEqual(["<bob> one"], self.alice.reads())
        self.assertEqual([refusal], self.bob.reads())

    def test_programs_are_told_by_a_code(self) -> None:
        """They know that they may try again."""
        robot = self.server.program("robot")
        self.breaks(True)
        for word, arguments in (("say", {"text": "hi"}), ("join", {"room": "den"}), ("create", {"room": "den"})):
            answer = robot.asks(word, **arguments)
            self.assertFalse(answer["ok"])
            self.assertIn(answer["error"], ("not-kept", "no-such-room"))
        self.breaks(False)
        self.assertTrue(robot.asks("say", text="hi")["ok"])

    def test_reading_goes_on(self) -> None:
        """What was said before can be read, and who is here."""
        self.alice.types("tea is ready")
        self.bob.reads()
        self.breaks(True)
        self.bob.types("/history")
        self.assertIn("<alice> tea is ready", self.bob.reads()[-1])
        self.bob.types("/who")
        self.assertIn("alice", "\n".join(self.bob.reads()))
        self.bob.types("/rooms")
        self.assertIn("lobby", "\n".join(self.bob.reads()))
        self.bob.types("/inbox all")
        self.assertNotIn("! ", "\n".join(self.bob.reads()))

    def test_nobody_can_come_in(self) -> None:
        """They are told why, stay connected, and come in with the same line later."""
        carol = self.server.connection()
        carol.greeting()
        self.breaks(True)
        carol.types("carol")
        self.assert_refused(carol)
        self.breaks(False)
        carol.types("carol")
        self.assertIn("Registration successful", carol.reads()[0])

    def test_who_went_meanwhile_is_gone(self) -> None:
        """The others learn it afterwards, once, and the name is free."""
        carol = self.server.guest("carol")
        self.alice.reads()
        self.breaks(True)
        carol.disconnects()
        self.server.wait(3 * RETRY)
        self.assertEqual([], self.alice.reads())
        dora = self.server.connection()
        dora.types("carol")
        self.assertTrue([line for line in dora.reads() if line.startswith("! ")])
        self.breaks(False)
        self.server.wait(RETRY)
        self.assertEqual(["-- carol left the chat: connection closed"], self.alice.reads())
        dora.types("carol")
        self.assertIn("Registration successful", "\n".join(dora.reads()))

    def test_everybody_went_meanwhile(self) -> None:
        """As many as there were: all are made good in one turn."""
        crowd = [self.server.guest(f"guest{number}") for number in range(20)]
        self.alice.reads()
        self.breaks(True)
        for guest in crowd:
            guest.types("QUIT")
        self.server.wait(RETRY)
        self.breaks(False)
        self.server.wait(RETRY)
        self.assertEqual(20, len([line for line in self.alice.reads() if "left the chat" in line]))
        self.alice.types("/who")
        self.assertIn("(2 people)", self.alice.reads()[0])

    def test_account_comes_back(self) -> None:
        """Somebody whose connection broke during the outage logs in as soon as it is over."""
        self.breaks(True)
        self.bob.disconnects()
        back = self.server.connection()
        back.types(f"/login bob {PASSWORD}")
        self.assertTrue([line for line in back.reads() if line.startswith("! ")])
        self.breaks(False)
        back.types(f"/login bob {PASSWORD}")
        self.server.wait(RETRY)
        back.types("I am back")
        self.assertEqual("<bob> I am back", self.alice.reads()[-1])

    def test_rooms_are_as_they_were(self) -> None:
        """Nobody has joined, left or changed a room by half."""
        self.bob.types("/create den", "/topic tea")
        self.bob.reads()
        self.breaks(True)
        for line in ("/topic cake", "/password secret", "/private", "/invite alice", "/leave"):
            self.bob.types(line)
            self.assert_refused(self.bob)
        self.alice.types("/join den")
        self.assert_refused(self.alice)
        self.alice.types("/create attic")
        self.assert_refused(self.alice)
        self.alice.types("/nick alison")
        self.assert_refused(self.alice)
        self.breaks(False)
        self.alice.types("/join attic")
        self.assertIn("no room called attic", self.alice.reads()[0])
        self.alice.types("/join den")
        self.assertIn("tea", "\n".join(self.alice.reads()))
        self.alice.types("hello")
        self.assertEqual(["-- alice joined.", "<alice> hello"], self.bob.reads())

    def test_room_that_was_only_half_made(self) -> None:
        """Where the disk is full a moment after a room was made, it does not stay behind with nobody in it."""
        robot = self.server.program("robot")
        keep, kept = self.server.backend.keep, []

        async def once(batch: Any) -> Any:
            happened = await keep(batch)
            kept.append(batch)
            self.breaks(True)
            return happened

        self.patch(self.server.services.batches, "_keep", once)
        self.assertEqual("not-kept", robot.asks("create", room="den")["error"])
        self.assertEqual(1, len(kept))
        self.patch(self.server.services.batches, "_keep", keep)
        self.breaks(False)
        self.server.wait(RETRY)
        self.assertEqual("no-such-room", robot.asks("join", room="den")["error"])

    def test_whisper_to_somebody_away(self) -> None:
        """It does not wait for them, and its sender knows; what is sent again waits once."""
        self.bob.disconnects()
        self.alice.reads()
        self.breaks(True)
        self.alice.types("@bob psst")
        self.assert_refused(self.alice)
        self.breaks(False)
        self.alice.types("@bob psst")
        self.alice.reads()
        back = self.server.program()
        self.assertEqual(1, back.asks("login", name="bob", password=PASSWORD)["waiting"])
        self.assertEqual(["psst"], [mail["text"] for mail in back.asks("inbox")["whispers"]])

    def test_inbox_is_not_read_by_half(self) -> None:
        """What could not be marked as read is unread afterwards, and read once."""
        self.bob.disconnects()
        self.alice.types("@bob psst")
        back = self.server.program()
        back.asks("login", name="bob", password=PASSWORD)
        self.breaks(True)
        self.assertEqual("not-kept", back.asks("inbox")["error"])
        self.breaks(False)
        self.assertEqual(1, len(back.asks("inbox")["whispers"]))
        self.assertEqual([], back.asks("inbox")["whispers"])

    def test_logout(self) -> None:
        """Whoever was not logged out, because the session could not be ended, still is who they were."""
        self.breaks(True)
        self.bob.types("/logout")
        self.assert_refused(self.bob)
        self.breaks(False)
        self.bob.types("still bob")
        self.assertEqual(["<bob> still bob"], self.alice.reads())
        self.bob.types("/logout")
        self.assertIn("-- bob left", self.alice.reads()[-1])

    def test_accounts(self) -> None:
        """Sign-ups and changes of an account are refused as well, and can be repeated."""
        self.breaks(True)
        self.alice.types(f"/signup {PASSWORD}")
        self.assert_refused(self.alice)
        self.bob.types("/passwd")
        self.bob.reads()
        self.bob.types(PASSWORD, "another horse battery", "another horse battery")
        self.assertRegex("\n".join(self.bob.reads()), r"(?m)^! .*disk")
        self.breaks(False)
        self.alice.types(f"/signup {PASSWORD}")
        self.assertIn("/resume", "\n".join(self.alice.reads()))
        self.bob.types("/signup")
        self.assertFalse(self.bob.is_disconnected())

    def test_stop(self) -> None:
        """It does not wait for a disk for ever."""
        self.breaks(True)
        stopping = Deferred.fromCoroutine(self.server.hub.stop())
        self.server.wait(self.server.limits.stop_time)
        self.assertTrue(stopping.called)


class OutageOnDiskTests(OutageTests):
    """The same with the embedded backend, whose file has become read-only. Names are its own affair, and can be had."""

    def make_backend(self) -> IBackend:
        """On a file of its own, without threads."""
        path = Path(self.mktemp()) / "chatroom.sqlite"
        self.sqlite = SQLiteBackend(path, self.clock, lambda: NEW_YEAR + self.clock.seconds(), worker=AtOnce)
        self.addCleanup(lambda: self.successResultOf(Deferred.fromCoroutine(self.sqlite.stop())))
        return self.sqlite

    def breaks(self, failing: bool) -> None:
        """Make it read-only, or no longer so."""
        connection = cast(Any, self.sqlite)._lanes.write._connection
        connection.execute(f"PRAGMA query_only = {'ON' if failing else 'OFF'}")

    def test_whispers_go_on(self) -> None:
        """What one whispers to somebody who is here is written nowhere, and so needs no disk."""
        self.breaks(True)
        self.alice.types("@bob psst")
        self.assertEqual(["[alice whispers] psst"], self.bob.reads())

    def test_stop_while_the_disk_hangs(self) -> None:
        """It ends, although nothing is ever answered; the log says what is not written down."""
        logged: list[str] = []
        observer = cast(ILogObserver, lambda event: logged.append(formatEvent(event)))
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        lane = cast(Any, self.sqlite)._lanes.write

        class Hanging:
            """Never does anything."""

            def run(self, work: object) -> Deferred[object]:
                return Deferred()

            def abandon(self) -> None:
                return None

        lane._connection.close()
        lane._worker = Hanging()
        self.alice.types("hello")
        stopping = Deferred.fromCoroutine(self.server.hub.stop())
        limit = self.server.limits.stop_time
        self.server.wait(limit - 1)
        self.assertNoResult(stopping)
        self.server.wait(1 + CLOSE_TIME)
        self.successResultOf(stopping)
        (lost,) = [line for line in logged if "is not written down" in line]
        self.assertIn("1 x said in lobby", lost)
        self.assertNotIn("hello", lost)

    def test_whisper_to_somebody_who_went_meanwhile(self) -> None:
        """Their departure is not written down yet, and still nothing is said to be delivered to them."""
        self.breaks(True)
        self.bob.disconnects()
        self.alice.types("@bob psst")
        self.assert_refused(self.alice)


class InBetweenTests(ServerCase):
    """The backend goes away in the middle of something, after a first part of it was done."""

    def types_as_it_fails(self, guest: Guest, line: str) -> None:
        """The line is taken up, and nothing of it can be kept any more."""
        guest.protocol.dataReceived(f"{line}\n".encode())
        self.breaks(True)
        self.server.settle()
        self.assert_refused(guest)

    def test_register(self) -> None:
        """A nickname that was claimed for somebody who could not come in is free afterwards."""
        carol = self.server.connection()
        carol.greeting()
        self.types_as_it_fails(carol, "carol")
        carol.disconnects()
        self.breaks(False)
        self.server.wait(RETRY)
        self.server.guest("carol")

    def test_rename(self) -> None:
        """A rename that fails loses neither the old name nor the new one."""
        self.types_as_it_fails(self.alice, "/nick alison")
        self.breaks(False)
        self.server.wait(RETRY)
        self.server.guest("alison")
        self.alice.types("still alice")
        self.assertEqual("<alice> still alice", self.bob.reads()[-1])
        self.alice.disconnects()
        self.server.guest("alice")

    def test_signup(self) -> None:
        """Who has an account by now, and was not told so, is who they were and can log in to it; nobody else can."""
        self.types_as_it_fails(self.alice, f"/signup {PASSWORD}")
        self.breaks(False)
        self.server.wait(RETRY)
        mallory = self.server.connection()
        mallory.types("alice")
        self.assertNotIn("Registration successful", "\n".join(mallory.reads()))
        self.alice.types(f"/login alice {PASSWORD}")
        self.assertNotIn("! ", "\n".join(self.alice.reads()))
        self.alice.types("hello")
        self.assertEqual("<alice> hello", self.bob.reads()[-1])
        self.alice.disconnects()
        self.server.wait(RETRY)
        back = self.server.connection()
        back.types(f"/login alice {PASSWORD}")
        self.assertNotIn("! ", "\n".join(back.reads()))

    def test_mail(self) -> None:
        """A whisper that waits is not said to be lost, only because its reader, just back, could not be told of it."""
        post, back = self.server.backend.post, self.server.program()
        self.bob.disconnects()

        async def then_fail(mail: Mail, room: int) -> int:
            waiting = await post(mail, room)
            self.assertTrue(back.asks("login", name="bob", password=PASSWORD)["ok"])
            self.breaks(True)
            return waiting

        self.patch(self.server.backend, "post", then_fail)
        self.alice.types("@bob psst")
        self.assertNotIn("! ", "\n".join(self.alice.reads()))
        self.breaks(False)
        self.assertEqual(["psst"], [mail["text"] for mail in back.asks("inbox")["whispers"]])

    def test_departure(self) -> None:
        """The name is free even where the departure was kept and the claim could not be given up at once."""
        keep = self.server.backend.keep

        async def once(batch: Any) -> Any:
            happened = await keep(batch)
            self.breaks(True)
            return happened

        self.patch(self.server.services.batches, "_keep", once)
        self.alice.disconnects()
        self.patch(self.server.services.batches, "_keep", keep)
        self.breaks(False)
        self.server.wait(RETRY)
        self.server.guest("alice")


class ForgettingTests(ServerCase):
    """History that is too much is forgotten now and then."""

    limits = Limits(history_lines=10)

    def test_outage(self) -> None:
        """If it cannot be now, it is next time; that is no bug to be logged."""
        self.alice.types(*[f"line {number}" for number in range(20)])
        self.breaks(True)
        self.server.wait(EVERY)
        self.assertLess(20, len(self.store.kept("lobby")))
        self.breaks(False)
        self.server.wait(EVERY)
        self.assertEqual(10, len(self.store.kept("lobby")))


class PromiseTests(SynchronousTestCase):
    """Who was answered may rely on it, whatever happens the moment after."""

    def setUp(self) -> None:
        self.server = Server()

    def test_whisper_is_read_before_it_is_confirmed(self) -> None:
        """Who reads that a whisper was delivered knows that it was written to the other one's connection."""
        alice, bob = self.server.guest("alice"), self.server.guest("bob")
        alice.reads()
        seen: list[list[str]] = []
        alice.transport.write = lambda data: seen.append(bob.reads())  # type: ignore[method-assign]
        alice.types("@bob psst")
        self.assertEqual([["[alice whispers] psst"]], seen)
