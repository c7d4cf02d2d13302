"""
Backends on a database that one test has for itself.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock

from chatroom.interfaces import IBackend
from tests.backends import verbs
from tests.backends.verbs import NOON
from tests.backends.workers import AtOnce
from tests.e2e import postgres as running

LONG = 600.0
"""Seconds of a lease: however slow the machine is, nobody loses it who is not to lose it."""

FULL = """
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
    END $$
"""


class OnOneDatabase(verbs.Contract):
    """
    How PostgreSQL backends are made and made to fail.

    @ivar workers: those of the backend made last, by name.
    """

    def setUp(self) -> None:
        """Every test has a database and a clock."""
        running.skip_or_fail()
        self.database = running.empty_database()
        self.clock = Clock()
        self.backends: list[Any] = []
        super().setUp()

    def make_backend(self) -> IBackend:
        """Another node on the same database, without threads."""
        from chatroom.backends.postgres.backend import PostgresBackend

        self.workers: dict[str, AtOnce] = {}
        url = running.postgres().url(self.database)
        made = PostgresBackend(url, self.clock, lambda: NOON, worker=self.make_worker, lease=LONG)
        self.backends.append(made)
        return made

    def make_worker(self, name: str) -> AtOnce:
        """What stands for a thread."""
        worker = self.workers[name.removeprefix("chatroom-")] = AtOnce(name)
        return worker

    def break_down(self, backend: IBackend, broken: bool) -> None:
        """The disk is full."""
        if broken:
            self.sql(FULL)
        for table in self.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            if broken:
                how = "BEFORE INSERT OR UPDATE OR DELETE"
                self.sql(f"CREATE TRIGGER full_disk {how} ON {table} EXECUTE FUNCTION full_disk()")
        if not broken:
            self.sql("DROP FUNCTION full_disk CASCADE")

    def sql(self, statement: str, *values: object) -> list[Any]:
        """What another program reads in the database, or does to it; of rows with one value, the values."""
        return running.sql(statement, *values)

    def kill(self, node: str) -> None:
        """It dies, as with C{kill -9}, and its lease runs out. Where it is being handed over, nobody takes it."""
        for dead in self.backends:
            if dead._links is not None and dead._node == node:
                dead._lease.stop()
                dead._member.chores.stop()
                dead._member.names.stop()
                dead._member.reader.stop()
                for link in dead._links.all:
                    link.cut()
        self.sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s",
            f"chatroom {node}",
        )
        self.sql("UPDATE node SET until = 'epoch' WHERE name = %s", node)
        self.settle()

    def settle(self) -> None:
        """Everybody has beaten for a lease, looks for nodes that are dead and at the log, and looks again."""
        for each in self.backends:
            if each._links is not None:
                each._lease._steady = -LONG
        for _ in range(7):
            self.clock.advance(1)
