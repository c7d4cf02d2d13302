"""
OPER, KILL and WALLOPS from IRC clients.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.interfaces import ServerRole
from chatroom.limits import OFF, Limits
from chatroom.testing import IrcClient, Server

OPER = "OPER carol :correct horse"


class StaffTests(SynchronousTestCase):
    """A moderator, and a guest."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_rate=OFF, work_rate=OFF))
        self.server.account("carol", "correct horse").types("QUIT")
        self.server.promote("carol", ServerRole.MODERATOR)
        self.bob = self.server.irc_client("bob")
        self.guest = self.server.irc_client("visitor")
        self.bob.reads()

    def answers(self, client: IrcClient, *lines: str) -> list[str]:
        """What a client reads when it sends these."""
        client.reads()
        client.types(*lines)
        return client.reads()

    def numbers(self, *lines: str) -> list[str]:
        """The second words of what the guest reads then."""
        return [line.split(" ")[1] for line in self.answers(self.guest, *lines)]

    def test_oper_keeps_the_nickname(self) -> None:
        """OPER with the password of a moderator makes an operator of the client, which keeps its nickname."""
        lines = self.answers(self.guest, OPER)
        self.assertEqual(
            [
                ":chatroom 381 visitor :You keep order on this server.",
                ":visitor!~visitor@visitor.chatroom MODE visitor +o",
            ],
            lines,
        )
        self.assertEqual([":chatroom 221 visitor +io"], self.answers(self.guest, "MODE visitor"))
        self.guest.types("KILL bob :enough")
        self.assertTrue(self.bob.is_disconnected())
        self.assertIn("401", self.numbers("KILL nobody :enough"))

    def test_mode_gives_it_up(self) -> None:
        """MODE -o on oneself ends it; MODE +o makes nobody an operator."""
        self.guest.types(OPER)
        self.assertEqual(
            [":visitor!~visitor@visitor.chatroom MODE visitor -o"], self.answers(self.guest, "MODE visitor -o")
        )
        self.assertEqual(["481"], self.numbers("KILL bob :enough"))
        self.assertEqual(["481"], self.numbers("MODE visitor -o"))
        self.assertEqual(["221"], self.numbers("MODE visitor +o", "MODE visitor"))
        self.assertEqual(["481"], self.numbers("KILL bob :enough"))

    def test_role_of_ones_own_account(self) -> None:
        """A person who is that account is an operator already, and a role of one's own stays."""
        carol = self.server.irc_client()
        carol.types("PASS :carol:correct horse", "NICK carol", "USER carol 0 * :Carol")
        self.assertIn("381", [line.split(" ")[1] for line in self.answers(carol, "OPER carol whatever")])
        self.assertIn("481", [line.split(" ")[1] for line in self.answers(carol, "MODE carol -o")])

    def test_client_is_told_of_the_end(self) -> None:
        """Where the account loses its role, the client reads why, and that it is no operator any more."""
        self.guest.types(OPER)
        ada = self.server.staff("ada", ServerRole.ADMIN)
        self.guest.reads()
        ada.types("/demote carol")
        lines = self.guest.reads()
        self.assertTrue(
            lines[-2].endswith(":carol cannot lend you its role any more. You no longer act as carol."), lines
        )
        self.assertEqual(":visitor!~visitor@visitor.chatroom MODE visitor -o", lines[-1])

    def test_mark_for_others(self) -> None:
        """WHO and WHOIS of other clients have the mark of an operator, under each nickname of the client."""
        self.guest.types(OPER, "NICK caller")
        (row, _) = self.answers(self.bob, "WHO caller")
        self.assertIn(" caller H* ", row)
        self.assertIn(":chatroom 313 bob caller :is a moderator of this server", self.answers(self.bob, "WHOIS caller"))

    def test_others_are_no_operators(self) -> None:
        """A wrong password is 464, an account without a role 491, and nobody without a role disconnects anybody."""
        self.server.account("dave", "correct horse").types("QUIT")
        self.guest.reads()
        self.assertEqual(["464", "481"], self.numbers("OPER carol wrong", "KILL bob :enough"))
        self.assertIn("491", self.numbers("OPER dave :correct horse"))
        self.assertFalse(self.bob.is_disconnected())

    def test_wallops(self) -> None:
        """WALLOPS reaches staff, who read the nickname, and the account that lends the role; 481 for others."""
        ada = self.server.irc_client("ada")
        self.server.account("eve", "correct horse").types("QUIT")
        self.server.promote("eve", ServerRole.ADMIN)
        ada.types("OPER eve :correct horse")
        self.guest.types(OPER)
        ada.reads()
        self.assertEqual([], self.answers(self.guest, "WALLOPS :look at #den"))
        self.assertEqual([":visitor!~visitor@visitor.chatroom WALLOPS :(as carol) look at #den"], ada.reads())
        self.assertEqual([], [line for line in self.bob.reads() if "WALLOPS" in line])
        self.assertEqual(["481"], [line.split(" ")[1] for line in self.answers(self.bob, "WALLOPS :hi")])
        self.assertEqual(["461"], self.numbers("WALLOPS"))

    def test_long_wallops_is_several_lines(self) -> None:
        """What is longer than a line of IRC is read in several."""
        self.guest.types(OPER)
        teller = self.server.connection()
        teller.types("carol", "correct horse", "/wallops " + "word " * 200)
        lines = [line for line in self.guest.reads() if " WALLOPS " in line]
        self.assertEqual(200, sum(line.count("word") for line in lines))
        self.assertEqual([], [line for line in lines if len(line.encode()) > 510])
        self.assertGreater(len(lines), 1)
