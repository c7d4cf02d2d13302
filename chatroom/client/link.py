"""
The client's half of the protocol, without input or output: bytes in, reports out; requests in, bytes out.

    >>> link = Link("bot")
    >>> link.connected()
    >>> link.data_to_send()
    b'{"id":1,"do":"hello","nick":"bot"}\\n'
    >>> link.receive(b'{"id":1,"ok":true,"wire":1,"nick":"bot","account":false,"view":null}\\n')
    [Welcomed(nick='bot', account=False, token='', waiting=0, again=False, version=1, lines=())]

The code that moves the bytes (on Twisted, L{chatroom.client.connection}) calls L{Link.connected} on each new
connection, L{Link.receive} with what comes and L{Link.lost} at the end, and sends L{Link.data_to_send} after each. One
link outlives many connections: it says hello with the session's token, goes back into its rooms, fetches by number what
was said meanwhile, and reports every event once.

It has no clock and knows nothing of terminals. What a server sends is not trusted: wrong types are taken for missing
ones, and what is no JSON at all ends in a L{LinkError}. docs/protocol.rst is the protocol's reference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatroom import wire
from chatroom.client.facts import Facts, to_event
from chatroom.client.reports import (
    Answered,
    Heard,
    Report,
    Request,
    RequestDeclined,
    Unanswered,
    Unknown,
    Value,
    Welcomed,
)
from chatroom.client.rooms import TALK, ClientRoom, ClientRooms
from chatroom.events import AutoSaid, Event, Noticed, Renamed, RoomEvent

LONGEST = 8 * 1024 * 1024
"""Bytes in one line from the server; a page of history is the longest lawful one, and far below."""

GREETING = 2000
"""Characters of text for people that are remembered while no JSON has come."""

CATCH_UP = 2000
"""Events of one room that are caught up with in all; if there were more, the older ones are a gap, said aloud."""

_LOGINS = frozenset({"hello", "login", "signup"})
"""Words that begin a session, where they have a password."""

_IDENTITY = frozenset({"hello", "login", "resume", "signup"})


class LinkError(Exception):
    """
    The other side does not speak this protocol. The connection should be closed.

    @ivar reports: what it had told before, in the same piece.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.reports: list[Report] = []


class NotConnected(Exception):
    """There is no connection at the moment to ask anything through."""


@dataclass(frozen=True)
class _Pending:
    """A request under way, the room that it is about, and the last number heard there when it was made."""

    request: Request
    room: ClientRoom | None
    heard: int


