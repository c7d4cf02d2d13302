"""
Sanctions of the whole server: what staff types, and what those read whom it concerns.
"""

from __future__ import annotations

from chatroom.backends.memory import MemoryStore
from chatroom.interfaces import ServerRole
from chatroom.limits import Limits
from chatroom.testing import Guest, Server
from tests.commands.staffed import Staffed

PASSWORD = "correct horse battery"


class KickTests(Staffed):
    """C{/gkick}."""

    def test_told_why_and_disconnected(self) -> None:
        """The rooms read that they left and why; the staff, who did it."""
        told = ["Kicked @bob from the server.", "-- bob left the chat: kicked: mind your words"]
        self.assertEqual(told, self.answers(self.mia, "/gkick @bob mind your words"))
        self.assertEqual(["-- You were kicked from this server: mind your words"], self.bob.reads())
        self.assertTrue(self.bob.is_disconnected())
        self.assertEqual(told[1:], self.dora.reads())
        self.assertIn("-- Staff log: mia, kick bob (mind your words)", self.ada.reads())

    def test_all_connections_of_an_account(self) -> None:
        """All connections of the account are closed, and may come back."""
        second = self.server.connection("198.51.100.9")
        second.types(f"/login dora {PASSWORD}")
        self.mia.types("/kill DORA")
        self.assertTrue(self.dora.is_disconnected() and second.is_disconnected())
        third = self.server.connection()
        third.types(f"/login dora {PASSWORD}")
        self.assertTrue(any("Logged in as" in line for line in third.reads()))

    def test_everybody_from_somewhere(self) -> None:
        """Also those who have no nickname yet."""
        nobody = self.server.connection("192.0.2.77")
        nobody.types("/help")
        self.mia.types("QUIT")
        self.ada.types("QUIT")
        ada = self.server.connection("198.51.100.1")
        ada.types(f"/login ada {PASSWORD}")
        ada.types("/gkick 192.0.2.0/24")
        self.assertEqual([True] * 3, [guest.is_disconnected() for guest in (self.dora, self.bob, nobody)])
        self.assertFalse(ada.is_disconnected())

    def test_nobody_of_that_name(self) -> None:
        """A name that is misspelt is not taken for done, nor written down."""
        self.assertEqual("! bbo is not here. /who * lists who is.", self.answer(self.mia, "/gkick bbo"))
        self.assertEqual("No entries.", self.answer(self.ada, "/audit bbo"))

    def test_nobody_acts_upward(self) -> None:
        """Nobody kicks staff of their own rank or above, by name or by address."""
        for typed in ("/gkick ada", "/gban ada", "/gmute ada"):
            self.assertIn("with a lower role than yours", self.answer(self.mia, typed))
        self.assertIn("would include ada, whose role", self.answer(self.mia, "/gban 192.0.2.1"))
        self.assertIn("That would include you", self.answer(self.mia, "/gban 192.0.2.0/24"))
        self.assertIn("Only server moderators can", self.answer(self.dora, "/gkick bob"))


