"""
What a page of the documentation shows to be typed or written down, taken out of it.

It knows reStructuredText as far as such blocks go, and nothing of what is done with them.
"""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from tests.e2e.daemon import ROOT

_HEADING = re.compile(r"^(\S.*)\n([=~-])\2+\n", re.MULTILINE)

_BLOCK = re.compile(
    r"^(?P<indent> *)(?:\.\. (?P<directive>code-block|literalinclude):: *(?P<argument>\S*)|(?!\.\. ).*(?<!\.)::)\n"
    r"(?P<options>(?:(?P=indent) +:.+\n)*)"
    r"(?P<text>(?:\n+(?:(?P=indent) +.*(?:\n|\Z)|\n)+)?)",
    re.MULTILINE,
)


class Block(NamedTuple):
    """
    @ivar section: the heading it stands under.
    @ivar kind: its language; C{text} where none is named, and C{file} for one that is a file of the repository.
    @ivar text: what is in it; of a C{file}, its path from the top of the repository.
    @ivar caption: what stands above it, such as the path of a file that the reader is to write.
    """

    page: str
    section: str
    kind: str
    text: str
    caption: str = ""

    def __str__(self) -> str:
        return f"{self.page}, {self.section}: {self.text.splitlines()[0]}"


class Command(NamedTuple):
    """
    @ivar root: whether it stands behind C{#}, so that it is for root, or behind C{$}.
    @ivar answers: lines that have to come, in order, in which C{...} stands for anything.
    """

    root: bool
    typed: str
    answers: tuple[str, ...]


def blocks(page: str) -> list[Block]:
    """All those of a page, in order, by its path from the top of the repository."""
    text = (ROOT / page).read_text(encoding="utf-8")
    headings = [(found.start(), found[1]) for found in _HEADING.finditer(text)]
    made = []
    for found in _BLOCK.finditer(text):
        section = [title for start, title in headings if start < found.start()][-1]
        if found["directive"] == "literalinclude":
            made.append(Block(page, section, "file", found["argument"].removeprefix("../")))
        elif found["text"].strip():
            kind = found["argument"] or "text"
            caption = re.search(r":caption: *(.+)", found["options"])
            text_of = textwrap.dedent(found["text"]).strip("\n") + "\n"
            made.append(Block(page, section, kind, text_of, caption[1] if caption else ""))
    return made


def commands(block: Block) -> Iterator[Command]:
    """Those of a C{console} block. A command goes on in the next line while it is within quotes or behind C{\\}."""
    if block.kind != "console":
        return
    lines = block.text.splitlines()
    while lines:
        prompt, typed = lines[0][:2], lines.pop(0)[2:]
        if prompt not in ("$ ", "# "):
            raise ValueError(f"{block} begins with no command")
        while lines and _goes_on(typed):
            typed += "\n" + lines.pop(0)
        answers = []
        while lines and lines[0][:2] not in ("$ ", "# "):
            answers.append(lines.pop(0))
        yield Command(prompt == "# ", typed, tuple(line for line in answers if line.strip()))


def _goes_on(typed: str) -> bool:
    """Whether a shell would ask for more."""
    try:
        shlex.split(typed)
    except ValueError:
        return True
    return typed.endswith("\\")


def pattern(line: str) -> str:
    """A regular expression for a line in which C{...} stands for anything."""
    return ".*".join(re.escape(piece) for piece in line.strip().split("..."))
