"""
Two PostgreSQL, a primary and its synchronous standby, and what an operator's script does when the primary dies.

Everything here blocks, and is called in threads. It knows nothing of chatroom.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.e2e.daemon import free_port
from tests.e2e.postgres import OwnPostgres

SETTINGS = (
    "wal_level=replica",
    "max_wal_senders=5",
    "wal_log_hints=on",
    "wal_keep_size=256MB",
    "max_connections=80",
    "wal_receiver_timeout=3s",
    "wal_sender_timeout=3s",
    "wal_retrieve_retry_interval=200ms",
)
"""As an operator would have them, with less patience."""

PATIENCE = 60.0
"""Seconds after which a PostgreSQL should have done what it was asked for."""


def until(what: str, happens: Callable[[], object], seconds: float = PATIENCE) -> None:
    """@raise AssertionError: it has not happened within so many seconds."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, f"Waited {seconds:.0f} seconds for {what}."
        time.sleep(0.02)


class Database(OwnPostgres):
    """
    One PostgreSQL, on a port of 127.0.0.1.

    @ivar name: C{first} or C{second}: what its standby calls itself.
    """

    def __init__(self, name: str, copied_from: Database | None = None) -> None:
        """@param copied_from: it is the standby of this one."""
        self.name = name
        self.port = free_port()
        self._primary = copied_from
        super().__init__(f"port={self.port}", "listen_addresses=127.0.0.1", *SETTINGS)

    def url(self, database: str = "postgres") -> str:
        """By TCP."""
        return f"postgresql://chat@127.0.0.1:{self.port}/{database}?connect_timeout=5"

    def make(self) -> None:
        """A new one, or a copy of its primary."""
        if self._primary is None:
            super().make()
        else:
            self._copy(self._primary)

    def _copy(self, primary: Database) -> None:
        """Become a standby of another one, with a copy of all it has."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        whence = f"host=127.0.0.1 port={primary.port} user=chat application_name={self.name}"
        where = ["-D", str(self.folder / "data"), "-d", whence]
        self.runs("pg_basebackup", *where, "-X", "stream", "-R", "-c", "fast", "--no-sync")

    def _rewind(self, primary: Database) -> None:
        """The same, with a copy of what is not the same. @raise subprocess.CalledProcessError: that cannot be done."""
        whence = f"host=127.0.0.1 port={primary.port} user=chat dbname=postgres"
        self.runs("pg_rewind", "-D", str(self.folder / "data"), "--source-server", whence, "-R", "--no-sync")
        with open(self.folder / "data" / "postgresql.auto.conf", "a") as settings:
            settings.write(f"primary_conninfo = '{whence} application_name={self.name}'\n")

    def follow(self, primary: Database, rewind: bool) -> bool:
        """
        Start as a standby of another one.

        @param rewind: try that first. @return: whether it was enough.
        """
        rewound = False
        if rewind:
            with suppress(subprocess.CalledProcessError):
                self._rewind(primary)
                rewound = True
        if not rewound:
            self._copy(primary)
        self.start()
        return rewound

    def set(self, name: str, value: str) -> None:
        """Change a setting while it runs."""
        self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.sql("SELECT pg_reload_conf()")

    @property
    def runs_now(self) -> bool:
        """Whether it was started, and not stopped."""
        return self._process is not None

    def processes(self) -> list[int]:
        """Of its postmaster, which is the first, and all that it has started."""
        assert self._process is not None
        found = [self._process.pid]
        for status in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if int(status.read_text().rpartition(")")[2].split()[1]) == found[0]:
                    found.append(int(status.parent.name))
        return found

    def kill(self) -> None:
        """All its processes end at once, as when its machine loses power."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        for pid in reversed(self.processes()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        until("the end of its processes", lambda: not any(_is_of(pid, self.folder) for pid in _all()))

    def signals(self, number: signal.Signals, only: str = "") -> None:
        """@param only: send it to those of its processes whose title has this."""
        for pid in self.processes():
            with suppress(OSError):
                if only in Path(f"/proc/{pid}/cmdline").read_text():
                    os.kill(pid, number)


def _all() -> list[int]:
    return [int(each.name) for each in Path("/proc").glob("[0-9]*")]


def _is_of(pid: int, folder: Path) -> bool:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == folder / "data"
    except OSError:
        return False


class Pair:
    """
    A primary and a synchronous standby, which change places.

    @ivar primary: the one that writes.
    """

    def __init__(self) -> None:
        """Make both, and wait until the standby is synchronous."""
        self.primary = Database("first")
        self.standby = Database("second", self.primary)
        self.both = (self.primary, self.standby)
        self.primary.sql("CREATE DATABASE chat")
        self.make_synchronous()

    def make_synchronous(self) -> None:
        """From now on, what is acknowledged is on both."""
        until("the standby", lambda: self._behind() == 0)
        self.primary.set("synchronous_standby_names", "*")
        until("a synchronous standby", self.is_synchronous)
        time.sleep(0.5)  # until each connection has read the setting

    def _behind(self) -> int | None:
        query = (
            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(flush_lsn, '0/0'))::bigint FROM pg_stat_replication"
        )
        found = self.primary.sql(f"{query} WHERE state = 'streaming'")
        return None if not found else max(0, int(found[0]) - 100_000)

    def is_synchronous(self) -> bool:
        """Whether what is acknowledged is on both."""
        return self.primary.sql("SELECT sync_state FROM pg_stat_replication") == ["sync"]

    def promote(self) -> float:
        """
        The primary is dead: let the standby take its place, and wait for no standby until there is one again, as
        pg_auto_failover does. @return: seconds it took.
        """
        began = time.monotonic()
        self.primary, self.standby = self.standby, self.primary
        with open(self.primary.folder / "data" / "postgresql.auto.conf", "a") as settings:
            settings.write("synchronous_standby_names = ''\n")
        self.primary.sql("SELECT pg_reload_conf()")
        self.primary.sql("SELECT pg_promote(true, 60)")
        self.primary.sql("SELECT pg_current_xact_id()")  # a commit, which may wait until the setting is read
        return time.monotonic() - began

    def rebuild(self, rewind: bool) -> bool:
        """Let the former primary follow the new one, synchronously. @return: whether rewinding was enough."""
        rewound = self.standby.follow(self.primary, rewind)
        self.make_synchronous()
        return rewound

    def remove(self) -> None:
        """Stop both, and leave nothing behind."""
        for database in self.both:
            if database.runs_now:
                database.signals(signal.SIGCONT)
            database.remove()
