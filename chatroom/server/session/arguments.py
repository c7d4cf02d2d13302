"""
Arguments of a command: from what a person typed, or from what a program sent by name.

It knows parameters and nothing of what they are for.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.core.cleaning import quoted
from chatroom.errors import BadArguments
from chatroom.interfaces import ICommand, usage
from chatroom.meaning import split_word


def parse(command: ICommand, typed: str) -> dict[str, str]:
    """
    What a person typed behind the word. All blanks of a secret that takes the rest are kept, but for the one that ends
    the word before it.

    @raise BadArguments: too little or too much, with the usage.
    """
    parameters = [p for p in command.parameters if not p.by_name]
    made: dict[str, str] = {}
    rest = typed
    for parameter in parameters:
        if not rest.strip():
            break
        if parameter.rest:
            made[parameter.name], rest = rest if parameter.secret else rest.strip(), ""
        else:
            made[parameter.name], rest = split_word(rest)
    rest = rest.strip()
    if rest:
        raise BadArguments(f"Too many arguments. Usage: {usage(command)}")
    return _checked(command, made)


def named(command: ICommand, given: Mapping[str, str]) -> dict[str, str]:
    """
    What a program sent.

    @raise BadArguments: one is unknown or missing, with what there is.
    """
    known = [parameter.name for parameter in command.parameters]
    for name in given:
        if name not in known:
            raise BadArguments(
                f"{command.name} does not take {quoted(name)}; it takes {', '.join(known) or 'nothing'}."
            )
    return _checked(command, dict(given))


def _checked(command: ICommand, made: dict[str, str]) -> dict[str, str]:
    for parameter in command.parameters:
        if parameter.required and not made.get(parameter.name):
            raise BadArguments(f"Missing {parameter.bare}. Usage: {usage(command)}")
    return made
