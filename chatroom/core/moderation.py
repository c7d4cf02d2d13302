"""
Order in a room: may who do what, at this moment?

It knows rooms and times and decides nothing else.
"""

from __future__ import annotations

from datetime import datetime, timezone

from chatroom.core.rooms import Room
from chatroom.errors import Banned, Muted, NotAllowed
from chatroom.events import FOREVER, Barred, Hushed, Role


def in_force(act: Barred | Hushed | None, at: float) -> bool:
    """Whether a ban or mute holds at this time."""
    return act is not None and (act.until == FOREVER or at < act.until)


def until_text(until: float) -> str:
    """When a ban ends, as the end of a sentence."""
    if until == FOREVER:
        return "for good"
    return datetime.fromtimestamp(until, timezone.utc).strftime("until %Y-%m-%d %H:%M UTC")


def because(reason: str) -> str:
    """A reason as the end of a sentence, with its full stop."""
    return f": {reason}" if reason else "."


def check_may_talk(room: Room, key: str, at: float) -> None:
    """@raise Muted: with until when and why."""
    mute = room.mutes.get(key)
    if mute is not None and in_force(mute, at):
        raise Muted(f"You are muted in {room.name} {until_text(mute.until)}{because(mute.reason)}")


def is_shut_out(room: Room, key: str, at: float) -> bool:
    """Whether a ban keeps them out. Operators can lift bans, so there is none for them."""
    return in_force(room.bans.get(key), at) and room.role(key) < Role.OPERATOR


def check_may_enter(room: Room, key: str, at: float) -> None:
    """@raise Banned: with until when and why."""
    ban = room.bans.get(key)
    if ban is not None and is_shut_out(room, key, at):
        raise Banned(f"You are banned from {room.name} {until_text(ban.until)}{because(ban.reason)}")


def check_outranks(room: Room, actor: str, target: str, what: str) -> None:
    """
    Nobody acts against an equal: operators on members, owners on all but owners.

    @raise NotAllowed:
    """
    if actor == target:
        raise NotAllowed(f"You cannot {what} yourself.")
    if room.role(actor) <= max(room.role(target), Role.MEMBER):
        raise NotAllowed(f"You cannot {what} someone whose role in {room.name} is not below yours.")


def expired(room: Room, at: float) -> list[Barred | Hushed]:
    """Bans and mutes that have run out, to be cleared away."""
    acts: list[Barred | Hushed] = [*room.bans.values(), *room.mutes.values()]
    return [act for act in acts if not in_force(act, at)]
