"""
Events as they are once somebody has to be forgotten: the same, without the name.

Every backend erases by this, and so does the state of every node, so that all leave the same behind. It knows what
events say about people, and nothing of where they are kept.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, TypeVar

from chatroom.events import GUEST, Acted, Event, PluginStored, RoomEvent, Said, TopicSet
from chatroom.folding import fold
from chatroom.records import ERASED_NAME, ERASED_TEXT

_NAMES = ("nick", "who", "new", "to", "target")
"""Fields that hold nicknames. The last may hold a network as well."""

_WORDS = ("reason", "quote", "detail")
"""Fields that hold what somebody wrote about what is done to whom."""

E = TypeVar("E", bound=Event)


def anonymous(event: E, key: str, keep_text: bool) -> E | None:
    """
    The event without this person.

    What was said becomes L{ERASED_TEXT}, and all else that somebody wrote of their own or about them, such as a reason
    or what a report quotes, is left out; with C{keep_text}, all of it stays. A topic stays, as it is the room's. So do
    number and time, so that a room's history has no holes, and that somebody was banned or reported. What a plugin
    stores holds C{null} where it is this person's, and another name where their name stands by itself.

    @param key: the name, folded.
    @return: C{None} if the event does not name them, or is without them already.
    """
    if isinstance(event, PluginStored):
        found: E | None = _stored_without(event, key)
        return found
    names = _NAMES if getattr(event, "scope", GUEST) == GUEST else _NAMES[:-1]  # a ban on a name is found by it
    changes: dict[str, Any] = {field: ERASED_NAME for field in names if fold(getattr(event, field, "")) == key}
    about = bool(changes) or fold(getattr(event, "target", "")) == key
    if about and not keep_text:
        changes |= {field: "" for field in _WORDS if getattr(event, field, "")}
        if "nick" in changes and hasattr(event, "text") and isinstance(event, RoomEvent):
            changes |= {} if isinstance(event, TopicSet) else {"text": ERASED_TEXT}
    if "nick" in changes and isinstance(event, Said | Acted) and event.nonce:
        changes["nonce"] = ""  # a program of theirs wrote it, and it may hold anything
    return replace(event, **changes) if changes else None


def is_about(event: PluginStored, key: str) -> bool:
    """Whether what a plugin stores is this person's, or their name is a part of the key between colons."""
    return key in (event.who, *map(fold, event.key.split(":")))


def _stored_without(event: PluginStored, key: str) -> Any:
    """The same for what a plugin stores; C{None} if it does not name them."""
    try:
        value = json.loads(event.value) if event.value else None
    except ValueError:
        return None
    if event.who == key:
        return replace(event, who=ERASED_NAME, value="null")
    left = _without(value, key)
    return None if left == value else replace(event, value=json.dumps(left, ensure_ascii=False, separators=(",", ":")))


def _without(value: Any, key: str) -> Any:
    """What JSON holds, without this name."""
    if isinstance(value, str):
        return ERASED_NAME if fold(value) == key else value
    if isinstance(value, list):
        return [_without(each, key) for each in value]
    if isinstance(value, dict):
        return {name: _without(each, key) for name, each in value.items() if fold(name) != key}
    return value
