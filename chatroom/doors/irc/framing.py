"""
How lines of IRC are carried to one client: by a stream of bytes as they are, or each in a message of its own.

What the client says and reads is the same lines in any case. It knows a style, and nothing of connections.
"""

from __future__ import annotations

from typing import Protocol

from chatroom.doors.irc.forms import IrcStyle
from chatroom.doors.outbox import Style


class IrcFraming(Protocol):
    """What stands between lines and bytes."""

    def style(self, lines: IrcStyle) -> Style:
        """How this client is written to whose lines are made like this. It may be asked again."""

    def framed(self, lines: bytes) -> bytes:
        """The bytes that carry these whole lines, each with its CR and LF."""


class _Stream:
    """A stream of bytes: the lines themselves."""

    def style(self, lines: IrcStyle) -> Style:
        return lines

    def framed(self, lines: bytes) -> bytes:
        return lines


STREAM: IrcFraming = _Stream()
"""TCP, or TLS over it."""
