"""
Turns: what is decided in one turn is kept in one commit, in order, and everybody learns what became of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatroom.errors import NotKept, Refused
from chatroom.events import SERVER, Announced, Event, Left, Said
from chatroom.interfaces import Receipt
from chatroom.server.batching import AT_ONCE, RETRY, Batches, summary
from chatroom.server.load_window import LOAD, SPAN, WINDOW


def said(text: str) -> Said:
    """A line of talk."""
    return Said(0.0, "lobby", "alice", text=text)


def break_down(outcome: object) -> None:
    """What somebody does with an outcome who has a bug."""
    raise ZeroDivisionError


class Shelf:
    """A backend's C{keep} that takes as long as the test likes."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self._waiting: Deferred[Sequence[bool]] | None = None

    async def keep(self, batch: Sequence[Event]) -> Sequence[bool]:
        """See L{chatroom.interfaces.IBackend.keep}."""
        assert self._waiting is None, "two batches under way at a time"
        self.batches.append([event.text for event in batch if isinstance(event, Said)])
        self._waiting = Deferred()
        return await self._waiting

    def finishes(self, *happened: bool) -> None:
        """The batch under way is kept."""
        waiting, self._waiting = self._waiting, None
        assert waiting is not None
        waiting.callback(list(happened) or [True] * len(self.batches[-1]))

    def fails(self, error: Exception | None = None) -> None:
        """It is not."""
        waiting, self._waiting = self._waiting, None
        assert waiting is not None
        waiting.errback(error or NotKept("The disk is full."))


class Speaker:
    """A connection that is told when what it said was lost."""

    def __init__(self) -> None:
        self.lost: list[NotKept] = []

    def not_kept(self, error: NotKept) -> None:
        """See L{chatroom.server.session.base.SessionBase.not_kept}."""
        self.lost.append(error)


class TurnsTestCase(SynchronousTestCase):
    """Lines of talk, turns, and a shelf to keep them on."""

    def setUp(self) -> None:
        """Turns on a shelf."""
        self.clock, self.shelf = Clock(), Shelf()
        self.turns = Batches(self.shelf.keep, self.clock)
        self.outcomes: list[Event | Exception] = []

    def submit(self, *texts: str) -> list[Receipt]:
        """Lines of talk whose outcomes are written down."""
        receipts = [Receipt(said(text)) for text in texts]
        for receipt in receipts:
            receipt.kept = self.outcomes.append
            self.turns.submit(receipt)
        return receipts

    def turn(self) -> None:
        """The reactor's next turn."""
        self.clock.advance(0)

    def kept(self) -> list[str]:
        """What was said and kept."""
        return [event.text for event in self.outcomes if isinstance(event, Said)]


