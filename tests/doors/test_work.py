"""
No text makes more work than plain text does: every field of every command, at every door, with every hostile shape.

Fields are found, not listed: a new command, or a new parameter of one, is timed from the day it is there. What is
measured is processor time of this process, which a busy machine makes little longer; and what seems slow is measured
again, as often as it takes to see that it was not.
"""

from __future__ import annotations

import gc
import json
import struct
from collections.abc import Callable, Iterator
from functools import cache, partial

from twisted.trial.unittest import SynchronousTestCase

from chatroom.interfaces import ICommand, Parameter, ServerRole, Standing
from chatroom.limits import OFF, Limits
from chatroom.plugins.find import find
from chatroom.testing import Line, Server
from tests.attacks.clock import worked
from tests.doors.shapes import SHAPES, Shape, again, fits
from tests.doors.web import browsers

COMMANDS = {command.name: command for command in find().values()}

LIMITS = Limits(
    talk_rate=OFF, work_rate=OFF, new_per_minute=OFF, max_per_address=OFF, max_per_network=OFF, new_per_network=OFF,
    signups_per_address=OFF, reports_per_hour=OFF, login_tries=10**9, login_tries_per_address=10**9,
    login_tries_per_account=10**9,
)  # fmt: skip
"""Nobody waits for their turn, which would be measured for work."""

TIMES_PLAIN = 5.0
"""A shape may take so many times as long as plain text of as many bytes."""

LEAST = 0.0004
"""Seconds of work that are nothing, on any machine."""

TIMES_LOOKED = 8
"""It may also take so many times as long as a look at each byte."""

TRIES = 12

PLAIN = again("a")

USUAL = {
    "nick": "bob", "to": "bob", "target": "bob", "about": "bob", "name": "alice", "who": "bob", "room": "den",
    "password": "correct horse battery", "text": "hello", "words": "hello", "topic": "hello", "reason": "why",
    "duration": "10m", "seconds": "5", "level": "off", "action": "list", "session": "12345678", "token": "AAAA",
    "before": "5", "since": "1", "limit": "5", "number": "1", "count": "5", "which": "all", "word": "say",
    "old": "correct horse battery", "new": "better horse battery", "role": "member", "keep": "no", "talk": "yes",
}  # fmt: skip
"""What the other parameters of a command are given, so that the one that is timed comes to be looked at."""


