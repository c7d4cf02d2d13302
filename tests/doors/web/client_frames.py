"""
Frames of WebSocket as a browser writes them.
"""

from __future__ import annotations

from struct import pack

MASK = b"\x01\x02\x03\x04"


def frame(opcode: int, size: int, last: bool = True) -> bytes:
    """A client's frame: with a mask, and its length in the shortest of three ways."""
    first = opcode | (0x80 if last else 0)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 65536:
        head = pack("!BBH", first, 0x80 | 126, size)
    else:
        head = pack("!BBQ", first, 0x80 | 127, size)
    return head + MASK + b"x" * size


def whole_frame(opcode: int, payload: bytes) -> bytes:
    """A client's frame with this in it, up to 125 bytes."""
    return bytes((0x80 | opcode, 0x80 | len(payload))) + MASK + _masked(payload)


def masked_frame(opcode: int, payload: bytes) -> bytes:
    """The same of any size."""
    size = len(payload)
    return frame(opcode, size).removesuffix(b"x" * size) + _masked(payload)


def _masked(payload: bytes) -> bytes:
    return bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))
