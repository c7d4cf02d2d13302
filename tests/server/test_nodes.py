"""
Nodes that start, die, hand over and are cut off, while others talk: nobody loses a nickname, a room or a line.

All is asked of the backend in memory, which carries everything as text as one over a network would, and of PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.refusals import EVICTED
from chatroom.control.control import Control
from chatroom.errors import NotKept
from chatroom.events import (
    KINDS_VERSION,
    SERVER,
    Arrived,
    Departed,
    Event,
    Joined,
    Left,
    Role,
    RoomClosed,
    RoomCreated,
    RoomEvent,
    Said,
    ServerRole,
    TopicSet,
    UnknownKind,
)
from chatroom.limits import Limits
from chatroom.records import Token
from chatroom.server import burial
from chatroom.server.batching import OLDER
from chatroom.testing import FakeTransport, Guest, Server
from tests.server.clusters import OnPostgres, SeveralNodes, in_memory_alone
from tests.server.planted import replaced

PASSWORD = "correct horse battery"


class NodesTestCase(SeveralNodes):
    """North and south; more may come."""

    def setUp(self) -> None:
        """Nobody is on line yet."""
        self.told: list[str] = []
        observer = cast(ILogObserver, lambda event: self.told.append(formatEvent(event)))
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        super().setUp()
        self.north, self.south = self.node("north"), self.node("south")

    def node(self, name: str, **how: Any) -> Server:
        """One more daemon."""
        return self.cluster.opened(name, **how)

    def done(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """What it comes to, at once."""
        return self.successResultOf(Deferred.fromCoroutine(coroutine))

    def hold(self, server: Server, holding: bool = True) -> None:
        """Let what other nodes keep wait before it reaches this one, or let it through."""
        self.cluster.holds(server.node, holding)
        server.settle()

    def login(self, server: Server, nick: str) -> Guest:
        """Somebody with an account comes through this node, and has read all there was."""
        guest = server.connection()
        guest.types(nick, PASSWORD)
        guest.reads()
        return guest

    def logged(self, word: str) -> list[str]:
        """What the log says with this word in it."""
        return [line for line in self.told if word in line]

    def kept(self, server: Server, room: str) -> list[RoomEvent]:
        """All that this node finds in the history of a room."""
        return list(self.done(server.backend.history(room, after=0, before=None, limit=1000, talk=False)))

    def token(self, server: Server) -> Token:
        """The only session of alice."""
        (token,) = self.done(server.backend.tokens("alice"))
        assert isinstance(token, Token)
        return token

    def rooms(self, server: Server) -> dict[str, Any]:
        """Rooms as this node knows them."""
        return dict(server.services.chat.state.rooms)


class StartTests(NodesTestCase):
    """A node that starts changes nothing for those who are here."""

    def half_make(self, server: Server, meanwhile: Callable[[], object]) -> Guest:
        """Alice makes a room; this happens when it is made and she has not joined it yet."""
        alice = server.account("alice")
        alice.reads()

        def heard(events: Sequence[Event]) -> None:
            if any(isinstance(event, RoomCreated) and event.room == "attic" for event in events):
                self.assertEqual({}, self.rooms(server)["attic"].members)
                meanwhile()

        server.hub.watch(heard)
        alice.types("/create attic keep")
        return alice

    def assert_made(self, alice: Guest, *servers: Server) -> None:
        """The room is as its maker wished it, on all nodes, and was never closed."""
        self.assertIn("attic", " ".join(alice.reads()))
        for server in servers:
            room = self.rooms(server)["attic"]
            self.assertEqual(({"alice"}, {"alice": Role.OWNER}, True), (set(room.members), room.roles, room.keep))
        kinds = [event.kind for event in self.kept(servers[-1], "attic")]
        self.assertEqual(["room-created", "role", "joined"], kinds)

    def test_room_that_is_being_made_stays(self) -> None:
        """A node that starts between a room's making and its maker's joining leaves the room alone."""
        started: list[Server] = []
        alice = self.half_make(self.north, lambda: started.append(self.node("east")))
        self.assert_made(alice, self.north, self.south, *started)

    def test_room_whose_maker_is_lost_is_closed(self) -> None:
        """Nobody would ever join it, and it has no owner."""
        self.half_make(self.north, lambda: self.cluster.dies("north"))
        self.south.settle()
        self.assertNotIn("attic", self.rooms(self.south))
        self.assertNotIn("attic", self.rooms(self.node("east")))

    def test_room_that_is_being_made_outlives_the_loss_of_another_node(self) -> None:
        """Only rooms that the lost node was making are closed with it."""
        self.north.guest("bob")
        alice = self.half_make(self.south, lambda: self.cluster.dies("north"))
        self.assert_made(alice, self.south, self.node("east"))

    def test_first_node_closes_what_was_half_made(self) -> None:
        """After a crash of all nodes nobody is making anything."""
        self.cluster.dies("south")
        self.half_make(self.north, lambda: self.cluster.dies("north"))
        self.assertNotIn("attic", self.rooms(self.node("east")))

    def test_sessions_of_people_on_other_nodes_go_on(self) -> None:
        """A session that nobody asked to keep ends with its connections, and not with the start of another node."""
        self.north.account("alice")
        self.node("east")
        self.cluster.clock.advance(Limits().session_grace + 60)
        self.assertGreater(self.token(self.north).expires, self.north.now())

    def test_sessions_of_a_lost_node_end(self) -> None:
        """Nobody is connected by them any more, so they are as short as after any lost connection."""
        self.north.account("alice")
        self.cluster.dies("north")
        self.south.settle()
        self.assertLessEqual(self.token(self.south).expires, self.south.now() + Limits().session_grace)

    def test_database_fails_when_sessions_of_a_lost_node_end(self) -> None:
        """Their end is tried again, and the burial ends: otherwise its nicknames would be nobody's for long."""
        self.north.account("alice")
        for name in ("tokens", "shorten_tokens"):
            self.fail_once(self.south.services.backend, name)
        self.cluster.dies("north")
        self.south.wait(5)
        self.assertLessEqual(self.token(self.south).expires, self.south.now() + Limits().session_grace)
        self.assertEqual((set(), set()), (self.cluster.claims(), self.cluster.unburied()))

    def fail_once(self, backend: Any, name: str) -> None:
        """The first time that this is asked of a backend, there is no answer."""
        asked, failures = getattr(backend, name), [NotKept("The store does not answer.")]

        async def ask(*values: Any) -> Any:
            if failures:
                raise failures.pop()
            return await asked(*values)

        self.patch(backend, name, ask)

    def test_sessions_of_a_node_that_stops_end(self) -> None:
        """The node that is left does not start again, so the one that stops sees to it."""
        self.north.account("alice")
        self.north.stop()
        self.assertLessEqual(self.token(self.south).expires, self.south.now() + Limits().session_grace)

    def test_settings_that_differ_are_said_aloud(self) -> None:
        """The log names the other node and what differs; what is each node's own affair is not compared."""
        self.node("east", limits=Limits(text_length=500, connections=7))
        told = self.logged("settings")
        self.assertEqual(2, len(told), told)
        self.assertIn("differ from those of north: --text-length is 500 here, 2000 there.", told[0])


