"""
/roll, in a whole chat server that exists in memory only. Run it with C{python -m twisted.trial} or with pytest.
"""

from __future__ import annotations

from contextlib import ExitStack
from unittest import TestCase

from chatroom_dice import Roll, fair

from chatroom.testing import Server


class RollTests(TestCase):
    """Alice rolls and bob looks on. The dice fall as we like: first 3, then 4, then 1."""

    def setUp(self) -> None:
        """The plugin need not be installed: the server gets it. An error that the server logs fails the test."""
        luck = iter([3, 4, 1])
        self.sides: list[int] = []

        def throw(sides: int) -> int:
            self.sides.append(sides)
            return next(luck)

        stack = ExitStack()
        self.addCleanup(stack.close)
        server = stack.enter_context(Server(plugins=[Roll(throw)]))
        self.alice, self.bob = server.guest("alice"), server.guest("bob")
        self.robot = server.program("robot")
        self.alice.reads()
        self.bob.reads()

    def test_everyone_sees_what_was_thrown(self) -> None:
        """And so does the one who threw."""
        self.alice.types("/roll 2d6")
        self.assertEqual(["* alice rolls 2d6: 3 + 4 = 7"], self.bob.reads())
        self.assertEqual(["-- You roll 2d6: 3 + 4 = 7"], self.alice.reads())
        self.assertEqual([6, 6], self.sides)

    def test_one_die_is_enough(self) -> None:
        """It has six sides, if nothing else is said."""
        self.alice.types("/roll", "/roll d20")
        self.assertEqual(["* alice rolls 1d6: 3", "* alice rolls 1d20: 4"], self.bob.reads())
        self.assertEqual([6, 20], self.sides)

    def test_what_are_no_dice_is_refused(self) -> None:
        """With what to type instead; nobody else reads anything."""
        for dice in ("2x6", "0d6", "d1", "100d6", "2d6.5", "-1d6"):
            self.alice.types(f"/roll {dice}")
            self.assertEqual([f"! '{dice}' are no dice. Write 2d6 for two dice with six sides."], self.alice.reads())
        self.assertEqual([], self.bob.reads())

    def test_programs_roll_by_name(self) -> None:
        """And are answered when it is kept."""
        answer = self.robot.asks("roll", dice="3d8", room="lobby")
        self.assertTrue(answer["ok"])
        self.assertEqual(["* robot rolls 3d8: 3 + 4 + 1 = 8"], self.bob.reads())

    def test_dice_are_fair(self) -> None:
        """As far as a test can see: with dice of its own, every side comes up, and no other number."""
        thrown = {fair(3) for _ in range(200)}
        self.assertEqual({1, 2, 3}, thrown)

    def test_the_other_word_works_too(self) -> None:
        """C{/dice} is C{/roll}."""
        self.alice.types("/dice d8")
        self.assertEqual(["* alice rolls 1d8: 3"], self.bob.reads())
