"""
The load: a process of its own, on a core of its own, that is many people at once.

L{LoadProcess} is how the rest of the benchmark speaks with it. Inside, L{Load} connects and brings people in, and then
lets load.c say lines and check every delivery. It knows dialects, and nothing of servers but their port.
"""

from __future__ import annotations

import ctypes
import math
import multiprocessing
import os
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.dialects import Dialect, Step, filler, nick

BUCKET = 10e-6
"""Seconds that one bucket of the histogram spans; BUCKET of load.c."""
BUCKETS = 500_000
PACE = 0.005
"""Seconds after every 20 connections: a server's queue of those who wait to be let in is short."""


class LoadFailed(Exception):
    """A line was lost, repeated or out of order, or the server let go of somebody. The sentence says which."""


@dataclass(frozen=True)
class Gathering:
    """
    People who come in together.

    @ivar people: how many. @ivar rooms: into how many rooms, as many people in each.
    @ivar talkers: how many of them may talk.
    @ivar deaf: how many, the last ones, can be made to stop reading.
    """

    people: int
    rooms: int = 1
    talkers: int = 0
    deaf: int = 0


@dataclass(frozen=True)
class Talk:
    """
    What is said.

    @ivar size: of each text, in bytes. @ivar ascii: whether it is ASCII.
    @ivar talkers: how many of the people talk, in turn. @ivar whispers: to their neighbour alone.
    @ivar lines: how many. @ivar under_way: at any time, in a closed loop; 0 for an open loop.
    @ivar rate: lines a second, in an open loop.
    """

    lines: int
    size: int = 80
    ascii: bool = True
    talkers: int = 200
    under_way: int = 0
    rate: float = 0.0
    whispers: bool = False


@dataclass(frozen=True)
class Outcome:
    """
    @ivar deliveries: lines read, by all listeners together.
    @ivar elapsed: seconds. @ivar latencies: in seconds p50, p99 and the longest; in an open loop only.
    """

    deliveries: int
    elapsed: float
    latencies: tuple[float, float, float] | None


class _Run(ctypes.Structure):
    """C{struct run} of load.c."""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("filler", ctypes.c_char_p),
        ("end", ctypes.c_char_p),
        ("talkers", ctypes.c_uint32),
        ("under_way", ctypes.c_uint32),
        ("rate", ctypes.c_double),
        ("lines", ctypes.c_uint64),
        ("patience", ctypes.c_double),
        ("histogram", ctypes.POINTER(ctypes.c_uint64)),
        ("buckets", ctypes.c_uint32),
        ("deliveries", ctypes.c_uint64),
        ("elapsed", ctypes.c_double),
        ("longest", ctypes.c_double),
    ]


def percentile(histogram: Sequence[int], share: float) -> float:
    """
    The latency, in seconds, that so great a share of all lines did not exceed: the upper end of its bucket.

    @raise ValueError: the histogram is empty.
    """
    total = sum(histogram)
    if not total:
        raise ValueError("nothing was delivered")
    wanted, seen = math.ceil(total * share), 0
    for bucket, count in enumerate(histogram):
        seen += count
        if seen >= wanted:
            return (bucket + 1) * BUCKET
    raise AssertionError("unreachable")


def build(folder: Path) -> Path:
    """
    Compile load.c.

    @raise SystemExit: there is no C compiler.
    """
    source, made = Path(__file__).with_name("load.c"), folder / "load.so"
    try:
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(made), str(source)], check=True)
    except FileNotFoundError:
        raise SystemExit("The load generator is C: install a C compiler (Debian: apt install gcc libc6-dev).") from None
    return made


