"""
Who is told something is written to once: the hub flushes what the hub tells, and nobody else does.
"""

from __future__ import annotations

from chatroom.events import SERVER, Announced, ServerRole
from tests.server.session.people import CallerTestCase, Somebody


class FlushingTests(CallerTestCase):
    """Bob and carol share a room with alice, and hear of her."""

    def setUp(self) -> None:
        """All have heard what there was."""
        super().setUp()
        self.alice, self.bob, self.carol = self.account("alice"), self.account("bob"), self.guest("carol")

    def flushes(self, *who: Somebody) -> list[int]:
        """How often each was flushed since the last time; each was told something, and all of it was sent."""
        for each in who:
            self.assertTrue(each.hears() + each.is_told())
        found = [each.ear.flushes for each in who]
        self.forget(*who)
        return found

    def forget(self, *who: Somebody) -> None:
        """What they were told so far."""
        for each in who:
            each.hears()
            each.is_told()
            each.ear.flushes = 0

    def test_talk_and_comings(self) -> None:
        """What happens in a room is written once to each who is there."""
        self.forget(self.bob, self.carol)
        self.alice.says("hello")
        self.assertEqual([1, 1], self.flushes(self.bob, self.carol))
        self.guest("dora")
        self.assertEqual([1, 1], self.flushes(self.bob, self.carol))

    def test_whisper(self) -> None:
        """A whisper is written once, on each connection of its hearer."""
        again = self.again("bob")
        self.forget(self.bob, again)
        self.alice.gets(self.alice.caller.whisper("bob", "psst"))
        self.assertEqual([1, 1], self.flushes(self.bob, again))

    def test_away(self) -> None:
        """An away message is written once, however many rooms people share."""
        self.alice.gets(self.alice.caller.create("den"))
        self.bob.gets(self.bob.caller.join("den"))
        self.forget(self.bob, self.carol)
        self.alice.gets(self.alice.caller.set_away("tea"))
        self.assertEqual([1, 1], self.flushes(self.bob, self.carol))

    def test_announcement(self) -> None:
        """An announcement is written once to everybody."""
        self.forget(self.bob, self.carol)
        self.server.services.batches.happen(Announced(0.0, SERVER, "chatroom", text="Tea!"))
        self.server.settle()
        self.assertEqual([1, 1], self.flushes(self.bob, self.carol))

    def test_news_for_staff(self) -> None:
        """What another of the staff did is written once."""
        for nick in ("alice", "bob"):
            self.server.promote(nick, ServerRole.ADMIN)
        self.alice, self.bob = self.again("alice"), self.again("bob")
        self.forget(self.bob, self.carol)
        self.alice.gets(self.alice.caller.server_mute("carol", 2e9, "test"))
        self.assertEqual([1], self.flushes(self.bob))

    def test_words_of_the_server_to_one(self) -> None:
        """What is told outside of a turn, as by a command, is written as well, and once."""
        self.forget(self.bob)
        self.bob.caller.tell("By the way.")
        self.assertEqual([1], self.flushes(self.bob))
