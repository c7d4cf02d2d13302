"""
Carrying out what staff decided for the whole server, on the connections of this node: each person concerned reads why,
and is kicked, muted, or can talk again.

It knows connections and sanctions; what was decided, and whether it was allowed, is the core's affair.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatroom.core.permissions import because
from chatroom.core.sanctions import concerns
from chatroom.core.server_moderation import ban_text, expelled_text, mute_text
from chatroom.events import ADDRESS, BAN, Expelled, Sanctioned
from chatroom.server.connections import Connected


def enforce(act: Sanctioned | Expelled, callers: Iterable[Connected], ranked: int) -> None:
    """
    @param callers: of this node, also those without a nickname yet.
    @param ranked: the rank of the person who decided it: see L{chatroom.core.staff.rank}. A ban of a network does not
        hit staff from this rank on: the node where it was decided cannot know that they are in it.
    """
    for caller in _concerned(act, callers):
        if act.scope == ADDRESS and caller.presence is not None and caller.presence.shown_staff >= ranked:
            continue
        if isinstance(act, Expelled):
            _send_out(caller, expelled_text(act), f"kicked{because(act.reason)}")
        elif act.act == BAN:
            _send_out(caller, ban_text(act), f"banned{because(act.reason)}")
        elif caller.presence is not None:
            caller.notice("muted", mute_text(act))


def relent(act: Sanctioned, callers: Iterable[Connected]) -> None:
    """A sanction was lifted before its time. Those who were banned are not here to be told."""
    if act.act != BAN:
        for caller in _concerned(act, callers):
            if caller.presence is not None:
                caller.notice("unmuted", "You can talk on this server again.")


def _concerned(act: Sanctioned | Expelled, callers: Iterable[Connected]) -> list[Connected]:
    return [caller for caller in callers if concerns(act, caller.presence, caller.address)]


def _send_out(caller: Connected, sentence: str, reason: str) -> None:
    """@param reason: what the rooms are told."""
    caller.gone(reason.removesuffix("."))  # before the connection has a reason of its own
    caller.ear.hang_up(sentence)
