"""
Polls for a chat room: C{/poll} asks, C{/vote} answers once for each person, and the result comes after a time.
"""

from __future__ import annotations

from chatroom_poll.ballot import Ballot
from chatroom_poll.service import Poll
from chatroom_poll.words import EndPoll, OpenPoll, Results, Vote

__all__ = ["Ballot", "EndPoll", "OpenPoll", "Poll", "Results", "Vote"]
