"""
SASL EXTERNAL: a client logs in by the TLS certificate that it has presented, with the bytes that both send.
"""

from __future__ import annotations

from base64 import b64encode

from twisted.trial.unittest import SynchronousTestCase

from chatroom.events import ServerRole
from chatroom.limits import OFF, Limits
from chatroom.records import AuditEntry
from chatroom.testing import IrcClient, Server
from tests.doors.certificates import fingerprint, over_tls

PASSWORD = "correct horse"


def numbers(lines: list[str]) -> list[str]:
    """The numbers or words of lines, in order."""
    return [line.split(" ")[1] if line.startswith(":") else line.split(" ")[0] for line in lines]


class ExternalCase(SynchronousTestCase):
    """The account alice has the certificate of a laptop."""

    limits = Limits(talk_rate=OFF)

    def setUp(self) -> None:
        self.server = Server(self.limits)
        self.owner = self.server.account("alice", PASSWORD)
        self.owner.types(f"/cert add {fingerprint('laptop')}")
        self.bob = self.server.guest("bob")
        self.owner.disconnects()
        self.bob.reads()

    def client(self, certificate: str | None = "laptop") -> IrcClient:
        """A client over TLS that has asked for sasl, and wishes to be called alice."""
        client = over_tls(self.server.irc_client(), certificate)
        client.types("CAP LS 302", "CAP REQ :sasl", "NICK alice", "USER alice 0 * :Alice")
        return client

    def logs_in(self, client: IrcClient, name: str = "") -> list[str]:
        """What a client reads that asks for EXTERNAL. @param name: the account, if it names one."""
        client.reads()
        client.types("AUTHENTICATE EXTERNAL", f"AUTHENTICATE {b64encode(name.encode()).decode() or '+'}")
        return numbers(client.reads())


class OfferTests(ExternalCase):
    """Who is offered EXTERNAL."""

    def offer(self, client: IrcClient) -> str:
        """The value of sasl that it reads."""
        words = " ".join(client.reads()).split()
        return next(word for word in words if word.startswith("sasl="))

    def test_who_has_presented_a_certificate(self) -> None:
        """Nobody else could use it: neither over TLS without a certificate nor in plain text."""
        self.assertEqual("sasl=PLAIN,EXTERNAL", self.offer(self.client()))
        self.assertEqual("sasl=PLAIN,EXTERNAL", self.offer(self.client("a certificate of no account")))
        self.assertEqual("sasl=PLAIN", self.offer(self.client(None)))
        plain = self.server.irc_client()
        plain.types("CAP LS 302")
        self.assertEqual("sasl=PLAIN", self.offer(plain))

    def test_mechanisms(self) -> None:
        """Who asks for a mechanism that is not offered reads those that are."""
        for certificate, listed in (("laptop", "PLAIN,EXTERNAL"), (None, "PLAIN")):
            client = self.client(certificate)
            client.reads()
            client.types("AUTHENTICATE SCRAM-SHA-256" if certificate else "AUTHENTICATE EXTERNAL")
            lines = client.reads()
            self.assertEqual(["908", "904"], numbers(lines))
            self.assertIn(f" 908 * {listed} :", lines[0])


