"""
When it gets too much: a room's pace and its lock.
"""

from __future__ import annotations

from chatroom.backends.memory import MemoryStore
from chatroom.limits import Limits
from chatroom.testing import House
from tests.commands.test_moderation import Attic


class SlowTests(Attic):
    """C{/slow}."""

    def test_members_say_one_line_in_so_many_seconds(self) -> None:
        """And are told how long to wait; what was refused is not said, and does not count."""
        self.assertEqual(
            "attic is in slow mode: one line every 30 seconds. /slow off ends it.", self.answer(self.alice, "/slow 30")
        )
        self.assertEqual(["-- alice set slow mode: one line every 30 seconds each."], self.carol.reads())
        self.bob.types("one")
        self.house.wait(18)
        self.assertEqual(
            "! attic is in slow mode: one line every 30 seconds. Say that again in 12 seconds.",
            self.answer(self.bob, "two"),
        )
        self.house.wait(12)
        self.bob.types("two")
        self.assertEqual(["<bob> one", "<bob> two"], self.carol.reads())

    def test_lines_that_come_at_once(self) -> None:
        """Pasting is no way around it, and neither is /me; another person waits on their own account."""
        self.alice.types("/slow 30")
        self.carol.reads()
        self.bob.types("one", "/me waves", "three")
        self.carol.types("hello")
        self.assertEqual(["<bob> one"], self.carol.reads())
        self.assertEqual(["<bob> one", "<carol> hello"], self.alice.reads()[1:])

    def test_another_nickname(self) -> None:
        """Is no way around it either."""
        self.alice.types("/slow 30")
        self.bob.types("one", "/nick robert")
        self.assertTrue(self.answer(self.bob, "two").startswith("! attic is in slow mode"))

    def test_line_that_says_nothing_counts_for_nothing(self) -> None:
        """Only what was said counts."""
        self.alice.types("/slow 30")
        self.carol.reads()
        self.bob.types("x" * 3000, "hello")
        self.assertEqual(["<bob> hello"], self.carol.reads())

    def test_operators_need_not_wait(self) -> None:
        """They have to keep order."""
        self.alice.types("/op bob", "/slow 30")
        self.carol.reads()
        self.bob.types("one", "two")
        self.assertEqual(["<bob> one", "<bob> two"], self.carol.reads())

    def test_other_rooms_are_as_they_were(self) -> None:
        """It is the room's."""
        self.alice.types("/slow 30")
        self.bob.types("/look lobby", "one", "two")
        self.assertEqual(["[lobby] <bob> one", "[lobby] <bob> two"], self.carol.reads()[-2:])

    def test_it_ends(self) -> None:
        """With the word off, and everybody reads it."""
        self.alice.types("/slow 2m")
        self.bob.types("one")
        self.carol.reads()
        self.assertEqual("attic is not in slow mode.", self.answer(self.alice, "/slow off"))
        self.bob.types("two")
        self.assertEqual(["-- alice ended slow mode.", "<bob> two"], self.carol.reads())

    def test_set_back_clock_keeps_nobody_waiting(self) -> None:
        """Longer than slow mode itself would."""
        self.alice.types("/slow 30")
        self.bob.types("one")
        self.house.jump(-3600)
        self.carol.reads()
        self.bob.types("two")
        self.assertEqual(["<bob> two"], self.carol.reads())

    def test_what_is_set_is_shown(self) -> None:
        """To operators who ask, and to everybody who comes in."""
        self.assertEqual("attic is not in slow mode.", self.answer(self.alice, "/slow"))
        self.alice.types("/slow 1")
        self.assertIn("one line every 1 second.", self.answer(self.alice, "/slow"))
        dora = self.house.guest("dora")
        dora.types("/join attic")
        self.assertIn("Slow mode: say one line every 1 second.", dora.reads())

    def test_what_is_no_time(self) -> None:
        """And what is longer than the house allows."""
        self.assertIn("is no length of time", self.answer(self.alice, "/slow down"))
        self.assertEqual("! Slow mode takes a time such as 30 or 2m, or off.", self.answer(self.alice, "/slow forever"))
        self.assertEqual("! Slow mode lets people wait 21600 seconds at most.", self.answer(self.alice, "/slow 7h"))
        house = House(Limits(slow_seconds=5))
        dora = house.guest("dora")
        dora.types("/create den", "/slow 6", "/slow 5")
        self.assertEqual(
            [
                "! Slow mode lets people wait 5 seconds at most.",
                "den is in slow mode: one line every 5 seconds. /slow off ends it.",
            ],
            dora.reads()[-2:],
        )

    def test_members_may_not(self) -> None:
        """Nor lock the room."""
        for typed in ("/slow 30", "/lock", "/unlock"):
            self.assertIn("is for operators", self.answer(self.bob, typed))

    def test_programs(self) -> None:
        """A number, in answers, views and events; the code of the refusal is its own."""
        robot = self.house.program("robot")
        robot.asks("join", room="attic")
        self.alice.types("/slow 30")
        told = [event for event in robot.hears() if event["event"] == "slow"]
        self.assertEqual([("attic", "alice", 30)], [(e["room"], e["nick"], e["seconds"]) for e in told])
        self.assertTrue(robot.asks("say", text="one", room="attic")["ok"])
        self.assertEqual("too-soon", robot.asks("say", text="two", room="attic")["error"])
        robot.asks("create", room="lab")
        self.assertEqual(("lab", 5), tuple(robot.asks("slow", seconds=5)[name] for name in ("room", "seconds")))
        self.assertEqual(5, robot.asks("join", room="lab")["slow"])


