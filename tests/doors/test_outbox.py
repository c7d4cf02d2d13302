"""
Readers who are slow, or do not read at all: they are caught up with or let go, and nobody else is held up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatroom import testing
from chatroom.doors.line.connection import LineConnection
from chatroom.doors.line.text import LF
from chatroom.doors.outbox import Outbox
from chatroom.errors import NotKept
from chatroom.events import RoomEvent, Said
from chatroom.interfaces import IEar, Page
from chatroom.limits import OFF, Limits
from chatroom.testing import Guest, Server
from tests.doors.readers import Pipe, SlowWire, reads_on, stops_reading

LIMITS = Limits(
    talk_rate=OFF,
    unread_soft=4096,
    unread_hard=16384,
    unread_time=60,
    catch_up_lines=300,
    page_lines=10,
    json_length=4096,
)

LINE = "x" * 80


class SlowReaderTests(SynchronousTestCase):
    """Somebody who stops reading for a while, in a room where others talk."""

    def setUp(self) -> None:
        self.patch(testing.people, "FakeTransport", SlowWire)
        self.server = Server(LIMITS)
        self.slow, self.alice, self.bob = (self.server.guest(nick) for nick in ("slow", "alice", "bob"))
        for guest in (self.slow, self.alice, self.bob):
            guest.reads()

    def say(self, first: int, last: int, guest: Guest | None = None) -> None:
        """Alice, or whoever it is, says lines with these numbers in them."""
        for number in range(first, last + 1):
            (guest or self.alice).types(f"{number} {LINE}")

    def lines(self, first: int, last: int) -> list[str]:
        """What others read of that."""
        return [f"<alice> {number} {LINE}" for number in range(first, last + 1)]

    def test_the_outbox_keeps_its_promises(self) -> None:
        """It is the server's ear, and what a transport expects of a producer."""
        (conversation, *_) = self.server.doorkeeper.present
        self.assertIsInstance(conversation.outbox, Outbox)
        verifyObject(IEar, conversation.outbox)
        verifyObject(IPushProducer, conversation.outbox)

    def test_others_do_not_notice(self) -> None:
        """They read every line at once."""
        stops_reading(self.slow)
        self.say(1, 150)
        self.assertEqual(self.lines(1, 150), self.bob.reads())

    def test_no_more_than_the_limit_is_kept_for_them(self) -> None:
        """Room talk past the soft limit is not written."""
        wire = stops_reading(self.slow)
        self.say(1, 150)
        self.assertLess(len(wire.backlog), LIMITS.unread_soft + 200)

    def test_they_are_caught_up_with(self) -> None:
        """Once they read again, every line comes once, in order, also those said meanwhile."""
        wire = stops_reading(self.slow)
        self.say(1, 150)
        wire.reads_bytes(1000)
        self.say(151, 160)
        reads_on(self.slow)
        self.say(161, 170)
        self.assertEqual(self.lines(1, 170), self.slow.reads())

    def test_talk_while_a_page_is_on_its_way(self) -> None:
        """It comes behind the page, once, whether the page has it already or not."""
        history = self.server.backend.history
        says = iter(range(101, 200))

        async def slowly(*arguments: Any, **more: Any) -> Sequence[RoomEvent]:
            number = next(says)
            if number == 101:  # kept before the page is read
                self.say(number, number)
            events = await history(*arguments, **more)
            if number == 102:  # kept after it, and told before it is written
                self.say(number, number)
            if number == 103:  # in the page, and not told yet
                return [*events, Said(0.0, "lobby", "alice", events[-1].seq + 1, f"{number} {LINE}")]
            return events

        stops_reading(self.slow)
        self.say(1, 100)
        self.patch(self.server.backend, "history", slowly)
        reads_on(self.slow)
        self.assertEqual(self.lines(1, 102), self.slow.reads())
        self.say(103, 103)
        self.assertEqual(self.lines(103, 103), self.slow.reads())

    def test_again_and_again(self) -> None:
        """Stopping while being caught up with is no different."""
        for round in range(3):
            wire = stops_reading(self.slow)
            self.say(100 * round + 1, 100 * round + 80)
            wire.reads_bytes(len(wire.backlog))
            self.server.settle()
            self.say(100 * round + 81, 100 * round + 100)
            reads_on(self.slow)
        self.assertEqual(self.lines(1, 300), self.slow.reads())

    def test_lines_said_while_history_is_read_come_once(self) -> None:
        """History may be read a moment later than it was asked for, and then holds more than was."""
        read: Deferred[None] = Deferred()
        history = self.server.backend.history

        async def later(*args: Any, **kwargs: Any) -> Sequence[RoomEvent]:
            await read
            return await history(*args, **kwargs)

        stops_reading(self.slow)
        self.say(1, 100)
        self.patch(self.server.backend, "history", later)
        reads_on(self.slow)
        self.say(101, 110)
        read.callback(None)
        self.say(111, 120)
        self.assertEqual(self.lines(1, 120), self.slow.reads())

    def test_comings_and_goings_are_caught_up_with(self) -> None:
        """They are part of what happened."""
        stops_reading(self.slow)
        self.say(1, 100)
        self.bob.types("QUIT")
        reads_on(self.slow)
        self.assertEqual([*self.lines(1, 100), "-- bob left the chat."], self.slow.reads())

    def test_whispers_are_never_left_out(self) -> None:
        """They are in no history."""
        stops_reading(self.slow)
        self.say(1, 60)
        self.alice.types("@slow psst")
        reads_on(self.slow)
        read = self.slow.reads()
        self.assertIn("[alice whispers] psst", read)
        self.assertEqual(self.lines(1, 60), [line for line in read if "whispers" not in line])

    def test_their_own_lines_do_not_come_back(self) -> None:
        """What they said just before they were left behind is no news to them."""
        producer = self.slow.transport.producer
        assert producer is not None
        self.slow.protocol.dataReceived(b"from me\n")
        self.alice.protocol.dataReceived(b"from alice\n")
        producer.pauseProducing()
        self.server.settle()
        self.assertEqual([], self.slow.reads())
        producer.resumeProducing()
        self.server.settle()
        self.assertEqual(["<alice> from alice"], self.slow.reads())
        self.assertEqual(["<slow> from me", "<alice> from alice"], self.bob.reads())

    def test_talk_of_people_ignored_does_not_come_back(self) -> None:
        """Being caught up with is like having listened."""
        self.slow.types("/ignore bob")
        self.slow.reads()
        stops_reading(self.slow)
        self.say(1, 60)
        self.say(1, 20, self.bob)
        self.say(61, 70)
        reads_on(self.slow)
        self.assertEqual(self.lines(1, 70), self.slow.reads())

    def test_gap_is_said_aloud(self) -> None:
        """More than can be caught up with is counted and named; the last lines come."""
        stops_reading(self.slow)
        self.say(1, 500)
        reads_on(self.slow)
        read = self.slow.reads()
        before = read.index(next(line for line in read if line.startswith("-- ")))
        missed = 500 - before - 300
        self.assertEqual(self.lines(1, before), read[:before])
        self.assertEqual(f"-- {missed} lines of lobby could not be shown here and cannot be fetched.", read[before])
        self.assertEqual(self.lines(201, 500), read[before + 1 :])

    def test_a_message_of_many_lines_is_as_many(self) -> None:
        """What one is caught up with is counted in lines; the last ones come, and the rest is named as a gap."""
        robot = self.server.program("robot")
        self.slow.reads()
        stops_reading(self.slow)
        self.say(1, 60)  # more than is kept for one who does not read
        for number in range(40):
            robot.asks("say", text="\n".join(f"{number}.{line}" for line in range(20)))
        robot.asks("say", text="last")
        reads_on(self.slow)
        read = self.slow.reads()
        [gap] = [number for number, line in enumerate(read) if line.startswith("-- ")]
        self.assertIn("could not be shown", read[gap])
        after = read[gap + 1 :]
        self.assertLessEqual(len(after), LIMITS.catch_up_lines)
        self.assertGreater(len(after), LIMITS.catch_up_lines - 60)
        self.assertEqual("<robot> last", after[-1])
        self.assertEqual(20, sum(line.startswith("<robot> 39.") for line in after))

    def test_history_that_cannot_be_read_is_a_gap(self) -> None:
        """History that cannot be read is a gap, and talk goes on behind it."""
        stops_reading(self.slow)
        self.say(1, 100)
        self.patch(self.server.backend, "history", self.no_history)
        reads_on(self.slow)
        self.say(101, 101)
        *_, gap, last = self.slow.reads()
        self.assertIn("could not be shown", gap)
        self.assertEqual(self.lines(101, 101), [last])

    async def no_history(self, *_: object, **__: object) -> Page:
        """A disk that cannot be read now."""
        raise NotKept("Not now.")

    def test_bug_in_reading_history_is_a_gap_as_well(self) -> None:
        """It is written down, and the room does not fall silent."""
        stops_reading(self.slow)
        self.say(1, 100)
        self.patch(self.server.backend, "history", None)
        reads_on(self.slow)
        self.say(101, 101)
        *_, gap, last = self.slow.reads()
        self.assertIn("could not be shown", gap)
        self.assertEqual(self.lines(101, 101), [last])
        self.assertEqual(1, len(self.flushLoggedErrors(TypeError)))

    def test_a_room_that_was_left_is_not_caught_up_with(self) -> None:
        """Whoever is out of it reads no more of it."""
        self.alice.types("/create attic")
        self.slow.types("/join attic", "/look lobby")
        self.slow.reads()
        wire = stops_reading(self.slow)
        self.say(1, 100)
        self.alice.types("/kick slow")
        wire.reads_bytes(1)
        before = len(wire.backlog.split(b"\n"))
        reads_on(self.slow)
        self.assertLess(len([line for line in self.slow.reads() if LINE in line]), before + 1)

    def test_several_rooms(self) -> None:
        """Each is caught up with, and named where it is not looked at."""
        self.alice.types("/create attic")
        self.slow.types("/join attic", "/look lobby")
        self.slow.reads()
        stops_reading(self.slow)
        for number in range(1, 101):
            self.alice.types("/look attic" if number % 2 else "/look lobby", f"{number} {LINE}")
        reads_on(self.slow)
        read = self.slow.reads()
        odd, even = range(1, 101, 2), range(2, 101, 2)
        self.assertEqual([f"<alice> {n} {LINE}" for n in even], [line for line in read if line.startswith("<")])
        self.assertEqual(
            [f"[attic] <alice> {n} {LINE}" for n in odd], [line for line in read if line.startswith("[attic]")]
        )


