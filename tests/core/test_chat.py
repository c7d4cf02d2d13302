"""
What may happen: wishes become the events that would fulfil them, or a refusal; nothing happens yet.
"""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given
from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.chat import Chat
from chatroom.core.presence import Presence
from chatroom.errors import (
    LimitReached,
    NoSuchPerson,
    NoSuchRoom,
    NotAllowed,
    NotInRoom,
    Refused,
    RoomClosedToYou,
    RoomExists,
    Unlawful,
)
from chatroom.events import (
    SERVER,
    Acted,
    AwaySet,
    Became,
    Departed,
    Event,
    InviteOnlySet,
    Joined,
    Left,
    PasswordSet,
    Renamed,
    Role,
    RoleSet,
    Said,
    TopicSet,
)
from tests.core.world import LIMITS, World, everything, live, wishes


class ChatTestCase(SynchronousTestCase):
    """Alice owns the attic, bob is in it, carl is outside."""

    def setUp(self) -> None:
        """All are guests in the north."""
        self.world = World()
        self.chat: Chat = self.world.chat
        for nick in ("alice", "bob", "carl"):
            self.world.arrive(nick, "north")
        self.world.wish("create", "alice", "", "attic", "north", False)
        self.world.wish("join", "bob", "", "attic", "north", False)
        self.alice, self.bob, self.carl = (
            self.chat.directory.person_on_line(nick) for nick in ("alice", "bob", "carl")
        )
        self.attic = self.chat.directory.room("attic")

    def kinds(self, events: list[Event]) -> list[type[Event]]:
        """Of what they are."""
        return [type(event) for event in events]


class DecidingTests(ChatTestCase):
    """A decision is only a decision."""

    @given(wishes)
    def test_nothing_happens_by_deciding(self, wishes: Any) -> None:
        """Whatever is wished, allowed or refused, changes nothing before it is kept and applied."""
        world = live(wishes[:10])
        before = everything(world.chat.state)
        for verb, who, other, room, node, flag in wishes:
            person = world.chat.state.people.get(who.casefold())
            if person is not None and verb != "arrive":
                accounts = set(world.accounts)
                with contextlib.suppress(Refused):
                    getattr(world, f"_{verb}")(person, other, room, node, flag)
                world.accounts = accounts
        self.assertEqual(before, everything(world.chat.state))

    @given(wishes)
    def test_refusals_are_for_people(self, wishes: Any) -> None:
        """Each is a whole sentence on one line, that tells nobody anything they may not know."""
        world = live(wishes[:10])
        for verb, who, other, room, node, flag in wishes:
            person = world.chat.state.people.get(who.casefold())
            if person is None or verb == "arrive":
                continue
            try:
                getattr(world, f"_{verb}")(person, other, room, node, flag)
            except Refused as refused:
                self.assertRegex(refused.sentence, r"\A[A-Za-z].*[.?]\Z")
                self.assertNotIn("hash", refused.sentence)


class FindingTests(ChatTestCase):
    """Rooms and people by the names people type."""

    def test_room(self) -> None:
        """In any letter case, with or without the hash."""
        for name in ("attic", "Attic", "#ATTIC", " attic "):
            self.assertIs(self.attic, self.chat.directory.room(name))
        self.assertRaises(NoSuchRoom, self.chat.directory.room, "cellar")
        self.assertRaises(Unlawful, self.chat.directory.room, "no room")

    def test_room_one_is_in(self) -> None:
        """Others are there and closed."""
        self.assertIs(self.attic, self.chat.directory.room_of(self.bob, "ATTIC"))
        self.assertRaises(NotInRoom, self.chat.directory.room_of, self.carl, "attic")

    def test_person(self) -> None:
        """In any letter case; whoever is not here is called as typed, cleaned."""
        self.assertIs(self.alice, self.chat.directory.person_on_line("ALICE"))
        refusal = self.assertRaises(NoSuchPerson, self.chat.directory.person_on_line, "\x1b[2Jdora")
        self.assertIn("[2Jdora", refusal.sentence)
        self.assertNotIn("\x1b", refusal.sentence)


