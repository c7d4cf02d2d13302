"""
C{twistd chatroom}: the service that its options make. The only file that names every part.

What can be found wrong before anything listens (an option, the data folder, a port in use) ends the program
with one sentence and exit status 1.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from twisted.application.service import IService, MultiService
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError, ReactorNotRunning
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.backends.sqlite import SQLiteBackend
from chatroom.caller.entrance import Entrance
from chatroom.commands.find import find
from chatroom.credentials import Credentials
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.doors.line import LineFactory
from chatroom.errors import Refused
from chatroom.hub import Hub
from chatroom.interfaces import IBackend
from chatroom.options import Options as Options  # twistd looks for it here
from chatroom.passwords import HashThreads, Passwords

log = Logger()

DATABASE = "chatroom.sqlite"

CLOSING = "The room is closing. What was said is kept; come back soon."

WAITING = "Will wait for client messages at port {port}"
SERVING = "The page for browsers is at port {port}"


class CannotServe(Exception):
    """The daemon cannot start; the sentence says why."""


class Entry:
    """
    A port that people come in by. It is bound before the daemon gives up its privileges, and lets nobody in until
    L{open} is called.
    """

    def __init__(
        self, endpoint: IStreamServerEndpoint, factory: IProtocolFactory, description: str, purpose: str = WAITING
    ) -> None:
        """@param purpose: what the log says when it is open."""
        self._endpoint = endpoint
        self._factory = factory
        self._description = description
        self._purpose = purpose
        self._port: IListeningPort | None = None

    def bind(self) -> None:
        """@raise CannotServe: the port is taken, or not ours to have."""
        failed: list[Failure] = []
        self._endpoint.listen(self._factory).addCallbacks(self._bound, failed.append)
        if failed:
            raise CannotServe(self._sentence(failed[0]))

    def _bound(self, port: IListeningPort) -> None:
        self._port = port
        if hasattr(port, "stopReading"):
            port.stopReading()

    def _sentence(self, failure: Failure) -> str:
        error = failure.value
        cause = error.socketError if isinstance(error, CannotListenError) else error
        reason = os.strerror(cause.errno).lower() if isinstance(cause, OSError) and cause.errno else str(cause)
        return f"Cannot wait for clients at {self._description}: {reason}."

    def open(self) -> None:
        """Let people in."""
        if self._port is None:
            self.bind()
        assert self._port is not None
        if hasattr(self._port, "startReading"):
            self._port.startReading()
        where = getattr(self._port.getHost(), "port", self._description)
        log.info(self._purpose, port=where)

    async def close(self) -> None:
        """Let nobody in any more."""
        port, self._port = self._port, None
        if port is not None:
            await maybeDeferred(port.stopListening)


class ChatService(MultiService):
    """
    The daemon: a hub, the ports into it, and the threads that hash passwords.

    @ivar foreground: twistd's C{-n}: what is wrong is said on the terminal, and no more than that.
    """

    def __init__(self, hub: Hub, doorkeeper: Doorkeeper, reactor: Any, foreground: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.hub = hub
        self.doorkeeper = doorkeeper
        self.foreground = foreground
        self._reactor = reactor
        self._entries: list[Entry] = []

    def add_entry(self, entry: Entry) -> None:
        """One more port. It is opened after the house, and closed before it."""
        self._entries.append(entry)

    def privilegedStartService(self) -> None:
        """@raise CannotServe: a port cannot be had."""
        try:
            for entry in self._entries:
                entry.bind()
        except CannotServe:
            self._end_with(Failure())
        super().privilegedStartService()  # type: ignore[no-untyped-call]

    def startService(self) -> None:
        """@raise CannotServe: the data cannot be used."""
        super().startService()  # type: ignore[no-untyped-call]
        self._reactor.callWhenRunning(self._stop_quietly)
        failed: list[Failure] = []
        opening: Deferred[Any] = Deferred.fromCoroutine(self._open())
        opening.addErrback(failed.append)
        if failed:  # at once: the embedded backend looks at its file before anything else
            self._end_with(failed[0])
        opening.addCallback(lambda _: self._give_up(failed[0]) if failed else None)

    def _end_with(self, failure: Failure) -> None:
        """In the background, twistd hands the exception to the one who started it; here, the sentence is enough."""
        if self.foreground and failure.check(Refused, CannotServe):
            raise SystemExit(str(failure.value)) from None
        failure.raiseException()

    async def _open(self) -> None:
        await self.hub.start()
        for entry in self._entries:
            entry.open()

    def _give_up(self, failure: Failure) -> None:
        """The backend said no after all, later: a distributed one may."""
        if failure.check(Refused, CannotServe):
            log.critical("{sentence}", sentence=str(failure.value))
        else:
            log.failure("The room cannot be opened", failure)
        # There is no other way to make twistd end with a status of its own once its reactor runs.
        self._reactor.addSystemEventTrigger("after", "shutdown", os._exit, 1)
        self._reactor.stop()

    def _stop_quietly(self) -> None:
        """
        SIGTERM is how a daemon is stopped, and no failure: Twisted, left alone, would end by the signal. Asked for only
        where this process belongs to twistd, which has set its own handler by now.
        """
        if signal.getsignal(signal.SIGTERM) == self._reactor.sigTerm:
            signal.signal(signal.SIGTERM, lambda *_: self._reactor.callFromThread(self._end))

    def _end(self) -> None:
        with suppress(ReactorNotRunning):  # told twice
            self._reactor.stop()

    def stopService(self) -> Deferred[None]:
        """Let nobody in any more, tell those who are here, write everything down."""
        return Deferred.fromCoroutine(self._close())

    async def _close(self) -> None:
        for entry in self._entries:
            await entry.close()
        await self.doorkeeper.close(CLOSING)
        await self.hub.stop(CLOSING)
        await MultiService.stopService(self)
        log.info("The room is closed")


def make_backend(options: Options, folder: str, reactor: Any) -> IBackend:
    """What C{--backend} names; it touches nothing until it is started."""
    if options["backend"] == "memory":
        return MemoryBackend(MemoryStore())
    return SQLiteBackend(os.path.join(folder, DATABASE), reactor, time.time)


def makeService(options: Options, reactor: Any = None) -> IService:
    """
    Everything, put together and not started.

    @raise SystemExit: it cannot be started, with a sentence.
    """
    if reactor is None:
        from twisted.internet import reactor
    parent: Mapping[str, Any] = options.parent or {}
    limits = options.limits
    folder = os.path.join(parent.get("rundir", "."), options["data"])
    backend = make_backend(options, folder, reactor)
    try:
        commands = find()
    except Refused as refused:
        raise SystemExit(refused.sentence) from None
    threads = HashThreads(reactor, limits)
    passwords = Passwords(threads.run, limits, options.cost())
    credentials = Credentials(backend, passwords, limits, time.time, options.get("credCheckers", ()))
    entrance = Entrance(credentials, passwords, limits, reactor.seconds)
    hub = Hub(backend, commands, entrance, limits, reactor, time.time, name=options["name"], lobby=options["lobby"])
    doorkeeper = Doorkeeper(hub, reactor)
    service = ChatService(hub, doorkeeper, reactor, foreground=bool(parent.get("nodaemon")))
    threads.setServiceParent(service)  # type: ignore[no-untyped-call]
    add_entries(service, reactor, "port", options.ports, LineFactory(doorkeeper), WAITING)
    if options.web:
        add_entries(service, reactor, "web", options.web, make_web(doorkeeper, options.web_origins), SERVING)
    return service


def add_entries(
    service: ChatService, reactor: Any, option: str, descriptions: list[str], factory: IProtocolFactory, purpose: str
) -> None:
    """@raise SystemExit: one of them describes no endpoint."""
    for description in descriptions:
        try:
            door = serverFromString(reactor, description)
        except ValueError as error:
            raise SystemExit(f"--{option} {description}: {str(error).rstrip('.')}.") from None
        service.add_entry(Entry(door, factory, description, purpose))


def make_web(doorkeeper: Doorkeeper, origins: list[str]) -> IProtocolFactory:
    """
    The page and its WebSocket. Imported here, as not everybody has what it needs.

    @raise SystemExit: what it needs is not installed.
    """
    try:
        from chatroom.doors.web import WebFactory
    except ModuleNotFoundError as error:
        if error.name not in ("wsproto", "h11"):
            raise
        raise SystemExit("--web needs more than is installed. Try: pip install 'chatroom[web]'") from None
    factory: IProtocolFactory = WebFactory(doorkeeper, origins)
    return factory
