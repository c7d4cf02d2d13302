"""
People and programs that do as dice decide: they talk, whisper, come, go, make rooms, read and search.

Everything they send and read goes to a L{Witness}. Each does one thing when it is told to, and waits for nothing.
It is long because there are many things to do; each is short.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.e2e.daemon import PATIENCE
from tests.e2e.people import HOST
from tests.e2e.witness import LOBBY, Letter, Object, Room, number_in

if TYPE_CHECKING:
    from tests.e2e.crowd import Crowd

PASSWORD = "correct horse battery"

PASSING = ("den", "attic", "cellar")
"""Rooms that come and go all the time, always under the same names."""

ENDINGS = (
    "",
    "",
    "",
    " and so on",
    " über alles",
    " 茶が飲みたい",
    " \N{HOT BEVERAGE}",
    " x" * 200,
    "\nand more",
)
"""What lines end with: nothing, words in several scripts, much, and a second line."""

UNANSWERED = 8
"""Requests that a program has under way before it waits."""

_LIVE = re.compile(r"(?:\[[^\]:]+\] )?<(\w+)> (.*)")
"""Talk as a person reads it when it is said; that of history begins with its time."""


class Wire:
    """A connection, and the lines that come by it. What is only half there has not been read by anybody."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.open = True
        self._rest = b""

    def sends(self, data: bytes) -> None:
        """As much of it as the other side, which may be dead, takes."""
        with suppress(OSError):
            self.socket.sendall(data)

    def receives(self) -> list[str]:
        """What has come; it waits for something, if only for the end."""
        try:
            data = self.socket.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        self.open = bool(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [line.decode() for line in lines]


class Guest:
    """
    Anybody of the crowd.

    @ivar stays: until the daemon is killed.
    @ivar acts_at: when the next thing is to be done, on the monotonic clock.
    """

    def __init__(self, crowd: Crowd, nick: str, stays: bool) -> None:
        self.crowd = crowd
        self.witness = crowd.witness
        self.dice = crowd.dice
        self.nick = nick
        self.stays = stays
        self.wire = Wire(crowd.port)
        self.acts_at = 0.0

    def acts(self) -> None:
        """Do one thing."""

    def hears(self, line: str) -> None:
        """A line has come."""

    def leaves(self) -> None:
        """Go, with a goodbye or without."""
        if self.dice.random() < 0.5:
            self.says_goodbye()
        self.wire.socket.close()
        self.wire.open = False

    def says_goodbye(self) -> None:
        """As one does."""


class Typist(Guest):
    """Somebody with nc in the lobby."""

    def __init__(self, crowd: Crowd, nick: str, stays: bool) -> None:
        super().__init__(crowd, nick, stays)
        self._heard: set[int] = set()
        self.wire.sends(f"{nick}\n".encode())

    def acts(self) -> None:
        """Talk, or whisper, or have a look at another room and come back."""
        what = self.dice.random()
        if what < 0.7:
            text = self.witness.line(LOBBY, self.nick).text
        elif what < 0.9:
            letter = self.witness.letter(self.dice.choice(self.crowd.absent))
            text = f"@{letter.to} {letter.text}"
        else:
            text = f"/{self.dice.choice(('join', 'leave'))} {self.dice.choice(PASSING)}\n/look {LOBBY}"
        self.wire.sends(f"{text}\n".encode())

    def hears(self, line: str) -> None:
        """Talk counts as read; nobody reads a line twice while it is said."""
        number = number_in(line)
        if number is None:
            return
        self.witness.saw(number)
        if _LIVE.fullmatch(line):
            if number in self._heard:
                self.witness.fault(f"{self.nick} read {line!r} twice")
            self._heard.add(number)

    def says_goodbye(self) -> None:
        """In one word."""
        self.wire.sends(b"QUIT\n")


class Program(Guest):
    """
    A program that speaks JSON lines.

    @ivar rooms: where it is, as far as it has been told.
    @ivar account: it is logged in, or about to be.
    """

    def __init__(self, crowd: Crowd, nick: str, stays: bool) -> None:
        super().__init__(crowd, nick, stays)
        self.rooms: list[str] = []
        self._ids = 0
        self._waiting: dict[int, tuple[str, Callable[[Object], None]]] = {}
        self._last: dict[str, int] = {}
        self._whispered: set[str] = set()
        token = self.witness.tokens.get(nick)
        asked = {"nick": nick} if token is None else {"token": token}
        self.account = token is not None
        self._asks("hello", self._welcomed, **asked)

    def _welcomed(self, answer: Object) -> None:
        self.rooms.append(answer["view"]["room"])

    def _asks(self, word: str, then: Callable[[Object], None], **arguments: Any) -> None:
        """@param then: called with the answer, if it is no refusal."""
        self._ids += 1
        self._waiting[self._ids] = word, then
        self.wire.sends(json.dumps({"id": self._ids, "do": word, **arguments}).encode() + b"\n")

    def hears(self, line: str) -> None:
        """An answer, or an event."""
        made = json.loads(line)
        if "event" not in made:
            word, then = self._waiting.pop(made["id"])
            if made["ok"]:
                then(made)
            else:
                self.crowd.refusals[f"{word}: {made['error']}"] += 1
        elif made["event"] == "whispered":
            if made["text"] in self._whispered:
                self.witness.fault(f"{self.nick} was whispered {made['text']} twice")
            self._whispered.add(made["text"])
            self.witness.heard(made["text"])
        else:
            self.witness.told(made)
            self._in_order(made)

    def _in_order(self, event: Object) -> None:
        """What is told of a room while one is in it comes in the order of its numbers, and once."""
        room, seq = event.get("room"), event.get("seq")
        if room is None or seq is None:
            return
        if seq <= self._last.get(room, 0):
            self.witness.fault(f"{self.nick} was told {event} after number {self._last[room]}")
        self._last[room] = seq

    def says_goodbye(self) -> None:
        """Ask for it."""
        self._asks("quit", lambda answer: None)

    # What it does.

    def acts(self) -> None:
        """One of many things, if not too much is under way."""
        if not self.rooms or len(self._waiting) >= UNANSWERED:
            return
        what = [self._talks, self._whispers, self._wanders, self._looks_around]
        weights = [60, 12, 14, 6]
        if self.account:
            what += [self._founds, self._governs, self._reads_mail]
            weights += [1, 8, 6]
        else:
            what.append(self._signs_up)
            weights.append(2)
        self.dice.choices(what, weights)[0]()

    def _talks(self) -> None:
        room = self.dice.choice(self.rooms)
        for _ in range(self.dice.choice((1, 1, 1, 2, 4, 8))):
            line = self.witness.line(room, self.nick, self.dice.choice(ENDINGS))
            self._asks("say", partial(self.witness.answered, line), room=room, text=line.text)

    def _whispers(self) -> None:
        to = self.dice.choice([*self.crowd.absent, *self.crowd.listeners()])
        letter = self.witness.letter(to)
        self._asks("whisper", partial(self._has_whispered, letter), to=to, text=letter.text)

    def _has_whispered(self, letter: Letter, answer: Object) -> None:
        if not answer["delivered"]:
            self.witness.posted.add(letter.number)
        elif letter.to in self.crowd.listeners():
            self.witness.delivered(letter)

    def _wanders(self) -> None:
        room = self.dice.choice([*PASSING, *self.crowd.meeting_places()])
        if room not in self.rooms:
            word = "create" if room in PASSING and self.dice.random() < 0.5 else "join"
            self._asks(word, partial(self._came, room), room=room)
        elif room != LOBBY:
            self._asks("leave", partial(self._went, room), room=room)

    def _came(self, room: str, answer: Object) -> None:
        if room not in self.rooms:
            self.rooms.append(room)

    def _went(self, room: str, answer: Object) -> None:
        self.rooms.remove(room)

    def _looks_around(self) -> None:
        """Reading while others write."""
        if self.dice.random() < 0.5:
            self._asks("search", lambda answer: None, words="line and", room=LOBBY)
        else:
            self._asks("history", self._read, room=LOBBY, talk=False)

    def _read(self, answer: Object) -> None:
        for event in answer["events"]:
            self.witness.told(event)

    # What only accounts do.

    def _signs_up(self) -> None:
        self.account = True
        self._asks("signup", self._signed_up, password=PASSWORD)

    def _signed_up(self, answer: Object) -> None:
        self.witness.tokens[self.nick] = answer["token"]

    def _founds(self) -> None:
        room = f"keep{len(self.witness.rooms)}"
        self.witness.rooms[room] = Room(self.nick)
        self._asks("create", partial(self._founded, room), room=room, keep=True)

    def _founded(self, room: str, answer: Object) -> None:
        self.witness.founded(room)
        self.rooms.append(room)

    def _governs(self) -> None:
        """Set the topic of a room of its own, or ban somebody."""
        own = [
            name for name in self.rooms if name in self.witness.rooms and self.witness.rooms[name].owner == self.nick
        ]
        if not own:
            return
        name = self.dice.choice(own)
        room, text = self.witness.rooms[name], f"topic {self.dice.getrandbits(64):x}"
        self.witness.touched.add(name)
        if self.dice.random() < 0.5:
            room.topics.append(text)
            self._asks("topic", lambda answer: room.has_topic(text), room=name, text=text)
        else:
            enemy = f"mallory{self.dice.randrange(100)}"
            self._asks("ban", lambda answer: room.banned.add(enemy), room=name, nick=enemy)

    def _reads_mail(self) -> None:
        self._asks("inbox", lambda answer: self.witness.fetch(answer["whispers"]))


class Listener(Program):
    """A program that asks for nothing, so that whatever it is told, it is told at once."""

    def acts(self) -> None:
        """Listen."""
