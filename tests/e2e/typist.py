"""
People who type what a page of the documentation shows, and read whether the server answers what is shown.

In such a block, C{alice > hello} is typed by alice, and C{bob | <alice> hello} is what bob reads then; C{...} stands
for anything. C{alice > $ nc localhost 64700} opens a terminal. C{bob > (opens http://localhost:8080/)} opens a browser,
and C{bob > (typed, and not shown)} is a password. This module knows no page; L{tests.e2e.tutorial} knows one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from tests.e2e.blocks import Block
from tests.e2e.chromium import Tab
from tests.e2e.daemon import until
from tests.e2e.people import Person

PASSWORD = "eleven green bottles"

HIDDEN = "(typed, and not shown)"

_LINE = re.compile(r"(?P<who>\w+) +(?P<how>[>|]) (?P<what>.+)")

_OPENS = re.compile(r"\(opens (\S+)\)")


class Turn(NamedTuple):
    """
    One line of such a block.

    @ivar types: whether it is typed, or else read.
    """

    who: str
    types: bool
    what: str


class Medium(Protocol):
    """What somebody chats with."""

    def types(self, *lines: str) -> None:
        """Each with the Enter key."""

    def reads(self, text: str) -> None:
        """Wait for it, below what was waited for before."""

    def closes(self) -> None:
        """The window, without a goodbye."""


class InBrowser:
    """Somebody with the page. The first line they type is their nickname."""

    def __init__(self, name: str, address: str) -> None:
        self._tab = Tab(name, address)
        self._joined = False

    def types(self, *lines: str) -> None:
        """Into the form, or else into the chat."""
        if self._joined:
            self._tab.types(*lines)
            return
        (nick,) = lines
        assert nick == self._tab.name, f"{self._tab.name} joins as {nick}"
        self._tab.comes_in()
        self._joined = True

    def reads(self, text: str) -> None:
        """Anywhere on the page. A line of talk stands there without the brackets."""
        said = re.fullmatch(r"<(\w+)> (.+)", text)
        if said is None:
            self._tab.sees(text)
        else:
            until(f"{text!r} on {self._tab.name}'s page", lambda: text in self._tab.talk())

    def closes(self) -> None:
        """The tab."""
        errors = self._tab.errors()
        self._tab.closes()
        assert not errors, errors


def is_chat(block: Block) -> bool:
    """Whether it shows people at a server."""
    return block.kind == "text" and all(_LINE.fullmatch(line) for line in block.text.splitlines() if line.strip())


def turns(block: Block) -> list[Turn]:
    """Its lines, in their order."""
    found = [_LINE.fullmatch(line) for line in block.text.splitlines() if line.strip()]
    return [Turn(one["who"], one["how"] == ">", one["what"].strip()) for one in found if one is not None]


class Chat:
    """
    All people of a page.

    @ivar typed: how many characters they have typed.
    """

    def __init__(self, ported: Mapping[str, str], say: Callable[[str], None]) -> None:
        """
        @param ported: ports that the page names, and those to be used instead.
        @param say: is given each line of the log.
        """
        self._ported = ported
        self._say = say
        self._people: dict[str, Medium] = {}
        self.typed = 0

    def follows(self, block: Block) -> None:
        """@raise AssertionError: somebody did not read what the page shows."""
        for turn in turns(block):
            self._say(f"{turn.who:<5} {'>' if turn.types else '|'} {turn.what}")
            if turn.types:
                self._types(turn)
            else:
                for piece in filter(None, (piece.strip() for piece in turn.what.split("..."))):
                    self._people[turn.who].reads(piece)

    def close(self) -> None:
        """Everybody closes their window."""
        for person in self._people.values():
            person.closes()
        self._people.clear()

    def _types(self, turn: Turn) -> None:
        what = turn.what
        for shown, used in self._ported.items():
            what = re.sub(rf"\b{shown}\b", used, what)
        self.typed += len(what) + 1
        opened = _OPENS.fullmatch(what)
        if what.startswith("$ ") or opened is not None:
            old = self._people.pop(turn.who, None)
            if old is not None:
                old.closes()
        if what.startswith("$ "):
            self._people[turn.who] = Person(turn.who, shlex.split(what[2:]))
        elif opened is not None:
            self._people[turn.who] = InBrowser(turn.who, opened[1])
        else:
            self._people[turn.who].types(PASSWORD if what == HIDDEN else what)
