"""
Rooms: finding them, going in and out, making them, and what their owners set.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.views import NAMES, RECORDED
from chatroom.limits import Limits
from chatroom.testing import Guest, Server


class Rooms(SynchronousTestCase):
    """Alice owns the attic; bob is in the lobby."""

    def setUp(self) -> None:
        """Both have read everything."""
        self.server = Server()
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.types("/create attic")
        self.alice.reads()

    def answer(self, guest: Guest, typed: str) -> str:
        """The one line that comes when this is typed."""
        guest.reads()
        guest.types(typed)
        (line,) = guest.reads()
        return line


class ListTests(Rooms):
    """C{/rooms}."""

    def test_fullest_room_comes_first(self) -> None:
        """A room is listed with its topic, and what one should know before joining it."""
        self.alice.types("/topic old things")
        self.bob.types("/rooms")
        self.assertEqual(["lobby: 2 people (you are in it)", "attic: 1 person. old things"], self.bob.reads())

    def test_topic_of_a_room_with_a_password_is_for_its_members(self) -> None:
        """Nobody else reads the topic, or finds the room by a word of it."""
        self.alice.types("/topic old things", "/password sesame")
        self.assertEqual("attic: 1 person (password)", self.answer(self.bob, "/rooms attic"))
        self.assertEqual("No rooms found. /create ROOM makes one.", self.answer(self.bob, "/rooms things"))
        self.assertEqual("", self.server.program("robot").asks("rooms", match="attic")["rooms"][0]["topic"])
        self.assertTrue(self.answer(self.alice, "/rooms things").endswith("old things"))

    def test_words_find_rooms(self) -> None:
        """In their names and topics, in any letter case."""
        self.alice.types("/topic Old things")
        for typed in ("/rooms ATT", "/list old"):
            self.assertTrue(self.answer(self.bob, typed).startswith("attic: "))
        self.assertEqual("No rooms found. /create ROOM makes one.", self.answer(self.bob, "/rooms cellar"))

    def test_private_rooms_are_not_listed(self) -> None:
        """Private rooms are listed only for those who are in them."""
        self.alice.types("/private")
        self.assertEqual("No rooms found. /create ROOM makes one.", self.answer(self.bob, "/rooms attic"))
        self.assertEqual("attic: 1 person (you are in it, private)", self.answer(self.alice, "/rooms attic"))

    def test_long_list_is_cut(self) -> None:
        """A long list is cut, and says how to find the rest."""
        server = Server(Limits(rooms_per_person=100))
        robot = server.program("robot")
        for number in range(NAMES + 4):
            robot.asks("create", room=f"room{number}")
            server.wait(1)
        alice = server.guest("alice")
        alice.types("/rooms")
        lines = alice.reads()
        self.assertEqual(NAMES + 1, len(lines))
        self.assertEqual("And 5 more. /rooms WORD searches.", lines[-1])

    def test_programs_read_facts(self) -> None:
        """The same under stable names."""
        answer = self.server.program("robot").asks("rooms", match="attic")
        self.assertEqual(1, answer["total"])
        self.assertEqual(
            [
                {
                    "room": "attic",
                    "topic": "",
                    "people": 1,
                    "invite_only": False,
                    "locked": False,
                    "joined": False,
                    "lock": None,
                    "unlisted": False,
                    "capacity": 0,
                }
            ],
            answer["rooms"],
        )


class JoinTests(Rooms):
    """C{/join}, C{/leave} and C{/look}."""

    def test_newcomer_sees_the_room(self) -> None:
        """Its topic, who is here, that it is recorded, and what was said last."""
        self.alice.types("/topic old things", "hello dust")
        self.alice.reads()
        self.bob.types("/join attic")
        self.assertEqual(
            [
                "You are in attic. Topic: old things",
                "Here (2 people): alice (owner, guest), bob (guest)",
                RECORDED,
                "-- 2026-01-01 (UTC)",
                "[00:00] <alice> hello dust",
            ],
            self.bob.reads(),
        )
        self.assertEqual(["-- bob joined."], self.alice.reads())

    def test_crowd_is_not_written_out(self) -> None:
        """Only so many names, and how many more there are."""
        server = Server()
        for number in range(NAMES + 3):
            server.guest(f"guest{number}", f"10.0.0.{number}")
        late = server.connection()
        late.types("late")
        (here,) = [line for line in late.reads() if line.startswith("Here")]
        self.assertTrue(here.startswith("Here (54 people): guest0 (guest), guest1 (guest), "), here)
        self.assertTrue(here.endswith(" and 4 more"), here)
        answer = server.program().asks("hello", nick="robot")
        self.assertEqual((NAMES, 55), (len(answer["view"]["people"]), answer["view"]["people_total"]))

    def test_programs_know_what_is_in_the_way(self) -> None:
        """A room with a password says so by its code, and a private room is none, with a password or without."""
        robot = self.server.program("robot")
        self.alice.types("/password sesame")
        self.assertEqual("wants-password", robot.asks("join", room="attic")["error"])
        self.assertEqual("wrong-password", robot.asks("join", room="attic", password="barley")["error"])
        self.alice.types("/private")
        self.assertEqual("no-such-room", robot.asks("join", room="attic")["error"])
        self.assertEqual("no-such-room", robot.asks("join", room="attic", password="barley")["error"])
        self.assertEqual("no-such-room", robot.asks("join", room="cellar")["error"])

    def test_room_that_does_not_exist(self) -> None:
        """The refusal says how to make it."""
        self.assertIn("/create cellar", self.answer(self.bob, "/j cellar"))

    def test_leaving(self) -> None:
        """One looks at the next of one's rooms; the others are told, with the reason."""
        self.bob.types("/join attic")
        self.alice.reads()
        self.assertEqual("You left attic. Current room: lobby.", self.answer(self.bob, "/leave attic too dusty"))
        self.assertEqual(["-- bob left the room: too dusty"], self.alice.reads())
        self.assertEqual(
            "You left lobby. You are not in any room. /rooms lists them, /join ROOM joins one.",
            self.answer(self.bob, "/part"),
        )

    def test_looking(self) -> None:
        """It says where one's lines go, and what else one hears."""
        self.assertEqual("Current room: attic. Also in: lobby.", self.answer(self.alice, "/look"))
        self.assertEqual("Current room: lobby. Also in: attic.", self.answer(self.alice, "/look lobby"))
        self.alice.types("hello")
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_looking_from_nowhere(self) -> None:
        """There may be no room to look at."""
        self.bob.types("/leave")
        self.assertEqual(
            "You are not in any room. /rooms lists them, /join ROOM joins one.", self.answer(self.bob, "/look")
        )

    def test_looking_at_a_room_one_is_not_in(self) -> None:
        """The refusal says how to get there."""
        self.assertIn("/join attic", self.answer(self.bob, "/look attic"))

    def test_programs_read_the_room_as_facts(self) -> None:
        """All that people see, and its last number, to begin listening from."""
        self.alice.types("hello dust")
        answer = self.server.program("robot").asks("join", room="#Attic")
        self.assertEqual("attic", answer["room"])
        self.assertEqual("member", answer["role"])
        self.assertEqual(["alice", "robot"], [person["nick"] for person in answer["people"]])
        self.assertEqual(2, answer["people_total"])
        self.assertEqual(["hello dust"], [event["text"] for event in answer["recent"]])
        self.assertLess(answer["recent"][0]["seq"], answer["last"])
        self.assertEqual("2026-01-01T00:00:00.000Z", answer["created"])
        self.assertEqual((False, False, False), (answer["keep"], answer["locked"], answer["invite_only"]))