class DeafTests(SynchronousTestCase):
    """Somebody who never reads again."""

    def setUp(self) -> None:
        self.patch(testing.people, "FakeTransport", SlowWire)
        self.server = Server(LIMITS)
        self.deaf, self.alice = self.server.guest("deaf"), self.server.guest("alice")
        stops_reading(self.deaf)
        self.alice.reads()

    def test_is_cut_in_time(self) -> None:
        """With the reason told to the others."""
        for number in range(100):
            self.alice.types(f"{number} {LINE}")
        self.server.wait(59)
        self.assertFalse(self.deaf.is_disconnected())
        self.server.wait(3)
        self.assertTrue(self.deaf.is_disconnected())
        self.assertEqual(["-- deaf left the chat: connection too slow"], self.alice.reads())

    def test_whoever_reads_slowly_is_not_cut(self) -> None:
        """A byte now and then shows that somebody is there."""
        for number in range(100):
            self.alice.types(f"{number} {LINE}")
        for _ in range(10):
            self.server.wait(30)
            wire = self.deaf.transport
            assert isinstance(wire, SlowWire)
            wire.reads_bytes(1)
        self.assertFalse(self.deaf.is_disconnected())

    def test_is_cut_when_whispers_pile_up(self) -> None:
        """What may not be left out is not kept without end either."""
        for number in range(100):
            self.alice.types(f"{number} {LINE}")
        for _ in range(200):
            self.alice.types(f"@deaf {LINE}")
        self.assertTrue(self.deaf.is_disconnected())

    def test_what_is_kept_for_all_is_bounded(self) -> None:
        """
        Each may leave nearly a megabyte unread, but not all of them together, at no moment: those for whom the most is
        kept are cut first, and as few as will do.
        """
        server = Server(Limits(unread_soft=4096, unread_total=1, talk_rate=0, max_per_address=0, new_per_minute=0))
        talker, *deaf = (server.guest(nick) for nick in ("talker", "deaf1", "deaf2", "deaf3", "deaf4"))
        wires = [stops_reading(each) for each in deaf]
        most = 0
        for _ in range(300):
            for number in (1, 2, 3, 4, 4):
                talker.types(f"@deaf{number} {'x' * 1500}")
                kept = sum(len(wire.backlog) for wire in wires if not wire.lost)
                self.assertLessEqual(kept, 1024 * 1024)
                most = max(most, kept)
            if any(each.is_disconnected() for each in deaf):
                break
        self.assertEqual([False, False, False, True], [each.is_disconnected() for each in deaf])
        self.assertGreater(most, 1024 * 1024 - 2000)
        self.assertLessEqual(server.doorkeeper.slow_readers.unread, 7 / 8 * 1024 * 1024)

    def test_what_was_read_meanwhile_is_no_reason_to_cut(self) -> None:
        """Whoever reads slowly, but reads, has less unread than was written since they stopped."""
        server = Server(Limits(unread_soft=4096, unread_total=1, talk_rate=0))
        talker, slow = server.guest("talker"), server.guest("slow")
        wire = stops_reading(slow)
        for _ in range(2000):
            talker.types(f"@slow {'x' * 1500}")
            wire.reads_bytes(max(0, len(wire.backlog) - 5000))
        self.assertFalse(slow.is_disconnected())

    def test_nothing_is_counted_twice_or_for_ever(self) -> None:
        """When all is read, or all are gone, nothing is unread."""
        for reads in (True, False):
            server = Server(LIMITS)
            talker, slow = server.guest("talker"), server.guest("slow")
            stops_reading(slow)
            slow.types("/help", "/help", "/help")
            for number in range(100):
                talker.types(f"{number} {LINE}")
            self.assertGreater(server.doorkeeper.slow_readers.unread, LIMITS.unread_soft)
            if reads:
                reads_on(slow)
            else:
                slow.disconnects()
            self.assertEqual(0, server.doorkeeper.slow_readers.recount())

    def test_is_not_asked_for_more(self) -> None:
        """Who does not read the answers gets no more: what is typed waits, and is done when they are read."""
        for _ in range(100):
            self.deaf.sends(b"/help\n")
        wire = self.deaf.transport
        assert isinstance(wire, SlowWire)
        self.assertEqual("paused", wire.producerState)
        self.assertLess(len(wire.backlog), LIMITS.unread_hard)
        reads_on(self.deaf)
        self.assertEqual(100, sum("/help WORD" in line for line in self.deaf.reads()))
        self.assertEqual("producing", wire.producerState)

    def test_one_great_answer_is_no_offence(self) -> None:
        """It may be longer than what may pile up."""
        conversation = next(iter(self.server.doorkeeper.present))
        conversation.outbox.answer(b"x" * 2 * LIMITS.unread_hard)
        conversation.outbox.flush()
        self.assertFalse(self.deaf.is_disconnected())

    def test_is_hung_up_all_the_same(self) -> None:
        """A server that stops does not wait for those who do not read."""
        for number in range(100):
            self.alice.types(f"{number} {LINE}")
        self.patch(SlowWire, "loseConnection", lambda wire: None)  # what is unread keeps it open
        closed = self.server.doorkeeper.close("Good night.")
        self.alice.disconnects()
        self.server.wait(1.5)
        self.assertNoResult(closed)
        self.server.wait(1)
        self.successResultOf(closed)


