"""
Wishes that cross: what somebody asks for while what another asked for is still being kept, or while a password is
being hashed. Neither may undo the other.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.control.control import Control
from chatroom.errors import NotAllowed
from chatroom.interfaces import Asker
from chatroom.testing import House
from tests.daemon.slow import SlowHouse


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
        self.eve.types("hello", "hello")
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
        self.assertEqual("! You are banned from den for good. You are still in lobby.", self.eve.reads()[-1])


class Patience:
    """
    In the place of something that is waited for: it begins when the test says so, and from then on at once.
    """

    def __init__(self, house: House, work: Callable[..., Coroutine[Any, Any, Any]]) -> None:
        self._house = house
        self._work = work
        self._waiting: list[Deferred[None]] = []
        self._over = False

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._over:
            waiting: Deferred[None] = Deferred()
            self._waiting.append(waiting)
            await waiting
        return await self._work(*args, **kwargs)

    def ends(self) -> None:
        """Let all who wait go on."""
        assert self._waiting, "nobody waits"
        self._over = True
        for each in self._waiting:
            each.callback(None)
        self._house.settle()


class DoorTests(SynchronousTestCase):
    """What is true when a command begins need not be so any more when it has waited for something."""

    def setUp(self) -> None:
        """Alice owns the den, in which bob is an operator by two connections."""
        self.house = House()
        self.alice, self.bob = self.house.account("alice"), self.house.account("bob")
        self.again = self.house.connection()
        self.again.types("/login bob correct horse battery")
        self.alice.types("/create den")
        self.bob.types("/join den")
        self.alice.types("/op bob")
        for guest in (self.alice, self.bob, self.again):
            guest.reads()

    def slow(self, where: object, name: str) -> Patience:
        """Let this take its time."""
        patience = Patience(self.house, getattr(where, name))
        self.patch(where, name, patience)
        return patience

    def test_operator_no_more_while_the_password_is_hashed(self) -> None:
        """Does not lock the room."""
        hashing = self.slow(self.house.hub.entrance, "room_hash")
        self.bob.types("/password open sesame")
        self.alice.types("/deop bob")
        hashing.ends()
        self.assertEqual("! In den, /password is for operators.", self.bob.reads()[0])
        self.assertEqual(["bob is a member of den now."], self.alice.reads())

    def test_room_is_gone_while_the_password_is_hashed(self) -> None:
        """It does not come back as one that nobody can close."""
        hashing = self.slow(self.house.hub.entrance, "room_hash")
        self.alice.types("/leave den")
        self.bob.types("/password open sesame")
        self.again.types("/leave den")
        hashing.ends()
        self.assertIn("! There is no room called den. /rooms lists them, /create den makes it.", self.bob.reads())
        self.assertEqual(["lobby"], list(self.house.hub.chat.rooms))

    def test_operator_no_more_while_an_account_is_looked_up(self) -> None:
        """Invites nobody."""
        self.house.account("carol").disconnects()
        looking = self.slow(self.house.backend, "account")
        self.bob.types("/invite carol")
        self.alice.types("/deop bob")
        looking.ends()
        self.assertIn("! In den, /invite is for operators.", self.bob.reads())
        self.assertEqual(set(), self.house.hub.chat.rooms["den"].invited)

    def test_another_password_while_the_old_one_is_checked(self) -> None:
        """Opens no door."""
        carol = self.house.guest("carol")
        self.alice.types("/password open sesame")
        checking = self.slow(self.house.hub.entrance, "check_room")
        carol.types("/join den open sesame")
        self.alice.types("/password another one")
        checking.ends()
        self.assertEqual(["! The door of den has changed just now. Try again. You are still in lobby."], carol.reads())

    def test_sent_out_while_coming_in(self) -> None:
        """Reads by whom, and that this was it."""
        carol = self.house.account("carol")
        carol.reads()
        marks = self.slow(self.house.backend, "marks")
        carol.types("/join den")
        self.alice.types("/kick carol")
        marks.ends()
        self.assertEqual(
            [
                "-- alice sent carol out of the room.",
                "! You are out of den again already. You are still in lobby.",
                "-- You are looking at lobby now.",
            ],
            carol.reads(),
        )

    def test_room_is_closed_while_coming_in(self) -> None:
        """As it is for whoever was in it before."""
        mia, carol = self.house.staff("mia"), self.house.account("carol")
        carol.reads()
        marks = self.slow(self.house.backend, "marks")
        carol.types("/join den")
        mia.types("/close den")
        marks.ends()
        self.assertEqual(
            [
                "-- mia sent carol out of the room: the room is closed",
                "! You are out of den again already. You are still in lobby.",
                "-- You are looking at lobby now.",
            ],
            carol.reads()[-3:],
        )
        self.assertEqual(["lobby"], list(self.house.hub.chat.rooms))

    def test_session_is_ended_while_coming_in(self) -> None:
        """It is ended all the same: whoever knew the old password is out."""
        stranger = self.house.connection()
        marks = self.slow(self.house.backend, "marks")
        stranger.types("/login alice correct horse battery")
        self.alice.types("/session revoke all")
        marks.ends()
        self.assertEqual("-- This session has ended.", stranger.reads()[-1])
        self.assertTrue(stranger.is_disconnected())


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

        async def slow(password: str, asker: Asker) -> str:
            await house.backend.change_account("alice", password=await new_hash("mine from now on", Asker()))
            return await new_hash(password, asker)

        self.patch(entrance, "new_hash", slow)
        alice.types("/passwd")
        alice.types("correct horse battery", "staple of the house", "staple of the house")
        self.assertEqual("! Your password has been changed meanwhile, and not to this one.", alice.reads()[-2])
        shell = Control(house.hub).password("alice", "staple of the house")
        self.failureResultOf(Deferred.fromCoroutine(shell), NotAllowed)
        stranger = house.connection()
        stranger.types("/login alice staple of the house")
        self.assertEqual("! That name and that password do not belong together.", stranger.reads()[-1])
        stranger.types("/login alice mine from now on")
        self.assertIn("Registration successful. Welcome back, alice.", stranger.reads())

    def test_who_is_disabled_while_coming_in_is_not_in(self) -> None:
        """Their session ended before anybody could be let go by it."""
        house = SlowHouse()
        house.account("alice", "correct horse battery").disconnects()
        house.settle()
        alice = house.connection()
        house.slow.busy = True
        alice.types("/login alice correct horse battery")
        disabling = Deferred.fromCoroutine(Control(house.hub).disable("alice"))
        house.catches_up()
        self.successResultOf(disabling)
        self.assertEqual("-- This session has ended.", alice.reads()[-1])
        self.assertNotIn("alice", house.hub.chat.people)
