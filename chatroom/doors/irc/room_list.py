"""
LIST: which rooms there are, perhaps only those of some names or sizes.

RFC 2812, 3.2.6; C{ELIST=MNU} of https://modern.ircdocs.horse/#elist-parameter. It knows the speaker.
"""

from __future__ import annotations

from collections.abc import Callable
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
"""Conditions in one LIST; the others are left out."""

Condition = Callable[[RoomSummary], bool]


async def list_rooms(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """LIST."""
    words = [word for word in (message.params[0] if message.params else "").split(",") if word][:MOST_CONDITIONS]
    masks = [_mask(word) for word in words if word[0] not in "<>!"]
    others = [_condition(word) for word in words if word[0] in "<>!"]
    left = speaker.caller.page_bytes
    response.numeric(RPL_LISTSTART, "Channel", "Users  Name")
    for room in speaker.caller.rooms_open():
        wanted = not masks or any(mask(room) for mask in masks)
        if not wanted or not all(condition(room) for condition in others) or not speaker.network.lists(room):
            continue
        left -= len(room.name) + len(room.topic) + 32
        if left < 0:
            break
        response.numeric(RPL_LIST, f"#{room.name}", str(room.people), room.topic)
    response.numeric(RPL_LISTEND, "End of LIST")


def _mask(word: str) -> Condition:
    wildcard = Wildcard(word if word.startswith("#") else f"#{word}" if word[0] not in "*?" else word)
    return lambda room: wildcard.fits(f"#{room.name}")


def _condition(word: str) -> Condition:
    if word[0] == "!":
        mask = _mask(word[1:] or "*")
        return lambda room: not mask(room)
    number = int(word[1:9]) if word[1:].isascii() and word[1:].isdigit() else 0
    return (lambda room: room.people > number) if word[0] == ">" else (lambda room: room.people < number)
