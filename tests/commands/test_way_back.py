"""
Nobody shuts themselves out, and what is hidden is hidden in every answer.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import Limits
from chatroom.testing import Guest, Server

PASSWORD = "correct horse battery"


class WayBackCase(SynchronousTestCase):
    """Mia is of the staff, ann owns a room."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_rate=0))
        self.mia = self.server.staff("mia")
        self.ann = self.server.account("ann", PASSWORD, "192.0.2.1")
        self.bob = self.server.guest("bob", "192.0.2.2")
        self.ann.types("/create den keep")

    def answer(self, guest: Guest, typed: str) -> str:
        """The first line that comes when this is typed."""
        guest.reads()
        guest.types(typed)
        return guest.reads()[0]


class WayBackTests(WayBackCase):
    """What somebody has closed can be opened again."""

    def test_lock_of_the_lobby_ends(self) -> None:
        """Without a time, in an hour; elsewhere when somebody ends it."""
        self.assertIn("lobby is locked for 1 hour", self.answer(self.mia, "/lock"))
        self.assertNotIn("You are in lobby", " ".join(self.server.guest("eve", "192.0.2.3").reads()))
        self.server.wait(3600)
        eve = self.server.connection("192.0.2.3")
        eve.types("eva")
        self.assertIn("You are in lobby.", eve.reads())
        self.assertIn("den is locked: ", self.answer(self.ann, "/lock"))

    def test_staff_arrives_in_a_locked_lobby(self) -> None:
        """Also where it is private or has a password; others do not, and are told."""
        for word in ("/lock forever", "/private", "/password hush"):
            self.mia.types(word)
            self.mia.disconnects()
            self.mia = self.server.connection()
            self.mia.types(f"/login mia {PASSWORD}")
            self.assertIn("You are in lobby.", self.mia.reads(), word)
            ann = self.server.connection("192.0.2.9")
            ann.types("carl")
            self.assertNotIn("You are in lobby.", ann.reads(), word)
            ann.disconnects()
            self.mia.types("/unlock", "/public", "/password")

    def test_nearly_right(self) -> None:
        """Words that mean the opposite, another room or a time do nothing, and the answer says what to type."""
        self.ann.types("/look den")
        for typed, says in {
            "/lock off": "/unlock", "/lock no": "/unlock", "/lock #lobby": "/look #lobby", "/lock lobby": "/look lobby",
            "/lock #nosuch": "/look #nosuch",
            "/password off": "type /password alone", "/password None": "type /password alone",
            "/lock an hour": "not a duration", "/lock permanent": "not a duration",
            "/opentopic perhaps": "yes or no",
            "/kick bob 5m": "/ban bob 5m", "/kick bob spam 2h": "/ban bob 2h",
        }.items():  # fmt: skip
            answer = self.answer(self.ann, typed)
            self.assertTrue(answer.startswith("! "), typed)
            self.assertIn(says, answer, typed)
        self.bob.types("/join den")
        self.assertIn("You are in den.", self.bob.reads())
        self.assertIn("/gban bob 5m", self.answer(self.mia, "/gkick bob 5m"))
        self.assertIn("den is locked: ", self.answer(self.ann, "/lock #den"))

    def test_from_outside(self) -> None:
        """Staff and absent owners open a room again without being in it; others cannot."""
        for close, open in (("/lock", "/unlock den"), ("/private", "/public den"), ("/slow 30", "/slow off den")):
            for who in (self.ann, self.mia):
                self.ann.types("/join den", "/look den", close, "/leave den", "/leave lobby")
                self.assertFalse(self.answer(who, open).startswith("! "), open)
                self.bob.types("/join den")
                self.assertIn("You are in den.", self.bob.reads())
                self.bob.types("/leave den")
        self.assertTrue(self.answer(self.bob, "/unlock den").startswith("! "))

    def test_banned_by_slip(self) -> None:
        """A ban is lifted from outside as well."""
        self.ann.types("/ban bob", "/leave den")
        self.assertEqual("Ban on bob lifted: bob can join den again.", self.answer(self.ann, "/unban bob den"))


class HiddenTests(WayBackCase):
    """A private room is told from none by nobody who has no business there."""

    def test_every_question(self) -> None:
        """Whatever a stranger asks of a private room, the answer is that of a room that is not there."""
        self.ann.types("/look den", "/private", "/password open sesame")
        robot = self.server.program("robot", "192.0.2.5")
        for word, arguments in {
            "join": {}, "look": {}, "leave": {}, "who": {}, "topic": {}, "history": {}, "say": {"text": "x"},
            "search": {"words": "x"}, "invite": {"nick": "bob"}, "unlock": {}, "public": {}, "bans": {}, "slow": {},
            "kick": {"nick": "ann"}, "ban": {"nick": "ann"}, "unban": {"nick": "ann"}, "op": {"nick": "bob"},
            "opentopic": {}, "password": {"password": "x"}, "moderated": {}, "unlisted": {}, "capacity": {},
            "voice": {"nick": "bob"}, "admit": {"nick": "bob"}, "unadmit": {"nick": "bob"}, "admitted": {},
            "unvoice": {"nick": "bob"},
        }.items():  # fmt: skip
            told = []
            for room in ("den", "nil"):
                answer = robot.asks(word, room=room, **arguments)
                told.append((answer["error"], answer["sentence"].replace(room, "?")))
            self.assertEqual(told[0], told[1], word)
        for room in ("den", "nil"):
            self.assertEqual("no-such-person", robot.asks("report", about=room, reason="x")["error"])
            self.assertEqual("no-such-room", robot.asks("join", room=room, password="open sesame")["error"])
        self.assertEqual([], [room for room in robot.asks("rooms")["rooms"] if room["room"] == "den"])
        self.assertEqual("room-exists", robot.asks("create", room="den")["error"])
        self.assertNotIn("/join", robot.asks("create", room="den")["sentence"])

    def test_for_those_it_concerns(self) -> None:
        """The invited, its owner and the staff find it."""
        self.ann.types("/look den", "/private", "/invite bob", "/leave den")
        for who in (self.bob, self.ann, self.mia):
            self.assertEqual("You are in den.", self.answer(who, "/join den"))
