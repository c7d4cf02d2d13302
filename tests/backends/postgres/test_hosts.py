"""
Several hosts are tried side by side: the one that can be used is used at once, whatever the others do.
"""

from __future__ import annotations

from psycopg import OperationalError
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.postgres.hosts import AGAIN, NEXT, Race

PATIENCE = 3.0


class RaceTests(SynchronousTestCase):
    """Three hosts, each of which answers when the test says so."""

    def setUp(self) -> None:
        """Nothing is tried yet."""
        self.clock = Clock()
        self.tried: list[int] = []
        self.under_way: dict[int, Deferred[str]] = {}
        self.refusing: set[int] = set()

    def begins(self, hosts: int = 3) -> Race[str]:
        """One round of tries."""
        return Race(self.clock, hosts, self.begin, self.give_up, PATIENCE)

    def begin(self, number: int) -> Deferred[str]:
        """Somebody connects to this host."""
        self.tried.append(number)
        done = self.under_way[number] = Deferred()
        if number in self.refusing:
            self.refuses(number)
        return done

    def give_up(self, number: int) -> None:
        """It is not wanted any more."""
        self.refuses(number)

    def refuses(self, number: int) -> None:
        """It is a standby, or nothing listens there."""
        self.under_way.pop(number).errback(OperationalError("session is read-only"))

    def accepts(self, number: int) -> None:
        """It is the primary."""
        self.under_way.pop(number).callback(f"host {number}")

    def test_first_one(self) -> None:
        """Where the first host can be used, no other is tried."""
        race = self.begins()
        self.accepts(0)
        self.assertEqual("host 0", self.successResultOf(race.result))
        self.assertEqual([0], self.tried)
        self.assertEqual([], self.clock.getDelayedCalls())

    def test_one_that_refuses(self) -> None:
        """The next one is tried at once."""
        self.refusing = {0}
        race = self.begins()
        self.accepts(1)
        self.assertEqual(("host 1", 1), (self.successResultOf(race.result), race.winner))

    def test_one_that_does_not_answer(self) -> None:
        """The next one is tried a moment later, and the first try is given up where that one can be used."""
        race = self.begins()
        self.clock.advance(NEXT)
        self.accepts(1)
        self.assertEqual("host 1", self.successResultOf(race.result))
        self.assertEqual({}, self.under_way)

    def test_standby_that_is_promoted_while_a_host_does_not_answer(self) -> None:
        """It is tried again and again, and used as soon as it accepts."""
        race = self.begins(2)
        self.clock.advance(NEXT)
        self.refuses(1)
        for _ in range(3):
            self.clock.advance(AGAIN)
            self.refuses(1)
        self.clock.advance(AGAIN)
        self.accepts(1)
        self.assertEqual("host 1", self.successResultOf(race.result))
        self.assertEqual([0, 1, 1, 1, 1, 1], self.tried)

    def test_slow_primary_beside_a_standby_that_answers_at_once(self) -> None:
        """It is waited for: what the standby says does not end the round."""
        race = self.begins(2)
        self.clock.advance(NEXT)
        self.refusing = {1}
        self.refuses(1)
        self.clock.pump([AGAIN] * 5)
        self.accepts(0)
        self.assertEqual("host 0", self.successResultOf(race.result))

    def test_all_refuse(self) -> None:
        """The round is over at once."""
        self.refusing = {0, 1, 2}
        self.failureResultOf(self.begins().result, OperationalError)
        self.assertEqual([], self.clock.getDelayedCalls())

    def test_none_answers(self) -> None:
        """After a while the round is over, and no try is left."""
        race = self.begins()
        self.clock.pump([NEXT] * 31)
        self.failureResultOf(race.result, OperationalError)
        self.assertEqual(({}, [0, 1, 2]), (self.under_way, self.tried))

    def test_bug(self) -> None:
        """Anything else than a refusal is raised, and no other host is tried."""
        race = self.begins()
        self.under_way.pop(0).errback(ZeroDivisionError())
        self.failureResultOf(race.result, ZeroDivisionError)
        self.assertEqual([0], self.tried)
