"""
Order in a room: who may do what to whom, for how long, and what is left of it afterwards.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.permissions import because, until_text
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.errors import Banned, LimitReached, Muted, NotAllowed, NotFound, NotInRoom
from chatroom.events import FOREVER, Event, Kicked, Role, RoleSet, RoomBanned, RoomUnbanned, Sanctioned
from tests.core.world import LIMITS, World


class ModerationTestCase(SynchronousTestCase):
    """An attic with alice, its owner, an account; oscar, an operator and a guest; and bob and mike, members."""

    def setUp(self) -> None:
        """All of them are in."""
        self.world = World()
        self.chat = self.world.chat
        self.world.accounts.add("alice")
        for nick in ("alice", "oscar", "bob", "mike"):
            self.world.arrive(nick, "north")
        self.world.happen([*self.made("attic")])
        for nick in ("oscar", "bob", "mike"):
            self.enter(nick)
        self.world.happen(self.chat.moderation.set_role(1.0, self.alice, self.attic, "oscar", False, Role.OPERATOR))

    def made(self, room: str) -> list[Event]:
        """Alice makes a room."""
        made = self.chat.membership.create(1.0, self.who("alice"), room, False, 0)
        return [made, *self.chat.membership.settle(1.0, self.who("alice"), made.room)]

    def enter(self, nick: str, at: float = 1.0) -> None:
        """Into the attic."""
        self.world.happen(self.chat.membership.join(at, self.who(nick), self.attic))

    def who(self, nick: str) -> Presence:
        """Somebody on line."""
        return self.chat.directory.person_on_line(nick)

    @property
    def alice(self) -> Presence:
        """The owner."""
        return self.who("alice")

    @property
    def oscar(self) -> Presence:
        """The operator."""
        return self.who("oscar")

    @property
    def attic(self) -> Room:
        """The room."""
        return self.chat.directory.room("attic")

    def members(self) -> list[str]:
        """Who is in it."""
        return sorted(self.attic.members)


class RankTests(ModerationTestCase):
    """Nobody acts against an equal."""

    def test_operators_act_on_members(self) -> None:
        """Operators act on members: that is what they are for."""
        self.world.happen(self.chat.moderation.kick(2.0, self.oscar, self.attic, "bob", ""))
        self.assertEqual(["alice", "mike", "oscar"], self.members())

    def test_operators_do_not_act_on_owners_or_each_other(self) -> None:
        """Otherwise the first to be angry would win."""
        self.world.happen(self.chat.moderation.set_role(1.0, self.alice, self.attic, "mike", False, Role.OPERATOR))
        for nick in ("alice", "mike"):
            self.assertRaises(NotAllowed, self.chat.moderation.kick, 2.0, self.oscar, self.attic, nick, "")
            self.assertRaises(NotAllowed, self.chat.moderation.ban, 2.0, self.oscar, self.attic, nick, FOREVER, "")
            self.assertRaises(NotAllowed, self.chat.moderation.mute, 2.0, self.oscar, self.attic, nick, FOREVER, "")

    def test_members_act_on_nobody(self) -> None:
        """Members act on nobody, be the other one there or not."""
        for nick in ("mike", "alice", "stranger"):
            self.assertRaises(NotAllowed, self.chat.moderation.ban, 2.0, self.who("bob"), self.attic, nick, FOREVER, "")

    def test_absent_owner_is_still_the_owner(self) -> None:
        """An account's role waits for it."""
        self.world.happen(self.chat.membership.leave(2.0, self.alice, self.attic, ""))
        self.assertRaises(NotAllowed, self.chat.moderation.ban, 2.0, self.oscar, self.attic, "alice", FOREVER, "")

    def test_nobody_acts_on_themselves(self) -> None:
        """An owner who bans herself has made a mistake."""
        refusal = self.assertRaises(
            NotAllowed, self.chat.moderation.ban, 2.0, self.alice, self.attic, "ALICE", FOREVER, ""
        )
        self.assertIn("yourself", refusal.sentence)

    def test_letter_case_hides_nobody(self) -> None:
        """Names are folded before ranks are compared."""
        self.assertRaises(NotAllowed, self.chat.moderation.kick, 2.0, self.oscar, self.attic, "Alice", "")

    def test_kick_needs_somebody_there(self) -> None:
        """Who is not in the room cannot be sent out of it."""
        self.assertRaises(NotInRoom, self.chat.moderation.kick, 2.0, self.alice, self.attic, "stranger", "")


