"""
A daemon of one test.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import Daemon


class DaemonCase(SynchronousTestCase):
    """A folder for each test, and no daemon left when it ends."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir(parents=True)

    def daemon(self, *options: str, port: int | None = None) -> Daemon:
        """One that is not started yet."""
        daemon = Daemon(self.folder, *options, port=port)
        self.addCleanup(daemon.close)
        return daemon
