"""
Who one is: guests, accounts, sessions, and one person with several connections.
"""

from __future__ import annotations

from zope.interface.verify import verifyObject

from chatroom.core.accounts import DAY
from chatroom.errors import (
    LimitReached,
    NeedsAccount,
    NickOwned,
    NickTaken,
    NotAllowed,
    NotFound,
    NotRegistered,
    Throttled,
    Unlawful,
    WrongPassword,
)
from chatroom.events import Joined, Left, Renamed, Role, Said
from chatroom.interfaces import ICaller, IEar
from chatroom.limits import Limits
from tests.caller.people import PASSWORD, CallerTestCase, Ear, Somebody


class InterfaceTests(CallerTestCase):
    """Callers are what commands and doors are promised."""

    def test_caller_keeps_its_promise(self) -> None:
        """Every method, with these arguments; so does the ear of these tests."""
        verifyObject(ICaller, self.somebody().caller)
        verifyObject(IEar, Ear())


class GuestTests(CallerTestCase):
    """A nickname, for as long as one is here."""

    def test_guest_stands_in_the_lobby(self) -> None:
        """And others hear it."""
        alice = self.guest("alice")
        bob = self.somebody()
        login = bob.gets(bob.caller.register("Bob"))
        assert login.view is not None
        self.assertEqual(("Bob", False, None, "lobby"), (login.nick, login.account, login.token, login.view.name))
        self.assertEqual("Bob", bob.ear.nick)
        [event] = alice.hears()
        self.assertIsInstance(event, Joined)

    def test_nickname_is_taken_in_any_letter_case(self) -> None:
        """Until it is free, which it is when its owner is gone."""
        alice, other = self.guest("alice"), self.somebody()
        self.refused(NickTaken, other, lambda: other.caller.register("ALICE"))
        alice.goes()
        other.gets(other.caller.register("ALICE"))

    def test_unlawful_nickname_is_refused(self) -> None:
        """With what is lawful."""
        other = self.somebody()
        self.refused(Unlawful, other, lambda: other.caller.register("al ice"))

    def test_nickname_is_chosen_once(self) -> None:
        """Another one is another wish."""
        alice = self.guest("alice")
        self.refused(NotAllowed, alice, lambda: alice.caller.register("bob"))

    def test_nothing_without_a_nickname(self) -> None:
        """Whoever has none is told to choose one."""
        nobody = self.somebody()
        for wish in (
            lambda: nobody.caller.join("lobby"),
            lambda: nobody.caller.whisper("bob", "hi"),
            lambda: nobody.caller.signup(PASSWORD),
            lambda: nobody.caller.sessions(),
            lambda: nobody.caller.rename("bob"),
            lambda: nobody.caller.set_away("lunch"),
        ):
            self.refused(NotRegistered, nobody, wish)
        self.assertRaises(NotRegistered, nobody.caller.say, "hi", "lobby")

    def test_rename(self) -> None:
        """All rooms learn it, and the old name is free."""
        alice, bob = self.guest("alice"), self.guest("bob")
        bob.gets(bob.caller.rename("Rob"))
        self.assertEqual(("Rob", "Rob"), (bob.caller.nick, bob.ear.nick))
        self.assertEqual(["Rob"], [event.new for event in alice.hears() if isinstance(event, Renamed)])
        self.guest("bob")
        self.refused(NickTaken, alice, lambda: alice.caller.rename("rob"))

    def test_rename_to_other_letter_case(self) -> None:
        """It is the same name."""
        alice = self.guest("alice")
        alice.gets(alice.caller.rename("ALICE"))
        self.assertEqual("ALICE", alice.caller.nick)
        alice.gets(alice.caller.rename("ALICE"))

    def test_rename_to_a_name_of_an_account_is_refused(self) -> None:
        """Also while nobody uses it."""
        self.account("carl").goes()
        alice = self.guest("alice")
        self.refused(NickOwned, alice, lambda: alice.caller.rename("Carl"))
        other = self.somebody()
        self.refused(NickOwned, other, lambda: other.caller.register("Carl"))


