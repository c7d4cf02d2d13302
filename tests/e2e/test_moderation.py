"""
Keeping order in a real daemon: what is decided holds at every door, and after a crash.
"""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.sqlite.file import DatabaseFile
from chatroom.backends.sqlite.staff import set_server_role
from chatroom.events import ServerRole
from chatroom.records import SHELL, AuditEntry
from tests.e2e.people import Peer
from tests.e2e.quick import QuickDaemon

PASSWORD = "correct horse battery"


class ModerationTests(SynchronousTestCase):
    """A daemon, and people who come from several addresses of this machine."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.daemon = QuickDaemon(self.folder, "--argon2-memory", "1024", "--argon2-time", "1")
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def peer(self, source: str, *lines: str) -> Peer:
        """Somebody from there, who sends these lines."""
        peer = Peer(self.daemon.port, source)
        self.addCleanup(peer.close)
        peer.sends("".join(f"{line}\n" for line in lines).encode())
        return peer

    def test_network_stays_banned(self) -> None:
        """
        The first admin is made by another process while the server is open. Who is in the network is told and out; who
        comes from there is told at the door, also after a kill -9 and for programs; and it can be lifted.
        """
        ada = self.peer("127.0.0.2", "ada", f"/signup {PASSWORD}")
        ada.reads(b"/resume ")
        self.make_admin("ada")
        bob = self.peer("127.0.0.77", "bob")
        bob.reads(b"Registration successful")
        ada.sends(b"/gban 127.0.0.64/26 7d a raid\n")
        ada.reads(b"127.0.0.64/26 is banned from this server for 7 days (a raid).")
        told = b"Your network is banned from this server until "
        self.assertIn(b"-- " + told, bob.reads_to_the_end())
        self.daemon.kill()
        self.daemon.start()
        for source in ("127.0.0.77", "127.0.0.65"):
            banned = Peer(self.daemon.port, source)
            self.addCleanup(banned.close)
            self.assertTrue(banned.reads_to_the_end().startswith(b"! " + told))
        ada = self.peer("127.0.0.2", json.dumps({"id": 1, "do": "hello", "nick": "ada", "password": PASSWORD}))
        ada.reads(b'"ok":true')
        ada.sends(b'{"id": 2, "do": "gbans"}\n{"id": 3, "do": "gunban", "target": "127.0.0.64/26"}\n')
        ada.reads(b'"target":"127.0.0.64/26","scope":"address","by":"ada"')
        ada.reads(b'{"id":3,"ok":true')
        self.peer("127.0.0.77", "bob").reads(b"Registration successful")

    def make_admin(self, key: str) -> None:
        """As the shell does, beside the daemon."""
        with closing(DatabaseFile(self.folder / "chatroom-data" / "chatroom.sqlite").connect()) as connection:
            set_server_role(connection, key, ServerRole.ADMIN, AuditEntry(time.time(), SHELL, "role", key, "admin"))
