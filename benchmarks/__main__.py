"""
C{python -m benchmarks}: run it, and write the table, the picture and the numbers.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import cells, results, table, written
from benchmarks.bench import Bench, say
from benchmarks.load import LoadFailed
from benchmarks.running import CannotStart, open_files
from benchmarks.servers import ALL, CONNECTIONS, IRC, Server


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="chatroom beside other chat daemons")
    parser.add_argument("--quick", action="store_true", help="fewer cells and one round, in two minutes")
    parser.add_argument("--rounds", type=int, default=None, help="how often everything is done [3; quick: 1]")
    parser.add_argument("--out", type=Path, help="folder for tables, pictures and numbers")
    parser.add_argument("--irc", action="store_true", help="servers that speak IRC alone, all of them spoken to in it")
    parser.add_argument("--again", action="store_true", help="measure nothing: make docs again from its numbers")
    parser.add_argument("--port", type=int, default=64770, help="first of as many ports as there are servers")
    parser.add_argument("--only", default="", help="groups of cells, by their names with commas between")
    parser.add_argument("--servers", default="", help="servers, by their names with commas between")
    asked = parser.parse_args(arguments)
    if asked.out is None:
        if not asked.again:
            parser.error("say where the results should go: --out FOLDER")
        asked.out = written.IRC if asked.irc else written.DOCS
    return asked


def installed(servers: Sequence[Server], wanted: str) -> list[Server]:
    """Those that are there, of those wanted: all if not said."""
    names = [name.lower() for name in wanted.split(",") if name]
    found = []
    for server in servers:
        if names and server.name.lower() not in names:
            continue
        version = server.version()
        say(f"{server.name}: {version or 'not installed, left out'}")
        if version:
            found.append(server)
    return found


def processors() -> tuple[int, int]:
    """
    One for the server and one for the load.

    @raise SystemExit: there is only one.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("This needs two processors: one for the server, and one for the load.")
    return cores[0], cores[-1]


def about(servers: Sequence[Server], rounds: int) -> dict[str, Any]:
    """What one has to know to read the numbers."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "when": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": {
            "processor": models[0] if models else platform.machine(),
            "processors": os.cpu_count(),
            "system": f"Linux {platform.release()}",
        },
        "versions": {server.name: server.version() for server in servers},
        "rounds": rounds,
    }


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status: 1 where a line was lost, repeated or out of order."""
    asked = options(arguments)
    if asked.again:
        written.again(asked.out)
        return 0
    open_files(CONNECTIONS)
    rounds = asked.rounds or (1 if asked.quick else 3)
    servers = installed(IRC if asked.irc else ALL, asked.servers)
    groups = tuple(cells.quick(cells.GROUPS)) if asked.quick else cells.GROUPS
    crowd = cells.Crowd((1000,)) if asked.quick else cells.CROWD
    only = [name for name in asked.only.split(",") if name]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server is left behind
    bench = Bench(servers, rounds, asked.port, processors())
    began = time.monotonic()
    try:
        for group in groups:
            if not only or group.key in only:
                bench.run_group(group)
        if not only or "crowd" in only:
            bench.run_crowd(crowd)
    except (LoadFailed, CannotStart) as error:
        say(f"FAILED: {error}")
        return 1
    finally:
        bench.close()
    names = [server.name for server in servers]
    written.write(asked.out, bench.samples, about(servers, rounds))
    sys.stdout.write(table.plain(results.rows(bench.samples), names))
    say(f"Every delivery was as it should be. {time.monotonic() - began:.0f} seconds; written to {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