class Reader:
    """The owner of an outbox that has only this to show."""

    waits = False
    total = 0

    def unread(self, more: int) -> None:
        """So much more of it, or less."""
        self.total += more

    def stuck(self) -> None:
        """It does not read."""
        self.waits = True

    def drained(self) -> None:
        """It does."""
        self.waits = False


class StraightTests(SynchronousTestCase):
    """A plain socket is written to at once, before the reactor's next turn."""

    def outbox(self, pipe: Pipe) -> tuple[Outbox, Reader]:
        """An outbox on this wire."""
        reader = Reader()
        return Outbox(reader, pipe, LIMITS, LF), reader  # type: ignore[arg-type]

    def test_most_is_taken_at_once(self) -> None:
        """Most is taken at once, and the reactor has nothing to do."""
        pipe = Pipe([])
        outbox, _ = self.outbox(pipe)
        outbox.answer(b"hello\n")
        outbox.flush()
        self.assertEqual((b"hello\n", False), (pipe.taken, pipe.writing))

    @given(
        st.lists(st.binary(min_size=1, max_size=3000), max_size=20),
        st.lists(st.integers(0, 2000)),
        st.sets(st.integers(0, 20)),
    )
    def test_order_is_kept(self, pieces: list[bytes], takes: list[int], rooms: set[int]) -> None:
        """However little the system takes, and whenever: every byte once, in order; and the reader is stuck or not."""
        pipe = Pipe(takes)
        outbox, reader = self.outbox(pipe)
        for number, piece in enumerate(pieces):
            outbox.answer(piece)
            outbox.flush()
            self.assertEqual((outbox.waits, outbox.unread), (reader.waits, reader.total))
            if number in rooms:
                pipe.has_room()
                self.assertFalse(reader.waits)
        pipe.takes = []
        pipe.has_room()
        self.assertEqual(b"".join(pieces), pipe.taken)
        self.assertEqual(0, outbox.unsent())

    def test_wrapper_is_not_passed_by(self) -> None:
        """TLS stands before a socket whose own method would write in the clear."""

        class Wrapper(SlowWire):
            transport = Pipe([])

            def writeSomeData(self, data: bytes) -> int:
                raise AssertionError("written in the clear")

            def getHandle(self) -> Pipe:  # noqa: N802 Twisted's
                raise AssertionError("reached for the socket")

        wrapper = Wrapper("127.0.0.1", LineConnection())
        outbox, _ = self.outbox(wrapper)  # type: ignore[arg-type]
        outbox.answer(b"secret\n")
        outbox.flush()
        self.assertEqual((b"secret\n", b""), (wrapper.value(), wrapper.transport.taken))
