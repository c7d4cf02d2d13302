"""
Floods of what is cheap.
"""

from __future__ import annotations

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
