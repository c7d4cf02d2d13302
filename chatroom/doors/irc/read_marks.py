"""
MARKREAD: up to when somebody has read a room or what a person said.

IRCv3 draft/read-marker. What an account has read in a room is also where our command missed begins, on all doors. Other
places are known while one client of the person is connected to this node. It knows the speaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.doors.irc.channel_names import is_channel, room_of
from chatroom.doors.irc.times import HALF_A_MILLISECOND, server_time
from chatroom.doors.irc.wire import IrcMessage, written
from chatroom.errors import Refused
from chatroom.folding import fold
from chatroom.wire import time_value

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

MOST_MARKS = 200
"""Marks that are remembered of one person. The oldest mark is forgotten first."""

_UNTIL = "timestamp="


class ReadMarkers:
    """
    Those of one person.

    @ivar times: seconds since 1970, by the key of a room with its hash or of a nickname.
    """

    __slots__ = ("__weakref__", "times")

    def __init__(self) -> None:
        self.times: dict[str, float] = {}

    def mark(self, key: str, at: float) -> bool:
        """Read up to there. @return: whether that is further than before."""
        if at <= self.times.get(key, 0.0):
            return False
        self.times.pop(key, None)
        self.times[key] = at
        if len(self.times) > MOST_MARKS:
            del self.times[next(iter(self.times))]
        return True


async def markread(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """MARKREAD target, and with C{timestamp=} to set it."""
    if not message.params or not message.params[0]:
        response.fail("NEED_MORE_PARAMS", "MARKREAD needs a room or a person.")
        return
    target, key = message.params[0], fold(message.params[0])
    if len(message.params) > 1:
        try:
            at = _moment(message.params[1])
        except ValueError:
            response.fail("INVALID_PARAMS", "A time is timestamp=2026-11-30T07:00:00.000Z.", target)
            return
        if speaker.markers.mark(key, max(at, await _known(speaker, key))):
            await _mark_room(speaker, key, at)
            for other in speaker.network.clients(speaker.called):
                if other is not speaker and other.has("draft/read-marker"):
                    other.tell_soon(line(other, target, speaker.markers.times[key]))
    response.raw(line(speaker, target, await _known(speaker, key)))


def _moment(text: str) -> float:
    """@raise ValueError:"""
    if not text.startswith(_UNTIL):
        raise ValueError(text)
    at = time_value(text[len(_UNTIL) :])
    if at <= 0:
        raise ValueError(text)
    return at


async def _mark_room(speaker: IrcSpeaker, key: str, at: float) -> None:
    """Where the command missed begins, for an account."""
    if is_channel(key) and speaker.caller.account:
        try:
            behind = await speaker.caller.number_at(at + HALF_A_MILLISECOND, room_of(key))
            view = speaker.caller.view(room_of(key))
        except Refused:
            return
        speaker.caller.mark_read(view.name, view.last if behind is None else behind - 1)


async def _known(speaker: IrcSpeaker, key: str) -> float:
    """Seconds since 1970; 0.0: it is not known."""
    known = speaker.markers.times.get(key, 0.0)
    if known or not (is_channel(key) and speaker.caller.account):
        return known
    try:
        return await speaker.caller.read_until(room_of(key))
    except Refused:
        return 0.0


def line(speaker: IrcSpeaker, target: str, at: float) -> bytes:
    """What a client reads of it."""
    until = f"{_UNTIL}{server_time(at)}" if at else "*"
    return written("MARKREAD", target, until, source=speaker.network.host)


async def shown(speaker: IrcSpeaker, room: str) -> bytes:
    """The line for a room that the client has joined; nothing for a client that does not ask for it."""
    if not speaker.has("draft/read-marker"):
        return b""
    return line(speaker, "#" + room, await _known(speaker, "#" + room))


def shown_now(speaker: IrcSpeaker, room: str) -> bytes:
    """The same at once: what only the database knows is left out."""
    wants = speaker.has("draft/read-marker")
    return line(speaker, "#" + room, speaker.markers.times.get("#" + room, 0.0)) if wants else b""
