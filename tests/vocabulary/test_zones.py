"""
Time zones: what counts as the name of one, and the time there.
"""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch
from zoneinfo import available_timezones

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom import zones

WINTER = 1767268800.0
"""2026-01-01 12:00 UTC."""

SUMMER = 1782907200.0
"""2026-07-01 12:00 UTC."""


class NameTests(SynchronousTestCase):
    """Names of the tz database, and what people type instead."""

    def test_letter_case_and_spaces_do_not_matter(self) -> None:
        """A zone is found however its name is capitalised, and with spaces for underlines."""
        for typed in ("Europe/Rome", "europe/rome", "EUROPE/ROME", " Europe/Rome "):
            self.assertEqual("Europe/Rome", zones.named(typed))
        self.assertEqual("America/New_York", zones.named("america/new york"))
        self.assertEqual("CET", zones.named("cet"))

    @given(st.text() | st.sampled_from(["../../etc/passwd", "/etc/passwd", "posix/Europe/Rome", "Europe/../CET", "."]))
    def test_what_is_no_name_opens_no_file(self, typed: str) -> None:
        """What is typed is looked up in a list, and no file of that name is looked for."""
        zones.names()
        zones.like("x")
        with patch("chatroom.zones.ZoneInfo", side_effect=AssertionError), patch("io.open", side_effect=AssertionError):
            found = zones.named(typed)
            zones.like(typed)
        self.assertTrue(found is None or found in zones.names().values())

    def test_near_misses(self) -> None:
        """A city without its region, and a slip of the keys in a city or a region, lead to the zone."""
        for typed in ("rome", "Rome", "Europe/Rom", "Eurpoe/Rome", "Europe Rome", "Europe/rmoe"):
            self.assertEqual("Europe/Rome", next(iter(zones.like(typed.replace(" ", "/"))), None), typed)
        self.assertEqual("US/Pacific", zones.like("US/Pacfic")[0])
        self.assertEqual("America/New_York", zones.like("new york")[0])

    def test_the_beginning_of_a_city(self) -> None:
        """Whoever types the first letters of a city is offered it."""
        self.assertEqual(["Europe/Amsterdam"], zones.like("ams"))
        self.assertEqual("Europe/Paris", zones.like("europe/par")[0])

    def test_regions(self) -> None:
        """A region has zones, however it is written; a city, an offset and a long text have none."""
        for typed in ("europe", "Europe/", " EUROPE "):
            self.assertIn("Europe/Rome", zones.within(typed))
        self.assertEqual(
            ["America/Kentucky/Louisville", "America/Kentucky/Monticello"], zones.within("america/kentucky")
        )
        for typed in ("Rome", "Europe/Rome", "etc", "", "/", "e", "europe" + "/" * zones.LONGEST):
            self.assertEqual([], zones.within(typed), typed)

    def test_all_zones_are_known(self) -> None:
        """The names are those of the standard library, which opens each file to find them."""
        places = available_timezones() - {"localtime", "Factory"}
        self.assertEqual(sorted(places), sorted(zones.names().values()))

    def test_names_are_found_without_opening_their_files(self) -> None:
        """The first question about zones lists some twenty folders and opens no file, so it takes a few ms at most."""
        self.addCleanup(zones._read_names.cache_clear)
        zones._read_names.cache_clear()
        with patch("io.open", side_effect=AssertionError), patch("builtins.open", side_effect=AssertionError):
            self.assertIn("europe/rome", zones.names())

    def test_package_instead_of_files_of_the_machine(self) -> None:
        """A machine without a tz database has the zones of the package tzdata, if that is installed."""
        self.addCleanup(zones._read_names.cache_clear)
        Path("tzdata").mkdir()
        Path("tzdata", "zones").write_text("Europe/Rome\nFactory\nUTC\n", encoding="utf-8")
        with patch.object(zones, "TZPATH", ()):
            zones._read_names.cache_clear()
            with patch.object(zones, "files", Path):
                self.assertEqual(["Europe/Rome", "UTC"], sorted(zones.names().values()))
            zones._read_names.cache_clear()
            with patch.object(zones, "files", side_effect=ModuleNotFoundError):
                self.assertEqual([], sorted(zones.names().values()))

    def test_a_long_text_is_no_name(self) -> None:
        """What is longer than any name is not compared with any."""
        self.assertIsNone(zones.named("Europe/Rome" + " " * zones.LONGEST))
        self.assertEqual(0, len(zones.like("rome" * zones.LONGEST)))
        self.assertFalse(zones.is_offset(" " * zones.LONGEST + "+2"))

    def test_inverted_offsets_are_not_suggested(self) -> None:
        """The zone Etc/GMT+2 is two hours behind UTC, so it is never what somebody meant by GMT+2."""
        for typed in ("GMT+2", "gmt+02:00", "UTC-3", "+2", "-0330", "utc + 2"):
            self.assertTrue(zones.is_offset(typed), typed)
            self.assertNotIn("Etc", "".join(zones.like(typed)))
        for typed in ("UTC", "Europe/Rome", "+", "", "12345"):
            self.assertFalse(zones.is_offset(typed), typed)


class ClockTests(SynchronousTestCase):
    """Moments as the clocks of a zone show them."""

    def test_summer_and_winter(self) -> None:
        """The offset is that of the day, and the time says which."""
        self.assertEqual("2026-01-01 13:00 CET", zones.moment(WINTER, "Europe/Rome"))
        self.assertEqual("2026-07-01 14:00 CEST", zones.moment(SUMMER, "Europe/Rome"))

    def test_the_day_is_that_of_the_zone(self) -> None:
        """At noon in UTC, the next day has begun on Kiritimati."""
        self.assertEqual("2026-01-02", zones.day(WINTER, "Pacific/Kiritimati"))
        self.assertEqual("2026-01-01", zones.day(WINTER))

    def test_utc_is_named(self) -> None:
        """A time without a zone is in UTC and says so."""
        self.assertEqual("2026-01-01 12:00 UTC", zones.moment(WINTER))
        self.assertEqual("UTC", zones.title())

    def test_a_zone_that_is_gone(self) -> None:
        """Where the data of a zone was taken away, or a path stands in its place, times are in UTC and say so."""
        Path("TZif").write_bytes(b"TZif")
        for gone in ("Europe/Atlantis", str(Path("TZif").absolute()), "../TZif", "\0"):
            self.assertEqual("2026-01-01 12:00 UTC", zones.moment(WINTER, gone))
            self.assertEqual("UTC", zones.title(gone))
