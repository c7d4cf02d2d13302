"""
C{chatroom-admin backup} and C{restore}: a copy made while people talk holds all that was kept by then.
"""

from __future__ import annotations

import io
import sqlite3
import stat
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom import tap
from chatroom.admin.backup import DATABASE
from chatroom.admin.main import main
from chatroom.backends.sqlite_file import DatabaseFile


class BackupTests(SynchronousTestCase):
    """
    A data folder with a database that is open, as a daemon has it.

    @ivar daemon: its connection.
    """

    def setUp(self) -> None:
        self.data = Path(self.mktemp())
        self.copy = Path(self.mktemp())
        self.file = DatabaseFile(self.data / DATABASE)
        self.file.open(0.0)
        self.addCleanup(self.file.close)
        self.daemon = self.file.connect()
        self.addCleanup(self.daemon.close)
        self.add_room("tea")

    def add_room(self, name: str) -> None:
        """The daemon keeps something; it stays in the log beside the database for a while."""
        self.daemon.execute("INSERT INTO room (name, last) VALUES (?, 0)", (name,))

    def admin(self, *words: object) -> tuple[int, str]:
        """Exit status and what it wrote."""
        written = io.StringIO()
        with redirect_stdout(written), redirect_stderr(written):
            status = main([str(word) for word in words])
        return status, written.getvalue()

    def rooms(self, path: Path) -> list[str]:
        """What a database holds."""
        with closing(sqlite3.connect(path)) as opened:
            return [name for (name,) in opened.execute("SELECT name FROM room ORDER BY id")]

    def test_same_name_as_the_daemon_has(self) -> None:
        """It looks for the file that the daemon makes."""
        self.assertEqual(tap.DATABASE, DATABASE)

    def test_while_it_runs(self) -> None:
        """A copy is whole, one file, for its owner alone, and the daemon goes on."""
        status, said = self.admin("backup", "--data", self.data, self.copy)
        self.assertEqual((0, f"{self.copy} is a whole copy of {self.copy.stat().st_size:,} bytes.\n"), (status, said))
        self.add_room("coffee")
        self.assertEqual(["tea"], self.rooms(self.copy))
        self.assertEqual(["tea", "coffee"], self.rooms(self.data / DATABASE))
        self.assertEqual(0o600, stat.S_IMODE(self.copy.stat().st_mode))
        self.assertEqual([], list(self.copy.parent.glob("*.part")))

    def test_folder_without_its_option(self) -> None:
        """As timers may have it that were set up long ago; to name two is a mistake."""
        self.assertEqual(0, self.admin("backup", self.data, self.copy)[0])
        folder = Path(self.mktemp())
        self.assertEqual(0, self.admin("restore", self.copy, folder)[0])
        self.assertEqual(["tea"], self.rooms(folder / DATABASE))
        with self.assertRaises(SystemExit) as ended, redirect_stderr(io.StringIO()) as said:
            main(["backup", str(self.data), str(self.copy), "--data", str(folder)])
        self.assertEqual(2, ended.exception.code)
        self.assertIn("which folder", said.getvalue())

    def test_settings_say_where(self) -> None:
        """As for all other words."""
        settings = Path(self.mktemp())
        settings.write_text(f"[chatroom]\ndata = {self.data.absolute()}\n")
        self.assertEqual(0, self.admin("backup", "--config", settings, self.copy)[0])
        self.assertEqual(["tea"], self.rooms(self.copy))

    def test_in_the_middle_of_a_commit(self) -> None:
        """What the daemon has not committed yet is not in the copy, and is not disturbed by it."""
        self.daemon.execute("BEGIN IMMEDIATE")
        self.add_room("half")
        self.assertEqual(0, self.admin("backup", "--data", self.data, self.copy)[0])
        self.daemon.execute("COMMIT")
        self.assertEqual(["tea"], self.rooms(self.copy))
        self.assertEqual(["tea", "half"], self.rooms(self.data / DATABASE))

    def test_restore(self) -> None:
        """Put back into an empty folder, a copy is a database that the daemon takes."""
        self.admin("backup", "--data", self.data, self.copy)
        folder = Path(self.mktemp())
        self.assertEqual(0, self.admin("restore", self.copy, "--data", folder)[0])
        file = DatabaseFile(folder / DATABASE)
        file.open(0.0)
        self.addCleanup(file.close)
        self.assertEqual(["tea"], self.rooms(folder / DATABASE))

    def assert_refused(self, *words: object, because: str) -> None:
        """It says why in one line, and leaves everything as it was."""
        before = sorted(self.data.iterdir())
        status, said = self.admin(*words)
        self.assertEqual((1, 1), (status, said.count("\n")), said)
        self.assertIn(because, said)
        self.assertEqual(before, sorted(self.data.iterdir()))

    def test_nothing_is_overwritten(self) -> None:
        """Neither a copy nor a database that is there is replaced."""
        self.admin("backup", "--data", self.data, self.copy)
        before = self.copy.read_bytes()
        self.add_room("coffee")
        self.assert_refused("backup", "--data", self.data, self.copy, because="file exists")
        self.assertEqual(before, self.copy.read_bytes())
        self.assert_refused("restore", "--data", self.data, self.copy, because=f"holds {DATABASE}, ")

    def test_left_log(self) -> None:
        """A log without its database would be taken for that of the copy: it has to go first."""
        self.admin("backup", "--data", self.data, self.copy)
        folder = Path(self.mktemp())
        folder.mkdir()
        (folder / f"{DATABASE}-wal").touch()
        self.assert_refused("restore", "--data", folder, self.copy, because=f"holds {DATABASE}-wal. Stop the daemon")

    def test_no_database(self) -> None:
        """A folder without one, or a file that is none, is refused."""
        self.assert_refused("backup", self.mktemp(), self.copy, because=f"holds no {DATABASE}")
        self.assert_refused("restore", self.mktemp(), self.mktemp(), because="is not there")
        rubbish = Path(self.mktemp())
        rubbish.write_text("rubbish" * 1000)
        self.assert_refused("restore", rubbish, self.mktemp(), because="file is not a database")
        with closing(sqlite3.connect(self.copy)) as other:
            other.execute("CREATE TABLE tune (name)")
        self.assert_refused("restore", self.copy, self.mktemp(), because="is not a chatroom's database")

    def test_damaged(self) -> None:
        """A copy that is damaged is not put anywhere."""
        for number in range(2000):
            self.add_room(f"room{number}")
        self.admin("backup", "--data", self.data, self.copy)
        whole = self.copy.read_bytes()
        middle = len(whole) // 2 // 4096 * 4096
        self.copy.write_bytes(whole[:middle] + b"\xff" * 4096 + whole[middle + 4096 :])
        folder = Path(self.mktemp())
        status, said = self.admin("restore", self.copy, "--data", folder)
        self.assertEqual(1, status, said)
        self.assertEqual([], list(folder.iterdir()))