class AccountTests(CallerTestCase):
    """A nickname of one's own."""

    def test_signup(self) -> None:
        """The nickname is an account's, and a token opens it again."""
        alice = self.guest("alice")
        login = alice.gets(alice.caller.signup(PASSWORD))
        self.assertTrue(login.account and alice.caller.account)
        assert login.token is not None
        self.assertGreaterEqual(len(login.token), 32)

    def test_signup_again_is_refused(self) -> None:
        """One account is enough."""
        alice = self.account("alice")
        self.refused(NotAllowed, alice, lambda: alice.caller.signup(PASSWORD))

    def test_weak_password_is_refused(self) -> None:
        """And nothing is made."""
        alice = self.guest("alice")
        self.refused(Unlawful, alice, lambda: alice.caller.signup("short"))
        self.assertFalse(alice.caller.account)

    def test_login(self) -> None:
        """By name and password, in any letter case of the name."""
        self.account("Alice").goes()
        somebody = self.somebody()
        login = somebody.gets(somebody.caller.login("ALICE", PASSWORD))
        self.assertEqual(("Alice", True), (login.nick, login.account))
        self.assertIn("alice", self.house.hub.chat.rooms["lobby"].members)

    def test_wrong_password_and_unknown_name_are_refused_alike(self) -> None:
        """Nobody learns which names there are."""
        self.account("alice").goes()
        somebody = self.somebody()
        self.assertEqual(
            self.refused(WrongPassword, somebody, lambda: somebody.caller.login("alice", "wrong horse battery")),
            self.refused(WrongPassword, somebody, lambda: somebody.caller.login("nobody", PASSWORD)),
        )
        self.assertIs(None, somebody.caller.nick)

    def test_guessing_is_slowed_down_in_every_spelling(self) -> None:
        """Spaces and letter case make no new account to guess at."""
        self.account("alice").goes()
        spellings = ["alice", " alice", "ALICE", "alice  ", "ａｌｉｃｅ", "Alice"]
        guesses = [Somebody(self.house, f"198.51.100.{number}") for number in range(len(spellings))]
        for guess, spelling in zip(guesses[:5], spellings, strict=False):
            self.refused(WrongPassword, guess, lambda: guess.caller.login(spelling, "wrong horse"))  # noqa: B023
        self.refused(Throttled, guesses[5], lambda: guesses[5].caller.login("Alice", PASSWORD))

    def test_guest_who_logs_in_keeps_their_rooms(self) -> None:
        """They are the same person, under another name."""
        self.account("alice").goes()
        bob, other = self.guest("bob"), self.guest("other")
        bob.gets(bob.caller.create("den"))
        other.hears()
        bob.gets(bob.caller.login("alice", PASSWORD))
        self.assertEqual((("lobby", "den"), "den", "alice"), (bob.caller.rooms, bob.caller.room, bob.caller.nick))
        self.assertEqual(["alice"], [event.new for event in other.hears() if isinstance(event, Renamed)])
        self.assertIs(Role.OWNER, bob.caller.view().role)
        self.guest("bob")

    def test_guest_who_turns_out_to_be_banned_is_out(self) -> None:
        """To come in as somebody else is no way around a ban; the login stands."""
        self.account("alice").goes()
        bob, carl = self.guest("bob"), self.guest("carl")
        carl.gets(carl.caller.create("den"))
        bob.gets(bob.caller.join("den"))
        carl.gets(carl.caller.ban("alice", 0.0))
        carl.hears()
        login = bob.gets(bob.caller.login("alice", PASSWORD))
        self.assertEqual(("alice", ("lobby",), "lobby"), (login.nick, bob.caller.rooms, bob.caller.room))
        self.assertIn("banned", bob.notices())
        [left] = [event for event in carl.hears() if isinstance(event, Left)]
        self.assertEqual(("bob", "alice is banned here"), (left.nick, left.reason))

    def test_account_is_logged_in_once_at_a_time_by_one_connection(self) -> None:
        """Who is somebody has to log out first."""
        alice = self.account("alice")
        self.refused(NotAllowed, alice, lambda: alice.caller.login("alice", PASSWORD))
        self.refused(NotAllowed, alice, lambda: alice.caller.resume("x"))

    def test_logout(self) -> None:
        """The session ends, and the nickname question comes again."""
        alice = self.guest("alice")
        token = alice.gets(alice.caller.signup(PASSWORD)).token
        alice.gets(alice.caller.logout())
        self.assertEqual((None, None, ()), (alice.caller.nick, alice.ear.nick, alice.caller.rooms))
        self.assertEqual({}, self.house.hub.chat.people)
        self.refused(WrongPassword, alice, lambda: alice.caller.resume(str(token)))
        alice.gets(alice.caller.register("somebody"))

    def test_rename_of_an_account(self) -> None:
        """The letter case may change, and is kept; the name may not."""
        alice = self.account("alice")
        self.refused(NotAllowed, alice, lambda: alice.caller.rename("bob"))
        alice.gets(alice.caller.rename("ALICE"))
        alice.goes()
        self.assertEqual("ALICE", self.again("alice").caller.nick)

    def test_passwd(self) -> None:
        """The old one is asked for; the new one opens the door, and other sessions end."""
        alice, other = self.account("alice"), self.again("alice")
        self.refused(WrongPassword, alice, lambda: alice.caller.passwd("wrong horse battery", "another horse"))
        self.refused(Unlawful, alice, lambda: alice.caller.passwd(PASSWORD, "short"))
        self.assertEqual(1, alice.gets(alice.caller.passwd(PASSWORD, "another horse")))
        self.assertIsNot(None, other.ear.goodbye)
        self.assertIs(None, alice.ear.goodbye)
        somebody = self.somebody()
        self.refused(WrongPassword, somebody, lambda: somebody.caller.login("alice", PASSWORD))
        somebody.gets(somebody.caller.login("alice", "another horse"))

    def test_guests_have_no_password(self) -> None:
        """Nor sessions, nor an inbox."""
        alice = self.guest("alice")
        self.refused(NeedsAccount, alice, lambda: alice.caller.passwd(PASSWORD, PASSWORD))
        self.refused(NeedsAccount, alice, lambda: alice.caller.sessions())
        self.refused(NeedsAccount, alice, lambda: alice.caller.inbox())


