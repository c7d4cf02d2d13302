"""
A real twistd in a folder of its own, to be started, watched, stopped and killed.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from tests.patience import PATIENCE as PATIENCE

ROOT = Path(__file__).resolve().parent.parent.parent

FOR_SERVERS = range(10_000, 32_768)
"""Ports above those with a meaning and below those for clients, on Linux (ip_local_port_range)."""

T = TypeVar("T")


def until(what: str, happens: Callable[[], T], seconds: float = PATIENCE) -> T:
    """
    Ask again and again, until the answer is true.

    @param what: what is waited for, as the end of a sentence.
    @return: that answer.
    @raise AssertionError: it was not within so many seconds.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = happens()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds:.0f} seconds for {what}.")
        time.sleep(0.02)


def free_port() -> int:
    """
    A TCP port nobody listens at, at the moment; none of those that the system gives to clients, of which there may be
    thousands, and which one of them could have before we do.
    """
    while True:
        port = secrets.choice(FOR_SERVERS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def twistd() -> str:
    """The twistd of the Python that runs the tests."""
    return str(Path(sys.executable).with_name("twistd"))


def environment() -> dict[str, str]:
    """What the daemon is started with: this checkout's plugins, whether or not it is installed."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def run(*arguments: str, cwd: Path, seconds: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    """twistd with these arguments, for runs that end by themselves."""
    return subprocess.run(
        [twistd(), *arguments],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )


class Daemon:
    """
    C{twistd -n chatroom}, with its data in its folder. It can be started again after it has ended.

    @ivar folder: where it runs.
    @ivar port: where it listens; the same at every start.
    """

    def __init__(self, folder: Path, *options: str, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "output.log"
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def log(self) -> str:
        """All it has written since it was last started."""
        return self._log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and return when it says that it waits for people."""
        self.launch()
        self.logs(f"Will wait for client messages at port {self.port}")

    def launch(self) -> None:
        """Start it, and do not wait for anything."""
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*self.program(), "-n", "--pidfile=", "chatroom", "--port", str(self.port), *self._options],
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def program(self) -> list[str]:
        """What is run: C{twistd}, without its arguments."""
        return [twistd()]

    def environment(self) -> dict[str, str]:
        """What it is started with."""
        return environment()

    def logs(self, text: str) -> None:
        """Wait until this stands in its log."""

        def there() -> bool:
            if text in self.log:
                return True
            if self._process is not None and self._process.poll() is not None:
                raise AssertionError(f"twistd ended with {self._process.returncode}:\n{self.log}")
            return False

        until(f"{text!r} in the log of twistd", there)

    def stop(self) -> int:
        """Ask it to stop; its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a chance to say or save anything."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        """For the end of a test: it must not outlive it."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process is not None and self._process.poll() is None

    def memory(self) -> int:
        """Bytes of memory it occupies now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"^VmRSS:\s*(\d+) kB$", status, re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024
