"""
Commands to a terminal itself: its title, and notifications of the desktop (OSC, ECMA-48, 8.3.89).

They may hold what others have said, so nothing gets into one that could end it. It knows text, and writes nothing.
"""

from __future__ import annotations

from chatroom.client.clean import safe

OSC, BEL = "\x1b]", "\a"
"""With the first begins a command to the terminal itself, and with the second it ends (ECMA-48, 8.3.89; xterm)."""

TITLE_KEPT, TITLE_BACK = "\x1b[22;0t", "\x1b[23;0t"
"""Have the terminal remember its title, and take it back (xterm)."""

LONGEST_NOTE = 200
"""Characters of a title or a notification."""


def one_line(text: str) -> str:
    """Text that a command to the terminal may hold: one short line without anything that would end it early."""
    return "".join(c for c in safe(text.replace("\n", " ")) if c.isprintable())[:LONGEST_NOTE]


def title_of(text: str) -> str:
    """What makes this the title of the window."""
    return f"{OSC}0;{one_line(text)}{BEL}"


def notification(kind: str, text: str) -> str:
    """What to write so that the terminal tells somebody. C{kind}: see L{chatroom.client.preferences.Preferences}."""
    if kind == "osc9":
        return f"{OSC}9;{one_line(text)}{BEL}"
    if kind == "osc777":
        return f"{OSC}777;notify;chatroom;{one_line(text).replace(';', ',')}{BEL}"
    return BEL if kind == "bell" else ""
