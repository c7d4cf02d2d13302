"""
A pidfile that a process left behind which did not end properly, and whose number another process has now.

twistd removes a pidfile whose process is gone. Where the number belongs to another process, twistd takes that for a
daemon that runs, and does not start. This module knows Linux' /proc (proc(5)); elsewhere it does nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from chatroom.daemon.files import NotReadable, read_bytes

PROC = Path("/proc")

PROGRAM = b"twistd"
"""Stands in the command line of each process that writes such a file."""

SLACK = 5.0
"""Seconds by which a process may seem younger than the file that it has written: /proc counts in hundredths of a second
from a moment that is known to the second."""


def remove_stale(path: str, proc: Path = PROC) -> bool:
    """
    Remove a pidfile, if the process with its number cannot have written it: that one is no twistd, or has been started
    later. Never raises: what cannot be found out is left to twistd.

    @param path: of the file; C{""} for none.
    @param proc: where /proc is.
    @return: whether it was removed.
    """
    if not path:
        return False
    try:
        number = read_bytes(path, 100).strip()
        if not number.isdigit():
            return False
        process = proc / number.decode("ascii")
        wrote = PROGRAM in (process / "cmdline").read_bytes()
        if wrote and _started(process, proc) <= os.stat(path).st_mtime + SLACK:
            return False
    except (NotReadable, OSError, ValueError, IndexError):
        return False
    with suppress(OSError):
        os.remove(path)
        return True
    return False


def _started(process: Path, proc: Path) -> float:
    """Seconds since 1970 at which a process was started."""
    # The second field, a name in brackets, may hold anything, also blanks and brackets.
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    booted = next(
        int(line.split()[1]) for line in (proc / "stat").read_text().splitlines() if line.startswith("btime ")
    )
    return booted + int(fields[19]) / os.sysconf("SC_CLK_TCK")
