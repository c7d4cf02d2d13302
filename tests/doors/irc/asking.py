"""
What an IRC client asks and is answered, for tests.
"""

from __future__ import annotations

from base64 import b64encode

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


def numbers(lines: list[str]) -> list[str]:
    """The numbers or words of lines, in order."""
    return [line.split(" ")[1] if line.startswith(":") else line.split(" ")[0] for line in lines]


def plain(name: str, password: str) -> str:
    """What SASL PLAIN sends."""
    return b64encode(f"{name}\0{name}\0{password}".encode()).decode()
