"""
What the server is: VERSION, TIME, INFO, ADMIN, STATS and HELP.

RFC 2812, 3.4. There is one server, whatever the client names. It knows the speaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.doors.irc.numerics import (
    ERR_HELPNOTFOUND,
    RPL_ADMINEMAIL,
    RPL_ADMINLOC1,
    RPL_ADMINLOC2,
    RPL_ADMINME,
    RPL_ENDOFHELP,
    RPL_ENDOFINFO,
    RPL_ENDOFLINKS,
    RPL_HELPSTART,
    RPL_HELPTXT,
    RPL_INFO,
    RPL_TIME,
    RPL_VERSION,
)
from chatroom.doors.irc.welcome import supported
from chatroom.doors.irc.wire import IrcMessage
from chatroom.errors import Refused
from chatroom.zones import moment

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

_HELP = {
    "": "Type /join #ROOM to join a room, /msg NICK TEXT to talk to one person, and /list to see the rooms.\n"
    "Commands of this server work too: /quote HELP WORD tells about each of them, and /quote COMMANDS lists them.",
    "privmsg": "PRIVMSG TARGET TEXT says something in a room or to one person.",
    "join": "JOIN #ROOM [PASSWORD] joins a room. If there is no such room, it is made.",
}
"""By a word, what there is to know about it; what is not here is a command of our own."""


async def version(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """VERSION."""
    network = speaker.network
    response.numeric(RPL_VERSION, network.version, network.host, network.server.name)
    supported(speaker, response)


async def time(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """TIME, in the person's zone."""
    now = speaker.caller.now()
    response.numeric(RPL_TIME, speaker.network.host, str(int(now)), "0", moment(now, speaker.caller.zone))


async def info(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """INFO."""
    for line in (speaker.network.version, "A chat server for IRC, web browsers, nc and telnet, with one history."):
        response.numeric(RPL_INFO, line)
    response.numeric(RPL_ENDOFINFO, "End of INFO")


async def admin(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """ADMIN: nobody's address is given away."""
    response.numeric(RPL_ADMINME, speaker.network.host, "Administrative info")
    response.numeric(RPL_ADMINLOC1, speaker.network.server.name)
    response.numeric(RPL_ADMINLOC2, "Staff keeps order here: /quote STAFF lists it.")
    response.numeric(RPL_ADMINEMAIL, "To report somebody, type /quote REPORT NICK REASON.")


async def stats(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """STATS: operators have other ways to see them."""
    response.numeric("219", message.params[0][:1] if message.params else "*", "End of STATS")


async def links(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """LINKS: none, as several nodes are one server to everybody."""
    response.numeric(RPL_ENDOFLINKS, message.params[-1] if message.params else "*", "End of LINKS")


async def help_(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """HELP, of this door and of the server's own commands."""
    subject = message.params[0] if message.params and message.params[0] else ""
    text = _HELP.get(subject.lower())
    if text is None:
        try:
            answer = await speaker.asks("help", word=subject)
        except Refused:
            response.numeric(ERR_HELPNOTFOUND, subject, "There is no help on that. Try HELP alone.")
            return
        text = "\n".join(part for part in answer.parts if isinstance(part, str))
    first, *others = [line for line in text.split("\n") if line] or ["There is nothing to say."]
    shown = subject or "*"
    response.numeric(RPL_HELPSTART, shown, first)
    for line in others:
        response.numeric(RPL_HELPTXT, shown, line)
    response.numeric(RPL_ENDOFHELP, shown, "End of HELP")
