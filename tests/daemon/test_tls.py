"""
TLS: what is spoken and what is not, certificates that change under a running daemon, and readers who are slow.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator, IProtocolNegotiationFactory
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer, provider
from zope.interface.verify import verifyObject

from chatroom.daemon.tls import Certificates
from chatroom.doors.line.factory import LineFactory
from chatroom.limits import OFF, Limits
from chatroom.testing import Server
from tests.daemon.secrecy import SecretGuest, put_pair, touch


class FolderCase(SynchronousTestCase):
    """
    A folder with a certificate for C{old.example}.

    @ivar logged: what was written to the log.
    """

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        put_pair(self.folder, "old.example")
        self.server = Server()
        self.logged: list[str] = []

        @provider(ILogObserver)
        def observe(event: LogEvent) -> None:
            self.logged.append(str(event["log_format"]).format(**event))

        globalLogPublisher.addObserver(observe)
        self.addCleanup(globalLogPublisher.removeObserver, observe)

    def certificates(self) -> Certificates:
        return Certificates(str(self.folder))


class TalkTests(FolderCase):
    """The room, through TLS."""

    def test_talk(self) -> None:
        """Somebody behind TLS and somebody with nc talk to each other."""
        alice, bob = SecretGuest(self.server, self.certificates()), self.server.guest("bob")
        alice.types("alice", "hello")
        self.assertIn("<alice> hello", bob.reads())
        bob.types("hi")
        self.assertIn("<bob> hi", alice.reads())

    def test_protocols_inside(self) -> None:
        """Somebody who offers protocols to speak inside gets the door's own, and comes in where it has none."""
        guest = SecretGuest(self.server, self.certificates(), offers=[b"irc", b"http/1.1"])
        self.assertEqual(b"", guest.tls.get_alpn_proto_negotiated())
        guest.types("alice")
        self.assertTrue(any("Registration successful" in line for line in guest.reads()))

        @implementer(IProtocolNegotiationFactory)
        class Door(LineFactory):
            """One with a protocol of its own."""

            def acceptableProtocols(self) -> list[bytes]:
                return [b"http/1.1"]

        self.server.factory = Door(self.server.doorkeeper)
        guest = SecretGuest(self.server, self.certificates(), offers=[b"h2", b"http/1.1"])
        self.assertEqual(b"http/1.1", guest.tls.get_alpn_proto_negotiated())
        guest = SecretGuest(self.server, self.certificates(), offers=[b"h2"])
        self.assertEqual(b"", guest.tls.get_alpn_proto_negotiated())

    def test_old_versions_are_refused(self) -> None:
        """TLS 1.2 and 1.3 are spoken, and nothing before."""
        for version, name in ((SSL.TLS1_2_VERSION, "TLSv1.2"), (SSL.TLS1_3_VERSION, "TLSv1.3")):
            guest = SecretGuest(self.server, self.certificates(), latest=version)
            self.assertEqual(name, guest.tls.get_protocol_version_name())
            self.assertIsNotNone(guest.tls.get_cipher_name())
        for version in (SSL.TLS1_VERSION, SSL.TLS1_1_VERSION):
            self.assertRaises(SSL.Error, SecretGuest, self.server, self.certificates(), latest=version)

    def test_weak_ciphers_are_refused(self) -> None:
        """Of TLS 1.2, only ciphers that keep a secret for ever, and notice every change, are spoken."""
        for strong in (b"ECDHE+AESGCM", b"ECDHE+CHACHA20"):
            SecretGuest(self.server, self.certificates(), latest=SSL.TLS1_2_VERSION, ciphers=strong)
        for weak in (b"ECDHE+AES:!AESGCM", b"kRSA:@SECLEVEL=0", b"aNULL:@SECLEVEL=0", b"ECDHE-ECDSA-AES128-SHA"):
            self.assertRaises(
                SSL.Error,
                SecretGuest,
                self.server,
                self.certificates(),
                latest=SSL.TLS1_2_VERSION,
                ciphers=weak,
            )


class SlowReaderTests(FolderCase):
    """Who does not read is held to the same limits as without TLS."""

    def setUp(self) -> None:
        super().setUp()
        self.server = Server(Limits(talk_rate=OFF, unread_soft=4096, unread_hard=16384, unread_time=60))
        self.slow = SecretGuest(self.server, self.certificates())
        self.slow.types("slow")
        self.slow.reads()
        self.alice = self.server.guest("alice")

    def test_caught_up(self) -> None:
        """Talk is held back from one who stops reading, and read whole, in order and once, when reading goes on."""
        self.slow.transport.reading = False
        said = [f"line {number} {'x' * 80}" for number in range(300)]
        for line in said:
            self.alice.types(line)
        self.assertLess(len(self.slow.transport.backlog), 16384)
        self.slow.transport.reading = True
        while self.slow.transport.backlog:
            self.slow.transport.reads_bytes(len(self.slow.transport.backlog))
            self.slow.exchange()
        read = [line for line in self.slow.reads() if line.startswith("<alice>")]
        self.assertEqual([f"<alice> {line}" for line in said], read)

    def test_let_go(self) -> None:
        """One who never reads again is cut after C{unread_time}, and nobody else."""
        self.slow.transport.reading = False
        for _ in range(300):
            self.alice.types("x" * 80)
        self.server.wait(62)
        self.assertTrue(self.slow.transport.lost)
        self.assertIn("-- slow left the chat: connection too slow", self.alice.reads())

    def test_server_closes(self) -> None:
        """It waits for nobody who does not say goodbye, as TLS wants, once all is sent."""
        closed = self.server.doorkeeper.close("Good night.")
        self.server.wait(0.2)
        self.assertTrue(self.slow.transport.lost)
        self.successResultOf(closed)

    def test_handshake_that_never_comes(self) -> None:
        """Who connects and does not even begin with TLS has the time that a nickname may take."""
        guest = SecretGuest(self.server, self.certificates(), silent=True)
        self.server.wait(self.server.limits.register_time + 12)
        self.assertTrue(guest.transport.lost)


