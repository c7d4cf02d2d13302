"""
Certificates that clients present, through real TLS in memory: which are taken, and where clients are asked for one.
"""

from __future__ import annotations

import ssl
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from OpenSSL import SSL
from twisted.trial.unittest import SynchronousTestCase

from chatroom.admin.cert import make_pair, write_pair
from chatroom.daemon.tls import Certificates
from chatroom.testing import Server
from tests.daemon.secrecy import TODAY, SecretGuest, put_pair

PASSWORD = "correct horse battery"


class PresentedTests(SynchronousTestCase):
    """A server over TLS, where alice has an account, and a client that presents a certificate."""

    def setUp(self) -> None:
        self.folder, self.own = Path(self.mktemp()), Path(self.mktemp())
        put_pair(self.folder, "chat.example")
        put_pair(self.own, "laptop")
        self.server = Server()
        self.server.account("alice", PASSWORD).disconnects()

    def guest(self, own: Path | None = None, asks: bool = True, latest: int = SSL.TLS1_3_VERSION) -> SecretGuest:
        """Somebody who has connected. @param own: the folder of their certificate."""
        return SecretGuest(self.server, Certificates(str(self.folder), asks), presents=own, latest=latest)

    def fingerprint(self, own: Path) -> str:
        """As openssl would say it."""
        first = (own / "cert.pem").read_text().partition("-----END CERTIFICATE-----")
        return sha256(ssl.PEM_cert_to_DER_cert("".join(first[:2]))).hexdigest()

    def added(self, guest: SecretGuest) -> list[str]:
        """What alice reads who adds the certificate of her connection."""
        guest.types(f"/login alice {PASSWORD}")
        guest.reads()
        guest.types("/cert add")
        return list(guest.reads())

    def test_login(self) -> None:
        """It is known by the SHA-256 of the certificate, and logs in, over TLS 1.2 and 1.3."""
        line = f"This certificate logs in to alice now: {self.fingerprint(self.own)}"
        self.assertEqual([line], self.added(self.guest(self.own)))
        for version in (SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION):
            guest = self.guest(self.own, latest=version)
            guest.types("alice")
            self.assertIn("Logged in as alice.", guest.reads())

    def test_one_that_has_expired(self) -> None:
        """When it expired and who signed it is no matter."""
        write_pair(str(self.own / "old"), *make_pair(["laptop"], TODAY - timedelta(days=400), 365))
        self.assertIn(self.fingerprint(self.own / "old"), self.added(self.guest(self.own / "old"))[0])

    def test_another_one_of_the_same_name(self) -> None:
        """Who makes a certificate with the same names is somebody else."""
        self.added(self.guest(self.own))
        other = Path(self.mktemp())
        put_pair(other, "laptop")
        guest = self.guest(other)
        guest.types("alice")
        self.assertNotIn("Logged in as alice.", guest.reads())

    def test_client_without_one(self) -> None:
        """Nobody has to have a certificate."""
        refused = ["! Your client has presented no certificate. To add one: /cert add FINGERPRINT"]
        for version in (SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION):
            self.assertEqual(refused, self.added(self.guest(latest=version)))

    def test_where_nobody_is_asked(self) -> None:
        """A port that does not ask is told no certificate, so that no browser asks its person for one."""
        refused = ["! Your client has presented no certificate. To add one: /cert add FINGERPRINT"]
        self.assertEqual(refused, self.added(self.guest(self.own, asks=False)))

    def test_new_certificate_of_the_server(self) -> None:
        """When the server has renewed its own certificate, it still asks."""
        certificates = Certificates(str(self.folder), asks=True)
        put_pair(self.folder, "chat.example")
        guest = SecretGuest(self.server, certificates, presents=self.own)
        self.assertIn(self.fingerprint(self.own), self.added(guest)[0])

    def test_long_chain(self) -> None:
        """Certificates that come with it are no work; more bytes than OpenSSL takes end that one connection."""
        chain = (self.own / "cert.pem").read_text()
        for number, known in ((100, True), (300, False)):
            (self.own / "cert.pem").write_text(chain * number)
            try:
                guest = self.guest(self.own)
            except SSL.Error:
                self.assertFalse(known)
                continue
            self.assertTrue(known)
            self.assertIn(self.fingerprint(self.own), self.added(guest)[0])
        self.server.guest("bob")

    def test_behind_a_proxy(self) -> None:
        """A proxy that passes TLS on unchanged passes the certificate on, too."""
        guest = SecretGuest(
            self.server,
            Certificates(str(self.folder), asks=True),
            presents=self.own,
            header=b"PROXY TCP4 192.0.2.7 192.0.2.1 1000 6697\r\n",
        )
        self.assertIn(self.fingerprint(self.own), self.added(guest)[0])
