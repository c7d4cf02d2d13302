"""
Lawful names and clean text: what may reach another person's screen at all.

Everything a person types passes through here once, at the edge, whatever door it came by. It knows nothing of
rooms, people or doors.

Names follow Unicode Technical Standard 39 (security mechanisms), so that nobody is taken for somebody else:

1. A name is put into compatibility form (NFKC): C{ＡＬＩＣＥ} and C{𝒶𝓁𝒾𝒸ℯ} are C{ALICE} and C{alice}.
2. It is made of letters of one script in common use (UAX 31, table 5), with the marks which that script needs, of
   the digits 0 to 9, and of a few signs inside. Nothing in it is unseen, and no mark stands twice in a row.
3. It is refused if it is not ASCII and yet looks so, letter by letter: C{ТОМ}, C{alıce}.
4. Names that differ only in letter case are one name.

What is left to people's eyes: C{l} and C{1}, C{rn} and C{m}, C{e} and C{é}, and lookalikes inside other scripts.
"""

# ruff: noqa: RUF001, RUF002 letters that look like others are what this is about

from __future__ import annotations

import re
import unicodedata

from chatroom.errors import Unlawful

# Text.

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

_MARKS = 4
"""So many combining marks on one character, and no more (UTS 39, 5.4): enough for any language, too few to climb
over the lines above and below."""

_PILE = re.compile(
    r"[^\w\s\x00-\u02ff\u2010-\u20cf\u2100-\u2bff\u3001-\u3029\ufe10-\ufe1f\uff01-\uffef\U0001f000-\U0001faff]"
    rf"{{{_MARKS + 1}}}"
)
"""Found wherever more than L{_MARKS} marks stand in a row, and seldom elsewhere: a quick look before a long one."""