class ClosedRoomTests(NodesTestCase):
    """A room that one node closes while people of another act in it: it is closed, and nothing brings it back."""

    def setUp(self) -> None:
        """Alice, in the north, is the only member of the den; bob and the moderator carol are in the south."""
        super().setUp()
        self.alice = self.north.account("alice")
        self.alice.types("/create den")
        self.bob, self.carol = self.south.guest("bob"), self.south.staff("carol", ServerRole.MODERATOR)

    def crossing(self, guest: Guest, line: str) -> list[str]:
        """What they read who type this before their node has heard that the den was closed."""
        self.hold(self.south)
        self.alice.types("/leave den")
        guest.reads()
        guest.types(line)
        self.hold(self.south, False)
        return guest.reads()

    def assert_gone(self) -> None:
        """No node knows the den, and nothing of it is kept."""
        east = self.node("east")
        for server in (self.north, self.south, east):
            self.assertNotIn("den", self.rooms(server))
        self.assertEqual([], self.kept(east, "den"))
        east.stop()

    def test_join(self) -> None:
        """Who joins it reads so, stays in the current room, and can create the room as its owner."""
        told = self.crossing(self.bob, "/join den")
        self.assertIn("! den has just been closed. /create den creates it again. You are still in lobby.", told)
        self.assert_gone()
        self.bob.types("/create den")
        den = self.rooms(self.north)["den"]
        self.assertEqual(({"bob"}, {"bob": Role.OWNER}), (set(den.members), den.roles))

    def test_what_a_moderator_does_there(self) -> None:
        """A ban, a lock, a topic or an invitation does not bring it back as a room without members."""
        for line in ("/ban mallory", "/lock", "/topic ours", "/invite bob", "/mute bob", "/slow 5", "/private"):
            with self.subTest(line=line):
                self.carol.types("/look den")
                self.crossing(self.carol, line)
                self.assert_gone()
                self.alice.types("/create den")

    def test_half_made(self) -> None:
        """Who creates a room that another node closes before they are in it does not own a room that nobody made."""
        self.hold(self.north)
        self.hold(self.south)
        closed: list[object] = []

        def heard(events: Sequence[Event]) -> None:
            if not closed and any(isinstance(event, RoomCreated) and event.room == "attic" for event in events):
                closing = RoomClosed(self.north.now(), "attic", "chatroom")
                closed.append(self.done(self.north.backend.keep([closing])))

        self.south.hub.watch(heard)
        self.bob.types("/create attic")
        self.assertEqual([[True]], closed)
        self.hold(self.north, False)
        self.hold(self.south, False)
        self.assertIn("attic has just been closed", self.bob.reads()[-1])
        self.assertNotIn("attic", self.rooms(self.south))
        self.assertNotIn("attic", self.rooms(self.node("east")))


class OnlyOwnerTests(NodesTestCase):
    """A room that has owners keeps one."""

    def test_two_owners_give_up(self) -> None:
        """They do so on two nodes at once: the later one reads why, and stays owner."""
        alice, bob = self.north.account("alice"), self.south.account("bob")
        alice.types("/create den")
        bob.types("/join den")
        alice.types("/op bob owner")
        alice.reads(), bob.reads()
        self.hold(self.south)
        alice.types("/deop alice")
        bob.types("/deop bob")
        self.hold(self.south, False)
        self.north.settle()
        self.assertIn("! You are the only owner of den now. Make somebody else owner first.", bob.reads())
        for server in (self.north, self.south, self.node("east")):
            self.assertEqual({"bob": Role.OWNER}, self.rooms(server)["den"].roles)


