"""
What one peer sends, taken up one message at a time. A message is a line, or a WebSocket's text.

While a command is under way, the messages behind it wait; so they do while the peer talks faster than C{talk_rate},
does not read its answers, or has had its share of this turn of the reactor. Nothing is lost: the reader is paused, and
TCP does the rest. Talk itself does not wait to be kept.

It knows a L{Speaker}, who understands messages, and asks L{chatroom.doors.replies} and the outbox whether they wait for
something; not how messages are framed, nor how a connection ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from chatroom.doors.admission import TalkRate
from chatroom.doors.backlog import Backlog
from chatroom.doors.conversation_states import Life, Turn
from chatroom.doors.replies import Bug
from chatroom.doors.transport import Transport
from chatroom.errors import Refused

if TYPE_CHECKING:
    from chatroom.doors.conversation import Conversation

log = Logger()

MESSAGES_PER_TURN = 100
"""So many of one connection are taken up before others have their turn."""

ANSWERS_PER_TURN = 8192
"""Bytes of answers, likewise. A short question with a long answer takes as much time as hundreds of lines of talk."""

FEW = 8
"""So many may wait with the reader going on: to stop and start it again costs more than they do."""

READY, TAKING, LAST, RESTING, FROZEN, OVER = Turn
OPEN = Life.OPEN
# By these names, as a name is found faster than an attribute of an Enum.


class Speaker(Protocol):
    """One way of speaking with the server: as people do, or as programs do."""

    def received(self, message: bytes) -> None:
        """The next message, when it is its turn."""

    def too_long(self) -> None:
        """The next message, of which nothing is left because it was too long."""

    def refused(self, refusal: Refused) -> None:
        """The message could not be taken up at all."""

    def named(self, nick: str | None) -> None:
        """The nickname is now this one."""


class Intake:
    """
    @ivar messages: those that have come and are not taken up, or the first of them; C{None} in place of one that was
        too long. C{None} itself where nothing waits, as almost always: an empty deque takes 600 bytes.
    @ivar rate: how fast the peer may talk, which also pays for what else it asks for; C{None} where that is off.
    @ivar turn: whether a message may be taken up; each change is a row of
        L{TURN<chatroom.doors.conversation_states.TURN>}.
    """

    __slots__ = ("_backlog", "_clock", "_conversation", "_paused", "_timer", "_transport", "messages", "rate", "turn")

    def __init__(
        self, conversation: Conversation, transport: Transport, clock: IReactorTime, rate: TalkRate | None
    ) -> None:
        self.messages: deque[bytes | None] | None = None
        self.rate = rate
        self.turn: Turn = READY
        # Whose it is, until that one is lost: each would keep the other in memory.
        self._conversation: Conversation | None = conversation
        self._transport = transport
        self._clock = clock
        # What waits behind the first messages, packed. It is there only while C{messages} is not empty.
        self._backlog: Backlog | None = None
        # We have asked the transport to read no more, because too much waits. A freeze asks it as well, and does not
        # count here: what waits is still to decide whether a thaw lets the transport read on.
        self._paused = False
        self._timer: IDelayedCall | None = None  # which ends the rest, as long as the turn is RESTING

    def put(self, message: bytes | None) -> None:
        """
        A message for L{go_on} to take up.

        @param message: C{None} in place of one that was too long.
        """
        if self.messages is None:
            self.messages = deque()
        if len(self.messages) < MESSAGES_PER_TURN and self._backlog is None:
            self.messages.append(message)
            return
        if self._backlog is None:
            self._backlog = Backlog()
        self._backlog.put(message)

    def put_all(self, messages: Sequence[bytes]) -> None:
        """Several messages, none of them too long."""
        if self.messages is None and len(messages) <= MESSAGES_PER_TURN:
            self.messages = deque(messages)
        else:
            for message in messages:
                self.put(message)

    def waiting(self) -> int:
        """How many messages have come and are not taken up."""
        return len(self.messages or ()) + len(self._backlog or ())

    def state(self) -> tuple[bytes | None, ...]:
        """Those messages, in order, for another process."""
        return (*(self.messages or ()), *(self._backlog or ()))

    def go_on(self) -> None:
        """Take up what waits, until something makes it wait; then write what there is to write."""
        conversation = self._conversation
        if conversation is None or self.turn is TAKING or self.turn is LAST:  # who takes up goes on by itself
            return
        if self.turn is READY:
            self.turn = TAKING
            try:
                self._take_up(conversation)
            finally:
                if self.turn is TAKING:
                    self.turn = READY
                elif self.turn is LAST:
                    self.turn = OVER
        conversation.outbox.flush()
        if self.messages:
            if not self._paused and len(self.messages) > FEW and conversation.life is OPEN:
                self._paused = True
                self._transport.pauseProducing()
            return
        self.messages = self._backlog = None
        if conversation.life is not OPEN:
            conversation.close_if_answered()
        elif self._paused:
            self._paused = False
            self._transport.resumeProducing()

    def _take_up(self, conversation: Conversation) -> None:
        left = MESSAGES_PER_TURN
        replies, outbox = conversation.replies, conversation.outbox
        enough = outbox.answered + ANSWERS_PER_TURN
        while self.messages and self.turn is TAKING and replies.may_go_on() and not outbox.waits:
            if not left or outbox.answered > enough:
                self._rest(0.0)
                return
            left -= 1
            message = self.messages.popleft()
            if not self.messages and self._backlog is not None:
                self.messages.extend(self._backlog.take())
                self._backlog = self._backlog or None
            if message != b"" and self.rate is not None:
                wait = self.rate.wait(self._clock.seconds())
                if wait:
                    self.messages.appendleft(message)
                    self._rest(wait)
                    return
            self._take(conversation, message)

    def _take(self, conversation: Conversation, message: bytes | None) -> None:
        speaker = conversation.speaker
        assert speaker is not None
        try:
            if message is None:
                speaker.too_long()
            else:
                speaker.received(message)
        except Exception:  # noqa: BLE001 a bug must not cost anybody the connection
            log.failure("A received message could not be processed")
            conversation.replies.count(Bug())
            speaker.refused(Bug())

    def _rest(self, seconds: float) -> None:
        self.turn = RESTING
        self._timer = self._clock.callLater(seconds, self._rested)

    def _rested(self) -> None:
        self._timer = None
        self.turn = READY
        self.go_on()

    def _cancel_rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # From one process to the next.

    def freeze(self) -> None:
        """Read nothing and take up nothing, until L{thaw}. Never called while a message is taken up."""
        self._cancel_rest()
        self.turn = FROZEN
        if self.reads():
            self._transport.pauseProducing()

    def thaw(self) -> None:
        """Go on. Nothing happens where nothing is frozen."""
        if self.turn is FROZEN:
            self.turn = READY
            if self.reads():
                self._transport.resumeProducing()
            self.go_on()

    def reads(self) -> bool:
        """Whether the transport reads for us, but for a freeze."""
        return not self._paused and self._conversation is not None and self._conversation.life is OPEN

    # Closing.

    def drop(self) -> None:
        """Forget what waits: nobody will answer it."""
        self.messages = self._backlog = None

    def stop(self) -> None:
        """Take up nothing any more, and forget what waits."""
        self.drop()
        self._cancel_rest()
        self.turn = LAST if self.turn is TAKING or self.turn is LAST else OVER

    def let_go(self) -> None:
        """Stop, and know the conversation no more: it is lost."""
        self.stop()
        self._conversation = None
