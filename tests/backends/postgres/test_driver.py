"""
How PostgreSQL is waited for: psycopg is used in a way that its documentation does not promise, so it is held here.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e import postgres as running


class PsycopgTests(SynchronousTestCase):
    """What is used of psycopg and not documented."""

    def setUp(self) -> None:
        """PostgreSQL runs."""
        running.skip_or_fail()
        self.url = running.postgres().url(running.empty_database())

    def test_every_call_waits_by_the_method_that_is_overridden(self) -> None:
        """Connecting, a query, a transaction, a copy: all of it runs by Database.waiter, and by nothing of asyncio."""
        from chatroom.backends.postgres.driver import Database, run_at_once

        waited: list[int] = []

        async def work(db: Database) -> int:
            blocking = db.waiter

            def counting(gen: Any, number: int) -> Any:
                waited.append(number)
                return blocking(gen, number)

            db.waiter = counting
            await db.set_autocommit(True)
            async with db.transaction():
                await db.execute("SELECT %s", (1,), prepare=True)
            async with db.cursor() as cursor, cursor.copy("COPY claim (key, holder) FROM STDIN") as copy:
                await copy.write_row(("a", "b"))
            return db.pgconn.socket

        number = run_at_once(self.url, work)
        self.assertEqual({number}, set(waited))
        self.assertGreater(len(waited), 4)
        self.assertEqual(["a"], running.sql("SELECT key FROM claim"))

    def test_generators_wait_for_what_the_driver_knows(self) -> None:
        """The numbers by which a generator says that it waits to read or write are the ones that are used."""
        from psycopg.waiting import Ready, Wait

        from chatroom.backends.postgres.reactor import READ, WRITE

        self.assertEqual((READ, WRITE, READ | WRITE), (int(Wait.R), int(Wait.W), int(Wait.RW)))
        self.assertEqual((READ, WRITE), (int(Ready.R), int(Ready.W)))


class AskedTests(SynchronousTestCase):
    """The short way to ask, by which every turn goes, says what a cursor of psycopg says."""

    def setUp(self) -> None:
        """PostgreSQL runs."""
        running.skip_or_fail()
        self.url = running.postgres().url(running.empty_database())

    def ask(self, name: str, query: str, *values: int | str) -> list[list[bytes]]:
        """Ask twice on one connection; what came the second time."""
        from chatroom.backends.postgres.driver import Database, run_at_once

        async def work(db: Database) -> list[list[bytes]]:
            await db.set_autocommit(True)
            first = await db.ask(name, query, *values)
            found = await db.ask(name, query, *values)
            self.assertEqual(first, found)
            return found

        return run_at_once(self.url, work)

    def test_values(self) -> None:
        """Numbers, texts, arrays and NULL come as PostgreSQL writes them, row by row."""
        query = "SELECT $1::bigint + n, $2 || n, ARRAY[n, 7], NULL FROM generate_series(1, 2) AS n"
        found = self.ask("values_of_all_kinds", query, 2**40, "a\x1f\x1eü😀")
        texts = [f"a\x1f\x1eü😀{n}".encode() for n in (1, 2)]
        self.assertEqual([[b"%d" % (2**40 + n), texts[n - 1], b"{%d,7}" % n, b""] for n in (1, 2)], found)

    def test_numbers(self) -> None:
        """Arrays of numbers are read as such, empty ones too."""
        from chatroom.backends.postgres.talk import numbers_of

        self.assertEqual([[], [5], [-1, 2**62]], [numbers_of(array) for array in (b"{}", b"{5}", b"{-1,%d}" % 2**62)])

    def test_what_cannot_be_stored(self) -> None:
        """A NUL is refused by the database, and the text is not cut off there."""
        import psycopg

        with self.assertRaises(psycopg.DataError) as raised:
            self.ask("nul", "SELECT $1::text", "before\0after")
        self.assertEqual("22021", raised.exception.sqlstate)

    def test_errors(self) -> None:
        """What fails raises the error that its SQLSTATE stands for, also one that PostgreSQL does not know."""
        import psycopg

        with self.assertRaises(psycopg.errors.DivisionByZero):
            self.ask("zero", "SELECT 1 / $1::integer", 0)
        running.sql(
            "CREATE FUNCTION pg_temp_fails() RETURNS integer LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'CR001'; END $$"
        )
        with self.assertRaises(psycopg.Error) as raised:
            self.ask("buried", "SELECT pg_temp_fails()")
        self.assertEqual("CR001", raised.exception.sqlstate)

    def test_connection_that_ends(self) -> None:
        """Where the connection is ended, the error says so, and the connection knows that it is lost."""
        import psycopg

        from chatroom.backends.postgres.driver import Database, run_at_once
        from chatroom.backends.postgres.errors import is_lost

        async def work(db: Database) -> bool:
            await db.set_autocommit(True)
            await db.ask("one", "SELECT 1")
            running.sql("SELECT pg_terminate_backend(%s, 5000)", db.pgconn.backend_pid)
            with self.assertRaises(psycopg.Error) as raised:
                await db.ask("one", "SELECT 1")
            return is_lost(db, raised.exception)

        self.assertTrue(run_at_once(self.url, work))
