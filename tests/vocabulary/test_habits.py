"""
Did you mean: mistyped commands, and words from IRC, Slack and Discord.
"""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom import habits
from chatroom.habits import HELP_WORDS, INSTEAD, LEAVE_WORDS, NOWHERE, instead_of
from chatroom.plugins.find import find
from chatroom.testing import Server

WORDS = tuple(sorted(word for word, command in find().items() if not command.hidden))


class TableTests(SynchronousTestCase):
    """The table of words from elsewhere."""

    def test_what_it_names_exists(self) -> None:
        """Every command that the table names is one."""
        for sentence in (*INSTEAD.values(), *NOWHERE.values()):
            for word in re.findall(r"/([a-z]+)", sentence):
                self.assertIn(word, WORDS, sentence)

    def test_what_is_a_command_is_not_in_it(self) -> None:
        """A word that is a command, or another word for one, is never asked about: the table holds none."""
        self.assertEqual(set(), set(find()) & {*INSTEAD, *NOWHERE})

    def test_every_word_that_is_typed_has_an_answer(self) -> None:
        """Each word of the table that is no command here is answered with what the table says."""
        for word, typed in INSTEAD.items():
            self.assertEqual(f"Did you mean {typed}?", instead_of(word.upper(), WORDS))
        for word, why in NOWHERE.items():
            self.assertEqual(why, instead_of(word, WORDS))

    def test_near_misses(self) -> None:
        """One slip is understood, and a word of a few letters as the beginning of a longer one."""
        for typed, meant in (
            ("jion", "/join"),
            ("wisper", "/whisper"),
            ("singup", "/signup"),
            ("quti", "/quit"),
            ("helo", "/help"),
            ("whoo", "/who or /whoami"),
            ("his", "/history"),
        ):
            self.assertIn(meant.split(" or ")[0], instead_of(typed, WORDS), typed)
        self.assertEqual("", instead_of("frobnicate", WORDS))

    def test_same_word_again(self) -> None:
        """A mistyped word is compared with all commands once, and not each time that people type it."""
        compared: list[str] = []

        def compare(word: str, *given: object) -> list[str]:
            compared.append(word)
            return ["whoami"]

        self.patch(habits, "get_close_matches", compare)
        for _ in range(3):
            self.assertEqual("Did you mean /whoami?", instead_of("whomai-again", WORDS))
        self.assertEqual(["whomai-again"], compared)

    @given(st.text(max_size=2000))
    def test_any_word_is_answered_in_one_line(self, word: str) -> None:
        """Whatever was typed, the answer is one sentence made of known words, or none."""
        answer = instead_of(word, WORDS)
        self.assertLess(len(answer), 120)
        self.assertNotIn("\n", answer)


class NearMissTests(SynchronousTestCase):
    """A near miss names what to type, and does nothing by itself."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")
        self.alice = self.server.guest("alice")
        self.bob.reads()

    def says(self, line: str) -> str:
        """What alice reads when she types this."""
        self.alice.types(line)
        return " ".join(self.alice.reads())

    def test_commands(self) -> None:
        """The answer names the command that was meant; nobody else reads anything, and nothing is done."""
        self.assertEqual("! There is no command /jion. Did you mean /join?", self.says("/jion den"))
        self.assertEqual("! There is no command /dm. Did you mean @nick text?", self.says("/dm bob psst"))
        self.assertEqual("! There is no command /rename. Did you mean /nick NICK?", self.says("/rename eve"))
        self.assertIn("Your terminal clears its own screen", self.says("/clear"))
        self.assertEqual([], self.bob.reads())
        self.assertEqual("You are alice.", self.says("/nick"))

    def test_secrets_are_neither_repeated_nor_said(self) -> None:
        """What stands behind a mistyped command is in no answer, and nobody else reads it."""
        for line in (
            "/singup hunter22",
            "/pass hunter22",
            "/logn alice hunter22",
            "/identify hunter22",
            "/pw hunter22",
        ):
            answer = self.says(line)
            self.assertIn("Did you mean /", answer)
            self.assertNotIn("hunter22", answer)
        self.assertEqual([], self.bob.reads())

    def test_unknown_words_name_help(self) -> None:
        """Where nothing is near, the answer says how to find commands."""
        self.assertIn("/help lists commands", self.says("/frobnicate"))

    def test_words_for_staff_are_not_offered(self) -> None:
        """A near miss of a command that only staff can use does not name it."""
        self.assertNotIn("Did you mean /gban", self.says("/gbann eve"))
        dora = self.server.staff("dora")
        dora.types("/gbann eve")
        self.assertIn("Did you mean /gban", " ".join(dora.reads()))

    def test_help_said_in_a_room(self) -> None:
        """The line is sent as any other, because it may be meant; its author alone reads what to type, once."""
        for line, hint in (("help", "type /help"), ("exit", "type /quit")):
            self.assertIn(hint, self.says(line))
            self.assertEqual([f"<alice> {line}"], self.bob.reads())
            self.assertEqual("", self.says(line))
            self.assertEqual([f"<alice> {line}"], self.bob.reads())
        self.assertEqual("", self.says("help me please"))

    def test_before_there_is_a_nickname(self) -> None:
        """Bare words for help give help, bare words for leaving say how; none of them is taken as a nickname."""
        stranger = self.server.connection()
        stranger.greeting()
        for word in sorted(HELP_WORDS):
            stranger.types(word.upper())
            self.assertIn("/help all lists all commands", " ".join(stranger.reads()), word)
        for word in sorted(LEAVE_WORDS):
            if word != "quit":
                stranger.types(word)
                self.assertEqual(["-- To leave, type QUIT or /quit."], stranger.reads(), word)
        for word in ("login", "Sign up", "register"):
            stranger.types(word)
            self.assertIn("/login NICK", " ".join(stranger.reads()))
        self.assertFalse(stranger.is_disconnected())
        self.assertEqual([], self.bob.reads())
        stranger.types("carol")
        self.assertIn("Registration successful. You are carol.", stranger.reads())
