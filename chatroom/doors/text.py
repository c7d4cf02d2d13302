"""
Events as lines a person reads, in a terminal or through a screen reader: no colours, no columns.

Talk begins with who says it (C{<bob> hi}, C{* bob waves}, C{[bob whispers] psst}), what the house says unasked with
C{-- }, a refusal with C{! }. A line from a room that is not looked at begins with the room: C{[attic] <bob> hi}. So
nothing anybody says can be taken for the house's word.

It knows events and nothing of connections. What it is given is clean already; it makes sure once more, because
here is the last place before a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

from zope.interface import implementer

from chatroom import events as happened
from chatroom.events import FOREVER, HOUSE, Event, Said
from chatroom.interfaces import IForm

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


def _because(reason: str) -> str:
    return f": {reason}" if reason else "."


def _until(at: float) -> str:
    return "" if at == FOREVER else f" until {moment(at)}"


def _topic(event: happened.TopicSet) -> str:
    if not event.text:
        return f"{event.nick} took the topic away."
    return f"{event.nick} set the topic: {event.text}"


def _password(event: happened.PasswordSet) -> str:
    return f"{event.nick} {'locked the room with a password' if event.on else 'took the password away'}."


def _invite_only(event: happened.InviteOnlySet) -> str:
    return f"{event.nick} {'closed the room to all but the invited' if event.on else 'opened the room to everybody'}."


def _role(event: happened.RoleSet) -> str:
    role = {"owner": "an owner", "operator": "an operator"}.get(event.role, "a plain member")
    return f"{event.nick} made {event.who} {role}."


def _missed(event: happened.Missed) -> str:
    count = event.last - event.first + 1
    lines = "1 line" if count == 1 else f"{count:,} lines"
    return f"{lines} of {event.room} could not be shown here and cannot be caught up with."


_SENTENCES: dict[type[Event], Callable[[Any], str]] = {
    happened.Joined: lambda e: f"{e.nick} joined.",
    happened.Left: lambda e: f"{e.nick} {'left the chat' if e.gone else 'left the room'}{_because(e.reason)}",
    happened.Renamed: lambda e: f"{e.nick} is now called {e.new}.",
    happened.RoomCreated: lambda e: f"{e.nick} made the room.",
    happened.RoomClosed: lambda e: "The room is closed.",
    happened.TopicSet: _topic,
    happened.PasswordSet: _password,
    happened.InviteOnlySet: _invite_only,
    happened.Invited: lambda e: f"{e.nick} invited {e.who}.",
    happened.RoleSet: _role,
    happened.Kicked: lambda e: f"{e.nick} sent {e.who} out of the room{_because(e.reason)}",
    happened.Hushed: lambda e: f"{e.nick} muted {e.who}{_until(e.until)}{_because(e.reason)}",
    happened.Unhushed: lambda e: f"{e.nick} lets {e.who} talk again.",
    happened.Barred: lambda e: f"{e.nick} banned {e.who}{_until(e.until)}{_because(e.reason)}",
    happened.Unbarred: lambda e: f"{e.nick} lifted the ban on {e.who}.",
    happened.AwaySet: lambda e: f"{e.nick} is away: {e.text}" if e.text else f"{e.nick} is back.",
    happened.Mailed: lambda e: f"A whisper from {e.nick} waits in your inbox: /inbox",
    happened.Noticed: lambda e: e.text,
    happened.Missed: _missed,
}

_SILENT = (happened.Arrived, happened.Departed, happened.Became, happened.Revoked)
"""For nodes and programs: people read the same as joins, leaves and renames of their rooms."""

_UNDATED = (happened.Noticed, happened.Missed)
"""Told, rather than happened."""


def lines_of(event: Event) -> list[str]:
    """What a person reads of an event: its lines without their ends; none where it does not concern people."""
    nick = safe(event.nick)
    if isinstance(event, happened.Said):
        return [f"<{nick}> {safe(line)}" for line in event.text.split("\n")]
    if isinstance(event, happened.Acted):
        return [f"* {nick} {safe(line)}" for line in event.text.split("\n")]
    if isinstance(event, happened.Whispered):
        return [f"[{nick} whispers] {safe(line)}" for line in event.text.split("\n")]
    if isinstance(event, _SILENT):
        return []
    spell = _SENTENCES.get(type(event))
    sentence = spell(event) if spell is not None else f"{event.nick}: {event.kind}"
    return [f"-- {safe(line)}" for line in sentence.split("\n")]


@implementer(IForm)
class TextForm:
    """
    Events as lines of UTF-8.

    @ivar end: the end of a line.
    """

    __slots__ = ("_named", "end")

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
        return b"".join((stamp + line).encode() + self.end for line in lines)


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
        return b"".join(
            self._lines("-- ", part) if isinstance(part, str) else self.form(part.room == room).written(part)
            for part in parts
        )

    def answer(self, parts: Sequence[str | Event], room: str | None, now: float) -> bytes:
        """What was asked for: sentences as they stand, and events of the past with their time."""
        return b"".join(
            self._lines("", part)
            if isinstance(part, str)
            else self.form(part.room == room).written(part, "" if isinstance(part, _UNDATED) else stamp(part.at, now))
            for part in parts
        )

    def refusal(self, sentence: str) -> bytes:
        """Why something was not done: one line."""
        return self._lines("! ", sentence.replace("\n", " "))

    def _lines(self, beginning: str, text: str) -> bytes:
        return b"".join((beginning + safe(line)).encode() + self._end for line in text.split("\n"))


LF = TextStyle(b"\n")
"""For nc, and whoever never spoke telnet."""

CRLF = TextStyle(b"\r\n")
"""For telnet (RFC 854)."""
