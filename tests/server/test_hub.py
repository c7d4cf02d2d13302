"""
The hub: what was kept is told, to those it concerns, in one order, whatever else happens at the same moment.
"""

from __future__ import annotations

import re

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.core.state import State
from chatroom.errors import NotKept
from chatroom.events import Role
from chatroom.limits import Limits
from chatroom.records import Account
from chatroom.server.retention import EVERY
from chatroom.testing import Guest, Server
from tests.daemon.slow import SlowServer, at_once

PASSWORD = "correct horse battery"


def whispers(guest: Guest) -> list[str]:
    """Those that somebody has read, among what came since the last time."""
    return [line for line in guest.reads() if " whispers] " in line]


class KeepBeforeTellTests(SynchronousTestCase):
    """Nobody reads what a crash can lose."""

    def setUp(self) -> None:
        """Alice and bob stand in the lobby."""
        self.server = SlowServer()
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()

    def test_talk_is_told_when_it_is_kept(self) -> None:
        """Talk is told when it is kept, and not a moment before."""
        self.server.slow.busy = True
        self.alice.types("hello")
        self.assertEqual([], self.bob.reads())
        self.server.catches_up()
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_talk_that_cannot_be_kept_is_told_to_nobody(self) -> None:
        """Who said it learns that it is lost, and may try again."""
        store = MemoryStore()
        server = Server(store=store)
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.reads()
        store.failing = NotKept("The disk is full.")
        alice.types("hello")
        self.assertEqual([], bob.reads())
        self.assertEqual(["! The disk is full."], alice.reads())
        store.failing = None
        alice.types("hello again")
        self.assertEqual(["<alice> hello again"], bob.reads())

    def test_departure_is_owed_until_it_can_be_kept(self) -> None:
        """Nobody is here for ever because the disk was full when they went."""
        store = MemoryStore()
        server = Server(store=store)
        alice, bob = server.guest("alice"), server.guest("bob")
        alice.reads()
        store.failing = NotKept("The disk is full.")
        alice.disconnects()
        self.assertEqual([], bob.reads())
        store.failing = None
        server.wait(2)
        self.assertEqual(["-- alice left the chat: connection closed"], bob.reads())
        self.assertEqual("alice", server.guest("alice").protocol.conversation.nick)  # type: ignore[union-attr]

    def test_what_is_said_in_one_turn_is_kept_in_one_batch(self) -> None:
        """A busy room costs per turn, and not per line."""
        batches = self.server.slow.batches
        at_once((self.alice, "one"), (self.bob, "two"), (self.alice, "three"))
        self.assertEqual(batches + 1, self.server.slow.batches)
        self.assertEqual(["<alice> one", "<alice> three"], self.bob.reads())
        self.assertEqual(["<bob> two"], self.alice.reads())

    def test_what_is_told_in_one_turn_is_one_write(self) -> None:
        """For each who reads it."""
        writes: list[bytes] = []
        self.patch(self.bob.transport, "write", writes.append)
        at_once(*[(self.alice, f"line {number}") for number in range(10)])
        self.assertEqual([b"".join(b"<alice> line %d\n" % number for number in range(10))], writes)


