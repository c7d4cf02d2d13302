"""
Arriving in steps, as some doors have to: proving who one is, coming on line, and joining a room are three things.
"""

from __future__ import annotations

from chatroom.backends.memory import MemoryStore
from chatroom.errors import AccountDisabled, Banned, NotAllowed, NotKept, WrongPassword
from chatroom.events import FOREVER, ServerRole
from chatroom.records import SHELL, AuditEntry
from chatroom.testing import Server
from tests.server.session.people import COMMANDS, PASSWORD, CallerTestCase, Somebody


class ProvingTests(CallerTestCase):
    """Proving to be an account, apart from arriving."""

    def setUp(self) -> None:
        """Alice has an account and is not here; bob stands in the lobby."""
        super().setUp()
        alice = self.account("Alice")
        alice.goes()
        self.bob = self.guest("bob")
        self.alice = self.somebody()

    def proves(self, who: Somebody) -> str:
        """Whose password it is."""
        return who.gets(who.caller.prove("alice", PASSWORD))

    def test_nobody_hears_of_a_proof(self) -> None:
        """Who has proved to be an account is nobody yet: no name is claimed, no room told, and no session begun."""
        self.assertEqual("Alice", self.proves(self.alice))
        self.assertEqual(
            (None, False, ()), (self.alice.caller.nick, self.alice.caller.account, self.alice.caller.rooms)
        )
        self.assertEqual([], self.bob.hears())
        self.assertIs(None, self.bob.caller.person_now("alice"))
        self.assertEqual(1, len(self.bob.gets(self.server.backend.tokens("alice"))))  # that of the signup
        self.alice.goes()
        self.assertEqual([], self.bob.hears())

    def test_arriving_after_a_proof_is_a_login(self) -> None:
        """The one who proved it is that account, and in the lobby, as after a login in one go."""
        self.proves(self.alice)
        login = self.alice.gets(self.alice.caller.arrive())
        assert login.view is not None
        self.assertEqual(("Alice", True, "lobby"), (login.nick, login.account, login.view.name))
        self.assertEqual(1, len(self.bob.hears()))

    def test_one_proof_is_good_for_one_arrival(self) -> None:
        """Without a proof nobody arrives, and a used one is none."""
        self.refused(WrongPassword, self.alice, lambda: self.alice.caller.arrive())
        self.proves(self.alice)
        self.alice.gets(self.alice.caller.arrive())
        self.refused(NotAllowed, self.alice, lambda: self.alice.caller.arrive())
        self.alice.gets(self.alice.caller.logout())
        self.refused(WrongPassword, self.alice, lambda: self.alice.caller.arrive())

    def test_a_wrong_password_proves_nothing(self) -> None:
        """It takes back what was proved before."""
        self.proves(self.alice)
        self.refused(WrongPassword, self.alice, lambda: self.alice.caller.prove("alice", "guess"))
        self.refused(WrongPassword, self.alice, lambda: self.alice.caller.arrive())

    def test_what_has_changed_since_the_proof_counts(self) -> None:
        """Another password, a ban or a disabled account between proof and arrival keep one out."""
        for change, error in ((self.new_password, WrongPassword), (self.ban, Banned), (self.disable, AccountDisabled)):
            self.setUp()
            self.proves(self.alice)
            change()
            self.refused(error, self.alice, lambda: self.alice.caller.arrive())
            self.assertIs(None, self.bob.caller.person_now("alice"))

    def new_password(self) -> None:
        """Alice changes her password from elsewhere."""
        other = self.again("alice")
        other.gets(other.caller.passwd(PASSWORD, PASSWORD + "!"))
        other.goes()

    def ban(self) -> None:
        """A moderator bans alice from the server."""
        self.account("mia")
        self.server.promote("mia", ServerRole.MODERATOR)
        mia = self.again("mia")
        mia.gets(mia.caller.server_ban("alice", FOREVER))

    def disable(self) -> None:
        """Who runs the server disables the account."""
        entry = AuditEntry(self.server.now(), SHELL, "disable", "alice")
        self.bob.gets(self.server.backend.set_disabled("alice", True, entry))


