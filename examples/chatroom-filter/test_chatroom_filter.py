"""
The word and link filter, in a whole chat room that exists in memory only.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase

from chatroom_filter import EVERYWHERE, Factory, RulesFilter, read

from chatroom.testing import Guest, Server

EXAMPLE = Path(__file__).with_name("example.ini")


class Filtering(TestCase):
    """A server with rules; bob reads what is said in the lobby."""

    rules = EXAMPLE.read_text(encoding="utf-8")

    def setUp(self) -> None:
        """The plugin need not be installed: the server is told of it."""
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name, "filter.ini")
        self.path.write_text(self.rules, encoding="utf-8")
        self.filter = RulesFilter(str(self.path))
        self.server = Server(filters=[self.filter])
        self.bob, self.alice = self.server.guest("bob"), self.server.guest("alice")
        self.bob.reads()

    def reads(self, guest: Guest, typed: str) -> list[str]:
        """What bob reads when somebody types this."""
        guest.types(typed)
        return self.bob.reads()

    def refusal(self, guest: Guest, typed: str) -> str:
        """The one line that somebody reads who types this; bob reads nothing."""
        guest.reads()
        self.assertEqual([], self.reads(guest, typed))
        (line,) = guest.reads()
        return line


class WordTests(Filtering):
    """Words that are not wanted."""

    def test_refused(self) -> None:
        """Whole words in any letter case, with which word it was; /me is talk as well."""
        for typed in ("what the heck", "HECK!", "/me says heck"):
            self.assertRegex(self.refusal(self.alice, typed), "^! The word '(?i:heck)' is not wanted in lobby")

    def test_other_words_have_them_inside(self) -> None:
        """Nobody from Scunthorpe is silenced."""
        self.assertEqual(["<alice> I checked it"], self.reads(self.alice, "I checked it"))

    def test_any_ending(self) -> None:
        """Where the rules have a star."""
        self.assertIn("'darned'", self.refusal(self.alice, "a darned thing"))

    def test_rooms_have_rules_of_their_own(self) -> None:
        """The attic is free."""
        self.alice.types("/create Attic")
        self.bob.types("/join attic")
        self.bob.reads()
        self.assertEqual(["<alice> heck, see http://a.example"], self.reads(self.alice, "heck, see http://a.example"))

    def test_whispers_are_nobody_else_s_business(self) -> None:
        """A filter does not see them."""
        self.assertEqual(["[alice whispers] what the heck"], self.reads(self.alice, "@bob what the heck"))


class StarTests(Filtering):
    """Words that are starred out."""

    rules = f"[{EVERYWHERE}]\nwords = heck darn*\non-words = star\n"

    def test_starred(self) -> None:
        """The others read stars, and whoever said it reads what they read."""
        self.alice.reads()
        self.assertEqual(
            ["<alice> what the **** is this ****ed thing".replace("****ed", "******")],
            self.reads(self.alice, "what the heck is this darned thing"),
        )
        self.assertEqual(
            ["-- A filter changed your message; others see: what the **** is this ****** thing"],
            self.alice.reads(),
        )

    def test_line_that_is_in_order(self) -> None:
        """Is said as it is, and nothing is told."""
        self.alice.reads()
        self.assertEqual(["<alice> hello"], self.reads(self.alice, "hello"))
        self.assertEqual([], self.alice.reads())


class LinkTests(Filtering):
    """Who may post links."""

    def test_accounts_only(self) -> None:
        """Guests are told so."""
        for link in ("https://a.example", "HTTP://A.EXAMPLE/x", "www.a.example", "a.example/free-money"):
            self.assertEqual(
                "! Links in lobby are for accounts: say it without.", self.refusal(self.alice, f"see {link} now")
            )
        carol = self.server.account("carol")
        self.bob.reads()
        self.assertEqual(["<carol> see https://a.example now"], self.reads(carol, "see https://a.example now"))

    def test_what_is_no_link(self) -> None:
        """Talk has dots and slashes."""
        for typed in ("and/or", "see setup.cfg", "e.g. this", "10.5/2 is 5.25", "he said...well"):
            self.assertEqual([f"<alice> {typed}"], self.reads(self.alice, typed))

    def test_operators_and_nobody(self) -> None:
        """The other two that a room may choose."""
        self.path.write_text("[*]\nlinks = operators\n[den]\nlinks = nobody\n")
        self.filter.reload()
        self.assertIn("for operators", self.refusal(self.alice, "http://a.example"))
        self.alice.types("/create den")
        self.bob.types("/join den")
        self.bob.reads()
        self.assertIn("no links in den", self.refusal(self.alice, "http://a.example"))


class FileTests(Filtering):
    """The file of rules."""

    def test_read_again(self) -> None:
        """At SIGHUP."""
        self.path.write_text("[*]\nwords = hello\n")
        self.filter.reload()
        self.assertIn("'hello'", self.refusal(self.alice, "hello"))

    def test_what_cannot_be_used(self) -> None:
        """Is said in a sentence, and the rules stay as they were."""
        for text, complaint in {
            "[*]\nlinks = friends\n": r"in \[\*\], links is one of anybody, accounts, operators, nobody",
            "[den]\non-words = burn\n": r"in \[den\], on-words is refuse or star",
            "[den]\nword = heck\n": r"\[den\] has word; known are words, on-words, links",
            "words = heck\n": "no section",
        }.items():
            self.path.write_text(text)
            with self.assertRaisesRegex(ValueError, complaint):
                self.filter.reload()
        self.path.unlink()
        with self.assertRaisesRegex(ValueError, "no such file"):
            self.filter.reload()
        self.assertIn("'heck'", self.refusal(self.alice, "heck"))

    def test_no_file_is_named(self) -> None:
        """The operator is told how."""
        with self.assertRaisesRegex(ValueError, "name a file"):
            Server(plugins=[Factory()], filters=["rules"])

    def test_empty_file(self) -> None:
        """Lets everything pass."""
        self.path.write_text("")
        self.assertEqual([EVERYWHERE], list(read(str(self.path))))

    def test_an_operator_asks_for_it_by_name(self) -> None:
        """As with C{--filter rules:FILE}."""
        server = Server(plugins=[Factory()], filters=[f"rules:{self.path}"])
        alice = server.guest("alice")
        alice.types("what the heck")
        self.assertIn("'heck'", alice.reads()[-1])
