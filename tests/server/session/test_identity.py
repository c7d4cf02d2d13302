"""
Who one is: guests, accounts, sessions, and one person with several connections.
"""

from __future__ import annotations

from zope.interface.verify import verifyObject

from chatroom.errors import (
    NeedsAccount,
    NickOwned,
    NickTaken,
    NotAllowed,
    NotRegistered,
    Throttled,
    Unlawful,
    WrongPassword,
)
from chatroom.events import Joined, Left, Renamed, Role
from chatroom.interfaces import IEar, ISession
from tests.server.session.people import PASSWORD, CallerTestCase, Ear, Somebody


class InterfaceTests(CallerTestCase):
    """Callers are what commands and doors are promised."""

    def test_caller_keeps_its_promise(self) -> None:
        """Every method, with these arguments; so does the ear of these tests."""
        verifyObject(ISession, self.somebody().caller)
        verifyObject(IEar, Ear())


class GuestTests(CallerTestCase):
    """A nickname, for as long as one is here."""

    def test_guest_stands_in_the_lobby(self) -> None:
        """A guest stands in the lobby, and the others there hear of it."""
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

    def test_new_accounts_are_counted_by_address(self) -> None:
        """New accounts are counted by address, so many an hour; people behind a UNIX socket are not one person."""
        signups = {"192.0.2.1": 5, "192.0.2.2": 5, "": 7}
        for address, lawful in signups.items():
            for number in range(lawful):
                guest = Somebody(self.server, address)
                guest.gets(guest.caller.register(f"g{number}.{len(self.server.services.chat.state.people)}"))
                guest.gets(guest.caller.signup(PASSWORD))
        late = Somebody(self.server, "192.0.2.1")
        late.gets(late.caller.register("late"))
        self.assertIn("60 minutes", self.refused(Throttled, late, lambda: late.caller.signup(PASSWORD)))
        self.server.wait(3600)
        late.gets(late.caller.signup(PASSWORD))

    def test_signup_again_is_refused(self) -> None:
        """One account is enough."""
        alice = self.account("alice")
        self.refused(NotAllowed, alice, lambda: alice.caller.signup(PASSWORD))

    def test_weak_password_is_refused(self) -> None:
        """A weak password is refused, and nothing is made."""
        alice = self.guest("alice")
        self.refused(Unlawful, alice, lambda: alice.caller.signup("short"))
        self.assertFalse(alice.caller.account)

    def test_login(self) -> None:
        """By name and password, in any letter case of the name."""
        self.account("Alice").goes()
        somebody = self.somebody()
        login = somebody.gets(somebody.caller.login("ALICE", PASSWORD))
        self.assertEqual(("Alice", True), (login.nick, login.account))
        self.assertIn("alice", self.server.services.chat.state.rooms["lobby"].members)

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
        guesses = [Somebody(self.server, "198.51.100.7") for _ in spellings]
        for guess, spelling in zip(guesses[:5], spellings, strict=False):
            self.refused(WrongPassword, guess, lambda: guess.caller.login(spelling, "wrong horse"))  # noqa: B023
        self.refused(Throttled, guesses[5], lambda: guesses[5].caller.login("Alice", PASSWORD))

    def test_guessers_from_everywhere_lock_nobody_out(self) -> None:
        """A hundred wrong passwords from strangers, and strangers wait; alice comes home, or brings her token."""
        alice = self.guest("alice")
        token = alice.gets(alice.caller.signup(PASSWORD)).token
        assert token is not None
        alice.goes()
        for number in range(100):
            guess = Somebody(self.server, f"198.51.100.{number}")
            self.refused(WrongPassword, guess, lambda: guess.caller.login("alice", "wrong horse"))  # noqa: B023
        stranger = Somebody(self.server, "203.0.113.1")
        self.refused(Throttled, stranger, lambda: stranger.caller.login("alice", PASSWORD))
        self.assertEqual("alice", stranger.gets(stranger.caller.resume(token)).nick)
        self.assertEqual("alice", self.again("alice").caller.nick)

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
        self.assertEqual(("bob", "the account alice is banned here"), (left.nick, left.reason))

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
        self.assertEqual({}, self.server.services.chat.state.people)
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
        """Guests have no password, no sessions and no inbox."""
        alice = self.guest("alice")
        self.refused(NeedsAccount, alice, lambda: alice.caller.passwd(PASSWORD, PASSWORD))
        self.refused(NeedsAccount, alice, lambda: alice.caller.sessions())
        self.refused(NeedsAccount, alice, lambda: alice.caller.inbox())
