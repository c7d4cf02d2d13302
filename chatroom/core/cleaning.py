"""
Clean text: what may reach another person's screen at all.

Everything a person types passes through here once, at the edge, whatever door it came by. It knows nothing of
rooms, people or doors.

All of this is work on what a stranger sends, so each function here checks the length first, and works on no more than
a few times what is allowed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, decomposition

from chatroom.core.lookalikes import RESERVED as RESERVED
from chatroom.errors import Unlawful
from chatroom.folding import BESIDE, JOINER, KINDS, PILING, PLAIN, UNSHOWN
from chatroom.folding import fold as fold

_INVISIBLE = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: with them, ESC and CSI
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # fillers and joiners nobody sees
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"  # marks, line separators, bidi embeddings and overrides
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff"  # half characters, which JSON can smuggle in
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]+"
)
"""
Never shown. Left in: U+200C, U+200D and U+FE0E, U+FE0F, which Persian, Indic scripts and emoji need.
"""

FEW = 2
"""A text may have this many times the allowed characters before it is cleaned, because cleaning removes some."""

QUOTED = 64
"""So many characters of what somebody typed are said back to them in a refusal."""

_MARKS = 4
"""So many combining marks on one character, and no more (UTS 39, 5.4): enough for any language, too few to climb
over the lines above and below."""

_MARKS_AND_BESIDE = 8
"""The same, with those beside it, as vowels of India and Burma are."""

_BEYOND = (
    "\U000101fd-\U00011fff\U00013440-\U00013455\U00016af0-\U00016ff1\U0001bc9d\U0001bc9e\U0001cf00-\U0001cf46\U0001d165-\U0001d244"
    "\U0001da00-\U0001daaf\U0001e000-\U0001e94a"
)
"""Outside the first plane, all marks are in these ranges, among letters that few people write."""


def _marks_in_a_row() -> re.Pattern[str]:
    """
    Finds wherever more than L{_MARKS} marks stand in a row; seldom, other things of L{_BEYOND}. A pattern tries each
    range outside the first plane on every character, so it has a few wide ones.
    """
    every = map(chr, range(0x10000))
    # Each start of a daemon does this: what neither is a mark nor is made of other characters is not looked at.
    kinds = "".join([KINDS.make(one) if category(one)[0] == "M" or decomposition(one) else PLAIN for one in every])
    marks = "".join(f"{chr(run.start())}-{chr(run.end() - 1)}" for run in re.finditer(f"[{PILING}{BESIDE}]+", kinds))
    return re.compile(f"[{marks}{_BEYOND}][{marks}{_BEYOND}\u200c\u200d]{{{_MARKS},}}")


_PILE = _marks_in_a_row()

_JOINERS_AND_SPACES = re.compile("[\u200c\u200d\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
"""Left in, although Python does not take them for printable."""

_BLANK = re.compile("[\\s\u200c\u200d\u2800\ufe0e\ufe0f]*")
"""Characters that are left in, and leave no ink."""


def clean(text: str) -> str:
    """
    One line of text without anything that could move a cursor, turn the direction of writing or pile up.
    Tabs become spaces; what cannot be shown is left out, the rest is kept as typed.

    @param text: the caller has limited its length, as L{message}, L{brief} and L{quoted} do.
    """
    printable = text.isprintable()
    if printable and text.isascii():
        return text
    seen = text if printable else _JOINERS_AND_SPACES.sub("", text)
    if _INVISIBLE.search(seen):
        text = _INVISIBLE.sub("", text.replace("\t", "    "))
        return text if text.isascii() else _thin(text)
    return text if seen.isprintable() and not _PILE.search(text) else _thin(text)


def _thin(text: str) -> str:
    """
    Without more than L{_MARKS} combining marks in a row, or L{_MARKS_AND_BESIDE} with those beside, and without
    characters not assigned or private.
    """
    if not text.isprintable():
        text = "".join([each for each in text if KINDS[ord(each)] != UNSHOWN])
    return _PILE.sub(lambda run: _stack(run[0]) if len(run[0]) <= _STACK else _few_marks(run[0]), text)


def _few_marks(marks: str) -> str:
    """Of marks in a row, as many as may stand on one character; joiners between them begin no new one."""
    kept, piled, all = list[str](), 0, 0
    for mark in marks:
        kind = KINDS[ord(mark)]
        if kind == PLAIN:
            piled = all = 0
        elif kind != JOINER:
            piled = piled + 1 if kind == PILING else 0
            all += 1
            if all == _MARKS_AND_BESIDE + 1 and max(marks) <= "\uffff":
                break  # nothing but marks follows
        if piled <= _MARKS and all <= _MARKS_AND_BESIDE:
            kept.append(mark)
    return "".join(kept)


_STACK = 16
_stack = lru_cache(maxsize=1024)(_few_marks)
"""The same for as many marks as a language may have in a row: they come again and again."""


def clean_lines(text: str, most: int) -> str:
    """
    A message of one or more lines, each cleaned; empty lines at the ends are dropped.

    @param text: the caller has limited its length. @param most: how many lines it may have.
    @raise Unlawful: it has more.
    """
    if "\n" not in text:
        return clean(text)
    text = text.strip("\r\n")
    lines = text.count("\n") + 1
    if lines > most:
        raise Unlawful(f"That message has {lines:,} lines; the limit is {most:,}.", most=most)
    return "\n".join(clean(line) for line in text.split("\n")).strip("\n")


def message(text: str, longest: int, lines: int) -> str:
    """
    What may be said to others, clean; perhaps blank.

    @param longest: characters. @param lines: lines.
    @raise Unlawful: it is longer.
    """
    if len(text) <= FEW * longest:
        text = clean_lines(text, lines)
    if len(text) > longest:
        raise Unlawful(
            f"That message has {len(text):,} characters; the limit is {longest:,}. Send it in parts.", most=longest
        )
    return text


def is_plain(text: str, longest: int) -> bool:
    """
    Whether L{message} would leave a text as it is, and something of it is seen. Asked of everything anybody says, so
    it is quick, and says no where that cannot be seen at once.
    """
    return text.isascii() and text.isprintable() and 0 < len(text) <= longest and not text.isspace()


def brief(text: str, longest: int) -> str:
    """As much of a reason or the like as there is room for, clean, in one line."""
    return clean(text[: FEW * longest]).strip()[:longest]


def quoted(text: str) -> str:
    """As much as a refusal says back of what somebody typed."""
    shown = clean(text[:QUOTED])
    return shown if len(text) <= QUOTED else f"{shown}..."


def check_nonce(nonce: str, longest: int) -> str:
    """
    What a program calls a message of its own, if it may be called so: printable ASCII, so that characters are bytes.

    @raise Unlawful: it is too long, or has other characters.
    """
    if len(nonce) > longest:
        raise Unlawful(f"That nonce has {len(nonce):,} characters; the limit is {longest:,}.", most=longest)
    if not (nonce.isascii() and nonce.isprintable()):
        raise Unlawful("A nonce can have printable ASCII characters only, such as a UUID.")
    return nonce


def is_blank(text: str) -> bool:
    """Whether nothing of a clean text would be seen."""
    if text.isascii():
        return not text or text.isspace()
    return _BLANK.fullmatch(text) is not None