class NameTests(NodesTestCase):
    """A nickname of a lost node is nobody else's before the goodbye."""

    def test_stranger_does_not_inherit(self) -> None:
        """Whoever asks for the nickname before the goodbye is kept is refused, and owns nothing after it."""
        alice = self.north.guest("alice")
        alice.types("/create den")
        self.south.guest("bob").types("/join den")
        self.hold(self.south)
        self.cluster.dies("north")
        stranger = self.south.connection()
        stranger.types("alice")
        self.assertTrue(any("already taken" in line for line in stranger.reads()))
        self.hold(self.south, False)
        stranger.types("alice")
        self.assertTrue(any("Registration successful" in line for line in stranger.reads()))
        for server in (self.south, self.node("east")):
            den, alice_now = self.rooms(server)["den"], server.services.chat.state.people["alice"]
            self.assertEqual(({"bob"}, {}), (set(den.members), den.roles))
            self.assertEqual({"lobby"}, set(alice_now.rooms))

    def test_third_node_does_not_give_it_away(self) -> None:
        """The node that was told has not begun: no other node lets a stranger have the name either."""
        self.north.guest("alice").types("/create den")
        east = self.node("east")
        self.hold(self.south)
        self.cluster.dies("north")
        stranger = east.connection()
        stranger.types("alice")
        self.assertTrue(any("already taken" in line for line in stranger.reads()))
        self.hold(self.south, False)
        stranger.types("alice")
        self.assertTrue(any("Registration successful" in line for line in stranger.reads()))

    def test_goodbye_crosses_with_the_join_of_a_room_on_another_node(self) -> None:
        """Carl is back before the goodbye is said, which takes him out of den while he looks at it: he joins again."""
        bob, east = self.south.guest("bob"), self.node("east")
        bob.types("/create den")
        self.north.account("carl").types("/join den")
        carl = self.login(east, "carl")
        history, waits = east.backend.history, Deferred[None]()

        async def look(*room: Any, **how: Any) -> Any:
            await waits
            return await history(*room, **how)

        self.patch(east.backend, "history", look)
        carl.types("/join den")
        now = self.south.now()
        goodbye: list[Event] = [Departed(now, SERVER, "carl", node="north", last=True)]
        goodbye += [Left(now, room, "carl", reason=burial.REASON, gone=True) for room in ("den", "lobby")]
        self.done(self.south.backend.keep(goodbye))  # as one says it who has not heard that carl is back
        waits.callback(None)
        east.settle()
        read = carl.reads()
        self.assertFalse([line for line in read if line.startswith("!")], read)
        self.assertTrue(any(line.startswith("You are in den") for line in read), read)
        carl.types("hello")
        self.assertIn("<carl> hello", bob.reads())

    def test_line_is_said_between_a_goodbye_and_the_join_that_follows_it(self) -> None:
        """Carl was back before the goodbye and heard the room all the time: he reads the line, told with both."""
        self.south.guest("bob")
        self.north.account("carl")
        east = self.node("east")
        carl, now = self.login(east, "carl"), self.south.now()
        told = [
            Departed(now, SERVER, "carl", node="north", last=True),
            Left(now, "lobby", "carl", reason=burial.REASON, gone=True),
            Said(now, "lobby", "bob", text="between"),
            Joined(now, "lobby", "carl"),
        ]
        self.done(self.south.backend.keep(told))
        east.settle()
        self.assertEqual(1, carl.reads().count("<bob> between"))

    def test_goodbye_that_cannot_be_kept_is_said_later(self) -> None:
        """Until then the nickname is taken."""
        self.north.guest("alice")
        bob = self.south.guest("bob")
        self.cluster.fails(True)
        self.cluster.dies("north")
        self.south.settle()
        self.cluster.fails(False)
        stranger = self.south.connection()
        stranger.types("alice")
        self.assertTrue(any("already taken" in line for line in stranger.reads()))
        bob.reads()
        self.south.wait(2)
        self.assertEqual(1, sum("alice left the chat" in line for line in bob.reads()))
        stranger.types("alice")
        self.assertTrue(any("Registration successful" in line for line in stranger.reads()))

    def test_executor_dies(self) -> None:
        """The node that was told dies as well: a third one says all goodbyes, each of them once."""
        self.north.guest("alice"), self.south.guest("bob")
        east = self.node("east")
        carl = east.guest("carl")
        self.hold(self.south)
        self.cluster.dies("north")
        self.cluster.dies("south")
        carl.reads()
        east.settle()
        read = carl.reads()
        self.assertEqual(1, sum("alice left the chat" in line for line in read), read)
        self.assertEqual(1, sum("bob left the chat" in line for line in read), read)
        self.assertEqual({"carl"}, self.cluster.claims())
        self.assertEqual(set(), self.cluster.unburied())

    def test_executor_dies_between_two_goodbyes(self) -> None:
        """
        It has said some goodbyes and not the others: each is said once, and nobody has a nickname before that, nor
        what belonged to it.
        """
        self.patch(burial, "AT_ONCE", 2)
        for number in range(5):
            self.north.guest(f"guest{number}", f"192.0.2.{number}").types(f"/create den{number}")
        bob, east = self.south.guest("bob"), self.node("east")
        carl = east.guest("carl")
        self.hold(east)
        self.cluster.dies("north")
        self.south.settle()
        self.assertEqual(2, sum("left the chat" in line for line in bob.reads()))
        self.cluster.dies("south")
        stranger = east.connection()
        for name in ("guest4", "bob"):
            stranger.types(name)
            self.assertTrue(any("already taken" in line for line in stranger.reads()))
        self.hold(east, False)
        east.wait(2)
        gone = [line.split()[1] for line in carl.reads() if "left the chat" in line]
        self.assertEqual(["bob", *(f"guest{number}" for number in range(5))], sorted(gone))
        self.assertEqual(({"carl"}, set()), (self.cluster.claims(), self.cluster.unburied()))
        stranger.types("guest4")
        self.assertTrue(any("Registration successful" in line for line in stranger.reads()))
        self.assertEqual({"lobby"}, set(east.services.chat.state.people["guest4"].rooms))
        self.assertEqual({"lobby"}, set(self.rooms(east)))

    def test_guest_never_merges(self) -> None:
        """Should two guests of one name be told of, the later one has neither rooms nor roles of the other."""
        alice = self.north.guest("alice")
        alice.types("/create den")
        state = self.south.services.chat.state
        state.apply(Arrived(self.south.now(), SERVER, "alice", node="east", visit="~other"))
        self.assertEqual((set(), {"east"}), (set(state.people["alice"].rooms), state.people["alice"].nodes))
        self.assertEqual(({}, {}), (state.rooms["den"].members, state.rooms["den"].roles))

    def test_many_goodbyes_come_in_pieces(self) -> None:
        """A node with many people is buried a hundred at a time, and people talk between the pieces."""
        self.patch(burial, "AT_ONCE", 3)
        for number in range(7):
            self.north.guest(f"guest{number}", f"192.0.2.{number}")
        bob = self.south.guest("bob")
        self.cluster.dies("north")
        self.south.settle()
        self.assertEqual(3, sum("left the chat" in line for line in bob.reads()))
        bob.types("hello")
        self.assertFalse([line for line in bob.reads() if line.startswith("! ")])
        self.south.wait(1)
        self.assertEqual(4, sum("left the chat" in line for line in bob.reads()))
        self.assertEqual({"bob"}, self.cluster.claims())


