"""
Masks with C{*} and C{?}, which fit names: in a time that grows as the mask and the name do, whatever the mask is.

RFC 2812, 2.5, without the backslash. It knows text.
"""

from __future__ import annotations

from chatroom.folding import LONGEST_NAME, fold

LONGEST = 128
"""Characters of a mask. What is longer fits nothing."""


class Wildcard:
    """
    A mask. Letter case does not count, as in L{fold}.

    @ivar literal: it has neither C{*} nor C{?}, and so fits one name.
    """

    def __init__(self, mask: str) -> None:
        self.literal = "*" not in mask and "?" not in mask
        self._parts = [fold(part) for part in mask.split("*")] if len(mask) <= LONGEST else None
        self._least = sum(map(len, self._parts or ()))

    def fits(self, name: str) -> bool:
        """Whether it fits this name, which is no longer than names are."""
        return len(name) <= LONGEST_NAME and self.fits_folded(fold(name))

    def fits_folded(self, key: str) -> bool:
        """Whether it fits a name that is folded already."""
        parts = self._parts
        if parts is None or len(key) < self._least:
            return False
        if len(parts) == 1:
            return len(key) == len(parts[0]) and _same(parts[0], key, 0)
        last = len(key) - len(parts[-1])
        if not _same(parts[0], key, 0) or not _same(parts[-1], key, last):
            return False
        at = len(parts[0])
        for part in parts[1:-1]:
            at = _found(part, key, at, last)
            if at < 0:
                return False
            at += len(part)
        return at <= last


def _same(part: str, key: str, at: int) -> bool:
    """Whether the part stands there."""
    if "?" not in part:
        return key.startswith(part, at)
    return all(one in ("?", other) for one, other in zip(part, key[at : at + len(part)], strict=False))


def _found(part: str, key: str, start: int, end: int) -> int:
    """Where the part stands first between the two, or -1."""
    if "?" not in part:
        return key.find(part, start, end)
    return next((at for at in range(start, end - len(part) + 1) if _same(part, key, at)), -1)
