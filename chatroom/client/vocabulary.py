"""
The commands that people type, with their arguments by name. What a line means at all is decided in
L{chatroom.meaning}, as on every door.

The commands are the server's own, as its C{help} tells of them, so that a plugin of its operator works here without
this client knowing of it. It knows text and facts, and neither connections nor screens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatroom.client.clean import safe
from chatroom.client.facts import Facts
from chatroom.errors import BadArguments, with_full_stop
from chatroom.meaning import TypedCommand as Typed
from chatroom.meaning import split_word
from chatroom.quoting import split_quoted


@dataclass(frozen=True)
class KnownParameter:
    """One argument of a command: see L{chatroom.interfaces.Parameter}."""

    name: str
    required: bool
    rest: bool
    secret: bool
    by_name: bool
    quoted: bool = False


@dataclass(frozen=True)
class KnownCommand:
    """A word of the server's."""

    word: str
    aliases: tuple[str, ...]
    usage: str
    summary: str
    parameters: tuple[KnownParameter, ...]

    @property
    def typed(self) -> tuple[KnownParameter, ...]:
        """Those that people type, in order."""
        return tuple(parameter for parameter in self.parameters if not parameter.by_name)

    @property
    def takes_room(self) -> bool:
        """Whether a program may say which room it means, where people mean the one looked at."""
        return any(parameter.name == "room" and parameter.by_name for parameter in self.parameters)

    def arguments(self, rest: str) -> dict[str, str]:
        """
        What stands behind the word, by name. That something is missing is for the server to say.

        @raise BadArguments: it is more than the command takes.
        """
        made: dict[str, str] = {}
        for parameter in self.typed:
            if not rest.strip():
                break
            if parameter.rest:
                made[parameter.name], rest = rest if parameter.secret else rest.strip(), ""
            elif parameter.quoted:
                made[parameter.name], rest = self._split_quoted(rest)
            else:
                made[parameter.name], rest = split_word(rest)
        if rest.strip():
            raise BadArguments(f"Too many arguments. Usage: {self.usage}")
        return made

    def _split_quoted(self, rest: str) -> tuple[str, str]:
        """@raise BadArguments: a quote is not closed."""
        try:
            return split_quoted(rest)
        except ValueError as error:
            raise BadArguments(f"Check the quotes: {with_full_stop(error)} Usage: {self.usage}") from None

    def behind(self, typed: Typed) -> str:
        """What stands behind its word: all of it where a secret may have spaces at its ends, else without those."""
        exactly = any(parameter.secret and parameter.rest for parameter in self.typed)
        return typed.typed if exactly else typed.rest

    def secrets_missing(self, arguments: dict[str, str]) -> tuple[str, ...]:
        """Secrets that it needs and that were not typed, better asked for without showing them."""
        return tuple(p.name for p in self.typed if p.required and p.secret and p.name not in arguments)

    def has_secret(self, arguments: Iterable[str]) -> bool:
        """Whether one of these arguments is a secret."""
        return any(parameter.secret and parameter.name in arguments for parameter in self.parameters)


class Vocabulary:
    """The commands known so far, by word and by alias."""

    def __init__(self) -> None:
        self._commands: dict[str, KnownCommand] = {}

    def learn(self, facts: Facts) -> None:
        """Add what an answer to C{help} tells."""
        for made in facts.objects("commands"):
            command = KnownCommand(
                safe(made.text("word")),
                tuple(map(safe, made.texts("aliases"))),
                safe(made.text("usage")),
                safe(made.text("summary")),
                tuple(
                    KnownParameter(
                        p.text("name"),
                        p.flag("required"),
                        p.flag("rest"),
                        p.flag("secret"),
                        p.flag("by_name"),
                        p.flag("quoted"),
                    )
                    for p in made.objects("parameters")
                ),
            )
            for word in (command.word, *command.aliases):
                self._commands.setdefault(word, command)

    def find(self, word: str) -> KnownCommand | None:
        """The command of this word or alias."""
        return self._commands.get(word)

    @property
    def words(self) -> list[str]:
        """Every command once, in alphabetical order."""
        return sorted({command.word for command in self._commands.values()})