class EvictionTests(NodesTestCase):
    """A node that the others have taken for lost, and that is there all the same."""

    def test_evicted(self) -> None:
        """Its people read why they are out, what was said in it is refused, and the process is told to end, once."""
        ended: list[int] = []
        self.north.hub.at_eviction = lambda: ended.append(1)
        alice, carl = self.north.guest("alice"), self.north.guest("carl")
        bob = self.south.guest("bob")
        self.cluster.is_lost("north")
        self.south.settle()
        bob.reads(), alice.reads()
        alice.types("are you there?")
        self.assertEqual([], bob.reads())
        self.assertTrue(any(EVICTED in line for line in alice.reads()))
        self.assertTrue(any(EVICTED in line for line in carl.reads()))
        self.assertTrue(alice.is_disconnected() and carl.is_disconnected())
        self.north.wait(60)
        self.assertEqual([1], ended)
        self.north.stop()
        self.assertEqual({"bob"}, set(self.south.services.chat.state.people))


class HandOverTests(NodesTestCase):
    """One process of the north hands over to the next, while the south goes on."""

    def test_misses_nothing(self) -> None:
        """What was said in the pause is read after it, in order, and whispers too."""
        alice, bob = self.north.guest("alice"), self.south.guest("bob")
        alice.reads()
        state = self.suspend(alice)
        bob.types("one", "two", "@alice psst")
        self.go_on(alice, state)
        bob.types("three")
        self.assertEqual(["<bob> one", "<bob> two", "[bob whispers] psst", "<bob> three"], alice.reads())

    def test_kick_in_the_pause(self) -> None:
        """Who was sent out of a room meanwhile is out, and reads it."""
        bob = self.south.guest("bob")
        bob.types("/create den")
        alice = self.north.guest("alice")
        alice.types("/join den")
        alice.reads()
        state = self.suspend(alice)
        bob.types("/kick alice")
        self.go_on(alice, state)
        self.assertTrue(any("kicked you from den" in line for line in alice.reads()))
        bob.types("secret")
        self.assertEqual([], alice.reads())

    def test_nickname_is_kept(self) -> None:
        """Nobody else takes it in the pause, and it is free when its owner is gone after it."""
        alice, bob = self.north.guest("alice"), self.south.guest("bob")
        state = self.suspend(alice)
        stranger = self.south.connection()
        stranger.types("alice")
        self.assertTrue(any("already taken" in line for line in stranger.reads()))
        bob.reads()
        self.go_on(alice, state)
        self.assertEqual([], bob.reads())
        alice.types("/quit")
        stranger.types("alice")
        self.assertTrue(any("Registration successful" in line for line in stranger.reads()))
        self.assertEqual({"alice", "bob"}, self.cluster.claims())

    def test_those_who_were_not_handed_over(self) -> None:
        """Guests are gone, accounts after a while, and their nicknames with them."""
        alice = self.north.guest("alice")
        self.north.guest("dora"), self.north.account("carl")
        bob = self.south.guest("bob")
        state = self.suspend(alice)
        self.go_on(alice, state)
        self.assertEqual(1, sum("dora left the chat" in line for line in bob.reads()))
        self.assertEqual({"alice", "bob", "carl"}, self.cluster.claims())
        self.north.wait(60)
        self.assertEqual(1, sum("carl left the chat" in line for line in bob.reads()))
        self.assertEqual({"alice", "bob"}, self.cluster.claims())

    def test_account_that_comes_back(self) -> None:
        """It comes back by itself within the time it has, and its nickname is free when it goes for good."""
        self.north.account("carl")
        bob = self.south.guest("bob")
        self.go_on(None, self.suspend(None))
        carl = self.login(self.north, "carl")
        self.north.wait(60)
        self.assertEqual([], bob.reads())
        carl.disconnects()
        self.assertEqual({"bob"}, self.cluster.claims())

    def test_stopped_before_an_account_has_come_back(self) -> None:
        """The daemon says goodbye for those who still may come back when it stops: nobody else would."""
        self.north.account("carl")
        bob = self.south.guest("bob")
        self.go_on(None, self.suspend(None))
        self.north.stop()
        self.south.settle()
        self.assertEqual(1, sum("carl left the chat" in line for line in bob.reads()))
        self.assertEqual({"bob"}, set(self.south.services.chat.state.people))
        self.assertEqual({"bob"}, self.cluster.claims())

    def test_evicted_before_an_account_has_come_back(self) -> None:
        """The others say goodbye for them, once."""
        self.north.account("carl")
        bob = self.south.guest("bob")
        self.go_on(None, self.suspend(None))
        self.cluster.is_lost("north")
        self.north.wait(60)
        self.south.settle()
        self.assertEqual(1, sum("carl left the chat" in line for line in bob.reads()))
        self.assertEqual({"bob"}, self.cluster.claims())

    def test_account_that_comes_back_before_a_second_hand_over_is_taken_back(self) -> None:
        """It holds its nickname also after the time in which it had to come back."""
        self.north.account("carl")
        self.go_on(None, self.suspend(None))
        carl = self.login(self.north, "carl")
        self.done(self.north.hub.resume(self.done(self.north.hub.suspend())))
        self.north.wait(60)
        self.assertEqual({"carl"}, self.cluster.claims())
        carl.disconnects()
        self.assertEqual(set(), self.cluster.claims())

    def test_login_that_is_under_way_when_a_hand_over_is_taken_back(self) -> None:
        """It holds its nickname like the connection that its owner has besides, and lets go of it only once."""
        carl = self.north.account("carl")
        second, claim = self.north.connection(), self.north.backend.claim
        waits: Deferred[None] = Deferred()

        async def claim_and_wait(key: str, holder: str) -> bool:
            held = await claim(key, holder)
            await waits
            return held

        self.north.backend.claim = claim_and_wait  # type: ignore[method-assign]
        second.types("carl", PASSWORD)
        second.disconnects()
        resumed = Deferred.fromCoroutine(self.north.hub.resume(self.done(self.north.hub.suspend())))
        waits.callback(None)
        self.successResultOf(resumed)
        self.north.settle()
        self.assertEqual({"carl"}, self.cluster.claims())
        carl.disconnects()
        self.assertEqual(set(), self.cluster.claims())

    def test_database_fails_when_nicknames_are_claimed_again(self) -> None:
        """People who were handed over stay. The next process tries it again, and holds their nicknames then."""
        alice, bob = self.north.guest("alice"), self.south.guest("bob")
        state, tries = self.suspend(alice), [NotKept("The store does not answer.")] * 2

        def made(backend: Any) -> None:
            claim_all = backend.claim_all

            async def claim_later(claims: Any) -> Any:
                if tries:
                    raise tries.pop()
                return await claim_all(claims)

            backend.claim_all = claim_later

        self.go_on(alice, state, made)
        alice.types("still here")
        self.assertEqual(["<alice> still here"], bob.reads())
        self.north.wait(5)
        self.assertEqual([], tries)
        self.assertEqual({"alice", "bob"}, self.cluster.claims())
        alice.types("/quit")
        self.assertEqual({"bob"}, self.cluster.claims())

    def test_taken_back(self) -> None:
        """Where there is no successor, the former process goes on and tells what was said meanwhile."""
        alice, bob = self.north.guest("alice"), self.south.guest("bob")
        alice.reads()
        present = self.done(self.north.hub.suspend())
        bob.types("one")
        dora = self.south.guest("dora")
        self.done(self.north.hub.resume(present))
        self.north.settle()
        bob.types("two")
        self.assertEqual(["<bob> one", "-- dora joined.", "<bob> two"], alice.reads())
        self.assertIn("dora", self.north.services.chat.state.people)
        dora.disconnects()
        alice.disconnects()
        self.assertEqual({"bob"}, self.cluster.claims())

    def suspend(self, guest: Guest | None) -> Any:
        """The former process lets go."""
        self.north.doorkeeper.freeze()
        self.north.settle()
        present = self.done(self.north.hub.suspend())
        return present, guest and guest.protocol.state(b"")

    def go_on(self, guest: Guest | None, handed: Any, made: Callable[[Any], object] = lambda backend: None) -> None:
        """
        The next one goes on with this guest, and all others are lost.

        @param made: called with its backend before it claims nicknames.
        """
        present, state = handed
        self.north = self.node("north", present=present, takes_over=True)
        made(self.north.services.backend)
        if guest is not None:
            guest.protocol.conversation.hand_over()  # type: ignore[union-attr]
            guest.server, guest.protocol = self.north, self.north.factory.again(state)
            guest.transport = FakeTransport("127.0.0.1", guest.protocol)
            guest.protocol.makeConnection(guest.transport)
            guest.protocol.go_on()
        self.north.hub.welcome_back(30.0)
        self.north.settle()


