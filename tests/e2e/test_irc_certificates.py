"""
irssi with a TLS certificate of its own, at a port for IRC over TLS.
"""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

from tests.daemon.secrecy import put_pair
from tests.e2e.daemon import free_port
from tests.e2e.irc_clients import SIZE, IrcCase
from tests.e2e.windows import Window

CONFIG = """
servers = ({{ address = "127.0.0.1"; port = "{port}"; chatnet = "chat"; autoconnect = "yes";
    use_tls = "yes"; tls_verify = "no"; tls_cert = "{pem}"; }});
chatnets = {{ chat = {{ type = "IRC"; nick = "alice"; sasl_mechanism = "EXTERNAL"; sasl_username = "alice"; }}; }};
"""
"""What C{/network add -sasl_mechanism EXTERNAL} and C{/server add -tls_cert} of the guide write."""


class CertificateTests(IrcCase):
    """A client that knows no password."""

    def start_in(self, folder: Path) -> None:
        """The daemon speaks IRC over TLS."""
        put_pair(folder / "certs", "localhost")
        put_pair(folder / "own", "alice")
        self.own, self.tls = folder / "own", free_port()
        self.options = ("--tls", str(folder / "certs"), "--tls-port", str(free_port()), "--irc-tls", str(self.tls))
        super().start_in(folder)

    def test_sasl_external(self) -> None:
        """The owner adds the fingerprint with nc; irssi is logged in before it has a nickname, and adds nothing."""
        nancy = self.registered(self.nc("alice"))
        certificate = (self.own / "cert.pem").read_text()
        fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()
        nancy.types("/signup correct horse battery")
        nancy.reads("is now your account")
        nancy.types(f"/cert add {fingerprint.upper()}")
        nancy.reads(f"This certificate logs in to alice now: {fingerprint}")
        pem, home = self.own / "alice.pem", self.home()
        pem.write_text(certificate + (self.own / "privkey.pem").read_text())
        home.mkdir()
        (home / "config").write_text(CONFIG.format(port=self.tls, pem=pem))
        window = Window(*SIZE, "irssi", "--home", str(home))
        self.addCleanup(window.close)
        window.has("SASL authentication succeeded")
        window.has("There is no welcome text")
        nancy.types("/cert")
        nancy.reads("last used just now")
