"""
What people were promised by a daemon that may be killed at any moment, and whether it keeps its word.

Everything said carries a number, so that it is known wherever it turns up. A L{Witness} is told what was sent, what
was acknowledged, and what anybody read, on any connection and over any number of restarts; and later what the daemon
has kept. What does not fit is a fault. It knows the objects of docs/protocol.rst and no sockets, processes or files.
It is long because many things are promised; each is short.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

Object: TypeAlias = dict[str, Any]
"""An event or an answer, as JSON has it."""

LOBBY = "lobby"

_LINE = re.compile(r"\bline(\d{7})\b")
_LETTER = re.compile(r"mail(\d{7})")


def number_in(text: str) -> int | None:
    """The number of the line that was said here; C{None}: it is none of ours."""
    found = _LINE.search(text)
    return None if found is None else int(found[1])


def letter_in(text: str) -> int:
    """The number of the whisper that this is."""
    found = _LETTER.fullmatch(text)
    assert found is not None, text
    return int(found[1])


def word(number: int) -> str:
    """What a line of this number is found by."""
    return f"line{number:07}"


@dataclass(frozen=True)
class Line:
    """Something said in a room."""

    number: int
    room: str
    nick: str
    text: str


@dataclass(frozen=True)
class Letter:
    """A whisper."""

    number: int
    to: str
    text: str


@dataclass
class Room:
    """
    A room that must not go.

    @ivar owner: the account that made it; C{""} for the lobby.
    @ivar certain: it was acknowledged, or seen, that it exists.
    @ivar topics: what the topic may be: the last one that was acknowledged, and those asked for since.
    @ivar banned: whose ban was acknowledged.
    @ivar through: the number up to which its history was looked through.
    """

    owner: str
    certain: bool = False
    topics: list[str] = field(default_factory=lambda: [""])
    banned: set[str] = field(default_factory=set)
    through: int = 0

    def has_topic(self, text: str) -> None:
        """It was acknowledged or seen that this is the topic."""
        del self.topics[: self.topics.index(text)]


class Promises:
    """
    Who was told what.

    @ivar faults: what is wrong, as sentences.
    @ivar rooms: those that must not go. Of all others only the numbers last.
    @ivar touched: rooms in which anything may have happened since they were last looked through.
    @ivar tokens: of accounts, by nickname: whoever was given one gets in with it.
    @ivar acknowledged: numbers of lines whose senders were told that they are kept.
    @ivar read: numbers of lines that somebody read.
    @ivar posted: numbers of whispers that were acknowledged to wait in an inbox.
    @ivar fetched: how often a whisper was read there as a new one.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.rooms = {LOBBY: Room("", certain=True)}
        self.touched = {LOBBY}
        self.tokens: dict[str, str] = {}
        self.lines: dict[int, Line] = {}
        self.letters: dict[int, Letter] = {}
        self.acknowledged: set[int] = set()
        self.read: set[int] = set()
        self.posted: set[int] = set()
        self.fetched: Counter[int] = Counter()
        self._numbers = count(1)
        self._places: dict[tuple[str, int], Object] = {}
        self._unseen: defaultdict[str, dict[int, Object]] = defaultdict(dict)
        self._unfound: defaultdict[str, set[int]] = defaultdict(set)
        self._delivered: set[int] = set()
        self._whispered: set[int] = set()

    def fault(self, sentence: str) -> None:
        """Something is wrong."""
        self.faults.append(sentence)

    # What people send.

    def line(self, room: str, nick: str, ending: str = "") -> Line:
        """Something new to say."""
        number = next(self._numbers)
        made = self.lines[number] = Line(number, room, nick, word(number) + ending)
        self.touched.add(room)
        return made

    def letter(self, to: str) -> Letter:
        """Something new to whisper."""
        number = next(self._numbers)
        made = self.letters[number] = Letter(number, to, f"mail{number:07}")
        return made

    # What they are told.

    def answered(self, line: Line, answer: Object) -> None:
        """The one who said it was told that it is kept."""
        self.acknowledged.add(line.number)
        self._unfound[line.room].add(line.number)
        event = {"event": "said", "nick": line.nick, "text": line.text}
        event.update((key, answer[key]) for key in ("room", "seq", "at"))
        self.told(event)

    def told(self, event: Object) -> None:
        """Somebody read this, live or in history."""
        if "seq" not in event:
            return
        place = event["room"], event["seq"]
        known = self._places.setdefault(place, event)
        if known is event:
            self._unseen[event["room"]][event["seq"]] = event
        elif known != event:
            self.fault(f"{place} was {known}, and is {event}")
        if event["event"] == "said" and (number := number_in(event["text"])) is not None:
            self.saw(number)
            line = self.lines[number]
            if (event["room"], event["nick"], event["text"]) != (line.room, line.nick, line.text):
                self.fault(f"{event} is not what was said: {line}")

    def saw(self, number: int) -> None:
        """Somebody read the line of this number."""
        if number not in self.read:
            self.read.add(number)
            self._unfound[self.lines[number].room].add(number)

    def delivered(self, letter: Letter) -> None:
        """It was acknowledged that somebody, who stays on line, was whispered this."""
        self._delivered.add(letter.number)

    def heard(self, text: str) -> None:
        """Somebody was whispered this."""
        self._whispered.add(letter_in(text))

    def fetch(self, mails: list[Object]) -> None:
        """Somebody read these as new in the inbox."""
        for mail in mails:
            number = letter_in(mail["text"])
            self.fetched[number] += 1
            if self.fetched[number] > 1:
                self.fault(f"{mail} was unread twice")

    def founded(self, room: str) -> None:
        """It was acknowledged that a room that stays was made."""
        self.rooms[room].certain = True
        self.touched.add(room)

    def killed(self) -> None:
        """All connections are lost and read to their end: what was delivered has been heard, or never will be."""
        for number in self._delivered - self._whispered:
            self.fault(f"{self.letters[number]} was acknowledged as delivered, and not heard")
        self._delivered.clear()


