"""
C{/zone}: a person reads times in their own time zone.
"""

from __future__ import annotations

from unittest.mock import patch

from twisted.trial.unittest import SynchronousTestCase

from chatroom import zones
from chatroom.events import ServerRole
from chatroom.testing import Guest, Server

PASSWORD = "correct horse battery"

SET = "Your time zone is Europe/Rome. The time there: 2026-01-01 01:00 CET."
UNSET = "Your time zone is UTC. The time: 2026-01-01 00:00 UTC. To set another, type /zone Europe/Rome"


class ZoneCase(SynchronousTestCase):
    """Alice has an account, and bob is a guest; it is midnight in UTC, and one o'clock in Rome."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice = self.server.account("alice", PASSWORD)
        self.bob = self.server.guest("bob", "192.0.2.8")

    def answer(self, guest: Guest, *typed: str) -> list[str]:
        """What somebody reads when they have typed this."""
        guest.reads()
        guest.types(*typed)
        self.server.settle()
        return guest.reads()


class SettingTests(ZoneCase):
    """Naming a zone, and taking it back."""

    def test_set_and_show(self) -> None:
        """The answer tells the zone and the time there."""
        self.assertEqual([SET], self.answer(self.alice, "/zone europe/rome"))
        self.assertEqual([SET], self.answer(self.alice, "/zone"))
        self.assertEqual([SET], self.answer(self.bob, "/timezone Europe/Rome"))

    def test_utc_is_where_one_begins(self) -> None:
        """Nobody has a zone at first, and the answer says how to set one."""
        self.assertEqual([UNSET], self.answer(self.bob, "/zone"))

    def test_taken_back(self) -> None:
        """The words utc and off, in any letter case, lead back to UTC."""
        for word in ("utc", "UTC", "off", "none"):
            self.answer(self.alice, "/zone Asia/Tokyo")
            self.assertEqual([UNSET], self.answer(self.alice, f"/zone {word}"))

    def test_a_region_leads_to_its_zones(self) -> None:
        """Whoever types a region is shown what its zones look like, and what to type."""
        (line,) = self.answer(self.alice, "/zone europe")
        self.assertRegex(
            line,
            r"^! Europe is a region\. .*, such as (Europe/\w+, ){4}Europe/\w+\. Choose one near you: /zone Europe/\w+$",
        )
        (line,) = self.answer(self.alice, "/zone america/kentucky/")
        self.assertIn("America/Kentucky is a region. ", line)
        self.assertIn("such as America/Kentucky/Louisville, America/Kentucky/Monticello. Choose", line)
        (line,) = self.answer(self.alice, "/zone arctic")
        self.assertIn("! Arctic is a region. ", line)

    def test_a_slip_is_answered_with_what_was_meant(self) -> None:
        """The refusal names the zone and what to type, and nothing is changed."""
        refusal = "! There is no time zone 'rome'. Did you mean Europe/Rome? Type /zone Europe/Rome"
        self.assertEqual([refusal], self.answer(self.bob, "/zone rome"))
        self.assertEqual([UNSET], self.answer(self.bob, "/zone"))

    def test_no_zone_at_all(self) -> None:
        """A path, nonsense, something endless or an offset is refused in one sentence with an example."""
        for typed in ("../../etc/passwd", "/etc/passwd", "qqqq", "x" * 500, "UTC+2", "+02:00", "Europe/\u202eRome"):
            (line,) = self.answer(self.bob, f"/zone {typed}")
            self.assertRegex(line, "^! .*/zone Europe/Rome$")
            self.assertLess(len(line), 160)
        self.assertEqual([UNSET], self.answer(self.bob, "/zone"))

    def test_no_data(self) -> None:
        """A machine without data of time zones leads to a sentence, and UTC still can be chosen."""
        zones._read_names.cache_clear()
        self.addCleanup(zones._read_names.cache_clear)
        with patch("chatroom.zones.TZPATH", ()), patch("chatroom.zones.files", side_effect=ModuleNotFoundError):
            (line,) = self.answer(self.bob, "/zone Europe/Rome")
            self.assertEqual([UNSET], self.answer(self.bob, "/zone utc"))
        self.assertRegex(line, "^! This server has no data of time zones")
        self.assertEqual([SET], self.answer(self.bob, "/zone Europe/Rome"))

    def test_program(self) -> None:
        """A program gets the name of the zone, or null, and the time as in events."""
        program = self.server.program("robot")
        answer = program.asks("zone", name="Asia/Tokyo")
        self.assertEqual(("Asia/Tokyo", "2026-01-01T00:00:00.000Z"), (answer["zone"], answer["now"]))
        self.assertIsNone(program.asks("zone", name="utc")["zone"])


class KeepingTests(ZoneCase):
    """How long a zone lasts."""

    def test_an_account_keeps_it(self) -> None:
        """The account has its zone again at the next login, and another connection of it has it at once."""
        other = self.server.connection()
        other.types(f"/login alice {PASSWORD}")
        self.answer(self.alice, "/zone Europe/Rome")
        self.assertEqual([SET], self.answer(other, "/zone"))
        for each in (self.alice, other):
            each.disconnects()
        self.server.settle()
        again = self.server.connection()
        again.types(f"/login alice {PASSWORD}")
        self.assertEqual([SET], self.answer(again, "/zone"))

    def test_a_guest_has_it_for_the_connection(self) -> None:
        """Who takes the nickname later begins in UTC."""
        self.answer(self.bob, "/zone Europe/Rome")
        self.bob.disconnects()
        self.server.settle()
        self.assertEqual([UNSET], self.answer(self.server.guest("bob"), "/zone"))

    def test_signing_up_keeps_it(self) -> None:
        """What a guest has set is the account's, as is the list of people ignored."""
        self.answer(self.bob, "/zone Europe/Rome", f"/signup {PASSWORD}")
        self.bob.disconnects()
        self.server.settle()
        again = self.server.connection()
        again.types(f"/login bob {PASSWORD}")
        self.assertEqual([SET], self.answer(again, "/zone"))

    def test_logging_in(self) -> None:
        """The zone of the account counts; where it has none, the guest's lasts as long as the connection."""
        self.answer(self.bob, "/zone Europe/Rome", f"/login alice {PASSWORD}")
        self.assertEqual([SET], self.answer(self.bob, "/zone"))
        self.assertEqual([UNSET], self.answer(self.alice, "/zone"))
        self.answer(self.alice, "/zone Asia/Tokyo")
        eve = self.server.guest("eve")
        self.answer(eve, "/zone Europe/Rome", f"/login alice {PASSWORD}")
        self.assertIn("Asia/Tokyo", self.answer(eve, "/zone")[0])

    def test_logging_out_ends_it(self) -> None:
        """Nobody in particular has no zone."""
        self.answer(self.alice, "/zone Europe/Rome", "/logout", "alicia")
        self.assertEqual([UNSET], self.answer(self.alice, "/zone"))


