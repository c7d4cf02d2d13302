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
from chatroom.testing import Server
from tests.daemon.slow import SlowServer


class SentOutTests(SynchronousTestCase):
    """Somebody is sent out of a room and takes another name at the same moment."""

    def setUp(self) -> None:
        """Alice owns the den; eve, a guest, is in it."""
        self.server = SlowServer()
        self.alice = self.server.account("alice")
        self.alice.types("/create den")
        self.eve = self.server.guest("eve")
        self.eve.types("/join den")
        self.eve.reads()
        self.alice.reads()

    def test_who_is_kicked_is_not_in_again_by_another_name(self) -> None:
        """What they say is not heard there, and the room is not told of the new name."""
        self.server.slow.busy = True
        self.alice.types("/kick eve")
        self.eve.types("/nick mallory")
        self.server.catches_up()
        self.eve.types("hello", "hello")
        self.assertEqual(
            ["Kicked eve from den.", "[lobby] -- eve is now called mallory.", "[lobby] <mallory> hello"],
            self.alice.reads(),
        )
        self.alice.types("/who")
        self.assertEqual(["In den (1 person): alice (owner)"], self.alice.reads())

    def test_who_is_banned_is_not_in_again_by_another_spelling(self) -> None:
        """The ban holds for the name in any letter case."""
        self.server.slow.busy = True
        self.alice.types("/ban eve")
        self.eve.types("/nick EVE")
        self.server.catches_up()
        self.alice.reads()
        self.alice.types("/who")
        self.assertEqual(["In den (1 person): alice (owner)"], self.alice.reads())
        self.eve.types("/join den")
        self.assertEqual("! You are banned from den forever. You are still in lobby.", self.eve.reads()[-1])


class Patience:
    """
    In the place of something that is waited for: it begins when the test says so, and from then on at once.
    """

    def __init__(self, server: Server, work: Callable[..., Coroutine[Any, Any, Any]]) -> None:
        self._server = server
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
        self._server.settle()


class DoorTests(SynchronousTestCase):
    """What is true when a command begins need not be so any more when it has waited for something."""

    def setUp(self) -> None:
        """Alice owns the den, in which bob is an operator by two connections."""
        self.server = Server()
        self.alice, self.bob = self.server.account("alice"), self.server.account("bob")
        self.again = self.server.connection()
        self.again.types("/login bob correct horse battery")
        self.alice.types("/create den")
        self.bob.types("/join den")
        self.alice.types("/op bob")
        for guest in (self.alice, self.bob, self.again):
            guest.reads()

    def slow(self, where: object, name: str) -> Patience:
        """Let this take its time."""
        patience = Patience(self.server, getattr(where, name))
        self.patch(where, name, patience)
        return patience

    def test_operator_no_more_while_the_password_is_hashed(self) -> None:
        """Does not lock the room."""
        hashing = self.slow(self.server.services.entrance, "room_hash")
        self.bob.types("/password open sesame")
        self.alice.types("/deop bob")
        hashing.ends()
        self.assertEqual("! Only operators of den can use /password.", self.bob.reads()[0])
        self.assertEqual(["bob no longer has a role in den."], self.alice.reads())

    def test_room_is_gone_while_the_password_is_hashed(self) -> None:
        """It does not come back as one that nobody can close."""
        hashing = self.slow(self.server.services.entrance, "room_hash")
        self.alice.types("/leave den")
        self.bob.types("/password open sesame")
        self.again.types("/leave den")
        hashing.ends()
        self.assertIn(
            "! There is no room called den. /rooms lists the rooms, /create den creates it.", self.bob.reads()
        )
        self.assertEqual(["lobby"], list(self.server.services.chat.state.rooms))

    def test_operator_no_more_while_an_account_is_looked_up(self) -> None:
        """Invites nobody."""
        self.server.account("carol").disconnects()
        looking = self.slow(self.server.backend, "account")
        self.bob.types("/invite carol")
        self.alice.types("/deop bob")
        looking.ends()
        self.assertIn("! Only operators of den can use /invite.", self.bob.reads())
        self.assertEqual(set(), self.server.services.chat.state.rooms["den"].invited)

    def test_another_password_while_the_old_one_is_checked(self) -> None:
        """Opens no door."""
        carol = self.server.guest("carol")
        self.alice.types("/password open sesame")
        checking = self.slow(self.server.services.entrance, "check_room")
        carol.types("/join den open sesame")
        self.alice.types("/password another one")
        checking.ends()
        self.assertEqual(["! Access to den has just changed. Try again. You are still in lobby."], carol.reads())

    def test_sent_out_while_coming_in(self) -> None:
        """Reads by whom, and that this was it."""
        carol = self.server.account("carol")
        carol.reads()
        marks = self.slow(self.server.backend, "marks")
        carol.types("/join den")
        self.alice.types("/kick carol")
        marks.ends()
        self.assertEqual(
            [
                "-- alice kicked you from den. /join den lets you return.",
                "! You have already been removed from den. You are still in lobby.",
                "-- Current room: lobby.",
            ],
            carol.reads(),
        )

    def test_room_is_closed_while_coming_in(self) -> None:
        """As it is for whoever was in it before."""
        mia, carol = self.server.staff("mia"), self.server.account("carol")
        carol.reads()
        marks = self.slow(self.server.backend, "marks")
        carol.types("/join den")
        mia.types("/close den")
        marks.ends()
        self.assertEqual(
            [
                "-- mia kicked you from den: the room was closed",
                "! You have already been removed from den. You are still in lobby.",
                "-- Current room: lobby.",
            ],
            carol.reads()[-3:],
        )
        self.assertEqual(["lobby"], list(self.server.services.chat.state.rooms))

    def test_session_is_ended_while_coming_in(self) -> None:
        """It is ended all the same: whoever knew the old password is out."""
        stranger = self.server.connection()
        marks = self.slow(self.server.backend, "marks")
        stranger.types("/login alice correct horse battery")
        self.alice.types("/session revoke all")
        marks.ends()
        self.assertEqual("-- This session has ended.", stranger.reads()[-1])
        self.assertTrue(stranger.is_disconnected())


