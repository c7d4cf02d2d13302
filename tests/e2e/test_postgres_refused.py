"""
A real daemon on a PostgreSQL that would lose messages, or would not let it hear the others: it ends with one sentence.
"""

from __future__ import annotations

import atexit
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e import postgres as running
from tests.e2e.bouncer import Bouncer
from tests.e2e.daemon import Daemon, free_port, run
from tests.e2e.people import need

OLD = """
    CREATE SCHEMA old;
    CREATE FUNCTION old.current_setting(name text) RETURNS text LANGUAGE sql AS $$
        SELECT CASE name WHEN 'server_version_num' THEN '140012' WHEN 'server_version' THEN '14.12'
            ELSE pg_catalog.current_setting(name) END
    $$
"""
"""A server that says that it is PostgreSQL 14."""

Ended = subprocess.CompletedProcess[str]


def start(url: str) -> Ended:
    """A daemon that ends by itself."""
    folder = Path(mkdtemp(prefix="refused"))
    options = ["-n", "--pidfile=", "chatroom", "--port", str(free_port()), "--data", str(folder), "--backend", url]
    return run(*options, cwd=folder)


def bouncer(mode: str) -> Bouncer:
    """A PgBouncer that runs until the tests end."""
    made = Bouncer(running.postgres(), mode)
    atexit.register(made.stop)
    return made


def wrong_databases() -> dict[str, str]:
    """URLs of databases that are each wrong in one way."""
    postgres, unsafe = running.postgres(), running.OwnPostgres("fsync=off")
    atexit.register(unsafe.remove)
    commit, newer, old = (running.new_database() for _ in range(3))
    postgres.sql(f"ALTER DATABASE {commit} SET synchronous_commit = off")
    postgres.sql("CREATE TABLE schema_version (version integer NOT NULL)", database=newer)
    postgres.sql("INSERT INTO schema_version VALUES (999)", database=newer)
    postgres.sql(OLD, database=old)
    postgres.sql(f"ALTER DATABASE {old} SET search_path = old, pg_catalog, public")
    return {
        "fsync": unsafe.url(),
        "password": "postgresql://chat:secret@127.0.0.1:1/chat",
        "pool": bouncer("transaction").url(running.new_database()),
        "commit": postgres.url(commit),
        "newer": postgres.url(newer),
        "old": postgres.url(old),
    }


@cache
def ends() -> dict[str, Future[Ended]]:
    """How daemons on these end. They start at the same moment, so that the tests wait once."""
    urls = wrong_databases()
    pool = ThreadPoolExecutor(len(urls))
    ended = {name: pool.submit(start, url) for name, url in urls.items()}
    pool.shutdown(wait=False)
    return ended


class RefusedTests(SynchronousTestCase):
    """What a start says."""

    def setUp(self) -> None:
        """Where there is no PostgreSQL, nothing can be tested."""
        running.skip_or_fail()
        need("pgbouncer")

    def assert_refused(self, name: str, *words: str) -> None:
        """The daemon has ended with status 1, and said why in one sentence, with no traceback."""
        ended = ends()[name].result()
        self.assertEqual(1, ended.returncode, ended.stdout)
        self.assertNotIn("Traceback", ended.stdout)
        for word in words:
            self.assertEqual(1, ended.stdout.count(word), ended.stdout)

    def test_pool_of_connections(self) -> None:
        """Behind PgBouncer in transaction mode, a daemon would not hear the others."""
        self.assert_refused("pool", "PgBouncer in transaction mode", "Connect to PostgreSQL itself")

    def test_pool_of_sessions(self) -> None:
        """In session mode, PgBouncer gives each connection one of its own: the daemon starts."""
        url = bouncer("session").url(running.new_database())
        daemon = Daemon(Path(self.mktemp()).absolute(), "--backend", url)
        self.addCleanup(daemon.close)
        daemon.start()
        self.assertIn("has no synchronous standby", daemon.log)
        self.assertEqual(0, daemon.stop())

    def test_fsync_off(self) -> None:
        """A crash of the machine could lose the whole database."""
        self.assert_refused("fsync", "has fsync = off")

    def test_commits_that_wait_for_no_disk(self) -> None:
        """A crash would lose messages that people have read."""
        self.assert_refused("commit", "has synchronous_commit = off")

    def test_newer_tables(self) -> None:
        """A newer version of chatroom has changed them."""
        self.assert_refused("newer", "has version 999", "Start the newer chatroom")

    def test_old_server(self) -> None:
        """A PostgreSQL before 15 is named with its version."""
        self.assert_refused("old", "runs on PostgreSQL 14.12", "needs PostgreSQL 15 or later")

    def test_password(self) -> None:
        """It is not repeated in the sentence."""
        self.assert_refused("password", "--backend may not hold a password")
        self.assertNotIn("secret", ends()["password"].result().stdout)
