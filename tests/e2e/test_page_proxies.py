"""
The page behind nginx and HAProxy, set up as docs/web.rst has it: at the top of a site and as a part of one, over TLS.

What is changed of the blocks on that page is what a test cannot have: ports, and the place of certificates.
"""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

from selenium.webdriver.common.keys import Keys
from twisted.trial.unittest import SynchronousTestCase

from chatroom.admin.target import place_of, reach
from tests.daemon.secrecy import put_pair
from tests.doors.web.client_frames import whole_frame
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


class NginxTests(ProxyCase):
    """docs/web.rst, Behind nginx."""

    def setUp(self) -> None:
        need("nginx")
        super().setUp()
        self.site, self.part = recipe("Behind nginx")

    def starts(self, *servers: str) -> None:
        """nginx, with these."""
        text = NGINX.format(folder=self.folder, servers="\n".join(servers))
        for shown, ours in (
            ("listen 443 ssl", f"listen {HOST}:{self.port} ssl"),
            ("/etc/nginx/chat.pem", f"{self.folder}/certs/cert.pem"),
            ("/etc/nginx/chat.key", f"{self.folder}/certs/privkey.pem"),
            ("127.0.0.1:8080", f"127.0.0.1:{self.behind}"),
        ):
            self.assertIn(shown, text)
            text = text.replace(shown, ours)
        (self.folder / "nginx.conf").write_text(text)
        self.runs("nginx", "-e", "stderr", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder))

    def test_site(self) -> None:
        """At the top of a site of its own."""
        self.starts(self.site)
        self.is_there("/")
        self.knows_its_pages("/")

    def test_part(self) -> None:
        """As a part of a site, of which the rest is somebody else's."""
        start, end = self.site.index("    location"), self.site.rindex("}")
        self.starts(self.site[:start] + self.part + self.site[end:])
        self.is_there("/chat/")
        self.knows_its_pages("/chat/")
        tab = Tab("carol", f"https://{HOST}:{self.port}/chat")
        self.addCleanup(tab.closes)
        until("the slash", lambda: tab.run("return location.pathname") == "/chat/")

    def test_what_not_to_write(self) -> None:
        """C{$host}, which many recipes have, lacks the port: the page warns of it, and rightly so."""
        self.starts(self.site.replace("$http_host", "$host"))
        here = f"{HOST}:{self.port}"
        self.assertEqual(b"403", self.asks("/", here, here)[9:12])


class HaproxyTests(ProxyCase):
    """docs/web.rst, Behind HAProxy."""

    web = "haproxy:tcp:{port}:interface=127.0.0.1"

    def setUp(self) -> None:
        need("haproxy")
        super().setUp()
        self.whole, self.front, self.back = recipe("Behind HAProxy")

    def starts(self, text: str) -> None:
        """HAProxy, with this."""
        pair = self.folder / "certs"
        (self.folder / "chat.pem").write_text((pair / "cert.pem").read_text() + (pair / "privkey.pem").read_text())
        for shown, ours in (
            ("bind :443 ssl", f"bind {HOST}:{self.port} ssl"),
            ("/etc/haproxy/chat.pem", f"{self.folder}/chat.pem"),
            ("127.0.0.1:8080", f"127.0.0.1:{self.behind}"),
        ):
            self.assertIn(shown, text)
            text = text.replace(shown, ours)
        (self.folder / "haproxy.cfg").write_text(text)
        self.runs("haproxy", "-db", "-f", str(self.folder / "haproxy.cfg"))

    def test_site(self) -> None:
        """At the top of a site of its own, where each visitor has their own address."""
        self.starts(self.whole)
        self.is_there("/")
        self.knows_its_pages("/")
        here, hello = f"{HOST}:{self.port}", whole_frame(1, b'{"id": 1, "do": "hello", "nick": "eve"}')
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("ban", target="127.0.0.2", reason="a raid")
        self.assertIn(b"banned", self.asks("/", here, here, source="127.0.0.2", then=hello))
        self.assertIn(b'"ok":true', self.asks("/", here, here, source="127.0.0.3", then=hello))
        self.assertNotIn("Traceback", self.daemon.log)
        self.assertNotIn("RecursionError", self.daemon.log)

    def test_part(self) -> None:
        """As a part of a site."""
        self.starts(self.whole.replace("    use_backend chatroom\n", self.front) + self.back)
        self.is_there("/chat/")
        self.knows_its_pages("/chat/")
        tab = Tab("carol", f"https://{HOST}:{self.port}/chat")
        self.addCleanup(tab.closes)
        until("the slash", lambda: tab.run("return location.pathname") == "/chat/")
        tab.find("#join-nick").send_keys("carol", Keys.ENTER)
        tab.find("#chat")
