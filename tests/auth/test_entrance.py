"""
The entrance: how often one may be wrong before one waits.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatroom.auth.entrance import Entrance
from chatroom.auth.tries import Try
from chatroom.errors import NotKept, Throttled, WrongPassword
from chatroom.interfaces import Asker, ICredentials, IPasswords
from chatroom.limits import Limits

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
SITE = "2001:db8:1:"


@implementer(ICredentials, IPasswords)
class Everybody:
    """
    Whose password is C{right}. C{homes} are where accounts have come in from before; C{trouble} is raised instead of
    an answer. Where it is C{slow}, each check is in C{hashing} until a test lets it go on.
    """

    trouble: Exception | None = None

    def __init__(self) -> None:
        self.homes: set[tuple[str, str]] = set()
        self.slow = False
        self.hashing: list[Deferred[None]] = []
        self.asked = 0

    async def check(self, name: str, password: str, asker: Asker) -> str | None:
        return name if await self._is_right(password) else None

    def close_queue(self) -> None:
        """It has none."""

    def open_queue(self) -> None:
        """It has none."""

    async def knows(self, account: str, origin: str) -> bool:
        return (account, origin) in self.homes

    async def verify(self, password: str, hash: str | None, asker: Asker) -> tuple[bool, str | None]:
        return await self._is_right(password), None

    async def hash(self, password: str, asker: Asker) -> str:
        return password

    async def _is_right(self, password: str) -> bool:
        self.asked += 1
        if self.slow:
            hash: Deferred[None] = Deferred()
            self.hashing.append(hash)
            await hash
        if self.trouble is not None:
            raise self.trouble
        return password == "right"


def _kind(failure: Failure) -> str:
    return type(failure.value).__name__


class EntranceCase(SynchronousTestCase):
    """With three tries per account and address, and five per address, in 100 seconds; ten per account in an hour."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.everybody = Everybody()
        limits = Limits(login_tries=3, login_tries_per_address=5, login_window=100, login_tries_per_account=10)
        self.entrance = Entrance(self.everybody, self.everybody, limits, self.clock.seconds)

    def tries(self, name: str, password: str, address: str = HOME) -> str:
        """What comes of it: a key, or the name of the refusal."""
        return self.outcome_of(self.entrance.check(name, password, Asker(address)))

    def outcome_of(self, trying: Coroutine[Any, Any, Any]) -> str:
        done: Deferred[Any] = Deferred.fromCoroutine(trying)
        done.addErrback(_kind)
        return str(self.successResultOf(done))


class WrongPasswordTests(EntranceCase):
    """Wrong passwords, one after another."""

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
        self.assertEqual("bob", self.outcome_of(self.entrance.check("bob", "right", Asker(ELSEWHERE), owner=True)))

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
            outcome = self.outcome_of(self.entrance.check_room("den", "hash", "wrong", Asker(HOME)))
            self.assertEqual(WrongPassword.__name__, outcome)
        self.assertEqual(
            Throttled.__name__, self.outcome_of(self.entrance.check_room("den", "hash", "right", Asker(HOME)))
        )
        self.assertEqual("None", self.outcome_of(self.entrance.check_room("den", "hash", "right", Asker(ELSEWHERE))))

    def test_tokens(self) -> None:
        """Wrong tokens count for the address; a right one always opens."""
        for _ in range(5):
            self.assertRaises(WrongPassword, self.entrance.check_token, False, Asker(HOME))
        self.assertRaises(Throttled, self.entrance.check_token, False, Asker(HOME))
        self.entrance.check_token(True, Asker(HOME))
        self.assertEqual(Throttled.__name__, self.tries("bob", "right"))


