"""
One person with several connections, their sessions, and whom they would rather not read.
"""

from __future__ import annotations

from chatroom.core.accounts import DAY
from chatroom.errors import LimitReached, NotAllowed, NotFound, Throttled, WrongPassword
from chatroom.events import Left, Said
from chatroom.limits import Limits
from chatroom.testing import Server
from tests.server.session.people import PASSWORD, CallerTestCase, Somebody


class SessionCase(CallerTestCase):
    """Somebody with sessions."""

    limits = Limits(session_days=1.0, login_tries_per_address=3, sessions_per_account=3)

    def token(self, nick: str) -> str:
        """Of a new account, whose connection is gone."""
        guest = self.guest(nick)
        token = guest.gets(guest.caller.signup(PASSWORD, keep=True)).token
        guest.goes()
        assert token is not None
        return token

    def login(self, nick: str, keep: bool) -> Somebody:
        """Another connection that has logged in by the password; C{session} is its token."""
        somebody = self.somebody()
        login = somebody.gets(somebody.caller.login(nick, PASSWORD, keep))
        self.assertEqual(keep, login.kept)
        self.session = login.token or ""
        return somebody

    def opens(self, token: str) -> bool:
        """Whether a session can be resumed. It is left at once."""
        somebody = self.somebody()
        try:
            somebody.gets(somebody.caller.resume(token))
        except WrongPassword:
            return False
        finally:
            somebody.goes()
        return True


class SessionTests(SessionCase):
    """Tokens that open the door again."""

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
        self.server.wait(0.9 * DAY)
        somebody = self.somebody()
        somebody.gets(somebody.caller.resume(token))
        somebody.goes()
        self.server.wait(0.9 * DAY)
        somebody.gets((again := self.somebody()).caller.resume(token))
        again.goes()
        self.server.wait(1.1 * DAY)
        late = self.somebody()
        self.refused(WrongPassword, late, lambda: late.caller.resume(token))

    def test_guessing_tokens_is_slowed_down(self) -> None:
        """As passwords are; and whoever has one from before is not kept out by it."""
        token, guess = self.token("alice"), self.somebody()
        for _ in range(3):
            self.refused(WrongPassword, guess, lambda: guess.caller.resume("wrong"))
        self.refused(Throttled, guess, lambda: guess.caller.resume("wrong"))
        self.assertEqual("alice", guess.gets(guess.caller.resume(token)).nick)

    def test_sessions_are_listed(self) -> None:
        """The latest use first, and which of them is this one."""
        alice = self.account("alice")
        self.server.wait(1)
        self.again("alice")
        listed = alice.gets(alice.caller.sessions())
        self.assertEqual([False, True], [session.current for session in listed])
        self.assertEqual("192.0.2.1", listed[0].label)

    def test_revoke(self) -> None:
        """One by its public id: its connections are closed, and it opens nothing any more."""
        token = self.token("alice")
        alice, other = self.again("alice"), self.somebody()
        other.gets(other.caller.resume(token))
        [theirs] = [session for session in alice.gets(alice.caller.sessions()) if not session.current]
        self.assertEqual(1, alice.gets(alice.caller.revoke(theirs.id.upper())))
        self.assertIsNot(None, other.ear.goodbye)
        self.refused(WrongPassword, self.somebody(), lambda: self.somebody().caller.resume(token))
        self.refused(NotFound, alice, lambda: alice.caller.revoke(theirs.id))

    def test_own_session_is_ended_by_logging_out(self) -> None:
        """To revoke it would be a way to saw off one's own branch."""
        alice = self.account("alice")
        [own] = alice.gets(alice.caller.sessions())
        self.refused(NotAllowed, alice, lambda: alice.caller.revoke(own.id))
        self.assertEqual(0, alice.gets(alice.caller.revoke("all")))

    def test_oldest_sessions_go_first(self) -> None:
        """There is a limit to how many are kept."""
        token = self.token("alice")
        for _ in range(3):
            self.server.wait(1)
            self.login("alice", True).goes()
        somebody = self.somebody()
        self.refused(WrongPassword, somebody, lambda: somebody.caller.resume(token))


