"""
What is different in a daemon of make chaos: a wall clock that can be stepped, and a fault of ours if one was asked for.

Python imports this module at its start, as its folder stands in PYTHONPATH. The product knows nothing of it.
"""

from __future__ import annotations

import mmap
import os
import struct
import time

_now = time.time


def _stepped() -> None:
    """Let the wall clock be ahead by as many seconds as the file says."""
    with open(os.environ["CHATROOM_CLOCK"], "rb") as file:
        ahead = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
    time.time = lambda: _now() + struct.unpack("d", ahead[:8])[0]


if os.environ.get("CHATROOM_CLOCK"):
    _stepped()
if os.environ.get("CHATROOM_PLANT"):
    from tests.chaos.planting.planted import PLANTS, VERSIONS

    {**PLANTS, **VERSIONS}[os.environ["CHATROOM_PLANT"]]()