class BatchTests(TurnsTestCase):
    """Batches, one at a time."""

    def test_one_turn_is_one_batch(self) -> None:
        """A busy turn costs one commit, however much is said in it."""
        self.submit("a", "b")
        self.submit("c")
        self.assertEqual([], self.shelf.batches)
        self.turn()
        self.assertEqual([["a", "b", "c"]], self.shelf.batches)

    def test_nothing_is_kept_for_nothing(self) -> None:
        """An idle server costs no commits."""
        self.turn()
        self.assertEqual([], self.shelf.batches)
        self.assertEqual([], self.clock.getDelayedCalls())

    def test_outcome_comes_when_it_is_kept(self) -> None:
        """The outcome comes when it is kept and not before: keep before tell."""
        [receipt] = self.submit("a")
        self.turn()
        self.assertEqual([], self.outcomes)
        self.shelf.finishes()
        self.assertEqual([receipt.event], self.outcomes)

    def test_next_batch_fills_while_one_is_kept(self) -> None:
        """There is one batch under way at a time, and all that waits is the next."""
        self.submit("a")
        self.turn()
        self.submit("b")
        self.turn()
        self.submit("c")
        self.turn()
        self.assertEqual([["a"]], self.shelf.batches)
        self.shelf.finishes()
        self.turn()
        self.assertEqual([["a"], ["b", "c"]], self.shelf.batches)
        self.shelf.finishes()
        self.assertEqual(["a", "b", "c"], self.kept())

    def test_very_much_is_several_batches(self) -> None:
        """What thousands do in one turn is kept in several batches, and what happens together stays together."""
        sizes = [AT_ONCE - 1, 2, AT_ONCE, 1]
        done = [self.turns.happen(*[said(f"{nth}-{n}") for n in range(size)]) for nth, size in enumerate(sizes)]
        settled = Deferred.fromCoroutine(self.turns.settled())
        for batch in ((0, 1), (2,), (3,)):
            self.turn()
            self.assertEqual(list(batch), sorted({int(text.split("-")[0]) for text in self.shelf.batches[-1]}))
            self.assertNoResult(settled)
            self.assertFalse(self.turns.is_quiet())
            self.shelf.finishes()
        self.assertEqual(sizes, [len(self.successResultOf(each)) for each in done])
        self.successResultOf(settled)
        self.assertTrue(self.turns.is_quiet())
        self.assertEqual(4, len({text.split("-")[0] for batch in self.shelf.batches for text in batch}))

    def test_what_comes_later_is_behind_all_of_it(self) -> None:
        """What is said while the first of several batches is kept follows behind the last of them."""
        for text in ("a", "b", "c"):
            self.turns.happen(*[said(text)] * AT_ONCE)
        self.turn()
        self.submit("later")
        for _ in range(4):
            self.shelf.finishes()
            self.turn()
        self.assertEqual([["a"], ["b"], ["c"], ["later"]], [sorted(set(batch)) for batch in self.shelf.batches])

    def test_what_waits_in_several_batches_can_be_refused(self) -> None:
        """Where the disk is away for too long, what people wished is refused in all of them, and the rest follows."""
        speaker = Speaker()
        self.submit("first")
        self.turn()
        owed = [self.turns.happen(*[said("owed")] * AT_ONCE) for _ in range(2)]
        refused = self.turns.happen(said("wish"), caller=speaker)
        self.clock.pump([1.0] * 40)
        self.failureResultOf(refused, NotKept)
        for _ in range(3):
            self.shelf.finishes()
            self.turn()
        self.assertEqual([2 * AT_ONCE], [sum(len(self.successResultOf(each)) for each in owed)])
        self.assertEqual([["first"], ["owed"], ["owed"]], [sorted(set(batch)) for batch in self.shelf.batches])

    def test_own_receipts_are_known_while_their_batch_is_under_way(self) -> None:
        """Receipts of the batch under way are known by their events, so that the hub finds who said what it tells."""
        [receipt] = self.submit("a")
        self.assertEqual({}, self.turns.own)
        self.turn()
        self.submit("b")
        self.assertEqual({id(receipt.event): receipt}, self.turns.own)
        self.shelf.finishes()
        self.assertEqual({}, self.turns.own)

    def test_condition_that_did_not_hold_is_a_refusal(self) -> None:
        """Somebody else was faster; the others of the batch do not care."""
        self.submit("a", "b")
        self.turn()
        self.shelf.finishes(False, True)
        self.assertIsInstance(self.outcomes[0], Refused)
        self.assertEqual(["b"], self.kept())

    def test_batch_that_is_not_kept_is_lost_for_all_in_it(self) -> None:
        """Each is told, and the next batch has its own fate."""
        self.submit("a", "b")
        self.turn()
        self.submit("c")
        self.shelf.fails()
        self.assertEqual([NotKept, NotKept], [type(outcome) for outcome in self.outcomes])
        self.turn()
        self.shelf.finishes()
        self.assertEqual(["c"], self.kept())

    def test_whoever_did_not_wait_is_told_of_the_loss(self) -> None:
        """A line of talk that nobody waits for must not vanish silently."""
        speaker = Speaker()
        self.turns.submit(Receipt(said("a"), speaker))
        self.turn()
        self.shelf.fails()
        self.assertEqual(1, len(speaker.lost))

    def test_bug_in_a_backend_is_logged_and_answered_politely(self) -> None:
        """What went wrong is the operator's to read; people learn that nothing was kept."""
        self.submit("a")
        self.turn()
        self.shelf.fails(ZeroDivisionError("deep inside"))
        self.assertIsInstance(self.outcomes[0], NotKept)
        self.assertNotIn("deep", str(self.outcomes[0]))
        self.assertEqual(1, len(self.flushLoggedErrors(ZeroDivisionError)))

    def test_receipt_that_fails_costs_the_others_nothing(self) -> None:
        """A bug in one connection is logged; whoever else spoke in that turn gets their outcome."""
        for finish in (self.shelf.finishes, self.shelf.fails):
            broken = Receipt(said("x"))
            broken.kept = break_down
            self.turns.submit(broken)
            self.submit("a")
            self.turn()
            finish()
            self.assertEqual(1, len(self.outcomes))
            self.outcomes.clear()
            self.assertEqual(1, len(self.flushLoggedErrors(ZeroDivisionError)))


