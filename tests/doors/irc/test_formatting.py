"""
Colours are taken out with their digits, and what is for programs is told from what is for people.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.formatting import CtcpRequest, action, ctcp, without_formatting

letters = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="0123456789,"), max_size=20)
marks = st.sampled_from(
    [
        "\x02",
        "\x0f",
        "\x11",
        "\x16",
        "\x1d",
        "\x1e",
        "\x1f",
        "\x03",
        "\x033",
        "\x0304",
        "\x0304,12",
        "\x04ff0000",
        "\x04FF0000,000000",
    ]
)


class FormattingTests(SynchronousTestCase):
    """Colours and the like."""

    def test_digits_go_with_the_colour(self) -> None:
        """A colour's digits are no text, but digits that are too many for a colour are."""
        for typed, read in {
            "\x0304red": "red", "\x034,5x": "x", "\x03,5": ",5", "\x031234": "34", "\x03": "", "a\x02b\x02c": "abc",
            "\x04ff0000red": "red", "\x04ff00": "ff00", "5 \x0304,\x03 6": "5 , 6", "plain": "plain",
        }.items():  # fmt: skip
            self.assertEqual(read, without_formatting(typed), repr(typed))

    @given(st.lists(st.tuples(marks, letters.filter(lambda text: text[:1] not in set("abcdefABCDEF")))))
    def test_words_stay(self, parts: list[tuple[str, str]]) -> None:
        """However a text is coloured, its words stay as they were."""
        typed = "".join(mark + text for mark, text in parts)
        self.assertEqual("".join(text for _, text in parts), without_formatting(typed))


class CtcpTests(SynchronousTestCase):
    """Messages for programs."""

    def test_requests(self) -> None:
        """A CTCP has a word and a text; a mark at its end may be missing, and words are in capital letters."""
        for typed, read in {
            "\x01ACTION waves\x01": ("ACTION", "waves"), "\x01action waves": ("ACTION", "waves"),
            "\x01VERSION\x01": ("VERSION", ""),
            "\x01\x01": ("", ""), "\x01PING 1 2\x01x": ("PING", "1 2"), "\x01ACTION\x01": ("ACTION", ""),
        }.items():  # fmt: skip
            self.assertEqual(CtcpRequest(*read), ctcp(typed), repr(typed))
        self.assertIsNone(ctcp("hello \x01"))

    @given(letters)
    def test_action(self, text: str) -> None:
        """What is written as an action is read as one."""
        self.assertEqual(CtcpRequest("ACTION", text), ctcp(action(text)))
