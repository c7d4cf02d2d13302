"""
What a monitor asks: numbers for Prometheus at C{/metrics}, and whether all is well at C{/healthz}.

Everything is read when it is asked for, from what the parts know anyway; only what is kept is counted here, once a
batch. No other part knows this module, and without C{--metrics} it is not even imported.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from twisted.python.components import proxyForInterface
from twisted.web.resource import Resource
from twisted.web.server import Request, Site
from zope.interface import implementer

from chatroom import __version__
from chatroom.auth.passwords import Passwords
from chatroom.daemon.files import NotReadable, read_bytes
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.errors import NotKept, codes
from chatroom.events import Event
from chatroom.interfaces import IBackend, IListener
from chatroom.records import StartState
from chatroom.server.clock_watch import UNUSABLE
from chatroom.server.plugin_services import PluginServices
from chatroom.server.services import Services

HANGING = 10.0
"""Seconds after which a database that does not answer is no longer called well."""

BACKUP = "chatroom.backup"
"""In the data folder, what became of the last backup; tests hold it to chatroom-admin's."""

EVICTED = "The other servers have taken this one for lost. It ends."
"""Of a node that was buried: see L{IListener.evicted<chatroom.interfaces.IListener.evicted>}."""

IDLE = 30.0
"""Seconds a monitor's connection may be silent."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Bounds of the buckets for what a disk may take."""

SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000)
"""Bounds of the buckets for events in one batch."""


class MeasuredBackend(proxyForInterface(IBackend, "_backend")):  # type: ignore[misc]
    """
    A backend, and what it keeps and how long it takes. It costs two looks at a clock for each batch.

    @ivar failing: the last batch could not be kept.
    @ivar registry: where all metrics of this daemon are.
    """

    _backend: IBackend

    def __init__(self, backend: IBackend, seconds: Callable[[], float]) -> None:
        """@param seconds: a clock that never goes back, as fine as there is."""
        super().__init__(backend)
        self.registry = registry = CollectorRegistry()
        self.failing = False
        self._seconds = seconds
        self._kept = Counter("chatroom_events_kept", "Events saved for this node.", registry=registry)
        self._told = Counter("chatroom_events_told", "Events of all nodes delivered here.", registry=registry)
        self._failures = Counter("chatroom_keep_failures", "Batches that could not be saved.", registry=registry)
        self._sizes = Histogram("chatroom_batch_events", "Events in a batch.", buckets=SIZES, registry=registry)
        self._times = Histogram(
            "chatroom_keep_seconds",
            "From submitting a batch until it is saved and delivered.",
            buckets=SECONDS,
            registry=registry,
        )

    def site(
        self,
        services: Services,
        doorkeeper: Doorkeeper,
        passwords: Passwords,
        expires: Callable[[], float | None],
        data: str,
        plugins: PluginServices | None = None,
    ) -> Site:
        """
        The pages, for the server that stands on this backend.

        @param expires: when the first certificate ends, in seconds since 1970. @param data: the data folder.
        @param plugins: services of plugins, whose numbers are among the metrics.
        """
        collector = ServerCollector(services, doorkeeper, passwords, expires, data, plugins)
        return MetricsSite(collector, HealthPage(self, services), self.registry)

    async def start(
        self,
        node: str,
        listener: IListener,
        present: Sequence[Event] = (),
        *,
        takes_over: bool = False,
        settings: str = "",
    ) -> StartState:
        """See L{IBackend.start}."""
        counting = _CountingListener(listener, self._told)
        return await self._backend.start(node, counting, present, takes_over=takes_over, settings=settings)

    async def keep(self, batch: Sequence[Event]) -> Sequence[bool]:
        """See L{IBackend.keep}."""
        begun = self._seconds()
        try:
            happened = await self._backend.keep(batch)
        except NotKept:
            self.failing = True
            self._failures.inc()
            raise
        self.failing = False
        self._times.observe(self._seconds() - begun)
        self._sizes.observe(len(batch))
        self._kept.inc(sum(happened))
        return happened


@implementer(IListener)
class _CountingListener:
    """The hub, and how many events it was told of."""

    def __init__(self, listener: IListener, told: Counter) -> None:
        self._listener = listener
        self._told = told

    def heard(self, events: Sequence[Event]) -> None:
        self._listener.heard(events)
        self._told.inc(len(events))

    def has_readers(self) -> bool:
        return self._listener.has_readers()

    def lost(self, node: str) -> None:
        self._listener.lost(node)

    def evicted(self, sentence: str) -> None:
        self._listener.evicted(sentence)


