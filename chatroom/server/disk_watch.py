"""
A disk that hangs fails at nothing, so nobody would see it: the log says that what was said is not kept yet.

It knows the age of the batch under way, and nothing of what is in it.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

log = Logger()

SLOW = 1.0
"""Seconds after which a batch that is not kept yet is a sentence in the log; then after twice as many, and so on."""


class DiskWatch:
    """
    Looks at the batch under way now and then, and no more often than it has to. A look stays where it is when the batch
    is kept, as the next batch may need it: to set up and cancel one for each batch would cost every line that is said.

    @ivar looking: the next look, if there is to be one.
    @ivar warned_at: how old the batch was when the log last said that it is not kept; 0.0: it did not.
    """

    def __init__(
        self, clock: IReactorTime, age: Callable[[], float | None], waits: Callable[[float], None] | None = None
    ) -> None:
        """
        @param age: for how many seconds the batch under way has not been kept; C{None}: there is none.
        @param waits: called with that each second once it is L{SLOW}.
        """
        self._clock = clock
        self._age = age
        self._waits = waits
        self.warned_at = 0.0
        self.looking: IDelayedCall | None = None

    def begin(self) -> None:
        """A batch is under way, and none was."""
        self.looking = self._clock.callLater(SLOW, self._look)

    def end(self) -> None:
        """
        It is kept or lost, and the log was warned of it. As another one may follow at once, the next look stays where
        it is.
        """
        log.info("The database answers again, after {age:.0f} seconds.", age=self._age() or self.warned_at)
        self.warned_at = 0.0

    def rest(self) -> None:
        """Look no more: the server stops."""
        if self.looking is not None and self.looking.active():
            self.looking.cancel()
        self.looking = None

    def _look(self) -> None:
        self.looking = None
        age = self._age()
        if age is None:
            return
        self.looking = self._clock.callLater(SLOW if age >= SLOW else max(SLOW - age, 0.1), self._look)
        if age < SLOW:
            return
        if age >= 2 * self.warned_at:
            self.warned_at = age
            log.warn("A message sent {age:.0f} seconds ago is not saved yet: the database does not answer.", age=age)
        if self._waits is not None:
            self._waits(age)
