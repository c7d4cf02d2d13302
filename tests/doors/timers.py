"""
The timers of a server to which nobody is connected.
"""

from __future__ import annotations

from typing import Any

from chatroom.testing import Server


def timers(server: Server) -> list[str]:
    """What a clock will call, by its name."""
    calls: Any = server.clock.getDelayedCalls()
    return sorted(call.func.__qualname__ for call in calls)


def timers_of_nobody() -> list[str]:
    """The timers of a server to which nobody has ever connected, once it has looked at its disk."""
    server = Server()
    server.wait(1)
    return timers(server)
