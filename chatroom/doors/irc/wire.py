"""
Lines of IRC as values and back: tags, source, command, parameters.

RFC 1459, 2.3 with the additions of IRCv3 (message-tags, UTF8ONLY). Lines come without their ends and go with them. It
knows bytes, and no command's meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from chatroom.doors.irc.splitting import beginning

MOST_TAGS = 4096
"""Bytes of tags that a client may send, with the C{@} and the blank behind them: IRCv3 message-tags, Size limit."""

MOST_TAGS_SENT = 8191
"""Bytes of tags that a server may send, with the C{@} and the blank behind them."""

MOST_REST = 512
"""Bytes of everything behind the tags, with CR and LF: RFC 1459, 2.3."""

LONGEST_LINE = MOST_TAGS_SENT + MOST_REST
"""Bytes that a reader of lines has to hold at the most. What is longer is too long in one part or the other."""

LONGEST_WORD = 20
"""Letters of a command that is said back."""

NOTHING: Mapping[str, str] = MappingProxyType({})
"""No tags."""

_UNSAFE = re.compile("[ \0\r\n]")
_LINE_BREAKS = re.compile("[\0\r\n]+")
_ESCAPED = {";": "\\:", " ": "\\s", "\\": "\\\\", "\r": "\\r", "\n": "\\n"}
_UNESCAPED = {escaped[1]: character for character, escaped in _ESCAPED.items()}
_TO_ESCAPE = str.maketrans({**_ESCAPED, "\0": ""})
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_TAG_KEY = re.compile(r"\+?(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+", re.ASCII)

_WITH_TEXT = frozenset(
    "PRIVMSG NOTICE TOPIC KICK PART QUIT AWAY ERROR FAIL WARN NOTE SETNAME WALLOPS PONG "
    "001 002 003 005 301 302 303 311 319 312 314 322 332 352 353 354 372 375".split()
)
"""Commands whose last parameter is text: it has its colon even where it could go without, as old clients expect it."""


class BadLine(ValueError):
    """
    A line that is no message.

    @ivar command: what to answer it with: C{417}, or C{FAIL}.
    @ivar parameters: what stands between the command and the sentence.
    @ivar sentence: for the person at the client.
    """

    def __init__(self, command: str, parameters: tuple[str, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.command = command
        self.parameters = parameters
        self.sentence = sentence


class IrcMessage(NamedTuple):
    """
    One line. A tuple, as one is made of every line.

    @ivar command: in capital letters.
    @ivar params: the parameters, the last one without its colon.
    @ivar source: who it comes from, without its colon; C{""} where the line does not say so. A client's is ignored.
    @ivar tags: the values of tags by their keys, C{""} for a tag without a value.
    """

    command: str
    params: tuple[str, ...] = ()
    source: str = ""
    tags: Mapping[str, str] = NOTHING

    def format(self) -> bytes:
        """The line with CR and LF, as L{written} makes it."""
        return written(self.command, *self.params, source=self.source, tags=self.tags)


def parse(line: bytes) -> IrcMessage | None:
    """
    The message in a line, C{None} in one without a command, which is to be ignored.

    @param line: without LF; one CR at its end and NUL anywhere are left out.
    @raise BadLine: its tags or its rest are too long, or it is not UTF-8.
    """
    line = line.removesuffix(b"\r").replace(b"\0", b"").lstrip(b" ")
    tags = b""
    if line.startswith(b"@"):
        tags, _, line = line.partition(b" ")
        if len(tags) + 1 > MOST_TAGS:
            raise BadLine("417", (), f"The tags of your message are longer than {MOST_TAGS - 2:,} bytes.")
    if len(line) + 2 > MOST_REST:
        raise BadLine("417", (), f"Your line is longer than {MOST_REST - 2} bytes. Send it in parts.")
    try:
        return _message(tags[1:].decode("utf-8"), line.decode("utf-8"))
    except UnicodeDecodeError:
        sentence = "Your message is not UTF-8. Set your client's encoding to UTF-8."
        raise BadLine("FAIL", (_command_in(line), "INVALID_UTF8"), sentence) from None


def _command_in(line: bytes) -> str:
    """The command of a line that is not UTF-8; C{*} where it cannot be read."""
    rest = line.partition(b" ")[2] if line.startswith(b":") else line
    found = rest.split(b" ", 1)[0]
    return found.decode().upper() if found.isalpha() and len(found) <= LONGEST_WORD else "*"


def _message(tags: str, line: str) -> IrcMessage | None:
    source = ""
    line = line.replace("\r", " ").strip(" ") if "\r" in line else line.lstrip(" ")
    if line.startswith(":"):
        source, _, line = line[1:].partition(" ")
    head, colon, text = line.partition(" :")
    words = head.split(" ")
    if "" in words:  # as in few lines: several blanks follow on each other
        words = [word for word in words if word]
        if not words:
            return None
    params = (*words[1:], text) if colon else tuple(words[1:])
    return IrcMessage(words[0].upper(), params, source, parsed_tags(tags) if tags else NOTHING)


def parsed_tags(text: str) -> dict[str, str]:
    """Tags as they stand between C{@} and the blank. Of several with the same key, the last one holds."""
    found: dict[str, str] = {}
    for each in text.split(";"):
        key, _, value = each.partition("=")
        if key:
            found[key] = _ESCAPE.sub(_unescaped, value) if "\\" in value else value
    return found


def _unescaped(found: re.Match[str]) -> str:
    return _UNESCAPED.get(found[1], found[1])


def is_tag_key(key: str) -> bool:
    """Whether a tag may have this key; a client-only one begins with C{+}."""
    return _TAG_KEY.fullmatch(key) is not None


def escaped(value: str) -> str:
    """The value of a tag as it stands in a line."""
    return value.translate(_TO_ESCAPE)


def written_tags(tags: Mapping[str, str]) -> str:
    """What stands before a line for these tags: with the C{@} and the blank, C{""} for none."""
    if not tags:
        return ""
    return "@" + ";".join(f"{key}={escaped(value)}" if value else key for key, value in tags.items()) + " "


def middle(param: str) -> str:
    """A parameter that may stand anywhere: C{*} for what only the last one may be."""
    return "*" if not param or param[0] == ":" or _UNSAFE.search(param) else param


def written(command: str, *params: str, source: str = "", tags: Mapping[str, str] = NOTHING) -> bytes:
    """
    A line with CR and LF, never longer than L{MOST_REST} behind its tags: the last parameter is cut at a letter.

    @param params: only the last one may be empty, hold blanks or begin with a colon; L{middle} is done to the others.
        Line breaks become blanks.
    """
    line = written_head(command, params[:-1], source)
    if params:
        last = _LINE_BREAKS.sub(" ", params[-1])
        text = command in _WITH_TEXT and not (command == "PART" and len(params) == 1)
        colon = text or not last or last[0] == ":" or " " in last
        line += " :" + last if colon else " " + last
    return (written_tags(tags) + line).encode() + b"\r\n" if _fits(line) else _cut(line, tags)


def written_head(command: str, params: Sequence[str], source: str) -> str:
    """The beginning of a line, as far as these parameters."""
    return " ".join((*((":" + source,) if source else ()), command, *map(middle, params)))


def _fits(line: str) -> bool:
    return len(line) * 4 < MOST_REST or len(line.encode()) + 2 <= MOST_REST


def _cut(line: str, tags: Mapping[str, str]) -> bytes:
    return (written_tags(tags) + beginning(line, MOST_REST - 2)).encode() + b"\r\n"
