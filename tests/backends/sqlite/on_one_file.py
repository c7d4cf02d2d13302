"""
A backend on a file that one test has for itself.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, cast

from twisted.internet.task import Clock

from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.interfaces import IBackend
from tests.backends import verbs
from tests.backends.verbs import NOON
from tests.backends.workers import AtOnce, Stopwatch


class OnOneFile(verbs.Contract):
    """
    How SQLite backends are made and made to fail.

    @ivar workers: those of the backend made last, by name.
    """

    def setUp(self) -> None:
        """Every test has a file and a clock."""
        self.path = Path(self.mktemp()) / "data" / "chatroom.sqlite"
        self.clock = Clock()
        self.stopwatch = Stopwatch()
        super().setUp()

    def make_backend(self) -> IBackend:
        """Another daemon on the same file, without threads."""
        self.workers: dict[str, AtOnce] = {}
        return SQLiteBackend(self.path, self.clock, lambda: NOON, worker=self.make_worker, seconds=self.stopwatch)

    def make_worker(self, name: str) -> AtOnce:
        """What stands for a thread."""
        worker = self.workers[name.removeprefix("chatroom-")] = AtOnce(name)
        return worker

    def break_down(self, backend: IBackend, broken: bool) -> None:
        """The disk has become read-only."""
        self.on_connection("write", f"PRAGMA query_only = {'ON' if broken else 'OFF'}")

    def on_connection(self, lane: str, statement: str) -> Any:
        """Run something on one of the backend's own connections; the first value of what it gives."""
        lanes = cast(Any, self.backend)._lanes
        row = getattr(lanes, lane)._connection.execute(statement).fetchone()
        return row and row[0]

    def sql(self, statement: str, *values: object) -> list[Any]:
        """What another program reads in the file; of rows with one value, the values."""
        connection = sqlite3.connect(self.path)
        try:
            rows = connection.execute(statement, values).fetchall()
        finally:
            connection.close()
        return [row[0] if len(row) == 1 else row for row in rows]
