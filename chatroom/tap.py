"""
C{twistd chatroom}: the service that its options make. The only file that names every part.

What can be found wrong before anything listens (an option, the data folder, a port in use) ends the program
with one sentence and exit status 1. It is long because naming every part is what it is for.
"""

from __future__ import annotations

import gc
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.application.service import IService, MultiService
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import UNIXServerEndpoint
from twisted.internet.error import ReactorNotRunning
from twisted.internet.interfaces import IProtocolFactory
from twisted.logger import ILogObserver, Logger
from twisted.python.failure import Failure
from twisted.python.usage import UsageError

from chatroom.auth.credentials import Credentials
from chatroom.auth.entrance import Entrance
from chatroom.auth.passwords import HashThreads, Passwords
from chatroom.backends.address import is_shared
from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.control.control import Control
from chatroom.control.door import ControlFactory
from chatroom.daemon import joining, logfile
from chatroom.daemon.check import Fault, check_checkers
from chatroom.daemon.expiry import Expiry
from chatroom.daemon.listeners import CannotServe as CannotServe
from chatroom.daemon.listeners import ControlListener, Listener, Listeners, understand
from chatroom.daemon.logfile import ReopenedLog, observer
from chatroom.daemon.openfiles import raise_limit
from chatroom.daemon.options import PROXIED, certificates
from chatroom.daemon.options import Options as Options  # twistd looks for it here
from chatroom.daemon.systemd import Notifier, notifier
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.doors.irc.network import Network
from chatroom.doors.irc.sts import StsPolicy
from chatroom.doors.line.factory import LineFactory
from chatroom.doors.proxied import ProxiedFactory
from chatroom.errors import NotKept, Refused, with_full_stop
from chatroom.interfaces import IBackend, ServerRole
from chatroom.limits import Limits
from chatroom.plugins.filters import Filters, make_filters
from chatroom.plugins.find import find
from chatroom.plugins.find_services import find_services
from chatroom.plugins.watch import PluginWatch
from chatroom.server.hub import Hub
from chatroom.server.plugin_services import PluginServices
from chatroom.server.services import Services, make_services
from chatroom.upgrade.launch import Start
from chatroom.upgrade.successor import NotTaken, Successor
from chatroom.upgrade.upgrading import Upgrading, end_with_failure

if TYPE_CHECKING:
    from chatroom.daemon.metrics import MeasuredBackend

log = Logger()

DATABASE = "chatroom.sqlite"

CLOSING = "The server is shutting down. Everything is saved; come back soon."

WAITING = "Will wait for client messages at port {port}"
WAITING_TLS = "Will wait for client messages over TLS at port {port}"
SERVING = "The web page is at port {port}"
MEASURING = "Metrics are at port {port}"
LISTENING = "chatroom-admin can reach this daemon at {port}"
IRC = "Will wait for IRC clients at port {port}"
IRC_TLS = "Will wait for IRC clients over TLS at port {port}"
SERVING_TLS = "The web page is over TLS at port {port}"


EVICTED = 3
"""Exit status where the other nodes have taken this one for lost. A supervisor starts it again."""

THRESHOLDS = (20_000, 10, 10)
"""Objects made and not gone again until the youngest are looked through, and so on: see L{gc.set_threshold}."""


