"""
WebSocket frames (RFC 6455, 5): those that we write, and a meter for those that we are sent.

A server's frames are not masked, so the bytes of one event can be shared by everybody who reads it. It knows bytes, and
neither connections nor what messages mean. Received frames are taken apart by L{twisted.web.websocket}, which takes
messages of any length; the L{Meter} checks their headers first.
"""

from __future__ import annotations

from enum import IntEnum
from struct import pack, unpack_from

LONGEST_REASON = 123
"""Bytes of a reason in a close frame: a control frame holds 125, and two are the code's (5.5.1)."""

MOST_FRAGMENTS = 64
"""Frames of one message. Browsers send one; a peer that sends thousands of tiny ones only makes work."""

TEXT, BINARY = 0x81, 0x82
"""The first byte of a message that is whole in one frame (5.2)."""

PING = b"\x89\x00"

EMPTY = b"\x81\x00"
"""An empty text message."""

CLOSE = b"\x88"
"""How a close frame begins."""

MALFORMED = (pack("!H", 1002), pack("!H", 1007))
"""Codes by which a parser closes what it cannot read: a protocol error, and text that is not UTF-8 (7.4.1)."""


class Code(IntEnum):
    """Why a connection is closed (7.4.1, and the registry it opened)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    UNSUPPORTED = 1003
    POLICY = 1008
    TOO_BIG = 1009
    TRY_LATER = 1013


def text_frame(text: str) -> bytes:
    """A text message, whole in one frame. Half characters, which UTF-8 cannot have, become question marks."""
    return message_frame(TEXT, text.encode(errors="replace"))


def message_frame(first: int, data: bytes) -> bytes:
    """A message, whole in one frame. @param first: L{TEXT}, for data that are UTF-8, or L{BINARY}."""
    size = len(data)
    if size < 126:
        return bytes((first, size)) + data
    if size < 65536:
        return pack("!BBH", first, 126, size) + data
    return pack("!BBQ", first, 127, size) + data


def close_frame(code: int, reason: str) -> bytes:
    """The last frame. Of the reason, so many whole characters as fit."""
    data = pack("!H", code) + reason.encode(errors="replace")[:LONGEST_REASON].decode(errors="ignore").encode()
    return bytes((0x88, len(data))) + data


def may_be_sent(code: int) -> bool:
    """
    Whether a peer may close with this code: those defined and not reserved for one's own use (7.4.1, and the registry
    it opened, which has codes up to 1014), those registered for libraries, and those of private use (7.4.2).
    """
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


class TooBig(Exception):
    """A message is longer than it may be, or comes in too many pieces."""


class Meter:
    """
    Goes through a client's frames, whatever their pieces, and counts. What is against the protocol is left for the
    parser to find.

    @ivar extras: frames that are no part of any talk: pings, pongs, and empty messages.
    @ivar goodbye: what a close frame holds, as far as it has come, still with its mask in front; C{None} before one.
    """

    __slots__ = ("_fragments", "_head", "_left", "_longest", "_size", "extras", "goodbye")

    def __init__(self, longest: int) -> None:
        """@param longest: bytes that a message may have."""
        self.extras = 0
        self.goodbye: bytes | None = None
        self._longest = longest
        self._head = b""
        self._left = 0
        self._size = 0
        self._fragments = 0

    def feed(self, data: bytes) -> None:
        """
        The next bytes.

        @raise TooBig: as soon as a frame's header says so, before anything of the frame is kept.
        """
        if self._head:
            data, self._head = self._head + data, b""
        at, end = 0, len(data)
        while at < end:
            if self._left:
                step = min(self._left, end - at)
                if self.goodbye is not None:
                    self.goodbye += data[at : at + step]
                self._left -= step
                at += step
                continue
            size = _header_size(data, at)
            if at + size > end:
                self._head = data[at:]
                return
            self._begin(data[at], _payload_length(data, at))
            if data[at] & 0x0F == 0x08 and size == 6:
                self.goodbye = data[at + 2 : at + 6]
            at += size

    def closed_with(self) -> int | None:
        """
        The code of a close frame that is whole and as it should be, or C{None}.

        The parser does not know all codes there are: what it takes for an error may be a goodbye (see L{may_be_sent}).
        """
        if self.goodbye is None or self._left:
            return None
        mask, payload = self.goodbye[:4], self.goodbye[4:]
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        if len(payload) < 2:
            return None
        try:
            payload[2:].decode()
        except UnicodeDecodeError:
            return None
        (code,) = unpack_from("!H", payload)
        return code if may_be_sent(code) else None

    def _begin(self, first: int, length: int) -> None:
        """@param first: the first byte of a frame: FIN, reserved bits, opcode."""
        self._left = length
        opcode, last = first & 0x0F, first & 0x80
        if opcode & 0x08:
            self.extras += 1
            return
        if opcode:
            self._size = self._fragments = 0
        self._size += length
        self._fragments += 1
        if self._size > self._longest or self._fragments > MOST_FRAGMENTS:
            raise TooBig
        if last and not self._size:
            self.extras += 1


def _header_size(data: bytes, at: int) -> int:
    """Bytes of the header that begins here, as far as can be seen: more than there are, if it is not whole."""
    if at + 2 > len(data):
        return 2
    second = data[at + 1]
    extended = {126: 2, 127: 8}.get(second & 0x7F, 0)
    return 2 + extended + (4 if second & 0x80 else 0)


def _payload_length(data: bytes, at: int) -> int:
    short = data[at + 1] & 0x7F
    if short < 126:
        return short
    length: int = unpack_from("!H" if short == 126 else "!Q", data, at + 2)[0]
    return length
