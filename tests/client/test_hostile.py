"""
A server that means no good: whatever stands in the fields of its events and answers, every client goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from chatroom.client.client import Client
from chatroom.client.config import Store
from chatroom.client.connection import ServerConnection
from chatroom.client.link import Link
from chatroom.client.pipe import Manner, Pipe
from chatroom.client.plain import Plain
from chatroom.client.screen import Screen
from chatroom.client.url import Address
from chatroom.events import KINDS

HERE = Address("server.example", nick="vera", room="attic")

NAMES = sorted(
    {
        *(name for kind in KINDS.values() for name in kind.__dataclass_fields__),
        *"ok id event error sentence lines account aliases away by_name commands delivered events gap".split(),
        *"ignored last left member more next parameters people people_total recent required rest room rooms".split(),
        *"secret token topic usage view waiting whispers wire word summary talk closed missed".split(),
    }
)
"""Every field that a client looks at."""

NASTY = [
    "", " ", "lob\nby", "lobby\x00", "\x1b[2J", "\u202e", "\ud800", "\u200b", "@vera", "@", "vera", "VERA", "lobby",
    "attic", "a" * 5000, "0" * 5000, "\u0301" * 200, "../x", "__class__", "2026-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-02-30T00:00:00Z", "\u0663", "\u0130", "\u1e9e",
    "owner", "closing", "wrong-password", "nick-taken", "nick-owned", "\r\n", "\u2028", "%s %(x)s {0}", "\ufdd0",
]  # fmt: skip

texts = st.sampled_from(NASTY) | st.text(max_size=8)
numbers = st.sampled_from([0, -1, 1, 2, 7, 2**31, 2**63, 10**400, -(10**30)]) | st.integers(-5, 300)
anything = st.recursive(
    st.none() | st.booleans() | numbers | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)


def of_type(name: str) -> st.SearchStrategy[Any]:
    """A field of the type that it has in an event, and any text or number in it."""
    kinds = {str(kind.__dataclass_fields__[name].type) for kind in KINDS.values() if name in kind.__dataclass_fields__}
    if name in ("at", "until"):
        return st.sampled_from(["2026-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z", "9999-12-31T23:59:59.999Z"])
    return {"int": numbers, "bool": st.booleans()}.get(kinds.pop() if len(kinds) == 1 else "", texts)


def fields(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Mostly of the right types, and sometimes anything."""
    return st.fixed_dictionaries({}, optional={name: of_type(name) | anything for name in names})


def event_of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """An event with all of its fields."""
    names = {name: of_type(name) | anything for name in KINDS[kind].__dataclass_fields__}
    right = {name: of_type(name) for name in KINDS[kind].__dataclass_fields__}
    return st.fixed_dictionaries({"event": st.just(kind), **right}) | st.fixed_dictionaries(
        {"event": st.just(kind), **names}
    )


events = st.sampled_from(sorted(KINDS)).flatmap(event_of)
person = fields(["nick", "role", "away", "account"])
view = st.fixed_dictionaries(
    {"room": texts, "last": numbers},
    optional={
        "people": st.lists(person | anything, max_size=3) | anything,
        "people_total": numbers | anything,
        "topic": texts | anything,
        "recent": st.lists(events | anything, max_size=3) | anything,
    },
)
answers = st.one_of(
    view,
    st.fixed_dictionaries({"nick": texts | anything, "account": st.booleans() | anything, "view": view | anything}),
    st.fixed_dictionaries({"events": st.lists(events | anything, max_size=4), "more": st.booleans(), "gap": anything}),
    st.fixed_dictionaries({"whispers": st.lists(fields(["nick", "to", "text", "at"]), max_size=3)}),
    st.fixed_dictionaries({"commands": st.lists(fields(["word", "aliases", "parameters", "usage"]), max_size=3)}),
    st.fixed_dictionaries({"rooms": st.lists(view | texts | anything, max_size=3), "room": texts, "left": texts}),
    st.fixed_dictionaries({"ignored": st.lists(texts | anything, max_size=3) | anything}),
    fields(NAMES),
)
TYPED = ["hello", "@bob psst", "/join den", "/nick x", "/look lobby", "/leave", "/history", "/inbox", "/ignore bob",
         "/who",          "/search x", "/rooms", "/help", "/away", "/signup", "/logout", "/nosuch x", "/reply hi",
         "/create y"]  # fmt: skip

