"""
The first ten minutes of somebody who follows docs/tutorial.rst: C{python -m tests.e2e.tutorial}.

Every command of the page is typed into a shell, in a copy of the checkout, and every line of chat by people with nc and
with a browser; what the page shows has to come. A log of it is printed, with the time. To the time that this takes, the
time is added in which a person reads the page and types. All of it has to fit into L{MINUTES}.

The environment's PORT and WEB, if set, are used instead of 64700 and 8080.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.blocks import blocks, commands
from tests.e2e.daemon import ROOT
from tests.e2e.readme import PORTS, Shell, copy_of_checkout, starts_daemon
from tests.e2e.typist import Chat, is_chat

PAGE = "docs/tutorial.rst"

MINUTES = 10

WORDS_A_MINUTE = 200
"""How fast people read prose with care."""

CHARACTERS_A_MINUTE = 200
"""How fast people type who do not do so all day."""


def words() -> int:
    """How many the page has."""
    return len(re.findall(r"\w+", (ROOT / PAGE).read_text(encoding="utf-8")))


def say(line: str) -> None:
    """A line of the log."""
    sys.stdout.write(f"[{time.monotonic() - BEGUN:6.1f} s] {line}\n")
    sys.stdout.flush()


BEGUN = time.monotonic()


def main() -> None:
    """@raise AssertionError: the page is not true, or takes too long."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    typed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy_of_checkout(Path(folder))
        shell, chat = Shell(Path(folder), sys.stdout if os.environ.get("VERBOSE") else None), Chat(PORTS, say)
        try:
            for block in blocks(PAGE):
                if is_chat(block):
                    chat.follows(block)
                for command in commands(block):
                    if starts_daemon(command.typed):
                        chat.close()
                    say(f"$ {command.typed}")
                    shell.run(command)
                    for answer in command.answers:
                        say(f"  {answer}")
                    typed += len(command.typed) + 1
        finally:
            chat.close()
            shell.end_daemon()
    machine = (time.monotonic() - BEGUN) / 60
    reading, typing = words() / WORDS_A_MINUTE, (typed + chat.typed) / CHARACTERS_A_MINUTE
    sys.stdout.write(
        f"{PAGE}: the machine took {machine:.1f} minutes. A person reads for {reading:.1f}, and types for {typing:.1f}."
        f" Together: {machine + reading + typing:.1f} of {MINUTES} minutes.\n"
    )
    assert machine + reading + typing < MINUTES, "That is too long."


if __name__ == "__main__":
    main()
