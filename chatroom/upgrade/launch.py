"""
Starting the new process: as this one was started, but in the foreground, where the old one sees what becomes of it.

It knows twistd's command line and the environment, and how to read what a process says before it fails.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

log = Logger()

VARIABLE = "CHATROOM_HANDOVER"
"""In the environment of the new process: the number of its end of the channel."""

_DESCRIPTOR = 3
"""That number."""

_MEANT_FOR_US = ("WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
"""What systemd says to one process alone. The new one has the watchdog, and gets the ports from us."""

_TAIL = 4000
"""Characters of what the new process says that are kept."""

LOG_FILE = "twistd.log"
"""What twistd calls it where nobody does."""


class NotStarted(Exception):
    """There is no way to start this program again; the sentence says why."""


class Start:
    """
    How this process was started.

    @ivar folder: in which.
    """

    def __init__(self, command: Sequence[str], words: Sequence[str], folder: str, parent: Mapping[str, Any]) -> None:
        """
        @param command: the whole command line, with the interpreter: C{sys.orig_argv}.
        @param words: its end, behind the word C{chatroom}.
        @param parent: twistd's own options.
        """
        self._command = list(command)
        self._words = list(words)
        self._parent = parent
        self.folder = folder

    def again(self) -> list[str]:
        """
        The same command line for a process that stays in the foreground and leaves our pidfile alone.

        @raise NotStarted:
        """
        at = len(self._command) - len(self._words) - 1
        if at < 2 or self._command[at + 1 :] != self._words or "pidfile" not in self._parent:
            raise NotStarted("This process was not started by twistd, so it cannot be started again.")
        if self._parent.get("chroot"):
            raise NotStarted("From within --chroot, the program cannot be started again.")
        if os.getpid() == 1:
            raise NotStarted("This is the first process of a container, which ends with it. Start another container.")
        more = ["--nodaemon", "--pidfile="]
        if not (self._parent.get("nodaemon") or self._parent.get("logfile") or self._parent.get("syslog")):
            more.append(f"--logfile={LOG_FILE}")
        return [sys.executable, *self._command[1:at], *more, *self._command[at:]]

    def environment(self) -> dict[str, str]:
        """Ours, and where the channel is."""
        kept = {name: value for name, value in os.environ.items() if name not in _MEANT_FOR_US}
        return {**kept, VARIABLE: str(_DESCRIPTOR)}

    def launch(self, reactor: Any, theirs: socket.socket) -> Child:
        """
        Start it.

        @raise NotStarted: @raise OSError:
        """
        command, child = self.again(), Child()
        descriptors = {0: 0, 1: "r", 2: "r", _DESCRIPTOR: theirs.fileno()}
        reactor.spawnProcess(child, command[0], command, self.environment(), self.folder, childFDs=descriptors)
        return child


class Child(ProcessProtocol):
    """
    The new process, as its parent sees it.

    @ivar ended: fires when it has ended.
    """

    def __init__(self) -> None:
        self.ended: Deferred[None] = Deferred()
        self._said = ""

    @property
    def pid(self) -> int:
        """Its number."""
        assert self.transport is not None
        number: int = self.transport.pid or 0
        return number

    def childDataReceived(self, childFD: int, data: bytes) -> None:  # noqa: N802, N803 Twisted's
        """What it says before it has taken over; it is our own output as well."""
        self._said = (self._said + data.decode(errors="replace"))[-_TAIL:]
        with suppress(OSError):  # nobody reads it, or nobody can at the moment
            os.write(childFD, data)

    def processEnded(self, reason: Failure) -> None:  # noqa: N802 Twisted's
        """It is over."""
        number = getattr(reason.value, "signal", None)
        if number is not None:
            self._said += f"\nIt was ended by signal {number}."
        self.ended.callback(None)

    def last_words(self) -> str:
        """The last line that it said, which for Python is what was wrong; or C{""}."""
        lines = [line for line in self._said.splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""

    def all_words(self) -> str:
        """The end of all that it said."""
        return self._said

    async def kill(self) -> None:
        """End it, and wait for that: then it holds nothing any more."""
        assert self.transport is not None
        with suppress(ProcessExitedAlready):
            self.transport.signalProcess("KILL")
        if not self.ended.called:
            await self.ended
