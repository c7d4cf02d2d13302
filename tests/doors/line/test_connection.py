"""
The line door's bytes: whatever comes in, in whatever pieces, the same lines come out, and nobody is harmed.
"""

from __future__ import annotations

import re
import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatroom.doors.line.aim import Aim
from chatroom.doors.line.text import ENDLESS
from chatroom.limits import OFF, Limits
from chatroom.testing import FakeTransport, Guest, Line, Server

FAST = Limits(talk_rate=OFF, line_length=64, json_length=256)
"""Nobody is slowed down, and too long is soon reached."""


class LineEndTests(SynchronousTestCase):
    """Where a line ends."""

    def setUp(self) -> None:
        self.server = Server(FAST)
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()

    def test_both_line_ends_are_understood(self) -> None:
        """LF, as nc sends, and CR LF, as telnet does."""
        self.alice.sends(b"one\ntwo\r\nthree\n")
        self.assertEqual(["<alice> one", "<alice> two", "<alice> three"], self.bob.reads())

    def test_nc_gets_no_carriage_returns(self) -> None:
        """To nc, lines end with LF alone, and no telnet bytes are sent."""
        self.bob.types("hello", "/who", "/signup")
        self.assertNotIn(b"\r", self.alice.receives() + self.bob.receives())

    def test_a_line_may_come_byte_by_byte(self) -> None:
        """It is said when it ends."""
        for byte in "grüße\n".encode():
            self.assertEqual([], self.bob.reads())
            self.alice.sends(bytes([byte]))
        self.assertEqual(["<alice> grüße"], self.bob.reads())

    def test_too_long_line_is_refused_once(self) -> None:
        """With the limit; what comes before and after it is said."""
        self.alice.sends(b"before\n" + b"x" * 65 + b"\nafter\n")
        self.assertEqual(["<alice> before", "<alice> after"], self.bob.reads())
        (refusal,) = self.alice.reads()
        self.assertIn("64 bytes", refusal)
        self.assertTrue(refusal.startswith("! "), refusal)

    def test_line_may_be_as_long_as_the_limit(self) -> None:
        """The line's end is not counted, whichever it is."""
        self.alice.sends(b"x" * 64 + b"\r\n" + b"y" * 64 + b"\n")
        self.assertEqual([f"<alice> {'x' * 64}", f"<alice> {'y' * 64}"], self.bob.reads())

    def test_endless_line_is_cut(self) -> None:
        """It is thrown away as it comes, and after a mebibyte the connection is closed with a reason."""
        sent = 0
        while not self.alice.is_disconnected():
            self.alice.sends(b"x" * 65536)
            sent += 65536
            self.assertLess(len(self.alice.protocol._buffer), 65536)
        self.assertGreater(sent, ENDLESS)
        self.assertIn("without an end", self.alice.reads()[-1])
        self.assertIn("-- alice left the chat", self.bob.reads()[-1])

    def test_a_hundred_thousand_empty_lines(self) -> None:
        """They say nothing and cost nobody anything, and the line behind them is said."""
        self.alice.sends(b"\n" * 100_000 + b"hello\n")
        self.assertEqual(["<alice> hello"], self.bob.reads())
        self.assertEqual([], self.alice.reads())

    def test_first_line_and_more_in_one_piece(self) -> None:
        """What comes in one piece with a first line that ends with CR LF is read as in a piece of its own."""
        for nick, pieces in (
            ("carol", (b"carol\r\none\rtwo\r\nthr", b"ee\r\n")),
            ("dave", (b"dave\r\n", b"one\rtwo\r\n", b"three\r\n")),
        ):
            somebody = self.server.connection()
            somebody.greeting()
            self.bob.reads()
            for piece in pieces:
                somebody.sends(piece)
            self.assertEqual([f"<{nick}> {word}" for word in ("one", "two", "three")], self.bob.reads()[1:])


