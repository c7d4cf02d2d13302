"""
Commands to the terminal: titles, notifications and links, and what somebody may choose of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import SkipTest

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.hyperlinks import LONGEST, link_style
from chatroom.client.links import links
from chatroom.client.main import arguments, preferences
from chatroom.client.osc import LONGEST_NOTE, notification, one_line, title_of
from chatroom.client.preferences import Preferences, for_terminal, read


class CommandTests(SynchronousTestCase):
    """What is written."""

    def test_kinds(self) -> None:
        """The bell, OSC 9, OSC 777, or nothing."""
        self.assertEqual("\a", notification("bell", "bob: hi"))
        self.assertEqual("\x1b]9;bob: hi\a", notification("osc9", "bob: hi"))
        self.assertEqual("\x1b]777;notify;chatroom;bob: hi, there\a", notification("osc777", "bob: hi; there"))
        self.assertEqual("", notification("off", "bob: hi"))
        self.assertEqual("\x1b]0;lobby\a", title_of("lobby"))

    @given(st.text())
    def test_nothing_ends_it_early(self, text: str) -> None:
        """Whatever others say: one line without control characters, and not a long one."""
        made = one_line(text)
        self.assertTrue(made.isprintable())
        self.assertLessEqual(len(made), LONGEST_NOTE)


class LinkTests(SynchronousTestCase):
    """Addresses as links of the terminal."""

    @given(st.text().map(lambda text: f"https://example.org/{text}"))
    def test_targets(self, text: str) -> None:
        """A target is printable ASCII, and begins as an address of the web does."""
        for start, end in links(text):
            style: Any = link_style(text[start:end])
            if style != "link":
                self.assertRegex(style.hyperlink.uri, r"^https?://[!-~]*$")

    def test_letters_beyond_ascii(self) -> None:
        """They are written as bytes of UTF-8 (RFC 3987, 3.1); what is encoded already stays."""
        style: Any = link_style("https://example.org/\u00fc%20x")
        if style == "link":
            raise SkipTest("This urwid, which Python 3.10 still gets, draws no links.")
        self.assertEqual("https://example.org/%C3%BC%20x", style.hyperlink.uri)

    def test_too_long(self) -> None:
        """What some terminals refuse is no link."""
        self.assertEqual("link", link_style("https://example.org/" + "x" * LONGEST))


class PreferencesTests(SynchronousTestCase):
    """The file, the command line, and the terminal."""

    def file(self, text: str) -> Path:
        """A file that says this."""
        path = Path(self.mktemp())
        path.write_text(text, encoding="utf-8")
        return path

    def chosen(self, text: str, *words: str, term: str = "xterm-256color") -> Preferences:
        """What counts."""
        return preferences(arguments().parse_args(words), self.file(text), term)

    def test_nothing_chosen(self) -> None:
        """The bell, a title and links; there need be no file."""
        self.assertEqual(Preferences(), read(Path(self.mktemp())))
        self.assertEqual(Preferences("bell", "on", "on", "joined"), self.chosen(""))

    def test_chosen(self) -> None:
        """The file counts, and the command line more."""
        text = "[client]\nnotify = osc9\nrooms = activity\n"
        self.assertEqual(Preferences("osc9", "on", "on", "activity"), self.chosen(text))
        words = ("--notify", "off", "--no-title", "--no-links", "--rooms", "joined")
        self.assertEqual(Preferences("off", "off", "off", "joined"), self.chosen(text, *words))

    def test_terminals_that_cannot(self) -> None:
        """The console of Linux and terminals of hardware are left alone, but for the bell."""
        for term in ("linux", "dumb", "vt220", ""):
            self.assertEqual(Preferences("bell", "off", "off", "joined"), for_terminal(Preferences("osc777"), term))
        self.assertEqual("off", for_terminal(Preferences("off"), "linux").notify)

    def test_mistakes(self) -> None:
        """Each is a sentence with the name of the file, and a near miss is named."""
        for text, why in (
            ("[client]\nnotfy = bell\n", "There is no setting 'notfy'. Did you mean notify?"),
            ("[client]\nnotify = loud\n", "notify is one of bell, osc9, osc777, off, not 'loud'."),
            ("[server]\n", "there is no section [server]"),
            ("notify = bell\n", "cannot be read"),
        ):
            path = self.file(text)
            error = self.assertRaises(ValueError, read, path)
            self.assertIn(why, str(error))
            self.assertIn(str(path), str(error))
