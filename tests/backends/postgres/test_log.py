"""
The log of several nodes: a node tells every turn in its place, and keeps it once, whatever happens to connections.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.postgres import reader, writer
from chatroom.backends.postgres.talk import rows
from chatroom.events import Said
from tests.backends.postgres.on_one_database import OnOneDatabase
from tests.backends.verbs import Recorder, said
from tests.chaos.finding import finds
from tests.chaos.planting import planted
from tests.e2e import postgres as running
from tests.server.planted import replaced

CANCELLED = """
    CREATE FUNCTION cancelled() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE WARNING 'canceling wait for synchronous replication due to user request' USING ERRCODE = '01000';
        RETURN NULL;
    END $$;
    CREATE TRIGGER cancelled AFTER INSERT ON log EXECUTE FUNCTION cancelled();
"""
"""What PostgreSQL says where a standby is waited for no longer; the commit is on the primary alone."""


class LogTests(OnOneDatabase, SynchronousTestCase):
    """North and south write."""

    def setUp(self) -> None:
        """North and south are there."""
        super().setUp()
        self.south, self.south_heard, _ = self.start("south")

    def texts_of(self, heard: Recorder) -> list[str]:
        """What a listener has heard, in order."""
        return [event.text for event in heard.events if isinstance(event, Said)]

    def links(self) -> Any:
        """North's connections."""
        return self.backend._links  # type: ignore[attr-defined]

    def test_own_turn_is_told_between_those_of_others(self) -> None:
        """North learns late that its own line was kept, after others wrote behind it, and tells all in order."""
        driver, answered = self.links().write._driver, Deferred[None]()
        run = driver.run

        async def late(work: Any) -> Any:
            result = await run(work)
            await answered
            return result

        self.done(self.south.keep([said("1")]))
        driver.run = late
        keeping: Deferred[Any] = Deferred.fromCoroutine(self.backend.keep([said("2")]))
        self.done(self.south.keep([said("3")]))
        self.settle()
        self.assertEqual(["1"], self.texts_of(self.listener))
        answered.callback(None)
        self.assertEqual([True], list(self.successResultOf(keeping)))
        self.settle()
        self.assertEqual(["1", "2", "3"], self.texts_of(self.listener))
        self.assertEqual(["1", "2", "3"], self.texts_of(self.south_heard))

    def test_turn_waits_for_its_commit(self) -> None:
        """The connection that keeps turns waits for the disk and the standby, as the server is set up to."""
        self.keep(said())
        found = self.done(self.links().write.do(rows, "SELECT current_setting('synchronous_commit')"))
        self.assertEqual([("on",)], found)

    def test_turn_whose_answer_is_lost_is_kept_once(self) -> None:
        """The connection ends after the commit: the turn is found by its number, and is in history once."""
        links = self.links()
        self.keep(said("before"))
        driver = links.write._driver
        run = driver.run
        lost: list[object] = []

        async def and_lose(work: Any) -> Any:
            result = await run(work)
            if not lost:
                import psycopg

                lost.append(result)
                links.write.cut()
                raise psycopg.OperationalError("the connection is lost")
            return result

        driver.run = and_lose
        keeping: Deferred[Any] = Deferred.fromCoroutine(self.backend.keep([said("once")]))
        self.assertNoResult(keeping)
        self.clock.advance(1)
        self.assertEqual([True], list(self.successResultOf(keeping)))
        self.assertEqual([1, 2], self.numbers())
        self.settle()
        self.assertEqual(["before", "once"], self.texts_of(self.south_heard))

    def test_wait_for_the_standby_that_is_cancelled(self) -> None:
        """
        PostgreSQL warns that a commit is on no standby: the turn counts as unknown, is found by its number behind a
        write that the standby has, and is in history once.
        """
        self.sql(CANCELLED)
        self.addCleanup(self.sql, "DROP FUNCTION cancelled CASCADE")
        waited: list[str] = []

        async def barrier(_: Any) -> None:
            waited.append("the standby")

        self.patch(writer, "barrier", barrier)
        keeping: Deferred[Any] = Deferred.fromCoroutine(self.backend.keep([said("once")]))
        self.assertNoResult(keeping)
        self.assertEqual([], self.texts_of(self.listener))
        self.clock.advance(1)
        self.assertEqual([True], list(self.successResultOf(keeping)))
        self.settle()
        self.assertEqual((["the standby"], [1]), (waited, self.numbers()))
        for heard in (self.listener, self.south_heard):
            self.assertEqual(["once"], self.texts_of(heard))

    def test_nothing_is_told_before_a_write_is_acknowledged(self) -> None:
        """
        South connects to another primary, and that one's standby does not answer yet: south tells nothing that could
        still be lost, and all of it once a write of its own is acknowledged.
        """
        south: Any = self.south
        link = south._links.wake

        async def fails(_: Any) -> None:
            raise psycopg.OperationalError("canceling statement due to user request")

        async def is_cancelled(_: Any) -> None:
            link._doubtful = True

        for number, unacknowledged in enumerate((fails, is_cancelled)):
            told = [str(before) for before in range(number)]
            with replaced(reader, "barrier", unacknowledged):
                link.cut()
                self.keep(said(str(number)))
                self.settle()
                self.assertEqual(told, self.texts_of(self.south_heard))
            self.settle()
            self.assertEqual([*told, str(number)], self.texts_of(self.south_heard))

    def test_turn_that_was_never_kept_is_sent_again(self) -> None:
        """The connection ends before the commit: the line is kept at the second try, and has the next number."""
        links = self.links()
        self.keep(said("before"))
        pid = links.write._db.pgconn.backend_pid
        running.sql("SELECT pg_terminate_backend(%s, 5000)", pid)
        keeping: Deferred[Any] = Deferred.fromCoroutine(self.backend.keep([said("again")]))
        self.clock.advance(1)
        self.assertEqual([True], list(self.successResultOf(keeping)))
        self.assertEqual([1, 2], self.numbers())

    def test_line_that_comes_while_a_node_is_handed_over(self) -> None:
        """South says a line while north writes down how far it has told: the process that takes over tells it, once."""
        worker = self.links().lease._driver._worker
        worker.holding = True
        stopping = Deferred.fromCoroutine(self.backend.stop(handing_over=True))
        self.done(self.south.keep([said("1")]))
        self.clock.advance(1)
        worker.let_go()
        self.successResultOf(stopping)
        successor = self.make_backend()
        self.addCleanup(lambda: self.done(successor.stop()))
        heard = Recorder()
        state = self.done(successor.start("north", heard, takes_over=True))
        told = [*self.listener.events, *state.missed, *heard.events]
        self.assertEqual(["1"], [event.text for event in told if isinstance(event, Said)])

    def test_log_keeps_what_a_node_has_not_read(self) -> None:
        """Turns that all have told are deleted; one that a node has not told yet stays."""
        self.keep(said("1"))
        self.settle()
        self.keep(said("2"))
        links = self.links()
        from chatroom.backends.postgres.retention import trim

        self.done(links.tidy.do(trim))
        self.assertEqual([2], self.sql("SELECT pos FROM log"))

    def test_ends_of_fields(self) -> None:
        """Lines that hold what stands between fields are kept, told and found as they were said."""
        lines = ["a\x1eb", "\x1f", "plain"]
        self.keep(*map(said, lines))
        self.settle()
        self.assertEqual(lines, self.texts_of(self.south_heard))
        self.assertEqual(lines, [getattr(event, "text", "") for event in self.history()])

    def test_alone_nobody_is_woken(self) -> None:
        """With one node, a turn notifies nobody."""
        self.done(self.south.stop())
        links = self.links()
        self.settle()
        links.wake.news.clear()
        self.keep(said())
        self.settle()
        self.assertEqual([], list(links.wake.news))


