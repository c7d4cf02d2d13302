"""
Times as people type and read them, and as programs read them.

Pure functions: the time now is an argument. Lengths are in seconds; moments are seconds since 1970 in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import lru_cache
from itertools import pairwise

from chatroom.commands.base import LONGEST_WORD, shown
from chatroom.errors import BadArguments, counted
from chatroom.events import FOREVER
from chatroom.lengths import DAY, HOUR, MINUTE, seconds_in

LONGEST = 3650 * DAY
"""What is longer has to be called forever."""

_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (1, "second"))

_SIGNS = "+-\u2212\u2013\u2014~<>=.,:;!?()"
"""What stands before or behind a number, and does not keep people from taking it for one."""


_ENDLESS = frozenset(
    "forever permanent permanently perm permaban permban infinite infinity inf \u221e indefinite indefinitely eternal "
    "eternally unlimited until till".split()
)
"""Words that begin no reason: whoever writes them has a length of time in mind, or its end."""

_ALONE = frozenset("always ever never today tonight tomorrow on off yes no none true false stop end undo".split())
"""Words that are no reason when nothing follows."""

_SPELT = frozenset(
    "a an one two three four five six seven eight nine ten twelve fifteen twenty thirty sixty half several".split()
)
_UNIT = re.compile(r"(?:second|sec|minute|min|hour|day|week|month|year|an|a)s?")
"""Numbers in words, and what they count; C{half an hour}."""

_TURNED = re.compile(r"pt?\d[\ddhmswy.,t]*|[smhdw]\d{1,4}", re.ASCII)
"""A length with its unit in front: ISO 8601's C{PT10M}, or C{m10}."""


def is_duration(text: str) -> bool:
    """
    Whether this was meant as a length of time: but for signs around it, it begins with a digit of any script, or it is
    a word such as C{forever}. What was meant as one, and is none, is never taken for a reason.
    """
    bare = text.strip(_SIGNS)[: LONGEST_WORD + 1].casefold()
    return bare[:1].isnumeric() or bare in _ENDLESS or _TURNED.fullmatch(bare) is not None


def duration(text: str) -> int | None:
    """
    The seconds in C{90s}, C{10m}, C{2h30m}, C{1d}, C{2weeks}; C{None} for C{forever}.

    @return: 1 to L{LONGEST}.
    @raise BadArguments: it is no such length.
    """
    folded = text[: LONGEST_WORD + 1].casefold()
    if folded == "forever":
        return None
    seconds = seconds_in(folded) if len(text) <= LONGEST_WORD else None
    if seconds is None:
        raise BadArguments(f"{shown(text)} is not a duration. Use 10m, 2h, 7d or forever.")
    if not 0 < seconds <= LONGEST:
        raise BadArguments(f"{shown(text)} is not a duration from 1s to {LONGEST // DAY:,}d. Use forever for no end.")
    return seconds


def until(now: float, text: str) -> float:
    """
    When a length of time that begins now is over; L{FOREVER} for C{forever}.

    @raise BadArguments: it is no such length.
    """
    seconds = duration(text)
    return FOREVER if seconds is None else now + seconds


def term(now: float, arguments: Mapping[str, str], default: str) -> tuple[float, str]:
    """
    Until when, and why: the arguments C{duration} and C{reason}. In a hurry one leaves the time out: then the reason
    begins with the first word.

    @raise BadArguments: what looks like a time is none, or it stands where it would be a part of the reason.
    """
    given, reason = arguments.get("duration", default), arguments.get("reason", "")
    if is_duration(given):
        return until(now, given), reason
    reason = f"{given} {reason}".strip()
    words = [word.strip(_SIGNS).casefold() for word in reason.split(maxsplit=2)[:2]]
    if (words[:1] == words and words[:1] and words[0] in _ALONE) or _is_spelt(words):
        raise BadArguments(f"{shown(' '.join(reason.split()[:2]))} is not a duration. Use 10m, 2h, 7d or forever.")
    first, last = reason.split(maxsplit=2), "".join(reason.rsplit(maxsplit=1)[-1:])
    late = last if _is_length(last) else first[1] if first[1:] and first[0].casefold() == "for" else ""
    if late and is_duration(late):
        raise BadArguments(f"Put the time before the reason: {late}, then the reason. Default: {default}.")
    return until(now, default), reason


def stray(reason: str) -> str:
    """A length of time at the beginning or the end of a reason, where none is taken; C{""} if there is none."""
    ends = (*reason.split(maxsplit=1)[:1], *reason.rsplit(maxsplit=1)[-1:])
    return next((word for word in ends if _is_length(word)), "")


def _is_spelt(words: Sequence[str]) -> bool:
    """Whether these two are a length in words: C{an hour}."""
    return len(words) == 2 and words[0] in _SPELT and _UNIT.fullmatch(words[1]) is not None


def _is_length(word: str) -> bool:
    return len(word) <= LONGEST_WORD and seconds_in(word) is not None


count = counted
"""C{1 person}, C{4,950 people}."""


def spell(seconds: float) -> str:
    """A length as people say it, in its two largest units: C{2 hours 5 minutes}. Less than 0 is nothing."""
    left = max(0, int(seconds))
    for index, (length, unit) in enumerate(_UNITS):
        if left >= length:
            said = [count(left // length, unit)]
            if index + 1 < len(_UNITS):
                smaller, name = _UNITS[index + 1]
                if left % length >= smaller:
                    said.append(count(left % length // smaller, name))
            return " ".join(said)
    return "0 seconds"


def every(seconds: int) -> str:
    """How often something may happen: C{every second}, C{every 30 seconds}."""
    return "every second" if seconds == 1 else f"every {count(seconds, 'second')}"


def ago(now: float, then: float) -> str:
    """C{5 minutes ago}, or C{just now} for less than ten seconds and for what is yet to come."""
    return "just now" if now - then < 10 else f"{spell(now - then)} ago"


def limit(now: float, end: float) -> str:
    """How long something still holds: C{for 2 hours}, or C{forever}."""
    return "forever" if end == FOREVER else f"for {spell(round(end - now))}"


def still(now: float, end: float) -> str:
    """How long something that began before still lasts: C{for another 7 days}, or C{forever}."""
    if end == FOREVER:
        return "forever"
    left, rounded = max(0.0, end - now), 1
    for (length, _), (smaller, _) in pairwise(_UNITS):
        if left >= length:
            rounded = smaller
            break
    said = spell(round(left / rounded) * rounded)
    return f"for another {said.removeprefix('1 ') if said.count(' ') == 1 else said}"


@lru_cache(maxsize=4096)  # the same moments again and again: when each of those in a room came
def stamp(at: float) -> str | None:
    """A moment for programs: RFC 3339 in UTC to the millisecond, as in events; C{None} for L{FOREVER}."""
    if at == FOREVER:
        return None
    second, milli = divmod(round(at * 1000), 1000)
    return f"{datetime.fromtimestamp(second, timezone.utc):%Y-%m-%dT%H:%M:%S}.{milli:03d}Z"
