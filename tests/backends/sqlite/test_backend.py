"""
The SQLite backend: the contract, and what it promises beyond.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.sqlite import talk as sqlite_talk
from chatroom.backends.sqlite.file import DatabaseFile
from chatroom.backends.sqlite.slices import SLICE
from chatroom.backends.sqlite.talk import TALK
from chatroom.backends.sqlite.thread import is_bug
from chatroom.backends.sqlite.upkeep import BACKLOG, QUIET, RETRY
from chatroom.errors import NotKept
from chatroom.events import Event, TopicSet, Whispered
from chatroom.records import Account, AuditEntry, Mail
from tests.backends import contract
from tests.backends.erasing import SECRET
from tests.backends.sqlite.on_one_file import OnOneFile
from tests.backends.verbs import NOON, closed, created, joined, left, said


class SQLiteBackendTests(OnOneFile, contract.BackendContract, SynchronousTestCase):
    """It keeps the contract."""


class AccountTests(OnOneFile, SynchronousTestCase):
    """Whose name it is."""

    def test_guests_do_not_wait_for_the_disk(self) -> None:
        """The store knows without reading that a nickname is nobody's, also after a restart."""
        for _ in range(2):
            before = self.workers["read"].asked
            self.assertIsNone(self.done(self.backend.account("guest")))
            self.assertEqual(before, self.workers["read"].asked)
            self.done(self.backend.add_account(Account("Alice", "alice", "hash", NOON)))
            self.restart()
            self.assertEqual("Alice", getattr(self.done(self.backend.account("alice")), "name", None))

    def test_name_is_taken_while_its_account_is_being_kept(self) -> None:
        """A name is taken while its account is being kept; also where one of that name is erased at the same time."""
        account = Account("Alice", "alice", "hash", NOON)
        self.done(self.backend.add_account(account))
        writer = self.workers["write"]
        writer.holding = True
        dropping = Deferred.fromCoroutine(self.backend.drop_account("alice"))
        adding = Deferred.fromCoroutine(self.backend.add_account(account))
        writer.let_go()
        self.assertEqual((True, True), (self.successResultOf(dropping), self.successResultOf(adding)))
        self.assertEqual(account, self.done(self.backend.account("alice")))


