"""
What stands beside a message while it is delivered, and is kept nowhere: the tags of its author's client, and where that
client broke it into lines.

It knows events by their identity, and no bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from chatroom.doors.irc.splitting import pieces
from chatroom.doors.irc.wire import NOTHING
from chatroom.events import Event

MULTILINE = "draft/multiline"
"""The capability, and the type of a batch that is one message."""

CONCAT = "draft/multiline-concat"
"""The tag of a line that goes on where the one before it ends."""


class Piece(NamedTuple):
    """
    A part of a message of several lines, as one line of IRC has it.

    @ivar joins: it goes on where the piece before it ends, without a line break.
    """

    text: str
    joins: bool


class Beside(NamedTuple):
    """
    @ivar tags: client-only tags, by keys that begin with C{+}.
    @ivar pieces: how the author's client broke the text up; none: it came in one line.
    """

    tags: Mapping[str, str] = NOTHING
    pieces: tuple[Piece, ...] = ()


PLAIN = Beside()
"""Nothing beside it: so are almost all messages."""


def text_of(parts: Sequence[Piece]) -> str:
    """The message that the pieces are."""
    return "".join(part.text if part.joins or not at else "\n" + part.text for at, part in enumerate(parts))


def broken_up(text: str, sent: Sequence[Piece], size: int) -> list[Piece]:
    """
    A message as lines of no more than C{size} bytes: as its author's client sent it, where it is still that text.

    @param sent: perhaps none.
    """
    parts = sent if sent and text_of(sent).strip("\n") == text else [Piece(line, False) for line in text.split("\n")]
    made = list[Piece]()
    for part in parts:
        fits = list(pieces(part.text, size)) or [""]
        made.append(Piece(fits[0], part.joins))
        made += [Piece(more, True) for more in fits[1:]]
    return made


class BesideEvents:
    """
    What stands beside events that are on their way.

    @ivar known: by the C{id} of the event. The event is held with it, so that no other one has its id.
    """

    __slots__ = ("known",)

    def __init__(self) -> None:
        self.known: dict[int, tuple[Event, Beside]] = {}

    def of(self, event: Event) -> Beside:
        """See L{Beside}."""
        found = self.known.get(id(event))
        return PLAIN if found is None else found[1]

    @contextmanager
    def standing(self, event: Event, beside: Beside) -> Iterator[None]:
        """Until this is left, that stands beside the event."""
        self.known[id(event)] = event, beside
        try:
            yield
        finally:
            del self.known[id(event)]
