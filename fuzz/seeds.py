"""
What fuzzing begins with: real sessions, and the words that occur in them.

The sessions are those of the documentation (docs/transcript.txt, docs/protocol.rst), each command of the server with
arguments that make sense, and what a real server answered to them. They are made anew each time, so that they never
fall behind. The first byte of most is the dice of L{fuzz.scene}.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chatroom import wire
from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.daemon.options import Options
from chatroom.daemon.settings import written
from chatroom.events import KINDS, Event
from chatroom.interfaces import ICommand, Parameter
from chatroom.limits import each
from chatroom.testing import Server
from fuzz.scene import COMMANDS
from fuzz.targets import HANDSHAKE, PASSWORD

ROOT = Path(__file__).parent.parent

DICE = (0, 1, 3)
"""First bytes: some ways of cutting and telling it."""

PROXY_1 = b"PROXY TCP4 203.0.113.7 192.0.2.9 40000 64700\r\n"
PROXY_2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes((203, 0, 113, 7, 192, 0, 2, 9)) + b"\x9c\x40\xfc\xbc"

_SENSIBLE = {
    "nick": "bob", "name": "stranger", "to": "bob", "room": "den", "text": "hello there", "reason": "because",
    "duration": "10m", "password": PASSWORD, "old": PASSWORD, "new": "another " + PASSWORD, "limit": "5", "since": "0",
    "before": "3", "words": "hello", "action": "list", "role": "operator", "keep": "keep", "word": "join",
    "which": "all", "match": "d", "token": "AAAA", "talk": "yes", "until": "1h", "seconds": "5",
}  # fmt: skip


def seeds(target: str) -> list[bytes]:
    """What this target begins with."""
    if target in ("config", "kept"):
        return list(_MAKERS[target]())
    return [bytes((dice,)) + data for data in _MAKERS[target]() for dice in DICE]


def words(target: str) -> list[bytes]:
    """What else occurs in what this target takes: commands, keys, numbers at the edge of things."""
    common = [b"\n", b"\r\n", b"\xff\xfb\x01", b"\xff\xfd\x01", b"\xff\xfa", b"\x1b[2J", "\u202e".encode(), b"\x00"]
    if target in ("line", "member", "proxy"):
        return [*common, *(f"/{word} ".encode() for word in COMMANDS), b"@bob ", b"//", b"QUIT", b"{"]
    if target in ("json", "robot", "websocket", "client", "kept"):
        keys = {parameter.name for command in COMMANDS.values() for parameter in command.parameters}
        names = sorted({*keys, *COMMANDS, *KINDS, "id", "do", "ok", "event", "seq", "at", "view", "lines", "last"})
        values = [b"null", b"true", b"1e999", b"-1", b"[[[[", b"\\u202e", b"\\ud800", b"2026-01-01T00:00:00.000Z"]
        return [*common, *values, *(f'"{name}"'.encode() for name in names)]
    if target in ("irc", "irc-websocket"):
        return [*common, *(f"{word} ".encode() for word in IRC_WORDS.split())]
    if target == "config":
        return [b"[chatroom]", b" = ", *(field.name.replace("_", "-").encode() for field in each()), b"off"]
    return [
        *common,
        b"Transfer-Encoding: chunked",
        b"Content-Length: ",
        b"Upgrade: websocket",
        b"Origin: ",
        b"HTTP/1.1",
    ]


# Sessions.


def _typed() -> list[bytes]:
    """What each person of the transcript types, and each command with sensible arguments."""
    transcript = (ROOT / "docs" / "transcript.txt").read_text(encoding="utf-8")
    people: dict[str, list[str]] = {}
    for who, what in re.findall(r"^(\w+) *> (?!\$)(.*)$", transcript, re.MULTILINE):
        people.setdefault(who, []).append(what)
    return ["\n".join([*lines, ""]).encode() for lines in people.values()]


def _commands(commands: Sequence[ICommand]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Every command, with all of its arguments and with those it needs."""
    for command in commands:
        parameters: Sequence[Parameter] = command.parameters
        full = [(each.name, _SENSIBLE.get(each.name, "x")) for each in parameters]
        least = [(each.name, _SENSIBLE.get(each.name, "x")) for each in parameters if each.required]
        yield command.name, full
        if least != full:
            yield command.name, least


