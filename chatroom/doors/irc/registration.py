"""
How an IRC client becomes somebody: CAP, PASS, NICK, USER and SASL, in whatever order clients send them.

RFC 2812, 3.1; IRCv3 capability-negotiation and sasl-3.2. The password of an account is proved before anybody hears of
its owner: a client that gives up after that was never there. It knows the speaker, and no room. It is long because
the order of these commands is the client's choice, and each of them may be the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from chatroom.doors.irc import metadata
from chatroom.doors.irc.capabilities import CAPABILITIES, Capabilities
from chatroom.doors.irc.isupport import NAMELEN
from chatroom.doors.irc.logging_in import be_account, logged_in, read_inbox
from chatroom.doors.irc.metadata_values import Values
from chatroom.doors.irc.network import Profile
from chatroom.doors.irc.numerics import (
    ERR_ALREADYREGISTERED,
    ERR_INVALIDCAPCMD,
    ERR_NEEDMOREPARAMS,
    ERR_NONICKNAMEGIVEN,
    ERR_PASSWDMISMATCH,
    ERR_SASLABORTED,
    ERR_SASLFAIL,
    RPL_SASLMECHS,
)
from chatroom.doors.irc.sasl import ExternalLogin, PlainLogin, SaslExchange, SaslFailed
from chatroom.doors.irc.splitting import beginning
from chatroom.doors.irc.welcome import welcome
from chatroom.doors.irc.wire import NOTHING, IrcMessage
from chatroom.errors import NickOwned, Refused, WrongPassword
from chatroom.interfaces import Login
from chatroom.states import RegistrationSnapshot

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker


class Registration:
    """
    @ivar wanted: the nickname wished for. @ivar tried: the one that was wished for before it, and was refused.
    @ivar user: the username; C{""} until the client has said it.
    @ivar real: the real name. @ivar secret: the password of PASS.
    @ivar capabilities: what the client and the server have agreed on.
    @ivar proved: the account that SASL has proved. @ivar exchange: a login by SASL that is not over.
    @ivar announced: the client has read that it is logged in.
    @ivar changes: the client, which is logged in, is about to be another account.
    @ivar metadata: what the client has said of its person so far.
    @ivar pre_away: why its person is away from the beginning; C{""}: they are not.
    """

    __slots__ = (
        "announced", "capabilities", "changes", "exchange", "metadata", "pre_away", "proved", "real", "secret", "tried",
        "user", "wanted",
    )  # fmt: skip

    def __init__(self, offered: Mapping[str, str] = CAPABILITIES) -> None:
        """@param offered: capabilities, with their values."""
        self.wanted = self.tried = self.user = self.real = self.secret = self.proved = ""
        self.capabilities = Capabilities(dict(offered))
        self.announced = self.changes = False
        self.pre_away = ""
        self.metadata: Values = NOTHING
        self.exchange: SaslExchange | None = None

    @property
    def mechanisms(self) -> list[str]:
        """Those of SASL that this client is offered."""
        return self.capabilities.offered["sasl"].split(",")

    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.wanted and self.user) and not self.capabilities.under_way

    def state(self) -> RegistrationSnapshot:
        """For another process, where the client has to prove its account again."""
        chosen = self.capabilities
        return RegistrationSnapshot(
            tuple(sorted(chosen.chosen)),
            chosen.version,
            chosen.under_way,
            self.wanted,
            self.user,
            self.real,
            self.secret,
        )

    def restore(self, state: RegistrationSnapshot) -> None:
        """Go on from there, with those capabilities that there are in this version."""
        self.wanted, self.user, self.real, self.secret = state.nick, state.user, state.real, state.password
        chosen = self.capabilities
        chosen.chosen = set(state.capabilities) & chosen.offered.keys()
        chosen.version, chosen.under_way = state.version, state.negotiates


# What the client sends.


def cap(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """CAP: what the client can read."""
    capabilities = speaker.registration.capabilities
    answers = capabilities.answer(message.params, registered=speaker.called != "*")
    for params in answers or ():
        response.from_server("CAP", speaker.called, *params)
    if answers is None:
        response.numeric(ERR_INVALIDCAPCMD, message.params[0], "There is no such CAP command.")
    speaker.can(capabilities.active)
    speaker.conversation.replies.in_order(response.end)
    may_arrive(speaker)


def password(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """PASS: C{NAME:PASSWORD} of an account, or its password alone."""
    if speaker.called != "*":
        speaker.at_once(response, ERR_ALREADYREGISTERED, "You are registered already.")
        return
    speaker.registration.secret = message.params[-1]
    response.end()


def user(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """USER: a username and a real name."""
    registration = speaker.registration
    if speaker.called != "*" or registration.user:
        speaker.at_once(response, ERR_ALREADYREGISTERED, "You are registered already.")
        return
    name, real = message.params[0].lstrip("~"), message.params[3]
    if not (name and real):
        speaker.at_once(response, ERR_NEEDMOREPARAMS, "USER", "USER needs a username and a real name.")
        return
    registration.user = name[:16].replace("@", "").replace("!", "") or "user"
    registration.real = beginning(real, NAMELEN)
    response.end()
    may_arrive(speaker)


def nick(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """NICK, before there is a nickname and after."""
    if not message.params or not message.params[0]:
        speaker.at_once(response, ERR_NONICKNAMEGIVEN, "NICK needs a nickname.")
    elif speaker.called != "*":
        speaker.perform(response, partial(_rename, speaker, message.params[0], response))
    else:
        speaker.registration.wanted = message.params[0]
        response.end()
        may_arrive(speaker)


async def _rename(speaker: IrcSpeaker, wanted: str, response: Response) -> None:
    response.about = wanted
    await speaker.asks("nick", nick=wanted)


def authenticate(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """AUTHENTICATE: a login by SASL, before there is a nickname or at any time after."""
    registration = speaker.registration
    if not speaker.has("sasl"):
        speaker.at_once(response, ERR_SASLFAIL, "Ask for the capability sasl first: CAP REQ sasl")
        return
    try:
        if registration.exchange is None:
            registration.exchange = SaslExchange(message.params[0], registration.mechanisms)
            response.raw(b"AUTHENTICATE +\r\n")
        else:
            login = registration.exchange.receive(message.params[0])
            if login is not None:
                registration.exchange = None
                speaker.perform(response, partial(_prove, speaker, login, response), free=speaker.called == "*")
                return
    except SaslFailed as failed:
        registration.exchange = None
        if failed.numeric == RPL_SASLMECHS:
            response.numeric(RPL_SASLMECHS, ",".join(registration.mechanisms), failed.sentence)
            response.numeric(ERR_SASLFAIL, "SASL authentication failed.")
        else:
            response.numeric(failed.numeric, failed.sentence)
    speaker.conversation.replies.in_order(response.end)


async def _prove(speaker: IrcSpeaker, login: PlainLogin | ExternalLogin, response: Response) -> None:
    registration = speaker.registration
    registration.proved = ""
    try:
        if isinstance(login, ExternalLogin):
            name = await speaker.caller.prove_certificate(login.name)
        else:
            name = await speaker.caller.prove(login.name, login.password)
        if speaker.called != "*":
            await be_account(speaker, name, response)
            return
    except Refused as refused:
        response.numeric(ERR_SASLFAIL, f"SASL authentication failed: {refused.sentence}")
        return
    registration.proved = name
    logged_in(speaker, name, response)


# Becoming somebody.


def may_arrive(speaker: IrcSpeaker) -> None:
    """Arrive, if nothing is missing."""
    if speaker.called == "*" and speaker.registration.is_complete():
        response = speaker.response("NICK")
        speaker.perform(response, partial(arrive, speaker, response), free=True)


async def arrive(speaker: IrcSpeaker, response: Response) -> None:
    """Be online, as a guest or as the account that was proved, and say all that clients expect at the beginning."""
    registration, caller, network = speaker.registration, speaker.caller, speaker.network
    wanted, registration.wanted = _other_than(registration.tried, registration.wanted), ""
    registration.tried = wanted
    if registration.exchange is not None:
        registration.exchange = None
        response.numeric(ERR_SASLABORTED, "SASL authentication was aborted.")
    response.about = wanted
    profile = speaker.profile = Profile(registration.user, registration.real)
    name, colon, secret = registration.secret.partition(":")
    try:
        if registration.proved:
            login = await _arrive(speaker, registration.proved)
        elif colon and name:
            login = await _log_in(speaker, name, secret)
        else:
            try:
                with network.arrives(wanted, profile):
                    login = await caller.register(wanted, lobby=network.autojoin)
            except NickOwned:
                if not registration.secret:
                    raise
                login = await _log_in(speaker, wanted, registration.secret)
    except WrongPassword as refused:
        response.numeric(ERR_PASSWDMISMATCH, refused.sentence)
        response.end()
        speaker.conversation.hang_up(refused.sentence)
        return
    registration.announced = bool(registration.proved)
    registration.proved = registration.secret = ""
    welcome(speaker, response)
    await metadata.arrived(speaker, response)
    if registration.pre_away:
        with suppress(Refused):
            await speaker.asks("away", text=registration.pre_away)
    if login.waiting:
        await read_inbox(speaker, response)


def _other_than(taken: str, wanted: str) -> str:
    """
    What a client wishes for when a nickname is taken: the same, with signs behind it. Those of RFC 2812 that no
    nickname has here are underscores, as programs do not know what else to try.
    """
    name = wanted.rstrip(_SIGNS)
    return name + "_" * (len(wanted) - len(name)) if taken and name == taken.rstrip(_SIGNS) else wanted


_SIGNS = "[]\\`_^{|}"


async def _log_in(speaker: IrcSpeaker, name: str, secret: str) -> Login:
    return await _arrive(speaker, await speaker.caller.prove(name, secret))


async def _arrive(speaker: IrcSpeaker, proved: str) -> Login:
    assert speaker.profile is not None
    with speaker.network.arrives(proved, speaker.profile):
        return await speaker.caller.arrive(lobby=speaker.network.autojoin)
