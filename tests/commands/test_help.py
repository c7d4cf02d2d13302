"""
Help is made from the commands themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.base import Command, flag, number, person
from chatroom.errors import BadArguments
from chatroom.interfaces import Answer, ICaller, Parameter, Role, ServerRole, Standing, usage
from chatroom.plugins.find import find
from chatroom.testing import Server


class Fish(Command):
    """A command of somebody else's."""

    name = "fish"
    aliases = ("angle",)
    family = "Games"
    summary = "catch a fish"
    details = "There are three kinds."
    parameters = (
        Parameter("bait", help="what to catch it with"),
        Parameter("wish", required=False, rest=True, help="what it is to be"),
        Parameter("pond", required=False, by_name=True, help="for programs"),
    )
    standing = Standing.ACCOUNT
    role = Role.OPERATOR

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """One that got away."""
        return Answer(("Nothing.",))


class HelpTests(SynchronousTestCase):
    """C{/help}."""

    def setUp(self) -> None:
        """A server with one more command."""
        fish = Fish()
        self.server = Server(commands={**find(), "fish": fish, "angle": fish})
        self.alice = self.server.guest("alice")

    def test_everything_one_can_type_is_listed_once(self) -> None:
        """With its usage and its summary, under its family; words for programs are left out."""
        dora = self.server.staff("dora", ServerRole.ADMIN)
        dora.types("/help all")
        lines = dora.reads()
        for command in find().values():
            line = f"  {usage(command)} - {command.summary}"
            self.assertEqual(0 if command.hidden else 1, lines.count(line), line)
            if not command.hidden:
                self.assertIn(f"{command.family}:", lines)
        self.assertIn("  /fish BAIT [WISH ...] - catch a fish", lines)

    def test_explanations_are_for_people(self) -> None:
        """What /help WORD says has no sentence for programs, and each line of it is shown as one line."""
        dora = self.server.staff("dora", ServerRole.ADMIN)
        for command in find().values():
            if not command.hidden:
                self.assertNotRegex(command.details, r"`|\b[Pp]rograms (?:send|get|catch|page)\b", command.name)
            dora.types(f"/help {command.name}")
            self.server.wait(1)
            explained = dora.reads()
            self.assertIn(f"{usage(command)} - {command.summary}", explained)
            if command.details:
                self.assertIn(command.details, explained)

    def test_short_help_fits_a_small_terminal(self) -> None:
        """The words that one needs first fit 24 lines of 80 columns, before there is a nickname and after."""
        for visitor in (self.server.connection(), self.alice, self.server.staff("dora", ServerRole.ADMIN)):
            visitor.reads()
            visitor.types("/help")
            lines = [line for line in visitor.reads() if "Welcome" not in line and "nickname?" not in line]
            self.assertLess(len(lines), 23)
            for line in lines:
                self.assertLess(len(line), 80, line)
            self.assertEqual("/help all lists all commands, /help WORD explains one.", lines[-1])

    def test_short_help_names_ten_words_and_the_whisper(self) -> None:
        """They are the words that a newcomer needs, and each of them is a command."""
        self.alice.types("/help")
        lines = self.alice.reads()
        self.assertEqual("  @nick text - send a private message", lines[1])
        self.assertIn("  /who - show who is in the room", lines)
        words = [line.split()[0] for line in lines if line.startswith("  /")]
        self.assertEqual(
            "/rooms /join /look /leave /who /history /nick /signup /report /quit".split(),
            words,
        )
        for word in words:
            self.assertIn(word[1:], find())

    def test_what_is_no_command_is_explained_as_well(self) -> None:
        """Talk, whispers, and lines that begin with a slash."""
        self.alice.types("/help all")
        basics = " ".join(self.alice.reads()[:2])
        for hint in ("without a slash", "@nick", "//"):
            self.assertIn(hint, basics)

    def test_guests_are_not_shown_what_needs_an_account(self) -> None:
        """Guests are not shown what needs an account, but may ask for it by name, and learn what it needs."""
        self.alice.types("/help all")
        self.assertNotIn("/fish", " ".join(self.alice.reads()))
        self.alice.types("/help /Angle")
        self.assertEqual(
            [
                "/fish BAIT [WISH ...] - catch a fish",
                "  BAIT: what to catch it with",
                "  [WISH ...]: what it is to be",
                "There are three kinds.",
                "Requires an account (/signup).",
                "For operators and owners of the room.",
                "Also: /angle",
            ],
            self.alice.reads(),
        )

    def test_words_of_the_line_door_work_before_there_is_a_nickname(self) -> None:
        """Help is for those who do not know what to do."""
        stranger = self.server.connection()
        stranger.types("/help")
        lines = stranger.reads()
        self.assertTrue(any(line.startswith("  /login NICK") for line in lines), lines)
        self.assertFalse(any(line.startswith("  /join") for line in lines), lines)

    def test_unknown_word(self) -> None:
        """Is refused as if it had been typed."""
        self.alice.types("/help frobnicate")
        (line,) = self.alice.reads()
        self.assertTrue(line.startswith("! There is no command /frobnicate."), line)

    def test_programs_read_all_of_it(self) -> None:
        """Enough to complete words and check arguments."""
        robot = self.server.program("robot")
        words = {command["word"]: command for command in robot.asks("help")["commands"]}
        self.assertIn("join", words)
        self.assertNotIn("say", words)
        join = words["join"]
        self.assertEqual("/join ROOM [PASSWORD ...]", join["usage"])
        self.assertEqual(["j"], join["aliases"])
        self.assertEqual(("guest", "nobody", "Rooms"), (join["standing"], join["role"], join["family"]))
        self.assertEqual(["room", "password"], [parameter["name"] for parameter in join["parameters"]])
        self.assertEqual(
            {"name": "password", "required": False, "rest": True, "quoted": False, "secret": True, "by_name": False},
            {name: value for name, value in join["parameters"][1].items() if name != "help"},
        )


