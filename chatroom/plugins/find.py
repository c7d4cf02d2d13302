"""
Finds the commands: everything that provides L{ICommand} in C{twisted.plugins}, ours and other packages'.

Called once, when the daemon starts. What is broken is logged in one line and left out, because a bad plugin may
not keep a server closed. So are two plugins that claim one word, both of them: whichever won, somebody would get a
command that they did not mean, and only the operator can say which of the two is wanted. A built-in word stays
built in: nobody takes C{/ban} over by being installed.

It knows nothing of what commands do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import ModuleType
from typing import Any

from twisted.logger import Logger
from zope.interface.exceptions import Invalid
from zope.interface.verify import verifyObject

from chatroom.interfaces import ICommand, Parameter, Role, ServerRole, Standing, interface
from chatroom.plugins.discovery import discover
from twisted import plugins

WORD = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
"""What a word or alias looks like."""

_ARGUMENT = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_ENVELOPE = frozenset({"id", "do"})
"""Names that every request of a program uses already."""

OWN = "chatroom"
"""The package whose commands are built in."""

_KINDS = {
    "name": str,
    "aliases": tuple,
    "family": str,
    "summary": str,
    "details": str,
    "parameters": tuple,
    "standing": Standing,
    "role": Role,
    "staff": ServerRole,
    "hidden": bool,
}
"""What the attributes of a command have to be, beyond being there."""

_log = Logger()


def find(package: ModuleType = plugins) -> dict[str, ICommand]:
    """
    Every command, by its word and by each of its aliases.

    @param package: where plugins are looked for.
    """
    sound: list[tuple[ICommand, str]] = []
    for command, file in discover(interface(ICommand), package):
        fault = _fault(command)
        if fault:
            _log.warn("Skipped a command in {file}: {fault}", file=file, fault=fault)
        else:
            sound.append((command, file))
    found = {word: command for command, _ in _without_clashes(sound) for word in (command.name, *command.aliases)}
    words = sorted(word for word, command in found.items() if word == command.name)
    _log.info("{count} commands: {words}", count=len(words), words=" ".join(words))
    return found


def is_built_in(command: ICommand) -> bool:
    """Whether it is one of ours."""
    return type(command).__module__.partition(".")[0] == OWN


def _without_clashes(commands: Sequence[tuple[ICommand, str]]) -> Iterator[tuple[ICommand, str]]:
    """Those that share no word with another; of a built-in command and others, the built-in one."""
    claims: dict[str, list[tuple[ICommand, str]]] = {}
    for command, file in commands:
        for word in dict.fromkeys((command.name, *command.aliases)):
            claims.setdefault(word, []).append((command, file))
    for command, file in commands:
        taken = None if is_built_in(command) else _taken(command, claims)
        if taken is None:
            yield command, file
        else:
            _log.error("Skipped the command /{word} in {file}: {why}.", word=command.name, file=file, why=taken)


def _taken(command: ICommand, claims: Mapping[str, Sequence[tuple[ICommand, str]]]) -> str | None:
    """Why a command cannot have its words, as the end of a sentence; C{None}: it can."""
    for word in (command.name, *command.aliases):
        others = [(each, file) for each, file in claims[word] if each is not command]
        if any(is_built_in(each) for each, _ in others):
            return f"/{word} is a built-in command"
        if others:
            files = " and ".join(dict.fromkeys(file for _, file in others))
            return f"{files} claims the word {word!r} as well. Neither has it. Uninstall the package of one of them"
    return None


def _fault(command: Any) -> str | None:
    """What is wrong with a command, as the end of a sentence, or C{None}."""
    try:
        verifyObject(ICommand, command)
        return _fault_of_attributes(command) or _fault_of_parameters(command)
    except Invalid as error:
        return " ".join(str(error).split())
    except BaseException as error:  # noqa: BLE001 an attribute may be computed, by code we know nothing of
        return f"{type(error).__name__}: {error}"


def _fault_of_attributes(command: Any) -> str | None:
    for attribute, kind in _KINDS.items():
        if not isinstance(getattr(command, attribute), kind):
            return f"the {attribute} of {command.name!r} is no {kind.__name__}"
    for word in (command.name, *command.aliases):
        if not (isinstance(word, str) and WORD.fullmatch(word)):
            return (
                f"{word!r} is not a valid command word: use lower-case letters, digits and -, and begin with a letter"
            )
    if not command.summary or "\n" in command.summary:
        return f"the summary of {command.name!r} is not one line"
    return None


def _fault_of_parameters(command: Any) -> str | None:
    names: set[str] = set()
    for parameter in command.parameters:
        if not (isinstance(parameter, Parameter) and _ARGUMENT.fullmatch(parameter.name)):
            return f"{parameter!r} is not a valid parameter of {command.name!r}"
        if parameter.name in names or parameter.name in _ENVELOPE:
            return f"the parameter {parameter.name!r} of {command.name!r} is in use already"
        names.add(parameter.name)
    for before, after in pairwise(parameter for parameter in command.parameters if not parameter.by_name):
        if before.rest or before.many:
            return f"only the last parameter of {command.name!r} may take the rest of the line"
        if after.required and not before.required:
            return f"in {command.name!r}, {after.name!r} is required but follows an optional parameter"
    return None


def check(command: Any) -> None:
    """
    See that a command would be found.

    @raise ValueError: it would be left out. The sentence says why.
    """
    fault = _fault(command)
    if fault:
        raise ValueError(f"{type(command).__qualname__} is no command that a server takes: {fault}.")
