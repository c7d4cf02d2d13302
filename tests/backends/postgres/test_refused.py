"""
A PostgreSQL on which a server of several daemons would lose what was said is refused at the start, with a sentence.
"""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.errors import Refused
from tests.backends.postgres.on_one_database import OnOneDatabase
from tests.backends.verbs import NOON, Recorder
from tests.backends.workers import AtOnce
from tests.e2e import postgres as running


class RefusedTests(OnOneDatabase, SynchronousTestCase):
    """What a start says."""

    def why(self, *settings: str) -> str:
        """The sentence, where the database has these settings."""
        for each in settings:
            self.sql(f"ALTER DATABASE {self.database} SET {each}")
        self.addCleanup(self.sql, f"ALTER DATABASE {self.database} RESET ALL")
        return self.refused(self.make_backend().start("south", Recorder()), Refused)

    def test_commits_that_wait_for_no_disk(self) -> None:
        """With synchronous_commit = off, a crash loses lines that people have read."""
        self.assertIn("synchronous_commit = off", self.why("synchronous_commit = off"))

    def test_newer_schema(self) -> None:
        """A database that a newer version has made is left alone."""
        self.sql("UPDATE schema_version SET version = version + 1")
        self.addCleanup(self.sql, "UPDATE schema_version SET version = version - 1")
        self.assertIn("knows versions up to", self.why())

    def test_password(self) -> None:
        """A password in the URL is shown by ps to every user of the machine."""
        from chatroom.backends.postgres.backend import PostgresBackend

        for url in ("postgresql://chat:secret@localhost/chat", "postgresql://localhost/chat?password=secret"):
            refusal = self.assertRaises(Refused, PostgresBackend, url, Clock(), lambda: NOON, worker=AtOnce)
            self.assertIn("~/.pgpass", refusal.sentence)
            self.assertNotIn("secret", refusal.sentence)

    def test_nobody_there(self) -> None:
        """Where no PostgreSQL answers, the sentence says which one, and shows no user."""
        from chatroom.backends.postgres.backend import PostgresBackend

        url = "postgresql://chat@127.0.0.1:1/chat"
        backend = PostgresBackend(url, Clock(), lambda: NOON, worker=AtOnce)
        sentence = self.refused(backend.start("south", Recorder()), Refused)
        self.assertTrue(sentence.startswith("The database postgresql://127.0.0.1:1/chat cannot be used: "), sentence)

    def test_pool_of_connections(self) -> None:
        """Behind PgBouncer in transaction mode, no notification arrives: the start says so."""
        from chatroom.backends.postgres import server

        refusal = self.assertRaises(Refused, server.check_is_direct, "postgresql://db/chat", False)
        self.assertIn("PgBouncer", refusal.sentence)
        server.check_is_direct("postgresql://db/chat", True)


class UnsafeServerTests(SynchronousTestCase):
    """A whole PostgreSQL that is set so that a crash loses all."""

    def test_fsync_off(self) -> None:
        """With fsync = off, a crash can lose the whole database."""
        running.skip_or_fail()
        from chatroom.backends.postgres.driver import run_at_once
        from chatroom.backends.postgres.server import check

        unsafe = running.OwnPostgres("fsync=off")
        self.addCleanup(unsafe.remove)
        url = unsafe.url()
        refusal = self.assertRaises(Refused, run_at_once, url, lambda db: check(db, url))
        self.assertIn("fsync = off", refusal.sentence)
