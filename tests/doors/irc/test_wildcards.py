"""
Masks with stars and question marks fit what they should, in no time.
"""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.wildcards import LONGEST, Wildcard

few = st.text(st.sampled_from("ab*?"), max_size=10)
names = st.text(st.sampled_from("abA"), max_size=10)


class WildcardTests(SynchronousTestCase):
    """What a mask fits."""

    @given(few, names)
    def test_as_a_pattern(self, mask: str, name: str) -> None:
        """A star is any text and a question mark any character, as a regular expression says it."""
        pattern = "".join({"*": ".*", "?": "."}.get(each, each) for each in mask)
        fits = re.fullmatch(pattern, name.lower()) is not None
        self.assertEqual(fits, Wildcard(mask).fits(name), (mask, name))

    def test_letter_case(self) -> None:
        """Letter case does not count, in any script."""
        self.assertTrue(Wildcard("ÉM*").fits("émile"))
        self.assertFalse(Wildcard("em*").fits("émile"))

    def test_hostile_masks(self) -> None:
        """A mask that would keep a regular expression busy for years is answered at once; one too long fits nothing."""
        self.assertFalse(Wildcard("*a" * (LONGEST // 2 - 1) + "*b").fits("a" * 128))
        self.assertFalse(Wildcard("*" * (LONGEST + 1)).fits("a"))
