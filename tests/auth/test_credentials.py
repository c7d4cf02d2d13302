"""
Who may log in: accounts of the server, and people whom another twisted.cred checker knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from twisted.cred.checkers import (
    AllowAnonymousAccess,
    FilePasswordDB,
    ICredentialsChecker,
    InMemoryUsernamePasswordDatabaseDontUse,
)
from twisted.cred.credentials import IUsernamePassword, UsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred, fail, maybeDeferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer
from zope.interface.verify import verifyObject

from chatroom.auth.credentials import AccountChecker, Credentials
from chatroom.auth.passwords import Cost, Passwords
from chatroom.errors import Busy, NotKept, Refused
from chatroom.interfaces import Asker, IBackend, ICredentials
from chatroom.limits import Limits
from chatroom.records import Account, Token

CHEAP = Cost(time=1, memory=8, parallelism=1)

NOW = 86400.0


class Accounts:
    """As much of a backend as logging in needs."""

    def __init__(self) -> None:
        self.kept: dict[str, Account] = {}
        self.sessions: list[Token] = []
        self.full = False

    async def tokens(self, account: str) -> list[Token]:
        """Sessions of an account."""
        return [token for token in self.sessions if token.account == account]

    async def account(self, key: str) -> Account | None:
        """By its key."""
        return self.kept.get(key)

    async def add_account(self, account: Account) -> bool:
        """Unless there is one."""
        return self.kept.setdefault(account.key, account) is account

    async def change_account(self, key: str, *, password: str, instead_of: str) -> bool:
        """Unless the disk is full."""
        if self.full:
            raise NotKept("The disk is full.")
        if self.kept[key].password != instead_of:
            return False
        self.kept[key] = replace(self.kept[key], password=password)
        return True


@implementer(ICredentialsChecker)
class Directory:
    """Some company's directory, and what it was asked."""

    credentialInterfaces = (IUsernamePassword,)

    def __init__(self, answer: Callable[[UsernamePassword], Any]) -> None:
        self._answer = answer
        self.asked: list[tuple[bytes, bytes]] = []

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes | tuple[()]]:
        """What the test said it answers."""
        self.asked.append((credentials.username, credentials.password))
        return maybeDeferred(self._answer, credentials)


def knows(**people: str) -> Directory:
    """A directory of these names and passwords."""
    return Directory(InMemoryUsernamePasswordDatabaseDontUse(
        **{name: password.encode() for name, password in people.items()}
    ).requestAvatarId)  # fmt: skip


def answers(avatar: object) -> Directory:
    """A directory that answers this to whatever it is asked."""
    return Directory(lambda credentials: avatar)


class CredentialsCase(SynchronousTestCase):
    """An empty server, with alice's account in it."""

    def setUp(self) -> None:
        self.accounts = Accounts()
        self.hashed = 0
        self.passwords = self.passwords_of(CHEAP)
        self.keep("Alice", "correct horse")

    def passwords_of(self, cost: Cost) -> Passwords:
        """Passwords that count each hash."""

        def run(work: Callable[[], Any]) -> Deferred[Any]:
            self.hashed += 1
            return maybeDeferred(work)

        return Passwords(run, Limits(), cost)

    def keep(self, name: str, password: str) -> None:
        """Give the server this account."""
        hash = self.successResultOf(Deferred.fromCoroutine(self.passwords.hash(password, Asker())))
        self.accounts.kept[name.casefold()] = Account(name, name.casefold(), hash, 1.0, ("mallory",))

    def credentials(self, *checkers: ICredentialsChecker) -> Credentials:
        """What the hub asks."""
        backend = cast(IBackend, self.accounts)
        return Credentials(backend, self.passwords, Limits(), lambda: NOW, checkers)

    def check(self, name: str, password: str, *checkers: ICredentialsChecker) -> str | None:
        """The key of who logs in by this name and password."""
        return self.successResultOf(Deferred.fromCoroutine(self.credentials(*checkers).check(name, password, Asker())))


