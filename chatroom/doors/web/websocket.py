"""
The door for browsers: WebSocket (RFC 6455), one JSON object per text message each way, or one line of IRC.

Handshakes, and the frames received, are L{twisted.web.websocket}'s. Beside it stands what it does not have: a limit on
the length of a message, and a ping for those who are silent. What messages mean is decided in
L{chatroom.doors.json.json_speaker} or L{chatroom.doors.irc.speaker}, when they are taken up in
L{chatroom.doors.intake}. What is written are bytes of L{chatroom.doors.web.messages} or
L{chatroom.doors.web.irc_messages}: one object for all who read the same, past Twisted's half of the protocol.

Browsers can neither send pings nor see them, so an empty message is answered by an empty message, and is no word. IRC
has a PING of its own: there, an empty message is nothing.

It knows nothing of pages, nor who may ask for a WebSocket; L{chatroom.doors.web.resources} does.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import connectionDone
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.server import Request
from twisted.web.websocket import WebSocketTransport

from chatroom.doors.admission import TalkRate
from chatroom.doors.conversation import Conversation
from chatroom.doors.doorkeeper import Doorkeeper
from chatroom.doors.irc.speaker import IrcSpeaker
from chatroom.doors.irc.wire import LONGEST_LINE
from chatroom.doors.json.json_speaker import JsonSpeaker
from chatroom.doors.transport import transport_of
from chatroom.doors.web.connection import WebSocketWire
from chatroom.doors.web.frames import EMPTY, PING, Code, Meter, TooBig, close_frame, text_frame
from chatroom.doors.web.irc_messages import IrcFrames, IrcMessages, is_irc, lines_of
from chatroom.doors.web.messages import MessageStyle
from chatroom.errors import A_FEW_SECONDS, BadRequest, Refused, Throttled
from chatroom.events import SERVER, Noticed
from chatroom.limits import OFF, Limits

log = Logger()

EXTRAS_BURST = 100
EXTRAS_RATE = 10.0
"""Pings, pongs and empty messages that one connection may send at once, and a second after that."""


class Browser:
    """
    One WebSocket: a C{WebSocketProtocol} of Twisted's.

    @ivar heard: when anything came from it last, on the doorkeeper's clock.
    @ivar pinged: it was asked for a sign of life, and has not given one.
    """

    __slots__ = (
        "_conversation", "_extras", "_frames", "_irc", "_limits", "_meter", "_sockets", "_style", "_unread", "_wire",
        "heard", "pinged",
    )  # fmt: skip

    def __init__(self, sockets: Sockets, wire: WebSocketWire) -> None:
        doorkeeper = sockets.doorkeeper
        self.heard = doorkeeper.clock.seconds()
        self.pinged = False
        self._sockets = sockets
        self._wire = wire
        self._frames: WebSocketTransport | None = None
        self._conversation: Conversation | None = None
        self._irc: IrcMessages | None = None
        self._style: MessageStyle | IrcMessages = MessageStyle()
        self._limits: Limits = doorkeeper.server.limits
        self._meter = Meter(self._limits.json_length)
        self._extras = TalkRate(EXTRAS_BURST, EXTRAS_RATE, self.heard)
        self._unread = 0

    # What Twisted tells (WebSocketProtocol).

    def negotiationStarted(self, transport: WebSocketTransport) -> None:
        """The answer to the handshake is not written yet."""
        self._frames = transport

    def negotiationFinished(self) -> None:
        """Come in, or be sent away politely: a page cannot read the answer to a handshake that was refused."""
        assert self._frames is not None
        self._frames.detachProducer()  # HTTP's
        self._wire.upgrade(self)
        frames = self._sockets.irc
        if frames is not None and self._wire.subprotocol:
            self._irc = self._style = IrcMessages(frames, self._wire.subprotocol)
        # What is written goes below the wire, and below the parser: frames are made already.
        doorkeeper = self._sockets.doorkeeper
        transport = transport_of(self._wire)
        admitted = doorkeeper.admit(transport, self._style)
        if isinstance(admitted, str):
            banned = doorkeeper.server.shut_out(getattr(transport.getPeer(), "host", "")) is not None
            self._style.code = Code.NORMAL if banned else Code.TRY_LATER
            notice = Noticed(0.0, SERVER, doorkeeper.server.name, code="closing", text=admitted)
            doorkeeper.farewells.say(transport, self._style.told((notice,), None, notice.at))
            return
        self._conversation = admitted
        self._sockets.came(self)

    def textMessageReceived(self, message: str) -> None:
        """A request, a heartbeat, or a line of IRC."""
        conversation = self._conversation
        if conversation is None or not conversation.life.listens:
            return
        if message:
            self._take(conversation, message.encode())
        elif self._irc is None:
            conversation.outbox.answer(EMPTY)

    def bytesMessageReceived(self, data: bytes | bytearray) -> None:
        """A line of IRC. Nothing else is said in these."""
        conversation = self._conversation
        if self._irc is None:
            self._refuse(Code.UNSUPPORTED, BadRequest("Send JSON in text messages. Binary messages are not supported."))
        elif conversation is not None and conversation.life.listens:
            self._take(conversation, bytes(data))

    def _take(self, conversation: Conversation, message: bytes) -> None:
        """Put what came where it is taken up. The first message shows who speaks, if the handshake has not."""
        conversation.last_word = self.heard
        if conversation.speaker is None:
            self._enter(conversation, message)
        if self._irc is None:
            conversation.intake.put(message)
            return
        for line in lines_of(message):
            conversation.intake.put(line if len(line) <= LONGEST_LINE else None)

    def _enter(self, conversation: Conversation, first: bytes) -> None:
        frames = self._sockets.irc
        if frames is not None and self._irc is None and is_irc(first):
            self._irc = self._style = IrcMessages(frames)
        if frames is not None and self._irc is not None:
            conversation.enter(IrcSpeaker(conversation, frames.network, self._irc), "irc")
        else:
            conversation.enter(JsonSpeaker(conversation, text_frame, self._limits.json_length), "websocket")

    def pongReceived(self, payload: bytes) -> None:
        """A sign of life, as all bytes are."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone, at whoever's wish."""
        conversation, self._conversation = self._conversation, None
        self._frames = self._wire.browser = None
        if conversation is not None:
            self._sockets.left(self)
            conversation.lost("" if reason.check(ConnectionDone) else "connection lost")
        else:
            self._sockets.doorkeeper.farewells.gone(transport_of(self._wire))

    # What the wire asks.

    def may_send(self, data: bytes) -> bool:
        """Whether these bytes may be taken apart; if not, it is being told why."""
        conversation = self._conversation
        if conversation is None or not conversation.life.listens:
            return False
        self.heard = self._sockets.doorkeeper.clock.seconds()
        self.pinged = False
        try:
            self._meter.feed(data)
        except TooBig:
            most = self._limits.json_length
            sentence = f"That message is too long: {most} bytes at most, in few frames."
            self._refuse(Code.TOO_BIG, BadRequest(sentence, most=most))
            return False
        if not self._is_patient() or not self._is_reading(conversation, len(data)):
            self._refuse(Code.POLICY, Throttled("Too many pings. Goodbye.", wait=A_FEW_SECONDS))
            return False
        return True

    def _is_patient(self) -> bool:
        """Frames that are no talk are held to a rate of their own: they cost as much to take apart."""
        extras, self._meter.extras = self._meter.extras, 0
        return all(self._extras.wait(self.heard) == 0.0 for _ in range(extras))

    def _is_reading(self, conversation: Conversation, size: int) -> bool:
        """Whoever does not read is not listened to, but pings still get through, and would pile up answers."""
        self._unread = self._unread + size if conversation.outbox.full else 0
        return self._unread <= self._limits.unread_soft

    def malformed(self, answer: bytes) -> bytes:
        """The parser could not go on: no frame, a text that is not UTF-8, or a goodbye by a code it does not know."""
        code = self._meter.closed_with()
        if code is not None:
            return close_frame(code, "")
        self._count(BadRequest("That is not a valid WebSocket message."))
        return answer

    def go_on(self) -> None:
        """Take up what came."""
        if self._conversation is not None:
            self._conversation.intake.go_on()

    def ended(self) -> None:
        """The peer sends no more, and reads no more: what it asked for last is done, and not answered."""
        if self._conversation is not None:
            self._conversation.outbox.lost()
            self._conversation.end()

    # What the door wants.

    def ping(self) -> None:
        """Ask for a sign of life; cut it off if the last one was not answered."""
        conversation = self._conversation
        if conversation is None or not conversation.life.listens:
            return
        if self.pinged:
            conversation.cut("connection timed out")
        elif not conversation.outbox.full:  # else the doorkeeper has an eye on it
            self.pinged = True
            conversation.outbox.put(PING)
            conversation.outbox.flush()

    def will_close_as(self, code: Code) -> None:
        """Why it will be closed, if it is."""
        self._style.code = code

    def _refuse(self, code: Code, refusal: Refused) -> None:
        self._count(refusal)
        if self._conversation is not None:
            self._style.code = code
            self._conversation.hang_up(refusal.sentence, linger=True)

    def _count(self, refusal: Refused) -> None:
        if self._conversation is not None:
            self._conversation.replies.count(refusal)


