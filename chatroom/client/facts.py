"""
What a server sent as an answer, read without trust: a fact that is missing or of the wrong type is an empty one.

It knows the events' JSON, and nothing of connections.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from chatroom import wire
from chatroom.events import Event, RoomEvent

LONGEST_NAME = 256
"""Characters of a nickname or of a room's name: far beyond what any server allows."""

_NAMES = ("room", "nick", "who", "new", "to")
"""Fields of events that hold names."""

_NOT_IN_NAMES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs"})
"""Controls, format characters, halves of characters and blanks of every kind."""


def is_name(text: str) -> bool:
    """Whether it may be a nickname or the name of a room. A letter that came into Unicode later is one."""
    if not 0 < len(text) <= LONGEST_NAME:
        return False
    return all(unicodedata.category(character) not in _NOT_IN_NAMES for character in text)


def to_event(made: Any) -> Event | None:
    """
    The event of such an object; C{None} if it is none, or one that this version does not know. One with a name in it
    that is none, which only a hostile server sends, is no event.
    """
    if not isinstance(made, dict) or not isinstance(made.get("event"), str):
        return None
    try:
        event = wire.from_object(made)
        names = (getattr(event, name, "") for name in _NAMES)
        return event if all(not name or is_name(name) for name in names) else None
    except (ValueError, OverflowError):  # a time of the year 0, or beyond what the platform counts to
        return None


class Facts(Mapping[str, Any]):
    """A JSON object with readers for each type; C{facts["name"]} is the raw value."""

    __slots__ = ("made",)

    def __init__(self, made: Any = None) -> None:
        self.made: dict[str, Any] = made if isinstance(made, dict) else {}

    def __getitem__(self, name: str) -> Any:
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def __repr__(self) -> str:
        return f"Facts({self.made!r})"

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        value = self.made.get(name)
        return value if isinstance(value, str) else default

    def name(self, name: str, default: str = "") -> str:
        """A nickname or the name of a room."""
        value = self.text(name)
        return value if is_name(value) else default

    def names(self, name: str) -> tuple[str, ...]:
        """The names in a list."""
        return tuple(filter(is_name, self.texts(name)))

    def number(self, name: str, default: int = 0) -> int:
        """A whole number; C{true} is none."""
        value = self.made.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def flag(self, name: str) -> bool:
        """Whether it is C{true}."""
        return self.made.get(name) is True

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts in a list."""
        return tuple(value for value in self._list(name) if isinstance(value, str))

    def numbers(self, name: str) -> tuple[int, ...]:
        """The whole numbers in a list."""
        return tuple(v for v in self._list(name) if isinstance(v, int) and not isinstance(v, bool))

    def object(self, name: str) -> Facts:
        """An object, perhaps an empty one."""
        return Facts(self.made.get(name))

    def objects(self, name: str) -> tuple[Facts, ...]:
        """The objects in a list."""
        return tuple(Facts(value) for value in self._list(name) if isinstance(value, dict))

    def events(self, name: str = "events") -> tuple[Event, ...]:
        """The events in a list; those of an unknown kind are left out."""
        return tuple(event for value in self._list(name) if (event := to_event(value)) is not None)

    def room_events(self, name: str = "events") -> tuple[RoomEvent, ...]:
        """Those that have a place in a room's order."""
        return tuple(event for event in self.events(name) if isinstance(event, RoomEvent) and event.seq > 0)

    def _list(self, name: str) -> list[Any]:
        value = self.made.get(name)
        return value if isinstance(value, list) else []
