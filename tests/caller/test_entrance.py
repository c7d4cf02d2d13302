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
SITE = "2001:db8:1:"


@implementer(ICredentials, IPasswords)
class Everybody:
    """
    Whose password is C{right}. C{homes} are where accounts have come in from before; C{trouble} is raised instead of
    an answer.
    """

    trouble: Exception | None = None

    def __init__(self) -> None:
        self.homes: set[tuple[str, str]] = set()

    async def check(self, name: str, password: str, network: str = "") -> str | None:
        return name if await self._is_right(password) else None

    async def knows(self, account: str, origin: str) -> bool:
        return (account, origin) in self.homes

    async def verify(self, password: str, hash: str | None, network: str = "") -> tuple[bool, str | None]:
        return await self._is_right(password), None

    async def hash(self, password: str, network: str = "") -> str:
        return password

    async def _is_right(self, password: str) -> bool:
        if self.trouble is not None:
            raise self.trouble
        return password == "right"


def _kind(failure: Failure) -> str:
    return type(failure.value).__name__


class WrongPasswordTests(SynchronousTestCase):
    """With three tries per account and address, and five per address, in 100 seconds; ten per account in an hour."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.everybody = Everybody()
        limits = Limits(login_tries=3, login_tries_per_address=5, login_window=100, login_tries_per_account=10)
        self.entrance = Entrance(self.everybody, self.everybody, limits, self.clock.seconds)

    def tries(self, name: str, password: str, address: str = HOME) -> str:
        """What comes of it: a key, or the name of the refusal."""
        return self.outcome_of(self.entrance.check(name, password, address))

    def outcome_of(self, trying: Coroutine[Any, Any, Any]) -> str:
        done: Deferred[Any] = Deferred.fromCoroutine(trying)
        done.addErrback(_kind)
        return str(self.successResultOf(done))

    def test_account_waits_where_it_was_tried(self) -> None:
        """After three wrong passwords it opens to nobody there, also with the right one, until time has passed."""
        for _ in range(3):
            self.assertEqual(WrongPassword.__name__, self.tries("bob", "wrong"))
        self.assertEqual(Throttled.__name__, self.tries("BOB ", "right"))
        self.clock.advance(100)
        self.assertEqual("bob", self.tries("bob", "right"))

    def test_one_place_locks_out_nobody_else(self) -> None:
        """However long somebody guesses from one place, bob gets in from any other, with the limits we come with."""
        self.entrance = Entrance(self.everybody, self.everybody, Limits(), self.clock.seconds)
        for _ in range(2 * 3600 // 10):
            self.tries("bob", "wrong", ELSEWHERE)
            self.assertEqual("bob", self.tries("bob", "right"))
            self.clock.advance(10)

    def test_guessers_everywhere(self) -> None:
        """Ten wrong ones in an hour, from wherever, and the account opens to no stranger; but to bob, where he was."""
        self.everybody.homes.add(("bob", HOME))
        for number in range(10):
            self.assertEqual(WrongPassword.__name__, self.tries("bob", "wrong", f"203.0.113.{number}"))
        self.assertEqual(Throttled.__name__, self.tries("bob", "right", ELSEWHERE))
        self.assertEqual("bob", self.tries("bob", "right", HOME))
        self.assertEqual("carol", self.tries("carol", "right", ELSEWHERE))
        self.clock.advance(3600)
        self.assertEqual("bob", self.tries("bob", "right", ELSEWHERE))

    def test_home_is_no_place_for_guessing_either(self) -> None:
        """Three wrong ones from where bob has been before, and he waits there; which keeps him out nowhere else."""
        self.everybody.homes.add(("bob", HOME))
        for _ in range(3):
            self.assertEqual(WrongPassword.__name__, self.tries("bob", "wrong"))
        self.assertEqual(Throttled.__name__, self.tries("bob", "right"))
        self.assertEqual("bob", self.tries("bob", "right", ELSEWHERE))

    def test_neighbours_lock_nobody_out(self) -> None:
        """Who shares an address with bob and guesses at other names keeps strangers out from there, and not him."""
        self.everybody.homes.add(("bob", HOME))
        for number in range(5):
            self.tries(f"name{number}", "wrong", HOME)
        self.assertEqual(Throttled.__name__, self.tries("carol", "right", HOME))
        self.assertEqual("bob", self.tries("bob", "right", HOME))

    def test_many_addresses_of_one_site(self) -> None:
        """A /48 of IPv6 is 65,536 origins and one guesser; what is done in it touches no known one."""
        self.everybody.homes.add(("bob", f"{SITE}9::/64"))
        outcomes = [self.tries("bob", "wrong", f"{SITE}{number}::1") for number in range(4)]
        self.assertEqual([WrongPassword.__name__] * 3 + [Throttled.__name__], outcomes)
        self.assertEqual("bob", self.tries("bob", "right", f"{SITE}9::7"))

    def test_logged_in_already(self) -> None:
        """Whoever is asked for the password again, to change it, is not kept waiting by others' guesses."""
        for number in range(10):
            self.tries("bob", "wrong", f"203.0.113.{number}")
        self.assertEqual("bob", self.outcome_of(self.entrance.check("bob", "right", ELSEWHERE, owner=True)))

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
        """Wrong tokens count for the address; a right one always opens."""
        for _ in range(5):
            self.assertRaises(WrongPassword, self.entrance.check_token, False, HOME)
        self.assertRaises(Throttled, self.entrance.check_token, False, HOME)
        self.entrance.check_token(True, HOME)
        self.assertEqual(Throttled.__name__, self.tries("bob", "right"))


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
        for number in range(2):
            entrance.admit_signup(f"{SITE}{number}::1")
        self.assertRaises(Throttled, entrance.admit_signup, f"{SITE}2::1")
        clock.advance(3600)
        entrance.admit_signup(HOME)
        free = Entrance(Everybody(), Everybody(), Limits(signups_per_address=0), clock.seconds)
        for _ in range(10):
            free.admit_signup(HOME)
