"""
Talk: saying, acting, whispering. What is said and who may say it is the server's business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from functools import partial

from chatroom.commands import shapes
from chatroom.commands.base import ROOM, Command, flag, person
from chatroom.commands.times import count
from chatroom.errors import NoSuchPerson
from chatroom.events import OperatorsTold
from chatroom.interfaces import Answer, ICaller, Parameter, Receipt, Role

_TEXT = Parameter("text", rest=True, help="the message")
_AUTO = Parameter(
    "auto", required=False, by_name=True, help="yes: a program sent it on its own, and no program answers it"
)
_NONCE = Parameter(
    "nonce",
    required=False,
    by_name=True,
    help="an id of the program's own, repeated in the answer, the event and the history",
)


class Say(Command):
    """Every line without a slash is one of these; programs use the word."""

    name = "say"
    family = "Talk"
    summary = "send a message to the room"
    details = "You do not need it: lines without a slash are sent anyway."
    parameters = (_TEXT, ROOM, _AUTO, _NONCE)
    role = Role.MEMBER
    hidden = True
    facts = (shapes.SaidFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Receipt:
        """
        The one command that must not cost a Deferred.

        @raise BadArguments: C{auto} is neither yes nor no.
        """
        auto = "auto" in arguments and flag(arguments, "auto", False)
        nonce = arguments.get("nonce", "")
        receipt: Receipt = caller.say(arguments["text"], arguments.get("room"), auto=auto, nonce=nonce)
        return receipt


class Me(Command):
    """What one does, told as a third person would."""

    name = "me"
    family = "Talk"
    summary = "do something: /me waves"
    details = "Everyone in the room reads that you do it. If your nickname is alice, /me waves shows: alice waves"
    parameters = (_TEXT, ROOM, _NONCE)
    role = Role.MEMBER
    facts = (shapes.SaidFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Receipt:
        """See L{Say.run}."""
        nonce = arguments.get("nonce", "")
        receipt: Receipt = caller.say(arguments["text"], arguments.get("room"), act=True, nonce=nonce)
        return receipt


def whispered(caller: ICaller, to: str, text: str, auto: bool = False) -> Receipt | Awaitable[Answer]:
    """Whisper, and the line that confirms it. To those who are here, it costs no Deferred."""
    receipt: Receipt | None = caller.whisper_now(to, text, auto)
    if receipt is None:
        return _to_the_absent(caller, to, text, auto)
    receipt.then = partial(_kept, caller, receipt, to)
    return receipt


def _kept(caller: ICaller, receipt: Receipt, to: str) -> Answer | Awaitable[Answer]:
    return _confirmation(to, True) if receipt.reached else _to_one_who_left(caller, receipt, to)


async def _to_the_absent(caller: ICaller, to: str, text: str, auto: bool) -> Answer:
    return _confirmation(to, await caller.whisper(to, text, auto))


async def _to_one_who_left(caller: ICaller, receipt: Receipt, to: str) -> Answer:
    await caller.leave_whisper(receipt)
    return _confirmation(to, False)


def _confirmation(to: str, here: bool) -> Answer:
    sentence = f"Whispered to {to}." if here else f"{to} is offline. Your whisper is in their inbox."
    return Answer((sentence,), {"to": to, "delivered": here})


class Whisper(Command):
    """C{@nick text} is one of these."""

    name = "whisper"
    aliases = ("w", "msg", "tell")
    family = "Talk"
    summary = "send a private message"
    details = "Shorter: @nick text. If the person has an account and is offline, it waits in their inbox."
    parameters = (
        Parameter("to", help="the nickname"),
        _TEXT,
        _AUTO,
    )
    facts = (shapes.WhisperedFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Receipt | Awaitable[Answer]:
        """
        See L{ICaller.whisper}.

        @raise BadArguments: C{auto} is neither yes nor no.
        """
        auto = "auto" in arguments and flag(arguments, "auto", False)
        return whispered(caller, person(arguments, "to"), arguments["text"], auto)


class TellOps(Command):
    """A message to those in charge of a room, and to nobody else."""

    name = "tellops"
    family = "Talk"
    summary = "send a message to the operators of the room"
    details = "Only the operators and owners who are in the room read it. It is in no history."
    parameters = (_TEXT, ROOM, _AUTO)
    role = Role.MEMBER
    facts = (shapes.OperatorsToldFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Receipt:
        """
        See L{ICaller.tell_operators}.

        @raise BadArguments: C{auto} is neither yes nor no.
        """
        auto = flag(arguments, "auto", False)
        receipt: Receipt
        receipt, people = caller.tell_operators(arguments["text"], arguments.get("room"), auto)
        receipt.then = partial(_told, receipt, people)
        return receipt


def _told(receipt: Receipt, people: int) -> Answer:
    assert isinstance(receipt.event, OperatorsTold)
    room = receipt.event.to
    return Answer((f"Sent to {count(people, 'operator')} of {room}.",), {"room": room, "people": people})


class Reply(Command):
    """A whisper to whoever whispered last."""

    name = "reply"
    aliases = ("r",)
    family = "Talk"
    summary = "answer the last whisper you got"
    parameters = (_TEXT,)
    facts = (shapes.WhisperedFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Receipt | Awaitable[Answer]:
        """
        See L{ICaller.whisper}.

        @raise NoSuchPerson: nobody has whispered, or a guest who is gone.
        """
        if caller.correspondent is None:
            raise NoSuchPerson("Nobody has whispered to you, or that person has left. To start: @nick text")
        return whispered(caller, caller.correspondent, arguments["text"])
