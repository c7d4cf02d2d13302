"""
Ways of speaking at the line door: the first line shows which one it is, and one more way needs no other module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.conversation import Conversation
from chatroom.doors.intake import Speaker
from chatroom.doors.line import ways
from chatroom.doors.line.connection import LineConnection
from chatroom.errors import Refused
from chatroom.events import Event
from chatroom.interfaces import Answer
from chatroom.states import LineSnapshot
from chatroom.testing import Line, Server

FIRST = b"NICK "


class Relay:
    """A speaker of the toy way, and its own reply: C{NICK name} first, and talk after it."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation

    def received(self, message: bytes) -> None:
        """A line."""
        if message.startswith(FIRST):
            self.conversation.replies.do("hello", {"nick": message[len(FIRST) :].decode()}, self)
        else:
            self.conversation.replies.say(message.decode(), self)

    def too_long(self) -> None:
        """A line that nobody will see."""
        self.conversation.outbox.answer(b"TOO LONG\n")

    def named(self, nick: str | None) -> None:
        """Seen by everybody else."""

    def answered(self, answer: Answer) -> None:
        """It was done."""
        self.conversation.outbox.answer(b"OK\n")

    def kept(self, event: Event) -> None:
        """It was said."""
        self.conversation.outbox.answer(b"SAID\n")

    def refused(self, refusal: Refused) -> None:
        """It was not done."""
        self.conversation.outbox.answer(b"NO " + refusal.code.encode() + b"\n")


class RelayWay:
    """The toy way."""

    word = "relay"
    for_people = False

    def begins(self, start: bytes, whole: bool) -> bool:
        """By its first word."""
        return start.startswith(FIRST)

    def speaker(self, connection: LineConnection, conversation: Conversation) -> Speaker:
        """Lines of up to a hundred bytes."""
        connection.begin_program(connection.style, 100)
        return Relay(conversation)

    def snapshot(self, speaker: Speaker) -> Mapping[str, Any]:
        """No field of its own."""
        return {}

    def was_spoken(self, state: LineSnapshot) -> bool:
        """Never."""
        return False

    def restore(self, speaker: Speaker, state: LineSnapshot) -> None:
        """Never."""


class NewWayTests(SynchronousTestCase):
    """A third way beside those of people and programs."""

    def setUp(self) -> None:
        self.patch(ways, "WAYS", (RelayWay(), *ways.WAYS))
        self.server = Server()
        self.bob = self.server.guest("bob")
        self.line = Line(self.server, "192.0.2.1")

    def test_first_line_chooses_it(self) -> None:
        """What it says is talk like anybody's, what it hears is in its style, and its answers are its own."""
        self.line.sends(b"NICK alice\nhello\n" + b"x" * 101 + b"\n")
        self.assertEqual(["-- alice joined.", "<alice> hello"], self.bob.reads())
        self.assertEqual(b"OK\nTOO LONG\nSAID\n", self.line.receives())
        self.bob.types("hi")
        self.assertEqual(b"<bob> hi\n", self.line.receives())

    @given(st.lists(st.integers(1, 8), max_size=10))
    def test_in_whatever_pieces(self, sizes: list[int]) -> None:
        """It is known however its first line is cut."""
        server = Server()
        line, data = Line(server, "192.0.2.1"), b"NICK alice\nhello\n"
        for size in (*sizes, len(data)):
            piece, data = data[:size], data[size:]
            line.sends(piece)
        self.assertEqual(b"OK\nSAID\n", line.receives())

    def test_no_telnet_and_no_greeting(self) -> None:
        """Its bytes are its own, whatever they are, and it is not greeted."""
        self.line.sends(b"NICK \xff\xfb\x01\n")
        self.server.wait(1)
        self.assertEqual(b"NO internal\n", self.line.receives())
        self.flushLoggedErrors(UnicodeDecodeError)

    def test_others_are_as_they_were(self) -> None:
        """People and programs are known by their own first lines."""
        self.server.guest("carol").types("hello")
        self.assertTrue(self.server.program("robot").asks("who")["ok"])
        self.assertIn("<carol> hello", self.bob.reads())


class ChoiceTests(SynchronousTestCase):
    """Which way a first line begins."""

    @given(st.binary())
    def test_programs_begin_with_a_brace(self, start: bytes) -> None:
        """A program is known by its first byte, and a person by nothing before the line is whole."""
        way = ways.begun(start, whole=False)
        self.assertEqual("json" if start[:1] == b"{" else None, way and way.word)
