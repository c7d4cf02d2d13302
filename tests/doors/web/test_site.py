"""
What a browser is answered, and who may ask.
"""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from hashlib import sha256

from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.web.resources import HEADERS, UNREAD
from chatroom.doors.web.site import IDLE, PRECONNECTED
from chatroom.limits import Limits
from tests.doors.web.browsers import HOST, Place, Response
from tests.doors.web.handshake import HANDSHAKE

PAGE = ["/", "/chat.css", "/chat.js"]


class PageTests(SynchronousTestCase):
    """The page and its files."""

    def setUp(self) -> None:
        self.place = Place()

    def test_page(self) -> None:
        """The page is HTML, and names the server."""
        answer = self.place.wire().gets("/")
        self.assertEqual((200, "text/html; charset=utf-8"), (answer.status, answer.headers["content-type"]))
        self.assertIn(b"<title>chatroom</title>", answer.body)
        self.assertEqual(len(answer.body), int(answer.headers["content-length"]))

    def test_welcome(self) -> None:
        """Before joining, a browser can read the server's name, its welcome text and how many people are there."""
        self.place.server.services.welcome.lines = ("Be kind <3", "", "No “spam”.")
        self.place.browser("alice")
        self.place.browser("bob")
        self.place.browser()
        answer = self.place.wire().gets("/welcome.json")
        self.assertEqual((200, "application/json"), (answer.status, answer.headers["content-type"]))
        self.assertEqual("no-store", answer.headers["cache-control"])
        self.assertEqual(
            {"name": "chatroom", "motd": ["Be kind <3", "", "No “spam”."], "people": 2}, json.loads(answer.body)
        )
        self.place.server.services.welcome.lines = ()
        self.assertEqual([], json.loads(self.place.wire().gets("/welcome.json").body)["motd"])

    def test_name_is_text(self) -> None:
        """The server's name is text, whatever is in it."""
        place = Place(name='<script>alert("&")</script>')
        body = place.wire().gets("/").body
        self.assertIn(b"<title>&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;</title>", body)
        self.assertNotIn(b"{{", body)

    def test_files(self) -> None:
        """Script and style are there, as what they are, over one connection."""
        wire = self.place.wire()
        self.assertEqual("text/javascript; charset=utf-8", wire.gets("/chat.js").headers["content-type"])
        self.assertEqual("text/css; charset=utf-8", wire.gets("/chat.css").headers["content-type"])

    def test_page_needs_nothing_from_elsewhere(self) -> None:
        """Nothing is loaded from another site, nothing runs or is styled from within the page itself."""
        body = self.place.wire().gets("/").body.lower()
        for forbidden in (b"http:", b"https:", b"<style", b" style=", b" onclick", b" onload", b"javascript:"):
            self.assertNotIn(forbidden, body)
        self.assertLessEqual(len(re.findall(rb"<script(?! [^>]*src=)", body)), 1)

    def test_names_in_the_page_exist(self) -> None:
        """Every file that the page asks for is served."""
        wire = self.place.wire()
        for path in wire.gets("/").assets():
            self.assertEqual(200, wire.gets(path).status, path)

    def test_manifest(self) -> None:
        """The manifest has the server's name as text, and names pictures that are served as such."""
        place = Place(name='A "quoted" <name>')
        answer = place.wire().gets("/manifest.webmanifest")
        self.assertEqual("application/manifest+json", answer.headers["content-type"])
        manifest = json.loads(answer.body)
        self.assertEqual('A "quoted" <name>', manifest["name"])
        self.assertEqual(("./", "./"), (manifest["start_url"], manifest["scope"]))
        for icon in manifest["icons"]:
            self.assertEqual(icon["type"], place.wire().gets(f"/{icon['src']}").headers["content-type"])

    def test_worker(self) -> None:
        """The service worker names every file of the page with its tag, and neither pictures, talk nor answers."""
        wire = self.place.wire()
        script = wire.gets("/worker.js")
        self.assertEqual(
            ("text/javascript; charset=utf-8", "no-cache"),
            (script.headers["content-type"], script.headers["cache-control"]),
        )
        files = dict(
            each.split(":") for each in re.findall(r'"([^"]*:[^"]*)"\.split', script.body.decode())[0].split(" ")
        )
        self.assertLess({"", "chat.js", "chat.css", "manifest.webmanifest"}, files.keys())
        self.assertEqual(set(), files.keys() & {"ws", "welcome.json", "worker.js", "icon-192.png"})
        for name, tag in files.items():
            for headers in ({}, {"Accept_Encoding": "gzip"}):
                self.assertIn(tag, wire.gets(f"/{name}", **headers).headers["etag"], name)
        asked = {path.removeprefix("/") for path in wire.gets("/").assets() if not path.endswith(".png")}
        self.assertLess(asked, {*files, "/"})

    def test_worker_of_another_version(self) -> None:
        """Another file, or another name of the server, is another worker: so browsers notice."""
        here, there = self.place.wire().gets("/worker.js"), Place(name="elsewhere").wire().gets("/worker.js")
        self.assertNotEqual(here.body, there.body)
        self.assertEqual(here.body, Place().wire().gets("/worker.js").body)

    def test_size(self) -> None:
        """All that a browser loads for the page is small: packed, no more than so many kB."""
        wire = self.place.wire()
        paths = ["/", *wire.gets("/").assets()]
        sizes = {path: len(wire.gets(path, Accept_Encoding="gzip").body) for path in paths if not path.endswith(".png")}
        self.assertLess(sum(sizes.values()), 96 * 1024, sizes)

    def test_head(self) -> None:
        """HEAD is answered like GET, without the body."""
        for path in [*PAGE, "/welcome.json", "/nowhere", "/ws"]:
            whole, head = self.place.wire().gets(path), self.place.wire().gets(path, "HEAD")
            self.assertEqual(whole.headers, head.headers)
            self.assertEqual((whole.status, b""), (head.status, head.body))

    def test_gzip(self) -> None:
        """Browsers that can unpack it get the page packed; caches are told that there are two."""
        for path in PAGE:
            plain, packed = self.place.wire().gets(path), self.place.wire().gets(path, Accept_Encoding="br, gzip")
            self.assertEqual("gzip", packed.headers["content-encoding"])
            self.assertEqual(plain.body, gzip.decompress(packed.body))
            self.assertNotEqual(plain.headers["etag"], packed.headers["etag"])
            self.assertEqual("accept-encoding", packed.headers["vary"].lower())

    def test_no_gzip(self) -> None:
        """Who does not want it packed gets it plain."""
        for value in ("", "identity", "gzip;q=0", "br, gzip; q=0.0, deflate", "x-gzipped"):
            answer = self.place.wire().gets("/", Accept_Encoding=value)
            self.assertNotIn("content-encoding", answer.headers, value)
        for value in ("gzip", "GZIP;q=0.5", "deflate,gzip"):
            self.assertIn("content-encoding", self.place.wire().gets("/", Accept_Encoding=value).headers, value)

    def test_unchanged(self) -> None:
        """A browser that has the page already is told so, and sent nothing."""
        for headers in ({}, {"Accept_Encoding": "gzip"}):
            first = self.place.wire().gets("/", **headers)
            self.assertEqual("no-cache", first.headers["cache-control"])
            again = self.place.wire().gets("/", If_None_Match=first.headers["etag"], **headers)
            self.assertEqual((304, b""), (again.status, again.body))
            other = self.place.wire().gets("/", If_None_Match='"another"', **headers)
            self.assertEqual((200, first.body), (other.status, other.body))


