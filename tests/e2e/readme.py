"""
Every command that README.rst shows, typed into a shell: C{python -m tests.e2e.readme}, in a clean checkout's copy.

A C{console} block holds commands behind C{$ } and what they answer, in which C{...} stands for anything. A daemon runs
until the next one is started; to nc and telnet QUIT is typed; everything else has to end with status 0. C{make test}
alone is not run: whoever runs this has done so. The environment's PORT, if set, is used instead of 64700.
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
from typing import Any

import pexpect

from tests.e2e.blocks import Command, blocks, commands, pattern
from tests.e2e.daemon import ROOT

PORT = os.environ.get("PORT", "64700")
READY = f"Will wait for client messages at port {PORT}"
SECONDS = 600
"""What a command may take at most; those that install things take longest."""


def starts_daemon(typed: str) -> bool:
    """Whether it goes on until it is interrupted."""
    return typed == "make run" or ("twistd" in typed.split("|")[0] and "--help" not in typed)


def is_conversation(typed: str) -> bool:
    """Whether it waits for a person to type."""
    return re.match(r"(nc|telnet) ", typed) is not None


class Shell:
    """One after another, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._daemon: Any = None

    def run(self, command: Command) -> None:
        """@raise pexpect.ExceptionPexpect: it did not do what README.rst says."""
        sys.stdout.write(f"$ {command.typed}\n")
        sys.stdout.flush()
        if starts_daemon(command.typed):
            self.end_daemon()
        process = self._start(command.typed.replace("64700", PORT))
        for answer in command.answers:
            process.expect(pattern(answer.replace("64700", PORT)))
        if starts_daemon(command.typed):
            if not any(READY in answer.replace("64700", PORT) for answer in command.answers):
                process.expect_exact(READY)
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
        environment = {**os.environ, "PORT": PORT}
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
        process.logfile_read = sys.stdout
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
    found = [command for block in blocks("README.rst") for command in commands(block)]
    with tempfile.TemporaryDirectory() as folder:
        copy_of_checkout(Path(folder))
        shell = Shell(Path(folder))
        try:
            for command in found:
                if command.typed != "make test":
                    shell.run(command)
        finally:
            shell.end_daemon()
    sys.stdout.write(f"README.rst: {len(found)} commands do what it says\n")


if __name__ == "__main__":
    main()
