"""
Addresses of the web in a text: where each begins and ends. The page does the same in JavaScript:
tests/vectors/links.json says what both find.

An address begins with C{http://} or C{https://} and goes on to the first character that cannot be part of one. Where
the sentence around it ends is decided as Unicode Technical Standard 58 does it: a closing bracket without its opening
one ends the address, and punctuation at its end, of whatever script, belongs to the sentence. Punctuation that is not
ASCII ends it everywhere, as scripts that need it write no space behind it, but for a few signs that stand inside words.

It knows text, and opens nothing.
"""

from __future__ import annotations

import re
import unicodedata
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_BEGIN = re.compile(r"(?<![A-Za-z0-9+])https?://", re.IGNORECASE)

_NEVER = frozenset('<>"`\\^{|}')
"""ASCII that no address has (RFC 3986, appendix A). Braces and bars are copied along often, and end it."""

_INSIDE_WORDS = frozenset("\u00b7\u2027\u30fb\u2019\u05f3\u05f4\u0f0b")
"""Punctuation inside words, as in the Catalan C{col·legi}: part of an address, but not at its end."""

_LOOSE = frozenset(".,;:!?'*_~&")
"""ASCII punctuation that is part of an address, but not at its end."""

_DEEPEST = 8
"""So many brackets inside one another; the next one ends the address. With it, the work is bounded."""

_AUTHORITY = re.compile(r"(?:[^/?#@]*@)?(?:\[(?P<six>[^\]]*)\]|(?P<name>[^/?#@:\[\]]+))(?::(?P<port>[0-9]{0,5}))?$")

_NUMBER = re.compile(r"\.(?:[0-9]+|0[Xx][0-9A-Fa-f]*)$")
"""A name that ends so is an IPv4 address to browsers (WHATWG URL, "ends in a number checker")."""

_LOOSE_JOINER = re.compile("^[\u200c\u200d]|[\u200c\u200d]$")
"""Joiners that join nothing (RFC 5892, A.1 and A.2)."""


def links(text: str) -> list[tuple[int, int]]:
    """The start and the end of each address, in order."""
    found, at = [], 0
    while (begin := _BEGIN.search(text, at)) is not None:
        end = _end(text, begin.end())
        if _is_host(re.split("[/?#]", text[begin.end() : end], maxsplit=1)[0]):
            found.append((begin.start(), end))
        at = max(end, begin.end())
    return found


def _end(text: str, start: int) -> int:
    """Where an address ends of which the part behind C{://} starts here."""
    waiting: list[tuple[str, int]] = []
    good = at = start
    while at < len(text) and not _ends(text[at]):
        character = text[at]
        category = unicodedata.category(character)
        if category == "Ps":
            if len(waiting) == _DEEPEST:
                break
            waiting.append((_closing(character), at))
        elif category == "Pe":
            if not waiting or waiting[-1][0] != character:
                break
            waiting.pop()
        at += 1
        if not (category == "Ps" or character in _LOOSE or character in _INSIDE_WORDS):
            good = at
    return min(good, _without_loose(text, start, waiting[0][1])) if waiting else good


def _without_loose(text: str, start: int, end: int) -> int:
    while end > start and (text[end - 1] in _LOOSE or text[end - 1] in _INSIDE_WORDS):
        end -= 1
    return end


def _ends(character: str) -> bool:
    """Whether no address goes on with this."""
    if character.isascii():
        return character in _NEVER or not character.isprintable() or character == " "
    if character in _INSIDE_WORDS:
        return False
    category = unicodedata.category(character)
    return category[0] == "Z" or category in ("Cc", "Cs", "Co", "Po", "Pi", "Pf") or _is_direction(character)


def _is_direction(character: str) -> bool:
    """Format characters other than the joiners of Persian, Indic scripts and emoji."""
    return unicodedata.category(character) == "Cf" and character not in "\u200c\u200d"


def _closing(bracket: str) -> str:
    """The bracket that closes one: in Unicode it is the next character, or the one after that."""
    if bracket == "\u301d":
        return "\u301f"
    following = chr(ord(bracket) + 1)
    return following if unicodedata.category(following) == "Pe" else chr(ord(bracket) + 2)


def _is_host(authority: str) -> bool:
    """Whether something can be reached there: a host, perhaps with a user before it and a port behind it."""
    parts = _AUTHORITY.match(authority)
    if parts is None or int(parts["port"] or 0) > 65535:
        return False
    try:
        if parts["six"] is not None:
            return "%" not in parts["six"] and bool(IPv6Address(parts["six"]))
        name = parts["name"].removesuffix(".")
        if re.fullmatch(r"[0-9.]+", name):
            return bool(IPv4Address(name))
    except AddressValueError:
        return False
    return (
        all(map(_is_label, name.split(".")))
        and any(character.isalnum() for character in name)
        and not set(name) & set("!$&'()*+,;=%")
        and not _NUMBER.search(name)
    )


def _is_label(label: str) -> bool:
    """Whether this may stand between the dots of a host's name. What "xn--" encodes is the browser's to judge."""
    return bool(label) and not _LOOSE_JOINER.search(label)
