"""
Pages of plugins: what a browser may ask for below C{/x/NAME/}, and how it is shown so that it can do no harm.

It knows HTTP, and neither plugins nor what their pages show.
"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import unquote

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.web.server import NOT_DONE_YET, Request

from chatroom.interfaces import IServer, PageAnswer, PageRequest

log = Logger()

PREFIX = b"/x/"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "sandbox",
    )
)
"""
The C{Content-Security-Policy} of such a page: no script, no form, nothing loaded. The sandbox gives it an origin of its
own, so that even a script in it could not reach what the chat has stored in the browser.
"""

FIELDS = 50
"""Names behind the C{?} that are read."""


class PluginPages:
    """All of them."""

    def __init__(self, server: IServer) -> None:
        self._server = server

    def answer(self, request: Request) -> bytes | int:
        """The page, or C{NOT_DONE_YET} where the plugin takes its time."""
        path = unquote(request.path[len(PREFIX) :].decode("ascii", "replace"), errors="replace")
        name, slash, rest = path.partition("/")
        if name and not slash:
            request.setResponseCode(308, HTTPStatus(308).phrase.encode())
            request.setHeader("location", f"/x/{request.path[len(PREFIX) :].decode('ascii', 'replace')}/")
            return b""
        query = {
            key.decode(errors="replace"): values[0].decode(errors="replace")
            for key, values in list((request.args or {}).items())[:FIELDS]
        }
        gone: list[object] = []
        request.notifyFinish().addBoth(gone.append)
        asking: Deferred[PageAnswer | None] = Deferred.fromCoroutine(
            self._server.plugin_page(name, PageRequest(rest, query))
        )
        made: list[bytes] = []
        waiting = [False]

        def answered(page: PageAnswer | None) -> None:
            if gone:
                return
            body = shown(request, page)
            if waiting[0]:
                request.setHeader("content-length", str(len(body)))
                if request.method != b"HEAD":
                    request.write(body)
                request.finish()
            else:
                made.append(body)

        asking.addCallback(answered)
        asking.addErrback(lambda failure: log.failure("a page of a plugin could not be shown", failure))
        if made:
            return made[0]
        waiting[0] = True
        return NOT_DONE_YET


def shown(request: Request, page: PageAnswer | None) -> bytes:
    """The body of an answer, with its headers set."""
    if page is None:
        page = PageAnswer("There is nothing here. The page is at /.\n", "text/plain; charset=utf-8", 404)
    request.setResponseCode(page.status, _phrase(page.status))
    request.setHeader("content-type", page.type)
    request.setHeader("content-security-policy", POLICY)
    request.setHeader("cache-control", "no-store")
    return page.body.encode(errors="replace") if isinstance(page.body, str) else page.body


def _phrase(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b"Unknown"
