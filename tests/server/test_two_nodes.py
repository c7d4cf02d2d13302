"""
Two daemons on one backend are one server: alice is connected to one of them, bob to the other, and neither can tell.

All is asked of the backend in memory, which carries everything as text as one over a network would, and of PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.errors import NotKept
from chatroom.events import SERVER, Arrived
from chatroom.server.session.arriving import HALF_WAY
from chatroom.testing import Guest, Server
from tests.server.clusters import OnPostgres, SeveralNodes, in_memory_alone

PASSWORD = "correct horse battery"


class TwoNodesTestCase(SeveralNodes):
    """Alice in the north, bob in the south, both in the lobby."""

    def setUp(self) -> None:
        """Everybody has read all there was."""
        super().setUp()
        self.north, self.south = self.node("north"), self.node("south")
        self.alice, self.bob = self.north.guest("alice"), self.south.guest("bob")
        self.alice.reads()

    def node(self, name: str) -> Server:
        """One more daemon."""
        return self.cluster.opened(name)

    def hold(self, *servers: Server) -> None:
        """Let what other nodes keep wait before it reaches these."""
        for server in servers:
            self.cluster.holds(server.node, True)

    def let_go(self, *servers: Server) -> None:
        """Let it through."""
        for server in servers:
            self.cluster.holds(server.node, False)
        for server in servers:
            server.settle()

    def login(self, server: Server, nick: str) -> Guest:
        """Somebody with an account comes in through this node, and has read all there was."""
        guest = server.connection()
        guest.types(nick, PASSWORD)
        came = guest.reads()
        self.assertTrue(any("You are in lobby" in line for line in came), came)
        return guest

    def assert_reads(self, guest: Guest, *endings: str) -> None:
        """So many lines, which end so."""
        lines = guest.reads()
        self.assertEqual(len(endings), len(lines), lines)
        for line, ending in zip(lines, endings, strict=True):
            self.assertTrue(line.endswith(ending), (line, ending))

    def assert_same_everywhere(self) -> None:
        """Both nodes hold the same for true."""
        north, south = (
            (
                {
                    key: (who.nick, who.account, who.nodes, who.away)
                    for key, who in server.services.chat.state.people.items()
                },
                {
                    name: (set(room.members), room.roles, room.last)
                    for name, room in server.services.chat.state.rooms.items()
                },
            )
            for server in (self.north, self.south)
        )
        self.assertEqual(north, south)


class TalkTests(TwoNodesTestCase):
    """What is said is read on both nodes."""

    def test_talk(self) -> None:
        """In the room, both ways, in one order, with one numbering."""
        self.alice.types("hello")
        self.bob.types("hi yourself", "/me waves")
        self.assert_reads(self.bob, "<alice> hello")
        self.assert_reads(self.alice, "<bob> hi yourself", "* bob waves")
        self.assertEqual(
            self.north.services.chat.state.rooms["lobby"].last, self.south.services.chat.state.rooms["lobby"].last
        )

    def test_whispers(self) -> None:
        """To one person, and an answer to it."""
        carl = self.south.guest("carl")
        self.alice.types("@bob psst")
        self.assert_reads(self.bob, "carl joined.", "[alice whispers] psst")
        self.assertEqual([], carl.reads())
        self.alice.reads()
        self.bob.types("/reply what?")
        self.assertIn("[bob whispers] what?", self.alice.reads())

    def test_whisper_to_an_absent_account_waits(self) -> None:
        """A whisper to an absent account waits, and is read through whichever node they come by."""
        self.north.account("carl", PASSWORD).disconnects()
        self.alice.types("@carl call me")
        carl = self.south.connection()
        carl.types("carl", PASSWORD, "/inbox")
        self.assertTrue(any("call me" in line for line in carl.reads()))

    def test_whisper_that_crosses_with_a_departure_waits(self) -> None:
        """The node that was left last puts it into the inbox, because the other cannot know."""
        carl = self.south.account("carl", PASSWORD)
        self.hold(self.south)
        self.alice.types("@carl are you there?")
        carl.transport.connectionLost()
        self.let_go(self.south)
        again = self.south.connection()
        again.types("carl", PASSWORD, "/inbox")
        self.assertTrue(any("are you there?" in line for line in again.reads()))

    def test_history_is_the_same(self) -> None:
        """What was said on one node can be read again on the other."""
        self.alice.types("remember this")
        self.bob.reads()
        self.bob.types("/history")
        self.assertTrue(any(line.endswith("<alice> remember this") for line in self.bob.reads()))


class PeopleTests(TwoNodesTestCase):
    """Who is here is here for both."""

    def test_who(self) -> None:
        """Everybody is listed, whatever node they came by."""
        self.alice.types("/who")
        self.assert_reads(self.alice, "alice (guest), bob (guest)")
        self.bob.types("/who *")
        self.assert_reads(self.bob, "alice (guest), bob (guest)")

    def test_comings_and_goings(self) -> None:
        """They are told across."""
        carl = self.north.guest("carl")
        self.assert_reads(self.bob, "carl joined.")
        carl.types("/quit so long")
        self.assert_reads(self.bob, "carl left the chat: so long")
        self.assert_same_everywhere()

    def test_names_are_watched_on_both(self) -> None:
        """Who watches nicknames in the north hears of somebody who comes in the south, by whichever nodes, and once."""
        told: list[tuple[str, bool]] = []
        carl = self.north.account("carl", PASSWORD)
        self.north.hub.watch_names(lambda nick, here: told.append((nick, here)))
        again = self.login(self.south, "carl")
        self.assertEqual([], told)
        carl.disconnects()
        self.assertEqual([], told)
        again.disconnects()
        dora = self.south.guest("dora")
        dora.disconnects()
        self.assertEqual([("carl", False), ("dora", True), ("dora", False)], told)

    def test_name_is_taken_on_both(self) -> None:
        """In any letter case, until it is free again."""
        carl = self.south.connection()
        carl.types("ALICE")
        self.assertTrue(any("already taken" in line for line in carl.reads()))
        self.alice.disconnects()
        carl.types("ALICE")
        self.assertTrue(any("Registration successful" in line for line in carl.reads()))

    def test_renaming(self) -> None:
        """The new name is known and taken, the old one free."""
        self.alice.types("/nick carl")
        self.assert_reads(self.bob, "alice is now called carl.")
        self.bob.types("@carl hi", "/nick CARL", "/nick alice")
        lines = self.bob.reads()
        self.assertTrue(any("already taken" in line for line in lines), lines)
        self.assertIn("You are alice.", lines[-1])
        self.assert_same_everywhere()

    def test_away(self) -> None:
        """Said to those who share a room, and shown in lists."""
        self.alice.types("/away lunch")
        self.assert_reads(self.bob, "alice is away: lunch")
        self.bob.types("/info alice")
        self.assertTrue(any("lunch" in line for line in self.bob.reads()))
        self.alice.types("/back")
        self.assert_reads(self.bob, "alice is back.")
        self.assert_same_everywhere()

    def test_account_is_here_once_through_both(self) -> None:
        """Two connections, one person: said to be here when the first comes and gone when the last goes."""
        self.north.account("carl", PASSWORD)
        self.bob.reads()
        other = self.login(self.south, "carl")
        self.assertEqual([], self.bob.reads())
        other.types("from the south")
        self.assert_reads(self.bob, "<carl> from the south")
        other.disconnects()
        self.assertEqual([], self.bob.reads())
        self.bob.types("/who")
        self.assert_reads(self.bob, "carl")

    def test_second_node_moves_nobody(self) -> None:
        """Whoever has left the lobby is not brought back there by coming once more."""
        carl = self.north.account("carl", PASSWORD)
        carl.types("/create den", "/leave lobby")
        self.bob.reads()
        other = self.south.connection()
        other.types("carl", PASSWORD)
        self.assertTrue(any("You are in den" in line for line in other.reads()))
        self.assertEqual([], self.bob.reads())
        self.assert_same_everywhere()

    def test_last_connection_takes_the_person_along(self) -> None:
        """Whichever node it was on."""
        carl = self.north.account("carl", PASSWORD)
        other = self.login(self.south, "carl")
        self.bob.reads()
        carl.disconnects()
        other.disconnects()
        self.assert_reads(self.bob, "carl left the chat: connection closed")
        self.assert_same_everywhere()

    def test_last_connections_that_go_at_once(self) -> None:
        """Neither node knew that its own was the last: the person is gone from every room, and that is told once."""
        carl = self.north.account("carl", PASSWORD)
        other = self.login(self.south, "carl")
        carl.types("/away for lunch")
        self.bob.reads()
        self.hold(self.north, self.south)
        carl.transport.connectionLost()
        other.transport.connectionLost()
        self.let_go(self.north, self.south)
        self.assert_reads(self.bob, "carl left the chat: connection closed")
        self.assertEqual({"alice", "bob"}, set(self.south.services.chat.state.rooms["lobby"].members))
        self.assert_same_everywhere()
        late = self.node("west")
        self.login(late, "carl")
        self.assertEqual("", late.services.chat.state.people["carl"].away)

    def test_farewell_that_crosses_with_a_return(self) -> None:
        """Whoever comes in by one node while the other says goodbye for them is here, and in the room."""
        carl = self.north.account("carl", PASSWORD)
        self.hold(self.north)
        again = self.login(self.south, "carl")
        carl.transport.connectionLost()
        self.let_go(self.north)
        self.assertIn("carl", self.north.services.chat.state.rooms["lobby"].members)
        self.assert_same_everywhere()
        self.bob.reads()
        again.types("here I am")
        self.assert_reads(self.bob, "<carl> here I am")

    def test_guest_arrives_where_another_has_not_gone_yet(self) -> None:
        """A guest takes the nickname of another, of whose goodbye this node has not heard yet, and joins the lobby."""
        self.hold(self.south)
        self.alice.types("/quit")
        self.north.settle()
        alice = self.south.connection()
        alice.types("alice")
        self.let_go(self.south)
        self.assertIn("You are in lobby.", alice.reads())
        self.assertIn("alice", self.north.services.chat.state.rooms["lobby"].members)
        self.assert_same_everywhere()

    def test_account_arrives_where_it_has_not_gone_yet(self) -> None:
        """The same person with an account: the rooms that this node knows them in have been left by then."""
        carl = self.north.account("carl", PASSWORD)
        self.hold(self.south)
        carl.types("/quit")
        self.north.settle()
        again = self.south.connection()
        again.types("carl", PASSWORD)
        self.let_go(self.south)
        self.assertIn("You are in lobby.", again.reads())
        self.assertIn("carl", self.north.services.chat.state.rooms["lobby"].members)
        self.assert_same_everywhere()

    def test_account_arrives_that_another_node_has_left_half_way(self) -> None:
        """North dies before it has brought carl into the lobby: south, where carl is by now, does it."""
        self.north.account("carl", PASSWORD).types("/quit")
        self.north.settle()
        half_way = Arrived(self.north.now(), SERVER, "carl", account=True, node="north")
        self.successResultOf(Deferred.fromCoroutine(self.north.backend.keep([half_way])))
        self.south.settle()
        again = self.south.connection()
        again.types("carl", PASSWORD)
        self.assertNotIn("You are in lobby.", again.reads())
        self.cluster.dies("north")
        self.south.wait(1)
        self.assertIn("You are in lobby.", again.reads())
        self.assertIn("carl", self.south.services.chat.state.rooms["lobby"].members)

    def test_account_arrives_that_is_in_no_room_on_another_node(self) -> None:
        """The IRC client of carl joins no room by itself. Some time later he connects with nc, and does not wait."""
        self.north.account("carl", PASSWORD).types("/quit")
        self.north.settle()
        in_no_room = Arrived(self.north.now(), SERVER, "carl", account=True, node="north")
        self.successResultOf(Deferred.fromCoroutine(self.north.backend.keep([in_no_room])))
        self.south.wait(HALF_WAY)
        again = self.south.connection()
        again.types("carl", PASSWORD)
        self.assertIn("You are in lobby.", again.reads())
        self.assertIn("carl", self.north.services.chat.state.rooms["lobby"].members)
        self.assert_same_everywhere()

    def test_revoked_session_is_closed_on_the_other_node(self) -> None:
        """Whoever holds the stolen telephone is out at once."""
        carl = self.north.account("carl", PASSWORD)
        thief = self.login(self.south, "carl")
        carl.types("/session revoke all")
        self.assertTrue(thief.is_disconnected())
        self.assertFalse(carl.is_disconnected())

    def test_nickname_is_asked_for_at_the_moment_at_which_it_becomes_an_accounts(self) -> None:
        """The guest on the other node does not have it, and the account holds it."""
        release, south = self.north.services.backend.release, self.south.services.backend
        tried: list[bool] = []

        async def release_and_lose(key: str, holder: str) -> bool:
            free = await release(key, holder)
            if not tried:
                tried.append(await south.claim(key, "guest"))
            return free

        self.patch(self.north.services.backend, "release", release_and_lose)
        self.alice.types("/signup", PASSWORD, PASSWORD)
        self.assertEqual([True], tried)
        self.successResultOf(Deferred.fromCoroutine(south.release("alice", "guest")))
        self.north.wait(2)
        self.assertIn("alice", self.cluster.claims())
        self.assertFalse(self.successResultOf(Deferred.fromCoroutine(south.claim("alice", "guest"))))
        self.alice.types("/quit")
        self.assertNotIn("alice", self.cluster.claims())

    def test_session_that_is_revoked_while_the_database_fails(self) -> None:
        """
        Carl reads that it is not known whether it is revoked. It is, in the end, and the thief is out, also where the
        sessions were deleted and only the answer was lost.
        """
        carl, backend = self.north.account("carl", PASSWORD), self.north.services.backend
        drop, failures = backend.drop_tokens, list[bool]()

        async def drop_once(digests: Sequence[str]) -> int:
            was_done = failures.pop() if failures else None
            count = 0 if was_done is False else await drop(digests)
            if was_done is not None:
                raise NotKept("The database does not answer.")
            return count

        self.patch(backend, "drop_tokens", drop_once)
        for was_done in (False, True):
            thief = self.login(self.south, "carl")
            failures.append(was_done)
            carl.reads()
            carl.types("/session revoke all")
            self.assertTrue(any("does not answer" in line for line in carl.reads()))
            self.north.wait(2)
            self.south.settle()
            self.assertTrue(thief.is_disconnected())
            self.assertFalse(carl.is_disconnected())


class RoomTests(TwoNodesTestCase):
    """Rooms are the same rooms."""

    def test_joining_across(self) -> None:
        """A room made on one node is joined on the other."""
        self.alice.types("/create den", "/topic gardens")
        self.bob.types("/join den")
        self.assertTrue(any("gardens" in line for line in self.bob.reads()))
        self.alice.reads()
        self.bob.types("nice here")
        self.assert_reads(self.alice, "<bob> nice here")
        self.assert_same_everywhere()

    def test_room_is_made_once(self) -> None:
        """Also where both make it before they hear of each other."""
        self.hold(self.south)
        self.alice.types("/create den")
        self.bob.types("/create den")
        self.let_go(self.south)
        lines = self.bob.reads()
        self.assertTrue(any(line.startswith("! There is already a room called den") for line in lines), lines)
        self.assert_same_everywhere()

    def test_room_is_gone_with_the_last_member_of_both(self) -> None:
        """A room is gone with the last member of both nodes, and not before."""
        self.alice.types("/create den")
        self.bob.types("/join den")
        self.alice.types("/leave den")
        self.assertIn("den", self.north.services.chat.state.rooms)
        self.bob.types("/leave den")
        self.assertNotIn("den", self.north.services.chat.state.rooms)
        self.assertNotIn("den", self.south.services.chat.state.rooms)

    def test_last_one_leaves_while_another_comes_in_on_the_other_node(self) -> None:
        """The room was closed first: who joins it is told so, and is in no room that nobody made."""
        self.alice.types("/create den")
        self.hold(self.south)
        self.alice.types("/leave den")
        self.bob.types("/join den")
        self.let_go(self.south)
        self.assertIn("! den has just been closed", self.bob.reads()[-1])
        self.assertNotIn("den", self.north.services.chat.state.rooms)
        self.assert_same_everywhere()

    def test_passwords_and_invitations(self) -> None:
        """The door is the same for both."""
        self.alice.types("/create den", "/password open sesame", "/private")
        self.bob.types("/join den open sesame")
        self.assertIn("! There is no room called den", self.bob.reads()[-1])
        self.alice.types("/invite bob")
        self.assertTrue(any("alice invited you to den: /join den" in line for line in self.bob.reads()))
        self.bob.types("/join den")
        self.assertIn("bob", self.north.services.chat.state.rooms["den"].members)


class OrderTests(TwoNodesTestCase):
    """Operators act on people of both nodes."""

    def setUp(self) -> None:
        """Alice owns a room, and bob is in it."""
        super().setUp()
        self.alice.types("/create den")
        self.bob.types("/join den")
        self.alice.reads(), self.bob.reads()

    def test_kick(self) -> None:
        """Out, with the reason, and free to come back."""
        self.alice.types("/kick bob too loud")
        self.assertTrue(self.bob.reads()[0].endswith("alice kicked you from den: too loud. /join den lets you return."))
        self.alice.reads()
        self.alice.types("quiet now")
        self.assertEqual([], self.bob.reads())
        self.bob.types("/join den")
        self.assert_reads(self.alice, "bob joined.")

    def test_ban_and_unban(self) -> None:
        """Out, and out for good, until it is lifted."""
        self.alice.types("/ban bob")
        self.bob.reads()
        self.bob.types("/join den")
        self.assert_reads(self.bob, "You are banned from den forever. You are still in lobby.")
        self.alice.types("/unban bob")
        self.bob.types("/join den")
        self.assert_same_everywhere()
        self.assertIn("bob", self.north.services.chat.state.rooms["den"].members)

    def test_mute(self) -> None:
        """Silent, until it is lifted."""
        self.alice.types("/mute bob 5m")
        self.bob.reads(), self.alice.reads()
        self.bob.types("but")
        self.assertTrue(self.bob.reads()[0].startswith("! You are muted in den"))
        self.alice.types("/unmute bob")
        self.bob.types("thanks")
        self.assertIn("<bob> thanks", self.alice.reads())

    def test_roles(self) -> None:
        """Who is made an operator is one everywhere."""
        self.alice.types("/op bob")
        self.bob.types("/topic ours")
        self.alice.reads()
        self.alice.types("/topic")
        self.assert_reads(self.alice, "ours")
        self.assert_same_everywhere()

    def test_kick_that_crosses_with_leaving(self) -> None:
        """Both were right; whoever is out is out once."""
        self.hold(self.south)
        self.alice.types("/kick bob")
        self.bob.types("/leave den")
        self.let_go(self.south)
        self.assertEqual({"alice"}, set(self.south.services.chat.state.rooms["den"].members))
        self.assert_same_everywhere()


class NodeTests(TwoNodesTestCase):
    """Nodes come and go as well."""

    def test_node_that_comes_late_knows_everything(self) -> None:
        """Who is here, in which rooms, and what these are like."""
        self.alice.types("/create den", "/topic gardens", "/op bob", "/away lunch")
        self.bob.types("/join den")
        self.alice.types("/op bob")
        east = self.node("east")
        for name, room in self.north.services.chat.state.rooms.items():
            other = east.services.chat.state.rooms[name]
            self.assertEqual(
                (set(room.members), room.roles, room.topic, room.last),
                (set(other.members), other.roles, other.topic, other.last),
            )
        self.assertEqual("lunch", east.services.chat.state.people["alice"].away)
        carl = east.guest("carl")
        carl.types("/join den", "hello you two")
        self.assertTrue(any("gardens" in line for line in carl.reads()))
        self.assertTrue(self.alice.reads()[-1].endswith("<carl> hello you two"))
        self.assertTrue(self.bob.reads()[-1].endswith("<carl> hello you two"))

    def test_name_in_other_letters_outlives_the_node_it_was_changed_on(self) -> None:
        """Every node the person is on line through remembers it."""
        self.south.account("carl", PASSWORD)
        self.login(self.north, "carl").types("/nick CARL")
        self.cluster.dies("north")
        self.south.settle()
        self.assertEqual("CARL", self.south.services.chat.state.people["carl"].nick)
        self.assertEqual("CARL", self.node("east").services.chat.state.people["carl"].nick)

    def test_node_that_stops_says_goodbye_for_its_people(self) -> None:
        """A node that stops says goodbye for its people, and the others go on."""
        self.north.stop()
        self.assert_reads(self.bob, "alice left the chat: the server stopped")
        self.assertEqual(["bob"], list(self.south.services.chat.state.people))
        self.south.guest("alice")

    def test_node_that_is_killed_is_buried(self) -> None:
        """The others say goodbye for its people, and their names are free."""
        self.cluster.dies("north")
        self.south.settle()
        self.assert_reads(self.bob, "alice left the chat: the connection to their server was lost")
        self.assertEqual(["bob"], list(self.south.services.chat.state.people))
        self.south.guest("alice")

    def test_rooms_of_a_killed_node_are_closed(self) -> None:
        """Nobody else would do it."""
        self.alice.types("/create den")
        self.cluster.dies("north")
        self.south.settle()
        self.assertNotIn("den", self.south.services.chat.state.rooms)

    def test_person_on_both_survives_one(self) -> None:
        """Whoever has a connection left is here."""
        carl = self.south.account("carl", PASSWORD)
        self.login(self.north, "carl")
        self.bob.reads()
        self.cluster.dies("north")
        self.south.settle()
        self.assert_reads(self.bob, "alice left the chat: the connection to their server was lost")
        carl.types("still here")
        self.assert_reads(self.bob, "<carl> still here")

    def test_server_is_empty_when_all_nodes_were_killed(self) -> None:
        """Nobody is left to say goodbye; the first that starts again knows that nobody is here."""
        self.cluster.dies("north")
        self.cluster.dies("south")
        again = self.node("north")
        self.assertEqual({}, again.services.chat.state.people)
        self.assertEqual({}, again.services.chat.state.rooms["lobby"].members)
        again.guest("alice")


class TalkOnPostgresTests(OnPostgres, TalkTests):
    """What is said is read on both nodes."""


class PeopleOnPostgresTests(OnPostgres, PeopleTests):
    """Who is here is here for both."""


class RoomOnPostgresTests(OnPostgres, RoomTests):
    """Rooms are the same rooms."""


class OrderOnPostgresTests(OnPostgres, OrderTests):
    """Operators act on people of both nodes."""


class NodeOnPostgresTests(OnPostgres, NodeTests):
    """Nodes come and go as well."""


class TwinsTests(SynchronousTestCase):
    """Nothing is asked of the backend in memory alone."""

    def test_every_case_has_a_twin(self) -> None:
        """Every case of this module runs on PostgreSQL too."""
        self.assertEqual([], in_memory_alone(globals()))
