"""
Lists that are asked for whole and read from the top: what nobody reads of them is not made.

It knows sequences, and nothing of what is in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, overload

T = TypeVar("T")


class Listing(Sequence[T]):
    """
    A sequence that is made while it is read. It holds in the turn of the reactor in which it was asked for; who reads
    it later makes a list of it first.
    """

    __slots__ = ("_total", "_walk")

    def __init__(self, total: int, walk: Callable[[], Iterator[T]]) -> None:
        """@param total: how many there are. @param walk: all of them, from the first."""
        self._total = total
        self._walk = walk

    def __len__(self) -> int:
        return self._total

    def __iter__(self) -> Iterator[T]:
        return self._walk()

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            start, stop, step = index.indices(self._total)
            return list(islice(self, start, stop, step)) if step > 0 else list(self)[index]
        place = index + self._total if index < 0 else index
        if not 0 <= place < self._total:
            raise IndexError(index)
        return next(islice(self, place, None))
