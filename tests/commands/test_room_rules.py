"""
Who may talk in a room, how many may join it, and who reads of it.
"""

from __future__ import annotations

from chatroom.limits import Limits
from chatroom.testing import Server
from tests.commands.attic import Attic


class ModeratedTests(Attic):
    """C{/moderated}, C{/voice} and C{/unvoice}."""

    def test_only_some_talk(self) -> None:
        """In a moderated room, only its operators and people with voice can talk; the others read them."""
        self.assertEqual(
            "attic is moderated: only operators and people with voice can talk. /voice NICK gives voice.",
            self.answer(self.alice, "/moderated on"),
        )
        self.assertEqual(["-- alice made the room moderated: only people with voice can talk."], self.carol.reads())
        refusal = (
            "! attic is moderated: only operators and people with voice can talk. An operator of it can /voice you."
        )
        for typed in ("hello?", "/me waves", "/topic mine"):
            self.assertEqual(refusal, self.answer(self.bob, typed), typed)
        self.alice.types("read this")
        self.assertEqual(["<alice> read this"], self.carol.reads())
        self.assertEqual("bob can talk in attic, even if it is moderated.", self.answer(self.alice, "/voice bob"))
        self.assertEqual(["-- alice gave bob voice."], self.carol.reads())
        self.assertIn(
            "-- alice gave you voice in attic: you can talk, even if the room is moderated.", self.bob.reads()
        )
        self.bob.types("thank you")
        self.assertEqual(["<bob> thank you"], self.carol.reads())
        self.assertEqual("bob has no voice in attic.", self.answer(self.alice, "/unvoice bob"))
        self.assertEqual(refusal, self.answer(self.bob, "still here"))
        self.assertEqual("attic is not moderated: everyone in it can talk.", self.answer(self.alice, "/moderated off"))
        self.bob.types("at last")
        self.assertEqual("<bob> at last", self.carol.reads()[-1])

    def test_shown(self) -> None:
        """The setting is shown, by itself and to those who join; what is neither on nor off is refused."""
        self.alice.types("/moderated on")
        self.assertIn("attic is moderated", self.answer(self.alice, "/moderated"))
        self.assertIn("yes or no", self.answer(self.alice, "/moderated perhaps"))
        self.bob.types("/leave", "/join attic")
        self.assertIn("Moderated: only operators and people with voice can talk.", self.bob.reads())

    def test_what_is_no_talk(self) -> None:
        """A silent person can take another nickname and leave, but the reason for leaving is not read."""
        self.alice.types("/moderated on")
        self.carol.reads()
        self.bob.types("/nick robert", "/leave attic buy my books")
        self.assertEqual("-- robert left the room.", self.carol.reads()[-1])

    def test_voice_and_mutes(self) -> None:
        """Voice lifts a mute, and a mute takes voice away: the last word counts."""
        self.alice.types("/mute bob")
        self.assertIn("You are muted", self.answer(self.bob, "hello?"))
        self.carol.reads()
        self.alice.types("/voice bob")
        self.assertEqual(["-- alice unmuted bob.", "-- alice gave bob voice."], self.carol.reads())
        self.bob.types("hello")
        self.assertEqual(["<bob> hello"], self.carol.reads())
        self.alice.types("/mute bob", "/unmute bob", "/moderated on")
        self.assertIn("attic is moderated", self.answer(self.bob, "hello?"))

    def test_who_has_it_already(self) -> None:
        """Nothing is told again: an operator needs no voice, and nobody has it twice."""
        self.alice.types("/op carol", "/voice bob")
        self.carol.reads()
        self.alice.types("/voice bob", "/voice carol", "/unvoice carol")
        self.assertEqual([], self.carol.reads())
        self.assertIn("bob (voice", self.answer(self.alice, "/who"))

    def test_it_goes_along(self) -> None:
        """A guest keeps voice under another nickname and as an account; a guest's voice ends with the visit."""
        self.alice.types("/moderated on", "/voice bob", "/voice carol")
        self.bob.types("/nick robert", "/signup correct horse battery", "/leave", "/join attic")
        self.carol.types("/quit")
        carol = self.server.guest("carol")
        carol.types("/join attic")
        self.bob.types("hello")
        self.assertEqual("<robert> hello", carol.reads()[-1])
        self.assertIn("attic is moderated", self.answer(carol, "hello"))

    def test_plain_members_may_not(self) -> None:
        """Only operators change the rules of a room."""
        for typed in ("/moderated on", "/unlisted on", "/capacity 5", "/voice bob", "/unvoice carol"):
            self.assertIn("Only operators of", self.answer(self.bob, typed), typed)

    def test_nobody_in_charge(self) -> None:
        """Where only people with voice are left, nobody is in charge: every member sets the topic."""
        self.alice.types("/voice bob", "/leave")
        self.assertEqual("Topic of attic: ours", self.answer(self.carol, "/topic ours"))


class UnlistedTests(Attic):
    """C{/unlisted}."""

    def test_only_members_see_it_listed(self) -> None:
        """It is on no list but its members', and who knows its name can join it."""
        self.assertEqual(
            "attic is not on the list of rooms. People who know its name can join it.",
            self.answer(self.alice, "/unlisted on"),
        )
        self.assertEqual(["-- alice took the room off the list of rooms."], self.carol.reads())
        dora = self.server.guest("dora")
        for typed in ("/rooms", "/rooms attic"):
            self.assertNotIn("attic:", "\n".join(self.answers(dora, typed)), typed)
        self.assertEqual("attic: 3 people (you are in it, unlisted)", self.answer(self.bob, "/rooms attic"))
        dora.types("/join attic")
        self.assertIn("You are in attic.", dora.reads())
        self.assertEqual("attic is on the list of rooms.", self.answer(self.alice, "/unlisted off"))
        self.assertIn("attic: 4 people", self.answer(self.server.guest("eve"), "/rooms attic"))