class ServerCollector(Collector):
    """What is true on the server at the moment of L{read}, which has to be called in the reactor's thread."""

    def __init__(
        self,
        services: Services,
        doorkeeper: Doorkeeper,
        passwords: Passwords,
        expires: Callable[[], float | None],
        data: str,
        plugins: PluginServices | None = None,
    ) -> None:
        """See L{MeasuredBackend.site}."""
        self._plugins = plugins
        self._expires = expires
        self._data = data
        self._services = services
        self._doorkeeper = doorkeeper
        self._entrance = services.entrance
        self._passwords = passwords
        self._metrics: list[Metric] = []
        self.read()

    def read(self) -> None:
        """Look at everything now."""
        self._metrics = [*self._gauges(), *self._ground(), *self._nodes(), *self._counters(), *self._of_plugins()]

    def collect(self) -> Iterable[Metric]:
        """What was read last. Called in any thread."""
        return self._metrics

    def _gauges(self) -> Iterator[Metric]:
        present = self._doorkeeper.present
        full = sum(conversation.outbox.full for conversation in present)
        yield InfoMetricFamily("chatroom_build", "This program.", {"version": __version__})
        yield GaugeMetricFamily("chatroom_connections", "Connections, of all doors.", len(present))
        yield GaugeMetricFamily(
            "chatroom_connections_not_reading", "Connections whose room messages are held back.", full
        )
        yield GaugeMetricFamily(
            "chatroom_people", "People online, on all nodes.", len(self._services.chat.state.people)
        )
        yield GaugeMetricFamily("chatroom_rooms", "Rooms, on all nodes.", len(self._services.chat.state.rooms))
        yield GaugeMetricFamily(
            "chatroom_password_checks", "Password checks running or waiting.", self._passwords.under_way
        )

    def _ground(self) -> Iterator[Metric]:
        """What fails without a sound."""
        sound = self._services.backend.soundness()
        yield GaugeMetricFamily(
            "chatroom_batch_age_seconds",
            "Age of the current batch that is not saved yet.",
            self._services.batches.age(),
        )
        yield GaugeMetricFamily(
            "chatroom_database_wait_seconds", "Age of the oldest request to the disk.", sound.waiting
        )
        yield GaugeMetricFamily(
            "chatroom_database_lost", "1 while the database files are missing.", bool(sound.trouble)
        )
        yield GaugeMetricFamily("chatroom_unindexed_lines", "Lines that are not indexed yet.", sound.unindexed)
        yield GaugeMetricFamily("chatroom_database_bytes", "Size of the database.", sound.length)
        yield GaugeMetricFamily("chatroom_database_unused_bytes", "Unused bytes of the database.", sound.unused)
        free = GaugeMetricFamily("chatroom_disk_free_bytes", "Free space on the disk of the database.")
        if sound.free is not None:
            free.add_metric([], sound.free)
        yield free
        ends = GaugeMetricFamily("chatroom_certificate_expiry_timestamp_seconds", "When the certificate ends.")
        end = self._expires()
        if end is not None:
            ends.add_metric([], end)
        yield ends
        made, failed = last_backup(self._data)
        yield GaugeMetricFamily("chatroom_backup_timestamp_seconds", "Time of the last complete backup, or 0.", made)
        yield GaugeMetricFamily("chatroom_backup_failed", "1 if the last backup failed.", failed)

    def _nodes(self) -> Iterator[Metric]:
        """How this daemon does among those that share its database; alone, there is little to say."""
        sound = self._services.backend.soundness()
        yield GaugeMetricFamily("chatroom_nodes", "Daemons that share the database, this one included.", sound.nodes)
        lease = GaugeMetricFamily("chatroom_lease_seconds", "Time left before the other daemons give this one up.")
        if sound.lease is not None:
            lease.add_metric([], sound.lease)
        yield lease
        yield GaugeMetricFamily(
            "chatroom_log_behind_turns", "Turns of other daemons that are not delivered here yet.", sound.behind
        )
        yield GaugeMetricFamily(
            "chatroom_lock_waiting", "Connections of all daemons that wait for a lock of the database.", sound.locked
        )
        yield CounterMetricFamily(
            "chatroom_database_reconnects", "Connections to the database that were made again.", sound.reconnects
        )
        yield CounterMetricFamily("chatroom_turns", "Turns that this daemon has saved in the database.", sound.turns)
        yield CounterMetricFamily(
            "chatroom_turn_seconds", "Time these turns took, with waits for locks and standbys.", sound.turn_seconds
        )

    def _counters(self) -> Iterator[Metric]:
        away = CounterMetricFamily("chatroom_turned_away", "Connections turned away.", labels=["reason"])
        for reason, count in sorted(self._doorkeeper.turned_away.counts.items()):
            away.add_metric([reason], count)
        yield away
        refused = CounterMetricFamily("chatroom_refused", "Refused requests.", labels=["code"])
        refusals = dict.fromkeys(codes(), 0) | self._doorkeeper.refusals  # from 0, so that the first of a kind is seen
        for code, count in sorted(refusals.items()):
            refused.add_metric([code], count)
        yield refused
        logins = CounterMetricFamily("chatroom_logins", "Login attempts with a password or token.", labels=["outcome"])
        for outcome, count in self._entrance.outcomes.items():
            logins.add_metric([outcome], count)
        yield logins

    def _of_plugins(self) -> Iterator[Metric]:
        """How commands, filters and services of plugins do, and what services count."""
        running = {} if self._plugins is None else self._plugins.running
        watch = self._services.watch
        failed = {("service", name): 0 for name in running} | watch.failed  # from 0, so that the first one is seen
        for metric, help, of_each in (
            ("chatroom_plugin_blocked", "Times that code of a plugin blocked the server.", watch.blocked),
            ("chatroom_plugin_blocked_seconds", "How long it did.", watch.seconds_blocked),
            ("chatroom_plugin_failures", "Failures of a plugin.", failed),
            ("chatroom_plugin_stopped", "Times that a plugin took too long and was stopped.", watch.stopped),
        ):
            family = CounterMetricFamily(metric, help, labels=["kind", "plugin"])
            for labels, so_many in sorted(of_each.items()):
                family.add_metric(labels, so_many)
            yield family
        counts = CounterMetricFamily("chatroom_plugin_count", "What a plugin counts.", labels=["plugin", "name"])
        values = GaugeMetricFamily("chatroom_plugin_value", "What a plugin measures.", labels=["plugin", "name"])
        for plugin, each in running.items():
            for name, count in each.server.counts.items():
                counts.add_metric([plugin, name], count)
            for name, value in each.server.gauges.items():
                values.add_metric([plugin, name], value)
        yield from (counts, values)


