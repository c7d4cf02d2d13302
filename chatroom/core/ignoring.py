"""
The events that remain for a person who ignores some people: the same in every view, live or read again later.

It knows events and keys of names; who ignores whom, and how it is shown, is not its business.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace
from typing import TypeVar

from chatroom.core.names import fold
from chatroom.events import Departed, Event, Left, RoomEvent
from chatroom.records import Mail

E = TypeVar("E", bound=RoomEvent)
A = TypeVar("A", bound=Event)


def is_shown(event: RoomEvent, ignored: Container[str]) -> bool:
    """Whether this is shown to somebody who ignores these: all but the talk of people ignored."""
    return event.changes or fold(event.nick) not in ignored


def without_words(event: A, ignored: Container[str]) -> A:
    """A farewell of somebody ignored is shown, as a room has one member less, but not its words."""
    if isinstance(event, Left | Departed) and event.reason and fold(event.nick) in ignored:
        return replace(event, reason="")
    return event


def visible(events: Iterable[E], ignored: Container[str]) -> list[E]:
    """Those that are shown, as they are shown."""
    return [without_words(event, ignored) for event in events if is_shown(event, ignored)]


def readable(mail: Iterable[Mail], ignored: Container[str]) -> list[Mail]:
    """Whispers of people who are not ignored."""
    return [each for each in mail if fold(each.sender) not in ignored]
