"""
Talk in a room, and to one person.
"""

from __future__ import annotations

from chatroom.errors import LimitReached, Muted, NoSuchPerson, NotInRoom, Unlawful
from chatroom.events import FOREVER, Acted, Event, Mailed, Said, Whispered
from chatroom.limits import Limits
from tests.server.session.people import PASSWORD, CallerTestCase


class SayTests(CallerTestCase):
    """In a room."""

    limits = Limits(text_length=20, message_lines=3)

    def test_everybody_else_hears_it(self) -> None:
        """Once it is kept, which the one who said it learns."""
        alice, bob = self.guest("alice"), self.guest("bob")
        receipt = alice.caller.say("hello")
        kept: list[object] = []
        receipt.kept = kept.append
        self.assertEqual(([], []), (kept, bob.hears()))
        self.server.settle()
        [said] = bob.hears()
        assert isinstance(said, Said)
        self.assertEqual(("alice", "lobby", "hello"), (said.nick, said.room, said.text))
        self.assertEqual([said], kept)

    def test_numbers_follow_each_other(self) -> None:
        """In each room by itself."""
        alice, bob = self.guest("alice"), self.guest("bob")
        for text in ("one", "two"):
            alice.says(text)
        one, two = (event.seq for event in bob.hears() if isinstance(event, Said))
        self.assertEqual(one + 1, two)

    def test_acts(self) -> None:
        """C{/me} is talk as well."""
        alice, bob = self.guest("alice"), self.guest("bob")
        alice.caller.say("waves", act=True)
        self.server.settle()
        self.assertEqual([Acted], [type(event) for event in bob.hears()])

    def test_talk_is_cleaned(self) -> None:
        """Whatever door it came by."""
        alice, bob = self.guest("alice"), self.guest("bob")
        alice.says("\x1b[2Jhi\r\nyou\u202e")
        [said] = bob.hears()
        self.assertEqual("[2Jhi\nyou", said.text)  # type: ignore[attr-defined]

    def test_nothing_to_say(self) -> None:
        """Nothing is not said, nor anything that nobody would see."""
        alice = self.guest("alice")
        for text in ("", "   ", "\x1b\x07", "\u200b", "\u200d\ufe0f", "\n\n"):
            self.assertRaises(Unlawful, alice.caller.say, text)

    def test_too_much_to_say(self) -> None:
        """Characters and lines are counted after cleaning, and the limits are lawful."""
        alice = self.guest("alice")
        alice.says("x" * 20 + "\x00")
        alice.says("a\nb\nc")
        self.assertRaises(Unlawful, alice.caller.say, "x" * 21)
        self.assertRaises(Unlawful, alice.caller.say, "a\nb\nc\nd")

    def test_only_where_one_is(self) -> None:
        """Nobody talks into a room from outside."""
        alice, bob = self.guest("alice"), self.guest("bob")
        alice.gets(alice.caller.create("den"))
        self.assertRaises(NotInRoom, bob.caller.say, "hello", "den")
        bob.gets(bob.caller.leave())
        self.assertRaises(NotInRoom, bob.caller.say, "hello")

    def test_muted(self) -> None:
        """Who is muted is told so, and heard by nobody."""
        alice, bob = self.guest("alice"), self.guest("bob")
        alice.gets(alice.caller.create("den"))
        bob.gets(bob.caller.join("den"))
        alice.gets(alice.caller.mute("bob", FOREVER))
        self.assertRaises(Muted, bob.caller.say, "hello")


