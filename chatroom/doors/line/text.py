"""
Events as lines a person reads, in a terminal or through a screen reader: no colours, no columns.

Talk begins with who says it (C{<bob> hi}, C{* bob waves}, C{[bob whispers] psst}), what the server says unasked with
C{-- }, a refusal with C{! }. A line from a room other than the current room begins with that room: C{[attic] <bob> hi}.
So nothing anybody says can be taken for the server's word; L{chatroom.layout} sees to it that no row of a screen can.

It knows events and nothing of connections. What it is given is clean already; it makes sure once more, because here is
the last place before a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache, partial
from typing import Any

from zope.interface import implementer

from chatroom import events as happened
from chatroom.events import SERVER, Event, Said, Whispered
from chatroom.interfaces import Drawn, IForm
from chatroom.layout import NARROWEST, cut, is_plain_row, is_short, isolated, isolated_within, rows
from chatroom.sentences import Moment, sentence
from chatroom.zones import clock, day, moment, title

_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What moves cursors, ends lines or turns the direction of writing; and halves of characters, which are not UTF-8."""

_HARMFUL_BUT_ISOLATES = re.compile(_HARMFUL.pattern.replace("\u2066-\u2069", "\u2066\u2067"))


def safe(text: str) -> str:
    """One line of text that leaves a terminal as it was: what could do anything else is left out."""
    if text.isprintable():
        return text
    return _HARMFUL.sub("", text.replace("\t", "    "))


def stamp(at: float, zone: str = "") -> str:
    """The beginning of a line of history: C{[09:05] }."""
    return f"[{clock(at, zone)}] "


_UNDATED = (happened.Noticed, happened.Missed)
"""Told, rather than happened."""


def lines_of(event: Event, reader: str = "", moment: Moment = moment) -> list[str]:
    """
    What a person reads of an event: its lines without their ends; none where it does not concern people.

    @param reader: see L{chatroom.sentences.sentence}.
    @param moment: how times are written; in UTC, where many people read it.
    """
    if isinstance(event, Said):
        return _talk(f"<{_shown(event.nick)}> ", event.text)
    if isinstance(event, happened.Acted):
        return _talk(f"* {_shown(event.nick)} ", event.text)
    if isinstance(event, Whispered):
        return _talk(f"[{_shown(event.nick)} whispers] ", event.text)
    told = sentence(event, moment, reader)
    if not told.isascii():
        told = sentence(_isolated(event), moment, _shown(reader))
    if told.isprintable():
        return [f"-- {told}"] if told else []
    lines = told.replace("\t", "    ").split("\n")
    return [f"-- {_HARMFUL_BUT_ISOLATES.sub('', line)}" for line in lines]


def _talk(beginning: str, text: str) -> list[str]:
    if text.isprintable():
        return [beginning + (text if text.isascii() else isolated(text))]
    return [beginning + _shown(line) for line in text.split("\n")]


def _shown(text: str) -> str:
    return text if text.isascii() and text.isprintable() else isolated(safe(text))


def _isolated(event: Event) -> Event:
    """The same event, in whose sentence no name and no text reorders what is around it."""
    changed: dict[str, Any] = {}
    for each in fields(event):
        value = getattr(event, each.name)
        if isinstance(value, str) and not value.isascii():
            changed[each.name] = "\n".join(map(_shown, value.split("\n")))
    return replace(event, **changed) if changed else event


@implementer(IForm)
class TextForm:
    """
    Events as lines of UTF-8.

    @ivar end: the end of a line.
    """

    __slots__ = ("_named", "_width", "end")

    echoes = False
    """A person reads what they have done in the answer."""

    def __init__(self, end: bytes, named: bool, width: int = 0) -> None:
        """
        @param named: begin every line with its room, because the reader looks at another one.
        @param width: columns of the reader's window; 0 where that is not known.
        """
        self.end = end
        self._named = named
        self._width = width

    def render(self, events: Sequence[Event], reader: str = "") -> list[bytes]:
        """See L{IForm.render}. Almost every event is one line somebody said, so that is tried first."""
        made = []
        for event in events:
            if type(event) is Said and event.text.isprintable() and event.nick.isprintable():
                line = f"<{event.nick}> {event.text}"
                if self._named:
                    line = f"[{safe(event.room)}] {line}"
                plain = not self._width and is_plain_row(line)
                made.append(line.encode() + self.end if plain or is_short(line) else self._rows(event, ""))
            else:
                made.append(self.written(event, reader=reader))
        return made

    def written(self, event: Event, stamp: str = "", reader: str = "", moment: Moment = moment) -> bytes:
        """One event, each of its lines behind the stamp; the times in it as C{moment} writes them."""
        if type(event) is Whispered and not stamp:  # of all that is told to one person, most is this
            line = f"[{event.nick} whispers] {event.text}"
            if line.isprintable() and (is_plain_row(line) if not self._width else is_short(line)):
                return line.encode() + self.end
        return self._rows(event, stamp, reader, moment)

    def _rows(self, event: Event, beginning: str, reader: str = "", moment: Moment = moment) -> bytes:
        if self._named and event.room != SERVER:
            beginning += f"[{_shown(event.room)}] "
        lines = lines_of(event, reader, moment)
        if len(lines) == 1:
            return _laid_out(beginning + lines[0], self._width, self.end)
        return b"".join([_laid_out(beginning + line, self._width, self.end) for line in lines])


