"""
Values that cross the seams: answers, receipts, and what is shown of people and rooms.

They hold no behaviour, and know events and records.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from chatroom.events import KINDS_VERSION, OPERATORS, Event, LockdownSet, Locked, Role, RoomEvent, ServerRole


class Standing(IntEnum):
    """Who one has to be to use a command."""

    ANYBODY = 0
    """Also before a nickname is chosen."""
    GUEST = 1
    """Anyone with a nickname."""
    ACCOUNT = 2
    """Logged in."""


@dataclass(frozen=True)
class Parameter:
    """
    One argument of a command, in the order in which a person types them.

    @ivar name: as programs send it and as C{/help} shows it.
    @ivar rest: it takes the rest of the line, spaces and all. Only the last one may.
    @ivar quoted: a person may put it in quotes, and it may have blanks then.
    @ivar many: it takes all words that follow, each perhaps in quotes; a program sends a list. Only the last one may.
        C{chatroom.commands.base.words} gives them.
    @ivar secret: it is never logged or shown, and a telnet client is asked not to echo it.
    @ivar new: a secret that is made up now: where a person is asked for it, they are asked twice.
    @ivar by_name: only programs give it, by name; what a person types never fills it, and usage lines leave it
        out.
    """

    name: str
    required: bool = True
    rest: bool = False
    secret: bool = False
    help: str = ""
    by_name: bool = False
    new: bool = False
    quoted: bool = False
    many: bool = False

    @property
    def bare(self) -> str:
        """C{NICK}: its name as people read it."""
        return self.name.upper().replace("_", "-")

    @property
    def shown(self) -> str:
        """C{NICK} in a usage line, or C{[REASON ...]} where it takes the rest and may be left out."""
        text = self.bare + (" ..." if self.rest or self.many else "")
        return text if self.required else f"[{text}]"


class Drawn(str):
    """A line of an L{Answer} that its author has laid out: doors keep its columns, and cut it at the window's edge."""

    __slots__ = ()


