"""
Tags that clients send each other: which ones are passed on.

IRCv3 message-tags: keys of client-only tags begin with C{+}. How many bytes of tags a line may have, the wire judges.
It knows tags, and not what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.doors.irc.wire import NOTHING, is_tag_key

MOST_CLIENT_TAGS = 16
"""Client-only tags of one message that are passed on; the others are left out."""


def client_tags(tags: Mapping[str, str]) -> Mapping[str, str]:
    """Those that other clients read. A value that is not for the screen, such as one with a bell, is left out."""
    if not tags:
        return NOTHING
    wanted = [key for key, value in tags.items() if key[0] == "+" and is_tag_key(key) and is_shown(value)]
    return {key: tags[key] for key in wanted[:MOST_CLIENT_TAGS]} if wanted else NOTHING


def is_shown(value: str) -> bool:
    """Whether a value has nothing that could move a cursor."""
    return value.isprintable() or value.replace("\u200d", "").isprintable()  # emoji are joined by it
