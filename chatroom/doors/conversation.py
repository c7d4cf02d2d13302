"""
One connection's conversation with the server, from its first byte to its last.

L{chatroom.doors.intake} takes up what the peer sends, L{chatroom.doors.replies} has it done and answers, and the outbox
writes. Here it is decided how the connection lives and ends: that what was asked is answered before a goodbye, that a
goodbye is the last thing written, and that the server hears once that somebody is gone. Its states are drawn in
L{chatroom.doors.conversation_states}. It knows a L{Speaker<chatroom.doors.intake.Speaker>}; not how messages are
framed, nor what they mean. It is long because all ways to an end are here, so that none of them forgets a step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chatroom.addresses import place
from chatroom.doors.admission import talk_rate
from chatroom.doors.conversation_states import LIFE, Life, Step
from chatroom.doors.intake import Intake, Speaker
from chatroom.doors.outbox import Outbox, Style
from chatroom.doors.replies import ENDS, Replies
from chatroom.doors.transport import (
    Encryption,
    Transport,
    bottom_of,
    break_off,
    encryption_of,
    is_shaking_hands,
    peer_fingerprint,
    sends_no_more,
)
from chatroom.events import SERVER, Noticed
from chatroom.interfaces import ISession
from chatroom.limits import Limits
from chatroom.states import ConversationSnapshot

if TYPE_CHECKING:
    from chatroom.doors.doorkeeper import Doorkeeper

UPGRADES = "because the server is being upgraded. Try it again"
HALF_CLOSED = "because you closed your end of the connection"
"""Why a command of another package is stopped."""

CLOSES = frozenset(life for life, steps in LIFE.items() if Step.CLOSE in steps)
"""In which a conversation closes when everything is answered."""


class Conversation:
    """
    @ivar life: how far it is on its way from open to lost. Each change is a row of L{LIFE}.
    @ivar intake: what the peer sends. @ivar replies: what it is answered. @ivar outbox: what is written to it.
    @ivar speaker: who understands its messages; C{None} until it is known how it speaks, and when it is lost.
    @ivar caller: whom the server knows this connection as; C{None} until it is known how it speaks.
    @ivar nick: its nickname, or C{None}.
    @ivar address: a textual IP address, or C{""}.
    @ivar last_word: when it sent anything last, on the doorkeeper's clock.
    """

    __slots__ = (
        "_doorkeeper", "_linger", "_present_as", "_reason", "_sentence", "_transport",
        "address", "caller", "intake", "last_word", "life", "nick", "outbox", "replies", "speaker",
    )  # fmt: skip

    def __init__(self, doorkeeper: Doorkeeper, transport: Transport, address: str, style: Style) -> None:
        now = doorkeeper.clock.seconds()
        limits = doorkeeper.server.limits
        self.life = Life.OPEN
        self.address = address
        self.caller: ISession | None = None
        self.speaker: Speaker | None = None
        self.nick: str | None = None
        self.last_word = now
        self._doorkeeper = doorkeeper
        self._transport = transport
        # The caller, as long as the server has to hear that it is gone; C{None} when it has heard, and when the server
        # is another process's affair.
        self._present_as: ISession | None = None
        # Set by C{hang_up}: what is said last; and whether the peer is in the middle of sending, so that we close our
        # half alone. What it sends last is forgotten when it ends by itself.
        self._sentence = ""
        self._linger = False
        self._reason = "connection closed"  # why it is gone, for the rooms; whoever ends it knows better
        self.outbox = Outbox(self, transport, limits, style)
        self.intake = Intake(self, transport, doorkeeper.clock, talk_rate(limits, now))
        self.replies = Replies(self, doorkeeper, self.outbox, place(address).origin)

    @property
    def limits(self) -> Limits:
        """Those of the server, which may change."""
        limits: Limits = self._doorkeeper.server.limits
        return limits

    def _step(self, step: Step) -> None:
        self.life = LIFE[self.life][step]

    @property
    def certificate(self) -> str:
        """The fingerprint of the TLS certificate that the peer has presented, or C{""}: known when it has spoken."""
        return peer_fingerprint(self._transport)

    @property
    def encryption(self) -> Encryption:
        """How it is encrypted."""
        return encryption_of(self._transport)

    def enter(self, speaker: Speaker, door: str, page_lines: int | None = None) -> None:
        """
        Be known to the server, now that it is known how the peer speaks.

        @param door: a word for logs. @param page_lines: see L{chatroom.interfaces.IServer.enter}.
        """
        server = self._doorkeeper.server
        self._has_entered(speaker, server.enter(self.outbox, self.address, door, page_lines, self.certificate))

    def _has_entered(self, speaker: Speaker, caller: ISession) -> None:
        self.speaker = speaker
        self.caller = self.outbox.caller = self.replies.caller = self._present_as = caller

    # From one process to the next.

    def freeze(self) -> None:
        """Read nothing and take up nothing, until L{thaw}. What is under way is answered."""
        if self.life.listens:
            self.replies.refuse_unpaid()
            self.replies.hurry(UPGRADES)
            self.intake.freeze()

    def thaw(self) -> None:
        """Go on."""
        if self.life is Life.OPEN:
            self.replies.hurry_no_more()
        self.intake.thaw()

    def is_asking(self) -> bool:
        """Whether a request of this connection waits for its answer."""
        return self.replies.is_asking()

    def is_busy(self) -> bool:
        """Whether anything is under way that an answer or a promise hangs on."""
        behind = self.outbox.behind
        return self.replies.is_busy() or (behind is not None and behind.is_running())

    def state(self) -> ConversationSnapshot:
        """What has to be known to go on elsewhere. Nothing is under way, and everything flushed."""
        now = self._doorkeeper.clock.seconds()
        rate = self.intake.rate
        return ConversationSnapshot(
            self.address,
            silence=max(0.0, now - self.last_word),
            nameless=self._doorkeeper.nameless_for(self),
            rate=None if rate is None else rate.state(now),
            messages=self.intake.state(),
            gaps=self.outbox.state(),
            caller=None if self.caller is None else self.caller.state(),
        )

    def restore(self, state: ConversationSnapshot) -> None:
        """What can be known before it is known how it speaks."""
        now = self._doorkeeper.clock.seconds()
        self.last_word = now - state.silence
        if self.intake.rate is not None and state.rate is not None:
            self.intake.rate.restore(state.rate, now)

    def enter_again(self, speaker: Speaker, state: ConversationSnapshot, page_lines: int | None = None) -> None:
        """
        Be somebody whom the server knows already, and go on when this turn of the reactor is over.

        @param page_lines: as in L{enter}.
        """
        assert state.caller is not None
        caller = self._doorkeeper.server.enter_again(self.outbox, self.address, state.caller, page_lines)
        self._has_entered(speaker, caller)
        self.nick = caller.nick
        self.outbox.restore(state.gaps)
        for message in state.messages:
            self.intake.put(message)
        self._doorkeeper.clock.callLater(0, self.outbox.catch_up)
        self._doorkeeper.soon(self)

    def hand_over(self) -> None:
        """Another process has it: neither the peer nor the server hears of us any more."""
        self._present_as = None
        self._step(Step.LOSE)
        self.intake.let_go()
        self.replies.let_go()
        self.outbox.lost()
        self._doorkeeper.left(self)

    def leave_server(self) -> None:
        """The server is another process's affair: it is not told what this one says any more, or that it is gone."""
        self._present_as = None
        self.intake.drop()

    # Closing.

    def hang_up(self, sentence: str, reason: str = "", linger: bool = False) -> None:
        """
        Say this, unless it is empty, and close, as soon as what is under way is answered.

        @param reason: told to the rooms, unless the server knows a better one.
        @param linger: the peer is in the middle of sending. To close now would reset the connection, and the sentence
            might never be read; so what comes is thrown away for a while.
        """
        if not self.life.listens:
            return
        self._linger = linger and self.life is Life.OPEN
        self._step(Step.HANG_UP)
        self._sentence = sentence
        self._reason = reason or self._reason
        self.intake.stop()
        self.replies.refuse_unpaid()
        self.replies.hurry(ENDS)
        self._doorkeeper.hanging_up(self)
        self.intake.go_on()  # which closes, if nothing is under way

    def end(self) -> None:
        """The peer sends no more. It gets its answers, and then we close as well."""
        self._linger = False
        self._step(Step.END)
        if self.life.writes:
            self.replies.hurry(HALF_CLOSED)
            self.intake.go_on()
        elif self.life is not Life.LOST:
            self._transport.loseConnection()

    def close_if_answered(self) -> None:
        """All that came is taken up: if it is answered as well, and the peer is to hear no more, close."""
        if self.life in CLOSES and not self.replies.are_owed():
            self._close()

    def _close(self) -> None:
        self._step(Step.CLOSE)
        self.intake.stop()
        self._doorkeeper.hanging_up(self)
        if self._sentence:
            now = 0.0 if self.caller is None else self.caller.now()
            notice = Noticed(now, SERVER, self._doorkeeper.server.name, code="closing", text=self._sentence)
            self.outbox.put(self.outbox.style.told((notice,), None, now))
        self.outbox.close()
        if self.life is not Life.CLOSED:
            return  # it was cut by that, as it has not read all that was written before
        if self._linger and sends_no_more(self._transport):
            self._step(Step.LINGER)
            self._say_goodbye()
        else:
            self._transport.loseConnection()

    def cut(self, reason: str) -> None:
        """Break off at once; C{reason} is told to the rooms."""
        self._step(Step.CUT)
        if self.life is Life.LOST:
            return
        self._reason = reason
        self.intake.stop()
        self.replies.forget_unpaid()
        self.outbox.lost()
        self._say_goodbye()  # before the transport has a reason of its own
        break_off(self._transport)

    def part(self) -> bool:
        """
        The server stops, and this one was told: do not wait for what its peer might still say, such as a goodbye of
        TLS's own (RFC 8446, 6.1, lets us), or the rest of what it is sending.

        @return: whether it is over; not while an answer is under way, or not all that was written is sent.
        """
        if self.life.writes:
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
        before = self.life
        self._step(Step.LOSE)
        if before is Life.LOST:
            return
        self._reason = reason or self._reason
        # Hold on to nothing that holds on to this: then its memory is free now, and not when garbage is looked for.
        self.intake.let_go()
        self.replies.let_go()
        self.outbox.lost()
        self._say_goodbye()
        self._doorkeeper.left(self)
        self.speaker = None
        self.outbox.let_go()

    def _say_goodbye(self) -> None:
        caller, self._present_as = self._present_as, None
        if caller is not None:
            caller.gone(self._reason)

    # What the outbox reports.

    def named(self, nick: str | None) -> None:
        """See L{chatroom.interfaces.IEar.named}."""
        old, self.nick = self.nick, nick
        self._doorkeeper.named(self, old)
        if self.speaker is not None:
            self.speaker.named(nick)

    def charge(self, units: float, shared: bool = True) -> None:
        """See L{chatroom.interfaces.IEar.charge}."""
        if self.intake.rate is not None:
            self.intake.rate.spend(units)
        if shared:
            self._doorkeeper.purses.spend(self.replies.origin, units)

    def soon(self) -> None:
        """See L{chatroom.doors.outbox.Owner}."""
        self._doorkeeper.soon(self)

    def strangers(self) -> int:
        """How many connections have no nickname."""
        return self._doorkeeper.strangers()

    def later(self, call: Callable[[], None]) -> None:
        """Call this when this turn of the reactor is over."""
        self._doorkeeper.clock.callLater(0, call)

    def unread(self, more: int) -> None:
        """See L{chatroom.doors.outbox.Owner}."""
        self._doorkeeper.slow_readers.count(more)

    def stuck(self) -> None:
        """See L{chatroom.doors.outbox.Owner}."""
        self._doorkeeper.slow_readers.stuck(self)

    def drained(self) -> None:
        """See L{chatroom.doors.outbox.Owner}."""
        self._doorkeeper.slow_readers.drained(self)
        self.intake.go_on()

    @property
    def transport(self) -> Transport:
        """Where its bytes go."""
        return self._transport