@dataclass(frozen=True)
class Answer:
    """
    What a command says to the one who asked.

    @ivar parts: sentences and events, in reading order, for people; doors write the events as they
        write any other.
    @ivar facts: the same for programs: names to values that JSON can hold, or events (also inside lists), which
        doors write as L{chatroom.wire} does.
    @ivar then: called with no arguments once the answer is written, such as to hang up.
    """

    parts: tuple[str | Event, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    then: Callable[[], None] | None = None


@dataclass(frozen=True)
class Soundness:
    """
    How a backend does, for those who watch over it.

    @ivar trouble: why nothing can be kept any more, as a sentence without its end; C{""} while all is well.
    @ivar waiting: seconds for which the oldest thing asked of its disk has waited; 0.0: nothing has.
    @ivar unindexed: lines that a search would have to index first.
    @ivar free: bytes that its disk has left; C{None}: it has no disk.
    @ivar length: bytes that what is kept takes there. @ivar unused: how many of them nothing is in.
    @ivar ahead: seconds that the clock of this machine is ahead of the one that the nodes share; less than 0: behind.
    @ivar nodes: how many nodes take part, this one included. @ivar kinds: the version of the kinds of events that each
        of them knows: see L{KINDS_VERSION<chatroom.events.KINDS_VERSION>}.
    @ivar lease: seconds that are left of this node's lease; C{None}: it has none.
    @ivar behind: turns that were kept before the last beat and that this node has not told yet.
    @ivar locked: connections of nodes that waited for a lock at the last beat.
    @ivar reconnects: how many times a connection to the database was made again.
    @ivar turns: turns that this node has kept. @ivar turn_seconds: what they have taken in the database, in all, with
        the wait for the turns of other nodes and for a standby.
    """

    trouble: str = ""
    waiting: float = 0.0
    unindexed: int = 0
    free: int | None = None
    length: int = 0
    unused: int = 0
    ahead: float = 0.0
    nodes: int = 1
    kinds: int = KINDS_VERSION
    lease: float | None = None
    behind: int = 0
    locked: int = 0
    reconnects: int = 0
    turns: int = 0
    turn_seconds: float = 0.0


class Receipt:
    """
    What one gets for talk at once: the promise that it will be kept, without the cost of a Deferred.

    @ivar event: what was said. Its C{seq} is 0 until it is kept.
    @ivar kept: set this, in the same turn, to be called with the event when it is durable and delivered, or with a
        L{chatroom.errors.Refused} when it could not be.
    @ivar then: a command may set this, to be asked what it answers when the event is durable and delivered. If it does
        not, the answer is that the event is kept.
    @ivar reached: of a whisper that is kept: whether the person it is for was there when it was delivered. If not,
        nobody has read it, and C{ICaller.leave_whisper} puts it into their inbox.
    """

    __slots__ = ("caller", "event", "kept", "reached", "then")

    def __init__(self, event: Event, caller: Any = None) -> None:
        self.event = event
        self.caller = caller
        self.kept: Callable[[Event | Exception], None] | None = None
        self.then: Then | None = None
        self.reached = True


Then = Callable[[], Answer | Awaitable[Answer]]
"""What is answered, or something to wait for that gives it."""

Outcome = Answer | Receipt | None
"""What a command gives back: C{None} where there is nothing to say."""


class Person(NamedTuple):
    """
    Somebody on line, as others may see them. C{since} is when they arrived, C{role} what they are in the room meant,
    and C{staff} on the server, or act as. That is a mark: what a connection may do, C{ICaller.staff} says. C{bot}: a
    program uses the account.
    """

    nick: str
    account: bool
    away: str
    since: float
    role: Role = Role.MEMBER
    staff: ServerRole = ServerRole.NONE
    bot: bool = False


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """
    An account, as everyone may know it: nothing in it is secret or somebody's own.

    @ivar name: as its owner writes it. @ivar created: in seconds since 1970.
    @ivar bot: marked as a program's.
    """

    name: str
    created: float
    role: ServerRole = ServerRole.NONE
    bot: bool = False


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """
    One's own session, without what opens it.

    @ivar id: the public id, 8 hexadecimal digits. @ivar current: the one of this connection.
    @ivar label: where it was made: an address, or C{""}.
    @ivar created: in seconds since 1970, as C{used} and C{expires} are.
    @ivar kept: its owner has asked to keep it. Another one ends soon after its connection.
    @ivar service: the name that its owner gave it for a program, or C{""}.
    """

    id: str
    current: bool
    created: float
    used: float
    expires: float
    label: str = ""
    kept: bool = True
    service: str = ""


@dataclass(frozen=True)
class CertificateInfo:
    """
    A TLS certificate that logs in to one's own account.

    @ivar fingerprint: SHA-256 of the certificate, as 64 small hexadecimal digits.
    @ivar current: this connection has presented it.
    @ivar added: in seconds since 1970. @ivar used: when it logged in last; 0.0: it never did.
    """

    fingerprint: str
    current: bool
    added: float
    used: float = 0.0


MISSED = 100
"""So many lines are counted, at the most, of those that were said between two visits."""

SHOWN = 50
"""So many people of a room are shown to a person who joins; in a crowd, not everybody wants to see everybody."""


@dataclass(frozen=True)
class RoomView:
    """
    A room as one of its members sees it.

    @ivar people: the first L{SHOWN} of them; C{ICaller.people} gives them all.
    @ivar people_total: how many there are.
    @ivar recent: the last lines of talk, oldest first.
    @ivar last: the room's sequence number now; what comes next is heard live.
    @ivar missed: how many lines were said between an account's last visit and this one, for C{/missed}; L{MISSED}
        stands for so many or more.
    @ivar read: the number of the last event of that visit; 0 if there was none.
    @ivar locked: it wants a password. @ivar password_mark: a number that is another one with each password; 0: none.
    @ivar slow: seconds that a plain member waits between two lines, or 0.
    @ivar lock: nobody new can join: until when, by whom and why; C{None} where there is none in force.
    @ivar topic_by: who may set the topic: L{chatroom.events.MEMBERS} or L{chatroom.events.OPERATORS}.
    @ivar moderated: only people with voice may talk, and those in charge.
    @ivar unlisted: it is not on the list of rooms. @ivar capacity: so many people may join it; 0: any number.
    @ivar topic_from: who set the topic, and when: C{topic_at}, in seconds since 1970.
    """

    name: str
    topic: str
    role: Role
    people: tuple[Person, ...]
    recent: tuple[RoomEvent, ...]
    last: int
    keep: bool
    invite_only: bool
    locked: bool
    created: float
    missed: int = 0
    read: int = 0
    people_total: int = 0
    slow: int = 0
    lock: Locked | None = None
    topic_by: str = OPERATORS
    moderated: bool = False
    unlisted: bool = False
    capacity: int = 0
    topic_from: str = ""
    topic_at: float = 0.0
    password_mark: int = 0


@dataclass(frozen=True)
class RoomSummary:
    """
    A line of C{/rooms}. C{locked}: it wants a password, and its topic is for its members. C{lock}: nobody new can join.
    C{unlisted}: only its members see this line. C{capacity}: so many people may join; 0: any number.

    @ivar created: when the room was made, and C{topic_at}: when its topic was set, in seconds since 1970; 0.0: it has
        none that this person may read.
    """

    name: str
    topic: str
    people: int
    invite_only: bool
    locked: bool
    joined: bool
    lock: Locked | None = None
    unlisted: bool = False
    capacity: int = 0
    created: float = 0.0
    topic_at: float = 0.0


@dataclass(frozen=True)
class Page:
    """
    Some of a room's history, oldest first.

    @ivar more: whether there is more beyond the page, in the direction it was asked in.
    @ivar gap: numbers C{(first, last)} that were asked for and are no longer kept, or C{None}.
    """

    room: str
    events: tuple[RoomEvent, ...]
    more: bool
    gap: tuple[int, int] | None = None


@dataclass(frozen=True)
class Login:
    """
    Somebody is now who they say they are.

    @ivar token: the session token, shown this once, or C{None} for a guest.
    @ivar waiting: how many whispers wait in the inbox.
    @ivar lockdown: the lockdown in force, or C{None}.
    @ivar reports: how many reports are open; 0 for those who are no staff.
    @ivar kept: the session lives on without its connection.
    """

    nick: str
    account: bool
    token: str | None
    waiting: int
    view: RoomView | None
    lockdown: LockdownSet | None = None
    reports: int = 0
    kept: bool = False
