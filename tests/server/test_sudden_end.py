"""
The process ends between one commit and the next, and another one begins on what was kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryStore
from chatroom.events import Event, RoomCreated
from chatroom.testing import Guest, Server

PASSWORD = "correct horse battery"


class SuddenEndCase(SynchronousTestCase):
    """Bob has an account; he and alice stand in the lobby."""

    def setUp(self) -> None:
        self.store = MemoryStore()
        self.server = Server(store=self.store)
        self.alice = self.server.guest("alice")
        self.bob = self.server.account("bob", PASSWORD)

    def crashes(self) -> None:
        """Without a goodbye, as with C{kill -9}; it is started again."""
        self.store.kill("server")
        self.server = Server(store=self.store)

    def logs_in(self) -> Guest:
        """Bob, who comes back."""
        bob = self.server.connection()
        bob.types(f"/login bob {PASSWORD}")
        bob.reads()
        return bob


class PresenceTests(SuddenEndCase):
    """Who is here."""

    def test_nobody_is_here(self) -> None:
        """Nicknames are free, and nobody is in a room."""
        self.crashes()
        alice = self.server.guest("alice")
        alice.types("/who *")
        self.assertIn("(1 person)", "\n".join(alice.reads()))

    def test_room_that_nobody_keeps_is_gone(self) -> None:
        """As with its last member. If it is made again, its numbers go on."""
        program = self.server.program("robot")
        last = program.asks("create", room="den")["last"]
        self.crashes()
        program = self.server.program("robot")
        self.assertEqual("no-such-room", program.asks("join", room="den")["error"])
        self.assertLess(last + 1, program.asks("create", room="den")["last"])


class MissedTests(SuddenEndCase):
    """What was missed by those who could not say goodbye."""

    def missed(self) -> list[str]:
        """What bob missed while alice talked alone."""
        self.crashes()
        alice = self.server.guest("alice")
        alice.types("is bob here?")
        bob = self.logs_in()
        bob.types("/missed")
        return [line.partition("> ")[2] for line in bob.reads() if "> " in line]

    def test_after_signing_up(self) -> None:
        """Though bob has never left a room."""
        self.assertEqual(["is bob here?"], self.missed())

    def test_after_coming_into_a_room(self) -> None:
        """Though bob was never in this one before."""
        self.bob.types("/create den keep")
        self.crashes()
        alice, bob = self.server.guest("alice"), self.logs_in()
        alice.types("/join den", "hello den")
        bob.types("/join den")
        bob.reads()
        bob.types("/missed")
        self.assertIn("<alice> hello den", "\n".join(bob.reads()))

    def test_what_was_read_is_read_again(self) -> None:
        """Rather too much than too little: what was said between coming in and the crash is shown once more."""
        self.bob.disconnects()
        self.bob = self.logs_in()
        self.alice.types("hello bob")
        self.assertEqual(["hello bob", "is bob here?"], self.missed())


class HalfMadeTests(SuddenEndCase):
    """What takes more than one commit."""

    def test_room_without_its_owner(self) -> None:
        """A room that was made, and whose maker was not in it yet, does not stay behind without an owner for ever."""
        keep = self.server.backend.keep

        async def then_crash(batch: Sequence[Event]) -> Any:
            happened = await keep(batch)
            if isinstance(batch[0], RoomCreated):
                self.store.kill("server")
            return happened

        self.patch(self.server.services.batches, "_keep", then_crash)
        self.bob.types("/create den keep")
        self.server = Server(store=self.store)
        bob = self.logs_in()
        bob.types("/create den keep")
        self.assertNotIn("! ", "\n".join(bob.reads()))
        bob.types("/topic mine")
        self.assertNotIn("! ", "\n".join(bob.reads()))

    def test_room_with_its_owner(self) -> None:
        """One that was made to the end stays."""
        self.bob.types("/create den keep")
        self.crashes()
        alice = self.server.guest("alice")
        alice.types("/join den")
        self.assertIn("den", alice.reads()[0])
