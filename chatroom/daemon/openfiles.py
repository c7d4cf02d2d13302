"""
How many files and connections the system lets this process have open at once: RLIMIT_NOFILE, see getrlimit(2).

It knows the system, and nothing of what is open.
"""

from __future__ import annotations

import resource

from twisted.logger import Logger

log = Logger()

SPARE = 100
"""Files besides connections: the database, the log, ports, threads, and room for a backup."""


def most_files() -> int | None:
    """How many this process may have at the most, once it asks for all; C{None}: as many as it likes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if hard == resource.RLIM_INFINITY else hard


def raise_limit(connections: int) -> None:
    """
    Ask for as many open files as so many connections need, as far as the system allows, and log a warning where that is
    too few. The soft limit of most systems is 1,024, and a process may raise it to the hard one by itself.
    """
    wanted = connections + SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):
        most = soft
    if most < wanted:
        log.warn(
            "--connections {connections} needs {wanted} open files, and the system allows {most}. Raise LimitNOFILE "
            "(systemd) or ulimit -n, or lower --connections: connections beyond that are not accepted.",
            connections=connections, wanted=wanted, most=most,
        )  # fmt: skip
