"""
Rooms, as somebody in them sees and changes them.
"""

from __future__ import annotations

from chatroom.errors import (
    Banned,
    LimitReached,
    NeedsAccount,
    NoSuchPerson,
    NoSuchRoom,
    NotAllowed,
    NotInRoom,
    RoomExists,
    RoomWantsPassword,
    Throttled,
    Unlawful,
    WrongPassword,
)
from chatroom.events import FOREVER, Invited, Joined, Kicked, Left, PasswordSet, Role, RoomBanned, Sanctioned, TopicSet
from chatroom.limits import Limits
from tests.server.session.people import CallerTestCase, Somebody


class RoomsTestCase(CallerTestCase):
    """Alice owns the den; bob is a guest in the lobby."""

    limits = Limits(rooms_per_person=3, kept_rooms_per_account=1, recent_lines=3, login_tries=2)

    def setUp(self) -> None:
        """Both have heard all there was."""
        super().setUp()
        self.alice, self.bob = self.guest("alice"), self.guest("bob")
        self.alice.gets(self.alice.caller.create("den"))
        self.hear_out()

    def hear_out(self) -> None:
        """Forget what was heard."""
        for somebody in (self.alice, self.bob):
            somebody.hears()
            somebody.is_told()


class ComingTests(RoomsTestCase):
    """In and out."""

    def test_maker_owns_the_room(self) -> None:
        """Whoever makes a room owns it, is in it, and has it as the current room."""
        view = self.alice.caller.view()
        self.assertEqual(("den", Role.OWNER, False), (view.name, view.role, view.keep))
        self.assertEqual(["alice"], [person.nick for person in view.people])

    def test_people_are_as_they_are_now(self) -> None:
        """They are looked up once for a crowd, and again when anybody has come, gone, or is another than before."""
        look = self.alice.caller.view
        before = look("lobby").people
        self.assertIs(before, look("lobby").people)
        self.assertEqual(["alice"], [person.nick for person in look("den").people])
        self.bob.gets(self.bob.caller.set_away("lunch"))
        self.assertEqual(["", "lunch"], [person.away for person in look("lobby").people])
        self.bob.gets(self.bob.caller.rename("rob"))
        self.assertEqual(["alice", "rob"], [person.nick for person in look("lobby").people])
        self.bob.gets(self.bob.caller.leave("lobby"))
        self.assertEqual(["alice"], [person.nick for person in look("lobby").people])

    def test_room_that_exists_cannot_be_made(self) -> None:
        """A room that exists cannot be made, nor one with an unlawful name."""
        self.refused(RoomExists, self.bob, lambda: self.bob.caller.create("#DEN"))
        self.refused(Unlawful, self.bob, lambda: self.bob.caller.create("a b"))

    def test_kept_rooms_are_for_accounts(self) -> None:
        """Only an account can keep a room, and only so many."""
        self.refused(NeedsAccount, self.bob, lambda: self.bob.caller.create("attic", keep=True))
        carl = self.account("carl")
        self.assertTrue(carl.gets(carl.caller.create("attic", keep=True)).keep)
        self.refused(LimitReached, carl, lambda: carl.caller.create("cellar", keep=True))

    def test_joining(self) -> None:
        """Others hear it; one sees what was said last, and looks at the room."""
        for number in range(5):
            self.alice.says(f"line {number}")
        view = self.bob.gets(self.bob.caller.join("#Den"))
        self.assertEqual(["line 2", "line 3", "line 4"], [getattr(event, "text", "") for event in view.recent])
        self.assertEqual("den", self.bob.caller.room)
        [joined] = self.alice.hears()
        self.assertIsInstance(joined, Joined)
        self.assertEqual(joined.seq, view.last)  # type: ignore[attr-defined]

    def test_joining_again_is_harmless(self) -> None:
        """One looks at the room, and nobody hears of it."""
        self.bob.gets(self.bob.caller.join("den"))
        self.bob.caller.look("lobby")
        self.hear_out()
        view = self.bob.gets(self.bob.caller.join("den"))
        self.assertEqual(("den", []), (self.bob.caller.room, self.alice.hears()))
        self.assertEqual(self.server.services.chat.state.rooms["den"].last, view.last)

    def test_joining_what_is_not_there(self) -> None:
        """The refusal says how to make it."""
        self.assertIn("/create attic", self.refused(NoSuchRoom, self.bob, lambda: self.bob.caller.join("attic")))

    def test_joining_has_a_limit(self) -> None:
        """Nobody is in more than so many rooms at once."""
        for name in ("one", "two"):
            self.bob.gets(self.bob.caller.create(name))
        self.refused(LimitReached, self.bob, lambda: self.bob.caller.join("den"))
        self.refused(LimitReached, self.bob, lambda: self.bob.caller.create("three"))
        self.bob.gets(self.bob.caller.leave("one"))
        self.bob.gets(self.bob.caller.join("den"))

    def test_leaving(self) -> None:
        """With a reason, which others hear; one looks at the next of one's rooms."""
        self.bob.gets(self.bob.caller.join("den"))
        self.hear_out()
        self.assertEqual("den", self.bob.gets(self.bob.caller.leave(reason="tea")))
        self.assertEqual(("lobby", ("lobby",)), (self.bob.caller.room, self.bob.caller.rooms))
        [left] = self.alice.hears()
        self.assertEqual(("bob", "tea", False), (left.nick, left.reason, left.gone))  # type: ignore[attr-defined]
        self.alice.says("hello?")
        self.assertEqual([], self.bob.hears())

    def test_leaving_where_one_is_not(self) -> None:
        """Nobody leaves a room that they are not in, or that is not there."""
        self.refused(NotInRoom, self.bob, lambda: self.bob.caller.leave("den"))
        self.refused(NoSuchRoom, self.bob, lambda: self.bob.caller.leave("attic"))

    def test_looking(self) -> None:
        """Only into rooms one is in."""
        self.alice.caller.look("LOBBY")
        self.assertEqual("lobby", self.alice.caller.room)
        self.assertRaises(NotInRoom, self.bob.caller.look, "den")

    def test_list_of_rooms(self) -> None:
        """The fullest first; private ones only for those inside."""
        self.assertEqual(["lobby", "den"], [room.name for room in self.bob.caller.rooms_open()])
        self.alice.gets(self.alice.caller.set_invite_only(True))
        self.assertEqual(["lobby"], [room.name for room in self.bob.caller.rooms_open()])
        self.assertEqual(["lobby", "den"], [room.name for room in self.alice.caller.rooms_open()])


