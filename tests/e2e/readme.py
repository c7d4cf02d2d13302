"""
Every command that README.rst shows, typed into a shell: C{python -m tests.e2e.readme}, in a clean checkout's copy.

A C{console} block holds commands behind C{$ } and what they answer, in which C{...} stands for anything. A daemon runs
until the next one is started; to nc and telnet QUIT is typed; everything else has to end with status 0. C{make test}
alone is not run, because CI has run it before. What people type in the chat is typed by L{tests.e2e.typist}. The
environment's PORT and WEB, if set, are used instead of 64700 and 8080.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, TextIO

import pexpect

from tests.e2e.blocks import Command, blocks, commands, pattern
from tests.e2e.daemon import ROOT
from tests.e2e.typist import Chat, is_chat

PORT = os.environ.get("PORT", "64700")
WEB = os.environ.get("WEB", "8080")
PORTS = {"64700": PORT, "8080": WEB}
"""Ports that the pages name, and those to be used instead."""

READY = r"Will wait for client messages at port \d+"
SECONDS = 600
"""What a command may take at most; those that install things take longest."""


def starts_daemon(typed: str) -> bool:
    """Whether it goes on until it is interrupted."""
    return typed.startswith("make run") or ("twistd" in typed.split("|")[0] and "--help" not in typed)


def is_conversation(typed: str) -> bool:
    """Whether it waits for a person to type."""
    return re.match(r"(nc|telnet) ", typed) is not None


def ported(text: str) -> str:
    """With the ports to be used."""
    for shown, used in PORTS.items():
        text = re.sub(rf"\b{shown}\b", used, text)
    return text


class Shell:
    """
    Types commands one after another, in one folder.

    A daemon runs until the next one is started; to nc and telnet QUIT is typed; everything else has to end with status
    0.
    """

    def __init__(self, folder: Path, shown: TextIO | None) -> None:
        """@param shown: where everything goes that the commands write, or C{None}: nowhere."""
        self._folder = folder
        self._shown = shown
        self._daemon: Any = None

    def run(self, command: Command) -> None:
        """@raise pexpect.ExceptionPexpect: it did not do what the page says."""
        if starts_daemon(command.typed):
            self.end_daemon()
        process = self._start(ported(command.typed))
        for answer in command.answers:
            process.expect(pattern(ported(answer)))
        if starts_daemon(command.typed):
            if not any(re.search(READY, ported(answer)) for answer in command.answers):
                process.expect(READY)
            self._daemon = process
            return
        if is_conversation(command.typed):
            process.expect_exact("nickname")
            process.sendline("QUIT")
            process.expect_exact("Goodbye")
            process.close(force=True)
            return
        process.expect(pexpect.EOF)
        process.close()
        if process.exitstatus:
            raise AssertionError(f"{command.typed!r} ended with {process.exitstatus}")

    def end_daemon(self) -> None:
        """With Ctrl-C, as a person would."""
        if self._daemon is not None:
            self._daemon.sendintr()
            self._daemon.expect(pexpect.EOF, timeout=60)
            self._daemon.close()
            self._daemon = None

    def _start(self, typed: str) -> Any:
        environment = {**os.environ, "PORT": PORT, "WEB": WEB}
        environment.pop("PYTHONPATH", None)
        process: Any = pexpect.spawn(
            "bash",
            ["-c", typed],
            cwd=str(self._folder),
            env=environment,
            encoding="utf-8",
            codec_errors="replace",
            timeout=SECONDS,
            dimensions=(50, 300),
        )
        process.logfile_read = self._shown
        return process


def copy_of_checkout(folder: Path) -> None:
    """All of it that git does not ignore, as it stands now."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for name in listed.stdout.split("\0"):
        if name and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def main() -> None:
    """See above."""
    # What is started in the background has Ctrl-C ignored, and would hand this down to the daemons.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        copy_of_checkout(Path(folder))
        shell, chat = Shell(Path(folder), sys.stdout), Chat(PORTS, print)
        try:
            for block in blocks("README.rst"):
                if is_chat(block):
                    chat.follows(block)
                for command in commands(block):
                    if command.typed != "make test":
                        sys.stdout.write(f"$ {command.typed}\n")
                        shell.run(command)
                    count += 1
        finally:
            chat.close()
            shell.end_daemon()
    sys.stdout.write(f"README.rst: {count} commands do what it says\n")


if __name__ == "__main__":
    main()
