"""
When it gets too much: a room's pace and its lock, the server's lockdown, and reports to its staff.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom import testing
from chatroom.backends.memory import MemoryStore
from chatroom.interfaces import ServerRole
from chatroom.limits import Limits
from chatroom.testing import Server
from tests.commands.attic import Attic
from tests.commands.staffed import Staffed
from tests.doors.readers import SlowWire, stops_reading


class SlowTests(Attic):
    """C{/slow}."""

    def test_members_say_one_line_in_so_many_seconds(self) -> None:
        """Members say one line in so many seconds; what was refused is not said, and does not count."""
        self.assertEqual(
            "attic is in slow mode: one message per person every 30 seconds. /slow off ends it.",
            self.answer(self.alice, "/slow 30"),
        )
        self.assertEqual(
            ["-- alice turned on slow mode: each person can send one line every 30 seconds."], self.carol.reads()
        )
        self.bob.types("one")
        self.server.wait(18)
        self.assertEqual(
            "! attic is in slow mode: one message every 30 seconds. Try again in 12 seconds.",
            self.answer(self.bob, "two"),
        )
        self.server.wait(12)
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
        self.assertEqual(["-- alice turned off slow mode.", "<bob> two"], self.carol.reads())

    def test_set_back_clock_keeps_nobody_waiting(self) -> None:
        """Longer than slow mode itself would."""
        self.alice.types("/slow 30")
        self.bob.types("one")
        self.server.jump(-3600)
        self.carol.reads()
        self.bob.types("two")
        self.assertEqual(["<bob> two"], self.carol.reads())

    def test_last_words_count(self) -> None:
        """Who quits with words has said something, and waits on the way back; a connection that broke says nothing."""
        self.alice.types("/slow 30")
        self.bob.types("/signup correct horse battery staple")
        for leaves, answer in (
            (lambda bob: bob.types("/quit tea is ready"), ["! attic is in slow mode: one message every 30 seconds."]),
            (lambda bob: bob.disconnects(), []),
        ):
            self.server.wait(60)
            leaves(self.bob)
            self.bob = self.server.guest("robert")
            self.bob.types("/login bob correct horse battery staple", "/join attic")
            self.bob.reads()
            self.bob.types("back")
            self.assertEqual(answer, [line.split(" Try")[0] for line in self.bob.reads()])

    def test_new_beginning(self) -> None:
        """A daemon that starts again knows who has said something a moment ago."""
        store = MemoryStore()
        first = Server(store=store)
        alice = first.account("alice")
        alice.types("/create den keep", "/slow 30")
        bob = first.guest("bob")
        bob.types("/join den", "one")
        first.wait(20)
        first.stop()
        again = Server(store=store, clock=first.clock)
        bob = again.guest("bob")
        bob.types("/join den")
        self.assertIn("Try again in 10 seconds.", self.answer(bob, "two"))
        again.wait(10)
        bob.types("three")
        self.assertEqual([], bob.reads())

    def test_every_node(self) -> None:
        """A second connection to another daemon of the server is no way around it."""
        store = MemoryStore()
        north = Server(store=store, node="north")
        south = Server(store=store, node="south", clock=north.clock)
        alice = north.account("alice")
        alice.types("/create den", "/slow 30", "/op bob")
        bob = north.account("bob")
        bob.types("/join den", "one")
        again = south.connection()
        again.types("/login bob correct horse battery", "/look den")
        again.reads()
        self.assertIn("Try again in 30 seconds.", self.answer(again, "two"))

    def test_what_is_set_is_shown(self) -> None:
        """To operators who ask, and to everybody who comes in."""
        self.assertEqual("attic is not in slow mode.", self.answer(self.alice, "/slow"))
        self.alice.types("/slow 1")
        self.assertIn("one message per person every second.", self.answer(self.alice, "/slow"))
        dora = self.server.guest("dora")
        dora.types("/join attic")
        self.assertIn("Slow mode: one message per person every second.", dora.reads())

    def test_what_is_no_time(self) -> None:
        """What is not a duration is refused with what is one, and what is too long with how long it may be."""
        for typed in ("down", "forever", "-5", "\u0663", "1.5h", "9" * 200):
            advice = "is not a duration. Slow mode needs a time such as 30 or 2m, or off."
            self.assertIn(advice, self.answer(self.alice, f"/slow {typed}"))
        for typed in ("7h", "21601", "999999999", "9999999999999", "4000d"):
            self.assertEqual("! Slow mode can be at most 21,600 seconds.", self.answer(self.alice, f"/slow {typed}"))
        server = Server(Limits(slow_seconds=5))
        dora = server.guest("dora")
        dora.types("/create den", "/slow 6", "/slow 5")
        self.assertEqual(
            [
                "! Slow mode can be at most 5 seconds.",
                "den is in slow mode: one message per person every 5 seconds. /slow off ends it.",
            ],
            dora.reads()[-2:],
        )

    def test_members_may_not(self) -> None:
        """Members set no slow mode, and lock no room."""
        for typed in ("/slow 30", "/lock", "/unlock"):
            self.assertIn("Only operators of", self.answer(self.bob, typed))

    def test_programs(self) -> None:
        """A number, in answers, views and events; the code of the refusal is its own."""
        robot = self.server.program("robot")
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
        self.dora = self.server.guest("dora")
        for guest in (self.alice, self.bob, self.carol):
            guest.reads()

    def test_nobody_new_comes_in(self) -> None:
        """Nobody new joins a locked room: they read until when, why, and what to do; those inside stay and talk."""
        self.assertEqual(
            "attic is locked for 30 minutes: only people you /invite can join. /unlock ends it.",
            self.answer(self.alice, "/lock 30m raid"),
        )
        self.assertEqual(["-- alice locked the room until 2026-01-01 00:30 UTC: raid"], self.carol.reads())
        self.assertEqual(
            "! attic is locked until 2026-01-01 00:30 UTC: raid. Only invited people can join. You are still in lobby.",
            self.answer(self.dora, "/join attic"),
        )
        self.bob.types("hello")
        self.assertEqual(["<bob> hello"], self.carol.reads())

    def test_it_runs_out(self) -> None:
        """After the time it was made for."""
        self.alice.types("/lock 30m raid")
        self.server.wait(1801)
        self.dora.types("/join attic")
        self.assertEqual("You are in attic.", self.dora.reads()[0])
        self.assertEqual("! attic is not locked.", self.answer(self.alice, "/unlock"))

    def test_it_is_lifted(self) -> None:
        """Without a time, only so."""
        self.alice.types("/lock")
        self.server.wait(10_000)
        self.assertIn("! attic is locked. Only invited", self.answer(self.dora, "/join attic"))
        self.carol.reads()
        self.assertEqual("attic is no longer locked.", self.answer(self.alice, "/unlock"))
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
        erin = self.server.account("erin")
        erin.types("/join attic")
        self.alice.types("/op erin", "/lock 2h raid")
        erin.types("/leave attic")
        erin.reads()
        erin.types("/join attic")
        came = erin.reads()
        self.assertEqual("You are in attic.", came[0])
        self.assertIn("[00:00] -- alice locked the room until 2026-01-01 02:00 UTC: raid", came)

    def test_it_is_no_other_lock(self) -> None:
        """A password and a private room stay what they were; banned is banned."""
        self.alice.types("/password sesame", "/lock")
        self.assertIn("attic is locked", self.answer(self.dora, "/join attic sesame"))
        self.alice.types("/unlock")
        self.dora.types("/join attic", "")
        self.assertIn("has a password", self.dora.reads()[0])
        self.alice.types("/lock", "/ban dora")
        self.dora.reads()
        self.assertIn("are banned from attic", self.answer(self.dora, "/join attic"))

    def test_room_stays_on_the_list(self) -> None:
        """A locked room stays on the list, so that nobody thinks it is gone."""
        self.alice.types("/lock")
        self.assertEqual("attic: 3 people (locked)", self.answer(self.dora, "/rooms attic"))

    def test_programs(self) -> None:
        """Who, when, until when and why; the code of the refusal is its own."""
        robot = self.server.program("robot")
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
        server = Server(store=store)
        alice = server.account("alice")
        alice.types("/create den keep", "/slow 30", "/lock 1d raid")
        server.stop()
        server = Server(store=store)
        bob = server.guest("bob")
        self.assertTrue(self.answer(bob, "/join den").startswith("! den is locked until 2026-01-02 00:00 UTC: raid. "))
        alice = server.connection()
        alice.types("/login alice correct horse battery", "/join den")
        self.assertIn("Slow mode: one message per person every 30 seconds.", alice.reads())


class LockdownTests(Staffed):
    """C{/lockdown}."""

    def test_no_new_guests(self) -> None:
        """Everybody is told; whoever is here stays, and whoever has an account may come in."""
        self.assertEqual(
            "Lockdown for 2 hours (guests). Everyone here got a notice. /lockdown off ends it.",
            self.answer(self.mia, "/lockdown guests 2h raid"),
        )
        told = "-- mia locked this server down until 2026-01-01 02:00 UTC, so new guests cannot connect: raid"
        for guest in (self.ada, self.dora, self.bob):
            self.assertEqual([told], guest.reads())
        stranger = self.server.connection()
        stranger.types("eve")
        self.assertEqual(
            "! New guests cannot join until 2026-01-01 02:00 UTC: raid. If you have an account, log in: /login NAME",
            stranger.reads()[-1],
        )
        self.assertFalse(stranger.is_disconnected())
        self.dora.types("QUIT")
        stranger.types("dora", "correct horse battery")
        self.assertIn(f"[00:00] {told}", stranger.reads())
        self.bob.types("hello", "/signup correct horse battery")
        self.assertEqual(["<bob> hello"], self.mia.reads()[-1:])
        self.assertTrue(any("/resume" in line for line in self.bob.reads()))

    def test_no_new_accounts(self) -> None:
        """Guests come and go."""
        self.mia.types("/lockdown accounts")
        eve = self.server.guest("eve")
        self.assertEqual(
            "! New accounts cannot be created at the moment. You can stay as a guest.",
            self.answer(eve, "/signup correct horse battery"),
        )

    def test_registered_only(self) -> None:
        """At the highest level, neither guests join nor accounts are made."""
        self.mia.types("/lockdown registered")
        stranger = self.server.connection()
        stranger.types("eve")
        self.assertIn("! New guests cannot join at the moment.", stranger.reads()[-1])
        self.assertIn("! New accounts cannot be created", self.answer(self.bob, "/signup correct horse battery"))

    def test_owned_nickname_is_asked_for_its_password(self) -> None:
        """Its owner is no stranger, and types it alone on a line as always."""
        self.mia.types("/lockdown guests")
        self.dora.types("QUIT")
        dora = self.server.connection()
        dora.types("dora")
        self.assertFalse([line for line in dora.reads() if "new guests" in line])
        dora.types("correct horse battery")
        self.assertTrue(any("Logged in as" in line for line in dora.reads()))

    def test_it_ends(self) -> None:
        """By a word of the staff, and everybody is told."""
        self.mia.types("/lockdown guests")
        self.clear()
        self.assertEqual("Lockdown ended. Everyone here got a notice.", self.answer(self.ada, "/lockdown off"))
        self.assertEqual(["-- ada ended the lockdown of this server: everyone can connect."], self.bob.reads())
        self.server.guest("eve")
        self.assertEqual("No lockdown.", self.answer(self.mia, "/lockdown"))

    def test_it_runs_out(self) -> None:
        """After the time it was made for."""
        self.mia.types("/lockdown registered 10m")
        self.server.wait(601)
        self.server.guest("eve")
        self.assertEqual("No lockdown.", self.answer(self.mia, "/lockdown"))

    def test_it_holds_across_restarts(self) -> None:
        """A raid does not end because the daemon was started again."""
        store = MemoryStore()
        server = Server(store=store)
        server.staff("mia").types("/lockdown guests 2h raid")
        server.stop()
        stranger = Server(store=store).connection()
        stranger.types("eve")
        self.assertIn("! New guests cannot join until 2026-01-01 02:00 UTC: raid.", stranger.reads()[-1])

    def test_only_staff(self) -> None:
        """Nobody else can lock a server."""
        for guest in (self.dora, self.bob):
            self.assertIn("Only server moderators can", self.answer(guest, "/lockdown guests"))

    def test_no_such_level(self) -> None:
        """The refusal says which there are."""
        self.assertEqual(
            "! The level must be one of off, guests, accounts, registered.", self.answer(self.mia, "/lockdown tight")
        )

    def test_audit_log(self) -> None:
        """Who did it, until when and why."""
        self.mia.types("/lockdown guests 2h raid", "/lockdown off")
        lines = self.answers(self.ada, "/audit 2")
        self.assertTrue(lines[0].endswith("mia: lockdown guests (until 2026-01-01 02:00 UTC: raid)"), lines)
        self.assertTrue(lines[1].endswith("mia: lockdown off"), lines)

    def test_programs(self) -> None:
        """An event, a code of its own, and the level in the answer to hello."""
        robot = self.server.program("robot")
        self.mia.types("/lockdown guests 2h raid")
        (event,) = [event for event in robot.hears() if event["event"] == "lockdown"]
        self.assertEqual(("mia", "guests", "raid"), (event["nick"], event["level"], event["reason"]))
        self.assertEqual("2026-01-01T02:00:00.000Z", event["until"])
        self.assertEqual("lockdown", self.server.program().asks("hello", nick="eve")["error"])
        staff = self.server.program()
        answer = staff.asks("hello", nick="mia", password="correct horse battery")
        self.assertEqual("guests", answer["lockdown"])
        found = staff.asks("lockdown")
        self.assertEqual(("guests", "mia", "raid"), (found["level"], found["by"], found["reason"]))
        self.assertEqual("off", staff.asks("lockdown", level="off")["level"])

    def test_all_are_told_though_one_does_not_read(self) -> None:
        """Who does not read may be cut by it, and nobody else is passed over."""
        limits = Limits(unread_soft=4096, unread_hard=8192, talk_rate=0, max_per_address=0, new_per_minute=0)
        self.patch(testing.people, "FakeTransport", SlowWire)
        server = Server(limits)
        ada, deaf, eve = server.staff("ada", ServerRole.ADMIN), server.guest("deaf"), server.guest("eve")
        stops_reading(deaf)
        eve.reads()
        told = 0
        while not deaf.is_disconnected():
            ada.types(f"/lockdown guests {'raid ' * 50}")
            told += 1
            heard = [line for line in eve.reads() if "guests" in line]
            self.assertEqual(1, len(heard), (told, heard))
        self.assertGreater(told, 10)


class NobodyTests(SynchronousTestCase):
    """A server that nobody keeps order in yet."""

    def test_report_waits(self) -> None:
        """Nobody is told that it is with the staff where there is none."""
        server = Server()
        bob, _ = server.guest("bob"), server.guest("eve")
        bob.reads()
        bob.types("/report eve insults everybody")
        self.assertEqual(["Report 1 about eve is saved, and waits for this server's first moderator."], bob.reads())


class ReportTests(Staffed):
    """C{/report} and C{/reports}."""

    def setUp(self) -> None:
        """Eve is a guest, and is rude to bob."""
        super().setUp()
        self.eve = self.server.guest("eve", address="192.0.2.5")
        self.eve.types("hi", "you fool", "/me laughs")
        self.clear()

    def test_staff_reads_it_at_once(self) -> None:
        """With what was said last and its numbers; nobody else reads it, and one is told what goes with it."""
        sentence = "Report 1 about eve was sent to the moderators"
        self.assertEqual(
            f"{sentence}, with eve's last 3 messages in lobby.",
            self.answer(self.bob, "/report @eve insults everybody"),
        )
        lines = self.mia.reads()
        self.assertEqual("-- Report 1: bob reported eve in lobby: insults everybody", lines[0])
        self.assertEqual(["hi", "you fool", "laughs"], [line.partition(": ")[2] for line in lines[1:]])
        self.assertEqual([lines, [], []], [guest.reads() for guest in (self.ada, self.dora, self.eve)])
        history = self.server.program("robot").asks("history", room="lobby")["events"]
        self.assertEqual(
            [f"--     line {event['seq']}: {event['text']}" for event in history if event["nick"] == "eve"], lines[1:]
        )

    def test_only_the_last_five(self) -> None:
        """A report quotes the last five lines of one person, and no whispers."""
        self.eve.types(*(f"line {number}" for number in range(6)), "@bob psst")
        self.dora.types("quite so")
        self.bob.types("/report eve noise")
        lines = self.mia.reads()[-5:]
        self.assertEqual([f"line {number}" for number in range(1, 6)], [line.partition(": ")[2] for line in lines])

    def test_staff_that_was_away(self) -> None:
        """Is told at login how many are open; they are kept across restarts."""
        store = MemoryStore()
        server = Server(store=store)
        server.staff("mia").types("QUIT")
        server.guest("eve", address="192.0.2.5")
        bob = server.guest("bob")
        bob.types("/report eve rude", "/report lobby too loud")
        server.stop()
        server = Server(store=store)
        mia = server.connection()
        mia.types("/login mia correct horse battery")
        self.assertIn("2 reports are open: /reports", mia.reads())
        mia.types("/reports")
        self.assertEqual(
            [
                "-- 2026-01-01 (UTC)",
                "[00:00] -- Report 1: bob reported eve in lobby: rude",
                "[00:00] -- Report 2: bob reported lobby: too loud",
                "/reports done NUMBER closes one.",
            ],
            mia.reads(),
        )

    def test_closed(self) -> None:
        """The staff and the one who reported it are told; the numbers go on."""
        self.bob.types("/report eve rude")
        self.clear()
        self.assertEqual("Report 1 is closed.", self.answer(self.mia, "/reports done 1 had a word"))
        self.assertEqual(["-- mia closed report 1 by bob about eve: had a word"], self.ada.reads())
        self.assertEqual(["-- mia closed your report 1 about eve: had a word"], self.bob.reads())
        self.assertEqual([], self.dora.reads())
        self.assertNotIn("closed", " ".join(self.eve.reads()))
        self.assertEqual("No open reports.", self.answer(self.mia, "/reports"))
        self.assertIn("! There is no open report 1.", self.answer(self.mia, "/reports done 1"))
        self.assertIn("Report 2 about eve", self.answer(self.bob, "/report eve again"))

    def test_numbers_go_on_after_a_restart(self) -> None:
        """Numbers of reports go on after a restart, so that no two in the log have the same."""
        store = MemoryStore()
        server = Server(store=store)
        mia = server.staff("mia")
        server.guest("bob").types("/report mia unfair", "/report lobby loud")
        mia.types("/reports done 2", "/reports done 1")
        server.stop()
        bob = Server(store=store).guest("bob")
        self.assertIn("Report 3 about lobby", self.answer(bob, "/report lobby loud"))

    def test_another_guest_of_that_name_is_not_told(self) -> None:
        """What bob reported is bob's."""
        self.bob.types("/report eve rude", "QUIT")
        self.server.wait(1)
        bob = self.server.guest("bob", address="192.0.2.9")
        self.mia.types("/reports done 1")
        self.assertEqual([], bob.reads())

    def test_rooms(self) -> None:
        """By their name, with or without a sign, and from outside."""
        self.eve.types("/create den")
        self.assertIn("Report 1 about den", self.answer(self.bob, "/report #DEN they plan something"))
        self.assertEqual(["-- Report 1: bob reported den: they plan something"], self.mia.reads())

    def test_absent_account(self) -> None:
        """Somebody who is gone can be reported as well; a guest who is gone is nobody."""
        self.dora.types("QUIT")
        self.assertIn("Report 1 about dora", self.answer(self.bob, "/report DORA was rude"))
        self.assertIn("! There is no person or room called", self.answer(self.bob, "/report frank was rude"))

    def test_what_is_no_report(self) -> None:
        """Of oneself, without a reason, or the same again."""
        self.assertEqual("! You cannot report yourself.", self.answer(self.bob, "/report bob rude"))
        self.assertIn("Missing REASON. Usage: /report ABOUT REASON ...", self.answer(self.bob, "/report eve"))
        self.bob.types("/report eve rude")
        self.assertEqual(
            "! You have already reported eve: report 1 is still open.", self.answer(self.bob, "/report eve rude")
        )

    def test_so_many_in_an_hour(self) -> None:
        """From one address, whatever they are called; what was refused for another reason does not count."""
        server = Server(Limits(reports_per_hour=2))
        server.guest("eve", address="192.0.2.5")
        bob, bert = server.guest("bob"), server.guest("bert")
        bob.types("/report bob rude", "/report nobody rude")
        self.assertIn("Report 1", self.answer(bob, "/report eve rude"))
        self.assertIn("Report 2", self.answer(bert, "/report eve rude"))
        self.assertEqual(
            "! Too many reports from your address. Try again in 60 minutes.", self.answer(bert, "/report bob rude")
        )
        server.wait(3601)
        self.assertIn("Report 3", self.answer(bert, "/report bob rude"))

    def test_so_many_open(self) -> None:
        """A flood of reports does not fill the disk."""
        server = Server(Limits(reports_open=1))
        bob = server.guest("bob")
        bob.types("/report lobby loud")
        eve = server.guest("eve")
        self.assertIn("! There are too many open reports", self.answer(eve, "/report lobby loud"))

    def test_only_staff_reads_them(self) -> None:
        """Only staff reads reports; whoever made one does not read those of others."""
        for typed in ("/reports", "/reports done 1"):
            self.assertIn("Only server moderators can", self.answer(self.dora, typed))
        for typed in ("/reports do 1", "/reports done"):
            self.assertEqual("! Usage: /reports or /reports done NUMBER", self.answer(self.mia, typed))

    def test_audit_log(self) -> None:
        """Who reported whom and who closed it, and never what was said."""
        self.bob.types("/report eve insults everybody")
        self.mia.types("/reports done 1 had a word")
        lines = self.answers(self.ada, "/audit 2")
        self.assertTrue(lines[0].endswith("bob: report eve"), lines)
        self.assertTrue(lines[1].endswith("mia: report-done eve (report 1)"), lines)

    def test_programs(self) -> None:
        """The same by names."""
        robot = self.server.program("robot", address="192.0.2.6")
        made = robot.asks("report", about="eve", reason="rude", room="lobby")
        self.assertEqual(
            (1, "eve", "lobby", "rude"), tuple(made[name] for name in ("number", "who", "where", "reason"))
        )
        staff = self.server.program()
        answer = staff.asks("hello", nick="mia", password="correct horse battery")
        self.assertEqual(1, answer["reports"])
        (report,) = staff.asks("reports")["reports"]
        self.assertRegex(report["quote"], r"\A\d+ hi\n\d+ you fool\n\d+ laughs\Z")
        self.assertEqual(("robot", made["last"]), (report["by"], report["last"]))
        self.assertEqual(1, staff.asks("reports", action="done", number=1)["number"])
        self.assertEqual(["report-closed"], [event["event"] for event in robot.hears() if "number" in event])


class TwoDaemonsTests(Staffed):
    """A server of two daemons is one server."""

    def test_both_lock_down_and_read_reports(self) -> None:
        """Whichever it was said at."""
        store = MemoryStore()
        north, south = Server(store=store, node="north"), Server(store=store, node="south")
        mia, bob = north.staff("mia", ServerRole.ADMIN), south.guest("bob")
        bob.types("/report lobby loud")
        self.assertEqual(["-- Report 1: bob reported lobby: loud"], mia.reads()[-1:])
        mia.types("/lockdown registered")
        self.assertIn("locked this server down", bob.reads()[-1])
        stranger = south.connection()
        stranger.types("eve")
        self.assertIn("New guests cannot join", stranger.reads()[-1])
