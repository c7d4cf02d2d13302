"""
What IRC clients put into texts beside words: colours and other formatting, and CTCP.

Formatting: https://modern.ircdocs.horse/formatting.html; CTCP: https://modern.ircdocs.horse/ctcp.html. It knows text,
and nobody who says it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

CTCP_MARK = "\x01"

_FORMATTING = re.compile(
    "[\x02\x0f\x11\x16\x1d-\x1f]"  # bold, plain, monospace, reverse, italic, underline, strikethrough
    "|\x03(?:[0-9]{1,2}(?:,[0-9]{1,2})?)?"
    "|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?"
)


class CtcpRequest(NamedTuple):
    """
    A message for a program: C{ACTION} is what C{/me} sends.

    @ivar word: in capital letters; C{""} where there was none.
    """

    word: str
    text: str


def without_formatting(text: str) -> str:
    """The words of a text, without colours and their digits."""
    return text if text.isprintable() else _FORMATTING.sub("", text)


def ctcp(text: str) -> CtcpRequest | None:
    """The CTCP in a text; C{None} for a text that is for people. The mark at its end may be missing."""
    if not text.startswith(CTCP_MARK):
        return None
    word, _, rest = text[1:].partition(CTCP_MARK)[0].partition(" ")
    return CtcpRequest(word.upper(), rest)


def action(text: str) -> str:
    """What C{/me} sends for this text, which has no formatting."""
    return f"{CTCP_MARK}ACTION {text}{CTCP_MARK}"


ACTION_SIZE = len(action(""))
"""Bytes that L{action} adds."""
