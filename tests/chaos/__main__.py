"""
C{make chaos SECONDS=60 SEED=7}: disturb a cluster for so long, and say in the last line what people lost.

The exit status is 1 where there is anything wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from random import Random

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from tests.chaos.planting.planted import PLANTS
from tests.chaos.report import report
from tests.chaos.run import Chaos, Options
from tests.chaos.wires import PRIVATE, with_own_network
from tests.e2e.postgres import lacking


def parsed(words: list[str]) -> Options:
    """What was typed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=Random().randrange(1000))
    parser.add_argument("--only", default="", help="disturbances that have this in their names, or this|or that")
    parser.add_argument("--plant", default="", choices=("", *PLANTS), help="a fault to plant in each daemon")
    parser.add_argument("--report", type=Path, help="a file for what is said at the end")
    parser.add_argument("--proxy", action="store_true", help="cut wires by a proxy, also where there are namespaces")
    parser.add_argument("--folder", type=Path, help="where the daemons write, which is kept")
    found = parser.parse_args(words)
    namespaces = not found.proxy and _has_own_network()
    folder = found.folder and found.folder.resolve()  # each daemon works in a folder of its own
    return Options(found.seconds, found.seed, found.only, found.plant, namespaces, folder, found.report)


def _has_own_network() -> bool:
    return bool(os.environ.get(PRIVATE))


def main() -> None:
    """As a program."""
    missing = lacking()
    if missing:
        sys.exit(missing)
    if "--proxy" not in sys.argv:
        with_own_network([sys.executable, "-m", "tests.chaos", *sys.argv[1:]])
    options = parsed(sys.argv[1:])
    sys.stdout.write(f"seed {options.seed}, {options.seconds:.0f} seconds\n")
    sys.stdout.flush()
    react(lambda reactor: Deferred.fromCoroutine(_run(reactor, options)))


async def _run(reactor: object, options: Options) -> None:
    chaos = Chaos(reactor, options)
    await chaos.run()
    faults = chaos.ledger.faults
    if not hasattr(chaos, "of_databases"):
        sys.exit("\n".join(faults.sentences()))
    lines = report(chaos)
    if options.report is not None:
        options.report.write_text("\n".join(lines) + "\n")
    said = [*faults.sentences()[:40], *(chaos.evidence()[-400:] if faults.sentences() else ())]
    sys.stdout.write("".join(f"{sentence}\n" for sentence in said))
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(1 if faults.sentences() else 0)


if __name__ == "__main__":
    main()
