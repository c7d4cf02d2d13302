"""
LIST: which rooms there are, perhaps only those of some names, sizes or ages.

RFC 2812, 3.2.6; C{ELIST=CMNTU} of https://modern.ircdocs.horse/#elist-parameter. It knows the speaker.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import gt, lt
from typing import TYPE_CHECKING

from chatroom.doors.irc.numerics import (
    RPL_LIST,
    RPL_LISTEND,
    RPL_LISTSTART,
)
from chatroom.doors.irc.wildcards import Wildcard
from chatroom.doors.irc.wire import IrcMessage
from chatroom.interfaces import RoomSummary

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

MOST_CONDITIONS = 10
"""Conditions in one LIST; the others are left out. Each costs as much as a line: it is tried on every room."""

LINE = 32
"""Bytes of a room's line at least, beside its name and topic."""

Condition = Callable[[RoomSummary], bool]

_COMPARISON = re.compile(r"([CT]?)([<>])(.*)", re.IGNORECASE | re.DOTALL)


async def list_rooms(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """LIST."""
    words = [word for word in (message.params[0] if message.params else "").split(",") if word][:MOST_CONDITIONS]
    caller = speaker.caller
    left = caller.page_bytes
    rooms = caller.rooms_open()
    if words:
        speaker.costs(len(words))
        rooms, _ = await caller.rooms_matching("", left // LINE, _all(words, caller.now()))
    response.numeric(RPL_LISTSTART, "Channel", "Users  Name")
    for room in rooms:
        if speaker.network.lists(room):
            left -= len(room.name) + len(room.topic) + LINE
            if left < 0:
                break
            response.numeric(RPL_LIST, f"#{room.name}", str(room.people), room.topic)
    response.numeric(RPL_LISTEND, "End of LIST")


def _all(words: list[str], now: float) -> Condition:
    """Whether a room fits one of the masks, if there are any, and each of the other conditions."""
    masks, others = list[Condition](), list[Condition]()
    for word in words:
        compared = _COMPARISON.fullmatch(word)
        if compared is not None:
            others.append(_compared(compared[1].upper(), lt if compared[2] == "<" else gt, compared[3], now))
        elif word[0] == "!":
            others.append(_not(_mask(word[1:] or "*")))
        else:
            masks.append(_mask(word))
    return lambda room: (not masks or any(fits(room) for fits in masks)) and all(fits(room) for fits in others)


def _mask(word: str) -> Condition:
    wildcard = Wildcard(word if word.startswith("#") else f"#{word}" if word[0] not in "*?" else word)
    return lambda room: wildcard.fits(f"#{room.name}")


def _not(condition: Condition) -> Condition:
    return lambda room: not condition(room)


def _compared(of: str, is_so: Callable[[float, float], bool], given: str, now: float) -> Condition:
    """
    @param of: C{""}: how many people are in it; C{C} and C{T}: how many minutes ago it was made, or its topic was set.
        A room without a topic has no such time.
    """
    number = int(given[:8]) if given.isascii() and given.isdigit() else 0
    if of == "C":
        return lambda room: is_so(now - room.created, number * 60)
    if of == "T":
        return lambda room: bool(room.topic_at) and is_so(now - room.topic_at, number * 60)
    return lambda room: is_so(room.people, number)
