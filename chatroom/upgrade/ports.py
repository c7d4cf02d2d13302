"""
Ports and connections of the operating system's, as they go from one process to the next.

It knows Twisted's transports and what is in them, some of which they have no public way to say; not what is spoken.
"""

from __future__ import annotations

import os
import socket
from typing import Any

from twisted.internet.endpoints import AdoptedStreamServerEndpoint, serverFromString
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.internet.tcp import Server
from twisted.internet.unix import Port as UNIXPort
from twisted.logger import Logger
from twisted.python.lockfile import FilesystemLock

from chatroom.doors.conversation import Conversation
from chatroom.doors.line.connection import LineConnection
from chatroom.doors.proxied import ProxiedConnection

log = Logger()

SYSTEMD = "systemd:"


class Listening:
    """
    In the place of the reactor, for an endpoint: what it would bind is bound already.

    An endpoint may wrap its factory before it listens, as that of TLS does, so it is not passed by.
    """

    def __init__(self, reactor: Any, descriptor: int) -> None:
        self._reactor = reactor
        self._descriptor = descriptor

    def listenTCP(self, port: int, factory: IProtocolFactory, *_: Any, **__: Any) -> IListeningPort:  # noqa: N802
        """See L{twisted.internet.interfaces.IReactorTCP}."""
        adopted: IListeningPort = self._reactor.adoptStreamPort(self._descriptor, family(self._descriptor), factory)
        os.close(self._descriptor)
        return adopted

    def listenUNIX(  # noqa: N802
        self,
        address: str,
        factory: IProtocolFactory,
        backlog: int = 50,
        mode: int = 0o666,
        wantPID: int = 0,  # noqa: N803
    ) -> IListeningPort:
        """See L{twisted.internet.interfaces.IReactorUNIX}."""
        listen: Any = AdoptedUNIXPort._fromListeningDescriptor
        adopted: AdoptedUNIXPort = listen(self._reactor, self._descriptor, factory)
        os.close(self._descriptor)
        adopted.begin(bool(wantPID))
        return adopted

    def listenSSL(  # noqa: N802
        self,
        port: int,
        factory: IProtocolFactory,
        contextFactory: Any,
        *_: Any,
        **__: Any,
    ) -> IListeningPort:
        """See L{twisted.internet.interfaces.IReactorSSL}."""
        from twisted.protocols.tls import TLSMemoryBIOFactory

        return self.listenTCP(port, TLSMemoryBIOFactory(contextFactory, False, factory))


class AdoptedUNIXPort(UNIXPort):
    """
    A UNIX socket that listens already. Its mode stays as it is, whoever it belongs to; its lock, which says which
    process has it, is ours from when people are let in.
    """

    _to_be_locked = False

    def begin(self, lock: bool) -> None:
        """
        Listen.

        @param lock: there is one.
        """
        path, self._bindPath = self._bindPath, b"\0"  # in no file system: Twisted would set the mode
        try:
            self.startListening()  # type: ignore[no-untyped-call]
        finally:
            self._bindPath = path
        self._to_be_locked = lock

    def startReading(self) -> None:
        """Let people in."""
        super().startReading()  # type: ignore[no-untyped-call]
        if self._to_be_locked:
            self._to_be_locked = False
            self._lock(os.fsdecode(self._bindPath) + ".lock")

    def _lock(self, path: str) -> None:
        """As L{FilesystemLock} does, but in the place of another process."""
        own = f"{path}.{os.getpid()}"
        try:
            os.symlink(str(os.getpid()), own)
            os.replace(own, path)
        except OSError as error:
            log.warn("The lock {path} still names another process: {error}", path=path, error=error)
        else:
            self.lockFile = FilesystemLock(path)
            self.lockFile.locked = True


def endpoint(reactor: Any, description: str, descriptor: int) -> IStreamServerEndpoint:
    """
    An endpoint that listens at a socket that is listening.

    @raise ValueError: there is no such endpoint.
    """
    if description.startswith(SYSTEMD):  # it was in the environment of another process
        made: IStreamServerEndpoint = AdoptedStreamServerEndpoint(reactor, descriptor, family(descriptor))
    else:
        made = serverFromString(Listening(reactor, descriptor), description)
    return made


def family(descriptor: int) -> int:
    """C{AF_INET} and the like."""
    known = socket.socket(fileno=descriptor)
    try:
        return known.family
    finally:
        known.detach()


class TakenConnection:
    """
    A plain connection of the line door, and the socket below it.

    @ivar connection: the door's.
    """

    def __init__(self, conversation: Conversation, connection: LineConnection, transport: Server) -> None:
        self._conversation = conversation
        self.connection = connection
        self._transport = transport

    def descriptor(self) -> int:
        """Of the socket."""
        number: int = self._transport.fileno()
        return number

    def rest(self) -> bytes:
        """Read and write nothing any more; what is not sent yet."""
        transport = self._transport
        self._conversation.outbox.flush()
        transport.stopReading()
        transport.stopWriting()
        held: bytes = bytes(transport.dataBuffer)[transport.offset :] + b"".join(transport._tempDataBuffer)
        return held

    def go_on(self) -> None:
        """Write what is not sent yet; L{Conversation.thaw} does the rest."""
        if self._transport.dataBuffer or self._transport._tempDataBuffer:
            self._transport.startWriting()

    def let_go(self) -> None:
        """Another process has it."""
        self._conversation.hand_over()


def wire_of(conversation: Conversation) -> TakenConnection | None:
    """C{None} where a connection cannot be handed over: it is TLS, a browser's, or on its way out."""
    transport: Any = conversation.transport
    if isinstance(transport, ProxiedConnection):
        protocol, transport = transport.wrappedProtocol, transport.transport
    else:
        protocol = getattr(transport, "protocol", None)
    if not conversation.life.listens or type(protocol) is not LineConnection or not isinstance(transport, Server):
        return None
    if not transport.connected or transport.disconnecting or getattr(transport, "TLS", False):
        return None
    return TakenConnection(conversation, protocol, transport)


class Once:
    """A factory of the one protocol that an adopted connection has."""

    def __init__(self, protocol: LineConnection) -> None:
        self._protocol = protocol

    def buildProtocol(self, address: object) -> LineConnection:
        """It is known who it is."""
        return self._protocol


def adopt(reactor: Any, descriptor: int, protocol: LineConnection) -> None:
    """
    Let a connection be made that nothing is read from yet. The descriptor is another one afterwards.

    @raise OSError: it has been lost meanwhile.
    """
    try:
        reactor.adoptStreamConnection(descriptor, family(descriptor), Once(protocol))
        protocol.transport.stopReading()  # type: ignore[union-attr]
    finally:
        os.close(descriptor)