class HeaderTests(SynchronousTestCase):
    """What every answer says to a browser, so that it runs nothing but ours."""

    def setUp(self) -> None:
        self.place = Place()

    def test_every_answer_has_them(self) -> None:
        """Pages, refusals and mistakes alike."""
        answers = [
            self.place.wire().gets("/"),
            self.place.wire().gets("/nowhere"),
            self.place.wire().gets("/", "POST"),
            self.place.wire().gets("/ws"),
            self.place.wire().shakes_hands(Origin="https://elsewhere.example"),
            self.place.wire().gets("/", If_None_Match="*"),
        ]
        self.assertEqual([200, 404, 405, 426, 403, 304], [answer.status for answer in answers])
        for answer in answers:
            for name, value in HEADERS.items():
                self.assertEqual(value, answer.headers[name.lower()])

    def test_policy(self) -> None:
        """Scripts and styles come from here alone and are never made of text; nobody may frame the page."""
        policy = self.place.wire().gets("/").headers["content-security-policy"]
        for rule in ("worker-src 'self'", "manifest-src 'self'", "trusted-types chatroom-worker"):
            self.assertIn(rule, policy)
        for rule in ("default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"):
            self.assertIn(rule, policy)
        self.assertNotIn("unsafe", policy)

    def test_what_says_that_the_page_is_not_whole(self) -> None:
        """It is part of the page, as a busy server may refuse single files, and it is named by its hash."""
        answer = self.place.wire().gets("/")
        inside = re.findall(rb"<script>(.*?)</script>", answer.body, re.DOTALL)
        self.assertEqual(1, len(inside))
        self.assertIn(b"Trying again in", inside[0])
        source = "'sha256-" + b64encode(sha256(inside[0]).digest()).decode() + "'"
        self.assertIn(source, answer.headers["content-security-policy"])

    def test_transport_security(self) -> None:
        """Over TLS, and only there, browsers are asked to stay with TLS."""
        self.assertNotIn("strict-transport-security", self.place.wire().gets("/").headers)
        wire = self.place.wire(tls=True)
        self.assertIn("max-age=", wire.gets("/").headers["strict-transport-security"])

    def test_version_is_not_told(self) -> None:
        """A stranger does not learn which versions run here."""
        self.assertEqual("chatroom", self.place.wire().gets("/").headers["server"])


