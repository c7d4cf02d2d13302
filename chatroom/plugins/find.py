"""
Finds the commands: everything that provides L{ICommand} in C{twisted.plugins}, ours and other packages'.

Called once, when the daemon starts. What is broken is logged in one line and left out, because a bad plugin may
not keep a server closed. Two plugins that claim one word do keep it closed: whichever won, somebody would get a
command that they did not mean, and only the operator can say which of the two is wanted. That holds for a
built-in word as well: nobody takes C{/ban} over by being installed.

It knows nothing of what commands do.
"""

from __future__ import annotations

import re
from itertools import pairwise
from types import ModuleType
from typing import Any

from twisted.logger import Logger
from zope.interface.exceptions import Invalid
from zope.interface.verify import verifyObject

from chatroom.errors import Refused
from chatroom.interfaces import ICommand, Parameter, Role, ServerRole, Standing, interface
from chatroom.plugins.discovery import discover
from twisted import plugins

WORD = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
"""What a word or alias looks like."""

_ARGUMENT = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_ENVELOPE = frozenset({"id", "do"})
"""Names that every request of a program uses already."""

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


class WordTaken(Refused):
    """Two plugins claim one word. The sentence names both files."""

    code = "word-taken"


def find(package: ModuleType = plugins) -> dict[str, ICommand]:
    """
    Every command, by its word and by each of its aliases.

    @param package: where plugins are looked for.
    @raise WordTaken: two of them claim one word.
    """
    found: dict[str, ICommand] = {}
    files: dict[str, str] = {}
    for command, file in discover(interface(ICommand), package):
        fault = _fault(command)
        if fault:
            _log.warn("Skipped a command in {file}: {fault}", file=file, fault=fault)
            continue
        for word in (command.name, *command.aliases):
            if word in found and found[word] is not command:
                raise WordTaken(
                    f"The command word {word!r} is claimed twice: by {files[word]} and by {file}. "
                    "Uninstall the package of one of them."
                )
            found[word], files[word] = command, file
    words = sorted(word for word, command in found.items() if word == command.name)
    _log.info("{count} commands: {words}", count=len(words), words=" ".join(words))
    return found


def _fault(command: Any) -> str | None:
    """What is wrong with a command, as the end of a sentence, or C{None}."""
    try:
        verifyObject(ICommand, command)
        return _fault_of_attributes(command) or _fault_of_parameters(command)
    except Invalid as error:
        return " ".join(str(error).split())
    except Exception as error:  # noqa: BLE001 an attribute may be computed, by code we know nothing of
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