class RenewalTests(FolderCase):
    """The certificate changes while the daemon runs."""

    def test_contract(self) -> None:
        """It is what Twisted asks for where TLS is served."""
        verifyObject(IOpenSSLServerConnectionCreator, self.certificates())

    def test_new_certificate_for_new_connections(self) -> None:
        """Whoever comes after the files were replaced sees the new one; those who are here stay and talk on."""
        certificates = self.certificates()
        early = SecretGuest(self.server, certificates)
        self.assertEqual("old.example", early.name())
        put_pair(self.folder, "new.example")
        late = SecretGuest(self.server, certificates)
        self.assertEqual("new.example", late.name())
        self.assertIn("New certificate in use. It expires on 2027-01-01.", self.logged)
        early.types("early")
        late.types("late", "hello")
        self.assertIn("<late> hello", early.reads())

    def test_half_done(self) -> None:
        """While the new key is not there yet, the old certificate serves, and the log says it once."""
        certificates = self.certificates()
        key = (self.folder / "privkey.pem").read_bytes()
        put_pair(self.folder, "new.example")
        new_key = (self.folder / "privkey.pem").read_bytes()
        (self.folder / "privkey.pem").write_bytes(key)
        touch(self.folder / "privkey.pem")
        for _ in range(3):
            self.assertEqual("old.example", SecretGuest(self.server, certificates).name())
        complaints = [line for line in self.logged if line.startswith("The old certificate stays in use: the key in ")]
        self.assertEqual(1, len(complaints), self.logged)
        (self.folder / "privkey.pem").write_bytes(new_key)
        touch(self.folder / "privkey.pem")
        self.assertEqual("new.example", SecretGuest(self.server, certificates).name())

    def test_files_gone(self) -> None:
        """A folder that is emptied takes nobody's connection, and the old certificate goes on serving."""
        certificates = self.certificates()
        shutil.rmtree(self.folder)
        self.assertEqual("old.example", SecretGuest(self.server, certificates).name())

    def test_certbot(self) -> None:
        """certbot's folder of links is followed, and its chain taken before its bare certificate."""
        for number, name in ((1, "first.example"), (2, "second.example")):
            archive = self.folder / f"archive{number}"
            put_pair(archive, name)
            (archive / "cert.pem").rename(archive / "fullchain.pem")
        live = self.folder / "live"
        put_pair(live, "bare.example")
        (live / "privkey.pem").unlink()
        for name in ("fullchain.pem", "privkey.pem"):
            (live / name).symlink_to(self.folder.resolve() / "archive1" / name)
        certificates = Certificates(str(live))
        self.assertEqual("first.example", SecretGuest(self.server, certificates).name())
        for name in ("fullchain.pem", "privkey.pem"):
            (live / name).unlink()
            (live / name).symlink_to(self.folder.resolve() / "archive2" / name)
        self.assertEqual("second.example", SecretGuest(self.server, certificates).name())

    def test_chain(self) -> None:
        """What stands behind the first certificate of the file is sent along."""
        put_pair(self.folder / "other", "intermediate.example")
        with (self.folder / "cert.pem").open("ab") as file:
            file.write((self.folder / "other" / "cert.pem").read_bytes())
        chain = SecretGuest(self.server, self.certificates()).tls.get_peer_cert_chain(as_cryptography=True)
        assert chain is not None
        self.assertEqual(
            ["CN=old.example", "CN=intermediate.example"], [each.subject.rfc4514_string() for each in chain]
        )


class WrongFolderTests(FolderCase):
    """What cannot be served is said in a sentence before anything listens."""

    def assert_refused(self, *words: str) -> None:
        sentence = str(self.assertRaises(ValueError, self.certificates))
        for word in words:
            self.assertIn(word, sentence)

    def test_empty(self) -> None:
        """It says which files are looked for."""
        (self.folder / "cert.pem").unlink()
        self.assert_refused("fullchain.pem and privkey.pem or cert.pem and privkey.pem")

    def test_no_key(self) -> None:
        """It names the file that is not there."""
        (self.folder / "privkey.pem").unlink()
        self.assert_refused("privkey.pem: no such file")

    def test_rubbish(self) -> None:
        """It names the file that is none."""
        for name, what in (("cert.pem", "certificate"), ("privkey.pem", "private key")):
            put_pair(self.folder)
            (self.folder / name).write_text("rubbish")
            self.assert_refused(f"{name} has no {what}")

    def test_others_key(self) -> None:
        """It says that key and certificate are strangers."""
        put_pair(self.folder / "other")
        shutil.copy(self.folder / "other" / "privkey.pem", self.folder)
        self.assert_refused("does not match the certificate")

    def test_locked_key(self) -> None:
        """A daemon has nobody to ask for a password, and does not wait for one."""
        path = self.folder / "privkey.pem"
        key = load_pem_private_key(path.read_bytes(), None)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
        self.assert_refused("is encrypted")


class ProxyTests(FolderCase):
    """A proxy that passes TLS on as it is."""

    def test_address(self) -> None:
        """The proxy's header comes first and tells where somebody is; TLS comes behind it."""
        header = b"PROXY TCP4 203.0.113.7 10.0.0.1 40000 64701\r\n"
        alice = SecretGuest(self.server, self.certificates(), header=header, address="192.0.2.1")
        (conversation,) = self.server.doorkeeper.present
        self.assertEqual("203.0.113.7", conversation.address)
        alice.types("alice", "/who")
        self.assertTrue(any("Registration successful" in line for line in alice.reads()))
