"""
A claim to a nickname whose answer is lost: whatever became of it, the nickname is not lost to everybody.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.postgres.errors import Unreachable
from chatroom.errors import NotKept
from tests.backends.postgres.on_one_database import OnOneDatabase


class LostAnswerTests(OnOneDatabase, SynchronousTestCase):
    """North claims alice for a guest, and the connection ends after the claim was made."""

    def setUp(self) -> None:
        """South is there as well."""
        super().setUp()
        self.south, _, _ = self.start("south")
        link = self.backend._links.side  # type: ignore[attr-defined]
        self.do = link.do
        self.is_away = True
        link.do = self.do_and_lose
        self.refused(self.backend.claim("alice", "guest"), NotKept)
        self.assertEqual(["alice"], self.sql("SELECT key FROM claim"))

    async def do_and_lose(self, work: Any, *values: Any) -> Any:
        """The database does it, and its answer is lost."""
        result = await self.do(work, *values)
        if self.is_away:
            raise Unreachable(sent=True)
        return result

    def is_back(self) -> None:
        """The database answers again."""
        self.is_away = False

    def test_nobody_wants_it_any_more(self) -> None:
        """It is free a moment after the database is back, for all nodes."""
        self.clock.advance(1)
        self.is_back()
        self.clock.advance(1)
        self.assertTrue(self.done(self.south.claim("alice", "other")))

    def test_asked_again(self) -> None:
        """The same guest has it, and no other on either node; it is not taken back."""
        self.is_back()
        self.assertTrue(self.done(self.backend.claim("alice", "guest")))
        self.clock.advance(2)
        for node in (self.backend, self.south):
            self.assertFalse(self.done(node.claim("alice", "other")))

    def test_another_guest_of_the_same_node(self) -> None:
        """They have it, and may give it back."""
        self.is_back()
        self.assertTrue(self.done(self.backend.claim("alice", "other")))
        self.assertFalse(self.done(self.south.claim("alice", "third")))
        self.assertTrue(self.done(self.backend.release("alice", "other")))

    def test_given_back(self) -> None:
        """It is free at once."""
        self.is_back()
        self.assertTrue(self.done(self.backend.release("alice", "guest")))
        self.assertTrue(self.done(self.south.claim("alice", "other")))

    def test_stopped(self) -> None:
        """Nothing goes on behind the end."""
        self.is_back()
        self.done(self.backend.stop())
        self.assertEqual([], self.sql("SELECT key FROM claim"))
