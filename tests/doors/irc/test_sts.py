"""
STS: what IRC clients are told of TLS, by how they are connected.
"""

from __future__ import annotations

from twisted.internet.address import UNIXAddress
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.sts import StsPolicy
from chatroom.doors.proxied import ProxiedFactory
from chatroom.testing import IrcClient, Server
from chatroom.testing.people import FakeTransport
from tests.doors.certificates import over_tls


class StsTests(SynchronousTestCase):
    """A server that speaks TLS at port 6697, and tells clients to go on with it for a day."""

    def setUp(self) -> None:
        self.server = Server()
        self.server.irc.sts = StsPolicy(6697, 86400)

    def told(self, client: IrcClient, version: str = "302") -> list[str]:
        """What a client reads of STS."""
        client.types(f"CAP LS {version}".rstrip())
        return [word for word in " ".join(client.reads()).replace(":", " ").split() if word.startswith("sts")]

    def test_plain_text(self) -> None:
        """Without TLS, a client reads the port where it is spoken, and no duration."""
        self.assertEqual(["sts=port=6697"], self.told(self.server.irc_client()))

    def test_over_tls(self) -> None:
        """Over TLS, a client reads for how long it has to use it, and no port."""
        self.assertEqual(["sts=duration=86400"], self.told(over_tls(self.server.irc_client())))

    def test_older_clients(self) -> None:
        """A client that reads no values of capabilities is told nothing, as the name alone says nothing."""
        for version in ("", "301"):
            self.assertEqual([], self.told(self.server.irc_client(), version))
        self.assertEqual([], self.told(over_tls(self.server.irc_client()), ""))

    def test_nobody_asks_for_it(self) -> None:
        """To ask for it, or to leave it, is refused with all else in the same line; it is in no list of what is on."""
        client = self.server.irc_client()
        client.types("CAP LS 302", "CAP REQ :sts", "CAP REQ :-sts", "CAP REQ :sts server-time", "CAP LIST")
        *_, first, second, third, listed = client.reads()
        said = [line.replace(" :", " ") for line in (first, second, third, listed)]
        refused = [f":chatroom CAP * NAK {asked}" for asked in ("sts", "-sts", "sts server-time")]
        self.assertEqual([*refused, ":chatroom CAP * LIST cap-notify"], said)

    def test_duration_0(self) -> None:
        """Clients are told to forget it over TLS, and nothing without."""
        self.server.irc.sts = StsPolicy(6697, 0)
        self.assertEqual(["sts=duration=0"], self.told(over_tls(self.server.irc_client())))
        self.assertEqual([], self.told(self.server.irc_client()))

    def test_by_default(self) -> None:
        """A server that was not set up for it says nothing."""
        self.server.irc.sts = None
        for client in (self.server.irc_client(), over_tls(self.server.irc_client())):
            self.assertEqual([], self.told(client))

    def test_behind_a_proxy(self) -> None:
        """Where TLS may end at a proxy, a client that uses it would be sent to another port: it is told nothing."""
        factory = ProxiedFactory(self.server.factory, self.server.clock)
        protocol = factory.buildProtocol(None)
        transport = FakeTransport("127.0.0.1", protocol)
        protocol.makeConnection(transport)
        protocol.dataReceived(b"PROXY TCP4 192.0.2.1 127.0.0.1 1000 6667\r\nCAP LS 302\r\n")
        self.server.settle()
        answer = transport.value()
        self.assertIn(b"CAP * LS", answer)
        self.assertNotIn(b"sts", answer)
        client = self.server.irc_client()
        client.transport.peerAddr = UNIXAddress("chat.sock")
        self.assertEqual([], self.told(client))
