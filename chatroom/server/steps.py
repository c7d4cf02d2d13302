"""
What code of a plugin does between two waits, as something to await: each step can be timed and counted.

It knows what can be awaited here, and nothing of what plugins are for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutine
from typing import Any

from twisted.internet.defer import Deferred

Step = Callable[..., Any]
"""Is called with a function and its arguments, which let the code run until it waits. It returns what is waited for."""


def is_awaitable(outcome: Any) -> bool:
    """Whether what a plugin gave back can be awaited."""
    return hasattr(type(outcome), "__await__")


class Steps:
    """The code of one call."""

    def __init__(self, awaited: Awaitable[Any], step: Step, what: str) -> None:
        """@param what: what the code is, for a sentence that begins with it: C{a command}."""
        self._step = step
        self._what = what
        # A coroutine has send and throw of its own; what else can be awaited has an iterator that has them, perhaps.
        self._code: Any = awaited if iscoroutine(awaited) else awaited.__await__()

    def __await__(self) -> Steps:
        return self

    def __iter__(self) -> Steps:
        return self

    def __next__(self) -> Any:
        return self.send(None)

    def send(self, value: Any) -> Any:
        """See L{collections.abc.Generator.send}."""
        send = getattr(self._code, "send", None)
        waits = self._step(send, value) if send is not None else self._step(next, self._code)
        return waits if isinstance(waits, Deferred) else self._refuse(waits)

    def throw(self, *error: Any) -> Any:
        """See L{collections.abc.Generator.throw}."""
        throw = getattr(self._code, "throw", None)
        if throw is None:
            raise error[0]
        waits = self._step(throw, *error)
        return waits if isinstance(waits, Deferred) else self._refuse(waits)

    def _refuse(self, waits: object) -> Any:
        """It waits for something that this server does not run, such as asyncio's: it hears so, where it waits."""
        what = type(waits).__name__
        return self.throw(TypeError(f"{self._what} can await coroutines and Twisted's Deferreds, and no {what}"))

    def close(self) -> None:
        """See L{collections.abc.Generator.close}."""
        getattr(self._code, "close", lambda: None)()
