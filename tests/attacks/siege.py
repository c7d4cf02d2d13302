"""
What an attack needs: a daemon to attack, sockets to do it with, and honest people whose wait is measured meanwhile.

It knows the daemon from outside only: its doors, its process and its log.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from tests import attacks
from tests.attacks.honest import PATIENCE
from tests.daemon.secrecy import put_pair
from tests.e2e.daemon import ROOT, Daemon, environment, free_port, twistd

MiB = 1024 * 1024

SECONDS = 15.0
"""An attack goes on for so long, unless it says otherwise."""

CUT_SHORT = "ended early"
"""How the note begins of an attack that could not go on: what it measured says nothing."""

STOP = 60.0
"""Seconds after which a daemon that was asked to stop is killed."""


class AnyTwistd(Daemon):
    """The daemon of this checkout or of another."""

    def __init__(self, folder: Path, program: str, *options: str) -> None:
        super().__init__(folder, *options)
        self._program = program

    def program(self) -> list[str]:
        """See L{Daemon}."""
        return [self._program]

    @property
    def data(self) -> Path:
        """Where it keeps what was said."""
        return self.folder / "chatroom-data"

    def environment(self) -> dict[str, str]:
        """With the chatroom that the program stands beside."""
        for folder in Path(self._program).absolute().parents:
            if (folder / "chatroom" / "tap.py").exists():
                return {**environment(), "PYTHONPATH": str(folder)}
        return {**environment(), "PYTHONPATH": ""}

    def peak(self) -> int:
        """The most bytes of memory it has occupied so far."""
        found = re.search(r"^VmHWM:\s*(\d+) kB$", Path(f"/proc/{self.pid}/status").read_text(), re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024

    def stops_in(self) -> float:
        """Ask it to stop; the seconds it takes, or L{STOP} where it has to be killed then."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.kill()
        return time.monotonic() - began


@dataclass(frozen=True)
class Attack:
    """
    One attack.

    @ivar name: for the command line and the table.
    @ivar run: does it.
    @ivar seconds: it goes on for so long.
    @ivar options: of the daemon, where the defaults do not do.
    @ivar web: the daemon listens for browsers as well, at C{siege.web}.
    @ivar tls: and over TLS, at C{siege.tls}.
    @ivar held: it is mended, and CI holds the daemon to that.
    @ivar prepare: called with the data folder of a daemon that has been started once and stopped, before it is started
        for the attack: what older versions may have left there.
    """

    name: str
    run: Callable[[Siege], None]
    seconds: float
    options: tuple[str, ...]
    web: bool
    tls: bool
    held: bool
    prepare: Callable[[Path], None] | None


ATTACKS: dict[str, Attack] = {}


def attack(
    name: str,
    *options: str,
    seconds: float = SECONDS,
    web: bool = False,
    tls: bool = False,
    held: bool = False,
    prepare: Callable[[Path], None] | None = None,
) -> Callable[[Callable[[Siege], None]], Callable[[Siege], None]]:
    """Make a function an L{Attack}, and put it into the table."""

    def put(run: Callable[[Siege], None]) -> Callable[[Siege], None]:
        ATTACKS[name] = Attack(name, run, seconds, options, web, tls, held, prepare)
        return run

    return put


def all_attacks() -> dict[str, Attack]:
    """Every attack of every module in this folder, by name."""
    for module in iter_modules(attacks.__path__):
        if module.name not in ("__main__", "honest", "siege"):
            import_module(f"{attacks.__name__}.{module.name}")
    return ATTACKS


@dataclass
class Row:
    """
    What was seen of one attack.

    @ivar waits: seconds that each honest line took; L{PATIENCE} for those that never came.
    @ivar before: bytes of memory before the attack.
    @ivar peak: the most bytes of memory.
    @ivar stop: seconds that the daemon took to stop, with the attackers still connected.
    @ivar notes: what the attack itself has to say.
    """

    name: str
    waits: list[float] = field(default_factory=list)
    before: int = 0
    peak: int = 0
    stop: float = 0.0
    notes: list[str] = field(default_factory=list)

    HEAD = (
        f"{'attack':24} {'wait ms: median':>15} {'max':>8} {'lost':>5} {'MiB: before':>12} {'peak':>6}  stop s  notes"
    )

    def __str__(self) -> str:
        waits = self.waits or [PATIENCE]
        lost = sum(wait >= PATIENCE for wait in waits)
        return (
            f"{self.name:24} {statistics.median(waits) * 1000:15.1f} {max(waits) * 1000:8.0f} {lost:5}"
            f" {self.before / MiB:12.0f} {self.peak / MiB:6.0f} {self.stop:7.2f}  {'; '.join(self.notes)}"
        ).rstrip()


