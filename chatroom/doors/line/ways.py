"""
The ways of speaking at the line door: people type, programs send JSON, IRC clients speak IRC, and the first line shows
who it is.

Each way is an object with the same few answers, so that L{chatroom.doors.line.connection} asks no more than which one
is spoken. It knows how a first line begins, and what a way makes of its connection; not what later lines mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from chatroom.doors.conversation import Conversation
from chatroom.doors.intake import Speaker
from chatroom.doors.irc.speaker import IrcSpeaker
from chatroom.doors.irc.wire import LONGEST_LINE
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

    def begins(self, start: bytes, whole: bool) -> bool:
        """
        Whether a first line that begins so shows that this is spoken. It may be called again when more has come.

        @param whole: this is all of the line.
        """

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

    def begins(self, start: bytes, whole: bool) -> bool:
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


class _Irc:
    """
    IRC clients: the first line is a command that no person begins with, as a nickname has no blanks. C{NICK alice}
    alone may be either, and the line behind it shows which.
    """

    word = "irc"
    for_people = False

    def begins(self, start: bytes, whole: bool) -> bool:
        return whole and _IRC.match(start) is not None

    def speaker(self, connection: LineConnection, conversation: Conversation) -> Speaker:
        network = connection.factory.irc
        assert network is not None
        connection.begin_program(network.style(frozenset()), LONGEST_LINE)
        return IrcSpeaker(conversation, network)

    def snapshot(self, speaker: Speaker) -> Mapping[str, Any]:
        assert isinstance(speaker, IrcSpeaker)
        return {"irc": speaker.state()}

    def was_spoken(self, state: LineSnapshot) -> bool:
        return state.irc is not None

    def restore(self, speaker: Speaker, state: LineSnapshot) -> None:
        assert isinstance(speaker, IrcSpeaker) and state.irc is not None
        speaker.restore(state.irc)


class _Text:
    """People: any other first line, once it is whole."""

    word = "line"
    for_people = True

    def begins(self, start: bytes, whole: bool) -> bool:
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

IRC: WayOfSpeaking = _Irc()
"""What is spoken at ports for IRC alone."""

WAYS: tuple[WayOfSpeaking, ...] = (_Json(), IRC, TEXT)
"""All of them."""

_IRC = re.compile(rb"(@\S+ +)?(CAP (LS|REQ|LIST|END)( |$)|PASS :?\S|USER \S+ +\S+ +\S+ +\S)")
"""The first line of an IRC client: in capital letters and with an argument, as no nickname is."""

_NICK = re.compile(rb"NICK :?\S+ *")


def may_be_irc(line: bytes) -> bool:
    """Whether the line that follows has to show if this one is a person's or an IRC client's."""
    return _NICK.fullmatch(line) is not None


def begun(start: bytes, whole: bool, irc: bool = True) -> WayOfSpeaking | None:
    """
    The way in which a first line begins that begins so; C{None}: it may still be any, or L{TEXT}.

    @param whole: this is all of the line. @param irc: IRC may be spoken.
    """
    return next((way for way in WAYS if (irc or way is not IRC) and way.begins(start, whole)), None)


def spoken(state: LineSnapshot) -> WayOfSpeaking | None:
    """The way that was spoken in another process; C{None}: that was not known yet."""
    return next((way for way in WAYS if way.was_spoken(state)), None)
