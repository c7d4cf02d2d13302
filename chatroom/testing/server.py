"""
A whole chat server in memory. Time stands still until L{Server.wait}.

It may know every other part but L{chatroom.tap}. It is long because it is one class: its methods are what tests say.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent, globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.auth.credentials import Credentials
from chatroom.auth.entrance import Entrance
from chatroom.auth.passwords import Cost, Passwords
from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.core.names import fold
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.doors.irc.network import Network
from chatroom.doors.line.factory import LineFactory
from chatroom.events import MEMBERS, Event, TopicRuleSet
from chatroom.interfaces import IBackend, ICommand, IPluginService, ITalkFilter, ServerRole
from chatroom.limits import Limits
from chatroom.plugins.filters import Filters
from chatroom.plugins.find import find
from chatroom.plugins.watch import PluginWatch
from chatroom.records import SHELL, AuditEntry
from chatroom.server.hub import Hub
from chatroom.server.plugin_services import PluginServices
from chatroom.server.services import make_services
from chatroom.testing.people import FakeTransport, Guest, IrcClient, Line, Program
from chatroom.testing.plugins import check_kinds, commands_with, filters_of, services_of
from chatroom.testing.upgrade import hand_over

NEW_YEAR = 1767225600.0
"""When every server opens: 2026-01-01 00:00 UTC, in seconds since 1970."""

CHEAP = Cost(time=1, memory=8, parallelism=1)
"""A password hash that costs no time worth speaking of."""

_Result = TypeVar("_Result")

_installed = cache(find)
"""All commands, looked for once: what is installed stays the same while tests run, and looking takes 10 ms."""


@implementer(ILogObserver)
class LoggedErrors:
    """
    Collects what is logged as an error.

    @ivar errors: a sentence each, with the traceback behind it where there is one.
    """

    def __init__(self) -> None:
        self.errors: list[str] = []

    def __call__(self, event: LogEvent) -> None:
        """See C{twisted.logger.ILogObserver}."""
        level = event.get("log_level")
        if level is not None and level >= LogLevel.error:
            failure = event.get("log_failure")
            self.errors.append(formatEvent(event) + (f"\n{failure.getTraceback()}" if failure else ""))


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
        plugins: Sequence[object] | None = None,
        commands: Mapping[str, ICommand] | None = None,
        clock: Clock | None = None,
        filters: Sequence[ITalkFilter | str] = (),
        node: str = "server",
        name: str = "chatroom",
        present: Sequence[Event] = (),
        services: Sequence[IPluginService] = (),
        plugin_options: Mapping[str, Mapping[str, str]] | None = None,
        states: Mapping[str, str] | None = None,
        takes_over: bool = False,
        irc_autojoin: bool = True,
    ) -> None:
        """
        @param backend: in place of one in memory.
        @param store: shared by the backends of several servers, which are then one, of several nodes.
        @param plugins: objects such as those in C{twisted/plugins}. They are verified as the daemon verifies them, and
            with them the server has the built-in commands alone, whatever else is installed. C{None}: all that are
            installed.
        @param commands: by word, in place of those.
        @param clock: shared by several servers.
        @param filters: those that look at what is said: filters, or what an operator writes behind C{--filter}, such as
            C{"rules:/etc/chatroom/filter.ini"}.
        @param node: this server's name among several.
        @param name: what the greeting calls it.
        @param present: who is here already, handed over by another server.
        @param services: services of plugins, which are started.
        @param plugin_options: by service, values of its options as an operator writes them.
        @param states: what services have handed over in another server: C{plugins.states}.
        @param takes_over: it goes on as this node, which another server was and has let go of.
        @param irc_autojoin: IRC clients join the lobby when they connect.
        @raise ValueError: a plugin would be left out by the daemon, or an option cannot be taken. The text says why.
        """
        self._given = plugins
        if plugins is not None:
            check_kinds(plugins)
            commands = commands_with(plugins) if commands is None else commands
        looking = filters_of(plugins or (), filters)
        running = services_of(plugins or (), services)
        self.limits = limits or Limits()
        self.clock = clock or Clock()
        self._ahead = 0.0
        self.store = store or MemoryStore()
        self.backend = backend or MemoryBackend(self.store)
        self.node, self.name = node, name
        self._commands, self._filters = commands, filters
        self._plain_services, self._plugin_options = services, plugin_options
        self._logged = LoggedErrors()
        self._is_open = True
        self._lines: list[Line] = []
        self.passwords = Passwords(maybeDeferred, self.limits, CHEAP)
        credentials = Credentials(self.backend, self.passwords, self.limits, self.now)
        watch = PluginWatch(self.clock.seconds)
        self.services = make_services(
            self.backend,
            _installed() if commands is None else commands,
            Entrance(credentials, self.passwords, self.limits, self.clock.seconds),
            self.limits,
            self.clock,
            self.now,
            node=node,
            name=name,
            filter=Filters(looking, watch) if looking else None,
            watch=watch,
        )
        self.plugins = PluginServices(self.services, running, plugin_options)
        self.hub = Hub(self.services, self.plugins)
        self.connections = self.hub.connections
        self.doorkeeper = Doorkeeper(self.hub, self.clock)
        self.irc = Network(self.hub, autojoin=irc_autojoin)
        self.factory = LineFactory(self.doorkeeper, irc=self.irc)
        self.finish(self.hub.start(present, states, node if takes_over else ""))

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

    def __enter__(self) -> Server:
        """Collect what the server logs as an error, for L{errors}."""
        globalLogPublisher.addObserver(self._logged)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """
        Stop, unless the test stopped it or upgraded it.

        @raise AssertionError: it logged an error which L{errors} has not given, such as that a command failed.
        """
        try:
            if kind is None and self._is_open:
                self.stop()
        finally:
            globalLogPublisher.removeObserver(self._logged)
        errors = self.errors()
        assert kind is not None or not errors, "The server logged an error:\n" + "\n".join(errors)

    def errors(self) -> list[str]:
        """Errors that were logged since the last time, each with its traceback; only in a C{with} statement."""
        errors, self._logged.errors = self._logged.errors, []
        return errors

    def another_node(self, node: str, plugins: Sequence[object] | None = None) -> Server:
        """
        One more daemon on the same database: the two are one server, and share one clock.

        @param node: its name. @param plugins: its own objects; C{None}: the same as this one's.
        """
        return self._sibling(node, plugins, (), None, False)

    def upgraded(self, plugins: Sequence[object] | None = None) -> Server:
        """
        The server that takes over from this one in an upgrade: everybody stays connected, what is kept stays, and all
        that this process remembers is gone. This server is of no use any more.

        @param plugins: the new process's own objects; C{None}: the same as this one's.
        @raise AssertionError: a command was under way for so long that the upgrade would fail.
        """
        lines = [line for line in self._lines if not line.is_disconnected()]
        new, _ = hand_over(
            self, lines, lambda present: self._sibling(self.node, plugins, present, self.plugins.states, True)
        )
        new._lines = lines
        self._is_open = False
        return new

    def _sibling(
        self,
        node: str,
        plugins: Sequence[object] | None,
        present: Sequence[Event],
        states: Mapping[str, str] | None,
        takes_over: bool,
    ) -> Server:
        return Server(
            self.limits,
            store=self.store,
            plugins=self._given if plugins is None else plugins,
            commands=self._commands if self._given is None else None,
            clock=self.clock,
            filters=self._filters,
            node=node,
            name=self.name,
            present=present,
            services=self._plain_services,
            plugin_options=self._plugin_options,
            states=states,
            takes_over=takes_over,
        )

    def stop(self) -> None:
        """Close, as on SIGTERM."""
        self._is_open = False
        closing = self.doorkeeper.close("The room is closing.")
        for conversation in list(self.doorkeeper.present):
            wire = conversation.transport
            assert isinstance(wire, FakeTransport)
            wire.connectionLost()
        assert closing.called
        self.finish(self.hub.stop())

    def finish(self, coroutine: Coroutine[Deferred[Any], Any, _Result]) -> _Result:
        """
        Run a coroutine to its end, without time passing; what it returns.

        @raise Exception: what it raises. @raise AssertionError: it waits for time to pass, or for something else.
        """
        results: list[_Result | Failure] = []
        Deferred.fromCoroutine(coroutine).addBoth(results.append)
        self.settle()
        assert results, "something waits for time to pass"
        if isinstance(results[0], Failure):
            results[0].raiseException()
        return results[0]

    # People.

    def connection(self, address: str = "127.0.0.1") -> Guest:
        """Somebody who has connected and said nothing yet."""
        guest = Guest(self, address)
        self._lines.append(guest)
        return guest

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
        self.finish(self.backend.set_server_role(fold(nick), role, entry))

    def staff(self, nick: str, role: ServerRole = ServerRole.MODERATOR, address: str = "127.0.0.1") -> Guest:
        """Somebody with an account and a role on the server, which was read when they logged in."""
        guest = self.account(nick, address=address)
        self.promote(nick, role)
        guest.types("/whoami")
        guest.reads()
        return guest

    def open_topic(self, room: str = "lobby") -> None:
        """Let every member set the topic of a room, as its operators may choose: in the lobby, the staff."""
        self.finish(self.services.batches.owe(TopicRuleSet(self.now(), room, "chatroom", by=MEMBERS)))

    def program(self, nick: str | None = None, address: str = "127.0.0.1") -> Program:
        """A program that speaks JSON lines, and has said hello if it has a nickname."""
        program = Program(self, address)
        self._lines.append(program)
        if nick is not None:
            answer = program.asks("hello", nick=nick)
            assert answer["ok"], answer
        return program

    def irc_client(self, nick: str | None = None, *capabilities: str, address: str = "127.0.0.1") -> IrcClient:
        """
        An IRC client, at the port that people use. One with a nickname has registered, and read all there was to read.

        @param capabilities: those that it has asked for, before it had a nickname.
        """
        client = IrcClient(self, address)
        self._lines.append(client)
        if nick is not None:
            asked = (f"CAP REQ :{' '.join(capabilities)}", "CAP END") if capabilities else ()
            client.types(*asked[:1], f"NICK {nick}", f"USER {nick} 0 * :{nick.title()}", *asked[1:])
            came = client.reads()
            assert any(line.split(" ")[1] == "001" for line in came), came
        return client
