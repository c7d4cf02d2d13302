"""
What a soak has shown: a sample every few seconds, what follows from all of them, and the bounds it is held to.

It knows processes by /proc and the metrics page, and nothing of people.
"""

from __future__ import annotations

import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import ClassVar
from urllib.request import urlopen

from benchmarks.procfs import cpu
from tests.e2e.attendance import Register
from tests.e2e.daemon import PATIENCE, Daemon, until

MIB = 2**20

LEAST = 10.0
"""Minutes that half a soak needs at least before it says anything of growth."""

MEMORY_GROWTH = 8.0
"""MiB an hour that memory may grow by in the second half: the slope through the least of each minute."""

LAG_GROWTH = 2.0
LAG_SLACK = 0.005
"""The lag of the last quarter, against that of the second: so many times, and so many seconds more."""

WAL = 64.0
"""MiB that the write-ahead log may ever have."""

_COLLECTIONS = re.compile(r'^python_gc_collections_total\{generation="\d"\} (\S+)$', re.MULTILINE)
_NOT_READING = re.compile(r"^chatroom_connections_not_reading (\S+)$", re.MULTILINE)


def percentile(values: Sequence[float], of: int) -> float | None:
    """The least of the values that so many of a hundred do not exceed, or C{None} of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, -(-len(values) * of // 100) - 1)]


@dataclass(frozen=True)
class Sample:
    """
    One look. Sizes are bytes; times are seconds; C{cpu} is the share of one processor since the last look, the
    daemon's; C{own_cpu} that of the soak itself, in which the lag is measured. What was said, delivered, lost and
    doubled is counted from the beginning, lag since the last look.
    """

    HEAD: ClassVar[str] = (
        " min  people  RSS MiB  CPU %  own %  files  threads  db MiB  WAL MiB"
        "  lag p50  p99 ms  whisper  entry  asleep  lines"
    )

    at: float
    connections: int
    resident: int
    cpu: float
    own_cpu: float
    files: int
    threads: int
    database: int
    wal: int
    not_reading: int
    collections: tuple[int, ...]
    said: int
    whispered: int
    deliveries: int
    lost: int
    doubled: int
    lag_p50: float | None
    lag_p99: float | None
    whisper_p99: float | None
    entry_p99: float | None

    def line(self) -> str:
        """Under L{HEAD}."""
        return (
            f"{self.at / 60:4.1f}{self.connections:8}{self.resident / MIB:9.1f}{self.cpu * 100:7.1f}"
            f"{self.own_cpu * 100:7.1f}{self.files:7}{self.threads:9}{self.database / MIB:8.1f}{self.wal / MIB:9.1f}"
            f"{_ms(self.lag_p50):>9}{_ms(self.lag_p99):>8}{_ms(self.whisper_p99):>9}{_ms(self.entry_p99):>7}"
            f"{self.not_reading:8}{self.said:7}" + (f"  LOST {self.lost}" if self.lost else "")
        )


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.1f}"


class Meter:
    """
    Looks at a daemon.

    @ivar files_before: open files before anybody came.
    @ivar files_after: when everybody had gone.
    """

    def __init__(self, daemon: Daemon, metrics: int) -> None:
        """@param metrics: the port of its metrics page."""
        self._daemon = daemon
        self._metrics = f"http://127.0.0.1:{metrics}/metrics"
        self._began = self._last = time.monotonic()
        self._page()  # some files are opened once, when it is asked first
        self.files_before = self.files_after = self.open_files()
        self._cpu = cpu(daemon.pid)
        self._own_cpu = time.process_time()

    def open_files(self) -> int:
        """How many it has."""
        return len(list(Path(f"/proc/{self._daemon.pid}/fd").iterdir()))

    def _page(self) -> str:
        with urlopen(self._metrics, timeout=PATIENCE) as page:
            text: str = page.read().decode()
            return text

    def begin(self) -> None:
        """Everybody is there: the time begins."""
        self._began = self._last = time.monotonic()
        self._cpu, self._own_cpu = cpu(self._daemon.pid), time.process_time()

    def sample(self, **seen: float | int | None) -> Sample:
        """@param seen: what is known from elsewhere."""
        pid, now = self._daemon.pid, time.monotonic()
        page = self._page()
        took, own = cpu(pid), time.process_time()
        passed = max(now - self._last, 1e-3)
        not_reading = _NOT_READING.search(page)
        sample = Sample(
            at=now - self._began,
            resident=self._daemon.memory(),
            cpu=(took - self._cpu) / passed,
            own_cpu=(own - self._own_cpu) / passed,
            files=self.open_files(),
            threads=len(list(Path(f"/proc/{pid}/task").iterdir())),
            database=self._size(""),
            wal=self._size("-wal"),
            not_reading=int(float(not_reading[1])) if not_reading else 0,
            collections=tuple(int(float(number)) for number in _COLLECTIONS.findall(page)),
            **seen,  # type: ignore[arg-type]
        )
        self._last, self._cpu, self._own_cpu = now, took, own
        return sample

    def _size(self, which: str) -> int:
        path = self._daemon.folder / "chatroom-data" / f"chatroom.sqlite{which}"
        return path.stat().st_size if path.exists() else 0

    def everybody_has_gone(self) -> None:
        """Give it the time it needs to close what they left open."""

        def closed() -> bool:
            self.files_after = self.open_files()
            return self.files_after <= self.files_before

        try:
            until("files to be closed", closed, 15.0)
        except AssertionError:
            return


class Report:
    """What a soak has come to."""

    def __init__(
        self,
        samples: Sequence[Sample],
        meter: Meter,
        register: Register,
        refusals: Counter[str],
        status: int,
        log: str,
    ) -> None:
        """@param status: with which the daemon ended. @param log: all it wrote."""
        self.samples = samples
        self.refusals = refusals
        self._register = register
        self._files = meter.files_before, meter.files_after
        self._status = status
        self._bugs = log.count("Traceback")

    def failures(self) -> list[str]:
        """What is out of bounds, in sentences."""
        found = list(self._register.faults)
        if self._register.lost or self._register.doubled:
            found.append(f"{self._register.lost} lost, {self._register.doubled} doubled")
        if self._files[1] > self._files[0]:
            found.append(
                f"{self._files[0]} files were open before anybody came, and {self._files[1]} after all had gone"
            )
        if self._status:
            found.append(f"the daemon ended with {self._status}")
        if self._bugs:
            found.append(f"{self._bugs} bugs are in the log")
        if (wal := max(sample.wal for sample in self.samples)) > WAL * MIB:
            found.append(f"the write-ahead log had {wal / MIB:.0f} MiB, and may have {WAL:.0f}")
        return found + self._growth()

    def _growth(self) -> list[str]:
        """Of what may grow in an hour, and did."""
        if not self.is_long():
            return []
        found = []
        if (slope := self.memory_slope()) > MEMORY_GROWTH:
            found.append(f"memory grew by {slope:.1f} MiB an hour in the second half, and may by {MEMORY_GROWTH:.1f}")
        for name in ("lag_p50", "lag_p99"):
            early, late = self._lags(name)
            if late > LAG_GROWTH * early + LAG_SLACK:
                found.append(f"{name} was {early * 1000:.1f} ms, and is {late * 1000:.1f} ms")
        middle = len(self.samples) // 2
        before, after = (max(s.threads for s in half) for half in (self.samples[:middle], self.samples[middle:]))
        if after > before:
            found.append(f"there were {before} threads, and are {after}")
        return found

    def is_long(self) -> bool:
        """Whether growth can be seen at all."""
        return self.samples[-1].at >= 2 * LEAST * 60

    def memory_slope(self) -> float:
        """MiB an hour, by least squares through the least of each minute of the second half: hashes come and go."""
        least: dict[int, int] = {}
        for sample in self.samples:
            if sample.at >= self.samples[-1].at / 2:
                minute = int(sample.at // 60)
                least[minute] = min(least.get(minute, sample.resident), sample.resident)
        if len(least) < 2:
            return 0.0
        slope = statistics.linear_regression(list(least), list(least.values())).slope
        return slope * 60 / MIB

    def _lags(self, name: str) -> tuple[float, float]:
        """The median of the second quarter, and of the last one."""
        quarter = len(self.samples) // 4
        values = [
            [getattr(s, name) for s in part] for part in (self.samples[quarter : 2 * quarter], self.samples[-quarter:])
        ]
        early, late = (statistics.median([v for v in part if v is not None] or [0.0]) for part in values)
        return early, late

    def lines(self) -> list[str]:
        """For people."""
        last, failures = self.samples[-1], self.failures()
        resident = [sample.resident / MIB for sample in self.samples]
        entries = [sample.entry_p99 for sample in self.samples if sample.entry_p99 is not None]
        (p50, late50), (p99, late99) = self._lags("lag_p50"), self._lags("lag_p99")
        growth = (
            f"{self.memory_slope():+.1f} MiB an hour in the second half" if self.is_long() else "too short for a slope"
        )
        shares = [sample.cpu for sample in self.samples[:-1]] or [last.cpu]
        return [
            f"{last.at / 60:.1f} minutes, {last.connections:,} connections, {last.said:,} lines, {last.whispered:,} "
            f"whispers, {last.deliveries:,} deliveries",
            f"lost {last.lost}, doubled {last.doubled}",
            f"memory {resident[0]:.1f} MiB at first, {resident[-1]:.1f} at last, {min(resident):.1f} to "
            f"{max(resident):.1f}; {growth}",
            f"lag p50 {p50 * 1000:.1f} ms in the second quarter, {late50 * 1000:.1f} in the last; "
            f"p99 {p99 * 1000:.1f} and {late99 * 1000:.1f} ms",
            f"coming in: p99 {_ms(statistics.median(entries) if entries else None)} ms",
            f"CPU {statistics.mean(shares) * 100:.1f} % of one processor; open files {self._files[0]} before, "
            f"{self._files[1]} after; threads {max(s.threads for s in self.samples)}",
            f"database {last.database / MIB:.0f} MiB, write-ahead log at most "
            f"{max(sample.wal for sample in self.samples) / MIB:.1f} MiB",
            f"garbage collections {last.collections}, most slow readers {max(s.not_reading for s in self.samples)}",
            *(f"refused {times} times: {sentence}" for sentence, times in self.refusals.most_common(10)),
            f"{len(failures)} failures",
            *failures[:30],
        ]

    def write(self, folder: Path) -> None:
        """Everything as C{soak.json}, and a table as C{soak.txt}."""
        (folder / "soak.json").write_text(
            json.dumps(
                {
                    "summary": self.lines(),
                    "failures": self.failures(),
                    "fields": [field.name for field in fields(Sample)],
                    "samples": [list(asdict(sample).values()) for sample in self.samples],
                },
                indent=1,
            )
            + "\n"
        )
        table = [Sample.HEAD, *(sample.line() for sample in self.samples), "", *self.lines()]
        (folder / "soak.txt").write_text("\n".join(table) + "\n")