class BriefSessionTests(SessionCase):
    """Sessions that nobody asked to keep."""

    def test_they_push_nobody_out(self) -> None:
        """However many log in by a password and do not ask, those that were kept stay."""
        token = self.token("alice")
        for _ in range(10):
            self.server.wait(1)
            self.login("alice", False).goes()
        self.assertTrue(self.opens(token))

    def test_as_long_as_the_connection(self) -> None:
        """It can be resumed while a connection lives by it, however long, and some minutes after the last one."""
        self.token("alice")
        one = self.login("alice", False)
        self.server.wait(0.9 * DAY)
        two = self.somebody()
        two.gets(two.caller.resume(self.session))
        one.goes()
        self.server.wait(3600)
        self.assertTrue(self.opens(self.session))
        two.goes()
        self.server.wait(290)
        self.assertTrue(self.opens(self.session))
        self.server.wait(310)
        self.assertFalse(self.opens(self.session))

    def test_logging_out_ends_it_at_once(self) -> None:
        """As it does any other."""
        self.token("alice")
        one = self.login("alice", False)
        one.gets(one.caller.logout())
        self.assertFalse(self.opens(self.session))

    def test_kept_after_all(self) -> None:
        """Who asks to keep it later keeps it, also by another connection."""
        self.token("alice")
        one = self.login("alice", False)
        two = self.somebody()
        two.gets(two.caller.resume(self.session))
        self.assertTrue(one.gets(one.caller.keep_session()).kept)
        one.goes()
        two.goes()
        self.server.wait(0.9 * DAY)
        self.assertTrue(self.opens(self.session))

    def test_across_a_restart(self) -> None:
        """A process that begins gives those that were connected in the last one some minutes, and no more."""
        self.token("alice")
        self.login("alice", False)
        self.server.stop()
        server = Server(self.limits, backend=self.server.backend, clock=self.server.clock)
        server.wait(290)
        program = server.program()
        self.assertTrue(program.asks("resume", token=self.session)["ok"])
        program.disconnects()
        server.wait(310)
        self.assertEqual("wrong-password", server.program().asks("resume", token=self.session)["error"])

    def test_place_stays_known(self) -> None:
        """Where its owner has come in from by the password counts as known for as long as a kept session lives."""
        guest = self.guest("alice")
        guest.gets(guest.caller.signup(PASSWORD))
        guest.goes()
        self.server.wait(0.9 * DAY)
        knows = self.server.services.entrance._credentials.knows
        self.assertTrue(guest.gets(knows("alice", "192.0.2.1")))
        self.server.wait(0.2 * DAY)
        self.assertFalse(guest.gets(knows("alice", "192.0.2.1")))


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
        for connection in (one, carl):
            connection.hears()
        bob.gets(bob.caller.login("alice", PASSWORD))
        self.assertEqual(("alice", "alice", "den"), (bob.caller.nick, bob.ear.nick, bob.caller.room))
        self.assertEqual({"lobby", "den"}, set(one.caller.rooms))
        self.assertEqual({"alice", "carl"}, set(self.server.services.chat.state.people))
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
        """Whoever joins an account's connections reads nobody on any of them whom the account ignores."""
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
        for connection in (bob, other):
            connection.is_told()
        one.gets(one.caller.set_away("lunch"))
        self.assertEqual(1, len(bob.is_told()))
        self.assertEqual(1, len(other.is_told()))
        self.assertEqual([], one.is_told())


class IgnoreTests(CallerTestCase):
    """Whom one would rather not read."""

    limits = Limits(ignores=2)

    def test_ignored_talk_is_not_heard(self) -> None:
        """Talk and whispers of people ignored are not heard; comings and goings are."""
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
        for connection in (one, other):
            connection.goes()
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
