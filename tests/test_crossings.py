"""
Wishes that cross: what somebody asks for while what another asked for is still being kept, or while a password is
being hashed. Neither may undo the other.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.slow import SlowHouse


class SentOutTests(SynchronousTestCase):
    """Somebody is sent out of a room and takes another name at the same moment."""

    def setUp(self) -> None:
        """Alice owns the den; eve, a guest, is in it."""
        self.house = SlowHouse()
        self.alice = self.house.account("alice")
        self.alice.types("/create den")
        self.eve = self.house.guest("eve")
        self.eve.types("/join den")
        self.eve.reads()
        self.alice.reads()

    def test_who_is_kicked_is_not_in_again_by_another_name(self) -> None:
        """What they say is not heard there, and the room is not told of the new name."""
        self.house.slow.busy = True
        self.alice.types("/kick eve")
        self.eve.types("/nick mallory")
        self.house.catches_up()
        self.eve.types("hello")
        self.assertEqual(
            ["eve is out of den.", "[lobby] -- eve is now called mallory.", "[lobby] <mallory> hello"],
            self.alice.reads(),
        )
        self.alice.types("/who")
        self.assertEqual(["In den (1 person): alice (owner)"], self.alice.reads())

    def test_who_is_banned_is_not_in_again_by_another_spelling(self) -> None:
        """The ban holds for the name in any letter case."""
        self.house.slow.busy = True
        self.alice.types("/ban eve")
        self.eve.types("/nick EVE")
        self.house.catches_up()
        self.alice.reads()
        self.alice.types("/who")
        self.assertEqual(["In den (1 person): alice (owner)"], self.alice.reads())
        self.eve.types("/join den")
        self.assertEqual("! You are banned from den for good.", self.eve.reads()[-1])