class KeepTests(OnOneFile, SynchronousTestCase):
    """What is on the disk, and when."""

    def test_on_the_disk_before_anyone_hears(self) -> None:
        """When a line is told, another program can already read it in the file."""
        seen: list[Any] = []
        self.listener.heard = lambda events: seen.extend(self.sql("SELECT text FROM talk"))  # type: ignore[method-assign]
        self.keep(said("hello"))
        self.assertEqual(["hello"], seen)

    def test_commits_are_on_the_disk(self) -> None:
        """A commit is written through to the disk itself, which is what FULL (2) means with a write-ahead log."""
        self.assertEqual(2, self.on_connection("write", "PRAGMA synchronous"))
        self.assertEqual("wal", self.on_connection("write", "PRAGMA journal_mode"))

    def test_batch_is_one_commit(self) -> None:
        """Another program sees all of a turn or nothing of it, whatever happens in it."""
        self.keep(created(), said("before"))
        statements = self.traced()
        self.keep(said("a"), closed(), created(), TopicSet(NOON, "lobby", "alice", text="tea"), said("b"))
        self.assertEqual(1, statements.count("COMMIT"), statements)

    def traced(self) -> list[str]:
        """Every statement that writes from now on."""
        statements: list[str] = []
        cast(Any, self.backend)._lanes.write._connection.set_trace_callback(statements.append)
        return statements

    def test_talk_goes_in_by_one_statement(self) -> None:
        """However many lines: each step of a statement may cost a busy reactor's 5 milliseconds."""
        self.keep(created())
        statements = self.traced()
        self.keep(*(said() for _ in range(700)))
        self.assertEqual(1, len(statements))

    def test_nobody_hears_until_it_is_kept(self) -> None:
        """While the disk is busy, nobody is told."""
        writer = self.workers["write"]
        writer.holding = True
        keeping = Deferred.fromCoroutine(self.backend.keep([said()]))
        self.assertNoResult(keeping)
        self.assertEqual([], self.listener.events)
        writer.let_go()
        self.assertEqual([True], self.successResultOf(keeping))
        self.assertEqual(1, len(self.listener.events))

    def test_keep_is_called_again_only_after_it_has_returned(self) -> None:
        """Whoever forgets it hears of it, and the first batch is unharmed."""
        writer = self.workers["write"]
        writer.holding = True
        keeping = Deferred.fromCoroutine(self.backend.keep([said()]))
        self.refused(self.backend.keep([said()]), RuntimeError)
        writer.let_go()
        self.assertEqual([True], self.successResultOf(keeping))
        self.assertEqual([1], self.numbers())

    def test_whispers_need_no_disk(self) -> None:
        """A turn in which nothing lasting happens is told at once, and costs no commit."""
        asked = self.workers["write"].asked
        self.keep(Whispered(NOON, "", "alice", to="bob", text="psst"))
        self.assertEqual(asked, self.workers["write"].asked)
        self.assertEqual(1, len(self.listener.events))

    def test_reading_does_not_wait_for_writing(self) -> None:
        """A newcomer is shown the last lines while a batch is being written."""
        self.keep(said())
        self.workers["write"].holding = True
        keeping = Deferred.fromCoroutine(self.backend.keep([said()]))
        self.assertEqual([1], self.numbers())
        self.workers["write"].let_go()
        self.successResultOf(keeping)

    def test_reading_does_not_wait_for_a_search(self) -> None:
        """A search through years of talk keeps nobody from coming in."""
        self.keep(said("tea"))
        self.workers["scan"].holding = True
        searching = Deferred.fromCoroutine(self.backend.search(["lobby"], ["tea"], None, 9))
        self.assertEqual([1], self.numbers())
        self.assertNoResult(searching)
        self.workers["scan"].let_go()
        self.assertEqual(1, len(self.successResultOf(searching).events))

    def test_who_is_on_line_is_not_written_down(self) -> None:
        """Who came and went is history; who is there now is nobody's on the disk."""
        self.keep(created(), joined())
        self.assertEqual(["room"], self.sql("SELECT name FROM slot"))

    def test_talk_has_no_other_fields(self) -> None:
        """A field added to talk needs a column: make a new step in schema/, and say so in L{sqlite_talk}."""
        for cls in TALK:
            self.assertEqual(
                {"at", "room", "nick", "seq", "text", "nonce", "bot"}, {field.name for field in fields(cls)}
            )

    def test_history_is_found_without_looking_through_it(self) -> None:
        """Reading a page of a room costs the same however long its history is."""
        for direction in ("ASC", "DESC"):
            query = sqlite_talk._HISTORY.format(others=sqlite_talk._OTHERS, direction=direction)
            connection = sqlite3.connect(self.path)
            values = {"room": "lobby", "after": 0, "before": 9, "limit": 5}
            plan = [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + query, values)]
            connection.close()
            self.assertEqual([], [step for step in plan if "SCAN talk" in step or "SCAN happening" in step], plan)
            self.assertEqual([], [step for step in plan if "TEMP B-TREE" in step], plan)

    def test_stop_leaves_one_file(self) -> None:
        """What is left beside it is the empty lock; a copy of the one file is a whole backup."""
        self.keep(said())
        self.done(self.backend.stop())
        self.assertEqual(
            {"chatroom.sqlite", "chatroom.sqlite.lock"}, {path.name for path in self.path.parent.iterdir()}
        )

    def test_stop_finishes_what_is_under_way(self) -> None:
        """A batch that was given is kept and told before stop returns."""
        writer = self.workers["write"]
        writer.holding = True
        keeping = Deferred.fromCoroutine(self.backend.keep([said("last words")]))
        stopping = Deferred.fromCoroutine(self.backend.stop())
        self.assertNoResult(stopping)
        writer.let_go()
        self.successResultOf(stopping)
        self.assertEqual([True], self.successResultOf(keeping))
        self.assertEqual(["last words"], self.sql("SELECT text FROM talk"))
        self.assertEqual([False] * 4, [worker.running for worker in self.workers.values()])
        self.assertEqual([], self.clock.getDelayedCalls())