def _looked_at_once(size: int) -> float:
    """
    What it costs now to look at each of so many bytes once, and to do next to nothing with it. A few times that is no
    fault of a text; and a machine that has others to serve takes longer for it, as for all else.
    """
    seen, began = dict.fromkeys("abc", 0), worked()
    for each in "abcd" * (size // 4):
        if each in seen:
            seen[each] += 1
    return worked() - began


@cache
def _text(shape: Shape, size: int) -> str:
    """Each shape is made once: some take longer to make than to be worked on."""
    return shape(size)


class Door:
    """Somebody at a door, whose messages are timed. Each door says how a message becomes bytes."""

    longest = LIMITS.line_length
    """Bytes of one message."""

    every = 1
    """Which shapes a field is given: all, or every second, and so on."""

    def __init__(self, named: bool = True) -> None:
        self.named = named
        self.begin()

    def begin(self) -> None:
        """Come in anew, to a room of one's own, where bob is as well."""
        raise NotImplementedError

    def is_there(self) -> bool:
        """Whether the last message was not the last of all."""
        raise NotImplementedError

    def send(self, data: bytes) -> None:
        """Give bytes to the server, with all that follows from them."""
        raise NotImplementedError

    def request(self, command: ICommand, field: Parameter, text: str) -> bytes | None:
        """A command with a text in one of its fields; C{None} where this door has no place for it."""
        raise NotImplementedError

    def others(self) -> dict[str, Callable[[str], bytes]]:
        """What is no command's field and is sent all the same, by name."""
        raise NotImplementedError

    def seconds(self, make: Callable[[], bytes | None]) -> float:
        """The processor time that a message takes."""
        if not self.is_there():
            self.begin()
        data = make()
        assert data is not None
        began = worked()
        self.send(data)
        return worked() - began


def _furnish(server: Server) -> None:
    """What there is to speak of: a room with somebody in it, and lines to find."""
    bob = server.guest("bob")
    bob.types("/create den", "hello", "hello again")
    bob.reads()


class Typed(Door):
    """Somebody with nc."""

    end = b"\n"

    def begin(self) -> None:
        """Alice is of the staff, so that no command is refused before it looks at anything."""
        self.server = Server(LIMITS)
        _furnish(self.server)
        self.line: Line = self.server.staff("alice", ServerRole.ADMIN) if self.named else self.server.connection()
        if self.named:
            self.send(b"/join den\n")

    def is_there(self) -> bool:
        """Still by that name, and connected."""
        conversation = getattr(self.line.protocol, "conversation", None)
        return conversation is not None and conversation.nick == ("alice" if self.named else None)

    def send(self, data: bytes) -> None:
        """And read what comes."""
        self.line.sends(data)
        self.line.receives()

    def request(self, command: ICommand, field: Parameter, text: str) -> bytes | None:
        """What stands before it is as usual."""
        if field.by_name:
            return None
        words = ["/" + command.name]
        for parameter in command.parameters:
            if parameter is field:
                break
            words.append(USUAL.get(parameter.name, "bob"))
        return self._fitting(" ".join([*words, ""]), text)

    def _fitting(self, beginning: str, text: str) -> bytes:
        line = fits(beginning + text.replace("\n", " ").replace("\r", " "), self.longest)
        return line.encode("utf-8", "replace") + self.end

    def others(self) -> dict[str, Callable[[str], bytes]]:
        """The line itself, and its signs."""
        made = {
            "a line": "",
            "a command's word": "/",
            "a whisper's name": "@",
            "a whisper": "@bob ",
            "farewell": "QUIT ",
        }
        return {name: partial(self._fitting, sign) for name, sign in made.items()}


class Telnet(Typed):
    """Somebody with telnet, who has negotiated."""

    every = 6
    end = b"\r\n"

    def begin(self) -> None:
        """The same."""
        super().begin()
        self.send(b"\xff\xfd\x01\xff\xfb\x1f")


class Requests(Door):
    """A program that speaks JSON lines."""

    every = 2
    longest = LIMITS.json_length

    def begin(self) -> None:
        """The same."""
        self.server = Server(LIMITS)
        _furnish(self.server)
        self.line: Line = self.server.program()
        if self.named:
            _make_admin(self.server)
            self.send(b'{"id":1,"do":"hello","nick":"alice","password":"correct horse battery"}\n')
            self.send(b'{"id":1,"do":"join","room":"den"}\n')
        else:
            self.send(b'{"id":1,"do":"help","word":"say"}\n')

    def is_there(self) -> bool:
        """Still by that name, and connected."""
        conversation = getattr(self.line.protocol, "conversation", None)
        return conversation is not None and conversation.nick == ("alice" if self.named else None)

    def send(self, data: bytes) -> None:
        """And read what comes."""
        self.line.sends(data)
        self.line.receives()

    def request(self, command: ICommand, field: Parameter, text: str) -> bytes | None:
        """With what else it needs, and the room, where it may be named."""
        made = {
            each.name: USUAL.get(each.name, "bob")
            for each in command.parameters
            if each is not field and (each.required or each.name == "room")
        }
        return self.framed({"id": 1, "do": command.name, **made}, field.name, text)

    def framed(self, made: dict[str, object], name: str, text: str) -> bytes:
        """The object with one field more, cut so that it fits."""
        beginning = json.dumps(made)[:-1] + f", {json.dumps(name, ensure_ascii=False)}: "
        left = self.longest - len(beginning.encode()) - 1
        value = json.dumps(text, ensure_ascii=False)
        while text and len(value.encode("utf-8", "replace")) > left:
            text = text[: max(0, int(len(text) * left / len(value.encode("utf-8", "replace"))) - 1)]
            value = json.dumps(text, ensure_ascii=False)
        return self.frame((beginning + value + "}").encode("utf-8", "replace"))

    def frame(self, data: bytes) -> bytes:
        """As the door takes it."""
        return data + b"\n"

    def others(self) -> dict[str, Callable[[str], bytes]]:
        """The parts of a request, and what is none."""
        return {
            "the word": lambda text: self.framed({"id": 1}, "do", text),
            "the id": lambda text: self.framed({"do": "whoami"}, "id", text),
            "an unknown field": lambda text: self.framed(
                {"id": 1, "do": "say", "text": "x"}, text[: len(text) // 3], ""
            ),
            "a half character": lambda text: self.frame(
                b'{"id":1,"do":"say","text":"' + b"\\ud800" * min(len(text) // 6, 2700) + b'"}'
            ),
            "not JSON": lambda text: self.frame(fits(text.replace("\n", " "), self.longest).encode("utf-8", "replace")),
            "nesting": lambda text: self.frame(b'{"id":' + b"[" * (len(text) // 2)),
            "a great number": lambda text: self.frame(b'{"id":' + b"9" * min(len(text), 16000) + b',"do":"whoami"}'),
        }


class Browser(Requests):
    """The page, over a WebSocket."""

    every = 6

    def begin(self) -> None:
        """Hands are shaken."""
        place = browsers.Place(LIMITS)
        self.server = place.server
        _furnish(self.server)
        self.wire = place.wire()
        self.wire.shakes_hands()
        if self.named:
            _make_admin(self.server)
            self.send(self.frame(b'{"id":1,"do":"hello","nick":"alice","password":"correct horse battery"}'))
            self.send(self.frame(b'{"id":1,"do":"join","room":"den"}'))

    def is_there(self) -> bool:
        """Still by that name, and connected."""
        named = any(each.nick == "alice" for each in self.server.doorkeeper.present)
        return not self.wire.is_disconnected() and named == self.named

    def send(self, data: bytes) -> None:
        """And read what comes."""
        self.wire.sends(data)
        self.wire.reads()

    def frame(self, data: bytes) -> bytes:
        """A text, masked with noughts (RFC 6455, 5.2)."""
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
        return b"\x81" + size + bytes(4) + data


def _make_admin(server: Server) -> None:
    server.staff("alice", ServerRole.ADMIN).disconnects()


class WorkTests(SynchronousTestCase):
    """What a text costs goes by its length, and by nothing else."""

    def setUp(self) -> None:
        self.turn = 0
        gc.disable()
        self.addCleanup(gc.enable)

    def assert_no_dearer(self, door: Door, what: str, make: Callable[[str], bytes | None]) -> None:
        """No shape takes much longer than plain text, or than no text, which some of them come to."""
        for name, shape in self.shapes(door):
            text = partial(make, _text(shape, door.longest))
            taken, allowed = door.seconds(text), LEAST
            for measure in TRIES * self.measures(door, make):
                if taken <= allowed:
                    break
                allowed = max(allowed, measure())
                if taken > allowed:
                    taken = min(taken, door.seconds(text))
            if taken > allowed:
                self.slow.append(f"{what}, {name}: {taken * 1000:.2f} ms, allowed are {allowed * 1000:.2f} ms")

    def measures(self, door: Door, make: Callable[[str], bytes | None]) -> list[Callable[[], float]]:
        """What a text may take, by each measure; most texts take no more than the first one allows."""
        plain, empty = partial(make, _text(PLAIN, door.longest)), partial(make, "")
        return [
            lambda: TIMES_PLAIN * door.seconds(plain),
            lambda: TIMES_PLAIN * door.seconds(empty),
            lambda: TIMES_LOOKED * _looked_at_once(door.longest),
        ]

    def shapes(self, door: Door) -> Iterator[tuple[str, Shape]]:
        """
        All of them at one door; at the others, where text comes to the very same functions, every second or sixth,
        beginning with another one for each field.
        """
        self.turn += 1
        yield from list(SHAPES.items())[self.turn % door.every :: door.every]

    def check(self, door: Callable[[bool], Door]) -> None:
        """Every field of every command, and everything else that the door takes; by staff, and by strangers."""
        self.slow: list[str] = []
        for named in (True, False):
            for command in COMMANDS.values():
                if not named and command.standing is not Standing.ANYBODY:
                    continue
                somebody = door(named)
                for field in command.parameters:
                    if somebody.request(command, field, "x") is not None:
                        self.assert_no_dearer(
                            somebody,
                            f"{command.name} {field.name}",
                            partial(somebody.request, command, field),
                        )
            somebody = door(named)
            for what, make in somebody.others().items():
                self.assert_no_dearer(somebody, what, make)
        self.assertEqual([], self.slow, "\n" + "\n".join(self.slow))

    def test_typed(self) -> None:
        """By nc, a line at a time."""
        self.check(Typed)

    def test_telnet(self) -> None:
        """By telnet."""
        self.check(Telnet)

    def test_json_lines(self) -> None:
        """By a program."""
        self.check(Requests)

    def test_websocket(self) -> None:
        """By a browser."""
        self.check(Browser)