class NoLobbyTests(CallerTestCase):
    """Being on line without being in a room."""

    def test_guests_and_accounts_arrive_in_no_room(self) -> None:
        """They have their name, hear no room and see no lobby; and can join one."""
        alice = self.account("alice")
        alice.goes()
        bob = self.guest("bob")
        carl, alice = self.somebody(), self.somebody()
        came = carl.gets(carl.caller.register("carl", lobby=False))
        self.assertEqual(("carl", None), (came.nick, came.view))
        alice.gets(alice.caller.prove("alice", PASSWORD))
        self.assertIs(None, alice.gets(alice.caller.arrive(lobby=False)).view)
        self.assertEqual([], bob.hears())
        for somebody in (carl, alice):
            self.assertEqual(((), None), (somebody.caller.rooms, somebody.caller.room))
            bob.gets(bob.caller.whisper(somebody.caller.nick or "", "hello"))
            self.assertEqual(1, len(somebody.is_told()))
            somebody.gets(somebody.caller.join("lobby"))
            self.assertEqual(("lobby",), somebody.caller.rooms)

    def test_another_connection_of_somebody_here_is_where_they_are(self) -> None:
        """The rooms are the person's, so the lobby stays theirs."""
        self.account("alice")
        other = self.somebody()
        other.gets(other.caller.prove("alice", PASSWORD))
        other.gets(other.caller.arrive(lobby=False))
        self.assertEqual(("lobby",), other.caller.rooms)


class WhoIsTests(CallerTestCase):
    """Who has a nickname now, and who comes and goes."""

    def test_who_is_this_now(self) -> None:
        """Account, words of absence and role on the server, in any letter case, and nobody for a name nobody has."""
        bob, alice = self.guest("bob"), self.account("alice")
        self.server.promote("alice", ServerRole.MODERATOR)
        alice.gets(alice.caller.server_role())
        alice.gets(alice.caller.set_away("lunch"))
        found = bob.caller.person_now("ALICE")
        assert found is not None
        self.assertEqual(
            ("alice", True, "lunch", ServerRole.MODERATOR), (found.nick, found.account, found.away, found.staff)
        )
        alice.goes()
        self.assertIs(None, bob.caller.person_now("alice"))

    def test_names_that_come_and_go(self) -> None:
        """Each once, however many connections; a rename is both, and other letter case is neither."""
        self.account("alice").goes()
        told: list[tuple[str, bool]] = []
        stop = self.server.hub.watch_names(lambda nick, here: told.append((nick, here)))
        one, two, bob = self.again("alice"), self.again("alice"), self.guest("bob")
        self.assertEqual([("alice", True), ("bob", True)], told)
        bob.gets(bob.caller.rename("Bob"))
        bob.gets(bob.caller.rename("robert"))
        self.assertEqual([("Bob", False), ("robert", True)], told[2:])
        one.goes()
        self.assertEqual(4, len(told))
        two.goes()
        self.assertEqual([("alice", False)], told[4:])
        stop()
        stop()
        bob.goes()
        self.assertEqual(5, len(told))


class BarrierTests(CallerTestCase):
    """An answer that says that all before it is kept and told."""

    def test_answer_comes_after_what_was_said(self) -> None:
        """What one said stands in the history and was heard by others when the barrier is passed."""
        alice, bob = self.guest("alice"), self.guest("bob")
        alice.hears()
        alice.caller.say("hello")
        self.assertEqual([], bob.hears())
        alice.gets(alice.caller.barrier())
        self.assertEqual(["hello"], [getattr(event, "text", "") for event in bob.hears()])

    def test_it_waits_for_nothing_of_others(self) -> None:
        """Where one has sent nothing, the answer is there at once, whatever others are about to say."""
        alice, bob = self.guest("alice"), self.guest("bob")
        bob.caller.say("slow")
        self.assertRaises(StopIteration, alice.caller.barrier().__await__().__next__)

    def test_loss_is_told_before_it(self) -> None:
        """What could not be kept was said to be lost when the barrier is passed."""
        store = MemoryStore()
        self.server = Server(store=store, commands=COMMANDS)
        alice = self.guest("alice")
        store.failing = NotKept("No.")
        alice.caller.say("lost")
        alice.gets(alice.caller.barrier())
        self.assertEqual(["not-kept"], alice.notices())
