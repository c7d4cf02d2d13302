"""
Messages of one connection that wait far from their turn, packed: what was sent in a hundred bytes takes not much more.

Thirty thousand lines of two letters are 96 KiB as they come, and twenty times as much as objects. It knows bytes, and
nothing of what they mean.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

PACK = 128
"""Messages in one piece, which is unpacked as a whole."""

END = b"\n"


class Backlog:
    """First in, first out."""

    __slots__ = ("_count", "_last", "_packs")

    def __init__(self) -> None:
        # Messages joined by their ends, or in a tuple of one what cannot be: C{None}, or one that holds such an end.
        self._packs: deque[bytes | tuple[bytes | None]] = deque()
        self._last: list[bytes] = []
        self._count = 0

    def put(self, message: bytes | None) -> None:
        """
        Behind the others.

        @param message: C{None} in place of one that was too long.
        """
        self._count += 1
        if message is None or END in message:
            self._pack()
            self._packs.append((message,))
            return
        self._last.append(message)
        if len(self._last) == PACK:
            self._pack()

    def _pack(self) -> None:
        if self._last:
            self._packs.append(END.join(self._last))
            self._last = []

    def take(self) -> Sequence[bytes | None]:
        """Some of those in front, in order; at least one, unless there are none."""
        taken: Sequence[bytes | None]
        if self._packs:
            taken = _unpacked(self._packs.popleft())
        else:
            taken, self._last = self._last, []
        self._count -= len(taken)
        return taken

    def __len__(self) -> int:
        return self._count

    def __bool__(self) -> bool:
        return bool(self._packs or self._last)

    def __iter__(self) -> Iterator[bytes | None]:
        for pack in self._packs:
            yield from _unpacked(pack)
        yield from self._last


def _unpacked(pack: bytes | tuple[bytes | None]) -> Sequence[bytes | None]:
    return pack if isinstance(pack, tuple) else pack.split(END)
