"""
The daemons of a cluster, started again when they end, as a supervisor does.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from tests.chaos.wires import Wires
from tests.e2e.daemon import ROOT, environment, free_port, twistd

OPTIONS = [
    *("--talk-rate", "off", "--max-per-address", "off", "--new-per-minute", "off", "--signups-per-address", "off"),
    *("--argon2-memory", "8", "--argon2-time", "1", "--argon2-parallelism", "1", "--rooms-per-person", "1000"),
    *("--login-tries", "1000", "--login-tries-per-address", "100000", "--work-rate", "off"),
]
"""One crowd at one address does in a second what many people do in an hour."""

READY = "Will wait for client messages"

FENCED = 3
"""The exit status of a node that the others have taken for lost."""

PLANTS = Path(__file__).parent / "planting"
"""The folder of C{sitecustomize}, which plants a fault in a daemon."""

_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36
"""Of prctl(2)."""

STARTING = 240.0
"""Seconds that a start may take before it is a fault."""


class Node:
    """
    One daemon, over all its starts.

    @ivar wanted: it is started again when it ends.
    @ivar ends: with which status it has ended by itself, each time.
    @ivar upgrades: how often it was handed to another process.
    """

    def __init__(self, reactor: IReactorTime, name: str, folder: Path, wires: Wires, plant: str = "") -> None:
        """@param plant: a fault to plant in it: see planting/."""
        self.name = name
        self.wires = wires
        self.port, self.web = free_port(), free_port()
        self.wanted = False
        self.ends: list[int] = []
        self.upgrades = 0
        self._reactor = reactor
        self._plant = plant
        self._folder = folder / name
        self._folder.mkdir(parents=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._successor = 0
        self._pidfile = self._folder / "twistd.pid"
        self._log = self._folder / "output.log"
        self._from = 0
        self._clock = self._folder / "clock"
        self.step_clock(0.0)

    @property
    def log(self) -> str:
        """All it has written since the beginning."""
        return self._log.read_text(errors="replace")

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._status() is None

    @property
    def is_ready(self) -> bool:
        """Whether it has said, since its last start, that it waits for people."""
        return self.is_alive and READY in self.log[self._from :]

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        self.wanted = True
        self._successor = 0
        self._pidfile.unlink(missing_ok=True)
        self._from = len(self.log) if self._log.exists() else 0
        ports = [f"tcp:{port}:interface={self.wires.host}" for port in (self.port, self.web)]
        where = ["--backend", self.wires.url, "--node", self.name, "--data", str(self._folder)]
        twisted = [twistd(), "-n", f"--pidfile={self._pidfile}"]
        command = [*twisted, "chatroom", "--port", ports[0], "--web", ports[1], *where, *OPTIONS]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.wires.within, *command],
                cwd=self._folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_end_with_parent,
            )

    def _environment(self) -> dict[str, str]:
        made = environment()
        made.pop("PYTHONDONTWRITEBYTECODE", None)  # else each start takes twice as long
        path = f"{PLANTS}{os.pathsep}{ROOT}"
        return {**made, "PYTHONPATH": path, "CHATROOM_PLANT": self._plant, "CHATROOM_CLOCK": str(self._clock)}

    def _status(self) -> int | None:
        """With which status it has ended; C{None}: it runs."""
        assert self._process is not None
        if not self._successor:
            status = self._process.poll()
            if status != 0 or not self.was_upgraded():
                return status
        try:
            pid, ended = os.waitpid(self._successor, os.WNOHANG)
        except ChildProcessError:  # its parent, the process before it, has not ended yet
            return None if os.path.exists(f"/proc/{self._successor}") else 0
        if not pid:
            return None
        status = os.waitstatus_to_exitcode(ended)
        return None if status == 0 and self.was_upgraded() else status

    def was_upgraded(self) -> bool:
        """Whether another process has taken over since this was asked last."""
        try:
            pid = int(self._pidfile.read_text())
        except (OSError, ValueError):
            return False
        assert self._process is not None
        if pid in (self._successor or self._process.pid, 0) or not os.path.exists(f"/proc/{pid}"):
            return False
        self._successor = pid
        self.upgrades += 1
        return True

    async def ready(self) -> None:
        """@raise AssertionError: it does not start."""
        end = self._reactor.seconds() + STARTING
        while not self.is_ready:
            assert self._reactor.seconds() < end, f"{self.name} does not start: {self.log[-3000:]}"
            self.look_after()
            await deferLater(self._reactor, 0.1)

    def look_after(self) -> None:
        """Start it again if it has ended by itself."""
        if self.wanted and self._process is not None:
            status = self._status()
            if status is not None:
                self.ends.append(status)
                self.launch()

    def signals(self, number: signal.Signals) -> None:
        """Its process, if it runs."""
        if self._process is not None and self.is_alive:
            with suppress(ProcessLookupError):
                os.kill(self._successor or self._process.pid, number)

    def kill(self) -> None:
        """End it without a chance to say anything, and do not start it again."""
        self.wanted = False
        self.signals(signal.SIGKILL)
        while self.is_alive:
            time.sleep(0.001)

    def stop(self) -> None:
        """Ask it to stop, and do not start it again."""
        self.wanted = False
        self.signals(signal.SIGTERM)

    def upgrade(self) -> int:
        """As an administrator does it, which takes a while. @return: the exit status: 0 if another process has it."""
        command = [str(Path(twistd()).parent / "chatroom-admin"), "upgrade", "--data", str(self._folder)]
        return subprocess.run(command, env=environment(), capture_output=True, check=False).returncode

    def step_clock(self, ahead: float) -> None:
        """Let its wall clock be so many seconds ahead from now on."""
        if not self._clock.exists():
            self._clock.write_bytes(bytes(8))
        with self._clock.open("r+b") as file:
            file.write(struct.pack("d", ahead))


def adopt_orphans() -> None:
    """Let a process whose parent ends be a child of this one, so that its status can be asked for."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1)


def _end_with_parent() -> None:
    """In the child: end when the harness ends, whatever ends it."""
    ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL)
