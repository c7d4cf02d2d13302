"""
How a node tells the log: by what it is notified of where that is all, and by reading where it is not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
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

    @ivar reads: how often it was read. @ivar wakes: how often the reader was woken by something that was notified.
    """

    there = True

    def __init__(self) -> None:
        self.news: deque[str] = deque()
        self.wakes = 0
        self._unread: list[str] | None = None
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
        news = f"{pos} {epoch} {numbers} {body}" if whole else f"{pos} {epoch}"
        if self._unread is None:
            self.news.append(news)
            self.wakes += 1
            self.idle()
        else:
            self._unread.append(news)

    def rest(self) -> None:
        """What is notified waits."""
        self._unread = self._unread or []

    def attend(self) -> None:
        """It waits no more."""
        unread, self._unread = self._unread or [], None
        self.news += unread
        self.wakes += bool(unread)
        self.idle()

    async def do(self, work: object, pos: int, me: int) -> Sequence[tuple[Any, ...]]:
        """What stands behind a place, as the query gives it."""
        self.reads += 1
        if self._unread is not None:  # an answer brings them along
            self.news += self._unread
            self._unread = []
        found = self.turns[pos : pos + 500]
        return [(place, *((None, None) if epoch == me else (body, seqs))) for place, epoch, body, seqs in found]


class ReaderTestCase(SynchronousTestCase):
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

    def answers_late(self) -> list[Deferred[None]]:
        """From now on the database finds what is there, and answers when the test lets it: the answers under way."""
        answers: list[Deferred[None]] = []
        read = self.log.do

        async def late(work: object, pos: int, me: int) -> Sequence[tuple[Any, ...]]:
            found = await read(work, pos, me)
            answers.append(Deferred())
            await answers[-1]
            return found

        self.log.do = late  # type: ignore[method-assign]
        return answers


class ReaderTests(ReaderTestCase):
    """People are connected to north, so it tells at once what is notified."""

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

    def test_great_turn_behind_an_own_one(self) -> None:
        """North reads a turn of south that was too great to notify as soon as it has told its own turn before that."""
        mine = said("1")
        self.log.keep(NORTH, mine)
        self.log.keep(SOUTH, said("2"))
        self.log.notify(1)
        self.log.notify(2, whole=False)
        self.assertEqual(([], 0), (self.texts(), self.log.reads))
        self.tell(1, mine)
        self.assertEqual((["1", "2"], 1), (self.texts(), self.log.reads))

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
        answers = self.answers_late()
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


