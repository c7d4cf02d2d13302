"""
What requests cost, and who pays.
"""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.commands.base import Command
from chatroom.doors.budget import UNIT, Purse, Purses
from chatroom.interfaces import Answer
from chatroom.limits import OFF, Limits
from chatroom.plugins.find import find
from chatroom.testing import Server


class Waiting:
    """Somebody in line."""

    def __init__(self, purse: Purse, seen: list[Waiting]) -> None:
        self.purse = purse
        self.seen = seen
        purse.stand_in_line(self)

    def paid(self) -> None:
        """It is their turn, and they ask for what costs ten."""
        self.seen.append(self)
        self.purse.spend(9)


class PurseTests(SynchronousTestCase):
    """The purse of one address."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.limits = Limits(work_burst=20, work_rate=10.0)
        self.purse = Purse(self.limits, self.clock)

    def test_what_is_spent_is_earned_again(self) -> None:
        """As long as there is a little left, more may be asked for; then as much has to be earned as was spent."""
        self.purse.spend(19)
        self.assertTrue(self.purse.has_some())
        self.purse.spend(6)
        self.assertFalse(self.purse.has_some())
        self.clock.advance(0.51)
        self.assertTrue(self.purse.has_some())

    def test_debts_are_bounded(self) -> None:
        """A thousand dear requests at once keep nobody waiting for longer than it takes to earn a burst."""
        for _ in range(1000):
            self.purse.spend(100)
        self.clock.advance(2.1)
        self.assertTrue(self.purse.has_some())

    def test_those_who_wait_go_one_by_one(self) -> None:
        """In the order in which they came, each when what those before cost is earned."""
        self.purse.spend(30)
        seen: list[Waiting] = []
        line = [Waiting(self.purse, seen) for _ in range(3)]
        self.assertFalse(self.purse.has_some(), "nobody passes those in line")
        self.clock.advance(0.1)
        for waited in range(3):
            self.clock.advance(0.9)
            self.assertEqual(line[:waited], seen)
            self.clock.advance(0.125)
            self.assertEqual(line[: waited + 1], seen)
        self.assertEqual([], self.clock.getDelayedCalls())

    def test_who_leaves_the_line_is_not_called(self) -> None:
        """Those behind are; and nothing is left to do when the line is empty."""
        self.purse.spend(30)
        seen: list[Waiting] = []
        first, second = Waiting(self.purse, seen), Waiting(self.purse, seen)
        self.purse.leave_line(first)
        self.clock.advance(1.1)
        self.assertEqual([second], seen)
        third = Waiting(self.purse, seen)
        self.purse.leave_line(third)
        self.assertEqual([], self.clock.getDelayedCalls())

    def test_operator_lifts_the_limit(self) -> None:
        """Nobody waits any more, those in line included."""
        self.purse.spend(30)
        seen: list[Waiting] = []
        line = [Waiting(self.purse, seen) for _ in range(3)]
        self.limits.become(Limits(work_rate=OFF))
        self.clock.pump([1.1] + [0.0] * 3)
        self.assertEqual(line, seen)
        self.assertTrue(self.purse.has_some())

    def test_purses_are_forgotten_when_they_are_full(self) -> None:
        """Purses are forgotten when they are full, and not before: to come again is no way to get a new one."""
        purses = Purses(self.limits, self.clock)
        purses.spend("192.0.2.1", 30)
        purses.spend("", 30)
        self.clock.advance(59.0)
        purses.sweep(self.clock.seconds())
        purses.spend("192.0.2.1", 40)
        self.clock.advance(1.0)
        purses.sweep(self.clock.seconds())
        self.assertFalse(purses.has_some("192.0.2.1"))
        self.assertTrue(purses.has_some("192.0.2.2") and purses.has_some(""))
        self.clock.advance(60.0)
        purses.sweep(self.clock.seconds())
        self.assertEqual({}, purses._purses)


class Great(Command):
    """A command with a great answer."""

    name = "great"
    summary = "answer at length"

    def run(self, caller: Any, arguments: Any) -> Answer:
        """So many units of work."""
        return Answer(("x" * (UNIT * 10),))


class ChargeTests(SynchronousTestCase):
    """Who pays for what is asked."""

    def setUp(self) -> None:
        limits = Limits(talk_burst=100, talk_rate=5.0, work_burst=20, work_rate=2.0)
        self.server = Server(limits, commands={**find(), "great": Great()})

    def test_great_answers_slow_down_the_one_who_asks(self) -> None:
        """They cost what they weigh, as if it had been said in lines, also where addresses may ask for anything."""
        limits = Limits(talk_burst=25, talk_rate=2.0, work_rate=OFF)
        server = Server(limits, commands={**find(), "great": Great()})
        alice, bob = server.guest("alice"), server.guest("bob")
        server.wait(60)
        bob.reads()
        alice.types("/great", "/great", "/great", "hello")
        self.assertEqual([], bob.reads())
        server.wait(2.5)
        self.assertEqual([], bob.reads())
        server.wait(1.0)
        self.assertEqual(["<alice> hello"], bob.reads())

    def test_an_address_pays_as_one(self) -> None:
        """Ten connections from one address get no more than one does, and those of another wait for none of them."""
        mob = [self.server.guest(f"mob{number}", "192.0.2.1") for number in range(10)]
        honest = self.server.guest("honest", "192.0.2.2")
        self.server.wait(60)
        for each in (*mob, honest):
            each.reads()
        for each in mob:
            each.types("/great")
        self.assertEqual(3, sum(len(each.reads()) for each in mob))
        honest.types("/great")
        self.assertEqual(1, len(honest.reads()))
        self.server.wait(60)
        self.assertEqual(7, sum(len(each.reads()) for each in mob), "nothing is lost")

    def test_talk_waits_for_no_purse(self) -> None:
        """A whole school behind one address goes on talking while one of them asks for too much."""
        pupil, other = self.server.guest("pupil", "192.0.2.1"), self.server.guest("other", "192.0.2.1")
        self.server.wait(60)
        other.reads()
        pupil.types("/great", "/great", "/great", "/great")
        other.types("hello", "/me waves", "@pupil psst")
        self.assertEqual(["Whispered to pupil."], other.reads())
        pupil_read = pupil.reads()
        self.assertIn("<other> hello", pupil_read)
        self.assertIn("[other whispers] psst", pupil_read)

    def test_what_waits_is_answered_in_order(self) -> None:
        """The line behind a request that waits is not taken up before it."""
        pupil, other = self.server.guest("pupil", "192.0.2.1"), self.server.guest("other", "192.0.2.2")
        self.server.wait(60)
        pupil.types("/great", "/great", "/great", "/great", "and now this")
        other.reads()
        self.server.wait(1)
        self.assertEqual([], other.reads())
        self.server.wait(60)
        self.assertEqual(["<pupil> and now this"], other.reads())

    def test_who_sends_no_more_gets_every_answer(self) -> None:
        """C{printf ... | nc -N} closes its half at once."""
        pupil = self.server.guest("pupil", "192.0.2.1")
        self.server.wait(60)
        pupil.reads()
        pupil.types("/great", "/great", "/great", "/great")
        pupil.ends()
        self.server.wait(60)
        self.assertEqual(4, len(pupil.reads()))
        self.assertTrue(pupil.is_disconnected())

    def test_one_who_goes_leaves_the_line(self) -> None:
        """Nothing is done for somebody who is not there any more."""
        pupil = self.server.guest("pupil", "192.0.2.1")
        self.server.wait(60)
        pupil.types("/great", "/great", "/great", "/great")
        pupil.disconnects()
        self.server.wait(60)
        self.assertEqual([], self.flushLoggedErrors())

    def test_stop_waits_for_nobody_s_turn(self) -> None:
        """What only waits is refused, and the connection closed."""
        pupil = self.server.guest("pupil", "192.0.2.1")
        self.server.wait(60)
        pupil.types("/great", "/great", "/great", "/great")
        pupil.reads()
        closed = self.server.doorkeeper.close("Good night.")
        told = pupil.reads()
        self.assertEqual("! Too many requests from your address. Try again in a few seconds.", told[-2])
        self.assertEqual("-- Good night.", told[-1])
        self.successResultOf(closed)

    def test_so_does_an_upgrade(self) -> None:
        """What waits for its turn when the old process rests is refused; nothing is under way then."""
        pupil = self.server.guest("pupil", "192.0.2.1")
        self.server.wait(60)
        pupil.types("/great", "/great", "/great", "/great")
        pupil.reads()
        self.server.doorkeeper.freeze()
        self.server.settle()
        self.assertIn("! Too many requests from your address", pupil.reads()[-1])
        self.assertFalse(any(each.is_busy() for each in self.server.doorkeeper.present))
        self.server.doorkeeper.thaw()


class LineTests(SynchronousTestCase):
    """A message of many lines is as many lines."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_burst=10, talk_rate=1.0))
        self.bob = self.server.guest("bob")
        self.robot = self.server.program()
        self.robot.asks("hello", nick="robot")
        self.server.wait(60)
        self.bob.reads()

    def sends(self, *requests: dict[str, Any]) -> None:
        """All at once."""
        self.robot.sends(b"".join(json.dumps(each).encode() + b"\n" for each in requests))

    def test_each_line_is_a_token(self) -> None:
        """What a room reads in any time is bounded by the talk rate in lines, however they are packed."""
        block = "\n".join(f"line {number}" for number in range(20))
        self.sends(*[{"do": "say", "text": block}] * 10)
        self.assertEqual(20, len(self.bob.reads()), "there was a burst left")
        self.server.wait(9)
        self.assertEqual(0, len(self.bob.reads()))
        self.server.wait(100)
        self.assertIn(len(self.bob.reads()), (80, 100, 120), "one a second")

    def test_so_it_is_for_me_and_whispers(self) -> None:
        """Also to those who are not here, and where it is refused for that."""
        block = "\n".join("lines" for _ in range(20))
        for request in (
            {"do": "me", "text": block},
            {"do": "whisper", "to": "bob", "text": block},
            {"do": "whisper", "to": "nobody", "text": block},
        ):
            self.server.wait(60)
            self.bob.reads()
            self.sends(request, {"do": "say", "text": "next"})
            self.assertNotIn("<robot> next", self.bob.reads(), request)
            self.server.wait(12)
            self.assertIn("<robot> next", self.bob.reads(), request)

    def test_long_lines_to_many_cost_more(self) -> None:
        """What all readers of a long message are sent is paid for in lines; a short one costs one line."""
        crowd = [self.server.guest(f"guest{number}") for number in range(18)]
        self.server.wait(60)
        for text, tokens in (("x" * 256, 1), ("x" * 2000, 2.2), ("\U0001f980" * 1300, 4.2)):
            self.bob.reads()
            self.sends(*[{"do": "say", "text": text}] * 60)
            self.assertEqual(1 + int(9 / tokens), len(self.bob.reads()), text[:1])
            self.server.wait(20)
            self.assertLess(abs(20 / tokens - len(self.bob.reads())), 1.5)
            self.server.wait(300)
        self.assertEqual(18, len(crowd))

    def test_slow_mode_lets_one_line_through(self) -> None:
        """A message of several is refused with what to do, and does not count; staff of the room need not care."""
        owner = self.server.guest("olga")
        owner.types("/create attic", "/slow 30")
        self.robot.asks("join", room="attic")
        self.server.wait(60)
        owner.reads()
        refused = self.robot.asks("say", text="one\ntwo", room="attic")
        self.assertEqual("unlawful", refused["error"])
        self.assertIn("single line", refused["sentence"])
        self.assertTrue(self.robot.asks("say", text="one", room="attic")["ok"])
        self.assertEqual(["<robot> one"], owner.reads())
