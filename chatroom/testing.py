"""
A whole chat room in memory, for our tests and for those of plugin authors: no port, no disk, no waiting.

    >>> server = Server()
    >>> alice, bob = server.guest("alice"), server.guest("bob")
    >>> alice.types("hello")
    >>> bob.reads()
    ['<alice> hello']

Everything but the wires is real: guests type bytes into the line door and read what it writes. Time stands still until
L{Server.wait}. This module may know every other part but L{chatroom.tap}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from chatroom.auth.credentials import Credentials
from chatroom.auth.entrance import Entrance
from chatroom.auth.passwords import Cost, Passwords
from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.core.names import fold
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.doors.line.connection import LineConnection
from chatroom.doors.line.factory import GREETING_DELAY, LineFactory
from chatroom.events import MEMBERS, Event, TopicRuleSet
from chatroom.interfaces import IBackend, ICommand, IPluginService, ITalkFilter, ServerRole
from chatroom.limits import Limits
from chatroom.plugins.filters import Filters
from chatroom.plugins.find import find
from chatroom.plugins.find_services import fault_of
from chatroom.records import SHELL, AuditEntry
from chatroom.server.hub import Hub
from chatroom.server.plugin_services import PluginServices
from chatroom.server.services import make_services

NEW_YEAR = 1767225600.0
"""When every server opens: 2026-01-01 00:00 UTC, in seconds since 1970."""

CHEAP = Cost(time=1, memory=8, parallelism=1)
"""A password hash that costs no time worth speaking of."""

_ports = count(1024)


class Server:
    """
    A chat room that is open.

    @ivar clock: whose seconds pass only in L{wait}.
    @ivar services: what the server works with: its rules, its backend, its limits.
    @ivar hub: where connections, rules and backend meet.
    @ivar connections: who is connected.
    @ivar plugins: services of plugins.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        backend: IBackend | None = None,
        store: MemoryStore | None = None,
        commands: Mapping[str, ICommand] | None = None,
        clock: Clock | None = None,
        filters: Sequence[ITalkFilter] = (),
        node: str = "server",
        name: str = "chatroom",
        present: Sequence[Event] = (),
        services: Sequence[IPluginService] = (),
        plugin_options: Mapping[str, Mapping[str, str]] | None = None,
        states: Mapping[str, str] | None = None,
        takes_over: bool = False,
    ) -> None:
        """
        @param backend: in place of one in memory.
        @param store: shared by the backends of several servers, which are then one, of several nodes.
        @param commands: by word, in place of all that are installed.
        @param clock: shared by several servers.
        @param filters: those that look at what is said.
        @param node: this server's name among several.
        @param name: what the greeting calls it.
        @param present: who is here already, handed over by another server.
        @param services: services of plugins, which are started.
        @param plugin_options: by service, values of its options as an operator writes them.
        @param states: what services have handed over in another server: C{plugins.states}.
        @raise ValueError: a service would be left out, or an option cannot be taken.
        @param takes_over: it goes on as this node, which another server was and has let go of.
        """
        self.limits = limits or Limits()
        self.clock = clock or Clock()
        self._ahead = 0.0
        self.backend = backend or MemoryBackend(store or MemoryStore())
        self.passwords = Passwords(maybeDeferred, self.limits, CHEAP)
        credentials = Credentials(self.backend, self.passwords, self.limits, self.now)
        self.services = make_services(
            self.backend,
            find() if commands is None else commands,
            Entrance(credentials, self.passwords, self.limits, self.clock.seconds),
            self.limits,
            self.clock,
            self.now,
            node=node,
            name=name,
            filter=Filters([(type(each).__name__, each) for each in filters]) if filters else None,
        )
        faults = [fault for fault in map(fault_of, services) if fault]
        if faults:
            raise ValueError(faults[0])
        self.plugins = PluginServices(self.services, services, plugin_options)
        self.hub = Hub(self.services, self.plugins)
        self.connections = self.hub.connections
        self.doorkeeper = Doorkeeper(self.hub, self.clock)
        self.factory = LineFactory(self.doorkeeper)
        self._until_done(self.hub.start(present, states, node if takes_over else ""))

    def now(self) -> float:
        """The time of day on the server, in seconds since 1970."""
        return NEW_YEAR + self.clock.seconds() + self._ahead

    def jump(self, seconds: float) -> None:
        """Let somebody set the time of day forward by so much, or back. No time passes."""
        self._ahead += seconds

    def settle(self) -> None:
        """Let everything happen that needs no time."""
        while any(call.getTime() <= self.clock.seconds() for call in self.clock.getDelayedCalls()):
            self.clock.advance(0)

    def wait(self, seconds: float) -> None:
        """Let time pass, with all that happens in it."""
        end = self.clock.seconds() + seconds
        while True:
            due = [call.getTime() for call in self.clock.getDelayedCalls() if call.getTime() <= end]
            if not due:
                break
            self.clock.advance(max(0.0, min(due) - self.clock.seconds()))
        self.clock.advance(end - self.clock.seconds())

    def stop(self) -> None:
        """Close, as on SIGTERM."""
        closing = self.doorkeeper.close("The room is closing.")
        for conversation in list(self.doorkeeper.present):
            wire = conversation.transport
            assert isinstance(wire, FakeTransport)
            wire.connectionLost()
        assert closing.called
        self._until_done(self.hub.stop())

    def _until_done(self, coroutine: Any) -> None:
        done = Deferred.fromCoroutine(coroutine)
        failures: list[Failure] = []
        done.addErrback(failures.append)
        self.settle()
        if failures:
            failures[0].raiseException()
        assert done.called, "something waits for time to pass"

    # People.

    def connection(self, address: str = "127.0.0.1") -> Guest:
        """Somebody who has connected and said nothing yet."""
        return Guest(self, address)

    def guest(self, nick: str, address: str = "127.0.0.1") -> Guest:
        """Somebody who has chosen a nickname, stands in the lobby and has read all there was to read."""
        guest = self.connection(address)
        guest.types(nick)
        came = guest.reads()
        assert any("Registration successful" in line for line in came), came
        return guest

    def account(self, nick: str, password: str = "correct horse battery", address: str = "127.0.0.1") -> Guest:
        """Somebody with an account, just made."""
        guest = self.guest(nick, address)
        guest.types(f"/signup {password}")
        signed_up = guest.reads()
        assert any("/resume" in line for line in signed_up), signed_up
        return guest

    def promote(self, nick: str, role: ServerRole) -> None:
        """Give an account a role on the server, as C{chatroom-admin} does: nobody here is told."""
        entry = AuditEntry(self.now(), SHELL, "role", nick, role.name.lower())
        self._until_done(self.backend.set_server_role(fold(nick), role, entry))

    def staff(self, nick: str, role: ServerRole = ServerRole.MODERATOR, address: str = "127.0.0.1") -> Guest:
        """Somebody with an account and a role on the server, which was read when they logged in."""
        guest = self.account(nick, address=address)
        self.promote(nick, role)
        guest.types("/whoami")
        guest.reads()
        return guest

    def open_topic(self, room: str = "lobby") -> None:
        """Let every member set the topic of a room, as its operators may choose: in the lobby, the staff."""
        self._until_done(self.services.batches.owe(TopicRuleSet(self.now(), room, "chatroom", by=MEMBERS)))

    def program(self, nick: str | None = None, address: str = "127.0.0.1") -> Program:
        """A program that speaks JSON lines, and has said hello if it has a nickname."""
        program = Program(self, address)
        if nick is not None:
            answer = program.asks("hello", nick=nick)
            assert answer["ok"], answer
        return program


