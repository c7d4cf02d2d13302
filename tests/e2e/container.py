"""
What contrib/Containerfile says, done without a container: C{python -m tests.e2e.container}.

Each RUN is done on this machine, with the image's paths in a folder; ENTRYPOINT is started as docs/container.rst starts
it, the health check is asked, people join, and the commands of that page which run inside the container are typed. What
makes users is left out, because it would change this machine, and pip may use its cache. No image is built, because
that takes a daemon, or privileges.

The environment's PORT and WEB, if set, are used instead of 64700 and 8080.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.e2e.blocks import blocks, commands
from tests.e2e.daemon import ROOT, until
from tests.e2e.people import Peer
from tests.e2e.readme import PORT, WEB, copy_of_checkout, ported

FILE = "contrib/Containerfile"

PAGE = "docs/container.rst"

INSIDE = "podman exec chatroom "
"""What stands before a command of the page that runs inside the container."""

KNOWN = frozenset("FROM COPY RUN USER WORKDIR VOLUME EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT ENV ARG LABEL".split())
"""Instructions that Docker and Podman both know."""

PLACES = ("/opt/chatroom", "/source", "/data")
"""Folders of the image."""


class Step(NamedTuple):
    """One instruction of such a file: C{RUN}, and what stands behind it."""

    word: str
    argument: str


def steps(text: str) -> list[Step]:
    """
    Those of a file, in their order. A line ends with a backslash where it goes on.

    @raise ValueError: it holds an instruction that nobody knows.
    """
    made = []
    for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
        if line.strip() and not line.startswith("#"):
            word, _, argument = line.partition(" ")
            if word not in KNOWN:
                raise ValueError(f"There is no instruction {word!r}")
            made.append(Step(word, argument.strip()))
    return made


def entry(made: Sequence[Step]) -> list[str]:
    """The words of ENTRYPOINT."""
    words: list[str] = json.loads(next(step.argument for step in made if step.word == "ENTRYPOINT"))
    return words


def health(made: Sequence[Step]) -> list[str]:
    """The words of the health check."""
    argument = next(step.argument for step in made if step.word == "HEALTHCHECK")
    words: list[str] = json.loads(argument[argument.index("[") :])
    return words


def options(typed: str) -> list[str]:
    """What a C{podman run} gives to the server: what stands behind the name of the image."""
    words = shlex.split(typed)
    return words[len(words) - words[::-1].index("chatroom") :]


def inside(typed: Iterator[str]) -> Iterator[str]:
    """Of these commands, what those run that run inside the container."""
    return (each.removeprefix(INSIDE) for each in typed if each.startswith(INSIDE))


class Place:
    """A folder that stands for the image."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def moved(self, text: str) -> str:
        """The same with the image's paths in the folder."""
        return re.sub(rf"(?<![\w.])({'|'.join(PLACES)})(?=$|[\s/\"'\[])", rf"{self._folder}\1", text)

    def does(self, command: str) -> None:
        """@raise AssertionError: it fails."""
        sys.stdout.write(f"# {command}\n")
        moved = self.moved(command).replace(" --no-cache-dir", "")
        ran = subprocess.run(["bash", "-c", moved], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, f"{command} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}"

    def begins(self, words: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        """What goes on until it is stopped."""
        data = Path(self.moved("/data"))
        data.mkdir(mode=0o700)
        moved = [self.moved(word) for word in words]
        sys.stdout.write(f"# {shlex.join(words)}\n")
        return subprocess.Popen(moved, cwd=data, stdout=log.open("wb"), stderr=subprocess.STDOUT)


def main() -> None:
    """@raise AssertionError: something is not as the file and the page say."""
    made = steps((ROOT / FILE).read_text(encoding="utf-8"))
    typed = [command.typed for block in blocks(PAGE) for command in commands(block)]
    (run,) = {each for each in typed if each.startswith("podman run")}
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        copy_of_checkout(Path(folder) / "source")
        (Path(folder) / "opt").mkdir()
        os.symlink(sys.executable, Path(folder) / "python")
        os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
        for step in made:
            if step.word == "RUN" and "useradd" not in step.argument:
                place.does(step.argument)
        log = Path(folder) / "log"
        words = [*entry(made), *(ported(word) for word in options(run)), "--port", PORT]
        daemon = place.begins(words, log)
        try:
            until("the server", lambda: f"at port {PORT}" in log.read_text() or daemon.poll() is not None)
            assert daemon.poll() is None and f"web page is at port {WEB}" in log.read_text(), log.read_text()
            place.does(shlex.join(health(made)))
            peer = Peer(int(PORT))
            peer.sends(b"alice\n/signup eleven green bottles\n")
            peer.reads(b"your account")
            for command in inside(iter(typed)):
                place.does(command)
            peer.close()
        finally:
            daemon.terminate()
            status = daemon.wait(60)
        assert status == 0, log.read_text()
    sys.stdout.write(f"{FILE}: its steps were done without a container, and people could join\n")


if __name__ == "__main__":
    main()
