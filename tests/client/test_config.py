"""
What is remembered, and where.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.config import Store, folder
from chatroom.client.url import Address


class StoreTests(SynchronousTestCase):
    """Files that nobody else can read."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()) / "deep" / "chatroom"
        self.store = Store(self.folder)

    def test_nothing_yet(self) -> None:
        """There is no last address, and no token."""
        self.assertIsNone(self.store.last())
        self.assertEqual("", self.store.token("localhost:64700", "luca"))

    def test_remembers(self) -> None:
        """Across starts, and by server and nickname."""
        address = Address("chat.example.org", 6000, True, "luca", "attic")
        self.store.keep_last(address)
        self.store.keep_token("a:1", "Luca", "t0ken")
        self.store.keep_token("b:1", "luca", "other")
        again = Store(self.folder)
        self.assertEqual(address, again.last())
        self.assertEqual(
            ["t0ken", "other", ""], [again.token(*who) for who in (("a:1", "luca"), ("b:1", "LUCA"), ("a:1", "x"))]
        )

    def test_forgets(self) -> None:
        """A token that is no good any more leaves no trace."""
        self.store.keep_token("a:1", "luca", "t0ken")
        self.store.keep_token("a:1", "luca", "")
        self.assertEqual("", self.store.token("a:1", "luca"))
        self.assertNotIn("luca", (self.folder / "tokens.json").read_text())

    def test_rooms(self) -> None:
        """By server and nickname, in order; none leave no trace."""
        self.assertEqual((), self.store.rooms("a:1", "luca"))
        self.store.keep_rooms("a:1", "Luca", ("lobby", "attic"))
        self.store.keep_rooms("b:1", "luca", ("den",))
        again = Store(self.folder)
        self.assertEqual((("lobby", "attic"), ("den",)), (again.rooms("a:1", "luca"), again.rooms("b:1", "LUCA")))
        self.store.keep_rooms("a:1", "luca", ())
        self.assertEqual((), again.rooms("a:1", "luca"))
        (self.folder / "rooms.json").write_text('{"luca@a:1": 7, "luca@b:1": ["den", 7]}')
        self.assertEqual(((), ("den",)), (again.rooms("a:1", "luca"), again.rooms("b:1", "luca")))

    def test_for_our_eyes_only(self) -> None:
        """The files are readable by their owner alone, whatever the umask, and whatever they were before."""
        before = os.umask(0)
        try:
            self.store.keep_token("a:1", "luca", "t0ken")
            (self.folder / "tokens.json").chmod(0o644)
            self.store.keep_token("a:1", "luca", "other")
        finally:
            os.umask(before)
        self.assertEqual(0o600, stat.S_IMODE((self.folder / "tokens.json").stat().st_mode))
        self.assertEqual(0o700, stat.S_IMODE(self.folder.stat().st_mode))
        self.assertEqual(["tokens.json"], os.listdir(self.folder), "no draft is left behind")

    def test_spoilt_files(self) -> None:
        """They are as good as none, and are written anew."""
        self.folder.mkdir(parents=True)
        for content in (b"", b"{", b"[1]", b'{"address": 7, "luca@a:1": 7}', b"\xff", b'{"address": "http://x"}'):
            (self.folder / "last.json").write_bytes(content)
            (self.folder / "tokens.json").write_bytes(content)
            self.assertIsNone(self.store.last())
            self.assertEqual("", self.store.token("a:1", "luca"))
        self.store.keep_token("a:1", "luca", "t0ken")
        self.assertEqual("t0ken", self.store.token("a:1", "luca"))

    def test_nowhere_to_write(self) -> None:
        """A place that cannot be written to is an error with a sentence."""
        self.folder.parent.mkdir(parents=True)
        self.folder.write_text("a file where the folder should be")
        self.assertRaises(OSError, self.store.keep_last, Address("x"))


class FolderTests(SynchronousTestCase):
    """The XDG Base Directory Specification."""

    def test_where(self) -> None:
        """As the environment says, or in .config; a relative path there is not lawful."""
        self.assertEqual(Path("/x/chatroom"), folder({"XDG_CONFIG_HOME": "/x", "HOME": "/home/luca"}))
        self.assertEqual(Path("/home/luca/.config/chatroom"), folder({"HOME": "/home/luca"}))
        self.assertEqual(Path("/home/luca/.config/chatroom"), folder({"XDG_CONFIG_HOME": "x", "HOME": "/home/luca"}))
