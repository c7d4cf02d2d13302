"""
Those who live on the server during a soak: people with nc and telnet, programs, and browsers.

Each is a connection that never blocks. They do what L{tests.e2e.soak} tells them to, one thing at a time, and report
what they say and read to a L{Register}. The nickname says nothing of what they are.
"""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

from tests.e2e.attendance import Numbers, Reader, Register
from tests.e2e.daemon import PATIENCE
from tests.e2e.people import HOST

LOBBY = "lobby"
PASSWORD = "correct horse battery"

Object = dict[str, Any]

_TALK = re.compile(rb"(?:\[([^\]:]+)\] )?<\w+> soak (\d+) ")
"""Talk as it is read when it is said, with the room if it is not looked at. That of history begins with a time."""

_WHISPER = re.compile(rb"\[\w+ whispers\] soak (\d+) ")
_NUMBER = re.compile(r"soak (\d+) ")
_TELNET = re.compile(rb"\xff(?:[\xfb-\xfe].|[\xf0-\xfa])", re.DOTALL)


def number_in(text: str) -> int | None:
    """Of a line or whisper of a soak."""
    found = _NUMBER.match(text)
    return int(found[1]) if found else None


class Town(Protocol):
    """What those who live there need of the L{tests.e2e.soak.Soak} around them."""

    register: Register
    port: int
    web: int

    def delivered(self, seconds: float) -> None:
        """A line took so long from being said to being read."""

    def whisper_took(self, seconds: float) -> None: ...
    def entered(self, seconds: float) -> None:
        """Somebody chose a nickname, and it took so long until they were in."""

    def signed_up(self, nick: str) -> None: ...
    def refused(self, what: str) -> None: ...


class Resident(ABC):
    """
    @ivar stays: to the end.
    @ivar slow: does not read for a while, now and then; how long it takes them is not counted.
    @ivar settled: has come in, and is in the room it lives in.
    @ivar leaving: has asked to be let go, or hung up.
    """

    def __init__(self, town: Town, nick: str, home: str, address: str, now: float, **how: bool) -> None:
        """
        @param home: the room it lives in.
        @param address: where it comes from, in 127.0.0.0/8.
        @param how: C{stays}, C{slow}, C{witness} (it makes the room it lives in, and never talks) and C{lobby} (it
            stays there, too).
        """
        self.town = town
        self.register = town.register
        self.nick = nick
        self.home = home
        self.stays = how.get("stays", False)
        self.slow = how.get("slow", False)
        self.witness = how.get("witness", False)
        self.lobby = how.get("lobby", False)
        self.settled = False
        self.leaving = False
        self.came = now
        self.readers: dict[str, Reader] = {}
        self._rest = b""
        self.socket = socket.socket()
        if self.slow:
            # Else the system alone would hold some MiB for them, and the daemon would never see that they do not read.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        self.socket.settimeout(PATIENCE)
        self.socket.bind((address, 0))
        self.socket.connect((HOST, self.where()))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)

    def where(self) -> int:
        """The port to connect to."""
        return self.town.port

    def sends(self, data: bytes) -> None:
        """All of it, at once: it is little, and the daemon reads all the time."""
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # it is found out when reading
        if sent != len(data):
            self.register.fault(f"the daemon does not read what {self.nick} sends")

    def receives(self, now: float) -> bool:
        """What has come. False: the connection is over."""
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        if data:
            self.takes(data, now)
        return bool(data)

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def reads(self, room: str, number: int, now: float) -> None:
        """A line that was said just now."""
        if room not in self.readers:
            self.readers[room] = Reader(self.register, self.nick, room)
        self.readers[room].reads(number)
        if not self.slow:
            self.town.delivered(now - self.register.said_at(number))

    def check(self, *, to_the_end: bool = False) -> None:
        """Whether it read all it should have read."""
        for reader in self.readers.values():
            reader.check(to_the_end=to_the_end)

    @abstractmethod
    def takes(self, data: bytes, now: float) -> None:
        """These bytes came."""

    @abstractmethod
    def talks(self, text: str, now: float) -> None:
        """Say this in the room it lives in."""

    @abstractmethod
    def whispers(self, to: str, text: str, now: float) -> None:
        """To one who stays."""

    @abstractmethod
    def looks_back(self, search: bool) -> None:
        """Read in the history of the room, or search it."""

    @abstractmethod
    def says_goodbye(self) -> None:
        """Ask to be let go."""


