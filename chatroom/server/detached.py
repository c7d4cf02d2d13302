"""
Those who are on line without a connection: after another process has handed this server over, some of whom it knew are
not here. Guests depart; an account may come back first.

It knows connections and people, and nothing of how they were handed over.
"""

from __future__ import annotations

from twisted.internet.interfaces import IDelayedCall

from chatroom.core.presence import Presence
from chatroom.server.connections import Connections
from chatroom.server.services import Services
from chatroom.server.session.caller import Caller
from chatroom.server.session.null_ear import NullEar
from chatroom.states import CallerSnapshot


class DetachedSessions:
    """Whom to wait for, and whom to see off."""

    def __init__(self, services: Services, connections: Connections) -> None:
        self._services = services
        self._connections = connections
        self._awaited: dict[Presence, IDelayedCall] = {}

    def welcome_back(self, patience: float) -> None:
        """
        All who were handed over are here. Of the others, guests depart now; an account may come back with its token,
        and nobody will have noticed. The nickname of each is held until then.

        @param patience: seconds in which it may.
        """
        services = self._services
        for who in self._absent():
            services.claims.take_over(who.key, self._stand_in(who))
            self._awaited[who] = services.clock.callLater(patience if who.account else 0.0, self._see_off, who)

    def _absent(self) -> list[Presence]:
        """People who are on line through this node and have no connection here."""
        node, connections = self._services.node, self._connections
        people = self._services.chat.state.people.values()
        return [who for who in people if node in who.nodes and not connections.of(who.key)]

    def _stand_in(self, who: Presence) -> str:
        """In whose name a nickname is claimed until its owner comes back or is seen off."""
        return f"account:{who.key}" if who.account else f"guest:{self._services.node}:absent"

    def _see_off(self, who: Presence, reason: str = "the server was upgraded") -> None:
        """Somebody is on line whose connection is gone: by way of one that stands for it."""
        del self._awaited[who]
        services, connections = self._services, self._connections
        gone = services.chat.state.people.get(who.key) is not who or connections.is_departing(who.key)
        if gone or connections.of(who.key):
            services.finish(services.claims.release(who.key, self._stand_in(who)))
            return
        caller = Caller(services, connections, NullEar(), "", "")
        caller.restore(CallerSnapshot("", who.nick, self._stand_in(who), rooms=tuple(who.rooms)))
        caller.gone(reason)

    def stop(self, reason: str) -> None:
        """Wait for nobody any more: nobody else would say goodbye for them."""
        for who, due in list(self._awaited.items()):
            due.cancel()
            self._see_off(who, reason)

    def forget(self) -> None:
        """Wait for nobody any more: other nodes say goodbye for them."""
        for due in self._awaited.values():
            due.cancel()
        self._awaited.clear()
