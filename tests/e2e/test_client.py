"""
The client as people have it: the real program in a terminal, a real twistd, and nc on the other side.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import socket
import subprocess
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import PATIENCE
from tests.e2e.people import HOST, nc, need
from tests.e2e.quick import QuickDaemon
from tests.e2e.terminal import FAR_AWAY, Terminal, command, environment

BEYOND_CLIENTS = range(61_000, 64_700)
"""Ports above those of ip_local_port_range, and below our own."""


def lasting_port() -> int:
    """
    A port that is still free when the daemon is started again: beyond those that the system gives to outgoing
    connections, of which a client that tries to come back makes many. Any of them, as other tests run beside this one.
    """
    while True:
        port = secrets.choice(BEYOND_CLIENTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port


class ClientTests(SynchronousTestCase):
    """With a daemon that runs, and bob who uses nc."""

    def setUp(self) -> None:
        need("nc")
        self.folder = Path(self.mktemp()).absolute()
        self.daemon = QuickDaemon(self.folder, port=lasting_port())
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        self.url = f"chat://{HOST}:{self.daemon.port}"
        self.bob = nc("bob", self.daemon.port)
        self.addCleanup(self.bob.closes)
        self.bob.types("bob")
        self.bob.reads("Registration successful")

    def client(self, *arguments: str) -> Terminal:
        """One in a terminal of its own."""
        terminal = Terminal(self.folder, *arguments)
        self.addCleanup(terminal.close)
        return terminal

    def script(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """The client between pipes, to its end."""
        return subprocess.run(
            command(*arguments),
            input=typed,
            env=environment(self.folder),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def test_a_chat(self) -> None:
        """Luca joins, both talk, and what luca is typing stays while bob's line comes; then luca leaves."""
        luca = self.client("luca", self.url)
        luca.sees("Registration successful. You are luca.")
        luca.types("hello bob")
        self.bob.reads("<luca> hello bob")
        luca.presses("half a li")
        before = datetime.now(ZoneInfo(FAR_AWAY))
        self.bob.types("luca: hello!")
        screen = luca.sees("luca: hello!", "> half a li")
        self.assertIn("\a", luca.raw)
        self.assertRegex(screen, rf"({before:%H}|{datetime.now(ZoneInfo(FAR_AWAY)):%H}):\d\d")
        luca.resizes(60, 20)
        luca.sees("1:[lobby]")
        luca.presses("\x03")
        luca.types("/quit")
        self.assertEqual(0, luca.ends())
        self.bob.reads("luca left")
        self.assertIn("\x1b[?1049l", luca.raw, "the terminal is given back")

    def test_the_daemon_restarts(self) -> None:
        """It is shown, and mended by itself: an account needs no password again, and nothing is missing."""
        luca = self.client("luca", self.url)
        luca.sees("You are luca.")
        luca.types("/signup", "correct horse", "correct horse")
        luca.sees("luca is now your account")
        self.daemon.stop()
        luca.sees("No connection")
        self.daemon.start()
        luca.sees("Connected again.")
        luca.types("still here")
        luca.sees("still here")
        tokens = self.folder / "config" / "chatroom" / "tokens.json"
        self.assertEqual(0o600, tokens.stat().st_mode & 0o777)
        self.assertNotIn("correct horse", "".join(path.read_text() for path in tokens.parent.iterdir()))
        luca.types("/quit")
        self.assertEqual(0, luca.ends())
        again = self.client("luca", self.url)
        again.sees("Logged in as luca.")

    def test_plain(self) -> None:
        """The plain mode talks as well, and writes no more than lines."""
        luca = self.client("--plain", "luca", self.url)
        luca.sees("You are luca.")
        luca.types("hello bob")
        self.bob.reads("<luca> hello bob")
        self.bob.types("hi luca")
        luca.sees("<bob> hi luca")
        self.assertEqual(set(), set(re.findall(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", luca.raw)) - {"\x1b[K", "\x1b[?2004h"})
        luca.presses("\x04")
        luca.sees("Press Ctrl+D again to quit.")
        luca.presses("\x04")
        self.assertEqual(0, luca.ends())

    def test_form(self) -> None:
        """Without arguments it asks where to go; a wrong port is said, and one may try again."""
        luca = self.client()
        luca.sees("Welcome to chatroom")
        luca.presses("luca", "\x1b[A", "\x1b[F", *"\x7f" * 5, "1")
        luca.sees("luca")
        luca.types("")
        luca.sees("Nothing is listening on localhost port 1.")
        luca.presses("\x1b[A", "\x1b[F", *"\x7f" * 5, str(self.daemon.port))
        luca.types("")
        luca.sees("Registration successful. You are luca.")

    def test_scripts(self) -> None:
        """A line from a pipe is said; what is refused, and a server that is not there, are exit statuses."""
        done = self.script("backup", self.url, typed="The backup is done.\n")
        self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))
        self.bob.reads("<backup> The backup is done.")
        refused = self.script("backup", self.url, typed="/kick bob\n")
        self.assertEqual(1, refused.returncode)
        self.assertIn("can use /kick", refused.stderr)
        self.assertEqual(2, self.script("backup", "http://x").returncode)
        nobody = self.script("backup", f"chat://{HOST}:1", typed="hi\n")
        self.assertEqual(3, nobody.returncode)
        self.assertIn("Check the address and the port", nobody.stderr)

    def test_following(self) -> None:
        """Behind a pipe, what is said comes as lines, until whoever reads them has enough."""
        tail = subprocess.Popen(
            command("--follow", "tail", self.url),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=environment(self.folder),
            text=True,
        )
        self.addCleanup(tail.wait)
        self.addCleanup(tail.kill)
        self.bob.reads("tail joined")
        self.bob.types("one")
        assert tail.stdout is not None
        self.assertEqual("<bob> one\n", tail.stdout.readline())
        tail.stdout.close()
        self.bob.types("two")
        self.assertEqual(0, tail.wait(PATIENCE))
