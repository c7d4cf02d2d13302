"""
The shapes of answers (L{chatroom.commands.shapes}) as the schema, the page and tests read them: which keys, of which
types, and how docs/protocol.rst writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

from chatroom.commands.base import Command
from chatroom.events import Event
from chatroom.plugins.find import find


@cache
def built_in() -> dict[str, Command]:
    """The built-in commands by name, in the order of the alphabet."""
    ours = (each for each in find().values() if type(each).__module__.startswith("chatroom.commands."))
    return {each.name: each for each in sorted(ours, key=lambda each: str(each.name)) if isinstance(each, Command)}


@cache
def words() -> dict[str, str]:
    """The name of each built-in command by all its words."""
    return {word: each.name for each in built_in().values() for word in (each.name, *each.aliases)}


@cache
def hints(shape: type) -> dict[str, Any]:
    """The type of each key."""
    return get_type_hints(shape, include_extras=True)


def required(shape: Any) -> list[str]:
    """The keys that are always there, in their order."""
    return [key for key in hints(shape) if key in shape.__required_keys__]


def name_of(shape: type) -> str:
    """What the page and the schema call it: C{server-ban} for C{ServerBanFacts}."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", shape.__name__.removesuffix("Facts")).lower()


def is_shape(hint: Any) -> bool:
    """Whether this is an object with known keys."""
    return is_typeddict(hint)


def is_nullable(hint: Any) -> bool:
    """Whether it may be C{null}."""
    return type(None) in get_args(hint)


def inner(hint: Any) -> Any:
    """What it is if it is not C{null}."""
    if not is_nullable(hint):
        return hint
    (only,) = (each for each in get_args(hint) if each is not type(None))
    return only


def listed(hint: Any) -> Any:
    """What it is a list of; C{None} if it is no list."""
    return get_args(hint)[0] if get_origin(hint) is list else None


def objects_in(shape: type) -> list[type]:
    """The shapes of objects inside, at any depth."""
    found: list[type] = []
    for hint in hints(shape).values():
        within = listed(inner(hint)) or inner(hint)
        if is_shape(within):
            found += [within, *objects_in(within)]
    return found


def nested() -> list[type]:
    """Every shape of an object inside some answer, by name."""
    found = {each for command in built_in().values() for shape in command.facts for each in objects_in(shape)}
    return sorted(found, key=name_of)


def written(shape: type) -> str:
    """
    How the page writes it: C{room next bans: list of *ban*}. What has no keys of its own comes first; C{?} marks what
    may be missing.
    """
    plain, within = [], []
    for key, hint in hints(shape).items():
        shown = key if key in required(shape) else f"{key}?"
        bare = inner(hint)
        deep = listed(bare) or bare
        if is_shape(deep) or deep is Event:
            name = "event" if deep is Event else name_of(deep)
            within.append(f"{shown}: {'list of ' if listed(bare) else ''}*{name}*")
        else:
            plain.append(shown)
    return " ".join([*plain, ", ".join(within)]).strip()


def kinds(shape: type) -> Iterator[str]:
    """What real answers have to show of a shape: each key, also as C{null} where that may be, and a list with rows."""
    for key, hint in hints(shape).items():
        name = f"{shape.__name__}.{key}"
        yield f"{name} with rows" if listed(inner(hint)) else name
        if is_nullable(hint):
            yield f"{name} null"
        within = listed(inner(hint)) or inner(hint)
        if is_shape(within):
            yield from kinds(within)


def shown_by(shape: type, value: Mapping[str, Any]) -> Iterator[str]:
    """Which of the L{kinds} this object shows."""
    for key, hint in hints(shape).items():
        if key not in value:
            continue
        name, found, rows = f"{shape.__name__}.{key}", value[key], listed(inner(hint))
        if found is None:
            yield f"{name} null"
        elif rows is None:
            yield name
        elif found:
            yield f"{name} with rows"
        within = rows or inner(hint)
        if is_shape(within):
            for each in found if rows else [] if found is None else [found]:
                yield from shown_by(within, each)


def fitting(shapes: Sequence[type], value: Mapping[str, Any]) -> type:
    """Which of a command's shapes this answer has."""
    (only,) = (shape for shape in shapes if set(required(shape)) <= value.keys()) if shapes[1:] else shapes
    return only
