"""
The contract, last part: several nodes on what is kept together. For backends that can do that.
"""

from __future__ import annotations

from dataclasses import replace

from chatroom.errors import NotKept, Refused
from chatroom.events import Arrived, Departed, Said
from tests.backends.verbs import NOON, Contract, Recorder, created, joined, one_of_each, said


class ClusterContract(Contract):
    """North and south are there."""

    def setUp(self) -> None:
        """North is there; south has come."""
        super().setUp()
        self.south, self.south_heard, _ = self.start("south")

    def kill(self, node: str) -> None:
        """This node dies without a word."""
        raise NotImplementedError

    def settle(self) -> None:
        """Let everything reach everybody."""
        raise NotImplementedError

    def test_node_names_differ(self) -> None:
        """A second node of the same name is refused."""
        sentence = self.refused(self.make_backend().start("south", Recorder()), Refused)
        self.assertIn("south", sentence)

    def test_every_node_hears_everything(self) -> None:
        """Equal events, numbered, secrets included, in one order; only the own node hears the very objects."""
        batch = one_of_each()
        self.keep(*batch)
        self.settle()
        self.assertEqual(self.listener.events, self.south_heard.events)
        self.assertNotEqual([], self.listener.events)
        for mine, theirs in zip(self.listener.events, self.south_heard.events, strict=True):
            self.assertIsNot(mine, theirs)

    def test_refused_events_are_told_to_nobody(self) -> None:
        """What did not happen is not carried."""
        self.keep(created())
        self.assertEqual([False], list(self.done(self.south.keep([created()]))))
        self.settle()
        self.assertEqual(1, len(self.listener.events))
        self.assertEqual(1, len(self.south_heard.events))

    def test_one_order_on_all_nodes(self) -> None:
        """Whoever keeps something has heard all that came before it."""
        self.keep(said("1"))
        self.done(self.south.keep([said("2")]))
        self.keep(said("3"))
        self.settle()
        for listener in (self.listener, self.south_heard):
            self.assertEqual(["1", "2", "3"], [event.text for event in listener.events if isinstance(event, Said)])
            self.assertEqual([1, 2, 3], [event.seq for event in listener.events if isinstance(event, Said)])

    def test_history_is_everybodys(self) -> None:
        """What was said through one node is read through the other."""
        self.keep(said("tea"))
        found = self.done(self.south.history("lobby", after=None, before=None, limit=9, talk=True))
        self.assertEqual([said("tea")], [replace(event, seq=0) for event in found])

    def test_newcomer_learns_who_is_on_line(self) -> None:
        """While a node lives, its people are in the snapshot, those of the server first."""
        self.keep(created(), Arrived(NOON, "", "alice", node="north"), joined())
        _, east_heard, snapshot = self.start("east")
        self.assertEqual(["arrived", "room-created", "joined"], [event.kind for event in snapshot.events])
        self.assertEqual([], east_heard.events)
        self.keep(Departed(NOON, "", "alice", node="north"))
        self.settle()
        self.assertEqual(["departed"], [event.kind for event in east_heard.events])

    def test_names_are_held_across_nodes(self) -> None:
        """One nickname, one holder, wherever; the same holder may be in both places."""
        self.assertTrue(self.done(self.backend.claim("alice", "account")))
        self.assertFalse(self.done(self.south.claim("alice", "guest")))
        self.assertTrue(self.done(self.south.claim("alice", "account")))
        self.assertFalse(self.done(self.backend.release("alice", "account")))
        self.assertFalse(self.done(self.backend.claim("alice", "guest")))
        self.assertTrue(self.done(self.south.release("alice", "account")))
        self.assertTrue(self.done(self.backend.claim("alice", "guest")))

    def test_node_that_stops_lets_go(self) -> None:
        """Its names are free and nobody is told that it was lost: it has said goodbye itself."""
        self.done(self.south.claim("bob", "guest"))
        self.done(self.south.stop())
        self.settle()
        self.assertTrue(self.done(self.backend.claim("bob", "other")))
        self.assertEqual([], self.listener.nodes_lost)

    def test_node_that_dies(self) -> None:
        """Its names are free, and one of the others is told, once, after all that it had said."""
        self.start("east")
        self.done(self.south.claim("bob", "guest"))
        self.done(self.south.claim("carol", "account"))
        self.done(self.backend.claim("carol", "account"))
        self.done(self.south.keep([said("last words")]))
        self.kill("south")
        self.settle()
        self.assertTrue(self.done(self.backend.claim("bob", "other")))
        self.assertFalse(self.done(self.backend.claim("carol", "other")))
        self.assertEqual(["last words"], [event.text for event in self.listener.events if isinstance(event, Said)])
        self.assertEqual(["south"], self.listener.nodes_lost)
        self.assertEqual([], self.south_heard.nodes_lost)

    def test_dead_node_keeps_nothing(self) -> None:
        """Should it still be running somewhere, what it says is refused."""
        self.kill("south")
        self.refused(self.south.keep([said()]), NotKept)
        self.assertEqual([], self.history())

    def test_people_of_a_dead_node_are_on_line_until_it_is_said(self) -> None:
        """The node that was told says goodbye for them; until then they are in the snapshot."""
        self.done(self.south.keep([Arrived(NOON, "", "bob", node="south")]))
        self.kill("south")
        self.assertEqual(["arrived"], [event.kind for event in self.start("east")[2].events])
        self.keep(Departed(NOON, "", "bob", node="south"))
        self.assertEqual((), self.start("west")[2].events)
