"""
Forgetting: history that has grown too old or too much is deleted now and then, and so are old entries of the audit log.

Therefore it is not believed at once that it has grown old, where the time of day was set. It knows limits and two
clocks, and nothing of rooms or of how a backend forgets.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from chatroom.core.accounts import DAY
from chatroom.errors import NotKept
from chatroom.interfaces import IBackend
from chatroom.limits import OFF, Limits

log = Logger()

EVERY = 600.0
"""Seconds between two looks."""

EVEN = 60.0
"""Seconds that the time of day may gain or lose between two looks. If it was set by more, it may be wrong."""


class Retention:
    """When to forget, and what."""

    def __init__(self, backend: IBackend, limits: Limits, clock: IReactorTime, now: Callable[[], float]) -> None:
        """@param now: the time of day, in seconds since 1970."""
        self._backend = backend
        self._limits = limits
        self._clock = clock
        self._now = now
        self._call: IDelayedCall | None = None

    def start(self) -> None:
        """Have a look from time to time. What is to be forgotten may be said later."""
        self._call = self._clock.callLater(EVERY, self._look, self._began())

    def stop(self) -> None:
        """No more of it."""
        if self._call is not None and self._call.active():
            self._call.cancel()

    def _forgets_history(self) -> bool:
        limits = self._limits
        return not limits.history_days == limits.history_lines == limits.history_events == OFF

    def _began(self) -> float:
        """At what time of day the clock was at 0, as it seems now."""
        return self._now() - self._clock.seconds()

    def _look(self, began: float) -> None:
        """@param began: see L{_began}, at the last look."""
        seems = self._began()
        self._call = self._clock.callLater(EVERY, self._look, seems)
        set_by = seems - began
        if not self._forgets_history() and self._limits.audit_days == OFF:
            return
        if abs(set_by) > EVEN:
            log.warn("The time of day was set by {seconds:.0f} seconds: nothing is forgotten yet.", seconds=set_by)
            return
        forgetting = Deferred.fromCoroutine(self._forget())
        forgetting.addErrback(lambda failure: failure.trap(NotKept))  # next time, then
        forgetting.addErrback(lambda failure: log.failure("history could not be forgotten", failure))

    async def _forget(self) -> None:
        if not await self._backend.is_elected():
            return
        days, audit_days = self._limits.history_days, self._limits.audit_days
        if self._forgets_history():
            older_than = None if days == OFF else self._now() - days * DAY
            lines, others = self._limits.history_lines, self._limits.history_events
            await self._backend.expire(older_than, None if lines == OFF else lines, None if others == OFF else others)
        if audit_days != OFF:
            await self._backend.expire_audit(self._now() - audit_days * DAY)
