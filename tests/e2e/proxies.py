"""
A daemon with a proxy before it, for tests of the page: set up as docs/web.rst has it.
"""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.daemon.secrecy import put_pair
from tests.e2e.blocks import blocks
from tests.e2e.chromium import Tab, need_chromium
from tests.e2e.daemon import Daemon, free_port, until
from tests.e2e.pages import CHEAP
from tests.e2e.people import HOST, Peer, nc, need

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""
"""Around the site: as Debian's, but for folders of its own."""

HANDSHAKE = (
    "GET {path}ws HTTP/1.1\r\nHost: {host}\r\nOrigin: https://{origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def recipe(section: str) -> list[str]:
    """The blocks of docs/web.rst under this heading."""
    return [block.text for block in blocks("docs/web.rst") if block.section == section]


class ProxyCase(SynchronousTestCase):
    """A daemon, and something before it that speaks TLS."""

    web = "tcp:{port}:interface=127.0.0.1"

    def setUp(self) -> None:
        need("nc")
        need_chromium()
        self.folder = Path(self.mktemp()).absolute()
        self.port, self.behind = free_port(), free_port()
        put_pair(self.folder / "certs", HOST)
        self.daemon = Daemon(self.folder / "daemon", "--web", self.web.format(port=self.behind), *CHEAP)
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def runs(self, *command: str) -> None:
        """The proxy, until the test ends."""
        with (self.folder / "log").open("wb") as log:
            proxy = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        self.addCleanup(proxy.wait)
        self.addCleanup(proxy.terminate)

        def answers() -> bool:
            self.assertIsNone(proxy.poll(), (self.folder / "log").read_text())
            try:
                Peer(self.port).close()
            except OSError:
                return False
            return True

        until("the proxy", answers)

    def asks(self, path: str, host: str, origin: str, source: str = HOST, then: bytes = b"") -> bytes:
        """All that a program at this address is answered which asks for a WebSocket, and says this then."""
        context = ssl.create_default_context(cafile=str(self.folder / "certs" / "cert.pem"))
        context.check_hostname = False
        peer = Peer(self.port, source)
        secret = context.wrap_socket(peer._socket)
        self.addCleanup(secret.close)
        secret.sendall(HANDSHAKE.format(path=path, host=host, origin=origin).encode() + then)
        read = b""
        while b"\r\n\r\n" not in read or (then and b'"ok"' not in read and b"closing" not in read):
            data = secret.recv(65536)
            if not data:
                break
            read += data
        return read

    def is_there(self, path: str) -> None:
        """Somebody with a browser, at this path of the site, talks with somebody with nc, and reloads the page."""
        address = f"https://{HOST}:{self.port}{path}"
        alice = Tab("alice", address)
        self.addCleanup(alice.closes)
        alice.comes_in()
        bob = nc("bob", self.daemon.port)
        self.addCleanup(bob.closes)
        bob.types("bob", "hello from nc")
        alice.hears("<bob> hello from nc")
        alice.types("hello from behind a proxy")
        bob.reads("<alice> hello from behind a proxy")
        alice.types("/create c++")
        until("the address", lambda: alice.run("return location.href") == f"{address}#c%2B%2B")
        bob.types("/join c++")
        alice.sees("2 people", "#panel")
        alice.reloads()
        alice.sees("c++", "#top")
        self.assertEqual([], alice.errors())

    def knows_its_pages(self, path: str) -> None:
        """Pages of the proxy's own site may open a WebSocket, on whatever port it is, and those of others may not."""
        here = f"{HOST}:{self.port}"
        for host, origin, status in (
            (here, here, b"101"),
            ("Chat.example.org", "chat.example.org:443", b"101"),
            ("chat.example.org:443", "chat.example.org", b"101"),
            ("chat.example.org.", "chat.example.org", b"101"),
            ("[::1]:8443", "[0:0:0:0:0:0:0:1]:8443", b"101"),
            (here, "elsewhere.example", b"403"),
            (here, HOST, b"403"),
        ):
            answer = self.asks(path, host, origin)
            self.assertEqual(status, answer[9:12], (host, origin))
