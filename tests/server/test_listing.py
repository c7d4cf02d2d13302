"""
A list that is made while it is read: like any other, and no longer than somebody reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from twisted.trial.unittest import SynchronousTestCase

from chatroom.server.listing import Listing


class ListingTests(SynchronousTestCase):
    """Ten numbers."""

    def setUp(self) -> None:
        """None was made yet."""
        self.made: list[int] = []
        self.listing = Listing(10, self.walk)

    def walk(self) -> Iterator[int]:
        """Make them, and note which."""
        for number in range(10):
            self.made.append(number)
            yield number

    def test_as_a_list(self) -> None:
        """It has the length, the items and the parts of a list."""
        same = list(range(10))
        self.assertEqual(same, list(self.listing))
        self.assertEqual(10, len(self.listing))
        for index in (0, 3, 9, -1, -10):
            self.assertEqual(same[index], self.listing[index])
        for part in (slice(3), slice(2, 5), slice(-3, None), slice(1, 9, 3), slice(None, None, -1), slice(20, 30)):
            self.assertEqual(same[part], self.listing[part])
        for index in (10, -11):
            self.assertRaises(IndexError, lambda index=index: self.listing[index])

    def test_no_more_than_is_read(self) -> None:
        """Only what is read of it is made."""
        self.assertEqual([0, 1], self.listing[:2])
        self.assertEqual([0, 1], self.made)
