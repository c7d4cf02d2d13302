"""
Files for their owner alone: nothing planted is written through, what is open is closed, what is another's is refused.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from twisted.logger import ILogObserver, formatEvent, globalLogPublisher
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatroom.backends.sqlite.file import DatabaseFile
from chatroom.errors import Refused
from chatroom.private import NotOurs, keep_private, make, open_private


class MadeTests(SynchronousTestCase):
    """How files are made."""

    def setUp(self) -> None:
        """A file that is somebody's, and a link to it where one of ours is to be."""
        self.victim, self.planted = Path(self.mktemp()), Path(self.mktemp())
        self.victim.write_text("precious")
        self.planted.symlink_to(self.victim)

    def test_links_are_not_followed(self) -> None:
        """Whether or not they lead to something."""
        self.assertRaises(OSError, open_private, self.planted)
        self.assertRaises(OSError, make, self.planted)
        self.assertEqual("precious", self.victim.read_text())
        self.victim.unlink()
        self.assertRaises(OSError, open_private, self.planted)
        self.assertFalse(self.victim.exists())

    def test_only_the_owner(self) -> None:
        """Whatever the umask is."""
        self.addCleanup(os.umask, os.umask(0))
        path = Path(self.mktemp())
        make(path)
        self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
        self.assertRaises(FileExistsError, make, path)


class KeptTests(SynchronousTestCase):
    """A data folder at the start of a daemon."""

    def setUp(self) -> None:
        """With a database that was made and left."""
        self.folder = Path(self.mktemp())
        self.path = self.folder / "chatroom.sqlite"
        self.open()

    def open(self) -> list[str]:
        """Start on it, and stop; what is logged."""
        logged: list[str] = []
        observer: ILogObserver = lambda event: logged.append(formatEvent(event))  # type: ignore[assignment]  # noqa: E731
        globalLogPublisher.addObserver(observer)
        file = DatabaseFile(self.path)
        try:
            file.open(0.0)
            file.connect().close()
        finally:
            file.close()
            globalLogPublisher.removeObserver(observer)
        return logged

    def mode(self, path: Path) -> int:
        """Who may do what with it."""
        return stat.S_IMODE(path.stat().st_mode)

    def test_what_is_open_is_closed(self) -> None:
        """The folder, and each file of the database; the log names them."""
        files = [self.path, *(self.path.with_name(f"{self.path.name}{end}") for end in ("-wal", "-shm", ".lock"))]
        for file in files:
            file.touch()
            file.chmod(0o644)
        self.folder.chmod(0o755)
        logged = self.open()
        self.assertEqual(5, len(logged), logged)
        self.assertEqual(0o700, self.mode(self.folder))
        self.assertEqual({0o600}, {self.mode(path) for path in self.folder.iterdir()})
        self.assertEqual([], self.open())

    def refusal(self) -> str:
        """Why it is not opened."""
        return str(self.assertRaises(Refused, self.open).sentence)

    def test_links(self) -> None:
        """One that was planted in the place of any file of ours is refused, and nothing is written through it."""
        victim = Path(self.mktemp()).absolute()
        for end in ("", "-wal", "-shm", ".lock"):
            planted = self.path.with_name(f"{self.path.name}{end}")
            planted.unlink(missing_ok=True)
            planted.symlink_to(victim)
            self.assertIn(f"{planted} is a symbolic link", self.refusal())
            self.assertFalse(victim.exists())
            planted.unlink()

    def test_of_somebody_else(self) -> None:
        """The folder or a file that belongs to another user is refused, and both users are named."""
        if os.geteuid() != 0:
            raise SkipTest("Only root can give a file away.")
        for path in (self.path, self.folder):
            os.chown(path, 1, 1)
            sentence = self.refusal()
            self.assertIn(f"{path} belongs to daemon, and this is root", sentence)
            self.assertTrue(sentence.endswith("."), sentence)
            os.chown(path, 0, 0)
        self.open()

    def test_folder_for_everybody(self) -> None:
        """Such as /tmp is not made private: that would hurt all others."""
        self.folder.chmod(0o1777)
        self.assertIn("is a folder for everybody", self.refusal())
        self.assertEqual(0o1777, self.mode(self.folder))

    def test_nothing_is_there(self) -> None:
        """Where there is nothing, nothing has to be done."""
        nowhere = Path(self.mktemp())
        self.assertEqual([], keep_private(nowhere, [nowhere / "x"]))
        self.assertRaises(NotOurs, keep_private, Path("/tmp"), [])
