"""
A process that lets another one go on as its node while the database fails: whichever of the two goes on misses nothing.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.postgres import node
from chatroom.backends.postgres.errors import Unreachable
from chatroom.errors import NotKept
from tests.backends.postgres.on_one_database import OnOneDatabase
from tests.backends.verbs import created, said


class LeavingTests(OnOneDatabase, SynchronousTestCase):
    """South hands over while north goes on. The database fails so many times when south lets go of it."""

    def setUp(self) -> None:
        """Both work."""
        super().setUp()
        self.keep(created())
        self.south, self.south_heard, _ = self.start("south")
        self.settle()
        self.south_heard.events.clear()
        self.failures: list[bool] = []

    def fails(self, *failures: bool) -> None:
        """South's connection is lost at each try to leave: before it is done, or after."""
        link = self.south._links.lease  # type: ignore[attr-defined]
        do, self.failures = link.do, list(failures)

        async def fail_to_leave(work: Any, *values: Any) -> Any:
            failure = self.failures.pop(0) if work is node.leave and self.failures else None
            if failure is not False:
                result = await do(work, *values)
            if failure is not None:
                raise Unreachable(sent=True)
            return result

        link.do = fail_to_leave

    def missed(self, backend: Any) -> list[str]:
        """What the node missed until it goes on with this process."""
        snapshot = self.done(backend.start("south", self.south_heard, takes_over=True))
        return [getattr(event, "text", "") for event in snapshot.missed]

    def test_fails_once(self) -> None:
        """It is tried again. The next process misses nothing, whether it was done at the first try or not."""
        for was_done in (False, True):
            self.fails(was_done)
            self.done(self.south.stop(handing_over=True))
            self.assertEqual([], self.failures)
            self.keep(said("meanwhile"))
            self.south = self.make_backend()
            self.assertEqual(["meanwhile"], self.missed(self.south))

    def test_fails_twice(self) -> None:
        """There is no hand-over, because the next process would not know what was told. This one goes on."""
        for was_done in (False, True):
            self.fails(was_done, was_done)
            self.refused(self.south.stop(handing_over=True), NotKept)
            self.keep(said("meanwhile"))
            self.assertEqual(["meanwhile"], self.missed(self.south))
            self.assertEqual([], self.south_heard.evictions)

    def test_fails_when_nobody_goes_on(self) -> None:
        """A process that ends for good ends all the same: the others find that it is gone."""
        self.fails(False, False)
        self.done(self.south.stop())
        self.assertEqual([], self.failures)

    def test_told_before_and_after(self) -> None:
        """A process that goes on itself tells once what it has missed. A later hand-over tells none of it again."""
        self.fails(False, False)
        self.refused(self.south.stop(handing_over=True), NotKept)
        self.keep(said("first"))
        self.assertEqual(["first"], self.missed(self.south))
        self.keep(said("told"))
        self.settle()
        self.done(self.south.stop(handing_over=True))
        self.keep(said("second"))
        self.assertEqual(["second"], self.missed(self.make_backend()))
