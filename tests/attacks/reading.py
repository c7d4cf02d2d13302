"""
Great answers: asked for without end, and read or not.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence

from tests.attacks.siege import Siege, attack

LONG = "\U0001f980" * 1900
"""A line of 7,600 bytes."""


def asks(connections: Sequence[socket.socket], siege: Siege, **request: object) -> None:
    """The same of each of them."""
    data = json.dumps({"id": 1, **request}, ensure_ascii=False).encode() + b"\n"
    for each in connections:
        siege.sends(each, data)


def fill(siege: Siege, count: int, sources: int = 1) -> list[socket.socket]:
    """
    So many programs in a room of long lines, as many lines as their bursts give.

    @param sources: addresses that they come from.
    """
    crowd = []
    for number in range(count):
        crowd.append(siege.connect(source=f"127.0.1.{number % sources + 1}"))
        asks(crowd[-1:], siege, do="hello", nick=f"reader{number}")
        crowd[-1].recv(1 << 16)  # there is room for 20 without a nickname
    owner, *others = crowd
    asks([owner], siege, do="create", room="den")
    for each in others[:48]:  # one after the other, so that few have to read it
        asks([each], siege, do="join", room="den")
        for _ in range(22):
            asks([each], siege, do="say", text=LONG, room="den")
        siege.reads([owner, each], 0.1)
        asks([each], siege, do="leave", room="den")
        siege.reads([owner, each], 0.02)
    siege.reads(crowd, 3.0)
    asks(crowd, siege, do="leave", room="lobby")
    asks(others, siege, do="join", room="den")
    siege.reads(crowd, 4.0)  # until all have a burst again
    return crowd


@attack("history-unread-49", seconds=35, held=False)
def unread(siege: Siege) -> None:
    """49 connections of one address ask for a thousand long lines, again and again, and read nothing."""
    crowd = fill(siege, 49)
    for _ in range(20):
        asks(crowd, siege, do="history", room="den", since=0, limit=1000)
    siege.rests()


@attack("history-unread-150", "--unread-total", "32", seconds=45, held=False)
def unread_by_many(siege: Siege) -> None:
    """150 of three addresses do, where 32 MiB may be unread."""
    crowd = fill(siege, 150, sources=3)
    for _ in range(20):
        asks(crowd, siege, do="history", room="den", since=0, limit=1000)
    siege.rests()


@attack("history-read-49", seconds=35, held=False)
def read(siege: Siege) -> None:
    """49 ask, and read as fast as they can."""
    crowd = fill(siege, 49)
    total = 0
    while not siege.over():
        asks(crowd, siege, do="history", room="den", since=0, limit=1000)
        total += siege.reads(crowd, 0.2)
    siege.row.notes.append(f"{total / 1024 / 1024:.0f} MiB read")
