"""
What a line costs where several nodes stand on one PostgreSQL: beside one daemon on SQLite, and beside PostgreSQL alone.

C{python -m benchmarks.cluster [--out FOLDER] [--rounds N] [--seconds S] [--where FOLDER]} starts a PostgreSQL of its
own in a folder of that place, and nodes in processes of their own (L{benchmarks.node}), and lets them talk, cell by
cell and round by round. It says for each what the processes have used of the processors, as /proc counts it, so that a
machine that has others to serve measures much the same; rates and latencies need a quiet machine. With C{--out} it
writes C{cluster.json} and C{cluster.rst} there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import procfs
from benchmarks.bench import say
from benchmarks.cluster_goals import Figures, restructured
from tests.e2e.postgres import OwnPostgres, lacking

UNDER_WAY = 400
"""Lines of each node that are always under way in bulk."""

PEOPLE = 50
"""People who talk on each node that does, each in a room of their own."""

ROOMS = 20_000
CROWD = 20_000
"""People on another node, where the memory of one is measured."""

STEADY, RARE = 1000.0, 200.0
"""Lines a second: in a busy hour, and where latency is measured."""

SETTINGS = ("shared_buffers=128MB", "max_wal_size=4GB")


TABLE = "CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room text, text text)"
"""Of the program that only writes lines."""


class Failed(Exception):
    """A node could not do its job; the sentence says which."""


class RunningNode:
    """A process of L{benchmarks.node}."""

    def __init__(self, where: str, name: str) -> None:
        """@param where: a URL of PostgreSQL, or a folder for SQLite."""
        self.name = name
        command = [sys.executable, "-m", "benchmarks.node", where, name]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, what: str, **job: object) -> None:
        """Begin a job."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **job}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, float]:
        """
        Wait for what came of the job that was asked for first.

        @raise Failed: it failed.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        found: dict[str, Any] = json.loads(line) if line else {"failed": "it has ended"}
        if "failed" in found:
            raise Failed(f"{self.name}: {found['failed']}")
        return found

    def do(self, what: str, **job: object) -> dict[str, float]:
        """Both."""
        self.ask(what, **job)
        return self.answer()

    def end(self) -> None:
        """Stop it."""
        try:
            self.do("stop")
        except (Failed, BrokenPipeError):
            self._process.kill()
        self._process.wait(30)


class Measuring:
    """
    One run.

    @ivar found: figures by name, one for each round.
    """

    def __init__(self, postgres: OwnPostgres, folder: Path, seconds: float) -> None:
        self.found: dict[str, list[float]] = defaultdict(list)
        self._postgres = postgres
        self._folder = folder
        self._seconds = seconds
        self._numbers = count(1)

    def note(self, name: str, value: float) -> None:
        """A figure of this round."""
        self.found[name].append(value)
        say(f"  {name}: {value:,.1f}")

    def place(self) -> str:
        """An empty database."""
        name = f"cell_{next(self._numbers)}"
        self._postgres.sql(f"CREATE DATABASE {name}")
        return self._postgres.url(name)

    @contextmanager
    def nodes(self, where: str, *names: str) -> Iterator[list[RunningNode]]:
        """Nodes that take part, until the end."""
        with ExitStack() as ending:
            made = []
            for name in names:
                made.append(RunningNode(where, name))
                ending.callback(made[-1].end)
                made[-1].do("start")
            yield made

    def engine_cpu(self) -> float:
        """Seconds that PostgreSQL has used."""
        return procfs.cpu(self._postgres.pid)

    def serving_cpu(self, where: str, name: str) -> float:
        """Seconds that the processes of PostgreSQL have used that serve this node."""
        database = where.partition("@/")[2].partition("?")[0]
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = %s"
        return sum(procfs.cpu(pid) for pid in self._postgres.sql(query, f"chatroom {name}", database=database))

    # The cells.

    def alone(self) -> None:
        """PostgreSQL with a program that does nothing but write lines: a hundred in a commit, and one."""
        import psycopg

        with psycopg.connect(self.place(), autocommit=True) as db:
            db.execute(TABLE)
            many = "INSERT INTO line (room, text) SELECT * FROM unnest(%s::text[], %s::text[])"
            columns = [f"room-{number % 50}" for number in range(100)], ["x" * 80] * 100
            lines = self._writes(db, many, columns) * 100
            self.note("alone: lines a second", lines / self._seconds)
            self.note("alone: ms a commit of one line", median(_write_line(db) for _ in range(500)) * 1e3)

    def _writes(self, db: Any, query: str, values: Sequence[object]) -> int:
        before, own, commits, end = self.engine_cpu(), time.process_time(), 0, time.monotonic() + self._seconds
        while time.monotonic() < end:
            db.execute(query, values, prepare=True)
            commits += 1
        used = self.engine_cpu() - before + time.process_time() - own
        self.note("alone: us a line", used / commits / 100 * 1e6)
        return commits

    def sqlite(self) -> None:
        """One daemon on SQLite."""
        for what in ("flood", "steady"):
            with tempfile.TemporaryDirectory(dir=self._folder) as folder, self.nodes(folder, "sqlite") as made:
                self._talk(f"SQLite, {what}", made, 1, what)

    def postgres(self) -> None:
        """One, two, and three nodes in bulk: the third one only listens. One and two at a steady rate; likewise."""
        for name, talkers, names in (
            ("one node, flood", 1, ("north",)),
            ("two nodes, flood", 2, ("north", "south")),
            ("a third that listens, flood", 2, ("north", "south", "west")),
        ):
            where = self.place()
            with self.nodes(where, *names) as made:
                self._talk(name, made, talkers, "flood", where)
        for name, names in (
            ("two nodes, steady", ("north", "south")),
            ("a third that listens, steady", ("north", "south", "west")),
        ):
            where = self.place()
            with self.nodes(where, *names) as made:
                self._talk(name, made, 1, "steady", where)

    def _talk(self, name: str, made: list[RunningNode], talkers: int, what: str, where: str = "") -> None:
        job: dict[str, float] = {"under_way": UNDER_WAY} if what == "flood" else {"rate": STEADY}
        for node in made[:talkers]:
            node.do("enter", people=PEOPLE)
            node.do(what, seconds=0.5, **job)
        time.sleep(0.5)  # what the others have not read yet
        for node in made:
            node.do("begin")
        last = made[-1].name
        serving = self.serving_cpu(where, last) if where else 0.0
        before, began = self.engine_cpu(), time.monotonic()
        for node in made[:talkers]:
            node.ask(what, seconds=self._seconds, **job)
        for node in made[:talkers]:
            node.answer()
        elapsed = time.monotonic() - began
        time.sleep(0.5)
        engine = self.engine_cpu() - before
        reports = [node.do("report") for node in made]
        lines = sum(report["said"] for report in reports)
        if any(report["heard"] != lines for report in reports):
            raise Failed(f"{name}: of {lines:,} lines, the nodes told {[report['heard'] for report in reports]}")
        self.note(f"{name}: lines a second", lines / elapsed)
        if where:
            self.note(
                f"{name}: us a line, PostgreSQL for {last}", (self.serving_cpu(where, last) - serving) / lines * 1e6
            )
            self.note(f"{name}: us a line, PostgreSQL", engine / lines * 1e6)
        for number, report in enumerate(reports):
            role = "talks" if number < talkers else "listens"
            self.note(f"{name}: us a line, {made[number].name} {role}", report["cpu"] / lines * 1e6)
        self.note(f"{name}: us a line in all", (engine + sum(report["cpu"] for report in reports)) / lines * 1e6)

    def latency(self) -> None:
        """
        From north's saying it to south's telling it to a person. Beside it, half before and half behind, what a commit
        takes a program that does nothing else, at the same rate: a processor and a disk that rest in between are slower
        than those that do one commit after the other.
        """
        commits = self._rare_commits()
        self._north_to_south()
        commits += self._rare_commits()
        self.note("north to south: ms a commit of one line, as rare", median(commits) * 1e3)

    def _rare_commits(self) -> list[float]:
        import psycopg

        pauses, found = random.Random(7), list[float]()
        with psycopg.connect(self.place(), autocommit=True) as db:
            db.execute(TABLE)
            end = time.monotonic() + self._seconds / 2
            while time.monotonic() < end or not found:
                time.sleep(pauses.expovariate(RARE))
                found.append(_write_line(db))
        return found

    def _north_to_south(self) -> None:
        with self.nodes(self.place(), "north", "south") as (north, south):
            for node in (north, south):
                node.do("enter", people=PEOPLE)  # into the same rooms: each line is read by one on the other node
            south.do("begin", ages=True)
            north.do("steady", seconds=self._seconds, rate=RARE)
            time.sleep(0.2)
            self.note("north to south: ms, the median", south.do("report")["age"] * 1e3)

    def start(self) -> None:
        """With many rooms."""
        where = self.place()
        with self.nodes(where, "north") as (north,):
            north.do("rooms", count=ROOMS)
            south = RunningNode(where, "south")
            try:
                before = self.engine_cpu()
                took = south.do("start")
                self.note("start: s of the clock", took["wall"])
                self.note("start: s of processors", took["cpu"] + self.engine_cpu() - before)
            finally:
                south.end()

    def memory(self) -> None:
        """People of another node."""
        with self.nodes(self.place(), "north", "south") as (north, south):
            north.do("crowd", people=500)  # what is made once is made
            time.sleep(1)
            south.do("begin")
            before = south.do("report")["memory"]
            north.do("crowd", people=CROWD, before=500)
            time.sleep(2)
            south.do("begin")
            self.note("memory: bytes a remote person", (south.do("report")["memory"] - before) / CROWD)


def _write_line(db: Any) -> float:
    """@return: how many seconds the commit took."""
    began = time.perf_counter()
    db.execute("INSERT INTO line (room, text) VALUES (%s, %s)", ("room", "x" * 80), prepare=True)
    return time.perf_counter() - began


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description="several nodes on one PostgreSQL")
    parser.add_argument("--out", type=Path, help="folder for cluster.json and cluster.rst")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is done")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each cell talks")
    parser.add_argument("--only", default="", help="cells, by their names with commas between")
    parser.add_argument(
        "--where", type=Path, default=Path(tempfile.gettempdir()), help="a folder on the disk to measure"
    )
    return parser.parse_args(arguments)


class Others:
    """What other programs than this one and those that it started use of the processors, from now on."""

    def __init__(self) -> None:
        self._begun, self._before = time.monotonic(), self._used()

    def share(self) -> float:
        """From 0.0 to 1.0 of all processors."""
        return max(0.0, self._used() - self._before) / (time.monotonic() - self._begun) / (os.cpu_count() or 1)

    def _used(self) -> float:
        return procfs.busy() - procfs.cpu(os.getpid())


def about(rounds: int, seconds: float, engine: str) -> dict[str, Any]:
    """What one has to know to read the figures."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "when": time.strftime("%Y-%m-%d", time.gmtime()),
        "processor": models[0] if models else platform.machine(),
        "processors": os.cpu_count(),
        "system": f"Linux {platform.release()}",
        "engine": engine,
        "python": platform.python_version(),
        "rounds": rounds,
        "seconds": seconds,
    }


