"""
C{chatroom-admin}'s words on a server that is closed: the same database a daemon has, and no daemon.

What they do with one that runs is in L{tests.e2e.test_shell}.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import stat
import sys
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.admin import closed
from chatroom.admin.backup import DATABASE
from chatroom.admin.main import main
from chatroom.auth.passwords import Cost
from chatroom.backends.sqlite.file import DatabaseFile
from chatroom.daemon.options import Options
from chatroom.private import user_name

PASSWORD = "correct horse battery"


class Typist(io.StringIO):
    """Standard input that is a terminal."""

    def isatty(self) -> bool:
        """Somebody types."""
        return True


class ClosedCase(SynchronousTestCase):
    """
    A data folder whose daemon has stopped.

    @ivar data: the folder.
    """

    def setUp(self) -> None:
        self.data = Path(self.mktemp())
        file = DatabaseFile(self.data / DATABASE)
        file.open(0.0)
        file.close()
        self.patch(closed, "become_owner", lambda path: None)
        self.patch(Options, "cost", lambda options: Cost(time=1, memory=8, parallelism=1))

    def admin(
        self, *words: object, typed: str = "", by_hand: bool = False, data: Path | None = None
    ) -> tuple[int, str]:
        """
        Exit status and what it wrote.

        @param typed: its standard input. @param by_hand: that is a terminal.
        """
        self.patch(sys, "stdin", Typist(typed) if by_hand else io.StringIO(typed))
        written = io.StringIO()
        with redirect_stdout(written), redirect_stderr(written):
            try:
                status = main([*(str(word) for word in words), "--data", str(data or self.data)])
            except SystemExit as end:
                status = int(str(end.code))
        return status, written.getvalue()

    def does(self, *words: object, typed: str = "") -> str:
        """What it wrote, when it has done what was asked."""
        status, said = self.admin(*words, typed=typed)
        self.assertEqual(0, status, said)
        return said

    def assert_refused(self, because: str, *words: object, typed: str = "", data: Path | None = None) -> None:
        """It says why in one line that is a sentence, with status 1."""
        status, said = self.admin(*words, typed=typed, data=data)
        self.assertEqual((1, 1), (status, said.count("\n")), said)
        self.assertIn(because, said)
        self.assertRegex(said, r"\Achatroom-admin: .*[^.]\.\n\Z")

    def create(self, *names: str) -> None:
        """Accounts."""
        for name in names:
            self.does("accounts", "create", name, typed=f"{PASSWORD}\n")


class AccountTests(ClosedCase):
    """C{accounts} and C{tokens}."""

    def test_create_and_list(self) -> None:
        """An account is made with the password in a pipe, and is in the list."""
        self.assertEqual("There are no accounts.\n", self.does("accounts", "list"))
        said = self.does("accounts", "create", "Alice", typed=f"{PASSWORD}\n")
        self.assertEqual("Account Alice created.\n", said)
        heading, alice = self.does("accounts", "list").splitlines()
        self.assertRegex(heading, r"^NAME +CREATED \(UTC\) +ROLE +SESSIONS +UNREAD$")
        self.assertRegex(alice, r"^Alice +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +0 +0$")
        (made,) = json.loads(self.does("accounts", "list", "--json"))
        self.assertEqual(("Alice", "none", False), (made["name"], made["staff"], made["online"]))

    def test_typed(self) -> None:
        """At a terminal it is typed twice, and not shown."""
        answers = [PASSWORD, PASSWORD, PASSWORD, "something else"]
        asked: list[str] = []

        def typed(question: str) -> str:
            asked.append(question)
            return answers.pop(0)

        self.patch(__import__("getpass"), "getpass", typed)
        self.assertEqual(0, self.admin("accounts", "create", "alice", by_hand=True)[0])
        self.assertEqual(["New password for alice: ", "Repeat the password: "], asked)
        status, said = self.admin("accounts", "password", "alice", by_hand=True)
        self.assertEqual((1, "chatroom-admin: The passwords did not match; nothing done.\n"), (status, said))

    def test_password(self) -> None:
        """Another password takes the place of the old one."""
        self.create("alice")
        before = self.hash_of("alice")
        said = self.does("accounts", "password", "ALICE", typed="another horse battery\n")
        self.assertEqual("Password of alice changed. 0 sessions ended.\n", said)
        self.assertNotEqual(before, self.hash_of("alice"))

    def hash_of(self, key: str) -> str:
        """What is kept of a password."""
        with closing(sqlite3.connect(self.data / DATABASE)) as opened:
            found: str = opened.execute("SELECT password FROM account WHERE key = ?", (key,)).fetchone()[0]
        return found

    def test_disable(self) -> None:
        """Shown in the list, until it is enabled again."""
        self.does("accounts", "create", "alice", typed=f"{PASSWORD}\n")
        self.assertEqual("alice is now disabled. 0 sessions ended.\n", self.does("accounts", "disable", "alice"))
        self.assertEqual("alice was already disabled. 0 sessions ended.\n", self.does("accounts", "disable", "ALICE"))
        self.assertRegex(self.does("accounts", "list"), r"alice .* disabled\n\Z")
        self.assertTrue(json.loads(self.does("accounts", "list", "--json"))[0]["disabled"])
        self.assertEqual("alice can log in again.\n", self.does("accounts", "enable", "alice"))
        self.assertEqual("alice was not disabled.\n", self.does("accounts", "enable", "alice"))
        self.assertNotIn("disabled", self.does("accounts", "list"))
        self.assert_refused("There is no account called bob", "accounts", "disable", "bob")

    def test_refused(self) -> None:
        """What is wrong is said in one sentence, and nothing is done."""
        self.create("alice")
        for because, words, typed in (
            ("8 characters", ("accounts", "create", "bob"), "short\n"),
            ("first line of standard input", ("accounts", "create", "bob"), ""),
            ("reserved", ("accounts", "create", "admin"), f"{PASSWORD}\n"),
            ("There is already an account called alice", ("accounts", "create", "alice"), f"{PASSWORD}\n"),
            ("There is no account called bob", ("accounts", "password", "bob"), f"{PASSWORD}\n"),
            ("There is no account called bob", ("tokens", "list", "bob"), ""),
            ("alice has no session 12345678", ("tokens", "revoke", "alice", "12345678"), ""),
        ):
            self.assert_refused(because, *words, typed=typed)
        self.assertEqual(2, len(self.does("accounts", "list").splitlines()))

    def test_tokens(self) -> None:
        """Without sessions, there are none to list or to end."""
        self.create("alice")
        self.assertEqual("alice has no sessions.\n", self.does("tokens", "list", "alice"))
        self.assertEqual("0 sessions of alice ended.\n", self.does("tokens", "revoke", "alice"))
        self.assertEqual([], json.loads(self.does("tokens", "list", "alice", "--json")))

    def test_certificates(self) -> None:
        """Without certificates, there are none to list or to remove; what is no fingerprint is refused."""
        self.create("alice")
        self.assertEqual("No certificate logs in to alice.\n", self.does("certificates", "list", "alice"))
        self.assertEqual([], json.loads(self.does("certificates", "list", "ALICE", "--json")))
        self.assertEqual("0 certificates of alice removed.\n", self.does("certificates", "remove", "alice"))
        with closing(sqlite3.connect(self.data / DATABASE)) as opened, opened:
            opened.execute("INSERT INTO certificate VALUES (?, 'alice', 1767225600, 0)", ("ab" * 32,))
        said = self.does("accounts", "password", "alice", typed="another horse battery\n")
        self.assertIn("1 certificate can still log in: chatroom-admin certificates list alice", said)
        self.assertRegex(
            self.does("certificates", "list", "alice").splitlines()[1], f"^{'ab' * 32} +2026-01-01 00:00:00 +never$"
        )
        self.assertEqual("1 certificate of alice removed.\n", self.does("certificates", "remove", "alice", "AB" * 32))
        self.assert_refused("alice has no certificate abab", "certificates", "remove", "alice", "ab" * 32)
        self.assert_refused("64 digits", "certificates", "remove", "alice", "abab")

    def test_bots(self) -> None:
        """An account is marked as a bot's, and has a session for a program, whose token is the whole output."""
        self.create("robot")
        self.assertEqual("robot is marked as a bot.\n", self.does("accounts", "bot", "robot", "on"))
        self.assertEqual("robot is not marked as a bot.\n", self.does("accounts", "bot", "robot", "off"))
        self.assertRegex(self.does("tokens", "create", "robot", "build"), r"\A[\w-]{32}\n\Z")
        self.assertIn("build", self.does("tokens", "list", "robot"))
        self.assertEqual("1 session of robot ended.\n", self.does("tokens", "revoke", "robot", "build"))


