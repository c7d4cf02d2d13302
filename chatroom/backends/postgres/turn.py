"""
A turn as it goes to PostgreSQL and comes from its log: which function keeps it, and its body in JSON.

Talk is a list C{[room, at, kind, nick, nick_key, text]}, with C{nonce, bot} behind where there is either. Any other
event is an object that says what the function of schema/ has to do, so that no SQL knows what an event means. It knows
events, and no connection.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from chatroom.events import KINDS, MEMBER_SLOT, Acted, Audited, Condition, Event, RoomEvent, Said, number
from chatroom.folding import fold
from chatroom.wire import from_object, to_object

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

ONE, TALK, ANY = "keep_one_1", "keep_talk_1", "keep_any_1"
"""The functions that keep a turn: of one line of talk, of talk, of anything."""

DID_NOT_HAPPEN = -1
"""In the place of a number: the event's condition did not hold."""


def line_of(event: Said | Acted) -> list[Any]:
    """Talk as it is written down."""
    line = [event.room, round(event.at * 1000), event.kind, event.nick, fold(event.nick), event.text]
    return [*line, event.nonce, event.bot] if event.nonce or event.bot else line


def body_of(batch: Sequence[Event]) -> tuple[str, str]:
    """@return: the function that keeps such a turn, and what it is given."""
    lines = [line_of(event) for event in batch if isinstance(event, Said | Acted)]
    if len(lines) < len(batch):
        return ANY, _ENCODE([_item(event) for event in batch])
    return (ONE if len(lines) == 1 else TALK), _ENCODE(lines)


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
        item["talk"] = line_of(event)
    if event.changes:
        slots = event.slots()
        if slots.clears:
            item["clears"] = slots.clears
        if slots.sets is not None:
            item["sets"] = slots.sets
            item["presence"] = slots.presence
        if event.only_if is not Condition.ALWAYS:
            item["if"] = event.only_if.value
            item["member"] = MEMBER_SLOT + fold(event.nick)
        if isinstance(event, Audited):
            who = event.nick, fold(event.nick), fold(event.target)
            item["audit"] = [event.at, *who, event.act, event.target, event.detail]
    return item


def talk_of(
    room: str, seq: int, at: int, kind: str, nick: str, text: str, nonce: str = "", bot: bool = False
) -> RoomEvent:
    """A line of talk as it stands in the table."""
    made: Any = KINDS[kind]
    event: RoomEvent = made(at=at / 1000, room=room, nick=nick, seq=seq, text=text, nonce=nonce, bot=bot)
    return event


def event_of(text: str, seq: int) -> Event:
    """An event as L{kept_text} wrote it."""
    event = from_object(json.loads(text), newer=True)
    if isinstance(event, RoomEvent):
        number(event, seq)
    return event


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
    events: list[Event] = []
    for made, seq in zip(json.loads(body), seqs, strict=True):
        if isinstance(made, list):
            room, at, kind, nick, _, text, *marks = made
            events.append(talk_of(room, seq, at, kind, nick, text, *marks))
        elif seq != DID_NOT_HAPPEN:
            events.append(event_of(made["event"], seq))
    return events
