"""
Order in a room: may who do what, at this moment?

It knows rooms, times and what people are on the server, and decides nothing else.
"""

from __future__ import annotations

from math import ceil

from chatroom.core.holds import in_force as in_force
from chatroom.core.pace import Reservations
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.errors import (
    Banned,
    Muted,
    NotAllowed,
    RoomClosedToYou,
    RoomFull,
    RoomLocked,
    RoomModerated,
    TooSoon,
    Unlawful,
    counted,
    with_full_stop,
)
from chatroom.events import FOREVER, GUEST, Role, RoomBanned, RoomMuted, Sanctioned, ServerRole
from chatroom.zones import moment

_AS_STAFF = {ServerRole.NONE: Role.NOBODY, ServerRole.MODERATOR: Role.OPERATOR, ServerRole.ADMIN: Role.OWNER}
"""What staff of the server counts as in every room."""


def power(room: Room, who: Presence) -> Role:
    """What somebody may do in a room: what they are there or, if that is more, on the server."""
    return max(room.role(who.key), _AS_STAFF[who.staff])


def check_power(room: Room, who: Presence, least: Role, word: str) -> None:
    """
    @param word: the command that is only for those.
    @raise NotAllowed: somebody is neither that in the room nor, on the server, something that counts as much.
    """
    if power(room, who) < least:
        raise NotAllowed(f"Only {least.name.lower()}s of {room.name} can use /{word}.")


def rank(room: Room, key: str, staff: ServerRole) -> int:
    """Who acts against whom: staff of the server stands above whatever anybody is in a room."""
    return Role.OWNER + staff if staff else room.role(key)


def until_text(until: float) -> str:
    """When a ban ends, as the end of a sentence."""
    if until == FOREVER:
        return "forever"
    return f"until {moment(until)}"


def because(reason: str) -> str:
    """A reason as the end of a sentence that is the last one."""
    return f": {reason}" if reason else "."


def because_before(reason: str) -> str:
    """A reason as the end of a sentence before another one, with its full stop."""
    return with_full_stop(f": {reason}") if reason else "."


def whom(act: RoomBanned | RoomMuted | Sanctioned, who: Presence) -> str:
    """Whom it concerns, as the beginning of a sentence to somebody: themselves, or guests from where they are."""
    if isinstance(act, Sanctioned) and act.scope == GUEST and act.visit != who.visit:
        return "Guests from your address are"
    return "You are"


def mute_on(room: Room, who: Presence, at: float) -> RoomMuted | Sanctioned | None:
    """The mute of the room in force on somebody. One on guests from an address means nobody with a role."""
    mute = room.mutes.on_person(who, at)
    spared = isinstance(mute, Sanctioned) and mute.visit != who.visit and room.role(who.key) >= Role.VOICE
    return None if spared else mute


def is_silenced(room: Room, who: Presence) -> bool:
    """Whether somebody may not talk because the room is moderated."""
    return room.moderated and power(room, who) < Role.VOICE


def check_may_talk(room: Room, who: Presence, at: float) -> None:
    """@raise Muted: with until when and why. @raise RoomModerated:"""
    check_is_not_muted(room, who, at)
    if is_silenced(room, who):
        raise RoomModerated(
            f"{room.name} is moderated: only operators and people with voice can talk. "
            "An operator of it can /voice you."
        )


def check_is_not_muted(room: Room, who: Presence, at: float) -> None:
    """@raise Muted: with until when and why."""
    mute = mute_on(room, who, at)
    if mute is not None:
        raise Muted(
            f"{whom(mute, who)} muted in {room.name} {until_text(mute.until)}{because(mute.reason)}", mute.until
        )


def is_in_charge(room: Room, who: Presence) -> bool:
    """Whether somebody is an operator of the room, or counts as one: slow mode is not for them."""
    return power(room, who) >= Role.OPERATOR


def pace_left(room: Room, who: Presence, at: float, reserved: Reservations | None = None) -> float:
    """
    Seconds that somebody has to wait before a room in slow mode reads something of theirs again: operators need not.
    A guest goes on where the last one from the same address has left, whom a new connection would make a newcomer.

    @param reserved: what counts although it is not kept yet. C{None} where a node must come to the same as all others.
    """
    if room.pace is None or is_in_charge(room, who):
        return 0.0
    wait = room.pace.wait(who.pace_key, at)
    said = None if reserved is None else reserved.last(room.name, who.pace_key)
    if said is not None:
        wait = max(wait, said + room.slow - at)
    if who.origin:
        there = room.pace.wait(who.origin, at)
        if who.since >= at + there - room.slow:  # they came after that was said
            wait = max(wait, there)
    return wait if wait <= room.slow else 0.0  # more than that only where the clock was set back


