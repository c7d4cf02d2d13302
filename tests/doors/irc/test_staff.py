"""
OPER and KILL from IRC clients.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.interfaces import ServerRole
from chatroom.limits import OFF, Limits
from chatroom.testing import Server


class StaffTests(SynchronousTestCase):
    """A moderator, and a guest."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_rate=OFF))
        self.server.account("carol", "correct horse").types("QUIT")
        self.server.promote("carol", ServerRole.MODERATOR)
        self.bob = self.server.irc_client("bob")
        self.guest = self.server.irc_client("visitor")
        self.bob.reads()

    def numbers(self) -> list[str]:
        """The second words of what the guest reads."""
        return [line.split(" ")[1] for line in self.guest.reads()]

    def test_oper_is_a_login(self) -> None:
        """OPER with the password of a moderator logs in as that one, who can disconnect people then."""
        self.guest.types("OPER carol :correct horse")
        lines = self.guest.reads()
        self.assertIn(":chatroom 381 carol :You keep order on this server.", lines)
        self.assertIn(":carol!~carol@carol.chatroom MODE carol +o", lines)
        self.guest.types("KILL bob :enough")
        self.assertTrue(self.bob.is_disconnected())
        self.guest.types("KILL nobody :enough")
        self.assertIn("401", self.numbers())

    def test_others_are_no_operators(self) -> None:
        """A wrong password is 464, an account without a role 491, and nobody without a role disconnects anybody."""
        self.server.account("dave", "correct horse").types("QUIT")
        self.guest.reads()
        self.guest.types("OPER carol wrong", "KILL bob :enough")
        self.assertEqual(["464", "481"], self.numbers())
        self.guest.types("OPER dave :correct horse")
        self.assertIn("491", self.numbers())
        self.assertFalse(self.bob.is_disconnected())
