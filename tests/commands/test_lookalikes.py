"""
Nobody passes for the server, for its staff or for everybody, and everybody sees who is a guest.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.lookalikes import RESERVED
from chatroom.events import Role, ServerRole
from chatroom.records import SHELL
from chatroom.server.services import SERVER_NICK
from chatroom.testing import Guest, Server

OTHERS = {
    "Discord": "everyone here", "Slack": "channel everyone here group slackbot", "Mattermost": "all channel here",
    "Matrix": "room", "Rocket.Chat": "all here", "Teams": "team channel everyone", "Zulip": "all everyone channel",
    "Telegram": "all admin admins", "IRC": "nickserv chanserv memoserv operserv hostserv botserv saslserv global",
}  # fmt: skip
"""Words by which other programs call everybody, or their services."""


class ReservedTests(SynchronousTestCase):
    """Words that mean somebody already."""

    def setUp(self) -> None:
        self.server = Server()

    def is_refused(self, nick: str) -> bool:
        """Whether a stranger may not be called so."""
        stranger = self.server.connection()
        stranger.types(nick)
        refused = not any("Registration successful" in line for line in stranger.reads())
        stranger.disconnects()
        return refused

    def test_words_that_call_everybody(self) -> None:
        """Whatever program people come from."""
        for words in OTHERS.values():
            for word in words.split():
                self.assertTrue(self.is_refused(word), word)

    def test_words_of_this_server(self) -> None:
        """Whatever it calls itself and those who run it."""
        roles = [role.name.lower() for role in ServerRole if role is not ServerRole.NONE]
        ranks = [role.name.lower() for role in Role if role > Role.MEMBER]
        for word in (
            *roles,
            *ranks,
            SERVER_NICK,
            SHELL.strip("()"),
            self.server.services.lobby,
            "server",
            "system",
            "sysop",
        ):
            self.assertIn(word, RESERVED)

    def test_words_beside_others(self) -> None:
        """A word for the staff beside a sign, a number or another word is refused; parts of words are not."""
        for nick in ("the-admin", "real.admin", "admin2", "adm1n_007", "Server-1", "bob_mod", "m0d1"):
            self.assertTrue(self.is_refused(nick), nick)
        for nick in ("administer", "modest", "systematic", "bob-smith", "model3", "root.beer", "servers-end", "2b-or"):
            self.assertFalse(self.is_refused(nick), nick)

    def test_name_of_the_server(self) -> None:
        """As its operator has called it, with its spaces and without."""
        for name, nicks in (("Ali's Den", "AlisDen alis_den A1isDen"), ("School", "School schooI SCH00L Sch.ool")):
            self.server = Server(name=name)
            for nick in nicks.split():
                self.assertTrue(self.is_refused(nick), nick)
        self.assertFalse(self.is_refused("Scholar"))


class StaffTests(SynchronousTestCase):
    """Names of the staff."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice = self.server.staff("alice", ServerRole.ADMIN)
        self.bob = self.server.guest("bob")

    def answer(self, guest: Guest, line: str) -> str:
        """The last line that somebody reads in answer."""
        guest.reads()
        guest.types(line)
        return guest.reads()[-1]

    def test_nobody_takes_a_name_like_theirs(self) -> None:
        """Nobody takes a name like that of the staff, be it at the door, later, or as an account."""
        for nick in ("aIice", "al1ce", "Alicé", "a.lice", "alice_", "AL1CE", "@lice".replace("@", "4")):
            self.assertIn("looks like alice", self.answer(self.server.connection(), nick), nick)
            self.assertIn("looks like alice", self.answer(self.bob, f"/nick {nick}"), nick)

    def test_who_has_it_already_keeps_it(self) -> None:
        """An account logs in, however its name looks by now; a guest stays, and makes no account of it."""
        early = self.server.guest("rnia")
        mia = self.server.account("mia")
        self.server.promote("mia", ServerRole.MODERATOR)
        self.assertIn("looks like mia", self.answer(early, "/signup correct horse battery"))
        self.assertIn("rnia (guest)", self.answer(early, "/who"))
        mia.disconnects()
        again = self.server.connection()
        self.assertIn("Here (", "\n".join(self._lines(again, "/login mia correct horse battery")))

    def _lines(self, guest: Guest, line: str) -> list[str]:
        guest.types(line)
        return guest.reads()

    def test_when_they_are_staff_no_more_the_name_is_free(self) -> None:
        """It is about who they are now."""
        self.server.staff("dora", ServerRole.ADMIN)
        self.server.promote("alice", ServerRole.NONE)
        self.assertEqual("You are aIice.", self.answer(self.bob, "/nick aIice"))

    def test_alike_letters_of_everybody_else_are_free(self) -> None:
        """Two guests may be called Ina and lna: only a few names are guarded."""
        self.server.guest("Ina")
        self.assertEqual("You are lna.", self.answer(self.bob, "/nick lna"))

    def test_guests_are_marked(self) -> None:
        """In lists of people, in answers to programs, and in what these hear of somebody who joins."""
        self.assertEqual("In lobby (2 people): alice (admin), bob (guest)", self.answer(self.alice, "/who"))
        self.assertIn("A guest, without an account.", self.answer(self.alice, "/whois bob"))
        robot = self.server.program("robot")
        people = {each["nick"]: each["account"] for each in robot.asks("who")["people"]}
        self.assertEqual({"alice": True, "bob": False, "robot": False}, people)
        robot.hears()
        self.server.guest("eve")
        self.assertEqual([True], [event["guest"] for event in robot.hears() if event["event"] == "joined"])
