"""
What becomes of answers: the server's sentences are shown, and the buffers follow where the answer takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from chatroom import wire
from chatroom.client.clean import name as clean_name
from chatroom.client.facts import Facts
from chatroom.client.lines import Kind, ScreenLine, beginning, line_of, moment, sentence_line
from chatroom.client.reports import Answered, Request, Value
from chatroom.events import SERVER, AwaySet, Event, Missed, RoomEvent, Whispered

if TYPE_CHECKING:
    from chatroom.client.client import Client

_SHOWN_OTHERWISE = frozenset({"say", "me", "join", "create"})
"""Words whose answer is in the buffer already, as the event that it is about or as the room that was entered."""

_TOLD_BY_EVENT = frozenset({"topic", "op", "deop", "unmute", "unlock", "public", "opentopic", "kick", "unban", "nick"})
"""Words whose answer says no more than the event that everybody in the room reads, and we as well."""

_SHOWS = frozenset({"topic", "nick", "opentopic"})
"""Those of them that change nothing if they are typed alone."""


PEOPLE = 60
"""People on one page of C{/who}."""


class WhoPages:
    """Where C{/who more} goes on: in the room that was asked about, behind the last person of the page before."""

    def __init__(self) -> None:
        self._next: dict[str, Value] | None = None
        self._shown = 0
        self._asked: dict[int, int] = {}

    def before(self, request: Request) -> int:
        """How many people the pages before this one have shown."""
        return self._asked.pop(request.id, 0)

    def more(self, request: Request, after: str, shown: int) -> None:
        """There are more people behind this one; so many are shown."""
        self._next = {**request.arguments, "after": after}
        self._shown = shown

    def ask(self, ask: Callable[..., Request]) -> bool:
        """Ask for the next page, if there is one."""
        if self._next is None:
            return False
        asked, self._next = self._next, None
        self._asked[ask("who", **asked).id] = self._shown
        return True


class Answers:
    """Follows answers that nobody else has asked for."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._following = {
            "look": self._look,
            "leave": self._leave,
            "whisper": self._whisper,
            "reply": self._whisper,
            "inbox": self._inbox,
            "away": self._away,
            "back": self._away,
            "ignore": self._ignore,
            "unignore": self._ignore,
            "logout": self._logout,
            "who": self._who,
        }

    def answered(self, news: Answered) -> None:
        """Do what an answer means, then show what it says."""
        client, word = self._client, news.request.word
        if word in self._following:
            self._following[word](news)
        lines = as_lines(news, client.link.nick, client.buffers.current.name, client.is_ignored)
        client.found([line.place for line in lines if line.place is not None])
        shown_otherwise = word in _SHOWN_OTHERWISE or word == "who" or self._is_told(news)
        for line in lines:
            if not shown_otherwise and not client.is_token(line.text):
                client.put(client.buffers.current, line)

    def _is_told(self, news: Answered) -> bool:
        """Whether a change of ours is read as the event that it is, in a room that we are in."""
        word, changed = news.request.word, set(news.request.arguments) - {"room"}
        if word not in _TOLD_BY_EVENT or (word in _SHOWS and not changed):
            return False
        buffers, room = self._client.buffers, news.facts.text("room")
        name = clean_name(room) if room else buffers.current.name
        return name in buffers and buffers.open(name).joined

    def _look(self, news: Answered) -> None:
        name = clean_name(news.facts.text("room"))
        if name in self._client.buffers:
            self._client.buffers.look(self._client.buffers.open(name))

    def _leave(self, news: Answered) -> None:
        buffers = self._client.buffers
        left, now = clean_name(news.facts.text("left")), clean_name(news.facts.text("room"))
        if left in buffers:
            buffers.close(buffers.open(left))
        if now in buffers:
            buffers.look(buffers.open(now))

    def _whisper(self, news: Answered) -> None:
        me, text = self._client.link.nick, str(news.request.arguments.get("text"))
        line = line_of(Whispered(self._client.now(), SERVER, me, to=news.facts.text("to"), text=text), me)
        if line is not None:
            self._client.whispered(line)

    def _inbox(self, news: Answered) -> None:
        """They stand with the other whispers of that person as well."""
        me = self._client.link.nick
        for letter in letters(news.facts, me):
            line = line_of(letter, me)
            if line is not None and not self._client.is_ignored(letter):
                self._client.put(self._client.buffers.open(f"@{line.nick}"), line)

    def _who(self, news: Answered) -> None:
        """A page of the people, one below the other where there are columns; the same command shows the next page."""
        client, facts = self._client, news.facts
        people = [_person(made) for made in facts.objects("people")][:PEOPLE]
        total, before = facts.number("people_total"), client.who.before(news.request)
        last = before + len(people)
        room = clean_name(facts.text("room")) if facts.text("room") else "the server"
        counted = f"{total:,} {'person' if total == 1 else 'people'}"
        page = f", {before + 1:,} to {last:,}" if total > len(people) else ""
        client.note(Kind.ANSWER, f"In {room} ({counted}{page}): {', '.join(people)}")
        if last < total and people:
            client.who.more(news.request, facts.objects("people")[len(people) - 1].text("nick"), last)
            client.note(Kind.NOTE, f"{total - last:,} more people: type /who more")

    def _away(self, news: Answered) -> None:
        """Others are told; we are not."""
        me = self._client.link.nick
        for buffer in self._client.buffers:
            buffer.follow(AwaySet(0.0, SERVER, me, news.facts.text("away")))

    def _ignore(self, news: Answered) -> None:
        self._client.ignore(news.facts.texts("ignored"))

    def _logout(self, news: Answered) -> None:
        client = self._client
        client.entrance.remember("")
        client.entrance.forget_rooms()
        for buffer in client.buffers:
            buffer.leave()
        client.entrance.ask_nick()


