"""
Clients of other servers at the line door: told so, and nothing of what they send is talk.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.line.wrong_protocol import answer_to
from chatroom.testing import Line, Server

LONGEST = 4096


class RequestTests(SynchronousTestCase):
    """A page in somebody's browser has this address asked for, and sends along what it likes."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")
        self.bob.reads()

    def sends(self, start: bytes) -> bytes:
        """A request, and a body that would be a nickname and talk; in pieces and in one. What comes back."""
        data = start + b" HTTP/1.1\r\nHost: localhost\r\n\r\nmallory\nbuy my things\n"
        for size in (len(data), 1000):
            line = Line(self.server, "192.0.2.1")
            for at in range(0, len(data), size):
                line.sends(data[at : at + size])
            answer = line.receives()
            self.assertTrue(line.is_disconnected(), start[:20])
        return answer

    def test_address_too_long_for_a_line(self) -> None:
        """The request is known by how it begins."""
        for start in (b"POST /", b"GET /?" + b"b" * 100_000, b"POST http://localhost/"):
            start += b"a" * LONGEST
            self.assertTrue(self.sends(start).startswith(b"HTTP/1.1 400 "))
        self.assertEqual([], self.bob.reads())

    def test_address_of_any_length(self) -> None:
        """Around the longest line there is no length that slips through."""
        for length in range(LONGEST - 20, LONGEST + 5):
            self.assertTrue(self.sends(b"POST /" + b"a" * length).startswith(b"HTTP/1.1 400 "), length)
        self.assertEqual([], self.bob.reads())

    def test_people_who_type_a_lot(self) -> None:
        """A line that is too long is refused, and who typed it may go on."""
        line = Line(self.server, "192.0.2.1")
        line.sends(b"HELLO everybody " + b"a" * LONGEST + b"\nalice\n")
        self.assertIn(b"too long", line.receives())
        self.assertEqual(["-- alice joined."], self.bob.reads())


class SecureShellTests(SynchronousTestCase):
    """C{ssh -p 64700}, and those who try every port for it."""

    def test_version_is_no_nickname(self) -> None:
        """The client is told in a line that it shows when asked to, and let go."""
        server = Server()
        bob = server.guest("bob")
        for version in (b"SSH-2.0-Go\r\n", b"SSH-2.0-OpenSSH_9.6\r\n", b"SSH-1.99-x y\n"):
            line = Line(server, "192.0.2.1")
            line.sends(version)
            self.assertTrue(line.receives().startswith(b"This is a chat server, not an SSH server."), version)
            self.assertTrue(line.is_disconnected())
        bob.reads()
        self.assertEqual(["bob"], list(server.doorkeeper.nicks()))

    def test_a_nickname_may_begin_like_it(self) -> None:
        """Nobody else is mistaken for one."""
        for start in (b"SSH", b"SSH-fan", b"ssh-2.0-go"):
            self.assertIsNone(answer_to(start, True, LONGEST))