class DoorTests(RoomsTestCase):
    """Who may come in."""

    def test_password(self) -> None:
        """Asked for, and checked; the room hears that there is one, and not what it is."""
        self.bob.gets(self.bob.caller.join("den"))
        self.hear_out()
        self.alice.gets(self.alice.caller.set_password("open sesame"))
        [event] = self.bob.hears()
        assert isinstance(event, PasswordSet)
        self.assertEqual((True, ""), (event.on, event.hash))
        self.bob.gets(self.bob.caller.leave("den"))
        self.refused(RoomWantsPassword, self.bob, lambda: self.bob.caller.join("den"))
        self.refused(WrongPassword, self.bob, lambda: self.bob.caller.join("den", "open barley"))
        self.bob.gets(self.bob.caller.join("den", "open sesame"))

    def test_guessing_a_password_is_slowed_down(self) -> None:
        """As with accounts."""
        self.alice.gets(self.alice.caller.set_password("open sesame"))
        for _ in range(2):
            self.refused(WrongPassword, self.bob, lambda: self.bob.caller.join("den", "open barley"))
        self.refused(Throttled, self.bob, lambda: self.bob.caller.join("den", "open sesame"))

    def test_password_is_lifted(self) -> None:
        """By setting none."""
        self.alice.gets(self.alice.caller.set_password("open sesame"))
        self.alice.gets(self.alice.caller.set_password(""))
        self.bob.gets(self.bob.caller.join("den"))

    def test_invitation(self) -> None:
        """Told to whom it is for; it opens a private room with a password, once."""
        self.alice.gets(self.alice.caller.set_invite_only(True))
        self.alice.gets(self.alice.caller.set_password("open sesame"))
        self.refused(NoSuchRoom, self.bob, lambda: self.bob.caller.join("den", "open sesame"))
        self.alice.gets(self.alice.caller.invite("BOB"))
        [told] = self.bob.is_told()
        self.assertIsInstance(told, Invited)
        self.bob.gets(self.bob.caller.join("den"))
        self.bob.gets(self.bob.caller.leave("den"))
        self.refused(NoSuchRoom, self.bob, lambda: self.bob.caller.join("den"))

    def test_invitation_of_nobody(self) -> None:
        """An invitation of nobody is refused, and so is one of somebody inside."""
        self.refused(NoSuchPerson, self.alice, lambda: self.alice.caller.invite("nobody"))
        self.refused(NotAllowed, self.alice, lambda: self.alice.caller.invite("alice"))

    def test_invitation_by_somebody_ignored_is_not_told(self) -> None:
        """It holds, for whoever changes their mind."""
        self.bob.gets(self.bob.caller.ignore("alice"))
        self.alice.gets(self.alice.caller.invite("bob"))
        self.assertEqual([], self.bob.is_told())

    def test_owner_needs_no_invitation(self) -> None:
        """An account comes back to its own room as it likes."""
        carl = self.account("carl")
        carl.gets(carl.caller.create("attic", keep=True))
        carl.gets(carl.caller.set_invite_only(True))
        carl.gets(carl.caller.set_password("open sesame"))
        carl.goes()
        carl = self.again("carl")
        carl.gets(carl.caller.join("attic"))


