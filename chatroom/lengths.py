"""
Lengths of time as people write them: C{90s}, C{10m}, C{2h30m}, C{2weeks}.

This module knows no other module.
"""

from __future__ import annotations

import re

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

_PIECE = re.compile(r"(\d{1,9})(seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d|weeks?|w)", re.ASCII)
_UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}


def seconds_in(word: str) -> int | None:
    """
    The seconds in a length of time, perhaps none at all; C{None} for what is not written like one.

    @param word: in any letter case. The caller has limited its length.
    """
    if not word[:1].isdigit():  # as most words are
        return None
    folded = word.casefold()
    pieces = _PIECE.findall(folded)
    if not pieces or _PIECE.sub("", folded):
        return None
    return sum(int(count) * _UNITS[unit[0]] for count, unit in pieces)