class HappenTests(TurnsTestCase):
    """Waiting for events to happen."""

    def test_all_of_one_wish_are_in_one_batch(self) -> None:
        """They are kept together or not at all."""
        done = self.turns.happen(said("a"), said("b"))
        self.turn()
        self.assertEqual([["a", "b"]], self.shelf.batches)
        self.assertNoResult(done)
        self.shelf.finishes(True, False)
        self.assertEqual([True, False], self.successResultOf(done))

    def test_nothing_happens_at_once(self) -> None:
        """A wish that is fulfilled already costs no commit."""
        self.assertEqual([], self.successResultOf(self.turns.happen()))
        self.turn()
        self.assertEqual([], self.shelf.batches)

    def test_loss_of_several_is_one_failure(self) -> None:
        """Whoever waits is told once."""
        done = self.turns.happen(said("a"), said("b"))
        self.turn()
        self.shelf.fails()
        self.failureResultOf(done, NotKept)

    def test_what_is_owed_is_tried_until_it_is_kept(self) -> None:
        """A departure is written down as soon as the disk has space again."""
        owed = Deferred.fromCoroutine(self.turns.owe(said("a"), said("b")))
        for _ in range(3):
            self.turn()
            self.shelf.fails()
            self.assertNoResult(owed)
            self.clock.advance(RETRY)
        self.turn()
        self.shelf.finishes()
        self.successResultOf(owed)
        self.assertEqual([["a", "b"]] * 4, self.shelf.batches)

    def test_settled_once_all_that_came_before_is(self) -> None:
        """What is submitted later does not keep one waiting."""
        self.submit("a")
        self.turn()
        self.submit("b")
        settled = Deferred.fromCoroutine(self.turns.settled())
        self.shelf.finishes()
        self.turn()
        self.submit("c")
        self.assertNoResult(settled)
        self.shelf.finishes()
        self.successResultOf(settled)
        self.turn()
        self.assertEqual([["a"], ["b"], ["c"]], self.shelf.batches)

    def test_settled_is_after_the_outcomes(self) -> None:
        """Whoever waited for an outcome has acted on it by then."""
        self.submit("a")
        settled = Deferred.fromCoroutine(self.turns.settled())
        order: list[str] = []
        settled.addCallback(lambda _: order.extend(["settled", *self.kept()]))
        self.turn()
        self.shelf.finishes()
        self.assertEqual(["settled", "a"], order)

    def test_settled_although_nothing_could_be_kept(self) -> None:
        """It is about what is under way, not about what comes of it."""
        self.submit("a")
        settled = Deferred.fromCoroutine(self.turns.settled())
        self.turn()
        self.shelf.fails()
        self.successResultOf(settled)

    def test_settled_at_once_if_nothing_is_under_way(self) -> None:
        """Where nothing is under way, there is nothing to wait for."""
        self.successResultOf(Deferred.fromCoroutine(self.turns.settled()))


