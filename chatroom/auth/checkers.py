"""
The checkers of C{--auth}: those of Twisted and of plugins that check names and passwords, and work here.

Twisted lists some that let nobody in: C{memory} keeps text where a login brings bytes, and C{unix} needs modules that
Python no longer has from 3.13 on. Here each is made so that it works, or is not there, and what is wrong with its
argument is said when the daemon starts. It knows twisted.cred, and nobody who logs in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from twisted.cred.checkers import FilePasswordDB, ICredentialsChecker, InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.strcred import InvalidAuthArgumentString, findCheckerFactories

_NEEDED = {"unix": ("crypt", "spwd")}
"""Modules without which a checker can let nobody in."""


def factories() -> Iterator[Any]:
    """Those that may stand behind C{--auth}, as L{twisted.cred.strcred.ICheckerFactory} has them."""
    for factory in findCheckerFactories():
        if IUsernamePassword in factory.credentialInterfaces and all(map(_is_there, _NEEDED.get(factory.authType, ()))):
            yield factory


def _is_there(module: str) -> bool:
    return find_spec(module) is not None


def checker(description: str, folder: str) -> ICredentialsChecker:
    """
    The checker that C{TYPE} or C{TYPE:ARGUMENTS} means.

    @param folder: from where relative paths go.
    @raise ValueError: there is none, or it cannot work; a sentence that begins with its type and says no secret.
    """
    kind, _, argument = description.partition(":")
    found = next((factory for factory in factories() if factory.authType == kind), None)
    if found is None:
        raise ValueError(f"{kind}: {_why_not(kind)}. --help-auth lists those that check names and passwords")
    if kind == "file":
        if not argument.strip():
            raise ValueError("file: it needs the path of a file")
        argument = os.path.join(folder, argument)
    if kind == "unix" and argument:
        raise ValueError("unix: it takes no argument")
    try:
        # Twisted's own plugin prints a warning of a file that is not there; here a sentence is said of it later.
        made: ICredentialsChecker = FilePasswordDB(argument) if kind == "file" else found.generateChecker(argument)
    except InvalidAuthArgumentString:
        raise ValueError(f"{kind}: that is not {found.argStringFormat}") from None
    except Exception as error:
        raise ValueError(f"{kind}: {error}") from error
    if isinstance(made, InMemoryUsernamePasswordDatabaseDontUse):
        made.users = {_bytes(name): _bytes(password) for name, password in made.users.items()}
    if isinstance(made, FilePasswordDB):
        made.filename = argument
    return made


def _why_not(kind: str) -> str:
    if kind in _NEEDED:
        return f"this Python has no {' and no '.join(_NEEDED[kind])} any more"
    if any(factory.authType == kind for factory in findCheckerFactories()):
        return "it does not check names and passwords"
    return "no such checker is installed"


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def check_file(path: str, data: bytes) -> None:
    """
    What is in a file of names and passwords.

    @raise ValueError: a part of a password would do, or a password is none; a sentence that begins with the type.
    """
    try:
        lines = data.decode().splitlines()
    except UnicodeDecodeError:
        raise ValueError(f"file: {path} is not UTF-8") from None
    for number, line in enumerate(lines, 1):
        if line.count(":") > 1 and not line.startswith("#"):
            raise ValueError(f"file: line {number} of {path} is not NAME:PASSWORD, because it has more than one colon")
