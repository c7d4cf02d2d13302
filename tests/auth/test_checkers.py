"""
What C{--help-auth} lists lets in who has the right password, and nobody else.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from passlib.hash import sha512_crypt
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from chatroom.auth import checkers
from chatroom.auth.checkers import check_file
from chatroom.auth.credentials import Credentials
from chatroom.auth.passwords import Cost, Passwords
from chatroom.core.names import fold
from chatroom.daemon.check import Fault, check_checkers
from chatroom.daemon.options import Options
from chatroom.interfaces import Asker, IBackend
from chatroom.limits import Limits
from chatroom.records import Account

RIGHT = "Caf\u00e9 au lait"

WRONG = (
    *("cafe au lait", "Caf\u00e9", "Caf\u00e9  au lait", "", "x", "Caf\u00e9 au lait\0"),
    *("\ud800", "*", "!", "x:y", "a" * 2000),
)

EQUAL = (RIGHT, "Cafe\u0301 au\u3000lait", "Caf\u00e9\u00a0au lait")
"""The right one, as other keyboards type it."""


class Accounts:
    """As much of a backend as a login needs."""

    def __init__(self) -> None:
        self.kept: dict[str, Account] = {}

    async def account(self, key: str) -> Account | None:
        """By its key."""
        return self.kept.get(key)

    async def add_account(self, account: Account) -> bool:
        """Keep it."""
        return self.kept.setdefault(account.key, account) is account


class CheckersCase(SynchronousTestCase):
    """Logins by a checker of C{--auth}."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.accounts = Accounts()

    def options(self, *words: str) -> Options:
        """As they are typed."""
        options = Options()
        options.parseOptions(list(words))
        return options

    def refused(self, *words: str) -> str:
        """What is said about options that cannot be used."""
        return str(self.assertRaises(UsageError, self.options, *words))

    def login(self, auth: str, name: str, password: str) -> str | None:
        """The key of who logs in, or C{None}."""
        passwords = Passwords(maybeDeferred, Limits(), Cost(1, 8, 1))
        made = self.options("--auth", auth)["credCheckers"]
        credentials = Credentials(cast(IBackend, self.accounts), passwords, Limits(), lambda: 0.0, made)
        return self.successResultOf(Deferred.fromCoroutine(credentials.check(name, password, Asker())))

    # What each of them is given, so that it knows bob by RIGHT.

    def file(self) -> str:
        """A file with bob in it."""
        path = self.folder / "people"
        path.write_text(f"# NAME:PASSWORD\n\ncarol:x\nbob:{RIGHT}\n")
        return f"file:{path}"

    def memory(self) -> str:
        """A list with bob in it."""
        return f"memory:carol:x:bob:{RIGHT}"

    def unix(self) -> str:
        """A system with bob in it, whose passwords only root may read."""
        hash = sha512_crypt.using(rounds=1000).hash(RIGHT)
        shadow = {"bob": hash, "locked": f"!{hash}", "daemon": "*", "nobody": "", "carol": "x"}

        def getpwnam(name: str) -> Any:
            return SimpleNamespace(pw_passwd="x") if name in shadow else _no_such_user(name)

        def getspnam(name: str) -> Any:
            return SimpleNamespace(sp_pwdp=shadow[name], sp_pwd=shadow[name])

        self.patch(pwd, "getpwnam", getpwnam)
        spwd = __import__("spwd")
        self.patch(spwd, "getspnam", getspnam)
        return "unix"


def _no_such_user(name: str) -> Any:
    raise KeyError(name)


