"""
Names that could be taken for another one: letters of other scripts that look like ASCII, and names that nobody may take
because they look like the server, its staff, or a word that means everybody.

Look-alikes follow Unicode Technical Standard 39, 4: two names are confusable if they have the same skeleton. Ours also
leaves out accents and signs, and takes digits for the letters that people write them for (C{adm1n}, C{r00t}): it guards
few names, so that it can afford to. It knows names, and nobody who has one.
"""

# ruff: noqa: RUF001 letters that look like others are what this is about

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from chatroom.folding import fold_for_search

RESERVED = frozenset(
    # The server itself, and whom it has to be run.
    "chatroom server system server service services daemon network console shell "
    "admin admins administrator administrators root sysop sysops sysadmin superuser owner owners founder "
    "operator operators op ops voice oper opers ircop ircops netadmin moderator moderators mod mods staff team "
    "support helpdesk security abuse postmaster webmaster hostmaster "  # RFC 2142
    # Words that call everybody, here and in other programs, and words that mean whoever reads them.
    "all everyone everybody here channel chan room rooms online group groups members people lobby "
    "me you "
    # Services of IRC networks, and what speaks for other programs. Any other name that ends in -serv is one as well.
    "nickserv chanserv memoserv operserv hostserv botserv saslserv helpserv infoserv global globals devnull alis "
    "slackbot clyde discord automod "
    # Words that lines may begin with.
    "quit help".split()
)
"""What nobody may be called, nor anything that looks like it."""

SENTENCES = frozenset("is was works worked fails failed does did to with from and or not again for".split())
"""
What nobody may be called either, as it stands: C{login works again} is said in a room, while C{login ann again} is
refused, because it may hold a password (L{chatroom.meaning.NO_NAMES}).
"""

_STAFF = frozenset(
    "chatroom server system admin admins administrator sysop sysadmin superuser netadmin moderator mod staff support "
    "helpdesk".split()
)
"""Those by which people are taken for the staff also where something stands beside them: C{the-admin}, C{admin2}."""

_SHORTEST = min(map(len, _STAFF))
"""Letters: of none of these words two together look like one."""

_NEVER = RESERVED | SENTENCES

_SERVICE = "serv"

_LOOKALIKES = {
    "2": "ƧꙄꝚ", "3": "ƷȜЗӠꝪꞫ", "5": "Ƽ", "6": "б", "8": "Ȣȣ", "9": "Ꝯ",
    "A": "ΑАᴀ", "B": "ΒВꞴʙ", "C": "Сᴄ", "D": "ᴅ", "E": "ΕЕᴇ", "F": "ϜꞘꜰ", "G": "Ԍɢ", "H": "ΗНʜ", "I": "ɪ",
    "J": "ͿЈꞲᴊ", "K": "ΚКᴋ", "L": "ʟ", "M": "ΜϺМᴍ", "N": "Νɴ", "O": "ΟОՕᴏዐ", "P": "ΡРᴘ", "R": "Ʀʀ", "S": "ЅՏꜱ",
    "T": "ΤТᴛ", "U": "Սᴜሀ", "V": "Ѵᴠ", "W": "Ԝᴡ", "X": "ΧХꞳ", "Y": "ΥУҮʏ", "Z": "Ζᴢ",
    "a": "ɑαа", "b": "ƄƅЬ", "c": "с", "d": "ԁ", "e": "еҽꬲ", "f": "քẝꞙꬵ", "g": "ƍɡցᶃ", "h": "һհ", "i": "ıɩιіꙇ",
    "j": "ϳј", "l": "ƖǀΙІӀӏוןا", "n": "ոռ", "o": "οσоօᴑꬽסهھہەჿഠဝଠ", "p": "ρр", "q": "ԛգզ", "r": "гᴦꭇꭈ", "s": "ƽѕ",
    "u": "ʋυսꞟꭎꭒ", "v": "νѵט", "w": "ɯѡԝա", "x": "х", "y": "ɣγуүᶌỿꭚყ",
    "ll": "װ",
}  # fmt: skip
"""
Letters of the scripts that names may have which look like an ASCII letter or digit, or two: UTS 39's confusables.txt
where nothing else is seen of them, and small capitals.
"""
_LOOKS_LIKE = str.maketrans({other: ascii for ascii, others in _LOOKALIKES.items() for other in others})

_PIECES = re.compile(r"[._-]+|\d+$")
"""What joins the words of a name; and its number at the end."""

_DIGITS = str.maketrans("034578", "oeastb")
"""What digits are written for. 1 is two things; see L{_LINES}."""

_LINES = str.maketrans("1I|", "!!!")
"""What may be taken for an i and for an l: each becomes an exclamation mark."""

_MERGED = str.maketrans("!i", "ll")

_TOGETHER = (("rn", "m"), ("vv", "w"), ("cl", "d"))
"""Two letters that stand so near one another that they look like one."""


def as_ascii(name: str) -> str | None:
    """The ASCII name that a name of other letters looks like, letter by letter; C{None} if it does not, or is one."""
    looks_like = name.translate(_LOOKS_LIKE)
    return looks_like if looks_like.isascii() and not name.isascii() else None


@lru_cache(maxsize=1024)
def skeleton(name: str) -> str:
    """
    What a name looks like: the same for names that may be taken for one another.

    @param name: one that was accepted, so that it is short.
    """
    return _skeleton(_shape(name))


def _skeleton(shape: str) -> str:
    seen = shape.translate(_MERGED)
    for pair, one in _TOGETHER:
        seen = seen.replace(pair, one)
    return seen


def reserved_word(name: str) -> str | None:
    """
    The word of L{RESERVED}, or a service, that a name is or looks like, or C{None}.

    An i does not look like an l here: Ali is no C{all}.
    """
    if name.isascii() and name.casefold() in _NEVER:
        return name.casefold()
    for piece in _PIECES.split(name):
        if len(piece) >= _SHORTEST and piece != name and reserved_word(piece) in _STAFF:
            return reserved_word(piece)
    shape = _shape(name)
    for word in _BY_SKELETON.get(_skeleton(shape), ()):
        if _may_be(shape, word):
            return word
    if len(shape) > len(_SERVICE) and _may_be(shape[-len(_SERVICE) :], _SERVICE):
        return name
    return None


def one_like(name: str, others: Iterable[str]) -> str | None:
    """The first of the others that this name looks like, or C{None}."""
    seen = _skeleton(_shape(name))  # and not remembered: others who join are compared with the same names, and not it
    return next((other for other in others if skeleton(other) == seen), None)


def _shape(name: str) -> str:
    """Small letters, with a C{!} for what may be an i as well as an l."""
    if name.replace("l", "I").isupper():  # then an I is an I, and so is an l
        name = name.replace("l", "I").casefold()
    if name.isascii() and name.isalnum():  # as most names are
        return name.translate(_LINES).lower().translate(_DIGITS)
    seen = fold_for_search(name.translate(_LOOKS_LIKE).translate(_LINES))
    return "".join(each for each in seen if each in "!" or not each.isascii() or each.isalnum()).translate(_DIGITS)


def _may_be(shape: str, word: str) -> bool:
    if len(shape) != len(word):  # then letters stand together in it
        return True
    return all(seen == meant or (seen == "!" and meant in "il") for seen, meant in zip(shape, word, strict=True))


def _by_skeleton() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in sorted(RESERVED):
        found.setdefault(skeleton(word), []).append(word)
    return found


_BY_SKELETON = _by_skeleton()
