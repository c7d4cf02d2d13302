"""
What is put on a guest stays with that guest: bans, mutes, slow mode and invitations, whatever nickname they take.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryStore
from chatroom.limits import Limits
from chatroom.testing import Guest, Server

PASSWORD = "correct horse battery"
HOME, OTHER = "192.0.2.7", "192.0.2.8"


class GuestCase(SynchronousTestCase):
    """Alice owns the den; eve is a guest in it."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_rate=0))
        self.alice = self.server.account("alice")
        self.alice.types("/create den keep")
        self.eve = self.server.guest("eve", HOME)
        self.eve.types("/join den")
        self.hear_out()

    def hear_out(self) -> None:
        """Everybody has read everything."""
        self.alice.reads()
        self.eve.reads()

    def answer(self, guest: Guest, typed: str) -> str:
        """The first line that comes when this is typed."""
        guest.reads()
        guest.types(typed)
        return next(iter(guest.reads()), "")

    def inside(self, nick: str, address: str = OTHER) -> Guest:
        """Another guest, who has joined the den."""
        guest = self.server.guest(nick, address)
        guest.types("/join den", "/look den")
        self.hear_out()
        return guest


class MuteTests(GuestCase):
    """C{/mute}."""

    def test_holds_through_leaving_and_renaming(self) -> None:
        """A muted guest who leaves, takes another nickname and joins again is still muted."""
        self.alice.types("/mute eve forever")
        self.eve.types("/leave den", "/nick x", "/join den")
        self.assertTrue(self.answer(self.eve, "hello").startswith("! You are muted in den"))

    def test_next_guest_of_the_name_may_talk(self) -> None:
        """Who takes the freed nickname at another address has a clean slate."""
        self.alice.types("/mute eve forever")
        self.eve.types("/leave den", "/nick x")
        other = self.inside("eve")
        self.assertEqual("", self.answer(other, "hello"))
        self.assertIn("<eve> hello", self.alice.reads())

    def test_holds_at_the_address(self) -> None:
        """A new connection from the same address is no way around it, and an account there is not meant."""
        self.alice.types("/mute eve forever")
        self.eve.disconnects()
        again = self.inside("y", HOME)
        self.assertTrue(self.answer(again, "hello").startswith("! Guests from your address are muted in den"))
        again.types(f"/signup {PASSWORD}")
        self.assertEqual("", self.answer(again, "hello"))

    def test_holds_in_the_64_of_ipv6(self) -> None:
        """Whoever has one address of a /64 has all of them."""
        eve = self.inside("mallory", "2001:db8::1")
        self.alice.types("/mute mallory forever")
        eve.disconnects()
        self.assertTrue(self.answer(self.inside("y", "2001:db8::2"), "hi").startswith("! Guests from your address"))
        self.assertEqual("", self.answer(self.inside("z", "2001:db8:0:1::1"), "hi"))

    def test_operator_is_told(self) -> None:
        """The answer says that it concerns other guests from there."""
        self.alice.types("/mute eve")
        told = " ".join(self.alice.reads())
        self.assertIn("Other guests from the same address cannot talk in den either", told)
        self.assertNotIn(HOME, told)

    def test_unmuted_by_either_name(self) -> None:
        """The nickname at the time of the mute is meant, and so is the one of now."""
        for name in ("eve", "x"):
            self.alice.types("/mute eve forever")
            self.eve.types("/leave den", "/nick x", "/join den")
            self.alice.reads()
            self.assertIn("now called x", self.answer(self.alice, "/bans"))
            self.assertEqual(f"{name} can talk in den again.", self.answer(self.alice, f"/unmute {name}"))
            self.assertEqual("", self.answer(self.eve, "hello"))
            self.eve.types("/nick eve")

    def test_holds_on_the_account_that_is_made_of_the_guest(self) -> None:
        """Who signs up, in the room or out of it, is muted at the next login as well."""
        self.alice.types("/mute eve forever")
        self.eve.types("/leave den", f"/signup {PASSWORD}", "/quit")
        again = self.server.connection(OTHER)
        again.types(f"/login eve {PASSWORD}", "/join den")
        self.assertTrue(self.answer(again, "hello").startswith("! You are muted in den"))

    def test_holds_after_logout_on_the_same_connection(self) -> None:
        """To stand at the nickname question again is no way around it, even without an address."""
        mallory = self.inside("mallory", "")
        self.alice.types("/mute mallory forever")
        mallory.types("/logout", "m2", "/join den")
        self.assertTrue(self.answer(mallory, "hello").startswith("! You are muted in den"))

    def test_guest_who_is_gone_is_still_meant(self) -> None:
        """A mute that comes a moment too late holds at the address, and not on the name."""
        self.eve.disconnects()
        self.alice.types("/mute eve forever")
        self.assertEqual("", self.answer(self.inside("eve", OTHER), "hello"))
        self.assertTrue(self.answer(self.inside("y", HOME), "hello").startswith("! Guests from your address"))

    def test_operator_from_there_may_talk(self) -> None:
        """Somebody whom the room trusts is not silent because of somebody else."""
        teacher = self.inside("teacher", HOME)
        self.alice.types("/op teacher", "/mute eve")
        self.assertEqual("", self.answer(teacher, "hello"))

    def test_survives_a_restart(self) -> None:
        """It holds at the address when the server has stopped and started."""
        store = MemoryStore()
        first = Server(store=store)
        alice, eve = first.account("alice"), first.guest("eve", HOME)
        alice.types("/create den keep")
        eve.types("/join den")
        alice.types("/mute eve forever")
        first.stop()
        again = Server(store=store).guest("x", HOME)
        again.types("/join den")
        self.assertTrue(self.answer(again, "hello").startswith("! Guests from your address are muted"))

    def test_on_every_node(self) -> None:
        """An operator at one node mutes a guest at another, who changes nicknames there."""
        store = MemoryStore()
        north = Server(store=store, node="north")
        south = Server(store=store, node="south", clock=north.clock)
        alice, eve = north.account("alice"), south.guest("eve", HOME)
        alice.types("/create den")
        eve.types("/join den")
        alice.types("/mute eve forever")
        eve.types("/leave den", "/nick x", "/join den")
        self.assertTrue(self.answer(eve, "hello").startswith("! You are muted in den"))
        other = north.guest("y", HOME)
        other.types("/join den")
        self.assertTrue(self.answer(other, "hello").startswith("! Guests from your address"))


