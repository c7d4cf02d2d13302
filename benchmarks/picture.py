"""
Results as a picture: bars in SVG, written by hand because it is small, and a change of it is a diff one can read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from benchmarks.results import Row
from benchmarks.table import heading, number

_COLOURS = ("#2563eb", "#d97706", "#059669", "#9ca3af", "#a855f7")
_LEFT, _WIDTH, _RIGHT = 310, 460, 70
_BAR, _GAP, _TOP, _BOTTOM = 13, 14, 64, 34


class Scale:
    """A logarithmic one: values on it differ by factors, as these do."""

    def __init__(self, values: Sequence[float]) -> None:
        """@raise ValueError: there are none above 0."""
        positive = [value for value in values if value > 0]
        self.low = math.floor(math.log10(min(positive)))
        self.high = max(math.ceil(math.log10(max(positive))), self.low + 1)

    def at(self, value: float) -> float:
        """Where a value is, from 0 to 1."""
        if value <= 0:
            return 0.0
        return min(max((math.log10(value) - self.low) / (self.high - self.low), 0.0), 1.0)

    def marks(self) -> list[float]:
        """Values that a line is drawn at."""
        return [10.0**power for power in range(self.low, self.high + 1)]


def draw(rows: Sequence[Row], servers: Sequence[str]) -> str:
    """
    One group of bars for each row, all of the same measure.

    @raise ValueError: there are no rows.
    """
    if not rows:
        raise ValueError("nothing to draw")
    measure = rows[0].measure
    scale = Scale([each.middle * measure.scale for row in rows for each in row.servers.values()])
    height = _TOP + sum(_BAR * len(row.servers) + _GAP for row in rows) + _BOTTOM
    width = _LEFT + _WIDTH + _RIGHT
    made = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{escape(heading(measure))}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(12, 22, heading(measure), "font-weight='600' font-size='14'"),
    ]
    made += _legend(servers)
    made += _grid(scale, height)
    y = _TOP
    for row in rows:
        made.append(_text(_LEFT - 10, y + _BAR * len(row.servers) / 2 + 4, row.title, "text-anchor='end'"))
        for name in servers:
            if name in row.servers:
                made.append(_bar(scale, y, row, name, _COLOURS[list(servers).index(name) % len(_COLOURS)]))
                y += _BAR
        y += _GAP
    made.append("</svg>")
    return "\n".join(made) + "\n"


def _bar(scale: Scale, y: float, row: Row, name: str, colour: str) -> str:
    middle = row.servers[name].middle
    length = max(_WIDTH * scale.at(middle * row.measure.scale), 1.0)
    label = number(middle, row.measure)
    return (
        f'<rect x="{_LEFT}" y="{y}" width="{length:.1f}" height="{_BAR - 2}" fill="{colour}">'
        f"<title>{escape(name)}: {label}</title></rect>"
        + _text(_LEFT + length + 5, y + _BAR - 4, label, "font-size='10' fill='#374151'")
    )


def _legend(servers: Sequence[str]) -> list[str]:
    made = []
    for at, name in enumerate(servers):
        x = _LEFT + at * 105
        made.append(f'<rect x="{x}" y="36" width="11" height="11" fill="{_COLOURS[at % len(_COLOURS)]}"/>')
        made.append(_text(x + 16, 46, name))
    return made


def _grid(scale: Scale, height: float) -> list[str]:
    made = []
    for mark in scale.marks():
        x = _LEFT + _WIDTH * scale.at(mark)
        made.append(f'<path d="M{x:.1f} {_TOP - 6}V{height - _BOTTOM + 6}" stroke="#e5e7eb"/>')
        made.append(_text(x, height - 12, f"{mark:g}", "text-anchor='middle' fill='#6b7280'"))
    return made


def _text(x: float, y: float, text: str, more: str = "fill='#111827'") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(text)}</text>'
