"""
Where a person's lines go, as far as that person can know: a line typed for one room is not sent to another.

A person in den may be kicked into lobby while they type, and a refused /join leaves them where they were while the next
lines are on their way. Such lines are refused once, with a sentence, and go through when they are typed again. It knows
names of rooms and numbers of lines, and neither people nor connections.
"""

from __future__ import annotations

from chatroom.states import AimSnapshot

SECRET = "secret"
"""Why a line is held: a password was asked for just before, and is not asked for any more."""

NAMELESS = "nameless"
"""Why a line is held: the person lost their nickname just before, and not by their own command."""

_HELD = {
    SECRET: "Your line was not sent, because it may be the password you were asked for. If not, type it again.",
    NAMELESS: "Your line was not sent, because you have no nickname. Type a nickname and press Enter.",
}


class Aim:
    """
    @ivar room: where the person knows their lines go.
    @ivar hold: why the next line is not sent; C{""} if it is.
    @ivar early: how many lines, with the one that is answered now, were typed before the person was told something.
    """

    __slots__ = ("early", "hold", "room")

    def __init__(self) -> None:
        self.room: str | None = None
        self.hold = ""
        self.early = 0

    def next_line(self) -> None:
        """One of the lines is taken up that were typed early."""
        self.early -= 1

    def missed(self, lines: int) -> None:
        """
        The person is told that they are not where they wanted to be.

        @param lines: so many of theirs have come already, so they were typed before.
        """
        self.early = lines + 1

    def is_at(self, room: str | None) -> None:
        """The person went there, or was told that they are there."""
        self.room = room
        self.hold = ""
        self.early = 0

    def is_true(self, room: str | None) -> bool:
        """Whether a line goes where its author knows, which is almost always so. C{room}: where it would go."""
        return room == self.room and not (self.early or self.hold)

    def objection(self, room: str | None) -> str:
        """Why a line is not sent to this room, which may be none. The next one is, unless it came already."""
        if self.hold:
            hold, self.hold = self.hold, ""
            return _HELD[hold]
        before, self.room = self.room, room
        if self.early:
            return f"Your line was not sent, because you typed it before you could read this. {whereabouts(room)}"
        here = f"Current room: {room}." if room else whereabouts(room)
        left = f"you are no longer in {before}" if before else "you changed rooms"
        return f"Your line was not sent, because {left}. {here} To send the line there, type it again."

    def state(self) -> AimSnapshot:
        """For another process."""
        return AimSnapshot(self.room, max(0, self.early - 1), self.hold)

    def restore(self, state: AimSnapshot | None, room: str | None) -> None:
        """Go on from there; from C{room}, where the other process did not know of this."""
        self.room, early, self.hold = (room, 0, "") if state is None else (state.room, state.early, state.hold)
        self.early = early + 1 if early else 0


def whereabouts(room: str | None) -> str:
    """Where lines go now, in a sentence."""
    return f"You are still in {room}." if room else "You are not in a room: /rooms lists them."