class FakeTransport(StringTransport):
    """The server's end of a wire in memory, which takes all that is written at once."""

    def __init__(self, address: str, connection: Protocol) -> None:
        super().__init__(peerAddress=IPv4Address("TCP", address, next(_ports)))  # type: ignore[no-untyped-call]
        self.connection = connection
        self.lost = False

    def loseConnection(self) -> None:
        super().loseConnection()  # type: ignore[no-untyped-call]
        self.connectionLost()

    def abortConnection(self) -> None:
        super().abortConnection()  # type: ignore[no-untyped-call]
        self.connectionLost(ConnectionLost())

    def loseWriteConnection(self) -> None:
        """Half of it closes; nothing in memory needs the other half closed."""

    def connectionLost(self, reason: Exception | None = None) -> None:
        """Tell the protocol, once."""
        if not self.lost:
            self.lost = True
            self.connected = False
            self.connection.connectionLost(Failure(reason or ConnectionDone()))


class Line:
    """
    One end of a wire into the line door.

    @ivar transport: the server's end.
    """

    def __init__(self, server: Server, address: str) -> None:
        self.server = server
        self.protocol = LineConnection()
        self.protocol.factory = server.factory
        self.transport = FakeTransport(address, self.protocol)
        self.protocol.makeConnection(self.transport)  # type: ignore[no-untyped-call]
        server.settle()

    def sends(self, data: bytes) -> None:
        """Bytes as they are."""
        if not self.transport.lost:
            self.protocol.dataReceived(data)
        self.server.settle()

    def receives(self) -> bytes:
        """Bytes that came since the last time."""
        data: bytes = self.transport.value()  # type: ignore[no-untyped-call]
        self.transport.clear()  # type: ignore[no-untyped-call]
        return data

    def ends(self) -> None:
        """It sends no more, and goes on reading, as C{nc -N} does."""
        IHalfCloseableProtocol(self.protocol).readConnectionLost()
        self.server.settle()

    def disconnects(self) -> None:
        """The connection is closed from its end."""
        self.transport.connectionLost()
        self.server.settle()

    def is_disconnected(self) -> bool:
        """Whether the server has closed it, or it was lost."""
        return self.transport.lost


class Guest(Line):
    """A person with C{nc}."""

    def types(self, *lines: str) -> None:
        """Lines, each with the return key behind it."""
        self.sends("".join(f"{line}\n" for line in lines).encode())

    def reads(self) -> list[str]:
        """Lines that came since the last time."""
        return self.receives().decode().replace("\r\n", "\n").split("\n")[:-1]

    def greeting(self) -> list[str]:
        """What somebody reads who says nothing at first."""
        self.server.wait(GREETING_DELAY)
        return self.reads()


class Program(Line):
    """A program that speaks JSON lines."""

    def __init__(self, server: Server, address: str) -> None:
        super().__init__(server, address)
        self._events: list[dict[str, Any]] = []
        self._answers: dict[Any, dict[str, Any]] = {}
        self._ids = count(1)

    def asks(self, word: str, /, **arguments: Any) -> dict[str, Any]:
        """A request; its answer."""
        id = next(self._ids)
        self.sends(json.dumps({"id": id, "do": word, **arguments}).encode() + b"\n")
        self._take()
        return self._answers.pop(id)

    def hears(self) -> list[dict[str, Any]]:
        """Events that came since the last time."""
        self._take()
        events, self._events = self._events, []
        return events

    def _take(self) -> None:
        for line in self.receives().decode().split("\n")[:-1]:
            made = json.loads(line)
            if "event" in made:
                self._events.append(made)
            else:
                self._answers[made.get("id")] = made
