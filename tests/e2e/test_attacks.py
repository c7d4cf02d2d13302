"""
The attacks of C{tests/attacks} that are mended, for a few seconds each: honest people wait no longer than on a busy
machine, memory stays within bounds, and the daemon stops when it is asked to.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.attacks.siege import CUT_SHORT, Row, all_attacks, besiege

MiB = 1024 * 1024

SECONDS = 4.0
"""Each goes on for so long."""

WAIT = 5.0
"""Seconds. Generous: what is attacked here made people wait for 2 to 67 seconds, and CI's machines are slow."""

GROWTH = 250 * MiB

STOP = 6.0


class AttackTests(SynchronousTestCase):
    """Each attack beside two honest people."""

    def test_honest_people_hardly_notice(self) -> None:
        """Beside each mended attack, a line is read within seconds, memory is bounded, and a stop is quick."""
        for name, attack in sorted(all_attacks().items()):
            if attack.held:
                row = besiege(attack, Path(self.mktemp()).resolve(), seconds=SECONDS)
                self.assertEqual([], self.faults(row), f"{name}\n{Row.HEAD}\n{row}")

    def faults(self, row: Row) -> list[str]:
        """What is wrong with it."""
        wrong = {
            "an honest line came late": max(row.waits, default=WAIT) >= WAIT,
            "memory grew": row.peak - row.before >= GROWTH,
            "it did not stop": row.stop >= STOP,
            "it ended": not row.peak,
            "it logged a bug": "a traceback in the log" in row.notes,
            "the attack was cut short": any(note.startswith(CUT_SHORT) for note in row.notes),
        }
        return [sentence for sentence, is_so in wrong.items() if is_so]

    def test_faults_are_seen(self) -> None:
        """A row in which everything is wrong is not let pass, and one in which nothing is, is."""
        self.assertEqual([], self.faults(Row("good", [0.01], 60 * MiB, 70 * MiB, 0.1)))
        bad = Row("bad", [0.01, 9.0], 60 * MiB, 900 * MiB, 12.0, ["a traceback in the log", f"{CUT_SHORT}: reset"])
        self.assertEqual(5, len(self.faults(bad)))
        self.assertEqual(["it ended"], self.faults(Row("ended", [0.01])))
