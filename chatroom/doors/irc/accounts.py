"""
REGISTER and VERIFY: a nickname becomes an account, as clients ask for it with a form of their own.

IRCv3 draft/account-registration. It is our command signup, which needs neither an address nor a code. It knows the
speaker.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatroom.doors.irc.wire import IrcMessage
from chatroom.errors import Refused
from chatroom.folding import fold

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

_USAGE = "REGISTER needs an account, an address and a password."

_CODES = {"unlawful": "WEAK_PASSWORD", "not-allowed": "ALREADY_AUTHENTICATED", "nick-owned": "ACCOUNT_EXISTS"}
"""By the code of a refusal, what clients know for it; else TEMPORARILY_UNAVAILABLE."""


def register(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """REGISTER ACCOUNT EMAIL PASSWORD: the account has the nickname's name, and the address is left out."""
    if len(message.params) < 3 or not all(message.params[:3]):
        _fail(speaker, response, "NEED_MORE_PARAMS", _USAGE)
        return
    name, secret = message.params[0], message.params[2]
    if speaker.called == "*":
        wanted = name if name != "*" else speaker.registration.wanted or "*"
        taken = wanted != "*" and speaker.network.server.person_now(wanted) is not None
        code = "ACCOUNT_EXISTS" if taken else "COMPLETE_CONNECTION_REQUIRED"
        sentence = "Somebody has that nickname." if taken else "Connect with a nickname first."
        _fail(speaker, response, code, sentence, wanted)
    elif name != "*" and fold(name) != fold(speaker.called):
        sentence = "Your account has the name of your nickname. Choose the nickname first."
        _fail(speaker, response, "ACCOUNT_NAME_MUST_BE_NICK", sentence, name)
    else:
        speaker.perform(response, partial(_register, speaker, secret, response))


async def _register(speaker: IrcSpeaker, secret: str, response: Response) -> None:
    nick = speaker.called
    try:
        await speaker.asks("signup", password=secret)
    except Refused as refused:
        code = _CODES.get(refused.code, "TEMPORARILY_UNAVAILABLE")
        response.fail(code, refused.sentence, nick)
    else:
        response.from_server("REGISTER", "SUCCESS", nick, "Your account is made, and you are logged in.")


def verify(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """VERIFY: nothing waits for a code here."""
    name = message.params[0] if message.params and message.params[0] else "*"
    _fail(speaker, response, "INVALID_CODE", "Accounts are good at once here: no code is needed.", name)


def _fail(speaker: IrcSpeaker, response: Response, code: str, sentence: str, *about: str) -> None:
    response.fail(code, sentence, *about)
    speaker.conversation.replies.in_order(response.end)
