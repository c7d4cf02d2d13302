"""
Programs on the line door: JSON objects, one a line, once the first line begins with C{E{lb}}.

The framing of L{chatroom.doors.json.json_speaker} and nothing more.
"""

from __future__ import annotations

from chatroom.doors.json.json_speaker import JsonStyle


def line(text: str) -> bytes:
    """
    A line of UTF-8. JSON text has no line ends in it, and half characters do not get this far; if one ever did, it
    must not keep a whole room from being told.
    """
    return text.encode(errors="replace") + b"\n"


JSON_LINES = JsonStyle(line)
"""How all programs on the line door are written to."""
