"""
The names of channels, and the rooms that they mean: C{#den} is den, and C{@#den} the operators of den.

It knows text, and no room.
"""

from __future__ import annotations

from chatroom.errors import NoSuchRoom

STATUS = "@"
"""Before the name of a channel: its operators alone. C{STATUSMSG} in 005."""


def is_status(target: str) -> bool:
    """Whether this means the operators of a channel."""
    return target.startswith(f"{STATUS}#")


def channel_of(target: str) -> str:
    """The channel whose operators are meant; what means no operators stays as it is."""
    return target.removeprefix(STATUS) if is_status(target) else target


def is_channel(text: str) -> bool:
    """Whether this may be the name of a channel: C{#} and a name. C{##x} is none, as it would be C{#x} as well."""
    return len(text) > 1 and text[0] == "#" != text[1]


def room_of(channel: str) -> str:
    """
    The name of the room that a channel is.

    @raise NoSuchRoom: this is the name of no channel. C{#} alone would mean the current room elsewhere.
    """
    if not is_channel(channel):
        raise NoSuchRoom("There is no such channel.")
    return channel[1:]
