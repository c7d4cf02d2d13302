"""
Lines typed at the line door mean what tests/vectors/commands.json says, and what is not for everybody stays unread.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Server
from tests.vocabulary.vectors import VECTORS


class LineDoorTests(SynchronousTestCase):
    """Three people in a room, and a line of the table."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice, self.bob, self.ann = (self.server.guest(nick) for nick in ("alice", "bob", "ann"))
        for guest in (self.alice, self.bob):
            guest.reads()

    def alice_types(self, line: str) -> None:
        """One line, and enough time for another one."""
        self.alice.types(line)
        self.server.wait(1)

    def test_secrets_stay_unread(self) -> None:
        """Nobody reads a line that is a command or a slip, and its author is answered."""
        for row in VECTORS:
            if row["means"] not in ("refused", "command") or row.get("word") in ("me", "quit", "join", "login"):
                continue
            if "\n" in row["typed"] or "\0" in row["typed"] or row.get("word") == "signup":
                continue  # no line, or one from which the door takes a key before it means anything
            self.alice_types(row["typed"])
            self.assertEqual([], self.bob.reads(), row)
            self.assertEqual([], self.ann.reads(), row)
            self.assertNotEqual([], self.alice.reads(), row)

    def test_passwords_stay_unread(self) -> None:
        """Nobody reads the password of a command behind whatever cannot be seen."""
        for number, row in enumerate(VECTORS):
            if row.get("word") in ("login", "signup") and "\n" not in row["typed"]:
                eve = self.server.guest(f"eve{number}")
                self.bob.reads(), self.ann.reads()
                eve.types(row["typed"])
                self.assertEqual([], self.bob.reads(), row)
                self.assertNotEqual([], eve.reads(), row)
                eve.disconnects()
                self.bob.reads(), self.ann.reads()

    def test_whispers_reach_one_person(self) -> None:
        """Only Ann reads what the table says Ann is whispered."""
        for row in VECTORS:
            if row["means"] == "whisper" and row["to"] == "ann" and "\n" not in row["typed"]:
                self.alice_types(row["typed"])
                self.assertEqual([f"[alice whispers] {row['text']}"], self.ann.reads(), row)
                self.assertEqual([], self.bob.reads(), row)

    def test_talk_is_read(self) -> None:
        """Everybody reads what the table says is talk."""
        for row in VECTORS:
            if row["means"] == "talk" and "\n" not in row["typed"]:
                self.alice_types(row["typed"])
                (line,) = self.bob.reads()
                self.assertTrue(line.startswith("<alice> "), row)

    def test_nickname_question(self) -> None:
        """A login with a slip becomes no nickname, and its author reads what to type."""
        eve = self.server.connection()
        eve.greeting()
        for typed in ("login ann geheim", "\\login ann geheim", "\u3000/lgoin ann geheim", "signup geheim"):
            eve.types(typed)
            (line,) = eve.reads()
            self.assertTrue(line.startswith("! "), line)
            self.assertNotIn("geheim", line)
        self.assertEqual([], self.bob.reads())

    def test_blanks_between_arguments(self) -> None:
        """Any white space separates the arguments of a command."""
        self.alice.types("/create\u00a0den\u3000keep", "/create\tden")
        self.bob.types("/join\u2003den")
        self.assertIn("You are in den.", "\n".join(self.bob.reads()))
