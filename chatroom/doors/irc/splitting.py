"""
Long texts in pieces that fit into a line, without a letter or an emoji torn apart.

Clusters are those of Unicode's text segmentation (UAX 29, 3.1.1, rules GB6 to GB13), as far as people see a difference.
It knows text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatroom.folding import BESIDE, PILING, kinds_of

_MARKS = PILING + BESIDE
_ZWJ = "\u200d"
_EXTENDS = re.compile("[\u200c\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\u1160-\u11ff]")
"""Stays with the character before it: joiners, forms of emoji, skins, and vowels and finals of Hangul."""

_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]+")
"""Letters of flags, each two of which are one."""


def clusters(text: str) -> Iterator[str]:
    """What people take for one character each: joined, they are the text."""
    if text.isascii():
        yield from text
        return
    kinds = kinds_of(text)
    flags = _flag_tails(text)
    start = 0
    for at in range(1, len(text)):
        stays = kinds[at] in _MARKS or _EXTENDS.match(text[at]) is not None or text[at - 1] == _ZWJ or at in flags
        if not stays:
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _flag_tails(text: str) -> set[int]:
    """Where the second letters of flags stand."""
    return {at for run in _FLAGS.finditer(text) for at in range(run.start() + 1, run.end(), 2)}


def beginning(text: str, size: int) -> str:
    """As many characters of a text as have no more than so many bytes in UTF-8."""
    return next(pieces(text, size), "")


def pieces(text: str, size: int) -> Iterator[str]:
    """
    A line of text in pieces of no more than C{size} bytes in UTF-8. Joined, they are the text.

    They end behind a blank where there is one in the second half of a piece, else between characters, and within one
    only where it does not fit by itself.

    @param text: without line breaks. @param size: 4 or more.
    """
    if len(text) * 4 <= size or len(text.encode()) <= size:
        if text:
            yield text
        return
    yield from _filled([part for each in clusters(text) for part in _narrow(each, size)], size)


def _narrow(cluster: str, size: int) -> Iterator[str]:
    """A cluster, or its characters where it is too long."""
    if len(cluster) * 4 <= size or len(cluster.encode()) <= size:
        yield cluster
    else:
        yield from cluster


def _filled(parts: list[str], size: int) -> Iterator[str]:
    sizes = [len(part.encode()) for part in parts]
    start = 0
    while start < len(parts):
        end, used, blank, before = start, 0, 0, 0
        while end < len(parts) and used + sizes[end] <= size:
            used += sizes[end]
            end += 1
            if parts[end - 1] == " ":
                blank, before = end, used
        if end < len(parts) and before * 2 > size:
            end = blank
        yield "".join(parts[start:end])
        start = end


def lines(text: str, size: int) -> list[str]:
    """
    What somebody said in one or more lines, in pieces of no more than C{size} bytes each; empty lines are left out.

    @return: at least one piece, perhaps an empty one.
    """
    if len(text) * 4 <= size and "\n" not in text:
        return [text]
    return [piece for line in text.split("\n") for piece in pieces(line, size)] or [""]
