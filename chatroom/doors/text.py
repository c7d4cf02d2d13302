"""
Events as lines a person reads, in a terminal or through a screen reader: no colours, no columns.

Talk begins with who says it (C{<bob> hi}, C{* bob waves}, C{[bob whispers] psst}), what the house says unasked with
C{-- }, a refusal with C{! }. A line from a room that is not looked at begins with the room: C{[attic] <bob> hi}. So
nothing anybody says can be taken for the house's word.

It knows events and nothing of connections. What it is given is clean already; it makes sure once more, because here is
the last place before a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone

from zope.interface import implementer

from chatroom import events as happened
from chatroom.events import HOUSE, Event, Said
from chatroom.interfaces import IForm
from chatroom.sentences import sentence

_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What moves cursors, ends lines or turns the direction of writing; and halves of characters, which are not UTF-8."""

_DAY = 24 * 60 * 60


def safe(text: str) -> str:
    """One line of text that leaves a terminal as it was: what could do anything else is left out."""
    if text.isprintable():
        return text
    return _HARMFUL.sub("", text.replace("\t", "    "))


def moment(at: float) -> str:
    """C{2026-11-21 09:05 UTC}."""
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def stamp(at: float, now: float) -> str:
    """The beginning of a line of history: C{[09:05] }, in UTC, with its date where it is older than a day."""
    when = datetime.fromtimestamp(at, timezone.utc)
    return when.strftime("[%H:%M] " if -_DAY < now - at < _DAY else "[%Y-%m-%d %H:%M] ")


_UNDATED = (happened.Noticed, happened.Missed)
"""Told, rather than happened."""


def lines_of(event: Event) -> list[str]:
    """What a person reads of an event: its lines without their ends; none where it does not concern people."""
    if isinstance(event, Said):
        return _talk(f"<{safe(event.nick)}> ", event.text)
    if isinstance(event, happened.Acted):
        return _talk(f"* {safe(event.nick)} ", event.text)
    if isinstance(event, happened.Whispered):
        return _talk(f"[{safe(event.nick)} whispers] ", event.text)
    told = sentence(event, moment)
    return [f"-- {safe(line)}" for line in told.split("\n")] if told else []


def _talk(beginning: str, text: str) -> list[str]:
    if text.isprintable():
        return [beginning + text]
    return [beginning + safe(line) for line in text.split("\n")]


@implementer(IForm)
class TextForm:
    """
    Events as lines of UTF-8.

    @ivar end: the end of a line.
    """

    __slots__ = ("_named", "end")

    echoes = False
    """A person reads what they have done in the answer."""

    def __init__(self, end: bytes, named: bool) -> None:
        """@param named: begin every line with its room, because the reader looks at another one."""
        self.end = end
        self._named = named

    def render(self, events: Sequence[Event]) -> list[bytes]:
        """See L{IForm.render}. Almost every event is one line somebody said, so that is tried first."""
        made = []
        for event in events:
            if type(event) is Said and event.text.isprintable() and event.nick.isprintable():
                line = f"<{event.nick}> {event.text}"
                if self._named:
                    line = f"[{safe(event.room)}] {line}"
                made.append(line.encode() + self.end)
            else:
                made.append(self.written(event))
        return made

    def written(self, event: Event, stamp: str = "") -> bytes:
        """One event, each of its lines behind the stamp."""
        lines = lines_of(event)
        if self._named and event.room != HOUSE:
            stamp += f"[{safe(event.room)}] "
        if len(lines) == 1:
            return (stamp + lines[0]).encode() + self.end
        return b"".join([(stamp + line).encode() + self.end for line in lines])


def _joined(made: list[bytes]) -> bytes:
    """All of it; almost always it is one."""
    return made[0] if len(made) == 1 else b"".join(made)


class TextStyle:
    """
    How people are written to: the forms of what they hear, and the lines of what they are told.

    One object serves everybody with the same line ends.
    """

    __slots__ = ("_elsewhere", "_end", "_here")

    def __init__(self, end: bytes) -> None:
        self._end = end
        self._here = TextForm(end, named=False)
        self._elsewhere = TextForm(end, named=True)

    def form(self, here: bool) -> TextForm:
        """
        How events of a room are written.

        @param here: the room is looked at.
        """
        return self._here if here else self._elsewhere

    def told(self, parts: Sequence[str | Event], room: str | None, now: float) -> bytes:
        """
        What the house says unasked.

        @param room: the room looked at.
        """
        if len(parts) == 1:
            return self._told(parts[0], room)
        return b"".join([self._told(part, room) for part in parts])

    def _told(self, part: str | Event, room: str | None) -> bytes:
        if isinstance(part, str):
            return self._lines("-- ", part)
        return self.form(part.room == room).written(part)

    def answer(self, parts: Sequence[str | Event], room: str | None, now: float) -> bytes:
        """What was asked for: sentences as they stand, and events of the past with their time."""
        return _joined([self._answer(part, room, now) for part in parts])

    def _answer(self, part: str | Event, room: str | None, now: float) -> bytes:
        if isinstance(part, str):
            return self._lines("", part)
        return self.form(part.room == room).written(part, "" if isinstance(part, _UNDATED) else stamp(part.at, now))

    def refusal(self, sentence: str) -> bytes:
        """Why something was not done: one line."""
        return self._lines("! ", sentence.replace("\n", " "))

    def _lines(self, beginning: str, text: str) -> bytes:
        if text.isprintable():
            return (beginning + text).encode() + self._end
        return _joined([(beginning + safe(line)).encode() + self._end for line in text.split("\n")])


LF = TextStyle(b"\n")
"""For nc, and whoever never spoke telnet."""

CRLF = TextStyle(b"\r\n")
"""For telnet (RFC 854)."""
