"""
A long life in short: a real twistd with its embedded database, and some thousand connections for an hour.

C{python -m tests.e2e.soak --people 2000 --minutes 60} lets people with nc and telnet, programs and browsers live in
forty rooms: they come and go, talk, whisper, read back, search, sign up and log in, and some of them do not read for
most of a minute. All limits are at their defaults: everybody has an address of their own in 127.0.0.0/8. Every ten
seconds it is noted what the daemon takes and how long lines take. It ends with status 1 where something leaks, grows,
is lost or doubled; the bounds are in L{tests.e2e.soakreport}.
"""

from __future__ import annotations

import argparse
import heapq
import selectors
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

from benchmarks.running import open_files
from tests.e2e.attendance import Register
from tests.e2e.daemon import PATIENCE, Daemon, free_port
from tests.e2e.inspection import Inspector
from tests.e2e.residents import LOBBY, Browser, Caller, Resident, Robot, Typist, number_in
from tests.e2e.soakreport import Meter, Report, Sample, percentile

ARRIVALS = 40.0
"""People a second, until all are there."""

SAMPLE = 10.0
"""Seconds between two samples."""

SETTLING = 8.0
"""Seconds at the end in which nobody says anything, and everything comes that will ever come."""

KINDS: dict[type[Resident], int] = {Typist: 50, Caller: 14, Robot: 30, Browser: 6}
"""So many of a hundred."""

RATES: dict[str, float] = {"talks": 0.04, "whispers": 0.002, "looks_back": 0.001, "moves": 0.001}
"""What people do, each, a second. A move is one that goes and another that comes."""

ACCOUNTS = 0.05
"""New accounts a second, and as many logins: a password costs the daemon a fifth of a second."""

CROWDED = 20
"""In the busiest room: so many who talk, every other second and much; as many who listen; as many slow readers."""

LONG = "tea " * 300
SHORT = (
    "tea",
    "tea? yes, a cup of tea, and some bread with it if there is any",
    "茶が飲みたい",
    "Tee über alles \N{HOT BEVERAGE}",
)

ASLEEP, AWAKE = 45.0, 20.0
"""Seconds for which slow readers do not read, and for which they do."""


