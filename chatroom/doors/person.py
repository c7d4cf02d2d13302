"""
People on the line door: what a line somebody types means, before and after they have a nickname.

Talk, C{@nick text}, C{/word arguments}, C{//text}, C{QUIT}; the nickname question, and passwords, which are asked for
one by one where somebody leaves them out so as not to show them. PROTOCOL, part one, is all here or in the commands.

It knows the words of the commands it stands for (C{hello}, C{login}, C{whisper}, C{quit}), and no rule of the house.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol

from chatroom.doors.conversation import Conversation
from chatroom.doors.keys import has_keys, typed
from chatroom.doors.questions import Secrets, secrets_wanted
from chatroom.doors.text import TextStyle
from chatroom.errors import BadArguments, BadRequest, NickOwned, Refused, UnknownCommand
from chatroom.events import Event
from chatroom.interfaces import Answer, IHouse
from chatroom.meaning import Command, Talk, Whisper, is_plain, understand
from chatroom.states import PersonState

_HIDDEN = "It is not shown as you type."
_VISIBLE = "It will be visible as you type: nc cannot hide it, telnet can."
_TOKEN = "The session token of an earlier login does instead of the password: /resume TOKEN"


def greeting(house: IHouse) -> tuple[str, ...]:
    """The first thing anybody reads, a line each."""
    return (
        f"Welcome to {house.name}. You come in by the room {house.lobby}.",
        "What is your nickname? Type it, alone on a line. /help helps, QUIT leaves.",
    )


class Terminal(Protocol):
    """
    What a person types on.

    @ivar style: how it is written to, now.
    """

    style: TextStyle

    def hide_typing(self, hide: bool) -> bool:
        """
        Keep what is typed from being shown, or show it again.

        @return: whether this terminal can be asked to. That of nc cannot.
        """

    def typed_unseen(self) -> None:
        """A line was typed while typing was hidden: its end was not shown either."""


class Person:
    """A L{chatroom.doors.conversation.Speaker} and its own L{chatroom.doors.conversation.Reply}."""

    __slots__ = ("_conversation", "_longest", "_owned", "_secrets", "_terminal", "_wanted")

    def __init__(self, conversation: Conversation, terminal: Terminal, longest: int) -> None:
        """@param longest: bytes in one line, for the refusal of a longer one."""
        self._conversation = conversation
        self._terminal = terminal
        self._longest = longest
        self._wanted: str | None = None
        self._owned: str | None = None
        self._secrets: Secrets | None = None

    # Speaker.

    def received(self, message: bytes) -> None:
        """One line, without its end."""
        try:
            line = message.decode()
        except UnicodeDecodeError:
            self._refuse(BadRequest("That line is not UTF-8, so nothing was done. Set your terminal to UTF-8."))
            return
        if has_keys(line):
            line = typed(line)
        conversation = self._conversation
        if self._secrets is not None:
            self._take_secret(self._secrets, line)
        elif conversation.nick is not None:
            if is_plain(line):
                conversation.say(line, self)
            else:
                self._talk(line)
        elif self._owned is not None:
            self._take_password(self._owned, line)
        else:
            self._choose(line)

    def too_long(self) -> None:
        """See L{chatroom.doors.conversation.Speaker}."""
        self._refuse(
            BadRequest(f"That line is too long ({self._longest} bytes at most), so nothing was done. Make it shorter.")
        )

    def named(self, nick: str | None) -> None:
        """See L{chatroom.doors.conversation.Speaker}."""
        self._wanted = self._owned = None

    # Before there is a nickname.

    def _choose(self, line: str) -> None:
        meaning = understand(line)
        if isinstance(meaning, Talk) and not line.startswith("//"):
            self._wanted = line.strip()
            self._conversation.do("hello", {"nick": self._wanted}, self)
        elif meaning is not None:
            self._talk(line)

    def _ask_password(self, nick: str) -> None:
        self._owned = nick
        self._ask(f"If that is you, type the password of {nick}. For another nickname, type an empty line.", _TOKEN)

    def _take_password(self, nick: str, line: str) -> None:
        self._terminal.typed_unseen()
        self._terminal.hide_typing(False)
        if not line:
            self._owned = None
            self._write("Type another nickname, alone on a line.")
        elif self._leads_elsewhere(understand(line)):
            self._talk(line)
        else:
            self._conversation.do("login", {"name": nick, "password": line}, self)

    def _leads_elsewhere(self, meaning: object) -> bool:
        """Whether a line at the password question is no password: it logs in by another way, or leaves."""
        if not isinstance(meaning, Command):
            return False
        return meaning.word == "quit" or (meaning.word in ("login", "resume") and bool(meaning.rest))

    # With a nickname.

    def _talk(self, line: str) -> None:
        meaning = understand(line)
        if isinstance(meaning, Talk):
            self._conversation.say(meaning.text, self)
        elif isinstance(meaning, Whisper):
            self._conversation.do("whisper", {"to": meaning.to, "text": meaning.text}, self)
        elif isinstance(meaning, Command):
            self._command(meaning.word, meaning.rest)
        elif meaning is not None:
            slip = BadArguments if meaning.kind == "whisper" else UnknownCommand
            self._refuse(slip(meaning.sentence))

    def _command(self, word: str, rest: str) -> None:
        assert self._conversation.caller is not None
        try:
            self._secrets = secrets_wanted(self._conversation.caller, word, rest)
        except Refused as refusal:
            self._refuse(refusal)
            return
        if self._secrets is None:
            self._conversation.do(word, rest, self)
        else:
            instead = _TOKEN if self._secrets.word == "login" else ""
            self._conversation.in_order(partial(self._ask, self._secrets.question(), instead))

    def _refuse(self, refusal: Refused) -> None:
        """What is refused before the house is asked."""
        self._conversation.refuse(self, refusal)

    # Secrets.

    def _take_secret(self, secrets: Secrets, line: str) -> None:
        self._terminal.typed_unseen()
        try:
            done = secrets.take(line)
        except Refused as refusal:
            self._secrets = None
            self._terminal.hide_typing(False)
            self._refuse(refusal)
            return
        if done:
            self._secrets = None
            self._terminal.hide_typing(False)
            self._conversation.do(secrets.word, secrets.values, self)
        else:
            self._ask(secrets.question())

    def _ask(self, question: str, instead: str = "") -> None:
        """
        Ask for something that nobody should see, and say whether it will be seen.

        @param instead: what to do where it will be.
        """
        hidden = self._terminal.hide_typing(True)
        self._write(f"{question} {_HIDDEN if hidden else _VISIBLE}")
        if instead and not hidden:
            self._write(instead)

    def _write(self, sentence: str) -> None:
        self._conversation.outbox.answer(self._terminal.style.told((sentence,), None, 0.0))

    # Reply.

    def answered(self, answer: Answer) -> None:
        """What was asked for, as lines."""
        caller = self._conversation.caller
        assert caller is not None
        data = self._terminal.style.answer(answer.parts, caller.room, caller.now())
        self._conversation.outbox.answer(data)

    def kept(self, event: Event) -> None:
        """People see what they said where they typed it."""

    def refused(self, refusal: Refused) -> None:
        """Why not, in one line; and the question again, if there was one."""
        self._conversation.outbox.answer(self._terminal.style.refusal(refusal.sentence))
        wanted, self._wanted = self._wanted, None
        if self._conversation.nick is not None:
            return
        if isinstance(refusal, NickOwned) and wanted is not None:
            self._ask_password(wanted)
        elif self._owned is not None:
            self._ask_password(self._owned)

    # From one process to the next.

    def state(self) -> PersonState:
        """What was asked last."""
        return PersonState(self._wanted, self._owned, None if self._secrets is None else self._secrets.state())

    def restore(self, state: PersonState) -> None:
        """Go on from there. A command that is not what it was is not done, which is said."""
        self._wanted, self._owned = state.wanted, state.owned
        if state.secrets is not None:
            assert self._conversation.caller is not None
            try:
                self._secrets = Secrets.restored(self._conversation.caller, state.secrets)
            except Refused as refusal:
                self._terminal.hide_typing(False)
                self.refused(refusal)
