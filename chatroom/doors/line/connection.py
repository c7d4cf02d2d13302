"""
The door for everyone with C{nc}, C{telnet} or a program of their own: TCP in, lines out.

Here bytes become lines, whatever their pieces, and the first of them decides which of L{chatroom.doors.line.ways} is
spoken; or the peer took this for another kind of server, and reads so in its own language. What lines mean is decided
by the way's speaker, when they are taken up in L{chatroom.doors.intake}.

It is long because bytes, telnet and the hand-over to another process share what there is of a line that is not whole.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.doors.admission import TalkRate
from chatroom.doors.conversation import Conversation
from chatroom.doors.line.text import CRLF, ENDLESS, LF, TextStyle, telnet_style
from chatroom.doors.line.text_speaker import greeting
from chatroom.doors.line.ways import IRC, TEXT, WayOfSpeaking, begun, may_be_irc, spoken
from chatroom.doors.line.wrong_protocol import answer_to
from chatroom.doors.outbox import Style
from chatroom.doors.transport import Transport, transport_of
from chatroom.states import LineSnapshot

if TYPE_CHECKING:
    from chatroom.doors.line.character_mode import CharacterMode
    from chatroom.doors.line.factory import LineFactory
    from chatroom.doors.line.telnet import TelnetFilter

IAC = b"\xff"
"""With it begins every telnet command (RFC 854). It is in no UTF-8."""


SECOND_LINE_DELAY = 1.0
"""Seconds in which the second line of an IRC client follows on the first: most send both at once."""


def take_urgent_data(transport: Transport) -> None:
    """
    Have urgent data stand where it was sent. Telnet's synch sends the second byte of a command as urgent (RFC 854), and
    where that is taken out of the stream, its first byte would swallow a letter.
    """
    with suppress(AttributeError, OSError):  # in memory, behind a wrapper, or of a socket that has no such data
        cast(Any, transport).getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)


@implementer(IHalfCloseableProtocol)
class LineConnection(LineReceiver):
    """
    One connection of the line door. A L{LineTerminal<chatroom.doors.line.text_speaker.LineTerminal>}
    to the person who may be typing on it.

    @ivar conversation: C{None} if it was sent away at the gate, and when it is lost.
    @ivar style: how a person at the other end is written to.
    @ivar greeted: the greeting was written.
    """

    delimiter = b"\n"
    factory: LineFactory
    conversation: Conversation | None = None
    style: TextStyle = LF
    greeted = False
    _skipped = 0
    _returns = False
    _way: WayOfSpeaking | None = None
    _telnet: TelnetFilter | None = None
    _command_rate: TalkRate | None = None
    _typing: CharacterMode | None = None
    _width = 0
    _held: bytes | None = None  # the first line, where only the second one shows who speaks: see may_be_irc

    def __init__(self, handed: LineSnapshot | None = None) -> None:
        """@param handed: what another process has had of it."""
        self._handed = handed

    def connectionMade(self) -> None:
        """Come in, or be sent away politely."""
        if self._handed is not None:
            return  # go_on follows
        transport = transport_of(self)
        admitted = self.factory.doorkeeper.admit(transport, LF)
        if isinstance(admitted, str):
            self.factory.doorkeeper.farewells.say(transport, LF.refusal(admitted))
            return
        self.conversation = admitted
        self.MAX_LENGTH = self.factory.limits.line_length
        take_urgent_data(transport)
        self.factory.greet_soon(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone, at whoever's wish."""
        conversation, self.conversation = self.conversation, None
        if conversation is not None:
            conversation.lost("" if reason.check(ConnectionDone) else "connection lost")
        else:
            self.factory.doorkeeper.farewells.gone(transport_of(self))
        typing, self._typing = self._typing, None
        if typing is not None:
            typing.stop()
        telnet, self._telnet = self._telnet, None
        if telnet is not None:
            telnet.connectionLost(reason)

    def readConnectionLost(self) -> None:
        """The peer sends no more. What it sent last is a line, with an end or without."""
        conversation = self.conversation
        if conversation is not None:
            if not conversation.life.listens:
                pass
            elif self._typing is not None:
                self._typing.take_all()
            elif self._buffer or self._skipped:
                self._lines_received(conversation, self.delimiter)
            self._wait_no_more()
            conversation.end()

    def writeConnectionLost(self) -> None:
        """We write no more, at our own wish; the peer may be sending still."""

    # From one process to the next.

    def state(self, unsent: bytes) -> LineSnapshot:
        """
        All that the next process has to know of this connection.

        @param unsent: bytes that the transport still holds.
        """
        conversation = self.conversation
        assert conversation is not None
        speaker = conversation.speaker
        said = {} if self._way is None or speaker is None else self._way.snapshot(speaker)
        return LineSnapshot(
            conversation.state(),
            typed=self._buffer if self._held is None else self._held + self.delimiter + self._buffer,
            skipped=self._skipped,
            returns=self._returns,
            greeted=self.greeted,
            telnet=None if self._telnet is None else self._telnet.snapshot(),
            editor=None if self._typing is None else self._typing.state(),
            unsent=unsent,
            **said,
        )

    def go_on(self) -> None:
        """This connection is new to this process alone, of which the server is open now."""
        state, self._handed = self._handed, None
        assert state is not None
        transport = transport_of(self)
        self._buffer, self._skipped, self._returns = state.typed, state.skipped, state.returns
        self.MAX_LENGTH = self.factory.limits.line_length
        self.greeted = state.greeted
        conversation = self.factory.doorkeeper.readmit(transport, LF, state.conversation)
        self.conversation = conversation
        transport.write(state.unsent)
        if state.telnet is not None:
            self._speak_telnet(conversation).restore(state.telnet)
            self._type_again(conversation, state)
        way = spoken(state)
        if way is None:
            self.factory.greet_soon(self)
        else:
            self._way = way
            speaker = way.speaker(self, conversation)
            conversation.enter_again(speaker, state.conversation)
            way.restore(speaker, state)
        if self.delimiter in self._buffer:  # a first line that waited for the second one
            typed, self._buffer = self._buffer, b""
            self._lines_received(conversation, typed)
        if state.editor is not None and state.editor.held:  # there may be whole lines in it, which the speaker takes
            self._lines_received(conversation, state.editor.held)

    # Bytes to lines.

    def dataReceived(self, data: bytes) -> None:
        """
        Take the lines out of a piece of input, all at once, and then go on with what they mean.

        L{LineReceiver} itself would split them off one by one, and copy what is left for each.
        """
        conversation = self.conversation
        if conversation is None or not conversation.life.listens:
            return
        conversation.last_word = self.factory.doorkeeper.clock.seconds()
        if self._telnet is not None:
            if IAC in data:
                self._speak_telnet(conversation)
            self._filter_telnet(conversation, data)
        elif IAC in data and self._may_be_telnet(data):
            text, _, _ = data.partition(IAC)
            self._lines_received(conversation, text)
            self._speak_telnet(conversation)
            self._filter_telnet(conversation, data[len(text) :])
        else:
            self._lines_received(conversation, data)
        conversation.intake.go_on()

    def _lines_received(self, conversation: Conversation, data: bytes) -> None:
        if self._typing is not None:
            self._typing.received(data)
            return
        *lines, rest = data.split(self.delimiter)
        if lines and self._is_plain(conversation, data):
            conversation.intake.put_all(lines)
            lines.clear()
        telnet = self._telnet
        for at, line in enumerate(lines, 1):
            if self._buffer or self._skipped or len(line) > self.MAX_LENGTH:
                self._begin_line(conversation, line)
                line, self._buffer = self._buffer, b""
            if not conversation.life.listens:
                return
            if self._skipped:
                self._skipped = 0
                self.lineLengthExceeded(line)
            else:
                self.lineReceived(line)
            if self._telnet is not telnet:  # this line has shown who speaks: all behind it is read as telnet is
                self._filter_telnet(conversation, self.delimiter.join([*lines[at:], rest]))
                return
        if rest and conversation.life.listens:
            self._begin_line(conversation, rest)

    def _is_plain(self, conversation: Conversation, data: bytes) -> bool:
        """Whether these are nothing but whole lines, and perhaps the beginning of one, of which none is special."""
        return (
            len(data) <= self.MAX_LENGTH
            and conversation.speaker is not None
            and not (self._buffer or self._skipped)
            and conversation.life.listens
            and b"\r" not in data
        )

    def _begin_line(self, conversation: Conversation, data: bytes) -> None:
        """Keep what may become a lawful line; of a longer one, only count the bytes."""
        if not self._skipped:
            self._buffer += data
            if conversation.speaker is None:
                self._meet(conversation, self._buffer, whole=False)
            if len(self._buffer) <= self.MAX_LENGTH + len(b"\r"):
                return
            data, self._buffer = self._buffer, b""
        self._skipped += len(data)
        if self._skipped > ENDLESS:
            conversation.hang_up(f"A line of {ENDLESS:,} bytes without an end. Goodbye.", linger=True)

    def lineReceived(self, line: bytes) -> None:
        """A line, with the CR of its end if it has one."""
        conversation = self.conversation
        if conversation is None:
            return
        greeted = self.greeted
        if line.endswith(b"\r"):
            line = line[:-1]
            self._returns = True
        if conversation.speaker is None:
            if self._waits_for_more(conversation, line):
                return
            self._meet(conversation, line, whole=True)
            if self._way is TEXT and self._returns and greeted:
                self._filter(conversation).ask_width()
            self._put_held(conversation)
        if len(line) > self.MAX_LENGTH:
            self.lineLengthExceeded(line)
        elif conversation.life.listens:
            conversation.intake.put(line)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Of a line that is too long, only its turn is left, to be refused in."""
        conversation = self.conversation
        if conversation is not None:
            if conversation.speaker is None:
                self._enter(conversation, IRC if self.factory.only_irc else TEXT)
                self._put_held(conversation)
            conversation.intake.put(None)

    # Who speaks.

    def _meet(self, conversation: Conversation, start: bytes, whole: bool) -> None:
        """
        See by the beginning of the first line who speaks, if it can be seen yet.

        @param whole: this is all of the line.
        """
        alone = self.factory.only_irc
        way = None if alone else begun(start, whole, self.factory.irc is not None)
        if way is not None:
            self._enter(conversation, way)
            return
        answer = answer_to(start, whole, self.MAX_LENGTH)
        if answer is not None:
            conversation.outbox.answer(answer)
            conversation.hang_up("")
        elif whole:
            self._enter(conversation, IRC if alone else TEXT)

    def _waits_for_more(self, conversation: Conversation, line: bytes) -> bool:
        """Whether only the next line shows who speaks. If there is none in L{SECOND_LINE_DELAY}, it is a person."""
        factory = self.factory
        if self._held is not None or factory.irc is None or factory.only_irc:
            return False
        if not may_be_irc(line) or begun(line, whole=True) is not None:
            return False
        self._held = line
        factory.doorkeeper.clock.callLater(SECOND_LINE_DELAY, self._wait_no_more)
        return True

    def _wait_no_more(self) -> None:
        """No second line has come: take the first one as a person's."""
        conversation = self.conversation
        if conversation is not None and self._held is not None and conversation.life.listens:
            self._enter(conversation, TEXT)
            self._put_held(conversation)

    def _put_held(self, conversation: Conversation) -> None:
        """It is known who speaks: take up the line that was waiting for that."""
        held, self._held = self._held, None
        if held is not None and conversation.life.listens:
            conversation.intake.put(held)
            conversation.intake.go_on()

    def _enter(self, conversation: Conversation, way: WayOfSpeaking) -> None:
        if way.for_people:
            self.greet()
        self._way = way
        conversation.enter(way.speaker(self, conversation), way.word)

    def begin_program(self, style: Style, longest: int) -> None:
        """A program speaks: it is written to in this style, its lines may be so long, and its bytes are no telnet."""
        assert self.conversation is not None
        self.MAX_LENGTH = longest
        if self._telnet is not None:
            self._telnet.edit_no_more()
        self.conversation.outbox.style = style

    def _may_be_telnet(self, data: bytes) -> bool:
        """Whether a person speaks, or somebody of whom that is not known, and does not begin otherwise with this."""
        if self.factory.only_irc:
            return False
        way = self._way or begun(self._buffer or data, whole=False)
        return way is None or way.for_people

    def greet(self) -> None:
        """Say where this is, once, to who is not known to be a program."""
        conversation = self.conversation
        if conversation is None or self.greeted or conversation.speaker is not None or not conversation.life.listens:
            return
        self.greeted = True
        conversation.outbox.answer(self.style.answer(greeting(self.factory.doorkeeper.server), None))

    # Telnet.

    def _speak_telnet(self, conversation: Conversation) -> TelnetFilter:
        made = self._filter(conversation)
        if self.style is LF:
            self.style = conversation.outbox.style = CRLF
        return made

    def _filter_telnet(self, conversation: Conversation, data: bytes) -> None:
        """Take the commands out of the input. Who sends commands without end is cut: reading them is work."""
        telnet, rate = self._telnet, self._command_rate
        assert telnet is not None
        assert rate is not None
        telnet.filter(data)
        spent, telnet.command_bytes = telnet.command_bytes, 0
        if not spent:
            return
        if rate.wait(conversation.last_word):
            conversation.cut("sent telnet commands without end")
        rate.spend(spent - 1)

    def _filter(self, conversation: Conversation) -> TelnetFilter:
        """The telnet filter. Of a peer that was asked and does not answer, nothing but the line ends is telnet's."""
        if self._telnet is None:
            # Most never need it, and it brings a good part of Conch along.
            from chatroom.doors.line.telnet import COMMAND_BURST, COMMAND_RATE, TelnetFilter

            now = self.factory.doorkeeper.clock.seconds()
            self._command_rate = TalkRate(COMMAND_BURST, COMMAND_RATE, now)
            received = partial(self._lines_received, conversation)
            sends_keys = partial(self._sends_keys, conversation) if self.factory.telnet_editing else None
            answer, cut = conversation.outbox.answer, conversation.cut
            self._telnet = TelnetFilter(received, answer, cut, self._resized, sends_keys)
        return self._telnet

    def _resized(self, width: int) -> None:
        """The peer has said how wide its window is."""
        if self.conversation is not None:
            self.style = self.conversation.outbox.style = telnet_style(width)
            self._width = width
            if self._typing is not None:
                self._typing.resize(width)

    # Telnet that sends each key.

    def _sends_keys(self, conversation: Conversation, keys: bool) -> None:
        """The peer sends each key from now on, or whole lines again. What is half typed stays."""
        if keys:
            self._typing = self._character_mode(conversation)
            typed, self._buffer, self._skipped = self._buffer, b"", 0
            self._typing.begin(typed)
        elif self._typing is not None:
            typing, self._typing = self._typing, None
            typing.stop()
            conversation.outbox.frame = None
            conversation.outbox.answer(typing.ending())
            state = typing.state()
            self._buffer = state.text
            self._lines_received(conversation, state.held)

    def _character_mode(self, conversation: Conversation) -> CharacterMode:
        from chatroom.doors.line.character_mode import CharacterMode  # most never need it

        limits, clock = self.factory.limits, self.factory.doorkeeper.clock
        made = CharacterMode(conversation, self, limits, self._width, clock)
        made.editor.hidden = self._telnet is not None and self._telnet.hides()
        return made

    def _type_again(self, conversation: Conversation, state: LineSnapshot) -> None:
        """Go on with the line that was being typed in the other process."""
        if state.editor is None or self._telnet is None:
            return
        if self._telnet.sends_keys():
            self._typing = self._character_mode(conversation)
            self._typing.restore(state.editor)
        else:
            self._buffer = state.editor.text

    def hide_typing(self, hide: bool) -> bool:
        """See L{Terminal}. Only who sends IAC, or lines that end in CR LF, is taken for telnet."""
        if self._typing is not None:
            self._typing.editor.hidden = hide
        if not hide:
            if self._telnet is not None:
                self._telnet.hide_typing(False)
            return False
        if self.conversation is None or (self._telnet is None and not self._returns):
            return False
        self._speak_telnet(self.conversation).hide_typing(True)
        return True

    def has_begun(self) -> bool:
        """See L{Terminal}."""
        typed = self._buffer if self._typing is None else self._typing.editor.text
        return bool(typed or self._skipped)

    def typed_unseen(self) -> None:
        """See L{Terminal}. In character mode, the end of each line is shown when it is typed."""
        if self.conversation is None or self._telnet is None or self._typing is not None:
            return
        if self._telnet.is_hidden():
            self.conversation.outbox.answer(b"\r\n")
