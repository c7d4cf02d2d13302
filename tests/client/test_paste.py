"""
What is pasted and what is typed, told apart by how the keys come.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.paste import BEGIN, END, PAUSE, Pasting
from tests.client.visitors import keys

READS = st.lists(st.lists(st.sampled_from(["a", "/", " ", "enter", "up", "ctrl c", "tab", BEGIN, END]), max_size=6))


class PasteTests(SynchronousTestCase):
    """Keys as they are read from a terminal, and as they are taken."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.taken: list[Any] = []
        self.pasting = Pasting(self.clock, self.taken.extend)

    def read(self, *texts: str | list[str]) -> None:
        """Each of these is read at once, and the next right behind."""
        for text in texts:
            self.pasting.came(keys(text) if isinstance(text, str) else text)

    def pause(self) -> None:
        """Nothing comes for a while."""
        self.clock.advance(PAUSE)

    def takes(self, *expected: str) -> None:
        """After a pause, these are all the keys taken since the last time."""
        self.pause()
        self.assertEqual(list(expected), self.taken)
        self.taken.clear()

    def test_typing(self) -> None:
        """One key after another is taken at once, Enter as well."""
        for key in [*"hi", "enter", "up", "enter"]:
            self.read([key])
            self.assertEqual([key], self.taken)
            self.takes(key)

    def test_a_line_at_once(self) -> None:
        """A line that a program types at once is typed, with its Enter."""
        self.read("/quit\n")
        self.takes(*"/quit", "enter")
        self.read("hi\n\n")
        self.takes(*"hi", "enter", "enter")

    def test_several_lines_at_once(self) -> None:
        """Several lines in one read are a paste."""
        self.read("first\n@x second\n/quit\n")
        self.takes(BEGIN, *"first", "enter", *"@x second", "enter", *"/quit", "enter", END)

    def test_several_reads(self) -> None:
        """A paste that comes in several reads is one, wherever it was cut."""
        text = "first\n@x second\n/quit\n"
        for at in range(2, len(text) - 1):
            self.read(text[:at], text[at:])
            self.takes(BEGIN, *keys(text), END)
        self.read("first\n", "/quit\n")
        self.takes(BEGIN, *keys("first\n/quit\n"), END)

    def test_an_end_before_text(self) -> None:
        """A text that begins with the end of a line is a paste as well."""
        self.read("\n/quit")
        self.takes(BEGIN, "enter", *"/quit", END)

    def test_marked(self) -> None:
        """What a terminal marks is taken as it comes, and what is typed behind it is typed."""
        self.read([BEGIN, *"a", "enter"], [*"/quit", "enter", END])
        self.assertEqual([BEGIN, *"a", "enter", *"/quit", "enter", END], self.taken)
        self.taken.clear()
        self.read(["enter"])
        self.takes("enter")
        self.read([*"x", "enter"])
        self.takes(*"x", "enter")

    def test_the_mark_of_the_end_inside(self) -> None:
        """A text with the mark of its end in it is a paste all the same, and so is what it holds behind the mark."""
        self.read([BEGIN, "a", END, "ctrl u", *"/quit", "enter", END])
        self.takes(BEGIN, "a", END, BEGIN, "ctrl u", *"/quit", "enter", END)

    def test_no_end(self) -> None:
        """Where the mark of the end was lost, Ctrl+C ends the paste."""
        self.read([BEGIN, "a"])
        self.pause()
        self.read(["ctrl c"])
        self.takes(BEGIN, "a", END)
        self.read(["ctrl c"])
        self.takes("ctrl c")

    @given(READS)
    def test_whatever_comes(self, reads: list[list[str]]) -> None:
        """Marks come in pairs, no key is lost but a mark out of place, and no line end is obeyed before other text."""
        taken: list[list[Any]] = []
        pasting = Pasting(clock := Clock(), taken.append)
        for read in reads:
            pasting.came(read)
        clock.advance(PAUSE)
        pasting.came([END])
        clock.advance(PAUSE)
        flat = [key for piece in taken for key in piece]
        marks = [key for key in flat if key in (BEGIN, END)]
        self.assertEqual([BEGIN, END] * (len(marks) // 2), marks)
        self.assertEqual(
            sum(key not in (BEGIN, END, "ctrl c") for read in reads for key in read),
            sum(key not in (BEGIN, END, "ctrl c") for key in flat),
        )
        for piece in taken:
            if BEGIN not in piece and "enter" in piece:
                behind = piece[piece.index("enter") :]
                self.assertFalse({"a", "/", " "} & set(behind), piece)