class Siege:
    """
    One attack under way.

    @ivar daemon: what is attacked.
    @ivar port: its port for nc.
    @ivar web: its port for browsers, or 0.
    @ivar tls: its port for nc over TLS, or 0.
    @ivar row: for C{siege.row.notes.append(...)}.
    """

    def __init__(self, made: Attack, folder: Path, program: str) -> None:
        self.row = Row(made.name)
        self.web = free_port() if made.web else 0
        self.tls = free_port() if made.tls else 0
        options = [*made.options]
        if made.web:
            options += ["--web", str(self.web)]
        if made.tls:
            put_pair(folder / "certs", "localhost")
            options += ["--tls", str(folder / "certs"), "--tls-port", str(self.tls)]
        self.daemon = AnyTwistd(folder, program, *options)
        self.port = self.daemon.port
        self.ends = 0.0
        self._sockets: list[socket.socket] = []
        self._ends: list[Callable[[], object]] = []

    def over(self) -> bool:
        """Whether the attack should come to its end."""
        return time.monotonic() >= self.ends or not self.daemon.alive()

    def connect(self, port: int = 0, source: str = "127.0.0.1", buffer: int = 0) -> socket.socket:
        """
        A connection that has sent nothing yet. It stays open until the daemon is stopped.

        @param port: another than that for nc.
        @param source: the address it comes from, of 127.0.0.0/8.
        @param buffer: how many bytes may wait unread in the system.
        """
        made = socket.socket()
        self._sockets.append(made)
        if buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        made.bind((source, 0))
        made.settimeout(10)
        made.connect(("127.0.0.1", port or self.port))
        return made

    def over_tls(self, plain: socket.socket) -> ssl.SSLSocket:
        """TLS over a connection to C{siege.tls}, shaken hands on."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        made = context.wrap_socket(plain)
        self._sockets.append(made)
        return made

    def people(self, count: int, nick: str = "mob", source: str = "127.0.0.1", buffer: int = 0) -> list[socket.socket]:
        """So many connections with a nickname each, which have read that they are registered."""
        made = [self.connect(source=source, buffer=buffer) for _ in range(count)]
        for number, each in enumerate(made):
            each.sendall(b"%s%d\n" % (nick.encode(), number))
        for each in made:
            read = b""
            while b"Registration successful" not in read and not self.over():
                read += each.recv(1 << 16)
                if b"\n! " in read:
                    raise AssertionError(f"A nickname is refused: {read.decode(errors='replace')}")
        return made

    def sends(self, connection: socket.socket, data: bytes) -> bool:
        """As much as is taken within the time of the attack. False: the daemon has closed the connection."""
        with contextlib.suppress(TimeoutError, BlockingIOError):
            try:
                connection.sendall(data)
            except OSError as error:
                if isinstance(error, TimeoutError | BlockingIOError):
                    raise
                return False
        return True

    def reads(self, connections: Sequence[socket.socket], seconds: float = 0.0) -> int:
        """All that has come to these, or comes within so many seconds; how many bytes it was."""
        end, total = time.monotonic() + seconds, 0
        while True:
            for each in connections:
                each.setblocking(False)
                with contextlib.suppress(OSError):
                    while data := each.recv(1 << 20):
                        total += len(data)
            if time.monotonic() >= end:
                return total
            time.sleep(0.01)

    def rests(self) -> None:
        """Do nothing more until the attack is over."""
        while not self.over():
            time.sleep(0.05)

    def at_end(self, call: Callable[[], object]) -> None:
        """Call this when the daemon has stopped."""
        self._ends.append(call)

    def close(self) -> None:
        """Nothing of it outlives the attack."""
        for call in self._ends:
            call()
        for each in self._sockets:
            each.close()
        self.daemon.close()


def besiege(made: Attack, folder: Path, program: str | None = None, seconds: float | None = None) -> Row:
    """
    Attack a new daemon, and see what honest people notice.

    @param folder: for its data; not there yet, or empty.
    @param program: a C{twistd}; that of this Python if there is none.
    @param seconds: as long as this, instead of what the attack says.
    """
    siege = Siege(made, folder, program or twistd())
    try:
        if made.prepare is not None:
            siege.daemon.start()
            siege.daemon.stop()
            made.prepare(siege.daemon.data)
        siege.daemon.start()
        command = [sys.executable, "-m", "tests.attacks.honest", str(siege.port)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as honest:
            assert honest.stdin is not None and honest.stdout is not None
            if honest.stdout.readline() != "ready\n":
                raise AssertionError("Honest people could not come in.")
            siege.row.before = siege.daemon.memory()
            siege.ends = time.monotonic() + (seconds or made.seconds)
            try:
                made.run(siege)
            except OSError as error:
                siege.row.notes.append(f"{CUT_SHORT}: {error}")
            honest.stdin.close()
            siege.row.waits = json.loads(honest.stdout.readline() or "[]")
        if siege.daemon.alive():
            siege.row.peak = siege.daemon.peak()
            siege.row.stop = siege.daemon.stops_in()
        else:
            siege.row.notes.append("the daemon ended")
        siege.row.notes += ["a traceback in the log"] * ("Traceback" in siege.daemon.log)
        return siege.row
    finally:
        siege.close()
