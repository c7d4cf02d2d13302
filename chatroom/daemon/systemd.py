"""
What the daemon reports to systemd, if systemd started it: ready, reloading, stopping, and still alive.

The protocol is sd_notify(3): lines in a datagram to a socket that the environment names. This module knows a clock and
such a socket, and nothing of what the daemon is for.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

log = Logger()

Send = Callable[[bytes], None]


class Notifier:
    """Says each thing when it is true. Nothing here raises."""

    def __init__(self, send: Send | None, clock: IReactorTime, patience: float = 0.0) -> None:
        """
        @param send: C{None} where nobody listens.
        @param patience: seconds of silence after which the daemon would be taken for dead; 0.0 forever.
        """
        self._send = send
        self._patience = patience
        self._alive = LoopingCall(self._tell, "WATCHDOG=1")
        self._alive.clock = clock

    def ready(self) -> None:
        """People can come in. From now on, it is told twice in each C{patience} that the reactor turns."""
        self._tell("READY=1", "STATUS=Accepting connections.")
        if self._patience and not self._alive.running:
            self._alive.start(self._patience / 2).addErrback(
                lambda failure: log.failure(("watchdog pings stop"), failure)
            )

    def alive(self) -> None:
        """It is busy, but lives: for when the reactor stands still."""
        if self._alive.running:
            self._tell("WATCHDOG=1")

    def successor(self, pid: int) -> None:
        """From now on, it is this process that is meant."""
        self._tell(f"MAINPID={pid}")

    def reloading(self, microseconds: int) -> None:
        """
        Files are being read again; L{ready} is the end of it.

        @param microseconds: of the system's monotonic clock.
        """
        self._tell("RELOADING=1", f"MONOTONIC_USEC={microseconds}")

    def stopping(self) -> None:
        """Nobody can come in any more."""
        self._tell("STOPPING=1", "STATUS=Shutting down.")

    def stopped(self) -> None:
        """There is nothing left to be told."""
        if self._alive.running:
            self._alive.stop()

    def _tell(self, *lines: str) -> None:
        if self._send is None:
            return
        try:
            self._send("\n".join(lines).encode())
        except OSError as error:  # it is gone, or busy; nothing of ours depends on it
            log.warn("Cannot send {lines} to systemd: {error}", lines=lines, error=error)


def sender(address: str) -> Send:
    """
    A way to send datagrams to a UNIX socket that never blocks.

    @param address: a path, or C{@} and a name in the abstract space.
    """
    place = "\0" + address[1:] if address.startswith("@") else address

    def send(data: bytes) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as wire:
            wire.sendto(data, place)

    return send


def notifier(environment: Mapping[str, str], pid: int, clock: IReactorTime) -> Notifier:
    """
    The one for a process that was started with this environment.

    @param pid: its own number: a watchdog may be meant for another.
    """
    address = environment.get("NOTIFY_SOCKET", "")
    microseconds = environment.get("WATCHDOG_USEC", "")
    ours = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
    patience = int(microseconds) / 1e6 if ours and microseconds.isdecimal() else 0.0
    return Notifier(sender(address) if address else None, clock, patience)
