"""
What is true of a room: who is in it, what it is set to, and order in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chatroom.core.names import fold
from chatroom.core.pace import Pace
from chatroom.core.rooms import Room
from chatroom.events import (
    AdmittedSet,
    CapacitySet,
    Event,
    Invited,
    InviteOnlySet,
    Joined,
    Kicked,
    Left,
    Locked,
    ModeratedSet,
    PasswordSet,
    Renamed,
    Role,
    RoleSet,
    RoomBanned,
    RoomClosed,
    RoomCreated,
    RoomMuted,
    RoomUnbanned,
    RoomUnmuted,
    SlowSet,
    TopicRuleSet,
    TopicSet,
    Uninvited,
    UnlistedSet,
    Unlocked,
)

if TYPE_CHECKING:
    from chatroom.core.state import State


def made_room(state: State, name: str, at: float) -> Room:
    """A room, made where it is not: it was closed by one node while another still let people in."""
    room = state.rooms.get(name)
    if room is None:
        room = state.rooms[name] = Room(name, at)
    return room


def disown(state: State, key: str, name: str) -> None:
    """This person does not own the room, or no more."""
    owned = state.owned.get(key)
    if owned is not None:
        owned.discard(name)
        if not owned:
            del state.owned[key]


def _joined(state: State, event: Joined) -> bool:
    return _enter(state, event.room, event.nick, event.at)


def _renamed(state: State, event: Renamed) -> bool:
    _enter(state, event.room, event.new, event.at)  # only in a snapshot; else L{Became} has done it
    _take_back(state, made_room(state, event.room, event.at), fold(event.new))
    return True


def _left(state: State, event: Left) -> bool:
    return _exit(state, event.room, fold(event.nick))


def _kicked(state: State, event: Kicked) -> bool:
    return _exit(state, event.room, fold(event.who))


def _created(state: State, event: RoomCreated) -> None:
    room = made_room(state, event.room, event.at)
    room.created, room.keep, room.made, room.maker_node = event.at, event.keep, event.seq, event.node


def _closed(state: State, event: RoomClosed) -> None:
    room = state.rooms.pop(event.room, None)
    if room is None:
        return
    for key in list(room.invited):
        _take_back(state, room, key)
    for key in room.roles:
        disown(state, key, room.name)


def _topic(state: State, event: TopicSet) -> None:
    room = made_room(state, event.room, event.at)
    room.topic, room.topic_from, room.topic_at = event.text, event.nick, event.at


def _topic_rule(state: State, event: TopicRuleSet) -> None:
    made_room(state, event.room, event.at).topic_by = event.by


def _password(state: State, event: PasswordSet) -> None:
    made_room(state, event.room, event.at).password = event.hash


def _invite_only(state: State, event: InviteOnlySet) -> None:
    made_room(state, event.room, event.at).invite_only = event.on


def _slow(state: State, event: SlowSet) -> bool:
    room = made_room(state, event.room, event.at)
    if room.slow == event.seconds:
        return False
    room.slow, room.pace = event.seconds, Pace(event.seconds) if event.seconds else None
    return True


def _moderated(state: State, event: ModeratedSet) -> bool:
    room = made_room(state, event.room, event.at)
    before, room.moderated = room.moderated, event.on
    return before is not event.on


def _unlisted(state: State, event: UnlistedSet) -> bool:
    room = made_room(state, event.room, event.at)
    before, room.unlisted = room.unlisted, event.on
    return before is not event.on


def _capacity(state: State, event: CapacitySet) -> bool:
    room = made_room(state, event.room, event.at)
    before, room.capacity = room.capacity, event.people
    return before != event.people


def _locked(state: State, event: Locked) -> None:
    made_room(state, event.room, event.at).lock = event


def _unlocked(state: State, event: Unlocked) -> None:
    made_room(state, event.room, event.at).lock = None


def _invited(state: State, event: Invited) -> bool:
    key = fold(event.who)
    if key in state.people or not event.guest:  # else they have gone meanwhile
        made_room(state, event.room, event.at).invited.add(key)
        state.invitations.setdefault(key, {})[event.room] = None
    return fold(event.nick) != key  # a guest's that an account has taken over: no news


def _uninvited(state: State, event: Uninvited) -> bool:
    _take_back(state, state.rooms.get(event.room), fold(event.who))
    return False


def _admitted(state: State, event: AdmittedSet) -> bool:
    admitted, key = made_room(state, event.room, event.at).admitted, fold(event.who)
    before = admitted.pop(key, None)
    if event.on:
        admitted[key] = event
    return event.on is not (before is not None)


def _role(state: State, event: RoleSet) -> bool:
    room, key = made_room(state, event.room, event.at), fold(event.who)
    role = Role[event.role.upper()]
    before = room.roles.pop(key, Role.MEMBER)
    if role > Role.MEMBER:
        room.roles[key] = role
    room.in_charge += (role >= Role.OPERATOR) - (before >= Role.OPERATOR)
    if role is Role.OWNER:
        state.owned.setdefault(key, set()).add(event.room)
    else:
        disown(state, key, event.room)
    lapsed = event.guest and fold(event.nick) == key  # with the guest's visit or name: no news
    return before is not role and not lapsed


# What is on a guest is not on the name, and comes as L{Sanctioned<chatroom.events.Sanctioned>} and
# L{Pardoned<chatroom.events.Pardoned>}: these tell the room.


def _muted(state: State, event: RoomMuted) -> None:
    if not event.guest:
        made_room(state, event.room, event.at).mutes.put(event)


def _unmuted(state: State, event: RoomUnmuted) -> None:
    if not event.guest:
        made_room(state, event.room, event.at).mutes.remove(event.who)


def _banned(state: State, event: RoomBanned) -> None:
    room = made_room(state, event.room, event.at)
    if not event.guest:
        room.bans.put(event)
    _take_back(state, room, fold(event.who))
    _exit(state, event.room, fold(event.who))


def _unbanned(state: State, event: RoomUnbanned) -> None:
    if not event.guest:
        made_room(state, event.room, event.at).bans.remove(event.who)


def _enter(state: State, name: str, nick: str, at: float) -> bool:
    who = state.people.get(fold(nick))
    if who is None or name in who.rooms:
        return False
    room = made_room(state, name, at)
    room.members[who.key] = who
    _take_back(state, room, who.key)
    who.rooms[name] = room
    who.has_joined = True
    return True


def _exit(state: State, name: str, key: str) -> bool:
    room = state.rooms.get(name)
    who = room.members.pop(key, None) if room is not None else None
    if who is None:
        return False
    who.rooms.pop(name, None)
    return True


def _take_back(state: State, room: Room | None, key: str) -> None:
    """An invitation is used, or holds no more."""
    if room is not None and key in room.invited:
        room.invited.remove(key)
        del state.invitations[key][room.name]
        if not state.invitations[key]:
            del state.invitations[key]


CHANGES: dict[type[Event], Callable[[State, Any], bool | None]] = {
    Joined: _joined,
    Left: _left,
    Renamed: _renamed,
    Kicked: _kicked,
    RoomCreated: _created,
    RoomClosed: _closed,
    TopicSet: _topic,
    TopicRuleSet: _topic_rule,
    PasswordSet: _password,
    InviteOnlySet: _invite_only,
    SlowSet: _slow,
    ModeratedSet: _moderated,
    UnlistedSet: _unlisted,
    CapacitySet: _capacity,
    Locked: _locked,
    Unlocked: _unlocked,
    Invited: _invited,
    Uninvited: _uninvited,
    AdmittedSet: _admitted,
    RoleSet: _role,
    RoomMuted: _muted,
    RoomUnmuted: _unmuted,
    RoomBanned: _banned,
    RoomUnbanned: _unbanned,
}