class FailureTests(OnOneFile, SynchronousTestCase):
    """Disks that are full or broken, and bugs."""

    def fill_disk(self) -> None:
        """There is no room for one more page."""
        self.on_connection("write", f"PRAGMA max_page_count = {self.on_connection('write', 'PRAGMA page_count')}")

    def free_disk(self) -> None:
        """There is room again."""
        self.on_connection("write", "PRAGMA max_page_count = 1000000")

    def big(self) -> Sequence[Event]:
        """What needs more than one page."""
        return [TopicSet(NOON, "lobby", "alice", text="x" * 300), *(said("y" * 1000) for _ in range(20))]

    def test_full_disk(self) -> None:
        """People are told; nothing of the batch is kept, and all of the next one when there is room again."""
        self.keep(created(), said("before"))
        self.fill_disk()
        sentence = self.refused(self.backend.keep(self.big()), NotKept)
        self.assertIn("disk is full", sentence)
        self.assertEqual([1, 2], self.numbers())
        self.assertEqual(["room"], self.sql("SELECT name FROM slot"))
        self.free_disk()
        self.keep(*self.big())
        self.assertEqual(list(range(1, 24)), self.numbers())

    def test_full_disk_does_not_lose_the_index(self) -> None:
        """A search that cannot catch up is refused; later it finds everything."""
        self.keep(*(said("tea " + " ".join(f"{line}x{word}" for word in range(150))) for line in range(50)))
        self.fill_disk()
        self.refused(self.backend.search(["lobby"], ["tea"], None, 99), NotKept)
        self.clock.advance(QUIET)
        self.free_disk()
        self.clock.advance(RETRY)
        self.assertEqual([50], self.sql("SELECT talk FROM indexed"))
        self.assertEqual(50, len(self.texts("tea", limit=99)))

    def test_failure_is_logged_once(self) -> None:
        """The operator reads the cause once, and once that it is over; a full disk is not filled with log lines."""
        logged: list[str] = []
        observer = cast(ILogObserver, lambda event: logged.append(formatEvent(event)))
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.break_down(self.backend, True)
        for _ in range(3):
            self.refused(self.backend.keep([said()]), NotKept)
        self.break_down(self.backend, False)
        self.keep(said())
        self.assertEqual(2, len(logged), logged)
        self.assertIn("readonly", logged[0])
        self.assertIn("works again", logged[1])

    def test_unreadable_history(self) -> None:
        """What cannot be read is not said to be not kept."""
        self.assertIn("read", self.refused(self.interrupted_history(), NotKept))

    async def interrupted_history(self) -> None:
        """A disk that fails while it is read."""

        def fail(connection: sqlite3.Connection) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        await cast(Any, self.backend)._lanes.read.do(fail)

    def test_bugs_are_bugs(self) -> None:
        """A broken constraint is not the disk's fault, and is not called so."""
        self.keep(said())
        number = cast(Any, self.backend)._ledger.rooms["lobby"]
        number.last = 0
        self.refused(self.backend.keep([said()]), sqlite3.IntegrityError)

    def test_which_errors_are_bugs(self) -> None:
        """Damage and disks are not; SQL that is wrong is, where Python tells."""
        self.assertFalse(is_bug(sqlite3.DatabaseError("database disk image is malformed")))
        self.assertFalse(is_bug(sqlite3.OperationalError("disk I/O error")))
        self.assertTrue(is_bug(sqlite3.ProgrammingError("Cannot operate on a closed database.")))
        if sys.version_info >= (3, 11):
            error = self.assertRaises(sqlite3.OperationalError, self.sql, "SELECT nonsense")
            self.assertTrue(is_bug(error))


