"""
What is true of the whole server: bans and mutes, the lockdown, and reports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chatroom.core.changes.rooms import made_room
from chatroom.core.holds import Holds
from chatroom.erasure import anonymous
from chatroom.events import (
    OPEN,
    SERVER,
    Erased,
    Event,
    LockdownSet,
    Pardoned,
    PluginAdded,
    PluginStored,
    ReportClosed,
    Reported,
    Sanctioned,
    UnknownKind,
)

if TYPE_CHECKING:
    from chatroom.core.state import State


def _lockdown(state: State, event: LockdownSet) -> None:
    state.lockdown = None if event.level == OPEN else event


def _reported(state: State, event: Reported) -> None:
    state.reports[event.number] = event
    state.last_report = max(state.last_report, event.number)


def _report_closed(state: State, event: ReportClosed) -> bool:
    state.last_report = max(state.last_report, event.highest)
    return state.reports.pop(event.number, None) is not None


def _book(state: State, event: Sanctioned | Pardoned) -> Holds[Any]:
    """The bans or the mutes of the server, or of a room."""
    if event.room != SERVER:
        made_room(state, event.room, event.at)
    return state.book(event.act, event.room)


def _sanctioned(state: State, event: Sanctioned) -> None:
    _book(state, event).put(event)


def _pardoned(state: State, event: Pardoned) -> bool:
    return _book(state, event).remove(event.visit or event.target) is not None


def _erased(state: State, event: Erased) -> None:
    """Facts that name somebody name nobody, as in the backend."""
    books: list[Holds[Any]] = [state.server_bans, state.server_mutes]
    for room in state.ruled.values():
        books += [room.bans, room.mutes]
        if room.lock is not None:
            room.lock = anonymous(room.lock, event.who, event.keep_text) or room.lock
    if state.lockdown is not None:
        state.lockdown = anonymous(state.lockdown, event.who, event.keep_text) or state.lockdown
    for book in books:
        book.change(lambda fact: anonymous(fact, event.who, event.keep_text))
    for number, report in state.reports.items():
        state.reports[number] = anonymous(report, event.who, event.keep_text) or report
    state.former.pop(event.who, None)
    for plugin in state.stored.values():
        for name, fact in plugin.items():
            plugin[name] = anonymous(fact, event.who, event.keep_text) or fact


def _stored(state: State, event: PluginStored) -> None:
    """What comes last comes last, as the slot of a backend does."""
    facts = state.stored.setdefault(event.nick, {})
    facts.pop(event.key, None)
    if event.slots().sets is not None:
        facts[event.key] = event


def _unknown(state: State, event: UnknownKind) -> bool:
    """What a newer version has made of the room is not known here: it has its number, and no more."""
    return False


CHANGES: dict[type[Event], Callable[[State, Any], bool | None]] = {
    LockdownSet: _lockdown,
    Reported: _reported,
    ReportClosed: _report_closed,
    Sanctioned: _sanctioned,
    Pardoned: _pardoned,
    Erased: _erased,
    PluginStored: _stored,
    PluginAdded: _stored,
    UnknownKind: _unknown,
}
