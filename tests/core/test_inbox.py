"""
Whispers that wait: what may be whispered, and for whom it is kept.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.inbox import letter, whisper_text
from chatroom.errors import NoSuchPerson, Unlawful
from chatroom.records import Account, Mail

BOB = Account("Bob", "bob", "$hash", 1.0, ignored=("mallory",))


class WhisperTextTests(SynchronousTestCase):
    """What may be whispered."""

    def test_clean_text(self) -> None:
        """As in a room."""
        self.assertEqual("[2Jpsst\nyou", whisper_text("\x1b[2Jpsst\r\nyou\n", 20, 2))

    def test_nothing_is_refused(self) -> None:
        """An empty whisper is refused, and so is one that nobody would see; the refusal says how to whisper."""
        for text in ("", "  ", "\x07", "\u200b\ufe0f"):
            self.assertIn("@nick", self.assertRaises(Unlawful, whisper_text, text, 20, 2).sentence)

    def test_too_much_is_refused(self) -> None:
        """Characters and lines; the limits themselves are lawful."""
        self.assertEqual("x" * 20, whisper_text("x" * 20, 20, 2))
        self.assertRaises(Unlawful, whisper_text, "x" * 21, 20, 2)
        self.assertRaises(Unlawful, whisper_text, "a\nb\nc", 20, 2)


class LetterTests(SynchronousTestCase):
    """What is kept for somebody who is not here."""

    def test_for_an_account(self) -> None:
        """Under its key."""
        self.assertEqual(Mail(7.0, "Alice", "bob", "call me"), letter(7.0, "Alice", "BOB", BOB, "call me"))

    def test_for_nobody(self) -> None:
        """The sender learns that there is nobody to keep it for."""
        refusal = self.assertRaises(NoSuchPerson, letter, 7.0, "Alice", "carl", None, "call me")
        self.assertIn("carl", refusal.sentence)

    def test_for_what_is_no_person(self) -> None:
        """The refusal of a whisper to a service of IRC or to a room says what to type instead."""
        instead = {
            "NickServ": "/login NICK",
            "NICKSERV@services.chatroom": "/signup",
            "chanserv": "/create ROOM",
            "#den": "/tellops",
        }
        for to, typed in instead.items():
            refusal = self.assertRaises(NoSuchPerson, letter, 7.0, "Alice", to, None, "identify me")
            self.assertIn(typed, refusal.sentence)
            self.assertNotIn("/who", refusal.sentence)

    def test_by_somebody_ignored(self) -> None:
        """Nothing is kept, and nothing said: in any letter case of the name."""
        self.assertIs(None, letter(7.0, "MALLORY", "bob", BOB, "buy this"))
