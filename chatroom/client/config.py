"""
What the client remembers from one start to the next: the last address, the tokens of sessions, and the rooms one was in
by them. Never a password.

It is three JSON files in C{chatroom} in the XDG configuration folder (XDG Base Directory Specification), written whole
or not at all, and readable by nobody else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chatroom.client.url import Address, parse


def folder(environ: Mapping[str, str]) -> Path:
    """Where it is kept: C{$XDG_CONFIG_HOME/chatroom}, or C{~/.config/chatroom}."""
    given = environ.get("XDG_CONFIG_HOME", "")
    base = Path(given) if given.startswith("/") else Path(environ.get("HOME") or Path.home()) / ".config"
    return base / "chatroom"


class Store:
    """
    Reading never fails: a file that is missing or spoilt is an empty one. Writing may, with L{OSError}.
    """

    def __init__(self, folder: Path) -> None:
        self._last = folder / "last.json"
        self._tokens = folder / "tokens.json"
        self._rooms = folder / "rooms.json"

    def last(self) -> Address | None:
        """The address that was connected to last, with the nickname."""
        address = _read(self._last).get("address")
        try:
            return parse(address) if isinstance(address, str) else None
        except ValueError:
            return None

    def keep_last(self, address: Address) -> None:
        """@raise OSError:"""
        _write(self._last, {"address": str(address)})

    def token(self, server: str, nick: str) -> str:
        """What resumes the session of an account at a server, or C{""}."""
        token = _read(self._tokens).get(_key(server, nick))
        return token if isinstance(token, str) else ""

    def keep_token(self, server: str, nick: str, token: str) -> None:
        """
        Keep one, or with C{""} forget it.

        @raise OSError:
        """
        tokens = _read(self._tokens)
        if tokens.get(_key(server, nick), "") == token:
            return
        tokens[_key(server, nick)] = token
        _write(self._tokens, {key: value for key, value in tokens.items() if value})

    def rooms(self, server: str, nick: str) -> tuple[str, ...]:
        """The rooms that an account was in by this client, in order."""
        names = _read(self._rooms).get(_key(server, nick))
        return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()

    def keep_rooms(self, server: str, nick: str, names: Sequence[str]) -> None:
        """
        Keep them, or with none forget them.

        @raise OSError:
        """
        rooms = _read(self._rooms)
        rooms[_key(server, nick)] = list(names)
        _write(self._rooms, {key: value for key, value in rooms.items() if value})


def _key(server: str, nick: str) -> str:
    return f"{nick.casefold()}@{server}"


def _read(path: Path) -> dict[str, Any]:
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return made if isinstance(made, dict) else {}


def _write(path: Path, made: Mapping[str, Any]) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(handle, 0o600)
            json.dump(made, file, indent=1)
            file.write("\n")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
