"""
Dataclasses as what JSON holds, and back: those of L{chatroom.states}.

What writes and reads a class is made once, from its fields and their types, as people wait while thousands are written.
Fields that have their default are left out, and one that is not there has it. This module knows types, and no class
in particular.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(state: Any) -> Any:
    """A state as what JSON holds; bytes as text of the same numbers."""
    cls: Any = type(state)
    return _writer_of_state(cls)(state)


def from_plain(cls: type[T], made: Any) -> T:
    """
    The inverse of L{to_plain}.

    @raise ValueError: it is no such state: what is wrong with it, and where.
    """
    of: Any = cls
    read: Callable[[Any], T] = _reader_of_state(of)
    return read(made)


def _default(each: Any) -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default


def _inside(hint: Any) -> tuple[Any, Any]:
    """Of a type that the classes above have, the kind and what is in it; C{None} of a plain value."""
    if is_dataclass(hint):
        return is_dataclass, hint
    origin, inner = get_origin(hint), get_args(hint)
    if origin is types.UnionType or origin is tuple:
        return origin, inner[0]
    return (None, hint) if origin is None else (Mapping, inner[1])


Writer = Callable[[Any], Any]


def _writer(hint: Any) -> Writer | None:
    """What writes values of a type; C{None} where JSON holds them as they are."""
    kind, inner = _inside(hint)
    if kind is None:
        return _write_bytes if hint is bytes else None
    write = _writer_of_state(hint) if kind is is_dataclass else _writer(inner)
    if kind is is_dataclass:
        return write
    if kind is types.UnionType:
        return write and (lambda value: None if value is None else write(value))
    if kind is tuple:
        return list if write is None else lambda value: [write(each) for each in value]
    return dict if write is None else lambda value: {name: write(each) for name, each in value.items()}


def _write_bytes(value: bytes) -> str:
    return value.decode("latin-1")


@cache
def _writer_of_state(cls: Any) -> Writer:
    hints = get_type_hints(cls)
    steps = [(each.name, _default(each), _writer(hints[each.name])) for each in fields(cls)]

    def write(state: Any) -> dict[str, Any]:
        made = {}
        for name, default, of in steps:
            value = getattr(state, name)
            if value is not default and value != default:
                made[name] = value if of is None else of(value)
        return made

    return write


Reader = Callable[[Any], Any]


def _reader(hint: Any) -> Reader:
    """What reads values of a type: those that the classes above have."""
    kind, inner = _inside(hint)
    if kind is is_dataclass:
        return _reader_of_state(hint)
    if kind is types.UnionType:
        return _reader_of_optional(_reader(inner))
    if kind is tuple:
        return _reader_of_list(_reader(inner))
    if kind is Mapping:
        return _reader_of_names(_reader(inner))
    return _read_bytes if hint is bytes else _reader_of_value((int, float) if hint is float else (hint,))


@cache
def _reader_of_state(cls: Any) -> Reader:
    hints = get_type_hints(cls)
    readers = {each.name: _reader(hints[each.name]) for each in fields(cls)}

    def read(made: Any) -> Any:
        try:
            return cls(**{name: readers[name](value) for name, value in made.items()})
        except KeyError as error:
            raise ValueError(f"{cls.__name__} has no field {error}") from None
        except (AttributeError, TypeError) as error:
            raise ValueError(f"no {cls.__name__}: {error}") from None

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
