"""
A server that is closed, and what is asked of it all the same: the same hub on the same database, without a door.

Nothing happens in it but what is asked for, in this one thread and at once. The database is locked meanwhile, so that
no daemon can start on it. It knows how a server is put together, as L{chatroom.tap} does, and needs no reactor.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, execute, maybeDeferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.python.usage import UsageError

from chatroom.admin.backup import DATABASE
from chatroom.admin.target import DataPlace, Declined
from chatroom.auth.credentials import Credentials
from chatroom.auth.entrance import Entrance
from chatroom.auth.passwords import Passwords
from chatroom.backends.address import is_shared
from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.control.control import Control
from chatroom.daemon.options import Options
from chatroom.errors import Refused
from chatroom.interfaces import IBackend
from chatroom.private import user_name
from chatroom.server.hub import Hub
from chatroom.server.services import make_services

T = TypeVar("T")

NEEDS_A_DAEMON = frozenset({"post"})
"""Words that would reach nobody."""


class _AtOnce:
    """A L{chatroom.backends.worker.Worker} that is no thread."""

    def __init__(self, name: str) -> None:
        self.name = name

    def start(self) -> None:
        """Nothing to be done."""

    def run(self, work: Callable[[], T]) -> Deferred[T]:
        """Do it now."""
        return execute(work)

    def stop(self) -> None:
        """Nothing to be done."""

    def abandon(self) -> None:
        """Nothing to be done."""


class ClosedServer:
    """A L{chatroom.admin.target.Target} that nobody is in."""

    def __init__(self, place: DataPlace) -> None:
        """@raise Declined: there is no database, or it cannot be used."""
        self._user = user_name(os.getuid())
        path = place.data / DATABASE
        if not is_shared(place.backend):
            if not path.exists():
                raise Declined(f"No daemon is running at {place.control}, and there is no {DATABASE} in {place.data}")
            become_owner(path)
        options = options_of(place.config)
        limits = options.limits
        self._clock = Clock()
        if is_shared(place.backend):
            backend = one_more_node(place.backend, self._clock)
        else:
            backend = SQLiteBackend(path, self._clock, time.time, worker=_AtOnce)
        passwords = Passwords(maybeDeferred, limits, options.cost())
        entrance = Entrance(Credentials(backend, passwords, limits, time.time), passwords, limits, self._clock.seconds)
        node = f"shell~{os.getpid():x}"
        services = make_services(backend, {}, entrance, limits, self._clock, time.time, node=node, lobby="")
        self._hub = Hub(services)
        self._control = Control(services, self._hub)
        try:
            self._until_done(self._hub.start())
        except Refused as refusal:
            raise Declined(f"No daemon is running at {place.control}. {refusal.sentence}") from None

    def ask(self, word: str, **arguments: str) -> Mapping[str, Any]:
        """See L{chatroom.admin.target.Target}."""
        if word in NEEDS_A_DAEMON:
            raise Declined("No daemon is running, so nobody is online")
        try:
            return self._until_done(self._control.do(word, arguments, self._user))
        except Refused as refusal:
            raise Declined(refusal.sentence) from None

    def close(self) -> None:
        """Let a daemon have it."""
        self._until_done(self._hub.stop())

    def _until_done(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Let all of it happen that needs no time; what would wait for time to pass waits for a disk that fails."""
        outcome: list[T | Failure] = []
        Deferred.fromCoroutine(coroutine).addBoth(outcome.append)
        while not outcome and any(call.getTime() <= self._clock.seconds() for call in self._clock.getDelayedCalls()):
            self._clock.advance(0)
        if not outcome:
            raise Declined("The database cannot be written")
        (result,) = outcome
        if isinstance(result, Failure):
            result.raiseException()
        return result


def one_more_node(url: str, clock: Clock) -> IBackend:
    """
    A node without doors beside those that run, or alone.

    @raise Declined: the database cannot be used.
    """
    try:
        from chatroom.backends.postgres.backend import PostgresBackend

        return PostgresBackend(url, clock, time.time, worker=_AtOnce)
    except ImportError:
        raise Declined("This needs more packages. Try: pip install 'chatroom[postgres]'") from None
    except Refused as refusal:
        raise Declined(refusal.sentence) from None


def become_owner(path: Path) -> None:
    """Where root asks, do it as the one whose files these are: others could not use what root leaves beside them."""
    found = path.stat()
    if os.geteuid() == 0 and found.st_uid != 0:
        os.setgroups([])
        os.setgid(found.st_gid)
        os.setuid(found.st_uid)


def options_of(config: Path | None) -> Options:
    """
    A daemon's options, as its file of settings has them.

    @raise Declined: the file cannot be used.
    """
    options = Options()
    try:
        options.parseOptions([] if config is None else ["--config", str(config)])
    except UsageError as error:
        raise Declined(str(error)) from None
    return options


def settings_of(config: str) -> Mapping[str, str | None]:
    """
    Where the daemon with this file of settings keeps its data and listens, as far as the file says so.

    @raise Declined: the file cannot be used.
    """
    options = options_of(Path(config))
    return {"data": options["data"], "control": options["control"], "backend": options["backend"]}
