"""
Telnet as people have it: the real program in a real tmux, and somebody who talks while a line is half typed.
"""

from __future__ import annotations

import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.line.character_mode import STILL_PASTED
from tests.e2e.daemon import until
from tests.e2e.people import HOST, nc, need
from tests.e2e.quick import QuickDaemon
from tests.e2e.windows import Window


class TelnetTests(SynchronousTestCase):
    """With a daemon that runs, bob who uses nc, and alice who uses telnet in windows of two sizes."""

    def setUp(self) -> None:
        need("nc", "telnet", "tmux")
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.daemon = QuickDaemon(self.folder, "--talk-rate", "off")
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        self.bob = nc("bob", self.daemon.port)
        self.addCleanup(self.bob.closes)
        self.bob.types("bob")
        self.bob.reads("Registration successful")

    def telnet(self, nick: str, columns: int, rows: int) -> Window:
        """Somebody in the lobby, in character mode."""
        window = Window(columns, rows, "telnet", HOST, str(self.daemon.port))
        self.addCleanup(window.close)
        window.has("What is your nickname?")
        window.presses(nick, "Enter")
        self.bob.reads(f"{nick} joined.")
        window.has("/history")
        window.presses("x")
        window.has("x")
        window.presses("BSpace")
        return window

    def test_others_talk(self) -> None:
        """At 80x24 and at 40x15, what bob says is broken at words above alice's line, which stays whole and goes on."""
        said = "one two three four five six seven eight nine ten eleven twelve"
        for nick, columns, rows in (("alice", 80, 24), ("carol", 40, 15)):
            alice = self.telnet(nick, columns, rows)
            alice.presses("I am half way", "Left", "Left")
            alice.has("I am half way")
            self.bob.types(said)
            broken = (
                [f"<bob> {said}"]
                if columns == 80
                else ["<bob> one two three four five six seven", "  eight nine ten eleven twelve"]
            )
            alice.sees(*broken, "I am half way")
            self.assertEqual(11, alice.cursor())
            alice.presses("End", " through", "Enter")
            self.bob.reads(f"<{nick}> I am half way through")
            alice.presses("Up")
            alice.sees("I am half way through", "I am half way through")

    def test_resized(self) -> None:
        """A line that is too long for the window scrolls, and when the window becomes wider it stands there whole."""
        alice = self.telnet("alice", 40, 15)
        text = "a line that is longer than forty columns, by far"
        alice.presses(text)
        until("the line to scroll", lambda: alice.rows()[-1].startswith("<") and alice.rows()[-1].endswith("by far"))
        alice.resizes(100, 15)
        alice.sees(text)
        alice.presses("Enter")
        self.bob.reads(f"<alice> {text}")

    def test_paste(self) -> None:
        """Several pasted lines wait for Enter and are one message, with the marks of the terminal and without."""
        alice = self.telnet("alice", 80, 24)
        for marked in (True, False):
            alice.pastes("first\n@bob second\n/quit\n", marked)
            until("the text to be there", lambda: "first\u21b5@bob second\u21b5/quit" in alice.rows()[-1])
            time.sleep(10 * STILL_PASTED)  # no person presses Enter sooner, and what comes sooner was pasted as well
            alice.presses("Enter")
            self.bob.reads("<alice> first")
            self.bob.reads("<alice> @bob second")
            self.bob.reads("<alice> /quit")

    def test_secrets(self) -> None:
        """A password is not shown while it is typed, nor when somebody talks, nor in the end."""
        alice = self.telnet("alice", 80, 24)
        alice.presses("/signup", "Enter")
        alice.has("Type the password for /signup.")
        alice.presses("correct horse")
        self.bob.types("hello")
        alice.sees("<bob> hello")
        alice.presses("Enter")
        alice.has("Repeat the password")
        alice.presses("correct horse", "Enter")
        alice.has("is now your account")
        self.assertNotIn("horse", "\n".join(alice.rows()))

    def test_the_window_is_closed(self) -> None:
        """What was half typed is not said."""
        alice = self.telnet("alice", 80, 24)
        alice.presses("I hate")
        alice.has("I hate")
        alice.close()
        self.bob.reads("alice left")
        self.assertFalse(self.bob.has_read("I hate"))

    def test_line_mode(self) -> None:
        """Telnet's own C{mode line} goes back: the terminal edits, and the server shows nothing."""
        alice = self.telnet("alice", 80, 24)
        alice.presses("C-]")
        alice.has("telnet>")
        alice.presses("mode line", "Enter")
        alice.presses("hello", "Enter")
        self.bob.reads("<alice> hello")
