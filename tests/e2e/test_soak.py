"""
The soak in small: it runs, finds nothing, and would find what is lost, doubled or growing.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.attendance import IN_TIME, Numbers, Reader, Register
from tests.e2e.soak import Soak
from tests.e2e.soakreport import MIB, Report, Sample, percentile


class SoakTests(SynchronousTestCase):
    """A real twistd for ten seconds; C{make soak} takes an hour."""

    def test_a_short_life(self) -> None:
        """Sixty people of all kinds talk, come and go, and everything arrives once."""
        folder = Path(self.mktemp()).absolute()
        report = Soak(folder / "daemon", 60, seed=1).run(0.05)
        self.assertEqual([], report.failures(), "\n".join(report.lines()))
        last = report.samples[-1]
        self.assertEqual((60, 0, 0), (last.connections, last.lost, last.doubled))
        self.assertGreater(last.deliveries, 100)
        report.write(folder)
        kept = json.loads((folder / "soak.json").read_text())
        self.assertEqual(len(kept["fields"]), len(kept["samples"][0]))
        self.assertIn("0 failures", (folder / "soak.txt").read_text())


class RegisterTests(SynchronousTestCase):
    """alice says three lines in the den, where bob reads."""

    def setUp(self) -> None:
        self.register = Register()
        self.numbers = [self.register.says("alice", "den", float(at)) for at in range(3)]
        self.bob = Reader(self.register, "bob", "den")
        self.alice = Reader(self.register, "alice", "den")

    def told(self, *numbers: int) -> None:
        """The witness of the den was told these."""
        for number in numbers:
            self.register.witnessed("den", number)

    def bob_reads(self, *numbers: int) -> None:
        """And nothing else, to the end."""
        for number in numbers:
            self.bob.reads(number)
        self.bob.check(to_the_end=True)

    def faults(self) -> tuple[int, int]:
        """How much was lost and doubled."""
        self.assertEqual(bool(self.register.lost + self.register.doubled), bool(self.register.faults))
        return self.register.lost, self.register.doubled

    def test_all_is_well(self) -> None:
        """Also where bob reads before the witness does, and alice does not read what she says."""
        self.bob.reads(0)
        self.bob.check()
        self.told(0, 1, 2)
        self.bob_reads(1, 2)
        self.alice.check(to_the_end=True)
        self.register.all_was_said()
        self.register.is_kept("den", [0, 1, 2])
        self.assertEqual((0, 0), self.faults())

    def test_lost(self) -> None:
        """In the middle, and at the end."""
        self.told(0, 1, 2)
        self.bob_reads(0, 2)
        self.assertEqual((1, 0), self.faults())
        carl = Reader(self.register, "carl", "den")
        carl.reads(0)
        carl.check(to_the_end=True)
        self.assertEqual((3, 0), self.faults())

    def test_doubled(self) -> None:
        """Read twice, or told twice."""
        self.told(0, 1, 2)
        self.bob_reads(0, 1, 1, 2)
        self.assertEqual((0, 1), self.faults())
        self.told(1)
        self.assertEqual((0, 2), self.faults())

    def test_never_told(self) -> None:
        """What was said in time has to stand in the room; what one says while hanging up need not."""
        self.register.leaves("alice", 1.0 + IN_TIME)
        self.register.all_was_said()
        self.assertEqual((1, 0), self.faults())

    def test_not_kept(self) -> None:
        """What was told is not in history, or in another order."""
        self.told(0, 1, 2)
        self.register.is_kept("den", [0, 2])
        self.assertEqual((1, 0), self.faults())
        self.register.is_kept("den", [1, 0, 2])
        self.assertEqual(2, len(self.register.faults))

    def test_whispers(self) -> None:
        """Each is heard once, by the one it is for."""
        number = self.register.whispers("alice", "bob", 7.0)
        self.register.all_was_said()
        self.assertEqual(4, self.register.lost)  # and three lines
        self.assertEqual(7.0, self.register.heard("bob", number))
        self.assertEqual(0, self.register.doubled)
        self.register.heard("bob", number)
        self.register.heard("carl", self.register.whispers("alice", "bob", 8.0))
        self.assertEqual(2, self.register.doubled)

    def test_numbers(self) -> None:
        """Each event once, in whatever order one's own come; a hole is found at the end."""
        numbers = Numbers(self.register, "bob", "den", 4)
        for seq in (5, 7, 6, 9):
            numbers.took(seq)
        self.assertEqual((0, 0), self.faults())
        numbers.check()
        self.assertEqual((1, 0), self.faults())
        for seq in (9, 5):
            numbers.took(seq)
        self.assertEqual((1, 2), self.faults())
        numbers.missed(8)
        numbers.check()
        self.assertEqual((1, 2), self.faults())


class ReportTests(SynchronousTestCase):
    """An hour, as it might have been."""

    SAMPLE = Sample(
        at=0.0, connections=9, resident=90 * MIB, cpu=0.1, own_cpu=0.1, files=29, threads=5, database=MIB, wal=MIB,
        not_reading=0, collections=(1, 0, 0), said=9, whispered=1, deliveries=72, lost=0, doubled=0,
        lag_p50=0.001, lag_p99=0.010, whisper_p99=0.001, entry_p99=0.010,
    )  # fmt: skip

    def failures(self, status: int = 0, log: str = "", files: int = 20, step: int = 10, **last: Any) -> list[str]:
        """@param last: of the last half of all samples; a function of the time."""
        samples = []
        for at in range(0, 3601, step):
            changed = {name: value(at) if at > 1800 else getattr(self.SAMPLE, name) for name, value in last.items()}
            samples.append(replace(self.SAMPLE, at=float(at), **changed))
        meter: Any = SimpleNamespace(files_before=20, files_after=files)
        report = Report(samples, meter, Register(), Counter(), status, log)
        self.assertIn(f"{len(report.failures())} failures", report.lines())
        return report.failures()

    def test_flat(self) -> None:
        """Nothing to say, not of hashes either, which take memory for a moment."""
        self.assertEqual([], self.failures())
        self.assertEqual([], self.failures(resident=lambda at: (90 + 64 * (at % 60 == 30)) * MIB))

    def test_what_grows(self) -> None:
        """Memory, lag and threads."""
        self.assertIn("memory grew by 11.", *self.failures(resident=lambda at: 90 * MIB + at * 10 * MIB // 3600))
        self.assertIn("lag_p50", *self.failures(lag_p50=lambda at: 0.008))
        self.assertIn("lag_p99", *self.failures(lag_p99=lambda at: 0.026))
        self.assertIn("5 threads, and are 6", *self.failures(threads=lambda at: 6))

    def test_what_leaks_or_breaks(self) -> None:
        """Files, the log, the exit status, bugs."""
        self.assertIn("21 after all had gone", *self.failures(files=21))
        self.assertIn("100 MiB", *self.failures(wal=lambda at: 100 * MIB))
        self.assertIn("ended with 1", *self.failures(status=1))
        self.assertIn("1 bugs", *self.failures(log="Traceback (most recent call last):"))

    def test_percentile(self) -> None:
        """By the nearest rank."""
        self.assertIsNone(percentile([], 50))
        self.assertEqual([5, 10, 10], [percentile(list(range(1, 11)), of) for of in (50, 99, 100)])
