"""
What has to be true of the server, whatever anybody sends.

Nothing here knows what was sent, or by which door.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent, globalLogPublisher
from zope.interface import implementer

from chatroom.doors.irc.wire import MOST_REST, MOST_TAGS_SENT

_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What moves cursors, ends lines or turns the direction of writing. Tabs and ends of lines are told apart elsewhere."""

_ISOLATED = re.compile("\u2068([^\u2068\u2069\n]*)\u2069")
"""What the server itself isolates for people, as it is written from right to left."""

_TELNET = re.compile(rb"\xff[\xfb-\xfe].", re.DOTALL)
"""A telnet command of an option (RFC 854): all that is ever sent."""

_COMMAND = re.compile(r"(@\S+ )?(:\S+ )?([A-Z]+|[0-9]{3})( |$)")
"""How a line of IRC begins."""

_OTHER_SERVERS = (b"\x15\x03\x01\x00\x02\x02\x28",)
"""The TLS alert with which somebody is answered who takes the line door for a TLS server."""


class Finding(Exception):
    """Something is not as it has to be."""


@contextmanager
def nothing_is_logged() -> Iterator[None]:
    """
    Nothing goes wrong that has to be written down.

    @raise Finding: with what was.
    """
    logged: list[str] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        failure = event.get("log_failure")
        if failure is not None:
            logged.append(f"{formatEvent(event)}\n{failure.getTraceback()}")
        elif event.get("log_level") in (LogLevel.error, LogLevel.critical):
            logged.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    try:
        yield
    finally:
        globalLogPublisher.removeObserver(observe)
    if logged:
        raise Finding("\n".join(logged))


def lines_of(data: bytes, telnet: bool = False) -> list[str]:
    """
    What a person reads: lawful UTF-8, in lines, without anything that does something to a terminal.

    @param telnet: the peer has spoken telnet, and may be answered in it.
    @raise Finding: it is not.
    """
    for other in _OTHER_SERVERS:
        data = data.removesuffix(other)
    if telnet:
        data = _TELNET.sub(b"", data)
    try:
        text = data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Finding(f"not UTF-8: {error}") from None
    harmful = _HARMFUL.search(_without_isolates(text))
    if harmful is not None or "\t" in text:
        raise Finding(f"{harmful!r} or a tab is in {text!r}")
    if text and not text.endswith("\n"):
        raise Finding(f"half a line: {text[-200:]!r}")
    return text.split("\n")[:-1]


def _without_isolates(text: str) -> str:
    """The text without isolates that begin and end in one line; one that does not is left, and is found."""
    found = 1
    while found:
        text, found = _ISOLATED.subn(r"\1", text)
    return text


def objects_of(lines: list[str]) -> list[dict[str, Any]]:
    """
    What a program reads, a line or message each.

    @raise Finding: it is no answer and no event, or holds what could harm whoever shows it.
    """
    return [_object(line) for line in lines]


def _object(line: str) -> dict[str, Any]:
    try:
        made = json.loads(line)
    except ValueError as error:
        raise Finding(f"no JSON: {line!r}: {error}") from None
    if not isinstance(made, dict) or not ("event" in made or isinstance(made.get("ok"), bool)):
        raise Finding(f"neither an answer nor an event: {line!r}")
    if made.get("ok") is False and not (made.get("error") and made.get("sentence")):
        raise Finding(f"a refusal without a reason: {line!r}")
    if made.get("error") == "internal":
        raise Finding(f"a bug: {line!r}")
    _check_texts({key: value for key, value in made.items() if key != "id"})
    return made


def _check_texts(value: Any) -> None:
    """The C{id} of a request is the program's own business; every other text was cleaned."""
    if isinstance(value, str):
        if _HARMFUL.search(value):
            raise Finding(f"not clean: {value!r}")
    elif isinstance(value, dict):
        for each in value.values():
            _check_texts(each)
    elif isinstance(value, list):
        for each in value:
            _check_texts(each)


def messages_of(data: bytes) -> list[str]:
    """
    The lines of IRC that somebody was sent; the last one may be cut off.

    @raise Finding: one is no line of IRC, is too long, or has characters that no client expects.
    """
    *lines, _ = data.split(b"\r\n")
    made = []
    for line in lines:
        tags, rest = line.split(b" ", 1) if line.startswith(b"@") else (b"", line)
        if len(tags) + 1 > MOST_TAGS_SENT or len(rest) + 2 > MOST_REST or b"\n" in rest:
            raise Finding(f"no line of IRC: {line!r}")
        text = line.decode("utf-8")
        if _HARMFUL.search(text.replace("\x01", "")) or not _COMMAND.match(text):
            raise Finding(f"no line of IRC: {text!r}")
        made.append(text)
    return made
