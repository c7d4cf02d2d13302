"""
Text pasted into the client in a real tmux, with the marks of bracketed paste and without.
"""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import until
from tests.e2e.people import HOST, nc, need
from tests.e2e.quick import QuickDaemon
from tests.e2e.terminal import command, environment

PASTED = "first\n@bob second\n/quit\n"


class Tmux:
    """A tmux server of its own, with one window and the client in it."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        # The path of a UNIX socket has at most 107 bytes, and the folder of a test may be longer than that alone.
        self._short = TemporaryDirectory(prefix="tmux")
        self._socket = Path(self._short.name, "socket")
        program = shlex.join(command(*arguments))
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh", env=environment(folder))
        self.presses(f"{program}; echo the end", "Enter")

    def _tmux(self, *arguments: str, env: dict[str, str] | None = None, typed: str | None = None) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), *arguments],
            env=env,
            input=typed,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def presses(self, *keys: str) -> None:
        """Keys, as tmux names them."""
        self._tmux("send-keys", *keys)

    def pastes(self, text: str, marked: bool) -> None:
        """Text from tmux's own buffer."""
        self._tmux("load-buffer", "-", typed=text)
        self._tmux("paste-buffer", *(["-p"] if marked else []))

    def screen(self) -> str:
        """What stands in the window."""
        return self._tmux("capture-pane", "-p")

    def sees(self, text: str) -> None:
        """Wait until this stands in the window."""
        until(f"{text!r} in tmux", lambda: text in self.screen())

    def wants_marks(self) -> bool:
        """Whether what runs in the window has asked for marks around pasted text, as tmux itself shows by pasting."""
        self._tmux("load-buffer", "-", typed="m")
        self._tmux("paste-buffer", "-p")
        return "^[[200~" in self.screen()

    def close(self) -> None:
        """For the end of a test."""
        subprocess.run(["tmux", "-S", str(self._socket), "kill-server"], check=False, capture_output=True)
        self._short.cleanup()


class PasteTests(SynchronousTestCase):
    """With a daemon that runs, and bob who uses nc."""

    def setUp(self) -> None:
        need("nc", "tmux")
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.daemon = QuickDaemon(self.folder)
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        self.url = f"chat://{HOST}:{self.daemon.port}"
        self.bob = nc("bob", self.daemon.port)
        self.addCleanup(self.bob.closes)
        self.bob.types("bob")
        self.bob.reads("Registration successful")

    def luca(self, *arguments: str) -> Tmux:
        """The client in a tmux."""
        tmux = Tmux(self.folder, *arguments)
        self.addCleanup(tmux.close)
        return tmux

    def check_paste(self, luca: Tmux, marked: bool) -> None:
        """Nothing is said before Enter, and then all of it as one message; the client is still there."""
        luca.sees("You are luca.")
        if marked:  # then a single line is known to be pasted, too
            luca.pastes("/leave\n", marked)
            luca.sees("> /leave")
            luca.presses("C-u")
        luca.pastes(PASTED, marked)
        luca.sees("/quit")
        luca.presses("Enter")
        self.bob.reads("<luca> first")
        self.bob.reads("<luca> @bob second")
        self.bob.reads("<luca> /quit")
        self.assertFalse(self.bob.has_read("luca whispers"))
        luca.presses("still here", "Enter")
        self.bob.reads("<luca> still here")
        luca.presses("/quit", "Enter")
        luca.sees("the end")

    def test_marked_on_the_screen(self) -> None:
        """With C{paste-buffer -p}: tmux marks the text, as the client has asked for marks."""
        self.check_paste(self.luca("luca", self.url), marked=True)

    def test_unmarked_on_the_screen(self) -> None:
        """With C{paste-buffer}: several lines in one read are a paste as well."""
        self.check_paste(self.luca("luca", self.url), marked=False)

    def test_marked_in_plain_mode(self) -> None:
        """The same in the plain mode."""
        self.check_paste(self.luca("--plain", "luca", self.url), marked=True)

    def test_unmarked_in_plain_mode(self) -> None:
        """The same in the plain mode."""
        self.check_paste(self.luca("--plain", "luca", self.url), marked=False)

    def test_at_a_secret_question(self) -> None:
        """A password pasted with other lines behind it signs nobody up by itself, and none of it is said."""
        luca = self.luca("luca", self.url)
        luca.sees("You are luca.")
        luca.presses("/signup", "Enter")
        luca.sees("Password for /signup")
        luca.pastes("correct horse\nsay this\n/quit\n", marked=False)
        luca.sees("*************")
        luca.presses("Enter")
        luca.sees("Repeat the password")
        luca.pastes("correct horse\n", marked=True)
        luca.presses("Enter")
        luca.sees("luca is now your account")
        luca.presses("hello", "Enter")
        self.bob.reads("<luca> hello")
        self.assertFalse(self.bob.has_read("horse"))
        self.assertFalse(self.bob.has_read("say this"))

    def test_in_the_form(self) -> None:
        """Several lines pasted into the form fill one field and press no button."""
        luca = self.luca()
        luca.sees("Welcome to chatroom")
        for marked in (True, False):
            luca.pastes("luca\n/quit\n\n", marked)
            luca.sees("luca")
        self.assertIn("Connect", luca.screen())
        self.assertNotIn("/quit", luca.screen())

    def test_given_back(self) -> None:
        """Suspended by Ctrl+Z, and after its end, the client leaves a terminal that marks nothing."""
        luca = self.luca("--plain", "luca", self.url)
        luca.sees("You are luca.")
        luca.presses("half a li")
        luca.sees("> half a li")
        luca.presses("C-z")
        luca.sees("Stopped")  # the shell reads the keys from now on
        luca.presses("cat -v", "Enter")
        luca.sees("cat -v")
        self.assertFalse(luca.wants_marks())
        luca.presses("C-c")
        luca.presses("fg", "Enter")
        until("the line to be written again", lambda: luca.screen().count("> half a li") > 1)
        luca.presses("ne", "Enter")
        self.bob.reads("<luca> half a line")
        luca.pastes("one\ntwo\n", marked=True)
        luca.sees("one\u21b5two")
        luca.presses("C-u")
        luca.presses("/quit", "Enter")
        luca.sees("the end")
        luca.presses("cat -v", "Enter")
        self.assertFalse(luca.wants_marks())