class UpkeepTests(OnOneFile, SynchronousTestCase):
    """What is done when there is time."""

    def indexed(self) -> int:
        """Up to which row the words are in the index."""
        [row] = self.sql("SELECT talk FROM indexed")
        return int(row)

    def rows_with(self, word: str) -> list[int]:
        """Rows that the index has for a word, whether they are still there or not."""
        return self.sql("SELECT rowid FROM word WHERE word MATCH ?", f'"{word}"')

    def test_words_are_indexed_when_it_is_quiet(self) -> None:
        """Words are indexed a moment after people have stopped talking."""
        self.clock.advance(QUIET)
        self.keep(said("tea"))
        self.assertEqual(0, self.indexed())
        self.clock.advance(QUIET / 2)
        self.keep(said("more tea"))
        self.clock.advance(QUIET / 2)
        self.assertEqual(0, self.indexed())
        self.clock.advance(QUIET / 2)
        self.assertEqual(2, self.indexed())
        self.assertEqual([1, 2], self.rows_with("tea"))

    def test_indexing_makes_room_for_talk(self) -> None:
        """It goes slice by slice, and stops when somebody talks."""
        self.keep(*(said("tea") for _ in range(3000)))
        self.stopwatch.step = SLICE / 3
        writer = self.workers["write"]
        writer.holding = True
        self.clock.advance(QUIET)
        self.assertEqual(1, len(writer.held))
        keeping = Deferred.fromCoroutine(self.backend.keep([said("tea")]))
        writer.do_one()  # looks for closed rooms
        writer.do_one()
        self.successResultOf(keeping)
        while writer.held:
            writer.do_one()
        self.assertLess(self.indexed(), 100)
        self.stopwatch.step = 0
        writer.let_go()
        self.clock.advance(QUIET)
        self.assertEqual(3001, self.indexed())

    def test_backlog_is_bounded(self) -> None:
        """However busy it is, a search never has to wait for more than so many lines."""
        upkeep = cast(Any, self.backend)._upkeep
        self.clock.advance(QUIET)
        upkeep.kept(BACKLOG - 1, closed=False)
        self.keep(said("tea"))
        self.clock.advance(0)
        self.assertEqual(1, self.indexed())

    def test_search_does_not_wait_for_quiet(self) -> None:
        """What is not indexed yet is, before the search is answered."""
        self.keep(*(said(f"tea {number}") for number in range(2001)))
        self.assertEqual(2001, len(self.texts("tea", limit=9999)))

    def test_indexing_goes_on_after_a_restart(self) -> None:
        """What was not indexed when it stopped is when it is quiet again."""
        self.keep(said("tea"))
        self.restart()
        self.clock.advance(QUIET)
        self.assertEqual([1], self.rows_with("tea"))

    def test_forgotten_words_leave_the_index(self) -> None:
        """Nobody who gets hold of the file finds them there."""
        self.keep(said("black tea"), said("grüner Tee 茶"), said("tea"))
        self.clock.advance(QUIET)
        self.assertEqual([1, 3], self.rows_with("tea"))
        self.done(self.backend.expire(None, 1))
        self.assertEqual([[3], [], [], []], [self.rows_with(word) for word in ("tea", "black", "gruner", "茶")])

    def test_closed_rooms_are_deleted_piece_by_piece(self) -> None:
        """The end of a long room takes one short commit; its rows go when it is quiet."""
        self.keep(created(), *(said("tea") for _ in range(1005)))
        self.texts("tea")
        self.keep(closed())
        self.assertEqual([1005], self.sql("SELECT count(*) FROM talk"))
        self.assertEqual([], self.history())
        self.assertEqual([], self.texts("tea"))
        self.clock.advance(QUIET)
        self.assertEqual([0], self.sql("SELECT count(*) FROM talk"))
        self.assertEqual([0], self.sql("SELECT count(*) FROM happening"))
        self.assertEqual([("lobby", 0)], self.sql("SELECT name, closed FROM room"))
        self.assertEqual([], self.rows_with("tea"))

    def test_deleting_goes_on_after_a_restart(self) -> None:
        """A daemon that stopped too early does it next time."""
        self.keep(created(), said("tea"), closed())
        self.restart()
        self.clock.advance(QUIET)
        self.assertEqual([0], self.sql("SELECT count(*) FROM talk"))

    def test_rows_are_never_used_again(self) -> None:
        """The index never takes a new line for one that was forgotten."""
        self.keep(said("tea"), said("cake"))
        self.done(self.backend.expire(None, 0))
        self.keep(said("wine"))
        self.assertEqual([3], self.sql("SELECT id FROM talk"))


