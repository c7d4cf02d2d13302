"""
What requests cost, and what one address may spend on them.

Work is counted in units: the making of L{UNIT} bytes of an answer, the reading of L{ROWS} rows, a tenth of a password
check. A connection pays from what it may talk by (L{chatroom.doors.admission.TalkRate}, a unit like a line), and its
address pays as much from a purse that all connections from there share. What a request costs is known when it is done,
so a purse may be in debt; then further requests wait in line, one address' behind one another. Talk never waits for a
purse: of a school behind one address, nobody is slower for what others ask.

It knows a clock, and neither connections nor what is asked.
"""

from __future__ import annotations

from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from chatroom.doors.admission import MINUTE
from chatroom.limits import OFF, Limits

UNIT = 8192
"""Bytes of an answer. The first so many of each answer cost nothing but the line that asked for them."""

ROWS = 200
"""Rows of a database that are read, whatever comes of them."""

FREE = frozenset({
    "say", "me", "tellops", "whisper", "w", "msg", "tell", "reply", "r",
    "hello", "login", "resume", "look", "l", "switch", "leave", "part", "back", "away", "quit",
})  # fmt: skip
"""
Words of talk, of coming and of going: they cost the connection a line each, and wait for no purse. Logins have their
own queue (L{chatroom.auth.waiting}), in which a neighbour who has had no hash goes before those who ask for many.
"""


class Waiter(Protocol):
    """Who waits for a purse."""

    def paid(self) -> None:
        """Go on: it is your turn."""


class Purse:
    """
    A token bucket of units of work, and those who wait for it. It may be in debt by a burst at most, so that nobody
    waits for longer than it takes to earn that.
    """

    __slots__ = ("_clock", "_limits", "_line", "_since", "_timer", "_units")

    def __init__(self, limits: Limits, clock: IReactorTime) -> None:
        self._limits = limits
        self._clock = clock
        self._units = float(limits.work_burst)
        self._since = clock.seconds()
        self._line: dict[Waiter, None] = {}
        self._timer: IDelayedCall | None = None

    def spend(self, units: float) -> None:
        """Pay for work that is done, or about to be. Not negative."""
        self._earn()
        self._units = max(self._units - units, -float(self._limits.work_burst))

    def _earn(self) -> None:
        now = self._clock.seconds()
        earned = max(0.0, now - self._since) * self._limits.work_rate
        self._units = min(float(self._limits.work_burst), self._units + earned)
        self._since = now

    def has_some(self) -> bool:
        """Whether a request may be done now."""
        if self._limits.work_rate == OFF:
            return True
        if self._line:
            return False
        self._earn()
        return self._units > 0

    def is_full(self) -> bool:
        """Whether a new one would be no other."""
        self._earn()
        return not self._line and self._units >= self._limits.work_burst

    def stand_in_line(self, waiter: Waiter) -> None:
        """C{waiter.paid} is called when it is its turn, unless it leaves before."""
        self._line[waiter] = None
        self._look_again()

    def leave_line(self, waiter: Waiter) -> None:
        """It does not want anything any more. Nothing happens if it did not wait."""
        self._line.pop(waiter, None)
        if not self._line and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_again(self) -> None:
        if self._timer is None and self._line:
            self._earn()
            rate = self._limits.work_rate
            # One unit is asked for in advance: of those who wait, the next is let go on when the one before has paid.
            seconds = 0.0 if rate == OFF else max(0.0, (1.0 - self._units) / rate)
            self._timer = self._clock.callLater(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        self._earn()
        if self._units > 1 - 1e-6 or self._limits.work_rate == OFF:
            waiter = next(iter(self._line))
            del self._line[waiter]
            self._units -= 1
            waiter.paid()
        self._look_again()


class Purses:
    """
    A purse for each address that spends. Those that are full are forgotten: a new one would be no other.

    An C{origin} is what L{chatroom.addresses.origin} says; C{""} is no address, and pays nothing.
    """

    def __init__(self, limits: Limits, clock: IReactorTime) -> None:
        self._limits = limits
        self._clock = clock
        self._purses: dict[str, Purse] = {}
        self._swept = clock.seconds()

    def spend(self, origin: str, units: float) -> None:
        """See L{Purse.spend}."""
        if origin:
            purse = self._purses.get(origin)
            if purse is None:
                purse = self._purses[origin] = Purse(self._limits, self._clock)
            purse.spend(units)

    def has_some(self, origin: str) -> bool:
        """See L{Purse.has_some}."""
        purse = self._purses.get(origin)
        return purse is None or purse.has_some()

    def stand_in_line(self, origin: str, waiter: Waiter) -> None:
        """See L{Purse.stand_in_line}. It has none left."""
        self._purses[origin].stand_in_line(waiter)

    def leave_line(self, origin: str, waiter: Waiter) -> None:
        """See L{Purse.leave_line}."""
        purse = self._purses.get(origin)
        if purse is not None:
            purse.leave_line(waiter)

    def sweep(self, now: float) -> None:
        """Once a minute, forget those that are full."""
        if now - self._swept >= MINUTE:
            self._swept = now
            for origin in [origin for origin, purse in self._purses.items() if purse.is_full()]:
                del self._purses[origin]
