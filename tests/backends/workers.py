"""
What stands for the threads of the SQLite backend in tests: nothing waits, or only when it is told to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, execute

T = TypeVar("T")


class Stopwatch:
    """
    A fine clock that stands still, or goes on by a little at each look: work that looks at it takes its time.

    @ivar step: seconds for each look.
    """

    def __init__(self) -> None:
        self.step = 0.0
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        self.now += self.step
        return self.now


class AtOnce:
    """
    Does everything when it is asked, or keeps it back.

    @ivar holding: while it is set, work waits in C{held}.
    @ivar asked: how often it was asked to work.
    @ivar running: from start to stop.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.holding = False
        self.held: list[Callable[[], Any]] = []
        self.asked = 0
        self.running = False

    def start(self) -> None:
        """Be ready."""
        self.running = True

    def run(self, work: Callable[[], T]) -> Deferred[T]:
        """Do it, or hold it back."""
        assert self.running
        self.asked += 1
        done: Deferred[T] = Deferred()
        if self.holding:
            self.held.append(lambda: execute(work).chainDeferred(done))
        else:
            execute(work).chainDeferred(done)
        return done

    def do_one(self) -> None:
        """Do what has waited longest."""
        self.held.pop(0)()

    def let_go(self) -> None:
        """Do all that waits, and hold nothing back any more."""
        self.holding = False
        while self.held:
            self.do_one()

    def stop(self) -> None:
        """There is nothing under way."""
        assert self.running
        assert not self.held
        self.running = False

    def abandon(self) -> None:
        """What is held is never done."""
        assert self.running
        self.running = False
        self.held.clear()