def _lines() -> Iterator[bytes]:
    yield from _typed()
    yield b"\xff\xfd\x03\xff\xfb\x18\xff\xfa\x18\x00xterm\xff\xf0stranger\r\n/signup\r\n" + PASSWORD.encode() * 2
    yield b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
    yield b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    yield b"stranger\n" + b"x" * 300 + b"\n\xc3\x28\n\x00\n"


def _member_lines() -> Iterator[bytes]:
    yield from _typed()
    every = [" ".join([f"/{word}", *(value for _, value in given)]) for word, given in _commands(_distinct())]
    for start in range(0, len(every), 6):
        yield "\n".join([*every[start : start + 6], ""]).encode()


def _distinct() -> list[ICommand]:
    return list({command.name: command for command in COMMANDS.values()}.values())


def _requests() -> list[dict[str, Any]]:
    """Those of the protocol's page, and every command."""
    page = (ROOT / "docs" / "protocol.rst").read_text(encoding="utf-8")
    return [
        *(json.loads(text) for text in re.findall(r"^    robot> (\{.*)$", page, re.MULTILINE)),
        *({"id": number, "do": word, **dict(given)} for number, (word, given) in enumerate(_commands(_distinct()))),
    ]


def _request_lines() -> Iterator[bytes]:
    made = _requests()
    for start in range(0, len(made), 6):
        yield "".join(json.dumps(each) + "\n" for each in made[start : start + 6]).encode()


def _json_lines() -> Iterator[bytes]:
    """The opening brace is the target's."""
    for lines in _request_lines():
        yield b'"do": "hello", "nick": "stranger"}\n' + lines


def _frames() -> Iterator[bytes]:
    """What a browser sends: requests, a fragmented one, pings, an empty message, a goodbye."""
    for number, lines in enumerate(_request_lines()):
        texts = [b'{"do": "hello", "nick": "stranger"}', *lines.splitlines()]
        yield b"".join(masked(0x81, text) for text in texts) + masked(0x88, b"\x03\xe8")
        if number == 0:
            yield masked(0x01, texts[0][:9]) + masked(0x89, b"ping") + masked(0x80, texts[0][9:]) + masked(0x81, b"")
            yield masked(0x82, b"bytes") + masked(0x8A, b"")


def _irc_frames() -> Iterator[bytes]:
    """The same lines, each in a message, and then several in one."""
    for lines in _irc_lines():
        yield b"".join(masked(0x81, line) for line in lines.splitlines()) + masked(0x82, lines[:60])


def masked(first: int, payload: bytes) -> bytes:
    """A client's frame (RFC 6455, 5.2), with a mask of nothing."""
    size = len(payload)
    head = bytes((first, 0x80 | size)) if size < 126 else struct.pack("!BBH", first, 0x80 | 126, size)
    return head + bytes(4) + payload


IRC_WORDS = """
CAP LS 302 REQ :batch LIST END NICK USER PASS AUTHENTICATE PLAIN PRIVMSG NOTICE TAGMSG JOIN PART TOPIC NAMES LIST KICK
INVITE MODE +b -b +o +k +i m: WHO %tcuihsnfdlaor,1 WHOIS WHOWAS MONITOR + - CHATHISTORY LATEST BEFORE AFTER AROUND
BETWEEN TARGETS msgid=lobby-1 timestamp=2026-01-01T00:00:00.000Z AWAY OPER HELP PING PONG QUIT #lobby #den bob alice
@label=x NickServ REGISTER IDENTIFY \x01ACTION \x0304
"""