class GivenBackTests(OnOneFile, SynchronousTestCase):
    """Space on the disk that nothing is in."""

    def setUp(self) -> None:
        """A long history."""
        super().setUp()
        self.keep(created())
        for _ in range(20):
            self.keep(*[said(f"green tea {'x' * 1500}") for _ in range(200)])
        self.clock.advance(QUIET)

    def size(self) -> int:
        """Of the file, once its log is copied into it."""
        self.on_connection("tidy", "PRAGMA wal_checkpoint")
        return self.path.stat().st_size

    def test_it_is_given_back_when_it_is_quiet(self) -> None:
        """After history was forgotten, but for a little that the next lines fill."""
        before = self.size()
        self.done(self.backend.expire(None, 10))
        self.clock.advance(QUIET)
        self.assertLess(self.size(), max(before / 4, 2_000_000))
        self.assertEqual("ok", self.on_connection("read", "PRAGMA integrity_check"))

    def test_it_makes_room_for_talk(self) -> None:
        """It goes slice by slice."""
        self.done(self.backend.expire(None, 10))
        self.stopwatch.step = SLICE / 3
        writer = self.workers["write"]
        writer.holding = True
        self.clock.advance(QUIET)
        took = []
        while writer.held:
            before = self.stopwatch.now
            writer.do_one()
            took.append(self.stopwatch.now - before)
        writer.holding = False
        self.assertGreater(len(took), 3)
        self.assertLess(max(took), 2 * SLICE)

    def test_on_request(self) -> None:
        """All of it, at once and said how much."""
        before = self.size()
        self.done(self.backend.expire(None, 0))
        freed = self.done(self.backend.shrink())
        self.assertEqual(before - self.size(), freed)
        self.assertEqual(0, self.on_connection("read", "PRAGMA freelist_count"))
        self.assertEqual(0, self.done(self.backend.shrink()))

    def test_of_an_older_version(self) -> None:
        """It cannot be done while it is open, which is said; and nothing is harmed."""
        self.done(self.backend.stop())
        old = sqlite3.connect(self.path)
        for statement in ("PRAGMA journal_mode = DELETE", "PRAGMA auto_vacuum = NONE", "VACUUM"):
            old.execute(statement)
        old.close()
        self.backend, self.listener, self.snapshot = self.start()
        self.done(self.backend.expire(None, 10))
        self.clock.advance(QUIET)
        self.assertIsNone(self.done(self.backend.shrink()))
        before = self.size()
        self.done(self.backend.stop())
        file = DatabaseFile(self.path)
        file.open(NOON)
        self.assertGreater(file.vacuum(), before / 2)
        file.close()
        self.backend, self.listener, self.snapshot = self.start()
        self.assertEqual(0, self.done(self.backend.shrink()))
        self.assertEqual(10, len(self.history(talk=True)))


