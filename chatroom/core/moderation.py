"""
Order in a room: may who do what, at this moment?

It knows rooms and times and decides nothing else.
"""

from __future__ import annotations

from datetime import datetime, timezone
from math import ceil

from chatroom.core.rooms import Room
from chatroom.errors import Banned, Muted, NotAllowed, RoomClosedToYou, RoomLocked, TooSoon
from chatroom.events import FOREVER, Barred, Hushed, Locked, Role


def in_force(act: Barred | Hushed | Locked | None, at: float) -> bool:
    """Whether a ban, mute or lock holds at this time."""
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


def keep_pace(room: Room, key: str, at: float) -> None:
    """
    Something is about to be said in a room in slow mode: operators need not wait. It counts from now on.

    @raise TooSoon: with how long to wait.
    """
    if room.pace is None or room.role(key) >= Role.OPERATOR:
        return
    wait = room.pace.wait(key, at)
    if 0 < wait <= room.slow:  # more than that only where the clock was set back
        raise TooSoon(
            f"{room.name} is in slow mode: one line every {seconds_text(room.slow)}. "
            f"Say that again in {seconds_text(ceil(wait))}."
        )
    room.pace.note(key, at)


def seconds_text(seconds: int) -> str:
    """C{1 second}, C{90 seconds}: as people set it, so that they can count along."""
    return "1 second" if seconds == 1 else f"{seconds:,} seconds"


def is_shut_out(room: Room, key: str, at: float) -> bool:
    """Whether a ban keeps them out. Operators can lift bans, so there is none for them."""
    return in_force(room.bans.get(key), at) and room.role(key) < Role.OPERATOR


def check_may_enter(room: Room, key: str, at: float) -> None:
    """@raise Banned: with until when and why. @raise RoomLocked: @raise RoomClosedToYou:"""
    ban = room.bans.get(key)
    if ban is not None and is_shut_out(room, key, at):
        raise Banned(f"You are banned from {room.name} {until_text(ban.until)}{because(ban.reason)}")
    if room.role(key) >= Role.OPERATOR or key in room.invited:
        return
    if room.lock is not None and in_force(room.lock, at):
        until = "" if room.lock.until == FOREVER else f" {until_text(room.lock.until)}"
        why = f" ({room.lock.reason})" if room.lock.reason else ""
        raise RoomLocked(f"{room.name} is locked{until}{why}: nobody new comes in but whom somebody inside invites.")
    if room.invite_only:
        raise RoomClosedToYou(f"{room.name} is for the invited only. Ask somebody inside to /invite you.")


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
