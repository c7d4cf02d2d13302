"""
Wishes that cross: what somebody asks for while what another asked for is still being kept, or while a password is
being hashed. Neither may undo the other.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.control.control import Control
from chatroom.errors import NotAllowed
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


class AccountTests(SynchronousTestCase):
    """Two connections of one account change it at the same moment."""

    def test_new_password_stays_when_the_name_is_spelt_anew(self) -> None:
        """It opens the account, and the old one does not any more; the name is as it was typed."""
        house = SlowHouse()
        alice, again = house.account("alice", "correct horse battery"), house.connection()
        again.types("/login alice correct horse battery")
        house.slow.busy = True
        alice.types("/nick ALICE")
        again.types("/passwd")
        again.types("correct horse battery", "staple of the house", "staple of the house")
        house.catches_up()
        alice.disconnects()
        again.disconnects()
        stranger = house.connection()
        stranger.types("/login alice correct horse battery")
        self.assertTrue(stranger.reads()[-1].startswith("! That name and that password"))
        stranger.types("/login alice staple of the house")
        self.assertIn("Registration successful. Welcome back, ALICE.", stranger.reads())

    def test_password_that_another_has_changed_is_not_changed_again(self) -> None:
        """Whoever was faster has the account; the other is told so."""
        house = SlowHouse()
        alice, entrance = house.account("alice", "correct horse battery"), house.hub.entrance
        new_hash = entrance.new_hash

        async def slow(password: str, address: str) -> str:
            await house.backend.change_account("alice", password=await new_hash("mine from now on", ""))
            return await new_hash(password, address)

        self.patch(entrance, "new_hash", slow)
        alice.types("/passwd")
        alice.types("correct horse battery", "staple of the house", "staple of the house")
        self.assertEqual("! Your password has been changed meanwhile, and not to this one.", alice.reads()[-1])
        shell = Control(house.hub).password("alice", "staple of the house")
        self.failureResultOf(Deferred.fromCoroutine(shell), NotAllowed)
        stranger = house.connection()
        stranger.types("/login alice staple of the house")
        self.assertEqual("! That name and that password do not belong together.", stranger.reads()[-1])
        stranger.types("/login alice mine from now on")
        self.assertIn("Registration successful. Welcome back, alice.", stranger.reads())
