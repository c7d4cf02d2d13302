"""
What a person can switch to: one buffer per room, and one per person they whisper with. In it are its lines, who is
there, and how much of it is unread.

It knows events and lines; not how they are shown, nor where they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chatroom.client.clean import name as clean_name
from chatroom.client.clean import safe
from chatroom.client.facts import Facts
from chatroom.client.lines import TALK, Kind, ScreenLine, day
from chatroom.events import AwaySet, BotSet, Event, Joined, Kicked, Left, Renamed, RoleSet, RoomBanned, TopicSet

LONGEST = 5000
"""Lines that one buffer keeps; older ones are read back from the server."""

_RANK = {"owner": 0, "operator": 1, "voice": 2}


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a room. C{role} is C{owner}, C{operator}, C{voice} or C{member}."""

    nick: str
    role: str = "member"
    away: bool = False
    account: bool = False
    bot: bool = False

    @property
    def mark(self) -> str:
        """As chat programs have shown rank for decades."""
        return {"owner": "~", "operator": "@", "voice": "+"}.get(self.role, " ")


class Buffer:
    """
    @ivar name: the room, or C{@nick} for whispers with one person.
    @ivar joined: we are in that room now.
    @ivar people: how many are there, also where not all of them are known by name.
    @ivar whole: there is nothing older to be read back.
    @ivar active: when somebody talked here last, in seconds since 1970, as far as is known.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[ScreenLine] = []
        self.unread = 0
        self.mentions = 0
        self.topic = ""
        self.role = "member"
        self.people = 0
        self.joined = False
        self.whole = False
        self.active = 0.0
        self._members: dict[str, Member] = {}
        self._known: set[int] = set()

    @property
    def is_room(self) -> bool:
        """Not the whispers with one person."""
        return not self.name.startswith("@")

    @property
    def person(self) -> str:
        """Whose whispers these are."""
        return self.name.removeprefix("@")

    # Lines.

    @property
    def oldest(self) -> int:
        """The lowest number of a line that is here, or 0."""
        return min(self._known, default=0)

    def has(self, line: ScreenLine) -> bool:
        """Whether it is here, as lines of a room have numbers."""
        return line.seq in self._known

    def find(self, seq: int) -> ScreenLine | None:
        """The line of this number, if it is here."""
        return next((line for line in self.lines if line.seq == seq), None) if seq in self._known else None

    def add(self, line: ScreenLine) -> bool:
        """
        Put a line where it belongs: at the end, or before the lines of the room that have a higher number. False if
        it is here already.
        """
        if line.seq:
            if self.has(line):
                return False
            self._known.add(line.seq)
        place = self._place(line.seq) if line.seq else len(self.lines)
        self.lines[place:place] = [*self._new_day(line, place), line]
        if len(self.lines) > LONGEST:
            self._forget(len(self.lines) - LONGEST)
        return True

    def _place(self, seq: int) -> int:
        place = len(self.lines)
        for index in range(len(self.lines) - 1, -1, -1):
            if 0 < self.lines[index].seq < seq:
                break
            if self.lines[index].seq > seq:
                place = index
        return place

    def _new_day(self, line: ScreenLine, place: int) -> list[ScreenLine]:
        """The date, where a line is the first of its day."""
        if not line.at or line.kind is Kind.DAY:
            return []
        before = next((self.lines[index].at for index in range(place - 1, -1, -1) if self.lines[index].at), 0.0)
        if before and day(before) == day(line.at):
            return []
        return [ScreenLine(Kind.DAY, day(line.at), line.at)]

    def look_back(self, older: Sequence[ScreenLine]) -> int:
        """Put lines before all others; returns how many that were not here yet."""
        fresh = [line for line in older if line.seq not in self._known]
        page = Buffer("")
        for line in fresh:
            page.add(line)
        if (
            page.lines
            and self.lines
            and self.lines[0].kind is Kind.DAY
            and day(page.lines[-1].at) == self.lines[0].text
        ):
            del self.lines[0]
        self.lines[:0] = page.lines
        self._known.update(line.seq for line in fresh)
        return len(fresh)

    def hide(self, nicks: frozenset[str]) -> None:
        """
        Show and count nothing any more that these people said.

        @param nicks: folded.
        """
        self.lines[:] = [line for line in self.lines if line.own or line.nick.casefold() not in nicks]
        if self.unread:
            new = next((place for place, line in enumerate(self.lines) if line.kind is Kind.NEW), len(self.lines))
            talk = [line for line in self.lines[new:] if line.kind in TALK and not line.own]
            self.unread, self.mentions = len(talk), sum(line.mention for line in talk)

    def mark_new(self) -> None:
        """Draw a line before what comes next."""
        if self.lines:
            self.lines.append(ScreenLine(Kind.NEW, "new"))

    def forget_mark(self) -> None:
        """What was new has been seen."""
        self.lines[:] = [line for line in self.lines if line.kind is not Kind.NEW]

    def _forget(self, count: int) -> None:
        self._known.difference_update(line.seq for line in self.lines[:count])
        del self.lines[:count]
        self.whole = False

    # Members.

    @property
    def members(self) -> list[Member]:
        """Those known by name: owners and operators first, then in the order of their names."""
        return sorted(self._members.values(), key=lambda m: (_RANK.get(m.role, 2), m.nick.casefold()))

    def enter(self, facts: Facts) -> None:
        """We are in the room, and this is what the server says of it."""
        self.joined = True
        self.topic = safe(facts.text("topic"))
        self.role = facts.text("role", "member")
        self.people = facts.number("people_total")
        self._members.clear()
        self.meet(facts.objects("people"))

    def meet(self, people: Iterable[Facts]) -> None:
        """These are in the room as well."""
        for person in people:
            nick = clean_name(person.text("nick"))
            self._members[nick.casefold()] = Member(
                nick,
                person.text("role", "member"),
                bool(person.text("away")),
                person.flag("account"),
                person.flag("bot"),
            )

    def leave(self) -> None:
        """We are not in the room any more."""
        self.joined = False
        self.people = 0
        self._members.clear()

    def follow(self, event: Event) -> bool:
        """What an event changes about the room; whether it did."""
        if isinstance(event, Joined):
            self._come(clean_name(event.nick), not event.guest, event.bot)
        elif isinstance(event, Left):
            self._go(event.nick)
        elif isinstance(event, Kicked | RoomBanned):
            self._go(event.who)
        elif isinstance(event, Renamed):
            self._change(event.nick, nick=clean_name(event.new))
        elif isinstance(event, RoleSet):
            self._change(event.who, role=event.role)
        elif isinstance(event, AwaySet):
            self._change(event.nick, away=bool(event.text))
        elif isinstance(event, BotSet):
            self._change(event.who, bot=event.on)
        elif isinstance(event, TopicSet):
            self.topic = safe(event.text)
        else:
            return False
        return True

    def _come(self, nick: str, account: bool, bot: bool) -> None:
        if nick.casefold() not in self._members:
            self._members[nick.casefold()] = Member(nick, account=account, bot=bot)
            self.people += 1

    def _go(self, nick: str) -> None:
        known = self._members.pop(nick.casefold(), None)
        if known is not None or self.people > len(self._members):
            self.people -= 1

    def _change(self, who: str, **changes: object) -> None:
        member = self._members.pop(who.casefold(), None)
        if member is not None:
            member = replace(member, **changes)  # type: ignore[arg-type]  # each is of its field's type
            self._members[member.nick.casefold()] = member


class Buffers:
    """
    All of them, and the current one.

    @ivar sorted: they stand in the order of L{by_activity}; else in the order in which they were opened.
    """

    def __init__(self) -> None:
        self.sorted = False
        self._all: dict[str, Buffer] = {}
        self.current = Buffer("")

    def __iter__(self) -> Iterator[Buffer]:
        return iter(self.by_activity() if self.sorted else list(self._all.values()))

    def by_activity(self) -> list[Buffer]:
        """Those with mentions first, then those with anything unread, then those where somebody talked last."""
        return sorted(self._all.values(), key=lambda b: (not b.mentions, not b.unread, -b.active))

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._all

    def open(self, name: str) -> Buffer:
        """The buffer of that name, made if there is none. The first one is looked at."""
        buffer = self._all.get(name.casefold())
        if buffer is None:
            buffer = self._all[name.casefold()] = Buffer(name)
            if len(self._all) == 1:
                buffer.lines = self.current.lines  # what was said before there was any room
                self.current = buffer
        return buffer

    def close(self, buffer: Buffer) -> None:
        """Take it away; another one is looked at."""
        names = list(self._all)
        place = names.index(buffer.name.casefold())
        del self._all[buffer.name.casefold()]
        if buffer is self.current:
            rest = list(self._all.values())
            self.current = Buffer("")
            if rest:
                self.look(rest[max(0, place - 1)])

    def look(self, buffer: Buffer) -> None:
        """Look at another one; nothing in it is unread any more."""
        if buffer is self.current:
            return
        left, self.current = self.current, buffer
        left.forget_mark()
        buffer.unread = buffer.mentions = 0

    def put(self, buffer: Buffer, line: ScreenLine, live: bool = True) -> bool:
        """
        Add a line, and count it as unread where it is talk that is not looked at.

        @return: whether it is new.
        """
        unread = buffer is not self.current and live and not line.own and line.kind in TALK
        if unread and not buffer.unread and not buffer.has(line):
            buffer.mark_new()
        if not buffer.add(line):
            return False
        if line.kind in TALK:
            buffer.active = max(buffer.active, line.at)
        buffer.unread += unread
        buffer.mentions += unread and line.mention
        return True

    def beside(self, step: int) -> Buffer:
        """The one so many places after the one looked at, round and round."""
        every = list(self)
        if self.current not in every:
            return self.current
        return every[(every.index(self.current) + step) % len(every)]

    def busiest(self) -> Buffer | None:
        """The next one to read: with mentions, or else with anything unread."""
        waiting = sorted((b for b in self if b.unread), key=lambda b: -b.mentions)
        return waiting[0] if waiting else None