def as_lines(
    news: Answered, me: str, room: str, hidden: Callable[[Event], bool] = lambda event: False
) -> list[ScreenLine]:
    """
    What a person reads of an answer: what is given of the past with its date, oldest first, then the server's
    sentences.

    @param me: our nickname.
    @param room: the room looked at.
    @param hidden: whether an event is not to be read.
    """
    events = list(news.facts.events())
    if news.request.word == "search":  # which gives the newest first
        events.reverse()
    gap = news.facts.numbers("gap")
    if len(gap) == 2:
        events.insert(0, Missed(0.0, news.facts.text("room"), "", *gap))
    found = news.request.word == "search"
    told = [
        replace(line, place=_place(event) if found else None)
        for event in (*events, *letters(news.facts, me))
        if not hidden(event)
        for line in _past(event, me, room)
    ]
    shown = () if news.request.word in ("whisper", "reply") and news.facts.flag("delivered") else news.lines
    return [*told, *(sentence_line(Kind.ANSWER, text) for text in shown)]


def _place(event: Event) -> tuple[str, int] | None:
    return (clean_name(event.room), event.seq) if isinstance(event, RoomEvent) and event.seq else None


def _past(event: Event, me: str, room: str) -> list[ScreenLine]:
    line = line_of(event, me)
    if line is None:
        return []
    when = "" if isinstance(event, Missed) else f"[{moment(line.at)}] "
    where = f"[{line.room}] " if line.room and line.room != room else ""
    before = when + where + beginning(line)
    written = None if line.written is None else len(before) + line.written
    return [ScreenLine(Kind.ANSWER, before + text, written=written) for text in line.text.split("\n")]


def letters(facts: Facts, me: str) -> Iterator[Whispered]:
    """The whispers in an answer to C{inbox}."""
    for made in facts.objects("whispers"):
        try:
            at = wire.time_value(made.text("at"))
        except (ValueError, OverflowError):
            at = 0.0
        yield Whispered(at, SERVER, made.text("nick"), to=made.text("to", me), text=made.text("text"))


def _person(made: Facts) -> str:
    """A nickname with what others should know."""
    nick = clean_name(made.text("nick"))
    notes = [made.text("role")] if made.text("role") in ("owner", "operator", "voice") else []
    notes += ["bot"] if made.flag("bot") else []
    notes += ["away"] if made.text("away") else []
    notes += [] if made.flag("account") else ["guest"]
    return f"{nick} ({', '.join(notes)})" if notes else nick
