"""
SETNAME: a person's real name is another from now on.

IRCv3 setname. A real name is what clients show beside a nickname; it lives as long as its connection. It knows the
speaker.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chatroom.doors.irc.isupport import NAMELEN
from chatroom.doors.irc.wire import IrcMessage
from chatroom.doors.line.text import safe
from chatroom.errors import Muted, Refused
from chatroom.events import SERVER, Event

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker


def setname(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """SETNAME."""
    real = safe(message.params[0]).strip() if message.params else ""
    if not real or len(real.encode()) > NAMELEN:
        response.fail("INVALID_REALNAME", f"A real name has 1 to {NAMELEN} bytes.")
    else:
        try:
            rooms = rooms_reading(speaker)
        except Muted as refused:
            response.fail("CANNOT_CHANGE_REALNAME", refused.sentence)
        else:
            _set(speaker, real, rooms, response)
    speaker.conversation.replies.in_order(response.end)


def rooms_reading(speaker: IrcSpeaker) -> list[str]:
    """
    The rooms that read it: a real name has room for a sentence, so one has to be able to talk there.

    @raise Muted: in one of the rooms, or on the server. Nicknames are refused then, too.
    """
    found = list[str]()
    speaker.caller.check_may_talk()
    for room in speaker.caller.rooms:
        try:
            found.append(speaker.caller.check_may_talk(room))
        except Muted:
            raise
        except Refused:  # it is moderated, or in slow mode
            continue
    return found


def _set(speaker: IrcSpeaker, real: str, rooms: Iterable[str], response: Response) -> None:
    network, nick = speaker.network, speaker.called
    network.profile(nick).real = real
    if speaker.profile is not None:
        speaker.profile.real = real
    told = Event(speaker.caller.now(), SERVER, nick)
    readers = network.around(speaker, "setname", rooms)
    for reader in readers:
        data = reader.style.form(True).line(told, "SETNAME", real)
        if reader is speaker:
            response.raw(data)
        else:
            reader.tell_soon(data)
    speaker.conversation.charge(len(readers) / READERS, shared=False)


READERS = 100
"""So many who read it cost as much as a line."""
