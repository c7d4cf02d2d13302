"""
Numbers of settings as people write them.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.quantities import UNITS, read, shown


class QuantityTests(SynchronousTestCase):
    """C{64 KiB}, C{30 days}, C{1,000}."""

    def test_numbers_are_shown_in_the_greatest_unit_that_fits(self) -> None:
        """A number is shown with a unit that makes it short and leaves nothing over, and with commas."""
        for number, unit, text in (
            (65536, "bytes", "64 KiB"),
            (1048576, "bytes", "1 MiB"),
            (2000, "bytes", "2,000 bytes"),
            (1, "bytes", "1 byte"),
            (128, "MiB", "128 MiB"),
            (65536, "KiB", "64 MiB"),
            (90, "seconds", "90 seconds"),
            (60, "seconds", "1 minute"),
            (21600, "seconds", "6 hours"),
            (0, "seconds", "0 seconds"),
            (30.0, "days", "30 days"),
            (0.5, "days", "0.5 days"),
            (10000, "", "10,000"),
            (0.1, "", "0.1"),
            (5.0, "", "5"),
        ):
            self.assertEqual(text, shown(number, unit))

    def test_a_number_without_a_unit_counts_in_the_unit_of_the_setting(self) -> None:
        """Files of settings that were written before units existed mean what they meant."""
        for unit in UNITS:
            self.assertEqual(90.0, read("90", unit))

    def test_units(self) -> None:
        """A unit may be short or long, in capitals or not, with a blank before it or without."""
        for text, unit, number in (
            ("64 KiB", "bytes", 65536),
            ("64kib", "bytes", 65536),
            ("64K", "bytes", 65536),
            ("1 GiB", "MiB", 1024),
            ("1m", "bytes", 1048576),
            ("1m", "seconds", 60),
            ("2 min", "seconds", 120),
            ("1.5 hours", "seconds", 5400),
            ("12h", "days", 0.5),
            ("1 day", "days", 1),
            ("1,000", "", 1000),
            ("12,345,678", "", 12345678),
        ):
            self.assertEqual(number, read(text, unit), text)

    def test_what_is_no_number_is_refused(self) -> None:
        """Digits of other scripts, commas in other places, units of another kind and unknown ones are refused."""
        for text, unit in (
            ("", ""),
            ("KiB", "bytes"),
            ("1,0", ""),
            ("1,0000", ""),
            (",100", ""),
            ("1_000", ""),
            ("\u0663", ""),
            ("nan", ""),
            ("inf", ""),
            ("1e", ""),
            ("-", ""),
            (".", ""),
            ("5 minutes", "bytes"),
            ("5 KiB", "days"),
            ("5 KB", "bytes"),
            ("5 weeks", ""),
            ("1 2", ""),
            ("9" * 50, ""),
        ):
            self.assertRaises(ValueError, read, text, unit)

    @given(st.sampled_from(sorted(UNITS)), st.integers(0, 10**12) | st.floats(0.001, 10**6))
    def test_what_is_shown_can_be_typed(self, unit: str, number: float) -> None:
        """Each number that is shown is read as the same number."""
        self.assertEqual(number, read(shown(number, unit), unit))

    @given(st.text(max_size=60), st.sampled_from(sorted(UNITS)))
    def test_any_text_is_a_number_or_refused(self, text: str, unit: str) -> None:
        """No text causes another error than the one for what is no number."""
        try:
            number = read(text, unit)
        except ValueError:
            return
        self.assertTrue(number == number)
