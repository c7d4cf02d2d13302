"""
What each family of rules stands on: the state, which it reads, and the limits.

A method of a family is named after a wish. It returns the events that would fulfil it, or raises
L{Refused<chatroom.errors.Refused>}. Nothing has happened yet: a backend keeps and orders the events, then
L{State.apply<chatroom.core.state.State.apply>} makes them true.
"""

from __future__ import annotations

from chatroom.core.cleaning import brief
from chatroom.core.state import State
from chatroom.limits import Limits


class Rules:
    """
    One family.

    @ivar state: what is true. Rules read it and never write it.
    """

    __slots__ = ("limits", "state")

    def __init__(self, state: State, limits: Limits) -> None:
        self.state = state
        self.limits = limits

    def reason(self, text: str) -> str:
        """Somebody's reason, clean and not too long."""
        return brief(text, self.limits.topic_length)
