"""
When something was said and which line it was, as IRCv3 writes them: C{time}, C{msgid}, and places for CHATHISTORY.

IRCv3 server-time, message-ids and draft/chathistory. A C{msgid} is the room's name and the number of the event in it.
It knows text and numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from chatroom.wire import time_text, time_value

HALF_A_MILLISECOND = 0.0005
"""Clients know moments to the millisecond; events have more digits."""

_MSGID = re.compile(r"([^\s,:]+)-([1-9][0-9]{0,17})", re.ASCII)


def server_time(at: float) -> str:
    """
    C{2026-11-30T07:00:00.000Z}: the value of the tag C{time}.

    @param at: seconds since 1970.
    """
    return time_text(at)


def msgid(room: str, seq: int) -> str:
    """
    The identity of an event: the value of the tag C{msgid}.

    @param room: its name without the hash. @param seq: its number in the room, 1 or more.
    """
    return f"{room}-{seq}"


def whisper_id(at: float, *said: str) -> str:
    """
    The identity of a whisper, which has no number: the same for all who read it, and nothing can be asked for by it.

    @param at: seconds since 1970. @param said: by whom, to whom and what.
    """
    return f"w.{int(at * 1000):x}.{crc32(chr(0).join(said).encode(errors='replace')):08x}"


def parsed_msgid(text: str) -> tuple[str, int]:
    """
    The room and the number in a L{msgid}.

    @raise ValueError: it is none of ours.
    """
    found = _MSGID.fullmatch(text)
    if found is None:
        raise ValueError(f"no identity of a message: {text!r}")
    return found[1], int(found[2])


@dataclass(frozen=True)
class AtMoment:
    """C{timestamp=...}: seconds since 1970."""

    at: float


@dataclass(frozen=True)
class AtMessage:
    """C{msgid=...}: an event by its room and its number there."""

    room: str
    seq: int


Point = AtMoment | AtMessage
"""A place in a history."""


def parsed_point(text: str) -> Point:
    """
    What a client selects a place in a history by.

    @raise ValueError: it is neither a moment nor the identity of a message.
    """
    kind, equals, value = text.partition("=")
    if equals and kind == "timestamp":
        return AtMoment(time_value(value))
    if equals and kind == "msgid":
        return AtMessage(*parsed_msgid(value))
    raise ValueError(f"neither timestamp= nor msgid=: {text!r}")


Way = Literal["LATEST", "BEFORE", "AFTER", "AROUND", "BETWEEN"]
"""How CHATHISTORY selects from one history."""


@dataclass(frozen=True)
class HistoryRequest:
    """
    What a client wants to read of one room.

    @ivar way: which lines. @ivar target: the room or the nickname, as the client writes it.
    @ivar first: where; C{None} only with C{LATEST}, for C{*}. @ivar second: the other end, of C{BETWEEN} alone.
    @ivar limit: lines at the most, 1 or more.
    """

    way: Way
    target: str
    first: Point | None
    second: Point | None
    limit: int


@dataclass(frozen=True)
class TargetsRequest:
    """
    C{CHATHISTORY TARGETS}: where something was said between two moments, in either order.

    @ivar limit: targets at the most, 1 or more.
    """

    first: float
    second: float
    limit: int


class BadSelection(ValueError):
    """
    A CHATHISTORY that says nothing.

    @ivar code: that of C{FAIL CHATHISTORY}. @ivar about: what stands between it and the sentence.
    """

    def __init__(self, code: str, sentence: str, *about: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.about = about
        self.sentence = sentence


_WAYS: dict[str, Way] = {
    "LATEST": "LATEST",
    "BEFORE": "BEFORE",
    "AFTER": "AFTER",
    "AROUND": "AROUND",
    "BETWEEN": "BETWEEN",
}


def parsed_history(params: tuple[str, ...], most: int) -> HistoryRequest | TargetsRequest:
    """
    What the parameters of CHATHISTORY ask for.

    @param most: lines that one answer may hold: a greater limit becomes this.
    @raise BadSelection: they ask for nothing.
    """
    word = params[0].upper() if params else ""
    if word == "TARGETS":
        return _targets(params, most)
    way = _WAYS.get(word)
    if way is None:
        raise BadSelection(
            "INVALID_PARAMS",
            "Unknown command. Use LATEST, BEFORE, AFTER, AROUND, BETWEEN or TARGETS.",
            params[0] if params else "*",
        )
    points = params[2:4] if way == "BETWEEN" else params[2:3]
    given = params[2 + (2 if way == "BETWEEN" else 1) :]
    if not given:
        raise BadSelection("INVALID_PARAMS", "Insufficient parameters.", word)
    limit = _limit(word, given[0], most)
    try:
        first = None if way == "LATEST" and points[0] == "*" else parsed_point(points[0])
        second = parsed_point(points[1]) if way == "BETWEEN" else None
    except ValueError:
        raise BadSelection(
            "INVALID_PARAMS", "A place is timestamp=TIME or msgid=ID, as a message has them.", word
        ) from None
    return HistoryRequest(way, params[1], first, second, limit)


def _targets(params: tuple[str, ...], most: int) -> TargetsRequest:
    if len(params) < 4:
        raise BadSelection("INVALID_PARAMS", "Insufficient parameters.", "TARGETS")
    limit = _limit("TARGETS", params[3], most)
    try:
        points = [parsed_point(text) for text in params[1:3]]
    except ValueError:
        points = []
    moments = [point.at for point in points if isinstance(point, AtMoment)]
    if len(moments) != 2:
        raise BadSelection("INVALID_PARAMS", "TARGETS wants two moments: timestamp=TIME timestamp=TIME.", "TARGETS")
    return TargetsRequest(moments[0], moments[1], limit)


def _limit(word: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit()) or not (limit := int(text[:9])) > 0:
        raise BadSelection("INVALID_PARAMS", "The limit is a number, 1 or more.", word)
    return min(limit, most)
