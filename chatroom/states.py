"""
What one process hands over to the next: the state of each connection, as values that JSON can hold.

A class here is one object's state, next to nothing of which others know: the object itself writes it (C{state()}) and
takes it up again (C{restore()}). Fields that have their default are left out of the JSON, and one that is not there
has it, so that an older document can be read (L{chatroom.dataclass_json}). This module knows its own classes; neither
JSON, nor sockets, nor what any field means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

VERSION = 1
"""Of these classes. It grows when a reader that knows the old ones would misunderstand the new."""

OLDEST = 1
"""The oldest version that is still understood."""


@dataclass(frozen=True)
class LentSnapshot:
    """The role of an account with which another person's connection acts. C{proof}: a digest, and no password."""

    account: str
    proof: str
    role: str


@dataclass(frozen=True)
class CallerSnapshot:
    """
    One connection as the server knows it.

    @ivar rooms: of this person, in the order in which they joined.
    @ivar brief: its session ends soon after it.
    @ivar visit: what it is known by while it is a guest's.
    @ivar paces: when this person said something last, in seconds since 1970, by rooms in slow mode.
    @ivar zone: the time zone in which this person reads times; C{""} is UTC.
    @ivar lent: the role of another account with which it acts.
    """

    door: str
    nick: str | None = None
    holder: str = ""
    session: str = ""
    room: str | None = None
    rooms: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    correspondent: str | None = None
    since: Mapping[str, int] = field(default_factory=dict)
    brief: bool = False
    visit: str = ""
    paces: Mapping[str, float] = field(default_factory=dict)
    zone: str = ""
    lent: LentSnapshot | None = None


@dataclass(frozen=True)
class GapSnapshot:
    """What a slow reader of a room is still to be told, but for its own words."""

    room: str
    first: int
    last: int
    own: tuple[int, ...] = ()


@dataclass(frozen=True)
class RateSnapshot:
    """A token bucket, and how many seconds ago it was looked at."""

    tokens: float
    age: float


@dataclass(frozen=True)
class SecretsSnapshot:
    """
    A command whose secret arguments are being asked for.

    @ivar asked: all that are asked for, those answered already as well.
    """

    word: str
    values: Mapping[str, str]
    wanted: tuple[str, ...]
    first: str | None = None
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class AimSnapshot:
    """
    Where a person's lines go, as far as that person knows.

    @ivar early: lines that were typed before the person could know. @ivar hold: why the next line is not sent.
    """

    room: str | None = None
    early: int = 0
    hold: str = ""


@dataclass(frozen=True)
class PersonSnapshot:
    """What a person was asked last."""

    wanted: str | None = None
    owned: str | None = None
    secrets: SecretsSnapshot | None = None
    aim: AimSnapshot | None = None


@dataclass(frozen=True)
class RegistrationSnapshot:
    """
    How far an IRC client is with becoming somebody.

    @ivar capabilities: that it has asked for. @ivar version: of capabilities that it knows.
    @ivar negotiates: it has not said C{CAP END} yet. @ivar password: that of C{PASS}.
    """

    capabilities: tuple[str, ...] = ()
    version: int = 0
    negotiates: bool = False
    nick: str = ""
    user: str = ""
    real: str = ""
    password: str = ""


@dataclass(frozen=True)
class IrcSnapshot:
    """
    An IRC client: what it has said of its person.

    @ivar watched: nicknames that it watches. @ivar read: up to which number it was shown a room's history.
    @ivar subscriptions: keys of metadata. @ivar metadata: of a guest. @ivar marked: up to when its person has read.
    """

    user: str = ""
    real: str = ""
    registration: RegistrationSnapshot = RegistrationSnapshot()
    watched: tuple[str, ...] = ()
    read: Mapping[str, int] = field(default_factory=dict)
    subscriptions: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    marked: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class EditorSnapshot:
    """
    The line that somebody types in a terminal that sends each key.

    @ivar at: where the cursor is, in characters. @ivar waiting: bytes of a key that is not whole.
    @ivar hidden: it is a secret. @ivar cut_short: its end is missing, because it was too long.
    @ivar pasted: what has come of a pasted text whose end has not. @ivar remembered: lines typed before.
    @ivar held: bytes that came too fast, and wait.
    """

    text: bytes = b""
    at: int = 0
    waiting: bytes = b""
    hidden: bool = False
    cut_short: bool = False
    pasted: str | None = None
    remembered: tuple[str, ...] = ()
    held: bytes = b""


@dataclass(frozen=True)
class TelnetSnapshot:
    """
    A telnet negotiation, perhaps in the middle of a command.

    @ivar hidden: the peer shows nothing that is typed.
    @ivar asked: it was asked to change that, and did not answer yet.
    @ivar width: columns of its window; 0 if it has not said.
    @ivar window: it has agreed to say how wide its window is. @ivar window_asked: it was asked to, and did not answer.
    @ivar edit: lines are edited here, if the peer agrees. @ivar keys: it has agreed to send each key; C{keys_asked}: it
        was asked to, and did not answer.
    """

    parsing: str = "data"
    command: bytes = b""
    subnegotiation: bytes = b""
    ends_in_return: bool = False
    hide: bool = False
    may_hide: bool = True
    hidden: bool = False
    asked: bool = False
    width: int = 0
    window: bool = False
    window_asked: bool = False
    edit: bool = False
    keys: bool = False
    keys_asked: bool = False


@dataclass(frozen=True)
class ConversationSnapshot:
    """
    @ivar silence: seconds since it sent anything.
    @ivar nameless: seconds since it has no nickname.
    @ivar messages: what it sent and was not taken up yet; C{None} in place of one that was too long.
    @ivar caller: C{None} until it is known how it speaks.
    """

    address: str
    silence: float
    nameless: float = 0.0
    rate: RateSnapshot | None = None
    messages: tuple[bytes | None, ...] = ()
    gaps: tuple[GapSnapshot, ...] = ()
    caller: CallerSnapshot | None = None


@dataclass(frozen=True)
class LineSnapshot:
    """
    A connection of the line door.

    @ivar typed: the beginning of a line. @ivar skipped: bytes of a line that is too long.
    @ivar editor: the line being typed, where the peer sends each key.
    @ivar unsent: what was written to it and is not in the hands of the operating system yet.
    """

    conversation: ConversationSnapshot
    typed: bytes = b""
    skipped: int = 0
    returns: bool = False
    greeted: bool = False
    telnet: TelnetSnapshot | None = None
    person: PersonSnapshot | None = None
    program: bool = False
    irc: IrcSnapshot | None = None
    editor: EditorSnapshot | None = None
    unsent: bytes = b""


@dataclass(frozen=True)
class ServerSnapshot:
    """
    What concerns nobody in particular.

    @ivar present: who is on line, as the backend's events, in JSON.
    @ivar connections: how many of them follow.
    @ivar plugins: what services of plugins hand over, by their names, in JSON.
    @ivar node: the node that the process was, and that the next one goes on as. One that does not say it is of a
        version that knew no other.
    """

    version: int
    present: tuple[str, ...]
    connections: int
    plugins: Mapping[str, str] = field(default_factory=dict)
    node: str = "server"
