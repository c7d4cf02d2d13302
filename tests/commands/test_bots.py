"""
Programs with an account: C{/bot}, and C{/session create} for a token of their own.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryStore
from chatroom.limits import Limits
from chatroom.testing import Guest, Program, Server

TOKEN = "A program logs in as robot with the token "


class MarkTests(SynchronousTestCase):
    """The mark of a bot."""

    def setUp(self) -> None:
        """A robot with an account, a guest and a program are in the lobby."""
        self.server = Server()
        self.robot = self.server.account("robot")
        self.bob, self.parrot = self.server.guest("bob"), self.server.program("parrot")
        self.robot.reads()
        self.bob.reads()

    def answer(self, guest: Guest, typed: str) -> list[str]:
        """What somebody reads when this is typed."""
        guest.reads()
        guest.types(typed)
        return guest.reads()

    def test_people_see_it(self) -> None:
        """When it is set or removed, in /who and /whois, and when the bot joins."""
        self.assertEqual(["robot is marked as a bot."], self.answer(self.robot, "/bot on"))
        self.assertEqual(["-- robot is now marked as a bot."], self.bob.reads())
        self.assertIn("robot (bot)", self.answer(self.bob, "/who")[0])
        self.assertIn("A bot: a program uses this account.", self.answer(self.bob, "/whois robot")[0])
        self.answer(self.robot, "/leave")
        self.bob.reads()
        self.answer(self.robot, "/join lobby")
        self.assertEqual(["-- robot (bot) joined."], self.bob.reads())
        self.answer(self.robot, "/bot off")
        self.assertEqual(["-- robot is no longer marked as a bot."], self.bob.reads())
        self.assertNotIn("robot (bot)", self.answer(self.bob, "/who")[0])

    def test_programs_see_it(self) -> None:
        """In all that the bot says, whispers and joins, live and in the history; people's messages have no such key."""
        self.robot.types("/bot on", "hello", "/me waves", "@parrot psst", "/leave", "/join lobby")
        self.bob.types("hi")
        events = self.parrot.hears()
        marked = [event["event"] for event in events if event.get("bot")]
        self.assertEqual(["said", "acted", "whispered", "joined"], marked)
        self.assertEqual(
            {"event": "bot", "nick": "robot", "who": "robot", "on": True, "at": events[0]["at"]}, events[0]
        )
        (hi,) = [event for event in events if event.get("text") == "hi"]
        self.assertNotIn("bot", hi)
        kept = self.parrot.asks("history", talk=True)["events"]
        self.assertEqual([True, True, None], [event.get("bot") for event in kept])
        people = {each["nick"]: each["bot"] for each in self.parrot.asks("who")["people"]}
        self.assertEqual({"bob": False, "parrot": False, "robot": True}, people)
        self.assertIs(True, self.parrot.asks("info", nick="robot")["bot"])

    def test_it_stays_with_the_account(self) -> None:
        """Over a logout, and for a person who was a guest of another name before logging in."""
        self.robot.types("/bot on", "/logout", "visitor", "/login robot correct horse battery")
        self.assertEqual("-- robot is now marked as a bot.", self.bob.reads()[-1])
        self.robot.disconnects()
        program = self.server.program()
        answer = program.asks("hello", nick="robot", password="correct horse battery")
        self.assertEqual([True], [each["bot"] for each in answer["view"]["people"] if each["nick"] == "robot"])
        self.assertEqual("-- robot (bot) joined.", self.bob.reads()[-1])

    def test_a_guest_has_it_for_the_visit(self) -> None:
        """A guest who says so is a bot for all, until another nickname; with a sign-up, the account keeps the mark."""
        self.assertEqual(["bob is marked as a bot."], self.answer(self.bob, "/bot on"))
        self.assertEqual("-- bob is now marked as a bot.", self.robot.reads()[-1])
        self.assertEqual(["You are marked as a bot."], self.answer(self.bob, "/bot"))
        self.parrot.hears()
        self.bob.types("beep", "@parrot psst")
        self.assertEqual([True, True], [event["bot"] for event in self.parrot.hears()])
        self.answer(self.bob, "/nick robert")
        self.assertEqual(["You are not marked as a bot."], self.answer(self.bob, "/bot"))
        self.answer(self.bob, "/bot on")
        self.answer(self.bob, "/signup correct horse battery")
        self.assertEqual(["Your account is marked as a bot."], self.answer(self.bob, "/bot"))
        self.bob.disconnects()
        bob = self.server.guest("bob")
        self.assertEqual(["You are not marked as a bot."], self.answer(bob, "/bot"))
        robert = self.server.connection()
        robert.types("/login robert correct horse battery")
        self.assertIn("robert (bot)", self.answer(bob, "/who")[0])

    def test_another_node_learns_it(self) -> None:
        """A node that starts later knows who is a bot, and that a guest of the old name is none."""
        self.answer(self.bob, "/bot on")
        self.answer(self.bob, "/nick robert")
        self.answer(self.bob, "/bot on")
        there = self.server.another_node("b")
        bob = there.guest("bob")
        self.assertIn("robert (bot, guest)", self.answer(bob, "/who")[0])
        self.assertEqual(["You are not marked as a bot."], self.answer(bob, "/bot"))

    def test_staff_may_mark_others(self) -> None:
        """With a lower role, also while they are offline, and the audit log has it; nobody else may."""
        mona = self.server.staff("mona")
        self.robot.disconnects()
        self.assertEqual(["robot is marked as a bot."], self.answer(mona, "/bot on robot"))
        self.assertIn("A bot: a program uses this account.", self.answer(self.bob, "/whois robot")[0])
        self.assertIn("bot robot (on)", " ".join(self.answer(self.server.staff("rita"), "/audit")))
        self.assertEqual(["! You can only mark people with a lower role as bots."], self.answer(mona, "/bot on rita"))
        self.assertEqual(
            ["! There is no account called bob; only accounts can be marked."], self.answer(mona, "/bot on bob")
        )
        refused = ["! Only server moderators can mark the account of somebody else. /staff lists them."]
        self.assertEqual(refused, self.answer(self.bob, "/bot on robot"))
        eve = self.server.account("eve")
        refused = ["! Only server moderators can mark the account of somebody else. /staff lists them."]
        self.assertEqual(refused, self.answer(eve, "/bot off robot"))

    def test_neither_on_nor_off(self) -> None:
        """/bot alone says what is, and any other word is refused."""
        self.assertEqual(["Your account is not marked as a bot."], self.answer(self.robot, "/bot"))
        self.assertEqual(["! on must be yes or no, not 'perhaps'."], self.answer(self.robot, "/bot perhaps"))


