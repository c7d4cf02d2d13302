"""
What a command of another package gave back, held against what it may give back.

A door could find out only when it writes the answer, and would not know whose it was. Nothing is read that is not
needed, and no more than an answer may hold: it may be made of anything. It knows answers and events.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import chain
from typing import Any

from chatroom.events import KINDS, Event, RoomEvent
from chatroom.interfaces import Answer

DEEP = 20
"""Levels of lists and objects that a fact may have."""

AROUND = 8
"""Bytes that count for a value besides its text."""

YEAR_10000 = 253402300800.0
"""In seconds since 1970: events are earlier."""

_TYPES: Mapping[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}


class WrongOutcome(Exception):
    """What is wrong with it, as the rest of a sentence that begins with the plugin, without its end."""


def checked(answer: Answer, most: int) -> Answer:
    """
    The same answer, made of nothing but what doors can write.

    @param most: bytes that it may hold.
    @raise WrongOutcome: it cannot be written, or is longer.
    """
    parts, facts, then = answer.parts, answer.facts, answer.then
    if not isinstance(parts, tuple | list):
        raise WrongOutcome(f"gave back an Answer whose parts are {_kind(parts)} and not a tuple")
    if not isinstance(facts, Mapping):
        raise WrongOutcome(f"gave back an Answer whose facts are {_kind(facts)} and not a dict")
    if then is not None and not callable(then):
        raise WrongOutcome(f"gave back an Answer whose then is {_kind(then)} and not a function")
    scale = _Scale(most)
    for part in parts:
        if not isinstance(part, str | Event):
            raise WrongOutcome(f"gave back an Answer with a part that is {_kind(part)} and not text or an event")
        scale.weigh(part)
    facts = dict(facts)
    scale.weigh(facts)
    return Answer(tuple(parts), facts, then)


def check_told(parts: tuple[Any, ...], most: int) -> None:
    """
    The same of what a plugin tells one connection outside an answer. An event of a room would look as if it had
    happened now: programs count those.

    @raise WrongOutcome: it cannot be told.
    """
    scale = _Scale(most)
    for part in parts:
        if not isinstance(part, str | Event) or isinstance(part, RoomEvent):
            raise WrongOutcome(f"told a connection {_kind(part)}, and may tell text and events of no room")
        scale.weigh(part)


class _Scale:
    """How much of an answer may still come."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most

    def weigh(self, value: Any, depth: int = 0) -> None:
        """@raise WrongOutcome: it is too much, or of the wrong kind."""
        self._take(AROUND)
        if isinstance(value, str):
            self._take(len(value))
            self._take(0 if value.isascii() else _bytes(value) - len(value))
        elif isinstance(value, int | float):
            _check_number(value)
        elif isinstance(value, Event):
            self._weigh_event(value, depth)
        elif isinstance(value, dict | list | tuple) and depth < DEEP:
            for each in _inside(value):
                self.weigh(each, depth + 1)
        elif value is not None:
            deep = f", or lists in more than {DEEP} lists" if isinstance(value, dict | list | tuple) else ""
            raise WrongOutcome(f"gave back {_kind(value)} in its facts, which JSON cannot hold{deep}")

    def _weigh_event(self, event: Event, depth: int) -> None:
        if KINDS.get(event.kind) is not type(event):
            raise WrongOutcome(f"gave back an event of a kind that is not the server's: {type(event).__name__}")
        for each in fields(event):
            value, wanted = getattr(event, each.name), _TYPES.get(str(each.type))
            if wanted is not None and type(value) not in wanted:
                raise WrongOutcome(f"gave back an event whose {each.name} is {_kind(value)}: {type(event).__name__}")
            self.weigh(value, depth + 1)
            if each.name in ("at", "until") and not 0 <= value < YEAR_10000:
                raise WrongOutcome(f"gave back an event of no time from 1970 to 9999: {type(event).__name__}")

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise WrongOutcome(f"gave back more than the {self._most:,} bytes of --answer-bytes")


def _check_number(value: int | float) -> None:
    if isinstance(value, int):
        if value.bit_length() > 64:
            raise WrongOutcome("gave back a fact that is a whole number of more than 64 bits")
    elif not math.isfinite(value):
        raise WrongOutcome("gave back a fact that is no finite number")


def _inside(value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> Iterable[Any]:
    """What stands in a list or an object, with the names."""
    if not isinstance(value, dict):
        return value
    if not all(isinstance(name, str) for name in value):
        raise WrongOutcome("gave back facts with a name that is no text")
    return chain(value, value.values())


def _bytes(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise WrongOutcome("gave back text with half a character in it: a lone \\ud800 to \\udfff") from None


def _kind(value: object) -> str:
    return f"an object of the type {type(value).__name__}"