class CapacityTests(Attic):
    """C{/capacity}."""

    def test_no_more_than_so_many(self) -> None:
        """A room that is full lets nobody join but its operators and people who are invited."""
        self.assertEqual(
            "attic is limited to 2 people. /capacity off removes the limit.", self.answer(self.alice, "/capacity 2")
        )
        self.assertEqual(["-- alice limited the room to 2 people."], self.carol.reads())
        dora = self.server.guest("dora")
        full = "! attic is full: its limit is 2 people. Ask an operator of it to /invite you. You are still in lobby."
        self.assertEqual(full, self.answer(dora, "/join attic"))
        self.assertIn("full", self.answer(dora, "/rooms attic"))
        self.bob.types("we stay")
        self.assertEqual("<bob> we stay", self.carol.reads()[-1])
        self.bob.types("/leave")
        self.assertEqual(full, self.answer(dora, "/join attic"))
        self.carol.types("/leave")
        dora.types("/join attic")
        self.assertIn("You are in attic.", dora.reads())
        self.alice.types("/invite bob")
        self.bob.types("/join attic")
        self.assertIn("You are in attic.", self.bob.reads())
        self.assertEqual(full, self.answer(self.carol, "/join attic"))
        self.assertEqual("attic has no limit of people.", self.answer(self.alice, "/capacity off"))
        self.carol.types("/join attic")
        self.assertIn("You are in attic.", self.carol.reads())

    def test_what_is_no_number(self) -> None:
        """What is no number of people is refused, and says what is."""
        for typed in ("-1", "few", "1.5", "00", "٣", "9" * 30):
            self.assertIn("is not a number of people", self.answer(self.alice, f"/capacity {typed}"), typed)
        self.assertIn("between 1 and 999,999", self.answer(self.alice, "/capacity 1000000"))
        self.assertEqual("attic has no limit of people.", self.answer(self.alice, "/capacity"))


class AdmitTests(Attic):
    """C{/admit}, C{/unadmit} and C{/admitted}."""

    def test_in_again_and_again(self) -> None:
        """Somebody who is admitted joins a private, locked and full room with a password, as often as they like."""
        dora = self.server.account("dora")
        self.alice.types("/private", "/lock", "/capacity 1", "/password sesame")
        self.assertIn("There is no room", self.answer(dora, "/join attic"))
        self.carol.reads()
        self.assertEqual(
            "dora can join attic at any time. /unadmit dora ends it.", self.answer(self.alice, "/admit dora")
        )
        self.assertEqual("-- alice lets dora join the room at any time.", self.carol.reads()[-1])
        for _ in range(2):
            dora.types("/join attic")
            self.assertIn("You are in attic.", dora.reads())
            dora.types("/leave attic")
        self.assertEqual("dora can join at any time, by alice.", self.answer(self.alice, "/admitted"))
        self.assertEqual("dora can no longer join attic at any time.", self.answer(self.alice, "/unadmit dora"))
        self.assertIn("There is no room", self.answer(dora, "/join attic"))
        self.assertEqual("Nobody is admitted to attic.", self.answer(self.alice, "/admitted"))

    def test_one_who_is_banned(self) -> None:
        """A ban on somebody is stronger than that."""
        self.alice.types("/admit bob", "/ban bob")
        self.bob.reads()
        self.assertIn("You are banned from attic", self.answer(self.bob, "/join attic"))

    def test_what_is_refused(self) -> None:
        """Plain members admit nobody and see no list, who is not admitted cannot lose it, and there is a limit."""
        for typed in ("/admit dora", "/unadmit dora", "/admitted"):
            self.assertIn("Only operators of", self.answer(self.bob, typed), typed)
        self.assertIn("dora is not admitted to attic", self.answer(self.alice, "/unadmit dora").replace("'", ""))
        server = Server(Limits(invites_per_room=1))
        alice = server.guest("alice")
        alice.types("/create attic", "/admit bob", "/admit bob")
        alice.reads()
        self.assertIn("that is the limit", self.answer(alice, "/admit carol"))

    def test_another_node_and_a_room_of_the_same_name(self) -> None:
        """A node that starts later knows it; it ends with the room."""
        self.alice.types("/private", "/admit dora")
        there = self.server.another_node("b")
        dora = there.guest("dora")
        dora.types("/join attic")
        self.assertIn("You are in attic.", dora.reads())
        for each in (self.alice, self.bob, self.carol, dora):
            each.types("/leave attic")
        eve = self.server.guest("eve")
        eve.types("/create attic", "/private")
        self.assertIn("There is no room", self.answer(dora, "/join attic"))


class RememberedTests(Attic):
    """Rules of a room are facts of it."""

    def test_another_node_learns_them(self) -> None:
        """A node that starts later knows that a room is moderated, unlisted and limited, and who has voice."""
        self.server.account("robot").types("/quit")
        self.alice.types("/moderated on", "/unlisted on", "/capacity 3", "/voice robot", "/topic tea")
        there = self.server.another_node("b")
        robot = there.connection()
        robot.types("/login robot correct horse battery", "/join attic")
        self.assertIn("attic is full", robot.reads()[-1])
        self.alice.types("/op robot", "/voice robot")
        robot.types("/join attic")
        robot.reads()
        for typed, told in {"/moderated": "is moderated", "/unlisted": "is not on", "/capacity": "3 people"}.items():
            self.assertIn(told, self.answer(robot, typed), typed)
        self.alice.types("/deop robot", "/voice robot")
        self.bob.reads()
        robot.types("I can talk")
        self.assertEqual(["<robot> I can talk"], self.bob.reads()[-1:])
