"""
What a client needs to be seen: the seam between L{chatroom.client.client} and screens of every kind.

It holds no behaviour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from chatroom.client.buffers import Buffer
from chatroom.client.lines import ScreenLine


class Status(IntEnum):
    """What the program ends with; docs/client.rst promises these to scripts."""

    OK = 0
    REFUSED = 1
    """The server said no."""
    USAGE = 2
    """The command line makes no sense."""
    NO_CONNECTION = 3
    """There is nobody at that address, or not any more."""


@dataclass(frozen=True)
class Question:
    """
    Something only the person can answer, asked where they type.

    @ivar secret: the answer is not shown, and not remembered.
    """

    prompt: str
    answered: Callable[[str], None]
    secret: bool = False


class Display(Protocol):
    """Where a person reads."""

    def show(self, buffer: Buffer, line: ScreenLine) -> None:
        """This line is in that buffer now."""

    def changed(self) -> None:
        """Anything else is not as it was: who is there, which buffer is looked at, the connection."""

    def ring(self, line: ScreenLine) -> None:
        """With this line, somebody means this person."""

    def ask(self, question: Question) -> None:
        """Call its C{answered} when the person has answered. A question that is open already is no longer."""

    def leave(self, status: Status, sentence: str) -> None:
        """It is over. C{sentence} says why, or is empty."""
