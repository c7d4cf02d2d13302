"""
The page behind nginx and HAProxy, set up as docs/web.rst has it: at the top of a site and as a part of one, over TLS.

What is changed of the blocks on that page is what a test cannot have: ports, and the place of certificates.
"""

from __future__ import annotations

from selenium.webdriver.common.keys import Keys

from chatroom.admin.target import place_of, reach
from tests.doors.web.client_frames import whole_frame
from tests.e2e.chromium import Tab
from tests.e2e.daemon import until
from tests.e2e.people import HOST, need
from tests.e2e.proxies import NGINX, ProxyCase, recipe


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
