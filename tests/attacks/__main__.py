"""
The command line: C{python -m tests.attacks [--twistd PATH] [--seconds N] [NAME...]} prints a row for each attack.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.attacks.siege import Row, all_attacks, besiege


def main() -> None:
    """Run those named, or all."""
    attacks = all_attacks()
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description="Attack a daemon on loopback.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(sorted(attacks))}; default: all")
    parser.add_argument("--twistd", help="attack the twistd of another checkout")
    parser.add_argument("--seconds", type=float, help="each attack goes on for so long")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - attacks.keys()
    if unknown:
        parser.error(f"There is no attack called {', '.join(sorted(unknown))}.")
    print(Row.HEAD)  # noqa: T201 it is a program
    for name in chosen.names or sorted(attacks):
        with tempfile.TemporaryDirectory(prefix="attack-") as folder:
            print(besiege(attacks[name], Path(folder), chosen.twistd, chosen.seconds), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
