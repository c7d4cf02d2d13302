"""
Daemons that are there at once: copies of a twistd that has imported everything.

A start takes a processor for most of a second, to import what was imported a moment ago. Tests of what people do with
a daemon need none of that; those of a start, of an upgrade, of memory and of what a plugin imports start twistd itself.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from tests.e2e.daemon import Daemon, environment, until

PREPARED = Path(__file__).with_name("prepared") / "twistd.py"


class Original:
    """The process that is copied."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(PREPARED)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._lock = Lock()

    def asks(self, **wish: Any) -> Any:
        """A wish; its answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._lock:
            print(json.dumps(wish), file=self._process.stdin, flush=True)
            return json.loads(self._process.stdout.readline())


@cache
def original() -> Original:
    """The one of this process, which ends with it: it reads from us until then."""
    return Original()


class Copy:
    """
    A copy of it, as C{subprocess.Popen} has processes.

    @ivar pid: its process. @ivar returncode: its exit status, or minus its signal; C{None} while it runs.
    """

    def __init__(self, arguments: list[str], cwd: Path, environment: dict[str, str], log: Path) -> None:
        places = {"cwd": str(cwd.absolute()), "log": str(log.absolute())}  # it is in another folder than we are
        self.pid = int(original().asks(arguments=arguments, environment=environment, **places))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """See L{returncode}."""
        if self.returncode is None:
            self.returncode = original().asks(ended=self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """The same, when it has ended."""
        until("the end of twistd", lambda: self.poll() is not None, timeout)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Its number is nobody else's until L{poll} has said that it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


class QuickDaemon(Daemon):
    """The same as any, and there at once."""

    _process: Any

    def launch(self) -> None:
        """See L{Daemon.launch}."""
        self._log.write_bytes(b"")
        arguments = [*self.program(), "-n", "--pidfile=", "chatroom", "--port", str(self.port), *self._options]
        self._process = Copy(arguments, self.folder, self.environment(), self._log)
