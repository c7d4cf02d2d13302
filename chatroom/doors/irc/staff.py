"""
OPER and KILL: who keeps order on the server, from an IRC client.

RFC 2812, 3.1.4 and 3.7.1. A role belongs to an account, so that OPER is a login. It knows the speaker.
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


async def oper(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """OPER NAME PASSWORD: log in, unless one is that account already. Then one's role counts, if there is one."""
    name, secret = message.params[0], message.params[1]
    if not (speaker.caller.account and speaker.is_me(name)):
        try:
            await speaker.asks("login", name=name, password=secret)
        except WrongPassword as refused:
            response.numeric(ERR_PASSWDMISMATCH, refused.sentence)
            return
        except NotAllowed as refused:
            response.numeric(ERR_NOOPERHOST, refused.sentence)
            return
    if await speaker.caller.server_role() > ServerRole.NONE:
        response.numeric(RPL_YOUREOPER, "You keep order on this server.")
        response.from_person("MODE", speaker.called, "+o")
    else:
        response.numeric(ERR_NOOPERHOST, f"{name} has no role on this server.")


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
