"""
A PostgreSQL of this process, for its tests alone: in a folder of its own, on a socket, gone at the end.

Where PostgreSQL or psycopg is not installed, tests are skipped with a sentence; in CI, they fail.
"""

from __future__ import annotations

import atexit
import ctypes
import glob
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any
from unittest import SkipTest
from urllib.parse import quote

BINARIES = "/usr/lib/postgresql/*/bin"
"""Where Debian puts them."""

SETTINGS = ("wal_level=minimal", "max_wal_senders=0", "autovacuum=off")
"""So that it does no more than it is asked."""

SHARED = "chat"
"""The database that tests have one after the other."""

_numbers = itertools.count(1)


def lacking() -> str:
    """What is not installed, as a sentence; C{""}: nothing is missing."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed. Try: pip install 'chatroom[postgres]'"
    return "" if binaries() is not None else "PostgreSQL is not installed. Try: apt-get install postgresql"


def binaries() -> Path | None:
    """The newest PostgreSQL of this machine."""
    found = [Path(each) for each in glob.glob(BINARIES) if (Path(each) / "initdb").exists()]
    known = shutil.which("initdb")
    if known is not None:
        found.append(Path(known).parent)
    return max(found, key=_version, default=None)


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def skip_or_fail() -> None:
    """@raise SkipTest: it is not installed. @raise AssertionError: that, in CI."""
    missing = lacking()
    if missing:
        assert not os.environ.get("CI"), missing
        raise SkipTest(missing)


class OwnPostgres:
    """
    A cluster of databases, which runs until L{stop}.

    @ivar folder: its own; its socket is there.
    """

    def __init__(self, *settings: str, where: str | Path | None = None) -> None:
        """@param settings: C{name=value}, in the place of its own. @param where: the folder for its own."""
        found = binaries()
        assert found is not None
        self._bin = found
        self._user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        where = where or ("/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
        self.folder = Path(tempfile.mkdtemp(prefix="pg", dir=where))
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.make()
        self.start()

    def make(self) -> None:
        """Fill its folder, before its first start."""
        made = ["-A", "trust", "-U", "chat", "-E", "UTF8", "--locale=C", "--no-sync"]
        self.runs("initdb", "-D", str(self.folder / "data"), *made)

    def runs(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL's to its end. @raise subprocess.CalledProcessError: it failed."""
        subprocess.run([self._bin / program, *arguments], check=True, capture_output=True, preexec_fn=self._become)

    def start(self) -> None:
        """Let it run, and wait until it answers."""
        settings = [
            f"unix_socket_directories={self.folder}",
            "listen_addresses=",
            "shared_buffers=16MB",
            *self._settings,
        ]
        options = [word for each in settings for word in ("-c", each)]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.folder / "data", *options],
                stdout=log,
                stderr=log,
                preexec_fn=self._become,
            )
        end = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < end and self._process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.02)

    def _become(self) -> None:
        """In the child: no root, and an end with this process."""
        os.setpgid(0, 0)
        if self._user is not None:
            os.setgroups([])
            os.setgid(self._user.pw_gid)
            os.setuid(self._user.pw_uid)
            os.chdir("/")
        ctypes.CDLL(None).prctl(1, signal.SIGINT)

    def _answers(self) -> bool:
        import psycopg

        try:
            self.sql("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    @property
    def pid(self) -> int:
        """Of the first of its processes."""
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """How it is reached."""
        return f"postgresql://chat@/{database}?host={quote(str(self.folder), safe='')}"

    def sql(self, statement: str, *values: object, database: str = "postgres") -> list[Any]:
        """What another program reads and does; of rows with one value, the values."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            rows = cursor.fetchall() if cursor.description else []
        return [row[0] if len(row) == 1 else row for row in rows]

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Let it end; with C{SIGKILL}, all its processes at once."""
        if self._process is not None:
            if how == signal.SIGKILL:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Stop it, and leave nothing behind."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def postgres() -> OwnPostgres:
    """The one of this process, started when a test asks first."""
    skip_or_fail()
    made = OwnPostgres()
    atexit.register(made.remove)
    return made


@cache
def _shared() -> Any:
    """A connection to the database that tests have one after the other, which has the newest schema."""
    import psycopg

    from chatroom.backends.postgres.schema import steps

    postgres().sql(f"CREATE DATABASE {SHARED}")
    connection = psycopg.connect(postgres().url(SHARED), autocommit=True)
    connection.execute("CREATE TABLE schema_version (version integer NOT NULL)")
    connection.execute("INSERT INTO schema_version VALUES (%s)", (len(steps()),))
    for step in steps():
        connection.execute(step.encode())
    atexit.register(connection.close)
    return connection


_EMPTY = """
    DO $$
    DECLARE
        each text;
    BEGIN
        DROP FUNCTION IF EXISTS full_disk CASCADE;
        FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version' LOOP
            EXECUTE format('ALTER TABLE %I DISABLE TRIGGER ALL', each);
            EXECUTE format('DELETE FROM %I', each);
            EXECUTE format('ALTER TABLE %I ENABLE TRIGGER ALL', each);
        END LOOP;
        INSERT INTO server VALUES (0, 0);
        INSERT INTO indexed VALUES (0);
    END $$
"""


def empty_database() -> str:
    """The name of a database with the newest schema and nothing in it, which no backend uses."""
    _shared().execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'chatroom %'"
    )
    _shared().execute(_EMPTY)
    return SHARED


def sql(statement: str, *values: object) -> list[Any]:
    """What another program reads in that database, or does to it; of rows with one value, the values."""
    cursor = _shared().execute(statement.encode(), values or None)
    rows = cursor.fetchall() if cursor.description else []
    return [row[0] if len(row) == 1 else row for row in rows]


def new_database() -> str:
    """The name of a database with nothing in it, not even a schema."""
    name = f"new_{next(_numbers)}"
    postgres().sql(f"CREATE DATABASE {name}")
    return name
