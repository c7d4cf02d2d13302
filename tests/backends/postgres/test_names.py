"""
A claim to a nickname, or a release of one, whose answer is lost: whatever became of it, the nickname is not lost to
everybody, and who has it in the end holds it in the database.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.postgres.errors import Unreachable
from chatroom.errors import NotKept
from tests.backends.postgres.on_one_database import OnOneDatabase


class LosingAnswers(OnOneDatabase, SynchronousTestCase):
    """North and south are nodes. From some time on, what north asks for is done, and the answer is lost."""

    def setUp(self) -> None:
        """Both work."""
        super().setUp()
        self.south, _, _ = self.start("south")
        link = self.backend._links.side  # type: ignore[attr-defined]
        self.do = link.do
        self.is_away = False
        link.do = self.do_and_lose

    async def do_and_lose(self, work: Any, *values: Any) -> Any:
        """The database does it, and its answer is lost."""
        result = await self.do(work, *values)
        if self.is_away:
            raise Unreachable(sent=True)
        return result

    def goes_away(self) -> None:
        """The answers are lost."""
        self.is_away = True

    def is_back(self) -> None:
        """The database answers again."""
        self.is_away = False

    def claims(self) -> list[str]:
        """The nicknames that are taken, as the database has them."""
        return self.sql("SELECT key FROM claim")


class LostClaimTests(LosingAnswers):
    """North claims alice for a guest, and the answer is lost."""

    def setUp(self) -> None:
        """The claim was made."""
        super().setUp()
        self.goes_away()
        self.refused(self.backend.claim("alice", "guest"), NotKept)
        self.assertEqual(["alice"], self.claims())

    def test_nobody_wants_it_any_more(self) -> None:
        """It is free a moment after the database is back, for all nodes."""
        self.clock.advance(1)
        self.is_back()
        self.clock.advance(1)
        self.assertTrue(self.done(self.south.claim("alice", "other")))

    def test_asked_again(self) -> None:
        """The same guest has it, and no other on either node; it is not taken back."""
        self.is_back()
        self.assertTrue(self.done(self.backend.claim("alice", "guest")))
        self.clock.advance(2)
        for node in (self.backend, self.south):
            self.assertFalse(self.done(node.claim("alice", "other")))

    def test_another_guest_of_the_same_node(self) -> None:
        """They have it, and may give it back."""
        self.is_back()
        self.assertTrue(self.done(self.backend.claim("alice", "other")))
        self.assertFalse(self.done(self.south.claim("alice", "third")))
        self.assertTrue(self.done(self.backend.release("alice", "other")))

    def test_given_back(self) -> None:
        """It is free at once."""
        self.is_back()
        self.assertTrue(self.done(self.backend.release("alice", "guest")))
        self.assertTrue(self.done(self.south.claim("alice", "other")))

    def test_stopped(self) -> None:
        """Nothing goes on behind the end."""
        self.is_back()
        self.done(self.backend.stop())
        self.assertEqual([], self.sql("SELECT key FROM claim"))


class LostReleaseTests(LosingAnswers):
    """North held alice for an account, once, and releases it. The answer is lost, so that it will be released again."""

    def setUp(self) -> None:
        """It was released."""
        super().setUp()
        self.assertTrue(self.done(self.backend.claim("alice", "account")))
        self.goes_away()
        self.refused(self.backend.release("alice", "account"), NotKept)
        self.assertEqual([], self.claims())

    def test_claimed_again_before_it_is_released_again(self) -> None:
        """The account is back on this node by then: it holds the nickname, and the second release does not end that."""
        self.is_back()
        self.assertTrue(self.done(self.backend.claim("alice", "account")))
        self.assertFalse(self.done(self.backend.release("alice", "account")))
        self.assertEqual(["alice"], self.claims())
        self.assertFalse(self.done(self.south.claim("alice", "other")))

    def test_claimed_by_others_before_it_is_released_again(self) -> None:
        """They hold it. The account does not have it, and the second release does not take it from them."""
        self.is_back()
        self.assertTrue(self.done(self.south.claim("alice", "other")))
        self.assertFalse(self.done(self.backend.claim("alice", "account")))
        self.assertFalse(self.done(self.backend.release("alice", "account")))
        self.assertEqual(["alice"], self.claims())

    def test_claimed_again_in_vain(self) -> None:
        """The answer to that claim is lost as well. When all is well, the nickname is free."""
        self.refused(self.backend.claim("alice", "account"), NotKept)
        self.is_back()
        self.assertTrue(self.done(self.backend.release("alice", "account")))
        self.clock.advance(2)
        self.assertEqual([], self.claims())

    def test_claimed_again_in_vain_and_then_held(self) -> None:
        """The third try holds it, and what the second left in doubt is not taken back."""
        self.refused(self.backend.claim("alice", "account"), NotKept)
        self.is_back()
        self.assertTrue(self.done(self.backend.claim("alice", "account")))
        self.clock.advance(2)
        self.assertFalse(self.done(self.backend.release("alice", "account")))
        self.assertEqual(["alice"], self.claims())
        self.assertTrue(self.done(self.backend.release("alice", "account")))
        self.assertEqual([], self.claims())

    def test_released_again(self) -> None:
        """It is free, and others have it from then on."""
        self.is_back()
        self.assertTrue(self.done(self.backend.release("alice", "account")))
        self.assertTrue(self.done(self.south.claim("alice", "other")))
