"""
What somebody outside can send, one target for each way: a function that takes bytes, and raises where something is not
as it has to be.

No target knows atheris. Each is deterministic: the same bytes, the same story.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.python.usage import UsageError

from chatroom import wire
from chatroom.backends.ledger import Ledger
from chatroom.daemon.options import Options
from chatroom.daemon.settings import written
from chatroom.doors.json.json_speaker import JsonSpeaker
from chatroom.doors.line.connection import LineConnection
from chatroom.doors.line.factory import LineFactory
from chatroom.doors.line.text import LF
from chatroom.doors.proxied import ProxiedFactory
from chatroom.doors.web.site import WebFactory
from chatroom.events import Event
from fuzz.hostile_server import Victim
from fuzz.invariants import Finding, lines_of, messages_of, nothing_is_logged, objects_of
from fuzz.scene import LIMITS, STRANGER, Scene, Stranger, now_and_then, pieces, story

PASSWORD = "correct horse battery"

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: chat.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
"""The first half of the example of RFC 6455, 1.2."""


# The line door.


def _connection(scene: Scene) -> LineConnection:
    made = LineConnection()
    made.factory = scene.server.factory
    return made


def _buffer_is_bounded(stranger: Stranger) -> None:
    held = len(stranger.protocol._buffer)
    if held > LIMITS.json_length + 1:
        raise Finding(f"{held} bytes of one line are held")


def _line_stranger(scene: Scene) -> Stranger:
    return Stranger(scene, _connection(scene), _buffer_is_bounded)


def line(data: bytes) -> None:
    """Anything, to the line door: nc, telnet, programs, browsers and TLS clients that are in the wrong place."""
    scene = Scene()

    def play() -> None:
        stranger = _line_stranger(scene)
        stranger.plays(data)
        if not data[1:].startswith(b"{"):
            lines_of(stranger.received(), telnet=True)

    story(scene, play)


def json_lines(data: bytes) -> None:
    """A program's lines, from the first one on: whatever it sends, it is answered in JSON."""
    scene = Scene()

    def play() -> None:
        stranger = _line_stranger(scene)
        stranger.sends(b"{")
        stranger.plays(data)
        objects_of(lines_of(stranger.received()))

    story(scene, play)


def _member(scene: Scene) -> Stranger:
    """Somebody with an account, who owns a room with bob in it."""
    stranger = _line_stranger(scene)
    stranger.sends(f"stranger\n/signup {PASSWORD}\n/create den\n".encode())
    scene.bob.asks("join", room="den")
    stranger.wire.clear()  # type: ignore[no-untyped-call]
    return stranger


def member(data: bytes) -> None:
    """What somebody types who is in already: every command there is, with any arguments."""
    scene = Scene()

    def play() -> None:
        stranger = _member(scene)
        stranger.plays(data)
        lines_of(stranger.received(), telnet=True)

    story(scene, play)


def robot(data: bytes) -> None:
    """The same from a program: every request, with any arguments of any type."""
    scene = Scene()

    def play() -> None:
        stranger = _line_stranger(scene)
        first = [
            {"do": "hello", "nick": "stranger"},
            {"do": "signup", "password": PASSWORD},
            {"do": "create", "room": "den"},
        ]
        stranger.sends("".join(json.dumps(each) + "\n" for each in first).encode())
        scene.bob.asks("join", room="den")
        conversation = stranger.protocol.conversation
        if conversation is None or not isinstance(conversation.speaker, JsonSpeaker):
            raise Finding("the program is not taken for one")
        stranger.plays(data)
        objects_of(lines_of(stranger.received()))

    story(scene, play)


def proxy(data: bytes) -> None:
    """A PROXY header, of either version, and what comes behind it."""
    scene = Scene()

    def play() -> None:
        factory = ProxiedFactory(scene.server.factory, scene.server.clock)
        stranger = Stranger(scene, factory.buildProtocol(IPv4Address("TCP", STRANGER, 1)))
        stranger.plays(data)

    story(scene, play)


def irc(data: bytes) -> None:
    """An IRC client's lines, from the first one on, at a port for IRC: whatever it sends, it reads lines of IRC."""
    scene = Scene()

    def play() -> None:
        connection = LineConnection()
        connection.factory = LineFactory(scene.server.doorkeeper, irc=scene.server.irc, only_irc=True)
        stranger = Stranger(scene, connection)
        stranger.plays(data)
        messages_of(stranger.received())

    story(scene, play)


# The web door.


def _web_stranger(scene: Scene, irc: bool = False) -> tuple[WebFactory, Stranger]:
    factory = WebFactory(scene.server.doorkeeper, irc=scene.server.irc if irc else None)
    factory.doStart()  # type: ignore[no-untyped-call]
    return factory, Stranger(scene, factory.buildProtocol(IPv4Address("TCP", STRANGER, 1)))


def web(data: bytes) -> None:
    """HTTP, from the first byte on."""
    scene = Scene()

    def play() -> None:
        factory, stranger = _web_stranger(scene)
        stranger.plays(data)
        came = stranger.received()
        if came and not came.startswith(b"HTTP/1."):
            raise Finding(f"no answer of HTTP: {came[:200]!r}")
        factory.doStop()  # type: ignore[no-untyped-call]

    story(scene, play)


