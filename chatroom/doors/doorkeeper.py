"""
Who is connected, through whatever door: counted when they connect, known by nickname, and disconnected when their time
is up.

One L{Doorkeeper} serves all doors of a daemon. It has one timer for everybody, and none while nobody is here. It
knows conversations and the clock; not what is said or how it is framed. It is long because each connection that comes
or goes is counted in each of its lists, which have modules of their own.
"""

from __future__ import annotations

from collections import Counter

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from chatroom.addresses import AddressGroup, place, plain
from chatroom.doors.admission import Gate, keep_alive
from chatroom.doors.budget import Purses
from chatroom.doors.conversation import Conversation
from chatroom.doors.farewell import Farewells
from chatroom.doors.outbox import Style
from chatroom.doors.pending import PendingConnections
from chatroom.doors.slow_readers import SlowReaders
from chatroom.doors.transport import Transport
from chatroom.doors.turned_away import Refusals, TurnedAway
from chatroom.errors import counted
from chatroom.interfaces import IServer
from chatroom.limits import OFF
from chatroom.states import ConversationSnapshot

log = Logger()

SWEEP = 1.0
"""Seconds between two looks at whose time is up."""

CLOSING_TIME = 10.0
"""Seconds a connection that is being hung up has for reading what is left."""

STOP_TIME = 2.0
"""Seconds in which the server stops, whatever peers do: so long it waits for those who have not read all, or an answer
to whom is under way."""

PART = 0.05
"""Seconds between two looks at who is left then."""