class LockTests(Attic):
    """C{/lock} and C{/unlock}."""

    def setUp(self) -> None:
        """Dora is outside."""
        super().setUp()
        self.dora = self.house.guest("dora")
        for guest in (self.alice, self.bob, self.carol):
            guest.reads()

    def test_nobody_new_comes_in(self) -> None:
        """And is told until when, why, and what to do; those inside stay and talk."""
        self.assertEqual(
            "attic is locked for 30 minutes: nobody new comes in but whom you /invite. /unlock ends it.",
            self.answer(self.alice, "/lock 30m raid"),
        )
        self.assertEqual(["-- alice lets nobody new in until 2026-01-01 00:30 UTC: raid"], self.carol.reads())
        self.assertEqual(
            "! attic is locked until 2026-01-01 00:30 UTC (raid): "
            "nobody new comes in but whom somebody inside invites.",
            self.answer(self.dora, "/join attic"),
        )
        self.bob.types("hello")
        self.assertEqual(["<bob> hello"], self.carol.reads())

    def test_it_runs_out(self) -> None:
        """After the time it was made for."""
        self.alice.types("/lock 30m raid")
        self.house.wait(1801)
        self.dora.types("/join attic")
        self.assertEqual("You are in attic.", self.dora.reads()[0])
        self.assertEqual("! attic is not locked.", self.answer(self.alice, "/unlock"))

    def test_it_is_lifted(self) -> None:
        """Without a time, only so."""
        self.alice.types("/lock")
        self.house.wait(10_000)
        self.assertIn("! attic is locked: nobody new", self.answer(self.dora, "/join attic"))
        self.carol.reads()
        self.assertEqual("attic is not locked any more.", self.answer(self.alice, "/unlock"))
        self.assertEqual(["-- alice unlocked the room."], self.carol.reads())
        self.dora.types("/join attic")
        self.assertEqual("You are in attic.", self.dora.reads()[0])

    def test_operators_and_the_invited_come_in(self) -> None:
        """An invitation is for once."""
        self.alice.types("/op bob", "/lock", "/invite dora")
        self.bob.types("/leave attic")
        # A guest's role ends with the visit, so it has to be somebody who keeps it.
        self.dora.reads()
        self.dora.types("/join attic")
        self.assertEqual("You are in attic.", self.dora.reads()[0])
        self.dora.types("/leave", "/join attic")
        self.assertIn("attic is locked", self.dora.reads()[-1])

    def test_operator_who_was_away(self) -> None:
        """With an account, one is an operator outside as well; the lock is the first thing they read."""
        erin = self.house.account("erin")
        erin.types("/join attic")
        self.alice.types("/op erin", "/lock 2h raid")
        erin.types("/leave attic")
        erin.reads()
        erin.types("/join attic")
        came = erin.reads()
        self.assertEqual("You are in attic.", came[0])
        self.assertIn("[00:00] -- alice lets nobody new in until 2026-01-01 02:00 UTC: raid", came)

    def test_it_is_no_other_lock(self) -> None:
        """A password and a private room stay what they were; banned is banned."""
        self.alice.types("/password sesame", "/lock")
        self.assertIn("attic is locked", self.answer(self.dora, "/join attic sesame"))
        self.alice.types("/unlock")
        self.assertIn("has a password", self.answer(self.dora, "/join attic"))
        self.alice.types("/lock", "/ban dora")
        self.dora.reads()
        self.assertIn("You are banned", self.answer(self.dora, "/join attic"))

    def test_room_stays_on_the_list(self) -> None:
        """So that nobody thinks it is gone."""
        self.alice.types("/lock")
        self.assertEqual("attic: 3 people (locked)", self.answer(self.dora, "/rooms attic"))

    def test_programs(self) -> None:
        """Who, when, until when and why; the code of the refusal is its own."""
        robot = self.house.program("robot")
        self.alice.types("/lock 30m raid")
        lock = {
            "by": "alice",
            "at": "2026-01-01T00:00:00.000Z",
            "until": "2026-01-01T00:30:00.000Z",
            "reason": "raid",
        }
        self.assertEqual(lock, robot.asks("rooms", match="attic")["rooms"][0]["lock"])
        self.assertEqual("room-locked", robot.asks("join", room="attic")["error"])
        robot.asks("create", room="lab")
        answer = robot.asks("lock", reason="tea")
        self.assertEqual(("lab", None, "tea"), (answer["room"], answer["until"], answer["reason"]))
        self.assertEqual("robot", robot.asks("join", room="lab")["lock"]["by"])
        self.assertTrue(robot.asks("unlock", room="lab")["ok"])
        self.assertIsNone(robot.asks("join", room="lab")["lock"])


class KeptTests(Attic):
    """Both are kept with the room."""

    def test_across_restarts(self) -> None:
        """As is all that operators set."""
        store = MemoryStore()
        house = House(store=store)
        alice = house.account("alice")
        alice.types("/create den keep", "/slow 30", "/lock 1d raid")
        house.stop()
        house = House(store=store)
        bob = house.guest("bob")
        self.assertTrue(self.answer(bob, "/join den").startswith("! den is locked until 2026-01-02 00:00 UTC (raid):"))
        alice = house.connection()
        alice.types("/login alice correct horse battery", "/join den")
        self.assertIn("Slow mode: say one line every 30 seconds.", alice.reads())