class LoginTests(ExternalCase):
    """Before and after a client has a nickname."""

    def test_login(self) -> None:
        """900 and 903 come before 001, nobody sees anybody before, and the client is the account."""
        for name in ("", "alice", "ALICE"):
            client = self.client()
            self.assertEqual(["AUTHENTICATE", "900", "903"], self.logs_in(client, name), name)
            self.assertEqual([], self.bob.reads())
            client.types("CAP END")
            self.assertEqual("001", numbers(client.reads())[0])
            self.assertEqual(["-- alice joined."], self.bob.reads())
            client.types("QUIT")
            self.bob.reads()

    def test_other_mechanism_in_other_case(self) -> None:
        """PLAIN still works for a client with a certificate."""
        client = self.client()
        client.reads()
        client.types("AUTHENTICATE plain", "AUTHENTICATE " + b64encode(f"\0alice\0{PASSWORD}".encode()).decode())
        self.assertEqual(["AUTHENTICATE", "900", "903"], numbers(client.reads()))

    def test_certificate_of_no_account(self) -> None:
        """Who presents another certificate, or names another account, reads 904 and why, and is nobody."""
        self.server.account("carol", PASSWORD).disconnects()
        for certificate, name in (("phone", ""), ("phone", "alice"), ("laptop", "carol"), ("laptop", "nobody")):
            client = self.client(certificate)
            self.assertEqual(["AUTHENTICATE", "904"], self.logs_in(client, name), name)
        client.types("AUTHENTICATE EXTERNAL", "AUTHENTICATE +")
        self.assertEqual(["AUTHENTICATE", "900", "903"], numbers(client.reads()))

    def test_after_connecting(self) -> None:
        """A guest who asks for it later is the account from then on."""
        client = over_tls(self.server.irc_client(), "laptop")
        client.types("CAP REQ :sasl", "NICK guest", "USER guest 0 * :Guest", "CAP END")
        self.assertEqual(["AUTHENTICATE", "900", "903"], [each for each in self.logs_in(client) if each != "NICK"][:3])
        client.types("WHOIS alice")
        self.assertIn("330", numbers(client.reads()))

    def test_nickname_alone(self) -> None:
        """A client that presents the certificate, and knows no SASL, is logged in by its nickname: 900 says so."""
        client = over_tls(self.server.irc_client(), "laptop")
        client.types("NICK alice", "USER alice 0 * :Alice")
        lines = client.reads()
        self.assertEqual("001", numbers(lines)[0])
        self.assertIn("900", numbers(lines))

    def test_identify_alone(self) -> None:
        """IDENTIFY without a password takes the certificate; a client without one is told what it needs."""
        for certificate, answer in (("laptop", "You are logged in as alice."), (None, "Usage: IDENTIFY")):
            client = over_tls(self.server.irc_client(), certificate)
            client.types("NICK guest", "USER guest 0 * :Guest")
            client.reads()
            client.types("PRIVMSG NickServ :IDENTIFY")
            self.assertTrue(any(answer in line for line in client.reads()), certificate)
            client.types("QUIT")

    def test_who_may_not_log_in(self) -> None:
        """The owner of an account that is banned or disabled reads 904 and why."""
        staff = self.server.staff("anna", ServerRole.ADMIN)
        staff.types("/gban alice")
        client = self.client()
        self.assertEqual(["AUTHENTICATE", "904"], self.logs_in(client))
        staff.types("/gunban alice")
        entry = AuditEntry(self.server.now(), "anna", "disable", "alice")
        self.server.finish(self.server.backend.set_disabled("alice", True, entry))
        client.types("AUTHENTICATE EXTERNAL", "AUTHENTICATE +")
        self.assertIn("disabled", client.reads()[-1])

    def test_removed_meanwhile(self) -> None:
        """A certificate that is removed between SASL and the end of registration lets nobody in."""
        client = self.client()
        self.logs_in(client)
        self.server.finish(self.server.backend.drop_certificates("alice", [fingerprint("laptop")]))
        client.types("CAP END")
        self.assertEqual(["464", "ERROR"], numbers(client.reads()))
        self.assertEqual([], self.bob.reads())


class ManyTriesTests(ExternalCase):
    """A program tries one certificate after another."""

    limits = Limits(talk_rate=OFF, login_tries_per_address=20)

    def test_a_thousand(self) -> None:
        """After as many as wrong passwords it has to wait, and the owner of an account logs in all the same."""
        client = self.client("phone")
        client.reads()
        client.types(*["AUTHENTICATE EXTERNAL", "AUTHENTICATE +"] * 1000)
        self.server.wait(60)
        refused = [line for line in client.reads() if " 904 " in line]
        self.assertEqual(1000, len(refused))
        self.assertEqual(20, sum("not one of that account" in line for line in refused))
        self.assertIn("Too many wrong passwords", refused[-1])
        self.assertEqual(["AUTHENTICATE", "900", "903"], self.logs_in(self.client()))


class NickServTests(ExternalCase):
    """CERT, as people know it from other networks."""

    def serves(self, text: str) -> list[str]:
        """What NickServ answers."""
        self.alice.types(f"PRIVMSG NickServ :{text}")
        return [line.partition(" :")[2] for line in self.alice.reads() if line.startswith(":NickServ!")]

    def test_add_list_and_del(self) -> None:
        """CERT ADD takes the certificate of the connection, CERT LIST shows them, CERT DEL removes one."""
        self.alice = over_tls(self.server.irc_client(), "phone")
        self.alice.types(f"PASS :alice:{PASSWORD}", "NICK alice", "USER alice 0 * :Alice")
        phone = fingerprint("phone")
        self.assertEqual([f"This certificate logs in to alice now: {phone}"], self.serves("CERT ADD"))
        self.assertEqual(2, len(self.serves("cert list")))
        self.assertIn("removed", self.serves(f"CERT DEL {phone.upper()}")[0])
        self.assertEqual(1, len(self.serves("CERT LIST")))
        self.assertTrue(any(line.startswith("CERT ADD") for line in self.serves("HELP")))
