"""
People who talk on a cluster and connect to another node when they lose theirs: programs with JSON, over TCP and over
WebSocket, and people with nc. What they say and read goes to a L{Ledger}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from chatroom.client.framing import Framing, LineFraming, WebSocketFraming
from chatroom.client.link import LinkError
from tests.chaos.ledger import Ledger, Object, Run, Screen, letter_in, number_in
from tests.chaos.nodes import Node

PASSWORD = "correct horse battery"

PATIENCE = 12.0
"""Seconds without an answer after which somebody tries another node."""

CLOSING = 1.0
"""Seconds in which a node that hangs up has done so."""

LOBBY = "lobby"

_LIVE = re.compile(r"(?:\[[^\]:]+\] )?<(\w+)> (.*)")
"""Talk as a person reads it when it is said; that of history begins with its time."""


class Connection(Protocol):
    """
    A connection to a node, as lines.

    @ivar opened: fires when lines may be sent. @ivar at_end: called when it is closed.
    @ivar letters: the numbers of whispers that were delivered to it, as their authors read.
    """

    def __init__(self, framing: Framing, hears: Callable[[str], None]) -> None:
        self.letters: set[int] = set()
        self.opened: Deferred[None] = Deferred()
        self.is_open = False
        self.at_end: Callable[[], None] = lambda: None
        self._framing = framing
        self._hears = hears
        self._rest = b""

    def connectionMade(self) -> None:
        """Begin."""
        assert self.transport is not None
        self.is_open = True
        self.transport.write(self._framing.opening())
        self._look_whether_open()

    def _look_whether_open(self) -> None:
        if self._framing.opened and not self.opened.called:
            self.opened.callback(None)

    def dataReceived(self, data: bytes) -> None:
        """Something has come."""
        assert self.transport is not None
        try:
            lines = self._framing.unwrap(data)
        except LinkError:
            self.abort()
            return
        self.transport.write(self._framing.replies())
        self._look_whether_open()
        *whole, self._rest = (self._rest + lines).split(b"\n")
        for line in whole:
            self._hears(line.decode().rstrip("\r"))

    def sends(self, line: str) -> None:
        """One line."""
        if self.transport is not None:
            self.transport.write(self._framing.wrap(line.encode() + b"\n"))

    def abort(self) -> None:
        """Hang up without a goodbye."""
        if ITCPTransport.providedBy(self.transport):
            self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is closed."""
        self.is_open = False
        if not self.opened.called:
            self.opened.errback(ConnectionDone())
        self.at_end()


class Refusal(Exception):
    """A request was refused. @ivar code: why."""

    def __init__(self, answer: Object) -> None:
        super().__init__(f"{answer['error']}: {answer['sentence']}")
        self.code: str = answer["error"]


LOST = (ConnectError, ConnectionLost, ConnectionDone, TimeoutError)
"""What somebody meets who has to connect again."""


