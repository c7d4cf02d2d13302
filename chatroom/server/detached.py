"""
Those who are on line without a connection: after another process has handed this server over, some of whom it knew are
not here. Guests depart; an account may come back first.

It knows connections and people, and nothing of how they were handed over.
"""

from __future__ import annotations

from twisted.logger import Logger

from chatroom.core.presence import Presence
from chatroom.server.connections import Connections
from chatroom.server.services import Services
from chatroom.server.session.caller import Caller
from chatroom.server.session.null_ear import NullEar
from chatroom.states import CallerSnapshot

log = Logger()


class DetachedSessions:
    """Whom to wait for, and whom to see off."""

    def __init__(self, services: Services, connections: Connections) -> None:
        self._services = services
        self._connections = connections

    async def welcome_back(self, patience: float) -> None:
        """
        All who were handed over are here. Of the others, guests depart now; an account may come back with its token,
        and nobody will have noticed.

        @param patience: seconds in which it may.
        """
        await self.claim_again()
        connections, services = self._connections, self._services
        for who in list(services.chat.state.people.values()):
            if services.node in who.nodes and not connections.of(who.key):
                services.clock.callLater(patience if who.account else 0.0, self._see_off, who)

    async def claim_again(self) -> None:
        """Claim the nicknames of those who are here, for each connection that has one."""
        backend = self._services.backend
        for caller in list(self._connections.callers):
            if caller.presence is not None and not await backend.claim(caller.presence.key, caller.holder):
                log.error("another connection has claimed the nickname {nick}", nick=caller.nick)

    def _see_off(self, who: Presence) -> None:
        """Somebody is on line whose connection is gone: by way of one that stands for it."""
        if (
            self._services.chat.state.people.get(who.key) is who
            and not self._connections.of(who.key)
            and not self._connections.is_departing(who.key)
        ):
            self._services.finish(self._depart_at_last(who))

    async def _depart_at_last(self, who: Presence) -> None:
        holder = f"account:{who.key}" if who.account else f"guest:{self._services.node}:absent"
        await self._services.backend.claim(who.key, holder)
        caller = Caller(self._services, self._connections, NullEar(), "", "")
        caller.restore(CallerSnapshot("", who.nick, holder, rooms=tuple(who.rooms)))
        caller.gone("the server was upgraded")
