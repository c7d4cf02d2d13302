"""
The clock of the machine is set while a real twistd runs: people stay, and nothing that waits waits for a day.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import Daemon
from tests.e2e.people import Peer

DAY = 24 * 3600
YEAR = 365 * DAY


class SkewedDaemon(Daemon):
    """A daemon with a time of day of its own."""

    @property
    def _ahead(self) -> Path:
        return self.folder / "ahead"

    def set_clock(self, seconds: float) -> None:
        """It is so many seconds ahead from now on."""
        written = self._ahead.with_suffix(".new")
        written.write_text(str(seconds))
        os.replace(written, self._ahead)

    def program(self) -> list[str]:
        """See L{tests.e2e.skewed}."""
        return [sys.executable, "-m", "tests.e2e.skewed", str(self._ahead)]


class ClockTests(SynchronousTestCase):
    """A year forward, and a day back."""

    def setUp(self) -> None:
        self.daemon = SkewedDaemon(Path(self.mktemp()).absolute(), "--idle-time", "3600", "--talk-burst", "5")
        self.addCleanup(self.daemon.close)
        self.daemon.set_clock(0)
        self.daemon.start()

    def peer(self) -> Peer:
        """Somebody who has connected, and was greeted."""
        peer = Peer(self.daemon.port)
        self.addCleanup(peer.close)
        peer.reads_next(b"What is your nickname?")
        return peer

    def guest(self, nick: str) -> Peer:
        """Somebody in the lobby."""
        peer = self.peer()
        peer.sends(f"{nick}\n".encode())
        peer.reads_next(b"Registration successful")
        return peer

    def test_people_stay(self) -> None:
        """Nobody is idle because of it, talk goes on at its pace, and whoever comes is greeted."""
        alice, bob = self.guest("alice"), self.guest("bob")
        for ahead in (YEAR, -DAY, 0):
            self.daemon.set_clock(ahead)
            self.guest(f"guest{abs(ahead)}")
            alice.sends(b"".join(b"%d line %d\n" % (ahead, number) for number in range(8)))
            for number in range(8):
                bob.reads_next(b"<alice> %d line %d\n" % (ahead, number))
        history = Peer(self.daemon.port)
        self.addCleanup(history.close)
        history.sends(b'{"id": 1, "do": "hello", "nick": "robot"}\n{"id": 2, "do": "history", "since": 0}\n')
        history.reads(b'"more":false')
        places = [history.received.index(b'"%d line 7' % ahead) for ahead in (YEAR, -DAY, 0)]
        self.assertEqual(sorted(places), places)
        self.assertNotIn("Traceback", self.daemon.log)
