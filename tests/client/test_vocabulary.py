"""
The commands that people type, and what the Tab key offers.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.completion import complete
from chatroom.client.facts import Facts
from chatroom.client.prompt import pieces
from chatroom.client.vocabulary import KnownCommand, KnownParameter, Vocabulary
from chatroom.errors import BadArguments
from chatroom.meaning import TypedCommand as Typed
from chatroom.meaning import understand
from chatroom.testing import Server


def vocabulary() -> Vocabulary:
    """The commands of a real server."""
    made = Vocabulary()
    made.learn(Facts(Server().program("bob").asks("help")))
    return made


class VocabularyTests(SynchronousTestCase):
    """The server's own words."""

    def setUp(self) -> None:
        self.words = vocabulary()

    def command(self, word: str) -> KnownCommand:
        """The command of this word."""
        found = self.words.find(word)
        assert found is not None, word
        return found

    def test_arguments_by_name(self) -> None:
        """In the order in which people type them; the last one takes the rest."""
        self.assertEqual({"nick": "bob", "reason": "too loud"}, self.command("kick").arguments("bob  too loud"))
        self.assertEqual({}, self.command("topic").arguments(""))

    def test_too_many(self) -> None:
        """More than a command takes is refused, with how to type it."""
        error = self.assertRaises(BadArguments, self.command("look").arguments, "attic den")
        self.assertIn("/look [ROOM]", error.sentence)

    def test_aliases(self) -> None:
        """They are the same command."""
        self.assertEqual("join", self.command("j").word)
        self.assertNotIn("j", self.words.words)
        self.assertIn("join", self.words.words)

    def test_rooms_by_name_only(self) -> None:
        """Where people mean the room looked at, a program says which."""
        self.assertTrue(self.command("topic").takes_room)
        self.assertFalse(self.command("leave").takes_room)

    def test_secrets(self) -> None:
        """It is known which arguments are, and which are missing."""
        self.assertEqual(("password",), self.command("signup").secrets_missing({}))
        self.assertEqual((), self.command("join").secrets_missing({}))
        self.assertTrue(self.command("login").has_secret({"name": "x", "password": "y"}))
        self.assertFalse(self.command("login").has_secret({"name": "x"}))

    def test_unknown(self) -> None:
        """There is none of that word."""
        self.assertIsNone(self.words.find("levitate"))


class SecretTests(SynchronousTestCase):
    """Passwords behind a command."""

    def test_spaces_are_kept(self) -> None:
        """All that stands behind one blank is the password; elsewhere spaces at the ends are none of the argument."""
        password = KnownParameter("password", True, True, True, False)
        login = KnownCommand("login", (), "", "", (KnownParameter("name", True, False, False, False), password))
        said = KnownCommand("away", (), "", "", (KnownParameter("text", True, True, False, False),))
        for command, typed, expected in (
            (login, "/login ann  pw ", {"name": "ann", "password": " pw "}),
            (login, "/login  ann pw\u3000x\u3000", {"name": "ann", "password": "pw\u3000x\u3000"}),
            (login, "/login ann   ", {"name": "ann"}),
            (said, "/away  for tea ", {"text": "for tea"}),
        ):
            meaning = understand(typed)
            assert isinstance(meaning, Typed)
            self.assertEqual(expected, command.arguments(command.behind(meaning)), ascii(typed))


class CompleteTests(SynchronousTestCase):
    """What Tab offers."""

    def setUp(self) -> None:
        self.words = vocabulary()

    def offers(self, before: str) -> list[str]:
        """The whole text, with each of the words offered in its place."""
        offer = complete(before, self.words, ["bob", "Bobby", "carol"], ["lobby", "attic"])
        return [before[: offer.start] + word for word in offer.words]

    def test_commands(self) -> None:
        """At the beginning, behind a slash."""
        self.assertEqual(["/topic "], self.offers("/to"))
        self.assertIn("/join ", self.offers("/"))
        self.assertEqual([], self.offers("//to"))

    def test_nicknames(self) -> None:
        """With a colon where one is spoken to, without one elsewhere; whoever comes first is the likeliest."""
        self.assertEqual(["bob: ", "Bobby: "], self.offers("B"))
        self.assertEqual(["ask carol "], self.offers("ask ca"))
        self.assertEqual(["@carol "], self.offers("@c"))
        self.assertEqual([], self.offers("ask "))

    def test_by_argument(self) -> None:
        """Rooms where a room is wanted, people where a person is, words where a word is."""
        self.assertEqual(["/join attic "], self.offers("/join a"))
        self.assertEqual(["/kick bob ", "/kick Bobby "], self.offers("/kick b"))
        self.assertEqual(["/help topic "], self.offers("/help to"))
        self.assertEqual(["/invite bob lobby "], self.offers("/invite bob l"))
        self.assertEqual(["/whisper carol "], self.offers("/w c".replace("/w", "/whisper")))

    def test_in_text(self) -> None:
        """In what a command says, people are offered as in any talk."""
        self.assertEqual(["/me waves at carol "], self.offers("/me waves at c"))

    def test_rooms_in_talk(self) -> None:
        """Behind a hash."""
        self.assertEqual(["see attic "], self.offers("see #at"))


class PiecesTests(SynchronousTestCase):
    """Long texts in messages that a server takes."""

    def test_short(self) -> None:
        """What fits stays as it is."""
        self.assertEqual(["one\n\n  two"], list(pieces("one\n\n  two")))

    def test_many_lines(self) -> None:
        """It is broken between lines."""
        self.assertEqual(["1\n2", "3\n4", "5"], list(pieces("1\n2\n3\n4\n5", lines=2)))

    def test_long_lines(self) -> None:
        """One that is too long is broken between words, and a word without end anywhere."""
        self.assertEqual(["one two", "three"], list(pieces("one two three", characters=8)))
        self.assertEqual(["aaaaaaaa", "aaaa"], list(pieces("a" * 12, characters=8)))

    def test_much(self) -> None:
        """Nothing is lost, and no piece is too large."""
        text = "\n".join(f"line {number} " + "x" * (number % 90) for number in range(300))
        made = list(pieces(text))
        self.assertEqual(text, "\n".join(made))
        self.assertTrue(all(len(piece) <= 2000 and piece.count("\n") < 50 for piece in made))
