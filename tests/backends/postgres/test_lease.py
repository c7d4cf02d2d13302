"""
A node that is gone is noticed soon, one that is there is left alone, and a line waits for the database for a while.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends import refusals
from chatroom.backends.postgres import node
from chatroom.backends.postgres.errors import Unreachable
from chatroom.errors import NotKept
from chatroom.events import Said
from tests.backends.postgres.on_one_database import LONG, OnOneDatabase
from tests.backends.verbs import Recorder, said
from tests.chaos.finding import finds
from tests.chaos.planting import planted

SILENT = "UPDATE node SET beat = beat - make_interval(secs => 2) WHERE name = 'north'"
"""It has not beaten for two seconds, and has a lease for many more."""


class LeaseTests(OnOneDatabase, SynchronousTestCase):
    """South watches, north dies or does not."""

    def setUp(self) -> None:
        """North and south are there."""
        super().setUp()
        self.north: Any = self.backend
        self.south, self.south_heard, _ = self.start("south")

    def stands_still(self) -> None:
        """North does nothing more: it has no time."""
        self.backends.remove(self.north)
        self.north._lease.stop()
        self.sql(SILENT)

    def dies(self) -> None:
        """North's process ends: the kernel closes its connections."""
        self.stands_still()
        self.north._member.chores.stop()
        self.north._member.reader.stop()
        for link in self.north._links.all:
            link.cut()

    def test_process_that_ended(self) -> None:
        """It is buried after two seconds, long before its lease is over."""
        self.dies()
        self.settle()
        self.assertEqual(["north"], self.south_heard.nodes_lost)

    def test_nickname_of_a_process_that_ended(self) -> None:
        """It is taken until somebody has said goodbye for its people, and not only until the process is missed."""
        self.done(self.north.claim("alice", "guest"))
        self.dies()
        self.settle()
        self.assertFalse(self.done(self.south.claim("alice", "other")))
        self.done(self.south.release_lost("north"))
        self.assertTrue(self.done(self.south.claim("alice", "other")))

    def test_silence_that_is_not_long_enough_yet(self) -> None:
        """A node without a sign of life is buried as soon as it counts as dead, and not one beat later."""
        self.dies()
        self.sql("UPDATE node SET beat = clock_timestamp() - make_interval(secs => 1) WHERE name = 'north'")
        self.is_steady()
        self.clock.advance(1)
        self.assertEqual([], self.south_heard.nodes_lost)
        self.sql(SILENT)
        self.clock.advance(0.55)
        self.assertEqual(["north"], self.south_heard.nodes_lost)

    def test_lost_sign_of_life_is_shown_again_at_once(self) -> None:
        """North loses its connection and has a new one a moment later: nobody has to wait for its next beat."""
        self.clock.advance(1)
        link = self.north._links.lease
        link.cut()
        link.idle()  # as the reactor finds it
        self.clock.advance(0.2)
        self.assertTrue(link.there)
        self.sql(SILENT)
        self.stands_still()
        self.settle()
        self.assertEqual([], self.south_heard.nodes_lost)

    def test_answer_to_a_burial_is_lost(self) -> None:
        """The connection ends after south has become the executor: it finds that out, and says goodbye once."""
        self.dies()
        link = self.south._links.lease  # type: ignore[attr-defined]
        do, lost = link.do, list[object]()

        async def and_lose(work: Any, *values: Any) -> Any:
            result = await do(work, *values)
            if work.__name__ == "bury" and not lost:
                lost.append(result)
                raise Unreachable(sent=True)
            return result

        link.do = and_lose
        self.settle()
        self.assertEqual([1], [len(names) for names, _ in lost])  # type: ignore[misc,has-type]
        self.settle()
        self.assertEqual(["north"], self.south_heard.nodes_lost)

    def test_log_cannot_be_read_at_a_burial(self) -> None:
        """South cannot read what north has kept: it says goodbye as soon as it can, and once."""
        link = self.south._links.wake  # type: ignore[attr-defined]
        do = link.do

        async def fail(*_: Any) -> Any:
            raise Unreachable(sent=False)

        link.do = fail
        self.keep(said("last words"))
        self.dies()
        self.settle()
        self.assertEqual([], self.south_heard.nodes_lost)
        link.do = do
        self.settle()
        self.assertEqual(["last words"], [event.text for event in self.south_heard.events if isinstance(event, Said)])
        self.assertEqual(["north"], self.south_heard.nodes_lost)

    def test_process_that_stands_still(self) -> None:
        """It shows that it is there by its connection alone, and keeps its lease."""
        self.stands_still()
        self.settle()
        self.assertEqual([], self.south_heard.nodes_lost)
        self.sql("UPDATE node SET until = 'epoch' WHERE name = 'north'")
        self.settle()
        self.assertEqual(["north"], self.south_heard.nodes_lost)

    def test_process_that_hands_over(self) -> None:
        """It is gone, and another one is about to be this node."""
        self.backends.remove(self.north)
        self.done(self.north.stop(handing_over=True))
        self.sql(SILENT)
        self.settle()
        self.assertEqual([], self.south_heard.nodes_lost)
        _, _, state = self.start("north", takes_over=True)
        self.sql(SILENT)
        self.settle()
        self.assertEqual((["south"], []), (list(state.nodes), self.south_heard.nodes_lost))

    def test_process_that_ended_soon_after_it_took_over(self) -> None:
        """It is buried as soon as any other: once it goes on with its people, no other process can be this node."""
        self.backends.remove(self.north)
        self.done(self.north.stop(handing_over=True))
        self.north, _, _ = self.start("north", takes_over=True)
        self.done(self.north.claim_all({}))
        self.dies()
        self.settle()
        self.assertEqual(["north"], self.south_heard.nodes_lost)

    def test_database_that_restarts(self) -> None:
        """All have lost their connections: nobody is buried before each had time to connect again."""
        self.dies()
        self.south._links.lease.cut()  # type: ignore[attr-defined]
        for _ in range(3):
            self.clock.advance(1)
        self.settle_but_steady()
        self.assertEqual([], self.south_heard.nodes_lost)
        self.settle()
        self.assertEqual(["north"], self.south_heard.nodes_lost)

    def test_database_that_was_away_for_longer_than_the_lease(self) -> None:
        """All leases are over when it is back: nobody is buried, whichever node is back first."""
        away = "UPDATE node SET beat = beat - interval '1 hour', until = beat - interval '30 minutes'"
        both: list[Any] = [self.north, self.south]
        for each in both:
            each._links.lease.cut()
        self.sql(away)
        self.south._lease._begin()  # type: ignore[attr-defined]
        self.settle_but_steady()
        self.keep(said("still here"))
        self.assertEqual(([], []), (self.south_heard.nodes_lost, self.listener.nodes_lost))
        self.assertEqual(["north", "south"], sorted(self.sql("SELECT name FROM node WHERE until > clock_timestamp()")))

    def test_node_that_starts_after_the_database_was_away_for_longer_than_the_lease(self) -> None:
        """
        The others have not beaten yet, and are connected again: it does not take them for dead, also where the standby
        that was promoted had been started long before.
        """
        self.done(self.north.claim("alice", "guest"))
        self.sql("UPDATE node SET beat = beat - interval '1 hour', until = beat - interval '30 minutes'")
        east: Any = self.make_backend()
        east._length = 0.0  # so long ago was the start of PostgreSQL, for a node that looks back for one lease
        snapshot = self.done(east.start("east", Recorder()))
        self.assertEqual({"north", "south"}, set(snapshot.nodes))
        self.assertFalse(self.done(self.south.claim("alice", "other")))
        self.settle_but_steady()
        self.assertEqual(([], []), (self.listener.evictions, self.south_heard.evictions))
        self.keep(said("still here"))

    def test_node_that_starts_after_all_have_ended(self) -> None:
        """Nobody shows a sign of life, and all leases are over: it is the first, and may have the name of another."""
        self.done(self.north.claim("alice", "guest"))
        self.kill("north")
        self.kill("south")
        south, _, snapshot = self.start("south")
        self.assertEqual({}, dict(snapshot.nodes))
        self.assertTrue(self.done(south.claim("alice", "other")))

    def is_steady(self) -> None:
        """South has beaten for a whole lease."""
        self.south._lease._steady = -LONG  # type: ignore[attr-defined]

    def settle_but_steady(self) -> None:
        """Time passes, and no lease."""
        for _ in range(7):
            self.clock.advance(1)

    def test_connection_that_is_made_again(self) -> None:
        """It shows again that the process is there."""
        self.north._links.lease.cut()
        self.settle()
        self.sql(SILENT)
        self.stands_still()
        self.settle()
        self.assertEqual([], self.south_heard.nodes_lost)

    def unreachable(self) -> None:
        """North's connection for the lease cannot be made again."""

        async def fail(*_: Any) -> Any:
            raise Unreachable(sent=False)

        self.north._links.lease.do = fail

    def test_sleep_beyond_the_lease(self) -> None:
        """North stood still for longer than its lease and was not buried: it asks the database, and goes on."""
        self.clock.advance(LONG)
        self.assertEqual([], self.listener.evictions)
        self.keep(said("awake"))

    def test_sleep_beyond_the_lease_of_a_node_that_was_buried(self) -> None:
        """North stood still, and south has buried it: it is evicted before it does anything else."""
        self.stands_still()
        self.sql("UPDATE node SET until = 'epoch' WHERE name = 'north'")
        self.settle()
        self.backends.append(self.north)
        self.north._lease._stopped = False
        self.north._lease._begin()
        self.assertEqual([refusals.EVICTED], self.listener.evictions)

    def test_sleep_beyond_the_lease_without_a_database(self) -> None:
        """North stood still for longer than its lease, and cannot ask: its own clock says that it is over."""
        self.unreachable()
        self.clock.advance(LONG)
        self.assertEqual([refusals.EVICTED], self.listener.evictions)
        self.refused(self.backend.keep([said()]), NotKept)

    def test_database_that_is_away_for_longer_than_the_lease(self) -> None:
        """North was awake all the time: it is not evicted, as everybody would be."""
        self.unreachable()
        for _ in range(int(2 * LONG / 50)):
            self.clock.advance(50)
        self.assertEqual([], self.listener.evictions)