class NobodyReadsTests(ReaderTestCase):
    """Nobody is connected to north, so notifications may gather before north tells them."""

    def setUp(self) -> None:
        """North has no people."""
        super().setUp()
        self.heard.readers = False

    def come(self) -> None:
        """The first person connects to north."""
        self.heard.readers = True
        self.reader.hasten()

    def keep_and_notify(self, *texts: str, whole: bool = True) -> None:
        """South keeps a line in each of so many turns."""
        for text in texts:
            self.log.keep(SOUTH, said(text))
            self.log.notify(len(self.log.turns), whole)

    def test_lines_gather(self) -> None:
        """A line is told at once; what is said in the 25 ms after it is told together at their end, in order."""
        self.keep_and_notify("1", "2", "3")
        self.assertEqual(["1"], self.texts())
        self.clock.advance(0.024)
        self.assertEqual(["1"], self.texts())
        self.clock.advance(0.001)
        self.assertEqual(["1", "2", "3"], self.texts())
        self.assertEqual((2, 0), (self.log.wakes, self.log.reads))

    def test_steady_talk(self) -> None:
        """Of a thousand lines in a second, north is woken 40 times, and tells each within 25 ms."""
        told = []
        for number in range(1000):
            self.keep_and_notify(str(number))
            told.append(len(self.heard.events))
            self.clock.advance(0.001)
        self.assertLessEqual(self.log.wakes, 41)
        self.assertLessEqual(max(number + 1 - done for number, done in enumerate(told)), 25)

    def test_readings_are_shared(self) -> None:
        """Great turns that gather are read at once, by one question."""
        self.keep_and_notify("1", "2", "3", "4", whole=False)
        self.assertEqual((["1"], 1), (self.texts(), self.log.reads))
        self.clock.advance(0.025)
        self.assertEqual((["1", "2", "3", "4"], 2), (self.texts(), self.log.reads))

    def test_first_person(self) -> None:
        """Before the first person's connection goes on, all that was notified is told; after it nothing gathers."""
        self.keep_and_notify("1", "2", "3")
        self.come()
        self.assertEqual(["1", "2", "3"], self.texts())
        self.keep_and_notify("4", "5")
        self.assertEqual(["1", "2", "3", "4", "5"], self.texts())

    def test_last_person(self) -> None:
        """When the last person is gone, talk gathers again."""
        self.come()
        self.keep_and_notify("1", "2")
        self.heard.readers = False
        self.keep_and_notify("3", "4")
        self.assertEqual(["1", "2", "3"], self.texts())

    def test_own_turn_does_not_wait(self) -> None:
        """What north keeps itself, such as a goodbye, is told at once, behind what gathers before it."""
        self.keep_and_notify("1", "2", "3")
        mine = said("4")
        self.log.keep(NORTH, mine)
        self.log.notify(4)
        self.tell(4, mine)
        self.assertEqual((["1", "2", "3", "4"], 0), (self.texts(), self.log.reads))

    def test_person_comes_while_the_log_is_read(self) -> None:
        """The first person comes while north reads: what was kept meanwhile is told when that answer is there."""
        answers = self.answers_late()
        self.keep_and_notify("1", whole=False)
        self.keep_and_notify("2", whole=False)
        self.come()
        while answers:
            answers.pop().callback(None)
        self.assertEqual(["1", "2"], self.texts())

    def test_quiet_server(self) -> None:
        """Where nobody says anything, nothing wakes north but its look at the log each second."""
        self.keep_and_notify("1")
        self.clock.advance(0.025)
        self.assertEqual(1, len(self.clock.getDelayedCalls()))

    def test_stops_while_talk_gathers(self) -> None:
        """A node that stops tells nothing of what gathers, and leaves nothing behind that would wake it."""
        self.keep_and_notify("1", "2")
        self.reader.stop()
        self.clock.advance(5)
        self.assertEqual((["1"], []), (self.texts(), self.clock.getDelayedCalls()))


STEPS = ("south", "great", "unnoticed", "north", "answer", "come", "go", "hasten", "wait")
"""What may happen between two nodes, and to the people of north."""


class AnyOrderTests(SynchronousTestCase):
    """Whatever comes between what, each line is told once and in its place."""

    @given(st.lists(st.sampled_from(STEPS), max_size=40))
    @settings(max_examples=300, deadline=None)
    def test_each_once_and_in_order(self, steps: list[str]) -> None:
        """However people come and go while two nodes talk, north tells all turns in the order of the log, each once."""
        self.case = ReaderTestCase("run")
        self.case.setUp()
        self.case.heard.readers = False
        self.own: list[tuple[int, Event]] = []
        for step in steps:
            self.do(step)
            texts = self.case.texts()
            self.assertEqual([str(number + 1) for number in range(len(texts))], texts)
            if step == "come" and not self.own and "unnoticed" not in steps:
                self.assertEqual(len(self.case.log.turns), len(texts), "who comes finds all that was notified told")
        self.do("answer")
        self.case.clock.advance(1)
        self.assertEqual(len(self.case.log.turns), len(self.case.texts()))

    def do(self, step: str) -> None:
        """One of L{STEPS}."""
        case, place = self.case, len(self.case.log.turns) + 1
        if step in ("south", "great", "unnoticed"):
            case.log.keep(SOUTH, said(str(place)))
            if step != "unnoticed":
                case.log.notify(place, step == "south")
        elif step == "north":
            if not self.own:  # one turn of a node is under way at a time
                self.own.append((place, said(str(place))))
                case.log.keep(NORTH, self.own[0][1])
                case.log.notify(place)
        elif step == "answer":
            for place, event in self.own:
                case.tell(place, event)
                self.assertEqual(str(place), case.texts()[place - 1], "who keeps has heard all before it")
            self.own.clear()
        elif step == "wait":
            case.clock.advance(0.01)
        else:
            case.heard.readers = {"come": True, "go": False}.get(step, case.heard.readers)
            case.reader.hasten()
