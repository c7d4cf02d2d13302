"""
One telnet connection in character mode: its client sends each key, and the line being typed is edited and shown here.

So the line stays whole at the bottom of the screen while others talk (RFC 857 and 858). Pasted text waits for the Enter
key and is one message, as in the terminal client; where the terminal puts no marks around it, text behind a line end in
the same piece of input is a paste. It knows an editor, its row, and a conversation; not how telnet negotiates.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from chatroom.doors.admission import TalkRate
from chatroom.doors.conversation import Conversation
from chatroom.doors.line.edited_row import EditedRow
from chatroom.doors.line.keystrokes import PASTE_MARK, PASTE_OFF, PASTE_ON
from chatroom.doors.line.line_editor import LineEditor
from chatroom.doors.line.secret_prompts import may_hold_secret
from chatroom.doors.line.text import ENDLESS
from chatroom.limits import Limits
from chatroom.states import EditorSnapshot

STILL_PASTED = 0.02
"""Seconds after a piece of pasted text in which what has a line end is more of it, as in the terminal client."""

BURST = 16 * 1024
"""Bytes of keys that are taken up at once; what comes faster than C{--typing-rate} waits, and the reader is paused."""

PIECE = 2048
"""Bytes that are taken up together."""

FRESH = 1.0
"""Seconds for which the names of the people in a room are good enough for the Tab key."""

HINT = "To leave, type /quit."


class LineReader(Protocol):
    """A part of L{twisted.protocols.basic.LineReceiver}."""

    def lineReceived(self, line: bytes) -> None: ...
    def lineLengthExceeded(self, line: bytes) -> None: ...


class CharacterMode:
    """
    A L{chatroom.doors.outbox.Frame}.

    @ivar editor: the line being typed.
    @ivar unsent: bytes that came since the last line was sent.
    """

    __slots__ = (
        "_clock", "_conversation", "_held", "_lines", "_names", "_names_until", "_pasted_until",
        "_rate", "_resting", "_row", "editor", "unsent",
    )  # fmt: skip

    def __init__(
        self,
        conversation: Conversation,
        lines: LineReader,
        limits: Limits,
        width: int,
        clock: IReactorTime,
    ) -> None:
        """
        @param lines: takes each line that is sent.
        @param width: columns of the window; 0: not known.
        """
        self.editor = LineEditor(limits.line_length, self._words)
        self.unsent = 0
        self._conversation = conversation
        self._row = EditedRow(self.editor, width)
        self._clock = clock
        self._lines = lines
        self._rate = TalkRate(BURST, limits.typing_rate, clock.seconds())
        self._held: deque[tuple[bytes, bool]] = deque()  # pieces that wait, and whether each was pasted
        self._resting: IDelayedCall | None = None
        self._pasted_until = 0.0
        self._names: Sequence[str] = ()
        self._names_until = 0.0

    def begin(self, typed: bytes = b"") -> None:
        """
        Take over the screen.

        @param typed: the beginning of a line, which came before.
        """
        self._conversation.outbox.answer(PASTE_ON)
        self._conversation.outbox.frame = self
        self.editor.feed(typed)

    def received(self, data: bytes) -> None:
        """Take up the keys in a piece of input, or have them wait: editing is work, and strangers may press any key."""
        self._held.append((data, self._is_pasted(data)))
        if self._resting is None:
            self._go_on()

    def _go_on(self) -> None:
        while self._held and self._conversation.life.listens:
            wait = self._rate.wait(self._clock.seconds())
            if wait:
                self._pause(True)
                self._resting = self._clock.callLater(wait + PIECE / BURST, self._rested)
                return
            data, pasted = self._held.popleft()
            if len(data) > PIECE:
                self._held.appendleft((data[PIECE:], pasted))
            self._rate.spend(len(data[:PIECE]) - 1)
            self._edit(data[:PIECE], pasted)

    def _rested(self) -> None:
        self._resting = None
        self._go_on()
        if self._resting is None:
            self._pause(False)
        self._conversation.intake.go_on()

    def _pause(self, pause: bool) -> None:
        """Stop the reader, or let it go on, unless the conversation has stopped it."""
        conversation = self._conversation
        if not conversation.intake.reads():
            return
        if pause:
            conversation.transport.pauseProducing()
        else:
            conversation.transport.resumeProducing()

    def take_all(self) -> None:
        """The peer sends no more: take up what waits. A half-typed line was not sent, and is not said."""
        self.stop()
        for data, pasted in self._held:
            self._edit(data, pasted)
        self._held.clear()

    def stop(self) -> None:
        """The connection is gone, or in line mode."""
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None

    def _edit(self, data: bytes, pasted: bool) -> None:
        conversation, editor = self._conversation, self.editor
        self.unsent += len(data)
        for entered in editor.feed(data, pasted):
            self.unsent = 0
            if entered.shown and self._may_remember(entered.shown):
                editor.remember(entered.shown)
            conversation.outbox.answer(self._row.entered(entered.shown))
            if entered.line is None:
                self._lines.lineLengthExceeded(b"")
            else:
                self._lines.lineReceived(entered.line)
        if editor.wants_to_leave:
            editor.wants_to_leave = False
            conversation.outbox.answer(conversation.outbox.style.told((HINT,), None, 0.0))
        if self.unsent > ENDLESS:
            conversation.hang_up(f"A line of {ENDLESS:,} bytes without an end. Goodbye.", linger=True)

    def _is_pasted(self, data: bytes) -> bool:
        """Whether a piece of input is pasted text: nobody types several lines at once."""
        _, end, behind = data.partition(b"\n")
        now = self._clock.seconds()
        if not end or PASTE_MARK in data or not (behind.strip(b"\n") or now < self._pasted_until):
            return False
        self._pasted_until = now + STILL_PASTED
        return True

    def _may_remember(self, line: str) -> bool:
        caller = self._conversation.caller
        return caller is not None and caller.nick is not None and not may_hold_secret(caller, line)

    def resize(self, width: int) -> None:
        """The window has so many columns now."""
        self._row.resize(width)

    # chatroom.doors.outbox.Frame

    def framed(self, data: bytes) -> bytes:
        """What to write, so that the data stands above the line being typed."""
        return self._row.frame(data)

    def ending(self) -> bytes:
        """What to write before the last words: the line being typed makes way, and pasted text is marked no more."""
        return self._row.end() + PASTE_OFF

    # The Tab key.

    def _words(self, word: str, first: bool) -> Sequence[str]:
        """Nicknames and commands that begin like this."""
        caller = self._conversation.caller
        if caller is None or caller.nick is None:
            return ()
        if first and word.startswith("/"):
            offered = [f"/{command.name} " for command in caller.commands()]
        elif word.startswith("@"):
            offered = [f"@{nick} " for nick in self._people()]
        else:
            offered = [f"{nick}: " if first else f"{nick} " for nick in self._people()]
        folded = word.casefold()
        return [each for each in offered if each.casefold().startswith(folded)]

    def _people(self) -> Sequence[str]:
        """Nicknames in the current room, looked up at most once in L{FRESH} seconds."""
        caller, now = self._conversation.caller, self._clock.seconds()
        assert caller is not None
        if now >= self._names_until:
            self._names_until = now + FRESH
            people = caller.view().people if caller.room is not None else ()
            self._names = sorted((p.nick for p in people if p.nick != caller.nick), key=str.casefold)
        return self._names

    # From one process to the next.

    def state(self) -> EditorSnapshot:
        """What is being typed, with what waits."""
        return replace(self.editor.state(), held=b"".join(data for data, _ in self._held))

    def restore(self, state: EditorSnapshot) -> None:
        """Go on with this line, and write it anew. What waits has to be L{received} again."""
        self.editor.restore(state)
        self._conversation.outbox.frame = self
