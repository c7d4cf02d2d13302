"""
Events as they are once somebody has to be forgotten: the same, without the name.

Every backend erases by this, and so does the state of every node, so that all leave the same behind. It knows what
events say about people, and nothing of where they are kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from chatroom.events import Event, RoomEvent, TopicSet
from chatroom.folding import fold
from chatroom.records import ERASED_NAME, ERASED_TEXT

_NAMES = ("nick", "who", "new", "to")
"""Fields that hold nicknames."""

E = TypeVar("E", bound=Event)


def anonymous(event: E, key: str, keep_text: bool) -> E | None:
    """
    The event without this person.

    What was said becomes L{ERASED_TEXT}, and reasons of their own are left out, as is what others quote in a report;
    with C{keep_text}, all of it stays. A topic stays, as it is the room's, and so does what is written down to keep
    order in the house. So do number and time, so that a room's history has no holes.

    @param key: the name, folded.
    @return: C{None} if the event does not name them.
    """
    changes: dict[str, Any] = {field: ERASED_NAME for field in _NAMES if fold(getattr(event, field, "")) == key}
    if not changes:
        return None
    if "nick" in changes and not keep_text and isinstance(event, RoomEvent):
        if hasattr(event, "reason"):
            changes["reason"] = ""
        elif hasattr(event, "text") and not isinstance(event, TopicSet):
            changes["text"] = ERASED_TEXT
    if "who" in changes and not keep_text and hasattr(event, "quote"):
        changes["quote"] = ""
    return replace(event, **changes)