class TalkTests(ChatTestCase):
    """What may be said."""

    def test_said_and_acted(self) -> None:
        """With the name and the room as they are shown."""
        self.assertEqual(Said(5.0, "attic", "bob", 0, "hi"), self.chat.talk.say(5.0, self.bob, "attic", "hi", False))
        self.assertEqual(
            Acted(5.0, "attic", "bob", 0, "waves"), self.chat.talk.say(5.0, self.bob, "Attic", "waves", True)
        )

    def test_only_inside(self) -> None:
        """Whoever is not in a room does not talk there."""
        self.assertRaises(NotInRoom, self.chat.talk.say, 5.0, self.carl, "attic", "hi", False)
        self.assertRaises(NoSuchRoom, self.chat.talk.say, 5.0, self.carl, "cellar", "hi", False)

    def test_length(self) -> None:
        """Counted in characters as they are shown; the refusal says how many there were."""
        longest = LIMITS.text_length
        self.chat.talk.say(5.0, self.bob, "attic", "🙂" * longest, False)
        refusal = self.assertRaises(Unlawful, self.chat.talk.say, 5.0, self.bob, "attic", "x" * (longest + 1), False)
        self.assertIn(f"{longest + 1:,}", refusal.sentence)

    def test_nonce(self) -> None:
        """What a program calls its message has up to 64 printable ASCII characters, and is in the event."""
        for act, auto in ((False, False), (True, False), (False, True)):
            event = self.chat.talk.say(5.0, self.bob, "attic", "hi", act, auto, "n" * LIMITS.nonce_length)
            self.assertEqual("n" * LIMITS.nonce_length, getattr(event, "nonce", ""))
        longest = LIMITS.nonce_length
        for nonce in ("n" * (longest + 1), "n" * 10_000, "né", "a\nb", "\x1b[2J"):
            refusal = self.assertRaises(Unlawful, self.chat.talk.say, 5.0, self.bob, "attic", "hi", False, False, nonce)
            self.assertEqual(longest if len(nonce) > longest else None, refusal.most)

    def test_nothing(self) -> None:
        """What nobody would see is not said."""
        for text in ("", " \u00a0", "\x1b", "\u200d"):
            self.assertRaises(Unlawful, self.chat.talk.say, 5.0, self.bob, "attic", text, False)


class ComingTests(ChatTestCase):
    """Into rooms, out of them, and out of the server."""

    def test_making_a_room(self) -> None:
        """The name is folded; what exists is not made."""
        self.assertEqual("cellar", self.chat.membership.create(5.0, self.carl, "#Cellar", False, 0).room)
        self.assertRaises(RoomExists, self.chat.membership.create, 5.0, self.carl, "ATTIC", False, 0)

    def test_coming_in(self) -> None:
        """One event; none for whoever is in already."""
        self.assertEqual([Joined], self.kinds(self.chat.membership.join(5.0, self.carl, self.attic)))
        self.assertEqual([], self.chat.membership.join(5.0, self.bob, self.attic))

    def test_private_room(self) -> None:
        """For the invited, and for operators."""
        self.world.happen(self.chat.settings.set_invite_only(5.0, self.alice, self.attic, True))
        self.assertRaises(RoomClosedToYou, self.chat.membership.join, 5.0, self.carl, self.attic)
        self.world.happen(self.chat.membership.invite(5.0, self.alice, self.attic, "carl", True))
        self.assertEqual([Joined], self.kinds(self.chat.membership.join(5.0, self.carl, self.attic)))

    def test_who_is_asked_for_a_password(self) -> None:
        """Everybody but operators and the invited, where there is one."""
        self.assertFalse(self.chat.membership.asks_password(self.carl, self.attic))
        self.world.happen(self.chat.settings.set_password(5.0, self.alice, self.attic, "hash"))
        self.assertTrue(self.chat.membership.asks_password(self.carl, self.attic))
        self.assertFalse(self.chat.membership.asks_password(self.alice, self.attic))
        self.world.happen(self.chat.membership.invite(5.0, self.alice, self.attic, "carl", True))
        self.assertFalse(self.chat.membership.asks_password(self.carl, self.attic))

    def test_rooms_at_once(self) -> None:
        """Their number has a limit."""
        for name in ("one", "two", "three"):
            self.world.wish("create", "carl", "", name, "north", False)
        self.assertRaises(LimitReached, self.chat.membership.join, 5.0, self.carl, self.attic)
        self.assertRaises(LimitReached, self.chat.membership.create, 5.0, self.carl, "four", False, 0)

    def test_leaving_the_server(self) -> None:
        """All rooms at once, with one reason; a guest's roles go too."""
        events = self.chat.visits.depart(5.0, self.alice, "north", " tea\n")
        self.assertEqual([Departed, Left, RoleSet], self.kinds(events))
        self.assertEqual(("tea", True), (events[1].reason, events[1].gone))  # type: ignore[attr-defined]

    def test_nodes_are_kept_once(self) -> None:
        """People on one node share the set of it, and one who is on two has a set of their own."""
        self.assertIs(self.alice.nodes, self.bob.nodes)
        self.alice.is_at("south")
        self.assertEqual(1, len(self.bob.nodes))
        self.assertEqual({*self.bob.nodes, "south"}, self.alice.nodes)

    def test_leaving_by_one_node_of_two(self) -> None:
        """The rooms do not hear of it."""
        self.alice.is_at("south")
        [departed] = self.chat.visits.depart(5.0, self.alice, "north", "")
        self.assertFalse(departed.last)  # type: ignore[attr-defined]

    def test_another_name(self) -> None:
        """The server and each room learn it; what a guest may do goes along."""
        events = self.chat.visits.rename(5.0, self.alice, "Eve", False)
        self.assertEqual([Became, Renamed, RoleSet, RoleSet], self.kinds(events))
        self.world.happen(events)
        self.assertEqual({"eve": Role.OWNER}, self.attic.roles)

    def test_another_name_while_away(self) -> None:
        """Somebody who is away stays away under another name, also as an account."""
        for name, account in ("Eve", False), ("Una", True):
            self.world.happen([AwaySet(4.0, SERVER, self.alice.nick, text="lunch")])
            self.world.happen(self.chat.visits.rename(5.0, self.alice, name, account))
            self.assertEqual(("lunch", name), (self.alice.away, self.alice.nick))

    def test_letter_case(self) -> None:
        """Rooms learn it, and nothing else changes."""
        events = self.chat.visits.rename(5.0, self.alice, "ALICE", False)
        self.assertEqual([Became, Renamed], self.kinds(events))