class MuteOfServerTests(GuestCase):
    """C{/gmute}."""

    def test_goes_along_and_frees_the_name(self) -> None:
        """A guest muted in all rooms is so under any nickname, and the next one of that name is not."""
        mia = self.server.staff("mia")
        mia.types("/gmute eve forever")
        self.eve.types("/leave den", "/leave lobby", "/nick x", "/join den")
        self.assertTrue(self.answer(self.eve, "hello").startswith("! You are muted on this server"))
        self.assertEqual("", self.answer(self.inside("eve"), "hello"))
        self.assertTrue(self.answer(self.inside("y", HOME), "hello").startswith("! Guests from your address are muted"))
        self.assertEqual("eve can talk on this server again.", self.answer(mia, "/gunmute x"))
        self.assertEqual("", self.answer(self.eve, "hello"))


class BanTests(GuestCase):
    """C{/ban}."""

    def test_holds_under_another_name(self) -> None:
        """A banned guest is kept out by whatever nickname, and after a new connection from the same address."""
        self.alice.types("/ban eve")
        self.eve.types("/nick x")
        self.assertTrue(self.answer(self.eve, "/join den").startswith("! You are banned from den"))
        again = self.server.guest("y", HOME)
        self.assertTrue(self.answer(again, "/join den").startswith("! Guests from your address are banned from den"))
        self.assertEqual("You are in den.", self.answer(self.server.guest("eve", OTHER), "/join den"))

    def test_invited_all_the_same(self) -> None:
        """An operator lets one of those in who are only from the same address."""
        self.alice.types("/ban eve")
        other = self.server.guest("classmate", HOME)
        self.alice.types("/invite classmate")
        self.assertEqual("You are in den.", self.answer(other, "/join den"))

    def test_account_from_there_joins(self) -> None:
        """Only guests are meant by the address."""
        self.alice.types("/ban eve")
        self.assertEqual("You are in den.", self.answer(self.server.account("bob", address=HOME), "/join den"))

    def test_follows_into_an_account(self) -> None:
        """Who logs in to an account is banned as that one."""
        self.alice.types("/ban eve")
        self.eve.types(f"/signup {PASSWORD}")
        self.assertTrue(self.answer(self.eve, "/join den").startswith("! You are banned from den"))

    def test_name_that_nobody_has(self) -> None:
        """A nickname that nobody has had is kept out itself."""
        self.alice.types("/ban troll")
        self.assertTrue(self.answer(self.server.guest("troll", OTHER), "/join den").startswith("! You are banned"))

    def test_runs_out(self) -> None:
        """A ban ends for the guest and for the address."""
        self.alice.types("/ban eve 1h")
        self.server.wait(3600)
        self.assertEqual("You are in den.", self.answer(self.server.guest("y", HOME), "/join den"))
        self.assertEqual("You are in den.", self.answer(self.eve, "/join den"))


