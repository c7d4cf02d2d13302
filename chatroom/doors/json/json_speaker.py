"""
How programs speak with the server: a JSON object per message each way, whatever carries the messages.

A request names what to C{do} and carries an C{id}, which the answer to it repeats; everything else in it are the
command's arguments by name. An answer is C{"ok": true} with the command's facts, or C{"ok": false} with a stable
C{error} and a sentence. docs/protocol.rst is the reference for those who write such programs.

It knows conversations and the events' JSON, and nothing of connections: lines over TCP and texts over WebSocket are
framed by a function.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from zope.interface import implementer

from chatroom import wire
from chatroom.doors.conversation import Conversation
from chatroom.doors.line.text import safe
from chatroom.errors import BadRequest, Refused
from chatroom.events import SERVER, Event, Noticed, RoomEvent
from chatroom.interfaces import Answer, IForm
from chatroom.quoting import MOST_WORDS, joined

Scalar: TypeAlias = str | int | float | bool | None

GREETINGS = frozenset({"hello", "login", "resume"})
"""Answers to these say which version of the vocabulary this is, and the limits that a program goes by."""

_HALF = re.compile("[\ud800-\udfff]")
"""Half of a character outside the Basic Multilingual Plane, as a JSON escape can have it. UTF-8 cannot."""


def _object(value: Any) -> Any:
    """What a fact holds that JSON does not know."""
    if isinstance(value, Event):
        return wire.to_object(value)
    raise TypeError(f"{type(value).__name__} cannot be a fact of an answer")


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_object).encode


@implementer(IForm)
class JsonForm:
    """Each event as an object in a message of its own. A program counts a room's numbers, so it is told its own."""

    echoes = True

    def __init__(self, frame: Callable[[str], bytes]) -> None:
        """@param frame: makes of a text the bytes that carry it."""
        self._frame = frame

    def render(self, events: Sequence[Event], reader: str = "") -> list[bytes]:
        """See L{IForm.render}."""
        return [self._frame(wire.dumps(event)) for event in events]


class JsonStyle:
    """
    How programs are written to. One object serves all that are framed alike.

    @ivar frame: makes of a text the bytes that carry it.
    """

    def __init__(self, frame: Callable[[str], bytes]) -> None:
        self.frame = frame
        self._form = JsonForm(frame)

    def form(self, here: bool) -> JsonForm:
        """Programs read every room in the same way."""
        return self._form

    def told(self, parts: Sequence[str | Event], room: str | None, now: float, reader: str = "") -> bytes:
        """Sentences become events as well, of the kind C{notice}."""
        events = [Noticed(now, SERVER, "", text=part) if isinstance(part, str) else part for part in parts]
        return b"".join(self._form.render(events))


class _Request:
    """One request: what comes of it is written with its id."""

    __slots__ = ("_greets", "_id", "_speech")

    def __init__(self, speech: JsonSpeaker, id: Scalar, greets: bool = False) -> None:
        self._speech = speech
        self._id = id
        self._greets = greets

    def answered(self, answer: Answer) -> None:
        made: dict[str, Any] = {"id": self._id, "ok": True}
        if self._greets:
            made["wire"] = wire.VERSION
            made["limits"] = self._speech.limits()
        for name, value in answer.facts.items():
            made.setdefault(name, value)
        lines = [part for part in answer.parts if isinstance(part, str)]
        if lines:
            made.setdefault("lines", lines)
        if not answer.facts:  # else they say the same, in their own way
            events = [part for part in answer.parts if isinstance(part, Event)]
            if events:
                made["events"] = events
        self._speech.write(made)

    def kept(self, event: Event) -> None:
        made: dict[str, Any] = {"id": self._id, "ok": True, "room": event.room}
        if isinstance(event, RoomEvent):
            made["seq"] = event.seq
        made["at"] = wire.time_text(event.at)
        nonce = getattr(event, "nonce", "")
        if nonce:
            made["nonce"] = nonce
        self._speech.write(made)

    def refused(self, refusal: Refused) -> None:
        # A sentence may name what was sent, which was not clean perhaps.
        made = {"id": self._id, "ok": False, "error": refusal.code, "sentence": safe(refusal.sentence)}
        if refusal.until is not None:
            made["until"] = wire.time_text(refusal.until)
        if refusal.wait is not None:
            made["retry_after"] = max(1, math.ceil(refusal.wait))
        if refusal.most is not None:
            made["max"] = refusal.most
        self._speech.write(made)