def check_pace(room: Room, who: Presence, at: float, again: str, reserved: Reservations) -> None:
    """
    Whether a room in slow mode may read something of somebody's.

    @param again: what to do later, as the beginning of a sentence.
    @raise TooSoon: with how long to wait.
    """
    wait = pace_left(room, who, at, reserved) if room.pace is not None else 0.0
    if wait > 0:
        raise TooSoon(
            f"{room.name} is in slow mode: one message every {seconds_text(room.slow)}. "
            f"{again} in {seconds_text(ceil(wait))}.",
            wait=wait,
        )


def check_is_one_line(room: Room, text: str) -> None:
    """@raise Unlawful: it has more lines than the one that slow mode lets people say."""
    if "\n" in text:
        raise Unlawful(
            f"{room.name} is in slow mode: one message every {seconds_text(room.slow)}. Send that as a single line.",
            most=1,
        )


def rooms_reading(who: Presence, at: float, reserved: Reservations | None = None) -> list[Room]:
    """
    The rooms of somebody that read what they say by the way now: they are not muted, nor is it too soon.

    @param reserved: as in L{pace_left}.
    """
    return [
        room
        for room in who.rooms.values()
        if mute_on(room, who, at) is None and not is_silenced(room, who) and pace_left(room, who, at, reserved) <= 0
    ]


def seconds_text(seconds: int) -> str:
    """C{1 second}, C{90 seconds}: as people set it, so that they can count along."""
    return "1 second" if seconds == 1 else f"{seconds:,} seconds"


def is_shut_out(room: Room, key: str, at: float) -> bool:
    """Whether a ban on this name keeps them out. Operators can lift bans, so there is none for them."""
    return in_force(room.bans.entries.get(key), at) and room.role(key) < Role.OPERATOR


def ban_on(room: Room, who: Presence, at: float) -> RoomBanned | Sanctioned | None:
    """The ban of the room in force on somebody. One on guests from an address does not mean the invited."""
    if room.role(who.key) >= Role.OPERATOR:
        return None
    ban = room.bans.on_person(who, at)
    spared = isinstance(ban, Sanctioned) and ban.visit != who.visit and room.is_invited(who.key)
    return None if spared else ban


def is_hidden(room: Room, who: Presence) -> bool:
    """Whether somebody is not to know that there is this room: it is private, and no affair of theirs."""
    if not room.invite_only or room.name in who.rooms or room.is_invited(who.key):
        return False
    return power(room, who) < Role.OPERATOR


def check_may_enter(room: Room, who: Presence, at: float) -> None:
    """
    Check that this person can join the room. Server staff can join any room.

    @raise Banned: with until when and why. @raise RoomLocked: @raise RoomClosedToYou: @raise RoomFull:
    """
    if not who.staff:
        check_is_open(room, who, at)


def check_is_open(room: Room, who: Presence, at: float) -> None:
    """
    Whether a room lets somebody in who is not of the staff.

    @raise Banned: @raise RoomLocked: @raise RoomClosedToYou: @raise RoomFull:
    """
    ban = ban_on(room, who, at)
    if ban is not None:
        raise Banned(
            f"{whom(ban, who)} banned from {room.name} {until_text(ban.until)}{because(ban.reason)}", ban.until
        )
    if room.role(who.key) >= Role.OPERATOR or room.is_invited(who.key):
        return
    if room.lock is not None and in_force(room.lock, at):
        until = "" if room.lock.until == FOREVER else f" {until_text(room.lock.until)}"
        why = because_before(room.lock.reason)
        raise RoomLocked(f"{room.name} is locked{until}{why} Only invited people can join.", room.lock.until)
    if room.invite_only:
        raise RoomClosedToYou(f"{room.name} is invite-only. Ask an operator of it to /invite you.")
    if room.is_full():
        most = counted(room.capacity, "person", "people")
        raise RoomFull(f"{room.name} is full: its limit is {most}. Ask an operator of it to /invite you.")


def check_outranks(room: Room, actor: Presence, target: str, staff: ServerRole, what: str) -> None:
    """
    Nobody acts against an equal: operators on members, owners on all but owners, staff of the server on all but staff
    of their own role.

    @param target: the key of the other one. @param staff: what that one is on the server.
    @raise NotAllowed:
    """
    if actor.key == target:
        raise NotAllowed(f"You cannot {what} yourself.")
    if rank(room, actor.key, actor.staff) <= max(rank(room, target, staff), Role.MEMBER):
        raise NotAllowed(f"You can only {what} people with a lower role than yours in {room.name}.")


def expired(room: Room, at: float) -> list[RoomBanned | RoomMuted | Sanctioned]:
    """Bans and mutes that have run out, to be cleared away."""
    acts: list[RoomBanned | RoomMuted | Sanctioned] = [*room.bans.entries.values(), *room.mutes.entries.values()]
    return [act for act in acts if not in_force(act, at)]
