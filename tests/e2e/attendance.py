"""
Who was in which room, and whether they read all that was said there, once and in its order.

Every line and whisper of a soak carries a number. A L{Register} is told who says what, where and when; what the
witness of each room was told; and what everybody reads. What does not fit is a fault. It knows no sockets and no
clock: seconds are those of any clock that does not run backwards.
"""

from __future__ import annotations

from collections import deque

IN_TIME = 5.0
"""Seconds before somebody hangs up: what they said earlier has to arrive, and what they said later may be lost."""

MOST_FAULTS = 200
"""More are only counted."""


class Room:
    """
    A room as its witness was told of it, who is in it from the beginning to the end.

    @ivar lines: the numbers of what was said, in the order of the room.
    @ivar place: where each number stands in it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[int] = []
        self.place: dict[int, int] = {}


class Register:
    """
    @ivar faults: what is not as it should be, in sentences; at most L{MOST_FAULTS}.
    @ivar lost: lines and whispers that somebody should have read, and did not.
    @ivar doubled: those that somebody read twice.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.lost = 0
        self.doubled = 0
        self.rooms: dict[str, Room] = {}
        self._lines: list[tuple[str, str, float]] = []
        self._whispers: list[tuple[str, str, float]] = []
        self._heard: set[int] = set()
        self._uncertain: set[int] = set()
        self._uncertain_whispers: set[int] = set()

    def room(self, name: str) -> Room:
        """The room of this name."""
        if name not in self.rooms:
            self.rooms[name] = Room(name)
        return self.rooms[name]

    def fault(self, sentence: str) -> None:
        """Something is wrong."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(sentence)

    # What is said.

    def says(self, nick: str, room: str, now: float) -> int:
        """Somebody is about to say something; its number."""
        self._lines.append((nick, room, now))
        return len(self._lines) - 1

    def whispers(self, nick: str, to: str, now: float) -> int:
        """Somebody is about to whisper to one who stays; its number."""
        self._whispers.append((nick, to, now))
        return len(self._whispers) - 1

    def leaves(self, nick: str, now: float) -> None:
        """Somebody hangs up now: what they said last may never arrive."""
        for said, uncertain in ((self._lines, self._uncertain), (self._whispers, self._uncertain_whispers)):
            for number in range(len(said) - 1, -1, -1):
                if said[number][2] < now - IN_TIME:
                    break
                if said[number][0] == nick:
                    uncertain.add(number)

    def said_at(self, number: int) -> float:
        """When that was said."""
        return self._lines[number][2]

    def talker(self, number: int) -> str:
        """Who said that."""
        return self._lines[number][0]

    def room_of(self, number: int) -> str:
        """Where it was said."""
        return self._lines[number][1]

    @property
    def said(self) -> int:
        """How many lines were said."""
        return len(self._lines)

    @property
    def whispered(self) -> int:
        """How many whispers there were."""
        return len(self._whispers)

    # What is read.

    def witnessed(self, name: str, number: int) -> None:
        """The witness of a room was told this, or answered that it was said."""
        room = self.room(name)
        if number in room.place or self._lines[number][1] != name:
            self.doubled += 1
            self.fault(f"line {number} of {self._lines[number]} stands in {name} as well")
            return
        room.place[number] = len(room.lines)
        room.lines.append(number)

    def heard(self, nick: str, number: int) -> float:
        """Somebody reads a whisper; when it was whispered."""
        _, to, at = self._whispers[number]
        if number in self._heard or to != nick:
            self.doubled += 1
            self.fault(f"{nick} heard whisper {number}, which was for {to}, and was heard {number in self._heard}")
        self._heard.add(number)
        return at

    # The end.

    def all_was_said(self) -> None:
        """Whatever was said in time stands in its room, and whatever was whispered was heard."""
        for number, (nick, name, _) in enumerate(self._lines):
            if number not in self._uncertain and number not in self.room(name).place:
                self.lost += 1
                self.fault(f"line {number}, said by {nick} in {name}, was never told there")
        for number, (_, to, _) in enumerate(self._whispers):
            if number not in self._uncertain_whispers and number not in self._heard:
                self.lost += 1
                self.fault(f"whisper {number} to {to} was never heard")

    def is_kept(self, name: str, numbers: list[int]) -> None:
        """These are the lines in a room's history: those told, in the same order."""
        told = self.room(name).lines
        if numbers != told:
            missing = set(told) - set(numbers)
            self.lost += len(missing)
            self.fault(f"{name} has {len(numbers)} lines in its history and not {len(told)}; missing: {len(missing)}")


class Reader:
    """
    What one person reads in one room, from the first line they read there on.

    They may read before the witness does, so it is looked at later, in L{check}.
    """

    __slots__ = ("_next", "_nick", "_read", "_register", "_room")

    def __init__(self, register: Register, nick: str, room: str) -> None:
        self._register = register
        self._nick = nick
        self._room = register.room(room)
        self._next: int | None = None
        self._read: deque[int] = deque()

    def reads(self, number: int) -> None:
        """This, now."""
        self._read.append(number)

    def check(self, *, to_the_end: bool = False) -> None:
        """
        Compare what was read so far with what the witness was told.

        @param to_the_end: everything has come that will ever come.
        """
        while self._read and (place := self._room.place.get(self._read[0])) is not None:
            number = self._read.popleft()
            if self._next is not None and place < self._next:
                self._register.doubled += 1
                self._register.fault(f"{self._nick} read line {number} twice or late in {self._room.name}")
                continue
            self._must_be_own(self._next if self._next is not None else place, place)
            self._next = place + 1
        if to_the_end:
            for number in self._read:
                said = self._register.room_of(number)
                self._register.fault(f"{self._nick} read line {number} in {self._room.name}, and it was said in {said}")
            if self._next is not None:
                self._must_be_own(self._next, len(self._room.lines))

    def _must_be_own(self, start: int, end: int) -> None:
        """What one says oneself is not read."""
        for number in self._room.lines[start:end]:
            if self._register.talker(number) != self._nick:
                self._register.lost += 1
                self._register.fault(f"{self._nick} did not read line {number} in {self._room.name}")


class Numbers:
    """The numbers of a room's events as a program is told of them: each once, without holes."""

    __slots__ = ("_ahead", "_next", "_nick", "_register", "_room")

    def __init__(self, register: Register, nick: str, room: str, last: int) -> None:
        """@param last: the number up to which it has been told already."""
        self._register = register
        self._nick = nick
        self._room = room
        self._next = last + 1
        self._ahead: set[int] = set()

    def took(self, seq: int) -> None:
        """It was told of this event, or answered that it had said it."""
        if seq < self._next or seq in self._ahead:
            self._register.doubled += 1
            self._register.fault(f"{self._nick} was told of {seq} in {self._room} twice")
        elif seq != self._next:
            self._ahead.add(seq)
        else:
            self._next += 1
            self._go_on()

    def _go_on(self) -> None:
        while self._next in self._ahead:
            self._ahead.discard(self._next)
            self._next += 1

    def missed(self, last: int) -> None:
        """It was told that there is a gap, up to this number."""
        self._next = max(self._next, last + 1)
        self._ahead = {seq for seq in self._ahead if seq >= self._next}
        self._go_on()

    def check(self) -> None:
        """Everything has come that will ever come."""
        if self._ahead:
            self._register.lost += 1
            self._register.fault(
                f"{self._nick} was not told of {self._next} in {self._room}, and of {max(self._ahead)}"
            )
