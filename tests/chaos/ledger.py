"""
What people on a cluster were promised and what they read, and whether all of it is true in the end.

Each line that is said carries a number, so that it is known where it turns up. It knows the events of
docs/protocol.rst, and no socket, process or clock.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

Object: TypeAlias = dict[str, Any]
"""An event or an answer, as JSON has it."""

Place: TypeAlias = tuple[str, int]
"""A room, and a number in it."""

_LINE = re.compile(r"\bline(\d{7})\b")
_LETTER = re.compile(r"\bmail(\d{7})\b")

KINDS = ("lost", "doubled", "reordered", "holes", "ghosts")
"""What may be wrong. A ghost is a person who is listed and not there, or whose goodbye is missing or said twice."""


def number_in(text: str) -> int | None:
    """The number of the line that was said here; C{None}: it is none of ours."""
    found = _LINE.search(text)
    return None if found is None else int(found[1])


def letter_in(text: str) -> int | None:
    """The number of the whisper that this is; C{None}: it is none of ours."""
    found = _LETTER.search(text)
    return None if found is None else int(found[1])


class Faults:
    """What is wrong, as sentences by their kind. @ivar at_fault: called with each."""

    def __init__(self) -> None:
        self.at_fault: Callable[[str], None] = lambda sentence: None
        self.found: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.others: list[str] = []

    def add(self, kind: str, sentence: str) -> None:
        """@param kind: of L{KINDS}, or anything else that must not be."""
        self.at_fault(f"FAULT {kind}: {sentence}")
        self.found.get(kind, self.others).append(sentence if kind in self.found else f"{kind}: {sentence}")

    def sentences(self) -> list[str]:
        """All of them."""
        return [*(f"{kind}: {each}" for kind, found in self.found.items() for each in found), *self.others]

    def summary(self) -> str:
        """Their numbers, and nothing of what else is wrong."""
        return ", ".join(f"{kind} {len(found)}" for kind, found in self.found.items())


@dataclass
class Run:
    """
    What one person has read of one room, without a gap, as they believe: over all their connections if they catch up.

    @ivar start: the number behind which it begins. @ivar events: the numbers of events, as they came.
    @ivar answers: the numbers that answers gave. @ivar said: lines that this person sent into the room.
    """

    who: str
    room: str
    start: int
    events: list[int] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    said: set[int] = field(default_factory=set)

    @property
    def last(self) -> int:
        """The highest number of an event or answer."""
        return max([self.start, *self.events[-1:], *self.answers[-1:]])


@dataclass
class Screen:
    """The numbers of lines that one terminal showed, one below the other, and of those typed there."""

    who: str
    room: str
    shown: list[int] = field(default_factory=list)
    typed: set[int] = field(default_factory=set)


class Ledger:
    """
    All that was promised.

    @ivar lines: who said the line of a number. @ivar acknowledged: where its author was told that it stands.
    @ivar answers: when each answer came. @ivar goodbyes: of each person that left, who and when that was first read.
    @ivar letters: to whom the whisper of a number went. @ivar posted: those that wait in an inbox.
    @ivar whispered: those that were heard.
    """

    def __init__(self, rooms: Iterable[str], now: Callable[[], float] = lambda: 0.0) -> None:
        """@param rooms: those that stay until the end. @param now: seconds."""
        self.faults = Faults()
        self.rooms = tuple(rooms)
        self.lines: dict[int, str] = {}
        self.acknowledged: dict[int, Place] = {}
        self.read: set[int] = set()
        self.runs: list[Run] = []
        self.screens: list[Screen] = []
        self.answers: list[float] = []
        self.goodbyes: list[tuple[float, str]] = []
        self.letters: dict[int, str] = {}
        self.posted: set[int] = set()
        self.whispered: set[int] = set()
        self._now = now
        self._places: dict[Place, Object] = {}
        self._numbers = count(1)

    # What people do and read.

    def line(self, who: str) -> tuple[int, str]:
        """Something new to say."""
        number = next(self._numbers)
        self.lines[number] = who
        return number, f"line{number:07}"

    def run(self, who: str, room: str, start: int) -> Run:
        """Somebody begins to read a room."""
        made = Run(who, room, start)
        self.runs.append(made)
        return made

    def screen(self, who: str, room: str) -> Screen:
        """Somebody with a terminal is in a room."""
        made = Screen(who, room)
        self.screens.append(made)
        return made

    def answered(self, run: Run, number: int, answer: Object) -> None:
        """The author of a line was told that it is kept."""
        place = run.room, int(answer["seq"])
        self.answers.append(self._now())
        self.acknowledged[number] = place
        run.answers.append(place[1])
        self._told({"event": "said", "room": run.room, "seq": place[1], "nick": run.who, "text": f"line{number:07}"})

    def heard(self, run: Run, event: Object) -> None:
        """Somebody has read an event of a room, as it happened or later."""
        seq = int(event["seq"])
        if run.events and seq <= run.events[-1]:
            kind = "doubled" if seq in run.events else "reordered"
            self.faults.add(kind, f"{run.who} read {_short(event)} after number {run.events[-1]} of {run.room}")
        run.events.append(seq)
        self._told(event)

    def _told(self, event: Object) -> None:
        place = event["room"], event["seq"]
        known = self._places.setdefault(place, event)
        if known is event and event["event"] == "left":
            self.goodbyes.append((self._now(), event["nick"]))
        if _short(known) != _short(event):
            self.faults.add("reordered", f"{place} was {_short(known)}, and is {_short(event)}")
        if event["event"] == "said" and (number := number_in(event["text"])) is not None:
            self.read.add(number)

    def shown(self, screen: Screen, number: int) -> None:
        """A terminal shows a line."""
        if number in screen.shown:
            self.faults.add("doubled", f"the terminal of {screen.who} shows line {number} twice")
        screen.shown.append(number)
        self.read.add(number)

    def letter(self, to: str) -> tuple[int, str]:
        """Something new to whisper."""
        number = next(self._numbers)
        self.letters[number] = to
        return number, f"mail{number:07}"

    def whispers(self, who: str, number: int) -> None:
        """Somebody was whispered this, or found it in the inbox."""
        if number in self.whispered:
            self.faults.add("doubled", f"{who} was whispered number {number} twice")
        if who != self.letters[number]:
            self.faults.add("wrong person", f"{who} was whispered number {number}, for {self.letters[number]}")
        self.whispered.add(number)

    # Whether it is true.

    def judge(self, histories: Mapping[str, Sequence[Object]]) -> None:
        """@param histories: of each room that stays, all that it has kept."""
        at: dict[int, list[Place]] = defaultdict(list)
        for room in self.rooms:
            for place, event in enumerate(histories[room], 1):
                if event["seq"] != place:
                    self.faults.add("holes", f"the history of {room} has {_short(event)} where {place} should stand")
                    break
            for event in histories[room]:
                number = number_in(event["text"]) if event["event"] == "said" else None
                if number is not None:
                    at[number].append((room, event["seq"]))
        self._judge_lines(at)
        self._judge_places({(room, event["seq"]): event for room, found in histories.items() for event in found})
        for screen in self.screens:
            self._judge_screen(screen, at)
        for room in self.rooms:
            self._judge_goodbyes(room, histories[room])

    def _judge_lines(self, at: Mapping[int, Sequence[Place]]) -> None:
        for number, places in at.items():
            if len(places) > 1:
                self.faults.add("doubled", f"line {number} of {self.lines[number]} stands at {places}")
        for number, place in self.acknowledged.items():
            if place[0] in self.rooms and place not in at.get(number, ()):
                self.faults.add("lost", f"line {number} of {self.lines[number]} was acknowledged as {place}")

    def _judge_places(self, kept: Mapping[Place, Object]) -> None:
        for place, event in self._places.items():
            if place[0] not in self.rooms:
                continue
            if place not in kept:
                self.faults.add("lost", f"{_short(event)} was read as {place}")
            elif _short(kept[place]) != _short(event):
                self.faults.add("reordered", f"{place} was {_short(event)}, and is {_short(kept[place])}")
        for run in self.runs:
            self._judge_run(run, kept)

    def _judge_run(self, run: Run, kept: Mapping[Place, Object]) -> None:
        numbers = {*run.events, *run.answers}
        for seq in range(run.start + 1, max(numbers, default=run.start) + 1):
            if seq in numbers or run.room not in self.rooms:
                continue
            event = kept.get((run.room, seq), {})
            own = event.get("event") == "said" and number_in(event["text"]) in run.said
            if not own:  # the answer for an own line may have been lost with the connection
                self.faults.add("holes", f"{run.who} did not read {_short(event)}, number {seq} of {run.room}")

    def _judge_screen(self, screen: Screen, at: Mapping[int, Sequence[Place]]) -> None:
        places = [(at[number][0][1], number) for number in screen.shown if number in at]
        for number in screen.shown:
            if number not in at:
                self.faults.add("lost", f"line {number} was read by {screen.who}")
        if places != sorted(places):
            self.faults.add("reordered", f"the terminal of {screen.who} shows {screen.shown}")
        if not places:
            return
        first, last = min(places)[0], max(places)[0]
        for number, found in at.items():
            room, seq = found[0]
            unseen = number not in screen.shown and number not in screen.typed
            unseen = number not in screen.shown and number not in screen.typed
            if room == screen.room and first < seq < last and unseen:
                self.faults.add("holes", f"the terminal of {screen.who} does not show line {number}")

    def _judge_goodbyes(self, room: str, history: Sequence[Object]) -> None:
        """Each person joins once before they leave once."""
        present: Counter[str] = Counter()
        for event in history:
            if event["event"] == "joined":
                present[event["nick"]] += 1
                if present[event["nick"]] > 1:
                    self.faults.add("ghosts", f"{event['nick']} joined {room} twice: {event['seq']}")
            elif event["event"] in ("left", "kicked"):
                gone = event["who"] if event["event"] == "kicked" else event["nick"]
                present[gone] -= 1
                if present[gone] < 0:
                    self.faults.add("ghosts", f"{gone} left {room} twice: {event['seq']}")
            elif event["event"] == "renamed":
                present[event["new"]] += present.pop(event["nick"], 0)

    def judge_people(self, where: str, listed: Iterable[str], there: Iterable[str]) -> None:
        """
        @param where: a room on a node, or a table. @param listed: who is there, as it says. @param there: who is.
        """
        known, true = Counter(listed), Counter(there)
        for nick in known - true:
            self.faults.add("ghosts", f"{where} has {nick}, who is gone")
        for nick in true - known:
            self.faults.add("ghosts", f"{where} does not have {nick}")


def _short(event: Mapping[str, Any]) -> str:
    """What an event says, without what answers leave out."""
    words = (str(event[key]) for key in ("event", "nick", "who", "new", "text") if event.get(key))
    return " ".join(words) or "nothing"
