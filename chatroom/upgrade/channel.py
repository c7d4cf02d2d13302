"""
What the two processes of an upgrade say to each other, and how file descriptors go from one to the other.

Messages are JSON; up to L{MOST} descriptors travel with one (SCM_RIGHTS, unix(7)), and bytes as they are, which JSON
would take a second for where people have not read megabytes. Both ends wait for each other, with a time limit. It knows
a socket, and nothing of what is said.
"""

from __future__ import annotations

import array
import json
import select
import socket
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

MOST = 250
"""Descriptors in one message; Linux takes 253."""

LONGEST = 1 << 30
"""Bytes of one message: more than the unread bytes of L{MOST} people can be."""

_HEAD = struct.Struct("!II")


class Broken(Exception):
    """The other end is gone, does not answer in time, or says what nobody understands."""


class Message(NamedTuple):
    """
    @ivar kind: a word. @ivar body: what JSON holds. @ivar descriptors: ours now, to be closed by us.
    @ivar raw: bytes that came along.
    """

    kind: str
    body: Any
    descriptors: tuple[int, ...]
    raw: tuple[bytes, ...] = ()


class Channel:
    """One end."""

    def __init__(self, wire: socket.socket) -> None:
        """@param wire: a connected UNIX stream socket."""
        self._wire = wire

    def send(
        self,
        kind: str,
        body: Any = None,
        descriptors: Sequence[int] = (),
        seconds: float = 30.0,
        raw: Sequence[bytes] = (),
    ) -> None:
        """
        Say something. The descriptors stay ours as well.

        @param seconds: so long the other end may take to read what it was sent before.
        @param raw: sent along as it is. Only to one who has said that it knows of this.
        @raise Broken:
        """
        said = [kind, body, list(map(len, raw))] if raw else [kind, body]
        data = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        self._wire.settimeout(seconds)
        try:
            head = memoryview(_HEAD.pack(len(data), len(descriptors)))
            sent = socket.send_fds(self._wire, [head], list(descriptors)) if descriptors else 0
            self._wire.sendall(head[sent:])
            self._wire.sendall(data)
            for each in raw:
                self._wire.sendall(each)
        except OSError as error:
            raise Broken(f"it does not listen ({error})") from error

    def receive(self, seconds: float) -> Message:
        """
        Wait for what the other end says next.

        @raise Broken:
        """
        self._wire.settimeout(seconds)
        descriptors: list[int] = []
        try:
            length, count = _HEAD.unpack(self._read(_HEAD.size, descriptors))
            if count != len(descriptors):
                raise Broken("not all descriptors arrived: too many files are open")
            if length > LONGEST:
                raise Broken("it sent an invalid message")
            kind, body, *lengths = json.loads(self._read(length))
            sizes = lengths[0] if lengths else ()
            if sum(sizes) > LONGEST:
                raise Broken("it sent an invalid message")
            raw = tuple(map(self._read, sizes))
        except BaseException as error:
            for each in descriptors:
                socket.close(each)
            if isinstance(error, TimeoutError):
                raise Broken(f"it has sent nothing for {seconds:.0f} seconds") from None
            if isinstance(error, OSError | ValueError | TypeError):
                raise Broken(f"it stopped sending ({error})") from error
            raise
        return Message(kind, body, tuple(descriptors), raw)

    def _read(self, length: int, descriptors: list[int] | None = None) -> bytes:
        """So many bytes; descriptors come with the first of them."""
        pieces, left = [], length
        while left:
            if descriptors is None:
                piece = self._wire.recv(min(left, 1 << 20))
            else:
                space = socket.CMSG_SPACE(MOST * array.array("i").itemsize)
                piece, found, _, _ = self._wire.recvmsg(left, space, getattr(socket, "MSG_CMSG_CLOEXEC", 0))
                for _, _, data in found:
                    received = array.array("i")
                    received.frombytes(data[: len(data) - len(data) % received.itemsize])
                    descriptors += received
            if not piece:
                raise Broken("it is gone")
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def has_news(self, seconds: float) -> bool:
        """Wait at most so long until there is something to be received."""
        waiting = select.poll()
        waiting.register(self._wire, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))

    def fileno(self) -> int:
        """For those who wait until there is something to be received."""
        return self._wire.fileno()

    def close(self) -> None:
        """The other end will find out."""
        self._wire.close()