class RoleTests(ModerationTestCase):
    """Roles are given, taken, and end."""

    def test_last_owner_stays_owner(self) -> None:
        """A room that has an owner does not lose them by a slip."""
        self.assertRaises(
            NotAllowed, self.chat.moderation.set_role, 2.0, self.alice, self.attic, "alice", True, Role.MEMBER
        )
        self.world.happen(self.chat.moderation.set_role(2.0, self.alice, self.attic, "bob", False, Role.OWNER))
        self.world.happen(self.chat.moderation.set_role(3.0, self.alice, self.attic, "alice", True, Role.MEMBER))
        self.assertIs(Role.MEMBER, self.attic.role("alice"))

    def test_owners_do_not_depose_each_other(self) -> None:
        """They are equals."""
        self.world.happen(self.chat.moderation.set_role(2.0, self.alice, self.attic, "bob", False, Role.OWNER))
        self.assertRaises(
            NotAllowed, self.chat.moderation.set_role, 3.0, self.alice, self.attic, "bob", False, Role.MEMBER
        )

    def test_guest_has_a_role_only_in_the_room(self) -> None:
        """Who is not there and has no account could be anybody, later."""
        self.assertRaises(
            NotInRoom, self.chat.moderation.set_role, 2.0, self.alice, self.attic, "stranger", False, Role.OPERATOR
        )

    def test_role_of_a_guest_ends_when_they_leave(self) -> None:
        """The next guest of that name is another person."""
        self.world.happen(self.chat.membership.leave(2.0, self.oscar, self.attic, ""))
        self.assertEqual({"alice": Role.OWNER}, self.attic.roles)

    def test_role_of_a_guest_ends_when_they_are_sent_out(self) -> None:
        """As when they leave by themselves."""
        self.world.happen(self.chat.moderation.kick(2.0, self.alice, self.attic, "oscar", ""))
        self.assertEqual({"alice": Role.OWNER}, self.attic.roles)

    def test_role_of_a_guest_goes_along_to_another_name(self) -> None:
        """A guest's role goes along to another name, and nothing of it stays with the old one."""
        self.world.happen(self.chat.visits.rename(2.0, self.oscar, "otto", False))
        self.assertEqual({"alice": Role.OWNER, "otto": Role.OPERATOR}, self.attic.roles)

    def test_role_of_a_guest_who_signs_up_lasts(self) -> None:
        """It is the account's from then on, also after a restart: see L{tests.core.test_state}."""
        events = self.chat.visits.rename(2.0, self.oscar, "oscar", True)
        [role] = [event for event in events if isinstance(event, RoleSet)]
        self.assertEqual(("oscar", "operator", False), (role.who, role.role, role.guest))
        self.world.happen(events)
        self.world.happen(self.chat.membership.leave(3.0, self.oscar, self.attic, ""))
        self.assertIs(Role.OPERATOR, self.attic.role("oscar"))

    def test_ban_ends_a_role(self) -> None:
        """Otherwise an operator who is banned would be let in again, as operators are."""
        self.world.happen(self.chat.moderation.ban(2.0, self.alice, self.attic, "oscar", FOREVER, ""))
        self.assertEqual({"alice": Role.OWNER}, self.attic.roles)
        self.assertRaises(Banned, self.chat.membership.join, 3.0, self.oscar, self.attic)

    def test_ban_of_a_member_says_nothing_of_roles(self) -> None:
        """There was none to take."""
        events = self.chat.moderation.ban(2.0, self.alice, self.attic, "bob", FOREVER, "")
        self.assertEqual([RoomBanned, Sanctioned], [type(event) for event in events])

    def test_kick_of_a_guest_says_it_once(self) -> None:
        """The kick of a guest says once what happened: that the role lapses is no news to the room."""
        [kick, *others] = self.chat.moderation.kick(2.0, self.alice, self.attic, "oscar", "enough")
        self.assertEqual(Kicked(2.0, "attic", "alice", who="oscar", reason="enough"), kick)
        self.world.happen(kick)
        for event in others:
            self.assertFalse(self.chat.state.apply(event))


