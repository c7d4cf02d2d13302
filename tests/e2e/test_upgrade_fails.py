"""
Upgrades of a real twistd that come to nothing, or that somebody comes in the way of: the old version goes on where it
can, and nothing that anybody has read is lost where it cannot.
"""

from __future__ import annotations

import os
import signal
import sqlite3

from chatroom.backends.sqlite.file import schema_steps
from tests.e2e.daemon import until
from tests.e2e.people import Peer
from tests.e2e.upgrades import UpgradeCase, is_alive

STARTS = "snapshot = await"
"""In the hub, when everything has been handed over."""

STARTED = "self._chat.state.learn(snapshot.events, snapshot.last)"
"""There, when the database is open and has the new schema."""

NOW = len(schema_steps())
"""The version of the schema that we ship."""

SCHEMA = f"chatroom/backends/sqlite/schema/{NOW + 1:03d}.sql"
"""A step that is not there yet."""

DIES = "__import__('os').kill(__import__('os').getpid(), 9)"


class FailureCase(UpgradeCase):
    """
    New versions that do not start: the old one goes on, and says why.

    @ivar alice: in the middle of a line. @ivar bob: who reads it.
    @cvar CHANGES: of the old version.
    """

    # A new version on a machine with much else to do may need more than a minute.
    CHANGES: tuple[tuple[str, str, str], ...] = (
        ("chatroom/upgrade/predecessor.py", "START_TIME = 60.0", "START_TIME = 600.0"),
    )
    OPTIONS: tuple[str, ...] = ("--max-per-address", "off", "--new-per-minute", "off")

    def setUp(self) -> None:
        super().setUp()
        for change in self.CHANGES:
            self.daemon.changes(*change)
        self.daemon.start()
        self.alice, self.bob = self.guest("alice"), self.guest("bob")
        self.alice.sends(b"hel")

    def assert_goes_on(self, *reasons: str) -> None:
        """An upgrade fails, for these reasons; nobody notices anything."""
        pid = self.daemon.runs_as
        status, said = self.daemon.admin("upgrade", str(self.daemon.data))
        self.assertEqual(1, status, said)
        self.assertIn("there was no upgrade, and the daemon goes on as it was", said)
        for reason in reasons:
            self.assertIn(reason, said)
        self.assertEqual(pid, self.daemon.runs_as)
        self.assertTrue(self.daemon.alive())
        self.alice.sends(b"lo\nhel")
        self.bob.reads_next(b"<alice> hello\n")
        self.guest(f"new{len(self.daemon.log)}")


class MistakeTests(FailureCase):
    """Mistakes in the new version, and what it may not do."""

    def test_what_may_be_wrong(self) -> None:
        """A mistake in the code, a plugin that is gone, a state or database that cannot be used, a sudden death."""
        for path, old, new, reason in (
            ("tap.py", "class ChatService(", "class (", "SyntaxError: invalid syntax"),
            ("daemon/option_groups.py", '_Option("data", ', '_Option("store", ', "KeyError: 'data'"),
            ("states.py", "OLDEST = 1\n", "OLDEST = 2\n", "hands over version 1, and this chatroom knows 2 to 1"),
            ("states.py", "VERSION = 1\n", "VERSION = 0\n", "hands over version 1, and this chatroom knows 1 to 0"),
            ("states.py", "typed: bytes", "begun: bytes", "cannot be read: LineSnapshot has no field 'typed'"),
            ("server/hub.py", STARTS, f'raise Exception("Not today.")\n        {STARTS}', "Not today"),
            (
                "server/hub.py",
                STARTS,
                f"__import__('os').kill(__import__('os').getpid(), 9)\n        {STARTS}",
                "signal 9",
            ),
        ):
            put_back = self.daemon.changes(f"chatroom/{path}", old, new)
            self.assert_goes_on(reason)
            put_back()
        self.daemon.changes(
            "chatroom/doors/line/text_speaker.py", "Welcome to {server.name}", "Be welcome in {server.name}"
        )
        self.daemon.upgrades()
        self.alice.sends(b"lo\n")
        self.bob.reads_next(b"<alice> hello\n")
        stranger = Peer(self.daemon.port)
        self.addCleanup(stranger.close)
        stranger.reads(b"Be welcome in")

    test_what_may_be_wrong.timeout = 240  # type: ignore[attr-defined]

    def test_too_few_files(self) -> None:
        """A new version that may not have as many files open as there are people, and an old one that has no more."""
        for _ in range(40):
            peer = Peer(self.daemon.port)
            self.addCleanup(peer.close)
        few = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30))"
        put_back = self.daemon.changes("chatroom/upgrade/successor.py", "log = Logger()", f"log = Logger()\n{few}")
        self.assert_goes_on("oo many ")
        put_back()
        self.daemon.upgrades()


