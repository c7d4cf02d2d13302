"""
Formatting in a text: a small part of Markdown, read as spans. The page does the same in JavaScript:
tests/vectors/formatting.json says what both find.

=================================== ======================================================================
Typed                               Shown
=================================== ======================================================================
``**text**``                        bold
``*text*`` or ``_text_``            italics; ``***text***`` is both
``~~text~~``                        struck
one or two backticks around a text  code, in which nothing else is read
three backticks around lines        a block of code; a word behind the first three names the language
``[text](https://example.org)``     the text as a link, and behind it the host that it leads to
``https://example.org``             a link (L{chatroom.client.links})
``:tada:``                          an emoji (L{chatroom.client.emoji})
=================================== ======================================================================

Signs count at the edges of words only, so C{2*3*4} and C{snake_case_name} stay as they are; C{__init__} does as well,
because two low lines mean nothing here. A pair of signs ends in the line it begins in. A backslash before a sign keeps
it a sign, and is not shown where the sign would have meant something.

The work is linear in the text, and spans nest no deeper than one list. It knows text and opens nothing; nothing here
changes what is sent or kept.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from chatroom.client.emoji import EMOJI
from chatroom.client.links import links

MOST = 400
"""Pieces of one text that are formatted; what is behind them stays as typed. The page would have to draw each."""

LONGEST_LABEL = 200
"""Characters of the text of a named link."""

BOLD, ITALIC, STRUCK, CODE, BLOCK, WHERE = "bold", "italic", "struck", "code", "block", "where"

_TICKS = re.compile("`+")
_LANGUAGE = re.compile(r"[A-Za-z0-9+#.-]{1,20}\n")
_SIGNS = re.compile(r":([a-z0-9_+-]{1,24}):|\*+|_+|~+")
_HOST = re.compile(r"https?://(?:[^/?#]*@)?([^/?#]*)", re.IGNORECASE)
_LENGTHS = {"*": (1, 2, 3), "_": (1,), "~": (2,)}
"""Of which runs of a sign something is made."""


class Span(NamedTuple):
    """
    A piece of a text as it is shown.

    @ivar styles: of L{BOLD} and its like. L{WHERE} is not in the text: it says where the link before it leads.
    @ivar link: the address that it leads to, or C{""}.
    """

    text: str
    styles: frozenset[str] = frozenset()
    link: str = ""


@dataclass
class _Run:
    """Signs in a row, which may begin something, end something, or be no more than signs."""

    sign: str
    count: int
    opens: bool
    closes: bool
    escaped: bool
    hides: bool = False
    ends: list[str] = field(default_factory=list)
    begins: list[str] = field(default_factory=list)


_Token = list[Span] | _Run
"""What is shown as it stands, or signs that may style what is between them."""


def spans(text: str) -> list[Span]:
    """The text in pieces, in order."""
    tokens: list[_Token] = []
    at = 0
    for token, behind in islice(_tokens(text), MOST):
        tokens.append(token)
        at = behind
    return _styled([*tokens, [Span(text[at:])]])


def _tokens(text: str) -> Iterator[tuple[_Token, int]]:
    """Each piece, and where it ends in the text."""
    at = 0
    for start, end, shown, style in _code(text):
        yield from _prose(text, at, start)
        yield [Span(shown, frozenset([style]) if style else frozenset())], end
        at = end
    yield from _prose(text, at, len(text))


# Code.


def _code(text: str) -> Iterator[tuple[int, int, str, str]]:
    """Where code begins and ends, what of it is shown, and how; without a style, it is only what a backslash kept."""
    runs = [found.span() for found in _TICKS.finditer(text)]
    starts = {length: [start for start, end in runs if end - start == length] for length in (1, 2)}
    at, fenced = 0, True
    for start, behind in runs:
        if start < at:
            continue
        if behind - start > 2:
            end = text.find("```", behind) if fenced else -1
            fenced = end >= 0
            shown = _block(text[behind:end]) if fenced else ""
            if shown:
                at = end + 3
                at += text.startswith("\n", at)
                yield start, at, shown, BLOCK
            continue
        end = _partner(text, behind, starts[behind - start])
        if end < 0:
            continue
        ticks, inner = text[start:behind], text[behind:end]
        at = end + len(ticks)
        if text[max(0, start - 1) : start] == "\\":
            yield start - 1, at, ticks + inner.removesuffix("\\") + ticks, ""
        else:
            yield start, at, inner, CODE


def _partner(text: str, behind: int, starts: list[int]) -> int:
    """Where the run of as many backticks begins that ends this code, in the same line; or -1."""
    place = bisect_left(starts, behind)
    if place == len(starts) or "\n" in text[behind : starts[place]] or _is_blank(text[behind : starts[place]]):
        return -1
    return starts[place]


def _block(inner: str) -> str:
    """What is shown of a block; C{""} if nothing is."""
    language = _LANGUAGE.match(inner)
    if language and not _is_blank(inner[language.end() :]):
        inner = inner[language.end() :]
    inner = inner.removeprefix("\n").removesuffix("\n")
    return "" if _is_blank(inner) else inner


# Everything else.


def _prose(text: str, start: int, end: int) -> Iterator[tuple[_Token, int]]:
    """What is between code: addresses, named addresses, emoji and signs."""
    at = start
    for first, last in links(text[start:end]):
        first, last = start + first, start + last
        address = text[first:last]
        label = _label(text, at, first) if text.startswith(")", last) else first
        if label == first:
            yield from _marked(text, at, first)
            yield [Span(address, link=address)], last
        elif text[max(at, label - 1) : label] == "\\":
            yield from _marked(text, at, label - 1)
            yield [Span(text[label:first]), Span(address, link=address)], last
        else:
            yield from _marked(text, at, label)
            named = [
                span._replace(link=address) for span in _styled([t for t, _ in _marked(text, label + 1, first - 2)])
            ]
            yield [*named, Span(f" ({_host(address)})", frozenset([WHERE]), address)], (last := last + 1)
        at = last
    yield from _marked(text, at, end)


def _label(text: str, at: int, first: int) -> int:
    """Where C{[} stands before an address that is named, as in C{[text](address}; C{first} if there is none."""
    at = max(at, first - LONGEST_LABEL)
    if first - at < 4 or text[first - 2 : first] != "](":
        return first
    begin = text.rfind("[", at, first - 2)
    inner = text[begin + 1 : first - 2]
    return first if begin < 0 or "]" in inner or "\n" in inner or _is_blank(inner) else begin


def _host(address: str) -> str:
    found = _HOST.match(address)
    return found[1] if found else address


def _marked(text: str, start: int, end: int) -> Iterator[tuple[_Token, int]]:
    """Text with runs of signs and emoji."""
    at = search = start
    while (found := _SIGNS.search(text, search, end)) is not None:
        begin, behind = found.span()
        search = behind
        if found[1] is not None:
            if found[1] not in EMOJI or _is_word(text[begin - 1 : begin]) or _is_word(text[behind : behind + 1]):
                search = begin + 1
                continue
            token: _Token = [Span(EMOJI[found[1]])]
        else:
            run = _run(text, begin, behind)
            if run is None:
                continue
            token = run
            begin -= run.escaped
        if begin > at:
            yield [Span(text[at:begin])], begin
        yield token, behind
        at = behind
    if end > at:
        yield [Span(text[at:end])], end


def _run(text: str, begin: int, behind: int) -> _Run | None:
    """A run of signs, or C{None} where it can mean nothing."""
    sign, count = text[begin], behind - begin
    escaped = sign != "_" and text[max(0, begin - 1) : begin] == "\\"
    before, after = text[max(0, begin - 1 - escaped) : begin - escaped], text[behind : behind + 1]
    opens = not _is_space(after) and not _is_word(before) and not (sign == "_" and before == "\\")
    closes = not _is_space(before) and not _is_word(after) and not (sign == "_" and before == "\\")
    if count not in _LENGTHS[sign] or not (opens or closes):
        return None
    return _Run(sign, count, opens, closes, escaped)


def _is_word(character: str) -> bool:
    """Whether signs beside it are inside a word. Letters without case do not count: many scripts have no spaces."""
    return character != "" and unicodedata.category(character) in ("Lu", "Ll", "Lt", "Nd")


def _is_space(character: str) -> bool:
    """Whether this is a blank, or the end of the text."""
    return character == "" or unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc")


def _is_blank(text: str) -> bool:
    return all(map(_is_space, text))


def _styled(tokens: list[_Token]) -> list[Span]:
    """The pieces with the styles that the signs around them give."""
    _pair(tokens)
    found: list[Span] = []
    styles: list[str] = []
    for token in tokens:
        if isinstance(token, _Run):
            for style in token.ends:
                styles.remove(style)
            slash = "\\" if token.escaped and not token.hides else ""
            _add(found, Span(slash + token.sign * token.count, frozenset(styles)))
            styles += token.begins
        else:
            for span in token:
                _add(found, span._replace(styles=span.styles | frozenset(styles)))
    return found


def _add(found: list[Span], span: Span) -> None:
    """One more piece; what looks like the one before it is part of that. Blocks of code stand by themselves."""
    if found and found[-1][1:] == span[1:] and not span.styles & {BLOCK, CODE}:
        found[-1] = span._replace(text=found[-1].text + span.text)
    elif span.text:
        found.append(span)


def _pair(tokens: list[_Token]) -> None:
    """Find which runs belong together. Each is pushed once and popped once, so the work is linear."""
    waiting: list[_Run] = []
    places: dict[str, list[int]] = {sign: [] for sign in _LENGTHS}
    for token in tokens:
        if not isinstance(token, _Run):
            if any("\n" in span.text or BLOCK in span.styles for span in token):
                _forget(waiting, places, 0)
            continue
        while token.count and token.closes and places[token.sign]:
            place = places[token.sign][-1]
            opener = waiting[place]
            _forget(waiting, places, place + 1)
            if opener.escaped or token.escaped:
                opener.hides = token.hides = True
                _forget(waiting, places, place)
                break
            used = 2 if min(opener.count, token.count) > 1 else 1
            opener.count -= used
            token.count -= used
            style = STRUCK if token.sign == "~" else BOLD if used == 2 else ITALIC
            opener.begins.insert(0, style)
            token.ends.append(style)
            if not opener.count:
                _forget(waiting, places, place)
        if token.count and token.opens and not token.hides:
            places[token.sign].append(len(waiting))
            waiting.append(token)


def _forget(waiting: list[_Run], places: dict[str, list[int]], first: int) -> None:
    """From this one on, they have nothing to end them."""
    while len(waiting) > first:
        places[waiting.pop().sign].pop()
