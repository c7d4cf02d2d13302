"""
REGISTER and VERIFY: a nickname becomes an account, as clients ask for it with a form of their own.

IRCv3 draft/account-registration. It needs neither an address nor a code. With a nickname, it is our command signup.
Before that (C{before-connect}) the account is made, and the client is it when it has registered. It knows the speaker.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatroom.doors.irc.logging_in import says_who
from chatroom.doors.irc.wire import IrcMessage
from chatroom.errors import Refused
from chatroom.folding import fold

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

_USAGE = "REGISTER needs an account, an address and a password."

_MADE = "Your account is made, and you are logged in."

_CODES = {
    "unlawful": "WEAK_PASSWORD",
    "not-allowed": "ALREADY_AUTHENTICATED",
    "nick-owned": "ACCOUNT_EXISTS",
    "nick-taken": "ACCOUNT_EXISTS",
}
"""By the code of a refusal, what clients know for it; else TEMPORARILY_UNAVAILABLE."""


def register(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """REGISTER ACCOUNT EMAIL PASSWORD: the account has the nickname's name, and the address is left out."""
    if len(message.params) < 3 or not all(message.params[:3]):
        _fail(speaker, response, "NEED_MORE_PARAMS", _USAGE)
        return
    name, secret, nobody = message.params[0], message.params[2], speaker.called == "*"
    nick = speaker.registration.wanted if nobody else speaker.called
    if nobody and not speaker.network.early_signup:
        sentence = "Send NICK, USER and CAP END first. Make the account when you are connected."
        _fail(speaker, response, "COMPLETE_CONNECTION_REQUIRED", sentence, nick or "*")
    elif nobody and speaker.registration.proved:
        sentence = f"You are logged in as {speaker.registration.proved} already."
        _fail(speaker, response, "ALREADY_AUTHENTICATED", sentence, nick or "*")
    elif not nick:
        _fail(speaker, response, "NEED_NICK", "Choose a nickname first: send NICK.", "*")
    elif name != "*" and fold(name) != fold(nick):
        sentence = "Your account has the name of your nickname. Choose the nickname first."
        _fail(speaker, response, "ACCOUNT_NAME_MUST_BE_NICK", sentence, name)
    elif nobody:
        speaker.perform(response, partial(_register_early, speaker, nick, secret, response), free=True)
    else:
        speaker.perform(response, partial(_register, speaker, secret, response))


async def _register(speaker: IrcSpeaker, secret: str, response: Response) -> None:
    nick = speaker.called
    try:
        await speaker.asks("signup", password=secret)
    except Refused as refused:
        response.fail(_CODES.get(refused.code, "TEMPORARILY_UNAVAILABLE"), refused.sentence, nick)
    else:
        response.from_server("REGISTER", "SUCCESS", nick, _MADE)


async def _register_early(speaker: IrcSpeaker, nick: str, secret: str, response: Response) -> None:
    """Make the account for a client that is not connected yet. It proves that account by this."""
    try:
        await speaker.caller.check_nick(nick)
    except Refused as refused:
        bad_name = {**_CODES, "unlawful": "BAD_ACCOUNT_NAME"}
        response.fail(bad_name.get(refused.code, "TEMPORARILY_UNAVAILABLE"), refused.sentence, nick)
        return
    try:
        name = await speaker.caller.make_account(nick, secret)
    except Refused as refused:
        response.fail(_CODES.get(refused.code, "TEMPORARILY_UNAVAILABLE"), refused.sentence, nick)
        return
    speaker.registration.proved = name
    response.from_server("REGISTER", "SUCCESS", name, _MADE)
    says_who(speaker, name, response)


def verify(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """VERIFY: nothing waits for a code here."""
    name = message.params[0] if message.params and message.params[0] else "*"
    _fail(speaker, response, "INVALID_CODE", "Accounts are good at once here: no code is needed.", name)


def _fail(speaker: IrcSpeaker, response: Response, code: str, sentence: str, *about: str) -> None:
    response.fail(code, sentence, *about)
    speaker.conversation.replies.in_order(response.end)