class Doorkeeper:
    """
    @ivar server: where people are brought in.
    @ivar clock: of seconds that do not run backwards; not the time of day.
    @ivar present: every connection.
    @ivar purses: what each address may spend on requests.
    @ivar farewells: for those who are not let in.
    @ivar turned_away: those who were not let in, or had to make room before they had a nickname.
    @ivar slow_readers: what is unread of all connections.
    @ivar refusals: how often what was refused, by code.
    """

    def __init__(self, server: IServer, clock: IReactorTime) -> None:
        self.server = server
        self.clock = clock
        self.present: dict[Conversation, AddressGroup] = {}
        self.purses = Purses(server.limits, clock)
        self.farewells = Farewells(clock)
        self.turned_away = Refusals(clock)
        self.slow_readers: SlowReaders[Conversation] = SlowReaders(self.present, server.limits, clock)
        self.refusals: Counter[str] = Counter()
        self._gate = Gate(server.limits)
        self._by_nick: dict[str, list[Conversation]] = {}
        self._pending: PendingConnections[Conversation] = PendingConnections(server.limits)
        # Those that are being hung up, each with the time since when, those that came first in front.
        self._closing: dict[Conversation, float] = {}
        self._sweep = LoopingCall(self._look)
        self._parting = LoopingCall(self._part)
        self._stops_at = 0.0
        self._sweep.clock = self._parting.clock = clock
        self._soon: list[Conversation] = []
        self._emptied: list[Deferred[None]] = []

    # Coming and going.

    def admit(self, transport: Transport, style: Style) -> Conversation | str:
        """
        Let a connection in.

        @param style: how it is written to at first.
        @return: or the sentence to send it away with.
        """
        address = plain(getattr(transport.getPeer(), "host", ""))
        where = place(address)
        banned = self.server.shut_out(address)
        why = TurnedAway("banned", banned) if banned else self._gate.admit(where, self.clock.seconds())
        if why is not None:
            self.turned_away.note(why.reason, address)
            return why.sentence
        limits = self.server.limits
        keep_alive(transport, limits.keepalive_time)
        conversation = Conversation(self, transport, address, style)
        self.present[conversation] = where
        self._to_pending(conversation)
        self._keep_looking()
        return conversation

    def readmit(self, transport: Transport, style: Style, state: ConversationSnapshot) -> Conversation:
        """Let a connection in that another process has let in before, whatever the limits are now."""
        conversation = Conversation(self, transport, state.address, style)
        conversation.restore(state)
        where = place(state.address)
        self._gate.readmit(where)
        self.present[conversation] = where
        if state.caller is None or state.caller.nick is None:
            self._pending.put(conversation, where.network, self.clock.seconds() - state.nameless)
        else:
            self._rename(conversation, None, state.caller.nick)
        self._keep_looking()
        return conversation

    def _keep_looking(self) -> None:
        if not self._sweep.running:
            self._sweep.start(SWEEP, now=False).addErrback(lambda failure: log.failure("no more sweeps", failure))

    def left(self, conversation: Conversation) -> None:
        """Its connection is gone."""
        self._gate.leave(self.present.pop(conversation))
        self._pending.leave(conversation)
        self._closing.pop(conversation, None)
        self.slow_readers.drained(conversation)
        self._rename(conversation, conversation.nick, None)
        if not self.present:
            for timer in (self._sweep, self._parting):
                if timer.running:
                    timer.stop()
            emptied, self._emptied = self._emptied, []
            for waiting in emptied:
                waiting.callback(None)

    def close(self, sentence: str) -> Deferred[None]:
        """
        Tell everybody this and hang up, and wait until all are gone: at most L{STOP_TIME}. Nobody else waits for a peer
        who was sent everything, whatever that one does.

        Close the ports first: who comes after this is let in.
        """
        closed: Deferred[None] = Deferred()
        if not self.present:
            closed.callback(None)
            return closed
        self._emptied.append(closed)
        for conversation in list(self.present):
            conversation.hang_up(sentence, "the server stopped")
        if self.present and not self._parting.running:
            self._stops_at = self.clock.seconds() + STOP_TIME
            self._parting.start(PART, now=False).addErrback(lambda failure: log.failure("no more parting", failure))
        return closed

    def _part(self) -> None:
        over = self.clock.seconds() >= self._stops_at
        for conversation in list(self.present):
            if not conversation.part() and over:
                conversation.cut("the server stopped")

    # From one process to the next.

    def freeze(self) -> None:
        """Listen to nobody, and let nobody go, until L{thaw}."""
        if self._sweep.running:
            self._sweep.stop()
        for conversation in self.present:
            conversation.freeze()

    def thaw(self) -> None:
        """Go on."""
        if self.present:
            self._keep_looking()
        for conversation in list(self.present):
            conversation.thaw()

    def in_order(self) -> list[Conversation]:
        """Everybody, those without a nickname first, as they have been waited for."""
        return [*self._pending, *(each for each in self.present if each not in self._pending)]

    def nameless_for(self, conversation: Conversation) -> float:
        """Seconds; 0.0 where it has a nickname."""
        now = self.clock.seconds()
        return now - self._pending.since(conversation, now)

    # Nicknames.

    def strangers(self) -> int:
        """How many connections have no nickname."""
        return len(self._pending)

    def transports(self, nick: str) -> list[Transport]:
        """The transports of all connections through which this nickname, as shown, is here."""
        return [conversation.transport for conversation in self._by_nick.get(nick, ())]

    def nicks(self) -> list[str]:
        """Every nickname here, as shown."""
        return list(self._by_nick)

    def named(self, conversation: Conversation, old: str | None) -> None:
        """The conversation's nickname was C{old}, or C{None}."""
        if conversation not in self.present:
            return
        self._rename(conversation, old, conversation.nick)
        if conversation.nick is None:
            self._to_pending(conversation)
        else:
            self._pending.leave(conversation)

    def _to_pending(self, conversation: Conversation) -> None:
        """It has no nickname. Where there are too many of those, another goes: it was here first, and had its time."""
        displaced = self._pending.enter(conversation, self.present[conversation].network, self.clock.seconds())
        if displaced is not None:
            self.turned_away.note("unregistered", displaced.address)
            displaced.hang_up("Too many connections have no nickname yet. Connect again and choose a nickname at once.")

    def _rename(self, conversation: Conversation, old: str | None, new: str | None) -> None:
        if old is not None:
            self._by_nick[old].remove(conversation)
            if not self._by_nick[old]:
                del self._by_nick[old]
        if new is not None:
            self._by_nick.setdefault(new, []).append(conversation)

    # Time.

    def soon(self, conversation: Conversation) -> None:
        """Let it go on when this turn of the reactor is over, together with others that asked for it."""
        if not self._soon:
            self.clock.callLater(0, self._go_on)
        self._soon.append(conversation)

    def _go_on(self) -> None:
        soon, self._soon = self._soon, []
        for conversation in dict.fromkeys(soon):
            conversation.intake.go_on()

    def hanging_up(self, conversation: Conversation) -> None:
        """From now on it has L{CLOSING_TIME}."""
        self._closing.setdefault(conversation, self.clock.seconds())

    def _look(self) -> None:
        now = self.clock.seconds()
        looks = (self._look_at_pending, self.slow_readers.look, self._look_at_idle, self._look_at_closing)
        for look in (*looks, self.purses.sweep):
            try:
                look(now)
            except Exception:  # noqa: BLE001 the one timer of everybody must not stop
                log.failure("A periodic check of the connections failed")

    def _look_at_pending(self, now: float) -> None:
        most = counted(self.server.limits.register_time, "second")
        for conversation in self._pending.overdue(now):
            if conversation.is_asking():  # as for a login that waits for others: the next sweep looks again
                continue
            conversation.hang_up(f"You have not chosen a nickname in {most}. Connect again when you have one.")

    def _look_at_idle(self, now: float) -> None:
        most = self.server.limits.idle_time
        if most == OFF:
            return
        for conversation in list(self.present):
            if conversation.nick is not None and now - conversation.last_word >= most:
                conversation.hang_up(
                    f"You sent nothing for {counted(most, 'second')}, so the server disconnected you.", "idle too long"
                )

    def _look_at_closing(self, now: float) -> None:
        for conversation, since in list(self._closing.items()):
            if now - since < CLOSING_TIME:
                break
            conversation.cut("connection closed")