class ServerAccountsTests(CredentialsCase):
    """With nothing but the server's own accounts."""

    def test_provides_its_interface(self) -> None:
        """It is what the hub expects."""
        verifyObject(ICredentials, self.credentials())

    def test_right_and_wrong(self) -> None:
        """The password opens the account, any other does not, and nobody is nobody."""
        self.assertEqual("alice", self.check("alice", "correct horse"))
        self.assertIsNone(self.check("alice", "battery staple"))
        self.assertIsNone(self.check("bob", "correct horse"))

    def test_as_typed(self) -> None:
        """A name may be typed in any letter case, any width, and with spaces around it."""
        for name in ("ALICE", " alice ", "\uff41lice"):
            self.assertEqual("alice", self.check(name, "correct horse"))

    def test_not_a_name_at_all(self) -> None:
        """What cannot be a name or a password is answered like any wrong one."""
        for name, password in (("", ""), ("a b", "x"), ("\ud800", "x"), ("alice", "\ud800"), ("a\0", "\0")):
            self.assertIsNone(self.check(name, password))

    def test_equal_time(self) -> None:
        """Each check costs one hash, whatever is wrong with it, so that the wait does not tell who exists."""
        self.accounts.kept["carol"] = Account("Carol", "carol", "", 1.0)
        for name, password in (
            ("alice", "correct horse"), ("alice", "battery staple"), ("alice", ""), ("alice", "\ud800"),
            ("bob", "battery staple"), ("carol", ""), ("carol", "battery staple"), ("a b", "x"), ("", ""),
        ):  # fmt: skip
            before = self.hashed
            self.check(name, password)
            self.assertEqual(1, self.hashed - before, (name, password))

    def test_old_hash_is_renewed(self) -> None:
        """A hash made with older parameters is replaced at login; nothing else about the account changes."""
        old = self.accounts.kept["alice"]
        self.passwords = self.passwords_of(Cost(time=2, memory=8, parallelism=1))
        self.assertIsNone(self.check("alice", "battery staple"))
        self.assertEqual(old, self.accounts.kept["alice"])
        self.assertEqual("alice", self.check("alice", "correct horse"))
        new = self.accounts.kept["alice"]
        self.assertIn("t=2", new.password)
        self.assertEqual((old.name, old.created, old.ignored), (new.name, new.created, new.ignored))
        self.assertEqual("alice", self.check("alice", "correct horse"))
        self.assertEqual(new, self.accounts.kept["alice"])

    def test_a_password_changed_meanwhile_stays(self) -> None:
        """Renewing the old hash does not bring back the old password."""
        jobs: list[tuple[Callable[[], Any], Deferred[Any]]] = []

        def run(work: Callable[[], Any]) -> Deferred[Any]:
            fires: Deferred[Any] = Deferred()
            jobs.append((work, fires))
            return fires

        slow = Passwords(run, Limits(), Cost(time=2, memory=8, parallelism=1))
        credentials = Credentials(cast(IBackend, self.accounts), slow, Limits(), lambda: 0.0)
        login = Deferred.fromCoroutine(credentials.check("alice", "correct horse", Asker()))
        self.keep("Alice", "a new password")
        changed = self.accounts.kept["alice"]
        [(work, fires)] = jobs
        fires.callback(work())
        self.successResultOf(login)
        self.assertEqual(changed, self.accounts.kept["alice"])

    def test_full_disk_locks_nobody_out(self) -> None:
        """If the new hash cannot be kept, the login counts all the same."""
        self.passwords = self.passwords_of(Cost(time=2, memory=8, parallelism=1))
        self.accounts.full = True
        self.assertEqual("alice", self.check("alice", "correct horse"))

    def test_too_many(self) -> None:
        """A refusal of the hash pool reaches the person."""
        never: Deferred[Any] = Deferred()
        crowded = Passwords(lambda work: never, Limits(hash_threads=1, hash_queue=1), CHEAP)
        credentials = Credentials(cast(IBackend, self.accounts), crowded, Limits(), lambda: 0.0)
        for _ in range(2):
            self.assertNoResult(Deferred.fromCoroutine(credentials.check("alice", "guess", Asker())))
        self.failureResultOf(Deferred.fromCoroutine(credentials.check("alice", "guess", Asker())), Busy)


class KnownPlaceTests(CredentialsCase):
    """Where an account's owner has come in before."""

    def knows(self, account: str, origin: str) -> bool:
        """What it says."""
        return self.successResultOf(Deferred.fromCoroutine(self.credentials().knows(account, origin)))

    def test_where_a_session_began(self) -> None:
        """As long as the session lives: that address, or any of its IPv6 network; and no other's account."""
        for address in ("192.0.2.1", "2001:db8::1", ""):
            self.accounts.sessions.append(Token(address, "bob", 0.0, 0.0, NOW + 1, address))
        self.accounts.sessions.append(Token("old", "bob", 0.0, 0.0, NOW, "198.51.100.7"))
        self.assertTrue(self.knows("bob", "192.0.2.1"))
        self.assertTrue(self.knows("bob", "2001:db8::/64"))
        self.assertFalse(self.knows("bob", "198.51.100.7"), "that session has ended")
        self.assertFalse(self.knows("bob", "192.0.2.2"))
        self.assertFalse(self.knows("carol", "192.0.2.1"))
        self.assertFalse(self.knows("bob", ""), "a UNIX socket is no place")


