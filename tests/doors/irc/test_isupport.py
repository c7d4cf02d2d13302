"""
005 says what the server can do, in lines that every client can read.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.isupport import PER_LINE, lines, value, words
from chatroom.limits import Limits


class IsupportTests(SynchronousTestCase):
    """The words of 005."""

    def test_limits(self) -> None:
        """Numbers are those of the server's limits."""
        said = words(
            Limits(nick_length=30, topic_length=99, room_length=20, bans_per_room=7, rooms_per_person=3), "den"
        )
        for word in (
            "NICKLEN=30",
            "TOPICLEN=99",
            "CHANNELLEN=21",
            "MAXLIST=b:7,I:200",
            "CHANLIMIT=#:3",
            "NETWORK=den",
            "WHOX",
        ):
            self.assertIn(word, said)
        self.assertIn("PREFIX=(ov)@+", said)
        self.assertIn("CHANMODES=bI,k,l,imnst", said)

    def test_history(self) -> None:
        """Only where there is CHATHISTORY does 005 name it."""
        self.assertTrue(any(word.startswith("CHATHISTORY=") for word in words(Limits(), "den")))
        self.assertFalse(any(word.startswith("CHATHISTORY") for word in words(Limits(), "den", history=False)))

    @given(st.text(min_size=1, max_size=40))
    def test_names(self, name: str) -> None:
        """Whatever the server is called, the word has no blank, no second equals sign and no control character."""
        (word,) = (word for word in words(Limits(), name) if word.startswith("NETWORK="))
        self.assertEqual(1, word.count("="))
        self.assertFalse(set(word) & {" ", "\r", "\n", "\0"})

    def test_blanks(self) -> None:
        """A blank is written as a number."""
        self.assertEqual("The\\x20Old\\x20House", value("The Old House"))

    def test_lines(self) -> None:
        """All words come, in lines of as many as fit beside a nickname and a text."""
        said = words(Limits(), "den")
        made = list(lines(said))
        self.assertEqual(said, [word for line in made for word in line])
        self.assertEqual({PER_LINE}, {len(line) for line in made[:-1]})
        self.assertLess(max(len(" ".join(line)) for line in made), 400)