class ChatService(MultiService):
    """
    The daemon: a hub, the ports into it, and the threads that hash passwords.

    @ivar parts: what every part of the server works with.
    @ivar plugins: services of plugins.
    @ivar hub: where connections, rules and backend meet.
    @ivar notifier: tells systemd how far we are.
    @ivar foreground: twistd's C{-n}: what is wrong is said on the terminal, and no more than that.
    @ivar entries: the ports. They are opened after the server, and closed before it.
    @ivar expiry: when the certificates in use end.
    @ivar log_file: twistd's, where it has one.
    @ivar line: makes the connections that another process has had.
    @ivar upgrading: how another process takes over from this one, where twistd has started it.
    @ivar successor: how this one takes over from another, where that has started it.
    @ivar admin_command: what makes the first admin; C{None} where chatroom-admin cannot find this daemon.
    """

    def __init__(
        self,
        services: Services,
        plugins: PluginServices,
        hub: Hub,
        doorkeeper: Doorkeeper,
        reactor: Any,
        notifier: Notifier,
        foreground: bool,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.parts = services
        self.hub = hub
        self.plugins = plugins
        hub.at_eviction = partial(end_with_failure, reactor, EVICTED)
        self.doorkeeper = doorkeeper
        self.foreground = foreground
        self.notifier = notifier
        self._reactor = reactor
        self.listeners = Listeners()
        self.expiry = Expiry(reactor, time.time)
        self.log_file: ReopenedLog | None = None
        self.line = LineFactory(doorkeeper)
        self.upgrading: Upgrading | None = None
        self.successor: Successor | None = None
        self.admin_command: str | None = None
        self._reloads: list[Callable[[], None]] = []

    def setServiceParent(self, parent: Any) -> None:
        """Twistd asks the application for a log observer before it makes one of its own."""
        super().setServiceParent(parent)  # type: ignore[no-untyped-call]
        if self.log_file is not None:
            parent.setComponent(ILogObserver, observer(self.log_file))

    def at_reload(self, reload: Callable[[], None]) -> None:
        """Call this at each SIGHUP."""
        self._reloads.append(reload)

    def reload(self) -> None:
        """Read again what can change while people are here. Nobody is let go."""
        self.notifier.reloading(time.monotonic_ns() // 1000)
        for each in self._reloads:
            each()
        self.notifier.ready()

    def privilegedStartService(self) -> None:
        """@raise CannotServe: a port cannot be had."""
        try:
            self.listeners.bind()
        except CannotServe:
            self._end_with(Failure())
        super().privilegedStartService()  # type: ignore[no-untyped-call]

    def startService(self) -> None:
        """@raise CannotServe: the data cannot be used."""
        super().startService()  # type: ignore[no-untyped-call]
        self._reactor.callWhenRunning(self._take_over)
        failed: list[Failure] = []
        opening: Deferred[Any] = Deferred.fromCoroutine(self._open())
        opening.addErrback(failed.append)
        if failed:  # at once: the embedded backend looks at its file before anything else
            self._end_with(failed[0])
        opening.addCallback(lambda _: self._give_up(failed[0]) if failed else None)

    def _end_with(self, failure: Failure) -> None:
        """In the background, twistd hands the exception to the one who started it; here, the sentence is enough."""
        if self.successor is not None:
            self.successor.refuse(str(failure.value))
        if self.foreground and failure.check(Refused, CannotServe, NotTaken):
            if sys.__stderr__ is not None and sys.stderr is not sys.__stderr__:  # it goes into the log by now
                sys.__stderr__.write(f"twistd chatroom: {failure.value}\n")
            raise SystemExit(str(failure.value)) from None
        failure.raiseException()

    async def _open(self) -> None:
        if self.successor is None:
            with keeping_all():
                await self.hub.start()
        else:
            await self.successor.take(self.hub, self.line, self._reactor)
        self.listeners.open()
        await self._say_how_to_join()
        self.expiry.start()
        self.notifier.ready()

    async def _say_how_to_join(self) -> None:
        """At a start, and not at an upgrade, whose people have joined already."""
        if self.successor is None:
            with suppress(NotKept):  # people can join without a hint
                admins = [each for each in await self.parts.backend.staff() if each.role is ServerRole.ADMIN]
                for sentence in joining.sentences(self.listeners.places(), None if admins else self.admin_command):
                    log.info("{sentence}", sentence=sentence)

    def _give_up(self, failure: Failure) -> None:
        """The backend said no after all, later: a distributed one may."""
        if failure.check(Refused, CannotServe, NotTaken):
            log.critical("{sentence}", sentence=str(failure.value))
        else:
            log.failure("Cannot start", failure)
        end_with_failure(self._reactor)

    def _take_over(self) -> None:
        """
        SIGTERM is how a daemon is stopped, and no failure: Twisted, left alone, would end by the signal. SIGINT stops
        it as well, also where a background shell or nohup ignores it. SIGHUP makes it read its files again, and SIGUSR1
        open its log again. Asked for only where this process belongs to twistd, which has set its own handlers by now.
        """
        if signal.getsignal(signal.SIGTERM) == self._reactor.sigTerm:
            collect_seldom()
            raise_limit(self.parts.limits.connections)
            if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell has started it in the background
                signal.signal(signal.SIGINT, lambda *_: self._reactor.callFromThread(self._end))
            signal.signal(signal.SIGTERM, lambda *_: self._reactor.callFromThread(self._end))
            signal.signal(signal.SIGHUP, lambda *_: self._reactor.callFromThread(self.reload))
            signal.signal(signal.SIGUSR1, lambda *_: self._reactor.callFromThread(self._reopen_log))
            if self.upgrading is not None:
                begin = self.upgrading.begin
                signal.signal(signal.SIGUSR2, lambda *_: self._reactor.callFromThread(begin))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR2, signal.SIGTERM])

    def _reopen_log(self) -> None:
        """SIGUSR1, as logrotate sends it. Where there is no file, the signal must not end the daemon."""
        if self.log_file is not None:
            self.log_file.reopen()

    def _end(self) -> None:
        if self.upgrading is not None:
            self.upgrading.end()
        with suppress(ReactorNotRunning):  # told twice
            self._reactor.stop()

    def stopService(self) -> Deferred[None]:
        """Let nobody in any more, tell those who are here, write everything down."""
        return Deferred.fromCoroutine(self._close())

    async def _close(self) -> None:
        self.expiry.stop()
        if self.upgrading is not None:
            await self.upgrading.settled()
            if self.upgrading.over:
                await MultiService.stopService(self)
                return
        self.notifier.stopping()
        self.parts.entrance.close_queues()
        await self.listeners.close()
        await self.doorkeeper.close(CLOSING)
        await self.hub.stop(CLOSING)
        await MultiService.stopService(self)
        self.notifier.stopped()
        log.info("Stopped")