class SlowTests(GuestCase):
    """C{/slow}: one pace for all that a room reads of somebody."""

    def setUp(self) -> None:
        super().setUp()
        self.alice.types("/slow 60")
        self.hear_out()

    def read_by_alice(self, *typed: str) -> list[str]:
        """What she reads of it when eve types this."""
        self.alice.reads()
        self.eve.types(*typed)
        return self.alice.reads()

    def test_leaving_and_renaming_is_no_way_around(self) -> None:
        """Who has said something waits, by whatever nickname."""
        self.eve.types("one", "/leave den", "/nick x", "/join den")
        self.assertIn("Try again in 60 seconds", self.answer(self.eve, "two"))

    def test_new_connection_is_no_way_around(self) -> None:
        """A guest goes on where the last one from there left; who was here before does not wait for others."""
        classmate = self.inside("classmate", HOME)
        self.server.wait(1)
        self.eve.types("one")
        self.eve.disconnects()
        self.assertIn("in slow mode", self.answer(self.inside("y", HOME), "two"))
        self.assertEqual("", self.answer(classmate, "hello"))
        self.assertEqual("", self.answer(self.inside("eve", OTHER), "hello"))

    def test_account_is_no_way_around(self) -> None:
        """A guest who makes an account of the nickname leaves the next guest from there the rest of the time."""
        classmate = self.inside("classmate", HOME)
        self.server.wait(1)
        self.eve.types("one", "/signup correct horse battery")
        self.assertIn("Try again in 60 seconds", self.answer(self.eve, "two"))
        self.eve.disconnects()
        self.server.wait(20)
        self.assertIn("Try again in 40 seconds", self.answer(self.inside("y", HOME), "three"))
        self.assertEqual("", self.answer(classmate, "hello"))

    def test_newcomer_who_waits_for_another_guest_signs_up_in_vain(self) -> None:
        """A new guest from the same address goes on waiting as an account."""
        self.eve.types("one")
        self.eve.disconnects()
        again = self.inside("y", HOME)
        self.server.wait(10)
        again.types(f"/signup {PASSWORD}")
        self.assertIn("Try again in 50 seconds", self.answer(again, "two"))

    def test_login_is_no_way_around(self) -> None:
        """A guest who said something waits as the account as well, whether or not it is connected already."""
        bob = self.server.account("bob", PASSWORD)
        for connected in (True, False):
            if not connected:
                bob.disconnects()
            guest = self.inside(f"guest{connected}", f"192.0.2.{20 + connected}")
            guest.types("one", f"/login bob {PASSWORD}", "/join den", "/look den")
            self.assertIn("Try again in 60 seconds", self.answer(guest, "two"))
            self.server.wait(60)
            self.assertEqual("", self.answer(guest, "three"))
            guest.disconnects()
            self.server.wait(60)

    def test_logout_is_no_way_around(self) -> None:
        """An account that said something waits as a guest after it has logged out."""
        bob = self.server.account("bob", PASSWORD)
        bob.types("/join den", "/look den", "one", "/logout", "robert", "/join den", "/look den")
        self.assertIn("Try again in 60 seconds", self.answer(bob, "two"))
        bob.types(f"/login bob {PASSWORD}", "/join den", "/look den")
        self.assertIn("Try again in 60 seconds", self.answer(bob, "three"))

    def test_longer_wait_counts(self) -> None:
        """Who has waited for long as a guest does not get rid of what the account still has to wait."""
        bob = self.server.account("bob", PASSWORD)
        bob.types("/join den", "/look den")
        guest = self.inside("robert")
        guest.types("one")
        self.server.wait(50)
        bob.types("two")
        bob.disconnects()
        guest.types(f"/login bob {PASSWORD}", "/look den")
        self.assertIn("Try again in 60 seconds", self.answer(guest, "three"))

    def test_topics(self) -> None:
        """The pace is that of talk, where members set the topic."""
        self.alice.types("/opentopic on")
        told = self.read_by_alice(*(f"/topic {number}" for number in range(20)), "hello")
        self.assertEqual(["-- eve set the topic: 0"], told)

    def test_nicknames(self) -> None:
        """One change, and the next when the pace allows."""
        told = self.read_by_alice(*(f"/nick name{number}" for number in range(20)), "hello")
        self.assertEqual(["-- eve is now called name0."], [line for line in told if "lobby" not in line])

    def test_away(self) -> None:
        """One is away all the same, and the room reads it once."""
        self.eve.types("/leave lobby")
        told = self.read_by_alice(*(line for number in range(10) for line in (f"/away {number}", "/back")))
        self.assertEqual(["-- eve is away: 0"], told)
        self.assertIn("Not shown in den", self.answer(self.eve, "/away again"))

    def test_farewells(self) -> None:
        """The room reads that somebody left, and the words of it only when the pace allows."""
        told = self.read_by_alice(*(line for number in range(10) for line in (f"/leave den {number}", "/join den")))
        self.assertEqual(["-- eve left the room: 0"], [line for line in told if "0" in line or ": " in line])
        self.eve.types("/quit last words")
        self.assertFalse([line for line in self.alice.reads() if "last words" in line])

    def test_farewells_over_new_connections(self) -> None:
        """To connect anew for each farewell is no way around it."""
        self.alice.types("/leave lobby")
        self.eve.disconnects()
        self.alice.reads()
        for number in range(5):
            guest = self.server.guest(f"g{number}", HOME)
            guest.types("/join den", f"/quit words {number}")
        self.assertEqual(["words 0"], [line.partition(": ")[2] for line in self.alice.reads() if "words" in line])

    def test_operators_need_not_wait(self) -> None:
        """Operators neither wait to talk nor to change anything."""
        self.alice.types("/op eve")
        told = self.read_by_alice("/topic a", "/topic b", "/nick x", "one", "two")
        self.assertEqual(5, len([line for line in told if "lobby" not in line]))

    def test_muted_have_no_nickname_to_say_things_by(self) -> None:
        """A nickname is read by all, so it is not changed where somebody is muted."""
        self.alice.types("/slow off", "/mute eve")
        self.assertTrue(self.answer(self.eve, "/nick buy-my-watches").startswith("! You are muted in den"))


