"""
What a monitor reads: every number against what was done, and health against what can be kept.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.test.requesthelper import DummyRequest
from zope.interface.verify import verifyObject

from chatroom import testing
from chatroom.admin.backup import note
from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.daemon.metrics import BACKUP, HealthPage, MeasuredBackend, ServerCollector
from chatroom.errors import NotKept
from chatroom.events import Event, Said
from chatroom.interfaces import IBackend, Soundness
from chatroom.limits import OFF, Limits
from chatroom.plugins.base import PluginService
from chatroom.plugins.watch import PluginName
from chatroom.testing import Server
from tests.arrows import ROOT
from tests.doors.readers import SlowWire, reads_on, stops_reading


class Counting(PluginService):
    """A service that counts what it hears, and fails at one word."""

    name = "counting"
    hears = ("said",)
    takes = 0.0

    def heard(self, event: Event) -> None:
        """Count it, in so much time."""
        assert isinstance(event, Said)
        self.server.clock.rightNow += self.takes  # type: ignore[attr-defined]  # it is a Clock
        self.server.count("lines")
        self.server.gauge("length", len(event.text))
        if event.text == "fail":
            raise RuntimeError("oh")


class MeasuredCase(SynchronousTestCase):
    """A server that is measured."""

    def open(self, limits: Limits | None = None) -> None:
        """Open one."""
        self.memory = MemoryBackend(MemoryStore())
        self.ticks = 0.0
        self.backend = MeasuredBackend(self.memory, self.tick)
        self.counter = Counting()
        self.server = Server(limits, backend=self.backend, services=[self.counter])
        self.ends: float | None = None
        self.data = self.mktemp()
        os.mkdir(self.data)
        services = self.server.services
        self.collector = ServerCollector(
            services, self.server.doorkeeper, self.server.passwords, lambda: self.ends, self.data, self.server.plugins
        )
        self.backend.registry.register(self.collector)

    def setUp(self) -> None:
        self.open()

    def tick(self) -> float:
        """A clock by which everything takes 20 ms."""
        self.ticks += 0.02
        return self.ticks

    def page(self) -> str:
        """What Prometheus gets."""
        self.collector.read()
        return generate_latest(self.backend.registry).decode()

    def value(self, name: str, /, **labels: str) -> float:
        """One number of the page, read as Prometheus reads it."""
        for family in text_string_to_metric_families(self.page()):
            for sample in family.samples:
                if sample.name == name and sample.labels == labels:
                    return sample.value
        raise AssertionError(f"{name} {labels} is not in:\n{self.page()}")


class GaugeTests(MeasuredCase):
    """How many there are."""

    def counted(self) -> tuple[float, ...]:
        """Connections, people and rooms."""
        return tuple(self.value(f"chatroom_{what}") for what in ("connections", "people", "rooms"))

    def test_server(self) -> None:
        """Connections, people and rooms are those of this moment."""
        self.assertEqual((0, 0, 1), self.counted())
        alice = self.server.guest("alice")
        self.server.connection()
        alice.types("/create tea")
        self.assertEqual((2, 1, 2), self.counted())
        alice.disconnects()
        self.assertEqual((1, 0, 1), self.counted())

    def test_readers_who_do_not_read(self) -> None:
        """Those whose talk is held back are counted, until they read again."""
        self.patch(testing.people, "FakeTransport", SlowWire)
        self.open(Limits(talk_rate=OFF, unread_soft=4096))
        slow, alice = self.server.guest("slow"), self.server.guest("alice")
        stops_reading(slow)
        for _ in range(100):
            alice.types("x" * 80)
        self.assertEqual(1, self.value("chatroom_connections_not_reading"))
        reads_on(slow)
        self.assertEqual(0, self.value("chatroom_connections_not_reading"))


class GroundTests(MeasuredCase):
    """What would fail without a sound."""

    def test_database(self) -> None:
        """How long it is, how much of that is unused, and what the disk has left."""
        self.patch(self.memory, "soundness", lambda: Soundness(free=5, length=9, unused=3))
        found = [self.value(f"chatroom_{name}_bytes") for name in ("disk_free", "database", "database_unused")]
        self.assertEqual([5, 9, 3], found)

    def test_certificate(self) -> None:
        """When it ends, if there is one."""
        self.assertNotIn("\nchatroom_certificate_expiry_timestamp_seconds ", self.page())
        self.ends = 1_700_000_000.0
        self.assertEqual(self.ends, self.value("chatroom_certificate_expiry_timestamp_seconds"))

    def backup(self) -> tuple[float, float]:
        """When the last one was made, and whether one failed since."""
        return self.value("chatroom_backup_timestamp_seconds"), self.value("chatroom_backup_failed")

    def test_backups(self) -> None:
        """When the last whole copy was made, and whether it has failed since."""
        self.assertEqual((0, 0), self.backup())
        note(Path(self.data), 1000.0, None)
        self.assertEqual((1000, 0), self.backup())
        note(Path(self.data), 2000.0, "the disk is full")
        self.assertEqual((1000, 1), self.backup())
        note(Path(self.data), 3000.0, None)
        self.assertEqual((3000, 0), self.backup())

    def test_nonsense_in_the_place_of_the_note(self) -> None:
        """Numbers go on."""
        for text in ("", "[]", "{}", "null", '{"made": "x", "failed": 0}', "x" * 5000):
            Path(self.data, BACKUP).write_text(text)
            self.assertEqual((0, 0), self.backup())


class CounterTests(MeasuredCase):
    """How often something has happened."""

    def test_kept_and_told(self) -> None:
        """Events are counted when they are kept, and when they are told."""
        alice = self.server.guest("alice")
        kept, told = self.value("chatroom_events_kept_total"), self.value("chatroom_events_told_total")
        alice.types("one", "two")
        self.assertEqual(kept + 2, self.value("chatroom_events_kept_total"))
        self.assertEqual(told + 2, self.value("chatroom_events_told_total"))

    def test_batches(self) -> None:
        """What is said in one turn is one batch, of so many events, and took so long."""
        alice = self.server.guest("alice")
        small = self.value("chatroom_batch_events_bucket", le="2.0")
        batches, seconds = self.value("chatroom_batch_events_count"), self.value("chatroom_keep_seconds_sum")
        alice.types("one", "two", "three")
        self.assertEqual(small, self.value("chatroom_batch_events_bucket", le="2.0"))
        self.assertEqual(batches + 1, self.value("chatroom_batch_events_count"))
        self.assertAlmostEqual(seconds + 0.02, self.value("chatroom_keep_seconds_sum"))

    def test_refusals(self) -> None:
        """Commands that are refused are counted by the codes of their refusals, from 0 for every code there is."""
        for code in ("no-such-room", "not-allowed", "slow-down", "banned"):
            self.assertEqual(0, self.value("chatroom_refused_total", code=code))
        alice = self.server.guest("alice")
        alice.types("/join nowhere", "/join nowhere-else")
        alice.types("/kick bob")
        self.assertEqual(2, self.value("chatroom_refused_total", code="no-such-room"))
        self.assertEqual(1, self.value("chatroom_refused_total", code="not-allowed"))

    def test_plugins(self) -> None:
        """A service of a plugin has its own numbers, and its failures are counted."""
        self.server.guest("alice").types("hello", "hi", "fail")
        mine = {"plugin": "counting"}
        self.assertEqual(3, self.value("chatroom_plugin_count_total", name="lines", **mine))
        self.assertEqual(4, self.value("chatroom_plugin_value", name="length", **mine))
        self.assertEqual(1, self.value("chatroom_plugin_failures_total", kind="service", **mine))
        self.assertEqual(1, len(self.flushLoggedErrors(RuntimeError)))

    def test_plugins_that_do_wrong(self) -> None:
        """A plugin that fails, blocks or is stopped is counted by its kind and name, each metric once on the page."""
        watch, clumsy = self.server.services.watch, {"kind": "command", "plugin": "clumsy"}
        watch.was_wrong(PluginName("command", "clumsy", "clumsy.py"), "gave back nothing")
        watch.was_stopped(PluginName("command", "clumsy", "clumsy.py"), 30, True)
        self.counter.takes = 0.25
        self.server.guest("alice").types("hello", "fail")
        self.assertEqual(1, self.value("chatroom_plugin_failures_total", **clumsy))
        self.assertEqual(1, self.value("chatroom_plugin_stopped_total", **clumsy))
        counting = {"kind": "service", "plugin": "counting"}
        self.assertEqual(1, self.value("chatroom_plugin_failures_total", **counting))
        self.assertEqual(2, self.value("chatroom_plugin_blocked_total", **counting))
        self.assertEqual(0.5, self.value("chatroom_plugin_blocked_seconds_total", **counting))
        families = [family.name for family in text_string_to_metric_families(self.page())]
        self.assertEqual(sorted(set(families)), sorted(families))
        self.flushLoggedErrors(RuntimeError)

    def test_names_of_numbers(self) -> None:
        """A service has fifty names for its numbers, each a plain word, and none of them shrinks that may only grow."""
        plugin = self.counter.server
        for name in ("", "Lines", "1st", "a b", "x" * 65, "ü"):
            self.assertRaises(ValueError, plugin.count, name)
        self.assertRaises(ValueError, plugin.count, "a", -1)
        self.assertRaises(ValueError, plugin.count, "a", float("nan"))
        for number in range(50):
            plugin.gauge(f"n{number}", number)
        self.assertRaises(ValueError, plugin.count, "one_more")
        plugin.gauge("n7", -1)
        self.assertEqual(-1, self.value("chatroom_plugin_value", plugin="counting", name="n7"))

    def test_what_cannot_be_read(self) -> None:
        """What cannot be understood at all is counted: lines too long or not UTF-8, and what is no request."""
        person, program = self.server.guest("alice"), self.server.program("robot")
        person.sends(b"\xc3(\n" + b"x" * 5000 + b"\n")
        program.sends(b'{"do":\n' + b"[]\n" + b'{"id": 1}\n' + b'{"do": "say", "text": "' + b"x" * 20000 + b'"}\n')
        self.assertEqual(6, self.value("chatroom_refused_total", code="bad-request"))
        person.types("@bob", "/")
        self.assertEqual(1, self.value("chatroom_refused_total", code="bad-arguments"))
        self.assertEqual(1, self.value("chatroom_refused_total", code="unknown-command"))

    def test_turned_away(self) -> None:
        """Those who were turned away are counted."""
        self.open(Limits(max_per_address=1))
        self.server.connection()
        self.server.connection()
        self.assertEqual(1, self.value("chatroom_turned_away_total", reason="max-per-address"))
        self.assertEqual(0, self.value("chatroom_turned_away_total", reason="banned"))

    def test_logins(self) -> None:
        """Logins are right, wrong or throttled, by password and by token."""
        self.open(Limits(login_tries=2))
        self.server.account("alice", "correct horse battery").disconnects()
        for password in ("wrong", "correct horse battery", "wrong", "wrong", "wrong"):
            guest = self.server.connection()
            guest.types(f"/login alice {password}")
        guest.types("/resume nonsense")
        found = [self.value("chatroom_logins_total", outcome=outcome) for outcome in ("right", "wrong", "throttled")]
        self.assertEqual([1, 4, 1], found)


class PageTests(MeasuredCase):
    """The page as a whole."""

    def test_prometheus_understands_it(self) -> None:
        """It parses, every number has its help, and names follow Prometheus' rules for units and counters."""
        self.server.guest("alice").types("/nonsense")
        families = list(text_string_to_metric_families(self.page()))
        self.assertGreater(len(families), 12)
        for family in families:
            self.assertTrue(family.documentation.endswith("."), family.name)
            self.assertRegex(family.name, r"\Achatroom_[a-z_]+\Z")
            for sample in family.samples:
                self.assertEqual(family.type == "counter", sample.name.endswith("_total"), sample.name)

    def test_nobody_is_named(self) -> None:
        """No nickname, room or address is on the page."""
        self.server.guest("zebediah", "203.0.113.7").types("/create xylophone", "/login zebediah nonsense")
        for name in ("zebediah", "xylophone", "203.0.113"):
            self.assertNotIn(name, self.page())


