"""
What a person types, carried out: talk, whispers and commands become requests, and Tab completes them.

It knows the client's buffers and the server's vocabulary; the keys are a screen's affair.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from chatroom.client.clean import safe as clean_line
from chatroom.client.completion import Offer, complete
from chatroom.client.lines import Kind
from chatroom.client.link import NotConnected
from chatroom.client.reports import Answered
from chatroom.client.vocabulary import KnownCommand, Vocabulary
from chatroom.errors import BadArguments
from chatroom.limits import Limits
from chatroom.meaning import Slip, TypedTalk, TypedWhisper, called, understand
from chatroom.meaning import TypedCommand as Typed

LIMITS = Limits()
"""Those of a server that nobody has given others; one with smaller ones says so."""

if TYPE_CHECKING:
    from chatroom.client.client import Client


class Prompt:
    """
    @ivar vocabulary: the commands that the server has told of so far.
    """

    def __init__(self, client: Client) -> None:
        self.vocabulary = Vocabulary()
        self._client = client

    # Typing.

    def enter(self, text: str) -> bool:
        """
        Do what was typed. False if that cannot be done at the moment, so that it should stay where it can be typed
        again.
        """
        meaning = understand(text)
        try:
            if isinstance(meaning, TypedTalk):
                self._say(meaning.text)
            elif isinstance(meaning, TypedWhisper):
                self._client.ask("whisper", to=meaning.to, text=meaning.text)
            elif isinstance(meaning, Typed):
                self._word(meaning)
            elif isinstance(meaning, Slip):
                self._client.note(Kind.REFUSAL, meaning.sentence)
        except NotConnected:
            self._client.note(
                Kind.REFUSAL, "Not connected. Your line is kept: press Enter when the connection is back."
            )
            return False
        except BadArguments as refusal:
            self._client.note(Kind.REFUSAL, refusal.sentence)
        return True

    def is_secret(self, text: str) -> bool:
        """Whether it holds a password or a token, and should be remembered nowhere."""
        meaning = understand(text)
        if not isinstance(meaning, Typed):
            return isinstance(meaning, Slip)
        command = self.vocabulary.find(meaning.word)
        if command is None:
            return True
        try:
            return command.has_secret(command.arguments(command.behind(meaning)))
        except BadArguments:
            return command.has_secret(parameter.name for parameter in command.parameters)

    def aim(self, text: str) -> str:
        """A sentence that says who alone will read this line, if it were sent now; C{""} if all in the room will."""
        meaning = understand(text)
        here = self._client.buffers.current
        to = ""
        if isinstance(meaning, TypedWhisper):
            to = meaning.to
        elif isinstance(meaning, TypedTalk) and not here.is_room:
            to = here.person
        elif isinstance(meaning, Typed) and (command := self.vocabulary.find(meaning.word)) is not None:
            with suppress(BadArguments):
                arguments = command.arguments(command.behind(meaning))
                if command.word == "reply" and arguments:
                    to = "the person you answer"
                elif command.word == "whisper" and "text" in arguments:
                    to = arguments["to"]
        return f"Only {clean_line(to)} will read this" if to else ""

    def _say(self, text: str) -> None:
        here = self._client.buffers.current
        for piece in pieces(text):
            if here.is_room:
                self._client.ask("say", room=here.name or None, text=piece)
            else:
                self._client.ask("whisper", to=here.person, text=piece)

    def _word(self, typed: Typed) -> None:
        here = self._client.buffers.current
        command = self.vocabulary.find(typed.word)
        word = command.word if command is not None else typed.word
        if word == "quit":
            self._client.leave(typed.rest)
        elif word == "leave" and not here.is_room and not typed.rest:
            self._client.close(here)
        elif word == "who" and typed.rest.casefold() == "more" and self._client.who.ask(self._client.connection.ask):
            return
        elif word == "look" and typed.rest in self._client.buffers:
            self._client.look(self._client.buffers.open(typed.rest))
        elif command is None:
            self._learn(typed)
        else:
            self._run(command, command.arguments(command.behind(typed)))

    def _learn(self, typed: Typed) -> None:
        """A word that C{help} did not list, as it lists only what we may do now: ask what its arguments are called."""

        def learnt(answer: Answered) -> None:
            self.vocabulary.learn(answer.facts)
            command = self.vocabulary.find(typed.word)
            try:
                if command is not None:
                    self._run(command, command.arguments(command.behind(typed)))
            except BadArguments as refusal:
                self._client.note(Kind.REFUSAL, refusal.sentence)

        self._client.ask("help", learnt, word=typed.word)

    def _run(self, command: KnownCommand, arguments: dict[str, str]) -> None:
        if command.secrets_missing(arguments):
            self._ask_secret(command, arguments)
        elif command.word == "join" and "room" in arguments:
            self._join(command, arguments)
        else:
            self._client.ask(command.word, **self._room_for(command), **arguments)

    def _join(self, command: KnownCommand, arguments: dict[str, str]) -> None:
        """Where the room wants a password, or another, it is asked for unseen: the next line may be that password."""

        def refused(code: str) -> None:
            if code in ("wants-password", "wrong-password"):
                self._client.question(f"Password for {clean_line(arguments['room'])}: ", answered, secret=True)

        def answered(text: str) -> None:
            if not text:
                self._client.note(Kind.NOTE, "/join was cancelled.")
                return
            try:
                self._join(command, {**arguments, "password": text})
            except NotConnected:
                self._client.note(Kind.REFUSAL, "Not connected.")
                refused("wrong-password")

        self._client.ask(command.word, None, refused, **arguments)

    def _room_for(self, command: KnownCommand) -> dict[str, str]:
        here = self._client.buffers.current
        return {"room": here.name} if command.takes_room and here.is_room and here.name else {}

    def _ask_secret(self, command: KnownCommand, typed: dict[str, str], found: dict[str, str] | None = None) -> None:
        """
        Ask unseen for the secrets that are missing, and for one that is made up twice. What fails is asked again in
        its place, as the next line may be the secret once more; an empty line ends it.

        @param typed: the arguments that were typed with the command.
        @param found: the same with the secrets that have been asked for.
        """
        found = found or typed
        missing = command.secrets_missing(found)
        if not missing:
            self._send_secret(command, typed, found)
            return
        name = missing[0]

        def answered(text: str) -> None:
            if not text:
                self._client.note(Kind.NOTE, f"/{command.word} was cancelled.")
            elif name == "new" or (command.word == "signup" and name == "password"):
                self._client.question(f"Repeat the {called(name)}: ", lambda again: repeated(text, again), secret=True)
            else:
                self._ask_secret(command, typed, {**found, name: text})

        def repeated(text: str, again: str) -> None:
            if text == again:
                self._ask_secret(command, typed, {**found, name: text})
            else:
                self._client.note(
                    Kind.REFUSAL, f"The {called(name)}s did not match. Type it again, or press Enter to cancel."
                )
                self._ask_secret(command, typed, found)

        self._client.question(f"{called(name).capitalize()} for /{command.word}: ", answered, secret=True)

    def _send_secret(self, command: KnownCommand, typed: dict[str, str], found: dict[str, str]) -> None:
        def again(code: str) -> None:
            self._client.note(Kind.NOTE, f"Type it again, or press Enter to cancel /{command.word}.")
            self._ask_secret(command, typed)

        try:
            self._client.ask(command.word, None, again, **self._room_for(command), **found)
        except NotConnected:
            self._client.note(Kind.REFUSAL, "Not connected.")
            again("")

    # Completing.

    def complete(self, before: str) -> Offer:
        """What Tab offers for the text before the cursor: who talked last comes first."""
        buffers = self._client.buffers
        joined = [buffer.name for buffer in buffers if buffer.is_room]
        others = sorted(self._client.room_names.difference(joined))
        return complete(before, self.vocabulary, self._nicks(), (*joined, *others))

    def _nicks(self) -> list[str]:
        here = self._client.buffers.current
        talked = [line.nick for line in reversed(here.lines[-200:]) if line.nick and not line.own]
        people = [buffer.person for buffer in self._client.buffers if not buffer.is_room]
        return list(dict.fromkeys([*talked, *(member.nick for member in here.members), *people]))


def pieces(text: str, lines: int = LIMITS.message_lines, characters: int = LIMITS.text_length) -> Iterator[str]:
    """A text in messages that a server takes, broken between lines, or where one line is too long between words."""
    piece: list[str] = []
    length = 0
    for line in (part for whole in text.split("\n") for part in _broken(whole, characters)):
        if piece and (len(piece) == lines or length + len(line) + 1 > characters):
            yield "\n".join(piece)
            piece, length = [], 0
        piece.append(line)
        length += len(line) + 1
    if any(line.strip() for line in piece):
        yield "\n".join(piece)


def _broken(line: str, characters: int) -> Iterator[str]:
    while len(line) > characters:
        place = line.rfind(" ", 1, characters + 1)
        place = place if place > characters // 2 else characters
        yield line[:place]
        line = line[place:].lstrip(" ")
    yield line
