"""
The server as C{chatroom-admin} reaches it: through the socket of the daemon that runs or, where none does, itself.

It knows sockets and files; what is asked for, L{chatroom.control.control} knows.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from chatroom.control.socket_path import CONTROL, nearest

PATIENCE = 600.0
"""Seconds that a daemon may take: erasing goes through all history there is."""


class Declined(ValueError):
    """What was asked for is not done. A sentence without its end."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence.rstrip("."))


class NoDaemon(Declined):
    """No daemon runs on that folder."""


class DataPlace(NamedTuple):
    """
    Which server is meant.

    @ivar data: its folder. @ivar control: where its daemon listens.
    @ivar config: its file of settings, if it has one. @ivar backend: what that says of C{--backend}.
    """

    data: Path
    control: Path
    config: Path | None = None
    backend: str = "sqlite"


class Target(Protocol):
    """Somebody to ask."""

    def ask(self, word: str, **arguments: str) -> Mapping[str, Any]:
        """
        What comes of it.

        @raise Declined: it was refused.
        """


class Daemon:
    """One that runs. It is spoken with in JSON lines, one at a time."""

    def __init__(self, place: DataPlace) -> None:
        """@raise Absent: there is none. @raise OSError: it cannot be reached."""
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(nearest(str(place.control)))
        except (FileNotFoundError, ConnectionRefusedError):
            self._socket.close()
            raise NoDaemon(f"No daemon is running at {place.control}") from None
        except OSError as error:
            self._socket.close()
            error.filename = str(place.control)
            raise
        self._socket.settimeout(PATIENCE)
        self._lines = self._socket.makefile("rb")

    def ask(self, word: str, **arguments: str) -> Mapping[str, Any]:
        """See L{Target}."""
        self._socket.sendall(json.dumps({"id": 1, "do": word, **arguments}).encode() + b"\n")
        answer = self.hear()
        if answer is None:
            raise Declined("The daemon stopped before it answered")
        if not answer["ok"]:
            raise Declined(answer["sentence"])
        return answer

    def hear(self) -> dict[str, Any] | None:
        """The next thing it says, or C{None} if it is gone."""
        try:
            line = self._lines.readline()
        except ConnectionError:
            return None
        made: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
        return made

    def listen(self) -> None:
        """From now on, it says something when there is something to say."""
        self._socket.settimeout(None)

    def close(self) -> None:
        """Leave it alone."""
        self._lines.close()
        self._socket.close()


@contextmanager
def reach(place: DataPlace) -> Iterator[Target]:
    """
    The server, open or closed.

    @raise Declined: there is none, or it cannot be used. @raise OSError:
    """
    try:
        daemon = Daemon(place)
    except NoDaemon:
        from chatroom.admin.closed import ClosedServer  # half a second, which the others need not wait

        closed = ClosedServer(place)
        try:
            yield closed
        finally:
            closed.close()
    else:
        try:
            yield daemon
        finally:
            daemon.close()


def place_of(data: str | None, config: str | None, control: str | None) -> DataPlace:
    """
    Which server these options mean. What is typed comes before what the file of settings says.

    @raise Declined: the file cannot be used.
    """
    settings: Mapping[str, str | None] = {}
    if config is not None:
        from chatroom.admin.closed import settings_of

        settings = settings_of(config)
    folder = Path(data or settings.get("data") or "chatroom-data")
    where = control or settings.get("control") or os.path.join(folder, CONTROL)
    backend = settings.get("backend") or "sqlite"
    return DataPlace(folder, Path(where), None if config is None else Path(config), backend)
