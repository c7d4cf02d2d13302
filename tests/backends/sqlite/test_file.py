"""
The database as a file: who may use it, how it is upgraded, what it says when it cannot be used.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Sequence
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.backends.sqlite.file import DatabaseFile, schema_steps
from chatroom.errors import Refused
from chatroom.events import Joined, ServerRole
from chatroom.records import SHELL, Account, AuditEntry
from tests.backends.verbs import NOON, Recorder
from tests.backends.workers import AtOnce

OLD = ["CREATE TABLE tea (name TEXT NOT NULL); INSERT INTO tea VALUES ('green');"]
"""A schema of one step."""

NEW = [*OLD, "ALTER TABLE tea ADD COLUMN cups INTEGER NOT NULL DEFAULT 1; CREATE INDEX tea_by_name ON tea (name);"]
"""What it becomes."""


class FileCase(SynchronousTestCase):
    """A file that is not there yet."""

    def setUp(self) -> None:
        """In a folder that is not there either."""
        self.folder = Path(self.mktemp()) / "data"
        self.path = self.folder / "chatroom.sqlite"

    def open(self, steps: Sequence[str] | None = None) -> DatabaseFile:
        """Open it, until the test is over."""
        file = DatabaseFile(self.path, steps)
        file.open(NOON)
        self.addCleanup(file.close)
        return file

    def make(self, steps: Sequence[str] | None = None) -> None:
        """Make it, and let go of it."""
        self.open(steps).close()

    def refusal(self, steps: Sequence[str] | None = None) -> str:
        """The sentence an operator reads when it cannot be opened."""
        refused = self.assertRaises(Refused, self.open, steps)
        sentence: str = refused.sentence
        self.assertIn(str(self.path), sentence)
        self.assertTrue(sentence.endswith("."), sentence)
        self.assertNotIn("\n", sentence)
        return sentence

    def sql(self, statement: str, path: Path | None = None) -> list[tuple[object, ...]]:
        """What is in it."""
        connection = sqlite3.connect(path or self.path)
        try:
            with connection:
                return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def dump(self, path: Path | None = None) -> list[str]:
        """All of it."""
        connection = sqlite3.connect(path or self.path)
        try:
            return sorted(connection.iterdump())
        finally:
            connection.close()

    def backups(self) -> list[Path]:
        """The backups beside it."""
        return sorted(self.folder.glob("*.bak"))


class AccessTests(FileCase):
    """Who may use it."""

    def test_names_are_on_the_disk(self) -> None:
        """The folder and the file are there after a loss of power: what they are in is synced when they are made."""
        synced: list[str] = []
        self.patch(os, "fsync", lambda handle: synced.append(os.readlink(f"/proc/self/fd/{handle}")))
        self.folder.parent.mkdir()
        self.make()
        self.assertEqual([str(self.folder.parent.absolute()), str(self.folder.absolute())], synced)
        self.make()
        self.assertEqual(2, len(synced))

    def test_only_its_owner_may_read_it(self) -> None:
        """The folder, the file and all that is made beside it."""
        file = self.open()
        connection = file.connect()
        self.addCleanup(connection.close)
        connection.execute("INSERT INTO mark VALUES ('alice', 'lobby', 1)")
        self.assertEqual(0o700, stat.S_IMODE(self.folder.stat().st_mode))
        made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in self.folder.iterdir()}
        self.assertIn("chatroom.sqlite-wal", made)
        self.assertEqual({0o600}, set(made.values()), made)

    def test_second_daemon_is_refused(self) -> None:
        """Until the first lets go."""
        first = self.open()
        self.assertIn("in use by another chatroom", self.refusal())
        first.close()
        self.open()

    def test_refused_daemon_changes_nothing_for_the_first(self) -> None:
        """It does not take the lock away, not even if it is the same one that was started twice."""
        first = self.open()
        self.refusal()
        self.assertRaises(Refused, first.open, NOON)
        self.refusal()

    def test_folder_that_cannot_be_made(self) -> None:
        """There is a file where the folder should be."""
        self.folder.parent.mkdir()
        self.folder.write_text("")
        self.refusal()

    def test_file_that_cannot_be_made(self) -> None:
        """There is a folder where the file should be."""
        self.path.mkdir(parents=True)
        self.assertIn("directory", self.refusal())

    def test_protected_folder(self) -> None:
        """A place where nobody, not even root, can make anything."""
        self.path = Path("/proc/chatroom/chatroom.sqlite")
        if not self.path.parent.parent.is_dir():
            raise SkipTest("There is no /proc here.")
        self.refusal()

    def test_not_a_database(self) -> None:
        """A file of something else is refused and left as it is."""
        self.folder.mkdir(parents=True)
        self.path.write_text("Dear diary, " * 1000)
        self.assertIn("not a database", self.refusal())
        self.assertTrue(self.path.read_text().startswith("Dear diary"))

    def test_database_of_something_else(self) -> None:
        """It is refused and left as it is."""
        self.folder.mkdir(parents=True)
        self.sql("CREATE TABLE bookmarks (url TEXT)")
        self.assertIn("not a chatroom database", self.refusal())
        self.assertEqual([("bookmarks",)], self.sql("SELECT name FROM sqlite_master"))

    def test_old_sqlite(self) -> None:
        """Both versions are named; nothing is made."""
        self.patch(sqlite3, "sqlite_version_info", (3, 26, 0))
        self.patch(sqlite3, "sqlite_version", "3.26.0")
        sentence = self.refusal()
        self.assertIn("3.32", sentence)
        self.assertIn("3.26.0", sentence)
        self.assertFalse(self.folder.exists())

    def test_damaged_file(self) -> None:
        """Half a file is refused when the server is opened, and the lock is let go."""
        self.make()
        with self.path.open("r+b") as file:
            file.truncate(5000)
        backend = SQLiteBackend(self.path, Clock(), lambda: NOON, worker=AtOnce)
        for _ in range(2):
            starting = Deferred.fromCoroutine(backend.start("north", Recorder()))
            sentence = self.failureResultOf(starting, Refused).value.sentence
            self.assertIn(str(self.path), sentence)

    def test_prepare_says_before_a_fork_whether_it_can_be_used(self) -> None:
        """
        The check before a fork says whether the file can be used, and leaves it to the process that opens it then.
        """
        SQLiteBackend(self.path, Clock(), lambda: NOON, worker=AtOnce).prepare()
        first = self.open()
        second = SQLiteBackend(self.path, Clock(), lambda: NOON, worker=AtOnce)
        self.assertIn("in use", self.assertRaises(Refused, second.prepare).sentence)
        first.close()


class UpgradeTests(FileCase):
    """How an old file becomes a new one."""

    def test_upgraded_equals_fresh(self) -> None:
        """Step by step or at once: the same tables, the same content."""
        fresh = self.path.with_name("fresh.sqlite")
        DatabaseFile(fresh, NEW).open(NOON)
        self.make(OLD)
        self.make(NEW)
        self.assertEqual(self.dump(fresh), self.dump())
        self.assertEqual([("green", 1)], self.sql("SELECT * FROM tea"))

    def test_real_steps_in_turn_equal_fresh(self) -> None:
        """The schema that we ship is the same from every version that it ever had."""
        self.make()
        steps = schema_steps()
        self.assertEqual([(len(steps),)], self.sql("SELECT version FROM schema_version"))
        for version in range(1, len(steps)):
            old = self.path.with_name(f"from-{version}.sqlite")
            made = DatabaseFile(old, steps[:version])
            made.open(NOON)
            made.close()
            upgraded = DatabaseFile(old)
            upgraded.open(NOON)
            upgraded.close()
            everything = "SELECT type, name, sql FROM sqlite_master ORDER BY name"
            self.assertEqual(self.sql(everything), self.sql(everything, old))

    def test_accounts_of_the_first_version(self) -> None:
        """They are as they were, and have no role on the server; the log is empty and can be written."""
        old = DatabaseFile(self.path, schema_steps()[:1])
        old.open(NOON)
        old.close()
        self.sql("INSERT INTO account VALUES ('alice', 'Alice', 'hash', 5.0, '[\"eve\"]')")
        backend = SQLiteBackend(self.path, Clock(), lambda: NOON, worker=AtOnce)
        self.successResultOf(Deferred.fromCoroutine(backend.start("north", Recorder())))
        self.addCleanup(lambda: self.successResultOf(Deferred.fromCoroutine(backend.stop())))
        self.assertEqual(1, len(self.backups()))
        alice = self.successResultOf(Deferred.fromCoroutine(backend.account("alice")))
        self.assertEqual(Account("Alice", "alice", "hash", 5.0, ("eve",), ServerRole.NONE), alice)
        giving = backend.set_server_role("alice", ServerRole.ADMIN, AuditEntry(NOON, SHELL, "role", "Alice"))
        self.assertIs(ServerRole.NONE, self.successResultOf(Deferred.fromCoroutine(giving)))
        self.assertEqual([("admin",)], self.sql("SELECT role FROM account"))

    def test_steps_are_numbered_without_a_gap(self) -> None:
        """001.sql, 002.sql and on: a step's place is its version."""
        files = sorted(path.name for path in (Path(schema_steps.__code__.co_filename).parent / "schema").iterdir())
        self.assertEqual([f"{number:03d}.sql" for number in range(1, len(files) + 1)], files)

    def test_backup_before_an_upgrade(self) -> None:
        """A whole copy as it was, named by version and time, for its owner alone."""
        self.make(OLD)
        self.sql("INSERT INTO tea VALUES ('black')")
        before = self.dump()
        self.make(NEW)
        [backup] = self.backups()
        self.assertEqual("chatroom-v1-20231114-221320.bak", backup.name)
        self.assertEqual(before, self.dump(backup))
        self.assertEqual(0o600, stat.S_IMODE(backup.stat().st_mode))
        self.assertEqual([("delete",)], self.sql("PRAGMA journal_mode", backup))

    def test_no_backup_without_an_upgrade(self) -> None:
        """A new file, and one that is as it should be, leave no backup."""
        self.make(NEW)
        self.make(NEW)
        self.assertEqual([], self.backups())

    def test_upgrade_that_fails_changes_nothing(self) -> None:
        """
        An upgrade that fails changes nothing at all; the backup is there, and the daemon before goes on with the file.
        """
        self.make(OLD)
        before = self.dump()
        self.refusal([*OLD, "CREATE TABLE cake (name TEXT); INSERT INTO nonsense VALUES (1);"])
        self.assertEqual(before, self.dump())
        self.assertEqual(1, len(self.backups()))
        self.make(OLD)

    def test_upgrade_without_room_for_a_backup(self) -> None:
        """No backup, no upgrade: nothing is changed."""
        self.make(OLD)
        before = self.dump()
        self.folder.joinpath("chatroom-v1-20231114-221320.bak").mkdir()
        self.refusal(NEW)
        self.assertEqual(before, self.dump())

    def test_newer_version(self) -> None:
        """It is refused with both versions, and left as it is."""
        self.make(NEW)
        before = self.dump()
        sentence = self.refusal(OLD)
        self.assertIn("version 2", sentence)
        self.assertIn("up to 1", sentence)
        self.assertEqual(before, self.dump())


