"""
What stands in the audit log: who did what to whom by the powers of the server.

It knows acts by their events. Nothing secret is in those fields that it takes, and what people said is not in any of
them.
"""

from __future__ import annotations

from chatroom.core.permissions import because, until_text
from chatroom.core.presence import Presence
from chatroom.errors import counted
from chatroom.events import (
    SERVER,
    AdmittedSet,
    Audited,
    CapacitySet,
    Event,
    InviteOnlySet,
    Kicked,
    Locked,
    ModeratedSet,
    PasswordSet,
    RoleSet,
    RoomBanned,
    RoomMuted,
    RoomUnbanned,
    RoomUnmuted,
    SlowSet,
    UnlistedSet,
    Unlocked,
)


def entry(at: float, who: str, act: str, target: str, detail: str = "") -> Audited:
    """An entry, to happen together with the act."""
    return Audited(at, SERVER, who, act=act, target=target, detail=detail)


def entry_of(at: float, who: Presence, act: str, target: str, detail: str = "") -> Audited:
    """The entry of somebody's own act. If another account lends its role, the entry is that account's, and says so."""
    return Audited(at, SERVER, who.actor, act=act, target=target, detail=with_nickname(who, detail), done_by=who.by)


def with_nickname(who: Presence, detail: str) -> str:
    """The detail of an entry, with the nickname of a person to whom the account lends its role."""
    return ", ".join(filter(None, (detail, f"as {who.by}" if who.by else "")))


_ROOM_ACTS: dict[type[Event], str] = {
    Kicked: "room-kick",
    RoomBanned: "room-ban",
    RoomUnbanned: "room-unban",
    RoomMuted: "room-mute",
    RoomUnmuted: "room-unmute",
    RoleSet: "room-role",
    PasswordSet: "room-password",
    InviteOnlySet: "room-private",
    Locked: "room-lock",
    Unlocked: "room-unlock",
    SlowSet: "room-slow",
    ModeratedSet: "room-moderated",
    UnlistedSet: "room-unlisted",
    CapacitySet: "room-capacity",
    AdmittedSet: "room-admit",
}


def room_entry(event: Event, who: Presence) -> Audited | None:
    """
    The entry for what staff did in a room; C{None} where it is no act of order.

    @param who: the person whose wish it was.
    """
    act = _ROOM_ACTS.get(type(event))
    if act is None:
        return None
    whom = str(getattr(event, "who", ""))
    more = [f"in {event.room}"] if whom else []
    if isinstance(event, RoleSet):
        more.append(event.role)
    elif isinstance(event, PasswordSet | InviteOnlySet | ModeratedSet | UnlistedSet | AdmittedSet):
        more.append("on" if event.on else "off")
    elif isinstance(event, SlowSet):
        more.append(counted(event.seconds, "second"))
    elif isinstance(event, CapacitySet):
        more.append(counted(event.people, "person", "people") if event.people else "off")
    elif isinstance(event, RoomBanned | RoomMuted | Locked):
        more.append(until_text(event.until))
    told = ", ".join(more) + because(str(getattr(event, "reason", ""))).removesuffix(".")
    target, detail = whom or event.room, told.removeprefix(": ")
    own = event.nick == who.nick  # and not what follows from it for somebody else
    return entry_of(event.at, who, act, target, detail) if own else entry(event.at, event.nick, act, target, detail)