class Soak:
    """One daemon, and all who live there. A L{tests.e2e.residents.Town}."""

    def __init__(self, folder: Path, people: int, seed: int, port: int | None = None, web: int | None = None) -> None:
        self.register = Register()
        self.web = web or free_port()
        self.metrics = free_port() if port is None else port + 2
        self.daemon = Daemon(
            folder,
            *("--web", f"tcp:{self.web}:interface=127.0.0.1", "--metrics", str(self.metrics)),
            port=port,
        )
        self.port = self.daemon.port
        self.refusals: Counter[str] = Counter()
        self._people = people
        self._dice = Random(seed)
        self._nicks = count(1)
        self._rooms = [LOBBY, "market", *(f"room{number}" for number in range(max(1, people // 50)))]
        self._present: dict[Resident, None] = {}
        self._stayers: list[str] = []
        self._sellers: list[Resident] = []
        self._accounts: list[str] = []
        self._asleep: list[Resident] = []
        self._selector = selectors.DefaultSelector()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._lags: list[float] = []
        self._whisper_lags: list[float] = []
        self._entries: list[float] = []
        self._deliveries = 0
        self._samples: list[Sample] = []
        self._now = time.monotonic()

    def run(self, minutes: float) -> Report:
        """All of it. The time begins when all are there."""
        try:
            self.daemon.start()
            meter = Meter(self.daemon, self.metrics)
            self._everybody_comes()
            meter.begin()
            began = time.monotonic()
            self._begin(meter)
            self._runs_until(began + minutes * 60)
            self._due.clear()
            self._wake_all()
            self._runs_until(time.monotonic() + SETTLING)
            self._sample(meter)
            self._look_at_everything()
            self._everybody_goes()
            meter.everybody_has_gone()
            status = self.daemon.stop()
            return Report(self._samples, meter, self.register, self.refusals, status, self.daemon.log)
        finally:
            self.daemon.close()

    # What happens when.

    def _every(self, seconds: float, action: Callable[[], None], *, evenly: bool = False) -> None:
        """Do this again and again; how long it takes in between, dice decide."""
        after = seconds if evenly else self._dice.expovariate(1 / seconds)
        at = self._now + after
        heapq.heappush(self._due, (at, next(self._order), lambda: self._again(seconds, action, evenly)))

    def _again(self, seconds: float, action: Callable[[], None], evenly: bool) -> None:
        action()
        self._every(seconds, action, evenly=evenly)

    def _begin(self, meter: Meter) -> None:
        for name, rate in RATES.items():
            self._every(1 / (rate * self._people), getattr(self, f"_{name}"))
        self._every(1 / ACCOUNTS, self._signs_up)
        self._every(1 / ACCOUNTS, self._logs_in)
        for one in self._present:
            if one.slow:
                self._falls_asleep_later(one)
        for one in self._sellers:
            self._every(2.0, partial(self._cries, one))
        self._lags.clear()
        self._entries.clear()
        self._every(SAMPLE, lambda: self._sample(meter), evenly=True)

    def _runs_until(self, end: float) -> None:
        while (now := time.monotonic()) < end:
            self._now = now
            while self._due and self._due[0][0] <= now:
                heapq.heappop(self._due)[2]()
            wait = min(end, self._due[0][0] if self._due else end) - time.monotonic()
            for key, _ in self._selector.select(max(0.0, wait)):
                one: Resident = key.data
                if not one.receives(time.monotonic()):
                    self._is_gone(one)

    # Coming and going.

    def _everybody_comes(self) -> None:
        """Those of the busiest room first, and the witness of each room before all."""
        self._arrives(Robot, LOBBY, stays=True, witness=True)
        for room in self._rooms[1:]:
            self._arrives(Robot, room, stays=True, witness=True)
        self._all_settle()
        crowded = min(CROWDED, self._people // 10)
        for number in range(3 * crowded):
            kind = (Typist, Robot)[number % 2]
            one = self._arrives(kind, "market", stays=number < 2 * crowded, slow=number >= 2 * crowded)
            if number < crowded:
                self._sellers.append(one)
        while len(self._present) < self._people:
            self._someone_comes(stays=self._dice.random() < 0.3)
            self._runs_until(time.monotonic() + 1 / ARRIVALS)
        self._all_settle()
        self._runs_until(time.monotonic() + 3.0)
        for sentence in self.refusals:
            self.register.fault(f"at the beginning: {sentence}")

    def _all_settle(self) -> None:
        """Until all who have come are in, on however busy a machine: witnesses make the rooms of the others."""
        deadline = time.monotonic() + PATIENCE
        while not all(one.settled for one in self._present) and time.monotonic() < deadline:
            self._runs_until(time.monotonic() + 0.1)

    def _someone_comes(self, stays: bool) -> None:
        (kind,) = self._dice.choices(list(KINDS), list(KINDS.values()))
        home = LOBBY if self._dice.random() < 0.05 else self._dice.choice(self._rooms[2:])
        self._arrives(kind, home, stays=stays, lobby=self._dice.random() < 0.05)

    def _arrives(self, kind: type[Resident], home: str, nick: str = "", **how: bool) -> Resident:
        address = f"127.{self._dice.randrange(1, 255)}.{self._dice.randrange(256)}.{self._dice.randrange(1, 255)}"
        one = kind(self, nick or f"n{next(self._nicks)}", home, address, time.monotonic(), **how)
        self._present[one] = None
        self._selector.register(one.socket, selectors.EVENT_READ, one)
        if one.stays and not one.witness and home != "market":
            self._stayers.append(one.nick)
        return one

    def _moves(self) -> None:
        """One goes, and another comes who will go as well: those who stay are as many as in the beginning."""
        self._someone_goes()
        self._someone_comes(stays=False)

    def _someone_goes(self) -> None:
        one = self._somebody(lambda one: not (one.stays or one.slow))
        if one is None:
            return
        self.register.leaves(one.nick, self._now)
        one.leaving = True
        if self._dice.random() < 0.5:
            one.says_goodbye()
        else:
            self._is_gone(one)

    def _is_gone(self, one: Resident) -> None:
        if not one.leaving:
            self.register.fault(f"{one.nick} was dropped")
        one.check()
        del self._present[one]
        self._selector.unregister(one.socket)
        one.close()

    def _everybody_goes(self) -> None:
        for one in list(self._present):
            one.leaving = True
            self._is_gone(one)
        self._runs_until(time.monotonic() + 3.0)

    # What they do.

    def _somebody(self, fits: Callable[[Resident], bool]) -> Resident | None:
        """Somebody at home; nobody, if there is hardly anybody of that kind."""
        present = list(self._present)
        for _ in range(100):
            one = self._dice.choice(present)
            if one.settled and not (one.leaving or one.witness) and fits(one):
                return one
        return None

    def _cries(self, one: Resident) -> None:
        one.talks(LONG, self._now)

    def _talks(self) -> None:
        one = self._somebody(lambda one: not one.slow)
        if one is not None:
            one.talks(self._dice.choice(SHORT), self._now)

    def _whispers(self) -> None:
        one = self._somebody(lambda one: not one.slow)
        to = self._dice.choice(self._stayers) if self._stayers else None
        if one is not None and to is not None and to != one.nick:
            one.whispers(to, self._dice.choice(SHORT), self._now)

    def _looks_back(self) -> None:
        one = self._somebody(lambda one: not one.slow)
        if one is not None:
            one.looks_back(search=self._dice.random() < 0.3)

    def _signs_up(self) -> None:
        one = self._somebody(lambda one: isinstance(one, Robot) and not one.account and not one.stays)
        if isinstance(one, Robot):
            one.signs_up()

    def _logs_in(self) -> None:
        """Somebody who has an account, and is not here any more, comes back in the place of another."""
        here = {one.nick for one in self._present}
        absent = [nick for nick in self._accounts if nick not in here]
        if absent:
            self._someone_goes()
            self._arrives(Robot, self._dice.choice(self._rooms[2:]), self._dice.choice(absent), account=True)

    # Slow readers.

    def _in(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self._now + seconds, next(self._order), action))

    def _falls_asleep_later(self, one: Resident) -> None:
        def falls_asleep() -> None:
            if one in self._present:
                self._selector.unregister(one.socket)
                self._asleep.append(one)
                self._in(ASLEEP, wakes)

        def wakes() -> None:
            self._asleep.remove(one)
            self._selector.register(one.socket, selectors.EVENT_READ, one)
            self._in(AWAKE, falls_asleep)

        self._in(self._dice.uniform(0, AWAKE), falls_asleep)

    def _wake_all(self) -> None:
        for one in self._asleep:
            self._selector.register(one.socket, selectors.EVENT_READ, one)
        self._asleep.clear()

    # What they report (Town).

    def delivered(self, seconds: float) -> None:
        """See L{tests.e2e.residents.Town}."""
        self._deliveries += 1
        self._lags.append(seconds)

    def whisper_took(self, seconds: float) -> None:
        """See L{tests.e2e.residents.Town}."""
        self._whisper_lags.append(seconds)

    def entered(self, seconds: float) -> None:
        """See L{tests.e2e.residents.Town}."""
        self._entries.append(seconds)

    def signed_up(self, nick: str) -> None:
        """See L{tests.e2e.residents.Town}."""
        self._accounts.append(nick)

    def refused(self, what: str) -> None:
        """See L{tests.e2e.residents.Town}."""
        self.refusals[what] += 1

    # Looking.

    def _sample(self, meter: Meter) -> None:
        for one in self._present:
            one.check()
        sample = meter.sample(
            connections=len(self._present),
            said=self.register.said,
            whispered=self.register.whispered,
            deliveries=self._deliveries,
            lost=self.register.lost,
            doubled=self.register.doubled,
            lag_p50=percentile(self._lags, 50),
            lag_p99=percentile(self._lags, 99),
            whisper_p99=percentile(self._whisper_lags, 99),
            entry_p99=percentile(self._entries, 99),
        )
        for times in (self._lags, self._whisper_lags, self._entries):
            times.clear()
        self._samples.append(sample)
        say(sample.line())

    def _look_at_everything(self) -> None:
        """Everybody has read everything, and it stands in the history."""
        for one in self._present:
            one.check(to_the_end=True)
        self.register.all_was_said()
        with Inspector(self.port) as inspector:
            inspector.gets("hello", nick="inspector")
            for room in self._rooms:
                if room != LOBBY:
                    inspector.gets("join", room=room)
                self.register.is_kept(room, self._history(inspector, room))
                if room != LOBBY:
                    inspector.gets("leave", room=room)

    def _history(self, inspector: Inspector, room: str) -> list[int]:
        numbers: list[int] = []
        since, more = 0, True
        while more:
            page = inspector.gets("history", room=room, since=since, limit=1000, talk=True)
            found = [number_in(event["text"]) for event in page["events"]]
            numbers += [number for number in found if number is not None]
            since, more = page["events"][-1]["seq"] if page["events"] else since, page["more"]
        return numbers


def say(sentence: str) -> None:
    """To whoever watches."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] = ()) -> int:
    """See above."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.soak", description="some thousand people for an hour")
    parser.add_argument("--people", type=int, default=2000, help="connections at any time [2000]")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long, after all have come [60]")
    parser.add_argument(
        "--out", type=Path, default=Path("build/soak"), help="folder for table and numbers [build/soak]"
    )
    parser.add_argument("--seed", type=int, default=Random().randrange(2**32), help="for the same dice again")
    parser.add_argument("--port", type=int, default=None, help="the first of three ports [any that are free]")
    asked = parser.parse_args(arguments or sys.argv[1:])
    open_files(asked.people + 200)
    asked.out.mkdir(parents=True, exist_ok=True)
    say(f"seed {asked.seed}")
    say(Sample.HEAD)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        web = None if asked.port is None else asked.port + 1
        report = Soak(Path(folder), asked.people, asked.seed, asked.port, web).run(asked.minutes)
    report.write(asked.out)
    say("\n".join(report.lines()))
    return 1 if report.failures() else 0


if __name__ == "__main__":
    sys.exit(main())
