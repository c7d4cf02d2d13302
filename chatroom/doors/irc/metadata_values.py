"""
Metadata: what people and rooms say of themselves by key, such as C{display-name} and C{avatar}.

Those of accounts and of rooms are kept, on all nodes; a guest's live as long as the guest's connection to this node. It
knows the server's store, and no connection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chatroom.doors.irc.client_tags import is_shown
from chatroom.doors.irc.wire import NOTHING
from chatroom.folding import fold
from chatroom.interfaces import IPluginStore, ISession, RoomView

MOST_KEYS = 20
"""Keys of one person or room."""

MOST_BYTES = 300
"""Bytes of one value."""

MOST_SUBSCRIPTIONS = 50
"""Keys that one client can subscribe to."""

LIMITS = f"before-connect,max-keys={MOST_KEYS},max-subs={MOST_SUBSCRIPTIONS},max-value-bytes={MOST_BYTES}"
"""The value of the capability. C{before-connect}: clients may say their own before they have a nickname."""

_KEY = re.compile(r"[a-z0-9_./-]{1,32}", re.ASCII)
_CREATED = " created"
"""Of a room: when it was made, as another room may have its name later. No key has a blank."""

Values = Mapping[str, str]


def is_key(key: str) -> bool:
    """Whether a key may be so."""
    return _KEY.fullmatch(key) is not None


def is_value(value: str) -> bool:
    """Whether a value may be so: short, and nothing that moves a cursor."""
    return len(value.encode()) <= MOST_BYTES and is_shown(value)


class MetadataValues:
    """All of them, of one server."""

    def __init__(self, store: IPluginStore) -> None:
        self._store = store

    def of_account(self, nick: str) -> Values:
        """Those of an account."""
        found: Values = self._store.get(f"person:{fold(nick)}", NOTHING)
        return found

    def of_room(self, room: RoomView) -> Values:
        """Those of a room."""
        found: Values = self._store.get(f"room:{room.name}", NOTHING)
        if found.get(_CREATED) != str(room.created):
            return NOTHING
        return {key: value for key, value in found.items() if key != _CREATED}

    async def set_account(self, caller: ISession, values: Values) -> None:
        """
        What this account says of itself from now on.

        @raise LimitReached: @raise NotKept:
        """
        assert caller.nick is not None
        await self._put(f"person:{fold(caller.nick)}", values, caller.identity or "")

    async def set_room(self, room: RoomView, values: Values) -> None:
        """
        What is said of a room from now on.

        @raise LimitReached: @raise NotKept:
        """
        await self._put(f"room:{room.name}", {_CREATED: str(room.created), **values} if values else values)

    async def _put(self, key: str, values: Values, who: str = "") -> None:
        if values:
            await self._store.put(key, dict(values), who)
        else:
            await self._store.drop(key)
