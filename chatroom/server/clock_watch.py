"""
The clock of this machine beside the one that the nodes share: events are stamped by the former, so that people read
times that cross where a machine's clock is wrong.

It knows what the backend says of the clock, and nothing of how it compares them.
"""

from __future__ import annotations

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from chatroom.interfaces import IBackend

log = Logger()

EVERY = 10.0
"""Seconds between two looks."""

FALSE = 0.5
"""Seconds from which on a clock is said to be wrong."""

UNUSABLE = 5.0
"""Seconds from which on the node is not sound any more: a load balancer should send nobody here."""


class ClockWatch:
    """Says so in the log when the clock goes wrong, and when it is right again."""

    def __init__(self, backend: IBackend, clock: IReactorTime) -> None:
        self._backend = backend
        self._clock = clock
        self._wrong = False
        self._call: IDelayedCall | None = None

    def start(self) -> None:
        """Look now and from time to time."""
        ahead = self._backend.soundness().ahead
        if abs(ahead) > FALSE and not self._wrong:
            self._wrong = True
            log.warn(
                "The clock of this machine is {seconds:.1f} seconds {way} the database's clock. Set it, for example "
                "with chrony: the times of messages are wrong.",
                seconds=abs(ahead),
                way="ahead of" if ahead > 0 else "behind",
            )
        elif abs(ahead) <= FALSE and self._wrong:
            self._wrong = False
            log.info("The clock of this machine is right again.")
        self._call = self._clock.callLater(EVERY, self.start)

    def stop(self) -> None:
        """No more of it."""
        if self._call is not None and self._call.active():
            self._call.cancel()
