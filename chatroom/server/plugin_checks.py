"""
What services of plugins check before it happens: joins, whispers, topics and nicknames.

It knows who checks what, and neither what services do nor what a wish leads to.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chatroom.interfaces import Wish

Check = Callable[[Wish], Awaitable[str | None]]
"""What gives another text, or C{None}, or raises L{chatroom.errors.Refused}; and nothing else."""


class PluginChecks:
    """Who checks what, in the order in which services started."""

    __slots__ = ("_by_kind",)

    def __init__(self) -> None:
        self._by_kind: dict[str, list[Check]] = {}

    def has(self, kind: str) -> bool:
        """Whether anybody checks such wishes."""
        return bool(self._by_kind.get(kind))

    def add(self, kind: str, check: Check) -> None:
        """One more."""
        self._by_kind.setdefault(kind, []).append(check)

    def remove(self, check: Check) -> None:
        """One less, of all kinds."""
        for checks in self._by_kind.values():
            if check in checks:
                checks.remove(check)

    def of(self, kind: str) -> tuple[Check, ...]:
        """Those who check such wishes now."""
        return tuple(self._by_kind.get(kind, ()))
