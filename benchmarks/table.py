"""
Results as tables that people read: in a terminal, and as reStructuredText for docs/.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.results import Measure, Row, Spread

_HEADINGS = ("", "chatroom to the best peer")


def number(value: float, measure: Measure) -> str:
    """One value, scaled, with the digits that mean something."""
    return f"{value * measure.scale:,.{measure.digits}f}"


def spread(found: Spread | None, measure: Measure) -> str:
    """The middle and, where rounds differ, the least and the most of them."""
    if found is None:
        return ""
    middle, least, most = (number(value, measure) for value in (found.middle, found.least, found.most))
    return middle if least == most else f"{middle} ({least}-{most})"


def cells(rows: Sequence[Row], servers: Sequence[str]) -> list[list[str]]:
    """A table's texts, its headings first."""
    made = [[_HEADINGS[0], *servers, _HEADINGS[1]]]
    for row in rows:
        ratio, peer = row.ratio(), row.best_peer()
        made.append(
            [
                row.title,
                *(spread(row.servers.get(name), row.measure) for name in servers),
                "" if ratio is None else f"{ratio:.2f} x {peer}",
            ]
        )
    return made


def heading(measure: Measure) -> str:
    """What a table is about."""
    better = "more is better" if measure.more_is_better else "less is better"
    return f"{measure.title}, {measure.unit + ', ' if measure.unit else ''}{better}"


def plain(rows: Sequence[Row], servers: Sequence[str]) -> str:
    """For a terminal."""
    made = []
    for measure, found in _by_measure(rows):
        table = cells(found, servers)
        widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
        made.append(heading(measure))
        for line in table:
            made.append("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
        made.append("")
    return "\n".join(made)


def restructured(rows: Sequence[Row], servers: Sequence[str]) -> str:
    """For docs/: a list-table for each measure."""
    made = []
    for measure, found in _by_measure(rows):
        made += [f".. list-table:: {heading(measure)}", "   :header-rows: 1", ""]
        for line in cells(found, servers):
            made += [f"   {'*' if at == 0 else ' '} - {text}".rstrip() for at, text in enumerate(line)]
        made.append("")
    return "\n".join(made)


def _by_measure(rows: Sequence[Row]) -> list[tuple[Measure, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.measure.key, []).append(row)
    return [(each[0].measure, each) for each in found.values()]