def websocket(data: bytes) -> None:
    """Frames, after a handshake."""
    scene = Scene()

    def play() -> None:
        factory, stranger = _web_stranger(scene)
        stranger.sends(HANDSHAKE)
        head = stranger.received().partition(b"\r\n\r\n")[0]
        if not head.startswith(b"HTTP/1.1 101 "):
            raise Finding(f"no handshake: {head!r}")
        stranger.plays(data)
        objects_of([text for text in texts_of(stranger.received()[len(head) + 4 :]) if text])
        factory.doStop()  # type: ignore[no-untyped-call]

    story(scene, play)


def irc_websocket(data: bytes) -> None:
    """Frames of an IRC client, after a handshake that agrees on IRC: each message that it reads is a line of IRC."""
    scene = Scene()

    def play() -> None:
        factory, stranger = _web_stranger(scene, irc=True)
        stranger.sends(HANDSHAKE.removesuffix(b"\r\n") + b"Sec-WebSocket-Protocol: text.ircv3.net\r\n\r\n")
        head = stranger.received().partition(b"\r\n\r\n")[0]
        if b"\r\nSec-WebSocket-Protocol: text.ircv3.net" not in head:
            raise Finding(f"no handshake: {head!r}")
        stranger.plays(data)
        messages_of(b"".join(text + b"\r\n" for text in messages_in(stranger.received()[len(head) + 4 :])))
        factory.doStop()  # type: ignore[no-untyped-call]

    story(scene, play)


def texts_of(data: bytes) -> list[str]:
    """
    The lines in the text messages among a server's frames.

    @raise Finding: these are no such frames, or no such lines.
    """
    return [line for payload in messages_in(data) for line in lines_of(payload + b"\n")]


def messages_in(data: bytes) -> list[bytes]:
    """
    The text messages among a server's frames (RFC 6455, 5.2). The last frame may be cut off.

    @raise Finding: these are not such frames.
    """
    texts = []
    at = 0
    while at + 2 <= len(data):
        first, size, start = data[at], data[at + 1], at + 2
        if size in (126, 127):
            length = 2 if size == 126 else 8
            size, start = int.from_bytes(data[start : start + length], "big"), start + length
        if first not in (0x81, 0x88, 0x89, 0x8A):
            raise Finding(f"no frame of ours: {data[at : at + 20]!r}")
        payload = data[start : start + size]
        if first == 0x81 and len(payload) == size:
            texts.append(payload)
        at = start + size
    return texts


# The client.


def client(data: bytes) -> None:
    """What a hostile server sends to the terminal client, in its plain mode."""
    with nothing_is_logged(), tempfile.TemporaryDirectory() as folder:
        victim = Victim(Path(folder))
        dice = Random(data[0] if data else 0)
        cut = pieces(data[1:], dice)
        for piece in cut:
            victim.receives(piece)
            if dice.random() < now_and_then(cut):
                victim.types(dice.choice(("/join den", "hello", "/who", "/look lobby", "@bob psst")))
                victim.waits(dice.choice((0.0, 0.1, 60.0)))
        victim.ends()


# What is read from files.


def config(data: bytes) -> None:
    """A file of settings: taken or refused in a sentence; and what was taken is read again as it was."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chatroom.ini"
        path.write_bytes(data)
        options = Options()
        try:
            options.parseOptions(["--config", str(path)])
        except UsageError as error:
            lines = str(error).splitlines()
            if not lines or str(error)[-1] not in ".?!":
                raise Finding(f"no sentence: {error}") from None
            return
        settings = options.settings()
        path.write_text(written(settings), encoding="utf-8")
        again = Options()
        again.parseOptions(["--config", str(path)])
        if again.settings() != settings:
            raise Finding(f"{settings} was written, and read as {again.settings()}")


def kept(data: bytes) -> None:
    """
    Events as other nodes and the database hand them over, a line of JSON each: understood or refused, the same when
    written again, harmless when shown, numbered without holes, and all taken back where they cannot be kept.
    """
    events: list[Event] = []
    for text in data.split(b"\n"):
        try:
            event = wire.loads(text)
        except ValueError:
            continue
        if wire.loads(wire.dumps(event, public=False)) != event:
            raise Finding(f"not the same when it is read again: {event}")
        lines_of(b"".join(LF.form(here=False).render([event])))
        events.append(event)
    ledger = Ledger()
    half = len(events) // 2
    ledger.draft(events[:half])
    before = _state(ledger)
    ledger.draft(events[half:]).take_back()
    if _state(ledger) != before:
        raise Finding(f"not taken back: {before} has become {_state(ledger)}")
    lasts = {name: room.last for name, room in ledger.rooms.items()}
    for room, event in ledger.draft(events[half:]).recorded:
        if event.seq != lasts.get(room.name, 0) + 1:
            raise Finding(f"{event} does not follow {lasts.get(room.name, 0)}")
        lasts[room.name] = event.seq


def _state(ledger: Ledger) -> Any:
    """What holds, by room."""
    return {
        name: (room.id, room.last, {slot: wire.dumps(event) for slot, event in room.slots.items()})
        for name, room in ledger.rooms.items()
    }


TARGETS: dict[str, Callable[[bytes], None]] = {
    "line": line,
    "json": json_lines,
    "member": member,
    "robot": robot,
    "web": web,
    "websocket": websocket,
    "proxy": proxy,
    "irc": irc,
    "irc-websocket": irc_websocket,
    "client": client,
    "config": config,
    "kept": kept,
}
"""By name."""
