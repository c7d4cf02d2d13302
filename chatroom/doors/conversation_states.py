"""
The states of a conversation, drawn as one table: how its life goes, and whose turn it is to take up messages.

Every change of L{Life} in L{chatroom.doors.conversation}, and of L{Turn} in L{chatroom.doors.intake}, stands in the
table, and nothing else may happen. docs/architecture.rst shows the table, and tests hold all three together.
It knows nothing but words: neither connections nor messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Life(Enum):
    """
    How far a connection is on its way from open to lost.

    @ivar meaning: in a sentence.
    @ivar listens: what the peer sends counts. @ivar writes: what is answered is still written.
    """

    OPEN = "messages are taken up and answered", True, True
    ENDED = "the peer sends no more, and is answered all that it sent", True, True
    CLOSING = "we hang up as soon as what is under way is answered", False, True
    CLOSED = "all is written, and the transport closes when it is sent", False, False
    LINGERING = "our half is closed, and what the peer is still sending is thrown away", False, False
    CUT = "broken off, without waiting for anything", False, False
    LOST = "the transport is gone, or another process has it", False, False

    def __init__(self, meaning: str, listens: bool, writes: bool) -> None:
        self.meaning = meaning
        self.listens = listens
        self.writes = writes


class Turn(Enum):
    """
    Whether one more message may be taken up.

    @ivar meaning: in a sentence.
    """

    READY = "the next message is taken up when it comes"
    TAKING = "messages are being taken up"
    LAST = "the message that is being taken up is the last one"
    RESTING = "a timer ends the wait"
    FROZEN = "another process may take over: nothing but a thaw ends the wait"
    OVER = "nothing is taken up any more"

    def __init__(self, meaning: str) -> None:
        self.meaning = meaning


class Step(Enum):
    """What happens to a conversation; the value is what it is called in the table."""

    END = "the peer ends"
    HANG_UP = "hang up"
    CLOSE = "all is answered"
    LINGER = "the peer is still sending"
    CUT = "cut"
    LOSE = "lost"
    TAKE = "go on"
    DONE = "none is left"
    REST = "rest"
    WAKE = "the timer ends"
    FREEZE = "freeze"
    THAW = "thaw"
    STOP = "stop"


LIFE: Mapping[Life, Mapping[Step, Life]] = {
    Life.OPEN: {
        Step.END: Life.ENDED,
        Step.HANG_UP: Life.CLOSING,
        Step.CUT: Life.CUT,
        Step.LOSE: Life.LOST,
    },
    Life.ENDED: {
        Step.END: Life.ENDED,
        Step.HANG_UP: Life.CLOSING,
        Step.CLOSE: Life.CLOSED,
        Step.CUT: Life.CUT,
        Step.LOSE: Life.LOST,
    },
    Life.CLOSING: {
        Step.END: Life.CLOSING,
        Step.CLOSE: Life.CLOSED,
        Step.CUT: Life.CUT,
        Step.LOSE: Life.LOST,
    },
    Life.CLOSED: {
        Step.END: Life.CLOSED,
        Step.LINGER: Life.LINGERING,
        Step.CUT: Life.CUT,
        Step.LOSE: Life.LOST,
    },
    Life.LINGERING: {
        Step.END: Life.CLOSED,
        Step.CUT: Life.CUT,
        Step.LOSE: Life.LOST,
    },
    Life.CUT: {
        Step.END: Life.CUT,
        Step.CUT: Life.CUT,
        Step.LOSE: Life.LOST,
    },
    # The doorkeeper and the server go through lists of all who were here: one of them may be lost by now.
    Life.LOST: {
        Step.END: Life.LOST,
        Step.CUT: Life.LOST,
        Step.LOSE: Life.LOST,
    },
}
"""What follows on each state, and on which step. A step that is not here cannot happen then."""

TURN: Mapping[Turn, Mapping[Step, Turn]] = {
    Turn.READY: {Step.TAKE: Turn.TAKING, Step.FREEZE: Turn.FROZEN, Step.STOP: Turn.OVER},
    Turn.TAKING: {Step.DONE: Turn.READY, Step.REST: Turn.RESTING, Step.STOP: Turn.LAST},
    Turn.LAST: {Step.STOP: Turn.LAST, Step.DONE: Turn.OVER},
    Turn.RESTING: {Step.WAKE: Turn.READY, Step.FREEZE: Turn.FROZEN, Step.STOP: Turn.OVER},
    Turn.FROZEN: {Step.THAW: Turn.READY, Step.STOP: Turn.OVER},
    Turn.OVER: {Step.STOP: Turn.OVER},
}
"""
As L{LIFE}. The intake sets these states itself, as it takes up every line between two of them: to look into a table
would cost more than the rest of it.
"""
