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
from chatroom.quoting import WordList, split_quoted, words


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
        if parameter.many:
            made[parameter.name], rest = rest.strip(), ""
        elif parameter.quoted:
            made[parameter.name], rest = _split_quoted(command, rest)
        elif parameter.rest:
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
    for parameter in command.parameters:
        if isinstance(given.get(parameter.name), WordList) and not parameter.many:
            raise BadArguments(f"{parameter.name} of {command.name} is one text, and no list.")
    return _checked(command, dict(given))


def _split_quoted(command: ICommand, typed: str) -> tuple[str, str]:
    """@raise BadArguments: a quote is not closed."""
    try:
        return split_quoted(typed)
    except ValueError as error:
        raise _not_closed(command, error) from None


def _not_closed(command: ICommand, error: ValueError) -> BadArguments:
    sentence = str(error)
    return BadArguments(f"{sentence[:1].upper()}{sentence[1:]}. Usage: {usage(command)}")


def _checked(command: ICommand, made: dict[str, str]) -> dict[str, str]:
    for parameter in command.parameters:
        if parameter.required and not made.get(parameter.name):
            raise BadArguments(f"Missing {parameter.bare}. Usage: {usage(command)}")
        if parameter.many and parameter.name in made:
            try:
                words(made[parameter.name])
            except ValueError as error:
                raise _not_closed(command, error) from None
    return made
