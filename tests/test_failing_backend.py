"""
What people are told, and what they may rely on, while nothing can be kept: a full disk, a backend that is away.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import House


class PromiseTests(SynchronousTestCase):
    """Who was answered may rely on it, whatever happens the moment after."""

    def setUp(self) -> None:
        self.house = House()

    def test_whisper_is_read_before_it_is_confirmed(self) -> None:
        """Who reads that a whisper was delivered knows that it was written to the other one's connection."""
        alice, bob = self.house.guest("alice"), self.house.guest("bob")
        alice.reads()
        seen: list[list[str]] = []
        alice.transport.write = lambda data: seen.append(bob.reads())  # type: ignore[method-assign]
        alice.types("@bob psst")
        self.assertEqual([["[alice whispers] psst"]], seen)