welcomes = st.fixed_dictionaries(
    {"nick": st.just("vera") | texts, "account": st.booleans(), "view": st.just({"room": "lobby", "last": 3}) | view},
    optional={"token": texts, "lines": st.lists(texts, max_size=2), "waiting": numbers},
)

steps = st.one_of(
    st.tuples(st.just("event"), events),
    st.tuples(st.just("answer"), answers),
    st.tuples(st.just("refuse"), fields(["error", "sentence", "text"])),
    st.tuples(st.just("send"), anything),
    st.tuples(st.just("type"), st.sampled_from(TYPED)),
    st.tuples(st.just("press"), st.sampled_from(["page up", "meta right", "meta a", "tab", "f1", "esc", "enter"])),
    st.tuples(st.just("cut"), st.none()),
)


@implementer(IStreamClientEndpoint)
class Server:
    """Whoever connects is connected at once, and what is asked is written down."""

    protocol: Any
    transport: StringTransport

    def __init__(self) -> None:
        self.asked: list[int] = []

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        self.asked.clear()
        self.protocol = protocolFactory.buildProtocol(None)
        self.transport = StringTransport()
        self.protocol.makeConnection(self.transport)
        return succeed(self.protocol)

    def hear(self) -> None:
        """Take what was sent; the requests are to be answered in their order."""
        for line in self.transport.value().splitlines():
            self.asked.append(json.loads(line)["id"])
        self.transport.clear()


