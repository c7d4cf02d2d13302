"""
C{twistd chatroom}: its options, and the service they make. The only file that names every part.

What can be found wrong before anything listens (an option, the data folder, a port in use) ends the program
with one sentence and exit status 1.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import Field
from typing import Any

from twisted.application.service import IService, MultiService
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.strcred import AuthOptionMixin
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError, ReactorNotRunning
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.logger import Logger
from twisted.python import usage
from twisted.python.failure import Failure

from chatroom import __version__
from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.backends.sqlite import SQLiteBackend
from chatroom.caller.entrance import Entrance
from chatroom.commands.find import find
from chatroom.core.names import room_name
from chatroom.credentials import Credentials
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.doors.line import LineFactory
from chatroom.errors import Refused
from chatroom.hub import Hub
from chatroom.interfaces import IBackend
from chatroom.limits import OFF, Limits, each
from chatroom.passwords import Cost, HashThreads, Passwords

log = Logger()

PORT = "64700"

ORIGIN = re.compile(r"https?://[^/\s?#@]+", re.IGNORECASE)
"""How a browser names the site that a page comes from (RFC 6454, 6.2)."""

DATABASE = "chatroom.sqlite"

CLOSING = "The room is closing. What was said is kept; come back soon."


def endpoint(text: str) -> str:
    """
    An endpoint description from what stands behind C{--port}.

    @raise ValueError: a number that is no port.
    """
    if not text.strip():
        raise ValueError("a port is a number from 1 to 65535, or an endpoint such as tcp:64700:interface=127.0.0.1")
    if not text.isdigit():
        return text
    if not 0 < int(text) < 65536:
        raise ValueError(f"{text} is no port: a port is a number from 1 to 65535")
    return f"tcp:{text}"


def limit(field: Field[Any], text: str) -> Any:
    """
    A limit's value, from what stands behind its option.

    @raise ValueError: it is no number, or one too small.
    """
    name, least, off = option(field), field.metadata["least"], field.metadata["off"]
    if off and text.lower() == "off":
        return OFF
    kind, what = (float, "number") if field.type == "float" else (int, "whole number")
    try:
        value = kind(text)
    except ValueError:
        raise ValueError(f"--{name} is a {what}, not {text!r}") from None
    if not least <= value < 1e12:
        raise ValueError(f"--{name} is {least} at least" + (", or off" if off else ""))
    return value


def option(field: Field[Any]) -> str:
    """The name of a limit's option, without its dashes."""
    return field.name.replace("_", "-")


def _limit_options() -> list[list[Any]]:
    options: list[list[Any]] = []
    for field in each():
        off = field.metadata["off"]
        default = "off" if off and field.default == OFF else str(field.default)
        options.append([option(field), None, default, field.metadata["help"] + (", or off" if off else "")])
    return options


class Options(usage.Options, AuthOptionMixin):
    """
    @ivar ports: endpoint descriptions, in the order given.
    @ivar web: those at which the page is.
    @ivar web_origins: sites whose pages are welcome besides it.
    """

    synopsis = "[options]"
    longdesc = "A chat room that anyone with nc or telnet can use at once. Try: nc localhost 64700"
    supportedInterfaces = (IUsernamePassword,)
    optParameters = [
        ["data", "d", "chatroom-data", "folder of the database; made if it is not there"],
        ["backend", None, "sqlite", "sqlite, or memory, which forgets everything when it stops"],
        ["name", None, "chatroom", "what the greeting calls this place"],
        ["lobby", None, "lobby", "the room everybody enters first"],
        ["argon2-memory", None, 65536, "KiB of memory that checking one password takes", int],
        ["argon2-time", None, 3, "passes over that memory", int],
        ["argon2-parallelism", None, 4, "lanes in which it is done", int],
        *_limit_options(),
    ]
    compData = usage.Completions(optActions={"data": usage.CompleteDirs()})

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.ports: list[str] = []
        self.web: list[str] = []
        self.web_origins: list[str] = []

    def opt_port(self, text: str) -> None:
        """A port to serve on, or an endpoint; may be given again. [default: 64700]"""
        try:
            self.ports.append(endpoint(text))
        except ValueError as error:
            raise usage.UsageError(f"--port: {error}.") from None

    opt_p = opt_port

    def opt_web(self, text: str) -> None:
        """A port, or an endpoint, for the page in browsers; may be given again. Needs chatroom[web]."""
        try:
            self.web.append(endpoint(text))
        except ValueError as error:
            raise usage.UsageError(f"--web: {error}.") from None

    def opt_web_origin(self, text: str) -> None:
        """Another site, such as https://example.org, whose pages may come in as well; may be given again."""
        if not ORIGIN.fullmatch(text):
            raise usage.UsageError(f"--web-origin: a site is written like https://example.org:8443, not {text!r}.")
        self.web_origins.append(text)

    def opt_version(self) -> None:
        """Display the version and exit."""
        sys.stdout.write(f"chatroom {__version__}\n")
        sys.exit(0)

    def parseArgs(self, *surplus: str) -> None:
        if surplus:
            raise usage.UsageError(f"chatroom takes options only, not {surplus[0]!r}.")

    def postOptions(self) -> None:
        if not self.ports:
            self.ports.append(endpoint(PORT))
        try:
            self["limits"] = Limits(**{field.name: limit(field, self[option(field)]) for field in each()})
            self["lobby"] = room_name(self["lobby"], self.limits.room_length)
            self.cost()
        except Refused as refused:
            raise usage.UsageError(f"--lobby: {refused.sentence}") from None
        except ValueError as error:
            raise usage.UsageError(f"{error}.".replace("..", ".")) from None
        if self["backend"] not in ("sqlite", "memory"):
            raise usage.UsageError("--backend is sqlite or memory.")
        if self.limits.unread_hard < self.limits.unread_soft:
            raise usage.UsageError("--unread-hard must not be less than --unread-soft.")

    @property
    def limits(self) -> Limits:
        """Once the options are parsed."""
        made: Limits = self["limits"]
        return made

    def cost(self) -> Cost:
        """@raise ValueError: argon2 would not take it."""
        return Cost(time=self["argon2-time"], memory=self["argon2-memory"], parallelism=self["argon2-parallelism"])


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
            raise SystemExit(f"--{option} {description}: {error}") from None
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
