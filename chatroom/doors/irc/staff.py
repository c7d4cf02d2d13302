"""
OPER, KILL and WALLOPS: who keeps order on the server, from an IRC client.

RFC 2812, 3.1.4, 3.7.1 and 4.7. They are our commands oper, gkick and wallops. It knows the speaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatroom.doors.irc.numerics import (
    ERR_NOOPERHOST,
    ERR_NOPRIVILEGES,
    ERR_NOSUCHNICK,
    ERR_PASSWDMISMATCH,
    RPL_YOUREOPER,
)
from chatroom.doors.irc.wire import IrcMessage
from chatroom.errors import NotAllowed, Refused, WrongPassword
from chatroom.events import ServerRole

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

OPERATOR = "o"
"""Of people with a role on the server; OPER gives it, and people can give it up."""


async def oper(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """OPER NAME PASSWORD: act with the role of that account. It is one's own already, if one is that account."""
    name, secret = message.params[0], message.params[1]
    if not (speaker.caller.account and speaker.is_me(name)):
        try:
            await speaker.asks("oper", name=name, password=secret)
        except WrongPassword as refused:
            response.numeric(ERR_PASSWDMISMATCH, refused.sentence)
            return
        except NotAllowed as refused:
            response.numeric(ERR_NOOPERHOST, refused.sentence)
            return
    if await speaker.caller.server_role() > ServerRole.NONE:
        response.numeric(RPL_YOUREOPER, "You keep order on this server.")
        response.from_person("MODE", speaker.called, f"+{OPERATOR}")
    else:
        response.numeric(ERR_NOOPERHOST, f"{name} has no role on this server.")


async def operate_no_more(speaker: IrcSpeaker, response: Response) -> None:
    """MODE NICK -o: the opposite of L{oper}. A role of one's own account stays: an admin gives it, and removes it."""
    try:
        await speaker.asks("unoper")
    except NotAllowed as refused:
        own = speaker.caller.staff > ServerRole.NONE
        response.numeric(
            ERR_NOPRIVILEGES, "The role belongs to your account. /quote DEMOTE removes it." if own else refused.sentence
        )
    else:
        response.from_person("MODE", speaker.called, f"-{OPERATOR}")


async def kill(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """KILL: the command gkick."""
    who, reason = message.params[0], message.params[1] if len(message.params) > 1 else ""
    try:
        await speaker.asks("gkick", target=who, **({"reason": reason} if reason else {}))
    except NotAllowed as refused:
        response.numeric(ERR_NOPRIVILEGES, refused.sentence)
    except Refused as refused:
        if refused.code != "no-such-person":
            raise
        response.numeric(ERR_NOSUCHNICK, who, refused.sentence)


async def wallops(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """WALLOPS TEXT: all staff who are online read it, and nobody else."""
    try:
        await speaker.asks("wallops", text=message.params[0])
    except NotAllowed as refused:
        response.numeric(ERR_NOPRIVILEGES, refused.sentence)