class OnePersonTests(ClosedCase):
    """C{export} and C{erase}."""

    def test_export(self) -> None:
        """It is one JSON object, written out or in a new file that only its owner can read."""
        self.create("alice")
        made = json.loads(self.does("export", "alice"))
        profile = {
            "name",
            "account",
            "created",
            "staff",
            "online",
            "ignores",
            "zone",
            "sessions",
            "rooms",
            "read",
            "certificates",
        }
        self.assertEqual({*profile, "inbox", "lines", "plugins"}, set(made))
        file = Path(self.mktemp())
        self.assertIn("0 lines and 0 whispers", self.does("export", "alice", file))
        self.assertEqual((made, 0o600), (json.loads(file.read_text()), stat.S_IMODE(file.stat().st_mode)))
        self.assert_refused("file exists", "export", "alice", file)

    def test_erase(self) -> None:
        """It asks for the name once more, or wants to be told that it is meant."""
        self.create("alice")
        self.assert_refused("use --yes", "erase", "alice")
        status, said = self.admin("erase", "alice", typed="alcie\n", by_hand=True)
        self.assertEqual(1, status)
        self.assertIn("name does not match; nothing done", said)
        status, said = self.admin("erase", "alice", typed="alice\n", by_hand=True)
        self.assertEqual(0, status)
        self.assertIn("alice is erased, with 0 lines. The nickname stays reserved.", said)
        self.assertIn("erased", self.does("accounts", "list"))
        self.assert_refused("was erased", "export", "alice")
        self.assertIn("The nickname is free.", self.does("erase", "alice", "--yes", "--free-name"))
        self.assert_refused("no data of anyone called alice", "erase", "alice", "--yes")


