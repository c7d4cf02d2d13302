"""
The nicknames that this node holds: how many times each is counted here, once is enough for the database.

So a claim whose answer was lost can be made again, and most claims of a name that one has several times ask nobody. A
claim that failed and is not made again is taken back, because nobody else could ever have that nickname. After a
release that failed, the database may not have the claim any more: the next claim asks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.backends.postgres import node
from chatroom.backends.postgres.link import DatabaseLink
from chatroom.errors import NotKept

log = Logger()

PAUSE = 1.0
"""Seconds between two tries to take failed claims back."""


class HeldNames:
    """Those of one node."""

    def __init__(self, link: DatabaseLink, clock: IReactorTime, epoch: int) -> None:
        self._link = link
        self._clock = clock
        self._epoch = epoch
        self._held: dict[str, tuple[str, int]] = {}
        self._doubtful: dict[str, str] = {}  # by nickname, for whom it was claimed, perhaps
        self._perhaps_released: set[str] = set()  # of those that are held here
        self._lock = DeferredLock()
        self._call: IDelayedCall | None = None
        self._stopped = False

    async def claim(self, key: str, holder: str) -> bool:
        """See L{IBackend.claim<chatroom.interfaces.IBackend>}."""
        await self._lock.acquire()
        try:
            claimed, times = self._held.get(key, (holder, 0))
            if claimed != holder:
                return False
            if (not times or key in self._perhaps_released) and not await self._claim(key, holder):
                return False
            self._perhaps_released.discard(key)
            self._held[key] = holder, times + 1
            return True
        finally:
            self._lock.release()

    async def release(self, key: str, holder: str) -> bool:
        """See L{IBackend.release<chatroom.interfaces.IBackend>}."""
        await self._lock.acquire()
        try:
            claimed, times = self._held.get(key, ("", 0))
            if claimed != holder or not times:
                if self._doubtful.get(key) == holder:
                    await self._take_back(key)
                return not times and await self._link.do(node.is_free, key)
            if times == 1:
                self._perhaps_released.add(key)
                free = await self._link.do(node.release, self._epoch, key)
                self._perhaps_released.discard(key)
                del self._held[key]
                return free
            self._held[key] = holder, times - 1
            return False
        finally:
            self._lock.release()

    async def claim_all(self, claims: Mapping[str, tuple[str, int]]) -> Sequence[str]:
        """See L{IBackend.claim_all<chatroom.interfaces.IBackend>}."""
        await self._lock.acquire()
        try:
            taken = await self._link.do(
                node.claim_all, self._epoch, {key: holder for key, (holder, _) in claims.items()}
            )
            self._held = {key: claim for key, claim in claims.items() if key not in taken}
            self._doubtful.clear()
            self._perhaps_released.clear()
            return taken
        finally:
            self._lock.release()

    def stop(self) -> None:
        """Take nothing back any more."""
        self._stopped = True
        if self._call is not None and self._call.active():
            self._call.cancel()

    async def _claim(self, key: str, holder: str) -> bool:
        if self._doubtful.get(key, holder) != holder:
            await self._take_back(key)
        self._doubtful[key] = holder
        try:
            held = await self._link.do(node.claim, self._epoch, key, holder)
        except NotKept:
            self._take_back_later()
            raise
        del self._doubtful[key]
        return held

    async def _take_back(self, key: str) -> None:
        await self._link.do(node.release, self._epoch, key)
        del self._doubtful[key]

    def _take_back_later(self) -> None:
        if not self._stopped and (self._call is None or not self._call.active()):
            self._call = self._clock.callLater(PAUSE, self._take_all_back)

    def _take_all_back(self) -> None:
        Deferred.fromCoroutine(self._take_back_all()).addErrback(_failed)

    async def _take_back_all(self) -> None:
        await self._lock.acquire()
        try:
            for key in list(self._doubtful):
                await self._take_back(key)
        except NotKept:
            self._take_back_later()
        finally:
            self._lock.release()


def _failed(failure: Failure) -> None:
    log.failure("taking claims back failed", failure)