class AccountTests(SynchronousTestCase):
    """Two connections of one account change it at the same moment."""

    def test_new_password_stays_when_the_name_is_spelt_anew(self) -> None:
        """It opens the account, and the old one does not any more; the name is as it was typed."""
        server = SlowServer()
        alice, again = server.account("alice", "correct horse battery"), server.connection()
        again.types("/login alice correct horse battery")
        server.slow.busy = True
        alice.types("/nick ALICE")
        again.types("/passwd")
        again.types("correct horse battery", "staple of the server", "staple of the server")
        server.catches_up()
        alice.disconnects()
        again.disconnects()
        stranger = server.connection()
        stranger.types("/login alice correct horse battery")
        self.assertTrue(stranger.reads()[-1].startswith("! Wrong nickname or password"))
        stranger.types("/login alice staple of the server")
        self.assertIn("Logged in as ALICE.", stranger.reads())

    def test_password_that_another_has_changed_is_not_changed_again(self) -> None:
        """Whoever was faster has the account; the other is told so."""
        server = SlowServer()
        alice, entrance = server.account("alice", "correct horse battery"), server.services.entrance
        new_hash = entrance.new_hash

        async def slow(password: str, asker: Asker) -> str:
            await server.backend.change_account("alice", password=await new_hash("mine from now on", Asker()))
            return await new_hash(password, asker)

        self.patch(entrance, "new_hash", slow)
        alice.types("/passwd")
        alice.types("correct horse battery", "staple of the server", "staple of the server")
        self.assertEqual("! Your password was changed in the meantime.", alice.reads()[-2])
        shell = Control(server.services, server.hub).password("alice", "staple of the server")
        self.failureResultOf(Deferred.fromCoroutine(shell), NotAllowed)
        stranger = server.connection()
        stranger.types("/login alice staple of the server")
        self.assertEqual("! Wrong nickname or password.", stranger.reads()[-1])
        stranger.types("/login alice mine from now on")
        self.assertIn("Logged in as alice.", stranger.reads())

    def test_who_is_disabled_while_coming_in_is_not_in(self) -> None:
        """Their session ended before anybody could be let go by it."""
        server = SlowServer()
        server.account("alice", "correct horse battery").disconnects()
        server.settle()
        alice = server.connection()
        server.slow.busy = True
        alice.types("/login alice correct horse battery")
        disabling = Deferred.fromCoroutine(Control(server.services, server.hub).disable("alice"))
        server.catches_up()
        self.successResultOf(disabling)
        self.assertEqual("-- This session has ended.", alice.reads()[-1])
        self.assertNotIn("alice", server.services.chat.state.people)