class LoadTests(TurnsTestCase):
    """More than people could read: turns wait for company."""

    def rush(self, seconds: float = 1.0, every: float = 0.002) -> None:
        """A line every few milliseconds, each kept in a turn of its own."""
        for _ in range(round(seconds / every)):
            self.submit("noise")
            self.clock.advance(every)
            self.shelf.finishes()
        self.shelf.batches.clear()

    def test_people_do_not_wait(self) -> None:
        """As long as there are few lines a second, each is kept at once."""
        for _ in range(50):
            self.submit("hello")
            self.turn()
            self.assertEqual([["hello"]], self.shelf.batches)
            self.shelf.finishes()
            self.shelf.batches.clear()
            self.clock.advance(1.1 / LOAD)

    def test_two_hundred_lines_a_second_do_not_wait(self) -> None:
        """Lines come at random, so some tenths of a second have many; of 200 a second, none waits all the same."""
        pauses = Random(7)
        for _ in range(2000):
            self.clock.advance(pauses.expovariate(200))
            self.submit("hello")
            self.turn()
            self.assertEqual([["hello"]], self.shelf.batches)
            self.shelf.finishes()
            self.shelf.batches.clear()

    def test_under_load_a_turn_waits_for_more(self) -> None:
        """What comes within the window is kept in the same commit and told in the same write."""
        self.rush()
        self.submit("a")
        self.clock.advance(WINDOW * 0.6)
        self.submit("b")
        self.assertEqual([], self.shelf.batches)
        self.clock.advance(WINDOW * 0.6)
        self.assertEqual([["a", "b"]], self.shelf.batches)

    def test_window_is_short(self) -> None:
        """Nobody notices it: five milliseconds at most."""
        self.assertLessEqual(WINDOW, 0.005)

    def test_load_is_forgotten(self) -> None:
        """The first line after a rush is kept at once."""
        self.rush()
        self.clock.advance(2 * SPAN)
        self.submit("peace")
        self.turn()
        self.assertEqual([["peace"]], self.shelf.batches)

    def test_one_paste_is_no_load(self) -> None:
        """Thirty lines of one person, in a quiet server, do not make the next one wait."""
        self.clock.advance(10.0)
        self.submit(*["line"] * 30)
        self.turn()
        self.shelf.finishes()
        self.shelf.batches.clear()
        self.submit("next")
        self.turn()
        self.assertEqual([["next"]], self.shelf.batches)


class DrainTests(TurnsTestCase):
    """The end."""

    def test_drained_when_nothing_is_under_way(self) -> None:
        """At once, if nothing was."""
        self.successResultOf(Deferred.fromCoroutine(self.turns.drain()))

    def test_drained_when_all_is_kept(self) -> None:
        """Also what is said while it waits."""
        self.submit("a")
        drained = Deferred.fromCoroutine(self.turns.drain())
        self.turn()
        self.submit("b")
        self.shelf.finishes()
        self.assertNoResult(drained)
        self.turn()
        self.shelf.finishes()
        self.successResultOf(drained)

    def test_drained_when_nothing_can_be_kept(self) -> None:
        """A full disk does not keep the server from closing."""
        self.submit("a")
        drained = Deferred.fromCoroutine(self.turns.drain())
        self.turn()
        self.shelf.fails()
        self.successResultOf(drained)


