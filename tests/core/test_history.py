"""
How much of the past is shown, what of it is gone, and what to search for.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.history import gap, page_size, search_words
from chatroom.errors import BadArguments


class PageSizeTests(SynchronousTestCase):
    """Lines on a page."""

    def test_as_asked_up_to_the_limit(self) -> None:
        """Nothing asked is the limit."""
        self.assertEqual((50, 7, 50), (page_size(None, 50), page_size(7, 50), page_size(51, 50)))

    def test_none_is_refused(self) -> None:
        """A page of no lines is refused, and so is one of fewer."""
        for asked in (0, -1):
            self.assertRaises(BadArguments, page_size, asked, 50)


class GapTests(SynchronousTestCase):
    """Numbers that were asked for and are no longer kept."""

    def test_no_gap_where_the_next_one_is_there(self) -> None:
        """There is no gap where the next event is there, or where there is no next one."""
        self.assertIs(None, gap(5, 6, 9))
        self.assertIs(None, gap(9, None, 9))

    def test_gap_before_the_first_that_is_there(self) -> None:
        """Both ends belong to it."""
        self.assertEqual((6, 7), gap(5, 8, 9))

    def test_everything_is_gone(self) -> None:
        """Up to the room's last number."""
        self.assertEqual((6, 9), gap(5, None, 9))

    def test_no_gap_in_the_future(self) -> None:
        """Whoever asks for what has not happened yet has missed nothing."""
        self.assertIs(None, gap(100, None, 9))

    @given(st.integers(0, 50), st.sets(st.integers(1, 50)))
    def test_gap_and_what_is_there_are_everything(self, since: int, kept: set[int]) -> None:
        """Where only the oldest are forgotten, every number after the one asked for is kept or in the gap."""
        last = 50
        oldest = min(kept, default=last + 1)
        there = [number for number in range(oldest, last + 1) if number > since]
        missing = gap(since, there[0] if there else None, last)
        gone = list(range(missing[0], missing[1] + 1)) if missing else []
        self.assertEqual(list(range(since + 1, last + 1)), gone + there)


class SearchWordsTests(SynchronousTestCase):
    """What to look for."""

    def test_words(self) -> None:
        """Parted by any spaces."""
        self.assertEqual(("red", "apples"), search_words("  red \t apples "))

    def test_none_and_too_many_are_refused(self) -> None:
        """With what to do."""
        self.assertIn("/search", self.assertRaises(BadArguments, search_words, "  ").sentence)
        self.assertEqual(16, len(search_words("x " * 16)))
        self.assertRaises(BadArguments, search_words, "x " * 17)
