"""
The values that a plugin stores: facts of the server, which are kept, ordered and told to nodes as all others are.

It knows the state and the batches, and nothing of what plugins store or why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from twisted.internet.defer import Deferred, succeed

from chatroom.errors import LimitReached
from chatroom.events import SERVER, PluginAdded, PluginStored
from chatroom.interfaces import IPluginStore, provides
from chatroom.interfaces.plugin_store import KEY_LENGTH
from chatroom.server.services import Services


@provides(IPluginStore)
class PluginStore:
    """That of one plugin."""

    def __init__(self, services: Services, plugin: str) -> None:
        """@param plugin: its name."""
        self._services = services
        self._plugin = plugin
        self._new: dict[str, int] = {}  # keys that are on their way to be kept, and how often

    def get(self, key: str, default: Any = None) -> Any:
        fact = self._facts().get(key)
        return default if fact is None else json.loads(fact.value)

    def items(self, prefix: str = "") -> Iterator[tuple[str, Any]]:
        for key in self.keys(prefix):
            fact = self._facts().get(key)
            if fact is not None:
                yield key, json.loads(fact.value)

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        return tuple(key for key in self._facts() if key.startswith(prefix))

    def put(self, key: str, value: Any, who: str = "") -> Deferred[None]:
        return self._store(PluginStored, key, value, who).addCallback(lambda _: None)

    def add(self, key: str, value: Any, who: str = "") -> Deferred[bool]:
        return self._store(PluginAdded, key, value, who)

    def drop(self, *keys: str) -> Deferred[None]:
        there = [key for key in dict.fromkeys(keys) if key in self._facts() or key in self._new]
        now = self._services.now()
        events = [PluginStored(now, SERVER, self._plugin, key) for key in there]
        return self._services.batches.happen(*events).addCallback(lambda _: None) if events else succeed(None)

    def _facts(self) -> dict[str, PluginStored]:
        return self._services.chat.state.stored.get(self._plugin, {})

    def _store(self, kind: type[PluginStored], key: str, value: Any, who: str) -> Deferred[bool]:
        """@raise ValueError: @raise LimitReached:"""
        if not (0 < len(key) <= KEY_LENGTH and key.isprintable()):
            raise ValueError(f"a key has 1 to {KEY_LENGTH} printable characters, unlike {key!r:.120}")
        event = kind(self._services.now(), SERVER, self._plugin, key, self._written(key, value), who)
        self._check_room_for(key)
        self._new[key] = self._new.get(key, 0) + 1
        return self._services.batches.happen(event).addBoth(self._settled, key)

    def _written(self, key: str, value: Any) -> str:
        """@raise ValueError: it is not JSON, or too long."""
        most = self._services.limits.plugin_value
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            size = len(text.encode())
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"the value for {key!r} is no JSON: {error}") from None
        if size > most:
            raise ValueError(f"the value for {key!r} has {size} bytes; --plugin-value lets it have {most}")
        return text

    def _check_room_for(self, key: str) -> None:
        """@raise LimitReached:"""
        facts, most = self._facts(), self._services.limits.plugin_keys
        if key in facts or key in self._new:
            return
        if len(facts) + sum(each not in facts for each in self._new) >= most:
            raise LimitReached(f"The {self._plugin} plugin stores {most} values, and cannot store more.")

    def _settled(self, outcome: Any, key: str) -> Any:
        """It is kept, or not."""
        self._new[key] -= 1
        if not self._new[key]:
            del self._new[key]
        return outcome if not isinstance(outcome, list) else outcome[0]
