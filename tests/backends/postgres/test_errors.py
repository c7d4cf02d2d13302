"""
What people read when the database cannot save: a node has no disk of its own that messages are written to.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.errors import NotKept
from tests.backends.postgres.on_one_database import OnOneDatabase


class SentenceTests(OnOneDatabase, SynchronousTestCase):
    """Turns are asked of a database that fails."""

    def fails(self, state: str) -> str:
        """The sentence that is read when PostgreSQL answers a turn with this SQLSTATE."""

        async def fail(db: Any) -> None:
            await db.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$".encode())

        links = self.backend._links  # type: ignore[attr-defined]
        return self.refused(links.write.do(fail), NotKept)

    def test_cannot_write(self) -> None:
        """An error of its system, such as one of its disk, says that the database cannot save."""
        for state in ("58030", "XX001", "55000"):
            self.assertIn("The database cannot save anything", self.fails(state))

    def test_stops(self) -> None:
        """A database that shuts down says that it does not answer."""
        self.assertIn("The database does not answer", self.fails("57P01"))

    def test_full_disk(self) -> None:
        """A full disk is called so."""
        self.assertIn("disk is full", self.fails("53100"))
