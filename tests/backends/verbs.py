"""
What the contract's tests are written in: events to keep, a listener that remembers, and verbs.
"""

from __future__ import annotations

import sys
from collections.abc import Coroutine, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatroom.events import (
    KINDS,
    Acted,
    Event,
    Joined,
    Left,
    RoleSet,
    RoomClosed,
    RoomCreated,
    RoomEvent,
    Said,
    StaffSet,
)
from chatroom.interfaces import IBackend, IListener
from chatroom.records import Found, StartState

if TYPE_CHECKING:
    Base = SynchronousTestCase  # what a mixin may call; the test cases are made where it is mixed in
else:
    Base = object

T = TypeVar("T")

NOON = 1_700_000_000.25
"""When most things happen."""


@implementer(IListener)
class Recorder:
    """
    A listener that writes down what it is told.

    @ivar readers: whether anyone reads that.
    """

    def __init__(self) -> None:
        self.readers = True
        self.events: list[Event] = []
        self.nodes_lost: list[str] = []
        self.evictions: list[str] = []

    def heard(self, events: Sequence[Event]) -> None:
        """Remember them."""
        self.events.extend(events)

    def has_readers(self) -> bool:
        """See L{readers}."""
        return self.readers

    def lost(self, node: str) -> None:
        """Remember it."""
        self.nodes_lost.append(node)

    def evicted(self, sentence: str) -> None:
        """Remember it."""
        self.evictions.append(sentence)


def said(text: str = "hello", room: str = "lobby", nick: str = "alice", at: float = NOON) -> Said:
    """A line of talk."""
    return Said(at, room, nick, text=text)


def created(room: str = "lobby") -> RoomCreated:
    """A room that stays."""
    return RoomCreated(NOON, room, "alice", keep=True)


def joined(nick: str = "alice", room: str = "lobby", at: float = NOON) -> Joined:
    """Somebody comes in."""
    return Joined(at, room, nick)


def left(nick: str = "alice", room: str = "lobby", at: float = NOON) -> Left:
    """Somebody goes out."""
    return Left(at, room, nick)


def closed(room: str = "lobby") -> RoomClosed:
    """The end of a room."""
    return RoomClosed(NOON, room, "alice")


def one_of_each() -> list[Event]:
    """An event of every kind, with something in every field."""
    made = []
    for cls in KINDS.values():
        extra: dict[str, Any] = {}
        for field in fields(cls):
            if field.name not in ("at", "room", "nick", "seq"):
                samples = {str: f"{field.name} of ünicode", bool: not field.default, float: NOON + 60, int: 7}
                extra[field.name] = samples[type(field.default)]
        if cls is RoleSet:
            extra["role"] = "operator"
        if cls is StaffSet:
            extra["role"] = "moderator"
        made.append(cls(at=NOON, room="lobby", nick="Alice", **extra))
    return made


class Contract(Base):
    """The verbs. Mixed into a L{SynchronousTestCase}."""

    def make_backend(self) -> IBackend:
        """One more node on what this test keeps."""
        raise NotImplementedError

    def break_down(self, backend: IBackend, broken: bool) -> None:
        """Make writing to this backend fail from now on, or work again."""
        raise NotImplementedError

    def done(self, awaited: Coroutine[Any, Any, T]) -> T:
        """What it comes to, at once."""
        result: T = self.successResultOf(Deferred.fromCoroutine(awaited))
        return result

    def refused(self, awaited: Coroutine[Any, Any, object], reason: type[Exception]) -> str:
        """The sentence with which it is refused."""
        return str(self.failureResultOf(Deferred.fromCoroutine(awaited), reason).value)

    def start(
        self, node: str = "north", present: Sequence[Event] = (), takes_over: bool = False, settings: str = ""
    ) -> tuple[IBackend, Recorder, StartState]:
        """A backend that has started."""
        backend, listener = self.make_backend(), Recorder()
        snapshot = self.done(backend.start(node, listener, present, takes_over=takes_over, settings=settings))
        self.addCleanup(lambda: self.done(backend.stop()))
        return backend, listener, snapshot

    def setUp(self) -> None:
        """Every test has a backend and what its listener was told."""
        self.backend, self.listener, self.snapshot = self.start()

    def restart(self) -> StartState:
        """Stop it, and start another on what was kept."""
        self.done(self.backend.stop())
        self.backend, self.listener, self.snapshot = self.start()
        return self.snapshot

    def hand_over(self) -> StartState:
        """Stop it, and have another take over from it."""
        present = self.done(self.backend.present())
        self.done(self.backend.stop(handing_over=True))
        self.backend, self.listener, self.snapshot = self.start(present=present, takes_over=True)
        return self.snapshot

    def keep(self, *events: Event) -> list[bool]:
        """Keep these in one batch."""
        return list(self.done(self.backend.keep(events)))

    def history(
        self,
        room: str = "lobby",
        after: int | None = None,
        before: int | None = None,
        limit: int = 100,
        talk: bool = False,
        size: int | None = None,
    ) -> list[RoomEvent]:
        """A room's history."""
        how: Any = {"after": after, "before": before, "limit": limit, "talk": talk, "size": size}
        return list(self.done(self.backend.history(room, **how)))

    def numbers(self, room: str = "lobby", **how: Any) -> list[int]:
        """The numbers in a room's history."""
        return [event.seq for event in self.history(room, **how)]

    def search(
        self,
        *words: str,
        rooms: Sequence[str] = ("lobby",),
        before: int | None = None,
        limit: int = 50,
        size: int = sys.maxsize,
    ) -> Found:
        """A page of what is found."""
        return self.done(self.backend.search(rooms, words, before, limit, size))

    def texts(self, *words: str, **how: Any) -> list[str]:
        """The texts of what is found."""
        found = self.search(*words, **how).events
        return [event.text for event in found if isinstance(event, (Said, Acted))]
