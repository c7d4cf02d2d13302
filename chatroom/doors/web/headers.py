"""
What the headers of a request say, whatever bytes are in them, and whether they ask for a WebSocket as they should.

Whether a request says whom it is for, as HTTP wants it, is asked of every one. It knows HTTP and nothing of what is
answered.
"""

from __future__ import annotations

import re

from twisted.web.http_headers import Headers
from twisted.web.server import Request

from chatroom.doors.web.origins import Host, host

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


def host_of(request: Request) -> Host | None:
    """
    Whom a request is for. HTTP/1.0 knew no C{Host}; since then, there is one and it is a host (RFC 9112, 3.2).

    @return: C{None} where the request is to be refused for it.
    """
    hosts = values_of(request, b"host")
    if not hosts and request.clientproto == b"HTTP/1.0":
        return Host("", None)
    return host(hosts[0].strip(" \t")) if len(hosts) == 1 else None


def has_body(request: Request) -> bool:
    """Whether anything follows on the headers that is part of the request."""
    lengths = values_of(request, b"content-length")
    return any(length.strip("0") for length in lengths) or bool(values_of(request, b"transfer-encoding"))


def is_handshake(request: Request) -> bool:
    """Whether this is the first half of one as RFC 6455, 4.1 has it. C{Upgrade} was looked at before."""
    connection = ",".join(values_of(request, b"connection")).lower().split(",")
    keys = values_of(request, b"sec-websocket-key")
    return (
        any(token.strip() == "upgrade" for token in connection)
        and values_of(request, b"sec-websocket-version") == [VERSION]
        and not has_body(request)
        and len(keys) == 1
        and _KEY.fullmatch(keys[0]) is not None
    )


def handshake_of(request: Request) -> Headers:
    """Of a lawful handshake, no more than what matters."""
    return Headers({**_HANDSHAKE, b"sec-websocket-key": [values_of(request, b"sec-websocket-key")[0].encode()]})