class ErasedForGoodTests(OnOneFile, SynchronousTestCase):
    """What is erased is not only out of sight."""

    def found(self) -> set[str]:
        """In which files something of it can be read."""
        return {path.name for path in self.path.parent.iterdir() if SECRET.encode() in path.read_bytes()}

    def test_not_in_the_files(self) -> None:
        """After thousands of lines, indexed or not, no byte of it is in the database, its index or its log."""
        self.keep(created(), joined())
        for start in range(0, 2500, 500):
            self.keep(*[said(f"{SECRET} number {start + n}", nick="alice" if n % 3 else "bob") for n in range(500)])
            self.clock.advance(QUIET)
        self.done(self.backend.post(Mail(NOON, "carol", "alice", SECRET), 9))
        self.keep(said(SECRET, nick="alice"))
        self.assertNotEqual(set(), self.found())
        self.done(self.backend.drop_account("alice"))
        self.assertEqual(1666, self.done(self.backend.erase("alice", False)))
        self.assertEqual(50, len(self.texts(SECRET)))
        self.done(self.backend.erase("bob", False))
        self.assertEqual(set(), self.found())
        self.assertEqual("ok", self.on_connection("read", "PRAGMA integrity_check"))
        self.on_connection("write", "INSERT INTO word (word) VALUES ('integrity-check')")

    def test_others_write_meanwhile(self) -> None:
        """A line said while a long history is gone through is kept in between, and stays."""
        self.keep(created(), joined())
        for _ in range(5):
            self.keep(*[said(nick="alice") for _ in range(1000)])
        self.stopwatch.step = SLICE / 10
        self.workers["write"].holding = True
        erasing = Deferred.fromCoroutine(self.backend.erase("alice", False))
        for _ in range(3):
            self.workers["write"].do_one()
        keeping = Deferred.fromCoroutine(self.backend.keep([said("meanwhile", nick="bob")]))
        self.workers["write"].do_one()
        self.workers["write"].do_one()
        self.assertEqual([True], self.successResultOf(keeping))
        self.assertNoResult(erasing)
        self.workers["write"].let_go()
        self.assertEqual(5000, self.successResultOf(erasing))
        self.assertEqual(["meanwhile"], self.texts("meanwhile"))

    def test_log_is_emptied_when_nobody_reads_any_more(self) -> None:
        """Another program that reads does not hold up what people say; the log is emptied once it has read."""
        self.keep(said(SECRET))
        reader = sqlite3.connect(self.path, isolation_level=None)
        self.addCleanup(reader.close)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM talk").fetchone()
        erasing = Deferred.fromCoroutine(self.backend.erase("alice", False))
        self.clock.advance(1)
        self.assertNoResult(erasing)
        self.keep(said("meanwhile", nick="bob"))
        reader.execute("COMMIT")
        self.clock.advance(1)
        self.assertEqual(1, self.successResultOf(erasing))
        self.assertEqual(set(), self.found())


HOSTILE = "e" + "\u0301\u0323" * 900
"""A text that is dear to look through, as older versions kept it."""


