"""
C{python preloaded.py}: starts servers quickly, because a process that has imported everything already forks for each.

It reads lines of JSON: C{{"start": [arguments of twistd], "speed": 30}} is answered with C{{"pid": 1234}}, and
C{{"poll": 1234}} with C{{"status": null}} while that process runs, else with how it ended. It ends with its standard
input.
"""

from __future__ import annotations

import json
import os
import sys
import time

from twisted.scripts.twistd import run

import chatroom.tap
from chatroom.plugins.find import find

WANTED = (chatroom.tap, find)


def hasten(speed: float) -> None:
    """From now on, so many seconds pass for this process in each second. It has read no clock before."""
    real, begun = time.time, time.time()
    time.time = lambda: begun + (real() - begun) * speed


def start(arguments: list[str], speed: float) -> int:
    """The process of a server with these arguments."""
    pid = os.fork()
    if pid:
        return pid
    if speed != 1:
        hasten(speed)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for each in (0, 1, 2):
        os.dup2(nothing, each)
    sys.argv = ["twistd", *arguments]
    try:
        run()
    except SystemExit as ended:
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    os._exit(0)


def poll(pid: int) -> int | None:
    """How it ended, if it has."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if ended else None


def main() -> None:
    """Answer until nobody asks any more."""
    assert "twisted.internet.reactor" not in sys.modules, "each server needs a reactor of its own"
    for line in sys.stdin:
        asked = json.loads(line)
        answer = {"pid": start(asked["start"], asked["speed"])} if "start" in asked else {"status": poll(asked["poll"])}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