class BanTests(ModerationTestCase):
    """Out, and not to come back."""

    def ban(self, nick: str, until: float = FOREVER, reason: str = "") -> None:
        """By alice."""
        self.world.happen(self.chat.moderation.ban(2.0, self.alice, self.attic, nick, until, reason))

    def test_banned_person_is_out_and_stays_out(self) -> None:
        """Until somebody lifts it."""
        self.ban("bob")
        self.assertNotIn("bob", self.members())
        self.assertRaises(Banned, self.chat.membership.join, 1e9, self.who("bob"), self.attic)
        self.world.happen(self.chat.moderation.unban(3.0, self.alice, self.attic, "BOB"))
        self.enter("bob", 4.0)
        self.assertIn("bob", self.members())

    def test_ban_ends_at_its_time(self) -> None:
        """To the second, and not before."""
        self.ban("bob", until=60.0)
        self.assertRaises(Banned, self.chat.membership.join, 59.999, self.who("bob"), self.attic)
        self.enter("bob", 60.0)

    def test_banned_person_learns_until_when_and_why(self) -> None:
        """In the refusal."""
        self.ban("bob", until=86400.0, reason="shouting")
        refusal = self.assertRaises(Banned, self.chat.membership.join, 3.0, self.who("bob"), self.attic)
        self.assertIn("until 1970-01-02 00:00 UTC: shouting", refusal.sentence)

    def test_banned_with_an_invitation_is_banned(self) -> None:
        """The ban takes the invitation back; a later one does not open the door."""
        self.world.happen(self.chat.moderation.kick(2.0, self.alice, self.attic, "bob", ""))
        self.world.happen(self.chat.membership.invite(2.0, self.alice, self.attic, "bob", True))
        self.ban("bob")
        self.assertRaises(Banned, self.chat.membership.join, 3.0, self.who("bob"), self.attic)
        self.world.happen(self.chat.moderation.unban(3.0, self.alice, self.attic, "bob"))
        self.assertEqual(set(), self.attic.invited)

    def test_absent_person_can_be_banned(self) -> None:
        """Before they come."""
        self.ban("stranger")
        self.world.arrive("Stranger", "north")
        self.assertRaises(Banned, self.chat.membership.join, 3.0, self.who("stranger"), self.attic)

    def test_who_is_not_banned_cannot_be_unbanned(self) -> None:
        """A typing error is answered."""
        self.assertRaises(NotFound, self.chat.moderation.unban, 2.0, self.alice, self.attic, "bob")
        self.assertRaises(NotFound, self.chat.moderation.unmute, 2.0, self.alice, self.attic, "bob")

    def test_bans_that_have_run_out_make_space(self) -> None:
        """A full list is cleared of them first, and only then refused."""
        for number in range(LIMITS.bans_per_room):
            self.ban(f"troll{number}", until=60.0)
        self.assertRaises(LimitReached, self.chat.moderation.ban, 59.0, self.alice, self.attic, "bob", FOREVER, "")
        events = self.chat.moderation.ban(60.0, self.alice, self.attic, "bob", FOREVER, "")
        self.assertEqual(
            [RoomUnbanned] * LIMITS.bans_per_room + [RoomBanned, Sanctioned], [type(event) for event in events]
        )
        self.world.happen(events)
        self.assertEqual([self.who("bob").visit], list(self.attic.bans.entries))

    def test_list_that_is_full_can_still_be_changed(self) -> None:
        """Another term for somebody who is on it takes no more space."""
        for number in range(LIMITS.bans_per_room):
            self.ban(f"troll{number}")
        self.ban("TROLL0", until=60.0)
        self.assertEqual(60.0, self.attic.bans.entries["troll0"].until)


