"""
The icons of the page as pictures: C{python -m tests.e2e.icons} draws them from icon.svg, in a real browser.

Systems that install a page cut its icon into a shape of their own. For them there is one whose ground goes to the
edges, with the drawing in the middle, where no shape cuts: the safe zone of the W3C's manifest is a
circle of four fifths.
"""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

from tests.e2e.chromium import Tab
from tests.e2e.daemon import ROOT

PAGE = ROOT / "chatroom" / "doors" / "web" / "page"
GROUND = "#f4f1eb"
"""As the manifest has it."""


def draw(tab: Tab, size: int, part: float, ground: str) -> bytes:
    """
    A picture in PNG.

    @param size: of its sides, in pixels. @param part: what the drawing takes of them.
    @param ground: a colour, or C{""} for none.
    """
    svg = (PAGE / "icon.svg").read_text(encoding="utf-8")
    data: str = tab.run(
        """
        const [svg, size, part, ground] = arguments;
        const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
        const pen = canvas.getContext("2d");
        if (ground) {
            pen.fillStyle = ground;
            pen.fillRect(0, 0, size, size);
        }
        const picture = new Image(size, size);
        picture.src = `data:image/svg+xml;base64,${btoa(svg)}`;
        const edge = size * (1 - part) / 2;
        return picture.decode().then(() => {
            pen.drawImage(picture, edge, edge, size * part, size * part);
            return canvas.toDataURL("image/png").split(",")[1];
        });
        """,
        svg,
        size,
        part,
        ground,
    )
    return b64decode(data)


def icons(tab: Tab) -> dict[str, bytes]:
    """All of them, by the name of the file."""
    return {
        "icon-192.png": draw(tab, 192, 1, ""),
        "icon-512.png": draw(tab, 512, 1, ""),
        "icon-maskable-512.png": draw(tab, 512, 0.62, GROUND),
    }


def main(folder: Path) -> None:
    """Write them."""
    tab = Tab("nobody", "about:blank")
    for name, data in icons(tab).items():
        (folder / name).write_bytes(data)
    tab.closes()


if __name__ == "__main__":
    main(PAGE)
