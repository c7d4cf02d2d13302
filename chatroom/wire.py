"""
Events as JSON text and back: one vocabulary for programs, browsers, backends and the client.

An object has C{event} (the kind), C{at} (RFC 3339, UTC, milliseconds), C{room} where it concerns one, C{seq}
where it is part of a room's order, and the fields of its class in L{chatroom.events} by their names. Fields
that are C{secret} are written for backends only, and those of L{SPARING} only where they say something. It knows
events and nothing of who reads them.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import datetime, timezone
from functools import lru_cache
from json.encoder import encode_basestring as quote
from typing import Any

from chatroom.events import FOREVER, KINDS, SERVER, Event, RoomEvent, Said, UnknownKind

VERSION = 1
"""Of this vocabulary. Greeting answers carry it as C{wire}; it grows when a reader would have to change."""

SPARING = frozenset({"nonce", "bot", "auto", "absent", "done_by", "acts_as"})
"""Fields that most events leave empty, and that are not written then."""

_RFC_3339 = re.compile(r"([0-9-]{10})[Tt ]([0-9:]{8})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})")
_END = 253402300800.0
"""The year 10000, which RFC 3339 cannot write."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
"""One for all: C{json.dumps} would make one for each event, which takes as long as what it is for."""
_TIMES = frozenset({"at", "until"})
_PLAIN: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
_TYPES = {cls: tuple((f.name, _PLAIN[str(f.type)], f.name in _TIMES) for f in fields(cls)) for cls in KINDS.values()}
_NAMES = {cls: tuple(f.name for f in fields(cls) if f.name not in ("at", "room", "seq")) for cls in KINDS.values()}
_NAMES[UnknownKind] = ("nick",)


@lru_cache(maxsize=8)
def _second(second: int) -> str:
    """Most events of a turn share their second; C{strftime} is the dearest part of one."""
    return datetime.fromtimestamp(second, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def time_text(at: float) -> str:
    """
    RFC 3339 in UTC, to the millisecond.

    @param at: seconds since 1970, from 0 to the year 9999.
    """
    second, milli = divmod(round(at * 1000), 1000)
    return f"{_second(second)}.{milli:03d}Z"


@lru_cache(maxsize=1024)
def time_value(text: str) -> float:
    """
    The inverse of L{time_text}; any RFC 3339 time with an offset will do, from 1970 to the year 9999 in UTC.

    @raise ValueError: it is none.
    """
    found = _RFC_3339.fullmatch(text)
    if found is None:
        raise ValueError(f"no time, or one without an offset: {text!r}")
    day, time, fraction, offset = found.groups()
    moment = datetime.fromisoformat(f"{day}T{time}{'+00:00' if offset in 'Zz' else offset}")
    at = round((moment.timestamp() + float(fraction or 0)) * 1000) / 1000
    if not 0 <= at < _END:
        raise ValueError(f"not a time from 1970 to 9999: {text!r}")
    return at


def to_object(event: Event, *, public: bool = True) -> dict[str, Any]:
    """An event as what JSON holds. With C{public}, secret fields are left out."""
    made: dict[str, Any] = {"event": event.name if isinstance(event, UnknownKind) else event.kind}
    if event.room != SERVER:
        made["room"] = event.room
    if isinstance(event, RoomEvent):
        made["seq"] = event.seq
    made["at"] = time_text(event.at)
    for name in _NAMES[type(event)]:
        if public and name in event.secret:
            continue
        value = getattr(event, name)
        if not value and name in SPARING:
            continue
        if name in _TIMES:
            value = None if value == FOREVER else time_text(value)
        made[name] = value
    return made


def from_object(made: dict[str, Any], *, newer: bool = False) -> Event:
    """
    The event of such an object. Fields this version does not know are left out, so that a newer writer is
    understood.

    @param newer: a newer version may have written it: one of a kind that this version does not know is L{UnknownKind}.
    @raise ValueError: it is no event, of a kind unknown, or a field has the wrong type.
    """
    kind = made.get("event")
    cls = KINDS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        if newer and isinstance(kind, str):
            return _unknown(kind, made)
        raise ValueError(f"no event is called {kind!r}")
    values: dict[str, Any] = {}
    for name, wanted, is_time in _TYPES[cls]:
        if name in made:
            value = made[name]
            if is_time:
                value = FOREVER if value is None and name != "at" else time_value(_text(made, name))
        elif name == "room":
            value = SERVER
        else:
            continue
        if type(value) is not wanted:
            raise ValueError(f"{name} of {cls.kind} is not {wanted.__name__}: {value!r}")
        values[name] = value
    try:
        return cls(**values)
    except TypeError as error:
        raise ValueError(f"{cls.kind} lacks a field: {error}") from None


def _unknown(kind: str, made: dict[str, Any]) -> UnknownKind:
    seq, room, nick = made.get("seq", 0), made.get("room", SERVER), made.get("nick", "")
    if not (type(seq) is int and isinstance(room, str) and isinstance(nick, str)):
        raise ValueError(f"{kind} is no event: {made!r}")
    return UnknownKind(time_value(_text(made, "at")) if "at" in made else 0.0, room, nick, seq, name=kind)


def _text(made: dict[str, Any], name: str) -> str:
    value = made[name]
    if not isinstance(value, str):
        raise ValueError(f"{name} is not text: {value!r}")
    return value


def dumps(event: Event, *, public: bool = True) -> str:
    """One line of JSON, without its end."""
    if type(event) is Said and not event.nonce and not event.bot:  # three times as fast as the general way
        return (
            f'{{"event":"said","room":{quote(event.room)},"seq":{event.seq},"at":"{time_text(event.at)}",'
            f'"nick":{quote(event.nick)},"text":{quote(event.text)}}}'
        )
    return _ENCODER.encode(to_object(event, public=public))


def loads(text: str | bytes, *, newer: bool = False) -> Event:
    """
    The event written by L{dumps}.

    @param newer: as in L{from_object}.
    @raise ValueError: it is not JSON, or no event.
    """
    try:
        made = json.loads(text)
    except RecursionError:
        raise ValueError("JSON that is nested too deep for an event") from None
    if not isinstance(made, dict):
        raise ValueError("an event is an object")
    return from_object(made, newer=newer)