class PlantedTests(SynchronousTestCase):
    """Faults that C{make chaos} can plant are found by these tests too."""

    def test_own_turns_that_are_told_early(self) -> None:
        """A node tells its own turns at once."""
        made = partial(LogTests, "test_own_turn_is_told_between_those_of_others")
        self.assertTrue(finds(made, planted.early_own_turns, reader.LogReader, "tell"))

    def test_answers_that_come_early(self) -> None:
        """A turn is answered before its commit is on the disk."""
        made = partial(LogTests, "test_turn_waits_for_its_commit")
        self.assertTrue(finds(made, planted.early_answers, writer, "_keep"))


class UnstorableTests(OnOneDatabase, SynchronousTestCase):
    """What PostgreSQL cannot keep was never kept."""

    def test_keys_with_nul_and_half_characters(self) -> None:
        """Nobody has such a name, and nothing is found by such a word."""
        for key in ("a\0b", "a\ud800b"):
            self.assertIsNone(self.done(self.backend.account(key)))
            self.assertIsNone(self.done(self.backend.token(key)))
            self.assertFalse(self.done(self.backend.change_account(key, name="x")))
            self.assertEqual([], self.history(key))
            self.assertEqual([], self.texts(key))
            self.assertEqual(0, self.done(self.backend.erase(key, False)))
