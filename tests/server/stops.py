"""
How long a server stops for one thing: the most that one turn of its reactor does, counted in steps of the interpreter.

Steps are the same on each machine and in each run, so that two sizes can be compared to the step.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import Clock


class TurnClock(Clock):
    """
    A clock that counts what each call does.

    @ivar longest: the most steps that one call has done since this was set to 0.
    """

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0
        self._steps = 0

    def callLater(self, delay: float, callable: Callable[..., object], *args: object, **kw: object) -> IDelayedCall:
        """See C{IReactorTime}: what is called is a turn of its own."""
        made: IDelayedCall = super().callLater(delay, self._turn, callable, args, kw)
        return made

    def _turn(self, callable: Callable[..., object], args: tuple[object, ...], kw: dict[str, object]) -> None:
        self._end()
        callable(*args, **kw)
        self._end()

    def _end(self) -> None:
        self.longest = max(self.longest, self._steps)
        self._steps = 0

    def begin(self) -> None:
        """What was done before this counts for nothing."""
        self.longest = self._steps = 0

    def longest_of(self, action: Callable[[], object]) -> int:
        """What the longest turn of an action does, and of all that follows from it."""
        self.begin()
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            action()
        finally:
            sys.settrace(before)
        self._end()
        return self.longest

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._stepped

    def _stepped(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "opcode":
            self._steps += 1
        return self._stepped
