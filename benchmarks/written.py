"""
What docs/ and README say of a run, written by the program: the numbers, tables, pictures and sentences.

Everything but the numbers themselves is made of the numbers alone, so that it can be made again, and compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import picture, results, table
from benchmarks.goals import goals
from benchmarks.results import P99, RATE, Row

PROJECT = Path(__file__).parent.parent
DOCS = PROJECT / "docs" / "performance"
IRC = DOCS / "irc"
"""Of a run in which all servers are spoken to in IRC."""

README = PROJECT / "README.rst"

NUMBERS = "results.json"
"""All samples, from which the other files are made."""

QUOTED = "room-200-500"
"""The cell that README speaks of."""

MARK = ".. Made by `make bench`; do not edit."
"""What stands before all that is made here, in README before one paragraph."""


def write(folder: Path, samples: Sequence[results.Sample], facts: Mapping[str, Any]) -> None:
    """Write down a run; where C{folder} is L{DOCS}, README's sentence as well."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NUMBERS).write_text(json.dumps(results.as_json(samples, dict(facts)), indent=1) + "\n", encoding="utf-8")
    again(folder)


def again(folder: Path) -> None:
    """
    Make everything else again, from the numbers that are there.

    @raise OSError: there are none. @raise ValueError: they are of another format.
    """
    for path, text in made(folder).items():
        path.write_text(text, encoding="utf-8")


def made(folder: Path) -> dict[Path, str]:
    """What the files made from a folder's numbers should hold, README among them where the folder is L{DOCS}."""
    numbers = json.loads((folder / NUMBERS).read_text(encoding="utf-8"))
    rows = results.rows(results.from_json(numbers))
    servers = list(numbers["versions"])
    files = {
        folder / "table.rst": f"{MARK}\n\n{table.restructured(rows, servers)}",
        folder / "about.rst": f"{MARK}\n\n{about(numbers)}",
    }
    if results.OURS in servers:
        files[folder / "goals.rst"] = f"{MARK}\n\n{goals_table(rows)}"
    for name, measure in (("rates.svg", RATE), ("latencies.svg", P99)):
        drawn = [row for row in rows if row.measure is measure]
        if drawn:
            files[folder / name] = picture.draw(drawn, servers)
    line = sentence(rows)
    if folder.resolve() == DOCS and line is not None:
        files[README] = replaced(README.read_text(encoding="utf-8"), line)
    return files


def goals_table(rows: Sequence[Row]) -> str:
    """A list-table of what was wished for, what was found, and whether that will do."""
    found = goals(rows)
    reached = sum(goal.reached for goal in found)
    lines = [f"{reached} of {len(found)} goals are reached.", ""]
    if found:
        lines += [".. list-table::", "   :header-rows: 1", "   :widths: 55 30 15", ""]
        for first, *others in (("Goal", "Found", "Reached"), *((g.wish, g.found, _yes(g.reached)) for g in found)):
            lines += [f"   * - {first}", *(f"     - {other}" for other in others)]
    return "\n".join([*lines, ""])


def _yes(reached: bool) -> str:
    return "yes" if reached else "**no**"


def about(numbers: Mapping[str, Any]) -> str:
    """When, on what machine, and which versions."""
    machine = numbers["machine"]
    versions, rounds = "; ".join(numbers["versions"].values()), numbers["rounds"]
    return (
        f"Measured on {numbers['when']}, on {machine['processors']} processors ({machine['processor']}) under\n"
        f"{machine['system'].partition('-')[0]}, {rounds} {'round' if rounds == 1 else 'rounds'}. {versions}.\n"
    )


def sentence(rows: Sequence[Row]) -> str | None:
    """One sentence for README; C{None} where its cell was not measured, or nothing to compare it with."""
    row = next((row for row in rows if row.cell == QUOTED and row.measure is RATE), None)
    ratio = None if row is None else row.ratio()
    if row is None or ratio is None or results.OURS not in row.servers:
        return None
    ours = table.number(row.servers[results.OURS].middle, RATE)
    return (
        f"Measured with every line on disk before anybody reads it ({row.title}):\n"
        f"**{ours} million lines delivered per second of processor time**, {ratio:.1f} times as many as"
        f" {row.best_peer()}, the\nbest of the others. ``docs/performance.rst`` says how, and where chatroom is slower."
    )


def replaced(text: str, line: str) -> str:
    """
    README with this sentence in place of the last one.

    @raise ValueError: there is no place for it.
    """
    before, mark, after = text.partition(f"{MARK}\n\n")
    if not mark:
        raise ValueError("README.rst has no place for the benchmark's sentence")
    _, _, rest = after.partition("\n\n")
    return f"{before}{mark}{line}\n\n{rest}"
