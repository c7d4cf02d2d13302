"""
What a person reads, line by line, before it is known whether on a screen, by a screen reader or in a file.

A L{ScreenLine} is clean: nothing from outside gets past here with more in it than can be read. In plain text, talk
begins with who says it (C{<bob> hi}, C{* bob waves}, C{[bob whispers] psst}), what the server says with C{-- }, a
refusal with C{! }, as it does for those who come with C{nc}.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from chatroom.client.clean import name, safe_lines
from chatroom.client.mentions import calls
from chatroom.events import SERVER, Acted, Event, Missed, Noticed, OperatorsTold, RoomEvent, Said, TopicSet, Whispered
from chatroom.sentences import sentence


class Kind(Enum):
    """What a line is, and so how it looks."""

    TALK = "talk"
    ACT = "act"
    WHISPER = "whisper"
    EVENT = "event"
    """Somebody joined, left, set a topic."""
    ANSWER = "answer"
    """What was asked for."""
    REFUSAL = "refusal"
    NOTE = "note"
    """The client itself has something to say."""
    GAP = "gap"
    """Lines are missing here."""
    DAY = "day"
    """What follows was said on another day."""
    NEW = "new"
    """What follows came while another room was looked at."""


TALK = (Kind.TALK, Kind.ACT, Kind.WHISPER)


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """
    @ivar text: clean; of talk perhaps several lines, parted by C{"\\n"}.
    @ivar at: seconds since 1970, or 0.0 where a time has no meaning.
    @ivar nick: who talks, else C{""}.
    @ivar to: for a whisper of our own, who alone reads it.
    @ivar room: where it was said, or C{""}.
    @ivar seq: its place there, or 0.
    @ivar mention: it calls us by our nickname.
    @ivar own: we said it.
    @ivar place: of a line that was found: the room where it was said, and its number there.
    @ivar written: where the words that somebody wrote begin in C{text}, which are formatted; C{None}: nowhere.
    """

    kind: Kind
    text: str
    at: float = 0.0
    nick: str = ""
    to: str = ""
    room: str = ""
    seq: int = 0
    mention: bool = False
    own: bool = False
    place: tuple[str, int] | None = None
    written: int | None = None


def sentence_line(kind: Kind, text: str, room: str = "", at: float = 0.0) -> ScreenLine:
    """A line that nobody said."""
    return ScreenLine(kind, safe_lines(text), at, room=room)


def line_of(event: Event, me: str, now: bool = False) -> ScreenLine | None:
    """
    An event as a line; C{None} if it does not concern people.

    @param me: our nickname.
    @param now: it happens now, so that what happens to us is in the second person. In a history, somebody else may have
        had our nickname.
    """
    room = name(event.room) if event.room != SERVER else ""
    seq = event.seq if isinstance(event, RoomEvent) else 0
    if isinstance(event, Said | Acted | Whispered):
        kind = Kind.ACT if isinstance(event, Acted) else Kind.WHISPER if isinstance(event, Whispered) else Kind.TALK
        own = event.nick.casefold() == me.casefold()
        to = name(event.to) if isinstance(event, Whispered) else ""
        text = safe_lines(event.text)
        mention = not own and (kind is Kind.WHISPER or calls(text, me))
        return ScreenLine(kind, text, event.at, name(event.nick), to, room, seq, mention, own, written=0)
    if isinstance(event, Missed):
        return ScreenLine(Kind.GAP, safe_lines(sentence(event, moment)), room=room)
    told = sentence(event, moment, me if now else "")
    if not told:
        return None
    at, text = 0.0 if isinstance(event, Noticed) else event.at, safe_lines(told)
    written = len(text) - len(safe_lines(event.text)) if isinstance(event, TopicSet) and event.text else None
    mention = isinstance(event, OperatorsTold)
    return ScreenLine(Kind.EVENT, text, at, room=room, seq=seq, mention=mention, written=written)


# Times, in the time zone of whoever reads.


def moment(at: float) -> str:
    """C{2026-11-21 10:05}."""
    return _local(at, "%Y-%m-%d %H:%M")


def clock_time(at: float) -> str:
    """C{10:05}."""
    return _local(at, "%H:%M")


def day(at: float) -> str:
    """C{Saturday, 21 November 2026}."""
    return _local(at, "%A, %-d %B %Y")


def full_time(at: float) -> str:
    """C{2026-11-21 10:05:09}."""
    return _local(at, "%Y-%m-%d %H:%M:%S")


def _local(at: float, form: str) -> str:
    try:
        return datetime.fromtimestamp(at).astimezone().strftime(form)
    except (ValueError, OverflowError, OSError):  # a server may claim any time
        return "?"


# Plain text.


def beginning(line: ScreenLine) -> str:
    """What stands before each line of its text."""
    if line.kind is Kind.WHISPER:
        return f"[to {line.to}] " if line.own else f"[{line.nick} whispers] "
    return {
        Kind.TALK: f"<{line.nick}> ",
        Kind.ACT: f"* {line.nick} ",
        Kind.EVENT: "-- ",
        Kind.GAP: "-- ",
        Kind.NOTE: "-- ",
        Kind.REFUSAL: "! ",
    }.get(line.kind, "")


def plain(line: ScreenLine, here: str | None = None, times: bool = False) -> list[str]:
    """
    A line as plain text.

    @param here: the room looked at: lines from others begin with theirs. C{None}: do not.
    @param times: begin with date and time.
    """
    start = f"{full_time(line.at)} " if times and line.at else ""
    if here is not None and line.room and line.room != here and line.kind is not Kind.WHISPER:
        start += f"[{line.room}] "
    start += beginning(line)
    return [start + text for text in line.text.split("\n")]
