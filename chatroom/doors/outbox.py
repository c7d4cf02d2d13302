"""
What is written to one connection: everything it hears, in order, and never more than it reads.

The L{Outbox} is the door's half of a connection as the server knows it (L{IEar}), the same for every kind of door. It
writes once a turn. A peer that does not read gets no more answers (past L{READ_FIRST}): nothing is done for it. Then it
is spared the talk of rooms (past C{unread_soft}), which it is caught up with from history when it reads again; and it
is cut where even the rest piles up (past C{unread_hard}). All that is unread is counted, and its owner learns how much.

It is long because holding back, catching up and being cut are one question, asked of every write: how much is unread.

It knows a style, which makes bytes of events, and a transport, which takes them; not what a peer sends.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from twisted.internet.interfaces import IPushProducer
from twisted.logger import Logger
from zope.interface import implementer

from chatroom.doors.catchup import CatchUp, lines_in
from chatroom.doors.transport import Transport, hold_at_most, send_at_once, sender, unsent
from chatroom.events import Event
from chatroom.interfaces import ICaller, IEar, IForm
from chatroom.limits import Limits
from chatroom.states import GapSnapshot

log = Logger()


class Style(Protocol):
    """How one kind of reader is written to. C{room} is the room looked at, C{now} is in seconds since 1970."""

    def form(self, here: bool) -> IForm: ...
    def told(self, parts: Sequence[str | Event], room: str | None, now: float, reader: str = "") -> bytes: ...


class Frame(Protocol):
    """What stands on the reader's screen beside what is written to it: the line that they are typing."""

    def framed(self, data: bytes) -> bytes:
        """What to write instead of these whole lines, or of nothing, so that the screen is right afterwards."""

    def ending(self) -> bytes:
        """What to write before the last words, so that nothing is left of it."""


class Moves(Protocol):
    """Who wants to know which rooms its reader hears: see L{IEar}."""

    def entered(self, room: str) -> None: ...
    def went(self, room: str) -> None: ...
    def gone(self) -> None: ...


class Owner(Protocol):
    """Whose outbox it is."""

    def named(self, nick: str | None) -> None: ...
    def hang_up(self, sentence: str) -> None: ...
    def charge(self, units: float, shared: bool = True) -> None:
        """See L{IEar.charge}."""

    def soon(self) -> None:
        """Flush the outbox when this turn of the reactor is over."""

    def unread(self, more: int) -> None:
        """So many bytes more wait to be read than before, or fewer."""

    def stuck(self) -> None:
        """The peer does not read."""

    def drained(self) -> None:
        """It has read everything."""

    def cut(self, reason: str) -> None:
        """Break the connection off; C{reason} is told to the rooms."""


class _Nobody:
    """An L{Owner} who has gone."""

    def named(self, nick: str | None) -> None: ...
    def hang_up(self, sentence: str) -> None: ...
    def charge(self, units: float, shared: bool = True) -> None: ...
    def soon(self) -> None: ...
    def unread(self, more: int) -> None: ...
    def stuck(self) -> None: ...
    def drained(self) -> None: ...
    def cut(self, reason: str) -> None: ...


_NOBODY = _Nobody()

READ_FIRST = 16 * 1024
"""Unread bytes past which nothing more is done for a peer: it has not read the last answer yet."""


