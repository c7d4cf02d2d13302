"""
The entrance: how often one may be wrong before one waits.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatroom.caller.entrance import Entrance
from chatroom.errors import NotKept, Throttled, WrongPassword
from chatroom.interfaces import ICredentials, IPasswords
from chatroom.limits import Limits

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@implementer(ICredentials, IPasswords)
class Everybody:
    """Whose password is C{right}. C{trouble} is raised instead of an answer."""

    trouble: Exception | None = None

    async def check(self, name: str, password: str) -> str | None:
        return name if await self._is_right(password) else None

    async def verify(self, password: str, hash: str | None) -> tuple[bool, str | None]:
        return await self._is_right(password), None

    async def hash(self, password: str) -> str:
        return password

    async def _is_right(self, password: str) -> bool:
        if self.trouble is not None:
            raise self.trouble
        return password == "right"


def _kind(failure: Failure) -> str:
    return type(failure.value).__name__


class WrongPasswordTests(SynchronousTestCase):
    """With three tries per account, and five per address, in 100 seconds."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.everybody = Everybody()
        limits = Limits(login_tries=3, login_tries_per_address=5, login_window=100)
        self.entrance = Entrance(self.everybody, self.everybody, limits, self.clock.seconds)

    def tries(self, name: str, password: str, address: str = HOME) -> str:
        """What comes of it: a key, or the name of the refusal."""
        return self.outcome_of(self.entrance.check(name, password, address))

    def outcome_of(self, trying: Coroutine[Any, Any, Any]) -> str:
        done: Deferred[Any] = Deferred.fromCoroutine(trying)
        done.addErrback(_kind)
        return str(self.successResultOf(done))

    def test_account_waits(self) -> None:
        """After three wrong passwords nobody gets in, wherever from, also with the right one, until time has passed."""
        for address in (HOME, ELSEWHERE, HOME):
            self.assertEqual(WrongPassword.__name__, self.tries("bob", "wrong", address))
        self.assertEqual(Throttled.__name__, self.tries("BOB ", "right", ELSEWHERE))
        self.clock.advance(100)
        self.assertEqual("bob", self.tries("bob", "right"))

    def test_right_one_wipes_the_slate(self) -> None:
        """Who remembers the password at the third try has three again."""
        for password in ("wrong", "wrong", "right", "wrong", "wrong"):
            self.tries("bob", password)
        self.assertEqual("bob", self.tries("bob", "right"))

    def test_address_waits(self) -> None:
        """Five wrong passwords from one address, for whatever names, and nobody gets in from there."""
        for number in range(5):
            self.assertEqual(WrongPassword.__name__, self.tries(f"name{number}", "wrong"))
        self.assertEqual(Throttled.__name__, self.tries("bob", "right"))
        self.assertEqual("bob", self.tries("bob", "right", ELSEWHERE))

    def test_own_account_does_not_help(self) -> None:
        """A right password takes back its own try and not the wrong ones from there."""
        for number in range(5):
            self.tries(f"name{number}", "wrong")
            if number < 4:
                self.assertEqual("mallory", self.tries("mallory", "right"))
        self.assertEqual(Throttled.__name__, self.tries("mallory", "right"))

    def test_crowd_behind_one_address(self) -> None:
        """Right passwords are no tries, however many come from one address."""
        for number in range(50):
            self.assertEqual(f"name{number}", self.tries(f"name{number}", "right"))

    def test_unix_socket(self) -> None:
        """Where there is no address, the account alone counts."""
        for number in range(20):
            self.assertEqual(WrongPassword.__name__, self.tries(f"name{number}", "wrong", ""))

    def test_nobody_could_tell(self) -> None:
        """What could not be checked was no try."""
        self.everybody.trouble = NotKept("The disk is full.")
        for _ in range(10):
            self.assertEqual(NotKept.__name__, self.tries("bob", "right"))
        self.everybody.trouble = None
        self.assertEqual("bob", self.tries("bob", "right"))

    def test_room_password(self) -> None:
        """A room's password is guarded in the same way, for each address by itself."""
        for _ in range(3):
            outcome = self.outcome_of(self.entrance.check_room("den", "hash", "wrong", HOME))
            self.assertEqual(WrongPassword.__name__, outcome)
        self.assertEqual(Throttled.__name__, self.outcome_of(self.entrance.check_room("den", "hash", "right", HOME)))
        self.assertEqual("None", self.outcome_of(self.entrance.check_room("den", "hash", "right", ELSEWHERE)))

    def test_tokens(self) -> None:
        """Wrong tokens count for the address."""
        for _ in range(5):
            self.assertRaises(WrongPassword, self.entrance.check_token, False, HOME)
        self.assertRaises(Throttled, self.entrance.check_token, True, HOME)
        self.entrance.check_token(True, ELSEWHERE)


class SignupTests(SynchronousTestCase):
    """New accounts."""

    def test_so_many_an_hour(self) -> None:
        """One address makes two accounts an hour here, and as many as it likes where that is off."""
        clock = Clock()
        entrance = Entrance(Everybody(), Everybody(), Limits(signups_per_address=2), clock.seconds)
        entrance.admit_signup(HOME)
        entrance.admit_signup(HOME)
        self.assertRaises(Throttled, entrance.admit_signup, HOME)
        entrance.admit_signup(ELSEWHERE)
        clock.advance(3600)
        entrance.admit_signup(HOME)
        free = Entrance(Everybody(), Everybody(), Limits(signups_per_address=0), clock.seconds)
        for _ in range(10):
            free.admit_signup(HOME)