class OrderTests(SynchronousTestCase):
    """One order per room, for everybody, and nothing missing in it."""

    def setUp(self) -> None:
        """Alice and bob stand in the lobby."""
        self.server = SlowServer()
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()

    def test_newcomer_misses_nothing_that_is_said_while_they_come_in(self) -> None:
        """A newcomer misses neither what was said just before nor what was said just after, and reads neither twice."""
        carl = self.server.connection()
        at_once((self.alice, "before"), (carl, "carl"), (self.alice, "behind"), (self.bob, "and more"))
        self.alice.types("later")
        lines = carl.reads()
        for text in ("before", "behind", "and more", "later"):
            self.assertEqual(1, sum(line.endswith(f"> {text}") for line in lines), (text, lines))

    def test_newcomer_misses_nothing_while_the_disk_is_slow(self) -> None:
        """However many turns it takes."""
        carl = self.server.connection()
        self.server.slow.busy = True
        at_once((carl, "carl"), (self.alice, "one"))
        self.alice.types("two")
        self.server.catches_up()
        self.alice.types("three")
        lines = carl.reads()
        for text in ("one", "two", "three"):
            self.assertEqual(1, sum(line.endswith(f"> {text}") for line in lines), (text, lines))

    def test_who_joins_a_room_misses_nothing(self) -> None:
        """Whoever is on the server hears it from the moment they are in."""
        self.alice.types("/create den")
        at_once((self.alice, "before"), (self.bob, "/join den"), (self.alice, "behind"))
        self.alice.types("later")
        lines = self.bob.reads()
        for text in ("before", "behind", "later"):
            self.assertEqual(1, sum(line.endswith(f"> {text}") for line in lines), (text, lines))

    def test_who_leaves_hears_nothing_afterwards(self) -> None:
        """Also of what is said in the same turn."""
        at_once((self.alice, "before"), (self.bob, "/leave"), (self.alice, "behind"))
        lines = self.bob.reads()
        self.assertTrue(any(line.endswith("<alice> before") for line in lines), lines)
        self.assertFalse(any("behind" in line for line in lines), lines)

    def test_everybody_reads_the_same_order(self) -> None:
        """Whatever they said themselves in between."""
        carl, dora = self.server.guest("carl"), self.server.guest("dora")
        for guest in (self.alice, self.bob, carl):
            guest.reads()
        at_once((self.alice, "1"), (self.bob, "2"), (self.alice, "3"), (self.bob, "4"))
        self.assertEqual(["<alice> 1", "<bob> 2", "<alice> 3", "<bob> 4"], carl.reads())
        self.assertEqual(["<alice> 1", "<bob> 2", "<alice> 3", "<bob> 4"], dora.reads())
        self.assertEqual(["<bob> 2", "<bob> 4"], self.alice.reads())


