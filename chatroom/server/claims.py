"""
The nicknames that this node holds, for whom, and how many times: what a process counts that goes on after another.

Each connection that has a nickname holds it once, in the name of its holder: see C{IBackend.claim}. The count changes
with what the backend holds. To count the connections instead would miss those that are about to have a nickname, and
those whose release has failed and is tried again. This module knows the backend, and no connection.
"""

from __future__ import annotations

from collections.abc import Mapping

from twisted.internet.defer import DeferredLock
from twisted.logger import Logger

from chatroom.errors import NotKept
from chatroom.interfaces import IBackend
from chatroom.server.batching import Batches

log = Logger()


class NicknameClaims:
    """Those of one node."""

    def __init__(self, backend: IBackend, batches: Batches) -> None:
        self._backend = backend
        self._batches = batches
        self._held: dict[str, tuple[str, int]] = {}
        self._lock = DeferredLock()

    def held(self) -> Mapping[str, tuple[str, int]]:
        """By key, the holder and how many times."""
        return dict(self._held)

    async def claim(self, key: str, holder: str) -> bool:
        """
        Hold a nickname once more.

        @return: C{False}: another holder has it. @raise NotKept: it is not held.
        """
        await self._lock.acquire()
        try:
            if not await self._backend.claim(key, holder):
                return False
            self.take_over(key, holder)
            return True
        finally:
            self._lock.release()

    async def get_back(self, key: str, holder: str) -> None:
        """
        Hold a nickname that has just become an account's, however long it takes: a guest who has claimed it in between
        finds that it belongs to an account, and lets go of it.
        """
        await self._batches.insist(lambda: self._get_back(key, holder))

    async def _get_back(self, key: str, holder: str) -> None:
        if not await self.claim(key, holder):
            raise NotKept(f"Another connection is just asking for the nickname {key}.")

    async def release(self, key: str, holder: str) -> None:
        """Hold it once less, however long it takes: nobody else could ever have it."""
        await self._batches.insist(lambda: self._release(key, holder))

    async def _release(self, key: str, holder: str) -> None:
        await self._lock.acquire()
        try:
            await self._backend.release(key, holder)
            held, times = self._held.get(key, ("", 0))
            if held == holder:
                self._held[key] = holder, times - 1
                if times == 1:
                    del self._held[key]
        finally:
            self._lock.release()

    def take_over(self, key: str, holder: str) -> None:
        """Count a nickname of a person who was handed over. L{again} tells the backend."""
        _, times = self._held.get(key, (holder, 0))
        self._held[key] = holder, times + 1

    async def again(self) -> None:
        """
        Hold in the backend what is held here, and nothing else, however long it takes: after it was handed over. Until
        then, all others wait who want to claim or to release something.
        """
        await self._lock.acquire()
        try:
            await self._batches.insist(self._again)
        finally:
            self._lock.release()

    async def _again(self) -> None:
        for key in await self._backend.claim_all(self.held()):
            del self._held[key]
            log.error("another connection has claimed the nickname {key}", key=key)
