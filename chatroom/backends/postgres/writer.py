"""
A turn on its way into the log: sent until it is kept once, whatever happens to connections.

Where one does not know what became of it, it is looked for by its number before it is sent again (docs/adr/0048). It
knows the functions that keep turns, and nothing of listeners.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.errors import UniqueViolation
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from chatroom.backends import refusals
from chatroom.backends.postgres.driver import Database
from chatroom.backends.postgres.errors import Unreachable
from chatroom.backends.postgres.link import SOON, DatabaseLink, pause
from chatroom.backends.postgres.talk import barrier, numbers_of, rows

log = Logger()

Kept = tuple[int, Sequence[int]]
"""Where a turn stands in the log, and the number of each of its events: see the table C{log}."""


class LogWriter:
    """
    The one who writes this node's turns: one at a time.

    @ivar turns: how many it has written. @ivar seconds: how long that took, in all, from the first try.
    """

    def __init__(self, link: DatabaseLink, clock: IReactorTime, epoch: int, patience: float) -> None:
        """
        @param patience: seconds for which a turn that was never sent waits for the server. Once it has been away for so
            long, the next ones are refused after one try.
        """
        self._link = link
        self._clock = clock
        self._epoch = epoch
        self._patience = patience
        self._number = 0
        self._failing_since: float | None = None
        self.turns = 0
        self.seconds = 0.0

    async def keep(self, what: str, body: str) -> Kept:
        """
        @param what: it is, with C{body}: see L{body_of<chatroom.backends.postgres.turn.body_of>}.
        @raise NotKept: it is not in the log.
        """
        self._number += 1
        number, doubtful, begun = self._number, False, self._clock.seconds()
        while True:
            try:
                kept = await self._send(number, what, body, doubtful)
                self._failing_since = None
                self.turns += 1
                self.seconds += self._clock.seconds() - begun
                return kept
            except UniqueViolation:  # the server has gone on with what one had given up
                doubtful = True
            except Unreachable as lost:
                doubtful = doubtful or lost.sent
                now = self._clock.seconds()
                if self._failing_since is None:
                    self._failing_since = now
                if not doubtful and now - self._failing_since >= self._patience:
                    raise refusals.away() from lost
            await pause(self._clock, SOON)

    async def _send(self, number: int, what: str, body: str, doubtful: bool) -> Kept:
        """@param doubtful: it may be in the log already."""
        if doubtful:
            await self._link.do(barrier)
            found = await self._link.do(_find, self._epoch, number)
            if found is not None:
                log.warn("A turn was kept after all, and nobody had said so.")
                return found
        return await self._link.do(_keep, self._epoch, number, what, body)


async def _keep(db: Database, epoch: int, number: int, what: str, body: str) -> Kept:
    query = "SELECT place, seqs FROM keep_turn_1($1, $2, $3, $4)"
    ((place, seqs),) = await db.ask("keep_turn", query, epoch, number, what, body)
    return int(place), numbers_of(seqs)


async def _find(db: Database, epoch: int, number: int) -> Kept | None:
    found = await rows(db, "SELECT pos, seqs FROM log WHERE epoch = %s AND turn = %s", (epoch, number))
    return (found[0][0], found[0][1]) if found else None
