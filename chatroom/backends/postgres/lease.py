"""
The lease of this node: when to beat, when to look for nodes that died, and what to do when this one was given up.

A node buries others only after it has itself beaten for a whole lease without a break, so that nobody is buried
because the database was away. It knows when, and the SQL of L{chatroom.backends.postgres.node} by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.backends.postgres import node
from chatroom.backends.postgres.errors import Evicted, Unreachable
from chatroom.backends.postgres.link import RETRY, DatabaseLink
from chatroom.backends.postgres.reader import LogReader
from chatroom.errors import NotKept
from chatroom.events import KINDS_VERSION
from chatroom.interfaces import IListener

log = Logger()

BEAT = 1.0
"""Seconds between two beats."""

SOON = 0.01
"""Seconds after the moment from which a node counts as dead, until one looks whether it is."""

LEASE = 6.0
"""Seconds without a beat after which a node may be buried, where none are given."""


class Lease:
    """
    The lease of one node.

    @ivar ahead: seconds that the clock of this machine is ahead of the database's.
    @ivar pulse: what the last beat has learnt.
    """

    def __init__(
        self,
        link: DatabaseLink,
        reader: LogReader,
        clock: IReactorTime,
        now: Callable[[], float],
        epoch: int,
        listener: IListener,
        evicted: Callable[[], None],
        length: float = LEASE,
        lost: Sequence[str] = (),
        kinds: int = KINDS_VERSION,
    ) -> None:
        """
        @param now: seconds since 1970, of the clock of this machine.
        @param evicted: called when this node was buried. @param length: of the lease, in seconds.
        @param lost: the nodes whose executor this one became at its start.
        @param kinds: the version of the kinds of events that all nodes know, until the first beat.
        """
        self.ahead = 0.0
        self.pulse = node.Pulse(0.0, 1, reader.pos, 0, kinds)
        self._link = link
        self._reader = reader
        self._clock = clock
        self._now = now
        self._epoch = epoch
        self._listener = listener
        self._evicted = evicted
        self._length = length
        self._begun = self._steady = clock.seconds()  # since when it has beaten without a break
        self._last = clock.seconds()
        self._connections = link.reconnects
        self._buried = lost
        self._stopped = False
        self._slept = False
        self._pause = BEAT
        self._due = clock.seconds() + BEAT
        self._call: IDelayedCall | None = clock.callLater(BEAT, self._begin)
        link.idle = self._is_idle

    def left(self) -> float:
        """Seconds that are left of the lease, by the clock of this machine; below 0 it is over."""
        return self._last + self._length - self._clock.seconds()

    def stop(self) -> None:
        """Beat no more."""
        self._stopped = True
        if self._call is not None and self._call.active():
            self._call.cancel()

    def _begin(self) -> None:
        if self._clock.seconds() - self._due >= self._length - BEAT:
            self._slept = True
            log.warn("This process stood still for {time:.0f} seconds.", time=self._clock.seconds() - self._due)
        Deferred.fromCoroutine(self._beat()).addErrback(_failed).addBoth(self._again)

    def _again(self, _: object) -> None:
        if not self._stopped:
            self._due = self._clock.seconds() + self._pause
            self._call = self._clock.callLater(self._pause, self._begin)

    def _is_idle(self) -> None:
        """Where the connection is lost, and with it the sign of life, show it again at once."""
        if not self._link.there and self._call is not None and self._call.active():
            self._call.reset(RETRY)

    async def _beat(self) -> None:
        self._pause = BEAT
        settled = self._clock.seconds() - self._begun > node.HANDING_OVER
        self._reader.hasten()
        try:
            self.pulse = await self._link.do(node.beat, self._epoch, self._reader.pos, self._length, settled)
            seconds, self._slept = self._clock.seconds(), False
            if seconds - self._last > self._length / 2 or self._link.reconnects != self._connections:
                self._steady, self._connections = seconds, self._link.reconnects  # the others may have lost theirs too
            self._last = seconds
            self.ahead = self._now() - self.pulse.time
            if seconds - self._steady >= self._length:
                await self._look()
        except Evicted:
            self._stopped = True
            self._evicted()
        except NotKept as failed:  # said once by the link; the next beat tries again
            if isinstance(failed, Unreachable):
                self._pause = RETRY
            if self._slept:  # the others have been able to bury this node, and it cannot ask: it believes its own clock
                self._stopped = True
                self._evicted()

    async def _look(self) -> None:
        """Bury dead nodes. Look again at a node without a sign of life when its silence has been long enough."""
        seconds = await self._link.do(node.next_burial, self._epoch, self._buried)
        if seconds is not None and seconds <= 0:
            await self._bury()
        elif seconds is not None:
            self._pause = min(BEAT, seconds + SOON)

    async def _bury(self) -> None:
        names, pos = await self._link.do(node.bury, self._epoch)
        lost = [name for name in names if name not in self._buried]
        if lost and self._reader.pos < pos:
            await self._reader.catch_up(pos)
            if self._reader.pos < pos:  # an own turn is under way before it: the next beat tries again
                self._pause = RETRY
                return
        self._buried = names
        for name in lost:
            log.warn("The node {name} is gone: its process ended, or its lease ran out.", name=name)
            self._listener.lost(name)


def _failed(failure: Failure) -> None:
    log.failure("beating failed", failure)
