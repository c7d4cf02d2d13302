"""
What make chaos says beside a fault.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from tests.chaos.evidence import MOST, Timeline, tables


class TimelineTests(SynchronousTestCase):
    """People col and cole, and the node north."""

    def setUp(self) -> None:
        """Nothing has happened, and it is midnight."""
        self.clock = Clock()
        self.written: list[str] = []
        self.timeline = Timeline(self.clock.seconds, self.written.append)

    def said(self) -> list[str]:
        """What is said beside the faults, without the time."""
        return [line.partition(" ")[2] for line in self.timeline.about_faults(["col", "cole", "north"])]

    def test_what_concerns_a_person(self) -> None:
        """Lines about col are said, in their order, and those about others are not."""
        self.timeline.note("col has lost north")
        self.timeline.note("cole has lost south")
        self.timeline.note("col is there on south")
        self.timeline.fault("FAULT ghosts: the table of claims does not have col")
        expected = [
            "col has lost north",
            "col is there on south",
            "FAULT ghosts: the table of claims does not have col",
        ]
        self.assertEqual(expected, self.said())

    def test_only_the_last_of_many(self) -> None:
        """A person to whom much happened does not fill the screen."""
        for number in range(MOST + 5):
            self.timeline.note(f"col says {number}")
        self.timeline.fault("FAULT ghosts: col is gone")
        self.assertEqual(f"col says {5}", self.said()[0])
        self.assertEqual(MOST + 1, len(self.said()))

    def test_disturbances_of_the_seconds_before(self) -> None:
        """What was disturbed 20 seconds before the fault, or before the last that happened to col, is said."""
        self.timeline.disturbance("begin: earlier")
        self.clock.advance(21)
        self.timeline.disturbance("begin: an upgrade")
        self.clock.advance(15)
        self.timeline.note("col is there on south")
        self.clock.advance(30)
        self.timeline.disturbance("begin: between")
        self.clock.advance(21)
        self.timeline.disturbance("begin: a slow disk")
        self.timeline.fault("FAULT ghosts: the lobby does not have col")
        expected = ["begin: an upgrade", "col is there on south", "begin: a slow disk"]
        self.assertEqual(expected, self.said()[:-1])

    def test_fault_that_names_nobody(self) -> None:
        """It says all there is to say itself."""
        self.timeline.disturbance("begin: a slow disk")
        self.timeline.fault("FAULT holes: a number is missing")
        self.assertEqual([], self.said())

    def test_two_faults(self) -> None:
        """What concerns both is said once."""
        self.timeline.note("col has lost north")
        self.timeline.fault("FAULT ghosts: the lobby does not have col")
        self.timeline.fault("FAULT ghosts: the attic does not have col")
        self.assertEqual(1, self.said().count("col has lost north"))
        self.assertEqual(3, len(self.said()))

    def test_log_of_a_node(self) -> None:
        """What a daemon warned of stands where it happened; what it says of its start is left out."""
        self.timeline.note("col has lost north")
        self.clock.advance(5)
        self.timeline.fault("FAULT ghosts: the lobby does not have col")
        log = (
            "1970-01-01T00:00:02+0000 [chatroom.server.burial#warn] The node north was lost.\n"
            "1970-01-01T00:00:03+0000 [-] LineFactory starting on 1\n\tand more of it\n"
        )
        self.timeline.log("south", log)
        self.assertEqual(["col has lost north", "south logs: The node north was lost."], self.said()[:2])
        self.assertEqual(3, len(self.said()))

    def test_written_at_once(self) -> None:
        """All of it is in the file, with its time, also where a run is cut short."""
        self.clock.advance(61)
        self.timeline.note("col has lost north")
        self.assertEqual(["00:01:01.000000 col has lost north"], self.written)

    def test_tables(self) -> None:
        """The rows of each table stand in one line."""

        def sql(query: str) -> list[Any]:
            return [("col", "account:col"), ("ada", "guest")] if query.endswith("FROM claim") else []

        claims, held, *_ = tables(sql)
        self.assertEqual("claim (key, holder): ada guest; col account:col", claims)
        self.assertEqual("held (key, epoch): ", held)