class CreateTests(Rooms):
    """C{/create}."""

    def test_maker_owns_it_and_is_told_what_next(self) -> None:
        """In two lines."""
        self.bob.types("/create cellar")
        made, hint = self.bob.reads()
        self.assertEqual("You created cellar and own it. It is deleted when the last person leaves.", made)
        self.assertIn("/topic", hint)
        self.assertEqual("In cellar (1 person): bob (owner, guest)", self.answer(self.bob, "/who"))

    def test_room_that_stays(self) -> None:
        """With an account, a word behind the name keeps it; for a guest, the refusal says what is missing."""
        self.assertIn("/signup", self.answer(self.bob, "/create cellar keep"))
        dora = self.server.account("dora")
        dora.types("/create cellar keep")
        self.assertIn("It is kept when it is empty.", dora.reads()[0])
        dora.types("/leave cellar")
        self.assertIn("cellar: 0 people", self.answer(self.bob, "/rooms cellar"))

    def test_programs_say_true(self) -> None:
        """As JSON has it."""
        robot = self.server.program("robot")
        self.assertEqual(False, robot.asks("create", room="cellar", keep=False)["keep"])
        self.assertEqual("needs-account", robot.asks("create", room="loft", keep=True)["error"])

    def test_anything_else_behind_the_name_is_refused(self) -> None:
        """A room name has letters, digits, and this may have been meant as one."""
        self.assertIn("! keep must be yes or no", self.answer(self.bob, "/create wine cellar"))


class TopicTests(Rooms):
    """C{/topic}."""

    def test_showing_setting_and_taking_away(self) -> None:
        """One word for all three."""
        self.assertEqual("attic has no topic.", self.answer(self.alice, "/topic"))
        self.assertEqual("Topic of attic: old things", self.answer(self.alice, "/topic old things"))
        self.assertEqual("Topic of attic: old things", self.answer(self.alice, "/topic"))
        self.assertEqual("Topic of attic cleared.", self.answer(self.alice, "/topic -"))

    def test_others_are_told(self) -> None:
        """Of what it was set to."""
        self.bob.types("/join attic")
        self.bob.reads()
        self.alice.types("/topic old things")
        self.assertEqual(["-- alice set the topic: old things"], self.bob.reads())

    def test_only_operators_set_it_where_there_are_any(self) -> None:
        """Everyone may read it."""
        self.bob.types("/join attic")
        self.assertTrue(self.answer(self.bob, "/topic mine").startswith("! "))
        self.assertEqual("attic has no topic.", self.answer(self.bob, "/topic"))

    def test_programs_name_the_room(self) -> None:
        """Programs name the room, and clear the topic with an empty text."""
        robot = self.server.program("robot")
        robot.asks("create", room="lab")
        robot.asks("look", room="lobby")
        self.assertEqual("beep", robot.asks("topic", room="lab", text="beep")["topic"])
        self.assertEqual("", robot.asks("topic", room="lab", text="")["topic"])
        self.assertEqual("not-in-room", robot.asks("topic", room="attic")["error"])