class UnderWayTests(EntranceCase):
    """Where a check takes its time: what is under way has not failed."""

    def setUp(self) -> None:
        super().setUp()
        self.results: dict[str, str] = {}

    def begins(self, name: str, password: str, address: str = HOME, asker: Asker | None = None) -> None:
        """Somebody tries; what comes of it will be in L{results}."""
        self.everybody.slow = True
        done: Deferred[Any] = Deferred.fromCoroutine(self.entrance.check(name, password, asker or Asker(address)))
        done.addErrback(_kind).addCallback(lambda outcome: self.results.__setitem__(name, str(outcome)))

    def ends(self, most: int = 10_000) -> None:
        """Let at most so many of those that are being checked be done, each in its turn."""
        while self.everybody.hashing and most:
            self.everybody.hashing.pop(0).callback(None)
            most -= 1

    def test_right_ones_at_once(self) -> None:
        """However many with the right password come at once from one address, all get in; no more at once than 5."""
        names = [f"name{number}" for number in range(150)]
        for name in names:
            self.begins(name, "right")
        self.assertEqual(5, len(self.everybody.hashing))
        self.ends()
        self.assertEqual(dict(zip(names, names, strict=True)), self.results)
        self.assertEqual(150, self.entrance.outcomes["right"])

    def test_one_account_at_once(self) -> None:
        """One account is limited in the same way, from one address or from many, known or not."""
        for homes in ((), (("bob", HOME),)):
            self.everybody.homes.update(homes)
            outcomes: list[Any] = []
            for number in range(40):
                address = HOME if number % 2 else f"198.51.100.{number}"
                trying = Deferred.fromCoroutine(self.entrance.check("bob", "right", Asker(address)))
                trying.addErrback(_kind).addCallback(outcomes.append)
            self.ends()
            self.assertEqual(["bob"] * 40, outcomes)
            self.everybody.slow = True

    def test_guessing_in_parallel(self) -> None:
        """A hundred guesses at once are five guesses, and the rest is refused when those have failed."""
        for number in range(100):
            self.begins(f"name{number}", "wrong")
        self.ends()
        kinds = sorted(self.results.values())
        self.assertEqual(["Throttled"] * 95 + ["WrongPassword"] * 5, kinds)
        self.assertEqual(5, self.everybody.asked)

    def test_guessing_beside_right_ones(self) -> None:
        """Right passwords among the guesses win no further guess, and wait for no time to pass before the fifth."""
        for number in range(60):
            self.begins(f"name{number}", "wrong" if number % 10 == 9 else "right")
        self.ends()
        kinds = list(self.results.values())
        self.assertEqual(5, kinds.count("WrongPassword"))
        self.assertEqual("WrongPassword", self.results["name49"])
        self.assertEqual(["Throttled"] * 10, [self.results[f"name{number}"] for number in range(50, 60)][:10])

    def test_any_guesses_at_once(self) -> None:
        """In whatever order anything comes and is done, no more than five wrong ones are checked in the window."""

        @given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 3)), max_size=40))
        def check(steps: list[tuple[bool, int, int]]) -> None:
            UnderWayTests.setUp(self)
            for number, (right, _, done) in enumerate(steps):
                self.begins(f"name{number}", "right" if right else "wrong")
                self.ends(done)
                self.assertLessEqual(len(self.everybody.hashing), 5)
            self.ends()
            kinds = list(self.results.values())
            self.assertEqual(len(steps), len(kinds), "everybody has an answer")
            self.assertEqual(min(5, sum(not right for right, _, _ in steps)), kinds.count("WrongPassword"))
            if "Throttled" not in kinds:
                self.assertEqual(sum(right for right, _, _ in steps), sum(kind.startswith("name") for kind in kinds))

        check()

    def test_too_many_wait(self) -> None:
        """Beyond --login-queue, who comes is asked to come again in a few seconds; an address alone gets no more."""
        self.entrance = Entrance(
            self.everybody, self.everybody, Limits(login_tries_per_address=5, login_queue=3), self.clock.seconds
        )
        for number in range(9):
            self.begins(f"name{number}", "right")
        self.assertEqual({"name8": "Busy"}, self.results)
        for number in range(6):
            self.begins(f"other{number}", "right", ELSEWHERE)
        self.assertEqual({"name8": "Busy", "name7": "Busy"}, self.results)
        self.ends()
        self.assertEqual(2, list(self.results.values()).count("Busy"))
        self.assertEqual(2, self.entrance.outcomes["busy"])

    def test_gone_meanwhile(self) -> None:
        """Nothing is checked for a connection that has ended while it waited."""
        asker = Asker(HOME)
        for number in range(5):
            self.begins(f"name{number}", "right")
        self.begins("gone", "right", asker=asker)
        asker.gone = True
        self.ends()
        self.assertEqual((5, "Busy"), (self.everybody.asked, self.results["gone"]))

    def test_closed(self) -> None:
        """Before an upgrade or a stop, who waits is refused at once, and who is being checked is not."""
        for number in range(8):
            self.begins(f"name{number}", "right")
        self.entrance.close_queues()
        self.assertEqual(dict.fromkeys(("name5", "name6", "name7"), "Busy"), self.results)
        self.begins("late", "right")
        self.assertEqual("Busy", self.results["late"])
        self.ends()
        self.assertEqual("name4", self.results["name4"])
        self.entrance.open_queues()
        for number in range(8):
            self.begins(f"again{number}", "right")
        self.ends()
        self.assertEqual("again7", self.results["again7"])

    def test_many_in_a_row(self) -> None:
        """However many wait when the check becomes impossible, each is refused, and none by way of another."""
        self.entrance = Entrance(
            self.everybody, self.everybody, Limits(login_tries_per_address=5, login_queue=5000), self.clock.seconds
        )
        for number in range(3000):
            self.begins(f"name{number}", "right")
        self.everybody.slow, self.everybody.trouble = False, NotKept("The disk is full.")
        self.ends()
        self.assertEqual({"NotKept"}, set(self.results.values()))
        self.assertEqual(3000, len(self.results))


