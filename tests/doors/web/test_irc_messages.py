"""
IRC over WebSocket: the same lines as over TCP, each in a message of its own.
"""

from __future__ import annotations

from struct import unpack

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.web.frames import BINARY, TEXT
from chatroom.doors.web.irc_messages import framed, is_irc, lines_of, subprotocol
from chatroom.limits import OFF, Limits
from tests.doors.web.browsers import Place
from tests.doors.web.irc_tabs import BINARY as BYTES
from tests.doors.web.irc_tabs import CLOSE, IrcTab

ALICE, BOB = (f":{nick}!~{nick}@{nick}.chatroom" for nick in ("alice", "bob"))
BOTH = ("text.ircv3.net", "binary.ircv3.net")


class HandshakeTests(SynchronousTestCase):
    """Which subprotocol is agreed on."""

    def agreed(self, *offered: str, irc: bool = True) -> str:
        """What the server answers to who offers these."""
        tab = IrcTab(Place(irc=irc), *offered)
        self.assertEqual(101, tab.answer.status)
        return tab.agreed

    def test_each(self) -> None:
        """Either is agreed on, the first one of both, and none of others."""
        self.assertEqual([*BOTH], [self.agreed(each) for each in BOTH])
        self.assertEqual("text.ircv3.net", self.agreed(*BOTH))
        self.assertEqual("binary.ircv3.net", self.agreed("chat", *reversed(BOTH)))
        self.assertEqual("", self.agreed("chat", "text.ircv3.net.example"))
        self.assertEqual("", self.agreed())

    def test_one_header_each(self) -> None:
        """Several headers are one list (RFC 9110, 5.3)."""
        self.assertEqual("binary.ircv3.net", subprotocol(["chat", "binary.ircv3.net,text.ircv3.net"]))

    def test_off(self) -> None:
        """Where IRC is switched off, nothing is agreed on, and its lines are no requests."""
        self.assertEqual("", self.agreed(*BOTH, irc=False))
        tab = IrcTab(Place(irc=False), *BOTH)
        tab.types("CAP LS 302")
        self.assertIn('"ok":false', tab.reads()[0])

    def test_without_a_path(self) -> None:
        """A client that knows no path asks at the root, where a browser still gets the page."""
        place = Place()
        asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"}
        key = {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec_WebSocket_Protocol": "text.ircv3.net"}
        answer = place.wire().gets("/", **asked, **key)
        self.assertEqual((101, "text.ircv3.net"), (answer.status, answer.headers["sec-websocket-protocol"]))
        self.assertEqual(200, place.wire().gets("/").status)
        self.assertEqual(403, place.wire().gets("/", **asked, **key, Origin="https://evil.example").status)

    def test_foreign_pages(self) -> None:
        """A page of another site is refused, unless its site is named: as for every WebSocket."""
        place = Place(origins=["https://gamja.example"])
        self.assertEqual(403, IrcTab(place, *BOTH, Origin="https://evil.example").answer.status)
        self.assertEqual("text.ircv3.net", IrcTab(place, *BOTH, Origin="https://gamja.example").agreed)

    def test_is_irc(self) -> None:
        """Without a subprotocol, the first line shows who speaks."""
        for line in (b"CAP LS 302", b"NICK alice", b"PASS secret", b"USER a 0 * :a", b"@label=1 CAP LS"):
            self.assertTrue(is_irc(line), line)
        for line in (b'{"id": 1}', b"nick alice", b"CAPS LOCK", b"hello", b""):
            self.assertFalse(is_irc(line), line)


class TalkTests(SynchronousTestCase):
    """An IRC client in a browser, in a room with people of other doors."""

    def setUp(self) -> None:
        self.place = Place()
        self.server = self.place.server
        self.alice = IrcTab(self.place, "text.ircv3.net").registers("alice")

    def test_everybody(self) -> None:
        """What one says all others read once: with nc, on the page, by IRC over TCP, and by IRC in a browser."""
        bob, page = self.server.guest("bob"), self.place.browser("carol")
        dave = self.server.irc_client("dave")
        erin = IrcTab(self.place, "binary.ircv3.net").registers("erin")
        self.alice.reads(), bob.reads(), dave.reads(), erin.reads(), page.hears()
        self.alice.types("PRIVMSG #lobby :hello")
        self.assertEqual(["<alice> hello"], bob.reads())
        self.assertEqual(["hello"], [event["text"] for event in page.hears()])
        self.assertEqual([f"{ALICE} PRIVMSG #lobby :hello"], dave.reads())
        self.assertEqual([f"{ALICE} PRIVMSG #lobby :hello"], erin.reads())
        self.assertEqual([], self.alice.reads())
        bob.types("hi")
        self.assertEqual([(1, f"{BOB} PRIVMSG #lobby :hi".encode())], self.alice.frames())
        self.assertEqual([(2, f"{BOB} PRIVMSG #lobby :hi".encode())], erin.frames())

    def test_same_lines(self) -> None:
        """A client reads the same over WebSocket and over TCP, to the byte, but for line ends."""
        script = (
            "CAP LS 302", "CAP REQ :batch labeled-response echo-message draft/chathistory message-tags",
            "NICK zoe", "USER zoe 0 * :Zoe", "CAP END", "JOIN #den", "@label=1 PRIVMSG #den :" + "é" * 200,
            "@label=2 WHO #den", "TOPIC #den :tea", "CHATHISTORY LATEST #den * 10", "NICK", "PING :now",
            "PRIVMSG #nowhere :x", "QUIT :bye",
        )  # fmt: skip
        read = []
        for offered in ((), BOTH[:1], BOTH[1:]):
            place = Place()
            client = IrcTab(place, *offered) if offered else place.server.irc_client()
            for line in script:
                client.types(line)
            read.append(client.reads())
        self.assertGreater(len(read[0]), 30)
        self.assertEqual(read[0], read[1])
        self.assertEqual(read[0], read[2])

    def test_frames_are_shared(self) -> None:
        """However many clients with the same capabilities read a line, its frame is made once."""
        places = [IrcTab(self.place, "text.ircv3.net").registers(nick) for nick in ("carol", "dora")]
        bob = self.server.guest("bob")
        written: list[bytes] = []
        for tab in places:
            tab.reads()
            tab.wire.end.write = written.append  # type: ignore[method-assign]
        bob.types("hello")
        said, also_said = written
        self.assertIs(said, also_said)

    def test_without_subprotocol(self) -> None:
        """A client that names none, as gamja, reads text messages; so does one that begins with NICK."""
        for nick, first in (("gamja", "CAP LS 302"), ("kiwi", "NICK kiwi")):
            tab = IrcTab(self.place)
            self.assertEqual("", tab.agreed)
            tab.types(first)
            tab.types(f"NICK {nick}", f"USER {nick} 0 * :{nick}", "CAP END")
            self.assertIn(f":chatroom 001 {nick} :", "\n".join(tab.reads()))

    def test_page_is_no_irc(self) -> None:
        """A program that sends JSON first is answered in JSON, and its lines of IRC are none."""
        tab = self.place.browser("carol")
        tab.sends("NICK mallory")
        self.assertIn("That is not JSON", "".join(tab.texts))

    def test_heartbeats(self) -> None:
        """An empty message, which the page is answered with another one, is nothing on IRC."""
        self.alice.sends(1, b"")
        self.assertEqual([], self.alice.frames())

    def test_pings(self) -> None:
        """A silent client is pinged by WebSocket, and let go if it does not answer."""
        seconds = self.server.limits.keepalive_time
        self.server.wait(seconds)
        self.assertEqual([(9, b"")], self.alice.frames())
        self.server.wait(seconds)
        self.assertTrue(self.alice.is_disconnected())

    def test_quit(self) -> None:
        """QUIT is answered with ERROR and a close frame, and the room reads why."""
        bob = self.server.guest("bob")
        bob.reads()
        self.alice.types("QUIT :tea time")
        *_, (_, error), (kind, close) = self.alice.frames()
        self.assertTrue(error.startswith(b"ERROR :"))
        self.assertEqual((CLOSE, 1000), (kind, *unpack("!H", close[:2])))
        self.assertIn("tea time", bob.reads()[0])

    def test_lost(self) -> None:
        """A connection that breaks is somebody who leaves."""
        bob = self.server.guest("bob")
        bob.reads()
        self.alice.disconnects()
        self.assertIn("alice", bob.reads()[0])

    def test_server_stops(self) -> None:
        """When the server stops, a client reads ERROR, and that it may come back."""
        fresh = IrcTab(self.place, "text.ircv3.net")
        self.place.factory.doStop()
        self.server.doorkeeper.close("See you soon.")
        for tab in (self.alice, fresh):
            *_, (_, error), (kind, close) = tab.frames()
            self.assertEqual(b"ERROR :Closing link: See you soon.", error)
            self.assertEqual((CLOSE, 1001), (kind, *unpack("!H", close[:2])))


class LimitTests(SynchronousTestCase):
    """What a hostile client can send."""

    def setUp(self) -> None:
        self.place = Place(Limits(talk_rate=OFF, work_rate=OFF))
        self.alice = IrcTab(self.place, *BOTH).registers("alice")

    def numbers(self) -> list[str]:
        """The numbers, or words, of the lines that came."""
        return [line.split(" ")[1] for line in self.alice.reads()]

    def test_too_long(self) -> None:
        """A line that is too long, in its tags or behind them, is 417, and the connection stays."""
        self.alice.types("PRIVMSG #lobby :" + "x" * 600, "@" + "x" * 9000 + " PING now", "x" * 10_000, "PING :now")
        self.assertEqual(["417", "417", "417", "PONG"], self.numbers())

    def test_too_big(self) -> None:
        """A message that no request may be as long as is not read: the connection is closed, with its code."""
        self.alice.types("x" * (self.place.server.limits.json_length + 1))
        *_, (kind, close) = self.alice.frames()
        self.assertEqual((CLOSE, 1009), (kind, *unpack("!H", close[:2])))

    def test_not_utf8(self) -> None:
        """Bytes that are no UTF-8 are refused by a line in a binary message, and by WebSocket itself in a text."""
        self.alice.sends(BYTES, b"PRIVMSG #lobby :\xff\xfe")
        self.assertEqual(["FAIL"], self.numbers())
        self.alice.sends(1, b"PRIVMSG #lobby :\xff\xfe")
        *_, (kind, close) = self.alice.frames()
        self.assertEqual((CLOSE, 1007), (kind, *unpack("!H", close[:2])))

    def test_several_lines(self) -> None:
        """Lines that come in one message, or with their ends, are lines all the same; none of them is a text's."""
        bob = self.place.server.guest("bob")
        bob.reads()
        self.alice.types("PRIVMSG #lobby :one\r\nPRIVMSG #lobby :two\r\n\r\nPRIVMSG #lobby :three\n")
        self.assertEqual(["<alice> one", "<alice> two", "<alice> three"], bob.reads())

    def test_talk_rate(self) -> None:
        """A client that talks too fast is slowed down as everybody is: lines wait, and none is lost."""
        place = Place(Limits(talk_burst=3, talk_rate=1.0, work_rate=OFF))
        bob, carol = place.server.guest("bob"), IrcTab(place, *BOTH)
        carol.types("NICK carol", "USER carol 0 * :Carol")
        place.server.wait(10)
        bob.reads()
        carol.types(*(f"PRIVMSG #lobby :{number}" for number in range(6)))
        self.assertLess(len(bob.reads()), 6)
        place.server.wait(10)
        self.assertEqual("<carol> 5", bob.reads()[-1])

    def test_gate(self) -> None:
        """One connection too many reads ERROR and that it may try later."""
        place = Place(Limits(max_per_address=1))
        first = IrcTab(place, *BOTH).registers("first")
        second = IrcTab(place, *BOTH)
        [(_, error), (kind, close)] = second.frames()
        self.assertTrue(error.startswith(b"ERROR :"), error)
        self.assertEqual((CLOSE, 1013), (kind, *unpack("!H", close[:2])))
        self.assertFalse(first.is_disconnected())

    def test_nameless(self) -> None:
        """Who does not register in time is let go, as at every door."""
        tab = IrcTab(self.place, *BOTH)
        self.place.server.wait(self.place.server.limits.register_time + 1)
        self.assertTrue(tab.is_disconnected())
        self.assertIn(b"ERROR :", b"".join(payload for _, payload in tab.frames()))


class FrameTests(SynchronousTestCase):
    """Lines as frames and back."""

    @given(st.lists(st.binary(min_size=1, max_size=300).filter(lambda line: not {10, 13} & {*line})), st.booleans())
    def test_framed(self, lines: list[bytes], binary: bool) -> None:
        """Whatever the lines, each is one message, whole, in order, and of the kind that was asked for."""
        first = BINARY if binary else TEXT
        data = framed(b"".join(line + b"\r\n" for line in lines), first)
        for line in lines:
            size = bytes((len(line),)) if len(line) < 126 else b"\x7e" + len(line).to_bytes(2, "big")
            head = bytes((first,)) + size
            self.assertTrue(data.startswith(head + line))
            data = data[len(head + line) :]
        self.assertEqual(b"", data)

    @given(st.binary(max_size=300))
    def test_lines_of(self, message: bytes) -> None:
        """Whatever a message holds, its lines have no line ends in them, are not empty, and lose nothing else."""
        lines = lines_of(message)
        self.assertNotIn(b"", lines)
        self.assertFalse(any(b"\n" in line for line in lines))
        self.assertEqual(message.translate(None, b"\r\n"), b"".join(lines).translate(None, b"\r"))
