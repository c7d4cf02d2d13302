"""
A room as a client is shown it: its topic, and who is there.

RFC 2812, 3.2; IRCv3 multi-prefix and userhost-in-names. It knows the speaker.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chatroom.doors.irc.numerics import (
    RPL_ENDOFNAMES,
    RPL_NAMREPLY,
    RPL_NOTOPIC,
    RPL_TOPIC,
    RPL_TOPICWHOTIME,
)
from chatroom.doors.irc.wire import MOST_REST, written
from chatroom.events import Role
from chatroom.interfaces import Person

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

SIGN = {Role.OWNER: "@", Role.OPERATOR: "@", Role.VOICE: "+"}
"""What stands before the nickname of somebody with a role in a room: see PREFIX in 005."""


def show_room(speaker: IrcSpeaker, room: str, response: Response, joined: bool, marker: bytes = b"") -> None:
    """
    The client learns that it is in a room.

    @param joined: it does not read so as an event. @param marker: how far its person has read there.
    """
    nick = speaker.called
    if joined:
        account = nick if speaker.caller.account else "*"
        more = (account, speaker.network.real(nick)) if speaker.has("extended-join") else ()
        response.raw(written("JOIN", "#" + room, *more, source=speaker.network.source(nick)))
    show_topic(speaker, room, response, silent=True)
    response.raw(marker)
    if not {"draft/no-implicit-names", "soju.im/no-implicit-names"} & speaker.capabilities:
        show_names(speaker, room, response)


def show_topic(speaker: IrcSpeaker, room: str, response: Response, silent: bool = False) -> None:
    """@param silent: say nothing where there is no topic."""
    view = speaker.caller.view(room)
    if view.topic:
        response.numeric(RPL_TOPIC, "#" + view.name, view.topic)
        response.numeric(
            RPL_TOPICWHOTIME, "#" + view.name, speaker.network.source(view.topic_from), str(int(view.topic_at))
        )
    elif not silent:
        response.numeric(RPL_NOTOPIC, "#" + view.name, "No topic is set.")


def show_names(speaker: IrcSpeaker, room: str, response: Response, last: bool = True) -> None:
    """Who is there. @param last: end with 366."""
    view = speaker.caller.view(room)
    symbol = "@" if view.invite_only or view.unlisted else "="
    head = f":{speaker.network.host} 353 {speaker.called} {symbol} #{view.name} :\r\n"
    for row in _rows((_named(speaker, who) for who in speaker.caller.people(room)), MOST_REST - len(head.encode())):
        response.numeric(RPL_NAMREPLY, symbol, "#" + view.name, row)
    if last:
        response.numeric(RPL_ENDOFNAMES, "#" + view.name, "End of names.")


def _named(speaker: IrcSpeaker, who: Person) -> str:
    shown = speaker.network.source(who.nick) if speaker.has("userhost-in-names") else who.nick
    return SIGN.get(who.role, "") + shown


def _rows(words: Iterable[str], size: int) -> Iterable[str]:
    """The words in rows of no more than C{size} bytes."""
    row: list[str] = []
    used = 0
    for word in words:
        length = len(word.encode()) + 1
        if row and used + length > size:
            yield " ".join(row)
            row, used = [], 0
        row.append(word)
        used += length
    if row:
        yield " ".join(row)
