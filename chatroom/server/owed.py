"""
What has to happen, however often the backend fails: a departure, and the end of a session that was revoked.

It knows the core and the batches, and no connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatroom.core.presence import Presence
from chatroom.errors import NotKept
from chatroom.events import Event
from chatroom.server.services import Services


async def see_off(
    services: Services, who: Presence, node: str, reason: str, own: bool = False, goes_on: str = ""
) -> list[Event]:
    """
    Let somebody be gone from one of the nodes, and from their rooms if it was the last.

    @param own: the reason is what they said themselves.
    @param goes_on: who their connection will be: see L{Departed<chatroom.events.Departed>}.
    @return: what happened, numbered.
    """
    visits, batches = services.chat.visits, services.batches
    events = visits.depart(services.now(), who, node, reason, own, goes_on)
    await batches.owe(*events)
    if who.rooms and not who.nodes:  # another node's farewell crossed with it: neither knew that it was the last
        events = visits.depart(services.now(), who, node, reason)
        await batches.owe(*events)
    return events


async def end_sessions(services: Services, digests: Sequence[str], told: Sequence[Event], caller: Any = None) -> int:
    """
    End sessions, and disconnect the connections that have logged in by them.

    @param told: what hangs up. @param caller: the connection whose wish it is.
    @return: how many there were. @raise NotKept: it is not known what the backend has done. It is tried until it is
        done: otherwise connections would live on whose sessions are not listed any more.
    """
    try:
        count = await services.backend.drop_tokens(digests)
        await services.batches.happen(*told, caller=caller)
    except NotKept:
        services.finish(_insist(services, digests, told))
        raise
    return count


async def _insist(services: Services, digests: Sequence[str], told: Sequence[Event]) -> None:
    await services.batches.insist(lambda: services.backend.drop_tokens(digests))
    await services.batches.owe(*told)
