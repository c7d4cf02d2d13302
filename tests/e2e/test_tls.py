"""
End to end: a real twistd with C{--tls}, OpenSSL's own client, and a certificate that is replaced meanwhile.
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

from twisted.trial.unittest import SynchronousTestCase

from tests.daemon.secrecy import put_pair
from tests.e2e.daemon import PATIENCE, free_port, until
from tests.e2e.people import HOST, need
from tests.e2e.quick import QuickDaemon


def lines_of(stream: ssl.SSLSocket, *, until_line: str) -> list[str]:
    """What comes, up to a line that holds this."""
    text = ""
    while until_line not in text:
        data = stream.recv(4096)
        assert data, text
        text += data.decode()
    return text.splitlines()


class TlsTests(SynchronousTestCase):
    """C{--tls}."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        self.certs = self.folder / "certs"
        put_pair(self.certs, "localhost")
        self.port = free_port()
        self.daemon = QuickDaemon(self.folder, "--tls", str(self.certs), "--tls-port", str(self.port))
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        self.daemon.logs(f"Will wait for client messages over TLS at port {self.port}")

    def visitor(self) -> ssl.SSLSocket:
        """Somebody who trusts the certificate in the folder now, and no other."""
        context = ssl.create_default_context(cafile=str(self.certs / "cert.pem"))
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        secret = context.wrap_socket(plain, server_hostname="localhost")
        self.addCleanup(secret.close)
        return secret

    def test_renewal(self) -> None:
        """A certificate replaced and SIGHUP sent: newcomers see the new one, nobody is let go, and they talk."""
        alice = self.visitor()
        alice.sendall(b"alice\n")
        lines_of(alice, until_line="Registration successful")
        put_pair(self.certs, "localhost")
        os.kill(self.daemon.pid, signal.SIGHUP)
        self.daemon.logs("New certificate in use.")
        bob = self.visitor()
        bob.sendall(b"bob\nhello\n")
        self.assertIn("<bob> hello", lines_of(alice, until_line="<bob> hello"))
        bob.close()
        os.kill(self.daemon.pid, signal.SIGTERM)
        self.assertIn("The server is shutting down", "\n".join(lines_of(alice, until_line="shutting down")))
        alice.close()
        self.assertEqual(0, self.daemon.stop())

    def test_certificate_of_a_client(self) -> None:
        """It logs in, also where an old session of TLS is offered; who has no certificate is served as before."""
        own = self.folder / "own"
        put_pair(own, "alice")
        stranger, owner = (ssl.create_default_context(cafile=str(self.certs / "cert.pem")) for _ in range(2))
        owner.load_cert_chain(own / "cert.pem", own / "privkey.pem")
        first = self.resumes(stranger, None, "/help", "QUIT leaves")
        self.resumes(stranger, first.session, "/help", "QUIT leaves")
        signup = "alice\n/signup correct horse battery\n/cert add"
        first = self.resumes(owner, None, signup, "This certificate logs in to alice")
        self.resumes(owner, first.session, "alice", "Logged in as alice.")

    def resumes(self, context: ssl.SSLContext, session: ssl.SSLSession | None, typed: str, read: str) -> ssl.SSLSocket:
        """Somebody who offers what they have kept of an earlier session, if anything, types and reads."""
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        secret = context.wrap_socket(plain, server_hostname="localhost", session=session)
        self.addCleanup(secret.close)
        secret.sendall(f"{typed}\n".encode())
        lines_of(secret, until_line=read)
        return secret

    def test_plain_at_the_tls_port(self) -> None:
        """Somebody with nc at the wrong port is let go, and the daemon is unharmed."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as plain:
            plain.sendall(b"alice\n")
            until("the end of the connection", lambda: not plain.recv(4096))
        self.visitor()

    def test_openssl(self) -> None:
        """C{openssl s_client}, as the guide says it, registers and talks; TLS 1.1 finds no server."""
        need("openssl")
        told = subprocess.run(
            ["openssl", "s_client", "-quiet", "-verify_return_error", "-CAfile", str(self.certs / "cert.pem"),
             "-connect", f"localhost:{self.port}"],
            input=b"alice\n/quit\n", capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        self.assertIn(b"Registration successful", told.stdout)
        old = subprocess.run(
            ["openssl", "s_client", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-connect", f"127.0.0.1:{self.port}"],
            input=b"", capture_output=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        self.assertIn(b"Cipher is (NONE)", old.stdout)


class ScanTests(SynchronousTestCase):
    """What sslscan finds at the doors that speak TLS: nothing to say."""

    CIPHERS: ClassVar = {
        "TLSv1.3": {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"},
        "TLSv1.2": {
            f"ECDHE-{kind}-{rest}"
            for kind in ("ECDSA", "RSA")
            for rest in ("AES256-GCM-SHA384", "AES128-GCM-SHA256", "CHACHA20-POLY1305")
        },
    }

    def setUp(self) -> None:
        need("sslscan")
        folder = Path(self.mktemp()).resolve()
        put_pair(folder / "certs", "localhost")
        self.ports = [free_port(), free_port()]
        line, web = map(str, self.ports)
        daemon = QuickDaemon(folder, "--tls", str(folder / "certs"), "--tls-port", line, "--web-tls", web)
        self.addCleanup(daemon.close)
        daemon.start()
        daemon.logs(f"The web page is over TLS at port {web}")
        self.daemon = daemon

    def scan(self, port: int) -> ElementTree.Element:
        """What sslscan reports of a port."""
        command = ["sslscan", "--xml=-", "--no-colour", f"{HOST}:{port}"]
        told = subprocess.run(command, capture_output=True, timeout=120, check=True)
        report = ElementTree.fromstring(told.stdout.decode()).find("ssltest")
        assert report is not None, told.stdout
        return report

    def test_nothing_to_say(self) -> None:
        """
        TLS 1.2 and 1.3 and nothing older, only ciphers that keep their secrets when the key is lost, no compression, no
        renegotiation, no heartbeat that bleeds; at both doors. The daemon goes on, and has written down no bug.
        """
        for port in self.ports:
            report = self.scan(port)
            enabled = {f"{each.get('type')}{each.get('version')}" for each in report.iter("protocol")
                       if each.get("enabled") == "1"}  # fmt: skip
            self.assertEqual({"tls1.2", "tls1.3"}, enabled)
            found = {(each.get("sslversion"), each.get("cipher")) for each in report.iter("cipher")}
            self.assertEqual({"TLSv1.2", "TLSv1.3"}, {version for version, _ in found})
            lawful = {(version, cipher) for version, ciphers in self.CIPHERS.items() for cipher in ciphers}
            self.assertEqual(set(), found - lawful)
            self.assertEqual(["0"], [each.get("supported") for each in report.iter("renegotiation")])
            self.assertEqual({"0"}, {each.get("vulnerable") for each in report.iter("heartbleed")})
            self.assertNotIn("1", [each.get("supported") for each in report.iter("compression")])
        self.assertNotIn("Traceback", self.daemon.log)
        self.assertTrue(self.daemon.alive())

    def test_who_is_asked_for_a_certificate(self) -> None:
        """Clients of the line port are, and need none; browsers are not, as each would ask its person."""
        for port, asked in zip(self.ports, (True, False), strict=True):
            told = subprocess.run(
                ["openssl", "s_client", "-tls1_2", "-connect", f"{HOST}:{port}"],
                input=b"", capture_output=True, timeout=PATIENCE, check=False,
            ).stdout  # fmt: skip
            self.assertEqual(asked, b"Client Certificate Types:" in told, told)
            self.assertIn(b"Cipher is ECDHE", told)

    def test_renegotiation_is_refused(self) -> None:
        """A client that asks for new keys in the middle of TLS 1.2, which would be work for nothing, gets none."""
        asked = subprocess.Popen(
            ["openssl", "s_client", "-tls1_2", "-connect", f"{HOST}:{self.ports[0]}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.addCleanup(asked.kill)
        assert asked.stdin is not None and asked.stdout is not None
        told = b""
        while b"Welcome to chatroom" not in told:
            told += asked.stdout.read1(4096)  # type: ignore[attr-defined]
        asked.stdin.write(b"R\n")
        asked.stdin.flush()
        rest = asked.communicate(timeout=PATIENCE)[0]
        self.assertIn(b"Secure Renegotiation IS supported", told + rest)  # RFC 5746
        self.assertIn(b"RENEGOTIATING", rest)
        self.assertIn(b"no renegotiation", rest)


class BrowserTests(SynchronousTestCase):
    """The page over TLS, for clients that say what they speak inside it, as browsers do."""

    def fetch(self, certs: Path, port: int) -> tuple[int, str | None]:
        """The page's status, and what was agreed on to be spoken."""
        context = ssl.create_default_context(cafile=str(certs / "cert.pem"))
        context.set_alpn_protocols(["h2", "http/1.1"])
        with context.wrap_socket(socket.create_connection((HOST, port), PATIENCE), server_hostname="localhost") as wire:
            wire.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return int(wire.recv(12)[9:]), wire.selected_alpn_protocol()

    def test_page(self) -> None:
        """It comes by --web-tls, and by an ssl: endpoint of --web as well."""
        folder = Path(self.mktemp()).resolve()
        certs = folder / "certs"
        put_pair(certs, "localhost")
        ours, twisteds = free_port(), free_port()
        endpoint = f"ssl:{twisteds}:privateKey={certs}/privkey.pem:certKey={certs}/cert.pem"
        daemon = QuickDaemon(
            folder, "--tls", str(certs), "--tls-port", str(free_port()), "--web-tls", str(ours), "--web", endpoint
        )
        self.addCleanup(daemon.close)
        daemon.start()
        daemon.logs(f"The web page is over TLS at port {ours}")
        self.assertEqual((200, "http/1.1"), self.fetch(certs, ours))
        self.assertEqual((200, "http/1.1"), self.fetch(certs, twisteds))
