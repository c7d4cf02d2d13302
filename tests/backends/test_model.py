"""
Every backend against a model too simple to be wrong, over whatever Hypothesis thinks of.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.backends.sqlite.talk import TALK
from chatroom.backends.sqlite.upkeep import QUIET
from chatroom.backends.words import SearchTerms
from chatroom.errors import NotKept
from chatroom.events import (
    ALL_SLOTS,
    MEMBER_SLOT,
    ROOM_SLOT,
    SERVER,
    Acted,
    Arrived,
    AwaySet,
    Condition,
    Departed,
    Event,
    Joined,
    Kicked,
    Left,
    Renamed,
    RoleSet,
    RoomBanned,
    RoomClosed,
    RoomCreated,
    RoomEvent,
    RoomUnbanned,
    Said,
    TopicSet,
    Whispered,
)
from chatroom.interfaces import IBackend
from chatroom.records import fitting
from tests.backends.verbs import NOON, Recorder
from tests.backends.workers import AtOnce

T = TypeVar("T")

TIMES = st.integers(0, 20).map(lambda second: NOON + second)
ROOMS = st.sampled_from(["lobby", "attic", "café"])
NICKS = st.sampled_from(["alice", "Bob", "ALICE", "éve"])
WORDS = st.sampled_from(["tea", "TEA", "Tee", "té", "茶", "茶道", "it's", ":-)", '"', "tea's"])
TEXTS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)

EVENTS = st.one_of(
    st.builds(Said, TIMES, ROOMS, NICKS, text=TEXTS),
    st.builds(Said, TIMES, ROOMS, NICKS, text=TEXTS),
    st.builds(Acted, TIMES, ROOMS, NICKS, text=TEXTS),
    st.builds(RoomCreated, TIMES, ROOMS, NICKS, keep=st.booleans()),
    st.builds(RoomClosed, TIMES, ROOMS, NICKS),
    st.builds(Joined, TIMES, ROOMS, NICKS),
    st.builds(Left, TIMES, ROOMS, NICKS),
    st.builds(Renamed, TIMES, ROOMS, NICKS, new=NICKS),
    st.builds(Kicked, TIMES, ROOMS, NICKS, who=NICKS),
    st.builds(RoomBanned, TIMES, ROOMS, NICKS, who=NICKS),
    st.builds(RoomUnbanned, TIMES, ROOMS, NICKS, who=NICKS),
    st.builds(TopicSet, TIMES, ROOMS, NICKS, text=TEXTS),
    st.builds(RoleSet, TIMES, ROOMS, NICKS, who=NICKS, role=st.sampled_from(["owner", "member"]), guest=st.booleans()),
    st.builds(Arrived, TIMES, st.just(SERVER), NICKS, node=st.just("north")),
    st.builds(Departed, TIMES, st.just(SERVER), NICKS, node=st.just("north")),
    st.builds(AwaySet, TIMES, st.just(SERVER), NICKS, text=TEXTS),
    st.builds(Whispered, TIMES, st.just(SERVER), NICKS, to=NICKS, text=TEXTS),
)
BATCHES = st.lists(EVENTS, max_size=8)
PLACES = st.one_of(st.none(), st.integers(0, 40))


class Model:
    """What a backend should know, in plain lists."""

    def __init__(self) -> None:
        self.slots: dict[str, list[tuple[str, Event]]] = {}
        self.history: dict[str, list[RoomEvent]] = {}
        self.last: dict[str, int] = {}
        self.said: list[RoomEvent] = []

    def keep(self, event: Event) -> bool:
        """One event happens, or does not."""
        slots, held = event.slots(), self.slots.get(event.room, [])
        if event.only_if is Condition.ABSENT and any(name == slots.sets for name, _ in held):
            return False
        if event.only_if is Condition.EMPTY and any(name.startswith(MEMBER_SLOT) for name, _ in held):
            return False
        member = MEMBER_SLOT + event.nick.casefold()
        if event.only_if is Condition.MEMBER and not any(name == member for name, _ in held):
            return False
        if event.only_if is Condition.MADE and not any(name == ROOM_SLOT for name, _ in held):
            return False
        if event.only_if is Condition.OWNED:
            owners = [name for name, each in held if isinstance(each, RoleSet) and each.role == "owner"]
            if owners == [slots.sets or slots.clears[0]] or not any(name == ROOM_SLOT for name, _ in held):
                return False
        if isinstance(event, RoomEvent):
            event = self._numbered(event)
        everything = ALL_SLOTS in slots.clears
        held = [(n, e) for n, e in held if not everything and n not in slots.clears and n != slots.sets]
        if slots.sets is not None:
            held.append((slots.sets, event))
        self.slots[event.room] = held
        if everything:
            self.history[event.room] = []
        return True

    def _numbered(self, event: RoomEvent) -> RoomEvent:
        self.last[event.room] = self.last.get(event.room, 0) + 1
        numbered = replace(event, seq=self.last[event.room])
        before = () if event.begins else self.history.get(event.room, ())
        self.history[event.room] = [*before, numbered]
        self.said.insert(0, numbered)
        return numbered

    def forget_presence(self) -> None:
        """Nobody is on line."""
        for room, held in self.slots.items():
            self.slots[room] = [(name, event) for name, event in held if not event.slots().presence]


class Machine(RuleBasedStateMachine):
    """A backend and the model, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.open()

    def make_backend(self) -> IBackend:
        """A backend on what this run has kept."""
        raise NotImplementedError

    def fail(self, failing: bool) -> None:
        """Let it fail, or work again."""
        raise NotImplementedError

    def open(self) -> None:
        """Start it, and compare what it says."""
        self.backend, self.listener = self.make_backend(), Recorder()
        snapshot = self.done(self.backend.start("north", self.listener))
        assert dict(snapshot.last) == self.model.last
        told: dict[str, list[Event]] = {}
        for event in snapshot.events:
            told.setdefault(event.room, []).append(event)
        assert told == {room: [event for _, event in held] for room, held in self.model.slots.items() if held}

    def done(self, awaited: Coroutine[Any, Any, T]) -> T:
        """What it comes to, at once."""
        results: list[T | Failure] = []
        Deferred.fromCoroutine(awaited).addBoth(results.append)
        [result] = results
        if isinstance(result, Failure):
            result.raiseException()
        return result

    @rule(batch=BATCHES)
    def keep(self, batch: Sequence[Event]) -> None:
        """A turn."""
        heard = len(self.listener.events)
        # Hypothesis may give the same object twice; no hub does, and each has its own number.
        batch = [replace(event) for event in batch]
        expected = [self.model.keep(event) for event in batch]
        assert list(self.done(self.backend.keep(batch))) == expected
        happened = [event for event, happens in zip(batch, expected, strict=True) if happens]
        assert [id(event) for event in self.listener.events[heard:]] == [id(event) for event in happened]

    @rule(batch=BATCHES)
    def keep_in_vain(self, batch: Sequence[Event]) -> None:
        """A turn that cannot be kept."""
        batch = [*(replace(event) for event in batch), Said(NOON, "lobby", "alice", text="lost")]
        heard = len(self.listener.events)
        self.fail(True)
        try:
            self.done(self.backend.keep(batch))
        except NotKept:
            pass
        else:
            raise AssertionError("kept by a broken backend")
        finally:
            self.fail(False)
        assert len(self.listener.events) == heard
        assert {event.seq for event in batch if isinstance(event, RoomEvent)} == {0}

    @rule(
        room=ROOMS,
        after=PLACES,
        before=PLACES,
        limit=st.integers(1, 20),
        talk=st.booleans(),
        size=st.one_of(st.none(), st.integers(0, 3000)),
    )
    def read(self, room: str, after: int | None, before: int | None, limit: int, talk: bool, size: int | None) -> None:
        """A page of history."""
        page = [
            event
            for event in self.model.history.get(room, [])
            if (after or -1) < event.seq < (before if before is not None else 99999)
            and (isinstance(event, (Said, Acted)) or not talk)
        ]
        page = page[-limit:] if after is None else page[:limit]
        how: Any = {"after": after, "before": before, "limit": limit, "talk": talk, "size": size}
        found = list(self.done(self.backend.history(room, **how)))
        if size is None:
            assert found == page
            return
        fit = fitting(page if after is not None else reversed(page), sys.maxsize, size)
        least = page[: fit + 1] if after is not None else page[-fit - 1 :]
        assert found == least

    @rule(room=ROOMS, second=st.integers(-1, 21))
    def moment(self, room: str, second: int) -> None:
        """A moment stands between what is before it and what is not, wherever the clock was set back."""
        kept = self.model.history.get(room, [])
        number = self.done(self.backend.number_at(room, NOON + second))
        place = len(kept) if number is None else [event.seq for event in kept].index(number)
        assert place == len(kept) or kept[place].at >= NOON + second
        assert place == 0 or kept[place - 1].at < NOON + second

    @rule(rooms=st.lists(ROOMS), words=st.lists(WORDS, min_size=1, max_size=3), limit=st.integers(1, 5))
    def search(self, rooms: Sequence[str], words: Sequence[str], limit: int) -> None:
        """All pages of a search."""
        wanted = SearchTerms(words)
        expected = [
            event
            for event in self.model.said
            if isinstance(event, (Said, Acted))
            and event.room in rooms
            and event in self.model.history[event.room]
            and wanted.is_in(event.text)
        ]
        found: list[RoomEvent] = []
        place: int | None = None
        while True:
            page = self.done(self.backend.search(rooms, words, place, limit))
            assert len(page.events) <= limit
            found += page.events
            if page.next is None:
                break
            place = page.next
        assert found == expected

    @rule(
        second=st.one_of(st.none(), st.integers(0, 20)),
        keep_talk=st.one_of(st.none(), st.integers(0, 30)),
        keep_others=st.one_of(st.none(), st.integers(0, 30)),
    )
    def expire(self, second: int | None, keep_talk: int | None, keep_others: int | None) -> None:
        """History is forgotten."""
        older_than = None if second is None else NOON + second
        expected = 0
        for room, kept in self.model.history.items():
            left = list(kept)
            while left and any(older_than is not None and event.at < older_than for event in left):
                left.pop(0)
            while keep_talk is not None and sum(isinstance(event, TALK) for event in left) > keep_talk:
                left.pop(0)
            others = [event for event in left if not isinstance(event, TALK)]
            too_many = len(others) - keep_others if keep_others is not None else 0
            gone = {event.seq for event in others[: max(0, too_many)]}
            self.model.history[room] = [event for event in left if event.seq not in gone]
            expected += len(kept) - len(self.model.history[room])
        assert self.done(self.backend.expire(older_than, keep_talk, keep_others)) == expected

    @rule()
    def restart(self) -> None:
        """Stop and start."""
        self.done(self.backend.stop())
        self.model.forget_presence()
        self.open()

    @rule()
    def quiet(self) -> None:
        """Nobody talks for a moment."""

    def teardown(self) -> None:
        """The end of a run."""
        self.done(self.backend.stop())


