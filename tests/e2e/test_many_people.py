"""
docs/many-people.rst is true: with its settings, more people join at once from one address than without them.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.blocks import blocks
from tests.e2e.daemon import PATIENCE, Daemon
from tests.e2e.people import HOST

PAGE = "docs/many-people.rst"

PEOPLE = 300
"""More than any limit by address lets in that is not one of the page's."""


def settings() -> Iterator[str]:
    """The files of settings that the page shows."""
    return (block.text for block in blocks(PAGE) if block.kind == "ini")


class ManyPeopleTests(SynchronousTestCase):
    """A school of people at one address, who all join at once."""

    def daemon(self, text: str) -> Daemon:
        """One with these settings."""
        folder = Path(self.mktemp()).resolve()
        folder.mkdir()
        (folder / "chatroom.ini").write_text(text)
        daemon = Daemon(folder, "--config", "chatroom.ini")
        self.addCleanup(daemon.close)
        daemon.start()
        return daemon

    def join(self, daemon: Daemon, people: int) -> list[bytes]:
        """What each reads until it is registered or closed; all of them stay until the last one has its answer."""
        said = {}
        with ExitStack() as stack, selectors.DefaultSelector() as selector:
            for number in range(people):
                peer = stack.enter_context(socket.create_connection((HOST, daemon.port), PATIENCE))
                peer.sendall(b"pupil%d\n" % number)
                said[peer] = b""
                selector.register(peer, selectors.EVENT_READ)
            deadline = time.monotonic() + PATIENCE
            while selector.get_map() and time.monotonic() < deadline:
                for key, _ in selector.select(1):
                    peer = key.fileobj  # type: ignore[assignment]
                    try:
                        more = peer.recv(65536)
                    except ConnectionResetError:
                        more = b""
                    said[peer] += more
                    if not more or b"Registration successful" in said[peer]:
                        selector.unregister(peer)
        return list(said.values())

    def test_with_the_settings_of_the_page(self) -> None:
        """Everybody is in."""
        (text,) = settings()
        said = self.join(self.daemon(text), PEOPLE)
        self.assertEqual([], [each for each in said if b"Registration successful" not in each])

    def test_without(self) -> None:
        """With the defaults most are refused, so that the test above proves something."""
        said = self.join(self.daemon("[chatroom]\n"), PEOPLE)
        self.assertLess(sum(b"Registration successful" in each for each in said), PEOPLE / 2)
        self.assertTrue(any(b"from your address" in each for each in said))