class ListedTests(CheckersCase):
    """Every checker that is listed."""

    def known(self) -> dict[str, Callable[[], str]]:
        """How each checker is told of bob, by its type."""
        return {"file": self.file, "memory": self.memory, "unix": self.unix}

    def test_right_and_wrong(self) -> None:
        """Each one that is listed lets bob in by his password, however it is typed, and by nothing else."""
        listed = {factory.authType for factory in checkers.factories()}
        self.assertEqual(set(), listed - self.known().keys(), "a checker that no test has tried")
        for kind in sorted(listed):
            auth = self.known()[kind]()
            for password in EQUAL:
                self.assertEqual("bob", self.login(auth, "bob", password), (kind, ascii(password)))
            for password in WRONG:
                self.assertIsNone(self.login(auth, "bob", password), (kind, ascii(password)))
            for name in ("nobody-at-all", "carol\0", "", "b\u200bob", "*", "\ud800", "locked", "daemon", "nobody"):
                self.assertIsNone(self.login(auth, name, RIGHT), (kind, ascii(name)))
        self.assertEqual(["bob"], list(self.accounts.kept))
        self.assertEqual([], self.flushLoggedErrors())

    def test_help(self) -> None:
        """C{--help-auth} lists them, and none that checks something else."""
        options, out = Options(), StringIO()
        options.authOutput = out
        self.assertRaises(SystemExit, options.parseOptions, ["--help-auth"])
        for kind in (factory.authType for factory in checkers.factories()):
            self.assertIn(f"\n  {kind}", out.getvalue())
        for kind in ("anonymous", "sshkey"):
            self.assertNotIn(kind, out.getvalue())

    def test_where_python_has_no_crypt(self) -> None:
        """From Python 3.13 on C{unix} could let nobody in: it is not listed, and refused with the reason."""
        self.patch(checkers, "find_spec", lambda name: None)
        self.assertEqual(["file", "memory"], sorted(factory.authType for factory in checkers.factories()))
        self.assertIn("--auth unix: this Python has no crypt and no spwd any more", self.refused("--auth", "unix"))


class ArgumentTests(CheckersCase):
    """What stands behind C{--auth} is looked at when the daemon starts."""

    def test_no_such_checker(self) -> None:
        """What is not installed, or checks no password, is refused in a sentence."""
        self.assertIn("--auth ldap: no such checker is installed.", self.refused("--auth", "ldap:example.org"))
        self.assertIn("--auth anonymous: it does not check names", self.refused("--auth", "anonymous"))

    def test_file(self) -> None:
        """A file in which a password has a colon, of which only a part would count, is refused."""
        self.assertIn("it needs the path of a file", self.refused("--auth", "file:"))
        check_file("people", b"# a: comment: with colons\nalice:x y z\n\ncaf\xc3\xa9:x\n")
        refusal = str(self.assertRaises(ValueError, check_file, "people", b"alice:x\nbob:secret:word\n"))
        self.assertIn("line 2 of people is not NAME:PASSWORD", refusal)
        self.assertNotIn("secret", refusal)
        self.assertIn("is not UTF-8", str(self.assertRaises(ValueError, check_file, "people", b"bob:caf\xe9\n")))

    def test_file_at_the_start(self) -> None:
        """The daemon's check before it starts looks into the file."""
        path = self.folder / "people"
        path.write_text("bob:secret:word\n")
        made = self.options("--auth", f"file:{path}")["credCheckers"]
        self.assertIn("--auth file: line 1 of", str(self.assertRaises(Fault, check_checkers, made)))

    def test_relative_path(self) -> None:
        """A relative path goes from twistd's folder on, wherever the daemon is when somebody logs in."""
        self.file()
        options = Options()
        options.parent = cast(Any, {"rundir": str(self.folder)})
        options.parseOptions(["--auth", "file:people"])
        self.assertEqual(os.path.join(self.folder, "people"), options["credCheckers"][0].filename)

    def test_memory(self) -> None:
        """A list that has a name without a password is refused, and nothing of it is shown."""
        refusal = self.refused("--auth", "memory:bob:sesame:carol")
        self.assertIn("--auth memory: that is not", refusal)
        self.assertNotIn("sesame", refusal)


class AccountTests(CheckersCase):
    """Accounts of people whom a checker knows."""

    def test_spelled_as_in_the_file(self) -> None:
        """A name is spelled as in the file; the account that is made has that spelling."""
        path = self.folder / "people"
        path.write_text("Bob:sesame street\n")
        self.assertEqual("bob", self.login(f"file:{path}", "Bob", "sesame street"))
        self.assertIsNone(self.login(f"file:{path}", "bob", "sesame street"))
        self.assertEqual("Bob", self.accounts.kept[fold("bob")].name)

    def test_who_is_removed(self) -> None:
        """Whoever is taken out of the file logs in no more by the password, at once; the account stays."""
        auth = self.file()
        self.assertEqual("bob", self.login(auth, "bob", RIGHT))
        (self.folder / "people").write_text("carol:x\n")
        self.assertIsNone(self.login(auth, "bob", RIGHT))
        self.assertIn("bob", self.accounts.kept)