class BadRequestTests(SynchronousTestCase):
    """Requests for what is not there."""

    def setUp(self) -> None:
        self.place = Place()

    def test_not_found(self) -> None:
        """Another path is answered with a sentence; so is one that tries to climb out."""
        for path in ("/nowhere", "/chat.js/", "/../setup.cfg", "/%2e%2e/web.py", "//", "/page/chat.js", "/index.html"):
            answer = self.place.wire().gets(path)
            self.assertEqual(404, answer.status, path)
            self.assertIn(b"The web page is at /.", answer.body)

    def test_other_methods(self) -> None:
        """There is nothing to post here."""
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "BREW"):
            for path in ("/", "/ws"):
                answer = self.place.wire().gets(path, method)
                self.assertEqual((405, "GET, HEAD"), (answer.status, answer.headers["allow"]), method)

    def test_body_is_not_kept(self) -> None:
        """What somebody sends along goes nowhere, however much it is."""
        wire = self.place.wire()
        wire.sends(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200000)
        self.assertTrue(wire.reads().startswith(b"HTTP/1.1 405 "))

    def test_endless_headers(self) -> None:
        """Headers without end are not listened to."""
        wire = self.place.wire()
        wire.sends(b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(3000)))
        self.assertTrue(wire.reads().startswith(b"HTTP/1.1 400 "))
        self.assertTrue(wire.is_disconnected())

    def test_silence(self) -> None:
        """A connection that asks for nothing is closed; one that asks again and again stays for a while."""
        silent, busy = self.place.wire(), self.place.wire()
        for _ in range(3):
            self.place.server.wait(IDLE - 1)
            self.assertEqual(200, busy.gets("/").status)
        silent.settle()
        self.assertEqual((True, False), (silent.is_disconnected(), busy.is_disconnected()))
        self.place.server.wait(IDLE)
        busy.settle()
        self.assertTrue(busy.is_disconnected())

    def test_byte_by_byte(self) -> None:
        """One that asks ever so slowly is closed as well, when C{register_time} is over."""
        place = Place(Limits(register_time=60))
        wire = place.wire()
        for byte in b"GET / HTTP/1.1\r\n":
            wire.sends(bytes([byte]))
            place.server.wait(4)
        wire.settle()
        self.assertTrue(wire.is_disconnected())

    def test_visit_ends(self) -> None:
        """Who has the page and keeps the connection open for nothing is let go; one with a WebSocket stays."""
        wire, tab = self.place.wire(), self.place.browser("alice")
        wire.gets("/")
        tab.waits(300)
        wire.settle()
        self.assertEqual((True, False), (wire.is_disconnected(), tab.closed))

    def test_too_many_visits(self) -> None:
        """One address has so many connections for the page, and no more; WebSockets are counted apart."""
        place = Place(Limits(max_per_address=2))
        place.browser("alice"), place.browser("bob")
        first, second = place.wire(), place.wire()
        for wire in (first, second):
            wire.sends(b"GET / HT")
        third = place.wire()
        self.assertTrue(third.reads().startswith(b"HTTP/1.1 503 Service Unavailable\r\n"))
        self.assertTrue(third.is_disconnected())
        first.disconnects()
        self.assertEqual(200, place.wire().gets("/").status)
        self.assertEqual(200, place.wire(address="192.0.2.2").gets("/").status)

    def test_a_school_gets_the_page(self) -> None:
        """Connections that browsers keep open when they have the page make room, the longest at rest first."""
        place = Place(Limits(max_per_address=3))
        first, second, third = place.wire(), place.wire(), place.wire()
        for wire in (second, first):
            self.assertEqual(200, wire.gets("/").status)
            place.server.wait(0.1)
        self.assertEqual(200, place.wire().gets("/chat.js").status)
        self.assertEqual([False, True, False], [wire.is_disconnected() for wire in (first, second, third)])
        for _ in range(40):  # each in its turn, but for the one that has only just come
            self.assertEqual(200, place.wire().gets("/chat.css").status)
        self.assertEqual([True, False], [wire.is_disconnected() for wire in (first, third)])
        place.server.wait(PRECONNECTED)
        self.assertEqual(200, place.wire().gets("/").status)
        self.assertTrue(third.is_disconnected())

    def test_a_network_makes_room_as_well(self) -> None:
        """Within an IPv6 /48, the first connection makes room for a new one; those of other networks stay."""
        place = Place(Limits(max_per_address=3, max_per_network=2))
        here, elsewhere = place.wire("2001:db8::1"), place.wire("2001:db8:1::1")
        self.assertEqual([200, 200], [here.gets("/").status, elsewhere.gets("/").status])
        wires = [place.wire(f"2001:db8:0:{number}::1") for number in (1, 2)]
        self.assertEqual([200, 200], [wire.gets("/").status for wire in wires])
        self.assertEqual([True, False], [here.is_disconnected(), elsewhere.is_disconnected()])

    def test_answers_that_nobody_reads(self) -> None:
        """Of a thousand requests in one piece, no more are answered than may wait to be read."""
        place = Place()
        wire = place.wire()
        wire.is_unread()
        wire.sends(b"GET /chat.css HTTP/1.1\r\nHost: a\r\n\r\n" * 1000)
        data = wire.reads()
        self.assertLess(len(data), 2 * UNREAD)
        self.assertEqual(1, data.count(b"HTTP/1.1 503 Service Unavailable"))
        self.assertTrue(wire.is_disconnected())

    def test_too_many_requests(self) -> None:
        """One address has so many answers in a minute, by however many connections; then it has to wait."""
        place = Place(Limits(requests_per_minute=3))
        wire = place.wire()
        self.assertEqual([200, 404, 426], [wire.gets(path).status for path in ("/", "/nothing", "/ws")])
        refused = wire.gets("/")
        self.assertEqual((429, "60"), (refused.status, refused.headers["retry-after"]))
        self.assertTrue(wire.is_disconnected())
        self.assertEqual(429, place.wire().gets("/").status)
        self.assertEqual(200, place.wire(address="198.51.100.7").gets("/").status)
        place.server.wait(60)
        self.assertEqual(200, place.wire().gets("/").status)

    def test_requests_without_limit(self) -> None:
        """As behind a proxy that does not say for whom it asks."""
        place = Place(Limits(requests_per_minute=0))
        wire = place.wire()
        self.assertEqual({200}, {wire.gets("/").status for _ in range(1300)})