class GoingTests(SynchronousTestCase):
    """Whoever goes is gone, at whatever moment it is."""

    def setUp(self) -> None:
        """Alice stands in the lobby."""
        self.server = SlowServer()
        self.alice = self.server.guest("alice")

    def people(self, room: str) -> list[str]:
        """Who is in a room."""
        return sorted(self.server.services.chat.directory.room(room).members)

    def test_connection_lost_while_joining(self) -> None:
        """Nobody stays in a room without being on the server."""
        self.alice.types("/create den")
        bob = self.server.guest("bob")
        at_once((bob, "/join den"), (bob, ""))
        self.assertEqual(["alice"], self.people("den"))
        self.assertEqual(["alice"], self.people("lobby"))
        self.assertEqual("-- bob left the chat: connection closed", self.alice.reads()[-1])
        self.alice.types("/leave den")
        self.assertNotIn("den", self.server.services.chat.state.rooms)

    def test_connection_lost_while_making_a_room(self) -> None:
        """The room does not stay behind with nobody in it."""
        for busy in (False, True):
            bob = self.server.guest("bob")
            self.server.slow.busy = busy
            at_once((bob, "/create den"), (bob, ""))
            self.server.catches_up()
            self.assertEqual(["lobby"], list(self.server.services.chat.state.rooms))
            self.assertEqual(["alice"], self.people("lobby"))

    def test_connection_lost_while_taking_another_name(self) -> None:
        """Both names are free afterwards."""
        for busy in (False, True):
            bob = self.server.guest("bob")
            self.server.slow.busy = busy
            at_once((bob, "/nick rob"), (bob, ""))
            self.server.catches_up()
            self.assertEqual(["alice"], list(self.server.services.chat.state.people))
            self.server.guest("bob").disconnects()
            self.server.guest("rob").disconnects()

    def test_connection_lost_while_registering(self) -> None:
        """The name is free for the next one."""
        for busy in (False, True):
            bob = self.server.connection()
            self.server.slow.busy = busy
            at_once((bob, "bob"), (bob, ""))
            self.server.catches_up()
            self.assertEqual(["alice"], list(self.server.services.chat.state.people))
            self.server.guest("bob").disconnects()

    def test_connection_lost_while_signing_up(self) -> None:
        """The account is made or not; either way nobody is left here, and the name is held by nobody."""
        bob = self.server.guest("bob")
        self.server.slow.busy = True
        at_once((bob, f"/signup {PASSWORD}"), (bob, ""))
        self.server.catches_up()
        self.assertEqual(["alice"], list(self.server.services.chat.state.people))
        again = self.server.connection()
        again.types("bob", PASSWORD)
        self.assertIn("bob", self.server.services.chat.state.people)

    def test_second_connection_comes_while_the_first_goes(self) -> None:
        """Whoever comes back in the same moment is here, and can be heard."""
        bob = self.server.account("bob", PASSWORD)
        for busy in (False, True):
            self.server.slow.busy = busy
            again = self.server.connection()
            again.protocol.dataReceived(b"bob\n")
            self.server.settle()
            at_once((bob, ""), (again, PASSWORD))
            self.server.catches_up()
            self.alice.reads()
            again.types("I am back")
            self.assertEqual(["<bob> I am back"], self.alice.reads())
            bob = again

    def test_second_connection_comes_and_the_first_goes_while_the_disk_is_slow(self) -> None:
        """The farewell of the first does not take the second along."""
        bob = self.server.account("bob", PASSWORD)
        bob.disconnects()
        one, other = self.server.connection(), self.server.connection()
        for guest in (one, other):
            guest.types("bob")
        self.server.slow.busy = True
        one.types(PASSWORD)
        other.types(PASSWORD)
        self.server.slow.catch_up()
        one.transport.connectionLost()
        self.server.settle()
        self.alice.reads()
        other.types("still here")
        self.assertEqual(["<bob> still here"], self.alice.reads())
        self.assertEqual(["alice", "bob"], self.people("lobby"))

    def test_whisper_to_somebody_who_has_just_gone_waits(self) -> None:
        """It is not told to a connection that is lost."""
        bob = self.server.account("bob", PASSWORD)
        at_once((bob, ""), (self.alice, "@bob are you there?"))
        self.alice.reads()
        again = self.server.connection()
        again.types("bob", PASSWORD)
        again.reads()
        again.types("/inbox")
        self.assertTrue(any("are you there?" in line for line in again.reads()))

    def test_whisper_on_the_way_to_somebody_who_goes_waits(self) -> None:
        """Also when their last deed was still being written down."""
        bob = self.server.account("bob", PASSWORD)
        self.server.slow.busy = True
        at_once((bob, "bye"), (bob, ""), (self.alice, "@bob are you there?"))
        self.server.catches_up()
        again = self.server.connection()
        again.types("bob", PASSWORD)
        again.reads()
        again.types("/inbox")
        self.assertTrue(any("are you there?" in line for line in again.reads()))

    def test_whispers_are_confirmed_in_order_though_one_hearer_has_just_gone(self) -> None:
        """Where one has to be put into an inbox, which takes a while, those behind it wait for their turn."""
        bob, carol = self.server.account("bob", PASSWORD), self.server.guest("carol")
        self.alice.reads()
        asked = self.patient_accounts()
        at_once((bob, ""), (self.alice, "@carol one\n@bob two\n@carol three\n@bob four\n/nonsense\n@carol five"))
        self.assertEqual(["[alice whispers] one", "[alice whispers] three"], whispers(carol))
        self.assertEqual(["Whispered to carol."], [line for line in self.alice.reads() if "bob left" not in line])
        asked.pop(0).callback(None)
        self.server.settle()
        waits = "bob is offline. Your whisper is in their inbox."
        self.assertEqual([waits, "Whispered to carol."], self.alice.reads())
        asked.pop(0).callback(None)
        self.server.settle()
        nonsense, last = self.alice.reads()[1:]
        self.assertTrue(nonsense.startswith("! There is no command /nonsense"))
        self.assertEqual("Whispered to carol.", last)
        self.assertEqual(["[alice whispers] five"], whispers(carol))
        self.assertEqual([], asked)

    def test_whisper_waits_though_both_have_just_gone(self) -> None:
        """Who whispered need not be here any more for it to reach the inbox."""
        bob = self.server.account("bob", PASSWORD)
        at_once((bob, ""), (self.alice, "@bob are you there?"), (self.alice, ""))
        again = self.server.connection()
        again.types("bob", PASSWORD)
        again.reads()
        again.types("/inbox")
        self.assertTrue(any("are you there?" in line for line in again.reads()))

    def patient_accounts(self) -> list[Deferred[None]]:
        """From now on, the backend finds an account when the one of these that it adds is fired."""
        asked: list[Deferred[None]] = []
        account = self.server.backend.account

        async def patient(key: str) -> Account | None:
            waiting: Deferred[None] = Deferred()
            asked.append(waiting)
            await waiting
            return await account(key)

        self.patch(self.server.backend, "account", patient)
        return asked

    def test_whisper_to_a_guest_who_has_just_gone_is_refused(self) -> None:
        """There is no inbox where it could wait."""
        bob = self.server.guest("bob")
        at_once((bob, ""), (self.alice, "@bob are you there?"))
        self.assertTrue(
            any(line.startswith("! There is no person or account called bob") for line in self.alice.reads())
        )