class Link:
    """
    @ivar account: whether we are logged in.
    @ivar token: what resumes the session, or C{""}.
    @ivar room: the room looked at, or C{""}: where requests go that name none.
    @ivar welcomed: we have a nickname on this connection.
    @ivar limits: numbers of the server that a program goes by, by the names in docs/protocol.rst.
    @ivar greeting: what came before the first JSON, for people: why we were sent away, perhaps.
    """

    def __init__(
        self,
        nick: str = "",
        password: str = "",
        token: str = "",
        *,
        catch_up: int = CATCH_UP,
        seen: Mapping[str, int] | None = None,
        nonce: Callable[[], str] | None = None,
    ) -> None:
        """
        @param seen: what L{seen} was, the last time that this program ran.
        @param nonce: makes an id for each message, so that it is known again after a lost connection; where the server
            does not know such ids, and without this, it is known by its text.
        """
        self._reports: list[Report] = []
        self._rooms = ClientRooms(self._ask_myself, self._tell, catch_up)
        self.nick = nick
        self.token = token
        self.account = False
        self.room = ""
        self.welcomed = False
        self.greeting = ""
        self._password = password
        self._pending: dict[int, _Pending] = {}
        self._last_id = 0
        self._connected = False
        self._again = False
        self._spoken = False
        self._unread = b""
        self._unsent: list[bytes] = []
        self._nonce = nonce
        self.limits = Facts()
        self._rooms.seed(seen or {})

    @property
    def nick(self) -> str:
        """Our nickname as the server writes it; before that, the one wanted."""
        return self._rooms.nick

    @nick.setter
    def nick(self, nick: str) -> None:
        self._rooms.nick = nick

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms we are in, in the order in which we came into them."""
        return self._rooms.names

    @property
    def seen(self) -> dict[str, int]:
        """
        The number of the last event that was reported, by room: for a program to keep, and to give to the next link,
        which goes on behind it. While the link catches up, it is the number of the last event that was fetched.
        """
        return {room.name: room.heard for room in self._rooms}

    def may_answer(self, report: object) -> bool:
        """
        Whether a program may answer this: programs do not answer programs, nor themselves, nor the past. See "Bots" in
        docs/protocol.rst.
        """
        if not isinstance(report, Heard) or not report.live or report.own or self._rooms.is_me(report.event.nick):
            return False
        event = report.event
        by_itself = isinstance(event, AutoSaid | Noticed) or getattr(event, "auto", False)
        return not by_itself and not getattr(event, "bot", False)

    @property
    def unanswered(self) -> int:
        """How many requests are under way, the link's own not counted."""
        return sum(not pending.request.own for pending in self._pending.values())

    # Connections.

    def connected(self) -> None:
        """There is a new connection: say hello, if it is known as whom."""
        self._connected = True
        self._spoken = False
        self.greeting = ""
        if self.nick or self.token:
            self.greet()

    def greet(self, nick: str = "", password: str = "", token: str = "") -> Request:
        """
        Say hello: where the first was refused, or after C{logout}.

        @param nick: instead of the one before, whose password or token is not used then.
        @raise NotConnected: the next connection will begin with this hello.
        """
        if nick:
            self.nick, self.token, self._password = nick, "", password
        self.token = token or self.token
        arguments = {"nick": self.nick}
        if self.token:
            arguments = {"token": self.token}
        elif self._password:
            arguments["password"] = self._password
        return self._ask("hello", arguments, own=True)

    def lost(self) -> list[Report]:
        """The connection is gone. Reports what will not be answered any more."""
        pending, self._pending = list(self._pending.values()), {}
        doubtful = self._rooms.lost(
            [(each.request, each.room, each.heard) for each in pending if each.room is not None]
        )
        for each in pending:
            if not each.request.own and each.request not in doubtful:
                self._tell(Unanswered(each.request))
        self._again = self._again or self.welcomed
        self._connected = self.welcomed = False
        self._unread = b""
        self._unsent.clear()
        return self._take_reports()

    # Requests.

    def ask(self, word: str, /, **arguments: Value) -> Request:
        """
        Ask the server for anything in its vocabulary: C{link.ask("say", room="lobby", text="hi")}.

        What becomes of it is reported as L{Answered}, L{RequestDeclined} or L{Unanswered}; talk before that as the
        L{Heard} that it became.

        @raise NotConnected:
        """
        return self._ask(word, arguments)

    def data_to_send(self) -> bytes:
        """Bytes for the server, once."""
        data = b"".join(self._unsent)
        self._unsent.clear()
        return data

    def _ask(self, word: str, arguments: Mapping[str, Value], own: bool = False) -> Request:
        if not self._connected:
            raise NotConnected("There is no connection to the server at the moment.")
        if word in _LOGINS and "password" in arguments:
            arguments = {**arguments, "keep": arguments.get("keep", True)}  # connecting again needs no password then
        if word in TALK and self._nonce is not None and self.limits.number("nonce_length") and "nonce" not in arguments:
            arguments = {**arguments, "nonce": self._nonce()[: self.limits.number("nonce_length")]}
        self._last_id += 1
        request = Request(self._last_id, word, dict(arguments), own)
        text = json.dumps({"id": request.id, "do": word, **arguments}, ensure_ascii=False, separators=(",", ":"))
        self._unsent.append(text.encode(errors="replace") + b"\n")
        room = self._rooms.get(arguments.get("room") or self.room)
        heard = room.heard if room is not None else 0
        if own and word == "history":  # a page behind what has been heard otherwise
            heard = int(arguments["since"] or 0)
        self._pending[request.id] = _Pending(request, room, heard)
        return request

    def _ask_myself(self, word: str, arguments: Mapping[str, Value]) -> Request:
        return self._ask(word, arguments, own=True)

    # Bytes.

    def receive(self, data: bytes) -> list[Report]:
        """
        What these bytes tell, in any pieces. Call L{data_to_send} afterwards: the link may have had to ask something.

        @raise LinkError: they are none of this protocol's.
        """
        *lines, self._unread = (self._unread + data).split(b"\n")
        try:
            for line in lines:
                self._line(line)
            if len(self._unread) > LONGEST:
                raise LinkError(f"The other side sent {LONGEST:,} bytes without a line end.")
        except LinkError as error:
            error.reports = self._take_reports()
            raise
        return self._take_reports()

    def _line(self, line: bytes) -> None:
        if not line.startswith(b"{"):
            self._greeted(line)
            return
        self._spoken = True
        try:
            made = json.loads(line)
        except (ValueError, RecursionError):
            raise LinkError("The other side sent a line that is not JSON.") from None
        if "event" in made:
            self._event(made)
        elif isinstance(made.get("ok"), bool):
            self._answer(made)
        else:
            self._tell(Unknown(made))

    def _greeted(self, line: bytes) -> None:
        """Something for people, before the server knows that we are a program."""
        text = line.decode(errors="replace").strip()
        if self._spoken and text:
            raise LinkError("The other side stopped speaking JSON.")
        self.greeting = f"{self.greeting}\n{text}".strip()[-GREETING:]

    def _tell(self, *reports: Report) -> None:
        self._reports += reports

    def _take_reports(self) -> list[Report]:
        reports, self._reports = self._reports, []
        return reports

    def _event(self, made: dict[str, Any]) -> None:
        event: Event | None = to_event(made)
        if event is None:
            self._tell(Unknown(made))
        elif isinstance(event, RoomEvent) and event.seq > 0:
            self._rooms.hear(event)
            if isinstance(event, Renamed) and self._rooms.is_me(event.nick):
                self.nick = event.new
        else:
            self._tell(Heard(event))

    # Answers.

    def _answer(self, made: dict[str, Any]) -> None:
        id, facts = made.get("id"), Facts(made)
        pending = self._pending.pop(id, None) if isinstance(id, int) else None
        request = pending.request if pending is not None else None
        if not made["ok"]:
            self._refused(request, facts)
        elif request is None:
            self._tell(Unknown(made))
        else:
            self._granted(request, facts)
            if not request.own:
                self._tell(Answered(request, facts, facts.texts("lines")))

    def _refused(self, request: Request | None, facts: Facts) -> None:
        if request is not None and request.own:
            self._rooms.not_caught_up(request)
            if request.word == "look":  # at a room that could not be joined again, which is said
                return
        self._tell(RequestDeclined(request, facts.text("error"), facts.text("sentence"), facts.number("retry_after")))

    def _granted(self, request: Request, facts: Facts) -> None:
        word = request.word
        if word in _IDENTITY:
            self._identify(request, facts)
        elif word in ("join", "create"):
            self._rooms.enter(request, facts)
            self.room = facts.name("room")
        elif word == "leave":
            self._rooms.leave(facts.name("left"))
            self.room = facts.name("room")
        elif word == "look":
            self._look(request, facts)
        elif word == "nick":
            self.nick = facts.name("nick", self.nick)
        elif word == "logout":
            self._forget()
        elif word in TALK:
            self._rooms.said(request, facts)
        elif word == "history" and request.own:
            self._rooms.fetched(request, facts)

    def _identify(self, request: Request, facts: Facts) -> None:
        """The server knows who we are now, or knows it under another name."""
        self.nick = facts.name("nick", self.nick)
        self.account = facts.flag("account")
        self._password = ""
        new = facts.text("token")
        self.token = (new or str(request.arguments.get("token") or self.token)) if self.account else ""
        first, self.welcomed = not self.welcomed, True
        self.limits = facts.object("limits") or self.limits
        again, lines = first and self._again, facts.texts("lines") if request.own else ()
        waiting, version = facts.number("waiting"), facts.number("wire", wire.VERSION)
        self._tell(Welcomed(self.nick, self.account, new, waiting, again, version, lines))
        view = facts.object("view")
        if view:
            self._rooms.enter(request, view)
        if first:
            self._rooms.rejoin(but=view.name("room"))
            if again and self.room:
                self._ask_myself("look", {"room": self.room})
            self._ask_myself("look", {})

    def _look(self, request: Request, facts: Facts) -> None:
        """Other connections of ours may be in rooms that this one knows nothing of, and so are we."""
        self.room = facts.name("room")
        unknown = [name for name in facts.names("rooms") if self._rooms.get(name) is None] if request.own else []
        for name in unknown:
            self._ask_myself("join", {"room": name})
        if unknown:
            self._ask_myself("look", {"room": self.room})

    def _forget(self) -> None:
        """Nobody any more, in no room."""
        for name in self.rooms:
            self._rooms.leave(name)
        self.token = self.room = ""
        self.account = self.welcomed = self._again = False
