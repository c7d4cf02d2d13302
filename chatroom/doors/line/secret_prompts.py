"""
Passwords and tokens that were left out of a command, so as not to be seen: what to ask for, and what came of it.

It knows commands and their parameters, and not how a question is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.doors.replies import Bug
from chatroom.errors import (
    BadArguments,
    Busy,
    NotKept,
    Refused,
    RoomWantsPassword,
    Throttled,
    TooSoon,
    Unlawful,
    WrongPassword,
)
from chatroom.interfaces import ICaller, ICommand, Parameter, Standing
from chatroom.meaning import Slip, TypedCommand, called, understand
from chatroom.states import SecretsSnapshot

AGAIN = (WrongPassword, Throttled, Busy, TooSoon, Unlawful, NotKept, RoomWantsPassword, Bug)
"""Refusals after which the same command may succeed with another secret, or a little later."""


class SecretPrompts:
    """
    Arguments of a command that are asked for one by one, because they should not be seen.

    @ivar word: the command's, as it was typed.
    @ivar values: the arguments there are.
    """

    def __init__(self, word: str, values: dict[str, str], wanted: Sequence[Parameter]) -> None:
        self.word = word
        self.values = values
        self._asked = tuple(wanted)
        self._wanted = list(wanted)
        self._first: str | None = None

    def state(self) -> SecretsSnapshot:
        """What has been asked and answered so far: secrets, not to be kept anywhere."""
        wanted, asked = (tuple(each.name for each in group) for group in (self._wanted, self._asked))
        return SecretsSnapshot(self.word, dict(self.values), wanted, self._first, asked)

    @classmethod
    def restored(cls, caller: ICaller, state: SecretsSnapshot) -> SecretPrompts:
        """
        Go on asking.

        @raise UnknownCommand: there is no such command any more. @raise BadArguments: it takes other arguments now.
        """
        parameters = {each.name: each for each in caller.command(state.word).parameters}
        if not parameters.keys() >= {*state.wanted, *state.asked, *state.values}:
            raise BadArguments(f"/{state.word} has changed. Please type it again.")
        made = cls(state.word, dict(state.values), [parameters[name] for name in state.wanted])
        made._asked = tuple(parameters[name] for name in state.asked or state.wanted)
        made._first = state.first
        return made

    def question(self) -> str:
        """What to type next."""
        name = called(self._wanted[0].name)
        if self._first is not None:
            return f"Repeat the {name}, please."
        target = f"{self.values['room']}" if self.word == "join" else f"/{self.word}"
        return f"Type the {name} for {target}. To cancel, press Enter on an empty line."

    def take(self, line: str) -> bool:
        """
        The answer to the question, which is not empty.

        @return: whether this was the last one.
        @raise BadArguments: it was not what was typed before; both are asked for again.
        """
        if self._wanted[0].new:
            if self._first is None:
                self._first = line
                return False
            first, self._first = self._first, None
            if first != line:
                raise BadArguments(f"The {called(self._wanted[0].name)}s did not match. Try again.")
        self.values[self._wanted.pop(0).name] = line
        return not self._wanted

    def begin_again(self) -> None:
        """Ask for all of them once more: the command was refused with these."""
        self._wanted = list(self._asked)
        for each in self._asked:
            self.values.pop(each.name, None)


def room_password(caller: ICaller, room: str) -> SecretPrompts:
    """The question for the password of a room that was to be joined without one."""
    return SecretPrompts("join", {"room": room}, [each for each in caller.command("join").parameters if each.secret])


def secrets_wanted(caller: ICaller, command: ICommand, rest: str) -> SecretPrompts | None:
    """What has to be asked for before this command can be run: all that was left out, if it is secret."""
    if not any(each.secret and each.required for each in command.parameters):  # as of most commands
        return None
    parameters = [p for p in command.parameters if not p.by_name]
    given = rest.split()
    missing = [p for p in parameters[len(given) :] if p.required]
    if not missing or not all(p.secret for p in missing) or not _may_use(caller, command.standing):
        return None
    return SecretPrompts(command.name, dict(zip([p.name for p in parameters], given, strict=False)), missing)


def may_hold_secret(caller: ICaller, line: str) -> bool:
    """Whether a line may have a password or a token in it, and is better remembered nowhere."""
    meaning = understand(line)
    if not isinstance(meaning, TypedCommand):
        return isinstance(meaning, Slip)
    try:
        command = caller.command(meaning.word)
    except Refused:
        return True
    return bool(meaning.rest) and any(parameter.secret for parameter in command.parameters)


def _may_use(caller: ICaller, standing: Standing) -> bool:
    if standing is Standing.ACCOUNT:
        return bool(caller.account)
    return standing is Standing.ANYBODY or caller.nick is not None