class TopicTests(GuestCase):
    """Who may set a topic."""

    def test_lobby(self) -> None:
        """Only the staff of this server sets the topic of the lobby, unless the staff lets members."""
        self.eve.types("/look lobby")
        self.assertIn("Only the staff of this server can", self.answer(self.eve, "/topic mine"))
        mia = self.server.staff("mia")
        self.assertEqual("Topic of lobby: be kind", self.answer(mia, "/topic be kind"))
        self.assertEqual("In lobby, every member can set the topic.", self.answer(mia, "/opentopic on"))
        self.assertEqual("Topic of lobby: mine", self.answer(self.eve, "/topic mine"))

    def test_room_chooses(self) -> None:
        """Its operators let all members, or themselves alone."""
        self.assertIn("Only its operators can", self.answer(self.eve, "/topic mine"))
        self.assertIn("Only operators of", self.answer(self.eve, "/opentopic on"))
        self.alice.types("/opentopic on")
        self.assertEqual("Topic of den: mine", self.answer(self.eve, "/topic mine"))
        self.alice.types("/opentopic off")
        self.assertIn("Only its operators can", self.answer(self.eve, "/topic mine"))

    def test_survives_a_restart(self) -> None:
        """The choice is the room's, and is kept with it."""
        store = MemoryStore()
        first = Server(store=store)
        first.account("alice").types("/create den keep", "/opentopic on")
        first.stop()
        eve = Server(store=store).guest("eve")
        eve.types("/join den")
        self.assertEqual("Topic of den: mine", self.answer(eve, "/topic mine"))
