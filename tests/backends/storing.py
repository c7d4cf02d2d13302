"""
The contract: what plugins store, as facts of the server.
"""

from __future__ import annotations

import json

from chatroom.errors import NotKept
from chatroom.events import SERVER, PluginAdded, PluginStored
from chatroom.records import ERASED_NAME
from tests.backends.verbs import NOON, Contract, created, said


def stored(key: str, value: object, who: str = "", plugin: str = "poll") -> PluginStored:
    """A value is stored."""
    return PluginStored(NOON, SERVER, plugin, key, json.dumps(value), who)


def added(key: str, value: object) -> PluginAdded:
    """A value is stored where there is none."""
    return PluginAdded(NOON, SERVER, "poll", key, json.dumps(value))


class StoringContract(Contract):
    """Values by plugin and key."""

    def stored(self) -> dict[tuple[str, str], object]:
        """What is stored, by plugin and key, as a backend that starts anew knows it."""
        events = self.restart().events
        return {(e.nick, e.key): json.loads(e.value) for e in events if isinstance(e, PluginStored)}

    def test_stored_values(self) -> None:
        """A stored value outlives the backend, and the last one of a key counts."""
        self.keep(stored("1", {"choices": ["tea", "Kaffee ☕"]}), stored("2", None), stored("1", [1, "x"]))
        self.assertEqual({("poll", "1"): [1, "x"], ("poll", "2"): None}, self.stored())

    def test_plugins_do_not_share_keys(self) -> None:
        """Two plugins may use the same key, and each has its own value."""
        self.keep(stored("1", "one"), stored("1", "other", plugin="quiz"))
        self.assertEqual({("poll", "1"): "one", ("quiz", "1"): "other"}, self.stored())

    def test_dropped_values(self) -> None:
        """A value that was dropped is not there after a restart."""
        self.keep(stored("1", "one"), stored("2", "two"))
        self.keep(PluginStored(NOON, SERVER, "poll", "1"))
        self.assertEqual({("poll", "2"): "two"}, self.stored())

    def test_first_one_wins(self) -> None:
        """A value that is added where there is one is not stored, also within one batch."""
        self.assertEqual([True, False], self.keep(added("vote", "tea"), added("vote", "coffee")))
        self.assertEqual([False], self.keep(added("vote", "cocoa")))
        self.assertEqual({("poll", "vote"): "tea"}, self.stored())
        self.keep(PluginStored(NOON, SERVER, "poll", "vote"))
        self.assertEqual([True], self.keep(added("vote", "cocoa")))

    def test_same_commit_as_talk(self) -> None:
        """A value and the line it belongs to are kept together, or neither is."""
        self.keep(created())
        self.break_down(self.backend, True)
        self.refused(self.backend.keep([stored("1", "lost"), said("lost")]), NotKept)
        self.break_down(self.backend, False)
        self.keep(stored("2", "kept"), said("kept"))
        self.assertEqual({("poll", "2"): "kept"}, self.stored())
        self.assertEqual(["kept"], [event.text for event in self.history(talk=True) if hasattr(event, "text")])

    def test_every_node_is_told(self) -> None:
        """The listener hears of a value that was stored, and not of one that was refused."""
        one, two = stored("1", "one"), added("1", "two")
        self.keep(one, two)
        self.assertEqual([one], [event for event in self.listener.events if isinstance(event, PluginStored)])

    def test_erased_from_values(self) -> None:
        """An erased person's own value is emptied, and the name is taken out of the values of others."""
        self.keep(
            stored("mine", {"choice": "tea"}, who="alice"),
            stored("list", {"by": "Alice", "voters": ["bob", "ALICE"], "tally": {"alice": 1, "bob": 2}, "n": 3}),
            stored("talk", "alice and bob"),
        )
        self.done(self.backend.erase("alice", False))
        left = {"by": ERASED_NAME, "voters": ["bob", ERASED_NAME], "tally": {"bob": 2}, "n": 3}
        self.assertEqual(
            {("poll", "mine"): None, ("poll", "list"): left, ("poll", "talk"): "alice and bob"}, self.stored()
        )
