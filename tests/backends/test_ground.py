"""
A database whose files are deleted, moved or replaced while it is open: nothing is acknowledged that would be lost, and
nothing is lost that was acknowledged.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from pathlib import Path
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.sqlite.ground import rescued
from chatroom.backends.sqlite.watch import COPY, LITTLE, LONG, LOOK
from chatroom.errors import NotKept, Refused
from chatroom.records import Account
from tests.backends.sqlite.on_one_file import OnOneFile
from tests.backends.verbs import NOON, Recorder, said

LINES = ["one", "two", "three"]


class GroundCase(OnOneFile, SynchronousTestCase):
    """A database with some lines in it, of which the last are only in its log."""

    def setUp(self) -> None:
        """And what is logged."""
        super().setUp()
        self.logged: list[str] = []
        observer = cast(ILogObserver, lambda event: self.logged.append(formatEvent(event)))
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        for line in LINES:
            self.keep(said(line))
        self.wal = self.path.with_name("chatroom.sqlite-wal")

    def texts_of(self, path: Path) -> list[Any]:
        """What is in a copy, as a whole database."""
        connection = sqlite3.connect(path)
        try:
            self.assertEqual([("ok",)], connection.execute("PRAGMA integrity_check").fetchall())
            return [text for (text,) in connection.execute("SELECT text FROM talk ORDER BY id")]
        finally:
            connection.close()

    def copy(self) -> Path:
        """The one that was saved."""
        (copy,) = rescued(self.path)
        return copy

    def assert_lost(self) -> None:
        """The next line is refused, everybody who watches learns of it, and all before it is saved."""
        sentence = self.refused(self.backend.keep([said("four")]), NotKept)
        self.assertIn("is missing", sentence)
        self.assertIn(str(self.path), self.backend.soundness().trouble)
        self.assertEqual(LINES, self.texts_of(self.copy()))
        self.assertEqual(0o600, stat.S_IMODE(self.copy().stat().st_mode))
        self.assertIn(str(self.copy()), self.logged[-1])


class LostTests(GroundCase):
    """Its files are no longer where they were."""

    def test_database_is_deleted(self) -> None:
        """At the very next line."""
        self.path.unlink()
        self.assert_lost()

    def test_log_is_deleted(self) -> None:
        """What is only in it is saved all the same."""
        self.wal.unlink()
        self.assert_lost()

    def test_all_is_deleted(self) -> None:
        """With the folder; it is made again for the copy."""
        shutil.rmtree(self.path.parent)
        self.assert_lost()

    def test_database_is_replaced(self) -> None:
        """By another file of its name, as by a copy that was moved there."""
        other = self.path.with_name("other")
        shutil.copy(self.path, other)
        other.replace(self.path)
        self.assert_lost()

    def test_log_is_replaced(self) -> None:
        """By an empty one."""
        self.wal.unlink()
        self.wal.touch()
        self.assert_lost()

    def test_folder_is_moved(self) -> None:
        """To another name."""
        self.path.parent.rename(self.path.parent.with_name("elsewhere"))
        self.assert_lost()

    def test_database_is_emptied(self) -> None:
        """In place, as a rotation of logs would that took it for one: the next line is not acknowledged."""
        os.truncate(self.path, 0)
        self.refused(self.backend.keep([said("four")]), NotKept)
        self.assertIn(f"{self.path} was emptied", self.backend.soundness().trouble)
        self.assertIn("could not be copied", self.logged[-1])
        self.flushLoggedErrors()

    def test_it_has_another_name_as_well(self) -> None:
        """A hard link elsewhere does not help a daemon that starts here."""
        os.link(self.path, self.path.with_name("second"))
        self.path.unlink()
        self.assert_lost()

    def test_nobody_writes(self) -> None:
        """It is seen within a minute, so that an operator knows before people do."""
        self.path.unlink()
        self.assertEqual("", self.backend.soundness().trouble)
        self.clock.advance(LOOK)
        self.assertIn("is gone", self.backend.soundness().trouble)
        self.assertEqual(LINES, self.texts_of(self.copy()))

    def test_nothing_at_all_is_written(self) -> None:
        """Accounts, waiting whispers and marks are not written either."""
        self.path.unlink()
        self.refused(self.backend.add_account(Account("Alice", "alice", "hash", NOON)), NotKept)
        self.refused(self.backend.mark("alice", {"lobby": 1}), NotKept)
        self.refused(self.backend.erase("alice", False), NotKept)

    def test_it_is_saved_once(self) -> None:
        """However many lines are refused."""
        self.path.unlink()
        for _ in range(3):
            self.refused(self.backend.keep([said()]), NotKept)
            self.clock.advance(LOOK)
        self.copy()
        self.assertEqual(2, len(self.logged), self.logged)

    def test_it_is_tried_again_to_save_it(self) -> None:
        """Until there is somewhere to save it."""
        shutil.rmtree(self.path.parent)
        self.path.parent.write_text("a file in its place")
        self.refused(self.backend.keep([said()]), NotKept)
        self.assertIn("could not be copied", self.logged[-1])
        self.path.parent.unlink()
        self.clock.advance(LOOK)
        self.assertEqual(LINES, self.texts_of(self.copy()))

    def test_history_can_still_be_read(self) -> None:
        """By those who are here."""
        self.path.unlink()
        self.refused(self.backend.keep([said()]), NotKept)
        self.assertEqual([1, 2, 3], self.numbers())

    def test_it_is_put_back(self) -> None:
        """All goes on as it was."""
        self.path.rename(self.path.with_name("elsewhere"))
        self.refused(self.backend.keep([said("four")]), NotKept)
        self.path.with_name("elsewhere").rename(self.path)
        self.clock.advance(LOOK)
        self.keep(said("five"))
        self.assertEqual("", self.backend.soundness().trouble)
        self.assertIn("back in its place", self.logged[-1])
        self.assertEqual([1, 2, 3, 4], self.numbers())

    def test_stop_saves_it(self) -> None:
        """Where it could not be saved before."""
        folder = self.path.parent
        shutil.rmtree(folder)
        folder.write_text("a file in its place")
        self.refused(self.backend.keep([said()]), NotKept)
        folder.unlink()
        self.done(self.backend.stop())
        self.assertEqual(LINES, self.texts_of(self.copy()))

    def test_next_start_does_not_begin_anew(self) -> None:
        """Nobody finds an empty server where there was a full one; the sentence says what to type."""
        self.path.unlink()
        self.refused(self.backend.keep([said()]), NotKept)
        self.done(self.backend.stop())
        sentence = self.refused(self.make_backend().start("north", Recorder()), Refused)
        self.assertIn(f"mv {self.copy()} {self.path}", sentence)
        self.assertFalse(self.wal.exists(), "It would spoil what is put there.")
        self.copy().rename(self.path)
        self.backend, self.listener, self.snapshot = self.start()
        self.assertEqual(LINES, [getattr(event, "text", "") for event in self.history()])

    def test_deleted_lock_is_made_again(self) -> None:
        """A deleted lock is made again, so that no second daemon begins on the same data."""
        lock = self.path.with_name("chatroom.sqlite.lock")
        lock.unlink()
        self.clock.advance(LOOK)
        self.assertEqual(f"{os.getpid()}\n", lock.read_text())
        self.assertIn("in use", self.refused(self.make_backend().start("north", Recorder()), Refused))


class WatchTests(GroundCase):
    """What is done while all is well."""

    def pages(self) -> tuple[int, int]:
        """Of the log, and how many of them are in the database."""
        lanes = cast(Any, self.backend)._lanes
        return cast("tuple[int, int]", lanes.tidy._connection.execute("PRAGMA wal_checkpoint").fetchone()[1:])

    def test_log_is_copied_away_from_the_commits(self) -> None:
        """Some seconds after something was written, in a thread that nobody waits for."""
        cast(Any, self.backend)._upkeep.stop()
        asked = self.workers["write"].asked
        self.assertNotIn(b"three", self.path.read_bytes())
        self.clock.advance(COPY)
        self.assertIn(b"three", self.path.read_bytes())
        self.assertEqual(asked, self.workers["write"].asked)

    def test_log_stays_short_while_people_talk(self) -> None:
        """A log that has grown long is begun anew, so that it does not grow for ever."""
        for _ in range(3):
            for _ in range(60):
                self.keep(*[said("x" * 2000) for _ in range(200)])
            self.clock.advance(COPY)
        self.assertLess(self.wal.stat().st_size, 2 * 60 * 200 * 4096)
        self.assertGreater(self.wal.stat().st_size, LONG * 4096)

    def test_reader_holds_up_nobody(self) -> None:
        """Another program that reads keeps the log long for a while, and nobody waiting."""
        reader = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(reader.close)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM talk").fetchone()
        self.keep(said("four"))
        self.clock.advance(COPY)
        self.keep(said("five"))
        reader.execute("COMMIT")
        self.clock.advance(COPY)
        pages, copied = self.pages()
        self.assertEqual(pages, copied)

    def test_little_space_is_said_once(self) -> None:
        """Before the disk is full, and again only when there was more."""
        real = os.statvfs(self.path.parent)
        blocks = [LITTLE // real.f_frsize - 1]
        self.patch(os, "statvfs", lambda path: os.statvfs_result((*real[:4], blocks[0], *real[5:])))
        for _ in range(3):
            self.clock.advance(LOOK)
        self.assertEqual(1, len(self.logged), self.logged)
        self.assertEqual(blocks[0] * real.f_frsize, self.backend.soundness().free)
        blocks[0] *= 2
        self.clock.advance(LOOK)
        blocks[0] //= 3
        self.clock.advance(LOOK)
        self.assertEqual(2, len(self.logged), self.logged)

    def test_how_long_the_disk_takes(self) -> None:
        """What is under way has an age, which grows while the disk hangs."""
        self.assertEqual(0, self.backend.soundness().waiting)
        self.workers["write"].holding = True
        keeping = Deferred.fromCoroutine(self.backend.keep([said()]))
        self.stopwatch.now += 11
        self.assertEqual(11, self.backend.soundness().waiting)
        self.workers["write"].let_go()
        self.successResultOf(keeping)
        self.assertEqual(0, self.backend.soundness().waiting)

    def test_lines_that_wait_to_be_indexed(self) -> None:
        """They are counted."""
        self.assertEqual(3, self.backend.soundness().unindexed)
        self.clock.advance(LOOK)
        self.assertEqual(0, self.backend.soundness().unindexed)
