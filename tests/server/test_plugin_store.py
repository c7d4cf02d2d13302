"""
What a plugin stores, as the plugin sees it.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.errors import LimitReached, NotKept
from chatroom.events import Said
from chatroom.interfaces import IPluginStore, interface
from chatroom.interfaces.plugin_store import KEY_LENGTH
from chatroom.limits import Limits
from chatroom.server.plugin_store import PluginStore
from chatroom.testing import Server

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class StoreCase(SynchronousTestCase):
    """A server and the store of one plugin."""

    def setUp(self) -> None:
        """Five values of 64 bytes may be stored."""
        self.disk = MemoryStore()
        self.server = Server(Limits(plugin_keys=5, plugin_value=64), store=self.disk)
        self.store = PluginStore(self.server.services, "poll")

    def after(self, deferred: Any) -> Any:
        """What it comes to when all that takes no time has happened."""
        self.server.settle()
        return self.successResultOf(deferred)


class StoreTests(StoreCase):
    """Values by key."""

    def test_it_keeps_its_promise(self) -> None:
        """It provides what plugins are promised."""
        self.assertTrue(verifyObject(interface(IPluginStore), self.store))

    def test_value_is_there_when_it_is_kept(self) -> None:
        """A value is read once it is kept, and not before."""
        done = self.store.put("a", {"x": [1, None]})
        self.assertNoResult(done)
        self.assertIsNone(self.store.get("a"))
        self.assertIsNone(self.after(done))
        self.assertEqual({"x": [1, None]}, self.store.get("a"))
        self.assertEqual("none", self.store.get("b", "none"))

    def test_what_is_read_is_a_copy(self) -> None:
        """Who changes what they have read changes nothing that is stored."""
        self.after(self.store.put("a", [1]))
        self.store.get("a").append(2)
        self.assertEqual([1], self.store.get("a"))

    def test_values_of_one_beginning(self) -> None:
        """Keys are found by how they begin, in the order in which they were stored."""
        for key in ("vote:2", "poll:1", "vote:1"):
            self.after(self.store.put(key, key[-1]))
        self.assertEqual([("vote:2", "2"), ("vote:1", "1")], list(self.store.items("vote:")))
        self.assertEqual(("vote:2", "poll:1", "vote:1"), self.store.keys())
        self.after(self.store.drop("vote:2", "vote:2", "nothing"))
        self.assertEqual(("poll:1", "vote:1"), self.store.keys())
        self.assertIsNone(self.after(self.store.drop("nothing")))

    def test_first_one_wins(self) -> None:
        """Of two that add a value in one moment, one is told that it was too late."""
        first, second = self.store.add("v", "tea"), self.store.add("v", "coffee")
        self.assertEqual((True, False), (self.after(first), self.after(second)))
        self.assertEqual("tea", self.store.get("v"))

    def test_one_commit_with_what_is_said(self) -> None:
        """A line that is said in the same turn is kept in the same batch."""
        alice = self.server.guest("alice")
        batches: list[list[str]] = []
        keep = self.server.backend.keep

        async def watched(batch: Any) -> Any:
            batches.append([event.kind for event in batch])
            return await keep(batch)

        self.server.services.batches._keep = watched
        self.store.put("a", 1)
        alice.protocol.dataReceived(b"hello\n")
        self.server.settle()
        self.assertIn(["plugin-stored", "said"], batches)

    def test_nothing_is_kept_of_a_batch_that_fails(self) -> None:
        """When the disk fails, neither the value nor the line is there, and the plugin is told so."""
        self.disk.failing = NotKept("The disk is full.")
        done = self.store.put("a", 1)
        self.server.services.batches.happen(Said(1.0, "lobby", "poll", text="a is 1")).addErrback(lambda _: None)
        self.server.settle()
        self.failureResultOf(done, NotKept)
        self.disk.failing = None
        self.assertEqual((), self.store.keys())
        self.after(self.store.put("a", 2))
        self.assertEqual(2, self.store.get("a"))

    def test_people_hear_nothing_of_it(self) -> None:
        """No person and no program is told what plugins store."""
        alice, robot = self.server.guest("alice"), self.server.program("robot")
        alice.reads(), robot.hears()
        self.after(self.store.put("a", "zwiebelkuchen"))
        self.assertEqual(([], []), (alice.reads(), robot.hears()))

    def test_after_a_restart(self) -> None:
        """A server that starts on the same data has the values."""
        self.after(self.store.put("a", 1))
        self.server.stop()
        again = PluginStore(Server(store=self.disk).services, "poll")
        self.assertEqual(1, again.get("a"))

    @given(json_values)
    def test_any_json(self, value: Any) -> None:
        """Whatever JSON can hold is read as it was put, or is refused with its size."""
        server = Server(Limits(plugin_value=2000))
        store = PluginStore(server.services, "poll")
        try:
            size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
        except UnicodeEncodeError:  # half a character
            self.assertRaises(ValueError, store.put, "a", value)
            return
        if size > 2000:
            self.assertRaises(ValueError, store.put, "a", value)
            return
        store.put("a", value)
        server.settle()
        self.assertEqual(value, store.get("a"))


class StoreLimitTests(StoreCase):
    """How much one plugin may store."""

    def test_number_of_values(self) -> None:
        """One value too many is refused, also of those that are only on their way; what is there may change."""
        for key in "abc":
            self.after(self.store.put(key, 1))
        self.store.put("d", 1)
        self.store.add("e", 1)
        refused = self.assertRaises(LimitReached, self.store.put, "f", 1)
        self.assertEqual("The poll plugin stores 5 values, and cannot store more.", str(refused))
        self.store.put("e", 2)
        self.server.settle()
        self.assertRaises(LimitReached, self.store.add, "f", 1)
        self.after(self.store.put("a", 2))
        self.after(self.store.drop("a"))
        self.after(self.store.put("f", 1))

    def test_another_plugin_has_its_own_room(self) -> None:
        """What one plugin stores takes nothing from another."""
        for key in "abcde":
            self.after(self.store.put(key, 1))
        self.after(PluginStore(self.server.services, "quiz").put("a", 1))

    def test_size_of_a_value(self) -> None:
        """A value that is too long in bytes is refused with both numbers."""
        self.after(self.store.put("a", "x" * 62))
        for value in ("x" * 63, "ü" * 32):
            error = self.assertRaises(ValueError, self.store.put, "a", value)
            self.assertRegex(str(error), "has 6[56] bytes; --plugin-value lets it have 64|has 66 bytes")

    def test_what_is_no_json(self) -> None:
        """Sets, bytes, objects, numbers that are none, half characters and endless nesting are refused."""
        endless: list[Any] = []
        endless.append(endless)
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        for value in ({1}, b"x", object(), float("nan"), float("inf"), "\ud800", endless, deep):
            self.assertRaises(ValueError, self.store.put, "a", value)

    def test_keys(self) -> None:
        """A key is text, printable, and not too long."""
        for key in ("", "x" * (KEY_LENGTH + 1), "a\nb", "\x1b[2J", "\ud800"):
            self.assertRaises(ValueError, self.store.put, key, 1)
        self.after(self.store.put("ü" * KEY_LENGTH, 1))


class TwoNodesTests(SynchronousTestCase):
    """Two nodes of one server."""

    def test_both_have_the_same(self) -> None:
        """What one node stores, the other reads; who adds second on another node is told so."""
        clock, disk = Clock(), MemoryStore()
        north, south = (
            Server(node=name, clock=clock, backend=MemoryBackend(disk, clock)) for name in ("north", "south")
        )
        here, there = (PluginStore(each.services, "poll") for each in (north, south))
        first = here.add("v", "tea")
        north.settle()
        second = there.add("v", "coffee")
        north.settle()
        self.assertEqual((True, False), (self.successResultOf(first), self.successResultOf(second)))
        self.assertEqual(("tea", "tea"), (here.get("v"), there.get("v")))
