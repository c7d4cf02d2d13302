"""
The time of day is set while people are here: forward by a year, back by a day. Nothing but what is shown as a time,
and what was promised until a time, has to do with it.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import Limits
from chatroom.server.retention import EVERY
from chatroom.testing import Guest, Server

PASSWORD = "correct horse battery"

HOUR = 3600
DAY = 24 * HOUR
YEAR = 365 * DAY

JUMPS = (YEAR, -DAY)


class ClockCase(SynchronousTestCase):
    """Alice and bob stand in the lobby; bob has an account."""

    limits = Limits()

    def setUp(self) -> None:
        """It is noon."""
        self.server = Server(self.limits)
        self.alice = self.server.guest("alice")
        self.bob = self.server.account("bob", PASSWORD)
        self.alice.reads()

    def history(self) -> list[dict[str, Any]]:
        """All that happened in the lobby."""
        reader = self.server.program("reader")
        events: list[dict[str, Any]] = reader.asks("history", since=0, talk=False)["events"]
        reader.asks("quit")
        return events

    def assert_refused(self, guest: Guest, word: str) -> None:
        """One line says why not."""
        said = guest.reads()
        self.assertEqual(1, len(said), said)
        self.assertRegex(said[0], rf"^! .*{word}")

    def assert_not_refused(self, guest: Guest) -> None:
        """It was done."""
        self.assertNotIn("! ", "\n".join(guest.reads()))


class TalkTests(ClockCase):
    """People talk on."""

    def test_order(self) -> None:
        """What is said later stands later, whatever the clock says."""
        for number, jump in enumerate((0, *JUMPS, *JUMPS)):
            self.server.jump(jump)
            self.alice.types(f"line {number}")
            self.assertEqual([f"<alice> line {number}"], self.bob.reads())
        self.bob.types("/search line")
        self.assertEqual(
            [f"line {number}" for number in range(5)], [line[-6:] for line in self.bob.reads() if "> " in line]
        )
        events = self.history()
        self.assertEqual(list(range(1, len(events) + 1)), [event["seq"] for event in events])
        self.assertEqual([f"line {number}" for number in range(5)], [e["text"] for e in events if e["event"] == "said"])

    def test_missed(self) -> None:
        """Who was away while the clock was set back misses nothing of what was said."""
        self.bob.disconnects()
        self.server.jump(-DAY)
        self.alice.types("while you were away")
        back = self.server.connection()
        back.types(f"/login bob {PASSWORD}", "/missed")
        self.assertIn("<alice> while you were away", "\n".join(back.reads()))

    def test_nobody_is_let_go(self) -> None:
        """Nobody is dropped, slowed down or taken for idle: pauses are measured by another clock."""
        server = Server(Limits(idle_time=60, register_time=30, talk_burst=5))
        alice, bob, nobody = server.guest("alice"), server.guest("bob"), server.connection()
        alice.reads()
        for jump in JUMPS:
            server.jump(jump)
            server.wait(5)
            alice.types(*["hello"] * 5)
            self.assertEqual(5, bob.reads().count("<alice> hello"))
            bob.types("hi")
        self.assertEqual([False] * 3, [guest.is_disconnected() for guest in (alice, bob, nobody)])

    def test_times_that_are_yet_to_come(self) -> None:
        """What was written down before the clock was set back can be read like anything else."""
        self.alice.types("from the future", "/away lunch")
        self.bob.reads()
        self.server.jump(-DAY)
        for line in ("/history", "/who", "/info alice", "/info bob", "/info", "/session", "/inbox all", "/rooms"):
            self.bob.types(line)
            self.assert_not_refused(self.bob)
        self.bob.types("/info alice")
        self.assertNotRegex("\n".join(self.bob.reads()), r"(?m)(^|\s)-\d")


class SessionTests(ClockCase):
    """Who is logged in, and who can log in."""

    def token(self) -> str:
        """Of another session of bob's."""
        program = self.server.program()
        token: str = program.asks("login", name="bob", password=PASSWORD, keep=True)["token"]
        program.disconnects()
        return token

    def resumes(self, token: str) -> bool:
        """Whether one gets in with it."""
        program = self.server.program()
        ok: bool = program.asks("resume", token=token)["ok"]
        program.disconnects()
        return ok

    def test_a_year_forward(self) -> None:
        """Nobody is logged out. Tokens have run out then, and are good again when the clock is right again."""
        token = self.token()
        self.server.jump(YEAR)
        self.bob.types("I am still bob")
        self.assertEqual(["<bob> I am still bob"], self.alice.reads())
        self.assertFalse(self.resumes(token))
        self.assertTrue(self.resumes(self.token()))
        self.server.jump(-YEAR)
        self.assertTrue(self.resumes(token))

    def test_a_day_back(self) -> None:
        """Tokens made before are as good as those made afterwards."""
        token = self.token()
        self.server.jump(-DAY)
        self.assertTrue(self.resumes(token))
        self.assertTrue(self.resumes(self.token()))

    def test_used_while_the_clock_was_back(self) -> None:
        """A session that was used then lives as long as if it had not been, and is not given up before older ones."""
        token, other = self.token(), self.token()
        self.assertTrue(self.resumes(other))
        self.server.jump(-20 * DAY)
        self.assertTrue(self.resumes(token))
        self.server.jump(20 * DAY)
        for _ in range(self.server.limits.sessions_per_account - 1):
            self.token()
        self.assertFalse(self.resumes(other))
        self.server.jump(29 * DAY)
        self.assertTrue(self.resumes(token))

    def test_used_while_the_clock_was_ahead(self) -> None:
        """A session that was used then lives no longer for it, once it is used when the clock is right."""
        token = self.token()
        self.server.jump(10 * DAY)
        self.assertTrue(self.resumes(token))
        other = self.token()
        self.server.jump(YEAR)
        ahead = self.token()
        self.assertTrue(self.resumes(ahead))
        self.server.jump(-YEAR - 10 * DAY)
        self.assertTrue(self.resumes(ahead))
        for _ in range(3):
            self.assertTrue(self.resumes(self.token()))
        self.server.jump(45 * DAY)
        self.assertEqual([False] * 3, [self.resumes(each) for each in (token, other, ahead)])

    def test_too_many_sessions(self) -> None:
        """Who has as many as there may be gets one that works, though all others seem to have been used later."""
        for _ in range(self.server.limits.sessions_per_account):
            self.token()
        self.server.jump(-DAY)
        self.assertTrue(self.resumes(self.token()))

    def test_guessing(self) -> None:
        """Setting the clock neither lets anybody guess passwords faster nor locks them out for longer."""
        tries = self.server.limits.login_tries
        for jump in JUMPS:
            guesser = self.server.program()
            errors = [
                self.server.program().asks("login", name="bob", password=f"guess {n}")["error"]
                for n in range(tries + 1)
            ]
            self.assertEqual("slow-down", errors[-1])
            self.server.jump(jump)
            self.assertEqual("slow-down", guesser.asks("login", name="bob", password=PASSWORD)["error"])
            guesser.disconnects()
            self.server.wait(self.server.limits.login_window + 1)
            self.assertTrue(self.resumes(self.token()))


