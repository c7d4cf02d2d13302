"""
Connections that were refused: each reads why and is closed, whether its peer closes as well or not.

TLS closes when the other side has answered. A peer that never answers would stay connected forever, and would be
counted nowhere. It knows transports and the clock.
"""

from __future__ import annotations

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from chatroom.doors.transport import Transport

PATIENCE = 10.0
"""Seconds to read why one was not let in."""

MOST = 100
"""So many may be waited for; more are cut at once."""


class Farewells:
    """One timer for all who are being sent away; none while there is nobody."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._until: dict[Transport, float] = {}  # those that came first in front
        self._timer: IDelayedCall | None = None

    def say(self, transport: Transport, data: bytes) -> None:
        """
        Write this, and close.

        @param transport: when it is lost, L{gone} has to be called.
        """
        if len(self._until) >= MOST:
            transport.abortConnection()
            return
        self._until[transport] = self._clock.seconds() + PATIENCE
        if self._timer is None:
            self._timer = self._clock.callLater(PATIENCE, self._look)
        transport.write(data)
        transport.loseConnection()

    def gone(self, transport: Transport) -> None:
        """It is closed. Nothing happens if it was not one of them."""
        self._until.pop(transport, None)
        if not self._until and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        now = self._clock.seconds()
        for transport, until in list(self._until.items()):
            if until > now:
                self._timer = self._clock.callLater(until - now, self._look)
                break
            del self._until[transport]
            transport.abortConnection()
