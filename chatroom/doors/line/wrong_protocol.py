"""
Those who took the line door for another kind of server: known by how they begin, and answered in their own language.

None of what they send along may become talk: a page in a browser can have any address asked for, and send any text
after it. It knows first lines, and neither people nor connections.
"""

from __future__ import annotations

import re

_HTTP = re.compile(rb"[A-Z]{3,16} \S+ HTTP/\d")
_HTTP_START = re.compile(rb"[A-Z]{3,16} (?:/|https?://)")
"""Of a request whose end does not fit into a line."""
_HTTP_BODY = b"This is a chat server, not a web server. To chat, use a terminal: nc HOST PORT\n"
_HTTP_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
    b"Connection: close\r\n\r\n%s" % (len(_HTTP_BODY), _HTTP_BODY)
)
_TLS_HELLO = b"\x16\x03"
"""How a TLS handshake begins: its content type and the first half of its version (RFC 8446, 5.1)."""
_TLS_ALERT = b"\x15\x03\x01\x00\x02\x02\x28"
"""A fatal alert, handshake_failure (RFC 8446, 6.2)."""
_SSH = re.compile(rb"SSH-\d+\.\d+-")
"""How an SSH client begins (RFC 4253, 4.2); without this, many would come in by that for a nickname."""
_SSH_ANSWER = b"This is a chat server, not an SSH server. To chat: nc HOST PORT\r\n"
"""A client takes any lines before a version, and gives up when none follows."""


def answer_to(start: bytes, whole: bool, longest: int) -> bytes | None:
    """
    What a stranger is told before the connection is closed; C{None} for everybody else.

    @param start: what has come of the first line.
    @param whole: that is all of it.
    @param longest: bytes in a line. Of a longer one, no more than its start is ever seen.
    """
    if start.startswith(_TLS_HELLO):
        return _TLS_ALERT
    if (whole and _HTTP.match(start)) or (len(start) > longest and _HTTP_START.match(start)):
        return _HTTP_ANSWER
    if whole and _SSH.match(start):
        return _SSH_ANSWER
    return None