class BanTests(Staffed):
    """C{/gban}, C{/gunban} and C{/gbans}."""

    def comes(self, address: str, *typed: str) -> Guest:
        """Somebody connects and types this."""
        guest = self.server.connection(address)
        guest.types(*typed)
        return guest

    def test_nickname(self) -> None:
        """A guest is banned with the address: other guests from there are kept out, but nobody with an account."""
        answer = self.answers(self.mia, "/gban Bob 2h spam")
        self.assertEqual(
            [
                "The guest bob is banned from this server for 2 hours (spam). /gunban bob ends it.",
                "This holds under any nickname. Other guests from 192.0.2.4 cannot connect either.",
                "bob connected from 192.0.2.4; /gban 192.0.2.4 bans accounts from there too.",
            ],
            answer[:3],
        )
        self.assertEqual(["-- bob left the chat: banned: spam"], answer[3:])
        told = "You are banned from this server until 2026-01-01 02:00 UTC: spam"
        self.assertEqual([f"-- {told}"], self.bob.reads())
        self.assertIn("-- bob left the chat: banned: spam", self.dora.reads())
        for name in ("BOB", "rob"):
            refusal = self.comes("192.0.2.4", name).reads()[-1]
            self.assertTrue(refusal.startswith("! Guests from your address are banned"), refusal)
        self.assertTrue(
            any("Logged in as" in line for line in self.comes("192.0.2.4", f"/login dora {PASSWORD}").reads())
        )
        self.assertTrue(any("Registration successful" in line for line in self.comes("192.0.2.5", "bob").reads()))

    def test_nickname_that_nobody_has(self) -> None:
        """Whoever wants it is refused, at the beginning and later."""
        self.mia.types("/gban eve 2h spam")
        told = "You are banned from this server until 2026-01-01 02:00 UTC: spam"
        again = self.comes("192.0.2.4", "EVE")
        self.assertEqual(f"! {told}", again.reads()[-1])
        again.types("rob", "/nick eve")
        self.assertEqual(f"! {told}", again.reads()[-1])
        self.server.wait(7200)
        self.assertTrue(any("Registration successful" in line for line in self.comes("192.0.2.4", "eve").reads()))

    def test_nickname_runs_out(self) -> None:
        """After the time it was made for, guests from there connect again."""
        self.mia.types("/gban bob 2h")
        self.server.wait(7200)
        self.assertTrue(any("Registration successful" in line for line in self.comes("192.0.2.4", "bob").reads()))

    def test_account(self) -> None:
        """All its connections are closed, and neither password nor token opens it; strangers learn nothing of it."""
        token = self.server.program().asks("login", name="dora", password=PASSWORD)["token"]
        self.mia.types("/gban dora forever harassment")
        told = "You are banned from this server forever: harassment"
        self.assertEqual(f"-- {told}", self.dora.reads()[-1])
        for typed in (f"/login dora {PASSWORD}", f"/resume {token}"):
            self.assertEqual(f"! {told}", self.comes("198.51.100.1", typed).reads()[-1])
        self.assertNotIn("banned", " ".join(self.comes("198.51.100.1", "/login dora wrong password").reads()))
        guest = self.comes("198.51.100.1", "eve", f"/login dora {PASSWORD}")
        self.assertEqual(f"! {told}", guest.reads()[-1])

    def test_network(self) -> None:
        """Those in it are out; those who come are told at the door, before they have said a word."""
        nobody = self.comes("192.0.2.130", "/help")
        self.ada.types("QUIT")
        ada = self.comes("198.51.100.1", f"/login ada {PASSWORD}")
        line = self.answers(ada, "/gban 192.0.2.128/25 7d a raid")[0]
        self.assertEqual(
            "192.0.2.128/25 is banned from this server for 7 days (a raid). /gunban 192.0.2.128/25 ends it.", line
        )
        told = "Your network is banned from this server until 2026-01-08 00:00 UTC: a raid"
        self.assertEqual(f"-- {told}", nobody.reads()[-1])
        comer = self.server.connection("192.0.2.200")
        self.assertEqual(([f"! {told}"], True), (comer.reads(), comer.is_disconnected()))
        self.assertEqual([f"! {told}"], self.server.connection("::ffff:192.0.2.200").reads())
        self.assertFalse(self.server.connection("192.0.2.100").is_disconnected())
        self.assertFalse(self.bob.is_disconnected())
        self.assertEqual("192.0.2.128/25 can connect to this server again.", self.answer(ada, "/gunban 192.0.2.128/25"))
        self.assertFalse(self.server.connection("192.0.2.200").is_disconnected())

    def test_single_address_of_ipv6_stands_for_its_site(self) -> None:
        """Whoever has one has all of the /64."""
        self.assertIn("2001:db8::/64 is banned", self.answer(self.mia, "/gban 2001:db8::1"))
        self.assertTrue(self.server.connection("2001:db8::2").is_disconnected())
        self.assertFalse(self.server.connection("2001:db8:0:1::2").is_disconnected())
        self.assertEqual(
            "2001:db8::/64 can connect to this server again.", self.answer(self.mia, "/gunban 2001:db8::1")
        )

    def test_what_one_bans_one_can_unban_by_the_same_word(self) -> None:
        """Whatever form an address or a network is given in, the answer names what it stands for, both times."""
        for typed, meant in {
            "::1": "::1/128",
            "0::0001": "::1/128",
            "::1/128": "::1/128",
            "::ffff:203.0.113.9": "203.0.113.9/32",
            "::ffff:203.0.113.9/128": "203.0.113.9/32",
            "64:ff9b::203.0.113.7": "203.0.113.7/32",
            "203.0.113.7": "203.0.113.7/32",
            "203.0.113.7/32": "203.0.113.7/32",
            "203.0.113.7/24": "203.0.113.0/24",
            "2001:DB8::1": "2001:db8::/64",
            "2001:db8::1/64": "2001:db8::/64",
            "2001:db8::1/128": "2001:db8::1/128",
            "fe80::1%eth0": "fe80::/64",
            "@203.0.113.7": "203.0.113.7",
        }.items():
            for word, back in (("gban", "can connect to"), ("gmute", "can talk on")):
                made = self.answer(self.mia, f"/{word} {typed}")
                undo = f"/gun{word[1:]} {typed}"
                self.assertIn(f"{meant} is ", made, typed)
                self.assertIn(f"/gun{word[1:]} {meant} ends it.", made, typed)
                self.assertTrue(self.answer(self.mia, undo).startswith(f"{meant} {back} this server again"), typed)
                self.answer(self.mia, f"/{word} {typed}")
                self.server.wait(10)
                self.assertTrue(self.answer(self.mia, f"/gun{word[1:]} {meant}").startswith(meant), meant)

    def test_ban_that_is_not_there_is_named_as_it_was_typed(self) -> None:
        """The refusal adds which bans there are on a part of it."""
        self.answer(self.mia, "/gban 203.0.113.0/24")
        self.answer(self.mia, "/gban 2001:db8::1/128")
        lists = "/gbans lists bans and mutes."
        for typed, but in {
            "::/64": ", but one on 203.0.113.0/24",
            "::1": "",
            "198.51.100.1": "",
            "203.0.113.7": ", but one on 203.0.113.0/24",
            "::ffff:203.0.113.7": ", but one on 203.0.113.0/24",
            "2001:db8::1": ", but one on 2001:db8::1/128",
            "nobody": "",
        }.items():
            told = f"! There is no ban on {typed} on this server{but}. {lists}"
            self.assertEqual(told, self.answer(self.mia, f"/gunban {typed}"))

    def test_network_is_lifted_before_a_nickname_like_it(self) -> None:
        """An address is an address, also where a nickname that looks like it is banned as well."""
        self.answer(self.mia, "/gban @203.0.113.7")
        self.answer(self.mia, "/gban 203.0.113.7")
        self.assertIn("203.0.113.7/32 can", self.answer(self.mia, "/gunban 203.0.113.7"))
        self.assertIn("203.0.113.7 can", self.answer(self.mia, "/gunban @203.0.113.7"))

    def test_loopback_is_no_site(self) -> None:
        """Only those are out who come from there."""
        self.assertIn("::1/128 is banned", self.answer(self.mia, "/gban ::1"))
        self.assertTrue(self.server.connection("::1").is_disconnected())
        self.assertFalse(self.server.connection("127.0.0.1").is_disconnected())

    def test_too_wide_is_named_as_it_was_typed(self) -> None:
        """The refusal says what it stands for as well."""
        for typed in ("::/64", "64:ff9b::/64", "::ffff:0:0/96"):
            told = self.answer(self.mia, f"/gban {typed}")
            self.assertTrue(told.startswith(f"! {typed} stands for 0.0.0.0/0, which is too wide: "), told)
        self.assertTrue(self.answer(self.mia, "/gban 0.0.0.0/0").startswith("! 0.0.0.0/0 is too wide: "))

    def test_half_the_world_is_a_slip(self) -> None:
        """It is refused with what is lawful."""
        for typed in ("/gban 0.0.0.0/0", "/gban ::/0", "/gban 192.0.2.0/99", "/gban no/name"):
            self.assertTrue(self.answer(self.mia, typed).startswith("! "), typed)
        self.assertFalse(self.bob.is_disconnected())

    def test_nickname_that_looks_like_an_address(self) -> None:
        """With an @ before it, it is a nickname."""
        self.assertIn("The nickname 10.0.0.1 is banned", self.answers(self.mia, "/gban @10.0.0.1")[0])
        self.assertFalse(self.server.connection("10.0.0.1").is_disconnected())
        self.assertEqual("10.0.0.1 can connect to this server again.", self.answer(self.mia, "/gunban @10.0.0.1"))

    def test_list(self) -> None:
        """Who, by whom, for how long and why; what has run out is not on it."""
        self.assertEqual("No server bans or mutes.", self.answer(self.mia, "/gbans"))
        self.mia.types("/gban eve 1h spam", "/gmute dora 1d", "/gban 198.51.100.0/24")
        self.assertEqual(
            [
                "The nickname eve is banned for another hour, by mia (spam).",
                "198.51.100.0/24 is banned forever, by mia.",
                "The account dora is muted for another day, by mia.",
            ],
            self.answers(self.ada, "/gbans"),
        )
        self.server.wait(3600)
        self.assertEqual(2, len(self.answers(self.ada, "/gbans")))
        robot = self.server.program()
        robot.asks("login", name="ada", password=PASSWORD)
        [first, second] = robot.asks("gbans")["bans"]
        self.assertEqual(
            {"kind": "banned", "target": "198.51.100.0/24", "scope": "address", "by": "mia", "until": None},
            {key: first[key] for key in ("kind", "target", "scope", "by", "until")},
        )
        self.assertEqual("2026-01-02T00:00:00.000Z", second["until"])

    def test_only_staff_sees_where_people_come_from(self) -> None:
        """Only staff sees where people come from, and the list, the log, and what is written into it."""
        self.assertTrue(self.answer(self.mia, "/info bob").endswith("From 192.0.2.4."))
        self.assertNotIn("192.0.2", self.answer(self.dora, "/info bob"))
        self.assertIn("Only server moderators can", self.answer(self.dora, "/gbans"))
        robot = self.server.program("robot")
        self.clear()
        self.mia.types("/gban 198.51.100.0/24")
        self.assertEqual(([], []), (self.dora.reads(), robot.hears()))

    def test_programs_are_told_as_well(self) -> None:
        """An error with a code at the question, and a notice before the connection is closed."""
        robot = self.server.program("robot", address="198.51.100.4")
        self.mia.types("/gban robot")
        [*_, last] = robot.hears()
        self.assertEqual(("notice", "closing"), (last["event"], last["code"]))
        self.assertEqual("banned", self.server.program(address="198.51.100.4").asks("hello", nick="rob")["error"])

    def test_kept_across_a_restart(self) -> None:
        """At every door, from the first moment."""
        store = MemoryStore()
        server = Server(store=store)
        mia = server.staff("mia")
        mia.types("/gban 192.0.2.0/24 1d raid", "/gban eve", "/gmute dora 1d")
        server.stop()
        server = Server(store=store)
        self.assertTrue(server.connection("192.0.2.1").is_disconnected())
        eve = server.connection("198.51.100.1")
        eve.types("eve")
        self.assertIn("! You are banned from this server forever.", eve.reads())
        dora = server.guest("dora")
        self.assertIn("You are muted", self.answer(dora, "hello"))

    def test_every_node(self) -> None:
        """What staff decides on one is done on all."""
        store = MemoryStore()
        north = Server(store=store, node="north")
        south = Server(store=store, node="south", clock=north.clock)
        mia, bob, eve = north.staff("mia"), south.guest("bob"), south.guest("eve", "198.51.100.7")
        mia.types("/gban bob", "/gban 198.51.100.7")
        self.assertEqual((True, True), (bob.is_disconnected(), eve.is_disconnected()))
        self.assertTrue(south.connection("198.51.100.7").is_disconnected())
        self.assertNotIn("bob", north.services.chat.state.people)

    def test_so_many_and_no_more(self) -> None:
        """The limit is said."""
        server = Server(Limits(server_bans=1))
        mia = server.staff("mia")
        mia.types("/gban eve")
        self.assertIn("1 ban or mute; that is the limit", self.answer(mia, "/gban mallory"))