class OrderTests(ClockCase):
    """Bans and mutes hold until a time of day."""

    def setUp(self) -> None:
        super().setUp()
        self.bob.types("/create den")
        self.alice.types("/join den")
        for guest in (self.alice, self.bob):
            guest.reads()

    def test_ban(self) -> None:
        """It ends when the clock says so, and holds again where the clock was wrong."""
        self.bob.types("/ban alice 2h")
        self.alice.reads()
        self.alice.types("/join den")
        self.assert_refused(self.alice, "banned")
        for jump in (-DAY, DAY + HOUR):
            self.server.jump(jump)
            self.alice.types("/join den")
            self.assert_refused(self.alice, "banned")
        self.server.jump(YEAR)
        self.server.jump(-YEAR)
        self.alice.types("/join den")
        self.assert_refused(self.alice, "banned")
        self.server.jump(YEAR)
        self.alice.types("/join den")
        self.assert_not_refused(self.alice)

    def test_mute(self) -> None:
        """One given while the clock was a year ahead lasts until somebody lifts it, and can be seen and lifted."""
        self.server.jump(YEAR)
        self.bob.types("/mute alice 10m")
        self.alice.reads()
        self.server.jump(-YEAR)
        self.server.wait(HOUR)
        self.alice.types("hello")
        self.assert_refused(self.alice, "muted")
        self.bob.reads()
        self.bob.types("/bans")
        self.assertIn("alice", "\n".join(self.bob.reads()))
        self.bob.types("/unmute alice")
        self.alice.reads()
        self.alice.types("hello")
        self.assert_not_refused(self.alice)


class ForgettingTests(ClockCase):
    """History that is older than a day is forgotten."""

    limits = Limits(history_days=1)

    def texts(self) -> list[str]:
        """What was said, as far as it is kept."""
        return [event["text"] for event in self.history() if event["event"] == "said"]

    def test_a_clock_that_was_wrong_for_a_moment(self) -> None:
        """Nothing is forgotten because of it: it is looked at again before anything is deleted for good."""
        self.alice.types("hello")
        self.server.wait(EVERY - 60)
        self.server.jump(YEAR)
        self.server.wait(120)
        self.server.jump(-YEAR)
        self.server.wait(2 * EVERY)
        self.assertEqual(["hello"], self.texts())

    def test_a_clock_that_was_put_right(self) -> None:
        """It is believed when it has gone on evenly for a while."""
        self.alice.types("hello")
        self.server.jump(YEAR)
        self.server.wait(2 * EVERY)
        self.assertEqual([], self.texts())

    def test_a_day_back(self) -> None:
        """What was said then is not kept for less than its time, and what is left has no holes."""
        self.alice.types("before")
        self.server.jump(-DAY)
        self.alice.types("after")
        self.server.wait(2 * EVERY)
        self.assertEqual(["before", "after"], self.texts())
        self.server.jump(DAY)
        self.alice.types("now")
        self.server.wait(2 * EVERY)
        events = self.history()
        self.assertEqual(["now"], [event["text"] for event in events if event["event"] == "said"])
        seqs = [event["seq"] for event in events]
        self.assertEqual(list(range(seqs[0], seqs[0] + len(seqs))), seqs)
