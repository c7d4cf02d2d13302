"""
End to end: a real twistd whose ports are UNIX sockets, as C{--port unix:PATH} says.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import PATIENCE
from tests.e2e.quick import QuickDaemon


class UnixPortTests(SynchronousTestCase):
    """For people of the same machine, or a proxy there."""

    def setUp(self) -> None:
        # trial's own folder may be too deep for the path of a socket.
        self.folder = Path(os.path.relpath(self.mktemp()))
        self.daemon = QuickDaemon(self.folder, "--port", "unix:chat.sock", "--web", "unix:web.sock")
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def asks(self, name: str, data: bytes) -> bytes:
        """All that is answered until the other side closes."""
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(PATIENCE)
            wire.connect(str(self.folder / name))
            wire.sendall(data)
            return b"".join(iter(lambda: wire.recv(65536), b""))

    def test_talk(self) -> None:
        """Somebody comes in, talks, and leaves; the next one reads it, and nothing is logged as a mistake."""
        self.assertIn(b"Registration successful", self.asks("chat.sock", b"alice\nhello\n/quit\n"))
        self.assertIn(b"<alice> hello", self.asks("chat.sock", b"bob\n/quit\n"))
        self.assertNotIn("Traceback", self.daemon.log)

    def test_page(self) -> None:
        """The page is there as well."""
        said = self.asks("web.sock", b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        self.assertIn(b"200 OK", said.splitlines()[0])
        self.assertNotIn("Traceback", self.daemon.log)