class MuteTests(Staffed):
    """C{/gmute} and C{/gunmute}."""

    def test_nowhere_and_to_nobody(self) -> None:
        """No talk, no whisper, no topic, no new room, no away message; but whoever is staff can be asked."""
        self.assertEqual(
            [
                "The guest bob is muted on this server for 1 hour (flooding). /gunmute bob ends it.",
                "This holds under any nickname. Other guests from 192.0.2.4 cannot talk either.",
            ],
            self.answers(self.mia, "/gmute bob flooding"),
        )
        told = "You are muted on this server until 2026-01-01 01:00 UTC: flooding"
        self.assertEqual([f"-- {told}"], self.bob.reads())
        for typed in ("hello", "/me waves", "@dora psst", "/topic x", "/create den", "/away x"):
            here = ". You are still in lobby." if typed.startswith("/create") else ""
            self.assertEqual(f"! {told}{here}", self.answer(self.bob, typed), typed)
        self.assertEqual("Whispered to mia.", self.answer(self.bob, "@mia sorry"))
        self.assertEqual([], self.dora.reads())

    def test_reading_goes_on(self) -> None:
        """They are in their rooms, and may look and leave, without last words."""
        self.mia.types("/gmute bob")
        self.clear()
        self.dora.types("hello")
        self.assertEqual(["<dora> hello"], self.bob.reads())
        self.bob.types("/quit and another thing")
        self.assertEqual(["-- bob left the chat."], self.dora.reads())

    def test_new_name_is_no_way_out(self) -> None:
        """A mute goes along to a guest's new name, and to an account of theirs that is connected already."""
        self.mia.types("/gmute bob")
        self.bob.types("/nick rob")
        self.assertIn("You are muted", self.answer(self.bob, "hello")[:20])
        self.bob.types(f"/login dora {PASSWORD}")
        self.assertIn("You are muted", self.answer(self.bob, "hello"))
        self.assertIn("The account dora is muted", self.answers(self.mia, "/gbans")[-1])

    def test_everybody_from_somewhere(self) -> None:
        """Until it is lifted, which they are told."""
        eve = self.server.guest("eve", "198.51.100.4")
        self.mia.types("/gmute 198.51.100.0/24")
        self.assertIn("Your network is muted", self.answer(eve, "hello"))
        late = self.server.guest("late", "198.51.100.99")
        self.assertIn("Your network is muted", self.answer(late, "hello"))
        eve.reads()
        self.assertEqual(
            "198.51.100.0/24 can talk on this server again.", self.answer(self.mia, "/gunmute 198.51.100.9/24")
        )
        self.assertEqual(["-- You can talk on this server again."], eve.reads())
        eve.types("hello")
        self.assertIn("<eve> hello", late.reads())

    def test_it_ends_by_itself(self) -> None:
        """A mute ends by itself, and is cleared away with the next one."""
        self.mia.types("/gmute bob 10m")
        self.server.wait(601)
        self.dora.reads()
        self.bob.types("hello")
        self.assertEqual(["<bob> hello"], self.dora.reads())
        self.mia.types("/gban eve")
        self.assertEqual({}, self.server.services.chat.state.server_mutes.entries)