class WayBackTests(FileCase):
    """A file that was left to a newer version, which came to nothing."""

    def setUp(self) -> None:
        """With something in it."""
        super().setUp()
        self.old = self.open(OLD)
        connection = self.old.connect()
        connection.execute("INSERT INTO tea VALUES ('black')")
        connection.close()
        self.before = self.dump()
        self.old.leave()

    def fails(self, steps: Sequence[str] = NEW, now: float = NOON) -> None:
        """A newer version makes of it what it likes, and is killed."""
        newer = DatabaseFile(self.path, steps)
        newer.open(now)
        connection = newer.connect()
        self.addCleanup(connection.close)  # so that its log stays where it is
        connection.execute("UPDATE tea SET cups = 5")
        newer.close()

    def test_schema_is_as_it_was(self) -> None:
        """With all that is in it. No copy is left over, and the newer version can try again."""
        for again in range(2):
            self.fails(now=NOON + again)
            self.old.open(NOON + again)
            self.assertEqual(self.before, self.dump())
            self.assertEqual([("ok",)], self.sql("PRAGMA integrity_check"))
            self.assertEqual([], self.backups())
            connection = self.old.connect()
            self.assertEqual("wal", connection.execute("PRAGMA journal_mode").fetchone()[0])
            connection.close()
            self.old.leave()
        self.make(NEW)

    def test_same_schema(self) -> None:
        """What was written meanwhile stays: nobody but an administrator has done that."""
        self.make(OLD)
        self.sql("INSERT INTO tea VALUES ('white')")
        self.old.open(NOON)
        self.assertEqual([("green",), ("black",), ("white",)], self.sql("SELECT * FROM tea"))

    def test_older_copies_are_not_taken_for_it(self) -> None:
        """A copy of last year is no way back."""
        older = self.folder / "chatroom-v1-20211114-221320.bak"
        older.write_bytes(self.path.read_bytes())
        self.old.open(NOON)
        self.old.leave()
        self.fails()
        self.old.open(NOON)
        self.assertEqual(self.before, self.dump())
        self.assertEqual([older], self.backups())

    def test_without_its_copy(self) -> None:
        """It is refused, and left as it is."""
        self.fails()
        [backup] = self.backups()
        backup.unlink()
        after = self.dump()
        self.assertIn("has version 2", str(self.assertRaises(Refused, self.old.open, NOON)))
        self.assertEqual(after, self.dump())

    def test_backend(self) -> None:
        """A backend that is started again goes back, and those who are on line still are."""
        path = self.folder / "server.sqlite"
        backend = SQLiteBackend(path, Clock(), lambda: NOON, worker=AtOnce)
        self.successResultOf(Deferred.fromCoroutine(backend.start("north", Recorder())))
        self.successResultOf(Deferred.fromCoroutine(backend.stop()))
        self.path = path
        newer = DatabaseFile(path, [*schema_steps(), "DROP TABLE mark;"])
        newer.open(NOON)
        newer.close()
        present = [Joined(NOON, "lobby", "alice")]
        snapshot = self.successResultOf(Deferred.fromCoroutine(backend.start("north", Recorder(), present)))
        self.addCleanup(lambda: self.successResultOf(Deferred.fromCoroutine(backend.stop())))
        self.assertIn(present[0], snapshot.events)
        self.successResultOf(Deferred.fromCoroutine(backend.mark("alice", {"lobby": 1})))
