"""
How rooms, people and pages of history look in an answer: as sentences for people, as facts for programs.

Facts that programs read have the same names wherever they occur; docs/protocol.rst lists them. Nothing here
asks the server for anything: it is all in the arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, islice
from typing import Any, Generic, TypeVar

from chatroom.commands.times import count, every, stamp
from chatroom.events import OPEN, Event, LockdownSet, Locked, Missed
from chatroom.interfaces import MISSED, SHOWN, Login, Page, Person, Role, RoomSummary, RoomView, ServerRole
from chatroom.records import AROUND, AuditEntry

T = TypeVar("T")

NAMES = SHOWN
"""So many names, or rooms, are written out in one answer for people."""

FACTS = 500
"""So many of them a program gets at once."""

RECORDED = "This room is logged; anyone who can join can read it with /history."


class Later(Mapping[str, Any]):
    """
    Facts that are worked out when somebody looks at them. Programs do; people, who are told in sentences, never do,
    and in a full room the facts cost more than the sentences.
    """

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        """@param make: called once at most, and only with what does not change meanwhile."""
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, Any]:
        return self._make()

    def __getitem__(self, name: str) -> Any:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


class Listed(Generic[T]):
    """
    One page of a list.

    @ivar rows: those on it. @ivar facts: the same for programs.
    @ivar next: how many to leave out for the page after it; C{None} where it is the last.
    """

    def __init__(self, rows: Iterable[T], facts: Callable[[T], dict[str, Any]], size: int, skip: int | None) -> None:
        """@param size: bytes of text on it; one row fits in any case. @param skip: rows of the pages before."""
        self.facts: list[dict[str, Any]] = []
        self.rows: list[T] = []
        self._rest: Iterable[T] = islice(rows, skip or 0, None)
        for row in self._rest:
            made = facts(row)
            size -= AROUND + sum(len(value.encode()) for value in made.values() if isinstance(value, str))
            if self.facts and size < 0:
                self._rest = chain((row,), self._rest)
                self.next: int | None = (skip or 0) + len(self.rows)
                return
            self.facts.append(made)
            self.rows.append(row)
        self.next = None

    def hint(self, word: str) -> tuple[str, ...]:
        """What to type for the next page, as a part of an answer; nothing where there is none. Asked once."""
        return () if self.next is None else (f"And {sum(1 for _ in self._rest):,} more: /{word} {self.next}",)


def nick_of(person: Person) -> str:
    """C{alice (owner, admin)}, C{bob (guest)}: a name with what others should know of it."""
    if not (person.role > Role.MEMBER or person.staff or person.away or person.bot):  # as almost all are
        return person.nick if person.account else f"{person.nick} (guest)"
    notes = [person.role.name.lower()] if person.role > Role.MEMBER else []
    if person.staff > ServerRole.NONE:
        notes.append(person.staff.name.lower())
    if person.bot:
        notes.append("bot")
    if not person.account:
        notes.append("guest")
    if person.away:
        notes.append("away")
    return f"{person.nick} ({', '.join(notes)})" if notes else person.nick


class _Joined:
    """Names in a row. All of a crowd that comes in at once are shown the same people, so the last row is kept."""

    def __init__(self) -> None:
        self._people: Sequence[Person] = ()
        self._row = ""

    def row(self, people: Sequence[Person]) -> str:
        """The first L{NAMES} of them."""
        if people is not self._people or not isinstance(people, tuple):  # a list may have changed
            self._people, self._row = people, ", ".join([nick_of(person) for person in people[:NAMES]])
        return self._row


_JOINED = _Joined()


def names(people: Sequence[Person], total: int) -> str:
    """One line of names, the first L{NAMES} of them: C{alice (owner), bob and 4,950 more}."""
    shown = _JOINED.row(people)
    hidden = total - min(len(people), NAMES)
    return f"{shown} and {hidden:,} more" if hidden else shown


def person_facts(person: Person) -> dict[str, Any]:
    """Somebody on line: C{nick account away since role staff bot}."""
    return {
        "nick": person.nick,
        "account": person.account,
        "away": person.away,
        "since": stamp(person.since),
        "role": person.role.name.lower(),
        "staff": person.staff.name.lower(),
        "bot": person.bot,
    }


def room_parts(view: RoomView) -> tuple[str | Event, ...]:
    """What somebody sees who comes into a room: its topic, who is here, that it is recorded, the last lines."""
    people = count(view.people_total, "person", "people")
    topic = f"You are in {view.name}. Topic: {view.topic}" if view.topic else f"You are in {view.name}."
    here = f"Here ({people}): {names(view.people, view.people_total)}"
    lock = (view.lock,) if view.lock is not None else ()
    moderated = ("Moderated: only operators and people with voice can talk.",) if view.moderated else ()
    slow = (f"Slow mode: one message per person {every(view.slow)}.",) if view.slow else ()
    more = " or more" if view.missed >= MISSED else ""
    missed = (f"{count(view.missed, 'line')}{more} since your last visit: /missed",) if view.missed else ()
    return (topic, here, *lock, *moderated, *slow, RECORDED, *view.recent, *missed)


def lock_facts(lock: Locked | None) -> dict[str, Any] | None:
    """C{by at until reason}, or C{None}."""
    if lock is None:
        return None
    return {"by": lock.nick, "at": stamp(lock.at), "until": stamp(lock.until), "reason": lock.reason}


def room_facts(view: RoomView) -> Mapping[str, Any]:
    """
    A room as a member sees it. Of its people, only the first ones: C{who} gives them all.
    """
    return Later(partial(_room_facts, view))


def _room_facts(view: RoomView) -> dict[str, Any]:
    return {
        "room": view.name,
        "topic": view.topic,
        "role": view.role.name.lower(),
        "people": [person_facts(person) for person in view.people],
        "people_total": view.people_total,
        "recent": list(view.recent),
        "last": view.last,
        "missed": view.missed,
        "read": view.read,
        "keep": view.keep,
        "invite_only": view.invite_only,
        "locked": view.locked,
        "created": stamp(view.created),
        "slow": view.slow,
        "lock": lock_facts(view.lock),
        "topic_by": view.topic_by,
        "moderated": view.moderated,
        "unlisted": view.unlisted,
        "capacity": view.capacity,
    }


def summary_line(room: RoomSummary) -> str:
    """A line of C{/rooms}."""
    notes = [
        note
        for note, true in (
            ("you are in it", room.joined),
            ("private", room.invite_only),
            ("unlisted", room.unlisted),
            ("full", 0 < room.capacity <= room.people),
            ("password", room.locked),
            ("locked", room.lock is not None),
        )
        if true
    ]
    line = f"{room.name}: {count(room.people, 'person', 'people')}"
    if notes:
        line += f" ({', '.join(notes)})"
    return f"{line}. {room.topic}" if room.topic else line


def summary_facts(room: RoomSummary) -> dict[str, Any]:
    """A room as anybody sees it: C{room topic people invite_only locked joined lock unlisted capacity}."""
    return {
        "room": room.name,
        "topic": room.topic,
        "people": room.people,
        "invite_only": room.invite_only,
        "locked": room.locked,
        "joined": room.joined,
        "lock": lock_facts(room.lock),
        "unlisted": room.unlisted,
        "capacity": room.capacity,
    }


def entry_facts(entry: AuditEntry) -> dict[str, Any]:
    """An entry of the audit log, for programs: C{number at who act target detail}."""
    return {
        "number": entry.id,
        "at": stamp(entry.at),
        "who": entry.who,
        "act": entry.act,
        "target": entry.target,
        "detail": entry.detail,
    }


def page_parts(page: Page, now: float, more: str) -> tuple[str | Event, ...]:
    """
    A page of history. A gap is told as such.

    @param more: what to type for the next page; nothing, where only programs can ask for it.
    """
    gap = (Missed(now, page.room, "", *page.gap),) if page.gap else ()
    hint = (f"More: {more}",) if page.more and more else ()
    return (*gap, *page.events, *hint)


def page_facts(page: Page) -> dict[str, Any]:
    """C{room events more gap}: the gap is C{[first, last]} or C{None}."""
    return {
        "room": page.room,
        "events": list(page.events),
        "more": page.more,
        "gap": list(page.gap) if page.gap else None,
    }


def waiting_parts(login: Login) -> tuple[str | Event, ...]:
    """How many whispers wait in the inbox, and reports for the staff, if any do; and a lockdown."""
    parts: list[str | Event] = []
    if login.waiting:
        parts.append(f"{count(login.waiting, 'whisper')} {'waits' if login.waiting == 1 else 'wait'} for you: /inbox")
    if login.reports:
        parts.append(f"{count(login.reports, 'report')} {'is' if login.reports == 1 else 'are'} open: /reports")
    if login.lockdown is not None:
        parts.append(login.lockdown)
    return tuple(parts)


def lockdown_facts(lockdown: LockdownSet | None) -> dict[str, Any]:
    """C{level by at until reason}; the level is C{off} where there is none."""
    if lockdown is None:
        return {"level": OPEN, "by": None, "at": None, "until": None, "reason": ""}
    return {
        "level": lockdown.level,
        "by": lockdown.nick,
        "at": stamp(lockdown.at),
        "until": stamp(lockdown.until),
        "reason": lockdown.reason,
    }


def login_facts(login: Login, motd: Sequence[str]) -> Mapping[str, Any]:
    """C{nick account token kept waiting reports lockdown motd view}: the view as in L{room_facts}, or C{None}."""
    return Later(partial(_login_facts, login, motd))


def _login_facts(login: Login, motd: Sequence[str]) -> dict[str, Any]:
    return {
        "nick": login.nick,
        "account": login.account,
        "token": login.token,
        "kept": login.kept,
        "waiting": login.waiting,
        "reports": login.reports,
        "lockdown": lockdown_facts(login.lockdown)["level"],
        "motd": list(motd),
        "view": _room_facts(login.view) if login.view else None,
    }