class PlantedTests(SynchronousTestCase):
    """A fault that C{make chaos} can plant is found by these tests too."""

    def test_names_that_are_free_early(self) -> None:
        """The nicknames of a silent node are free before the goodbye."""
        made = partial(LeaseTests, "test_nickname_of_a_process_that_ended")
        self.assertTrue(finds(made, planted.early_names, node, "next_burial"))


class PatienceTests(OnOneDatabase, SynchronousTestCase):
    """No server answers."""

    def setUp(self) -> None:
        """North is there, and the server is not."""
        super().setUp()
        north: Any = self.backend
        self.link = north._links.write
        self.conninfo, self.link._conninfo = self.link._conninfo, "host=/nowhere dbname=chat"
        self.link.cut()

    def keeping(self, text: str) -> Deferred[Any]:
        """A line that is on its way."""
        return Deferred.fromCoroutine(self.backend.keep([said(text)]))

    def passes(self, seconds: int) -> None:
        """Time, in small steps."""
        for _ in range(seconds * 5):
            self.clock.advance(0.2)

    def test_it_comes_back(self) -> None:
        """A line that waits is kept when the server is back."""
        keeping = self.keeping("hello")
        self.passes(20)
        self.assertNoResult(keeping)
        self.link._conninfo = self.conninfo
        self.passes(1)
        self.assertEqual([True], list(self.successResultOf(keeping)))

    def test_it_does_not(self) -> None:
        """After thirty seconds the line is refused; the next ones after one try; and all is well when it is back."""
        keeping = self.keeping("hello")
        self.passes(29)
        self.assertNoResult(keeping)
        self.passes(5)
        self.assertIn("The database does not answer", str(self.failureResultOf(keeping, NotKept).value))
        keeping = self.keeping("hello again")
        self.passes(3)
        self.failureResultOf(keeping, NotKept)
        self.link._conninfo = self.conninfo
        self.keep(said("well"))
        self.assertEqual(["well"], [getattr(event, "text", "") for event in self.history()])