class NodesTests(SynchronousTestCase):
    """Several nodes, and processes one after another."""

    def test_other_nodes_know(self) -> None:
        """A node that hears of it, one that starts later, and one that takes over all mark what the bot says."""
        store = MemoryStore()
        north = Server(store=store, node="north")
        south = Server(store=store, node="south", clock=north.clock)
        robot, bob = north.account("robot"), south.guest("bob")
        bob.reads()
        robot.types("/bot on")
        north.settle()
        self.assertEqual(["-- robot is now marked as a bot."], bob.reads())
        east = Server(store=store, node="east", clock=north.clock)
        for server in (south, east):
            self.assertIn("robot (bot)", " ".join(who(server.guest(f"eve-{server.services.node}"))))

    def test_a_bot_that_left_is_forgotten(self) -> None:
        """The fact is a part of being online: nothing of it is left behind."""
        store = MemoryStore()
        server = Server(store=store)
        robot = server.account("robot")
        robot.types("/bot on", "QUIT")
        self.assertEqual([], [event for event in store.snapshot().events if event.kind == "bot"])


def who(guest: Guest) -> list[str]:
    """What somebody reads of who is on the server."""
    guest.types("/who *")
    return guest.reads()


class ServiceTests(SynchronousTestCase):
    """Sessions that the owner of an account creates for programs."""

    def setUp(self) -> None:
        """The owner is logged in."""
        self.server = Server(Limits(sessions_per_account=3))
        self.owner = self.server.account("robot")

    def create(self, name: str) -> str:
        """The token of a new session."""
        self.owner.reads()
        self.owner.types(f"/session create {name}")
        return next(line.removeprefix(TOKEN) for line in self.owner.reads() if line.startswith(TOKEN))

    def program(self, token: str) -> Program:
        """A program that says hello with this token."""
        program = self.server.program()
        self.answer = program.asks("hello", token=token)
        return program

    def test_a_program_logs_in(self) -> None:
        """With the token alone, again and again, also after a year without use and after logins of the owner."""
        token = self.create("build")
        for _ in range(3):
            self.program(token).disconnects()
            self.assertEqual(("robot", True, None), tuple(self.answer[name] for name in ("nick", "account", "token")))
            self.server.jump(400 * 86400)
            for _ in range(5):
                login = self.server.program()
                self.assertTrue(login.asks("hello", nick="robot", password="correct horse battery", keep=True)["ok"])
                login.disconnects()

    def test_the_owner_sees_and_revokes_it(self) -> None:
        """By its name; the program is disconnected, and its token is good for nothing."""
        token = self.create("build")
        self.owner.types("/session")
        (line,) = [line for line in self.owner.reads() if "build" in line]
        self.assertRegex(line, "^[0-9a-f]{8} for build, never used, lasts until you revoke it.$")
        program = self.program(token)
        self.owner.types("/session revoke BUILD")
        self.assertIn("1 session ended.", self.owner.reads())
        self.assertTrue(program.is_disconnected())
        self.program(token)
        self.assertEqual("wrong-password", self.answer["error"])

    def test_a_program_makes_itself_no_second_one(self) -> None:
        """Whoever steals its token can neither create a session nor end those of the owner."""
        program = self.program(self.create("build"))
        self.create("feed")
        for arguments in (
            {"action": "create", "session": "more"},
            {"action": "revoke", "session": "all"},
            {"action": "revoke", "session": "feed"},
        ):
            self.assertEqual("not-allowed", program.asks("session", **arguments)["error"])
        self.assertEqual(3, len(program.asks("session")["sessions"]))

    def test_those_of_others_are_out_of_reach(self) -> None:
        """A name, an id and a token count for one account alone."""
        token = self.create("build")
        eve = self.server.account("eve")
        eve.types("/session revoke build", "/session revoke all", "/session create build")
        self.assertIn("! There is no other session build. /session lists them.", eve.reads())
        self.program(token)
        self.assertEqual("robot", self.answer["nick"])
        robbed = self.server.program("thief").asks("session", action="create", session="x")
        self.assertEqual("needs-account", robbed["error"])

    def test_names(self) -> None:
        """What looks like an id, is too long or is in use is refused, and there are not too many."""
        for name in ("all", "0a1b2c3d", "-x", "x" * 33, "é"):
            self.owner.types(f"/session create {name}")
            self.assertTrue(self.owner.reads()[-1].startswith("! "), name)
        self.create("one")
        self.owner.types("/session create ONE")
        self.assertTrue(self.owner.reads()[-1].startswith("! You already have a session called ONE."))
        self.create("two")
        self.create("three")
        self.owner.types("/session create four")
        self.assertEqual("! You have 3 sessions for programs; that is the limit.", self.owner.reads()[-1])

    def test_a_new_password_ends_them(self) -> None:
        """As it does all other sessions."""
        token = self.create("build")
        self.owner.types("/passwd")
        self.owner.types("correct horse battery", "another horse battery", "another horse battery")
        self.program(token)
        self.assertEqual("wrong-password", self.answer["error"])
