"""
Reports: somebody tells the moderators of a person or a room, and they see to it.

It knows who reports what and which reports are open, and nothing of who reads them.
"""

from __future__ import annotations

from collections.abc import Iterable

from chatroom.core.audit import entry_of
from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.core.state import State
from chatroom.errors import LimitReached, NotAllowed, NotFound, Unlawful
from chatroom.events import SERVER, Audited, Event, ReportClosed, Reported, RoomEvent

QUOTED = 5
"""So many of a person's last lines go with a report about them."""

LOOKED_AT = 200
"""Among so many lines of the room they are looked for."""

_LONGEST = 200
"""Characters of each."""


def quote(events: Iterable[RoomEvent], nick: str) -> str:
    """
    What somebody said last, a line each, behind its number in the room: C{12 nice try}.

    @param events: talk of the room, oldest first.
    """
    said = [event for event in events if fold(event.nick) == fold(nick)]
    return "\n".join(f"{event.seq} {_shown(event)}" for event in said[-QUOTED:])


def _shown(event: RoomEvent) -> str:
    return " ".join(str(getattr(event, "text", "")).split())[:_LONGEST]


def report(
    state: State, at: float, who: Presence, about: tuple[str, str], reason: str, quote: str, most: int
) -> tuple[Reported, Audited]:
    """
    @param about: a nickname, or C{""}, and the room it happened in, or C{""}.
    @param reason: clean. @param most: reports that may be open at once.
    @raise NotAllowed: it is oneself. @raise Unlawful: no reason.
    @raise LimitReached: no more may be open, or this one is.
    """
    nick, room = about
    if fold(nick) == who.key:
        raise NotAllowed("You cannot report yourself.")
    if not reason:
        raise Unlawful("Missing REASON. Usage: /report NICK REASON")
    for each in state.reports.values():
        if fold(each.nick) == who.key and fold(each.who) == fold(nick) and (nick or each.where == room):
            raise LimitReached(f"You have already reported {nick or room}: report {each.number} is still open.")
    if len(state.reports) >= most:
        raise LimitReached("There are too many open reports. Whisper to a moderator instead (/staff).", most=most)
    last = state.rooms[room].last if room in state.rooms else 0
    made = Reported(
        at, SERVER, who.nick,
        number=state.last_report + 1, who=nick, where=room, reason=reason, quote=quote, last=last,
    )  # fmt: skip
    return made, Audited(at, SERVER, who.nick, act="report", target=nick or room)


def close(state: State, at: float, who: Presence, number: int, reason: str) -> list[Event]:
    """
    It has been seen to.

    @raise NotFound: no such report is open.
    """
    found = state.reports.get(number)
    if found is None:
        raise NotFound(f"There is no open report {number}. /reports lists the open ones.")
    closed = ReportClosed(
        at, SERVER, who.actor,
        number=number, who=found.who or found.where, to=found.nick, reason=reason, highest=state.last_report,
        reported=found.at,
    )  # fmt: skip
    target = found.who or found.where
    return [closed, entry_of(at, who, "report-done", target, f"report {number}")]
