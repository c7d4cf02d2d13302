"""
SETNAME: a person's real name is another from now on.

IRCv3 setname. A real name is what clients show beside a nickname; it lives as long as its connection. It knows the
speaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.doors.irc.isupport import NAMELEN
from chatroom.doors.irc.wire import IrcMessage
from chatroom.doors.line.text import safe
from chatroom.events import SERVER, Whispered

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker


def setname(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """SETNAME."""
    real = safe(message.params[0]).strip() if message.params else ""
    if not real or len(real.encode()) > NAMELEN:
        sentence = f"A real name has 1 to {NAMELEN} bytes."
        response.from_server("FAIL", "SETNAME", "INVALID_REALNAME", sentence)
    else:
        network, nick = speaker.network, speaker.called
        network.profile(nick).real = real
        if speaker.profile is not None:
            speaker.profile.real = real
        told = Whispered(speaker.caller.now(), SERVER, nick)
        readers = network.around(speaker, "setname")
        for reader in readers:
            data = reader.style.form(True).line(told, "SETNAME", real)
            if reader is speaker:
                response.raw(data)
            else:
                reader.tell_soon(data)
        speaker.conversation.charge(len(readers) / READERS, shared=False)
    speaker.conversation.replies.in_order(response.end)


READERS = 100
"""So many who read it cost as much as a line."""
