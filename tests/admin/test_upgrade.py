"""
C{chatroom-admin upgrade}: which daemon is meant, and what becomes of it. A real one is upgraded in L{tests.e2e}.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import signal
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom import tap
from chatroom.admin.main import main
from chatroom.admin.upgrade import LOCK, OUTCOME, daemon_of, folder_of, upgrade
from chatroom.backends.sqlite.file import DatabaseFile
from chatroom.upgrade import outcome
from chatroom.upgrade.outcome import Outcome


class UpgradeTests(SynchronousTestCase):
    """
    A data folder, and a daemon, which is this process.

    @ivar signals: sent to it.
    """

    def setUp(self) -> None:
        self.data = Path(self.mktemp()).absolute()
        self.file = DatabaseFile(self.data / tap.DATABASE)
        self.addCleanup(self.file.close)
        self.signals: list[int] = []
        self.time = 0.0
        self.says: dict[str, Any] | None = None
        self.alive = True
        self.patch(os, "kill", self.kill)

    def kill(self, pid: int, number: int) -> None:
        """In the place of the system's."""
        self.assertEqual(os.getpid(), pid)
        if number:
            self.signals.append(number)
        elif not self.alive:
            raise ProcessLookupError

    def rest(self, seconds: float) -> None:
        """Time passes; the daemon has an answer after a second."""
        self.time += seconds
        if self.time > 1 and self.says is not None:
            (self.data / OUTCOME).write_text(json.dumps(self.says))

    def upgrade(self) -> str:
        """What it comes to."""
        return upgrade(self.data, seconds=lambda: self.time, rest=self.rest)

    def test_names(self) -> None:
        """They are those that the daemon has."""
        self.assertEqual(outcome.NAME, OUTCOME)
        self.assertEqual(f"{tap.DATABASE}.lock", LOCK)

    def test_done(self) -> None:
        """The daemon is asked once, and what it says of this upgrade, and not of the last one, is what is said."""
        self.file.open(0.0)
        (self.data / OUTCOME).write_text('{"ok": false, "sentence": "Long ago."}')
        self.says = {"ok": True, "sentence": "Process 2 has taken over."}
        self.assertEqual("Process 2 has taken over.", self.upgrade())
        self.assertEqual([signal.SIGUSR2], self.signals)

    def test_database_elsewhere(self) -> None:
        """A daemon that has no database file, as its database is PostgreSQL, is found by asking it for its number."""
        self.data.mkdir()
        self.says = {"ok": True, "sentence": "Process 2 has taken over."}
        said = upgrade(self.data, os.getpid, seconds=lambda: self.time, rest=self.rest)
        self.assertEqual(("Process 2 has taken over.", [signal.SIGUSR2]), (said, self.signals))
        self.assertIn("no daemon has", str(self.assertRaises(ValueError, daemon_of, self.data, lambda: 0)))

    def test_database_in_a_file(self) -> None:
        """Where a daemon has the file open, that is the daemon that is meant, and nobody is asked."""
        self.file.open(0.0)
        self.assertEqual(os.getpid(), daemon_of(self.data, self.fail))

    def test_failed(self) -> None:
        """Why, and that the old one goes on."""
        self.file.open(0.0)
        self.says = {"ok": False, "sentence": "SyntaxError: invalid syntax."}
        error = self.assertRaises(ValueError, self.upgrade)
        self.assertEqual(
            "there was no upgrade, and the daemon goes on as it was. SyntaxError: invalid syntax", str(error)
        )

    def test_no_way_back(self) -> None:
        """Why, and that the old one stops."""
        self.file.open(0.0)
        self.says = {"ok": False, "stopped": True, "sentence": "The database has version 3."}
        error = str(self.assertRaises(ValueError, self.upgrade))
        self.assertEqual(
            "there was no upgrade, and the daemon stops; start it again. The database has version 3", error
        )

    def test_no_answer(self) -> None:
        """A daemon that has begun, and then says nothing, is not waited for without end."""
        self.file.open(0.0)
        self.says = {"begun": True}
        self.assertIn("in 400 seconds", str(self.assertRaises(ValueError, self.upgrade)))
        self.says = None
        self.alive = False
        self.assertIn("exited without a message", str(self.assertRaises(ValueError, self.upgrade)))

    def test_not_begun(self) -> None:
        """A daemon that does not begin, as it cannot write into its data folder, is given up after half a minute."""
        self.file.open(0.0)
        error = str(self.assertRaises(ValueError, self.upgrade))
        self.assertIn("has not started an upgrade in 30 seconds", error)
        self.assertIn(str(self.data / OUTCOME), error)
        self.assertLess(self.time, 31)

    def test_what_the_daemon_writes(self) -> None:
        """The last words take the place of the first, whatever their length, and are read as they were written."""
        self.file.open(0.0)
        made = Outcome(str(self.data))
        self.says = None
        for sentence in ("Process 2 has taken over.", "long " * 1000, "\U0001f355" * 5000):
            made.end({"ok": True, "sentence": sentence})
            said = json.loads((self.data / OUTCOME).read_text())
            self.assertTrue(sentence.startswith(said["sentence"]))
            self.assertGreater(len(said["sentence"]), 20)
        made.close()

    def test_not_through_a_link(self) -> None:
        """The daemon does not write through a symbolic link that another user has put there."""
        self.data.mkdir()
        (self.data / OUTCOME).symlink_to(self.data / "elsewhere")
        self.assertRaises(OSError, Outcome, str(self.data))
        self.assertFalse((self.data / "elsewhere").exists())

    def test_no_daemon(self) -> None:
        """Nobody is asked where none runs, also if one did."""
        for _ in range(2):
            self.assertIn("no daemon has", str(self.assertRaises(ValueError, daemon_of, self.data)))
            self.file.open(0.0)
            self.file.close()
        written = io.StringIO()
        with redirect_stdout(written), redirect_stderr(written):
            self.assertEqual(1, main(["upgrade", str(self.data)]))
        self.assertEqual(f"chatroom-admin: no daemon has {self.data} open.\n", written.getvalue())

    def test_daemon_of_an_older_version(self) -> None:
        """It would end by the signal, so it is not sent any."""
        self.data.mkdir()
        with (self.data / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("cannot be upgraded", str(self.assertRaises(ValueError, self.upgrade)))
        self.assertEqual([], self.signals)

    def test_pidfile(self) -> None:
        """From a process, the way leads to its data folder."""
        pidfile = Path(self.mktemp())
        pidfile.write_text(f"{os.getpid()}\n")
        self.assertIn("is not a chatroom", str(self.assertRaises(ValueError, folder_of, pidfile)))
        self.file.open(0.0)
        self.assertEqual(self.data, folder_of(pidfile))
        pidfile.write_text("999999999")
        self.assertIn("does not run", str(self.assertRaises(ValueError, folder_of, pidfile)))
        pidfile.write_text("hello")
        self.assertIn("has no process number", str(self.assertRaises(ValueError, folder_of, pidfile)))
