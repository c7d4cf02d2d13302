"""
Draws docs/img/parts.svg: the parts of chatroom by layer, and who imports whom. C{python -m tests.picture} writes it
anew.

The layers are those of docs/arrows.csv; the arrows are what the modules really import. Arrows to the vocabulary and
to the contracts are left out, as nearly every part has them. It imports nothing of chatroom and runs none of it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from html import escape
from pathlib import Path

from tests.arrows import ROOT, imports_of, trees_of

PICTURE = ROOT / "docs" / "img" / "parts.svg"

WIDTH, BAND, BOX, HEIGHT = 1040, 96, 128, 40
"""Pixels: of the picture, from one layer to the next, and of the box of one part."""

EVERYBODYS = frozenset(["vocabulary", "contracts"])
"""Layers that arrows are not drawn to."""

KNOW_ALL = frozenset(["testing", "tap"])
"""Parts that arrows are not drawn from."""


def layers() -> dict[str, list[str]]:
    """Parts at the top of chatroom, by layer, the lowest layer first."""
    found: dict[str, list[str]] = {}
    with (ROOT / "docs" / "arrows.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for part in (word.strip() for word in row["Part"].split(",")):
                if "." not in part:
                    found.setdefault(row["Layer"], []).append(part)
    return found


def arrows() -> Iterator[tuple[str, str]]:
    """Who imports whom, of the parts at the top, each pair once."""
    trees = trees_of("chatroom")
    pairs = set()
    for name, tree in trees.items():
        for each in imports_of(tree) if "." in name else ():
            words = each.name.split(".")
            part = name.split(".")[1]
            if words[0] == "chatroom" and len(words) > 2 and words[1] != part:
                pairs.add((part, words[1]))
    yield from sorted(pairs)


def running_up() -> list[tuple[str, str]]:
    """Arrows from a layer to a higher one: there should be none."""
    level = {part: number for number, parts in enumerate(layers().values()) for part in parts}
    return [(one, other) for one, other in arrows() if level.get(one, 0) < level.get(other, 0)]


def drawn() -> str:
    """The picture as SVG."""
    by_layer = layers()
    places: dict[str, tuple[float, float]] = {}
    parts_drawn: list[str] = []
    height = BAND * len(by_layer) + 20
    for number, (layer, parts) in enumerate(by_layer.items()):
        y = height - 10 - BAND * (number + 1) + (BAND - HEIGHT) / 2
        parts_drawn.append(f'<text class="layer" x="8" y="{y - 8:.0f}">{escape(layer)}</text>')
        shown = [part for part in parts if layer not in EVERYBODYS] or [", ".join(parts)]
        wide = BOX if len(shown) > 1 or layer not in EVERYBODYS else WIDTH - 40
        gap = (WIDTH - wide * len(shown)) / (len(shown) + 1)
        for place, part in enumerate(shown):
            x = gap + place * (wide + gap)
            places[part] = (x + wide / 2, y)
            parts_drawn.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{HEIGHT}" rx="6"/>')
            parts_drawn.append(
                f'<text x="{x + wide / 2:.0f}" y="{y + 25:.0f}" text-anchor="middle">{escape(part)}</text>'
            )
    lines = []
    lowest = {part for layer in EVERYBODYS for part in by_layer[layer]}
    for one, other in arrows():
        if one in places and other in places and one not in KNOW_ALL and other not in lowest:
            (x1, y1), (x2, y2) = places[one], places[other]
            if y1 == y2:  # within one layer: around the boxes between
                lines.append(_line(x1, y1 + HEIGHT, x2, y2 + HEIGHT, 30))
            else:
                lines.append(_line(x1, y1 + HEIGHT, x2, y2, 0))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif" font-size="14">',
            "<title>The parts of chatroom by layer, and who imports whom</title>",
            "<style>rect{fill:#eef3fa;stroke:#35507a}path{fill:none;stroke:#7a8aa0;stroke-width:1.2}"
            "text{fill:#1b2430}.layer{fill:#5b6778;font-size:12px}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0 8 4 0 8" fill="#7a8aa0"/></marker></defs>',
            f'<rect x="0" y="0" width="{WIDTH}" height="{height}" style="fill:#fff;stroke:none"/>',
            *lines,
            *parts_drawn,
            "</svg>",
            "",
        ]
    )


def _line(x1: float, y1: float, x2: float, y2: float, sag: float) -> str:
    middle = (y1 + y2) / 2 + sag
    curve = f"M{x1:.0f} {y1:.0f}C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
    return f'<path d="{curve}" marker-end="url(#tip)"/>'


def main(path: Path = PICTURE) -> None:
    """Write it."""
    path.write_text(drawn(), encoding="utf-8")


if __name__ == "__main__":
    main()
