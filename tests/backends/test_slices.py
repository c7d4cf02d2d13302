"""
Slices of time: how much is done in one, whatever the rows are like.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.sqlite.slices import FIRST, GROWTH, SLICE, Slice
from tests.backends.workers import Stopwatch


class SliceTests(SynchronousTestCase):
    """On a clock that only the work moves."""

    def setUp(self) -> None:
        """A slice begins."""
        self.stopwatch = Stopwatch()
        self.slice = Slice(self.stopwatch)

    def test_ends_by_time(self) -> None:
        """A slice ends at its time, not before and not later."""
        self.assertFalse(self.slice.over())
        self.stopwatch.now += SLICE * 0.99
        self.assertFalse(self.slice.over())
        self.stopwatch.now += SLICE * 0.01
        self.assertTrue(self.slice.over())

    def test_fast_rows_come_in_large_pieces(self) -> None:
        """Up to the most that was asked for."""
        pieces = self.slice.pieces(1000)
        self.assertEqual([8, 32, 128, 512, 1000, 1000], [next(pieces) for _ in range(6)])

    def test_slow_row(self) -> None:
        """After a piece that took all the time there is no other."""
        pieces = self.slice.pieces(1000)
        next(pieces)
        self.stopwatch.now += SLICE
        self.assertEqual([], list(pieces))

    @given(st.floats(1e-6, 2 * SLICE), st.integers(1, 2000))
    def test_rows_of_one_kind_fit(self, each: float, most: int) -> None:
        """Whatever a row takes, a slice is not longer than it should be, but for its first piece."""
        stopwatch = Stopwatch()
        slice = Slice(stopwatch)
        done = 0
        for rows in slice.pieces(most):
            done += rows
            stopwatch.now += rows * each
        self.assertLessEqual(stopwatch.now, max(SLICE, FIRST * each) * 1.001)
        self.assertGreaterEqual(done, 1)

    @given(st.lists(st.floats(1e-6, SLICE / 8), min_size=200, max_size=200))
    def test_rows_of_any_kind(self, costs: list[float]) -> None:
        """Rows that become slower all at once cost at most one piece of them more."""
        stopwatch = Stopwatch()
        slice = Slice(stopwatch)
        largest = 0.0
        left = list(costs)
        for rows in slice.pieces(GROWTH * FIRST):
            piece, left = left[:rows], left[rows:]
            largest = max(largest, sum(piece))
            stopwatch.now += sum(piece)
            if not left:
                break
        self.assertLessEqual(stopwatch.now, SLICE + largest)