class WelcomeTextTests(SynchronousTestCase):
    """The operator's welcome text, such as rules."""

    def setUp(self) -> None:
        self.server = Server()
        self.server.services.welcome.lines = ("Be kind.", "", "Ask before you advertise.")

    def test_it_is_read_at_entry_before_history(self) -> None:
        """A person who joins reads it after their name and before what was said in the room."""
        self.server.guest("alice").types("something from before")
        bob = self.server.connection()
        bob.types("bob")
        lines = bob.reads()
        begin = lines.index("Be kind.")
        self.assertEqual(["Be kind.", "", "Ask before you advertise."], lines[begin : begin + 3])
        self.assertLess(lines.index("Registration successful. You are bob."), begin)
        (said,) = [number for number, line in enumerate(lines) if "something from before" in line]
        self.assertLess(begin, said)

    def test_it_is_read_at_every_login(self) -> None:
        """A person who logs in or resumes a session reads it as well; a guest who signs up has read it."""
        ann = self.server.guest("ann")
        ann.types("/signup correct horse battery")
        read = ann.reads()
        self.assertNotIn("Be kind.", read)
        token = " ".join(read).split("/resume ")[1].split()[0]
        for first in ("/login ann correct horse battery", f"/resume {token}"):
            again = self.server.connection()
            again.types(first)
            read = again.reads()
            self.assertIn("Logged in as ann.", read)
            self.assertIn("Be kind.", read)

    def test_motd_and_rules_show_it_again(self) -> None:
        """Also to somebody who has no nickname yet."""
        for visitor in (self.server.guest("alice"), self.server.connection()):
            for word in ("/motd", "/rules"):
                visitor.types(word)
                self.assertEqual(["Be kind.", "", "Ask before you advertise."], visitor.reads()[-3:])

    def test_programs_get_its_lines(self) -> None:
        """In the answer to hello, and when they ask."""
        robot = self.server.program()
        self.assertEqual(["Be kind.", "", "Ask before you advertise."], robot.asks("motd")["motd"])
        self.assertEqual(["Be kind.", "", "Ask before you advertise."], robot.asks("hello", nick="robot")["motd"])

    def test_there_may_be_none(self) -> None:
        """Without a welcome text, nobody reads anything at entry, and the command says so."""
        self.server.services.welcome.lines = ()
        bob = self.server.guest("bob")
        bob.types("/motd")
        self.assertEqual(["This server has no welcome text."], bob.reads())
        self.assertEqual([], self.server.program("robot").asks("motd")["motd"])


class ArgumentTests(SynchronousTestCase):
    """What commands, ours and others', read arguments with."""

    def test_numbers(self) -> None:
        """Whole ones from 0 up; nothing that Python alone takes for a number."""
        self.assertEqual(12, number({"limit": "12"}, "limit"))
        self.assertEqual(0, number({"limit": "0"}, "limit"))
        self.assertIsNone(number({}, "limit"))
        for text in ("", "-1", "1.0", "1e3", " 1", "1_000", "٣", "x", "9" * 19):
            refused = self.assertRaises(BadArguments, number, {"limit": text}, "limit")
            self.assertIn("limit", refused.sentence)

    def test_flags(self) -> None:
        """In the words of people and of JSON."""
        for text, value in {"on": True, "YES": True, "true": True, "1": True, "off": False, "No": False}.items():
            self.assertIs(value, flag({"keep": text}, "keep", not value))
        self.assertIs(True, flag({}, "keep", True))
        self.assertIs(False, flag({}, "keep", False))
        for text in ("", "perhaps", "2"):
            self.assertRaises(BadArguments, flag, {"keep": text}, "keep", True)

    def test_nicknames(self) -> None:
        """One at sign before it is what people write."""
        self.assertEqual("bob", person({"nick": "@bob"}))
        self.assertEqual("bob", person({"to": "bob"}, "to"))

    def test_command_without_run_says_so(self) -> None:
        """Its author reads it in the log; the person who typed it reads that the server made a mistake."""

        class Empty(Command):
            """Somebody is not done yet."""

            name = "empty"
            summary = "do nothing"

        server = Server(commands={**find(), "empty": Empty()})
        alice = server.guest("alice")
        alice.types("/empty")
        (line,) = alice.reads()
        self.assertTrue(line.startswith("! The server made a mistake"), line)
        (logged,) = self.flushLoggedErrors(NotImplementedError)
        self.assertIn("Empty has no run", str(logged.value))
