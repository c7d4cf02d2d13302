"""
What one process hands over to the next: the state of each connection, as values that JSON can hold.

A class here is one object's state, next to nothing of which others know: the object itself writes it (C{state()}) and
takes it up again (C{restore()}). Fields that have their default are left out of the JSON, and one that is not there
has it, so that an older document can be read. This module knows JSON and its own classes; neither sockets, nor what any
field means.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

VERSION = 1
"""Of these classes. It grows when a reader that knows the old ones would misunderstand the new."""

OLDEST = 1
"""The oldest version that is still understood."""

T = TypeVar("T")


@dataclass(frozen=True)
class CallerState:
    """
    One connection as the house knows it.

    @ivar rooms: of this person, in the order in which they joined.
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


@dataclass(frozen=True)
class GapState:
    """What a slow reader of a room is still to be told, but for its own words."""

    room: str
    first: int
    last: int
    own: tuple[int, ...] = ()


@dataclass(frozen=True)
class RateState:
    """A token bucket, and how many seconds ago it was looked at."""

    tokens: float
    age: float


@dataclass(frozen=True)
class SecretsState:
    """A command whose secret arguments are being asked for."""

    word: str
    values: Mapping[str, str]
    wanted: tuple[str, ...]
    first: str | None = None


@dataclass(frozen=True)
class PersonState:
    """What a person was asked last."""

    wanted: str | None = None
    owned: str | None = None
    secrets: SecretsState | None = None


@dataclass(frozen=True)
class TelnetState:
    """
    A telnet negotiation, perhaps in the middle of a command.

    @ivar hidden: the peer shows nothing that is typed.
    @ivar asked: it was asked to change that, and did not answer yet.
    """

    parsing: str = "data"
    command: bytes = b""
    subnegotiation: bytes = b""
    ends_in_return: bool = False
    hide: bool = False
    may_hide: bool = True
    hidden: bool = False
    asked: bool = False


@dataclass(frozen=True)
class ConversationState:
    """
    @ivar silence: seconds since it sent anything.
    @ivar nameless: seconds since it has no nickname.
    @ivar messages: what it sent and was not taken up yet; C{None} in place of one that was too long.
    @ivar caller: C{None} until it is known how it speaks.
    """

    address: str
    silence: float
    nameless: float = 0.0
    rate: RateState | None = None
    messages: tuple[bytes | None, ...] = ()
    gaps: tuple[GapState, ...] = ()
    caller: CallerState | None = None


@dataclass(frozen=True)
class LineState:
    """
    A connection of the line door.

    @ivar typed: the beginning of a line. @ivar skipped: bytes of a line that is too long.
    @ivar unsent: what was written to it and is not in the hands of the operating system yet.
    """

    conversation: ConversationState
    typed: bytes = b""
    skipped: int = 0
    returns: bool = False
    greeted: bool = False
    telnet: TelnetState | None = None
    person: PersonState | None = None
    program: bool = False
    unsent: bytes = b""


@dataclass(frozen=True)
class HouseState:
    """
    What concerns nobody in particular.

    @ivar present: who is on line, as the backend's events, in JSON.
    @ivar connections: how many of them follow.
    """

    version: int
    present: tuple[str, ...]
    connections: int


def to_plain(state: Any) -> Any:
    """A state as what JSON holds; bytes as text of the same numbers."""
    if isinstance(state, bytes):
        return state.decode("latin-1")
    if is_dataclass(state):
        values = ((each.name, getattr(state, each.name), _default(each)) for each in fields(state))
        return {name: to_plain(value) for name, value, default in values if value != default}
    if isinstance(state, tuple):
        return [to_plain(each) for each in state]
    if isinstance(state, Mapping):
        return {name: to_plain(value) for name, value in state.items()}
    return state


def from_plain(cls: type[T], made: Any) -> T:
    """
    The inverse of L{to_plain}.

    @raise ValueError: it is no such state: what is wrong with it, and where.
    """
    read: Callable[[Any], T] = _reader_of_state(cls)
    return read(made)


def _default(each: Any) -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default


Reader = Callable[[Any], Any]


def _reader(hint: Any) -> Reader:
    """What reads values of a type: those that the classes above have."""
    if is_dataclass(hint):
        return _reader_of_state(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is types.UnionType:
        return _reader_of_optional(_reader(inner[0]))
    if origin is tuple:
        return _reader_of_list(_reader(inner[0]))
    if origin is not None:
        return _reader_of_names(_reader(inner[1]))
    return _read_bytes if hint is bytes else _reader_of_value((int, float) if hint is float else (hint,))


_READERS: dict[Any, Reader] = {}


def _reader_of_state(cls: Any) -> Reader:
    if cls in _READERS:
        return _READERS[cls]
    hints = get_type_hints(cls)
    readers = {each.name: _reader(hints[each.name]) for each in fields(cls)}

    def read(made: Any) -> Any:
        try:
            return cls(**{name: readers[name](value) for name, value in made.items()})
        except KeyError as error:
            raise ValueError(f"{cls.__name__} has no field {error}") from None
        except (AttributeError, TypeError) as error:
            raise ValueError(f"no {cls.__name__}: {error}") from None

    _READERS[cls] = read
    return read


def _reader_of_optional(inner: Reader) -> Reader:
    return lambda made: None if made is None else inner(made)


def _reader_of_list(inner: Reader) -> Reader:
    def read(made: Any) -> Any:
        if not isinstance(made, list):
            raise ValueError(f"no list, but a {type(made).__name__}")
        return tuple(map(inner, made))

    return read


def _reader_of_names(inner: Reader) -> Reader:
    return lambda made: {name: inner(value) for name, value in made.items()}


def _reader_of_value(allowed: tuple[type, ...]) -> Reader:
    def read(made: Any) -> Any:
        if type(made) not in allowed:
            raise ValueError(f"no {allowed[-1].__name__}, but a {type(made).__name__}")
        return made

    return read


def _read_bytes(made: Any) -> bytes:
    if not isinstance(made, str):
        raise ValueError(f"no bytes, but a {type(made).__name__}")
    return made.encode("latin-1")