class NewerTests(NodesTestCase):
    """A node of a newer version is beside this one."""

    def test_unknown_kind(self) -> None:
        """It counts in its room's order and is told to nobody; the log names it once."""
        bob = self.south.guest("bob")
        bob.reads()
        last = self.rooms(self.south)["lobby"].last
        self.south.hub.heard(
            [UnknownKind(0.0, "lobby", "alice", last + 1, name="poll"), UnknownKind(0.0, "", "x", name="poll")]
        )
        self.assertEqual(last + 1, self.rooms(self.south)["lobby"].last)
        self.assertEqual([], bob.reads())
        self.assertEqual(1, len(self.logged("newer version")))

    def test_new_kind_waits_for_the_oldest_node(self) -> None:
        """
        What needs a kind that another node does not know is refused, and all else goes on. It is possible as soon as
        the last node is upgraded.
        """
        self.cluster.looks_around()
        bob = self.south.guest("bob")
        bob.types("/create den")
        bob.reads()
        with replaced(TopicSet, "since", KINDS_VERSION + 1):
            self.cluster.knows("south", KINDS_VERSION + 1)
            self.south.settle()
            bob.types("/topic tea", "hello")
            self.assertEqual([f"! {OLDER}"], [line for line in bob.reads() if line.startswith("! ")])
            self.assertEqual("", self.rooms(self.north)["den"].topic)
            self.cluster.knows("north", KINDS_VERSION + 1)
            self.south.settle()
            bob.types("/topic tea")
            self.north.settle()
            self.assertEqual("tea", self.rooms(self.north)["den"].topic)

    def test_goodbye_of_a_new_kind_is_not_lost(self) -> None:
        """What has to happen waits until the last node is upgraded."""
        self.cluster.looks_around()
        alice = self.south.guest("alice")
        with replaced(Departed, "since", KINDS_VERSION + 1):
            self.cluster.knows("south", KINDS_VERSION + 1)
            alice.disconnects()
            self.assertIn("alice", self.north.services.chat.state.people)
            self.cluster.knows("north", KINDS_VERSION + 1)
            self.south.wait(2)
            self.north.settle()
            self.assertNotIn("alice", self.north.services.chat.state.people)


