"""
One connection's turns to speak: what the peer sends is taken up one message at a time, and answered in order.

A message is a line, or a WebSocket's text. While a command is under way, the messages behind it wait; so they do
while the peer talks faster than C{talk_rate}, does not read its answers, or has had its share of this turn of the
reactor. Nothing is lost: the reader is paused, and TCP does the rest. Talk itself does not wait to be kept.

It knows a L{Speaker}, who understands messages, and the outbox; not how messages are framed. It is long because taking
up, answering and ending wait for one another: each of them asks what the others are at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.addresses import place
from chatroom.doors.admission import talk_rate
from chatroom.doors.backlog import Backlog
from chatroom.doors.budget import FREE, UNIT
from chatroom.doors.outbox import Outbox, Style
from chatroom.doors.transport import Transport, bottom_of, is_shaking_hands, sends_no_more
from chatroom.errors import Refused, Throttled
from chatroom.events import SERVER, Event, Noticed, RoomEvent
from chatroom.interfaces import Answer, ICaller, Receipt, Then
from chatroom.states import ConversationSnapshot

if TYPE_CHECKING:
    from chatroom.doors.doorkeeper import Doorkeeper

log = Logger()

MESSAGES_PER_TURN = 100
"""So many of one connection are taken up before others have their turn."""

FEW = 8
"""So many may wait with the reader going on: to stop and start it again costs more than they do."""

UNKEPT = 1000
"""So much of what one connection says may wait to be kept."""


class Frozen:
    """In the place of a timer that ends a rest: nothing does but L{Conversation.thaw}."""

    def cancel(self) -> None:
        """There is nothing to cancel."""


class Bug(Refused):
    """What is said where something went wrong that is nobody's fault outside."""

    code = "internal"

    def __init__(self) -> None:
        super().__init__("Something went wrong here, and it has been written down. Please try something else.")


class ReplySink(Protocol):
    """Where the outcome of one message goes."""

    def answered(self, answer: Answer) -> None: ...

    def kept(self, event: Event) -> None:
        """What was said is kept and told."""

    def refused(self, refusal: Refused) -> None: ...


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


Command = tuple[str, str | Mapping[str, str], ReplySink]
"""Its word, its arguments, and where its outcome goes."""