class DoorTests(Rooms):
    """Who comes in: C{/password}, C{/private}, C{/public}, C{/invite}."""

    def test_password(self) -> None:
        """Whoever has it comes in; without one in the command, the lock is taken away."""
        self.assertEqual(
            "attic now requires a password: /join attic PASSWORD", self.answer(self.alice, "/password open sesame")
        )
        self.bob.types("/join attic")
        refusal, question = self.bob.reads()
        self.assertTrue(refusal.startswith("! "))
        self.assertIn("Type the password for attic", question)
        self.assertTrue(self.answer(self.bob, "/join attic wrong").startswith("! "))
        self.bob.types("/join attic open sesame")
        self.assertEqual("You are in attic.", self.bob.reads()[0])
        self.assertEqual("attic no longer requires a password.", self.answer(self.alice, "/password"))
        carol = self.server.guest("carol")
        carol.types("/join attic")
        self.assertEqual("You are in attic.", carol.reads()[0])

    def test_private_room_is_for_the_invited(self) -> None:
        """Until it is public again."""
        self.assertEqual("attic is invite-only. /invite NICK lets somebody in.", self.answer(self.alice, "/private"))
        self.assertTrue(self.answer(self.bob, "/join attic").startswith("! "))
        self.assertEqual("bob was invited to attic.", self.answer(self.alice, "/invite bob"))
        self.assertIn("alice invited you to attic: /join attic", " ".join(self.bob.reads()))
        self.bob.types("/join attic")
        self.assertEqual("You are in attic.", self.bob.reads()[0])
        self.assertEqual("attic is open to everyone.", self.answer(self.alice, "/public"))

    def test_invitation_of_a_guest_ends_with_the_visit(self) -> None:
        """Whoever takes the nickname next was not meant, be it at once or with an account; nor was its old bearer."""
        self.alice.types("/private", "/invite bob")
        self.bob.disconnects()
        other = self.server.account("bob")
        other.types("/join attic")
        self.assertTrue(other.reads()[-1].startswith("! There is no room called attic."))
        self.alice.types("/invite bob")
        other.disconnects()
        again = self.server.connection()
        again.types("/login bob correct horse battery", "/join attic")
        self.assertIn("You are in attic.", again.reads())

    def test_invitation_of_a_guest_is_the_account_s(self) -> None:
        """Who signs up meanwhile stays invited, at the next visit as well; nobody is told so once more."""
        self.alice.types("/private", "/invite bob")
        self.server.settle()
        for each in (self.alice, self.bob):
            each.reads()
        self.bob.types("/signup correct horse battery")
        self.assertEqual([], [line for line in self.bob.reads() + self.alice.reads() if "invite" in line])
        self.bob.disconnects()
        again = self.server.connection()
        again.types("/login bob correct horse battery", "/join attic")
        self.assertIn("You are in attic.", again.reads())

    def test_invitation_of_a_guest_goes_along_to_another_nickname(self) -> None:
        """It is for the guest who was meant, and not for who takes the nickname a moment later."""
        self.alice.types("/private", "/invite bob")
        self.bob.types("/nick rob")
        other = self.server.guest("bob")
        other.types("/join attic")
        self.assertTrue(other.reads()[-1].startswith("! There is no room called attic."))
        self.bob.reads()
        self.bob.types("/join attic")
        self.assertEqual("You are in attic.", self.bob.reads()[0])
        self.server.settle()
        self.assertEqual({}, self.server.services.chat.state.invitations)

    def test_invitation_to_a_room_one_does_not_look_at(self) -> None:
        """Its name goes behind the nickname."""
        self.alice.types("/look lobby", "/invite bob attic")
        self.assertEqual("bob was invited to attic.", self.alice.reads()[-1])

    def test_plain_members_may_none_of_this(self) -> None:
        """The hub says so, for every one of these words."""
        self.bob.types("/join attic")
        for typed in ("/password x", "/private", "/public", "/invite carol"):
            self.assertIn("Only operators of", self.answer(self.bob, typed))

    def test_programs_read_what_is_so_now(self) -> None:
        """As facts."""
        robot = self.server.program("robot")
        robot.asks("create", room="lab")
        self.assertEqual(True, robot.asks("private")["invite_only"])
        self.assertEqual(False, robot.asks("public", room="lab")["invite_only"])
        self.assertEqual(True, robot.asks("password", password="sesame")["locked"])
        self.assertEqual(False, robot.asks("password", room="lab")["locked"])
        self.assertEqual("alice", robot.asks("invite", nick="alice")["nick"])