_JOINERS_AND_SPACES = re.compile("[\u200c\u200d\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
"""Left in, although Python does not take them for printable."""

_BLANK = re.compile("[\\s\u200c\u200d\u2800\ufe0e\ufe0f]*")
"""Characters that are left in, and leave no ink."""

# Names.

_SCRIPTS = frozenset(
    "LATIN GREEK CYRILLIC ARMENIAN GEORGIAN HEBREW ARABIC THAANA ETHIOPIC DEVANAGARI BENGALI GURMUKHI GUJARATI ORIYA "
    "TAMIL TELUGU KANNADA MALAYALAM SINHALA THAI LAO TIBETAN MYANMAR KHMER CJK".split()
)
_WRITTEN_TOGETHER = frozenset("HIRAGANA KATAKANA KATAKANA-HIRAGANA HANGUL BOPOMOFO IDEOGRAPHIC".split())
"""With CJK ideographs, as one script."""

_POINTED = frozenset({"ARABIC", "HEBREW"})
"""Scripts whose marks may be left out, so that readers take a name with them and one without for the same."""

_NEVER_IN_NAMES = re.compile("[\u0640\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")
"""A line that makes Arabic words longer, and pieces of Korean letters that may have no width."""

_LOOKALIKES = {
    "2": "ƧꙄꝚ", "3": "ƷȜЗӠꝪꞫ", "5": "Ƽ", "6": "б", "8": "Ȣȣ", "9": "Ꝯ",
    "A": "ΑАᴀ", "B": "ΒВꞴʙ", "C": "Сᴄ", "D": "ᴅ", "E": "ΕЕᴇ", "F": "ϜꞘꜰ", "G": "Ԍɢ", "H": "ΗНʜ", "I": "ɪ",
    "J": "ͿЈꞲᴊ", "K": "ΚКᴋ", "L": "ʟ", "M": "ΜϺМᴍ", "N": "Νɴ", "O": "ΟОՕᴏ", "P": "ΡРᴘ", "R": "Ʀʀ", "S": "ЅՏꜱ",
    "T": "ΤТᴛ", "U": "Սᴜ", "V": "Ѵᴠ", "W": "Ԝᴡ", "X": "ΧХꞳ", "Y": "ΥУҮʏ", "Z": "Ζᴢ",
    "a": "ɑαа", "b": "ƄƅЬ", "c": "с", "d": "ԁ", "e": "еҽꬲ", "f": "քẝꞙꬵ", "g": "ƍɡցᶃ", "h": "һհ", "i": "ıɩιіꙇ",
    "j": "ϳј", "l": "ƖǀΙІӀӏ", "n": "ոռ", "o": "οσоօᴑꬽ", "p": "ρр", "q": "ԛգզ", "r": "гᴦꭇꭈ", "s": "ƽѕ",
    "u": "ʋυսꞟꭎꭒ", "v": "νѵ", "w": "ɯѡԝա", "x": "х", "y": "ɣγуүᶌỿꭚ",
}  # fmt: skip
"""
Letters of scripts related to Latin that look like an ASCII letter or digit: UTS 39's confusables, and small capitals.
"""
_LOOKS_LIKE = str.maketrans({other: ascii for ascii, others in _LOOKALIKES.items() for other in others})

_NICK_SIGNS = "._-"
_ROOM_SIGNS = "._+-"
_LAST_SIGNS = "_+"

RESERVED = frozenset(
    "chatroom server house system admin administrator root operator moderator staff everyone all quit help".split()
)


def fold(name: str) -> str:
    """The key of a name: names that differ only in letter case or in compatibility form have the same."""
    return name.casefold() if name.isascii() else unicodedata.normalize("NFKC", name).casefold()


def clean(text: str) -> str:
    """
    One line of text without anything that could move a cursor, turn the direction of writing or pile up.
    Tabs become spaces; what cannot be shown is left out, the rest is kept as typed.
    """
    printable = text.isprintable()
    if printable and text.isascii():
        return text
    seen = text if printable else _JOINERS_AND_SPACES.sub("", text)
    if seen.isprintable() and not (_INVISIBLE.search(seen) or _PILE.search(seen)):
        return text
    text = _INVISIBLE.sub("", text.replace("\t", "    "))
    return text if text.isascii() else _thin(text)


def _thin(text: str) -> str:
    """Without more than L{_MARKS} combining marks in a row, and without characters not assigned or private."""
    made, marks = [], 0
    for character in text:
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            marks += 1
            if marks > _MARKS:
                continue
        elif category == "Co" or (category == "Cn" and not _may_be_emoji(character)):
            continue
        elif category != "Cf":  # joiners have no width: marks behind them still pile up on the same character
            marks = 0
        made.append(character)
    return "".join(made)


def _may_be_emoji(character: str) -> bool:
    """Whether Unicode keeps this place for emoji (UTS 51, 1.4.1): this Python may not know the newest."""
    return "\U0001f000" <= character <= "\U0001faff"


def clean_lines(text: str, most: int) -> str:
    """
    A message of one or more lines, each cleaned; empty lines at the ends are dropped.

    @param most: how many lines it may have.
    @raise Unlawful: it has more.
    """
    if "\n" not in text:
        return clean(text)
    lines = text.strip("\r\n").split("\n")
    if len(lines) > most:
        raise Unlawful(f"That message has {len(lines)} lines; {most} are the most.")
    return "\n".join(clean(line) for line in lines).strip("\n")


def is_blank(text: str) -> bool:
    """Whether nothing of a clean text would be seen."""
    if text.isascii():
        return not text or text.isspace()
    return _BLANK.fullmatch(text) is not None


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
    if not _is_made_of(name, _NICK_SIGNS):
        raise Unlawful(
            "A nickname is made of letters, the digits 0 to 9 and, inside it, . _ - and no spaces. Type another one."
        )
    if fold(name) in RESERVED:
        raise Unlawful(f"The nickname {name} is kept for the house. Type another one.")
    _check_letters(name, "nickname")
    return name


def room_name(text: str, longest: int) -> str:
    """
    A lawful room name: in small letters, without the C{#} some people put before it.

    @raise Unlawful: with what is lawful.
    """
    name = unicodedata.normalize("NFKC", fold(text.strip().lstrip("#")))
    if len(name) > longest:
        raise Unlawful(f"That room name has {len(name)} characters; {longest} are the most.")
    if not _is_made_of(name, _ROOM_SIGNS):
        raise Unlawful("A room name is made of letters, the digits 0 to 9 and, inside it, . _ + - and no spaces.")
    _check_letters(name, "room name")
    return name


def _is_made_of(name: str, signs: str) -> bool:
    """Whether it is made of letters with their marks, ASCII digits and, inside, signs."""
    if not name or clean(name) != name or _NEVER_IN_NAMES.search(name):
        return False
    last = ""
    for character in name:
        if character.isalpha() or "0" <= character <= "9":
            pass
        elif unicodedata.category(character) in ("Mn", "Mc"):
            if last in signs or last == character:
                return False
        elif character not in signs or not last:
            return False
        last = character
    return last not in signs or last in _LAST_SIGNS


def _script(character: str) -> str:
    """The first word of the character's Unicode name, which is its script for letters and marks in common use."""
    word = unicodedata.name(character, "?").split(" ", 1)[0]
    return "CJK" if word in _WRITTEN_TOGETHER else word


def _check_letters(name: str, what: str) -> None:
    """@raise Unlawful: they are of several scripts, or others than they seem."""
    if name.isascii():
        return
    scripts = {_script(c) for c in name if c.isalpha()}
    if len(scripts) > 1:
        raise Unlawful(f"A {what} has letters of one script only, so that nobody is mistaken for another.")
    marks = {_script(c) for c in name if unicodedata.category(c) in ("Mn", "Mc")}
    if not scripts <= _SCRIPTS or not marks <= scripts - _POINTED:
        raise Unlawful(f"That {what} has letters or marks that are not in common use. Write it without them.")
    looks_like = name.translate(_LOOKS_LIKE)
    if looks_like.isascii():
        raise Unlawful(f"That {what} looks like {looks_like}, which is another one. Write it like that, or change it.")