class SessionTests(CallerTestCase):
    """Tokens that open the door again."""

    limits = Limits(session_days=1.0, login_tries_per_address=3, sessions_per_account=3)

    def token(self, nick: str) -> str:
        """Of a new account, whose connection is gone."""
        guest = self.guest(nick)
        token = guest.gets(guest.caller.signup(PASSWORD)).token
        guest.goes()
        assert token is not None
        return token

    def test_resume(self) -> None:
        """It lives on, and is not shown again."""
        token = self.token("alice")
        for _ in range(3):
            somebody = self.somebody()
            login = somebody.gets(somebody.caller.resume(f" {token} "))
            self.assertEqual(("alice", True, None), (login.nick, login.account, login.token))
            somebody.goes()

    def test_use_prolongs_a_session(self) -> None:
        """It ends so long after its last use."""
        token = self.token("alice")
        self.house.wait(0.9 * DAY)
        somebody = self.somebody()
        somebody.gets(somebody.caller.resume(token))
        somebody.goes()
        self.house.wait(0.9 * DAY)
        somebody.gets((again := self.somebody()).caller.resume(token))
        again.goes()
        self.house.wait(1.1 * DAY)
        late = self.somebody()
        self.refused(WrongPassword, late, lambda: late.caller.resume(token))

    def test_guessing_tokens_is_slowed_down(self) -> None:
        """As passwords are."""
        token, guess = self.token("alice"), self.somebody()
        for _ in range(3):
            self.refused(WrongPassword, guess, lambda: guess.caller.resume("wrong"))
        self.refused(Throttled, guess, lambda: guess.caller.resume(token))

    def test_sessions_are_listed(self) -> None:
        """The latest use first, and which of them is this one."""
        alice = self.account("alice")
        self.house.wait(1)
        self.again("alice")
        listed = alice.gets(alice.caller.sessions())
        self.assertEqual([False, True], [current for _, current in listed])
        self.assertEqual("192.0.2.1", listed[0][0].label)

    def test_revoke(self) -> None:
        """One by its public id: its connections are closed, and it opens nothing any more."""
        token = self.token("alice")
        alice, other = self.again("alice"), self.somebody()
        other.gets(other.caller.resume(token))
        [theirs] = [session for session, current in alice.gets(alice.caller.sessions()) if not current]
        self.assertEqual(1, alice.gets(alice.caller.revoke(theirs.digest[:8].upper())))
        self.assertIsNot(None, other.ear.goodbye)
        self.refused(WrongPassword, self.somebody(), lambda: self.somebody().caller.resume(token))
        self.refused(NotFound, alice, lambda: alice.caller.revoke(theirs.digest[:8]))

    def test_own_session_is_ended_by_logging_out(self) -> None:
        """To revoke it would be a way to saw off one's own branch."""
        alice = self.account("alice")
        [(own, _)] = alice.gets(alice.caller.sessions())
        self.refused(NotAllowed, alice, lambda: alice.caller.revoke(own.digest[:8]))
        self.assertEqual(0, alice.gets(alice.caller.revoke("all")))

    def test_oldest_sessions_go_first(self) -> None:
        """There is a limit to how many live."""
        token = self.token("alice")
        for _ in range(3):
            self.house.wait(1)
            self.again("alice").goes()
        somebody = self.somebody()
        self.refused(WrongPassword, somebody, lambda: somebody.caller.resume(token))


