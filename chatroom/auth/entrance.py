"""
The entrance: every connection logs in here, whatever port it uses. Passwords are checked here, and nowhere else, after
it is known how often this address and this account had wrong passwords lately. Only wrong passwords count; a check in
progress makes others wait for a moment, and refuses nobody.

No count can keep an owner out at an address from which they have logged in before, nor a person who has a token:
docs/security.rst says why.

It knows checkers and throttles, and neither rooms nor connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from hashlib import blake2b
from math import ceil

from twisted.logger import Logger

from chatroom.addresses import origin
from chatroom.auth.tries import Counted, Tries, Try
from chatroom.core.names import fold
from chatroom.core.opaque import made_up
from chatroom.core.throttle import Throttle
from chatroom.errors import Busy, Throttled, WrongPassword, counted
from chatroom.interfaces import Asker, ICredentials, IPasswords
from chatroom.limits import OFF, Limits

log = Logger()

HOUR = 3600.0

LONGEST_OF_ROOM = 100
"""Characters in the password of a room."""


class Entrance:
    """
    One for the server.

    @ivar seconds: a clock that never goes back.
    @ivar outcomes: how many logins were C{right}, C{wrong} or C{throttled}, by password, token or certificate.
    @ivar tell: called with the name of a count, a key and whether it starts afresh, for other nodes: see L{hear}. A key
        is a digest, as people type passwords where a name belongs, and it may be written down on its way.
    """

    def __init__(
        self, credentials: ICredentials, passwords: IPasswords, limits: Limits, seconds: Callable[[], float]
    ) -> None:
        self._credentials = credentials
        self._passwords = passwords
        self._seconds = seconds
        self.outcomes = {"right": 0, "wrong": 0, "throttled": 0, "busy": 0}
        self.tell: Callable[[str, str, bool], None] = lambda count, key, forgotten: None
        self._by_both = Throttle(limits.login_tries, limits.login_window)
        self._by_address = Throttle(limits.login_tries_per_address, limits.login_window)
        self._by_account = Throttle(limits.login_tries_per_account, HOUR)
        self._by_reporter = _hourly(limits.reports_per_hour)
        self._by_maker = _hourly(limits.signups_per_address)
        self._counts = {
            "both": self._by_both,
            "address": self._by_address,
            "account": self._by_account,
            "reporter": self._by_reporter,
            "maker": self._by_maker,
        }
        self._names = {throttle: name for name, throttle in self._counts.items()}

        def most() -> int:
            return limits.login_queue

        self._logins = Tries(seconds, most, _too_many_wrong, self._noted)
        self._reports = Tries(seconds, most, _too_many_reports, self._noted)
        self._signups = Tries(seconds, most, _too_many_accounts, self._noted)

    def hear(self, count: str, key: str, forgotten: bool) -> None:
        """Another node has counted this: see L{tell}."""
        throttle = self._counts.get(count)
        if throttle is None:  # it is off here, or of a newer version
            return
        if forgotten:
            throttle.forget(key)
        else:
            throttle.note(key, self._seconds())

    def _noted(self, keys: Sequence[Counted]) -> None:
        for throttle, key in keys:
            self.tell(self._names[throttle], key, False)

    async def check(self, name: str, password: str, asker: Asker, owner: bool = False) -> str:
        """
        The key of the account whose name and password these are.

        @param owner: whoever asks is logged in to it already, and has to prove it once more.
        @raise WrongPassword: @raise Throttled: @raise Busy:
        """
        account = fold(name.strip())
        with self._counted(asker):
            known = owner or await self._credentials.knows(account, origin(asker.address))
            keys = self._keys(account, asker, known)
            async with self._logins.one(asker, keys) as this:
                key = await self._credentials.check(name, password, asker)
                if key is None:
                    this.counts = True
                    raise WrongPassword("Wrong nickname or password.")
                self._forgive(keys)
        return key

    def _keys(self, account: str, asker: Asker, known: bool) -> list[Counted]:
        """By what a try is counted: with strangers, or only with those who come from where the owner did."""
        if known:
            return [(self._by_both, _digest(f"{account} {origin(asker.address)}"))]
        counts = [
            (self._by_both, _digest(f"{account} {asker.network}")),
            (self._by_account, _digest(account)),
        ]
        return [*counts, *self._from(asker)]

    def _from(self, asker: Asker) -> list[Counted]:
        """The count of all tries from a network, if it is one."""
        return [(self._by_address, _digest(asker.network))] if asker.network else []

    def _forgive(self, keys: list[Counted]) -> None:
        """
        Forget the wrong passwords for an account whose right one was given, from there. Who knows the password of one
        account proves nothing about the others tried from there.
        """
        both, pair = keys[0]
        if both.forget(pair):
            self.tell(self._names[both], pair, True)

    async def check_room(self, room: str, hash: str, password: str, asker: Asker) -> None:
        """@raise WrongPassword: @raise Throttled: @raise Busy:"""
        keys = [(self._by_both, _digest(f"#{room} {asker.network}")), *self._from(asker)]
        async with self._logins.one(asker, keys) as this:
            right, _ = await self._passwords.verify(password, hash, asker)
            if not right:
                this.counts = True
                raise WrongPassword(f"Wrong password for {room}.")
            self._forgive(keys)

    def check_token(self, known: bool, asker: Asker) -> None:
        """
        Whether a token is one that lives. One that does always opens: nobody guesses 144 bits, so whatever else was
        tried from there is no reason to doubt it.

        @raise WrongPassword: it is not. @raise Throttled: too many from there were not.
        """
        self._check_unguessable(known, asker, "Unknown or expired session. Log in with /login NAME.")

    def check_certificate(self, known: bool, asker: Asker) -> None:
        """
        Whether a certificate belongs to an account. As with a token, one that does always opens.

        @raise WrongPassword: it does not. @raise Throttled: too many from there did not.
        """
        sentence = "Your certificate is not one of that account. Log in with your password, and add it: /cert add"
        self._check_unguessable(known, asker, sentence)

    def _check_unguessable(self, known: bool, asker: Asker, sentence: str) -> None:
        with self._counted(asker):
            if known:
                return
            keys = self._from(asker)
            self._logins.check(keys)
            self._logins.note(keys)
            raise WrongPassword(sentence)

    @contextmanager
    def _counted(self, asker: Asker) -> Iterator[None]:
        """
        Count how a login ends, and write down from where it was wrong, for whoever wants to keep such addresses out:
        contrib/fail2ban reads this very line. Never the name: people type their passwords there.
        """
        try:
            yield
        except WrongPassword:
            self.outcomes["wrong"] += 1
            log.info("Failed login from {address}", address=asker.address or "nowhere")
            raise
        except Throttled:
            self.outcomes["throttled"] += 1
            raise
        except Busy:
            self.outcomes["busy"] += 1
            raise
        self.outcomes["right"] += 1

    async def new_hash(self, password: str, asker: Asker) -> str:
        """@raise Unlawful: @raise Busy: too many are waiting."""
        return await self._passwords.hash(password, asker)

    async def room_hash(self, password: str, asker: Asker) -> str:
        """@raise Unlawful: no password would do. @raise Busy:"""
        return await self._passwords.hash(made_up(password, LONGEST_OF_ROOM), asker)

    def report(self, asker: Asker, reporter: str) -> AbstractAsyncContextManager[Try]:
        """
        Around a report, which counts if it says so.

        @param reporter: a key, for those who come from no address.
        @raise Throttled: too many reports from this address.
        """
        where = origin(asker.address) or reporter
        return self._reports.one(asker, [(self._by_reporter, _digest(where))] if self._by_reporter is not None else [])

    def signup(self, asker: Asker) -> AbstractAsyncContextManager[Try]:
        """
        Around the making of an account, which counts if it says so.

        @raise Throttled: too many new accounts from this address.
        """
        by_maker = self._by_maker if asker.network else None
        return self._signups.one(asker, [] if by_maker is None else [(by_maker, _digest(asker.network))])

    def close_queues(self) -> None:
        """Refuse all that waits to be checked, and let nothing wait from now on: people or a process are to go."""
        for tries in (self._logins, self._reports, self._signups):
            tries.close_queue()
        self._passwords.close_queue()

    def open_queues(self) -> None:
        """Go on after L{close_queues}."""
        for tries in (self._logins, self._reports, self._signups):
            tries.open_queue()
        self._passwords.open_queue()


def _digest(key: str) -> str:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _hourly(limit: float) -> Throttle | None:
    return None if limit == OFF else Throttle(int(limit), HOUR)


def _too_many_wrong(wait: float) -> Throttled:
    return Throttled(f"Too many wrong passwords. Try again in {counted(ceil(wait), 'second')}.", wait=wait)


def _too_many_reports(wait: float) -> Throttled:
    sentence = f"Too many reports from your address. Try again in {counted(ceil(wait / 60), 'minute')}."
    return Throttled(sentence, wait=wait)


def _too_many_accounts(wait: float) -> Throttled:
    sentence = f"Too many new accounts from your address. Try again in {counted(ceil(wait / 60), 'minute')}."
    return Throttled(sentence, wait=wait)
