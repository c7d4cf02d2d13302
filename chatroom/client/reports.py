"""
What a L{Link<chatroom.client.link.Link>} reports: things that happened, and what became of requests.

Values only. Texts in them are as the server sent them: L{chatroom.client.lines} makes them safe for a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chatroom.client.facts import Facts
from chatroom.events import Event, RoomEvent

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Request:
    """
    Something asked of the server.

    @ivar arguments: by name, as they are sent.
    @ivar own: the link itself asked, to resume what a lost connection broke off.
    """

    id: int
    word: str
    arguments: Mapping[str, Value] = field(default_factory=dict)
    own: bool = False


@dataclass(frozen=True)
class Welcomed:
    """
    The server knows who we are.

    @ivar token: resumes this session later; C{""} for a guest, and where the session was resumed by one.
    @ivar waiting: how many whispers wait in the inbox.
    @ivar again: after a lost connection.
    @ivar version: of the vocabulary that the server speaks.
    @ivar lines: sentences for a person.
    """

    nick: str
    account: bool
    token: str
    waiting: int
    again: bool
    version: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entered:
    """
    We are in a room.

    @ivar facts: what the server says of it: C{topic role people people_total missed locked ...}.
    @ivar recent: what was said there last and has not been reported, oldest first.
    @ivar request: which request it answers.
    @ivar again: we were in it before the connection was lost; what was missed is reported next.
    """

    room: str
    facts: Facts
    recent: tuple[RoomEvent, ...]
    request: Request
    again: bool


@dataclass(frozen=True)
class Heard:
    """
    An event, each one once.

    @ivar live: it happened now, and is not caught up with.
    @ivar own: we did it ourselves: of talk, coming and going, through this connection.
    """

    event: Event
    live: bool = True
    own: bool = False


@dataclass(frozen=True)
class Answered:
    """
    A request was granted.

    @ivar lines: sentences for a person, perhaps none.
    """

    request: Request
    facts: Facts
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequestDeclined:
    """
    A request was refused, with a stable code and a sentence for a person.

    @ivar request: C{None} where the server could not read it.
    @ivar retry_after: seconds after which the same may be asked again; 0: waiting does not help.
    """

    request: Request | None
    code: str
    sentence: str
    retry_after: int = 0


@dataclass(frozen=True)
class Unanswered:
    """The connection was lost before the answer: it may have been granted or not. Talk is looked up in the history
    first, so that this is said only of lines that cannot be found there."""

    request: Request


@dataclass(frozen=True)
class Unknown:
    """An object that this version does not understand, such as an event of a kind that came later."""

    made: Mapping[str, Any]


@dataclass(frozen=True)
class Disconnected:
    """
    There is no connection.

    @ivar reason: a sentence for people.
    @ivar wait: seconds until the next try.
    @ivar tried: it could not even be made.
    """

    reason: str
    wait: float
    tried: bool = False


Report = Welcomed | Entered | Heard | Answered | RequestDeclined | Unanswered | Unknown
