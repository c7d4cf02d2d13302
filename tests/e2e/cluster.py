"""
The server of two daemons as docs/cluster.rst starts it: its commands are run as they stand there, on a PostgreSQL of
the tests. C{python -m tests.e2e.cluster} plays a scene and writes docs/cluster.txt.
"""

from __future__ import annotations

import difflib
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from tests.e2e import postgres as running
from tests.e2e.blocks import blocks, commands
from tests.e2e.daemon import ROOT, Daemon, environment
from tests.e2e.people import nc
from tests.e2e.transcript import Scene

PAGE = "docs/cluster.rst"
WRITTEN = ROOT / "docs" / "cluster.txt"


def commands_of_the_page() -> list[list[str]]:
    """What is typed under "Three commands", each as its words: one that makes the database, and the daemons."""
    typed = [
        command.typed for block in blocks(PAGE) if block.section == "Three commands" for command in commands(block)
    ]
    return [shlex.split(each) for each in typed]


class Node(Daemon):
    """
    A daemon that the page starts, with its own words but for the port.

    @ivar name: its C{--node}. @ivar shown_port: the port on the page.
    """

    def __init__(self, folder: Path, words: list[str], postgres: running.OwnPostgres, *more: str) -> None:
        options = words[words.index("chatroom") + 1 :]
        at = options.index("--port")
        self.shown_port = options[at + 1]
        self.name = options[options.index("--node") + 1]
        self._postgres = postgres
        super().__init__(folder / self.name, *options[:at], *options[at + 2 :], *more)

    def environment(self) -> dict[str, str]:
        """As for any, and libpq finds the server of the tests."""
        return surroundings(self._postgres)


def surroundings(postgres: running.OwnPostgres) -> dict[str, str]:
    """In which C{postgresql:///chat} is the database C{chat} of this server."""
    return {**environment(), "PGHOST": str(postgres.folder), "PGUSER": "chat"}


def nodes_of_the_page(folder: Path, postgres: running.OwnPostgres, *more: str) -> tuple[Node, Node]:
    """
    Make the database as the page says, and the daemons, which are not started yet.

    @param more: more options for the daemon in the south.
    """
    make, north, south = commands_of_the_page()
    binaries = running.binaries()
    assert binaries is not None and make[0] == "createdb"
    path = f"{binaries}:{os.environ['PATH']}"
    subprocess.run(make, env={**surroundings(postgres), "PATH": path}, check=True)
    return Node(folder, north, postgres), Node(folder, south, postgres, *more)


def play(scene: Scene, north: Node, south: Node) -> None:
    """Both are started, people meet, one daemon is killed."""
    for typed, node in zip(commands_of_the_page()[1:], (north, south), strict=True):
        node.start()
        scene.shell(shlex.join(typed), f"... Will wait for client messages at port {node.shown_port}")
    scene.written.append("")
    scene.opens("alice", nc, daemon=north, port=north.shown_port)
    scene.types("alice", "alice", alice="Registration successful")
    scene.opens("bob", nc, daemon=south, port=south.shown_port)
    scene.types("bob", "ALICE", bob="already taken")
    scene.types("bob", "bob", bob="Registration successful", alice="bob joined")
    scene.types("alice", "hello from the north", bob="<alice> hello from the north")
    scene.types("bob", "@alice a whisper from the south", alice="a whisper from the south", bob="alice")
    scene.title("The daemon in the south is killed.")
    scene.shell("kill -9 $(pgrep -f 'node south')")
    south.kill()
    scene.leaves("bob")
    scene.all_read({"alice": "bob left the chat"})
    scene.title("Bob connects to the other one. What was said is there.")
    scene.opens("bob", nc, daemon=north, port=north.shown_port)
    scene.types("bob", "bob", bob=("Registration successful", "hello from the north"), alice="bob joined")


def transcript(expected: str = "") -> str:
    """Play the scene, and give what was written down: the same as expected, or not."""
    with tempfile.TemporaryDirectory() as folder:
        postgres = running.OwnPostgres()
        try:
            north, south = nodes_of_the_page(Path(folder), postgres)
            scene = Scene(north, expected.splitlines())
            try:
                play(scene, north, south)
            finally:
                south.close()
                scene.close()
        finally:
            postgres.remove()
    return "\n".join(scene.written).strip() + "\n"


def written() -> str:
    """What is in the file."""
    return WRITTEN.read_text(encoding="utf-8") if WRITTEN.exists() else ""


def difference(seen: str) -> str:
    """What the file says otherwise, as a diff; nothing, if it says the same."""
    before = written().splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, seen.splitlines(keepends=True), "docs/cluster.txt", "seen now"))


if __name__ == "__main__":
    WRITTEN.write_text(transcript(written()), encoding="utf-8")