class JsonSpeaker:
    """A L{chatroom.doors.intake.Speaker} for programs."""

    __slots__ = ("_conversation", "_frame", "_longest")

    def __init__(self, conversation: Conversation, frame: Callable[[str], bytes], longest: int) -> None:
        """@param longest: bytes in one message, for the refusal of a longer one."""
        self._conversation = conversation
        self._frame = frame
        self._longest = longest

    def received(self, message: bytes) -> None:
        """A request. Space between requests is nothing."""
        if not message or message.isspace():
            return
        id: Scalar = None
        try:
            made = parse(message)
            id = _id(made)
            word = made.pop("do", None)
            if not isinstance(word, str):
                raise BadRequest('A request needs a command in "do": {"id": 1, "do": "help"}')
            values = arguments(made)
        except BadRequest as refusal:
            self._conversation.replies.refuse(_Request(self, id), refusal)
        else:
            self._conversation.replies.do(word, values, _Request(self, id, word in GREETINGS))

    def too_long(self) -> None:
        """See L{chatroom.doors.intake.Speaker}."""
        sentence = f"That request is too long ({self._longest} bytes at most), so the server ignored it."
        refusal = BadRequest(sentence, most=self._longest)
        self._conversation.replies.refuse(_Request(self, None), refusal)

    def refused(self, refusal: Refused) -> None:
        """See L{chatroom.doors.intake.Speaker}. It has no id, as it could not be read."""
        _Request(self, None).refused(refusal)

    def named(self, nick: str | None) -> None:
        """A program knows what it asked for."""

    def limits(self) -> Mapping[str, Any]:
        """The numbers that a program goes by, as they are now."""
        return self._conversation.limits.told()

    def write(self, made: Mapping[str, Any]) -> None:
        """Answer with this object."""
        self._conversation.outbox.answer(self._frame(_encode(made)))


def parse(message: bytes) -> dict[str, Any]:
    """
    The object in a message.

    @raise BadRequest: there is none, or it is not UTF-8.
    """
    try:
        made = json.loads(message.decode())
    except UnicodeDecodeError:
        raise BadRequest("That is not UTF-8.") from None
    except RecursionError:
        raise BadRequest("That is nested too deeply. A request holds no objects, and only lists of text.") from None
    except ValueError as error:
        raise BadRequest(f"That is not JSON: {_printable(str(error))}.") from None
    if not isinstance(made, dict):
        raise BadRequest('A request is a JSON object: {"id": 1, "do": "help"}')
    return made


def arguments(made: Mapping[str, Any]) -> dict[str, str]:
    """
    A command's arguments as it takes them: text, also of a list. C{null} is not given.

    @raise BadRequest: a value is no text, number, true, false, null, or list of text.
    """
    return {_whole(name): _text(name, value) for name, value in made.items() if value is not None}


def _id(made: dict[str, Any]) -> Scalar:
    """Take the id out of a request. C{null} where there is none."""
    id = made.pop("id", None)
    if isinstance(id, (list, dict)) or (isinstance(id, float) and not math.isfinite(id)):
        raise BadRequest("An id is a string, a number, true, false or null.")
    result: Scalar = _whole(id) if isinstance(id, str) else id
    return result


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return str(value)
    if isinstance(value, list) and len(value) > MOST_WORDS:
        raise BadRequest(f"{_printable(name)} has more than {MOST_WORDS} entries.")
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return joined(map(_whole, value))
    raise BadRequest(f"{_printable(name)} must be a string, a number, true, false, null, or a list of strings.")


def _whole(text: str) -> str:
    if not text.isascii() and _HALF.search(text):
        raise BadRequest("That contains half a character: an unpaired surrogate, \\ud800 to \\udfff.")
    return text


def _printable(text: str) -> str:
    """So much of what was sent as can be sent back in a sentence."""
    return "".join(character for character in text[:100] if character.isprintable())