class RoomLifeTests(SynchronousTestCase):
    """Rooms come and go."""

    def setUp(self) -> None:
        """Alice and bob stand in the lobby."""
        self.server = Server()
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")

    def rooms(self) -> list[str]:
        """What there is."""
        return sorted(self.server.services.chat.state.rooms)

    def test_room_is_gone_with_its_last_member(self) -> None:
        """However they go."""
        for way in ("/leave", "/quit"):
            self.alice.types("/create den")
            self.assertEqual(["den", "lobby"], self.rooms())
            self.alice.types(way)
            self.assertEqual(["lobby"], self.rooms())

    def test_lobby_stays(self) -> None:
        """There is always a room to come in by."""
        self.alice.types("/quit")
        self.bob.types("/quit")
        self.assertEqual(["lobby"], self.rooms())

    def test_kept_room_stays(self) -> None:
        """It waits for its owner."""
        carl = self.server.account("carl", PASSWORD)
        carl.types("/create den keep", "/quit")
        self.assertEqual(["den", "lobby"], self.rooms())

    def test_two_make_the_same_room(self) -> None:
        """The first owns it, the other is told; nobody is half in it."""
        self.alice.reads(), self.bob.reads()
        at_once((self.alice, "/create den"), (self.bob, "/create den"))
        self.assertIn("You created den and own it.", self.alice.reads()[0])
        self.assertTrue(self.bob.reads()[0].startswith("! There is already a room called den."))
        self.assertEqual(["alice"], list(self.server.services.chat.directory.room("den").members))

    def test_last_one_leaves_while_another_comes(self) -> None:
        """The room is there for whoever is in it."""
        self.alice.types("/create den")
        at_once((self.alice, "/leave den"), (self.bob, "/join den"))
        self.bob.types("hello?")
        self.assertEqual(["bob"], list(self.server.services.chat.directory.room("den").members))

    def test_history_of_a_closed_room_is_gone(self) -> None:
        """The next room of that name is another one, and its people see nothing of the first."""
        self.alice.types("/create den", "a secret", "/leave den")
        self.bob.types("/create den")
        self.bob.reads()
        self.bob.types("/history")
        self.assertFalse(any("secret" in line for line in self.bob.reads()))


