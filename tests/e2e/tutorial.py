"""
The first ten minutes of people who follow a tutorial: C{python -m tests.e2e.tutorial}, for each page of L{PAGES}.

Every command of a page is typed into a shell, in a copy of the checkout, and every line of chat by people with nc and
with a browser; what the page shows has to come. Files that the page shows are saved. A log of it is printed, with the
time. To the time that this takes, the time is added in which a person reads the page, copies files and types. All of it
has to fit into L{MINUTES}.

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

from tests.e2e.blocks import Block, blocks, commands
from tests.e2e.daemon import ROOT
from tests.e2e.readme import PORTS, Shell, copy_of_checkout, starts_daemon
from tests.e2e.typist import Chat, is_chat

PAGES = ("docs/tutorial.rst", "docs/first-plugin.rst")

MINUTES = 10

WORDS_A_MINUTE = 200
"""How fast people read prose with care."""

CHARACTERS_A_MINUTE = 200
"""How fast people type who do not do so all day."""

SECONDS_A_FILE = 15
"""How long it takes to copy a file from the page and to save it under its name."""


def words(page: str) -> int:
    """How many a page has."""
    return len(re.findall(r"\w+", (ROOT / page).read_text(encoding="utf-8")))


def is_file(block: Block) -> bool:
    """Whether it is a file that the reader saves, under the path above it."""
    return bool(block.caption) and block.kind not in ("console", "text", "file")


def say(line: str) -> None:
    """A line of the log."""
    sys.stdout.write(f"[{time.monotonic() - BEGUN:6.1f} s] {line}\n")
    sys.stdout.flush()


BEGUN = time.monotonic()


def follow(page: str) -> None:
    """@raise AssertionError: the page is not true, or takes too long."""
    begun = time.monotonic()
    typed = files = 0
    with tempfile.TemporaryDirectory() as folder:
        copy_of_checkout(Path(folder))
        shell, chat = Shell(Path(folder), sys.stdout if os.environ.get("VERBOSE") else None), Chat(PORTS, say)
        try:
            for block in blocks(page):
                if is_file(block):
                    say(f"saves {block.caption}")
                    (Path(folder) / block.caption).write_text(block.text, encoding="utf-8")
                    files += 1
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
    machine = (time.monotonic() - begun) / 60
    reading, typing = words(page) / WORDS_A_MINUTE, (typed + chat.typed) / CHARACTERS_A_MINUTE
    copying = files * SECONDS_A_FILE / 60
    sys.stdout.write(
        f"{page}: the machine took {machine:.1f} minutes. A person reads for {reading:.1f}, types for {typing:.1f}, and"
        f" copies files for {copying:.1f}. Together: {machine + reading + typing + copying:.1f} of {MINUTES} minutes.\n"
    )
    assert machine + reading + typing + copying < MINUTES, "That is too long."


def main() -> None:
    """Follow the pages that are named as arguments, or else all of them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for page in sys.argv[1:] or PAGES:
        follow(page)


if __name__ == "__main__":
    main()