class Witness(Promises):
    """
    Who was told what, and what is there.

    @ivar untold: how many lines were kept that nobody had been told of when the daemon was killed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.untold = 0
        self._stands: dict[int, tuple[str, int]] = {}

    def look_through(self, room: str, events: list[Object]) -> list[int]:
        """
        The next events of a room's history, comings and goings too.

        @return: the numbers of the lines among them.
        """
        known, found = self.rooms[room], []
        for event in events:
            if event["seq"] != known.through + 1:
                self.fault(f"{room} goes on with {event}, where {known.through + 1} should stand")
            known.through = event["seq"]
            number = number_in(event["text"]) if event["event"] == "said" else None
            if number is not None:
                self._find(number, event)
                found.append(number)
            self.told(event)
            self._unseen[room].pop(event["seq"], None)
        return found

    def _find(self, number: int, event: Object) -> None:
        place = event["room"], event["seq"]
        if self._stands.setdefault(number, place) != place:
            self.fault(f"{event} stands at {self._stands[number]} as well")
        if number not in self.read:
            self.untold += 1
        self.saw(number)
        self._unfound[event["room"]].discard(number)

    def looked_through(self, room: str) -> None:
        """All of a room's history was looked through: whatever was promised must have been in it."""
        for event in self._unseen.pop(room, {}).values():
            self.fault(f"{event} was told, and is not in history")
        for number in self._unfound.pop(room, ()):
            self.fault(f"{self.lines[number]} was acknowledged or read, and is not in history")
        self.touched.discard(room)

    def look_again(self) -> None:
        """From now on, everything is looked through once more, from the beginning: it must be the same."""
        self.touched.update(room for room, known in self.rooms.items() if known.certain)
        for (room, seq), event in self._places.items():
            if room in self.rooms:
                self._unseen[room][seq] = event
        for number, (room, _) in self._stands.items():
            self._unfound[room].add(number)
        for known in self.rooms.values():
            known.through = 0

    def found_in_search(self, number: int, events: list[Object]) -> None:
        """All that a search for the word of a line in lasting rooms has found."""
        places = [(event["room"], event["seq"]) for event in events]
        if places != [self._stands[number]]:
            self.fault(f"{word(number)} stands at {self._stands[number]}, and was found at {places}")

    def has_mail(self, nick: str, mails: list[Object]) -> None:
        """All there is in somebody's inbox; they have just read it."""
        found = Counter(letter_in(mail["text"]) for mail in mails)
        for number, times in found.items():
            letter = self.letters[number]
            if times > 1 or letter.to != nick:
                self.fault(f"{letter} is in the inbox of {nick} {times} times")
        for number in self.posted | set(self.fetched):
            if self.letters[number].to == nick and number not in found:
                self.fault(f"{self.letters[number]} was acknowledged or read, and is not in the inbox")

    def has_room(self, name: str, view: Object, bans: list[str]) -> None:
        """
        A room that stays is there, as its owner sees it.

        @param bans: nicknames.
        """
        known = self.rooms[name]
        if known.owner and view["role"] != "owner":
            self.fault(f"{known.owner} made {name}, and does not own it")
        if view["topic"] in known.topics:
            known.has_topic(view["topic"])
        else:
            self.fault(f"the topic of {name} should be one of {known.topics}, and is {view['topic']!r}")
        if known.banned - set(bans):
            self.fault(f"{known.banned - set(bans)} were banned from {name}, and are not")
