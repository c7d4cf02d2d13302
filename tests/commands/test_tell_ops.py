"""
C{/tellops}: a message to those in charge of a room, and to nobody else.
"""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from chatroom.interfaces import ServerRole
from chatroom.testing import Guest, IrcClient, Server
from tests.doors.irc.asking import LOTS


class OpsTests(SynchronousTestCase):
    """In the den, alice is the owner by nc; bob by IRC and robot by JSON are operators; carol and dave are members."""

    def setUp(self) -> None:
        self.server = Server(limits=LOTS)
        self.alice = self.server.guest("alice")
        self.bob, self.robot = self.server.irc_client("bob", "message-tags"), self.server.program("robot")
        self.carol, self.dave = self.server.guest("carol"), self.server.irc_client("dave")
        self.alice.types("/create den")
        for each in (self.bob, self.dave):
            each.types("JOIN #den")
        self.robot.asks("join", room="den")
        self.carol.types("/join den")
        self.alice.types("/op bob", "/op robot")
        self.all_read()

    def all_read(self) -> None:
        """What came so far."""
        for each in (self.alice, self.bob, self.carol, self.dave):
            each.reads()
        self.robot.hears()

    def test_each_door(self) -> None:
        """Operators and owners read it on every door, and nobody else; the sender reads how many they are."""
        self.carol.types("/tellops dave spams")
        self.assertEqual(["Sent to 3 operators of den."], self.carol.reads())
        self.assertEqual(["-- carol to the operators of den: dave spams"], self.alice.reads())
        (line,) = self.bob.reads()
        self.assertRegex(line, r"^@msgid=w\.\S+ :carol!~carol@carol.chatroom PRIVMSG @#den :dave spams$")
        (heard,) = self.robot.hears()
        self.assertEqual(
            {"event": "operators-told", "nick": "carol", "to": "den", "text": "dave spams"},
            {key: heard[key] for key in ("event", "nick", "to", "text")},
        )
        self.assertEqual([], self.dave.reads())

    def test_of_irc(self) -> None:
        """PRIVMSG @#room and NOTICE @#room go to the operators; the sender reads them if the client wants echoes."""
        self.dave.types("PRIVMSG @#den :help", "NOTICE @#DEN :me")
        self.assertEqual([], self.dave.reads())
        self.assertEqual(
            ["PRIVMSG @#den :help", "NOTICE @#den :me"], [line.split(" ", 2)[2] for line in self.bob.reads()]
        )
        self.assertEqual([("help", None), ("me", True)], [(e["text"], e.get("auto")) for e in self.robot.hears()])
        self.assertEqual([], self.carol.reads())
        self.all_read()
        erin = self.server.irc_client("erin", "echo-message", "labeled-response", "batch", "message-tags")
        erin.types("JOIN #den")
        erin.reads(), self.bob.reads()
        erin.types("@label=1;+draft/reply=x PRIVMSG @#den :hello")
        (echo,), (line,) = erin.reads(), self.bob.reads()
        self.assertEqual(f"@label=1;{line[1:]}", echo)
        self.assertIn("+draft/reply=x", line)

    def test_operators_among_themselves(self) -> None:
        """An operator who sends one does not read it, but the others do, in order with what is said in the room."""
        self.bob.types("PRIVMSG #den :first", "PRIVMSG @#den :second", "PRIVMSG #den :third")
        self.assertEqual([], self.bob.reads())
        self.assertEqual(["<bob> first", "-- bob to the operators of den: second", "<bob> third"], self.alice.reads())

    def test_other_nodes(self) -> None:
        """Operators who are connected to another node of the server read it as well."""
        south = self.server.another_node("south")
        erin = south.guest("erin")
        erin.types("/join den")
        self.server.settle()
        self.alice.types("/op erin")
        south.settle()
        erin.reads()
        self.carol.types("/tellops help")
        south.settle()
        self.assertEqual(["-- carol to the operators of den: help"], erin.reads())

    def test_those_who_left(self) -> None:
        """Operators who are not in the room, or are none any more, do not read it."""
        self.bob.types("PART #den")
        self.alice.types("/deop robot")
        self.all_read()
        self.carol.types("/tellops help")
        self.assertEqual(["Sent to 1 operator of den."], self.carol.reads())
        self.assertEqual([], self.bob.reads())
        self.assertEqual([], self.robot.hears())

    def test_nobody_is_there(self) -> None:
        """Where no other operator is in the room, the sender reads so and what to type instead, on IRC as 401."""
        self.bob.types("PART #den")
        self.robot.asks("leave")
        self.alice.types("/switch den", "/tellops hello")
        self.assertIn("! You are the only operator in den at the moment.", self.alice.reads())
        self.alice.types("/leave")
        self.carol.types("/tellops hello")
        self.assertIn("! No operator of den is in the room. /report den REASON reaches the staff.", self.carol.reads())
        self.dave.reads()
        self.dave.types("PRIVMSG @#den :hello")
        (line,) = self.dave.reads()
        self.assertIn("404 dave #den", line)

    def test_those_outside(self) -> None:
        """A person who is not in the room cannot send one, nor one who is muted there."""
        erin = self.server.irc_client("erin")
        erin.types("PRIVMSG @#den :hello", "PRIVMSG @#nowhere :hello", "PRIVMSG @# :hello", "PRIVMSG @##den :hello")
        self.assertEqual(["404", "403", "403", "403"], [line.split()[1] for line in erin.reads()][-4:])
        self.alice.types("/mute carol")
        self.all_read()
        self.carol.types("/tellops hello")
        self.assertRegex(self.carol.reads()[0], "^! .*muted")
        self.assertEqual([], self.alice.reads())

    def test_ignored(self) -> None:
        """An operator who ignores the sender does not read it, and the sender does not learn that."""
        self.alice.types("/ignore carol")
        self.all_read()
        self.carol.types("/tellops hello")
        self.assertEqual(["Sent to 3 operators of den."], self.carol.reads())
        self.assertEqual([], self.alice.reads())

    def test_server_mutes(self) -> None:
        """A person who is muted on the whole server cannot send one."""
        self.server.staff("zoe", ServerRole.ADMIN).types("/gmute carol")
        self.all_read()
        self.carol.types("/tellops hello")
        self.assertRegex(self.carol.reads()[0], "^! .*muted")

    def test_no_history(self) -> None:
        """It is in no history, and people who join later do not read it."""
        self.carol.types("/tellops secret plans")
        self.all_read()
        for reader in (self.alice, self.carol):
            reader.types("/history", "/search secret")
            self.assertNotIn("plans", "".join(reader.reads()))
        self.assertEqual([], [e for e in self.robot.asks("history")["events"] if "plans" in str(e)])

    def test_hostile_text(self) -> None:
        """What nobody can read is refused, what is too long as well, and several lines stay behind its sign."""
        self.carol.types("/tellops \u200b", f"/tellops {'a' * 2001}")
        self.assertEqual(2, sum(line.startswith("! ") for line in self.carol.reads()))
        self.robot.asks("tellops", room="den", text="one\n-- alice joined.")
        self.assertEqual(["-- robot to the operators of den: one", "-- -- alice joined."], self.alice.reads())

    def test_cost(self) -> None:
        """It costs as much as a whisper to each of them: who sends many waits."""
        server = Server(limits=replace(LOTS, talk_rate=1.0, talk_burst=10))
        alice = server.guest("alice")
        alice.types("/create den")
        others: list[Guest | IrcClient] = []
        for number in range(8):
            other = server.guest(f"friend{number}")
            other.types("/join den")
            others.append(other)
            alice.types(f"/op friend{number}")
            server.wait(20)
        others[0].reads()
        carol = server.guest("carol")
        carol.types("/join den")
        server.wait(20)
        others[0].reads()
        carol.types(*["/tellops hello"] * 4)
        self.assertLess(len(others[0].reads()), 4)
        server.wait(60)
        self.assertEqual(4, sum(line.startswith("Sent to") for line in carol.reads()))