def _irc_lines() -> Iterator[bytes]:
    """A client that registers and does one thing after the other, and one that logs in by SASL."""
    hello = b"CAP REQ :batch labeled-response echo-message server-time message-tags draft/chathistory\r\n"
    hello += b"NICK stranger\r\nUSER s 0 * :S\r\nCAP END\r\n"
    acts = [
        "PRIVMSG #lobby :hello",
        "@label=1 PRIVMSG bob :psst",
        "JOIN #den s3cret",
        "MODE #den +ikb-t s3cret bob!*@*",
        "TOPIC #den :tea",
        "WHO #lobby %tcuihsnfdlaor,7",
        "WHOIS bob",
        "MONITOR + bob,zoe",
        "LIST *o*,>0",
        "NAMES #lobby,#den",
        "CHATHISTORY LATEST #lobby * 50",
        "CHATHISTORY BETWEEN #lobby msgid=lobby-1 timestamp=2030-01-01T00:00:00.000Z 5",
        "KICK #lobby alice,bob :out",
        "INVITE bob #den",
        "AWAY :lunch",
        "PART #den",
        f"PRIVMSG NickServ :REGISTER {PASSWORD}",
        "HELP JOIN",
        "PRIVMSG #lobby :\x01ACTION waves\x01",
        "PRIVMSG #lobby :" + "\u00e9" * 200,
        "PING x",
        "QUIT :bye",
    ]
    for start in range(0, len(acts), 5):
        yield hello + "".join(f"{act}\r\n" for act in acts[start : start + 5]).encode()
    yield b"CAP LS 302\r\nAUTHENTICATE PLAIN\r\nAUTHENTICATE AGFsaWNlAHNlY3JldA==\r\nCAP END\r\n"


def _http() -> Iterator[bytes]:
    for path in ("/", "/chat.js", "/nothing", "/ws", "/%2e%2e/x?y=z"):
        yield f"GET {path} HTTP/1.1\r\nHost: chat.example\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    yield b"HEAD / HTTP/1.0\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    yield b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    yield HANDSHAKE + masked(0x81, b'{"do": "hello", "nick": "stranger"}')
    yield HANDSHAKE.replace(b"\r\n\r\n", b"\r\nOrigin: http://chat.example\r\n\r\n")
    yield HANDSHAKE.replace(b"\r\n\r\n", b"\r\nOrigin: https://elsewhere.example\r\n\r\n")


def _proxied() -> Iterator[bytes]:
    for header in (PROXY_1, PROXY_2, b"PROXY UNKNOWN\r\n", PROXY_1.replace(b"TCP4 203.0.113.7", b"TCP6 2001:db8::7")):
        for typed in _typed()[:2]:
            yield header + typed


def _answers() -> Iterator[bytes]:
    """What a real server sends to a client: answers to all requests, and events meanwhile."""
    server = Server(commands=COMMANDS)
    bob, vera = server.account("bob", PASSWORD), server.program()
    requests = [{"id": 1, "do": "hello", "nick": "vera"}, *_requests()]
    said = bytearray()
    for number, request in enumerate(requests):
        vera.sends(json.dumps({**request, "id": number + 1}).encode() + b"\n")
        bob.types("/join den", "hello vera", "@vera psst", "/me waves")
        server.wait(2.0)
        said += vera.receives()
        if len(said) > 2500:
            yield bytes(said)
            said.clear()
    yield bytes(said)


def _configurations() -> Iterator[bytes]:
    options = Options()
    options.parseOptions(["--port", "64700", "--port", "tcp:7000:interface=::1", "--talk-rate", "off"])
    yield written(options.settings()).encode()
    yield b"[chatroom]\n# a comment\nport =\n    64700\n    tcp:7000\nname = The Tea House\nlobby = Caf\xc3\xa9\n"


class _Recording(MemoryBackend):
    """
    A backend that remembers what it was given to keep.

    @ivar kept: that.
    """

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.kept: list[Event] = []

    async def keep(self, batch: Sequence[Event]) -> Sequence[bool]:
        """See L{chatroom.interfaces.IBackend.keep}."""
        happened = await super().keep(batch)
        self.kept += [event for event, did in zip(batch, happened, strict=True) if did]
        return happened


def _kept() -> Iterator[bytes]:
    """What happened in a real server, as the database has it."""
    backend = _Recording()
    server = Server(commands=COMMANDS, backend=backend)
    stranger, bob = server.account("stranger", PASSWORD), server.guest("bob")
    stranger.types("/create den")
    for lines in _member_lines():
        stranger.sends(lines)
        bob.types("/join den", "hello")
        server.wait(30.0)
    texts = [wire.dumps(event, public=False) for event in backend.kept]
    for start in range(0, len(texts), 8):
        yield "\n".join(texts[start : start + 8]).encode()


_MAKERS: dict[str, Any] = {
    "line": _lines,
    "json": _json_lines,
    "member": _member_lines,
    "robot": _request_lines,
    "web": _http,
    "websocket": _frames,
    "proxy": _proxied,
    "irc": _irc_lines,
    "irc-websocket": _irc_frames,
    "client": _answers,
    "config": _configurations,
    "kept": _kept,
}
