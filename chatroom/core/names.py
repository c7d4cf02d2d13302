"""
Lawful names and clean text: what may reach another person's screen at all.

Everything a person types passes through here once, at the edge, whatever door it came by. It knows nothing of
rooms, people or doors.

Names follow the spirit of Unicode Technical Standard 39 (security mechanisms): letters of one script, no
characters that cannot be seen, and no name that another can be mistaken for.
"""

from __future__ import annotations

import re
import unicodedata

from chatroom.errors import Unlawful

_INVISIBLE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: with them, ESC and CSI
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # fillers and joiners nobody sees
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"  # marks, line separators, bidi embeddings and overrides
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff"  # half characters, which JSON can smuggle in
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]"
)
"""
Never shown. Left in: U+200C, U+200D and U+FE0E, U+FE0F, which Persian, Indic scripts and emoji need.
"""

_TAB = re.compile("\t")
_MARKS = 4
"""So many combining marks on one character, and no more: enough for any language, too few to climb over the
lines above and below."""

_NAME = re.compile(r"[^\W_](?:[\w.-]*[\w])?", re.UNICODE)
_ROOM = re.compile(r"[^\W_](?:[\w.+-]*[\w+])?", re.UNICODE)

_LATIN_LOOKALIKES = {
    "CYRILLIC": "аеорсухікјѕԁԛԝһӏгпшьв",
    "GREEK": "ονικραυχτ",
    "ARMENIAN": "օսոհյցզ",
    "CHEROKEE": "ꭰꭱꭲꮪꮃꮋꮇꮯꮲꭺꭻ",
}
"""Small letters that look like Latin ones. A name of nothing but these could pass for somebody else's."""

RESERVED = frozenset({"chatroom", "server", "house", "system", "admin", "root", "operator", "everyone", "all", "quit"})


def fold(name: str) -> str:
    """The key of a name: two names that differ only in letter case have the same."""
    return name.casefold()


def clean(text: str) -> str:
    """
    One line of text without anything that could move a cursor, turn the direction of writing or pile up.
    Tabs become spaces; what cannot be shown is left out, the rest is kept as typed.
    """
    if text.isprintable() and text.isascii():
        return text
    text = _INVISIBLE.sub("", _TAB.sub("    ", text))
    if text.isascii():
        return text
    return _thin(text)


def _thin(text: str) -> str:
    """Without more than L{_MARKS} combining marks in a row, and without characters not assigned or private."""
    made, marks = [], 0
    for character in text:
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            marks += 1
            if marks > _MARKS:
                continue
        else:
            marks = 0
            if category in ("Cn", "Co", "Cc", "Zl", "Zp"):
                continue
        made.append(character)
    return "".join(made)


def clean_lines(text: str, most: int) -> str:
    """
    A message of one or more lines, each cleaned; empty lines at the ends are dropped.

    @param most: how many lines it may have.
    @raise Unlawful: it has more.
    """
    if "\n" not in text:
        return clean(text)
    lines = [clean(line.rstrip("\r")) for line in text.strip("\r\n").split("\n")]
    if len(lines) > most:
        raise Unlawful(f"That message has {len(lines)} lines; {most} are the most.")
    return "\n".join(lines)


def nickname(text: str, longest: int) -> str:
    """
    A lawful nickname as it will be shown.

    @param longest: characters it may have.
    @raise Unlawful: with what is lawful.
    """
    name = unicodedata.normalize("NFKC", text.strip())
    if not name:
        raise Unlawful("A nickname needs at least one letter or digit. Type the one you would like.")
    if len(name) > longest:
        raise Unlawful(f"That nickname has {len(name)} characters; {longest} are the most. Type a shorter one.")
    if not _NAME.fullmatch(name) or _INVISIBLE.search(name):
        raise Unlawful("A nickname is made of letters, digits and, inside it, . _ - and no spaces. Type another one.")
    if fold(name) in RESERVED:
        raise Unlawful(f"The nickname {name} is kept for the house. Type another one.")
    _one_script(name, "nickname")
    return name


def room_name(text: str, longest: int) -> str:
    """
    A lawful room name: in small letters, without the C{#} some people put before it.

    @raise Unlawful: with what is lawful.
    """
    name = fold(unicodedata.normalize("NFKC", text.strip().lstrip("#")))
    if len(name) > longest:
        raise Unlawful(f"That room name has {len(name)} characters; {longest} are the most.")
    if not _ROOM.fullmatch(name) or _INVISIBLE.search(name):
        raise Unlawful("A room name is made of letters, digits and, inside it, . _ + - and no spaces.")
    _one_script(name, "room name")
    return name


def _script(character: str) -> str:
    """The first word of the character's Unicode name, which is its script for letters of living languages."""
    word = unicodedata.name(character, "?").split(" ", 1)[0]
    return "CJK" if word in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "KATAKANA-HIRAGANA") else word


def _one_script(name: str, what: str) -> None:
    if name.isascii():
        return
    letters = [c for c in fold(name) if c.isalpha()]
    scripts = {_script(c) for c in letters}
    if len(scripts) > 1:
        raise Unlawful(f"A {what} has letters of one script only, so that nobody is mistaken for another.")
    lookalikes = _LATIN_LOOKALIKES.get(next(iter(scripts), ""), "")
    if letters and all(c in lookalikes for c in letters):
        raise Unlawful(f"That {what} looks like one in Latin letters. Add a letter that does not.")
    if sum(unicodedata.category(c) in ("Mn", "Me") for c in unicodedata.normalize("NFD", name)) > len(letters) * 2:
        raise Unlawful(f"That {what} has too many marks on its letters.")
