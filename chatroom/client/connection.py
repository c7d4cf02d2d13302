"""
A link on Twisted: a TCP or TLS connection that is made again whenever it is lost, each try a little later than the
one before.

It is long because there are many ways in which a connection cannot be had, and each has its sentence.

It moves bytes and waits. The L{Link<chatroom.client.link.Link>} decides what is said, and the owner of the connection
decides what to do about it.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Sequence
from typing import Any

from twisted.application.internet import ClientService, backoffPolicy
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.error import (
    ConnectError,
    ConnectionDone,
    ConnectionLost,
    DNSLookupError,
    TCPTimedOutError,
    TimeoutError,
)
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.client.framing import Framing, framing_of
from chatroom.client.link import Link, LinkError
from chatroom.client.reports import Disconnected as Disconnected
from chatroom.client.reports import Report, Request, RequestDeclined, Value, Welcomed
from chatroom.client.url import Address, parse
from chatroom.errors import with_full_stop

log = Logger()

PATIENCE = 20.0
"""Seconds in which a server has to answer hello."""

QUIET = 60
"""Seconds of silence after which the operating system asks whether the other side is still there."""

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds between two tries: the least and the most."""


class CannotConnect(Exception):
    """Nobody can be reached at that address; the sentence says what to check."""


News = Report | Disconnected


def reason_of(failure: Failure, address: Address) -> str:
    """Why there is no connection, as a sentence that says what to look at."""
    where = f"{address.host} port {address.port}"
    error = failure.value
    if isinstance(error, LinkError):
        return f"{error} Is {where} a chatroom server?"
    if failure.check(DNSLookupError):
        return f"Unknown host: {address.host}. Check the address."
    if failure.check(TimeoutError, TCPTimedOutError):
        return f"{where} does not answer. Check the address and the port."
    if failure.check(ConnectError):
        return f"Nothing is listening on {where}. Check the address and the port. Is the server running?"
    if failure.check("OpenSSL.SSL.Error", "service_identity.VerificationError"):
        advice = "Check that this is a TLS port, and that you trust its certificate."
        return f"TLS with {where} failed: {_tls_reason(error)}. {advice}"
    if failure.check(ConnectionDone):
        return "The server closed the connection."
    if failure.check(ConnectionLost):
        return "The connection was lost."
    return f"The connection to {where} failed: {with_full_stop(str(error) or type(error).__name__)}"


def _tls_reason(error: Any) -> str:
    reasons = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return "; ".join(str(reason[-1]) for reason in reasons if reason) or str(error) or type(error).__name__


class LinkProtocol(Protocol):
    """One connection."""

    def __init__(self, connection: ServerConnection, framing: Framing) -> None:
        self._connection = connection
        self._framing = framing
        self._made = False
        self._broken: LinkError | None = None
        self._impatience: Any = None

    def connectionMade(self) -> None:
        assert self.transport is not None
        keep_alive(self.transport)
        self._impatience = self._connection.clock.callLater(PATIENCE, self._give_up)
        self.transport.write(self._framing.opening())
        self._open()

    def _open(self) -> None:
        """Begin to speak, when that is possible."""
        if self._framing.opened and not self._made:
            self._made = True
            self._connection.made(self)

    def dataReceived(self, data: bytes) -> None:
        try:
            lines = self._framing.unwrap(data)
            self._open()
            reports = self._connection.link.receive(lines)
        except LinkError as error:
            self._tell(error.reports)
            self._broken = error
            self.transport.abortConnection()  # type: ignore[union-attr]  # ITCPTransport
            return
        self.flush()
        self._tell(reports)

    def _tell(self, reports: Sequence[Report]) -> None:
        for report in reports:
            if isinstance(report, Welcomed | RequestDeclined):
                self._stop_waiting()
            self._connection.told(report)

    def flush(self) -> None:
        """Send what the link has to say."""
        data = self._framing.replies() + self._framing.wrap(self._connection.link.data_to_send())
        if data and self.transport is not None:
            self.transport.write(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._stop_waiting()
        if self._broken is not None:
            reason = Failure(self._broken)
        self._connection.unmade(reason)

    def _give_up(self) -> None:
        self._broken = LinkError(f"The server did not answer within {PATIENCE:.0f} seconds.")
        self.transport.abortConnection()  # type: ignore[union-attr]  # ITCPTransport

    def _stop_waiting(self) -> None:
        if self._impatience is not None and self._impatience.active():
            self._impatience.cancel()


def keep_alive(transport: Any) -> None:
    """Have the operating system notice within two minutes that the other side is gone (RFC 1122, 4.2.3.6)."""
    if not hasattr(transport, "setTcpKeepAlive"):
        return
    transport.setTcpNoDelay(True)
    transport.setTcpKeepAlive(True)
    handle = getattr(transport, "socket", None)
    if isinstance(handle, socket.socket) and hasattr(socket, "TCP_KEEPIDLE"):
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, QUIET)
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, QUIET // 6)
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)


@implementer(IStreamClientEndpoint)
class _Watched:
    """An endpoint whose failures are noted, as ClientService tells nobody why it tries again."""

    def __init__(self, endpoint: IStreamClientEndpoint, failed: Callable[[Failure], None]) -> None:
        self._endpoint = endpoint
        self._failed = failed

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        def note(failure: Failure) -> Failure:
            self._failed(failure)
            return failure

        return self._endpoint.connect(protocolFactory).addErrback(note)


