"""
Texts that are dear to work on: hostile shapes, each as long as one likes.

A test of how much work a text makes takes them all, and the attacks of tests/attacks some. Each is a few characters
that are said again and again, or a function where that does not do.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator

Shape = Callable[[int], str]
"""Makes a text of so many bytes of UTF-8, or a few less."""


def fits(text: str, size: int) -> str:
    """As much of a text as so many bytes of UTF-8 hold."""
    return text.encode("utf-8", "surrogatepass")[:size].decode("utf-8", "ignore")


def again(unit: str, first: str = "") -> Shape:
    """The same few characters again and again."""
    return lambda size: fits(first + unit * (size // len(unit.encode()) + 1), size)


def halves(one: str, other: str) -> Shape:
    """Many of the one, then as many of the other: what sorting has the most to do with."""
    return lambda size: "a" + again(one)(size // 2 - 1) + again(other)(size // 2 - 1)


def _by_class() -> list[str]:
    """A combining mark of each class, the highest class first, so that all of them are out of order."""
    found: dict[int, str] = {}
    for point in range(0x300, 0x1E000):
        found.setdefault(unicodedata.combining(chr(point)), chr(point))
    return [found[each] for each in sorted(found, reverse=True) if each]


def _every_character(size: int) -> str:
    """As many different characters as there is room for, the odd ones among them."""
    points: Iterator[int] = iter(range(0xA0, sys.maxunicode, 7))
    return fits("".join(chr(point) for _, point in zip(range(size), points, strict=False) if chr(point) != "\ud800"
                        and not 0xD800 <= point < 0xE000), size)  # fmt: skip


SHAPES: dict[str, Shape] = {
    # Marks.
    "marks out of order": halves("\u0300", "\u0323"),
    "marks in order": halves("\u0323", "\u0300"),
    "marks by turns": again("\u0300\u0323", "a"),
    "marks of all classes": again("".join(_by_class()), "a"),
    "marks, few on each letter": again("a\u0300\u0323\u0308"),
    "marks alone": again("\u0489"),
    "points of Hebrew": again("\u05bc\u05b8\u05c1", "\u05e9"),
    "vowels of Arabic": again("\u0651\u064e\u0654", "\u0645"),
    "marks that take room": halves("\U0001d165", "\U0001d16d"),
    "marks that become two": again("\u0344\u0f73"),
    "halfwidth voicing": again("\uff9e\u0323"),
    "notes that become three": again("\U0001d160"),
    "viramas": again("\u0915\u094d"),
    "stacks of Burma": again("\u1000\u103b\u103d\u103e\u102f\u1036\u1037\u1038"),
    "voiced kana": again("か\u3099"),
    # What becomes more, or less.
    "phrase in a character": again("\ufdfa"),
    "words in a character": again("㌖"),
    "ligatures": again("ﬃ"),
    "capitals that are two letters": again("İ"),
    "sharp s": again("ß"),
    "Greek that is three": again("ΐ"),
    "styled letters": again("𝒶𝓁𝒾"),
    "fullwidth": again("ａ"),
    "fractions": again("½"),
    "circled": again("㊙"),
    # Scripts.
    "pieces of Korean": again("\u1100\u1161\u11a8"),
    "beginnings of Korean": again("\u1100"),
    "Korean": again("한"),
    "Chinese": again("世界"),
    "Thai": again("สวัสดี"),
    "Cyrillic": again("ы"),
    "mixed scripts": again("aаα"),
    "lookalikes": again("οоаеΙ"),
    "newest letters": again("\U00016d40"),
    # Emoji.
    "families": again("👨\u200d👩\u200d👧\u200d"),
    "joiners alone": again("\u200d"),
    "joiners between marks": again("\u0301\u200d", "a"),
    "flags": again("🇩"),
    "skin tones": again("👍🏽"),
    "variation selectors": again("❤\ufe0f"),
    "keycaps": again("1\ufe0f\u20e3"),
    "reserved for emoji": again("\U0001fc00"),
    # What is not shown.
    "marks of direction": again("\u202e\u2066"),
    "no width": again("\u200b"),
    "private": again("\ue000"),
    "not assigned": again("\u0378"),
    "tags": again("\U000e0041"),
    "escape sequences": again("\x1b[2J"),
    "half a sequence": again("\x1b["),
    "backspaces": again("\b"),
    "letters and backspaces": again("ab\b\x7f"),
    "NUL": again("\0"),
    "replacement": again("\ufffd"),
    # Blanks and words.
    "blanks": again(" "),
    "blanks in a word": lambda size: "a" + again(" ")(size - 2) + "b",
    "wide blanks": again("\u3000"),
    "blanks without a break": again("\u00a0"),
    "blank pattern": again("\u2800"),
    "tabs": again("\t"),
    "words of one letter": again("a "),
    "words of one mark": again("\u0301 "),
    "different words": lambda size: fits(" ".join(f"w{number}" for number in range(size)), size),
    "a long word": again("é"),
    # Signs that mean something to somebody.
    "digits": again("9"),
    "digits of others": again("٣"),
    "small digits": again("²"),
    "brackets": again("["),
    "closed brackets": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "braces": again('{"a":'),
    "quotes": again('"'),
    "backslashes": again("\\"),
    "slashes": again("/"),
    "hashes": again("#"),
    "at signs": again("@"),
    "at signs in words": again("@a "),
    "colons": again(":"),
    "dots": again("."),
    "dashes": again("-"),
    "underscores": again("a_"),
    "stars": again("*"),
    "percent": again("%s"),
    "commas": again("a,"),
    "times": again("1s"),
    "times of many digits": again("123456789d"),
    "addresses": again("1.1."),
    "IPv6": again("1:"),
    "networks": again("1.0.0.0/8 "),
    "zones": again("fe80::1%"),
    "links": again("http://a."),
    "keys of search": again("in:a "),
    "a key of search": lambda size: "in:" + "a" * (size - 3),
    "operators of search": again('a" OR "'),
    "negations": again("NOT -a "),
    "smileys": again(":-) "),
    "bait for patterns": lambda size: "a" * (size - 1) + "!",
    "bait of blanks": lambda size: " " * (size - 2) + "x!",
    "commands in it": again("/x "),
    "passwords": again("/login a "),
    "every character": _every_character,
}
"""By name."""