def _laid_out(line: str, width: int, end: bytes) -> bytes:
    """A line as it stands on a screen."""
    if is_short(line) or (not width and is_plain_row(line)):
        return line.encode() + end
    return b"".join([row.encode() + end for row in rows(line, width)])


def _joined(made: list[bytes]) -> bytes:
    """All of it; almost always it is one."""
    return made[0] if len(made) == 1 else b"".join(made)


class TextStyle:
    """
    How people are written to: the forms of what they hear, and the lines of what they are told.

    One object serves everybody with the same line ends.
    """

    __slots__ = ("_elsewhere", "_end", "_here", "_width")

    def __init__(self, end: bytes, width: int = 0) -> None:
        """@param width: columns of the reader's window; 0 where that is not known."""
        self._end = end
        self._width = width
        self._here = TextForm(end, named=False, width=width)
        self._elsewhere = TextForm(end, named=True, width=width)

    def form(self, here: bool) -> TextForm:
        """
        How events of a room are written.

        @param here: the room is looked at.
        """
        return self._here if here else self._elsewhere

    def told(self, parts: Sequence[str | Event], room: str | None, now: float, reader: str = "") -> bytes:
        """
        What the server says unasked.

        @param room: the current room. @param reader: the nickname of the person who reads it, if there is one.
        """
        if len(parts) == 1:
            return self._told(parts[0], room, reader)
        return b"".join([self._told(part, room, reader) for part in parts])

    def _told(self, part: str | Event, room: str | None, reader: str) -> bytes:
        if isinstance(part, str):
            return self._lines("-- ", part)
        return self.form(part.room == room).written(part, reader=reader)

    def answer(self, parts: Sequence[str | Event], room: str | None, zone: str = "") -> bytes:
        """
        What was asked for: sentences as they stand, and events of the past with their time, behind a line with the
        date wherever the day changes. The first such line names the zone.

        @param zone: in which the reader wants to read times; C{""} is UTC.
        """
        if len(parts) == 1 and type(parts[0]) is str:
            return self._lines("", parts[0])
        made, last, there = [], "", partial(moment, zone=zone)
        for part in parts:
            if isinstance(part, Drawn):
                made.append(self._drawn(part))
            elif isinstance(part, str):
                made.append(self._lines("", part))
            elif isinstance(part, _UNDATED):
                made.append(self.form(part.room == room).written(part))
            else:
                today = day(part.at, zone)
                if today != last:
                    made.append(self._lines("-- ", today if last else f"{today} ({title(zone)})"))
                    last = today
                made.append(self.form(part.room == room).written(part, stamp(part.at, zone), moment=there))
        return _joined(made)

    def refusal(self, sentence: str) -> bytes:
        """Why something was not done: one line."""
        return self._lines("! ", sentence.replace("\n", " "))

    def _lines(self, beginning: str, text: str) -> bytes:
        if text.isprintable() and (is_short(text) or (not self._width and is_plain_row(beginning + text))):
            return (beginning + text).encode() + self._end
        lines = [beginning + isolated_within(safe(line)) for line in text.split("\n")]
        return _joined([_laid_out(line, self._width, self._end) for line in lines])

    def _drawn(self, line: str) -> bytes:
        """A line that its author has laid out, as wide as the window at most."""
        line = isolated_within(safe(line))
        return (cut(line, self._width) if self._width else line).encode() + self._end


LF = TextStyle(b"\n")
"""For nc, and whoever never spoke telnet."""

CRLF_END = b"\r\n"

CRLF = TextStyle(CRLF_END)
"""For telnet (RFC 854)."""

ENDLESS = 1024 * 1024
"""Bytes without a line end after which a connection is cut."""

WIDEST = 240
"""Columns: text for a wider window is broken as for one of so many."""

_STEP = 8
"""Columns: windows that differ by less are written to alike, so that an event is not rendered once for each width."""


def telnet_style(width: int) -> TextStyle:
    """For telnet whose window has so many columns; 0: that is not known (RFC 1073)."""
    if width < NARROWEST:  # too narrow to be worth it, or a mistake
        return CRLF
    return _telnet_style(min(width, WIDEST) // _STEP * _STEP)


@cache
def _telnet_style(width: int) -> TextStyle:
    return TextStyle(CRLF_END, width)
