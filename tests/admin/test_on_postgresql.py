"""
C{chatroom-admin}'s words where the data is in PostgreSQL: they work with a daemon and without, or name what works.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.admin import files
from chatroom.admin.main import main
from chatroom.auth.passwords import Cost
from chatroom.daemon.options import Options
from tests.e2e import postgres as running


class OnPostgresqlTests(SynchronousTestCase):
    """A file of settings names the database; no daemon runs with it."""

    def setUp(self) -> None:
        """An empty database, and the file."""
        running.skip_or_fail()
        self.url = running.postgres().url(running.empty_database())
        folder = Path(self.mktemp())
        folder.mkdir()
        self.config = folder / "chatroom.ini"
        self.config.write_text(f"[chatroom]\nbackend = {self.url}\ndata = {folder}\n")
        self.patch(Options, "cost", lambda options: Cost(time=1, memory=8, parallelism=1))

    def admin(self, *words: str, typed: str = "") -> tuple[int, str]:
        """Exit status and what it wrote."""
        self.patch(sys, "stdin", io.StringIO(typed))
        written = io.StringIO()
        with redirect_stdout(written), redirect_stderr(written):
            status = main([*words, "--config", str(self.config)])
        return status, written.getvalue()

    def test_accounts(self) -> None:
        """An account that is made in a shell is in the database, and no node is left behind."""
        status, said = self.admin("accounts", "create", "Alice", typed="correct horse battery\n")
        self.assertEqual((0, "Account Alice created.\n"), (status, said))
        self.assertEqual(["alice"], running.sql("SELECT key FROM account"))
        self.assertIn("Alice", self.admin("accounts", "list")[1])
        self.assertEqual([], running.sql("SELECT name FROM node"))

    def test_space(self) -> None:
        """Unused space is given back by the database itself."""
        status, said = self.admin("vacuum")
        self.assertEqual(0, status, said)
        self.assertIn("bytes were given back", said)

    def node(self, name: str, epoch: int, beat: float = 0.0, read: int = 0) -> None:
        """A daemon that has beaten so many seconds ago."""
        running.sql(
            "INSERT INTO node (name, epoch, until, beat, read, version, settings) VALUES (%s, %s, "
            "clock_timestamp() + interval '6 s', clock_timestamp() - make_interval(secs => %s), %s, 1, '')",
            name, epoch, beat, read,
        )  # fmt: skip

    def test_nodes(self) -> None:
        """All daemons are listed, with how they do; one that is lost is there until it is buried."""
        self.assertEqual((0, "There are no daemons.\n"), self.admin("nodes"))
        running.sql("UPDATE server SET pos = 9")
        self.node("north~1", 1, read=9)
        self.node("south~2", 2, beat=3.0, read=4)
        running.sql("INSERT INTO burial VALUES (3, 'west~3', 1)")
        running.sql("INSERT INTO claim VALUES ('alice', 'alice'), ('bob', 'bob')")
        running.sql("INSERT INTO held VALUES ('alice', 1), ('bob', 3)")
        status, said = self.admin("nodes")
        self.assertEqual(0, status, said)
        head, *lines = [line.split() for line in said.splitlines()]
        self.assertEqual("NODE STATE BEAT LEASE BEHIND PEOPLE".split(), head)
        self.assertEqual([["north~1", "alive"], ["south~2", "late"], ["west~3", "lost"]], [line[:2] for line in lines])
        self.assertEqual([["0", "1"], ["5", "0"], ["0", "1"]], [line[-2:] for line in lines])
        found = json.loads(self.admin("nodes", "--json")[1])
        self.assertEqual([0, 5, 0], [each["behind"] for each in found])

    def test_nodes_of_no_database(self) -> None:
        """Where nothing is shared, or nothing answers, one sentence says so."""
        for url, why in (("sqlite", "one daemon alone"), ("postgresql://127.0.0.1:1/chat", "connection")):
            status, said = self.admin("nodes", url)
            self.assertEqual((1, 1), (status, said.count("\n")), said)
            self.assertIn(why, said)

    def test_upgrade(self) -> None:
        """The daemon that answers in the data folder is upgraded; where none does, one sentence says so."""
        status, said = self.admin("upgrade")
        self.assertEqual((1, f"chatroom-admin: no daemon has {self.config.parent} open.\n"), (status, said))
        asked: list[object] = []

        class Answering:
            """In the place of the daemon: it upgrades as soon as it gets the signal."""

            def __init__(self, place: object) -> None:
                asked.append(place)

            def ask(self, word: str) -> dict[str, int]:
                """Its number."""
                return {"process": {"pid": 4711}}[word]

            def close(self) -> None:
                """It is left alone."""

        def kill(pid: int, number: int) -> None:
            if number:
                outcome = self.config.parent / "chatroom.upgrade"
                outcome.write_text(f'{{"ok": true, "sentence": "Process {pid} got signal {number}."}}')

        self.patch(files, "Daemon", Answering)
        self.patch(os, "kill", kill)
        self.assertEqual((0, f"Process 4711 got signal {signal.SIGUSR2:d}.\n"), self.admin("upgrade"))
        self.assertEqual(1, len(asked))

    def test_what_postgresql_does_itself(self) -> None:
        """Copies are made and restored by PostgreSQL's own programs, and the sentence names the command."""
        for words, instead in (
            (("backup", "copy"), "pg_dump"),
            (("restore", "copy"), "pg_restore"),
        ):
            status, said = self.admin(*words)
            self.assertEqual((1, 1), (status, said.count("\n")), said)
            self.assertIn(instead, said)