class Load:
    """Inside the process: people, their connections, and load.c."""

    def __init__(self, library: Path, port: int, dialect: Dialect, gathering: Gathering) -> None:
        self._c = ctypes.CDLL(str(library))
        self._c.load_new.restype = ctypes.c_void_p
        self._c.load_error.restype = ctypes.c_char_p
        self._port = port
        self._dialect = dialect
        self._gathering = gathering
        self._load = ctypes.c_void_p(self._c.load_new(gathering.people, max(1, gathering.talkers)))
        self._sockets: list[socket.socket] = []
        self._starts: list[bytes] = []

    def _check(self, result: int) -> None:
        if result < 0:
            raise LoadFailed(self._c.load_error(self._load).decode())

    def _room(self, index: int) -> int:
        return index % self._gathering.rooms

    def gather(self, upto: int | None = None) -> int:
        """
        Come in, until there are so many: all if not said.

        @return: how many came.
        """
        first = len(self._sockets)
        last = self._gathering.people if upto is None else upto
        at = first
        while at < last:
            until = min(at + self._dialect.at_once, last)
            if at < self._gathering.rooms < until:  # those who open the rooms come before those who join them
                until = self._gathering.rooms
            for index in range(at, until):
                self._connect(index)
                if index % 20 == 19:
                    time.sleep(PACE)
            self._do([self._dialect.come_in(nick(index)) for index in range(at, until)], at)
            rooms = [self._room(index) for index in range(at, until)]
            self._do([self._dialect.enter(f"room{room}", at < self._gathering.rooms) for room in rooms], at)
            at = until
        self._check(self._c.load_quiet(self._load, 50))
        return last - first

    def _connect(self, index: int) -> None:
        connection = socket.socket()
        if index >= self._gathering.people - self._gathering.deaf:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", self._port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        self._sockets.append(connection)
        self._check(self._c.load_add(self._load, connection.fileno(), self._room(index)))

    def _do(self, steps: Sequence[Sequence[Step]], first: int) -> None:
        for step in zip(*steps, strict=True):
            (token,) = {each.token for each in step}
            data = (ctypes.c_char_p * len(step))(*(each.data for each in step))
            lengths = (ctypes.c_uint32 * len(step))(*(len(each.data) for each in step))
            self._check(
                self._c.load_await(self._load, first, len(step), data, lengths, token.encode(), ctypes.c_double(30.0))
            )

    def talk(self, talk: Talk, patience: float) -> Outcome:
        """
        Say lines, and wait until everybody has read them.

        @raise LoadFailed: they have not, or not as they were said.
        """
        self._starts = [self._start(index, talk) for index in range(talk.talkers)]
        for index, start in enumerate(self._starts):
            self._c.load_start(self._load, index, start, len(start))
        histogram = (ctypes.c_uint64 * BUCKETS)() if talk.rate else None
        run = _Run(
            size=talk.size,
            filler=filler(talk.size - 15, talk.ascii),
            end=self._dialect.end,
            talkers=talk.talkers,
            under_way=talk.under_way,
            rate=talk.rate,
            lines=talk.lines,
            patience=patience,
            histogram=histogram,
            buckets=BUCKETS,
        )
        self._check(self._c.load_run(self._load, ctypes.byref(run)))
        latencies = None
        if histogram is not None:
            counts = list(histogram)
            latencies = (percentile(counts, 0.5), percentile(counts, 0.99), run.longest)
        return Outcome(run.deliveries, run.elapsed, latencies)

    def _start(self, index: int, talk: Talk) -> bytes:
        if talk.whispers:
            rooms = self._gathering.rooms
            return self._dialect.whisper(nick((index + rooms) % self._gathering.people), talk.size)
        return self._dialect.say(f"room{self._room(index)}", talk.size)

    def rest(self, seconds: float) -> None:
        """Say nothing for a while, and read what comes."""
        self._check(self._c.load_quiet(self._load, int(seconds * 1000)))

    def deafen(self) -> None:
        """The last ones read no more."""
        people = self._gathering.people
        for index in range(people - self._gathering.deaf, people):
            self._check(self._c.load_deafen(self._load, index))

    def still_here(self) -> int:
        """How many of those who do not read are still connected: they read all there is, for a second at most."""
        here, deadline = 0, time.monotonic() + 1.0
        for connection in self._sockets[self._gathering.people - self._gathering.deaf :]:
            here += _is_open(connection, deadline)
        return here


def _is_open(connection: socket.socket, deadline: float) -> bool:
    try:
        while connection.recv(1 << 20):
            if time.monotonic() > deadline:
                return True
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _serve(pipe: Connection, core: int, library: Path, port: int, dialect: Dialect, gathering: Gathering) -> None:
    os.sched_setaffinity(0, {core})
    load = Load(library, port, dialect, gathering)
    while True:
        try:
            name, arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(getattr(load, name)(*arguments))
        except (LoadFailed, OSError) as error:
            pipe.send(LoadFailed(str(error)))


class LoadProcess:
    """A L{Load} somewhere else. Its methods are called by name, and answered when they are done."""

    def __init__(self, core: int, library: Path, port: int, dialect: Dialect, gathering: Gathering) -> None:
        """@param core: the number of the processor it is bound to."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, core, library, port, dialect, gathering), daemon=True
        )
        self._process.start()
        theirs.close()

    def ask(self, name: str, *arguments: Any) -> Any:
        """
        Have a method of L{Load} called.

        @raise LoadFailed:
        """
        self._pipe.send((name, arguments))
        try:
            answer = self._pipe.recv()
        except EOFError:
            raise LoadFailed("the load generator ended") from None
        if isinstance(answer, LoadFailed):
            raise answer
        return answer

    def close(self) -> None:
        """End it, and with it all connections."""
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()