class AccountTests(NodesTestCase):
    """An account that is connected through both nodes is one person."""

    def setUp(self) -> None:
        """Alice is connected through both."""
        super().setUp()
        self.alice = self.north.account("alice")
        self.again = self.login(self.south, "alice")
        self.bob = self.south.guest("bob")
        self.alice.reads(), self.again.reads()

    def test_ignore_list(self) -> None:
        """Whom she ignores through one node she does not read through the other, from then on."""
        self.alice.types("/ignore bob")
        self.bob.types("hello")
        self.assertEqual([], self.again.reads())
        self.again.types("/unignore bob")
        self.alice.reads()
        self.bob.types("again")
        self.assertEqual(["<bob> again"], self.alice.reads())

    def test_zone(self) -> None:
        """The time zone that she sets through one node holds through the other."""
        self.alice.types("/zone Europe/Rome")
        self.assertEqual(["Europe/Rome"], [caller.zone for caller in self.south.connections.of("alice")])
        self.assertEqual([], self.again.reads())


class OrderTests(NodesTestCase):
    """What staff decide through one node is carried out on each."""

    def test_network_of_staff_on_another_node(self) -> None:
        """A ban of a network hits its people on the other node, but not staff there whose role is not lower."""
        boss = self.north.staff("boss", ServerRole.ADMIN, "192.0.2.1")
        chief = self.south.staff("chief", ServerRole.ADMIN, "198.51.100.1")
        helper = self.south.staff("helper", ServerRole.MODERATOR, "198.51.100.2")
        guest = self.south.guest("guest", "198.51.100.3")
        boss.types("/gban 198.51.100.0/24")
        self.south.settle()
        self.assertEqual([False, True, True], [each.is_disconnected() for each in (chief, helper, guest)])

    def test_erasing_a_person_on_another_node(self) -> None:
        """A guest on the other node is disconnected first, and then nothing is left of that person."""
        alice, bob = self.south.guest("alice"), self.north.guest("bob")
        alice.types("my secret")
        bob.reads()
        erasing = Deferred.fromCoroutine(
            Control(self.north.services, self.north.hub).do("erase", {"name": "alice"}, "")
        )
        self.north.wait(1)
        self.assertEqual(1, self.successResultOf(erasing)["lines"])
        self.assertTrue(alice.is_disconnected())
        self.assertEqual({"bob"}, self.cluster.claims())


