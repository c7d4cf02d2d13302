"""
Keys in order, however many there are: to add one, to remove one, and to begin in the middle takes next to no time.

It knows keys that can be compared, and nothing of what they stand for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Any)

BLOCK = 512
"""Keys of one block: with twice as many it becomes two."""


class SortedKeys(Generic[Key]):
    """
    A set of keys in ascending order.

    They lie in blocks, each of which is a sorted list. So a change moves one block in memory and the list of blocks,
    and a server with very many rooms does not stop for it.
    """

    __slots__ = ("_blocks", "_lasts", "_size")

    def __init__(self) -> None:
        self._blocks: list[list[Key]] = []
        self._lasts: list[Key] = []  # of each block, its last key
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Key]:
        return chain.from_iterable(self._blocks)

    def add(self, key: Key) -> None:
        """It is not among them yet."""
        self._size += 1
        if not self._blocks:
            self._blocks.append([key])
            self._lasts.append(key)
            return
        index = min(bisect_left(self._lasts, key), len(self._blocks) - 1)
        block = self._blocks[index]
        insort(block, key)
        self._lasts[index] = block[-1]
        if len(block) > 2 * BLOCK:
            self._blocks.insert(index + 1, block[BLOCK:])
            del block[BLOCK:]
            self._lasts.insert(index, block[-1])

    def remove(self, key: Key) -> None:
        """
        It is among them.

        @raise ValueError: it is not.
        """
        index = bisect_left(self._lasts, key)
        block = self._blocks[index] if index < len(self._blocks) else []
        place = bisect_left(block, key)
        if place == len(block) or block[place] != key:
            raise ValueError(f"{key!r} is not among them")
        del block[place]
        self._size -= 1
        if block:
            self._lasts[index] = block[-1]
        else:
            del self._blocks[index], self._lasts[index]

    def behind(self, key: Key) -> Iterator[Key]:
        """Those that come after a key, which need not be among them."""
        index = bisect_right(self._lasts, key)
        if index == len(self._blocks):
            return iter(())
        block = self._blocks[index]
        return chain(islice(block, bisect_right(block, key), None), chain.from_iterable(self._blocks[index + 1 :]))