@contextmanager
def keeping_all() -> Iterator[None]:
    """
    What is made here is no garbage, and stays: nobody looks for any in it, now or later. In very many rooms, to look
    once stops the reactor for long.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def collect_seldom() -> None:
    """
    Look for garbage that holds on to itself when there may be some, and not thirty times a second: what is done for
    people under way at the same time looks much like it. Whispers and people coming in cost a tenth less.
    """
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def make_backend(options: Options, folder: str, reactor: Any) -> IBackend:
    """What C{--backend} names; it touches nothing until it is started."""
    if options["backend"] == "memory":
        return MemoryBackend(MemoryStore())
    if is_shared(options["backend"]):
        return on_postgresql(options["backend"], folder, reactor, options.limits)
    return SQLiteBackend(os.path.join(folder, DATABASE), reactor, time.time)


def on_postgresql(url: str, folder: str, reactor: Any, limits: Limits) -> IBackend:
    """
    A node of a server of several daemons. Its data folder holds no data, but the socket for C{chatroom-admin}. Imported
    here, as not everybody has what it needs.

    @raise SystemExit: what it needs is not installed, or it is no such URL.
    """
    try:
        from chatroom.backends.postgres.backend import PostgresBackend
    except ImportError as error:
        if error.name is not None and error.name.split(".")[0] != "psycopg":
            raise
        sentence = "--backend postgresql://... needs more packages. Try: pip install 'chatroom[postgres]'"
        raise SystemExit(sentence) from None
    os.makedirs(folder, mode=0o700, exist_ok=True)
    try:
        return PostgresBackend(url, reactor, time.time, lease=limits.lease, patience=limits.patience)
    except Refused as refused:
        raise SystemExit(refused.sentence) from None


def makeService(options: Options, reactor: Any = None) -> IService:
    """
    Everything, put together and not started.

    @raise SystemExit: it cannot be started, with a sentence.
    """
    if reactor is None:
        from twisted.internet import reactor

        go_steadily(reactor)
    parent: Mapping[str, Any] = options.parent or {}
    limits = options.limits
    backend = make_backend(options, options.path("data"), reactor)
    measured = measure(backend) if options.metrics else None
    watch = PluginWatch(reactor.seconds)
    try:
        commands = find()
        filters = make_filters(options.filters, watch=watch)
    except ValueError as error:
        raise SystemExit(f"--filter: {with_full_stop(error)}") from None
    try:
        check_checkers(options.get("credCheckers", ()))
    except Fault as fault:
        raise SystemExit(f"{fault}.") from None
    threads = HashThreads(reactor, limits)
    passwords = Passwords(threads.run, limits, options.cost())
    credentials = Credentials(backend, passwords, limits, time.time, options.get("credCheckers", ()))
    entrance = Entrance(credentials, passwords, limits, reactor.seconds)
    services = make_services(
        measured or backend,
        commands,
        entrance,
        limits,
        reactor,
        time.time,
        node=f"{options.node()}~{secrets.token_hex(3)}",
        name=options["name"],
        lobby=options["lobby"],
        filter=filters,
        watch=watch,
    )
    plugins = make_plugins(services, options)
    hub = Hub(services, plugins)
    doorkeeper = Doorkeeper(hub, reactor)
    supervisor = notifier(os.environ, os.getpid(), reactor)
    service = ChatService(
        services, plugins, hub, doorkeeper, reactor, supervisor, foreground=bool(parent.get("nodaemon"))
    )
    add_log_file(service, options)
    add_upgrades(service, options, reactor)
    threads.setServiceParent(service)  # type: ignore[no-untyped-call]
    add_control(service, reactor, options)
    add_doors(service, reactor, options)
    add_reloads(service, options, filters)
    if measured is not None:
        add_metrics(service, reactor, options, measured, passwords)
    return service


def add_reloads(service: ChatService, options: Options, filters: Filters | None) -> None:
    """Let plugins and settings be read again at each SIGHUP: the settings first, and then who goes by them."""
    if options.has_file():
        service.at_reload(lambda: reread_file(options))
    if filters is not None:
        service.at_reload(filters.reload)
        log.info("Filters in force, in this order: {filters}", filters=str(filters))
    service.at_reload(lambda: service.plugins.reload(options.plugin_settings()))


def make_plugins(services: Services, options: Options) -> PluginServices:
    """@raise SystemExit: an option of one cannot be taken."""
    try:
        return PluginServices(services, [*find_services().values()], options.plugin_settings())
    except ValueError as error:
        raise SystemExit(f"--plugin: {with_full_stop(error)}") from None


def add_metrics(
    service: ChatService, reactor: Any, options: Options, measured: MeasuredBackend, passwords: Passwords
) -> None:
    """@raise SystemExit: see L{add_listeners}."""
    site = measured.site(
        service.parts, service.doorkeeper, passwords, service.expiry.first, options.path("data"), service.plugins
    )
    add_listeners(service, reactor, "metrics", options.metrics, site, MEASURING)


def add_log_file(service: ChatService, options: Options) -> None:
    """
    Have twistd log into a file of ours, where it would log into a file.

    @raise SystemExit: the file cannot be opened, with a sentence.
    """
    path = logfile.path_of(options.parent or {})
    if options.parent is None or "pidfile" not in options.parent or path is None:
        return
    try:
        service.log_file = ReopenedLog(path, *options["log-rotation"])
    except OSError as error:
        raise SystemExit(f"--logfile {path}: {(error.strerror or str(error)).lower()}.") from None


def add_upgrades(service: ChatService, options: Options, reactor: Any) -> None:
    """
    Let the service be taken over by another process, and take over from one where that has started this one.

    @raise SystemExit: it cannot, with a sentence.
    """
    if options.parent is None or "pidfile" not in options.parent:
        return
    # Until there is somebody to take it, the signal waits; left alone, it would end the process.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    parent: MutableMapping[str, Any] = options.parent
    start = Start(sys.orig_argv, options.words, os.getcwd(), parent)
    data = None if options["backend"] == "memory" else options.path("data")
    service.upgrading = Upgrading(
        start,
        service.parts,
        service.hub,
        service.doorkeeper,
        service.listeners,
        service.notifier,
        reactor,
        parent,
        data,
    )
    try:
        service.successor = Successor.of(os.environ, start, parent)
    except NotTaken as error:
        raise SystemExit(str(error)) from None


def go_steadily(reactor: Any) -> None:
    """
    Let the timers of a reactor of Twisted's go by a clock that nobody sets. Left alone, they go by the time of day: set
    forward, it would end every pause at once and throw people out as idle; set back, it would stop all of them.

    Where something waits already, timed by the old clock, it is left as it is.
    """
    if not reactor.getDelayedCalls():
        reactor.seconds = time.monotonic


def measure(backend: IBackend) -> MeasuredBackend:
    """
    The same backend, which counts what it keeps. Imported here, as not everybody has what it needs.

    @raise SystemExit: what it needs is not installed.
    """
    try:
        from chatroom.daemon.metrics import MeasuredBackend
    except ModuleNotFoundError as error:
        if error.name != "prometheus_client":
            raise
        raise SystemExit("--metrics needs more packages. Try: pip install 'chatroom[metrics]'") from None
    return MeasuredBackend(backend, time.perf_counter)


def add_control(service: ChatService, reactor: Any, options: Options) -> None:
    """Where C{chatroom-admin} finds it. With a data folder deep down somewhere, it does not; people can still talk."""
    try:
        path = options.control()
    except ValueError as error:
        log.warn("{error}: chatroom-admin cannot reach this daemon. Choose another path with --control.", error=error)
    else:
        if path is not None:
            endpoint = UNIXServerEndpoint(reactor, path, mode=0o600, wantPID=False)
            service.listeners.add(
                ControlListener(endpoint, ControlFactory(Control(service.parts, service.hub)), path, LISTENING)
            )
            service.admin_command = joining.admin_command(sys.argv[0], options["data"])


def add_doors(service: ChatService, reactor: Any, options: Options) -> None:
    """@raise SystemExit: one of them cannot be made, with a sentence."""
    add_welcome_text(service, options)
    editing = options["telnet-editing"].lower() == "on"
    sts = options.irc_sts()
    irc = Network(
        service.hub,
        options["irc-autojoin"].lower() == "on",
        options["irc-early-signup"].lower() == "on",
        None if sts is None else StsPolicy(*sts),
    )
    service.line = LineFactory(service.doorkeeper, editing, irc)
    line = LineFactory(service.doorkeeper, editing, irc if options.speaks_irc else None)
    add_listeners(service, reactor, "port", options.ports, line, WAITING)
    if options["tls"] is not None:
        secret = over_tls(service, options, line, reactor, asks=True)
        add_listeners(service, reactor, "tls-port", options.tls_ports, secret, WAITING_TLS)
    if options.irc or options.irc_tls:
        alone: IProtocolFactory = LineFactory(service.doorkeeper, irc=irc, only_irc=True)
        add_listeners(service, reactor, "irc", options.irc, alone, IRC)
        if options.irc_tls:
            secret = over_tls(service, options, alone, reactor, asks=True)
            add_listeners(service, reactor, "irc-tls", options.irc_tls, secret, IRC_TLS)
    if options.web or options.web_tls:
        web = make_web(service.doorkeeper, options.web_origins, irc if options.speaks_irc else None)
        add_listeners(service, reactor, "web", options.web, web, SERVING)
        if options.web_tls:
            secret = over_tls(service, options, web, reactor)
            add_listeners(service, reactor, "web-tls", options.web_tls, secret, SERVING_TLS)


def add_listeners(
    service: ChatService, reactor: Any, option: str, descriptions: list[str], factory: IProtocolFactory, purpose: str
) -> None:
    """@raise SystemExit: one of them describes no endpoint."""
    for description in descriptions:
        own = description.removeprefix(PROXIED)
        try:
            door = service.successor and service.successor.endpoint(reactor, option, description, own)
            door = door or understand(reactor, own)
        except ValueError as error:
            raise SystemExit(f"twistd chatroom: --{option} {description}: {with_full_stop(error)}") from None
        inside = factory if own == description else ProxiedFactory(factory, reactor)
        service.listeners.add(Listener(door, inside, option, description, purpose, service.parts.limits.backlog))


def over_tls(
    service: ChatService, options: Options, factory: IProtocolFactory, reactor: Any, asks: bool = False
) -> IProtocolFactory:
    """
    The same door, behind TLS. Imported here, as not everybody has what it needs.

    @param asks: clients are asked for a certificate: see L{chatroom.daemon.tls.Certificates}.
    @raise SystemExit: the certificate cannot be used, or what TLS needs is not installed.
    """
    try:
        own = certificates(options.path("tls"), asks)
    except ValueError as error:
        raise SystemExit(f"--tls: {with_full_stop(error)}") from None
    from twisted.protocols.tls import TLSMemoryBIOFactory

    service.at_reload(own.renew)
    service.expiry.ends.append(own.ends)
    return TLSMemoryBIOFactory(own, False, factory, clock=reactor)


def reread_file(options: Options) -> None:
    """Go by what a file of settings says now, as far as that can be while people are here, and say what cannot."""
    try:
        now, later = options.reread()
    except UsageError as error:
        log.error("The settings stay as they were. {error}", error=error)
        return
    if now:
        settings = options.settings()
        shown = (f"{name} = {', '.join(settings.get(name, ['none']))}" for name in now)
        log.info("From now on: {settings}.", settings=", ".join(shown))
    if later:
        log.info("These settings change at the next start: {names}.", names=", ".join(later))
    if not now and not later:
        log.info("No settings changed.")


def add_welcome_text(service: ChatService, options: Options) -> None:
    """
    Show the text of C{--motd}, and read its file again at each SIGHUP. The old text stays where that fails.

    @raise SystemExit: the file cannot be used, with a sentence.
    """
    try:
        service.parts.welcome.lines = options.motd()
    except ValueError as error:
        raise SystemExit(f"twistd chatroom: {with_full_stop(error)}") from None

    def again() -> None:
        try:
            service.parts.welcome.lines = options.motd()
        except ValueError as error:
            log.error("The welcome text stays as it was. {error}", error=with_full_stop(error))

    service.at_reload(again)


def make_web(doorkeeper: Doorkeeper, origins: list[str], irc: Network | None) -> IProtocolFactory:
    """
    The page and its WebSocket. Imported here, as not everybody has what it needs.

    @raise SystemExit: what it needs is not installed.
    """
    try:
        from chatroom.doors.web.site import WebFactory
    except ModuleNotFoundError as error:
        if error.name not in ("wsproto", "h11"):
            raise
        raise SystemExit("--web needs more packages. Try: pip install 'chatroom[web]'") from None
    factory: IProtocolFactory = WebFactory(doorkeeper, origins, irc)
    return factory
