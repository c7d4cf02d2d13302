"""
Connections that were refused before they had a nickname: counted by reason, and logged once a minute.

It knows the clock and the log. Why a connection is refused is decided elsewhere. A line in the log for each would let a
flood fill the disk. No line at all would leave an operator without an answer to "why can nobody here connect?".
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

log = Logger()

MINUTE = 60.0
"""Seconds between two lines in the log."""

REASONS = (
    "connections", "max-per-address", "max-per-network", "new-per-minute", "new-per-network", "unregistered", "banned",
)  # fmt: skip
"""Names of reasons: that of the option whose limit was reached, or what else it was."""


class TurnedAway(NamedTuple):
    """
    Why one connection is turned away.

    @ivar reason: one of L{REASONS}. @ivar sentence: what its peer reads.
    """

    reason: str
    sentence: str


class Refusals:
    """
    @ivar counts: how many were turned away since the start, by reason; each reason is there from the beginning.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self.counts: Counter[str] = Counter(dict.fromkeys(REASONS, 0))
        self._clock = clock
        self._lately: Counter[str] = Counter()
        self._address = ""
        self._told: float | None = None

    def note(self, reason: str, address: str) -> None:
        """
        One more.

        @param reason: one of L{REASONS}. @param address: the peer's, or C{""}.
        """
        self.counts[reason] += 1
        self._address = address or self._address
        if not self._lately:
            # The first after a quiet minute is logged at once, and what follows together.
            wait = 0.0 if self._told is None else max(0.0, self._told + MINUTE - self._clock.seconds())
            self._clock.callLater(wait, self._tell)
        self._lately[reason] += 1

    def _tell(self) -> None:
        self._told = self._clock.seconds()
        reasons = ", ".join(f"{count} by {reason}" for reason, count in self._lately.most_common())
        log.info(
            "Refused connections: {reasons}. The last one came from {address}.",
            reasons=reasons, address=self._address or "an unknown address", counts=dict(self._lately),
        )  # fmt: skip
        self._lately.clear()
