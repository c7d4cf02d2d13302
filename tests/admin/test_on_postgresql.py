"""
C{chatroom-admin}'s words where the data is in PostgreSQL: they work with a daemon and without, or name what works.
"""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.admin.main import main
from chatroom.auth.passwords import Cost
from chatroom.daemon.options import Options
from tests.e2e import postgres as running


class OnPostgresqlTests(SynchronousTestCase):
    """A file of settings names the database; no daemon runs with it."""

    def setUp(self) -> None:
        """An empty database, and the file."""
        running.skip_or_fail()
        self.url = running.postgres().url(running.empty_database())
        folder = Path(self.mktemp())
        folder.mkdir()
        self.config = folder / "chatroom.ini"
        self.config.write_text(f"[chatroom]\nbackend = {self.url}\ndata = {folder}\n")
        self.patch(Options, "cost", lambda options: Cost(time=1, memory=8, parallelism=1))

    def admin(self, *words: str, typed: str = "") -> tuple[int, str]:
        """Exit status and what it wrote."""
        self.patch(sys, "stdin", io.StringIO(typed))
        written = io.StringIO()
        with redirect_stdout(written), redirect_stderr(written):
            status = main([*words, "--config", str(self.config)])
        return status, written.getvalue()

    def test_accounts(self) -> None:
        """An account that is made in a shell is in the database, and no node is left behind."""
        status, said = self.admin("accounts", "create", "Alice", typed="correct horse battery\n")
        self.assertEqual((0, "Account Alice created.\n"), (status, said))
        self.assertEqual(["alice"], running.sql("SELECT key FROM account"))
        self.assertIn("Alice", self.admin("accounts", "list")[1])
        self.assertEqual([], running.sql("SELECT name FROM node"))

    def test_space(self) -> None:
        """Unused space is given back by the database itself."""
        status, said = self.admin("vacuum")
        self.assertEqual(0, status, said)
        self.assertIn("bytes were given back", said)

    def test_what_postgresql_does_itself(self) -> None:
        """Copies are made and restored by PostgreSQL's own programs, and the sentence names the command."""
        for words, instead in (
            (("backup", "copy"), "pg_dump"),
            (("restore", "copy"), "pg_restore"),
            (("upgrade",), "kill -USR2"),
        ):
            status, said = self.admin(*words)
            self.assertEqual((1, 1), (status, said.count("\n")), said)
            self.assertIn(instead, said)
