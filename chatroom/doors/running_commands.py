"""
Commands of other packages that take time, of one connection: how long one may hold up what is behind it.

For the first second (the limit C{command_hold}), such a command is like any other: what is behind it waits. Then it is
set aside: what was heard meanwhile is written, the next messages are taken up, and its answer comes when it is there.
Where the connection is about to end, nothing is set aside: the command is stopped. It knows runs and replies; not what
a command does, nor how a connection ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from chatroom.errors import Busy, CommandStopped, Refused, counted
from chatroom.interfaces import Outcome, RunningCommand
from chatroom.limits import Limits

if TYPE_CHECKING:
    from chatroom.doors.replies import Replies, ReplySink

HURRIED = 0.1
"""Seconds that a command may take on a connection that is about to end, where one before it took too long for that."""


class RunningCommands:
    """One holds up what is behind it, at the most; others are set aside."""

    __slots__ = ("_aside", "_clock", "_front", "_hurry", "_limits", "_replies", "_timer", "_was_late")

    def __init__(self, replies: Replies, limits: Limits, clock: IReactorTime, hurry: str = "") -> None:
        """@param hurry: see L{hurry}; the connection is about to end already."""
        self._replies = replies
        self._limits = limits
        self._clock = clock
        self._front: RunningCommand | None = None
        self._timer: IDelayedCall | None = None
        self._aside: dict[RunningCommand, ReplySink] = {}
        # Why what takes longer than C{command_hold} is stopped, as the end of a sentence; C{""}: it is set aside.
        self._hurry = hurry
        self._was_late = False  # one was stopped for that

    def begin(self, run: RunningCommand, reply: ReplySink) -> None:
        """Run it, as the command under way."""
        if len(self._aside) >= self._limits.running_commands:
            run.stop(Busy(""))
            many = counted(len(self._aside), "command")
            busy = Busy(f"{many} of yours are still running. Wait until one has ended, then try /{run.word} again.")
            self._replies.ran(reply, busy)
            return
        self._front = run
        run.begin(self._ended_of(run, reply))
        if self._front is run:
            hold = HURRIED if self._hurry and self._was_late else self._limits.command_hold
            self._timer = self._clock.callLater(hold, self._took_long, run, reply)

    def _ended_of(self, run: RunningCommand, reply: ReplySink) -> Callable[[Outcome | Refused], None]:
        def ended(outcome: Outcome | Refused) -> None:
            if run is self._front:
                self._front = None
                if self._timer is not None:
                    self._timer.cancel()
                    self._timer = None
                self._replies.ran(reply, outcome)
            elif self._aside.pop(run, None) is not None:
                self._replies.ran_aside(reply, outcome)

        return ended

    def _took_long(self, run: RunningCommand, reply: ReplySink) -> None:
        self._timer = None
        if self._hurry:
            self._was_late = True
            run.stop(self._stopped(run, self._hurry))
        else:
            self._front = None
            self._aside[run] = reply
            self._replies.set_aside()

    def hurry(self, why: str) -> None:
        """
        Stop what was set aside, and from now on what takes as long as that.

        @param why: the end of a sentence, which begins with the command.
        """
        self._hurry = why
        for run in list(self._aside):
            run.stop(self._stopped(run, why))

    def hurry_no_more(self) -> None:
        """The connection does not end after all."""
        self._hurry, self._was_late = "", False

    def stop(self) -> None:
        """The connection is gone: stop everything, and answer nobody."""
        front, self._front = self._front, None
        aside, self._aside = self._aside, {}
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for run in (*aside, *(() if front is None else (front,))):
            run.stop(self._stopped(run, "because the connection is gone"))

    @staticmethod
    def _stopped(run: RunningCommand, why: str) -> CommandStopped:
        return CommandStopped(f"/{run.word} was stopped {why}.")