class HealthTests(MeasuredCase):
    """C{/healthz}."""

    def health(self) -> int:
        """Its status."""
        request: Any = DummyRequest([b"healthz"])
        HealthPage(self.backend, self.server.services).render(request)
        return int(request.responseCode or 200)

    def test_disk_that_hangs(self) -> None:
        """It fails at nothing, and still is not well after ten seconds; nor are those who wait told that they are."""
        alice = self.server.guest("alice")
        hanging: Deferred[list[bool]] = Deferred()

        async def hang(batch: object) -> list[bool]:
            return await hanging

        self.patch(self.memory, "keep", hang)
        alice.types("hello")
        self.server.wait(9)
        self.assertEqual((200, 9), (self.health(), self.value("chatroom_batch_age_seconds")))
        self.server.wait(2)
        self.assertEqual((503, 11), (self.health(), self.value("chatroom_batch_age_seconds")))
        hanging.callback([True])
        self.server.settle()
        self.assertEqual((200, 0), (self.health(), self.value("chatroom_batch_age_seconds")))

    def test_backend_that_is_not_sound(self) -> None:
        """What a backend says of itself counts, even while nobody says anything."""
        for sound, status in (
            (Soundness(trouble="chatroom.sqlite is gone"), 503),
            (Soundness(waiting=11.0), 503),
            (Soundness(ahead=-5.5), 503),
            (Soundness(ahead=4.5), 200),
            (Soundness(nodes=3, lease=5.0), 200),
            (Soundness(nodes=3, lease=2.9), 503),
            (Soundness(trouble="it was buried", lease=-1.0), 503),
            (Soundness(waiting=9.0, unindexed=10**6, free=0), 200),
        ):
            self.patch(self.memory, "soundness", lambda sound=sound: sound)
            self.assertEqual(status, self.health(), sound)
            self.assertEqual(bool(sound.trouble), self.value("chatroom_database_lost"))
            self.assertEqual(sound.waiting, self.value("chatroom_database_wait_seconds"))
            self.assertEqual(sound.unindexed, self.value("chatroom_unindexed_lines"))

    def test_server_that_stops(self) -> None:
        """A balancer sends nobody there any more."""
        self.server.services.batches.closed = True
        self.assertEqual(503, self.health())

    def test_nodes(self) -> None:
        """How a daemon does among others is what its backend says."""
        sound = Soundness(nodes=3, lease=5.5, behind=7, locked=2, reconnects=4, turns=10, turn_seconds=0.25)
        self.patch(self.memory, "soundness", lambda: sound)
        for name, value in (
            ("nodes", 3), ("lease_seconds", 5.5), ("log_behind_turns", 7), ("lock_waiting", 2),
            ("database_reconnects_total", 4), ("turns_total", 10), ("turn_seconds_total", 0.25),
        ):  # fmt: skip
            self.assertEqual(value, self.value(f"chatroom_{name}"), name)

    def test_contract(self) -> None:
        """A backend that is measured is a backend."""
        verifyObject(IBackend, self.backend)

    def test_healthy(self) -> None:
        """All is well on a server that keeps what is said."""
        self.server.guest("alice").types("hello")
        self.assertEqual(200, self.health())

    def test_not_kept(self) -> None:
        """From the first batch that is lost until the first that is kept again, it is not."""
        alice = self.server.guest("alice")
        keep = self.memory.keep

        async def fail(batch: object) -> list[bool]:
            raise NotKept("The disk is full.")

        self.patch(self.memory, "keep", fail)
        alice.types("lost")
        self.assertEqual(503, self.health())
        self.assertEqual(1, self.value("chatroom_keep_failures_total"))
        self.patch(self.memory, "keep", keep)
        alice.types("kept")
        self.assertEqual(200, self.health())


class DocumentTests(MeasuredCase):
    """docs/monitoring.rst."""

    def test_every_metric_is_explained(self) -> None:
        """What is on the page is in the table, and nothing else is."""
        text = (ROOT / "docs" / "monitoring.rst").read_text(encoding="utf-8")
        listed = re.findall(r"^   \* - ``(chatroom_\w+)``$", text, re.MULTILINE)
        there = {
            family.name + ("_total" if family.type == "counter" else "")
            for family in text_string_to_metric_families(self.page())
            if not family.name.endswith("_created")
        }
        self.assertEqual(there, set(listed))