class ServerConnection:
    """
    A link that is kept connected, from L{start} to L{stop}.

    @ivar link: to be asked through L{ask}.
    """

    def __init__(
        self,
        link: Link,
        address: Address,
        endpoint: IStreamClientEndpoint,
        clock: IReactorTime,
        heard: Callable[[News], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """
        @param address: for sentences about it.
        @param heard: called with each report of the link, and each time the connection is lost or cannot be made.
        @param jitter: seconds to add to a wait, from 0 to 1: each client another number, so that they do not all
            connect again at once.
        """
        self.link = link
        self.clock = clock
        self._address = address
        self._heard = heard
        self._protocol: LinkProtocol | None = None
        self._failure: Failure | None = None
        self._tried = False
        self._stopped = False
        self._tries = 0
        self._backoff = backoffPolicy(FIRST_WAIT, LONGEST_WAIT, jitter=jitter)
        self._service = ClientService(
            _Watched(endpoint, self._not_made),
            Factory.forProtocol(lambda: LinkProtocol(self, framing_of(address))),
            retryPolicy=self._wait,
            clock=clock,
        )

    def start(self) -> None:
        """Connect, and from then on be connected."""
        self._service.startService()

    def stop(self) -> Deferred[None]:
        """Hang up, and try no more; fires when the connection is gone."""
        self._stopped = True
        return self._service.stopService()

    def again(self) -> None:
        """Hang up and try once more, a little later than the last time."""
        if self._protocol is not None and self._protocol.transport is not None:
            self._protocol.transport.loseConnection()

    def ask(self, word: str, /, **arguments: Value) -> Request:
        """
        See L{Link.ask}.

        @raise NotConnected:
        """
        request = self.link.ask(word, **arguments)
        self._flush()
        return request

    def greet(self, nick: str = "", password: str = "", token: str = "") -> Request:
        """
        See L{Link.greet}.

        @raise NotConnected:
        """
        request = self.link.greet(nick, password, token)
        self._flush()
        return request

    def _flush(self) -> None:
        if self._protocol is not None:
            self._protocol.flush()

    # What happens to the connection.

    def made(self, protocol: LinkProtocol) -> None:
        """There is one."""
        self._protocol = protocol
        self.link.connected()
        protocol.flush()

    def unmade(self, failure: Failure) -> None:
        """It is gone. ClientService calls C{_wait} next."""
        self._protocol = None
        self._note(failure, tried=False)
        for report in self.link.lost():
            self.told(report)

    def told(self, report: News) -> None:
        """Pass it on. What goes wrong there is a bug, and must not cost the connection."""
        if isinstance(report, Welcomed):
            self._tries = 0
        try:
            self._heard(report)
        except Exception:  # noqa: BLE001
            log.failure("{report!r} could not be taken", report=report)

    def _not_made(self, failure: Failure) -> None:
        self._note(failure, tried=True)

    def _note(self, failure: Failure, tried: bool) -> None:
        self._failure = failure
        self._tried = tried

    def _wait(self, attempt: int) -> float:
        """
        How long ClientService waits before it tries again; a good moment to tell why.

        @param attempt: its count, which begins anew with each connection. Ours does with each welcome, so that a
            server that sends us away is not asked every second.
        """
        self._tries += 1
        wait: float = self._backoff(self._tries)
        if self._failure is not None and not self._stopped:
            reason = reason_of(self._failure, self._address)
            if not self._tried and self.link.greeting:
                reason = f"The server says: {self.link.greeting.splitlines()[-1].removeprefix('! ')}"
            # Later, because ClientService may not be stopped while it asks this.
            self.clock.callLater(0, self._tell_loss, Disconnected(reason, wait, self._tried))
        return wait

    def _tell_loss(self, news: Disconnected) -> None:
        if not self._stopped:
            self.told(news)


def connect(url: str, reactor: Any, heard: Callable[[News], None], password: str = "") -> ServerConnection:
    """
    A connection that is started, for bots: C{connect("chat://echo@localhost", reactor, heard)}.

    @param url: with a nickname in it. Its room is for the caller to join.
    @param heard: see L{ServerConnection}.
    @raise ValueError: it is no address. @raise CannotConnect:
    """
    address = parse(url)
    connection = ServerConnection(Link(address.nick, password), address, endpoint_to(address, reactor), reactor, heard)
    connection.start()
    return connection


def endpoint_to(address: Address, reactor: Any, certificates: str = "") -> IStreamClientEndpoint:
    """
    Where to connect to.

    @param certificates: the path of a PEM file with those to trust, instead of the system's.
    @raise CannotConnect: TLS is wanted and not installed, or the file cannot be read.
    """
    plain: IStreamClientEndpoint = HostnameEndpoint(reactor, address.host, address.port)
    if "%" in address.host:  # HostnameEndpoint connects without the zone
        plain = TCP6ClientEndpoint(reactor, address.host, address.port)
    if not address.tls:
        return plain
    try:
        from twisted.internet.ssl import optionsForClientTLS
    except ImportError:
        raise CannotConnect("chats:// needs TLS, which is not installed: pip install 'chatroom[tls]'") from None
    name = address.host.partition("%")[0]  # a certificate names no zone
    return wrapClientTLS(optionsForClientTLS(name, trustRoot=_trusted(certificates)), plain)


_PEM_END = "-----END CERTIFICATE-----\n"


def _trusted(path: str) -> Any:
    from twisted.internet.ssl import Certificate, platformTrust, trustRootFromCertificates

    if not path:
        return platformTrust()
    try:
        with open(path, encoding="ascii") as file:
            blocks = file.read().split(_PEM_END)[:-1]
        found = [Certificate.loadPEM((block + _PEM_END).encode()) for block in blocks]
    except (OSError, ValueError) as error:
        raise CannotConnect(f"The certificates in {path} cannot be read: {error}") from None
    except Exception as error:  # noqa: BLE001 whatever OpenSSL has to say of it
        raise CannotConnect(f"{path} contains no certificates: {error}") from None
    if not found:
        raise CannotConnect(f"{path} contains no certificates.")
    return trustRootFromCertificates(found)