class HostTests(SynchronousTestCase):
    """A request says whom it is for (RFC 9112, 3.2)."""

    def status(self, *hosts: str, version: str = "1.1", path: str = "/") -> int:
        """What a request with these Host headers is answered, and whether anything of it is logged: never."""
        wire = Place().wire()
        lines = [f"GET {path} HTTP/{version}", *(f"Host:{host}" for host in hosts), "", ""]
        with capturedLogs() as logged:
            wire.sends("\r\n".join(lines).encode())
        self.assertEqual([], logged)
        answer = Response(wire.reads())
        self.assertEqual(answer.status == 400, wire.is_disconnected())
        return answer.status

    def test_one(self) -> None:
        """One, which may be empty; of HTTP/1.0 there need be none."""
        self.assertEqual(
            [200] * 4, [self.status(each) for each in (" chat.example", "chat.example:80", "", " a..b \t")]
        )
        for path in ("/", "/chat.css"):
            wire = Place().wire()
            wire.sends(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            self.assertEqual(200, Response(wire.reads()).status)

    def test_none_or_two(self) -> None:
        """None, two, or one that is no host make a bad request, whatever is asked for."""
        for path in ("/", "/chat.js", "/ws", "/nowhere"):
            for hosts in ((), (" a", " a"), (" a", " b"), ("", "")):
                self.assertEqual(400, self.status(*hosts, path=path), (path, hosts))
        for host in (" a b", " a/b", " u@a", " a:b", " [::1", " a, b"):
            self.assertEqual(400, self.status(host), host)

    def test_names_of_statuses(self) -> None:
        """Every refusal is called by its name on the wire."""
        place = Place(Limits(requests_per_minute=6))
        for path, headers, name in (
            ("/ws", {}, b"426 Upgrade Required"),
            ("/nowhere", {}, b"404 Not Found"),
            ("/", {"method": "POST"}, b"405 Method Not Allowed"),
            ("/ws", {"Upgrade": "websocket", "Origin": "null"}, b"403 Forbidden"),
            ("/ws", {"Upgrade": "websocket"}, b"400 Bad Request"),
            ("/", {}, b"200 OK"),
            ("/", {}, b"429 Too Many Requests"),
        ):
            wire = place.wire()
            method = headers.get("method", "GET")
            lines = [f"{method} {path} HTTP/1.1", "Host: a", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
            wire.sends("\r\n".join(lines).encode())
            self.assertEqual(b"HTTP/1.1 " + name, wire.reads().partition(b"\r\n")[0])


class OriginTests(SynchronousTestCase):
    """Which pages may open a WebSocket."""

    def status(self, place: Place | None = None, **headers: str) -> int:
        """What the first half of a handshake is answered."""
        return (place or Place()).wire().shakes_hands(**headers).status

    def test_same_host(self) -> None:
        """The page that we serve may, over plain HTTP or behind a proxy that speaks TLS."""
        for origin in (f"http://{HOST}", f"https://{HOST}", f"https://{HOST.upper()}"):
            self.assertEqual(101, self.status(Origin=origin))
        self.assertEqual(101, self.status(Origin="http://localhost:8080", Host="localhost:8080"))

    def test_spellings(self) -> None:
        """A proxy may write the host in another way than the browser: its port, a dot at its end, an address."""
        for host, origin in (
            (f"{HOST}:443", f"https://{HOST}"),
            (f"{HOST}:80", f"http://{HOST}"),
            (HOST, f"https://{HOST}:443"),
            (HOST.upper(), f"https://{HOST}."),
            (f"{HOST}.:8443", f"https://{HOST}:8443"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("[0:0:0:0:0:0:0:1]", "https://[::1]"),
        ):
            self.assertEqual(101, self.status(Host=host, Origin=origin), (host, origin))
        for host, origin in (
            (f"{HOST}:80", f"https://{HOST}"),
            (f"{HOST}:443", f"http://{HOST}"),
            ("[::1]", "http://::1"),
        ):
            self.assertEqual(403, self.status(Host=host, Origin=origin), (host, origin))

    def test_tls_of_our_own(self) -> None:
        """Where we speak TLS ourselves, a page that came without is of another origin."""
        for scheme, status in (("https", 101), ("http", 403)):
            self.assertEqual(status, Place().wire(tls=True).shakes_hands(Origin=f"{scheme}://{HOST}").status)

    def test_forwarded(self) -> None:
        """What a stranger says of a proxy that there may not be changes nothing."""
        elsewhere = "elsewhere.example"
        for name, value in (
            ("X-Forwarded-Host", elsewhere),
            ("X-Forwarded-Proto", "https"),
            ("Forwarded", f"host={elsewhere};proto=https"),
            ("X-Original-Host", elsewhere),
        ):
            headers = {"Origin": f"https://{elsewhere}", name: value}
            self.assertEqual(403, Place().wire().shakes_hands(**headers).status, name)

    def test_elsewhere(self) -> None:
        """Pages of other sites may not, nor those that do not say where they are from."""
        others = ["https://elsewhere.example", f"https://{HOST}.elsewhere.example", f"http://{HOST}:81", "null", ""]
        for origin in [*others, f"ftp://{HOST}", HOST, f"http://elsewhere@{HOST}"]:
            self.assertEqual(403, self.status(Origin=origin), origin)

    def test_named(self) -> None:
        """An operator may name more sites."""
        place = Place(origins=["https://Intranet.example:8443"])
        self.assertEqual(101, self.status(place, Origin="https://intranet.example:8443"))
        self.assertEqual(101, self.status(place, Origin=f"http://{HOST}"))
        self.assertEqual(403, self.status(place, Origin="http://intranet.example:8443"))
        place = Place(origins=["https://bücher.example:443"])
        self.assertEqual(101, self.status(place, Origin="https://xn--bcher-kva.example"))

    def test_programs(self) -> None:
        """Programs that are no browsers need not say."""
        self.assertEqual(101, self.status())

    def test_two_origins(self) -> None:
        """A request that names two origins is nobody's."""
        wire = Place().wire()
        answer = wire.shakes_hands(**{"Origin": f"http://{HOST}\r\nOrigin: http://elsewhere.example"})
        self.assertEqual(403, answer.status)

    def test_broken_handshake(self) -> None:
        """Another version is a bad request, another protocol none of ours; nobody can fill the log in this way."""
        self.assertEqual(400, self.status(Sec_WebSocket_Version="7"))
        self.assertEqual(426, self.status(Upgrade="h2c"))
        broken = [{"Sec_WebSocket_Key": "too short=="}, {"Sec_WebSocket_Key": f"{'A' * 22}==\r\nSec-WebSocket-Key: a"}]
        broken += [{"Connection": "close"}, {"Host": "a\r\nHost: b"}, {"Sec_WebSocket_Version": "13\r\nX: y"}]
        place = Place()
        with capturedLogs() as logged:
            self.assertEqual([400, 400, 400, 400, 101], [self.status(place, **headers) for headers in broken])
        self.assertEqual([], logged)

    def test_headers_of_any_bytes(self) -> None:
        """They are lawful, and no reason for an error."""
        place = Place()
        with capturedLogs() as logged:
            for name in ("Origin", "Upgrade", "Accept-Encoding", "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"):
                for start in (b"GET / HTTP/1.1", HANDSHAKE):
                    wire = place.wire()
                    wire.sends(start + f"\r\n{name}: ".encode() + b"\xff;\x80=,,\r\nHost: chat.example\r\n\r\n")
                    self.assertIn(Response(wire.reads()).status, (101, 200, 403, 426))
        self.assertEqual([], logged)

    def test_host_that_is_none(self) -> None:
        """Programs may call the server what they like."""
        place = Place()
        with capturedLogs() as logged:
            self.assertEqual(101, self.status(place, Host="a..b"))
        self.assertEqual([], logged)
