"""
The nicknames that this node holds: how many times each is counted here, once is enough for the database.

So a claim whose answer was lost can be made again, and most claims of a name that one has several times ask nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twisted.internet.defer import DeferredLock

from chatroom.backends.postgres import node
from chatroom.backends.postgres.link import DatabaseLink


class HeldNames:
    """Those of one node."""

    def __init__(self, link: DatabaseLink, epoch: int) -> None:
        self._link = link
        self._epoch = epoch
        self._held: dict[str, tuple[str, int]] = {}
        self._lock = DeferredLock()

    async def claim(self, key: str, holder: str) -> bool:
        """See L{IBackend.claim<chatroom.interfaces.IBackend>}."""
        await self._lock.acquire()
        try:
            claimed, times = self._held.get(key, (holder, 0))
            if claimed != holder:
                return False
            if not times and not await self._link.do(node.claim, self._epoch, key, holder):
                return False
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
                return not times and await self._link.do(node.is_free, key)
            if times == 1:
                free = await self._link.do(node.release, self._epoch, key)
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
            return taken
        finally:
            self._lock.release()
