"""
The ways of speaking at the line door: people type, programs send JSON, and the first line shows who it is.

Each way is an object with the same few answers, so that L{chatroom.doors.line.connection} asks no more than which one
is spoken. It knows how a first line begins, and what a way makes of its connection; not what later lines mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from chatroom.doors.conversation import Conversation
from chatroom.doors.intake import Speaker
from chatroom.doors.json.connection import JSON_LINES
from chatroom.doors.json.json_speaker import JsonSpeaker
from chatroom.doors.line.text_speaker import TextSpeaker
from chatroom.states import LineSnapshot

if TYPE_CHECKING:
    from chatroom.doors.line.connection import LineConnection


class WayOfSpeaking(Protocol):
    """
    One of them. The same object serves all connections.

    @ivar word: for logs.
    @ivar for_people: they are greeted, and a byte IAC in what they send begins a telnet command.
    """

    word: str
    for_people: bool

    def begins(self, start: bytes) -> bool:
        """Whether a first line that begins so shows that this is spoken. It may be called again when more has come."""

    def speaker(self, connection: LineConnection, conversation: Conversation) -> Speaker:
        """Who understands the lines. The connection is told how it is written to, and how long a line may be."""

    def snapshot(self, speaker: Speaker) -> Mapping[str, Any]:
        """For another process: fields of a L{LineSnapshot}, by which L{was_spoken} and L{restore} go."""

    def was_spoken(self, state: LineSnapshot) -> bool:
        """Whether another process has known that this is spoken."""

    def restore(self, speaker: Speaker, state: LineSnapshot) -> None:
        """Go on from there."""


class _Json:
    """Programs: the first line begins with C{E{lb}}."""

    word = "json"
    for_people = False

    def begins(self, start: bytes) -> bool:
        return start.startswith(b"{")

    def speaker(self, connection: LineConnection, conversation: Conversation) -> Speaker:
        longest = connection.factory.limits.json_length
        connection.begin_program(JSON_LINES, longest)
        return JsonSpeaker(conversation, JSON_LINES.frame, longest)

    def snapshot(self, speaker: Speaker) -> Mapping[str, Any]:
        return {"program": True}

    def was_spoken(self, state: LineSnapshot) -> bool:
        return state.program

    def restore(self, speaker: Speaker, state: LineSnapshot) -> None:
        """It remembers nothing."""


class _Text:
    """People: any other first line, once it is whole."""

    word = "line"
    for_people = True

    def begins(self, start: bytes) -> bool:
        """Only where nothing else does."""
        return False

    def speaker(self, connection: LineConnection, conversation: Conversation) -> Speaker:
        return TextSpeaker(conversation, connection, connection.MAX_LENGTH)

    def snapshot(self, speaker: Speaker) -> Mapping[str, Any]:
        assert isinstance(speaker, TextSpeaker)
        return {"person": speaker.state()}

    def was_spoken(self, state: LineSnapshot) -> bool:
        return state.person is not None

    def restore(self, speaker: Speaker, state: LineSnapshot) -> None:
        assert isinstance(speaker, TextSpeaker) and state.person is not None
        speaker.restore(state.person)


TEXT: WayOfSpeaking = _Text()
"""What is spoken where nothing else is."""

WAYS: tuple[WayOfSpeaking, ...] = (_Json(), TEXT)
"""All of them."""


def begun(start: bytes) -> WayOfSpeaking | None:
    """The way in which a first line begins that begins so; C{None}: it may still be any, or L{TEXT}."""
    return next((way for way in WAYS if way.begins(start)), None)


def spoken(state: LineSnapshot) -> WayOfSpeaking | None:
    """The way that was spoken in another process; C{None}: that was not known yet."""
    return next((way for way in WAYS if way.was_spoken(state)), None)