class OtherCheckersTests(CredentialsCase):
    """With checkers from C{--auth}."""

    def test_made_at_the_first_login(self) -> None:
        """Whoever the directory knows gets an account, with no password of its own."""
        self.assertEqual("bob", self.check("Bob", "sesame", knows(Bob="sesame")))
        self.assertEqual(Account("Bob", "bob", "", 86400.0), self.accounts.kept["bob"])
        self.assertEqual("bob", self.check("Bob", "sesame", knows(Bob="sesame")))
        self.assertIsNone(self.check("Bob", "wrong", knows(Bob="sesame")))

    def test_one_after_another(self) -> None:
        """The first that says yes decides; a later one is not asked."""
        first, second, third = knows(carol="x"), knows(bob="sesame"), knows(bob="other")
        self.assertEqual("bob", self.check("bob", "sesame", first, second, third))
        self.assertEqual([(b"bob", b"sesame")], first.asked)
        self.assertEqual([], third.asked)

    def test_own_password_is_the_only_one(self) -> None:
        """Whoever signed up here is safe from a namesake in the directory, who never sees the password either."""
        directory = knows(alice="sesame")
        self.assertIsNone(self.check("alice", "sesame", directory))
        self.assertEqual("alice", self.check("alice", "correct horse", directory))
        self.assertEqual([], directory.asked)

    def test_by_another_name(self) -> None:
        """A directory may know people by an address, and here they are who it says."""
        self.assertEqual("bob", self.check("bob@example.org", "sesame", answers(b"Bob")))
        self.assertEqual("Bob", self.accounts.kept["bob"].name)

    def test_another_name_opens_no_account_with_a_password(self) -> None:
        """Even if the directory says so."""
        self.assertIsNone(self.check("bob@example.org", "sesame", answers(b"Alice")))

    def test_unlawful_names(self) -> None:
        """Whoever could not be called so here does not get in."""
        for avatar in (b"two words", b"\xff", b"admin", b"x" * 25, b"esc\x1b[2J"):
            self.assertIsNone(self.check("bob", "sesame", answers(avatar)))
        self.assertEqual(["alice"], list(self.accounts.kept))

    def test_anonymous_is_nobody(self) -> None:
        """A checker that lets everybody in anonymously lets nobody log in."""
        self.assertIsNone(self.check("bob", "sesame", AllowAnonymousAccess()))

    def test_empty_password_is_never_asked_about(self) -> None:
        """Many an LDAP server takes an empty password for an anonymous visit, and says yes."""
        directory = answers(b"bob")
        self.assertIsNone(self.check("bob", "", directory))
        self.assertIsNone(self.check("bob", "\ud800", directory))
        self.assertEqual([], directory.asked)

    def test_one_that_is_away(self) -> None:
        """It is logged whole, and the next is asked all the same."""
        away = Directory(lambda credentials: fail(ConnectionError("no route")))
        self.assertEqual("bob", self.check("bob", "sesame", away, knows(bob="sesame")))
        self.assertEqual(1, len(self.flushLoggedErrors(ConnectionError)))

    def test_all_away(self) -> None:
        """Nobody is told that their password is wrong when nobody could tell."""
        away = Directory(lambda credentials: fail(ConnectionError("no route")))
        refused = self.failureResultOf(
            Deferred.fromCoroutine(self.credentials(away).check("bob", "sesame", Asker())), Refused
        )
        self.assertIn("Try again", refused.value.sentence)
        self.flushLoggedErrors(ConnectionError)

    def test_one_that_is_broken(self) -> None:
        """One that raises instead of failing is no different."""

        def broken(credentials: UsernamePassword) -> bytes:
            raise ZeroDivisionError

        self.assertEqual("bob", self.check("bob", "sesame", Directory(broken), knows(bob="sesame")))
        self.assertEqual(1, len(self.flushLoggedErrors(ZeroDivisionError)))

    def test_password_file(self) -> None:
        """The password file of twisted works, as C{--auth file:...} makes it."""
        path = Path(self.mktemp())
        path.write_text("bob:sesame\n")
        self.assertEqual("bob", self.check("bob", "sesame", FilePasswordDB(str(path))))
        self.assertIsNone(self.check("bob", "wrong", FilePasswordDB(str(path))))

    def test_password_file_gone(self) -> None:
        """A file that cannot be read accepts nobody, and is logged."""
        nowhere = FilePasswordDB(self.mktemp())
        self.assertIsNone(self.check("bob", "sesame", nowhere))


class AccountCheckerTests(CredentialsCase):
    """The server's accounts for other servers on Twisted, such as an SSH door."""

    def checker(self) -> AccountChecker:
        """One for alice's server."""
        return AccountChecker(cast(IBackend, self.accounts), self.passwords)

    def test_provides_its_interface(self) -> None:
        """A portal takes it."""
        verifyObject(ICredentialsChecker, self.checker())
        portal = Portal(cast(Any, None))
        portal.registerChecker(self.checker())
        self.assertEqual([IUsernamePassword], list(portal.checkers))

    def test_right_and_wrong(self) -> None:
        """It gives the account's key, or refuses as twisted.cred says."""
        right = self.checker().requestAvatarId(UsernamePassword(b"Alice", b"correct horse"))
        self.assertEqual(b"alice", self.successResultOf(right))
        for name, password in ((b"alice", b"wrong"), (b"bob", b"x"), (b"\xff", b"x"), (b"alice", b"\xff")):
            wrong = self.checker().requestAvatarId(UsernamePassword(name, password))
            self.failureResultOf(wrong, UnauthorizedLogin)
