"""
A turn as it goes to PostgreSQL and comes from its log: what it is, and its body.

A turn of talk alone is text in columns, which both sides take apart with C{split}: see C{keep_talk_1} of schema/. Any
other turn is JSON: a list of objects, each of which says what the function has to do, so that no SQL knows what an
event means. It knows events, and no connection.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from chatroom.events import KINDS, MEMBER_SLOT, Acted, Audited, Condition, Event, RoomEvent, Said, number
from chatroom.folding import fold
from chatroom.wire import from_object, to_object

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

ONE, TALK, ANY = "one", "talk", "any"
"""What a turn is: one line of talk, talk, or anything."""

FIELD, COLUMN = "\x1f", "\x1e"
"""What stands between the fields of a column of talk, and between columns. In JSON, neither ever stands as it is."""

COLUMNS = 11

DID_NOT_HAPPEN = -1
"""In the place of a number: the event's condition did not hold."""


def body_of(batch: Sequence[Event]) -> tuple[str, str]:
    """@return: what the turn is, and its body."""
    lines = [event for event in batch if isinstance(event, Said | Acted)]
    body = _talk_body(lines) if len(lines) == len(batch) else None
    if body is None:
        return ANY, _ENCODE([_item(event) for event in batch])
    return (ONE if len(lines) == 1 else TALK), body


def _talk_body(lines: Sequence[Said | Acted]) -> str | None:
    """Talk in columns; C{None} where a field holds what stands between fields."""
    places: dict[str, int] = {}
    counts: list[int] = []
    rows = []
    for event in lines:
        place = places.setdefault(event.room, len(counts))
        if place == len(counts):
            counts.append(0)
        counts[place] = nth = counts[place] + 1
        at, key, bot = round(event.at * 1000), fold(event.nick), "1" if event.bot else ""
        rows.append((str(place + 1), str(nth), str(at), event.kind, event.nick, key, event.text, event.nonce, bot))
    columns = [FIELD.join(places), FIELD.join(map(str, counts)), *map(FIELD.join, zip(*rows, strict=True))]
    body = COLUMN.join(columns)
    between = 2 * (len(counts) - 1) + (COLUMNS - 2) * (len(rows) - 1)
    return body if body.count(COLUMN) == COLUMNS - 1 and body.count(FIELD) == between else None


def kept_text(event: Event) -> str:
    """An event as it stands in a slot or in history: its number stands beside it."""
    made = to_object(event, public=False)
    made.pop("seq", None)
    return _ENCODE(made)


def _item(event: Event) -> dict[str, Any]:
    item: dict[str, Any] = {"room": event.room, "event": kept_text(event)}
    if event.recorded:
        item["recorded"] = round(event.at * 1000)
    if isinstance(event, Said | Acted):
        item["talk"] = [
            round(event.at * 1000),
            event.kind,
            event.nick,
            fold(event.nick),
            event.text,
            event.nonce,
            event.bot,
        ]
    if event.changes:
        slots = event.slots()
        if slots.clears:
            item["clears"] = slots.clears
        if event.begins:
            item["begins"] = True
        if slots.sets is not None:
            item["sets"] = slots.sets
            item["presence"] = slots.presence
        if event.only_if is not Condition.ALWAYS:
            item["if"] = event.only_if.value
            item["member"] = MEMBER_SLOT + fold(event.nick)
            if event.only_if is Condition.OWNED:
                item["role"] = slots.sets or slots.clears[0]
        if isinstance(event, Audited):
            who = event.nick, fold(event.nick), fold(event.target)
            item["audit"] = [event.at, *who, event.act, event.target, event.detail]
    return item


def talk_of(
    room: str, seq: int, at: int, kind: str, nick: str, text: str, nonce: str = "", bot: bool = False
) -> RoomEvent:
    """A line of talk as it stands in the table."""
    made: Any = KINDS[kind]
    event: RoomEvent = made(at / 1000, room, nick, seq, text, nonce, bot)
    return event


def event_of(text: str, seq: int) -> Event:
    """An event as L{kept_text} wrote it."""
    event = from_object(json.loads(text), newer=True)
    if isinstance(event, RoomEvent):
        number(event, seq)
    return event


def events_kept(found: Sequence[tuple[str, int]]) -> tuple[Event, ...]:
    """Many events as L{kept_text} wrote them, with their numbers. JSON that is read at once costs less."""
    events = tuple(from_object(made, newer=True) for made in json.loads(f"[{','.join([text for text, _ in found])}]"))
    for event, (_, seq) in zip(events, found, strict=True):
        if isinstance(event, RoomEvent):
            number(event, seq)
    return events


def numbered(batch: Sequence[Event], seqs: Sequence[int]) -> list[Event]:
    """
    Give events their numbers.

    @return: those that happened.
    """
    happened = []
    for event, seq in zip(batch, seqs, strict=True):
        if seq != DID_NOT_HAPPEN:
            if seq:
                assert isinstance(event, RoomEvent)
                number(event, seq)
            happened.append(event)
    return happened


def events_of(body: str, seqs: Sequence[int]) -> list[Event]:
    """The events of a turn that another node has kept: those that happened."""
    if COLUMN in body:
        return _talk_events(body, seqs)
    made = zip(json.loads(body), seqs, strict=True)
    return [event_of(item["event"], seq) for item, seq in made if seq != DID_NOT_HAPPEN]


def _talk_events(body: str, seqs: Sequence[int]) -> list[Event]:
    columns = [column.split(FIELD) for column in body.split(COLUMN)]
    rooms, _, places, _, times, kinds, nicks, _, texts, nonces, bots = columns
    events: list[Event] = []
    for place, at, kind, nick, seq, text, nonce, bot in zip(
        places, times, kinds, nicks, seqs, texts, nonces, bots, strict=True
    ):
        events.append(talk_of(rooms[int(place) - 1], seq, int(at), kind, nick, text, nonce, bot != ""))
    return events
