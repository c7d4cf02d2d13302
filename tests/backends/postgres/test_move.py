"""
A server that moves from SQLite into PostgreSQL.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.admin.moving import move
from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.events import PasswordSet, RoleSet, Sanctioned, ServerRole, TopicSet
from chatroom.interfaces import IBackend
from chatroom.records import Account, AuditEntry, Certificate, Mail, Token
from tests.backends.postgres.on_one_database import OnOneDatabase
from tests.backends.verbs import NOON, Recorder, closed, created, joined, said
from tests.backends.workers import AtOnce
from tests.e2e import postgres as running


class MoveTests(OnOneDatabase, SynchronousTestCase):
    """What was kept in SQLite is in PostgreSQL."""

    def setUp(self) -> None:
        """A server on SQLite that has seen all kinds of things, and an empty database."""
        super().setUp()
        self.done(self.backend.stop())
        self.path = Path(self.mktemp()) / "chatroom.sqlite"
        self.old: IBackend = SQLiteBackend(self.path, Clock(), lambda: NOON, worker=AtOnce)
        self.was = self.done(self.old.start("north", Recorder()))
        self.done(
            self.old.keep([created(), joined(), said("green tea"), said("緑茶をください", nick="Bob"), said("gone")])
        )
        self.done(self.old.keep([created("attic"), said("secret", "attic"), closed("attic")]))
        self.done(
            self.old.keep(
                [
                    TopicSet(NOON, "lobby", "alice", text="tea"),
                    PasswordSet(NOON, "lobby", "alice", hash="$argon2id$x", on=True),
                    RoleSet(NOON, "lobby", "alice", who="bob", role="operator"),
                    Sanctioned(NOON, "", "alice", target="eve", scope="nick"),
                ]
            )
        )
        self.done(self.old.add_account(Account("Alice", "alice", "hash", NOON, ("eve",), zone="Europe/Rome")))
        self.done(self.old.set_server_role("alice", ServerRole.ADMIN, AuditEntry(NOON, "(shell)", "role", "alice")))
        self.done(self.old.add_token(Token("ab", "alice", NOON, NOON, NOON + 9, "127.0.0.1"), 9))
        self.done(self.old.add_certificate(Certificate("c1", "alice", NOON, NOON + 1), 9))
        self.done(self.old.post(Mail(NOON, "bob", "alice", "psst ☕"), 9))
        self.done(self.old.mark("alice", {"lobby": 3}))
        self.done(self.old.stop())

    def url(self) -> str:
        """Where it is moved to."""
        return running.postgres().url(self.database)

    def test_all_of_it(self) -> None:
        """Rooms, numbers, facts, talk, people and the audit log are read as they were, and found by search."""
        counts = move(self.path, self.url())
        self.assertEqual((3, 3, 1), (counts["talk"], counts["account"] + 2, counts["mail"]))
        new, _, state = self.start()
        self.backend = new
        self.done(self.old.start("north", Recorder()))
        was, _ = self.old, None
        again = self.done(was.history("lobby", after=0, before=None, limit=99, talk=False))
        self.assertEqual(again, self.done(new.history("lobby", after=0, before=None, limit=99, talk=False)))
        self.assertEqual([], self.history("attic"))
        self.assertEqual({"lobby": 8, "attic": 3}, dict(state.last))
        for key in ("alice", "bob"):
            self.assertEqual(self.done(was.account(key)), self.done(new.account(key)))
            self.assertEqual(self.done(was.tokens(key)), self.done(new.tokens(key)))
            self.assertEqual(self.done(was.certificates(key)), self.done(new.certificates(key)))
            self.assertEqual(self.done(was.letters(key, 0, 9)), self.done(new.letters(key, 0, 9)))
            self.assertEqual(self.done(was.marks(key)), self.done(new.marks(key)))
        self.assertEqual(self.done(was.audit_log(None, None, 9)), self.done(new.audit_log(None, None, 9)))
        self.assertEqual(["緑茶をください"], self.texts("茶"))
        self.assertEqual(["green tea"], self.texts("TEA"))
        self.done(was.stop())

    def test_goes_on(self) -> None:
        """What happens next gets the next number, and ids of its own."""
        move(self.path, self.url())
        self.backend, _, _ = self.start()
        line = said("after")
        self.assertEqual([True], self.keep(line))
        self.assertEqual(9, line.seq)
        self.assertEqual(2, self.done(self.backend.post(Mail(NOON, "bob", "alice", "again"), 9)))
        self.keep(created("attic"))
        self.assertEqual([4], self.numbers("attic"))

    def test_into_a_server_that_is_there(self) -> None:
        """A database that holds a server is left alone."""
        self.backend, _, _ = self.start()
        self.keep(created("den"))
        refusal = self.assertRaises(ValueError, move, self.path, self.url())
        self.assertIn("already holds a server", str(refusal))
        self.assertEqual([1], self.numbers("den"))

    def test_what_cannot_be_moved(self) -> None:
        """A file that is missing, a URL that is none, a password in it: nothing is done, and a sentence says why."""
        for path, url, why in (
            (self.path.with_name("other"), self.url(), "does not exist"),
            (self.path, "mysql://x", "is not a URL"),
            (self.path, "postgresql://a:b@c/d", "may not hold a password"),
            (self.path, "postgresql://127.0.0.1:1/chat", "127.0.0.1"),
        ):
            self.assertIn(why, str(self.assertRaises(ValueError, move, path, url)))

    def test_old_database_stays(self) -> None:
        """Nothing of it is changed."""
        move(self.path, self.url())
        with sqlite3.connect(self.path) as db:
            query = "SELECT count(*) FROM talk JOIN room ON room.id = talk.room WHERE room.name = 'lobby'"
            self.assertEqual((3,), db.execute(query).fetchone())