class ShownTests(ZoneCase):
    """Times of day in answers, for somebody in Rome and for somebody who has set no zone."""

    def setUp(self) -> None:
        super().setUp()
        self.server.jump(23.5 * 3600)  # half an hour before midnight in UTC, and half past midnight in Rome
        self.alice.types("/zone Europe/Rome")
        self.server.settle()

    def test_history(self) -> None:
        """Day and time of each line are those of the zone, which is named."""
        self.bob.types("hello")
        self.server.settle()
        self.assertEqual(["-- 2026-01-02 (Europe/Rome)", "[00:30] <bob> hello"], self.answer(self.alice, "/history"))
        self.assertEqual(["-- 2026-01-01 (UTC)", "[23:30] <bob> hello"], self.answer(self.bob, "/history"))
        self.assertIn("[00:30] <bob> hello", self.answer(self.alice, "/search hello"))

    def test_logging_in(self) -> None:
        """The answer to a login shows the last lines of the room in the zone, and /inbox shows whispers in it."""
        self.bob.types("hello")
        self.alice.disconnects()
        self.server.settle()
        self.bob.types("@alice psst")
        self.server.settle()
        again = self.server.connection()
        self.assertIn("[00:30] <bob> hello", self.answer(again, f"/login alice {PASSWORD}"))
        inbox = self.answer(again, "/inbox")
        self.assertEqual(["-- 2026-01-02 (Europe/Rome)", "[00:30] [bob whispers] psst"], inbox)

    def test_events_of_the_past(self) -> None:
        """The end of a lock is in the zone of the reader in an answer, and in UTC where the whole room reads it."""
        owner = self.server.account("olga", PASSWORD, "192.0.2.9")
        self.answer(owner, "/create den", "/zone Asia/Tokyo")
        for each in (self.alice, self.bob):
            self.answer(each, "/join den")
        self.answer(owner, "/lock 1h raid")
        live = "-- olga locked the room until 2026-01-02 00:30 UTC: raid"
        self.assertIn(live, self.alice.reads())
        self.assertIn(live, self.bob.reads())
        for each, nick, end in ((self.alice, "alice", "01:30 CET"), (self.bob, "bob", "00:30 UTC")):
            self.answer(each, "/leave den")
            self.answer(owner, f"/invite {nick} den")
            read = "\n".join(self.answer(each, "/join den"))
            self.assertIn(f"locked the room until 2026-01-02 {end}: raid", read)

    def test_refusals(self) -> None:
        """Until when one is muted, banned or locked out is in one's zone, and words of others stay as they are."""
        owner = self.server.account("olga", PASSWORD, "192.0.2.9")
        self.answer(owner, "/create den", "/create attic", "/join attic", "/lock 1h")
        self.answer(self.alice, "/join den")
        self.answer(self.bob, "/join den")
        self.answer(owner, "/look den", "/mute alice 1h until 2026-01-02 00:30 UTC", "/mute bob 1h")
        (refusal,) = self.answer(self.alice, "hello")
        self.assertEqual("! You are muted in den until 2026-01-02 01:30 CET: until 2026-01-02 00:30 UTC", refusal)
        (refusal,) = self.answer(self.bob, "hello")
        self.assertEqual("! You are muted in den until 2026-01-02 00:30 UTC.", refusal)
        self.assertIn("locked until 2026-01-02 01:30 CET", self.answer(self.alice, "/join attic")[0])
        self.answer(owner, "/ban alice 2h")
        self.assertIn("banned from den until 2026-01-02 02:30 CET", self.answer(self.alice, "/join den")[0])
        self.answer(owner, "/ban alice forever until 2026-01-02 00:30 UTC")
        self.assertIn("forever: until 2026-01-02 00:30 UTC", self.answer(self.alice, "/join den")[0])

    def test_refusals_of_the_whole_server(self) -> None:
        """A mute and a lockdown of the server tell their end in the zone of who is refused."""
        mia = self.server.staff("mia", ServerRole.MODERATOR, "192.0.2.10")
        eve = self.server.guest("eve", "192.0.2.11")
        self.answer(eve, "/zone Europe/Rome")
        self.answer(mia, "/gmute alice 1h", "/lockdown registered 1h")
        self.assertIn("muted on this server until 2026-01-02 01:30 CET", self.answer(self.alice, "hello")[0])
        self.assertIn("until 2026-01-02 01:30 CET", self.answer(eve, f"/signup {PASSWORD}")[0])

    def test_audit_log(self) -> None:
        """When somebody acted, and until when it holds, are in the zone of who reads the log; words of staff stay."""
        mia = self.server.staff("mia", ServerRole.MODERATOR, "192.0.2.10")
        self.answer(mia, "/gmute bob 1h until 2026-01-02 00:30 UTC", "/gkick bob until 2026-01-02 00:30 UTC")
        entry = "mia: mute bob (until 2026-01-02 00:30 UTC: until 2026-01-02 00:30 UTC)"
        self.assertIn(f"2026-01-01 23:30 UTC {entry}", self.answer(mia, "/audit bob"))
        self.answer(mia, "/zone Asia/Tokyo")
        read = self.answer(mia, "/audit bob")
        entry = "mia: mute bob (until 2026-01-02 09:30 JST: until 2026-01-02 00:30 UTC)"
        self.assertIn(f"2026-01-02 08:30 JST {entry}", read)
        self.assertIn("2026-01-02 08:30 JST mia: kick bob (until 2026-01-02 00:30 UTC)", read)

    def test_day_an_account_was_made(self) -> None:
        """The day is that of the zone."""
        self.server.account("zoe", PASSWORD, "192.0.2.12")
        self.assertIn("account since 2026-01-02", self.answer(self.alice, "/info zoe")[0])
        self.assertIn("account since 2026-01-01", self.answer(self.bob, "/info zoe")[0])
