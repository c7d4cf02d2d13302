"""
The ear of a caller without a connection: for a command, or a departure, of a person who is not connected.
"""

from __future__ import annotations

from collections.abc import Sequence

from zope.interface import implementer

from chatroom.events import Event
from chatroom.interfaces import IEar, IForm


@implementer(IEar)
class NullEar:
    """It hears nothing."""

    once = False

    def form(self, room: str) -> IForm:
        """Never asked for: such a caller is in no room while anything is told there."""
        raise NotImplementedError

    def hear(self, room: str, first: int, last: int, data: bytes) -> None: ...
    def tell(self, parts: Sequence[str | Event]) -> None: ...
    def flush(self) -> None: ...
    def flush_soon(self) -> None: ...
    def charge(self, units: float, shared: bool = True) -> None: ...
    def named(self, nick: str | None) -> None: ...
    def entered(self, room: str) -> None: ...
    def went(self, room: str) -> None: ...
    def hang_up(self, sentence: str) -> None: ...
