"""
Numbers of settings as people write them: C{64 KiB}, C{30 days}, C{1,000}.

It knows units, and not what a number is for: that is L{chatroom.limits}' to say, and which numbers are accepted is
L{chatroom.daemon.options}'.
"""

from __future__ import annotations

import re
from fractions import Fraction

_SIZES = {"bytes": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_TIMES = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}

UNITS = {"bytes": _SIZES, "KiB": _SIZES, "MiB": _SIZES, "seconds": _TIMES, "days": _TIMES, "": {"": 1}}
"""By the unit in which a setting counts, all units of its kind, with how much of the smallest each is."""

_SPELLINGS = {
    **{"b": "bytes", "byte": "bytes", "k": "KiB", "m": "MiB", "g": "GiB"},
    **{"s": "seconds", "sec": "seconds", "second": "seconds", "min": "minutes", "minute": "minutes"},
    **{"h": "hours", "hour": "hours", "d": "days", "day": "days"},
}
"""Units that are spelled in another way as well, in small letters. C{m} are minutes where a time is asked for."""

_WRITTEN = re.compile(r"([-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.[0-9]*)?(?:e[-+]?[0-9]{1,3})?) *([a-z]*)", re.I)
"""A number in ASCII, with a comma after each three digits or with none, and a unit."""

_LONGEST = 40


def read(text: str, unit: str) -> float:
    """
    The number that a text says, counted in C{unit}. Without a unit of its own, the text counts in that one already.

    @param unit: one of L{UNITS}.
    @return: an exact multiple where there is one; a whole number is equal to an C{int}.
    @raise ValueError: it is no number, or its unit is of another kind.
    """
    found = _WRITTEN.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(text)
    number, spelled = Fraction(found[1].replace(",", "")), found[2]
    kind = UNITS[unit]
    if not spelled:
        return float(number)
    short = "min" if spelled == "m" and kind is _TIMES else spelled.lower()
    named = {each.lower(): each for each in kind if each}
    name = named.get(short) or _SPELLINGS.get(short, "")
    if not name or name not in kind:
        raise ValueError(text)
    return float(number * kind[name] / kind[unit])


def shown(number: float, unit: str) -> str:
    """
    A number as people write it. L{read} reads it as the same number again.

    @param number: counted in C{unit}.
    """
    kind = UNITS[unit]
    if unit and number == int(number):
        smallest = int(number) * kind[unit]
        for name, size in reversed(kind.items()):
            if smallest and smallest % size == 0 and not (unit == "days" and name != "days"):
                return _counted(smallest // size, name)
    return _counted(number, unit)


def _counted(number: float, unit: str) -> str:
    digits = f"{int(number):,}" if number == int(number) else f"{number!r}"
    return f"{digits} {unit.removesuffix('s') if number == 1 else unit}".rstrip()
