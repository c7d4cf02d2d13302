"""
What has to happen, however often the backend fails: a departure.

It knows the core and the batches, and no connection.
"""

from __future__ import annotations

from chatroom.core.presence import Presence
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
