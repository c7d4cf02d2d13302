"""
A room with an owner, and two members.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Guest, Server


class Attic(SynchronousTestCase):
    """Alice owns the attic; bob and carol are in it."""

    def setUp(self) -> None:
        """All have read everything."""
        self.server = Server()
        self.alice, self.bob, self.carol = (self.server.guest(nick) for nick in ("alice", "bob", "carol"))
        self.alice.types("/create attic")
        self.bob.types("/join attic")
        self.carol.types("/join attic")
        for guest in (self.alice, self.bob, self.carol):
            guest.reads()

    def answer(self, guest: Guest, typed: str) -> str:
        """The one line that comes when this is typed."""
        guest.reads()
        guest.types(typed)
        (line,) = guest.reads()
        return line

    def answers(self, guest: Guest, typed: str) -> list[str]:
        """The lines that come when this is typed."""
        guest.reads()
        guest.types(typed)
        return guest.reads()
