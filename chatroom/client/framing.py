"""
How requests and answers travel: as lines over TCP, or as the texts of a WebSocket (RFC 6455).

Bytes in, bytes out: it knows no socket and no loop. What a server sends is not trusted: what is against the protocol,
or has no end, ends in a L{LinkError}.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha1
from typing import Protocol

from chatroom.client.link import LONGEST, LinkError
from chatroom.client.url import Address

HEAD = 16 * 1024
"""Bytes of the answer to the handshake."""

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUED, _TEXT, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x8, 0x9, 0xA
_FINAL = 0x80


class Framing(Protocol):
    """
    One connection's. C{opened}: requests may be sent.
    """

    opened: bool

    def opening(self) -> bytes:
        """What is sent first, perhaps nothing."""

    def unwrap(self, data: bytes) -> bytes:
        """Lines of JSON in what came, whole or not. @raise LinkError: it is none of the protocol's."""

    def wrap(self, lines: bytes) -> bytes:
        """Bytes that carry these whole lines."""

    def replies(self) -> bytes:
        """What has to be sent for what came, such as the answer to a ping."""


class LineFraming:
    """Lines are their own frames."""

    opened = True

    def opening(self) -> bytes:
        return b""

    def unwrap(self, data: bytes) -> bytes:
        return data

    def wrap(self, lines: bytes) -> bytes:
        return lines

    def replies(self) -> bytes:
        return b""


class WebSocketFraming:
    """A text message for each line, as a client sends them: masked (RFC 6455, 5.3)."""

    def __init__(self, host: str, path: str, random: Callable[[int], bytes] = os.urandom) -> None:
        """@param host: for the C{Host} header, with its port. @param random: so many random bytes."""
        self.opened = False
        self._random = random
        self._key = b64encode(random(16))
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {self._key.decode()}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
        self._unread = b""
        self._message = b""
        self._replies: list[bytes] = []

    def opening(self) -> bytes:
        return self._request

    def replies(self) -> bytes:
        replies, self._replies = b"".join(self._replies), []
        return replies

    def wrap(self, lines: bytes) -> bytes:
        return b"".join(self._frame(_TEXT, line) for line in lines.split(b"\n") if line)

    def unwrap(self, data: bytes) -> bytes:
        self._unread += data
        if not self.opened and not self._open():
            return b""
        lines: list[bytes] = []
        while (frame := self._next()) is not None:
            self._hear(*frame, lines)
        return b"".join(lines)

    def _open(self) -> bool:
        """Read the answer to the handshake, if all of it is there."""
        head, end, rest = self._unread.partition(b"\r\n\r\n")
        if not end:
            if len(self._unread) > HEAD:
                raise LinkError("The other side does not speak HTTP.")
            return False
        first, *fields = head.decode("latin-1").split("\r\n")
        status = first.split(" ")
        if len(status) < 2 or not status[0].startswith("HTTP/1.") or status[1] != "101":
            raise LinkError(f"The other side answered {first[:100]!r} and opens no WebSocket.")
        named = {name.strip().lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        accepted = b64encode(sha1(self._key + _GUID, usedforsecurity=False).digest()).decode()
        if named.get("sec-websocket-accept") != accepted:
            raise LinkError("The other side does not speak WebSocket.")
        self.opened, self._unread = True, rest
        return True

    def _next(self) -> tuple[int, bool, bytes] | None:
        """The next frame: its kind, whether it ends a message, and what it holds; C{None}: not all of it is there."""
        data = self._unread
        if len(data) < 2:
            return None
        kind, final, size, start = data[0] & 0x0F, bool(data[0] & _FINAL), data[1] & 0x7F, 2
        if data[1] & 0x80 or data[0] & 0x70:
            raise LinkError("The other side sent a frame that no server may send.")
        if size > 125:
            wide = 2 if size == 126 else 8
            start += wide
            if len(data) < start:
                return None
            size = int.from_bytes(data[2:start], "big")
        if size > LONGEST or len(self._message) + size > LONGEST or (kind >= _CLOSE and (size > 125 or not final)):
            raise LinkError("The other side sent a message that is too long.")
        if len(data) < start + size:
            return None
        self._unread = data[start + size :]
        return kind, final, data[start : start + size]

    def _hear(self, kind: int, final: bool, payload: bytes, lines: list[bytes]) -> None:
        if kind == _PING:
            self._replies.append(self._frame(_PONG, payload))
        elif kind == _CLOSE:
            self._replies.append(self._frame(_CLOSE, payload[:2]))
        elif kind in (_TEXT, _CONTINUED):
            self._message += payload
            if final:
                message, self._message = self._message, b""
                if message:  # an empty one is a heartbeat
                    lines.append(message.replace(b"\n", b" ") + b"\n")
        elif kind != _PONG:
            raise LinkError("The other side sent a frame of an unknown kind.")

    def _frame(self, kind: int, payload: bytes) -> bytes:
        size = len(payload)
        if size < 126:
            head = bytes((_FINAL | kind, 0x80 | size))
        elif size < 1 << 16:
            head = bytes((_FINAL | kind, 0x80 | 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((_FINAL | kind, 0x80 | 127)) + size.to_bytes(8, "big")
        mask = self._random(4)
        key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
        return head + mask + (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")


def framing_of(address: Address) -> Framing:
    """What a connection to this address begins with."""
    return WebSocketFraming(address.server, address.path) if address.path else LineFraming()
