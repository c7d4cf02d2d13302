"""
Who is on line, by which nickname, and what else is true of them.

It knows people, and the slow mode that goes along with a nickname.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chatroom.core import permissions
from chatroom.core.changes.pace import note_pace
from chatroom.core.changes.rooms import disown
from chatroom.core.names import fold
from chatroom.core.presence import NOBODY_ACTS, PastGuest, Presence
from chatroom.events import ActingSet, Arrived, AwaySet, Became, BotSet, Departed, Event, ServerRole, StaffSet

if TYPE_CHECKING:
    from chatroom.core.state import State

FORMER = 1000
"""So many guests are remembered who had a nickname last and are gone."""


def _arrived(state: State, event: Arrived) -> None:
    who = state.people.get(fold(event.nick))
    if who is not None and not _is_same(who, event):
        _vanish(state, who)
        who = None
    if who is None:
        who = Presence(event.nick, event.account, event.node, event.at)
        state.people[who.key] = who
    else:
        state.by_name.remove(who)
    who.is_at(event.node)
    who.account = event.account
    _be_guest(who, event)
    state.by_name.add(who)
    for room in state.paced.values() if who.visit else ():
        if room.pace is not None:  # what was recalled by the name alone
            room.pace.rename(who.key, who.visit)


def _is_same(who: Presence, event: Arrived) -> bool:
    """Whether this is one more node of somebody on line: only an account has several. Two guests are two people."""
    return (who.account and event.account) or bool(who.visit and who.visit == event.visit)


def _vanish(state: State, who: Presence) -> None:
    """Somebody else has the nickname: nothing of who had it before, neither rooms nor roles, is the newcomer's."""
    del state.people[who.key]
    state.by_name.remove(who)
    for room in who.rooms.values():
        room.members.pop(who.key, None)
        if not who.account and room.roles.pop(who.key, None) is not None:
            disown(state, who.key, room.name)
        state.note(room.name)
    _remember(state, who.nick, who)


def _departed(state: State, event: Departed) -> None:
    who = state.people.get(fold(event.nick))
    if who is not None:
        who.nodes -= {event.node}
        _act(who, event.node, ServerRole.NONE)
        if event.last:
            who.away = ""
        if not who.nodes:
            if event.own:
                _note_last_words(who, event.at)
            if event.goes_on:
                _carry_pace(state, who, event.goes_on, event.at)
            del state.people[who.key]
            state.by_name.remove(who)
            _remember(state, who.nick, who)
            _leave_pace(state, who, event.at)


def _note_last_words(who: Presence, at: float) -> None:
    """They said goodbye in their own words, which counts in slow mode as all that a room reads."""
    for room in who.rooms.values():
        if room.pace is not None and not permissions.is_in_charge(room, who):
            note_pace(room, who.pace_key, at)


def _remember(state: State, nick: str, who: Presence) -> None:
    """Remember the guest who had this nickname last, so that moderators can still ban or mute that guest."""
    key = fold(nick)
    state.former.pop(key, None)
    if who.visit:
        state.former[key] = PastGuest(nick, who.visit, who.origin)
        while len(state.former) > FORMER:
            del state.former[next(iter(state.former))]


def _leave_pace(state: State, who: Presence, at: float) -> None:
    """Where a guest is gone who has to wait in a room, the next one from there waits in their place."""
    for room in state.paced.values() if who.visit else ():
        if room.pace is not None:
            if who.origin and room.pace.wait(who.visit, at) > room.pace.wait(who.origin, at):
                room.pace.rename(who.visit, who.origin)
            room.pace.forget(who.visit)


def _carry_pace(state: State, who: Presence, to: str, at: float) -> None:
    """Somebody goes on under another key, and has to wait there for as long as here, if not longer."""
    for room in state.paced.values():
        if room.pace is not None:
            left = permissions.pace_left(room, who, at)
            if left > room.pace.wait(to, at):
                room.pace.forget(to)
                room.pace.note(to, at + left - room.slow)


def _became(state: State, event: Became) -> None:
    old, new = fold(event.nick), fold(event.new)
    who = state.people.pop(old, None) or state.people.get(new)
    if who is None:  # a snapshot holds only the last event of a slot
        who = Presence(event.new, event.account, event.node, event.at)
    state.by_name.remove(who)
    if old != new:
        who.away, who.bot, who.acting = "", False, NOBODY_ACTS
    for room in who.rooms.values():
        room.members.pop(who.key, None)
    who.is_at(event.node)
    if old != new:
        _remember(state, event.nick, who)
    _go_on(state, who, event)
    who.nick, who.key, who.account = event.new, event.new if new == event.new else new, event.account
    _be_guest(who, event)
    for room in who.rooms.values():
        room.members[who.key] = who
    state.people[who.key] = who
    state.by_name.add(who)


def _go_on(state: State, who: Presence, event: Became) -> None:
    """Where a guest becomes an account, the account waits, and so does the next guest from there."""
    to = fold(event.new) if event.account else event.visit or who.pace_key
    if to == who.pace_key:
        return
    _carry_pace(state, who, to, event.at)
    _leave_pace(state, who, event.at)


def _away(state: State, event: AwaySet) -> None:
    who = state.people.get(fold(event.nick))
    if who is not None:
        who.away = event.text
        for room in permissions.rooms_reading(who, event.at):
            if room.pace is not None:
                note_pace(room, who.pace_key, event.at)


def _staff(state: State, event: StaffSet) -> bool:
    who = state.people.get(fold(event.who))
    before = ServerRole.NONE if who is None else who.staff
    if who is not None:
        who.staff = ServerRole[event.role.upper()]
    return who is not None and who.staff is not before


def _acting(state: State, event: ActingSet) -> bool:
    who = state.people.get(fold(event.nick))
    return who is not None and _act(who, event.node, ServerRole[event.role.upper()])


def _act(who: Presence, node: str, role: ServerRole) -> bool:
    """They act with this role through a node. @return: whether that is new."""
    if who.acting.get(node, ServerRole.NONE) is role:
        return False
    others = {each: other for each, other in who.acting.items() if each != node}
    if role:
        others[node] = role
    who.acting = others or NOBODY_ACTS
    return True


def _bot(state: State, event: BotSet) -> bool:
    who = state.people.get(fold(event.who))
    changed = who is not None and who.bot is not event.on
    if who is not None:
        who.bot = event.on
    return changed


def _be_guest(who: Presence, event: Arrived | Became) -> None:
    """Somebody has a visit, or is an account. One whom an older node has announced has one as well."""
    if who.account:
        who.visit = who.origin = ""
    elif event.visit:
        who.visit, who.origin = event.visit, event.origin
    elif not who.visit:
        who.visit = f"~{event.node}:{event.at:.3f}:{who.key}"


CHANGES: dict[type[Event], Callable[[State, Any], bool | None]] = {
    Arrived: _arrived,
    Departed: _departed,
    Became: _became,
    AwaySet: _away,
    StaffSet: _staff,
    ActingSet: _acting,
    BotSet: _bot,
}