class ManyConnectionsTests(CallerTestCase):
    """One person, several connections."""

    def test_others_see_one_person(self) -> None:
        """Who comes when the first connection does and goes with the last."""
        bob = self.guest("bob")
        one = self.account("alice")
        bob.hears()
        other = self.again("alice")
        one.goes()
        self.assertEqual([], bob.hears())
        other.goes()
        self.assertEqual([Left], [type(event) for event in bob.hears()])

    def test_each_hears_everything_but_what_it_said_itself(self) -> None:
        """What one says at home is read on the telephone as well."""
        one = self.account("alice")
        other = self.again("alice")
        one.says("hello")
        self.assertEqual([], one.hears())
        self.assertEqual(["hello"], [event.text for event in other.hears() if isinstance(event, Said)])

    def test_rooms_are_shared(self) -> None:
        """Each looks at one of them by itself."""
        one = self.account("alice")
        other = self.again("alice")
        one.gets(one.caller.create("den"))
        self.assertEqual(("den", "lobby"), (one.caller.room, other.caller.room))
        self.assertEqual(one.caller.rooms, other.caller.rooms)
        other.gets(other.caller.leave("den"))
        self.assertEqual(("lobby", ("lobby",)), (one.caller.room, one.caller.rooms))

    def test_guest_who_is_somebody_here_already_joins_them(self) -> None:
        """The guest goes; the rooms they were in are the person's."""
        one, bob, carl = self.account("alice"), self.guest("bob"), self.guest("carl")
        carl.gets(carl.caller.create("den"))
        bob.gets(bob.caller.join("den"))
        one.hears(), carl.hears()
        bob.gets(bob.caller.login("alice", PASSWORD))
        self.assertEqual(("alice", "alice", "den"), (bob.caller.nick, bob.ear.nick, bob.caller.room))
        self.assertEqual({"lobby", "den"}, set(one.caller.rooms))
        self.assertEqual({"alice", "carl"}, set(self.house.hub.chat.people))
        carl.says("hello", "den")
        self.assertIn("hello", [event.text for event in one.hears() if isinstance(event, Said)])
        self.guest("bob")

    def test_guest_does_not_bring_anybody_where_they_may_not_be(self) -> None:
        """The login stands; only that room is left, and said so."""
        one, bob, carl = self.account("alice"), self.guest("bob"), self.guest("carl")
        carl.gets(carl.caller.create("den"))
        bob.gets(bob.caller.join("den"))
        carl.gets(carl.caller.ban("alice", 0.0))
        login = bob.gets(bob.caller.login("alice", PASSWORD))
        self.assertEqual(("alice", ("lobby",), "lobby"), (login.nick, bob.caller.rooms, bob.caller.room))
        self.assertIn("banned", bob.notices())
        self.assertEqual(2, len(one.gets(one.caller.sessions())))
        bob.gets(bob.caller.sessions())

    def test_guest_who_joins_them_ignores_whom_they_ignore(self) -> None:
        """Whom one does not want to read, one reads on no connection."""
        one, bob, carl = self.account("alice"), self.guest("bob"), self.guest("carl")
        one.gets(one.caller.ignore("carl"))
        bob.gets(bob.caller.login("alice", PASSWORD))
        bob.hears()
        carl.says("buy this")
        self.assertEqual([], bob.hears())
        self.assertEqual({"carl"}, bob.caller.ignored)

    def test_away_is_the_persons(self) -> None:
        """Said once to each who shares a room."""
        bob, one = self.guest("bob"), self.account("alice")
        other = self.again("alice")
        bob.is_told(), other.is_told()
        one.gets(one.caller.set_away("lunch"))
        self.assertEqual(1, len(bob.is_told()))
        self.assertEqual(1, len(other.is_told()))
        self.assertEqual([], one.is_told())