class EncodingTests(SynchronousTestCase):
    """UTF-8 it is."""

    def setUp(self) -> None:
        self.server = Server(FAST)
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.alice.reads()

    def test_other_encodings_are_refused(self) -> None:
        """Nothing is guessed: the refusal names UTF-8, and the next line is said."""
        self.alice.sends("grüße\n".encode("latin-1") + b"hello\n")
        (refusal,) = self.alice.reads()
        self.assertIn("UTF-8", refusal)
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_latin_letters_that_look_like_telnet_are_refused(self) -> None:
        """The letter ÿ in Latin-1 is the byte with which telnet commands begin."""
        self.alice.sends("ÿes\n".encode("latin-1") + b"hello\n")
        self.assertIn("UTF-8", "".join(self.alice.reads()))
        self.assertEqual(["<alice> hello"], self.bob.reads())

    def test_nuls_are_left_out(self) -> None:
        """They are nothing."""
        self.alice.sends(b"he\0llo\0\n")
        self.assertEqual(["<alice> hello"], self.bob.reads())


class StrangerTests(SynchronousTestCase):
    """Those who took this for another kind of server."""

    def setUp(self) -> None:
        self.server = Server()
        self.line = Line(self.server, "192.0.2.1")

    def test_browser_is_told_in_its_own_language(self) -> None:
        """A whole HTTP answer, with nothing before it, and a closed connection."""
        self.line.sends(b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl\r\n\r\n")
        head, _, body = self.line.receives().partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 400 "), head)
        self.assertIn(b"text/plain", head)
        self.assertIn(b"Content-Length: %d" % len(body), head)
        self.assertIn(b"chat server", body)
        self.assertTrue(self.line.is_disconnected())

    def test_every_method_of_http(self) -> None:
        """Also those of proxies and of HTTP/2."""
        for method in ("POST /x", "CONNECT a:443", "OPTIONS *", "PRI *"):
            line = Line(self.server, "192.0.2.1")
            line.sends(f"{method} HTTP/2.0\r\n".encode())
            self.assertTrue(line.receives().startswith(b"HTTP/1.1 400 "), method)

    def test_tls_client_gets_an_alert(self) -> None:
        """A TLS client gets an alert that it can read as TLS, and nothing else. Its hello may come in pieces."""
        hello = b"\x16\x03\x01\x00\xc4\x01\x00\x00\xc0\x03\x03\n\n"
        for pieces in ([hello], [bytes([byte]) for byte in hello]):
            line = Line(self.server, "192.0.2.1")
            for piece in pieces:
                line.sends(piece)
            self.assertEqual(b"\x15\x03\x01\x00\x02\x02\x28", line.receives())
            self.assertTrue(line.is_disconnected())

    def test_nothing_behind_the_request_is_listened_to(self) -> None:
        """Nothing behind the request is listened to, even while the answer is on its way: nobody has joined."""
        self.patch(FakeTransport, "loseConnection", lambda wire: None)
        for behind in (b"alice\nhello\n", b'{"id"', b"", b"x" * 10_000):
            line = Line(self.server, "192.0.2.1")
            line.sends(b"GET / HTTP/1.1\n" + behind)
            line.sends(b"bob\n")
            self.assertEqual([], list(self.server.connections.callers))

    def test_people_may_talk_about_http(self) -> None:
        """Once they are in, a request is a line like others."""
        self.line.sends(b"alice\n")
        bob = self.server.guest("bob")
        self.line.sends(b"GET / HTTP/1.1\n")
        self.assertEqual(["<alice> GET / HTTP/1.1"], bob.reads())

    def test_whoever_speaks_first_is_not_greeted_in_between(self) -> None:
        """A program reads nothing but JSON if it does not wait for the greeting."""
        self.line.sends(b'{"id": 1, ')
        self.server.wait(1)
        self.line.sends(b'"do": "hello", "nick": "robot"}\n')
        self.assertTrue(self.line.receives().startswith(b'{"id":1,"ok":true'))


class HalfCloseTests(SynchronousTestCase):
    """C{printf ... | nc -N}: whoever has said everything still reads."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")

    def test_it_is_understood(self) -> None:
        """Twisted asks for this interface."""
        verifyObject(IHalfCloseableProtocol, Line(self.server, "127.0.0.1").protocol)

    def test_all_is_done_and_answered_first(self) -> None:
        """All is done and answered before the connection is closed."""
        alice = self.server.connection()
        alice.protocol.dataReceived(b"alice\nhello\n/who\n/create attic\n/rooms\n")
        alice.ends()
        answers = "\n".join(alice.reads())
        self.assertIn("Registration successful", answers)
        self.assertIn("You created attic", answers)
        self.assertIn("lobby: ", answers)
        self.assertTrue(alice.is_disconnected())
        self.assertIn("<alice> hello", self.bob.reads())

    def test_last_line_needs_no_end(self) -> None:
        """As C{printf 'alice\\nhello' | nc -N}."""
        alice = self.server.connection()
        alice.sends(b"alice\nhello")
        alice.ends()
        self.assertIn("<alice> hello", self.bob.reads())

    def test_more_than_the_burst_is_said_in_time(self) -> None:
        """Somebody who has sent more than may be said at once is not cut off."""
        alice = self.server.connection()
        alice.sends(b"alice\n" + b"".join(b"%d\n" % number for number in range(60)))
        alice.ends()
        self.assertFalse(alice.is_disconnected())
        self.server.wait(30)
        self.assertEqual([f"<alice> {number}" for number in range(60)], self.bob.reads()[1:-1])
        self.assertTrue(alice.is_disconnected())

    def test_silence_ends_it_too(self) -> None:
        """Whoever connects and closes leaves nothing behind."""
        self.server.connection().ends()
        self.assertEqual(1, len(self.server.doorkeeper.present))


def shown(guest: Line) -> bytes:
    """
    What a person sees of what was written. Left out are tokens, which are random; telnet's line ends and commands,
    which come as soon as they can.
    """
    return re.sub(rb"/resume \S+|\xff[\xfb-\xfe].|\r", b"", guest.receives(), flags=re.DOTALL)


PIECES = st.lists(
    st.one_of(
        st.binary(max_size=100),
        st.sampled_from(
            [
                b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xff\xfd\x01", b"\xff\xfb\x1f", b"\xff\xfa\x1f\0\xff\xf0",
                b"\xff\xf6", b"/", b"//", b"@", b"@bob hi", b"/who", b"/create attic", b"/look lobby", b"/me ",
                b"/topic ", b"/nick ", b"/signup", b"/history", b"/quit", b"QUIT", b"x" * 70, "grüße".encode(),
                b"\x1b[2J", "\u202eabc".encode(), "\x9b31m".encode(),
                "\u2069\u05d0\u2068".encode(), "\u2028".encode(), b'{"id":1,"do":"who"}',
            ]
        ),
    ),
    max_size=30,
)  # fmt: skip
"""Bytes somebody might send, and bytes nobody should."""


class AnyBytesTests(SynchronousTestCase):
    """Whatever alice sends."""

    @settings(deadline=None)
    @given(PIECES, st.lists(st.integers(1, 40), max_size=40))
    @example([b"\r\n! \r"], [2])
    @example([b"!\n{\n"], [2])
    def test_pieces_do_not_matter(self, pieces: list[bytes], cuts: list[int]) -> None:
        """
        Cut at any places, the same bytes have the same effect, for her and for others, but for lines that are not sent
        because she could not read yet that a command before them was refused: only time tells those.
        """
        self.patch(Aim, "missed", lambda aim, lines: None)
        data = b"".join(pieces)
        whole, cut = self.read_after([data]), self.read_after(self.cut(data, cuts))
        self.assertEqual(whole, cut)

    @settings(deadline=None)
    @given(PIECES)
    def test_nobody_is_harmed(self, pieces: list[bytes]) -> None:
        """Nothing is raised and nothing logged, and bob's terminal gets only text, a line at a time."""
        _, bob = self.read_after([b"alice\n" + b"".join(pieces) + b"\n"])
        for line in bob.decode().split("\n"):
            # The server itself isolates what is written from right to left; alice cannot open or close anything.
            for character in re.sub("\u2068[^\u2068\u2069]*\u2069", "", line):
                self.assertNotIn(unicodedata.category(character), ("Cc", "Zl", "Zp", "Cs"))
                self.assertNotIn(character, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        self.assertTrue(bob == b"" or bob.endswith(b"\n"))

    def cut(self, data: bytes, sizes: list[int]) -> list[bytes]:
        """The data in pieces of these sizes, and the rest."""
        pieces, at = [], 0
        for size in sizes:
            pieces.append(data[at : at + size])
            at += size
        return [*pieces, data[at:]]

    def read_after(self, pieces: list[bytes]) -> tuple[bytes, bytes]:
        """What alice and bob read when alice has sent this."""
        server = Server(FAST)
        bob, alice = server.guest("bob"), Guest(server, "127.0.0.1")
        alice.greeting()
        for piece in pieces:
            if piece:
                alice.sends(piece)
        self.assertEqual([], self.flushLoggedErrors())
        return shown(alice), shown(bob)
