"""
How long people wait for a line while a new process takes over (docs/adr/0021), with so many connected.

C{python -m benchmarks.pause [PEOPLE ...]} starts a daemon in a temporary folder, lets so many people in (300), of whom
each has half typed a command, and upgrades it a few times while one of two others says a numbered line every 5 ms. It
says what was the longest between a line and its reading, without an upgrade and with each. At the end all others type
the rest, and read the answer. A line lost, doubled or out of order, or a connection lost, fails it.
"""

from __future__ import annotations

import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench import say
from benchmarks.running import open_files

PORT = 64200
INTERVAL = 0.005
ROOM = 50
"""People in one room."""

UPGRADES = 3
PATIENCE = 120.0
OPENED = ("--talk-rate", "off", "--max-per-address", "off", "--new-per-minute", "off", "--connections", "20000")


class Failed(Exception):
    """Something was lost, or did not happen."""


class Guest:
    """Somebody with a plain connection."""

    def __init__(self, port: int, nick: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""
        self.types(f"{nick}\n".encode())
        self.reads(b"Registration successful")

    def types(self, data: bytes) -> None:
        """Bytes as they are."""
        self.socket.sendall(data)

    def receives(self) -> list[bytes]:
        """The whole lines in what has come."""
        data = self.socket.recv(1 << 16)
        if not data:
            raise Failed("a connection was lost")
        *lines, self.unread = (self.unread + data).split(b"\n")
        return lines

    def reads(self, text: bytes) -> None:
        """Wait for a line that holds this."""
        while not any(text in line for line in self.receives()):
            pass


class Talk:
    """
    One of two says lines, the other reads them.

    @ivar said: how many. @ivar worst: seconds between a line and its reading, since that was last set to 0.0.
    """

    def __init__(self, port: int) -> None:
        self.said = 0
        self.worst = 0.0
        self._read = 0
        self._said_at: list[float] = []
        self._ann, self._bob = Guest(port, "ann"), Guest(port, "bob")
        for word, guest in (("create", self._ann), ("join", self._bob)):
            guest.types(f"/{word} aside\n/look aside\n".encode())
            guest.reads(b"aside")
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._bob.socket, selectors.EVENT_READ)

    def goes_on(self, while_this: Callable[[], bool]) -> None:
        """A line every L{INTERVAL}, as long as that is so; then wait until all is read."""
        due = time.monotonic()
        while while_this() or self._read < self.said:
            if time.monotonic() - due > PATIENCE:
                raise Failed(f"{self.said - self._read} lines were never read")
            if time.monotonic() >= due and while_this():
                self._said_at.append(time.monotonic())
                self._ann.types(b"line %d\n" % self.said)
                self.said += 1
                due += INTERVAL
            if self._ready.select(max(0.0, min(INTERVAL, due - time.monotonic()))):
                self._take()

    def _take(self) -> None:
        now = time.monotonic()
        for line in self._bob.receives():
            if b"<ann> line " in line:
                if not line.endswith(b" line %d" % self._read):
                    raise Failed(f"in the place of line {self._read}: {line!r}")
                self.worst = max(self.worst, now - self._said_at[self._read])
                self._read += 1


def admin_upgrades(folder: Path) -> subprocess.Popen[str]:
    """C{chatroom-admin upgrade}."""
    words = [sys.executable, "-c", "import sys; from chatroom.admin.main import main; sys.exit(main())", "upgrade"]
    return subprocess.Popen([*words, "chatroom-data"], cwd=folder, stdout=subprocess.PIPE, text=True)


def measure(people: int, folder: Path) -> None:
    """
    All of it, said line by line.

    @raise Failed:
    """
    crowd = []
    for number in range(people):
        crowd.append(Guest(PORT, f"guest{number}"))
        word = "join" if number % ROOM else "create"
        crowd[-1].types(f"/{word} room{number // ROOM}\n".encode())
        crowd[-1].reads(b"room%d" % (number // ROOM))
        crowd[-1].types(b"/leave lobby\n")  # where everybody would be told of everybody
        crowd[-1].reads(b"lobby")
        crowd[-1].types(b"/half")
        if number % 500 == 499:
            say(f"  {number + 1:,} are in")
    talk = Talk(PORT)
    end = time.monotonic() + 2.0
    talk.goes_on(lambda: time.monotonic() < end)
    say(f"{people:6,} people, no upgrade: longest wait for a line {talk.worst * 1000:7.0f} ms")
    for _ in range(UPGRADES):
        talk.worst = 0.0
        asked = admin_upgrades(folder)
        talk.goes_on(lambda asked=asked: asked.poll() is None)  # type: ignore[misc]
        said, _ = asked.communicate()
        if asked.returncode:
            raise Failed(said)
        say(f"{people:6,} people, an upgrade: longest wait for a line {talk.worst * 1000:7.0f} ms. {said.strip()}")
        time.sleep(1.0)
    for guest in crowd:
        guest.socket.setblocking(True)
        guest.types(b"-typed\n")
    for guest in crowd:
        guest.reads(b"/half-typed")
    say(f"{people:6,} people, {talk.said:,} lines: none lost, doubled or out of order; all typed on.")


def main(arguments: list[str]) -> None:
    """@raise Failed:"""
    open_files(20_000)
    for people in [int(each) for each in arguments] or [300]:
        with tempfile.TemporaryDirectory() as made:
            words = ["-n", "--pidfile=", "chatroom", "--port", f"tcp:{PORT}:interface=127.0.0.1", *OPENED]
            log = Path(made) / "log"
            with log.open("w") as output:
                daemon = subprocess.Popen(
                    [str(Path(sys.executable).with_name("twistd")), *words], cwd=made, stdout=output, stderr=output
                )
            try:
                while "Will wait for client messages" not in log.read_text():
                    time.sleep(0.05)
                measure(people, Path(made))
            finally:
                lock = Path(made) / "chatroom-data" / "chatroom.sqlite.lock"
                subprocess.run(["kill", lock.read_text().strip()], check=False)
                daemon.wait(PATIENCE)


if __name__ == "__main__":
    main(sys.argv[1:])