class IgnoreTests(CallerTestCase):
    """Whom one would rather not read."""

    limits = Limits(ignores=2)

    def test_ignored_talk_is_not_heard(self) -> None:
        """Nor whispers; comings and goings are."""
        alice, bob = self.guest("alice"), self.guest("bob")
        alice.hears()
        alice.gets(alice.caller.ignore("BOB"))
        bob.says("buy this")
        bob.gets(bob.caller.whisper("alice", "buy this"))
        self.assertEqual(([], []), (alice.hears(), alice.is_told()))
        bob.goes()
        self.assertEqual([Left], [type(event) for event in alice.hears()])

    def test_unignored_talk_is_heard_again(self) -> None:
        """In any letter case of the name."""
        alice, bob = self.guest("alice"), self.guest("bob")
        alice.hears()
        alice.gets(alice.caller.ignore("bob"))
        self.refused(NotFound, alice, lambda: alice.caller.unignore("carl"))
        alice.gets(alice.caller.unignore(" Bob "))
        bob.says("hello")
        self.assertEqual(1, len(alice.hears()))

    def test_accounts_remember(self) -> None:
        """Over visits, for all connections."""
        one, other = self.account("alice"), self.again("alice")
        one.gets(one.caller.ignore("bob"))
        self.assertEqual({"bob"}, other.caller.ignored)
        one.goes(), other.goes()
        self.assertEqual({"bob"}, self.again("alice").caller.ignored)

    def test_guest_who_signs_up_ignores_whom_they_ignored(self) -> None:
        """It is kept from then on."""
        alice = self.guest("alice")
        alice.gets(alice.caller.ignore("bob"))
        alice.gets(alice.caller.signup(PASSWORD))
        self.assertEqual({"bob"}, alice.caller.ignored)
        alice.goes()
        self.assertEqual({"bob"}, self.again("alice").caller.ignored)

    def test_limit_and_oneself(self) -> None:
        """There is an end to it; to name somebody again is harmless."""
        alice = self.guest("alice")
        self.refused(NotAllowed, alice, lambda: alice.caller.ignore("Alice"))
        for nick in ("bob", "carl", "Bob"):
            alice.gets(alice.caller.ignore(nick))
        self.refused(LimitReached, alice, lambda: alice.caller.ignore("dora"))