class MuteTests(ModerationTestCase):
    """Here, and silent."""

    def mute(self, until: float = FOREVER, reason: str = "") -> None:
        """Bob, by oscar."""
        self.world.happen(self.chat.moderation.mute(2.0, self.oscar, self.attic, "bob", until, reason))

    def test_muted_person_is_silent_for_the_time(self) -> None:
        """In this room, by words and by deeds."""
        self.mute(until=60.0)
        for act in (False, True):
            self.assertRaises(Muted, self.chat.talk.say, 59.0, self.who("bob"), "attic", "hi", act)
        self.chat.talk.say(60.0, self.who("bob"), "attic", "hi", False)

    def test_muted_person_learns_until_when_and_why(self) -> None:
        """In the refusal."""
        self.mute(reason="shouting")
        refusal = self.assertRaises(Muted, self.chat.talk.say, 3.0, self.who("bob"), "attic", "hi", False)
        self.assertIn("forever: shouting", refusal.sentence)

    def test_muted_person_is_muted_elsewhere_neither_by_this(self) -> None:
        """Each room has its own order."""
        self.mute()
        self.world.happen(self.chat.membership.create(3.0, self.who("bob"), "den", False, 0))
        self.world.happen(self.chat.membership.settle(3.0, self.who("bob"), "den"))
        self.chat.talk.say(4.0, self.who("bob"), "den", "hi", False)

    def test_mute_survives_leaving(self) -> None:
        """To go out and in again is no way around it."""
        self.mute()
        self.world.happen(self.chat.membership.leave(3.0, self.who("bob"), self.attic, ""))
        self.enter("bob", 4.0)
        self.assertRaises(Muted, self.chat.talk.say, 5.0, self.who("bob"), "attic", "hi", False)

    def test_mute_of_a_guest_goes_along_to_another_name(self) -> None:
        """For the rest of its time, and by the same operator."""
        self.mute(until=60.0, reason="shouting")
        self.world.happen(self.chat.visits.rename(3.0, self.who("bob"), "rob", False))
        self.assertRaises(Muted, self.chat.talk.say, 59.0, self.who("rob"), "attic", "hi", False)
        mute = self.attic.mutes.entries[self.who("rob").visit]
        self.assertEqual(("oscar", 60.0, "shouting"), (mute.nick, mute.until, mute.reason))

    def test_unmuted_person_may_talk(self) -> None:
        """At once."""
        self.mute()
        self.world.happen(self.chat.moderation.unmute(3.0, self.oscar, self.attic, "bob"))
        self.chat.talk.say(4.0, self.who("bob"), "attic", "hi", False)

    def test_mutes_and_bans_share_their_space(self) -> None:
        """One limit for the list of both."""
        for number in range(LIMITS.bans_per_room):
            self.world.happen(self.chat.moderation.mute(2.0, self.alice, self.attic, f"troll{number}", 60.0, ""))
        self.assertRaises(LimitReached, self.chat.moderation.ban, 3.0, self.alice, self.attic, "bob", FOREVER, "")
        self.world.happen(self.chat.moderation.ban(61.0, self.alice, self.attic, "bob", FOREVER, ""))
        self.assertEqual({}, self.attic.mutes.entries)


class WordingTests(SynchronousTestCase):
    """How sentences about it end."""

    def test_ends_of_sentences(self) -> None:
        """A time, or forever; a reason, or nothing."""
        self.assertEqual("forever", until_text(FOREVER))
        self.assertEqual("until 2026-01-01 12:00 UTC", until_text(1767268800.0))
        self.assertEqual(": spam", because("spam"))
        self.assertEqual(".", because(""))

    def test_reasons_are_clean_and_short(self) -> None:
        """They are read by everybody, like talk."""
        chat = World().chat
        self.assertEqual("[2Jspam", chat.staff.reason(" \x1b[2Jspam\r\n"))
        self.assertEqual(LIMITS.topic_length, len(chat.staff.reason("x" * 1000)))
