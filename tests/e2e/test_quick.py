"""
A copy of a prepared twistd is a daemon like any other: otherwise the tests that use one would prove nothing.
"""

from __future__ import annotations

from pathlib import Path

from tests.e2e.daemon import Daemon
from tests.e2e.daemon_case import DaemonCase
from tests.e2e.people import Peer
from tests.e2e.quick import QuickDaemon


class CopyTests(DaemonCase):
    """Beside a twistd that was started in the usual way."""

    def copy(self, name: str, *options: str) -> QuickDaemon:
        """One more, in a folder of its own."""
        daemon = QuickDaemon(self.folder / name, *options)
        self.addCleanup(daemon.close)
        return daemon

    def knows(self, daemon: Daemon) -> dict[str, object]:
        """What a process has that its tests could notice: its arguments, folder, environment, standard files."""
        process = Path(f"/proc/{daemon.pid}")
        standard = [(process / "fd" / number).readlink() for number in "012"]
        self.assertEqual([Path("/dev/null"), daemon.folder / "output.log", daemon.folder / "output.log"], standard)
        return {
            "folder": (process / "cwd").readlink() == daemon.folder,
            "files": sorted(each.name for each in daemon.folder.rglob("*") if each.suffix != ".lock"),
            "log": [line.partition("] ")[2] for line in daemon.log.splitlines() if "starting up" not in line][:1],
            "open": len(list((process / "fd").iterdir())),
        }

    def test_nothing_is_different(self) -> None:
        """It has the folder, the standard files, the data and the log of any daemon, and no more open files."""
        usual, copy = Daemon(self.folder / "usual"), self.copy("copy")
        self.addCleanup(usual.close)
        for each in (usual, copy):
            each.start()
        self.assertEqual(self.knows(usual), self.knows(copy))

    def test_each_is_on_its_own(self) -> None:
        """Of two copies, each has its own options and people; one that is killed or stopped leaves the other alone."""
        north, south = self.copy("north", "--name", "North"), self.copy("south", "--name", "South")
        for each in (north, south):
            each.start()
            peer = Peer(each.port)
            self.addCleanup(peer.close)
            peer.sends(b"alice\n")
            peer.reads(b"Registration successful")
        north.kill()
        self.assertFalse(north.alive())
        self.assertTrue(south.alive())
        north.start()
        self.assertEqual((0, 0), (north.stop(), south.stop()))

    def test_how_it_ends(self) -> None:
        """A start that fails ends with status 1 and its sentence in the log, and is noticed at once."""
        broken = self.copy("broken", "--line-length", "3")
        self.assertIn("twistd ended with 1", str(self.assertRaises(AssertionError, broken.start)))
        self.assertIn("line-length", broken.log)
