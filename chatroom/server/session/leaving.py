"""
How a connection stops being somebody, and how a person leaves the server with the last of their connections.

A departure is written down before the nickname is free. It knows connections, and not why somebody goes.
"""

from __future__ import annotations

from chatroom.core.presence import Presence
from chatroom.server.owed import see_off
from chatroom.server.session.base import SessionBase
from chatroom.server.session.lent import highest
from chatroom.server.session.views import note_read


def forget(caller: SessionBase, reason: str = "", own: bool = False, goes_on: str = "") -> None:
    """
    This connection has no nickname any more; if it was the last of that person, they leave the server.

    @param goes_on: who it will be: see L{Departed<chatroom.events.Departed>}.
    """
    who, holder = caller.presence, caller.holder
    if who is None:
        return
    caller.connections.detach(caller, who.key)
    acted = caller.lent is not None
    caller.be_nobody()
    if acted:  # before the departure, as a connection that logs in meanwhile would be shown with it
        shown = caller.acting_as(who.nick, highest(caller.connections.of(who.key)))
        caller.services.finish(caller.services.batches.owe(shown))
    if caller.connections.of(who.key):
        caller.services.finish(caller.services.claims.release(who.key, holder))
        return
    caller.connections.depart(who.key, _depart(caller, who, holder, reason, own, goes_on))


async def _depart(caller: SessionBase, who: Presence, holder: str, reason: str, own: bool, goes_on: str) -> None:
    services = caller.services
    await services.batches.settled()  # so that they leave the rooms they were just going into, too
    if not caller.connections.of(who.key):
        await note_read(caller, who, await see_off(services, who, services.node, reason, own, goes_on))
    await services.claims.release(who.key, holder)