class OrderTests(ClosedCase):
    """C{role} and C{audit}."""

    def test_first_admin(self) -> None:
        """It is made before anybody has come in, and is in the log."""
        self.assertIn("chatroom-admin role NICK admin", self.does("role"))
        self.create("alice", "bob")
        said = self.does("role", "alice", "admin")
        self.assertEqual("alice is an admin on this server now, and was without a role.\n", said)
        self.does("role", "bob", "moderator")
        self.assertEqual(["alice  admin", "bob    moderator"], self.does("role").splitlines())
        self.assert_refused("the only admin", "role", "alice", "none")
        log = self.does("audit", "alice").splitlines()
        self.assertEqual(
            ["create alice", "role alice (admin, was none)"],
            [line.partition(f"(shell: {user_name(os.getuid())}): ")[2] for line in log],
        )
        (last,) = self.does("audit", "--json", "-n", "1").splitlines()
        self.assertEqual("bob", json.loads(last)["target"])
        self.assertEqual("No entries.\n", self.does("audit", "nobody"))

    def test_bans(self) -> None:
        """Bans are added, listed and lifted before anybody has come in, too."""
        self.assertEqual("No server bans or mutes.\n", self.does("bans", "list"))
        said = self.does("bans", "add", "198.51.100.0/24", "--reason", "raid")
        self.assertEqual("198.51.100.0/24 (address) is banned from this server forever.\n", said)
        said = self.does("bans", "add", "mallory", "--for", "2h", "--mute")
        self.assertRegex(said, r"^mallory \(nick\) is muted on this server until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.$")
        heading, ban, mute = self.does("bans", "list").splitlines()
        self.assertRegex(heading, r"^WHAT +WHO +UNTIL \(UTC\) +BY +WHY$")
        self.assertRegex(ban, r"^ban +198\.51\.100\.0/24 +forever +\(shell: \w+\) +raid$")
        self.assertTrue(mute.startswith("mute  mallory"))
        self.assertEqual("mallory can talk again.\n", self.does("bans", "lift", "mallory", "--mute"))
        self.assertEqual(1, len(json.loads(self.does("bans", "list", "--json"))))
        self.assert_refused("no ban on mallory", "bans", "lift", "mallory")
        self.assert_refused("not a duration", "bans", "add", "mallory", "--for", "ages")

    def test_not_understood(self) -> None:
        """What nobody understands ends with status 2 and how it is typed."""
        for words in (("role", "alice"), ("role", "alice", "king"), ("audit", "-n", "many"), ("audit", "-n", "-1")):
            status, said = self.admin(*words)
            self.assertEqual(2, status, said)
            self.assertIn("usage: chatroom-admin", said)


class NoServerTests(ClosedCase):
    """Where there is no server, or it is not free."""

    def test_no_database(self) -> None:
        """Neither a daemon nor a database: nothing is made."""
        nowhere = Path(self.mktemp())
        self.assert_refused(f"there is no {DATABASE} in {nowhere}", "accounts", "list", data=nowhere)
        self.assertFalse(nowhere.exists())

    def test_in_use(self) -> None:
        """A daemon that has the database and does not listen is not worked around."""
        file = DatabaseFile(self.data / DATABASE)
        file.open(0.0)
        self.addCleanup(file.close)
        self.assert_refused("is in use by another chatroom", "accounts", "list")

    def test_free_again(self) -> None:
        """When it is done, a daemon can start."""
        self.create("alice")
        file = DatabaseFile(self.data / DATABASE)
        file.open(0.0)
        file.close()

    def test_post(self) -> None:
        """Nobody hears what is said in an empty server."""
        self.assert_refused("No daemon is running", "post", "hello")

    def test_no_lobby_is_made(self) -> None:
        """What the daemon makes at its start by its own settings is not made here by others."""
        self.create("alice")
        with closing(sqlite3.connect(self.data / DATABASE)) as opened:
            self.assertEqual([], opened.execute("SELECT name FROM room WHERE name <> ''").fetchall())

    def test_config(self) -> None:
        """The daemon's file of settings says where its data is, and which passwords will do."""
        settings = Path(self.mktemp())
        settings.write_text(f"[chatroom]\ndata = {self.data}\npassword-length = 30\n")
        written = io.StringIO()
        self.patch(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
        with redirect_stderr(written):
            status = main(["accounts", "create", "alice", "--config", str(settings)])
        self.assertEqual(1, status)
        self.assertIn("at least 30 characters", written.getvalue())
        settings.write_text("[chatroom]\nprot = 1\n")
        with redirect_stderr(written):
            self.assertEqual(1, main(["accounts", "list", "--config", str(settings)]))
        self.assertIn("Did you mean 'port'?", written.getvalue())