class RestartTests(SynchronousTestCase):
    """The server closes and opens again on what it kept."""

    def setUp(self) -> None:
        """An account and a room it keeps."""
        self.store = MemoryStore()
        self.server = Server(store=self.store)
        self.carl = self.server.account("carl", PASSWORD)
        self.carl.types("/create den keep")
        self.bob = self.server.guest("bob")
        self.bob.reads(), self.carl.reads()

    def reopen(self) -> Guest:
        """Close, open again, and let carl log in."""
        self.server.stop()
        self.server = Server(store=self.store)
        carl = self.server.connection()
        carl.types("carl", PASSWORD)
        carl.reads()
        return carl

    def test_everybody_is_told_and_nobody_is_here_afterwards(self) -> None:
        """A stop is said aloud, and the next server is empty."""
        self.server.stop()
        self.assertTrue(any("closing" in line for line in self.bob.reads()))
        self.assertTrue(self.bob.is_disconnected())
        again = Server(store=self.store)
        self.assertEqual({}, again.services.chat.state.people)
        again.guest("bob")

    def test_rooms_are_as_they_were(self) -> None:
        """Topic, door, roles and bans."""
        self.carl.types("/topic gardens", "/private", "/ban bob spam")
        carl = self.reopen()
        den = self.server.services.chat.directory.room("den")
        self.assertEqual(("gardens", True, True), (den.topic, den.keep, den.invite_only))
        carl.types("/join den")
        carl.reads()
        carl.types("/bans")
        self.assertTrue(any(re.match("bob .*is banned", line) for line in carl.reads()))

    def test_owner_who_signed_up_later_is_still_the_owner(self) -> None:
        """A guest's room stays theirs when they become an account."""
        self.bob.types("/create attic", f"/signup {PASSWORD}")
        self.assertIs(Role.OWNER, self.server.services.chat.directory.room("attic").role("bob"))
        self.store.ledger.forget_presence()  # as after a crash, when nobody could say goodbye
        attic = State()
        attic.learn(self.store.snapshot().events)
        self.assertIs(Role.OWNER, attic.rooms["attic"].role("bob"))

    def test_numbers_go_on(self) -> None:
        """A room's order has one count, over all restarts."""
        last = self.server.services.chat.directory.room("lobby").last
        carl = self.reopen()
        carl.types("hello")
        self.assertGreater(self.server.services.chat.directory.room("lobby").last, last + 2)

    def test_history_grows_no_older_than_it_may(self) -> None:
        """What is too old is forgotten while the server is open."""
        self.server.stop()
        server = Server(Limits(history_days=1.0), store=self.store)
        dora = server.guest("dora")
        dora.types("old news")
        server.wait(86400 + EVERY)
        dora.reads()
        dora.types("/history")
        self.assertFalse(any("old news" in line for line in dora.reads()))


class HastenedBackend(MemoryBackend):
    """
    Notes when it is hastened.

    @ivar hastened: how often it was.
    """

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.hastened = 0

    def hasten(self) -> None:
        """See L{chatroom.interfaces.IBackend.hasten}."""
        self.hastened += 1


class ReadersTests(SynchronousTestCase):
    """A backend may let the talk of other nodes gather while nobody here reads it."""

    def setUp(self) -> None:
        """A server without people."""
        self.backend = HastenedBackend()
        self.server = Server(backend=self.backend)

    def test_nobody(self) -> None:
        """Without connections there are no readers, and nothing hastens the backend."""
        self.server.wait(60)
        self.assertEqual((False, 0), (self.server.hub.has_readers(), self.backend.hastened))

    def test_first_connection(self) -> None:
        """The first connection that types hastens the backend, before it has a nickname; those that follow need not."""
        stranger = self.server.connection()
        stranger.types("?!")
        self.assertEqual((True, 1), (self.server.hub.has_readers(), self.backend.hastened))
        self.server.guest("bob")
        self.assertEqual(1, self.backend.hastened)
        stranger.disconnects()
        self.assertTrue(self.server.hub.has_readers())

    def test_last_connection(self) -> None:
        """When the last connection is gone, there are no readers, and the next one hastens the backend again."""
        self.server.guest("alice").disconnects()
        self.assertFalse(self.server.hub.has_readers())
        self.server.guest("bob")
        self.assertEqual((True, 2), (self.server.hub.has_readers(), self.backend.hastened))

    def test_one_who_follows(self) -> None:
        """An operator or a service that follows is a reader too, until it stops."""
        stop = self.server.hub.watch(lambda events: None)
        self.assertEqual((True, 1), (self.server.hub.has_readers(), self.backend.hastened))
        stop()
        self.assertFalse(self.server.hub.has_readers())
