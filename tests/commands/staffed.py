"""
A server with staff, and people whom the staff may act on.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.interfaces import ServerRole
from chatroom.limits import Limits
from chatroom.testing import Guest, Server


class Staffed(SynchronousTestCase):
    """Ada is an admin, mia a moderator, dora has an account, and bob is a guest."""

    limits = Limits()

    def setUp(self) -> None:
        """All have read everything."""
        self.server = Server(self.limits)
        self.ada = self.server.staff("ada", ServerRole.ADMIN, address="192.0.2.1")
        self.mia = self.server.staff("mia", address="192.0.2.2")
        self.dora = self.server.account("dora", address="192.0.2.3")
        self.bob = self.server.guest("bob", address="192.0.2.4")
        self.clear()

    def clear(self) -> None:
        """All have read everything."""
        for guest in (self.ada, self.mia, self.dora, self.bob):
            guest.reads()

    def answers(self, guest: Guest, typed: str) -> list[str]:
        """What comes when this is typed."""
        guest.reads()
        guest.types(typed)
        return guest.reads()

    def answer(self, guest: Guest, typed: str) -> str:
        """The one line that comes when this is typed."""
        (line,) = self.answers(guest, typed)
        return line
