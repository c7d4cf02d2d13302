"""
Sessions that nobody asked to keep: they live as long as their connections, and a few minutes.

While a connection lives by one, it is kept as any other; what ends with the process is shortened by the next one. It
knows the backend, and no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress

from chatroom.errors import NotKept
from chatroom.server.services import Services


class Brief:
    """Those of one node."""

    def __init__(self, services: Services, living: Callable[[], Collection[str]]) -> None:
        """@param living: digests of the sessions by which somebody is connected."""
        self._services = services
        self._living = living
        self._ended: dict[str, None] = {}

    async def begin(self) -> None:
        """A process begins, and takes over from none: nobody is connected by any of them."""
        with suppress(NotKept):
            await self._services.backend.shorten_tokens(None, self._end())

    def ended(self, session: str) -> None:
        """A connection by the session of this digest is gone."""
        if not self._ended:
            self._services.clock.callLater(0, lambda: self._services.finish(self._shorten()))
        self._ended[session] = None

    async def _shorten(self) -> None:
        ended, self._ended = self._ended, {}
        living = self._living()
        gone = [session for session in ended if session not in living]
        if gone:
            with suppress(NotKept):  # they are shortened when the next process begins
                await self._services.backend.shorten_tokens(gone, self._end())

    def _end(self) -> float:
        return self._services.now() + self._services.limits.session_grace