class RoomTests(ChatTestCase):
    """What a room is."""

    def test_topic(self) -> None:
        """For operators; for everybody where there are none."""
        self.assertEqual(TopicSet(5.0, "attic", "alice", text="new"), self.topic(self.alice, " new\x07"))
        self.assertRaises(NotAllowed, self.topic, self.bob, "new")
        self.world.happen(self.chat.membership.leave(5.0, self.alice, self.attic, ""))
        self.topic(self.bob, "")

    def topic(self, who: Presence, text: str) -> Event:
        """Somebody sets it."""
        return self.chat.settings.set_topic(5.0, who, self.attic, text)

    def test_length_of_a_topic(self) -> None:
        """It has a limit."""
        self.topic(self.alice, "x" * LIMITS.topic_length)
        self.assertRaises(Unlawful, self.topic, self.alice, "x" * (LIMITS.topic_length + 1))

    def test_doors(self) -> None:
        """Set and lifted."""
        self.assertEqual(
            PasswordSet(5.0, "attic", "alice", hash="h", on=True),
            self.chat.settings.set_password(5.0, self.alice, self.attic, "h"),
        )
        self.assertFalse(self.chat.settings.set_password(5.0, self.alice, self.attic, "").on)  # type: ignore[attr-defined]
        self.assertEqual(
            InviteOnlySet(5.0, "attic", "alice", on=False),
            self.chat.settings.set_invite_only(5.0, self.alice, self.attic, False),
        )

    def test_invitations_have_a_limit(self) -> None:
        """To repeat one takes no more space; whoever is inside needs none."""
        for number in range(LIMITS.invites_per_room):
            self.world.happen(self.chat.membership.invite(5.0, self.alice, self.attic, f"guest{number}", True))
        self.chat.membership.invite(5.0, self.alice, self.attic, "GUEST0", True)
        self.assertRaises(LimitReached, self.chat.membership.invite, 5.0, self.alice, self.attic, "carl", True)
        self.assertRaises(NotAllowed, self.chat.membership.invite, 5.0, self.alice, self.attic, "bob", True)

    def test_kept_rooms_are_counted(self) -> None:
        """Those that somebody owns."""
        self.attic.keep = True
        self.assertEqual((1, 0), (self.chat.membership.kept_rooms("alice"), self.chat.membership.kept_rooms("bob")))