class OrderTests(RoomsTestCase):
    """What owners and operators do."""

    def setUp(self) -> None:
        """Bob is in the den as well."""
        super().setUp()
        self.bob.gets(self.bob.caller.join("den"))
        self.hear_out()

    def last(self, who: Somebody) -> object:
        """The last event of a room that somebody heard."""
        return who.hears()[-1]

    def test_topic(self) -> None:
        """The topic is for operators where there are some, in the lobby for the staff, and elsewhere for everybody."""
        self.refused(NotAllowed, self.bob, lambda: self.bob.caller.set_topic("mine"))
        self.alice.gets(self.alice.caller.set_topic("gardens"))
        event = self.last(self.bob)
        assert isinstance(event, TopicSet)
        self.assertEqual("gardens", event.text)
        self.refused(NotAllowed, self.bob, lambda: self.bob.caller.set_topic("everybody's", "lobby"))
        self.alice.gets(self.alice.caller.leave("den"))
        self.bob.gets(self.bob.caller.set_topic("everybody's", "den"))
        self.assertEqual("everybody's", self.bob.caller.view("den").topic)

    def test_kick(self) -> None:
        """The one who is out hears it as the last thing, and where they are now."""
        self.alice.gets(self.alice.caller.kick("BOB", "too loud"))
        event = self.last(self.bob)
        assert isinstance(event, Kicked)
        self.assertEqual(("bob", "too loud"), (event.who, event.reason))
        self.assertEqual((["looking"], "lobby"), (self.bob.notices(), self.bob.caller.room))
        self.alice.says("quiet", "den")
        self.assertEqual([], self.bob.hears())

    def test_ban(self) -> None:
        """As a kick, and for a time."""
        until = self.server.now() + 60
        self.alice.gets(self.alice.caller.ban("bob", until, "spam"))
        self.assertIsInstance(self.last(self.bob), RoomBanned)
        self.refused(Banned, self.bob, lambda: self.bob.caller.join("den"))
        self.assertEqual([until], [event.until for event in self.alice.caller.bans()])
        self.server.wait(60)
        self.assertEqual([], list(self.alice.caller.bans()))
        self.bob.gets(self.bob.caller.join("den"))

    def test_ban_of_somebody_not_here(self) -> None:
        """By a lawful name, as its owner would write it."""
        self.alice.gets(self.alice.caller.ban("Troll", FOREVER))
        self.refused(Unlawful, self.alice, lambda: self.alice.caller.ban("no such name", FOREVER))
        troll = self.guest("TROLL")
        self.refused(Banned, troll, lambda: troll.caller.join("den"))
        self.alice.gets(self.alice.caller.unban("troll"))
        troll.gets(troll.caller.join("den"))

    def test_mute(self) -> None:
        """Listed with the bans, and lifted."""
        self.alice.gets(self.alice.caller.mute("bob", FOREVER, "spam"))
        self.assertEqual([Sanctioned], [type(event) for event in self.alice.caller.bans()])
        self.alice.gets(self.alice.caller.unmute("bob"))
        self.bob.says("thanks")

    def test_roles(self) -> None:
        """Given to people who are there, and to accounts wherever they are."""
        self.account("carl").goes()
        self.alice.gets(self.alice.caller.set_role("carl", Role.OPERATOR))
        self.refused(NoSuchPerson, self.alice, lambda: self.alice.caller.set_role("nobody", Role.OPERATOR))
        self.alice.gets(self.alice.caller.set_role("Bob", Role.OPERATOR))
        self.assertIs(Role.OPERATOR, self.bob.caller.view("den").role)

    def test_who_is_here(self) -> None:
        """With their roles, in the room; without, on the server."""
        roles = {person.nick: person.role for person in self.bob.caller.people()}
        self.assertEqual({"alice": Role.OWNER, "bob": Role.MEMBER}, roles)
        self.guest("carl")
        self.assertEqual({"alice", "bob", "carl"}, {person.nick for person in self.bob.caller.people("*")})

    def test_room_empties(self) -> None:
        """The last one in it may be sent out by nobody, and leaves a room that is gone."""
        self.alice.gets(self.alice.caller.leave("den"))
        [left] = [event for event in self.bob.hears() if isinstance(event, Left)]
        self.assertEqual("alice", left.nick)
        self.bob.gets(self.bob.caller.leave("den"))
        self.assertNotIn("den", self.server.services.chat.state.rooms)
