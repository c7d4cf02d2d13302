"""
Those who are on line without a connection: after another process has handed this server over, some of whom it knew are
not here. Guests depart; an account may come back first.

It knows connections and people, and nothing of how they were handed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twisted.logger import Logger

from chatroom.core.presence import Presence
from chatroom.server.connections import Connections
from chatroom.server.owed import release
from chatroom.server.services import Services
from chatroom.server.session.caller import Caller
from chatroom.server.session.null_ear import NullEar
from chatroom.states import CallerSnapshot

log = Logger()


NOBODY: Mapping[str, tuple[str, int]] = {}


class DetachedSessions:
    """Whom to wait for, and whom to see off."""

    def __init__(self, services: Services, connections: Connections) -> None:
        self._services = services
        self._connections = connections

    async def welcome_back(self, patience: float, others: Mapping[str, tuple[str, int]] = NOBODY) -> None:
        """
        All who were handed over are here. Of the others, guests depart now; an account may come back with its token,
        and nobody will have noticed.

        @param patience: seconds in which it may. @param others: see L{claim_again}.
        """
        absent = self._absent()
        await self.claim_again(absent, others)
        for who in absent:
            self._services.clock.callLater(patience if who.account else 0.0, self._see_off, who)

    def _absent(self) -> list[Presence]:
        """People who are on line through this node and have no connection here."""
        node, connections = self._services.node, self._connections
        people = self._services.chat.state.people.values()
        return [who for who in people if node in who.nodes and not connections.of(who.key)]

    async def claim_again(
        self, absent: Sequence[Presence] = (), others: Mapping[str, tuple[str, int]] = NOBODY
    ) -> None:
        """
        Hold the nicknames of those who are here, for each connection that has one, and of these others.

        @param others: claims of those who have no connection, such as services of plugins: see C{IBackend.claim_all}.
        """
        claims: dict[str, tuple[str, int]] = {who.key: (self._stand_in(who), 1) for who in absent}
        claims.update(others)
        for caller in self._connections.callers:
            if caller.presence is not None:
                key = caller.presence.key
                claims[key] = (caller.holder, claims[key][1] + 1 if key in claims else 1)
        for key in await self._services.backend.claim_all(claims):
            log.error("another connection has claimed the nickname {key}", key=key)

    def _stand_in(self, who: Presence) -> str:
        """In whose name a nickname is claimed until its owner comes back or is seen off."""
        return f"account:{who.key}" if who.account else f"guest:{self._services.node}:absent"

    def _see_off(self, who: Presence) -> None:
        """Somebody is on line whose connection is gone: by way of one that stands for it."""
        services, connections = self._services, self._connections
        gone = services.chat.state.people.get(who.key) is not who or connections.is_departing(who.key)
        if gone or connections.of(who.key):
            services.finish(release(services, who.key, self._stand_in(who)))
            return
        caller = Caller(services, connections, NullEar(), "", "")
        caller.restore(CallerSnapshot("", who.nick, self._stand_in(who), rooms=tuple(who.rooms)))
        caller.gone("the server was upgraded")