class RoomTests(Staffed):
    """What staff does in rooms."""

    def setUp(self) -> None:
        """Dora keeps a private den with a password; bob is in it."""
        super().setUp()
        self.dora.types("/create den keep", "/invite bob", "/private", "/password open sesame")
        self.bob.types("/join den")
        self.clear()

    def test_every_door_is_open(self) -> None:
        """It is seen by those inside, and written down."""
        self.assertEqual("You are in den.", self.answers(self.mia, "/join den")[0])
        self.assertEqual(["-- mia joined."], self.dora.reads())
        self.assertTrue(self.answers(self.ada, "/audit den")[-1].endswith("mia: room-enter den"))

    def test_moderator_is_an_operator_there_and_stands_above_its_owner(self) -> None:
        """A moderator is an operator in every room, and stands above its owner, but does not own it."""
        self.mia.types("/join den")
        self.assertEqual("Kicked bob from den.", self.answer(self.mia, "/kick bob spam"))
        self.assertEqual("Kicked dora from den.", self.answer(self.mia, "/kick dora"))
        self.assertIn("Only owners of", self.answer(self.mia, "/op bob"))
        self.assertTrue(self.answers(self.ada, "/audit bob")[-1].endswith("mia: room-kick bob (in den: spam)"))

    def test_owners_do_not_act_on_staff(self) -> None:
        """Owners of a room can neither kick nor ban nor mute staff."""
        self.mia.types("/join den")
        self.dora.reads()
        for typed in ("/kick mia", "/ban mia", "/mute mia"):
            self.assertIn("with a lower role than yours", self.answer(self.dora, typed))

    def test_admin_is_an_owner_there(self) -> None:
        """Who can put a room in order that its owner left behind."""
        self.ada.types("/join den", "/op bob owner", "/deop dora")
        self.assertIn("bob (owner, guest)", self.answer(self.bob, "/who"))
        self.assertNotIn("dora (owner)", self.answer(self.bob, "/who"))
        self.assertTrue(any(line.endswith("(in den, owner)") for line in self.answers(self.ada, "/audit bob")))

    def test_what_people_of_the_room_do_is_their_own_affair(self) -> None:
        """The log is for the powers of the server."""
        self.dora.types("/kick bob")
        self.assertEqual("No entries.", self.answer(self.ada, "/audit bob"))

    def test_role_taken_by_the_shell_counts_at_once(self) -> None:
        """Also where it was only a room's door."""
        self.mia.types("/join den")
        self.server.promote("mia", ServerRole.NONE)
        self.assertIn("Only operators of", self.answer(self.mia, "/kick bob"))
        self.mia.types("/leave den")
        self.assertIn("! There is no room called den", self.answer(self.mia, "/join den"))

    def test_close(self) -> None:
        """Everybody is out and reads why; the room and what was said in it are gone, though it was kept."""
        self.assertEqual("den is closed.", self.answer(self.mia, "/close den off topic"))
        self.assertIn("-- mia kicked you from den: the room was closed: off topic", " ".join(self.bob.reads()))
        self.assertIn("There is no room called den", self.answer(self.dora, "/join den"))
        self.assertTrue(self.answers(self.ada, "/audit den")[-1].endswith("mia: close den (off topic)"))

    def test_close_from_within(self) -> None:
        """Whoever closes it goes last."""
        self.bob.types("/create attic")
        self.mia.types("/join attic", "/close attic")
        self.assertIn("There is no room called attic", self.answer(self.bob, "/join attic"))
        self.assertIn("cannot be closed", self.answer(self.mia, "/close lobby"))