class MetricsPage(Resource):
    """C{/metrics}: prometheus_client's own resource, given a fresh reading each time, as it runs in other threads."""

    isLeaf = True

    def __init__(self, collector: ServerCollector, registry: CollectorRegistry) -> None:
        # Imported here: it imports the reactor.
        from prometheus_client.twisted import MetricsResource

        super().__init__()  # type: ignore[no-untyped-call]
        self._collector = collector
        self._page = MetricsResource(registry)  # type: ignore[no-untyped-call]

    def render(self, request: Request) -> Any:
        """See L{twisted.web.resource.IResource.render}."""
        self._collector.read()
        return self._page.render(request)


def last_backup(data: str) -> tuple[float, bool]:
    """
    When C{chatroom-admin backup} has last made a whole copy, and whether it has failed since: see
    L{chatroom.admin.backup}.
    """
    try:
        noted = json.loads(read_bytes(os.path.join(data, BACKUP), 4096))
        return float(noted["made"]), bool(noted["failed"])
    except (NotReadable, ValueError, KeyError, TypeError):
        return 0.0, False


class HealthPage(Resource):
    """C{/healthz}: status 200 while what is said can be kept, and 503 while it cannot."""

    isLeaf = True

    def __init__(self, backend: MeasuredBackend, services: Services) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._backend = backend
        self._services = services

    def render_GET(self, request: Request) -> bytes:
        """That there is an answer at all says that the reactor turns."""
        request.setHeader("content-type", "text/plain; charset=utf-8")
        request.setHeader("cache-control", "no-store")
        trouble = self._trouble()
        if trouble:
            request.setResponseCode(503)
        return f"{trouble or 'ok'}\n".encode()

    def _trouble(self) -> str:
        """It names no file: whoever asks needs no password."""
        sound = self._backend.soundness()
        if sound.trouble:
            return "The database files are missing." if sound.lease is None else EVICTED
        if self._services.batches.closed:
            return "The server is stopping."
        if sound.lease is not None and sound.lease < self._services.limits.lease / 2:
            return "The database does not answer: the other servers may soon give this one up."
        if self._backend.failing:
            return "The last messages could not be saved."
        if abs(sound.ahead) > UNUSABLE:
            return f"The clock of this machine is {abs(sound.ahead):.0f} seconds off the database's clock."
        age = max(self._services.batches.age(), sound.waiting)
        return f"The database has not answered for {age:.0f} seconds." if age > HANGING else ""


class MetricsSite(Site):
    """Both pages, and no log of who asked for them."""

    noisy = False

    def __init__(self, collector: ServerCollector, health: HealthPage, registry: CollectorRegistry) -> None:
        registry.register(collector)
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        root = Resource()
        root.putChild(b"metrics", MetricsPage(collector, registry))
        root.putChild(b"healthz", health)
        super().__init__(root, timeout=IDLE)  # type: ignore[no-untyped-call]

    def log(self, request: Any) -> None:
        """A monitor asks every few seconds."""
