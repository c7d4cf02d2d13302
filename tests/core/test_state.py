"""
What is true: the same on every node, whether it heard everything or came late, and never in contradiction.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.names import fold
from chatroom.core.state import State
from chatroom.events import (
    SERVER,
    Arrived,
    AwaySet,
    Became,
    Departed,
    Event,
    Invited,
    Joined,
    Kicked,
    Left,
    Renamed,
    Role,
    RoleSet,
    RoomBanned,
    RoomClosed,
    RoomCreated,
    Said,
    TopicSet,
)
from tests.core.world import live, picture, remembered, started, told, wishes


def arrived(nick: str, node: str = "north", account: bool = False) -> Arrived:
    """Somebody is on line."""
    return Arrived(1.0, SERVER, nick, account=account, node=node)


class KeptInViewTests(SynchronousTestCase):
    """What the state keeps beside rooms and people, so that nobody has to look at all of them, is as they are."""

    @given(wishes)
    def test_whatever_happens(self, wishes: Any) -> None:
        """Lists are in order and whole, and each room is found by its owner, its slow mode and what holds on people."""
        for state in (live(wishes).chat.state, started(remembered(live(wishes).history))):
            rooms, people = state.rooms.values(), state.people.values()
            listed = sorted(
                (-len(room.members), room.name) for room in rooms if not (room.invite_only or room.unlisted)
            )
            self.assertEqual(listed, list(state.listed.order))
            in_order = sorted(people, key=lambda who: (who.nick.casefold(), who.key))
            self.assertEqual([who.key for who in in_order], list(state.by_name.keys()))
            self.assertEqual({who.visit: who.key for who in people if who.visit}, state.by_name.visits)
            self.assertEqual({room.name for room in rooms if room.pace is not None}, set(state.paced))
            held = {room.name for room in rooms if room.bans.entries or room.mutes.entries or room.lock is not None}
            self.assertEqual(held, set(state.ruled))
            for room in rooms:
                self.assertEqual(sum(role >= Role.OPERATOR for role in room.roles.values()), room.in_charge)
            owned: dict[str, set[str]] = {}
            for room in rooms:
                for key in (key for key, role in room.roles.items() if role is Role.OWNER):
                    owned.setdefault(key, set()).add(room.name)
            self.assertEqual(owned, state.owned)


class SnapshotTests(SynchronousTestCase):
    """A node that starts is told the last event of every slot, and nothing else."""

    @given(wishes)
    def test_late_node_knows_what_the_others_know(self, wishes: Any) -> None:
        """Whatever happened, it comes to the same state by the snapshot as the others by the whole history."""
        world = live(wishes)
        self.assertEqual(picture(world.chat.state), picture(started(remembered(world.history))))

    @given(wishes)
    def test_what_lasts_is_all_but_people(self, wishes: Any) -> None:
        """When the whole server was closed, rooms are as they were, with nobody in them and no role of a guest."""
        world = live(wishes)
        before, after = picture(world.chat.state), started(remembered(world.history, lasting=True))
        for room in before["rooms"].values():
            room["members"] = {}
            room["roles"] = {key: role for key, role in room["roles"].items() if key in world.accounts}
        invited = {(each.room, fold(each.who)): each for each in world.history if isinstance(each, Invited)}
        for name, room in before["rooms"].items():
            room["invited"] = {key for key in room["invited"] if not invited[name, key].guest}
        self.assertEqual({**before, "people": {}}, picture(after))

    def test_used_invitation_is_used_up(self) -> None:
        """It does not come back when the server is opened again."""
        history = [
            RoomCreated(1.0, "attic", "alice"),
            Invited(2.0, "attic", "alice", who="bob"),
            arrived("bob"),
            Joined(3.0, "attic", "bob"),
        ]
        self.assertEqual(set(), started(remembered(history, lasting=True)).rooms["attic"].invited)

    def test_person_renamed_on_one_of_two_nodes_is_known_on_both(self) -> None:
        """A late node knows through which nodes somebody is on line."""
        history = [
            arrived("alice", "north", account=True),
            arrived("alice", "south", account=True),
            Became(2.0, SERVER, "alice", new="Alice", account=True, node="north"),
        ]
        self.assertEqual({"north", "south"}, started(remembered(history)).people["alice"].nodes)

    def test_person_away_is_known_to_be_away(self) -> None:
        """Also through another connection than the one by which they came."""
        history = [
            arrived("alice", "north", account=True),
            AwaySet(2.0, SERVER, "alice", text="lunch"),
            arrived("alice", "south", account=True),
            Departed(3.0, SERVER, "alice", node="north", last=False),
        ]
        self.assertEqual("lunch", started(remembered(history)).people["alice"].away)


class TruthTests(SynchronousTestCase):
    """Nothing in the state contradicts anything else."""

    @given(wishes)
    def test_people_and_rooms_agree(self, wishes: Any) -> None:
        """Who is in a room is on line, and knows it."""
        chat = live(wishes).chat
        for name, room in chat.state.rooms.items():
            for key, who in room.members.items():
                self.assertIs(who, chat.state.people.get(key))
                self.assertIs(room, who.rooms.get(name))
        for key, who in chat.state.people.items():
            self.assertEqual((key, fold(who.nick)), (who.key, who.key))
            self.assertTrue(who.nodes)
            for name, room in who.rooms.items():
                self.assertIs(room, chat.state.rooms.get(name))
                self.assertIs(who, room.members.get(key))

    @given(wishes)
    def test_guests_hold_roles_only_while_they_are_there(self, wishes: Any) -> None:
        """The next guest of that name is another person, and gets no role from the first."""
        world = live(wishes)
        for room in world.chat.state.rooms.values():
            self.assertEqual(set(), set(room.roles) - set(room.members) - world.accounts)

    @given(wishes)
    def test_nobody_is_in_a_room_that_bans_them(self, wishes: Any) -> None:
        """Nobody is in a room that bans them, having joined it or having taken that name inside."""
        world = live(wishes)
        for room in world.chat.state.rooms.values():
            held = {key for key, ban in room.bans.entries.items() if ban.until == 0.0}
            self.assertEqual(set(), held & set(room.members))

    @given(wishes)
    def test_what_is_true_already_does_no_harm(self, wishes: Any) -> None:
        """An event that is heard twice in a row is true once."""
        world = live(wishes)
        doubled = told(event for event in world.history for _ in range(2))
        self.assertEqual(picture(world.chat.state), picture(doubled))

    @given(wishes)
    def test_rooms_do_not_depend_on_each_other(self, wishes: Any) -> None:
        """There is one order per room, and none between two rooms."""
        world = live([wish for wish in wishes if wish[0] not in ("rename", "signup", "depart")])
        server = [event for event in world.history if event.room == SERVER]
        others = sorted((event for event in world.history if event.room != SERVER), key=lambda event: event.room)
        self.assertEqual(picture(world.chat.state), picture(told([*server, *others])))

    @given(wishes)
    def test_room_counts_its_events(self, wishes: Any) -> None:
        """Its last number is that of its last event."""
        world = live(wishes)
        for name, room in world.chat.state.rooms.items():
            self.assertEqual(max(getattr(e, "seq", 0) for e in world.history if e.room == name), room.last)


class ApplyTests(SynchronousTestCase):
    """What single events change, and what is news to the room."""

    def setUp(self) -> None:
        """Alice, on line through two nodes, and bob are in the attic."""
        self.state = State()
        for event in (
            RoomCreated(1.0, "attic", "alice"),
            arrived("alice", account=True),
            arrived("alice", "south", account=True),
            arrived("bob"),
            Joined(1.0, "attic", "alice"),
            Joined(1.0, "attic", "bob"),
        ):
            self.state.apply(event)
        self.attic = self.state.rooms["attic"]

    def news(self, event: Event) -> bool:
        """Whether the room should be told."""
        return self.state.apply(event)

    def test_talk_changes_nothing_and_is_news(self) -> None:
        """It is told, and that is all."""
        before = picture(self.state)
        self.assertTrue(self.news(Said(2.0, "attic", "alice", text="hi")))
        self.assertEqual(before, picture(self.state))

    def test_joining_again_is_no_news(self) -> None:
        """Two connections of one person may both have asked."""
        self.assertFalse(self.news(Joined(2.0, "attic", "bob")))

    def test_leaving_again_is_no_news(self) -> None:
        """A kick and a farewell may cross."""
        self.assertTrue(self.news(Kicked(2.0, "attic", "alice", who="bob")))
        self.assertFalse(self.news(Left(2.0, "attic", "bob")))
        self.assertFalse(self.news(Kicked(2.0, "attic", "alice", who="bob")))

    def test_joining_of_somebody_gone_is_no_news(self) -> None:
        """Nobody is in a room who is not on the server."""
        self.assertFalse(self.news(Joined(2.0, "attic", "carl")))
        self.assertNotIn("carl", self.attic.members)

    def test_person_stays_while_a_node_is_left(self) -> None:
        """Two connections, one person."""
        self.state.apply(Departed(2.0, SERVER, "alice", node="north", last=False))
        self.assertEqual({"south"}, self.state.people["alice"].nodes)
        self.assertIn("alice", self.attic.members)

    def test_name_changes_in_all_rooms(self) -> None:
        """A person is one person, whatever they are called."""
        self.state.apply(Became(2.0, SERVER, "bob", new="Rob", node="north"))
        self.assertTrue(self.news(Renamed(2.0, "attic", "bob", new="Rob")))
        self.assertEqual(["alice", "rob"], sorted(self.attic.members))
        self.assertEqual("Rob", self.attic.members["rob"].nick)
        self.assertNotIn("bob", self.state.people)

    def test_another_name_ends_being_away(self) -> None:
        """Somebody by a new nickname is away if a further event says so."""
        self.state.apply(AwaySet(2.0, SERVER, "bob", text="lunch"))
        self.state.apply(Became(2.0, SERVER, "bob", new="Rob", node="north"))
        self.assertEqual("", self.state.people["rob"].away)

    def test_ban_ends_membership_and_invitation(self) -> None:
        """A ban ends membership and invitation, and is remembered with its end and its reason."""
        self.state.apply(Invited(2.0, "attic", "alice", who="bob"))
        ban = RoomBanned(2.0, "attic", "alice", who="BOB", until=9.0, reason="spam")
        self.assertTrue(self.news(ban))
        self.assertEqual(
            (["alice"], set(), ban), (list(self.attic.members), self.attic.invited, self.attic.bans.entries["bob"])
        )

    def test_role_that_is_held_already_is_no_news(self) -> None:
        """A role that is held already is no news, and neither is one that ends with a guest."""
        self.assertTrue(self.news(RoleSet(2.0, "attic", "alice", who="bob", role="operator", guest=True)))
        self.assertFalse(self.news(RoleSet(2.0, "attic", "alice", who="bob", role="operator", guest=True)))
        self.assertFalse(self.news(RoleSet(2.0, "attic", "bob", who="bob", role="member", guest=True)))
        self.assertIs(Role.MEMBER, self.attic.role("bob"))

    def test_closed_room_is_gone(self) -> None:
        """One that is made again is another."""
        self.state.apply(TopicSet(2.0, "attic", "alice", text="old"))
        self.state.apply(Left(2.0, "attic", "alice"))
        self.state.apply(Left(2.0, "attic", "bob"))
        self.state.apply(RoomClosed(3.0, "attic", "chatroom"))
        self.state.apply(RoomCreated(4.0, "attic", "bob", 9))
        self.assertEqual(("", {}, 9), (self.state.rooms["attic"].topic, self.state.rooms["attic"].roles, 9))

    def test_farewell_decided_before_somebody_came_back_holds(self) -> None:
        """What a backend remembers and what is true are one: the node they came in by lets them in again."""
        history = [
            RoomCreated(1.0, "attic", "alice"),
            arrived("alice", "north", account=True),
            Joined(2.0, "attic", "alice"),
            arrived("alice", "south", account=True),
            Departed(3.0, SERVER, "alice", node="north", last=True),
            Left(3.0, "attic", "alice", gone=True),
        ]
        self.assertEqual(picture(told(history)), picture(started(remembered(history))))
        self.assertEqual({}, told(history).rooms["attic"].members)
