"""
Addresses of the web as links that a terminal opens (OSC 8): how one is drawn.

A target holds nothing but printable ASCII, so that no text from outside can write an escape sequence. It knows urwid's
attributes; L{chatroom.client.links} finds the addresses.
"""

from __future__ import annotations

from collections.abc import Hashable
from urllib.parse import quote

import urwid

LONGEST = 2083
"""Characters of a target: some terminals refuse a longer one. A longer address is drawn as one, and is no link."""

_AS_THEY_ARE = "".join(chr(code) for code in range(0x21, 0x7F))

_Hyperlink = getattr(urwid, "Hyperlink", None)
"""C{None} in a version of urwid that draws no links."""


def link_style(address: str) -> Hashable:
    """
    The attribute with which an address is drawn: the style C{link}, with the target where there can be one.

    @param address: C{http://} or C{https://} and what follows, as L{chatroom.client.links.links} finds it.
    """
    target = quote(address, safe=_AS_THEY_ARE, errors="replace")
    if _Hyperlink is None or len(target) > LONGEST:
        return "link"
    return urwid.AttrSpec("default,underline", "default", hyperlink=_Hyperlink(target))
