"""
Floods of what is cheap.
"""

from __future__ import annotations

from tests.attacks.reading import LONG, asks
from tests.attacks.siege import Siege, attack


@attack("tiny-lines", held=True)
def tiny_lines(siege: Siege) -> None:
    """Twenty connections send lines of two letters without end."""
    crowd = siege.people(20)
    for each in crowd:
        each.sendall(b"/leave lobby\n")
        each.setblocking(False)
    while not siege.over():
        for each in crowd:
            siege.sends(each, b"ab\n" * 4096)
        siege.reads(crowd, 0.1)


@attack("nobody", seconds=10)
def nobody(siege: Siege) -> None:
    """Nobody attacks: what honest people wait for on this machine."""
    siege.rests()


@attack("long-lines-to-150", seconds=25)
def long_lines(siege: Siege) -> None:
    """150 programs of four addresses are in one room, and say 7,600 bytes as fast as they may. All read."""
    crowd = []
    for number in range(150):
        crowd.append(siege.connect(source=f"127.0.1.{number // 40 + 1}"))
        asks(crowd[-1:], siege, do="hello", nick=f"talker{number}")
        crowd[-1].recv(1 << 16)
    asks(crowd[:1], siege, do="create", room="wide")
    siege.reads(crowd, 0.5)
    asks(crowd[1:], siege, do="join", room="wide")
    siege.reads(crowd, 2.0)
    asks(crowd, siege, do="leave", room="lobby")
    total = siege.reads(crowd, 2.0)
    while not siege.over():
        for each in crowd:
            each.setblocking(False)
        asks(crowd, siege, do="say", text=LONG, room="wide")
        total += siege.reads(crowd, 0.1)
    siege.row.notes.append(f"{total / 1024 / 1024:.0f} MiB read")


@attack("page-unread", seconds=10, web=True)
def page_unread(siege: Siege) -> None:
    """Fifty connections ask for the style of the page a hundred times in one piece, and read nothing."""
    for connection in [siege.connect(siege.web, buffer=4096) for _ in range(50)]:
        siege.sends(connection, b"GET /chat.css HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
    siege.rests()
