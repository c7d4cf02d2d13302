"""
IRC clients at an upgrade: they stay connected, and nothing that they have agreed on is lost.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Server


class IrcTests(SynchronousTestCase):
    """A client whose server is replaced by another process."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")

    def test_nobody_notices(self) -> None:
        """A client talks, hears and watches as before, in the form that it has asked for."""
        alice = self.server.irc_client("alice", "message-tags", "echo-message")
        alice.types("JOIN #tea", "MONITOR + carol")
        alice.reads()
        self.bob.reads()
        server = self.server.upgraded()
        alice.types("PRIVMSG #lobby :hello", "WHO #tea")
        lines = alice.reads()
        self.assertIn("@msgid=lobby-4 :alice!~alice@alice.chatroom PRIVMSG #lobby :hello", lines)
        self.assertIn(":chatroom 352 alice #tea ~alice alice.chatroom chatroom alice H@ :0 Alice", lines)
        self.assertEqual(["<alice> hello"], self.bob.reads())
        server.guest("carol")
        self.assertIn(":chatroom 730 alice carol!~carol@carol.chatroom", alice.reads())
        self.bob.types("/me waves")
        self.assertIn("\x01ACTION waves\x01", alice.reads()[-1])

    def test_in_the_middle_of_registration(self) -> None:
        """What a client has said before it is somebody is not asked for again."""
        client = self.server.irc_client()
        client.types("CAP LS 302", "CAP REQ :server-time", "NICK alice")
        client.reads()
        self.server.upgraded()
        client.types("USER alice 0 * :Alice", "CAP END")
        self.assertEqual(":chatroom 001 alice :", client.reads()[0][:21])

    def test_first_line_that_waits(self) -> None:
        """A client that has sent NICK and nothing else is known when USER comes, in the other process."""
        client = self.server.irc_client()
        client.types("NICK alice")
        self.server.upgraded()
        client.types("USER alice 0 * :Alice")
        self.assertEqual(":chatroom 001 alice :", client.reads()[0][:21])
