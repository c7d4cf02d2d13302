"""
A twistd that has imported everything, and of which each daemon is a copy: the other end of L{tests.e2e.quick}.

It is run as a program, from a folder of its own: Python looks for modules beside the program first. On each line of
standard input stands a wish as JSON; the answer is a line on standard output. A copy runs twistd as it is, from its
arguments on. This program knows what twistd and C{twistd chatroom} import, and nothing of tests.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from typing import Any

import twisted.internet.epollreactor  # noqa: F401  every daemon imports it
from twisted.scripts.twistd import run

import chatroom.tap  # noqa: F401  every daemon imports it
from chatroom.plugins.find import find


def become(wish: dict[str, Any]) -> None:
    """In the copy: what a process that was started in the usual way would have, and nothing of the original's."""
    os.chdir(wish["cwd"])
    os.environ.clear()
    os.environ.update(wish["environment"])
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(wish["log"], os.O_WRONLY)
    for target, source in enumerate((nothing, log, log)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)
    sys.argv = wish["arguments"]


def main() -> None:
    """Make copies, and say how they ended, until the tests have ended; in a copy, be a daemon."""
    wishes, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    assert find()
    gc.freeze()  # else each copy would copy what it looks through
    running = set[int]()
    for line in wishes:
        wish = json.loads(line)
        answer: int | None
        if "ended" in wish:
            pid, status = os.waitpid(wish["ended"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
            running.discard(pid)
        elif (answer := os.fork()) == 0:
            wishes.close()
            answers.close()
            become(wish)
            sys.exit(run())
        else:
            running.add(answer)
        print(json.dumps(answer), file=answers, flush=True)
    for pid in running:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