@implementer(IEar, IPushProducer)
class Outbox:
    """
    @ivar style: how this reader is written to; may change with the peer's ways, such as a telnet negotiation.
    @ivar full: the peer does not read, and its rooms' talk is held back.
    @ivar waits: it has not read what was written before: no message of its is taken up.
    @ivar unread: bytes that wait to be read, as far as is known: those that were read since are found out later.
    @ivar answered: bytes of answers so far.
    @ivar behind: what it has not been told because of that; C{None} if nothing.
    @ivar frame: what is written goes through it; C{None} for almost everybody.
    @ivar once: see L{IEar.once}. People with a text and programs read in each room who is gone from it.
    @ivar moves: who has to know which rooms are heard; C{None}, where the events of the rooms say it.
    """

    __slots__ = (
        "_back", "_closed", "_held", "_holding", "_limits", "_made", "_owner", "_out", "_send", "_transport",
        "_unread", "answered", "behind", "caller", "frame", "full", "moves", "once", "style", "unread", "waits",
    )  # fmt: skip

    def __init__(self, owner: Owner, transport: Transport, limits: Limits, style: Style) -> None:
        """@param transport: without a producer yet."""
        self.style = style
        self.caller: ICaller | None = None
        self.behind: CatchUp | None = None
        self.frame: Frame | None = None
        self.moves: Moves | None = None
        self.once = False
        self._owner = owner
        self._transport = transport
        self._limits = limits
        # What the next flush writes, in order. Bytes of events are the same objects for all who read them.
        self._out: list[bytes] = []
        # A command is under way: set by hold, cleared by release. What is heard then is held back until the answer is
        # in _out, each with the room it was said in, if that was the current one and its lines so do not name it: see
        # _say_before. None if nothing is. _back is its size in bytes.
        self._holding = False
        self._held: list[tuple[bytes, str | None]] | None = None
        self._back = 0
        # Nothing is written any more: set by close, lost and whatever cuts the connection, and never cleared. What
        # others still put in is thrown away by the next flush.
        self._closed = False
        # To send past the transport's buffer; None where something stands before the socket.
        self._send = sender(transport)
        # Bytes of answers that are in _out: flush clears it. A great answer is written before the next one is made.
        self._made = 0
        # Four ways to count what is not read, as four things are decided by it:
        # answered: all answers ever, so that a door can charge for the size of one. Never cleared.
        # unread: what the transport holds and what is held back, of which the owner is told each change. Where a
        #   wrapper would have to be asked at each write, it may be too much, until recount.
        # _unread: what was written or held back while full or holding, for the limits. It does not count one great
        #   answer to a peer that reads. Cleared when all is read, or is answered.
        # waits and full: set by the transport's pauseProducing, and cleared by its resumeProducing.
        self.answered = self.unread = self._unread = 0
        self.full = self.waits = False
        hold_at_most(transport, min(READ_FIRST, limits.unread_soft))
        transport.registerProducer(self, True)

    # What the server tells (IEar).

    def form(self, room: str) -> IForm:
        caller = self.caller
        return self.style.form(caller is not None and caller.room == room)

    def hear(self, room: str, first: int, last: int, data: bytes) -> None:
        if self.behind is None and not (self._holding or self.full):  # as almost always
            if data:
                self._out.append(data)
            return
        if self.behind is not None and self.behind.lengthen(room, last, data):
            return
        if self.full or (self._holding and self._unread > self._limits.unread_soft):
            if self.behind is None and self.caller is not None:
                self.behind = CatchUp(self, self.caller, self._limits)
            if self.behind is not None:
                self.behind.begin(room, first, last, lines_in(data))
        elif data:
            self._hold_back(data, room)

    def tell(self, parts: Sequence[str | Event]) -> None:
        if self.caller is not None and not self._closed:
            try:
                self.put(self.style.told(parts, self.caller.room, self.caller.now(), self.caller.nick or ""))
            except Exception:  # noqa: BLE001 an ear must not raise: the server is telling others as well
                log.failure("An event could not be written to a connection")

    def named(self, nick: str | None) -> None:
        self._owner.named(nick)

    def entered(self, room: str) -> None:
        if self.moves is not None:
            self.moves.entered(room)

    def went(self, room: str) -> None:
        if self.moves is not None:
            self.moves.went(room)

    def hang_up(self, sentence: str) -> None:
        self._owner.hang_up(sentence)

    def charge(self, units: float, shared: bool = True) -> None:
        self._owner.charge(units, shared)

    def flush(self) -> None:
        """Write what is to be written, at once."""
        out = self._out
        if out:
            data = out[0] if len(out) == 1 else b"".join(out)
            out.clear()
            self._made = 0
        elif self.frame is None:
            return
        else:
            data = b""
        if self._closed:
            return
        if self.frame is not None:
            data = self.frame.framed(data)
            if not data:
                return
        if self._send is not None:
            sent = send_at_once(self._transport, self._send, data)
            if sent == len(data):
                return
            data = data[sent:]
        self._write(data)

    def flush_soon(self) -> None:
        self._owner.soon()

    # What the door answers.

    def answer(self, data: bytes) -> None:
        """Something the peer waits for; it is not held back."""
        if self._held is not None:
            self._say_before()
        self.answered += len(data)
        self._made += len(data)
        self._out.append(data)
        if self._made > READ_FIRST:  # find out if it is read before the next one is made
            self.flush()

    def _say_before(self) -> None:
        """
        What was said in the room looked at until now was written without that room's name. If another one is looked at
        from now on, it belongs before the answer that says so.
        """
        looked_at = None if self.caller is None else self.caller.room
        held, self._held = self._held or [], []
        for data, room in held:
            if room is None or room == looked_at:
                self._held.append((data, room))
            else:
                self._out.append(data)

    def is_waiting(self) -> bool:
        """Whether L{flush} would write anything."""
        return bool(self._out)

    def hold(self) -> None:
        """A command is under way: from now on, what is heard waits until it is answered."""
        self._holding = True

    def release(self) -> None:
        """It is answered: what was heard meanwhile comes behind the answer, when L{flush} is called next."""
        self._holding = False
        if self._held is not None:
            self._out += [data for data, _ in self._held]
            self._held = None
            self._back = 0
        if not self.full:
            self._unread = 0
        self.catch_up()

    def close(self) -> None:
        """Write what is left, and nothing after it."""
        self.release()
        frame, self.frame = self.frame, None
        if frame is not None:
            self._out.insert(0, frame.ending())
        self.flush()
        self._close()
        self._transport.unregisterProducer()

    def lost(self) -> None:
        """Nothing can be written any more, and what was written does not count any more."""
        self._close()
        self._is_unread(0)

    def _close(self) -> None:
        self._closed = True
        self._out.clear()
        self._held = None
        self.behind = None

    def let_go(self) -> None:
        """The connection is gone: know nobody any more, neither who is written to here nor whose it was."""
        if self.moves is not None:
            self.moves.gone()
        self.caller = self.frame = self.moves = None
        self._owner = _NOBODY

    def put(self, data: bytes) -> None:
        """Something the peer did not ask for: it waits for the answer under way."""
        if self._holding:
            self._hold_back(data)
        else:
            self._out.append(data)

    def _hold_back(self, data: bytes, room: str = "") -> None:
        """@param room: which was said there; that matters as long as it is looked at."""
        if not self._holding:
            self._out.append(data)
            return
        if self._held is None:
            self._held = []
        here = self.caller is not None and self.caller.room == room
        self._held.append((data, room if here else None))
        self._back += len(data)
        self._is_unread(self.unread + len(data))
        self._count(len(data))

    def state(self) -> tuple[GapSnapshot, ...]:
        """What it is behind with, for another process. What is to be written has to be flushed."""
        return () if self.behind is None else self.behind.state()

    def restore(self, gaps: Sequence[GapSnapshot]) -> None:
        """Be behind with this. The caller is known."""
        if gaps and self.caller is not None:
            self.behind = CatchUp(self, self.caller, self._limits)
            self.behind.restore(gaps)

    # What the peer reads (IPushProducer: the transport calls these).

    def _write(self, data: bytes) -> None:
        """What could not be sent at once."""
        full = self.full
        self._transport.write(data)
        if self.waits or self._send is not None:
            self.recount()
        else:  # to ask a wrapper each time would take longer than to ask when it matters
            size = len(data)
            self.unread += size
            self._owner.unread(size)
        if full:  # One great answer to somebody who reads is no offence.
            self._count(len(data))

    def _count(self, unread: int) -> None:
        self._unread += unread
        if self._unread > self._limits.unread_hard and not self._closed:
            kept = self.unsent() + self._back
            if self._back < kept <= self._limits.unread_hard:  # some of it was read meanwhile
                self._unread = kept
                return
            self.lost()
            self._owner.cut("connection too slow")

    def recount(self) -> None:
        """Find out how much is unread, of which something may have been read since."""
        unread = self.unsent()
        self._is_unread(unread + self._back)
        if self.waits and not self.full and unread > self._limits.unread_soft:
            self._is_full()

    def _is_full(self) -> None:
        self.full = True
        self._unread = self._limits.unread_soft

    def _is_unread(self, unread: int) -> None:
        more, self.unread = unread - self.unread, unread
        if more:
            self._owner.unread(more)

    def pauseProducing(self) -> None:
        """
        More than C{READ_FIRST} is unread. A transport that does not show how much it holds says so that it is full.
        """
        if not self.waits:
            self.waits = True
            self._owner.stuck()
        self.recount()
        if not (self.unread or self.full):
            self._is_full()

    def resumeProducing(self) -> None:
        """All of it was read."""
        self._is_unread(self._back)
        if self.waits:
            self.full = self.waits = False
            self._unread = 0
            self._owner.drained()
            self.catch_up()

    def stopProducing(self) -> None:
        """The transport is gone; its protocol is told of it as well."""

    def unsent(self) -> int:
        """See the function of this name: if it changes, the peer reads."""
        return unsent(self._transport)

    def catch_up(self) -> None:
        """Write what was not written when it was heard, if it would be read now."""
        if self.behind is not None:
            self.behind.go_on()

    def is_open(self) -> bool:
        """Whether what is put into it now would be written at once, and probably read."""
        return not (self.full or self._holding or self._closed)
