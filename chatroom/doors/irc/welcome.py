"""
What a client reads first: 001 to 005, how many people there are, and the welcome text.

RFC 2812, 5.1; https://modern.ircdocs.horse. It knows the speaker and the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.doors.irc.isupport import lines, words
from chatroom.doors.irc.modes import FLAGS, RANKS, USER_FLAGS, WITH_LIST, WITH_PARAMETER, WITH_PARAMETER_TO_SET
from chatroom.doors.irc.numerics import (
    ERR_NOMOTD,
    ERR_NOTREGISTERED,
    ERR_UNKNOWNCOMMAND,
    RPL_CREATED,
    RPL_ENDOFMOTD,
    RPL_GLOBALUSERS,
    RPL_ISUPPORT,
    RPL_LOCALUSERS,
    RPL_LUSERCHANNELS,
    RPL_LUSERCLIENT,
    RPL_LUSERME,
    RPL_LUSEROP,
    RPL_LUSERUNKNOWN,
    RPL_MOTD,
    RPL_MOTDSTART,
    RPL_MYINFO,
    RPL_WELCOME,
    RPL_YOURHOST,
)
from chatroom.doors.irc.response import Response

if TYPE_CHECKING:
    from chatroom.doors.irc.speaker import IrcSpeaker
    from chatroom.doors.irc.wire import IrcMessage

ROOM_MODES = "".join(sorted(WITH_LIST + WITH_PARAMETER + WITH_PARAMETER_TO_SET + FLAGS + RANKS))
MODES_WITH_PARAMETER = "".join(sorted(WITH_LIST + WITH_PARAMETER + WITH_PARAMETER_TO_SET + RANKS))


def welcome(speaker: IrcSpeaker, response: Response) -> None:
    """All of it."""
    network, nick = speaker.network, speaker.called
    name = network.server.name
    response.numeric(RPL_WELCOME, f"Welcome to {name}, {network.source(nick)}")
    response.numeric(RPL_YOURHOST, f"Your host is {network.host}, running {network.version}")
    response.numeric(RPL_CREATED, "This server keeps what was said, also over a restart.")
    response.numeric(RPL_MYINFO, network.host, network.version, USER_FLAGS, ROOM_MODES, MODES_WITH_PARAMETER)
    supported(speaker, response)
    lusers(speaker, response)
    motd(speaker, response)


def supported(speaker: IrcSpeaker, response: Response) -> None:
    """005."""
    server = speaker.network.server
    for row in lines(words(server.limits, speaker.network.host, history=True)):
        response.numeric(RPL_ISUPPORT, *row, "are supported by this server")


def lusers(speaker: IrcSpeaker, response: Response) -> None:
    """How many people there are."""
    network = speaker.network
    people, rooms = network.server.people_there(), len(speaker.caller.rooms_open())
    most = network.most = max(network.most, people)
    response.numeric(RPL_LUSERCLIENT, f"There are {people} users and 0 invisible on 1 servers")
    response.numeric(RPL_LUSEROP, "0", "operator(s) online")
    response.numeric(RPL_LUSERUNKNOWN, str(speaker.conversation.strangers()), "unknown connection(s)")
    response.numeric(RPL_LUSERCHANNELS, str(rooms), "channels formed")
    response.numeric(RPL_LUSERME, f"I have {people} clients and 0 servers")
    response.numeric(RPL_LOCALUSERS, str(people), str(most), f"Current local users {people}, max {most}")
    response.numeric(RPL_GLOBALUSERS, str(people), str(most), f"Current global users {people}, max {most}")


def motd(speaker: IrcSpeaker, response: Response) -> None:
    """The welcome text."""
    lines = speaker.network.server.motd
    if not lines:
        response.numeric(ERR_NOMOTD, "There is no welcome text.")
        return
    response.numeric(RPL_MOTDSTART, f"- {speaker.network.host} Message of the day -")
    for line in lines:
        response.numeric(RPL_MOTD, f"- {line}")
    response.numeric(RPL_ENDOFMOTD, "End of the welcome text.")


async def show_supported(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """ISUPPORT, of draft/extended-isupport: 005 once more, also before there is a nickname."""
    if not speaker.has("draft/extended-isupport"):
        response.numeric(ERR_NOTREGISTERED if speaker.called == "*" else ERR_UNKNOWNCOMMAND, "ISUPPORT", _ASK)
        return
    inside = Response(speaker, "ISUPPORT")
    supported(speaker, inside)
    response.batch([inside.taken()], "draft/isupport")


_ASK = "Ask for the capability draft/extended-isupport first."


async def show_lusers(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """LUSERS."""
    lusers(speaker, response)


async def show_motd(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """MOTD."""
    motd(speaker, response)
