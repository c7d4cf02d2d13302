"""
What a plugin may keep: values by key, in the backend, together with all else that happens.

It knows JSON's values, and nothing of how they are kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from typing import Any

from chatroom.interfaces.contract import Contract

KEY_LENGTH = 100
"""Characters in the key of a stored value."""


class IPluginStore(Contract):
    """
    The values of one plugin. Every node of the server has the same. They outlive the process, and are in its backups.

    What is read is what is kept: a value that was put is there once what C{put} gave has fired. Whatever is put in
    one turn of the reactor, and whatever is said in it, is kept in one commit: all of it, or nothing.

    Keys have 1 to L{KEY_LENGTH} printable characters. Values are what JSON holds: C{None}, truth values, numbers, text,
    lists, and dicts with text as keys. What is read is a copy.

    The data of one person can be exported and erased. So a value that is about one person is put with C{who}, and a
    nickname in a key stands between colons: C{vote:3:alice}. An erased person's name is taken out of all other values
    where it stands by itself, such as in a list.
    """

    def get(self, key: str, default: Any = None) -> Any:
        """The value stored there, or C{default}."""

    def items(self, prefix: str = "") -> Iterator[tuple[str, Any]]:
        """Keys that begin so, each with its value, in the order in which they were stored last."""

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """The keys alone, which takes much less time."""

    def put(self, key: str, value: Any, who: str = "") -> Awaitable[None]:
        """
        Store a value, in the place of one that is there. It is on its way when this returns.

        @param who: whose it is, by C{ICaller.identity}.
        @return: fires when it is kept; fails with L{chatroom.errors.NotKept}.
        @raise ValueError: the key or the value cannot be stored: too long, or not JSON.
        @raise chatroom.errors.LimitReached: the plugin stores as much as it may.
        """

    def add(self, key: str, value: Any, who: str = "") -> Awaitable[bool]:
        """
        The same, only if nothing is stored there; who is first wins, on all nodes.

        @return: fires with whether it was stored.
        """

    def drop(self, *keys: str) -> Awaitable[None]:
        """Store nothing there any more. It fires when that is kept."""