class Conversation:
    """
    @ivar caller: whom the server knows this connection as; C{None} until it is known how it speaks.
    @ivar nick: its nickname, or C{None}.
    @ivar address: a textual IP address, or C{""}.
    @ivar last_word: when it sent anything last, on the doorkeeper's clock.
    @ivar closing: it is being hung up: what it still sends is not listened to.
    """

    __slots__ = (
        "_backlog", "_busy", "_closed", "_doorkeeper", "_ended", "_following", "_gone", "_linger", "_lost", "_messages",
        "_origin", "_paused", "_promised", "_rate", "_reason", "_resting", "_running", "_sentence", "_told",
        "_transport", "_unconfirmed", "_unkept", "_unpaid", "_when_kept",
        "address", "caller", "closing", "last_word", "nick", "outbox", "speaker",
    )  # fmt: skip

    def __init__(self, doorkeeper: Doorkeeper, transport: Transport, address: str, style: Style) -> None:
        now = doorkeeper.clock.seconds()
        self.address = address
        self.caller: ICaller | None = None
        self.speaker: Speaker | None = None
        self.nick: str | None = None
        self.last_word = now
        self.closing = False
        self._doorkeeper = doorkeeper
        self._transport = transport
        self._messages: deque[bytes | None] | None = None
        self._backlog: Backlog | None = None  # of what waits behind those; never without them
        self._rate = talk_rate(doorkeeper.server.limits, now)
        self._unkept = 0
        self._promised: ReplySink | None = None
        self._when_kept: Callable[[Event | Exception], None] | None = None
        self._resting: Any = None
        self._origin = place(address).origin
        self._unpaid: Command | None = None  # which waits until this address may ask for more
        # Whispers that are not confirmed yet; of those, what is told already and waits for an answer before it; and
        # what follows on the last of them.
        self._unconfirmed = 0
        self._told: deque[Callable[[], None]] | None = None
        self._following: Callable[[], None] | None = None
        self._busy = self._running = self._paused = self._closed = False
        self._ended = self._gone = self._lost = self._linger = False
        self._sentence = ""
        self._reason = "connection closed"
        self.outbox = Outbox(self, transport, doorkeeper.server.limits, style)

    def enter(self, speaker: Speaker, door: str) -> None:
        """Come in, now that it is known how the peer speaks. C{door} is a word for logs."""
        self.speaker = speaker
        self.caller = self.outbox.caller = self._doorkeeper.server.enter(self.outbox, self.address, door)

    # Taking up.

    def put(self, message: bytes | None) -> None:
        """
        A message for L{go_on} to take up.

        @param message: C{None} in place of one that was too long.
        """
        if self._messages is None:
            self._messages = deque()
        if len(self._messages) < MESSAGES_PER_TURN and self._backlog is None:
            self._messages.append(message)
            return
        if self._backlog is None:
            self._backlog = Backlog()
        self._backlog.put(message)

    def waiting(self) -> int:
        """How many messages have come and are not taken up."""
        return len(self._messages or ()) + len(self._backlog or ())

    def put_all(self, messages: Sequence[bytes]) -> None:
        """Several messages, none of them too long."""
        if self._messages is None and len(messages) <= MESSAGES_PER_TURN:
            self._messages = deque(messages)
        else:
            for message in messages:
                self.put(message)

    def go_on(self) -> None:
        """Take up what waits, until something makes it wait; then write what there is to write."""
        if self._running or self._closed:
            return
        self._running = True
        left = MESSAGES_PER_TURN
        try:
            while self._messages and self._is_free():
                if not left:
                    self._rest(0.0)
                    break
                left -= 1
                message = self._messages.popleft()
                if not self._messages and self._backlog is not None:
                    self._messages.extend(self._backlog.take())
                    self._backlog = self._backlog or None
                self._take(message)
        finally:
            self._running = False
        self._settle()

    def _is_free(self) -> bool:
        waits = self._busy or self._following is not None or self._resting or self._unpaid is not None
        return not (waits or self.closing or self.outbox.waits or self._unkept >= UNKEPT)

    def _take(self, message: bytes | None) -> None:
        speaker = self.speaker
        assert speaker is not None
        if message != b"" and self._rate is not None:
            wait = self._rate.wait(self._doorkeeper.clock.seconds())
            if wait and self._messages is not None:
                self._messages.appendleft(message)
                self._rest(wait)
                return
        try:
            if message is None:
                speaker.too_long()
            else:
                speaker.received(message)
        except Exception:  # noqa: BLE001 a bug must not cost anybody the connection
            log.failure("a message could not be taken up")
            self.count(Bug())
            speaker.refused(Bug())

    def _rest(self, seconds: float) -> None:
        self._resting = self._doorkeeper.clock.callLater(seconds, self._rested)

    def _rested(self) -> None:
        self._resting = None
        self.go_on()

    def _settle(self) -> None:
        """Nothing more can be done now: write, and let the reader go on or wait."""
        self.outbox.flush()
        if self._messages:
            self._pause(self._paused or len(self._messages) > FEW)
            return
        self._messages = self._backlog = None
        self._pause(False)
        waits = self._busy or self._unkept or self._unpaid is not None
        if (self.closing or self._ended) and not (waits or self._closed):
            self._close()

    def _pause(self, pause: bool) -> None:
        if pause == self._paused or self.closing or self._ended:
            return
        self._paused = pause
        if pause:
            self._transport.pauseProducing()
        else:
            self._transport.resumeProducing()

    # From one process to the next.

    def freeze(self) -> None:
        """Read nothing and take up nothing, until L{thaw}. What is under way is answered."""
        if self.closing:
            return
        self._refuse_unpaid()
        if not (self._paused or self._ended):
            self._transport.pauseProducing()
        self._cancel_rest()
        self._resting = Frozen()

    def thaw(self) -> None:
        """Go on."""
        if isinstance(self._resting, Frozen):
            self._resting = None
            if not (self._paused or self._ended):
                self._transport.resumeProducing()
            self.go_on()

    def is_asking(self) -> bool:
        """Whether a request of this connection waits for its answer."""
        return self._busy or self._unpaid is not None

    def is_busy(self) -> bool:
        """Whether anything is under way that an answer or a promise hangs on."""
        behind = self.outbox.behind
        waits = self._busy or self._following is not None
        return waits or self._unkept + self._unconfirmed > 0 or (behind is not None and behind.is_running())

    def state(self) -> ConversationSnapshot:
        """What has to be known to go on elsewhere. Nothing is under way, and everything flushed."""
        now = self._doorkeeper.clock.seconds()
        return ConversationSnapshot(
            self.address,
            silence=max(0.0, now - self.last_word),
            nameless=self._doorkeeper.nameless_for(self),
            rate=None if self._rate is None else self._rate.state(now),
            messages=(*(self._messages or ()), *(self._backlog or ())),
            gaps=self.outbox.state(),
            caller=None if self.caller is None else self.caller.state(),
        )

    def restore(self, state: ConversationSnapshot) -> None:
        """What can be known before it is known how it speaks."""
        now = self._doorkeeper.clock.seconds()
        self.last_word = now - state.silence
        if self._rate is not None and state.rate is not None:
            self._rate.restore(state.rate, now)

    def enter_again(self, speaker: Speaker, state: ConversationSnapshot) -> None:
        """Be somebody whom the server knows already, and go on when this turn of the reactor is over."""
        assert state.caller is not None
        self.speaker = speaker
        caller = self._doorkeeper.server.enter_again(self.outbox, self.address, state.caller)
        self.caller = self.outbox.caller = caller
        self.nick = caller.nick
        self.outbox.restore(state.gaps)
        for message in state.messages:
            self.put(message)
        self._doorkeeper.clock.callLater(0, self.outbox.catch_up)
        self._doorkeeper.soon(self)

    def hand_over(self) -> None:
        """Another process has it: neither the peer nor the server hears of us any more."""
        self._gone = self._lost = self._closed = self.closing = True
        self._messages = self._backlog = None
        self._forget_unpaid()
        self.outbox.lost()
        self._doorkeeper.left(self)

    def leave_server(self) -> None:
        """The server is another process's affair: it is not told what this one says any more, or that it is gone."""
        self._gone = True
        self._messages = None

    # Asking the server.

    def do(self, word: str, arguments: str | Mapping[str, str], reply: ReplySink) -> None:
        """
        Run a command, or have it wait until this address may ask for more. What comes of it, also later, goes to
        C{reply}.
        """
        if word not in FREE and not self._doorkeeper.purses.has_some(self._origin):
            self._unpaid = word, arguments, reply
            self._doorkeeper.purses.stand_in_line(self._origin, self)
        else:
            self._run(word, arguments, reply)

    def paid(self) -> None:
        """See L{chatroom.doors.budget.Waiter}."""
        unpaid, self._unpaid = self._unpaid, None
        if unpaid is not None:
            self._run(*unpaid)
            self.go_on()

    def _refuse_unpaid(self) -> None:
        """What waits for its turn does not get it any more."""
        unpaid, self._unpaid = self._unpaid, None
        if unpaid is not None:
            self._doorkeeper.purses.leave_line(self._origin, self)
            self.refuse(unpaid[2], Throttled("Too much is asked for from your address. Try again in a few seconds."))
            self.outbox.flush()

    def charge(self, units: float, shared: bool = True) -> None:
        """See L{chatroom.interfaces.IEar.charge}."""
        if self._rate is not None:
            self._rate.spend(units)
        if shared:
            self._doorkeeper.purses.spend(self._origin, units)

    def _run(self, word: str, arguments: str | Mapping[str, str], reply: ReplySink) -> None:
        assert self.caller is not None
        try:
            outcome = self.caller.do(word, arguments)
        except Exception as error:  # noqa: BLE001 sorted there
            self.refuse(reply, error)
        else:
            if isinstance(outcome, Receipt):
                self._promise(reply, outcome)
            elif outcome is None or isinstance(outcome, Answer):
                self.in_order(partial(self._answer, reply, outcome))
            else:
                self.in_order(partial(self._wait_for, reply, outcome))

    def say(self, text: str, reply: ReplySink) -> None:
        """Talk in the room looked at."""
        assert self.caller is not None
        try:
            receipt = self.caller.say(text)
        except Exception as error:  # noqa: BLE001 sorted there
            self.refuse(reply, error)
        else:
            self._promise(reply, receipt)

    def refuse(self, reply: ReplySink, error: Exception) -> None:
        """
        Tell the peer that this is not done, when all before it is answered, and count it. Also for what is refused
        before it is a command.
        """
        self.in_order(partial(self._refuse, reply, error))

    def in_order(self, answer: Callable[[], None]) -> None:
        """Answer now or, if whispers before this are not confirmed yet, after them; until then, nothing is taken up."""
        if self._unconfirmed:
            self._following = answer
        else:
            answer()

    def _promise(self, reply: ReplySink, receipt: Receipt) -> None:
        self._unkept += 1
        if receipt.then is not None:
            self._unconfirmed += 1
            receipt.kept = partial(self._confirm, reply, receipt.then)
            return
        if reply is not self._promised:  # to a person, all replies are one
            self._promised = reply
            self._when_kept = partial(self._kept, reply)
        receipt.kept = self._when_kept

    def _kept(self, reply: ReplySink, outcome: Event | Exception) -> None:
        self._unkept -= 1
        if self._lost:
            return
        if isinstance(outcome, Exception):
            self._refuse(reply, outcome)
        else:
            if self.outbox.behind is not None and isinstance(outcome, RoomEvent):
                self.outbox.behind.spoke(outcome)
            reply.kept(outcome)
        if self.outbox.is_waiting() or self._messages or self.closing or self._ended:
            self._doorkeeper.soon(self)

    def _confirm(self, reply: ReplySink, then: Then, outcome: Event | Exception) -> None:
        """A whisper is kept and told, or not. They are confirmed one after the other."""
        self._unkept -= 1
        if self._busy:  # one before it came when its hearer was gone
            if self._told is None:
                self._told = deque()
            self._told.append(partial(self._confirm_now, reply, then, outcome))
            return
        self._confirm_now(reply, then, outcome)
        if not self._unconfirmed:
            self._follow()
        self._doorkeeper.soon(self)

    def _confirm_now(self, reply: ReplySink, then: Then, outcome: Event | Exception) -> None:
        self._unconfirmed -= 1
        try:
            if isinstance(outcome, Exception):
                raise outcome
            answer = then()
        except Exception as error:  # noqa: BLE001 sorted there
            self._refuse(reply, error)
        else:
            if isinstance(answer, Answer):
                self._answer(reply, answer)
            else:
                self._wait_for(reply, answer)

    def _follow(self) -> None:
        """Go on with what had to wait for an answer."""
        while not self._busy:
            if self._told:
                self._told.popleft()()
            elif self._following is not None and not self._unconfirmed:
                following, self._following = self._following, None
                following()
            else:
                self._told = None
                return

    def _wait_for(self, reply: ReplySink, outcome: Awaitable[Any]) -> None:
        """One command at a time; what is heard meanwhile comes behind its answer."""
        self._busy = True
        self.outbox.hold()
        waiting = Deferred.fromCoroutine(outcome if isinstance(outcome, CoroutineType) else _result(outcome))
        waiting.addCallbacks(partial(self._answer_later, reply), partial(self._refuse_later, reply))
        waiting.addErrback(lambda failure: log.failure("an answer could not be given", failure))
        waiting.addCallback(self._free)

    def _answer_later(self, reply: ReplySink, outcome: Answer | Receipt | None) -> None:
        if isinstance(outcome, Receipt):
            self._promise(reply, outcome)
        else:
            self._answer(reply, outcome)

    def _refuse_later(self, reply: ReplySink, failure: Failure) -> None:
        self._refuse(reply, failure.value or Bug(), failure)

    def _free(self, _: object) -> None:
        self._busy = False
        self._follow()
        if self._busy:  # again: what is answered need not wait for that
            self.outbox.flush()
        elif not self._lost:
            self.outbox.release()
            self.go_on()

    def _answer(self, reply: ReplySink, answer: Answer | None) -> None:
        if self._lost:
            return
        try:
            before = self.outbox.answered
            reply.answered(answer or Answer())
            size = self.outbox.answered - before
            if size > UNIT:
                self.charge(size / UNIT - 1)
            if answer is not None and answer.then is not None:
                self.outbox.flush()
                answer.then()
        except Exception as error:  # noqa: BLE001 sorted there
            self._refuse(reply, error)

    def _refuse(self, reply: ReplySink, error: BaseException, failure: Failure | None = None) -> None:
        """A refusal is for the peer to read; anything else is for us."""
        if self._lost:
            return
        if not isinstance(error, Refused):
            log.failure("a command failed", failure or Failure(error))
            error = Bug()
        self.count(error)
        reply.refused(error)

    def count(self, refusal: Refused) -> None:
        """It is told why by somebody else, and counted here."""
        self._doorkeeper.refusals[refusal.code] += 1

    # Closing.

    def hang_up(self, sentence: str, reason: str = "", linger: bool = False) -> None:
        """
        Say this, unless it is empty, and close, as soon as what is under way is answered.

        @param reason: told to the rooms, unless the server knows a better one.
        @param linger: the peer is in the middle of sending. To close now would reset the connection, and the sentence
            might never be read; so what comes is thrown away for a while.
        """
        if self.closing or self._closed:
            return
        self.closing = True
        self._linger = linger
        self._sentence = sentence
        self._reason = reason or self._reason
        self._messages = self._backlog = None
        self._cancel_rest()
        self._refuse_unpaid()
        self._doorkeeper.hanging_up(self)
        if not self._running:
            self._settle()

    def end(self) -> None:
        """The peer sends no more. It gets its answers, and then we close as well."""
        self._ended = True
        if self._closed:
            self._transport.loseConnection()
        else:
            self.go_on()

    def cut(self, reason: str) -> None:
        """Break off at once; C{reason} is told to the rooms."""
        self._reason = reason
        self.closing = self._closed = True
        self._messages = self._backlog = None
        self._cancel_rest()
        self._forget_unpaid()
        self.outbox.lost()
        self._say_goodbye()  # before the transport has a reason of its own
        self._transport.abortConnection()

    def part(self) -> bool:
        """
        The server stops, and this one was told: do not wait for what its peer might still say, such as a goodbye of
        TLS's own (RFC 8446, 6.1, lets us), or the rest of what it is sending.

        @return: whether it is over; not while an answer is under way, or not all that was written is sent.
        """
        if not self._closed:
            return False
        if is_shaking_hands(self._transport):
            self.cut("the server stopped")
        elif self.outbox.unsent():
            return False
        else:
            bottom_of(self._transport).loseConnection()
        return True

    def lost(self, reason: str = "") -> None:
        """The transport is gone."""
        self._lost = self._closed = True
        self._reason = reason or self._reason
        self._messages = self._backlog = None
        self._cancel_rest()
        self._forget_unpaid()
        self.outbox.lost()
        self._say_goodbye()
        self._doorkeeper.left(self)
        # Hold on to nothing that holds on to this: then its memory is free now, and not when garbage is looked for.
        self.speaker = self._promised = self._when_kept = self._following = self._told = None
        self.outbox.let_go()

    def _close(self) -> None:
        self.closing = self._closed = True
        self._doorkeeper.hanging_up(self)
        if self._sentence:
            now = 0.0 if self.caller is None else self.caller.now()
            notice = Noticed(now, SERVER, self._doorkeeper.server.name, code="closing", text=self._sentence)
            self.outbox.put(self.outbox.style.told((notice,), None, now))
        self.outbox.close()
        if self._linger and not self._ended and sends_no_more(self._transport):
            self._say_goodbye()
        else:
            self._transport.loseConnection()

    def _say_goodbye(self) -> None:
        if not self._gone:
            self._gone = True
            if self.caller is not None:
                self.caller.gone(self._reason)

    def _forget_unpaid(self) -> None:
        if self._unpaid is not None:
            self._unpaid = None
            self._doorkeeper.purses.leave_line(self._origin, self)

    def _cancel_rest(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None

    # What the outbox reports.

    def named(self, nick: str | None) -> None:
        """See L{chatroom.interfaces.IEar.named}."""
        old, self.nick = self.nick, nick
        self._doorkeeper.named(self, old)
        if self.speaker is not None:
            self.speaker.named(nick)

    def soon(self) -> None:
        """See L{chatroom.doors.outbox.Owner}."""
        self._doorkeeper.soon(self)

    def unread(self, more: int) -> None:
        """See L{chatroom.doors.outbox.Owner}."""
        self._doorkeeper.count_unread(more)

    def stuck(self) -> None:
        """See L{chatroom.doors.outbox.Owner}."""
        self._doorkeeper.stuck(self)

    def drained(self) -> None:
        """See L{chatroom.doors.outbox.Owner}."""
        self._doorkeeper.drained(self)
        self.go_on()

    @property
    def transport(self) -> Transport:
        """Where its bytes go."""
        return self._transport


async def _result(outcome: Awaitable[Any]) -> Any:
    """A command may give back anything that can be awaited, such as a Deferred of Twisted's."""
    return await outcome
