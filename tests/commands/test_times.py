"""
Lengths of time and moments, as people type and read them.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom import wire
from chatroom.commands import times
from chatroom.errors import BadArguments
from chatroom.events import FOREVER


class DurationTests(SynchronousTestCase):
    """C{/ban bob 2h}."""

    def test_usual_ways_to_write_it(self) -> None:
        """A number and a unit, short or long, or several of them."""
        for text, seconds in {
            "90s": 90,
            "10m": 600,
            "10min": 600,
            "2h": 7200,
            "2H": 7200,
            "1d": 86400,
            "2weeks": 14 * 86400,
            "2h30m": 9000,
            "1day12hours": 36 * 3600,
        }.items():
            self.assertEqual(seconds, times.duration(text), text)

    def test_forever(self) -> None:
        """The word, in any letter case."""
        self.assertIsNone(times.duration("forever"))
        self.assertIsNone(times.duration("Forever"))

    def test_what_looks_like_one_is_no_reason(self) -> None:
        """A time that is none, or stands behind the reason, is refused: it would be a ban for ever."""
        for typed in (
            "-5m", "+5m", "\u22125m", "~10m", ".5h", "\u00bdh", "\u0663m", "5", "0", "10m,", "(2h)", "forever!", "1.5h",
            "5min!", "for 10m", "for 10 minutes", "spam 10m", "spam and more 2h30m", "for ever 1d",
            "PT10M", "p7d spam", "m10", "\u221e", "inf", "permanent", "Permanently spamming", "until monday", "always",
            "never", "an hour", "A day", "ten minutes spam", "half an hour", "1 week", "tomorrow", "off", "(no)",
        ):  # fmt: skip
            duration, _, reason = typed.partition(" ")
            given = {"duration": duration, "reason": reason}
            self.assertRaises(BadArguments, times.term, 0.0, given, "forever")

    def test_reason_alone(self) -> None:
        """Other words are one, also with numbers in them."""
        for typed in (
            "spam", "for good", "see rule 5", "page 10m.txt says no", "m", "minutes", "no spam 4 you",
            "always late", "on purpose", "a lot of spam", "one of those", "pt", "permanence", "never again", "offtopic",
        ):  # fmt: skip
            duration, _, reason = typed.partition(" ")
            self.assertEqual((FOREVER, typed), times.term(0.0, {"duration": duration, "reason": reason}, "forever"))

    def test_blanks_are_no_reason(self) -> None:
        """As a program may send them."""
        for blank in ("", " ", "\u3000\t"):
            self.assertEqual((FOREVER, ""), times.term(0.0, {"duration": blank, "reason": blank}, "forever"))

    def test_anything_else_is_refused_with_what_is_right(self) -> None:
        """Nothing is guessed: a ban of the wrong length is worse than none."""
        for text in ("", "soon", "10", "10x", "m", "-5m", "1.5h", "10m spam", "0s", "99999999d", "٣h", "1e3s", "10mm"):
            refused = self.assertRaises(BadArguments, times.duration, text)
            self.assertIn("forever", refused.sentence)

    @given(days=st.integers(0, 3649), hours=st.integers(0, 23), minutes=st.integers(0, 59), seconds=st.integers(0, 59))
    def test_units_add_up(self, days: int, hours: int, minutes: int, seconds: int) -> None:
        """Whatever is written one behind the other is added."""
        total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        text = f"{days}d{hours}h{minutes}m{seconds}s"
        if total:
            self.assertEqual(total, times.duration(text))
        else:
            self.assertRaises(BadArguments, times.duration, text)

    @given(st.text(max_size=30))
    def test_no_text_does_harm(self, text: str) -> None:
        """Whatever is typed gives a length within bounds, or a refusal."""
        try:
            seconds = times.duration(text)
        except BadArguments:
            return
        self.assertTrue(seconds is None or 0 < seconds <= times.LONGEST)

    def test_until_counts_from_now(self) -> None:
        """A length becomes the moment at which it ends."""
        self.assertEqual(1600.0, times.until(1000.0, "10m"))
        self.assertEqual(FOREVER, times.until(1000.0, "forever"))


class SpellingTests(SynchronousTestCase):
    """C{2 hours 5 minutes}."""

    def test_two_largest_units_are_enough(self) -> None:
        """Nobody wants to read the seconds of a week."""
        for seconds, said in {
            0: "0 seconds",
            -5: "0 seconds",
            1: "1 second",
            59.9: "59 seconds",
            60: "1 minute",
            61: "1 minute 1 second",
            3600: "1 hour",
            3601: "1 hour",
            7500: "2 hours 5 minutes",
            86400 + 3600: "1 day 1 hour",
            86400 + 60: "1 day",
            2000 * 86400: "2,000 days",
        }.items():
            self.assertEqual(said, times.spell(seconds))

    @given(st.integers(1, times.LONGEST))
    def test_what_is_read_can_be_typed(self, seconds: int) -> None:
        """What was spelled out means the same length again, but for what the third unit would have said."""
        again = times.duration(times.spell(seconds).replace(" ", "").replace(",", ""))
        assert again is not None
        self.assertTrue(again <= seconds < again * 1.05, (seconds, again))

    def test_ago(self) -> None:
        """A moment ago is now, and so is what another computer's clock thinks is yet to come."""
        self.assertEqual("just now", times.ago(1000.0, 995.0))
        self.assertEqual("just now", times.ago(1000.0, 2000.0))
        self.assertEqual("10 seconds ago", times.ago(1000.0, 990.0))
        self.assertEqual("1 hour ago", times.ago(4600.0, 1000.0))

    def test_how_long_it_still_holds(self) -> None:
        """A ban for ever is called one."""
        self.assertEqual("forever", times.limit(1000.0, FOREVER))
        self.assertEqual("for 10 minutes", times.limit(1000.0, 1600.0))

    def test_counting(self) -> None:
        """One is one, and thousands are grouped."""
        self.assertEqual("1 person", times.count(1, "person", "people"))
        self.assertEqual("0 rooms", times.count(0, "room"))
        self.assertEqual("4,950 people", times.count(4950, "person", "people"))


class StampTests(SynchronousTestCase):
    """Moments for programs."""

    @given(st.floats(0.001, 253402300799.0))
    def test_facts_and_events_write_time_alike(self, at: float) -> None:
        """A program needs one way to read a time, in answers as in events."""
        self.assertEqual(wire.time_text(at), times.stamp(at))

    def test_forever_is_null(self) -> None:
        """As in events."""
        self.assertIsNone(times.stamp(FOREVER))
