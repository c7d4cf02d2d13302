"""
Lines as they stand on a screen: no text that a person wrote begins where another person's line would begin.

The beginning of a line says who speaks. A terminal wraps a line that is too long, and its next row begins at the left
edge with words that its author chose; so runs of blanks are shortened, what looks like the beginning of a line stands
on a row of its own behind an indent, and where the width of the window is known, long lines are broken here. Names and
texts of scripts that are written from right to left are isolated, so that a terminal that reorders them leaves the rest
of the line where it is (UAX 9). It knows text, and no events.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

INDENT = "  "
"""How a row begins that goes on with the one before it."""

NARROWEST = 40
"""Columns: windows that are narrower are not reckoned with."""

BLANKS = 8
"""So many blanks in a row are shown; more are shortened to as many spaces."""

_BLANKS = re.compile(
    f"[\\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u200c\u200d\u2800\u3164\ufe0e\ufe0f\uffa0]{{{BLANKS + 1},}}"
)
"""What leaves no ink, whatever its width."""

_BEGINNING = re.compile(
    "[<\uff1c\u2039\u3008\u27e8\u276e][^<>\\s]{1,64}[>\uff1e\u203a\u3009\u27e9\u276f]\\s"  # <alice> I quit.
    "|(?<=\\s)[<\uff1c\u2039\u3008\u27e8\u276e][^<>\\s]{1,64}[>\uff1e\u203a\u3009\u27e9\u276f]"
    "|[\\[\uff3b\u3010][^\\[\\]]{1,80}[\\]\uff3d\u3011]\\s"  # [adm whispers], [attic], [18:30]
    "|(?<=\\s)(?:[-\u2010-\u2015\u2212]{2}|[!\uff01\u01c3*\uff0a\u2217\u204e])\\s"  # -- alice left. ! Refused. * alice
)
"""What looks like the beginning of a line at the line door or of the client."""

_LONG_RUN = " " * (BLANKS + 1)
_SIGN = re.compile(r"[<\[!*-]")
_MARK = re.compile(r"[<\[]|--\s|[!*]\s")
"""Something of what the two expressions below and the one above look for, in ASCII; the first is a quick look."""

_USUAL = (40, 80, 100, 120, 132)
"""Columns of windows. A beginning with no blank before it is told from a word of prose only by where it stands."""

_TIGHT = re.compile("(?<=\\S)(?:[-\u2010-\u2015\u2212]{2}|[!\uff01\u01c3*\uff0a\u2217\u204e])\\s")

_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_TURNS = re.compile(f"[{_RIGHT_TO_LEFT}]")
_RUN = re.compile(f"[{_RIGHT_TO_LEFT}](?:[^A-Za-z\u00aa-\u024f]*[{_RIGHT_TO_LEFT}])?")

FSI, PDI = "\u2068", "\u2069"
"""First strong isolate, and what ends it."""


def is_short(line: str) -> bool:
    """Whether a line is too short for any of this, whatever the window. Asked of every line, so it is quick."""
    return len(line) <= NARROWEST and line.isascii()


def is_plain_row(line: str) -> bool:
    """Whether nothing in a line looks like the beginning of another one, and no run of blanks is long."""
    if not line.isascii() or _LONG_RUN in line:
        return False
    return not _SIGN.search(line, NARROWEST) or not _MARK.search(line, NARROWEST)


def isolated(text: str) -> str:
    """A name or a text, isolated if it may be reordered."""
    return f"{FSI}{text}{PDI}" if not text.isascii() and _TURNS.search(text) else text


def isolated_within(line: str) -> str:
    """A line with each run of letters isolated that may be reordered: for sentences with names or texts in them."""
    if line.isascii() or FSI in line or not _TURNS.search(line):
        return line
    return _RUN.sub(lambda run: f"{FSI}{run[0]}{PDI}", line)


def rows(line: str, width: int = 0) -> list[str]:
    """
    A line as the rows that stand for it.

    @param line: without anything that moves a cursor.
    @param width: columns of the window; 0 where that is not known: then only what looks like the beginning of another
        line gets a row of its own.
    """
    line = _BLANKS.sub(" " * BLANKS, line)
    parts = [line] if width and line.isascii() else list(_broken_at_beginnings(line))
    if width:
        parts = [row for part in parts for row in _wrapped(part, width)]
    return _closed(parts) if FSI in line else parts


def _broken_at_beginnings(line: str) -> Iterator[str]:
    """Before whatever looks like the beginning of a line and could stand at the left edge of some window."""
    least = NARROWEST if line.isascii() else NARROWEST // 2  # a character may take two columns
    start = 0
    for found in _BEGINNING.finditer(line, min(least, len(line))):
        yield from _row(line[start : found.start()], start)
        start = found.start()
    if not start and _TIGHT.search(line, min(least, len(line))):
        edges = _edges(line)
        for found in _TIGHT.finditer(line, min(least, len(line))):
            if found.start() in edges:
                yield from _row(line[start : found.start()], start)
                start = found.start()
    yield from _row(line[start:], start)


def _edges(line: str) -> set[int]:
    """Which characters stand at the left edge of a window of a usual width, if nobody breaks the line."""
    if line.isascii():
        return {at for width in _USUAL for at in range(width, len(line), width)}
    found = set()
    for ambiguous in (1, 2):
        sizes = [min(columns(character), ambiguous if _is_ambiguous(character) else 2) for character in line]
        for width in _USUAL:
            used = 0
            for at, size in enumerate(sizes):
                if used + size > width:
                    found.add(at)
                    used = 0
                used += size
    return found


def _is_ambiguous(character: str) -> bool:
    return not character.isascii() and unicodedata.east_asian_width(character) == "A"


def _row(text: str, start: int) -> Iterator[str]:
    text = text.rstrip() if start else text
    if text:
        yield INDENT + text if start else text


def columns(character: str) -> int:
    """How many columns a terminal gives it; where terminals differ, the greater number."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def cut(line: str, width: int) -> str:
    """As much of a line as so many columns show: of a row of a table or a picture, which would not survive wrapping."""
    if line.isascii():
        return line[:width]
    used = 0
    for at, character in enumerate(line):
        used += columns(character)
        if used > width:
            return _closed([line[:at]])[0]
    return line


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Broken between words; a word that is too long is broken within."""
    if text.isascii():
        while len(text) >= width:
            cut = text.rfind(" ", len(INDENT), width)
            cut = cut if cut > width // 2 else width - 1
            yield text[:cut].rstrip(" ")
            text = INDENT + text[cut:].lstrip(" ")
        if text != INDENT:
            yield text
        return
    row, used, blank = "", 0, 0  # blank: the length of the row up to behind its last blank
    for character in text:
        size = columns(character)
        if used + size > width - 1:
            cut = blank if blank > len(INDENT) and blank > len(row) // 2 else len(row)
            yield row[:cut].rstrip(" ")
            row = INDENT + row[cut:].lstrip(" ")
            used, blank = sum(map(columns, row)), 0
            if character == " " and row == INDENT:
                continue
        row += character
        used += size
        if character == " " and row.strip():
            blank = len(row)
    yield row


def _closed(parts: list[str]) -> list[str]:
    """Isolates end with their row and go on in the next one."""
    made, is_open = [], False
    for part in parts:
        row = part if not is_open else part[: len(INDENT)] + FSI + part[len(INDENT) :]
        is_open = row.count(FSI) > row.count(PDI)
        made.append(row + PDI if is_open else row)
    return made
