"""
Long texts in pieces: none too long, nothing lost, no letter torn apart.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.splitting import beginning, clusters, lines, pieces

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
THUMB = "\U0001f44d\U0001f3fd"
FLAG = "\U0001f1ee\U0001f1f9"
WHOLE = ["e\u0301", FAMILY, THUMB, FLAG, "\u2764\ufe0f", "\u0915\u094d", "\u1112\u1161\u11ab", "日", "a"]

anything = st.text(
    st.one_of(
        st.sampled_from([*"ab ", *"".join(WHOLE)]), st.characters(exclude_characters="\n", exclude_categories=["Cs"])
    )
)


class ClusterTests(SynchronousTestCase):
    """What people take for one character."""

    def test_whole(self) -> None:
        """Letters with accents, families, thumbs with a skin, flags and syllables are one each."""
        for each in WHOLE:
            self.assertEqual([each, each], list(clusters(each + each)), each)

    @given(anything)
    def test_joined(self, text: str) -> None:
        """Joined, they are the text, and none is empty."""
        found = list(clusters(text))
        self.assertEqual(text, "".join(found))
        self.assertNotIn("", found)


class PiecesTests(SynchronousTestCase):
    """A line of text in pieces."""

    @given(anything, st.integers(4, 40))
    def test_sizes(self, text: str, size: int) -> None:
        """Each piece fits, none is empty, and joined they are the text."""
        found = list(pieces(text, size))
        self.assertEqual(text, "".join(found))
        self.assertNotIn("", found)
        self.assertLessEqual(max((len(each.encode()) for each in found), default=0), size)

    @given(st.lists(st.sampled_from(WHOLE), max_size=60), st.integers(20, 60))
    def test_nothing_is_torn(self, parts: list[str], size: int) -> None:
        """A piece ends between two characters, where each of them fits."""
        found = [each for piece in pieces("".join(parts), size) for each in clusters(piece)]
        self.assertEqual(list(clusters("".join(parts))), found)

    def test_between_words(self) -> None:
        """A piece ends behind a blank, if that does not make it half as long."""
        self.assertEqual(["the quick ", "brown fox"], list(pieces("the quick brown fox", 12)))
        self.assertEqual(["a bbbbbbbb", "bb"], list(pieces("a bbbbbbbbbb", 10)))

    def test_too_small_for_a_character(self) -> None:
        """A family that fits into no piece is torn, rather than lost."""
        self.assertEqual(FAMILY, "".join(pieces(FAMILY, 8)))


class LinesTests(SynchronousTestCase):
    """Several lines."""

    def test_lines(self) -> None:
        """Each line begins a piece of its own; empty lines are left out."""
        self.assertEqual(["one", "two"], lines("one\n\ntwo\n", 400))
        self.assertEqual(["short"], lines("short", 400))
        self.assertEqual([""], lines("\n", 400))

    def test_beginning(self) -> None:
        """The beginning of a text is its first piece."""
        self.assertEqual("ée", beginning("éeé", 4))
        self.assertEqual("", beginning("", 4))
