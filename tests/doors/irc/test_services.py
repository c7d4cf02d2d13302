"""
NickServ and its like, and our own commands from IRC clients.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import OFF, Limits
from chatroom.testing import Server


class ServiceTests(SynchronousTestCase):
    """NickServ and its like, which nobody can be."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_rate=OFF))
        self.alice = self.server.irc_client("alice", "account-notify")

    def serves(self, text: str) -> list[str]:
        """What NickServ answers."""
        self.alice.types(f"PRIVMSG NickServ :{text}")
        return [line.partition(" :")[2] for line in self.alice.reads() if line.startswith(":NickServ!")]

    def test_register_and_identify(self) -> None:
        """A guest registers, and identifies on another connection; those around read that it is an account."""
        bob = self.server.irc_client("bob", "account-notify")
        self.alice.reads()
        self.assertIn(
            "alice is now your account; its password is asked for from now on.", self.serves("REGISTER secret words")
        )
        self.assertIn(":alice!~alice@alice.chatroom ACCOUNT alice", bob.reads())
        self.alice.types("QUIT")
        bob.reads()
        self.alice = self.server.irc_client("alice_")
        self.assertEqual(["Wrong nickname or password."], self.serves("IDENTIFY alice wrong"))
        self.alice.types("PRIVMSG NickServ :IDENTIFY alice secret words")
        lines = self.alice.reads()
        self.assertIn(":alice_!~alice_@alice_.chatroom NICK alice", lines)
        self.assertTrue(any(" 900 alice " in line for line in lines), lines)
        self.assertIn(":alice_!~alice_@alice_.chatroom NICK alice", bob.reads())

    def test_short_passwords(self) -> None:
        """What our command refuses is refused by NickServ with the same sentence."""
        self.assertIn("at least 8 characters", self.serves("REGISTER tea")[0])

    def test_nobody_is_a_service(self) -> None:
        """No guest can take the nickname of a service, from whatever door."""
        person = self.server.connection()
        person.types("NickServ")
        self.assertTrue(any("reserved" in line for line in person.reads()))

    def test_help(self) -> None:
        """HELP names the words, and a word that is none is answered."""
        self.assertTrue(any(line.startswith("REGISTER") for line in self.serves("HELP")))
        self.assertEqual(["There is no command NONSENSE. To see what there is, send HELP."], self.serves("NONSENSE"))

    def test_our_own_commands(self) -> None:
        """A word that IRC does not know is a command of ours, and what nobody knows is 421."""
        self.alice.types("JOIN #tea", "TOPIC #tea :leaves")
        self.alice.reads()
        self.alice.types("rooms")
        self.assertIn(":chatroom NOTICE alice :tea: 1 person (you are in it). leaves", self.alice.reads())
        self.alice.types("nonsense")
        self.assertIn(" 421 alice NONSENSE :", self.alice.reads()[0])
