"""
What the headers of a request say, whatever bytes are in them, and whether they ask for a WebSocket as they should.

It knows HTTP and nothing of what is answered.
"""

from __future__ import annotations

import re

from twisted.web.http_headers import Headers
from twisted.web.server import Request

VERSION = "13"
"""Of WebSocket: RFC 6455."""

_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
"""16 bytes in base64 (RFC 6455, 4.1)."""

_HANDSHAKE: dict[bytes, list[bytes]] = {
    b"host": [b"localhost"],
    b"connection": [b"upgrade"],
    b"upgrade": [b"websocket"],
    b"sec-websocket-version": [VERSION.encode()],
}
"""Of any lawful one, as much as matters once it is known to be lawful; but for the key."""


def values_of(request: Request, header: bytes) -> list[str]:
    """What a header says, each time it is there. Any byte is lawful in it (RFC 9110, 5.5), and one character here."""
    return [value.decode("latin-1") for value in request.requestHeaders.getRawHeaders(header, [])]


def is_handshake(request: Request) -> bool:
    """Whether this is the first half of one as RFC 6455, 4.1 has it. C{Upgrade} was looked at before."""
    connection = ",".join(values_of(request, b"connection")).lower().split(",")
    keys = values_of(request, b"sec-websocket-key")
    return (
        any(token.strip() == "upgrade" for token in connection)
        and values_of(request, b"sec-websocket-version") == [VERSION]
        and len(values_of(request, b"host")) == 1
        and len(keys) == 1
        and _KEY.fullmatch(keys[0]) is not None
    )


def handshake_of(request: Request) -> Headers:
    """Of a lawful handshake, no more than what matters."""
    return Headers({**_HANDSHAKE, b"sec-websocket-key": [values_of(request, b"sec-websocket-key")[0].encode()]})
