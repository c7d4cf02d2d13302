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

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import PATIENCE, Daemon, free_port, until
from tests.e2e.people import HOST, need
from tests.secrecy import put_pair


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
        self.daemon = Daemon(self.folder, "--tls", str(self.certs), "--tls-port", str(self.port))
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
        self.daemon.logs("There is a new certificate.")
        bob = self.visitor()
        bob.sendall(b"bob\nhello\n")
        self.assertIn("<bob> hello", lines_of(alice, until_line="<bob> hello"))
        self.assertEqual(0, self.daemon.stop())
        self.assertIn("The room is closing", "\n".join(lines_of(alice, until_line="closing")))

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
        daemon = Daemon(
            folder, "--tls", str(certs), "--tls-port", str(free_port()), "--web-tls", str(ours), "--web", endpoint
        )
        self.addCleanup(daemon.close)
        daemon.start()
        daemon.logs(f"The page for browsers is over TLS at port {ours}")
        self.assertEqual((200, "http/1.1"), self.fetch(certs, ours))
        self.assertEqual((200, "http/1.1"), self.fetch(certs, twisteds))