class SchemaTests(FailureCase):
    """New versions that have changed the database already when they fail."""

    def test_schema_is_put_back(self) -> None:
        """A new version that dies when it has changed the database: that is undone, and it may try again."""
        self.alice.sends(b"lo\nhel")
        self.bob.reads_next(b"<alice> hello\n")
        (self.daemon.code / SCHEMA).write_text("CREATE TABLE tea (name TEXT); DROP TABLE mark;")
        put_back = self.daemon.changes("chatroom/server/hub.py", STARTED, f"{DIES}\n        {STARTED}")
        for _ in range(2):
            self.assert_goes_on("signal 9")
            self.assertEqual([], list(self.daemon.data.glob("*.bak")))
        self.assertIn(f"The database was changed back from version {NOW + 1} to version {NOW}", self.daemon.log)
        put_back()
        self.daemon.upgrades()
        self.assertEqual(1, len(list(self.daemon.data.glob("*.bak"))))
        self.alice.sends(b"lo\n/history\n")
        self.bob.reads_next(b"<alice> hello\n")
        self.alice.reads_next(b"hello")

    test_schema_is_put_back.timeout = 240  # type: ignore[attr-defined]

    def test_no_way_back(self) -> None:
        """The copy is gone as well: people are told, and the new version finds everything when it is started."""
        self.alice.sends(b"lo\n")
        self.bob.reads_next(b"<alice> hello\n")
        (self.daemon.code / SCHEMA).write_text("CREATE TABLE tea (name TEXT);")
        spoils = "[each.unlink() for each in __import__('pathlib').Path('chatroom-data').glob('*.bak')]"
        put_back = self.daemon.changes("chatroom/server/hub.py", STARTED, f"{spoils}; {DIES}\n        {STARTED}")
        old = self.daemon.pid
        status, said = self.daemon.admin("upgrade", str(self.daemon.data))
        self.assertEqual(1, status)
        self.assertIn("there was no upgrade, and the daemon stops; start it again. The database", said)
        self.assertIn(f"has version {NOW + 1}, but this chatroom knows versions up to {NOW}", said)
        self.assertIn("signal 9", self.daemon.log)
        self.assertIn(b"The server is shutting down", self.bob.reads_to_the_end())
        self.assertEqual(1, self.daemon.ends())
        until("the end of it", lambda: not is_alive(old))
        put_back()
        self.daemon.start()
        self.guest("carol").reads(b"<alice> hello\n")

    test_no_way_back.timeout = 240  # type: ignore[attr-defined]


class SilentTests(FailureCase):
    """A new version that never gets ready."""

    CHANGES = (("chatroom/upgrade/predecessor.py", "START_TIME = 60.0", "START_TIME = 2.0"),)

    def test_silent(self) -> None:
        """There is a limit to how long the old version waits before the new one takes anything."""
        self.daemon.changes("chatroom/tap.py", "    add_doors(service", "    time.sleep(600)\n    add_doors(service")
        self.assert_goes_on("it has sent nothing for 2 seconds")


class HangingTests(FailureCase):
    """A new version that gets ready, and then does nothing any more."""

    CHANGES = (("chatroom/upgrade/transfer.py", "TAKE_TIME = 300", "TAKE_TIME = 2"),)

    def test_hanging(self) -> None:
        """There is a limit to how long the old version waits after the new one was given everything."""
        self.daemon.changes("chatroom/server/hub.py", STARTS, f"__import__('time').sleep(600)\n        {STARTS}")
        self.assert_goes_on("did not take over within 2 seconds")


