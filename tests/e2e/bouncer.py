"""
A real PgBouncer in front of a PostgreSQL, in a folder of its own, gone at the end.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from tests.e2e.postgres import OwnPostgres

CONFIG = """
[databases]
* = host={postgres} user=chat

[pgbouncer]
listen_port = 6432
unix_socket_dir = {folder}
auth_type = any
pool_mode = {mode}
ignore_startup_parameters = extra_float_digits
"""


class Bouncer:
    """Runs until L{stop}."""

    def __init__(self, database: OwnPostgres, mode: str) -> None:
        """@param mode: C{transaction} or C{session}."""
        self._folder = Path(tempfile.mkdtemp(prefix="bouncer"))
        (self._folder / "pgbouncer.ini").write_text(
            CONFIG.format(postgres=database.folder, folder=self._folder, mode=mode)
        )
        self._user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        with open(self._folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", self._folder / "pgbouncer.ini"],
                stdout=log,
                stderr=log,
                preexec_fn=self._become,
            )
        end = time.monotonic() + 30
        while not (self._folder / ".s.PGSQL.6432").exists():
            assert time.monotonic() < end and self._process.poll() is None, (self._folder / "log").read_text()
            time.sleep(0.02)

    def _become(self) -> None:
        """In the child: it does not run as root."""
        if self._user is not None:
            os.setgroups([])
            os.setgid(self._user.pw_gid)
            os.setuid(self._user.pw_uid)
            os.chdir("/")

    def url(self, database: str) -> str:
        """How a database is reached through it."""
        return f"postgresql://chat@/{database}?host={quote(str(self._folder), safe='')}&port=6432"

    def stop(self) -> None:
        """Leave nothing behind."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