class HostileTests(SynchronousTestCase):
    """Events, answers and refusals with anything in them."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())

    def begin(self, make: Callable[[], ServerConnection], welcome: dict[str, Any]) -> None:
        """A client that has been welcomed and is in a room."""
        self.clock, self.server, self.ended = Clock(), Server(), False
        self.lost: Any = None
        self.connection = make()
        self.connection.start()
        self.clock.advance(0)
        self.answers(welcome)
        self.answers({"room": "lobby", "rooms": ["lobby"]})

    def answers(self, facts: Any) -> None:
        """The oldest request is granted."""
        self.server.hear()
        if self.server.asked:
            self.sends({**facts, "id": self.server.asked.pop(0), "ok": True})

    def sends(self, made: Any) -> None:
        """The server sends this."""
        transport = self.server.transport
        if not (self.ended or transport.disconnecting or transport.disconnected):
            self.server.protocol.dataReceived(json.dumps(made).encode() + b"\n")
        if transport.disconnecting or transport.disconnected:
            self.cut()

    def cut(self) -> None:
        """The connection is lost, and made again, unless the client waits for longer than two minutes."""
        if self.server.protocol is not self.lost:
            self.lost = self.server.protocol
            self.lost.connectionLost(Failure(ConnectionDone()))
        self.server.transport = StringTransport()
        if not self.ended:
            self.clock.advance(120)
            self.answers({"nick": "vera", "account": True})

    def step(self, what: str, made: Any, press: Callable[[str], object]) -> None:
        """One thing that happens."""
        self.server.hear()
        if what in ("event", "send"):
            self.sends(made)
        elif what == "answer":
            self.answers(made)
        elif what == "refuse" and self.server.asked:
            self.sends({**made, "id": self.server.asked.pop(0), "ok": False})
        elif what == "type":
            for key in [*made, "enter"]:
                press(key)
        elif what == "press":
            press(made)
        elif what == "cut":
            self.cut()
        self.clock.advance(0)

    def goes_on(self) -> None:
        """Nothing was logged as a mistake, and the client still speaks, or has said goodbye."""
        self.assertEqual([], self.flushLoggedErrors())

    def end(self, *arguments: Any) -> None:
        self.ended = True

    def with_display(self, display: Any) -> ServerConnection:
        """A client behind this display."""
        client = Client(HERE, display, Store(self.folder), self.clock.seconds, lambda: 1767225600.0)
        display.attach(client)
        client.connection = ServerConnection(Link("vera"), HERE, self.server, self.clock, client.heard)
        self.client = client
        return client.connection

    def test_names(self) -> None:
        """A name with a line end, a blank, half a character or thousands of letters is none, wherever it stands."""
        for name in ("lob\nby", "lob by", "lob\u2028by", "\ud800", "\u202elobby", "\x1b[2J", "a" * 5000, ""):
            screen = Screen(self.end, lambda: 0.0)
            welcome = {"nick": name, "view": {"room": name, "last": 1}}
            self.begin(partial(self.with_display, screen), welcome)
            for kind in KINDS:
                made = {"event": kind, "at": "2026-01-01T00:00:00Z", "room": name, "seq": 4, "nick": name, "who": name}
                self.sends(
                    {**made, "new": name, "to": name, "text": "hello", "reason": "", "until": None, "role": "owner"}
                )
            for _ in range(6):
                self.answers({"room": name, "left": name, "rooms": [name], "people": [{"nick": name}], "last": 9})
            for size in ((120, 30), (80, 24), (40, 15)):
                screen.render(size, True)
            self.assertEqual("vera", self.connection.link.nick)
            self.assertEqual(set(), {buffer.name for buffer in self.client.buffers} - {"?", "@?"})
            self.goes_on()

    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
    @given(welcomes, st.lists(steps, max_size=12))
    def test_on_the_screen(self, welcome: dict[str, Any], happens: list[tuple[str, Any]]) -> None:
        """The full screen draws on, wide and narrow."""
        screen = Screen(self.end, lambda: 0.0)
        self.begin(lambda: self.with_display(screen), welcome)
        for what, made in happens:
            self.step(what, made, lambda key: None if self.ended else screen.keypress((80, 24), key))
            for size in ((120, 30), (40, 15)):
                screen.render(size, True)
        self.goes_on()

    @settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
    @given(welcomes, st.lists(steps, max_size=12))
    def test_in_plain_mode(self, welcome: dict[str, Any], happens: list[tuple[str, Any]]) -> None:
        """The plain mode writes no more than lines."""
        written: list[str] = []
        plain = Plain(written.append, lambda: 80, self.end, lambda call: self.clock.callLater(0, call))
        self.begin(lambda: self.with_display(plain), welcome)
        for what, made in happens:
            self.step(what, made, lambda key: None if self.ended else plain.press(key))
        self.goes_on()
        text = "".join(written).replace("\r\x1b[K", "").replace("\a", "").replace("\b", "").replace("\n", "")
        self.assertEqual([], [c for c in text if c < " " or "\x7f" <= c <= "\x9f"])

    @settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
    @given(welcomes, st.lists(steps, max_size=12), st.booleans())
    def test_in_a_script(self, welcome: dict[str, Any], happens: list[tuple[str, Any]], as_json: bool) -> None:
        """Between pipes, each thing is one line of text or JSON."""
        out: list[str] = []
        pipe = Pipe(Manner("attic", as_json, follow=True), out.append, out.append, self.end)

        def make() -> ServerConnection:
            pipe.connection = connection = ServerConnection(Link("vera"), HERE, self.server, self.clock, pipe.heard)
            return connection

        self.begin(make, welcome)
        for what, made in happens:
            if what == "type":
                pipe.line(made)
            else:
                self.step(what, made, lambda key: None)
        self.goes_on()
        self.assertEqual([], [line for line in out if "\n" in line or "\x1b" in line])
