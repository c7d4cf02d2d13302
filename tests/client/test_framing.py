"""
Lines as the texts of a WebSocket, from the client's end: the handshake, frames in any pieces, and hostile servers.
"""

from __future__ import annotations

import contextlib
from base64 import b64encode
from hashlib import sha1

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.framing import HEAD, LineFraming, WebSocketFraming, framing_of
from chatroom.client.link import LONGEST, LinkError
from chatroom.client.url import parse

KEY = b64encode(bytes(16))
ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    + b64encode(sha1(KEY + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest())
    + b"\r\n\r\n"
)


def frame(payload: bytes, kind: int = 0x1, final: bool = True) -> bytes:
    """A frame as a server sends it."""
    first, size = (0x80 if final else 0) | kind, len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    wide = 2 if size < 1 << 16 else 8
    return bytes((first, 126 if wide == 2 else 127)) + size.to_bytes(wide, "big") + payload


def opened() -> WebSocketFraming:
    """One that has its handshake behind it."""
    framing = WebSocketFraming("server.example:8080", "/ws", bytes)
    framing.unwrap(ACCEPTED)
    assert framing.opened
    return framing


class WebSocketTests(SynchronousTestCase):
    """What is sent and what is read."""

    def test_handshake(self) -> None:
        """It is a GET request with a key (RFC 6455, 4.1); only the right answer to that key opens the connection."""
        framing = WebSocketFraming("server.example:8080", "/ws", bytes)
        request = framing.opening().decode()
        self.assertTrue(request.startswith("GET /ws HTTP/1.1\r\nHost: server.example:8080\r\n"))
        self.assertIn(f"Sec-WebSocket-Key: {KEY.decode()}\r\n", request)
        self.assertEqual(b"", framing.unwrap(ACCEPTED[:20]))
        self.assertFalse(framing.opened)
        self.assertEqual(b"{}\n", framing.unwrap(ACCEPTED[20:] + frame(b"{}")))
        for answer in (b"HTTP/1.1 403 Forbidden\r\n\r\n", b"nonsense\r\n\r\n", b"x" * (HEAD + 1),
                       ACCEPTED.replace(b"Accept: ", b"Accept: x")):  # fmt: skip
            self.assertRaises(LinkError, WebSocketFraming("h", "/ws", bytes).unwrap, answer)

    def test_requests_are_masked(self) -> None:
        """Each line is a text message of its own, of any length, masked as a client's has to be (RFC 6455, 5.3)."""
        framing = WebSocketFraming("h", "/ws", lambda count: b"\x01\x02\x03\x04"[:count].ljust(count, b"\0"))
        self.assertEqual(bytes((0x81, 0x82, 1, 2, 3, 4)) + bytes((ord("a") ^ 1, ord("b") ^ 2)), framing.wrap(b"ab\n"))
        self.assertEqual(2, framing.wrap(b"ab\ncd\n").count(b"\x81\x82"))
        self.assertEqual(b"\x81\xfe\x03\xe8", framing.wrap(b"x" * 1000 + b"\n")[:4])
        self.assertEqual(b"\x81\xff" + (70_000).to_bytes(8, "big"), framing.wrap(b"x" * 70_000 + b"\n")[:10])

    @given(st.lists(st.binary(max_size=300)), st.data())
    def test_pieces(self, texts: list[bytes], data: st.DataObject) -> None:
        """However a server's bytes are cut, and its messages are fragmented, the same lines come out."""
        sent, lines = ACCEPTED, b""
        for text in texts:
            cut = data.draw(st.integers(0, len(text)))
            sent += frame(text[:cut], 0x1, final=False) + frame(b"", 0x9) + frame(text[cut:], 0x0)
            lines += text.replace(b"\n", b" ") + b"\n" if text else b""
        framing, read = WebSocketFraming("h", "/ws", bytes), b""
        while sent:
            size = data.draw(st.integers(1, len(sent)))
            read, sent = read + framing.unwrap(sent[:size]), sent[size:]
        self.assertEqual(lines, read)
        self.assertEqual(len(texts), framing.replies().count(b"\x8a\x80"))

    def test_a_ping_and_a_close_are_answered(self) -> None:
        """With what they hold, once."""
        framing = opened()
        self.assertEqual(b"", framing.unwrap(frame(b"hi", 0x9) + frame(b"\x03\xe9bye", 0x8)))
        self.assertEqual(b"\x8a\x82\0\0\0\0hi" + b"\x88\x82\0\0\0\0\x03\xe9", framing.replies())
        self.assertEqual(b"", framing.replies())

    def test_what_no_server_may_send(self) -> None:
        """A masked frame, a reserved bit or kind, a long ping and a message without end are refused at once."""
        endless = b"\x81\x7f" + (LONGEST + 1).to_bytes(8, "big")
        for sent in (b"\x81\x80\0\0\0\0", b"\xc1\x00", b"\x83\x00", b"\x82\x00", frame(b"x" * 126, 0x9), endless):
            self.assertRaises(LinkError, opened().unwrap, sent)

    @given(st.binary())
    def test_garbage(self, garbage: bytes) -> None:
        """Whatever a server sends, it is read, waited for or refused."""
        framing = opened()
        with contextlib.suppress(LinkError):
            framing.unwrap(garbage)


class AddressTests(SynchronousTestCase):
    """Which addresses are a WebSocket's."""

    def test_schemes(self) -> None:
        """C{ws://} and C{wss://} have a path, and the room behind a C{#}; an address is written as it was read."""
        for url, port, tls, path, room in (
            ("ws://echo@server.example:8080/ws#den", 8080, False, "/ws", "den"),
            ("wss://server.example/chat/ws", 443, True, "/chat/ws", ""),
            ("ws://[::1]/ws", 80, False, "/ws", ""),
        ):
            address = parse(url)
            self.assertEqual((port, tls, path, room), (address.port, address.tls, address.path, address.room))
            self.assertEqual(url, str(address))
            self.assertIsInstance(framing_of(address), WebSocketFraming)
        self.assertEqual("/ws", parse("ws://server.example").path)
        self.assertIsInstance(framing_of(parse("chat://server.example/den")), LineFraming)
