"""
A daemon that is killed again and again under load, and asked each time whether it has kept its word.

C{python -m tests.e2e.crash} does it C{CRASHES} times (200), with dice that begin at C{SEED}, and reports what it
saw; docs/crash-safety.rst says what that proves. It ends with status 1 where anything was lost, doubled or broken.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

from tests.e2e.crowd import Crowd
from tests.e2e.daemon import Daemon
from tests.e2e.guests import PASSWORD, Listener, Program, Typist
from tests.e2e.inspection import examine, inspect, signed_up
from tests.e2e.witness import Witness

OPTIONS = [
    *("--talk-rate", "off", "--max-per-address", "off", "--new-per-minute", "off", "--signups-per-address", "off"),
    *("--argon2-memory", "8", "--argon2-time", "1", "--argon2-parallelism", "1", "--rooms-per-person", "1000"),
    *("--inbox-length", "100000", "--sessions-per-account", "1000"),
]
"""One crowd at one address does in a second what many people do in an hour."""

MOMENTS = {"talking": 8, "starting": 1, "stopping": 1}
"""When it is killed, and how often out of ten times: while people talk, before it waits for them, after SIGTERM."""

LONGEST = 0.6
"""Seconds that people have at the most before it is killed."""

AIMED = 0.5
"""How often the moment is one in which it waits for the disk, as far as that can be seen, and not just any."""

PEOPLE = {Program: 5, Typist: 3, Listener: 2}
"""So many of each kind come anew each time, and stay."""

OWNERS = 3
"""So many of those who have an account come back."""


@dataclass
class Report:
    """
    What was seen.

    @ivar moments: how often it was killed when.
    @ivar waiting: how often one of its threads was waiting for the disk.
    @ivar torn: how often its write-ahead log ended in the middle of a transaction.
    @ivar early: how often something was kept that nobody had been told of.
    @ivar starts: how many seconds each start took.
    """

    seed: int
    witness: Witness
    moments: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    torn: int = 0
    early: int = 0
    starts: list[float] = field(default_factory=list)
    seconds: float = 0.0
    bytes: int = 0

    def lines(self) -> list[str]:
        """For people."""
        seen = self.witness
        when = ", ".join(f"{times} while {moment}" for moment, times in self.moments.most_common())
        starts = sorted(self.starts) or [0.0]
        kept = sum(room.through for room in seen.rooms.values())
        return [
            f"seed {self.seed}, {self.seconds:.0f} seconds",
            f"{self.moments.total()} kills: {when}",
            f"{self.waiting} of them while it waited for the disk, {self.torn} in the middle of writing a transaction",
            f"{len(seen.lines):,} lines sent, {len(seen.acknowledged):,} acknowledged, {len(seen.read):,} read",
            f"{seen.untold:,} lines were saved that nobody had received yet, in {self.early} of the kills",
            f"{len(seen.posted):,} whispers acknowledged for later, each found once",
            f"{len(seen.tokens):,} accounts, {len(seen.rooms):,} rooms that stay, {kept:,} events in them",
            f"start after a kill: {starts[len(starts) // 2]:.2f} s (half), {starts[-1]:.2f} s (longest)",
            f"database {self.bytes / 1e6:.1f} MB",
            f"{len(seen.faults)} faults",
            *seen.faults[:20],
        ]


class Crashes:
    """One daemon, on one folder of data, and all who ever used it."""

    def __init__(self, folder: Path, seed: int, *options: str, port: int | None = None) -> None:
        self.daemon = Daemon(folder, *OPTIONS, *options, port=port)
        self.witness = Witness()
        self.report = Report(seed, self.witness)
        self._dice = Random(seed)
        self._nicks = (f"guest{number}" for number in count(1))
        self._absent = ["ann", "ben", "cem", "dora"]
        self._last: list[str] = []

    def run(self, crashes: int) -> Report:
        """Kill it so many times, and look through everything at the end. It stops early where something is wrong."""
        began = time.monotonic()
        try:
            self._run(crashes)
        except AssertionError as error:
            self.witness.fault(str(error))
        finally:
            self.daemon.close()
        self.report.seconds = time.monotonic() - began
        self.report.bytes = sum(path.stat().st_size for path in self._data.glob("chatroom.sqlite"))
        return self.report

    def _run(self, crashes: int) -> None:
        self.daemon.start()
        for nick in self._absent:
            self.witness.tokens[nick] = signed_up(self.daemon.port, nick, PASSWORD)
        while self.report.moments.total() < crashes and not self.witness.faults:
            self._crash()
        self.witness.look_again()
        self._inspect()

    @property
    def _data(self) -> Path:
        return self.daemon.folder / "chatroom-data"

    def _crash(self) -> None:
        """People come, the daemon is killed, and started again, or killed once more before it is."""
        crowd = self._let_people_in()
        crowd.runs(self._dice.uniform(0, LONGEST))
        if self._dice.random() < AIMED:
            crowd.acts_at_once()
            self._await_commit()
        if self._dice.random() * sum(MOMENTS.values()) < MOMENTS["stopping"]:
            os.kill(self.daemon.pid, signal.SIGTERM)
            time.sleep(self._dice.uniform(0, 0.05))
            self._kill("stopping")
        else:
            self._kill("talking")
        crowd.finish()
        self.report.refusals += crowd.refusals
        self._last = crowd.guests()
        self._examine()
        while self._dice.random() * sum(MOMENTS.values()) < MOMENTS["starting"]:
            self.daemon.launch()
            time.sleep(self._dice.uniform(0.1, 1.2 * self._usual_start()))
            self._kill("starting")
            self._examine()
        self._start()
        untold = self.witness.untold
        self._inspect()
        self.report.early += self.witness.untold > untold

    def _await_commit(self) -> None:
        """Wait for a moment in which it waits for the disk, but not for long: there may be none."""
        deadline = time.monotonic() + 0.05
        while not _waits_for_disk(self.daemon.pid) and time.monotonic() < deadline:
            pass

    def _let_people_in(self) -> Crowd:
        crowd = Crowd(self.daemon.port, self._dice, self.witness, self._absent, self._nicks)
        owners = sorted(set(self.witness.tokens) - set(self._absent))
        for kind, times in PEOPLE.items():
            crowd.comes(kind, times)
        for nick in self._dice.sample(owners, min(OWNERS, len(owners))):
            crowd.comes(Program, nick=nick)
        return crowd

    def _kill(self, moment: str) -> None:
        self.report.moments[moment] += 1
        self.report.waiting += _waits_for_disk(self.daemon.pid)
        self.daemon.kill()
        if "Traceback" in self.daemon.log:
            self.witness.fault(f"there is a bug in the log: {self.daemon.log[-4000:]}")

    def _examine(self) -> None:
        self.report.torn += examine(self._data, self.daemon.folder / "examined", self.witness)

    def _usual_start(self) -> float:
        return self.report.starts[-1] if self.report.starts else 0.5

    def _start(self) -> None:
        began = time.monotonic()
        self.daemon.start()
        self.report.starts.append(time.monotonic() - began)

    def _inspect(self) -> None:
        inspect(self.daemon.port, self.witness, self._dice, self._last, self._absent)


def _waits_for_disk(pid: int) -> bool:
    """Whether a thread of this process is in the state D, uninterruptible: in a write or a sync (proc(5))."""
    for path in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            state = path.read_text().rpartition(")")[2].split()[0]
        except OSError:  # the thread has ended
            continue
        if state == "D":
            return True
    return False


def main() -> int:
    """The long form."""
    crashes, seed = int(os.environ.get("CRASHES", 200)), int(os.environ.get("SEED", Random().randrange(2**32)))
    with tempfile.TemporaryDirectory(prefix="crashes-", dir=os.environ.get("CRASH_FOLDER")) as folder:
        sys.stdout.write(f"seed {seed}\n")
        sys.stdout.flush()
        report = Crashes(Path(folder), seed).run(crashes)
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return 1 if report.witness.faults else 0


if __name__ == "__main__":
    sys.exit(main())