class Resident:
    """
    Somebody who is there until the end.

    @ivar node: where they are connected. @ivar connection: by which.
    """

    def __init__(self, reactor: Any, ledger: Ledger, nodes: Sequence[Node], dice: Random, nick: str, home: int) -> None:
        """@param home: the number of the node that they try first."""
        self.nick = nick
        self.connection: Connection | None = None
        self.node: Node | None = None
        self.note: Callable[[str], None] = lambda what: None
        self.talks = True
        self.over = False
        self.visits = 0
        self.reactor = reactor
        self.ledger = ledger
        self.dice = dice
        self._nodes = nodes
        self._next = home

    async def lives(self) -> None:
        """Connect, talk, and connect to the next node when the connection is lost."""
        while not self.over:
            self.node = self._nodes[self._next % len(self._nodes)]
            self._next += 1
            try:
                await self.visits_node()
            except LOST as lost:
                self.note(f"{self.nick} has lost {self.node.name}: {lost!r}")
            except Refusal as refused:
                self.note(f"{self.nick} is refused on {self.node.name}: {refused}")
                if refused.code not in ("nick-taken", "not-kept", "internal-error") and await self._stays():
                    self.ledger.faults.add("refused", f"{self.nick} was refused: {refused}")
            finally:
                self.hangs_up()
                self.node = None
            await self.waits(self.dice.uniform(0.1, 0.5))

    async def _stays(self) -> bool:
        """Whether the node is not about to hang up: one that does so refuses what it was asked just before."""
        await self.waits(CLOSING)
        return self.connection is not None and self.connection.is_open

    async def visits_node(self) -> None:
        """From a connection to its end. @raise ConnectionLost: that is how it ends."""

    def hangs_up(self) -> None:
        """Close the connection at once."""
        if self.connection is not None:
            self.connection.abort()
            self.connection = None

    async def waits(self, seconds: float) -> None:
        """Some seconds."""
        await deferLater(self.reactor, seconds)

    async def connects(self, framing: Framing, port: int) -> Connection:
        """@raise ConnectError: nobody is there."""
        assert self.node is not None
        made = Connection(framing, self.hears)
        endpoint = TCP4ClientEndpoint(self.reactor, self.node.wires.host, port, timeout=3)
        await connectProtocol(endpoint, made)
        self.connection = made
        made.at_end = self.loses_connection
        await made.opened.addTimeout(PATIENCE, self.reactor)
        self.visits += 1
        return made

    def hears(self, line: str) -> None:
        """A line has come."""

    def loses_connection(self) -> None:
        """The connection is closed."""

    @property
    def is_there(self) -> bool:
        """In all their rooms, and up to date."""
        return self.connection is not None and self.connection.is_open


class Typist(Resident):
    """Somebody with nc, a guest, who talks in the lobby."""

    _screen: Screen | None = None

    async def visits_node(self) -> None:
        assert self.node is not None
        self._answer: Deferred[str] = Deferred()
        self._screen = None
        connection = await self.connects(LineFraming(), self.node.port)
        connection.sends(self.nick)
        said = await self._answer.addTimeout(PATIENCE, self.reactor)
        if "taken" in said:
            await self.waits(0.5)
            return
        self._screen = self.ledger.screen(self.nick, LOBBY)
        self.note(f"{self.nick} is there on {self.node.name}")
        while connection.is_open:
            await self.waits(self.dice.uniform(0.2, 1.0))
            if self.talks and connection.is_open:
                number, text = self.ledger.line(self.nick)
                self._screen.typed.add(number)
                connection.sends(text)
            if self.over:
                return

    def hears(self, line: str) -> None:
        if not self._answer.called:
            if "Registration successful" in line or "taken" in line:
                self._answer.callback(line)
            return
        letter = letter_in(line)
        if letter is not None:
            self.ledger.whispers(self.nick, letter)
        found = _LIVE.fullmatch(line)
        number = number_in(found[2]) if found else None
        if number is not None and self._screen is not None:
            self.ledger.shown(self._screen, number)

    def loses_connection(self) -> None:
        if not self._answer.called:
            self._answer.errback(ConnectionDone())

    @property
    def is_there(self) -> bool:
        return self._screen is not None and super().is_there


