"""
Killed at random moments, the daemon keeps its word; and whoever watches it would notice if it did not.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.crash import Crashes
from tests.e2e.inspection import is_torn
from tests.e2e.witness import LOBBY, Line, Object, Witness

CRASHES = 10
"""Enough to find what is often wrong, in half a minute; C{make crash} does it 200 times."""


class CrashTests(SynchronousTestCase):
    """A real twistd is killed while people talk, and started again."""

    def crashes(self, *options: str) -> Crashes:
        """With other dice every time; a failure says which."""
        return Crashes(Path(self.mktemp()).absolute(), Random().randrange(2**32), *options)

    def test_nothing_is_lost(self) -> None:
        """
        Nothing that was acknowledged or read is missing or doubled, numbers have no holes, nobody is here who is not,
        and the database is sound.
        """
        report = self.crashes().run(CRASHES)
        self.assertEqual([], report.witness.faults, "\n".join(report.lines()))
        seen = report.witness
        self.assertLessEqual(CRASHES, report.moments.total())
        for what in (seen.acknowledged, seen.read, seen.posted, seen.fetched):
            self.assertTrue(what, "\n".join(report.lines()))

    def test_a_daemon_that_forgets_is_found_out(self) -> None:
        """Kept in memory alone, everything is lost: that would be noticed at once."""
        report = self.crashes("--backend", "memory").run(CRASHES)
        self.assertTrue(report.witness.faults)
        self.assertLess(report.moments.total(), CRASHES)


class WitnessTests(SynchronousTestCase):
    """Whatever may go wrong is a fault."""

    def setUp(self) -> None:
        """Alice said something, as the first in the lobby; it was acknowledged, and read by bob."""
        self.witness = Witness()
        self.line = self.witness.line(LOBBY, "alice")
        self.event = self.said(self.line, 1)
        self.witness.answered(self.line, {"room": LOBBY, "seq": 1, "at": "now"})
        self.witness.told(self.event)

    def said(self, line: Line, seq: int, **other: Any) -> Object:
        """The event of a line."""
        return {
            "event": "said",
            "room": line.room,
            "seq": seq,
            "at": "now",
            "nick": line.nick,
            "text": line.text,
            **other,
        }

    def assert_fault(self, text: str) -> None:
        """There is exactly one, and it says this."""
        self.assertEqual(1, len(self.witness.faults), self.witness.faults)
        self.assertIn(text, self.witness.faults[0])

    def has(self, *events: Object) -> None:
        """This is all there is in the history of the lobby."""
        self.witness.look_through(LOBBY, list(events))
        self.witness.looked_through(LOBBY)

    def test_all_is_well(self) -> None:
        """What was said stands there, also when it is looked at again."""
        self.has(self.event)
        self.witness.look_again()
        self.has(self.event)
        self.witness.found_in_search(self.line.number, [self.event])
        self.assertEqual([], self.witness.faults)

    def test_lost(self) -> None:
        """What was told is not in history."""
        self.has()
        self.assertEqual(2, len(self.witness.faults))  # nothing stands at its place, and it stands nowhere

    def test_lost_later(self) -> None:
        """It was there, and is there no more."""
        self.has(self.event)
        self.witness.look_again()
        self.has()
        self.assertEqual(2, len(self.witness.faults))

    def test_lost_for_a_person(self) -> None:
        """Somebody who reads no numbers read it."""
        self.has(self.event)
        other = self.witness.line(LOBBY, "bob")
        self.witness.saw(other.number)
        self.has()
        self.assert_fault("not in history")

    def test_doubled(self) -> None:
        """It stands there twice."""
        self.has(self.event, self.said(self.line, 2))
        self.assert_fault("as well")

    def test_another_text(self) -> None:
        """It is not what was said."""
        other = self.witness.line(LOBBY, "alice")
        self.witness.told(self.said(other, 2, text=other.text + "!"))
        self.assert_fault("is not what was said")

    def test_number_given_twice(self) -> None:
        """Somebody read something else under the same number, before or after."""
        self.witness.told(self.said(self.witness.line(LOBBY, "bob"), 1))
        self.assert_fault("and is")

    def test_hole(self) -> None:
        """A number is missing."""
        self.has(self.event, self.said(self.witness.line(LOBBY, "alice"), 3))
        self.assert_fault("where 2 should stand")

    def test_not_found(self) -> None:
        """A search does not find it, or finds it twice."""
        self.has(self.event)
        self.witness.found_in_search(self.line.number, [])
        self.assert_fault("was found at")

    def test_whisper_not_heard(self) -> None:
        """It was acknowledged as delivered."""
        self.witness.delivered(self.witness.letter("bob"))
        self.witness.killed()
        self.assert_fault("not heard")

    def test_mail(self) -> None:
        """It is lost, unread twice, there twice, or somebody else's."""
        letter, other = self.witness.letter("bob"), self.witness.letter("carl")
        self.witness.posted.update((letter.number, other.number))
        mail = {"text": letter.text}
        self.witness.has_mail("carl", [{"text": other.text}])
        self.assertEqual([], self.witness.faults)
        for check, words in (
            (lambda: self.witness.has_mail("bob", []), "not in the inbox"),
            (lambda: self.witness.has_mail("bob", [mail, mail]), "2 times"),
            (lambda: self.witness.has_mail("bob", [mail, {"text": other.text}]), "1 times"),
            (lambda: self.witness.fetch([mail, mail]), "unread twice"),
        ):
            check()
            self.assert_fault(words)
            self.witness.faults.clear()


class LogTests(SynchronousTestCase):
    """Whether a write-ahead log was being written."""

    def test_torn(self) -> None:
        """It ends with a whole transaction, in the middle of one, or in the middle of a page."""
        path = Path(self.mktemp())
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("CREATE TABLE line (text)")
            database.executemany("INSERT INTO line VALUES (?)", [("x" * 3000,)] * 3)
            database.execute("BEGIN")
            database.executemany("INSERT INTO line VALUES (?)", [("x" * 3000,)] * 9)
            database.execute("COMMIT")
            log = path.with_name(f"{path.name}-wal").read_bytes()
        frame = 24 + 4096
        self.assertFalse(is_torn(log))
        self.assertTrue(is_torn(log[:-frame]))
        self.assertTrue(is_torn(log[:-100]))
        self.assertFalse(is_torn(log[:32]))
        self.assertFalse(is_torn(b""))
