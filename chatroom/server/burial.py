"""
Goodbyes for the people of a node that is lost: this node says them in the lost one's place.

A nickname stays claimed until its goodbye is kept. Otherwise a stranger could take it, and would inherit its former
owner's rooms and roles. This module knows people and rooms, and neither connections nor how a node is found to be lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger

from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.errors import counted
from chatroom.events import RoomClosed
from chatroom.server.owed import see_off
from chatroom.server.services import SERVER_NICK, Services

log = Logger()

AT_ONCE = 100
"""Goodbyes in one batch, at most: the readers of one room get so many lines at once."""

PAUSE = 0.01
"""Seconds between two such batches, in which people talk."""

REASON = "the connection to their server was lost"
"""What their rooms read."""


class Burials:
    """Those that this node has to do."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._under_way: set[str] = set()

    def begin(self, node: str) -> None:
        """Say goodbye for all people of this node; for some of them, another one may have done it already."""
        if node not in self._under_way:
            self._under_way.add(node)
            self._services.finish(self._bury(node))

    async def _bury(self, node: str) -> None:
        services = self._services
        people: list[Presence] = []
        async for some in services.pieces(services.chat.state.people.values()):
            people += [who for who in some if node in who.nodes]
        log.warn("The node {node} was lost, with {people}.", node=node, people=counted(len(people), "person", "people"))
        try:
            for start in range(0, len(people), AT_ONCE):
                if start:
                    await services.pause(PAUSE)
                await self._see_off(people[start : start + AT_ONCE], node)
            await services.batches.settled()
            await self.close_empty(lambda room: room.maker_node == node or not room.is_half_made())
            await services.batches.insist(lambda: services.backend.release_lost(node))
        finally:
            self._under_way.discard(node)

    async def _see_off(self, people: list[Presence], node: str) -> None:
        """All of them in one batch; only then are their nicknames free."""
        services, state = self._services, self._services.chat.state
        here = [who for who in people if node in who.nodes and state.people.get(who.key) is who]
        goodbyes = [Deferred.fromCoroutine(see_off(services, who, node, REASON)) for who in here]
        outcomes: list[tuple[bool, Any]] = await DeferredList(goodbyes, consumeErrors=True)
        for said, outcome in outcomes:
            if not said:
                outcome.raiseException()
        keys = [who.key for who in people]
        await services.batches.insist(lambda: services.backend.release_lost(node, keys))
        gone = [who for who in here if who.account and not who.nodes]
        await services.batches.insist(lambda: self._end_sessions(gone))

    async def _end_sessions(self, gone: list[Presence]) -> None:
        """Sessions that nobody asked to keep end soon after their connections, of which the lost node knew."""
        services = self._services
        for who in gone:
            tokens = await services.backend.tokens(who.key)
            brief = [token.digest for token in tokens if not token.kept]
            if brief:
                end = services.now() + services.limits.session_grace
                await services.backend.shorten_tokens(brief, end)

    async def close_empty(self, concerns: Callable[[Room], bool]) -> None:
        """Close every room that nobody is in, of those that it concerns, unless it stays: see L{close_if_empty}."""
        services = self._services
        async for some in services.pieces(services.chat.state.rooms.values()):
            for room in some:
                if concerns(room) and services.chat.state.rooms.get(room.name) is room:
                    self.close_if_empty(room)

    def close_if_empty(self, room: Room) -> None:
        """Close a room that nobody is in, unless it stays; also one that its maker never joined: it has no owner."""
        services = self._services
        if not room.members and (room.is_half_made() or not room.keep) and room.name != services.lobby:
            services.finish(services.batches.owe(RoomClosed(services.now(), room.name, SERVER_NICK)))
