"""
One poll: what is asked, what can be chosen, and how votes are counted. It knows no server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Ballot:
    """
    A poll, as it is stored.

    @ivar number: it has, and no other poll of this server.
    @ivar by: who asked: an identity, as C{ICaller.identity} has it.
    @ivar closes: when it ends, in seconds since 1970.
    @ivar counts: how many votes each choice has, once it is closed; C{None} while it is open.
    """

    number: int
    room: str
    question: str
    choices: tuple[str, ...]
    by: str
    closes: float
    counts: tuple[int, ...] | None = None

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Ballot:
        """The inverse of L{plain}."""
        choices, counts = tuple(stored["choices"]), stored["counts"]
        made: dict[str, Any] = {**stored, "choices": choices, "counts": None if counts is None else tuple(counts)}
        return cls(**made)

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)

    def index(self, vote: str) -> int | None:
        """Which choice is meant by a number, or by its own words; C{None}: none is."""
        text = vote.strip().casefold()
        words = [choice.casefold() for choice in self.choices]
        if text in words:
            return words.index(text)
        if text.isascii() and text.isdigit() and len(text) < 4 and 0 < int(text) <= len(words):
            return int(text) - 1
        return None

    def count(self, votes: Iterable[object]) -> tuple[int, ...]:
        """How many votes each choice has."""
        found = [0] * len(self.choices)
        for vote in votes:
            if isinstance(vote, int) and 0 <= vote < len(found):
                found[vote] += 1
        return tuple(found)

    def asked(self) -> str:
        """The question with its choices: C{Tea? 1 yes, 2 no}."""
        listed = ", ".join(f"{number} {choice}" for number, choice in enumerate(self.choices, 1))
        return f"{self.question} {listed}"

    def told(self, counts: Sequence[int]) -> str:
        """The question with what was chosen, most votes first: C{Tea? yes 2, no 1}."""
        in_order = sorted(zip(self.choices, counts, strict=True), key=lambda pair: -pair[1])
        return f"{self.question} " + ", ".join(f"{choice} {count}" for choice, count in in_order)


def tidy(text: str) -> str:
    """A question or a choice: one line, and nothing in it that cannot be seen."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
