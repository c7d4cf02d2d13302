"""
What one browser is sent: events as JSON, each in a text message of its own, and at last the goodbye.

It knows events and frames, and no connections.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.doors.json.json_speaker import JsonForm, JsonStyle
from chatroom.doors.web.frames import Code, close_frame, text_frame
from chatroom.events import Event, Noticed

_MESSAGES = JsonStyle(text_frame)


class MessageStyle:
    """
    How one browser is written to. Events are the same bytes for all of them.

    @ivar code: why the connection is closed, when it is.
    """

    __slots__ = ("code",)

    def __init__(self) -> None:
        self.code = Code.NORMAL

    def form(self, here: bool) -> JsonForm:
        """See L{chatroom.doors.outbox.Style}."""
        return _MESSAGES.form(here)

    def told(self, parts: Sequence[str | Event], room: str | None, now: float, reader: str = "") -> bytes:
        """The notice that says goodbye brings the close frame with it: nothing is written behind it."""
        data = _MESSAGES.told(parts, room, now)
        for part in parts:
            if isinstance(part, Noticed) and part.code == "closing":
                data += close_frame(self.code, part.text)
        return data
