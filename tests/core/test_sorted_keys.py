"""
Keys in order: as a sorted list has them, and without the work that a long list makes.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.core import sorted_keys
from chatroom.core.sorted_keys import SortedKeys


class SortedKeysTests(SynchronousTestCase):
    """What there is, in order."""

    def setUp(self) -> None:
        """Blocks are small, so that there are many."""
        self.patch(sorted_keys, "BLOCK", 3)

    @given(st.lists(st.tuples(st.booleans(), st.integers(0, 40))), st.integers(-1, 41))
    def test_as_a_sorted_list(self, changes: list[tuple[bool, int]], start: int) -> None:
        """After any additions and removals, they are those of a sorted list, from the first and from any key on."""
        keys, model = SortedKeys[int](), set[int]()
        for adds, key in changes:
            if adds and key not in model:
                keys.add(key)
                model.add(key)
            elif not adds and key in model:
                keys.remove(key)
                model.remove(key)
        self.assertEqual(sorted(model), list(keys))
        self.assertEqual(len(model), len(keys))
        self.assertEqual(sorted(key for key in model if key > start), list(keys.behind(start)))

    def test_removing_what_is_not_there(self) -> None:
        """It is refused, wherever in the order it would stand."""
        keys = SortedKeys[int]()
        for key in range(0, 40, 2):
            keys.add(key)
        for key in (-1, 7, 99):
            self.assertRaises(ValueError, keys.remove, key)
        self.assertEqual(20, len(keys))
