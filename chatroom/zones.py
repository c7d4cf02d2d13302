"""
Time zones by their names (C{Europe/Rome}), and moments as the clocks there show them.

What a person types is looked up among the names of the zones that this machine has, and no file is opened by it. C{""}
is UTC, and so is a zone that the machine has no more. This module knows no other module.

@see: the tz database, U{https://www.iana.org/time-zones}; L{zoneinfo}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone, tzinfo
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from itertools import takewhile
from os import path, scandir
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

LONGEST = 64
"""Characters of a name; what is longer is none, and is not looked at. The longest of the tz database has 32."""

_NO_PLACE = "Factory"
"""The zone of a machine that was not set up."""

_NAME = re.compile(r"[A-Z][A-Za-z0-9_+\-]*", re.ASCII)
"""
How the tz database names the parts of a zone: with a capital. What else stands beside the zones has a small letter or a
dot: tables, F{localtime}, and the folders F{posix} and F{right} with the same zones once more.
"""

_DEPTH = 3
"""Parts of the longest names: C{America/Argentina/Salta}."""

_BEGINNING = 3
"""Characters of a city by which one may mean it: C{ams} is Amsterdam."""

_OFFSET = re.compile(r"(?:utc|gmt)?[+\-\u2212\u2013]?\d{1,2}(?::?\d{2})?", re.ASCII)


def names() -> Mapping[str, str]:
    """All zones of this machine, each by its folded name; none where it has no data of time zones."""
    found = _read_names()
    if not found:
        _read_names.cache_clear()  # somebody may install the data
        _places.cache_clear()
    return found


@cache
def _read_names() -> Mapping[str, str]:
    """
    C{zoneinfo.available_timezones} opens all 600 files, which takes some 50 ms. Here their folders are listed, or the
    list of the package C{tzdata} is read.
    """
    found = {name for folder in TZPATH for name in _in_folder(folder)} or _in_package()
    return {name.casefold(): name for name in sorted(found - {_NO_PLACE})}


def _in_folder(folder: str, before: str = "", depth: int = _DEPTH) -> Iterator[str]:
    try:
        with scandir(path.join(folder, before)) as entries:
            for entry in entries:
                if not _NAME.fullmatch(entry.name):
                    continue
                if not entry.is_dir():
                    yield before + entry.name
                elif depth > 1:
                    yield from _in_folder(folder, f"{before}{entry.name}/", depth - 1)
    except OSError:
        return


def _in_package() -> set[str]:
    try:
        return set(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())
    except (ModuleNotFoundError, OSError):
        return set()


@cache
def _places() -> Mapping[str, Sequence[str]]:
    """The zones by the last part of their folded names, which is a city or a country."""
    found: dict[str, list[str]] = {}
    for folded, name in names().items():
        if not folded.startswith("etc/"):  # Etc/GMT+2 is two hours behind UTC, which nobody expects
            found.setdefault(folded.rpartition("/")[2], []).append(name)
    return found


def _folded(text: str) -> str:
    return "_".join(text.casefold().split())


def named(text: str) -> str | None:
    """The zone of this name, in any letter case and with spaces for C{_}; C{None} if there is none."""
    return names().get(_folded(text)) if len(text) <= LONGEST else None


def is_offset(text: str) -> bool:
    """Whether this is a distance from UTC, such as C{+2} or C{UTC+02:00}. No place has one all year long."""
    return len(text) <= LONGEST and _OFFSET.fullmatch(text.replace(" ", "").casefold()) is not None


def within(text: str) -> Sequence[str]:
    """The zones of the region of this name, such as C{europe} or C{America/Argentina/}; none if it names no region."""
    region = f"{_folded(text).rstrip('/')}/"
    if len(text) > LONGEST or region == "etc/":
        return []
    return [name for folded, name in names().items() if folded.startswith(region)]


def region_of(within: Sequence[str]) -> str:
    """The longest name that all these zones begin with: C{America/Kentucky}."""
    parts = [name.split("/")[:-1] for name in within]
    return "/".join(same[0] for same in takewhile(lambda each: len(set(each)) == 1, zip(*parts, strict=False)))


def like(text: str) -> Sequence[str]:
    """Up to three zones that somebody may have meant, likeliest first: by their city, or by a slip of the keys."""
    region, _, city = _folded(text).rpartition("/")
    if not city or len(text) > LONGEST:
        return ()
    places = _places()
    close = [city]
    if city not in places:
        near = [each for each in places if abs(len(each) - len(city)) <= 2 and _begin_or_end_alike(each, city)]
        close = get_close_matches(city, near, n=3, cutoff=0.75) or [
            each for each in places if len(city) >= _BEGINNING and each.startswith(city)
        ]
    found = [name for each in close for name in places[each]]
    return sorted(found, key=lambda name: not (region and name.casefold().startswith(f"{region}/")))[:3]


def _begin_or_end_alike(one: str, other: str) -> bool:
    """To compare two words letter by letter is dear."""
    return one[0] == other[0] or one[-1] == other[-1]


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else timezone.utc
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timezone.utc


def local(at: float, zone: str = "") -> datetime:
    """
    A moment on the clocks there.

    @param at: seconds since 1970 in UTC.
    """
    return datetime.fromtimestamp(at, _zone(zone))


def title(zone: str = "") -> str:
    """What to call the zone in which times are shown: its name, or C{UTC}."""
    return "UTC" if _zone(zone) is timezone.utc else zone


def moment(at: float, zone: str = "") -> str:
    """The day, the time and in what zone: C{2026-11-21 09:05 UTC}, C{2026-11-21 10:05 CET}."""
    return local(at, zone).strftime("%Y-%m-%d %H:%M %Z")


def day(at: float, zone: str = "") -> str:
    """The day: C{2026-11-21}."""
    return _minute(at // 60, zone)[0]


def clock(at: float, zone: str = "") -> str:
    """The time of day: C{09:05}."""
    return _minute(at // 60, zone)[1]


@lru_cache(maxsize=4096)  # each person who joins is shown the same lines of the past
def _minute(minute: float, zone: str) -> tuple[str, str]:
    """The day and the time of day. @param minute: whole minutes since 1970; since 1972 every zone keeps to them."""
    there = local(60 * minute, zone)
    return there.strftime("%Y-%m-%d"), there.strftime("%H:%M")