class HourlyCase(SynchronousTestCase):
    """What is limited by the hour: two here."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.opens(Limits(signups_per_address=2, reports_per_hour=2))

    def opens(self, limits: Limits) -> None:
        """An entrance with these limits."""
        self.entrance = Entrance(Everybody(), Everybody(), limits, self.clock.seconds)

    def does(self, around: AbstractAsyncContextManager[Try], counts: bool = True) -> Deferred[str]:
        """One try that waits until a test fires C{go_on}; what comes of it."""

        async def trying() -> str:
            async with around as this:
                await self.go_on
                this.counts = counts
            return "done"

        done: Deferred[Any] = Deferred.fromCoroutine(trying())
        return done.addErrback(_kind)

    go_on: Deferred[None]

    def outcomes(self, arounds: Iterable[AbstractAsyncContextManager[Try]], counts: bool = True) -> list[str]:
        """Of so many at once."""
        self.go_on = Deferred()
        doing = [self.does(around, counts) for around in arounds]
        self.go_on.callback(None)
        return [self.successResultOf(each) for each in doing]


class SignupTests(HourlyCase):
    """New accounts."""

    def signups(self, *addresses: str, counts: bool = True) -> list[str]:
        """What comes of signing up from these addresses at once."""
        return self.outcomes([self.entrance.signup(Asker(address)) for address in addresses], counts)

    def test_so_many_an_hour(self) -> None:
        """One address makes two accounts an hour here, and as many as it likes where that is off."""
        self.assertEqual(["done", "done", "Throttled", "done"], self.signups(HOME, HOME, HOME, ELSEWHERE))
        sites = [f"{SITE}{number}::1" for number in range(3)]
        self.assertEqual(["done", "done", "Throttled"], self.signups(*sites))
        self.clock.advance(3600)
        self.assertEqual(["done"], self.signups(HOME))
        self.opens(Limits(signups_per_address=0))
        self.assertEqual(["done"] * 10, self.signups(*[HOME] * 10))

    def test_what_failed_made_none(self) -> None:
        """A sign-up that came to nothing (the name was taken, the disk was full) counts for nothing."""
        self.assertEqual(["done"] * 10, self.signups(*[HOME] * 10, counts=False))
        self.assertEqual(["done", "done", "Throttled"], self.signups(HOME, HOME, HOME))


class ReportTests(HourlyCase):
    """Reports to the staff."""

    def reports(self, *whence: tuple[str, str], counts: bool = True) -> list[str]:
        """What comes of reports from these addresses, by these people, at once."""
        return self.outcomes([self.entrance.report(Asker(address), who) for address, who in whence], counts)

    def test_so_many_an_hour(self) -> None:
        """Two an hour from one address, or from one person where there is no address."""
        self.assertEqual(["done", "done", "Throttled"], self.reports((HOME, "a"), (HOME, "b"), (HOME, "c")))
        self.assertEqual(["done", "done", "Throttled", "done"], self.reports(*[("", "a")] * 3, ("", "b")))

    def test_what_failed_was_none(self) -> None:
        """A report that was not kept counts for nothing."""
        self.assertEqual(["done"] * 5, self.reports(*[(HOME, "a")] * 5, counts=False))
        self.assertEqual(["done", "done", "Throttled"], self.reports(*[(HOME, "a")] * 3))