class SlowDiskTests(TurnsTestCase):
    """A disk that takes long, or never answers."""

    def setUp(self) -> None:
        """And what is logged."""
        super().setUp()
        self.logged: list[str] = []
        observer = cast(ILogObserver, lambda event: self.logged.append(formatEvent(event)))
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)

    def test_age(self) -> None:
        """It is that of the batch under way, and nothing between two batches."""
        self.assertEqual(0, self.turns.age())
        self.submit("a")
        self.turn()
        self.clock.advance(3)
        self.assertEqual(3, self.turns.age())
        self.submit("b")
        self.shelf.finishes()
        self.assertEqual(0, self.turns.age())
        self.turn()
        self.clock.advance(0.5)
        self.assertEqual(0.5, self.turns.age())

    def test_it_is_logged(self) -> None:
        """After a second, after twice as long, and so on; and that it is over."""
        self.submit("a")
        self.turn()
        for _ in range(8 * 17):
            self.clock.advance(0.125)
        self.assertEqual(5, len(self.logged), self.logged)
        self.assertIn("1 seconds ago", self.logged[0])
        self.assertIn("16 seconds ago", self.logged[-1])
        self.shelf.finishes()
        self.assertIn("after 17 seconds", self.logged[-1])

    def test_busy_disk_is_not_slow(self) -> None:
        """Batches that each take a while, one behind the other, are no news."""
        for _ in range(20):
            self.submit("a")
            self.turn()
            self.clock.advance(0.9)
            self.shelf.finishes()
        self.assertEqual([], self.logged)

    def test_many_batches_are_one_look(self) -> None:
        """However many batches are kept in a second, the watch sets up one look."""
        for _ in range(20):
            self.submit("a")
            self.turn()
            self.shelf.finishes()
        self.assertEqual(1, len(self.clock.getDelayedCalls()))

    def test_hangs_behind_batches_that_do_not(self) -> None:
        """A batch that hangs is logged after a second of its own, wherever the look of the ones before stands."""
        self.submit("a")
        self.turn()
        self.shelf.finishes()
        self.clock.advance(0.75)
        self.submit("b")
        self.turn()
        self.clock.advance(0.25)
        self.clock.advance(0.5)
        self.assertEqual([], self.logged)
        self.clock.advance(0.25)
        self.assertEqual(1, len(self.logged), self.logged)

    def test_nothing_waits_after_the_end(self) -> None:
        """A server that has stopped looks at nothing."""
        self.submit("a")
        self.turn()
        self.shelf.finishes()
        self.successResultOf(Deferred.fromCoroutine(self.turns.close(5)))
        self.assertEqual([], self.clock.getDelayedCalls())

    def test_nothing_waits_while_nothing_happens(self) -> None:
        """A server in which nobody talks looks once more, within a second, and then wakes up for nothing."""
        self.submit("a")
        self.turn()
        self.shelf.finishes()
        self.clock.advance(1)
        self.assertEqual([], self.clock.getDelayedCalls())


class CloseTests(TurnsTestCase):
    """The end of a server whose disk does not answer."""

    def test_all_is_kept(self) -> None:
        """When all is kept, nothing is left to say."""
        self.submit("a", "b")
        closing = Deferred.fromCoroutine(self.turns.close(5))
        self.turn()
        self.shelf.finishes()
        self.assertEqual([], self.successResultOf(closing))

    def test_what_is_not_kept_in_time(self) -> None:
        """It is given back, in order: what is under way, and what waited."""
        self.submit("a")
        self.turn()
        self.submit("b")
        closing = Deferred.fromCoroutine(self.turns.close(5))
        self.clock.advance(4)
        self.assertNoResult(closing)
        self.clock.advance(1)
        left = self.successResultOf(closing)
        self.assertEqual(["a", "b"], [event.text for event in left if isinstance(event, Said)])
        self.assertEqual("2 x said in lobby", summary(left))

    def test_what_must_be_is_tried_once_more(self) -> None:
        """What must be is tried once more and then given up, so that nobody waits for it."""
        owed = Deferred.fromCoroutine(self.turns.owe(said("must")))
        self.turn()
        closing = Deferred.fromCoroutine(self.turns.close(5))
        self.shelf.fails()
        self.failureResultOf(owed, NotKept)
        self.assertEqual(1, len(self.successResultOf(closing)))

    def test_summary_says_what_and_where(self) -> None:
        """The summary says what happened and where, and never what was said."""
        events = [said("secret"), said("secret"), Left(0.0, "attic", "bob"), Announced(0.0, SERVER, "x", text="secret")]
        self.assertEqual("2 x said in lobby, 1 x left in attic, 1 x announced", summary(events))