class WhisperTests(CallerTestCase):
    """To one person."""

    limits = Limits(inbox_length=2, text_length=20)

    def whispers(self, told: list[str | Event]) -> list[str]:
        """Texts of whispers among what somebody was told."""
        return [part.text for part in told if isinstance(part, Whispered)]

    def test_only_that_person_hears_it(self) -> None:
        """By all connections they have, and under any letter case of the name."""
        alice, bob, carl = self.guest("alice"), self.account("Bob"), self.guest("carl")
        other = self.again("bob")
        self.assertTrue(alice.gets(alice.caller.whisper("BOB", "psst")))
        for connection in (bob, other):
            self.assertEqual(["psst"], self.whispers(connection.is_told()))
            self.assertEqual("alice", connection.caller.correspondent)
        self.assertEqual(([], []), (self.whispers(carl.is_told()), carl.hears()))

    def test_receipt_says_whether_it_reached_anybody(self) -> None:
        """A whisper that is kept when its hearer is gone has reached nobody, and can be left in their inbox."""
        alice, bob = self.guest("alice"), self.account("bob")
        heard = alice.caller.whisper_now("bob", "psst")
        self.server.settle()
        crossing = alice.caller.whisper_now("bob", "psst")
        bob.caller.gone("")
        self.server.settle()
        assert heard is not None and crossing is not None
        self.assertEqual((True, False), (heard.reached, crossing.reached))
        alice.gets(alice.caller.leave_whisper(crossing))
        bob = self.again("bob")
        mail, _, _ = bob.gets(bob.caller.inbox())
        self.assertEqual(["psst"], [each.text for each in mail])

    def test_whispers_are_in_no_history(self) -> None:
        """They are nobody else's business."""
        alice, bob = self.guest("alice"), self.guest("bob")
        alice.gets(alice.caller.whisper("bob", "psst"))
        page = bob.gets(bob.caller.history(talk=False))
        self.assertFalse(any("psst" in str(event) for event in page.events))

    def test_absent_account_finds_it_in_the_inbox(self) -> None:
        """A whisper waits in an absent account's inbox, and the next login says so."""
        self.account("bob").goes()
        alice = self.guest("alice")
        self.assertFalse(alice.gets(alice.caller.whisper("Bob", "call me")))
        bob = self.somebody()
        self.assertEqual(1, bob.gets(bob.caller.login("bob", PASSWORD)).waiting)
        mail, unread, _ = bob.gets(bob.caller.inbox())
        self.assertEqual([("alice", "call me")], [(letter.sender, letter.text) for letter in mail])
        self.assertEqual(0, unread)

    def test_mail_is_unread_once(self) -> None:
        """Mail is unread once, and then among what was read."""
        self.account("bob").goes()
        alice = self.guest("alice")
        alice.gets(alice.caller.whisper("bob", "call me"))
        bob = self.again("bob")
        self.assertEqual(1, len(bob.gets(bob.caller.inbox())[0]))
        self.assertEqual(0, len(bob.gets(bob.caller.inbox())[0]))
        self.assertEqual(1, len(bob.gets(bob.caller.inbox(everything=True))[0]))

    def test_full_inbox(self) -> None:
        """The sender learns that it was not kept."""
        self.account("bob").goes()
        alice = self.guest("alice")
        for _ in range(2):
            alice.gets(alice.caller.whisper("bob", "call me"))
        self.refused(LimitReached, alice, lambda: alice.caller.whisper("bob", "call me"))

    def test_nobody_of_that_name(self) -> None:
        """A whisper to a name that is neither here nor an account is refused."""
        alice = self.guest("alice")
        self.refused(NoSuchPerson, alice, lambda: alice.caller.whisper("nobody", "psst"))
        self.refused(NoSuchPerson, alice, lambda: alice.caller.whisper("\x1b[2J", "psst"))

    def test_nothing_and_too_much(self) -> None:
        """As in rooms."""
        alice = self.guest("alice")
        self.guest("bob")
        self.refused(Unlawful, alice, lambda: alice.caller.whisper("bob", "\u200d"))
        self.refused(Unlawful, alice, lambda: alice.caller.whisper("bob", "x" * 21))

    def test_somebody_ignored(self) -> None:
        """A whisper of somebody ignored is neither heard nor kept, and the sender does not learn of it."""
        bob, alice = self.account("bob"), self.guest("alice")
        bob.gets(bob.caller.ignore("alice"))
        bob.is_told()
        self.assertTrue(alice.gets(alice.caller.whisper("bob", "buy this")))
        self.assertEqual([], bob.is_told())
        bob.goes()
        self.assertFalse(alice.gets(alice.caller.whisper("bob", "buy this")))
        bob = self.again("bob")
        self.assertEqual(([], 0, False), bob.gets(bob.caller.inbox()))

    def test_whisper_to_oneself(self) -> None:
        """A note."""
        alice = self.guest("alice")
        self.assertTrue(alice.gets(alice.caller.whisper("alice", "milk")))
        self.assertEqual(["milk"], self.whispers(alice.is_told()))

    def test_mail_is_not_said_to_wait_twice(self) -> None:
        """Whoever is here hears whispers, and of mail only if it came while they did."""
        bob, alice = self.account("bob"), self.guest("alice")
        alice.gets(alice.caller.whisper("bob", "psst"))
        self.assertFalse(any(isinstance(part, Mailed) for part in bob.is_told()))
