"""
Frames as bytes: those we write, against the parser that Twisted uses; those we count, however they are cut.
"""

from __future__ import annotations

from struct import pack

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, TextMessage

from chatroom.doors.web.frames import EMPTY, MOST_FRAGMENTS, PING, Code, Meter, TooBig, close_frame, text_frame
from tests.doors.web.client_frames import MASK, frame

LONGEST = 1000


class WrittenTests(SynchronousTestCase):
    """Frames we write."""

    def parsed(self, data: bytes) -> list[object]:
        """What a client makes of it."""
        client = Connection(ConnectionType.CLIENT)
        client.receive_data(data)
        return list(client.events())

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
    def test_text_arrives_as_it_was(self, text: str) -> None:
        """Any text is one message at the other end."""
        self.assertEqual([TextMessage(data=text)], self.parsed(text_frame(text)))

    def test_every_way_of_writing_a_length(self) -> None:
        """Short, middling and long texts have headers of their own kind, and all arrive."""
        for size in (0, 125, 126, 65535, 65536):
            events = self.parsed(text_frame("x" * size))
            self.assertEqual("x" * size, "".join(event.data for event in events if isinstance(event, TextMessage)))

    def test_half_characters_harm_nobody(self) -> None:
        """What UTF-8 cannot say becomes a question mark; the room reads the rest."""
        self.assertEqual([TextMessage(data="a?b")], self.parsed(text_frame("a\ud800b")))

    def test_close_says_why(self) -> None:
        """A close frame carries a code and a sentence."""
        expected = [CloseConnection(code=1001, reason="See you soon.")]
        self.assertEqual(expected, self.parsed(close_frame(Code.GOING_AWAY, "See you soon.")))

    def test_close_cuts_long_reasons_between_characters(self) -> None:
        """A reason that is too long for a close frame loses its end, and no character is cut in two."""
        [event] = self.parsed(close_frame(Code.NORMAL, "é" * 100))
        assert isinstance(event, CloseConnection)
        self.assertEqual("é" * 61, event.reason)

    def test_ready_made_frames(self) -> None:
        """The ping and the empty message are what they are called."""
        server = Connection(ConnectionType.SERVER)
        self.assertEqual(EMPTY, bytes(server.send(TextMessage(data=""))))
        self.assertEqual(["Ping"], [type(event).__name__ for event in self.parsed(PING)])


class MeterTests(SynchronousTestCase):
    """Frames we are sent, counted before anything of them is kept."""

    def feed(self, *frames: bytes, step: int = 0) -> Meter:
        """A meter that has seen these, in pieces of so many bytes."""
        meter, data = Meter(LONGEST), b"".join(frames)
        step = step or max(1, len(data))
        for at in range(0, len(data), step):
            meter.feed(data[at : at + step])
        return meter

    def test_lawful_messages_pass(self) -> None:
        """Messages up to the longest lawful one pass, one after the other."""
        self.feed(*(frame(1, size) for size in (1, 125, 126, LONGEST, LONGEST)))

    def test_too_long(self) -> None:
        """One byte more is too long, in one frame or in several."""
        self.assertRaises(TooBig, self.feed, frame(1, LONGEST + 1))
        self.assertRaises(TooBig, self.feed, frame(1, LONGEST, last=False), frame(0, 1))

    def test_header_is_enough(self) -> None:
        """A frame that claims to be long is refused before it has come."""
        self.assertRaises(TooBig, self.feed, frame(1, LONGEST + 1)[:8])
        self.assertRaises(TooBig, self.feed, pack("!BBQ", 0x81, 0x80 | 127, 2**62) + MASK)

    def test_endless_message(self) -> None:
        """A message that never ends is refused, even if its pieces are empty."""
        pieces = [frame(0, 0, last=False)] * MOST_FRAGMENTS
        self.assertRaises(TooBig, self.feed, frame(1, 1, last=False), *pieces)

    def test_messages_do_not_add_up(self) -> None:
        """Pings between the pieces of a message are none of it; the next message begins from nothing."""
        piece = frame(1, 600, last=False)
        meter = self.feed(piece, frame(9, 125), frame(0, 400), piece, frame(10, 0), frame(0, 400))
        self.assertEqual(2, meter.extras)

    def test_extras(self) -> None:
        """Pings, pongs, goodbyes and empty messages are counted apart; talk is not."""
        frames = frame(9, 0), frame(10, 4), frame(8, 2), frame(1, 0), frame(1, 5), frame(2, 5)
        self.assertEqual(4, self.feed(*frames).extras)

    @given(
        st.lists(
            st.tuples(st.sampled_from([0, 1, 2, 8, 9, 10]), st.integers(0, 300), st.booleans()), min_size=1, max_size=8
        ),
        st.integers(1, 400),
    )
    def test_pieces_do_not_matter(self, frames: list[tuple[int, int, bool]], step: int) -> None:
        """However the bytes are cut on their way, the meter says the same."""
        data = [frame(opcode, size, last) for opcode, size, last in frames]

        def verdict(step: int) -> int | str:
            try:
                return self.feed(*data, step=step).extras
            except TooBig:
                return "too big"

        self.assertEqual(verdict(0), verdict(step))