class Sockets:
    """All WebSockets of a daemon: a C{WebSocketServerFactory} of Twisted's."""

    def __init__(self, doorkeeper: Doorkeeper, irc: IrcFrames | None = None) -> None:
        """@param irc: what IRC clients share; C{None} where they are not served."""
        self.doorkeeper = doorkeeper
        self.irc = irc
        self._present: dict[Browser, None] = {}
        self._sweep = LoopingCall(self._look)
        self._sweep.clock = doorkeeper.clock

    def buildProtocol(self, request: Request) -> Browser:
        """Somebody has shaken hands."""
        wire: Any = request.channel.transport
        assert isinstance(wire, WebSocketWire)
        # The channel keeps a request until it is answered, which this one never is: it would hold on to itself.
        request.channel.requests.clear()
        # And what came behind the request, for when that is answered.
        wire.ahead = request.channel.clearLineBuffer()
        return Browser(self, wire)

    def going_away(self) -> None:
        """The server closes: browsers may come back later, and are told so by the code they are closed with."""
        for browser in self._present:
            browser.will_close_as(Code.GOING_AWAY)

    def came(self, browser: Browser) -> None:
        """It is in."""
        self._present[browser] = None
        seconds = self.doorkeeper.server.limits.keepalive_time
        if seconds != OFF and not self._sweep.running:
            # Three looks in that time, so that silence is found out soon enough, and seldom enough to cost nothing.
            self._sweep.start(seconds / 3, now=False).addErrback(lambda failure: log.failure("no more pings", failure))

    def left(self, browser: Browser) -> None:
        """It is out."""
        del self._present[browser]
        if not self._present and self._sweep.running:
            self._sweep.stop()

    def _look(self) -> None:
        """Ping those who have been silent for C{keepalive_time}, or will have been before the next look."""
        limit = self.doorkeeper.clock.seconds() - self.doorkeeper.server.limits.keepalive_time * 2 / 3
        for browser in [each for each in self._present if each.heard <= limit]:
            browser.ping()
