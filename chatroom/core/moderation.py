"""
Order in a room: may who do what, at this moment?

It knows rooms, times and what people are in the house, and decides nothing else.
"""

from __future__ import annotations

from datetime import datetime, timezone
from math import ceil

from chatroom.core.rooms import Room
from chatroom.core.sessions import Presence
from chatroom.errors import Banned, Muted, NotAllowed, RoomClosedToYou, RoomLocked, TooSoon, Unlawful
from chatroom.events import FOREVER, Barred, HouseRole, Hushed, LockdownSet, Locked, Role, Sanctioned

_AS_STAFF = {HouseRole.NONE: Role.NOBODY, HouseRole.MODERATOR: Role.OPERATOR, HouseRole.ADMIN: Role.OWNER}
"""What staff of the house counts as in every room."""


def power(room: Room, who: Presence) -> Role:
    """What somebody may do in a room: what they are there or, if that is more, in the house."""
    return max(room.role(who.key), _AS_STAFF[who.staff])


def check_power(room: Room, who: Presence, least: Role, word: str) -> None:
    """
    @param word: the command that is only for those.
    @raise NotAllowed: somebody is neither that in the room nor, in the house, something that counts as much.
    """
    if power(room, who) < least:
        raise NotAllowed(f"In {room.name}, /{word} is for {least.name.lower()}s.")


def rank(room: Room, key: str, staff: HouseRole) -> int:
    """Who acts against whom: staff of the house stands above whatever anybody is in a room."""
    return Role.OWNER + staff if staff else room.role(key)


def in_force(act: Barred | Hushed | Locked | Sanctioned | LockdownSet | None, at: float) -> bool:
    """Whether a ban, mute or lock, of a room or of the house, holds at this time."""
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


def keep_pace(room: Room, who: Presence, at: float, text: str) -> None:
    """
    Something is about to be said in a room in slow mode: operators need not wait. It counts from now on.

    @param text: clean. One line is what slow mode lets people say.
    @raise TooSoon: with how long to wait. @raise Unlawful: it has more lines than one.
    """
    if room.pace is None or power(room, who) >= Role.OPERATOR:
        return
    if "\n" in text:
        raise Unlawful(
            f"{room.name} is in slow mode: one line every {seconds_text(room.slow)}. Say that in a single line."
        )
    wait = room.pace.wait(who.key, at)
    if 0 < wait <= room.slow:  # more than that only where the clock was set back
        raise TooSoon(
            f"{room.name} is in slow mode: one line every {seconds_text(room.slow)}. "
            f"Say that again in {seconds_text(ceil(wait))}."
        )
    room.pace.note(who.key, at)


def note_pace(room: Room, key: str, at: float) -> None:
    """Somebody has said something in a room in slow mode, perhaps through another node, or before this one began."""
    if room.pace is not None and not 0 < room.pace.wait(key, at) <= room.slow:  # else it is known already
        room.pace.note(key, at)


def seconds_text(seconds: int) -> str:
    """C{1 second}, C{90 seconds}: as people set it, so that they can count along."""
    return "1 second" if seconds == 1 else f"{seconds:,} seconds"


def is_shut_out(room: Room, key: str, at: float) -> bool:
    """Whether a ban keeps them out. Operators can lift bans, so there is none for them."""
    return in_force(room.bans.get(key), at) and room.role(key) < Role.OPERATOR


def check_may_enter(room: Room, who: Presence, at: float) -> None:
    """
    Whether somebody may come in; staff of the house may anywhere.

    @raise Banned: with until when and why. @raise RoomLocked: @raise RoomClosedToYou:
    """
    if not who.staff:
        check_is_open(room, who.key, at)


def check_is_open(room: Room, key: str, at: float) -> None:
    """
    Whether a room lets somebody in who is not of the staff.

    @raise Banned: @raise RoomLocked: @raise RoomClosedToYou:
    """
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


def check_outranks(room: Room, actor: Presence, target: str, staff: HouseRole, what: str) -> None:
    """
    Nobody acts against an equal: operators on members, owners on all but owners, staff of the house on all but staff
    of their own role.

    @param target: the key of the other one. @param staff: what that one is in the house.
    @raise NotAllowed:
    """
    if actor.key == target:
        raise NotAllowed(f"You cannot {what} yourself.")
    if rank(room, actor.key, actor.staff) <= max(rank(room, target, staff), Role.MEMBER):
        raise NotAllowed(f"You cannot {what} someone whose role in {room.name} is not below yours.")


def expired(room: Room, at: float) -> list[Barred | Hushed]:
    """Bans and mutes that have run out, to be cleared away."""
    acts: list[Barred | Hushed] = [*room.bans.values(), *room.mutes.values()]
    return [act for act in acts if not in_force(act, at)]
