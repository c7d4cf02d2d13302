"""
How a client that has a nickname logs in to an account: by AUTHENTICATE, or by what it tells NickServ.

IRCv3 sasl-3.2: clients may authenticate at any time, and more than once. The nickname becomes the account's name. A
guest stays in the rooms they are in. Who is logged in to another account leaves that one, and its rooms, as a client
that disconnects does. It knows the speaker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from chatroom.doors.irc.numerics import RPL_LOGGEDIN, RPL_SASLSUCCESS
from chatroom.doors.irc.response import Response
from chatroom.doors.irc.wire import written
from chatroom.doors.line.text import stamp
from chatroom.errors import Refused
from chatroom.events import Whispered
from chatroom.folding import fold

if TYPE_CHECKING:
    from chatroom.doors.irc.speaker import IrcSpeaker


def says_who(speaker: IrcSpeaker, name: str, response: Response) -> None:
    """900: the client is that account, or will be when it has a nickname."""
    response.numeric(RPL_LOGGEDIN, speaker.network.source(name), name, f"You are now logged in as {name}.")


def logged_in(speaker: IrcSpeaker, name: str, response: Response) -> None:
    """900 and 903, the end of SASL."""
    says_who(speaker, name, response)
    response.numeric(RPL_SASLSUCCESS, "SASL authentication successful.")


async def be_account(
    speaker: IrcSpeaker, name: str, response: Response, say: Callable[[IrcSpeaker, str, Response], None] = logged_in
) -> None:
    """
    Log in to the account that this client, which has a nickname, has proved.

    @param say: writes what the client reads first.
    @raise Refused: then it is who it was before, or it is disconnected.
    """
    caller, registration = speaker.caller, speaker.registration
    first = Response(speaker, response.command)
    say(speaker, name, first)
    if caller.account and fold(name) == fold(speaker.called):
        response.raw(first.taken())
        return
    left = _leaving(speaker, name) if caller.account else b""
    registration.announced = registration.changes = True
    try:
        login = await caller.arrive(lobby=speaker.network.autojoin)
    except Refused as refused:
        if speaker.called == "*":
            speaker.conversation.hang_up(refused.sentence)
        raise
    finally:
        registration.changes = False
    rest = response.taken()
    response.raw(first.taken() + left + rest)
    if left and speaker.has("account-notify"):
        response.from_person("ACCOUNT", login.nick)
    if login.waiting:
        await read_inbox(speaker, response)


def _leaving(speaker: IrcSpeaker, name: str) -> bytes:
    """What the client reads of the account and the rooms that it leaves."""
    source = speaker.network.source(speaker.called)
    parts = [written("PART", "#" + room, source=source) for room in speaker.caller.rooms if speaker.knows(room)]
    return b"".join(parts) + written("NICK", name, source=source)


async def read_inbox(speaker: IrcSpeaker, response: Response) -> None:
    """Whispers that have waited, a page of them, with their old times. They are read by that."""
    for part in (await speaker.asks("inbox")).parts:
        if isinstance(part, Whispered):
            if not speaker.has("server-time"):
                part = replace(part, text=stamp(part.at) + part.text)
            response.raw(speaker.style.told((part,), None, 0.0, speaker.called))
        elif isinstance(part, str):
            response.notice(part)
