"""
What a browser may ask for, and how it is answered: the page and its assets, a few facts, and a WebSocket.

Here it is decided who is answered at all, and every answer carries the headers that let a browser run nothing but what
this daemon sends. It knows HTTP and nothing of what is said.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from http import HTTPStatus
from typing import Any

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import Resource
from twisted.web.server import Request
from twisted.web.websocket import WebSocketResource

from chatroom.doors.admission import PerMinute
from chatroom.doors.transport import unsent
from chatroom.doors.web.assets import LOADING_SOURCE, page
from chatroom.doors.web.headers import VERSION, handshake_of, host_of, is_handshake, values_of
from chatroom.doors.web.irc_messages import subprotocol
from chatroom.doors.web.origins import Host, is_same, origin
from chatroom.doors.web.plugin_pages import PREFIX, PluginPages
from chatroom.doors.web.websocket import Sockets
from chatroom.doors.web.welcome import PATH, welcome
from chatroom.interfaces import IServer
from chatroom.limits import Limits

UNREAD = 64 * 1024
"""Bytes of answers that wait to be read: who asks for more by the same connection meanwhile gets none."""

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {LOADING_SOURCE}",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types chatroom-worker",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "chatroom",
}
"""With every answer. What they mean: docs/web.rst."""

TRANSPORT_SECURITY = "max-age=31536000"
"""With every answer over TLS: a year without a plain connection to this host (RFC 6797)."""


def refusal(request: Request, status: int, sentence: str) -> bytes:
    """An answer that is no page. Twisted does not know what every status is called."""
    request.setResponseCode(status, HTTPStatus(status).phrase.encode())
    request.setHeader("content-type", "text/plain; charset=utf-8")
    return sentence.encode() + b"\n"


def asks_for_websocket(request: Request) -> bool:
    """Whether this is the first half of a handshake: at C{/ws}, or at C{/} by clients that know no path."""
    return any("websocket" in value.lower() for value in values_of(request, b"upgrade"))


class Door(Resource):
    """
    Where a WebSocket is asked for: checks what L{WebSocketResource} does not.

    C{Origin} is what a browser says of the page that asks; no page can change it. Programs need not send it: they could
    write there what they like, and carry no cookies of anybody's.
    """

    isLeaf = True

    def __init__(self, sockets: Sockets, origins: Collection[str]) -> None:
        """@param origins: pages from elsewhere that are welcome: C{https://chat.example.org}."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._accept = WebSocketResource(sockets)
        self._irc = sockets.irc is not None
        self._origins = frozenset(map(origin, origins)) - {None}

    def render_GET(self, request: Request) -> bytes | int:
        """The first half of a handshake (RFC 6455, 4.1), or something else."""
        if not asks_for_websocket(request):
            request.setHeader("upgrade", "websocket")
            return refusal(request, 426, "This address accepts WebSocket connections only. The web page is at /.")
        asked = host_of(request)
        assert asked is not None
        if not self.is_welcome(values_of(request, b"origin"), asked, request.isSecure()):
            return refusal(request, 403, "Connections from a page of another site are not allowed.")
        if not is_handshake(request):
            request.setHeader("sec-websocket-version", VERSION)
            return refusal(request, 400, "Bad WebSocket request (RFC 6455, 4.1).")
        if self._irc:
            wire: Any = request.channel.transport
            wire.subprotocol = subprotocol(values_of(request, b"sec-websocket-protocol"))
        # Of what else a stranger wrote, Twisted's library would make errors for the log.
        request.requestHeaders = handshake_of(request)
        return self._accept.render_GET(request)

    def is_welcome(self, origins: Sequence[str], asked: Host, secure: bool) -> bool:
        """
        Whether a page from there may come in: from the same host and port, or from one that was named. Headers by which
        proxies tell what they were asked (C{Forwarded}, C{X-Forwarded-Host}) are anybody's to write, and not read.

        @param origins: the values of C{Origin}. @param asked: the host of the request. @param secure: it came by TLS.
        """
        if not origins:
            return True
        page = origin(origins[0]) if len(origins) == 1 else None
        return page is not None and (page in self._origins or is_same(page, asked, secure))


class Front(Resource):
    """Everything that can be asked for."""

    isLeaf = True

    def __init__(self, server: IServer, door: Door, clock: IReactorTime) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._server = server
        self._assets = page(server)
        self._door = door
        self._plugins = PluginPages(server)
        self._clock = clock
        self._limits: Limits = server.limits
        self._rate = PerMinute()

    def render(self, request: Request) -> bytes | int:
        """See L{twisted.web.resource.IResource.render}. HEAD is GET without a body, whatever is asked for."""
        for name, value in HEADERS.items():
            request.setHeader(name, value)
        if request.isSecure():
            request.setHeader("Strict-Transport-Security", TRANSPORT_SECURITY)
        answer = self._answer(request)
        if request.method == b"HEAD" and isinstance(answer, bytes) and answer:
            request.setHeader("content-length", str(len(answer)))
            return b""
        return answer

    def _answer(self, request: Request) -> bytes | int:
        wire: Any = request.channel.transport
        wire.answered = self._clock.seconds()
        if unsent(wire) > UNREAD:  # Twisted goes on with requests that came in one piece, whatever is unread
            request.channel.persistent = False
            return refusal(request, 503, "Read the answers to your last requests first.")
        if not self._rate.may(wire.where.network, self._clock.seconds(), self._limits.requests_per_minute):
            request.setHeader("retry-after", "60")
            request.channel.persistent = False
            return refusal(request, 429, "Too many requests from your address. Please wait a minute.")
        if host_of(request) is None:
            request.channel.persistent = False
            return refusal(request, 400, "A request needs exactly one Host header (RFC 9112, 3.2).")
        asset = self._assets.get(request.path)
        if request.path == b"/" and asks_for_websocket(request):
            asset = None
        of_plugin = request.path.startswith(PREFIX)
        if asset is None and not of_plugin and request.path not in (b"/", b"/ws", PATH):
            return refusal(request, 404, "Not found. The web page is at /.")
        if request.method not in (b"GET", b"HEAD"):
            request.setHeader("allow", "GET, HEAD")
            return refusal(request, 405, "Only GET and HEAD are allowed.")
        if of_plugin:
            return self._plugins.answer(request)
        if request.path == PATH:
            request.setHeader("content-type", "application/json")
            request.setHeader("cache-control", "no-store")
            return welcome(self._server)
        return self._door.render_GET(request) if asset is None else asset.answer(request)