class ActingTests(NodesTestCase):
    """A connection acts with the role of another account, which another node shows and may take away."""

    def setUp(self) -> None:
        """Alice has an account and is connected through both nodes; boss is an admin."""
        super().setUp()
        self.boss = self.south.staff("boss", ServerRole.ADMIN, "192.0.2.1")
        self.alice = self.north.account("alice", address="192.0.2.2")
        self.again = self.login(self.south, "alice")
        self.cluster.looks_around()

    def roles(self) -> list[ServerRole]:
        """What each node shows."""
        self.settle()
        return [node.services.chat.state.people["alice"].shown_staff for node in (self.north, self.south)]

    def settle(self) -> None:
        """All that was kept is known."""
        for _ in range(2):
            self.north.settle()
            self.south.settle()

    def acts(self, guest: Guest) -> None:
        """Somebody does it."""
        guest.types(f"/oper boss {PASSWORD}")
        self.assertIn("You act as boss, an admin of this server. /unoper ends it.", guest.reads())

    def test_each_node_has_its_own(self) -> None:
        """Others see the role for as long as a connection through any node has it; no other connection has it."""
        self.acts(self.alice)
        self.assertEqual([ServerRole.ADMIN] * 2, self.roles())
        self.again.types("/promote alice")
        self.assertIn("! Only server admins can use /promote. /staff lists them.", self.again.reads())
        self.acts(self.again)
        self.alice.types("/unoper")
        self.assertEqual([ServerRole.ADMIN] * 2, self.roles())
        self.again.disconnects()
        self.assertEqual([ServerRole.NONE] * 2, self.roles())

    def test_lost_node(self) -> None:
        """What a lost node lent is seen no longer, though the person is here through another one."""
        self.acts(self.alice)
        self.assertEqual([ServerRole.ADMIN] * 2, self.roles())
        self.cluster.dies("north")
        self.south.wait(1)
        self.south.settle()
        self.assertIs(ServerRole.NONE, self.south.services.chat.state.people["alice"].shown_staff)

    def test_new_password_through_another_node(self) -> None:
        """The person reads at once that it is over."""
        self.acts(self.alice)
        self.boss.types("/passwd", PASSWORD, "another long password", "another long password")
        self.settle()
        self.assertTrue([line for line in self.alice.reads() if line.endswith("You no longer act as boss.")])
        self.assertEqual([ServerRole.NONE] * 2, self.roles())

    def test_waits_for_the_oldest_node(self) -> None:
        """While another node does not know of it, nobody gets a role; and it is possible when that is upgraded."""
        self.cluster.knows("south", 1)
        self.north.settle()
        self.alice.types(f"/oper boss {PASSWORD}")
        self.assertIn(f"! {OLDER}", self.alice.reads())
        self.assertEqual([ServerRole.NONE] * 2, self.roles())
        self.alice.types("/promote alice")
        self.assertIn("! Only server admins can use /promote. /staff lists them.", self.alice.reads())
        self.cluster.knows("south", KINDS_VERSION)
        self.north.settle()
        self.acts(self.alice)


class ClockTests(NodesTestCase):
    """The clock of a node is compared with the one that all share."""

    BEHIND = "2.5 seconds behind"

    def test_clock_that_is_wrong(self) -> None:
        """The log says once that it is wrong, which way and by how much, and once that it is right again."""
        self.cluster.sets_clock("south", -2.5)
        self.south.wait(60)
        self.cluster.sets_clock("south", 0.1)
        self.south.wait(60)
        told = self.logged("clock")
        self.assertEqual(2, len(told), told)
        self.assertIn(self.BEHIND, told[0])
        self.assertIn("right again", told[1])


class UpkeepTests(NodesTestCase):
    """What has to be done once is done by one node."""

    def test_history_is_forgotten_once(self) -> None:
        """Of two nodes one forgets; when it is gone, the other does."""
        forgotten: list[str] = []
        for name, server in (("north", self.north), ("south", self.south)):
            self.patch(server.backend, "expire", self.expire(name, forgotten))
        self.north.wait(700)
        self.assertEqual(["north"], forgotten)
        self.cluster.dies("north")
        self.south.wait(700)
        self.assertEqual(["north", "south"], forgotten)

    def expire(self, name: str, forgotten: list[str]) -> Any:
        """A backend's C{expire} that says by which node it was asked."""

        async def expire(*_: Any) -> int:
            forgotten.append(name)
            return 0

        return expire


class PlacesTests(NodesTestCase):
    """Where somebody is connected, for staff."""

    def test_person_of_another_node(self) -> None:
        """A moderator reads through which node they are connected, because that node alone knows the address."""
        carol = self.north.staff("carol", ServerRole.MODERATOR)
        self.south.guest("bob", "192.0.2.7")
        carol.reads()
        carol.types("/info bob")
        self.assertIn("Connected through south, where /info shows the address.", carol.reads()[-1])
        dora = self.south.staff("dora", ServerRole.MODERATOR)
        dora.reads()
        dora.types("/info bob")
        (told,) = dora.reads()
        self.assertIn("From 192.0.2.7.", told)
        self.assertNotIn("Connected through", told)

    def test_for_staff_alone(self) -> None:
        """Nobody else reads of nodes."""
        alice = self.north.guest("alice")
        self.south.guest("bob")
        alice.reads()
        alice.types("/info bob")
        self.assertNotIn("south", " ".join(alice.reads()))