class MemoryMachine(Machine):
    """The memory backend."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        super().__init__()

    def make_backend(self) -> IBackend:
        """On one store."""
        return MemoryBackend(self.store)

    def fail(self, failing: bool) -> None:
        """The store says no."""
        self.store.failing = NotKept("No.") if failing else None


class SQLiteMachine(Machine):
    """The SQLite backend."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.clock = Clock()
        super().__init__()

    def make_backend(self) -> IBackend:
        """On one file."""
        self.made = SQLiteBackend(Path(self.folder, "chatroom.sqlite"), self.clock, lambda: NOON, worker=AtOnce)
        return self.made

    def fail(self, failing: bool) -> None:
        """The disk is read-only."""
        lanes = self.made._lanes
        assert lanes is not None
        lanes.write._connection.execute(f"PRAGMA query_only = {'ON' if failing else 'OFF'}")

    @rule()
    def quiet(self) -> None:
        """Time to index and to delete."""
        self.clock.advance(QUIET)

    def teardown(self) -> None:
        """The end of a run."""
        super().teardown()
        shutil.rmtree(self.folder)


RUNS = settings(max_examples=40, stateful_step_count=25, deadline=None)


class ModelTests(SynchronousTestCase):
    """Whatever happens, in whatever order."""

    def test_memory(self) -> None:
        """The memory backend does what the model does."""
        run_state_machine_as_test(MemoryMachine, settings=RUNS)

    def test_sqlite(self) -> None:
        """The SQLite backend does what the model does, with restarts and a disk that fails."""
        run_state_machine_as_test(SQLiteMachine, settings=RUNS)
