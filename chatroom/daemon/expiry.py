"""
Certificates that are about to end: the operator reads of it in the log, days before browsers refuse to connect.

It knows two clocks and when each certificate ends, and nothing of certificates.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from chatroom.errors import counted

log = Logger()

EVERY = 86_400.0
"""Seconds between two looks."""

SOON = 14 * 86_400.0
"""Seconds before its end from which on a certificate is spoken of: certbot renews 30 days before."""


class Expiry:
    """
    Looks once a day.

    @ivar ends: for each certificate in use, something that gives its end in seconds since 1970.
    """

    def __init__(self, clock: IReactorTime, now: Callable[[], float]) -> None:
        """@param now: seconds since 1970."""
        self.ends: list[Callable[[], float]] = []
        self._clock = clock
        self._now = now
        self._call: IDelayedCall | None = None

    def start(self) -> None:
        """Look now, and every day."""
        self._call = self._clock.callLater(EVERY, self.start)
        end = self.first()
        if end is None:
            return
        left = end - self._now()
        days = counted(int(abs(left) // 86_400), "day")
        if left <= 0:
            log.critical("The certificate expired {days} ago. Put a new one into its folder.", days=days)
        elif left < SOON:
            log.warn("The certificate expires in {days} and is not renewed yet.", days=days)

    def stop(self) -> None:
        """Look no more."""
        if self._call is not None and self._call.active():
            self._call.cancel()

    def first(self) -> float | None:
        """When the first of them ends, in seconds since 1970; C{None}: there is none."""
        return min((end() for end in self.ends), default=None)