class SharedTriesTests(NodesTestCase):
    """Who guesses has no more tries by going from node to node."""

    def guesses(self, server: Server, times: int, address: str = "192.0.2.7") -> list[str]:
        """The last thing read after so many wrong passwords for alice."""
        guest = server.connection(address)
        guest.types("eve")
        guest.reads()
        for _ in range(times):
            guest.types("/login alice wrong password")
        return guest.reads()

    def test_wrong_passwords(self) -> None:
        """Two on the one node and three on the other are five."""
        self.north.account("alice").disconnects()
        self.assertIn("Wrong nickname", self.guesses(self.north, 2)[-1])
        self.south.settle()
        self.assertIn("Wrong nickname", self.guesses(self.south, 3, "192.0.2.7")[-1])
        self.north.settle()
        for server in (self.north, self.south):
            guest = server.connection("192.0.2.7")
            guest.types("/login alice wrong password")
            self.assertIn("Too many wrong passwords", guest.reads()[-1])

    def test_right_password(self) -> None:
        """It lets its owner start afresh on all nodes."""
        self.north.account("alice").disconnects()
        self.guesses(self.north, 4)
        alice = self.north.connection("192.0.2.7")
        alice.types("/login alice correct horse battery")
        alice.disconnects()
        self.south.settle()
        self.assertIn("Wrong nickname", self.guesses(self.south, 4)[-1])

    def test_new_accounts(self) -> None:
        """An address makes as many accounts on all nodes together as it may on one."""
        most = Limits().signups_per_address
        for number in range(int(most)):
            server = (self.north, self.south)[number % 2]
            guest = server.guest(f"guest{number}", "192.0.2.7")
            guest.types("/signup correct horse battery")
            server.settle()
        for server in (self.north, self.south):
            server.settle()
            guest = server.guest(f"one-more-{server.node}", "192.0.2.7")
            guest.types("/signup correct horse battery")
            self.assertIn("Too many new accounts", guest.reads()[-1])

    def test_nothing_of_it_can_be_read(self) -> None:
        """What passes between nodes has neither the name, which may be a password, nor the address."""
        heard: list[Event] = []
        self.south.hub.watch(heard.extend)
        guest = self.north.connection("192.0.2.7")
        guest.types("/login hunter2 wrong password")
        self.south.settle()
        tried = [event for event in heard if event.kind == "tried"]
        self.assertEqual(3, len(tried))
        for word in ("hunter2", "192.0.2.7"):
            self.assertNotIn(word, repr(tried))

    def test_alone(self) -> None:
        """A node that is alone tells nobody, and keeps nothing."""
        self.south.stop()
        self.cluster.looks_around()
        self.north.settle()
        heard: list[Event] = []
        self.north.hub.watch(heard.extend)
        self.guesses(self.north, 2)
        self.assertEqual([], [event for event in heard if event.kind == "tried"])


class StartOnPostgresTests(OnPostgres, StartTests):
    """A node that starts changes nothing for those who are here."""


class ClosedRoomOnPostgresTests(OnPostgres, ClosedRoomTests):
    """A room that one node closes while people of another act in it: it is closed, and nothing brings it back."""


class OnlyOwnerOnPostgresTests(OnPostgres, OnlyOwnerTests):
    """A room that has owners keeps one."""


class NameOnPostgresTests(OnPostgres, NameTests):
    """A nickname of a lost node is nobody else's before the goodbye."""


class EvictionOnPostgresTests(OnPostgres, EvictionTests):
    """A node that the others have taken for lost, and that is there all the same."""


class HandOverOnPostgresTests(OnPostgres, HandOverTests):
    """One process of the north hands over to the next, while the south goes on."""


class NewerOnPostgresTests(OnPostgres, NewerTests):
    """A node of a newer version is beside this one."""


class AccountOnPostgresTests(OnPostgres, AccountTests):
    """An account that is connected through both nodes is one person."""


class OrderOnPostgresTests(OnPostgres, OrderTests):
    """What staff decide through one node is carried out on each."""


class ActingOnPostgresTests(OnPostgres, ActingTests):
    """The same of PostgreSQL."""


class ClockOnPostgresTests(OnPostgres, ClockTests):
    """The clock of a node is compared with the one that all share."""

    BEHIND = "seconds behind"  # its clock goes on meanwhile


class UpkeepOnPostgresTests(OnPostgres, UpkeepTests):
    """What has to be done once is done by one node."""


class PlacesOnPostgresTests(OnPostgres, PlacesTests):
    """Where somebody is connected, for staff."""


class SharedTriesOnPostgresTests(OnPostgres, SharedTriesTests):
    """Who guesses has no more tries by going from node to node."""


class TwinsTests(SynchronousTestCase):
    """Nothing is asked of the backend in memory alone."""

    def test_every_case_has_a_twin(self) -> None:
        """Every case of this module runs on PostgreSQL too."""
        self.assertEqual([], in_memory_alone(globals()))
