"""
The daemon's ports: bound before it gives up its privileges, opened when the server is open, and handed over to another
process if it comes to that.

It knows endpoints and Twisted's ports, and nothing of what is behind them.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from twisted.internet.defer import maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.internet.tcp import Port
from twisted.logger import Logger
from twisted.python.failure import Failure

log = Logger()


HOW = "an endpoint looks like tcp:64700:interface=127.0.0.1, with \\: for each colon inside an address"
"""What is said where Twisted would tell of its own functions."""


def understand(reactor: Any, description: str) -> IStreamServerEndpoint:
    """
    The endpoint that a description means: see L{twisted.internet.endpoints.serverFromString}.

    @raise ValueError: it means none, or a file that it names is of no use; a sentence without its end.
    """
    try:
        endpoint: IStreamServerEndpoint = serverFromString(reactor, description)
    except OSError as error:
        raise ValueError(f"{error.filename}: {reason(error)}" if error.filename else reason(error)) from None
    except ValueError as error:
        raise ValueError(HOW if str(error).startswith("invalid literal") else str(error)) from None
    except (TypeError, LookupError):
        raise ValueError(HOW) from None
    except Exception as error:  # a plugin's, or of the certificates it names
        raise ValueError(f"cannot be used: {error}") from error
    return endpoint


def reason(error: object) -> str:
    """What is wrong, in the system's words, where it is the system that says so."""
    if not isinstance(error, OSError) or error.errno is None:
        return str(error)
    # Those of getaddrinfo(3) are below zero, and strerror(3) does not know them.
    return (os.strerror(error.errno) if error.errno > 0 else str(error.strerror)).lower()


class CannotServe(Exception):
    """The daemon cannot start; the sentence says why."""

    # In the background, twistd tells its caller 100 bytes of an exception, and its module is a part of them.
    __module__ = "chatroom"


class Place(NamedTuple):
    """
    A port that is open.

    @ivar option: the option that names it: C{port}, C{web}, C{web-tls}.
    @ivar description: the endpoint, as that option has it.
    @ivar port: its number, or 0 where it has none, as a UNIX socket.
    """

    option: str
    description: str
    port: int


class Listener:
    """
    A port that people come in by. It is bound before the daemon gives up its privileges, and lets nobody in until
    L{open} is called.
    """

    def __init__(
        self,
        endpoint: IStreamServerEndpoint,
        factory: IProtocolFactory,
        option: str,
        description: str,
        purpose: str,
        backlog: int | None = None,
    ) -> None:
        """
        @param option: which names it. @param description: what stands behind that.
        @param purpose: what the log says when it is open.
        @param backlog: connections that the system keeps until they are accepted; C{None}, or a description that says
            how many by itself, leaves it as the endpoint makes it.
        """
        self._backlog = None if "backlog=" in description else backlog
        self._endpoint = endpoint
        self._factory = factory
        self._option = option
        self._description = description
        self._purpose = purpose
        self._port: Any = None  # an IListeningPort, and mostly a Port of Twisted's

    def bind(self) -> None:
        """@raise CannotServe: the port is taken, or not ours to have."""
        failed: list[Failure] = []
        self._endpoint.listen(self._factory).addCallbacks(self._bound, failed.append)
        if failed:
            raise CannotServe(self._sentence(failed[0]))

    def _bound(self, port: IListeningPort) -> None:
        self._port = port
        if self._backlog is not None and isinstance(port, Port):
            port.socket.listen(self._backlog)  # again: Twisted's endpoints have asked for 50
        if hasattr(port, "stopReading"):
            port.stopReading()

    def _sentence(self, failure: Failure) -> str:
        error = failure.value
        cause = error.socketError if isinstance(error, CannotListenError) else error
        cure = f" Another port: --{self._option} NUMBER." if getattr(cause, "errno", 0) == errno.EADDRINUSE else ""
        return f"Cannot listen on {self._description}: {reason(cause)}.{cure}"

    def open(self) -> None:
        """Let people in."""
        if self._port is None:
            self.bind()
        assert self._port is not None
        if hasattr(self._port, "startReading"):
            self._port.startReading()
        log.info(self._purpose, port=self.place().port or self._description)

    def place(self) -> Place:
        """Where it is open."""
        return Place(self._option, self._description, getattr(self._port.getHost(), "port", 0) if self._port else 0)

    async def close(self) -> None:
        """Let nobody in any more."""
        port, self._port = self._port, None
        if port is not None:
            await maybeDeferred(port.stopListening)

    # From one process to the next.

    def offer(self) -> tuple[str, str, int] | None:
        """Option, description and descriptor, where it is a socket of the system's and nothing more."""
        port = self._port
        if not isinstance(port, Port) or not port.connected:
            return None
        number: int = port.fileno()
        return self._option, self._description, number

    def rest(self) -> None:
        """Let nobody in for a while: they wait at the door."""
        if isinstance(self._port, Port):
            self._port.stopReading()

    def go_on(self) -> None:
        """Let people in again."""
        if isinstance(self._port, Port):
            self._port.startReading()

    async def let_go(self) -> None:
        """
        Another process has it, if it was offered: to close it like one's own would close it for the other one, too.
        """
        port: Any = self._port
        if isinstance(port, Port):
            self._port = None
            port.stopReading()
            if port.factory is not None:
                port.factory.doStop()
        else:
            await self.close()


class ControlListener(Listener):
    """
    A UNIX socket in the data folder. It can be made when that is ours, and not before; what is left there of a daemon
    that was killed is then in the way, and nobody else's. Each process makes its own.
    """

    def __init__(self, endpoint: IStreamServerEndpoint, factory: IProtocolFactory, path: str, purpose: str) -> None:
        super().__init__(endpoint, factory, "control", path, purpose)
        self._path = path

    def bind(self) -> None:
        """Not yet."""

    def open(self) -> None:
        """Make it, if it can be: without it, people can still talk."""
        with suppress(OSError):  # mostly, there is none
            if stat.S_ISSOCK(os.stat(self._path).st_mode):
                os.remove(self._path)
        try:
            super().bind()
        except CannotServe as error:
            log.error("{sentence} chatroom-admin will not find this daemon.", sentence=str(error))
        else:
            super().open()

    def offer(self) -> None:
        """Not this one."""


class Listeners:
    """All of them."""

    def __init__(self) -> None:
        self._entries: list[Listener] = []

    def add(self, entry: Listener) -> None:
        """One more."""
        self._entries.append(entry)

    def bind(self) -> None:
        """@raise CannotServe:"""
        for entry in self._entries:
            entry.bind()

    def open(self) -> None:
        """Let people in."""
        for entry in self._entries:
            entry.open()

    def places(self) -> list[Place]:
        """Where they are open."""
        return [entry.place() for entry in self._entries]

    async def close(self) -> None:
        """Let nobody in any more."""
        for entry in self._entries:
            await entry.close()

    def offers(self) -> Sequence[tuple[str, str, int]]:
        """Those that can be handed over."""
        return [offer for offer in (entry.offer() for entry in self._entries) if offer is not None]

    def rest(self) -> None:
        """Let nobody in for a while."""
        for entry in self._entries:
            entry.rest()

    def go_on(self) -> None:
        """Let people in again."""
        for entry in self._entries:
            entry.go_on()

    async def let_go(self) -> None:
        """Another process has them."""
        for entry in self._entries:
            await entry.let_go()
