"""
One server under test: started in a folder of its own on a processor of its own, frozen while others are measured.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import procfs
from benchmarks.servers import Chatroom, Server, account

PATIENCE = 30.0
"""Seconds that a server may take to start, or to stop."""

FLAT = 0.4
"""Seconds without processor time after which a server is taken to have nothing to do."""


class CannotStart(Exception):
    """A server did not come up; what it said is in the sentence."""


def open_files(most: int) -> None:
    """
    Let this process and those it starts have so many connections.

    @raise SystemExit: they may not.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(most, hard), max(most, hard)))
    except (ValueError, OSError):
        if hard < most:
            raise SystemExit(f"This needs {most} open files; the limit is {hard} (ulimit -n).") from None
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started here runs on this processor only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


class Running:
    """
    A server that has been started and lets people in.

    @ivar idle_memory: bytes it occupied when nobody had come yet.
    """

    def __init__(self, server: Server, port: int, core: int) -> None:
        """@raise CannotStart:"""
        self.server = server
        self.port = port
        self._folder = Path(tempfile.mkdtemp(prefix="chatroom-bench-"))
        command = server.command(self._folder, port)
        user, group = (None if isinstance(server, Chatroom) else account()) or (None, None)
        if user is not None:
            for each in (self._folder, *self._folder.iterdir()):
                shutil.chown(each, user, group)
        with on_core(core), (self._folder / "output").open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=self._folder,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            self._await()
            self.rest()
        except BaseException:
            self.close()
            raise
        self.idle_memory = self.memory()

    def _await(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        said = (self._folder / "output").read_text(errors="replace").strip()
        raise CannotStart(f"{self.server.name} did not start: {said[-800:]}")

    def cpu(self) -> float:
        """Seconds of processor time it has taken."""
        return procfs.cpu(self._process.pid)

    def memory(self) -> int:
        """Bytes it occupies."""
        return procfs.resident(self._process.pid)

    def rest(self, most: float = 10.0) -> None:
        """Wait until it has nothing to do."""
        deadline = time.monotonic() + most
        before = -1.0
        while (now := self.cpu()) != before and time.monotonic() < deadline:
            before = now
            time.sleep(FLAT)

    def freeze(self) -> None:
        """It does nothing at all until it is thawed."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for pid in procfs.family(self._process.pid):
            os.kill(pid, number)

    def close(self) -> None:
        """End it, and remove its folder."""
        if self._process.poll() is None:
            self.thaw()
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