class Typist(Resident):
    """Somebody with nc."""

    END = "\n"

    def __init__(self, town: Town, nick: str, home: str, address: str, now: float, **how: bool) -> None:
        super().__init__(town, nick, home, address, now, **how)
        self._looks_at = LOBBY
        self._left = ""
        self.types(nick)

    def types(self, *lines: str) -> None:
        """Lines, each with the return key behind it."""
        self.sends("".join(line + self.END for line in lines).encode())

    def takes(self, data: bytes, now: float) -> None:
        """See L{Resident}."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if (talk := _TALK.match(line)) is not None:
                room = talk[1].decode() if talk[1] else self._looks_at
                if room != self._left:
                    self.reads(room, int(talk[2]), now)
            elif (whisper := _WHISPER.match(line)) is not None:
                self.town.whisper_took(now - self.register.heard(self.nick, int(whisper[1])))
            elif line.startswith(b"You "):
                self._moves(line.decode().rstrip("\r"))
            elif not self.settled and b"Registration successful" in line:
                self._settles(now)
            elif line.startswith(b"! ") and not self.leaving:
                self.town.refused(line.decode())

    def _settles(self, now: float) -> None:
        self.town.entered(now - self.came)
        if self.home != LOBBY:
            self.types(f"/join {self.home}")
            if not self.lobby:
                self.types(f"/leave {LOBBY}")
        self.settled = True

    def _moves(self, line: str) -> None:
        if line.startswith("You are in "):
            self._looks_at = line[len("You are in ") : -1]
        elif line.startswith(f"You left {LOBBY}."):
            # What was said while that was answered is read behind the answer, and nothing more.
            self.readers.pop(LOBBY, None)
            self._left = LOBBY

    def talks(self, text: str, now: float) -> None:
        """See L{Resident}."""
        self.types(f"soak {self.register.says(self.nick, self.home, now)} {text}")

    def whispers(self, to: str, text: str, now: float) -> None:
        """See L{Resident}."""
        self.types(f"@{to} soak {self.register.whispers(self.nick, to, now)} {text}")

    def looks_back(self, search: bool) -> None:
        """See L{Resident}."""
        self.types("/search soak tea" if search else "/history")

    def says_goodbye(self) -> None:
        """See L{Resident}."""
        self.types("QUIT")


class Caller(Typist):
    """Somebody with telnet, which negotiates."""

    END = "\r\n"

    def __init__(self, town: Town, nick: str, home: str, address: str, now: float, **how: bool) -> None:
        super().__init__(town, nick, home, address, now, **how)
        self.sends(b"\xff\xfd\x03\xff\xfb\x18")

    def takes(self, data: bytes, now: float) -> None:
        """Text goes on without what telnet says to telnet; the daemon never cuts that in two."""
        super().takes(_TELNET.sub(b"", data), now)


class Robot(Resident):
    """A program that speaks JSON lines. It is told of every event of its rooms by number."""

    def __init__(self, town: Town, nick: str, home: str, address: str, now: float, **how: Any) -> None:
        """@param how: also C{account}: it has one, and comes in with its password."""
        self._ids = 0
        self._waiting: dict[int, Callable[[Object], None]] = {}
        self.numbers: dict[str, Numbers] = {}
        self.account = bool(how.pop("account", False))
        super().__init__(town, nick, home, address, now, **how)
        self._comes_in()

    def _comes_in(self) -> None:
        login = {"password": PASSWORD} if self.account else {}
        self.asks("hello", self._welcomed, nick=self.nick, **login)

    def asks(self, word: str, then: Callable[[Object], None] | None = None, **arguments: Any) -> None:
        """@param then: called with the answer, if it is no refusal."""
        self._ids += 1
        self._waiting[self._ids] = then or (lambda answer: None)
        self.sends(self.framed(json.dumps({"id": self._ids, "do": word, **arguments}).encode()))

    def framed(self, data: bytes) -> bytes:
        """As it goes over the wire."""
        return data + b"\n"

    def takes(self, data: bytes, now: float) -> None:
        """See L{Resident}."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"{"):
                self.hears(json.loads(line), now)

    def hears(self, made: Object, now: float) -> None:
        """An answer, or an event."""
        kind = made.get("event")
        if kind is None:
            self._is_answered(made, now)
            return
        number = number_in(made["text"]) if kind in ("said", "whispered") else None
        if kind == "whispered" and number is not None:
            self.town.whisper_took(now - self.register.heard(self.nick, number))
            return
        room = made.get("room", "")
        if number is not None and room in self.numbers:
            if self.witness and room == self.home:
                self.register.witnessed(room, number)
            self.reads(room, number, now)
        if "seq" in made and room in self.numbers:
            self.numbers[room].took(made["seq"])
        elif kind == "gap" and room in self.numbers:
            self.numbers[room].missed(made["last"])

    def _is_answered(self, answer: Object, now: float) -> None:
        then = self._waiting.pop(answer["id"])
        if answer["ok"]:
            if then == self._welcomed:
                self.town.entered(now - self.came)
            then(answer)
        elif not self.leaving:
            self.town.refused(f"{answer['error']}: {answer['sentence']}")

    def _welcomed(self, answer: Object) -> None:
        self._came(answer["view"])
        if self.witness and self.home != LOBBY:
            self.asks("create", self._at_home, room=self.home)
        elif self.home != LOBBY:
            self.asks("join", self._at_home, room=self.home)
        else:
            self._at_home(answer["view"])

    def _came(self, view: Object) -> None:
        if view["room"] not in self.numbers:
            self.numbers[view["room"]] = Numbers(self.register, self.nick, view["room"], view["last"])

    def _at_home(self, view: Object) -> None:
        self._came(view)
        self.settled = True
        if not self.lobby and self.home != LOBBY:
            self.asks("leave", lambda answer: self._is_out_of(LOBBY), room=LOBBY)

    def _is_out_of(self, room: str) -> None:
        self.numbers.pop(room).check()
        self.readers.pop(room, None)

    def check(self, *, to_the_end: bool = False) -> None:
        """See L{Resident}."""
        super().check(to_the_end=to_the_end)
        if to_the_end:
            for numbers in self.numbers.values():
                numbers.check()

    def talks(self, text: str, now: float) -> None:
        """See L{Resident}."""
        number = self.register.says(self.nick, self.home, now)

        self.asks("say", self._has_said, room=self.home, text=f"soak {number} {text}")

    def _has_said(self, answer: Object) -> None:
        self.numbers[answer["room"]].took(answer["seq"])

    def whispers(self, to: str, text: str, now: float) -> None:
        """See L{Resident}."""
        self.asks("whisper", to=to, text=f"soak {self.register.whispers(self.nick, to, now)} {text}")

    def looks_back(self, search: bool) -> None:
        """See L{Resident}."""
        if search:
            self.asks("search", words="soak tea", room=self.home)
        else:
            self.asks("history", room=self.home)

    def signs_up(self) -> None:
        """Make an account of its nickname."""
        self.account = True
        self.asks("signup", lambda answer: self.town.signed_up(self.nick), password=PASSWORD)

    def says_goodbye(self) -> None:
        """See L{Resident}."""
        self.asks("quit")


class Browser(Robot):
    """A page: the same objects over WebSocket (RFC 6455). Frames of ours are masked, and never longer than 64 KiB."""

    def _comes_in(self) -> None:
        self._open = False
        key = base64.b64encode(os.urandom(16)).decode()
        self.sends(
            f"GET /ws HTTP/1.1\r\nHost: {HOST}:{self.town.web}\r\nOrigin: http://{HOST}:{self.town.web}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )

    def where(self) -> int:
        """See L{Resident}."""
        return self.town.web

    def framed(self, data: bytes) -> bytes:
        """See L{Robot}. The mask is nothing, which is lawful."""
        size = len(data)
        head = bytes((0x81, 0x80 | size)) if size < 126 else struct.pack("!BBH", 0x81, 0x80 | 126, size)
        return head + bytes(4) + data

    def takes(self, data: bytes, now: float) -> None:
        """See L{Resident}."""
        data = self._rest + data
        if not self._open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                self.register.fault(f"{self.nick} may not come in: {head!r}")
            self._open = True
            super()._comes_in()
        while (frame := _frame(data)) is not None:
            opcode, payload, data = frame
            if opcode == 1:
                self.hears(json.loads(payload), now)
            elif opcode == 9:
                self.sends(b"\x8a\x80" + bytes(4))
        self._rest = data


def _frame(data: bytes) -> tuple[int, bytes, bytes] | None:
    """The first frame of a server: opcode, payload, and the bytes behind it; if it is whole."""
    if len(data) < 2:
        return None
    size, start = data[1] & 0x7F, 2
    if size >= 126:
        start = 4 if size == 126 else 10
        if len(data) < start:
            return None
        (size,) = struct.unpack_from("!H" if size == 126 else "!Q", data, 2)
    end = start + size
    return None if len(data) < end else (data[0] & 0x0F, data[start:end], data[end:])