CELLS = ("alone", "sqlite", "postgres", "latency", "start", "memory")


def main(arguments: Sequence[str]) -> int:
    """@return: the exit status."""
    asked = options(arguments)
    if missing := lacking():
        raise SystemExit(missing)
    wanted = [name for name in asked.only.split(",") if name] or CELLS
    postgres = OwnPostgres(*SETTINGS, where=asked.where)
    try:
        ((version,),) = [postgres.sql("SHOW server_version")]
        measuring = Measuring(postgres, asked.where, asked.seconds)
        others = Others()
        for number in range(asked.rounds):
            for cell in wanted:
                say(f"round {number + 1}, {cell}")
                getattr(measuring, cell)()
        share = others.share()
    finally:
        postgres.remove()
    facts = {**about(asked.rounds, asked.seconds, f"PostgreSQL {version.split()[0]}"), "others": round(share, 2)}
    figures = Figures({name: median(values) for name, values in measuring.found.items()}, facts)
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
        numbers = {"about": facts, "rounds": measuring.found}
        (asked.out / "cluster.json").write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
        (asked.out / "cluster.rst").write_text(restructured(figures), encoding="utf-8")
    for goal in figures.goals():
        sys.stdout.write(f"{'yes' if goal.reached else 'NO ':4} {goal.wish}: {goal.found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
