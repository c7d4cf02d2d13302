"""
The contract, last part: several nodes on what is kept together. For backends that can do that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatroom.errors import NotKept, Refused
from chatroom.events import Arrived, Departed, Event, Said, Whispered
from chatroom.interfaces import IBackend
from chatroom.records import StartState
from tests.backends.verbs import NOON, Contract, Recorder, created, joined, left, one_of_each, said


class ClusterContract(Contract):
    """North and south are there."""

    def setUp(self) -> None:
        """North is there; south has come."""
        self.nodes: dict[str, IBackend] = {}
        super().setUp()
        self.south, self.south_heard, _ = self.start("south")

    def start(
        self, node: str = "north", present: Sequence[Event] = (), takes_over: bool = False, settings: str = ""
    ) -> tuple[IBackend, Recorder, StartState]:
        """A node, which L{backend_of} knows by its name."""
        started = super().start(node, present, takes_over, settings)
        self.nodes[node] = started[0]
        return started

    def backend_of(self, node: str) -> IBackend:
        """The one that was started last by this name."""
        return self.nodes[node]

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

    def test_node_without_readers_hears_everything(self) -> None:
        """Where nobody reads, events may come late; hastened or not, each comes once and in order."""
        self.south_heard.readers = False
        for number in range(5):
            self.keep(said(str(number)))
            if number % 2:
                self.south.hasten()
        self.settle()
        self.assertEqual(self.listener.events, self.south_heard.events)
        self.assertEqual(5, len(self.south_heard.events))

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
        """One other is told, once, after all that it had said; no nickname is free before its goodbye is kept."""
        self.start("east")
        self.done(self.south.claim("bob", "guest"))
        self.done(self.south.claim("carol", "account"))
        self.done(self.backend.claim("carol", "account"))
        self.done(self.south.keep([Arrived(NOON, "", "bob", node="south"), said("last words")]))
        self.kill("south")
        self.settle()
        self.assertEqual(["last words"], [event.text for event in self.listener.events if isinstance(event, Said)])
        self.assertEqual(["south"], self.listener.nodes_lost)
        self.assertEqual([], self.south_heard.nodes_lost)
        self.assertFalse(self.done(self.backend.claim("bob", "other")))
        self.keep(Departed(NOON, "", "bob", node="south"))
        self.assertFalse(self.done(self.backend.claim("bob", "other")))
        self.done(self.backend.release_lost("south", ["bob", "carol"]))
        self.assertTrue(self.done(self.backend.claim("bob", "other")))
        self.assertFalse(self.done(self.backend.claim("carol", "other")))

    def test_burial_that_ends_frees_every_name(self) -> None:
        """Also one that was claimed and whose owner was not on line yet. Done again, it does no harm."""
        self.done(self.south.claim("bob", "guest"))
        self.kill("south")
        self.settle()
        for _ in range(2):
            self.done(self.backend.release_lost("south"))
        self.assertTrue(self.done(self.backend.claim("bob", "other")))

    def test_what_a_living_node_holds_is_not_released_for_a_lost_one(self) -> None:
        """Only what the lost node had claimed is given up, and only of a node that is lost."""
        self.done(self.south.claim("bob", "guest"))
        self.done(self.backend.release_lost("south", ["bob"]))
        self.done(self.backend.release_lost("south"))
        self.assertFalse(self.done(self.backend.claim("bob", "other")))

    def test_what_a_lost_node_holds_is_released_by_the_node_that_was_told(self) -> None:
        """Another that asks for it late, after an earlier loss of a node of that name, does not free the nicknames."""
        self.start("east")
        self.done(self.south.claim("bob", "guest"))
        self.kill("south")
        self.settle()
        self.assertEqual(["south"], self.listener.nodes_lost)
        east = self.backend_of("east")
        self.done(east.release_lost("south", ["bob"]))
        self.done(east.release_lost("south"))
        self.assertFalse(self.done(self.backend.claim("bob", "other")))
        self.done(self.backend.release_lost("south"))
        self.assertTrue(self.done(self.backend.claim("bob", "other")))

    def test_burial_goes_on_where_the_node_that_was_told_dies(self) -> None:
        """Another one is told of both, and the nicknames of both are held until it has said goodbye."""
        _, east_heard, _ = self.start("east")
        self.done(self.south.claim("bob", "guest"))
        self.done(self.backend.claim("alice", "guest"))
        self.kill("south")
        self.settle()
        self.kill("north")
        self.settle()
        self.assertEqual({"south", "north"}, set(east_heard.nodes_lost))
        self.assertEqual(2, len(east_heard.nodes_lost))
        east = self.backend_of("east")
        self.assertFalse(self.done(east.claim("bob", "other")))
        self.assertFalse(self.done(east.claim("alice", "other")))
        self.done(east.release_lost("south"))
        self.assertTrue(self.done(east.claim("bob", "other")))
        self.assertFalse(self.done(east.claim("alice", "other")))

    def test_burial_goes_on_where_the_node_that_was_told_stops(self) -> None:
        """It may stop before it has said all goodbyes."""
        _, east_heard, _ = self.start("east")
        self.kill("south")
        self.settle()
        self.done(self.backend.stop())
        self.settle()
        self.assertEqual(["south"], east_heard.nodes_lost)

    def test_ended_burial_is_nobodys_any_more(self) -> None:
        """Should the node that did it die later, nobody is told of the one before again."""
        _, east_heard, _ = self.start("east")
        self.kill("south")
        self.settle()
        self.done(self.backend.release_lost("south"))
        self.kill("north")
        self.settle()
        self.assertEqual(["north"], east_heard.nodes_lost)

    def test_lost_node_is_told_so(self) -> None:
        """Should it still be running, it learns it once, at the latest when it wants something kept."""
        self.kill("south")
        for _ in range(2):
            self.refused(self.south.keep([said()]), NotKept)
        self.settle()
        self.assertEqual(1, len(self.south_heard.evictions))
        self.assertEqual([], self.listener.evictions)

    # Handing over.

    def hand_south_over(self) -> StartState:
        """Another process goes on as south."""
        present = self.done(self.south.present())
        self.done(self.south.stop(handing_over=True))
        self.south, self.south_heard, snapshot = self.start("south", present, takes_over=True)
        return snapshot

    def test_hand_over_keeps_names(self) -> None:
        """Nobody else can take a nickname between the one process and the next."""
        self.done(self.south.claim("bob", "guest"))
        self.done(self.south.stop(handing_over=True))
        self.assertFalse(self.done(self.backend.claim("bob", "other")))
        self.south, self.south_heard, _ = self.start("south", takes_over=True)
        self.assertFalse(self.done(self.backend.claim("bob", "other")))
        self.assertEqual([], list(self.done(self.south.claim_all({"bob": ("guest", 1)}))))
        self.assertTrue(self.done(self.south.release("bob", "guest")))
        self.settle()
        self.assertEqual([], self.listener.nodes_lost)

    def test_claims_after_a_hand_over_leave_those_of_others_alone(self) -> None:
        """A nickname that another node holds is not taken from it, and the caller learns which."""
        self.done(self.backend.claim("alice", "guest"))
        self.done(self.backend.claim("carol", "account"))
        self.hand_south_over()
        claims = {"alice": ("other", 1), "bob": ("guest", 1), "carol": ("account", 1)}
        self.assertEqual(["alice"], list(self.done(self.south.claim_all(claims))))
        self.assertFalse(self.done(self.backend.release("carol", "account")))
        self.assertTrue(self.done(self.south.release("carol", "account")))

    def test_hand_over_adopts_own_people_only(self) -> None:
        """Who is on line through another node, and goes in the pause, is gone."""
        self.keep(created(), Arrived(NOON, "", "alice", node="north"), joined())
        self.done(self.south.keep([Arrived(NOON, "", "bob", node="south"), joined("bob")]))
        present = self.done(self.south.present())
        self.assertFalse([event for event in present if event.nick == "alice"])
        self.done(self.south.stop(handing_over=True))
        self.keep(left(), Departed(NOON, "", "alice", node="north"), left("bob"))
        self.south, self.south_heard, snapshot = self.start("south", present, takes_over=True)
        self.assertEqual([("bob", "arrived")], [(e.nick, e.kind) for e in snapshot.events if e.kind != "room-created"])

    def test_hand_over_misses_nothing(self) -> None:
        """What others keep in the pause is given to the process that takes over, and not told to it besides."""
        self.keep(created(), said("before"))
        self.done(self.south.stop(handing_over=True))
        self.keep(said("meanwhile"), Whispered(NOON, "", "alice", to="bob", text="psst"))
        self.south, self.south_heard, snapshot = self.start("south", takes_over=True)
        self.keep(said("after"))
        self.settle()
        self.assertEqual(["meanwhile", "psst"], [getattr(event, "text", "") for event in snapshot.missed])
        self.assertEqual(3, snapshot.missed[0].seq if isinstance(snapshot.missed[0], Said) else 0)
        self.assertEqual({"lobby": 3}, dict(snapshot.last))
        self.assertEqual(["after"], [event.text for event in self.south_heard.events if isinstance(event, Said)])

    def test_second_hand_over(self) -> None:
        """What was missed in the pause of the first is not missed again, nor is what was told between both."""
        self.done(self.south.stop(handing_over=True))
        self.keep(said("in the first pause"))
        self.south, self.south_heard, first = self.start("south", takes_over=True)
        self.keep(said("between"))
        self.settle()
        self.done(self.south.stop(handing_over=True))
        self.keep(said("in the second pause"))
        self.south, _, second = self.start("south", takes_over=True)
        self.assertEqual(["in the first pause"], [getattr(event, "text", "") for event in first.missed])
        self.assertEqual(["between"], [getattr(event, "text", "") for event in self.south_heard.events])
        self.assertEqual(["in the second pause"], [getattr(event, "text", "") for event in second.missed])

    def test_hand_over_that_is_taken_back(self) -> None:
        """The successor has failed: the former process goes on, misses nothing, and the successor is out."""
        former, south = self.south, self.make_backend()
        self.done(former.stop(handing_over=True))
        self.keep(said("one"))
        heard = Recorder()
        self.done(south.start("south", heard, takes_over=True))
        self.keep(said("two"))
        snapshot = self.done(former.start("south", self.south_heard, takes_over=True))
        self.assertEqual(["one", "two"], [getattr(event, "text", "") for event in snapshot.missed])
        self.refused(south.keep([said("three")]), NotKept)
        self.settle()
        self.assertEqual(1, len(heard.evictions))
        self.assertEqual([], self.south_heard.evictions)
        self.done(former.keep([said("four")]))
        self.done(south.stop())
        self.assertEqual([1, 2, 3], self.numbers())

    def test_hand_over_that_nobody_takes(self) -> None:
        """The node is lost after a while, as any other."""
        self.done(self.south.claim("bob", "guest"))
        self.done(self.south.stop(handing_over=True))
        self.kill("south")
        self.settle()
        self.assertEqual(["south"], self.listener.nodes_lost)
        self.assertFalse(self.done(self.backend.claim("bob", "other")))
        sentence = self.refused(self.make_backend().start("south", Recorder(), takes_over=True), Refused)
        self.assertIn("south", sentence)

    # What nodes know of each other.

    def test_nodes_and_their_settings(self) -> None:
        """One that starts learns which others are alive, and what each has said of its settings."""
        self.start("east", settings='{"text_length": 9}')
        self.done(self.south.stop())
        _, _, snapshot = self.start("west")
        self.assertEqual({"north": "", "east": '{"text_length": 9}'}, dict(snapshot.nodes))
        self.assertEqual({}, dict(self.snapshot.nodes))

    def test_one_is_elected(self) -> None:
        """One node of all, and another one when it is gone."""
        nodes = {"north": self.backend, "south": self.south, "east": self.start("east")[0]}
        (elected,) = [name for name, node in nodes.items() if self.done(node.is_elected())]
        self.kill(elected)
        self.settle()
        del nodes[elected]
        self.assertEqual(1, sum(self.done(node.is_elected()) for node in nodes.values()))

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
