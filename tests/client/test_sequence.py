"""
A room's numbers, as one reader keeps them.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.sequence import GAPS, Sequence
from chatroom.events import Said


class OrderTests(SynchronousTestCase):
    """What is news and what is not."""

    def test_each_number_once(self) -> None:
        """What came before does not come again."""
        order = Sequence(10)
        self.assertEqual([True, True, False, False], [order.hear(seq) for seq in (11, 12, 12, 11)])
        self.assertEqual(12, order.last)

    def test_before_our_time(self) -> None:
        """What happened before we came is not live, whoever sends it."""
        self.assertFalse(Sequence(10).hear(10))
        self.assertFalse(Sequence(10).hear(3))

    def test_left_out_and_late(self) -> None:
        """A number that was passed over may come late, once."""
        order = Sequence(0)
        self.assertEqual([True, True, True, True, False], [order.hear(seq) for seq in (1, 5, 3, 2, 3)])
        self.assertEqual(5, order.last)
        self.assertTrue(order.hear(4))

    def test_recent_lines(self) -> None:
        """Lines from before our time are told when we come in, and not a second time."""
        order = Sequence(5)
        recent = [Said(0.0, "lobby", "bob", seq, "hi") for seq in (3, 4, 5)]
        self.assertEqual(tuple(recent), order.look_back(recent))
        self.assertEqual((), order.look_back(recent))

    @given(st.permutations(range(1, 30)), st.lists(st.integers(1, 29)))
    def test_any_order(self, once: list[int], again: list[int]) -> None:
        """In whatever order numbers come and however often, each is news exactly once."""
        order = Sequence(0)
        self.assertEqual(29, sum(order.hear(seq) for seq in [*once, *again]))

    def test_gaps_are_bounded(self) -> None:
        """A room that leaves out every second number forever does not fill the memory."""
        order = Sequence(0)
        for seq in range(2, 8 * GAPS, 2):
            order.hear(seq)
        self.assertFalse(order.hear(1), "that one was forgotten")
        self.assertTrue(order.hear(order.last - 1))
