"""
The number of the interface that a plugin was made for, and what an operator reads where it is another than ours.

A plugin file says it as C{plugin_api = 1}. It is also read from the file's text, where the file cannot be imported: the
server may have lost what the file imports. This module knows the number, and nothing of what plugins do.
"""

from __future__ import annotations

import re

from twisted.python.filepath import FilePath

from chatroom.interfaces import FIRST_PLUGIN_API, PLUGIN_API

_SAID = re.compile(r"^plugin_api(?:\s*:[^=\n]*)?\s*=\s*(\d{1,9})\s*(?:#.*)?$", re.MULTILINE | re.ASCII)

_LONGEST = 65536
"""Bytes of a plugin file that are searched for the number."""


def fault(made_for: object) -> str | None:
    """
    Why a plugin with this C{plugin_api} is left out, as the end of a sentence; C{None}: it is made for this server.
    """
    if not isinstance(made_for, int) or isinstance(made_for, bool) or made_for < FIRST_PLUGIN_API:
        return f"its plugin_api is {made_for!r:.40}, and not a whole number from {FIRST_PLUGIN_API} up"
    if made_for == PLUGIN_API:
        return None
    remedy = "Upgrade the server" if made_for > PLUGIN_API else "Install a newer version of the plugin"
    return f"it was made for plugin_api {made_for}, and this server has plugin_api {PLUGIN_API}. {remedy}"


def said_in(file: str) -> int:
    """The number that a plugin file says, which may be one that cannot be imported."""
    try:
        with FilePath(file).open() as opened:
            said = _SAID.search(opened.read(_LONGEST).decode("utf-8", "replace"))
    except OSError:
        return FIRST_PLUGIN_API
    return int(said[1]) if said else FIRST_PLUGIN_API
