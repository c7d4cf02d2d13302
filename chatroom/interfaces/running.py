"""
A command that takes time and may be stopped: what the server gives a door in place of an answer.

It knows refusals, and what commands give back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from chatroom.errors import Refused
from chatroom.interfaces.values import Outcome


class RunningCommand(ABC, Awaitable[Outcome]):
    """
    One run of a command of another package. It begins when C{begin} is called or when it is awaited, and ends once: by
    itself, by C{stop}, or because it takes longer than the limit C{command_timeout}.

    A built-in command is never one: it does nothing but what the server does, and that is not stopped half-way.

    @ivar word: the command's, without the slash.
    """

    word: str

    @abstractmethod
    def begin(self, ended: Callable[[Outcome | Refused], Any]) -> None:
        """
        Run it. Called once.

        @param ended: called once, perhaps before this returns, with what is to be answered.
        """

    @abstractmethod
    def stop(self, refusal: Refused) -> None:
        """
        End it now, and answer this. What it has asked of the server is still done. Nothing happens if it has ended.
        """
