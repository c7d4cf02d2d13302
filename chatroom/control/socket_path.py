"""
Where C{chatroom-admin} finds a daemon: a UNIX socket in the data folder. It knows paths, and nothing of who is there.
"""

from __future__ import annotations

import os

CONTROL = "control"
"""The socket's name in the data folder."""

LONGEST = 107
"""Bytes that the path of a UNIX socket may have on Linux, behind which it has a zero (unix(7))."""


def nearest(path: str, start: str = ".") -> str:
    """
    The shortest way to write this path, from the folder C{start}, which a program is in or will be in.

    @raise ValueError: it is still too long for a UNIX socket; a sentence without its end.
    """
    written = min(os.path.abspath(path), os.path.relpath(path, start), key=len)
    if len(os.fsencode(written)) > LONGEST:
        raise ValueError(f"{path} is too long a path for a UNIX socket, which may have {LONGEST} bytes")
    return written
