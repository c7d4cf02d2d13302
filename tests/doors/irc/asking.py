"""
What an IRC client asks and is answered, for tests.
"""

from __future__ import annotations

from chatroom.limits import OFF, Limits
from chatroom.testing import IrcClient

LOTS = Limits(max_per_address=OFF, new_per_minute=OFF, talk_rate=OFF, work_rate=OFF)
"""Nobody waits for their turn."""


def numerics(client: IrcClient, *lines: str) -> list[tuple[str, str]]:
    """Numbers of what is answered, and what stands behind the client's nickname."""
    client.types(*lines)
    made = []
    for line in client.reads():
        words = line.split(" ", 3)
        made.append((words[1], words[3]))
    return made