class LockedTests(FailureCase):
    """A database that another program holds."""

    def test_locked(self) -> None:
        """There is no upgrade, nobody is dropped, and it can be tried again when the other program has done."""
        other = sqlite3.connect(self.daemon.data / "chatroom.sqlite", isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN EXCLUSIVE")
        status, said = self.daemon.admin("upgrade", str(self.daemon.data))
        other.execute("ROLLBACK")
        self.assertEqual(1, status, said)
        self.assertIn("goes on as it was. The database cannot be written at the moment", said)
        self.alice.sends(b"lo\n")
        self.bob.reads_next(b"<alice> hello\n")
        status, said = self.daemon.admin("upgrade", str(self.daemon.data))
        self.assertEqual(0, status, said)


class SignalTests(FailureCase):
    """Signals that come while an upgrade is under way, and the death of the old process."""

    def changes_hub(self, what: str) -> None:
        """What the new version does when everything has been handed over."""
        self.daemon.changes("chatroom/server/hub.py", STARTS, f"{what}\n        {STARTS}")

    def asks_for_it(self) -> None:
        """For an upgrade, which is not waited for."""
        os.kill(self.daemon.pid, signal.SIGUSR2)

    def test_asked_twice(self) -> None:
        """There is one upgrade."""
        asked = self.folder / "asked twice"
        waits = f"    while not os.path.exists({str(asked)!r}):\n        time.sleep(0.02)\n"
        self.daemon.changes("chatroom/tap.py", "    add_doors(service", f"{waits}    add_doors(service")
        old = self.daemon.pid
        self.asks_for_it()
        until("the new process", self.daemon.children)
        self.asks_for_it()
        self.daemon.logs("An upgrade is already running")
        asked.touch()
        self.daemon.logs_anyway("has taken over from")
        self.daemon.old_process_has_ended(old)
        self.alice.sends(b"lo\n")
        self.bob.reads_next(b"<alice> hello\n")
        self.assertEqual(1, self.daemon.log.count("has taken over from"))

    def test_stopped_while_the_new_one_starts(self) -> None:
        """The daemon stops as any, and there is no other."""
        self.daemon.changes("chatroom/tap.py", "    add_doors(service", "    time.sleep(600)\n    add_doors(service")
        self.asks_for_it()
        child = until("the new process", lambda: self.daemon.children())[0]
        self.assertEqual(0, self.daemon.stop(), self.daemon.log)
        self.assertFalse(is_alive(child))
        self.assertIn(b"The server is shutting down", self.bob.reads_to_the_end())
        self.assertIn("The daemon is stopping.", self.daemon.log)

    def test_stopped_when_all_is_handed_over(self) -> None:
        """Too late for this process: then it is the new one that stops, and people are told."""
        self.changes_hub("__import__('os').kill(__import__('os').getppid(), 15)")
        self.asks_for_it()
        self.assertEqual(0, self.daemon.ends(), self.daemon.log)
        self.assertIn(b"The server is shutting down", self.bob.reads_to_the_end())
        until("the end of the new process", lambda: not is_alive(self.daemon.runs_as))
        self.assertIn("has taken over from", self.daemon.log)

    def test_old_process_dies(self) -> None:
        """When it has said everything, the new one goes on without it."""
        self.changes_hub("__import__('os').kill(__import__('os').getppid(), 9)")
        self.asks_for_it()
        self.daemon.ends()
        self.daemon.logs_anyway("Taken over: 2 connections.")
        self.alice.sends(b"lo\n")
        self.bob.reads_next(b"<alice> hello\n")
        self.guest("carol")

    def test_old_process_dies_early(self) -> None:
        """When it has not, the new one ends as well, and whoever is started next finds everything."""
        self.alice.sends(b"lo\n")
        self.bob.reads_next(b"<alice> hello\n")
        willing = 'self._channel.send("willing", {"raw": True})'
        self.daemon.changes("chatroom/upgrade/successor.py", willing, f"os.kill(os.getppid(), 9); {willing}")
        self.asks_for_it()
        child = until("the new process", lambda: self.daemon.children())[0]
        self.daemon.ends()
        until("the end of the new process", lambda: not is_alive(child))
        self.bob.reads_to_the_end()
        self.daemon.start()
        self.guest("carol").reads(b"<alice> hello\n")
