"""
C{chatroom-admin backup} and C{restore}: a copy made while people talk holds all that was kept by then.
"""

from __future__ import annotations

import io
import sqlite3
import stat
import sys
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom import tap
from chatroom.admin.backup import DATABASE, NOTE
from chatroom.admin.main import main
from chatroom.backends.sqlite.file import DatabaseFile, schema_steps
from chatroom.backends.sqlite.search import index
from chatroom.backends.sqlite.slices import Slice
from chatroom.daemon import metrics
from chatroom.errors import Refused


class FolderCase(SynchronousTestCase):
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

    def assert_refused(self, *words: object, because: str) -> None:
        """It says why in one line, and leaves everything as it was."""
        before = self.files()
        status, said = self.admin(*words)
        self.assertEqual((1, 1), (status, said.count("\n")), said)
        self.assertIn(because, said)
        self.assertEqual(before, self.files())

    def files(self) -> list[Path]:
        """What is in the data folder, but for the note of what became of a backup."""
        return sorted(path for path in self.data.iterdir() if path.name != NOTE)


class BackupTests(FolderCase):
    """Copies, and what becomes of them."""

    def test_same_name_as_the_daemon_has(self) -> None:
        """It looks for the file that the daemon makes."""
        self.assertEqual(tap.DATABASE, DATABASE)
        self.assertEqual(metrics.BACKUP, NOTE)

    def test_while_it_runs(self) -> None:
        """A copy is whole, one file, for its owner alone, and the daemon goes on."""
        status, said = self.admin("backup", "--data", self.data, self.copy)
        self.assertEqual(
            (0, f"{self.copy} is a complete copy of {self.copy.stat().st_size:,} bytes.\n"), (status, said)
        )
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
        self.assertIn("name the folder once", said.getvalue())

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

    def test_nothing_is_overwritten(self) -> None:
        """Neither a copy nor a database that is there is replaced."""
        self.admin("backup", "--data", self.data, self.copy)
        before = self.copy.read_bytes()
        self.add_room("coffee")
        self.assert_refused("backup", "--data", self.data, self.copy, because="file exists")
        self.assertEqual(before, self.copy.read_bytes())
        self.assert_refused("restore", "--data", self.data, self.copy, because=f"already has {DATABASE}, ")

    def test_left_log(self) -> None:
        """A log without its database would be taken for that of the copy: it has to go first."""
        self.admin("backup", "--data", self.data, self.copy)
        folder = Path(self.mktemp())
        folder.mkdir()
        (folder / f"{DATABASE}-wal").touch()
        self.assert_refused(
            "restore", "--data", folder, self.copy, because=f"already has {DATABASE}-wal. Stop the daemon"
        )

    def test_no_database(self) -> None:
        """A folder without one, or a file that is none, is refused."""
        self.assert_refused("backup", self.mktemp(), self.copy, because=f"there is no {DATABASE} in")
        self.assert_refused("restore", self.mktemp(), self.mktemp(), because="does not exist")
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

    def test_damaged_index_of_words(self) -> None:
        """A backup whose index only a search would find damaged is not called whole, wherever the damage is."""
        self.say(*(f"{word} {number}" for number in range(200) for word in ("green tea", "grüner Tee")))
        blocks = [id for (id,) in self.daemon.execute("SELECT id FROM word_data WHERE length(block) > 200")]
        self.assertNotEqual([], blocks)
        if sys.version_info >= (3, 12):  # there, what we open lets nobody write into the index itself
            self.daemon.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, False)
        (whole,) = self.daemon.execute("SELECT block FROM word_data WHERE id = ?", (blocks[0],)).fetchone()
        for place in range(10, len(whole) - 100, max(1, len(whole) // 8)):
            broken = whole[:place] + bytes(byte ^ 0x5A for byte in whole[place : place + 100]) + whole[place + 100 :]
            self.daemon.execute("UPDATE word_data SET block = ? WHERE id = ?", (broken, blocks[0]))
            self.assert_refused("backup", "--data", self.data, self.copy, because="index of words")
        self.daemon.execute("UPDATE word_data SET block = ? WHERE id = ?", (whole, blocks[0]))
        self.assertEqual(0, self.admin("backup", "--data", self.data, self.copy)[0])

    def test_lines_that_are_not_in_the_index(self) -> None:
        """An index that is sound in itself and has too little in it is found as well."""
        self.say("one", "two")
        self.daemon.execute("INSERT INTO word (word) VALUES ('delete-all')")
        self.assert_refused("backup", "--data", self.data, self.copy, because="0 of the 2 lines")

    def say(self, *texts: str) -> None:
        """Lines that are indexed."""
        (room,) = self.daemon.execute("SELECT id FROM room").fetchone()
        for seq, text in enumerate(texts, 1):
            values = (room, seq, text)
            self.daemon.execute(
                "INSERT INTO talk (room, seq, at, kind, nick, text) VALUES (?, ?, 0, 'said', 'eve', ?)", values
            )
        while index(self.daemon, Slice(lambda: 0.0)):
            pass

    def test_what_was_deleted_takes_no_space(self) -> None:
        """What was deleted takes no space in the copy, and cannot be read there."""
        self.say(*(f"zwiebelkuchen {number} {'x' * 500}" for number in range(2000)))
        self.daemon.execute("DELETE FROM talk")
        self.daemon.execute("INSERT INTO word (word) VALUES ('delete-all')")
        self.assertEqual(0, self.admin("backup", "--data", self.data, self.copy)[0])
        self.assertLess(self.copy.stat().st_size, 200_000)
        self.assertNotIn(b"zwiebelkuchen", self.copy.read_bytes())

    def test_part_that_was_left_over(self) -> None:
        """A backup that was killed stands in no other's way."""
        self.copy.with_name(f"{self.copy.name}.part").write_text("half")
        self.assertEqual(0, self.admin("backup", "--data", self.data, self.copy)[0])

    def test_the_file_that_is_wrong_is_named(self) -> None:
        """The copy where it cannot be written, and the database where that cannot be read."""
        nowhere = Path(self.mktemp()) / "no" / "copy"
        self.assert_refused("backup", "--data", self.data, nowhere, because=f"{nowhere}: no such file")
        self.admin("backup", "--data", self.data, self.copy)
        self.assert_refused("backup", "--data", self.data, self.copy, because=f"{self.copy}: file exists")

    def test_symbolic_link_in_the_place_of_the_copy(self) -> None:
        """It is not written through."""
        victim = Path(self.mktemp())
        self.copy.symlink_to(victim)
        self.assert_refused("backup", "--data", self.data, self.copy, because="file exists")
        self.assertFalse(victim.exists())


class VacuumTests(FolderCase):
    """Space that nothing is in."""

    def test_while_no_daemon_runs(self) -> None:
        """The file becomes as small as it can be, also one that an older version has made; what is in it stays."""
        old = self.data / "old"
        old.mkdir()
        file = DatabaseFile(old / DATABASE, schema_steps()[:1])
        file.open(0.0)
        connection = file.connect()
        for statement in ("PRAGMA journal_mode = DELETE", "PRAGMA auto_vacuum = NONE", "VACUUM"):
            connection.execute(statement)
        connection.execute("INSERT INTO room (name, last) VALUES ('tea', 0)")
        connection.execute("INSERT INTO mail (account, at, sender, text) VALUES ('a', 0, 'b', zeroblob(5000000))")
        connection.execute("DELETE FROM mail")
        connection.close()
        file.close()
        status, said = self.admin("vacuum", "--data", old)
        self.assertEqual(0, status, said)
        self.assertRegex(said, r"^[4-5],\d\d\d,\d\d\d bytes were given back to the disk\.\n$")
        self.assertLess((old / DATABASE).stat().st_size, 500_000)
        self.assertEqual(["tea"], self.rooms(old / DATABASE))

    def test_in_use(self) -> None:
        """Where a daemon has it that cannot be asked, nothing is done."""
        self.assert_refused("vacuum", "--data", self.data, because="in use by another chatroom")

    def test_nothing_there(self) -> None:
        """Where there is no database, the answer says so."""
        self.assert_refused("vacuum", "--data", self.mktemp(), because=f"there is no {DATABASE} in")


PLANTED = {
    "trigger": "CREATE TRIGGER planted AFTER INSERT ON mark BEGIN UPDATE account SET role = 'admin'; END",
    "view": "CREATE VIEW planted AS SELECT * FROM account",
    "table": "CREATE TABLE planted (x)",
    "index": "CREATE INDEX planted ON account (lower(name))",
    "virtual table": "CREATE VIRTUAL TABLE planted USING fts5 (x)",
    "trigger of another name": "CREATE TRIGGER sqlite_x AFTER INSERT ON mark BEGIN DELETE FROM account; END",
    "column": "ALTER TABLE account ADD COLUMN planted TEXT",
    "missing index": "DROP INDEX audit_by_time",
    "missing table": "DROP TABLE mark",
}


class PlantedTests(FolderCase):
    """A copy is not believed: what no chatroom makes is refused, wherever a database is opened."""

    def test_planted(self) -> None:
        """By restore, which leaves nothing behind; by backup; and by a daemon or chatroom-admin that starts on it."""
        self.admin("backup", "--data", self.data, self.copy)
        for name, sql in PLANTED.items():
            folder = Path(self.mktemp())
            folder.mkdir()
            bad = folder / DATABASE
            bad.write_bytes(self.copy.read_bytes())
            with closing(sqlite3.connect(bad)) as opened:
                try:
                    opened.execute(sql)
                except sqlite3.OperationalError:
                    self.assertIn("sqlite_", sql)
                    continue
                opened.commit()
            status, said = self.admin("restore", bad, "--data", self.mktemp())
            self.assertEqual((1, 1), (status, said.count("\n")), name)
            self.assertIn("must not be used", said)
            self.assertIn("must not be used", self.admin("backup", "--data", folder, self.mktemp())[1])
            refused = self.assertRaises(Refused, DatabaseFile(bad).open, 0.0)
            self.assertIn("cannot be trusted", refused.sentence)
            self.assertIn("cannot be trusted", self.admin("audit", "--data", folder)[1])

    def test_default_that_makes_an_admin(self) -> None:
        """A table of the right name is not enough."""
        self.admin("backup", "--data", self.data, self.copy)
        with closing(sqlite3.connect(self.copy)) as opened:
            opened.execute("PRAGMA writable_schema = ON")
            changed = "UPDATE sqlite_master SET sql = replace(sql, char(39) || 'none', char(39) || 'admin')"
            self.assertEqual(1, opened.execute(f"{changed} WHERE name = 'account'").rowcount)
            opened.commit()
        self.assert_refused("restore", self.copy, "--data", self.mktemp(), because="another table called 'account'")

    def test_copy_of_every_older_version(self) -> None:
        """It is what that version made, and so it is taken."""
        steps = schema_steps()
        for version in range(1, len(steps)):
            old = Path(self.mktemp()) / "old.sqlite"
            file = DatabaseFile(old, steps[:version])
            file.open(0.0)
            file.close()
            self.assertEqual(0, self.admin("restore", old, "--data", self.mktemp())[0], version)

    def test_newer_version(self) -> None:
        """It is refused with both versions."""
        file = DatabaseFile(Path(self.mktemp()) / "new.sqlite", [*schema_steps(), "CREATE TABLE tea (name TEXT);"])
        file.open(0.0)
        file.close()
        self.assert_refused("restore", file.path, "--data", self.mktemp(), because="knows versions up to")
