"""
How a node tells the log: by what it is notified of where that is all, and by reading where it is not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.events import Event, Said
from tests.backends.verbs import Recorder, said
from tests.e2e import postgres as running

NORTH, SOUTH = 1, 2
"""Epochs: the one that tells, and another."""


class Log:
    """
    A log and the connection to it.

    @ivar reads: how often it was read.
    """

    there = True

    def __init__(self) -> None:
        self.news: deque[str] = deque()
        self.idle: Callable[[], None] = lambda: None
        self.turns: list[tuple[int, int, str, list[int]]] = []
        self.reads = 0

    def keep(self, epoch: int, *events: Event) -> list[int]:
        """The next turn."""
        from chatroom.backends.postgres.turn import body_of

        _, body = body_of(events)
        seqs = [100 * len(self.turns) + nth for nth in range(len(events))]
        self.turns.append((len(self.turns) + 1, epoch, body, seqs))
        return seqs

    def notify(self, place: int, whole: bool = True) -> None:
        """Notify of one of them."""
        pos, epoch, body, seqs = self.turns[place - 1]
        numbers = ",".join(map(str, seqs))
        self.news.append(f"{pos} {epoch} {numbers} {body}" if whole else f"{pos} {epoch}")
        self.idle()

    async def do(self, work: object, pos: int, me: int) -> Sequence[tuple[Any, ...]]:
        """What stands behind a place, as the query gives it."""
        self.reads += 1
        found = self.turns[pos : pos + 500]
        return [(place, *((None, None) if epoch == me else (body, seqs))) for place, epoch, body, seqs in found]


class ReaderTests(SynchronousTestCase):
    """North tells what north and south keep."""

    def setUp(self) -> None:
        """Nothing was kept yet."""
        running.skip_or_fail()
        from chatroom.backends.postgres.reader import LogReader

        self.log, self.heard, self.clock = Log(), Recorder(), Clock()
        self.reader = LogReader(self.log, self.clock, NORTH, 0, self.heard)  # type: ignore[arg-type]

    def texts(self) -> list[str]:
        """What north has told, in order."""
        return [event.text for event in self.heard.events if isinstance(event, Said)]

    def tell(self, place: int, event: Event) -> None:
        """North learns that this was kept."""
        Deferred.fromCoroutine(self.reader.tell(place, [event]))

    def test_small_turn_needs_no_reading(self) -> None:
        """A turn that was notified whole is told as it is, with its numbers, and nobody reads the log."""
        self.log.keep(SOUTH, said("1"), said("2"))
        self.log.notify(1)
        self.assertEqual(["1", "2"], self.texts())
        self.assertEqual([0, 1], [event.seq for event in self.heard.events if isinstance(event, Said)])
        self.assertEqual(0, self.log.reads)

    def test_great_turns_are_read(self) -> None:
        """Of turns that are too great, a notification says that they are there; all of them are read at once."""
        for number in range(5):
            self.log.keep(SOUTH, said(str(number)))
        self.log.notify(5, whole=False)
        self.assertEqual(["0", "1", "2", "3", "4"], self.texts())
        self.assertEqual(1, self.log.reads)

    def test_lost_notification(self) -> None:
        """A turn of whose place nothing was notified is read before the one behind it is told."""
        self.log.keep(SOUTH, said("1"))
        self.log.keep(SOUTH, said("2"))
        self.log.notify(2)
        self.assertEqual(["1", "2"], self.texts())
        self.assertEqual(1, self.log.reads)

    def test_nothing_notified(self) -> None:
        """Where no notification comes at all, a turn is told within a second."""
        self.log.keep(SOUTH, said("1"))
        self.clock.advance(1)
        self.assertEqual(["1"], self.texts())

    def test_own_turn_at_its_place(self) -> None:
        """What south kept behind north's own turn waits until north knows that its turn was kept."""
        mine = said("2")
        self.log.keep(SOUTH, said("1"))
        self.log.keep(NORTH, mine)
        self.log.keep(SOUTH, said("3"))
        for place in (1, 2, 3):
            self.log.notify(place)
        self.assertEqual(["1"], self.texts())
        self.tell(2, mine)
        self.assertEqual(["1", "2", "3"], self.texts())
        self.assertEqual(0, self.log.reads)

    def test_own_turn_is_known_before_the_one_before_it(self) -> None:
        """North learns that its turn was kept before it hears of south's turn in front of it, and reads that first."""
        mine = said("2")
        self.log.keep(SOUTH, said("1"))
        self.log.keep(NORTH, mine)
        self.tell(2, mine)
        self.assertEqual(["1", "2"], self.texts())
        self.log.notify(1)
        self.log.notify(2)
        self.assertEqual(["1", "2"], self.texts())

    def test_told_while_the_log_is_read(self) -> None:
        """What was notified whole while the log was being read is told once, and the reading goes on behind it."""
        answers: list[Deferred[None]] = []
        read = self.log.do

        async def late(work: object, pos: int, me: int) -> Sequence[tuple[Any, ...]]:
            found = await read(work, pos, me)
            answers.append(Deferred())
            await answers[-1]
            return found

        self.log.do = late  # type: ignore[method-assign]
        self.log.keep(SOUTH, said("1"))
        self.clock.advance(1)
        self.log.notify(1)
        self.assertEqual(["1"], self.texts())
        self.log.keep(SOUTH, said("2"))
        answers.pop().callback(None)
        self.clock.advance(1)
        answers.pop().callback(None)
        self.assertEqual(["1", "2"], self.texts())

    def test_more_than_it_keeps(self) -> None:
        """Behind an own turn, as many turns as one reading gives are kept in memory; the others are read later."""
        from chatroom.backends.postgres.reader import MOST

        mine = said("0")
        self.log.keep(NORTH, mine)
        for number in range(1, MOST + 200):
            self.log.keep(SOUTH, said(str(number)))
        for place in range(1, MOST + 201):
            self.log.notify(place)
        self.assertEqual(MOST, len(self.reader._ahead))
        self.tell(1, mine)
        self.clock.advance(1)
        self.assertEqual([str(number) for number in range(MOST + 200)], self.texts())

    def test_what_was_read_is_not_read_again(self) -> None:
        """What stands behind an own turn is told when that turn is, from what was read before."""
        mine = said("1")
        self.log.keep(NORTH, mine)
        for number in (2, 3):
            self.log.keep(SOUTH, said(str(number)))
        self.clock.advance(1)
        self.assertEqual(([], 1), (self.texts(), self.log.reads))
        self.tell(1, mine)
        self.assertEqual((["1", "2", "3"], 1), (self.texts(), self.log.reads))

    def longest_turn(self, turns: int) -> int:
        """The most events that one turn of the reactor tells, where so many turns of fifty lines wait."""
        self.setUp()
        told = [0]
        later = self.clock.callLater

        def counting(delay: float, *args: Any, **kwargs: Any) -> Any:
            told.append(len(self.heard.events))  # this turn of the reactor is over
            return later(delay, *args, **kwargs)

        self.clock.callLater = counting  # type: ignore[method-assign]
        for _ in range(turns):
            self.log.keep(SOUTH, *[said("x")] * 50)
        self.clock.advance(1)
        self.assertEqual(50 * turns, len(self.heard.events))
        return max(after - before for before, after in pairwise([*told, 50 * turns]))

    def test_much_to_tell_is_told_in_pieces(self) -> None:
        """However many turns were kept while this node was away, one turn of the reactor tells no more of them."""
        self.assertEqual(self.longest_turn(40), self.longest_turn(400))

    def test_notified_of_what_is_not_there(self) -> None:
        """Where a turn was notified and lost with its server, the log is read once a second, and not all the time."""
        self.log.keep(SOUTH, said("1"))
        self.log.news.append(f"5 {SOUTH}")
        self.log.idle()
        reads = self.log.reads
        self.clock.advance(1)
        self.assertEqual((["1"], 2, 1), (self.texts(), reads, self.log.reads - reads))

    def test_stopped(self) -> None:
        """Who has stopped tells nothing more, and holds nothing of what it is notified of."""
        self.reader.stop()
        self.log.keep(SOUTH, said("1"))
        self.log.notify(1)
        self.assertEqual([], self.texts())
        self.assertEqual(0, len(self.log.news))