class Program(Resident):
    """
    A program that speaks JSON. With an account it resumes its session on the next node.

    @ivar runs: what it has read of each room, over all its connections.
    """

    def __init__(self, *place: Any, account: bool, web: bool, rooms: Sequence[str] = ()) -> None:
        """@param web: over WebSocket. @param rooms: which it joins besides the lobby."""
        super().__init__(*place)
        self.runs: dict[str, Run] = {}
        self.has_account = account
        self._web = web
        self._rooms = rooms
        self._token = ""
        self._id = 0
        self._asked: dict[int, Deferred[Object]] = {}
        self._held: dict[str, list[Object] | None] = {}
        self._greeted = False
        self.pause = 0.6
        self.slowest = 0.0

    async def visits_node(self) -> None:
        assert self.node is not None
        self._held = {}
        self._greeted = False
        if self._web:
            host = f"{self.node.wires.host}:{self.node.web}"
            await self.connects(WebSocketFraming(host, "/ws"), self.node.web)
        else:
            await self.connects(LineFraming(), self.node.port)
        self._held[LOBBY] = []
        view = (await self._introduces_itself())["view"]
        if view is None:
            self.ledger.faults.add("outside", f"{self.nick} is in no room on {self.node.name}")
            view = await self.asks("join", room=LOBBY)
        await self._catches_up(LOBBY, view["last"])
        for room in self._rooms:
            self._held[room] = []
            view = await self.asks("join", room=room)
            await self._catches_up(room, view["last"])
        self._greeted = True
        self.note(f"{self.nick} is there on {self.node.name}")
        while not self.over:
            await self.waits(self.dice.uniform(0.5, 1.5) * self.pause)
            if self.talks:
                await self.says()
            elif self.connection is None or not self.connection.is_open:
                raise ConnectionDone

    async def _introduces_itself(self) -> Object:
        if self._token:
            return await self.asks("hello", token=self._token)
        try:
            answer = await self.asks("hello", nick=self.nick)
        except Refusal as refused:
            if refused.code == "nick-taken":
                await self.waits(0.5)
            if refused.code != "nick-owned":
                raise
            answer = await self.asks("hello", nick=self.nick, password=PASSWORD, keep=True)
        else:
            if self.has_account:
                answer = await self.asks("signup", password=PASSWORD, keep=True)
        self._token = answer["token"] or ""
        return answer

    async def says(self) -> None:
        """One line in one of its rooms; the answer counts."""
        run = self.runs[self.dice.choice((LOBBY, *self._rooms))]
        number, text = self.ledger.line(self.nick)
        run.said.add(number)
        began = self.reactor.seconds()
        try:
            answer = await self.asks("say", room=run.room, text=text, nonce=text)
        except Refusal as refused:
            if refused.code != "not-kept":
                raise
        else:
            self.slowest = max(self.slowest, self.reactor.seconds() - began)
            self.ledger.answered(run, number, answer)

    async def _catches_up(self, room: str, last: int) -> None:
        """Read what was missed, then what came meanwhile."""
        run = self.runs.get(room)
        if run is None:
            run = self.runs[room] = self.ledger.run(self.nick, room, last)
        more = run.last < last
        while more:
            page = await self.asks("history", room=room, since=run.last, talk=False)
            for event in page["events"]:
                self.ledger.heard(run, event)
            more = page["more"]
        held, self._held[room] = self._held[room], None
        for event in held or ():
            if event["seq"] > run.last:
                self.ledger.heard(run, event)

    async def asks(self, word: str, **arguments: Any) -> Object:
        """@return: the answer. @raise Refusal: it is refused. @raise ConnectionDone: the connection is lost."""
        connection = self.connection
        if connection is None or not connection.is_open:
            raise ConnectionDone
        self._id += 1
        number, answered = self._id, Deferred[Object]()
        self._asked[number] = answered
        connection.sends(json.dumps({"id": number, "do": word, **arguments}))
        try:
            answer = await answered.addTimeout(PATIENCE, self.reactor)
        finally:
            self._asked.pop(number, None)
        if not answer["ok"]:
            raise Refusal(answer)
        return answer

    def hears(self, line: str) -> None:
        if not line.startswith("{"):
            return
        made = json.loads(line)
        if "ok" in made:
            waiting = self._asked.pop(made["id"], None)
            if waiting is not None and not waiting.called:
                waiting.callback(made)
        elif made["event"] == "whispered" and (letter := letter_in(made["text"])) is not None:
            self.ledger.whispers(made["to"], letter)
        elif "seq" in made and made.get("room") in self._held:
            held = self._held[made["room"]]
            if held is None:
                self.ledger.heard(self.runs[made["room"]], made)
            else:
                held.append(made)

    def loses_connection(self) -> None:
        asked, self._asked = self._asked, {}
        for waiting in asked.values():
            if not waiting.called:
                waiting.errback(ConnectionDone())

    @property
    def is_there(self) -> bool:
        return self._greeted and super().is_there
