"""
The judge of make chaos sees each kind of fault, and nothing where all is well.
"""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.chaos.ledger import Ledger, Object, Run

ROOM = "lobby"


def said(seq: int, nick: str, text: str) -> Object:
    """A line as history has it."""
    return {"event": "said", "room": ROOM, "seq": seq, "nick": nick, "text": text}


def joined(seq: int, nick: str) -> Object:
    """Somebody is there."""
    return {"event": "joined", "room": ROOM, "seq": seq, "nick": nick}


def left(seq: int, nick: str) -> Object:
    """Somebody is gone."""
    return {"event": "left", "room": ROOM, "seq": seq, "nick": nick, "gone": True}


class LedgerTests(SynchronousTestCase):
    """Alice says three lines, which bob reads."""

    def setUp(self) -> None:
        self.ledger = Ledger([ROOM])
        self.alice = self.ledger.run("alice", ROOM, 0)
        self.bob = self.ledger.run("bob", ROOM, 0)
        self.history = [said(seq, "alice", self.ledger.line("alice")[1]) for seq in (1, 2, 3)]
        self.alice.said.update((1, 2, 3))

    def answers(self, *numbers: int) -> None:
        """Alice is told of each line that it is kept where it stands."""
        for number in numbers:
            self.ledger.answered(self.alice, number, {"seq": number})

    def reads(self, run: Run, *seqs: int) -> None:
        """Events of the history, in this order."""
        for seq in seqs:
            self.ledger.heard(run, self.history[seq - 1])

    def found(self, history: list[Object] | None = None) -> str:
        """What the judge says."""
        self.ledger.judge({ROOM: self.history if history is None else history})
        return self.ledger.faults.summary()

    def expected(self, **found: int) -> str:
        """So many of some kinds, and none of the others."""
        kinds: dict[str, Any] = dict.fromkeys(("lost", "doubled", "reordered", "holes", "ghosts"), 0)
        return ", ".join(f"{kind} {times}" for kind, times in {**kinds, **found}.items())

    def test_all_is_well(self) -> None:
        """What was acknowledged is kept, and what was read too, in order."""
        self.answers(1, 2, 3)
        self.reads(self.bob, 1, 2, 3)
        self.assertEqual(self.expected(), self.found())

    def test_lost(self) -> None:
        """A line that was acknowledged is not kept."""
        self.answers(1, 2, 3)
        self.assertEqual(self.expected(lost=2), self.found(self.history[:2]))  # it was acknowledged, and read there

    def test_read_and_lost(self) -> None:
        """A line that only bob has read is not kept."""
        self.reads(self.bob, 1, 2, 3)
        self.assertEqual(self.expected(lost=1), self.found(self.history[:2]))

    def test_kept_twice(self) -> None:
        """A line stands in the history twice."""
        again = {**self.history[0], "seq": 4}
        self.assertEqual(self.expected(doubled=1), self.found([*self.history, again]))

    def test_read_twice(self) -> None:
        """An event comes twice by one connection."""
        self.reads(self.bob, 1, 2, 2, 3)
        self.assertEqual(self.expected(doubled=1), self.found())

    def test_read_in_another_order(self) -> None:
        """An event comes behind a later one."""
        self.reads(self.bob, 1, 3, 2)
        self.assertEqual(self.expected(reordered=1), self.found())

    def test_another_order_for_another_reader(self) -> None:
        """Two people read different lines at the same place."""
        self.reads(self.bob, 1, 2)
        carl = self.ledger.run("carl", ROOM, 0)
        self.ledger.heard(carl, {**self.history[1], "seq": 1})
        self.assertEqual(self.expected(reordered=1), self.found())

    def test_hole_for_a_reader(self) -> None:
        """Bob has not read the second line."""
        self.reads(self.bob, 1, 3)
        self.assertEqual(self.expected(holes=1), self.found())

    def test_own_line_whose_answer_was_lost(self) -> None:
        """Alice was never told of her second line, which is kept: that is no hole."""
        self.answers(1, 3)
        self.assertEqual(self.expected(), self.found())

    def test_hole_in_history(self) -> None:
        """A number is missing."""
        self.assertEqual(self.expected(holes=1), self.found([self.history[0], self.history[2]]))

    def test_terminal(self) -> None:
        """A terminal shows a line twice, leaves one out, or shows one behind a later one."""
        for shown, found in (
            ((1, 2, 3), {}),
            ((1, 2, 2, 3), {"doubled": 1}),
            ((1, 3), {"holes": 1}),
            ((1, 3, 2), {"reordered": 1}),
            ((1, 2, 3, 4), {"lost": 1}),
        ):
            self.setUp()
            screen = self.ledger.screen("carl", ROOM)
            for number in shown:
                self.ledger.shown(screen, number)
            self.assertEqual(self.expected(**found), self.found(), shown)

    def test_goodbyes(self) -> None:
        """Each person leaves once, and joins again only after that."""
        for history, ghosts in (
            ([joined(1, "bob"), left(2, "bob"), joined(3, "bob")], 0),
            ([joined(1, "bob"), left(2, "bob"), left(3, "bob")], 1),
            ([joined(1, "bob"), joined(2, "bob")], 1),
        ):
            self.setUp()
            self.assertEqual(self.expected(ghosts=ghosts), self.found(history))

    def test_people(self) -> None:
        """Somebody who is gone is listed, and somebody who is there is not."""
        self.ledger.judge_people("the lobby", ["alice", "bob"], ["alice", "carl"])
        self.assertEqual(self.expected(ghosts=2), self.ledger.faults.summary())