class SlicesTests(OnOneFile, SynchronousTestCase):
    """Work that can wait is cut by time, however many rows there are and however long one takes."""

    TEXTS = ["green tea", "grüner Tee", "茶" * 50, HOSTILE]

    def setUp(self) -> None:
        """Forty rows, each of which takes a fifth of a slice, and the slice ends when it should."""
        super().setUp()
        self.keep(created(), joined())
        for number in range(10):
            self.keep(*[said(f"{text} {number}", nick="alice") for text in self.TEXTS])
        self.stopwatch.step = SLICE / 5

    def longest(self, asked: Any) -> float:
        """The longest time for which the writing thread was held, in slices."""
        writer, took = self.workers["write"], [0.0]
        writer.holding = True
        outcome = Deferred.fromCoroutine(asked)
        while writer.held:
            before = self.stopwatch.now
            writer.do_one()
            took.append(self.stopwatch.now - before)
        writer.holding = False
        self.successResultOf(outcome)
        return max(took) / SLICE

    def test_index(self) -> None:
        """A search has it done in many slices, of which none is much longer than it should be."""
        self.assertLess(self.longest(self.backend.search(["lobby"], ["tea"], None, 9)), 2)
        self.stopwatch.step = 0
        self.assertEqual(10, len(self.texts("tea")))
        self.assertEqual(10, len(self.texts("tee")))

    def test_retention(self) -> None:
        """What is too much goes in many slices."""
        self.texts("tea")
        self.assertLess(self.longest(self.backend.expire(None, 1, 0)), 2)
        self.assertEqual([42], self.numbers())

    def test_erasing(self) -> None:
        """Erasing what somebody has said goes in slices as well."""
        self.texts("tea")
        self.assertLess(self.longest(self.backend.erase("alice", False)), 2)
        self.assertEqual([], self.texts("tea"))

    def test_closed_room(self) -> None:
        """A closed room is deleted in slices."""
        self.texts("tea")
        self.keep(left(), closed())
        writer = self.workers["write"]
        writer.holding = True
        self.clock.advance(QUIET)
        took = []
        while writer.held:
            before = self.stopwatch.now
            writer.do_one()
            took.append(self.stopwatch.now - before)
        writer.holding = False
        self.assertLess(max(took) / SLICE, 2)
        self.assertEqual([0], self.sql("SELECT count(*) FROM talk"))

    def test_inbox_of_an_erased_account(self) -> None:
        """Thousands of whispers of an erased account are deleted in slices."""
        for number in range(100):
            self.done(self.backend.post(Mail(NOON, "carol", "alice", f"psst {number}"), 1000))
        self.assertLess(self.longest(self.backend.drop_account("alice")), 2)
        self.assertEqual([0], self.sql("SELECT count(*) FROM mail"))

    def test_whispers_of_an_erased_account(self) -> None:
        """In other people's inboxes."""
        for number in range(100):
            self.done(self.backend.post(Mail(NOON, "alice", "carol", f"psst {number}"), 1000))
        self.assertLess(self.longest(self.backend.erase("alice", False)), 2)
        self.assertEqual([0], self.sql("SELECT count(*) FROM mail"))

    def test_audit_log(self) -> None:
        """What is too old in the audit log is deleted in slices."""
        for number in range(100):
            self.done(self.backend.audit(AuditEntry(NOON, "alice", "ban", f"nick{number}")))
        self.assertLess(self.longest(self.backend.expire_audit(NOON + 1)), 2)
        self.assertEqual([0], self.sql("SELECT count(*) FROM audit"))

    def test_something_is_done_in_every_slice(self) -> None:
        """Even where one row takes longer than a slice, or it would never come to an end."""
        self.stopwatch.step = 10 * SLICE
        self.longest(self.backend.search(["lobby"], ["tea"], None, 9))
        self.stopwatch.step = 0
        self.assertEqual([40], self.sql("SELECT talk FROM indexed"))


BEFORE_FOLDING = 5
"""The version of the schema in which accents of Latin alone did not count."""

LATER_COLUMNS = [("account", "zone"), ("talk", "nonce"), ("talk", "bot"), ("account", "bot"), ("token", "service")]
"""Tables and columns that later steps add."""


class OlderIndexTests(OnOneFile, SynchronousTestCase):
    """A database whose words were indexed by other rules."""

    def test_it_is_indexed_anew(self) -> None:
        """What was said before is found by the rules of today, and by nothing that it was found by once."""
        self.keep(created(), said("שָׁלוֹם"), said("plain"))
        self.done(self.backend.stop())
        db = sqlite3.connect(self.path)
        room = db.execute("SELECT room FROM talk").fetchone()[0]
        old = [(number, f"\ue000{room} {words}") for number, words in ((1, "שָׁלוֹם stale"), (2, "plain"))]
        with db:
            db.execute("INSERT INTO word (word) VALUES ('delete-all')")
            db.executemany("INSERT INTO word (rowid, text) VALUES (?, ?)", old)
            db.execute("UPDATE indexed SET talk = 2")
            for table, column in LATER_COLUMNS:
                db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
            db.execute("DROP TABLE certificate")
            db.execute("UPDATE schema_version SET version = ?", (BEFORE_FOLDING,))
        db.close()
        self.backend, _, _ = self.start()
        self.assertEqual(["שָׁלוֹם"], self.texts("שלום"))
        self.assertEqual([], self.texts("stale"))
        self.assertEqual(["plain"], self.texts("plain"))
