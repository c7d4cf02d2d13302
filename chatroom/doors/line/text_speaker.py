"""
People on the line door: what a line somebody types means, before and after they have a nickname.

Talk, C{@nick text}, C{/word arguments}, C{//text}, C{QUIT}; the nickname question, and passwords, which are asked for
one by one where somebody leaves them out so as not to show them. PROTOCOL, part one, is all here or in the commands.

It is long because each line is understood by three things that change one another: what was asked last, where its
author knows that it goes, and what came of the command before.

It knows the words of the commands it stands for (C{hello}, C{login}, C{whisper}, C{quit}), and no rule of the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from chatroom.doors.conversation import Conversation
from chatroom.doors.line.aim import NAMELESS, SECRET, Aim, whereabouts
from chatroom.doors.line.secret_prompts import AGAIN, SecretPrompts, room_password, secrets_wanted
from chatroom.doors.line.text import TextStyle
from chatroom.doors.line.typed_keys import has_keys, typed
from chatroom.errors import (
    BadArguments,
    BadRequest,
    NickOwned,
    NotInRoom,
    Refused,
    RoomWantsPassword,
    UnknownCommand,
    with_full_stop,
)
from chatroom.events import FOREVER, Event
from chatroom.habits import HELP_WORDS, HINTED, LEAVE_WORDS, LOGIN_HINT, LOGIN_WORDS, hint_for
from chatroom.interfaces import Answer, IServer, Role
from chatroom.meaning import TypedCommand, TypedTalk, TypedWhisper, is_plain, split_word, understand
from chatroom.states import PersonSnapshot
from chatroom.zones import moment

_HIDDEN = "It is not shown as you type."
_VISIBLE = "It is visible as you type: nc cannot hide it, telnet can."
_MOVES = frozenset({"join", "look", "create"})
"""Commands after which lines go to the room that they name. Refused ones say where lines go instead."""
_ARRIVALS = frozenset({*_MOVES, "leave", "hello", "login", "resume", "logout"})
"""All commands after which lines may go somewhere else."""
_SPOKEN = frozenset({"say", "me", "topic"})
"""Commands that are read by the current room; those for operators act on it."""
_TOKEN = "You can use a session token instead of the password: /resume TOKEN"


def greeting(server: IServer) -> tuple[str, ...]:
    """The first thing anybody reads, a line each."""
    return (
        f"Welcome to {server.name}. You will start in the room {server.lobby}.",
        "What is your nickname? Type it and press Enter. /help shows help, QUIT leaves.",
    )


class LineTerminal(Protocol):
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

    def has_begun(self) -> bool:
        """Whether the beginning of another line has come."""


class Asked:
    """Where the outcome of a command goes that asks for secrets, or after which lines may go somewhere else."""

    __slots__ = ("_person", "_secrets", "_typed", "_word")

    def __init__(
        self, person: TextSpeaker, word: str, typed: str | Mapping[str, str], secrets: SecretPrompts | None
    ) -> None:
        self._person = person
        self._word = word
        self._typed = typed
        self._secrets = secrets

    def answered(self, answer: Answer) -> None:
        """It was done."""
        self._person.arrived(self._word, answer)

    def kept(self, event: Event) -> None:
        """None of these commands says anything."""

    def refused(self, refusal: Refused) -> None:
        """It was not done."""
        typed = self._typed
        room, password = split_word(typed) if isinstance(typed, str) else ("", "")
        wanted = room if isinstance(refusal, RoomWantsPassword) and not password else ""
        self._person.stayed(self._word, refusal, self._secrets, wanted)


class TextSpeaker:
    """A L{chatroom.doors.intake.Speaker} and its own L{chatroom.doors.replies.ReplySink}."""

    __slots__ = ("_aim", "_conversation", "_hints", "_longest", "_owned", "_secrets", "_terminal", "_wanted")

    def __init__(self, conversation: Conversation, terminal: LineTerminal, longest: int) -> None:
        """@param longest: bytes in one line, for the refusal of a longer one."""
        self._conversation = conversation
        self._terminal = terminal
        self._longest = longest
        self._aim = Aim()
        self._hints: tuple[str, ...] = ()
        self._wanted: str | None = None
        self._owned: str | None = None
        self._secrets: SecretPrompts | None = None

    # Speaker.

    def received(self, message: bytes) -> None:
        """One line, without its end."""
        if self._aim.early:
            self._aim.next_line()
        try:
            line = message.decode()
        except UnicodeDecodeError:
            self._refuse(BadRequest("That line is not UTF-8 and was ignored. Set your terminal to UTF-8."))
            return
        if not line.isprintable() and has_keys(line):
            line = typed(line)
        conversation = self._conversation
        if self._secrets is not None:
            self._take_secret(self._secrets, line)
        elif conversation.nick is not None:
            if is_plain(line) and "\n" not in line:  # of several lines, one may hold a secret
                if self._may_send():
                    conversation.replies.say(line, self)
            else:
                self._talk(line)
            if len(line) < 9 and "QUIT" not in line and line.strip().lower() in HINTED:
                self._hint(line)
        elif self._owned is not None:
            self._take_password(self._owned, line)
        else:
            self._choose(line)

    def too_long(self) -> None:
        """See L{chatroom.doors.intake.Speaker}."""
        if self._aim.early:
            self._aim.next_line()
        self._refuse(BadRequest(f"That line is too long and was ignored. The limit is {self._longest:,} bytes."))

    def named(self, nick: str | None) -> None:
        """See L{chatroom.doors.intake.Speaker}."""
        self._wanted = self._owned = None
        if nick is None:
            self._aim.hold = NAMELESS  # until /logout is answered, if it was that

    # Before there is a nickname.

    def _choose(self, line: str) -> None:
        meaning = understand(line)
        if meaning is None:
            return
        if isinstance(meaning, TypedTalk) and not line.startswith("//"):
            word = line.strip().lower()
            if word in HELP_WORDS:
                self._do("help", {})
            elif word in LEAVE_WORDS:
                self._conversation.replies.in_order(partial(self._write, "To leave, type QUIT or /quit."))
            elif word in LOGIN_WORDS:
                self._conversation.replies.in_order(partial(self._write, LOGIN_HINT))
            elif self._may_send():
                self._wanted = line.strip()
                self._do("hello", {"nick": self._wanted})
        else:
            self._talk(line)

    def _ask_password(self, nick: str) -> None:
        self._owned = nick
        self._ask(f"If you are {nick}, type the password. For another nickname, just press Enter.", _TOKEN)

    def _take_password(self, nick: str, line: str) -> None:
        self._terminal.typed_unseen()
        if not line:
            self._owned = None
            self._terminal.hide_typing(False)
            self._write("Type another nickname and press Enter.")
        elif self._leads_elsewhere(line, "login", "resume"):
            self._terminal.hide_typing(False)
            self._talk(line)
        else:
            self._do("login", {"name": nick, "password": line})

    def _leads_elsewhere(self, line: str, *words: str) -> bool:
        """Whether a line at the question for a secret is none: it is one of these commands, whole, or leaves."""
        meaning = understand(line)
        if not isinstance(meaning, TypedCommand):
            return False
        return meaning.word == "quit" or (meaning.word in words and bool(meaning.rest))

    # With a nickname.

    def _may_send(self) -> bool:
        """Whether a line goes where its author knows. If not, they are told so once."""
        caller = self._conversation.caller
        assert caller is not None
        if self._aim.is_true(caller.room):
            return True
        self._refuse(NotInRoom(self._aim.objection(caller.room)))
        return False

    def _say(self, text: str) -> None:
        if self._may_send():
            self._conversation.replies.say(text, self)

    def _hint(self, line: str) -> None:
        """Tell a newcomer, once, what to type for what they have sent to the room."""
        hint = hint_for(line)
        if hint and hint not in self._hints:
            self._hints = (*self._hints, hint)
            self._conversation.replies.in_order(partial(self._write, hint))

    def _talk(self, line: str) -> None:
        meaning = understand(line)
        if isinstance(meaning, TypedTalk):
            self._say(meaning.text)
        elif isinstance(meaning, TypedWhisper):
            self._conversation.replies.do("whisper", {"to": meaning.to, "text": meaning.text}, self)
        elif isinstance(meaning, TypedCommand):
            self._command(meaning)
        elif meaning is not None:
            slip = BadArguments if meaning.kind == "whisper" else UnknownCommand
            self._refuse(slip(meaning.sentence))

    def _command(self, meaning: TypedCommand) -> None:
        caller = self._conversation.caller
        assert caller is not None
        try:
            command = caller.command(meaning.word)
            wanted = secrets_wanted(caller, command, meaning.rest)
        except Refused as refusal:
            self._refuse(refusal)
            return
        if (command.name in _SPOKEN or command.role >= Role.OPERATOR) and not self._may_send():
            return
        self._secrets = wanted
        if wanted is None:
            exactly = any(each.secret and each.rest for each in command.parameters)
            self._do(command.name, meaning.typed if exactly else meaning.rest)
        else:
            instead = _TOKEN if wanted.word == "login" else ""
            self._conversation.replies.in_order(partial(self._ask, wanted.question(), instead))

    def _do(self, word: str, arguments: str | Mapping[str, str], secrets: SecretPrompts | None = None) -> None:
        """Run a command."""
        reply = Asked(self, word, arguments, secrets) if secrets is not None or word in _ARRIVALS else self
        self._conversation.replies.do(word, arguments, reply)

    def arrived(self, word: str, answer: Answer) -> None:
        """A command of L{Asked} was done: lines go where it says."""
        caller = self._conversation.caller
        assert caller is not None
        self._terminal.hide_typing(False)
        self.answered(answer)
        if word in _ARRIVALS:
            before = self._aim.room
            self._aim.is_at(caller.room)
            if word == "leave" and before != caller.room:
                self._aim.missed(self._waiting())

    def stayed(self, word: str, refusal: Refused, secrets: SecretPrompts | None, room: str) -> None:
        """
        A command of L{Asked} was not done: its secrets are asked for again, and lines go where they went.

        @param room: one that wants a password, which was not typed.
        """
        caller = self._conversation.caller
        assert caller is not None
        sentence = self._sentence(refusal)
        if word in _MOVES and self._conversation.nick is not None:
            sentence = f"{with_full_stop(sentence)} {whereabouts(caller.room)}"
        self._told_why(sentence)
        early = self._waiting()
        if room and not early:
            self._secrets = room_password(caller, room)
        elif secrets is not None and isinstance(refusal, AGAIN):
            secrets.begin_again()
            self._secrets = secrets
        elif secrets is not None:
            self._aim.hold = SECRET
        elif word in _MOVES or (word == "hello" and not isinstance(refusal, NickOwned)):
            self._aim.missed(early)
        self._ask_again(refusal)

    def _waiting(self) -> int:
        """How many lines have come behind the one that is answered now."""
        return self._conversation.intake.waiting() + self._terminal.has_begun()

    def _refuse(self, refusal: Refused) -> None:
        """What is refused before the server is asked."""
        self._conversation.replies.refuse(self, refusal)

    # Secrets.

    def _take_secret(self, secrets: SecretPrompts, line: str) -> None:
        self._terminal.typed_unseen()
        if not line:
            self._secrets = None
            self._terminal.hide_typing(False)
            self._refuse(BadArguments(f"/{secrets.word} was cancelled."))
            self._aim.missed(self._waiting())
        elif self._leads_elsewhere(line, secrets.word):
            self._secrets = None
            self._terminal.hide_typing(False)
            self._talk(line)
        else:
            try:
                done = secrets.take(line)
            except BadArguments as refusal:
                self._refuse(refusal)
                return
            if done:
                self._secrets = None
                self._do(secrets.word, secrets.values, secrets)
            else:
                self._ask(secrets.question())

    def _ask_again(self, refusal: Refused) -> None:
        """The question that was open when something was refused, if there was one."""
        wanted, self._wanted = self._wanted, None
        if self._secrets is not None:
            self._ask(self._secrets.question())
        elif self._conversation.nick is None and isinstance(refusal, NickOwned) and wanted is not None:
            self._ask_password(wanted)
        elif self._conversation.nick is None and self._owned is not None:
            self._ask_password(self._owned)
        else:
            self._terminal.hide_typing(False)

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
        data = self._terminal.style.answer(answer.parts, caller.room, caller.zone)
        self._conversation.outbox.answer(data)

    def kept(self, event: Event) -> None:
        """People see what they said where they typed it."""

    def refused(self, refusal: Refused) -> None:
        """Why not, in one line; and the question again, if there was one."""
        self._told_why(self._sentence(refusal))
        self._ask_again(refusal)

    def _sentence(self, refusal: Refused) -> str:
        """Why not, with its time in the zone of the person."""
        caller, until = self._conversation.caller, refusal.until
        if caller is None or not caller.zone or until is None or until == FOREVER:
            return refusal.sentence
        return refusal.sentence.replace(moment(until), moment(until, caller.zone), 1)

    def _told_why(self, sentence: str) -> None:
        self._conversation.outbox.answer(self._terminal.style.refusal(sentence))

    # From one process to the next.

    def state(self) -> PersonSnapshot:
        """What was asked last."""
        secrets = None if self._secrets is None else self._secrets.state()
        return PersonSnapshot(self._wanted, self._owned, secrets, self._aim.state())

    def restore(self, state: PersonSnapshot) -> None:
        """Go on from there. Refuse a command whose arguments changed since its secrets were asked for, and say so."""
        caller = self._conversation.caller
        assert caller is not None
        self._wanted, self._owned = state.wanted, state.owned
        self._aim.restore(state.aim, caller.room)
        if state.secrets is not None:
            try:
                self._secrets = SecretPrompts.restored(caller, state.secrets)
            except Refused as refusal:
                self._aim.hold = SECRET
                self.refused(refusal)
