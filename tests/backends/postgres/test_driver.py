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
