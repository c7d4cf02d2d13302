"""
Passwords and tokens that were left out of a command, so as not to be seen: what to ask for, and what came of it.

It knows commands and their parameters, and not how a question is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.errors import BadArguments
from chatroom.interfaces import ICaller, Parameter, Standing
from chatroom.states import SecretsState


class Secrets:
    """
    Arguments of a command that are asked for one by one, because they should not be seen.

    @ivar word: the command's, as it was typed.
    @ivar values: the arguments there are.
    """

    def __init__(self, word: str, values: dict[str, str], wanted: Sequence[Parameter]) -> None:
        self.word = word
        self.values = values
        self._wanted = list(wanted)
        self._first: str | None = None

    def state(self) -> SecretsState:
        """What has been asked and answered so far: secrets, not to be kept anywhere."""
        return SecretsState(self.word, dict(self.values), tuple(each.name for each in self._wanted), self._first)

    @classmethod
    def restored(cls, caller: ICaller, state: SecretsState) -> Secrets:
        """
        Go on asking.

        @raise UnknownCommand: there is no such command any more. @raise BadArguments: it takes other arguments now.
        """
        parameters = {each.name: each for each in caller.command(state.word).parameters}
        if not parameters.keys() >= {*state.wanted, *state.values}:
            raise BadArguments(f"/{state.word} takes other arguments now, so it was not done. Type it again.")
        made = cls(state.word, dict(state.values), [parameters[name] for name in state.wanted])
        made._first = state.first
        return made

    def question(self) -> str:
        """What to type next."""
        name = self._wanted[0].name
        if self._first is not None:
            return f"The {name} once more, please."
        return f"Type the {name} for /{self.word}. An empty line stops this."

    def take(self, line: str) -> bool:
        """
        The answer to the question.

        @return: whether this was the last one.
        @raise BadArguments: it was empty, or not what was typed before: then all is off.
        """
        if not line:
            raise BadArguments(f"Nothing was typed, so /{self.word} was not done.")
        if self._wanted[0].new:
            if self._first is None:
                self._first = line
                return False
            if self._first != line:
                raise BadArguments(f"That was not the same twice, so /{self.word} was not done. Type it again.")
            self._first = None
        self.values[self._wanted.pop(0).name] = line
        return not self._wanted


def secrets_wanted(caller: ICaller, word: str, rest: str) -> Secrets | None:
    """
    What has to be asked for before this command can be run: all that was left out, if it is secret.

    @raise UnknownCommand: there is no such command.
    """
    command = caller.command(word)
    if not any(each.secret and each.required for each in command.parameters):  # as of most commands
        return None
    parameters = [p for p in command.parameters if not p.by_name]
    given = rest.split()
    missing = [p for p in parameters[len(given) :] if p.required]
    if not missing or not all(p.secret for p in missing) or not _may_use(caller, command.standing):
        return None
    return Secrets(command.name, dict(zip([p.name for p in parameters], given, strict=False)), missing)


def _may_use(caller: ICaller, standing: Standing) -> bool:
    if standing is Standing.ACCOUNT:
        return bool(caller.account)
    return standing is Standing.ANYBODY or caller.nick is not None
