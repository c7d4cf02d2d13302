"""
The files of the page, ready to be sent: read once at the start, packed, and each with a tag that changes when it does.

It knows how a browser asks for a file, and not what any file is for.
"""

from __future__ import annotations

import gzip
import re
from hashlib import sha256
from html import escape
from pathlib import Path

from twisted.web import http
from twisted.web.server import NOT_DONE_YET, Request

from chatroom.doors.web.headers import values_of
from chatroom.interfaces import IServer

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

_GZIP = re.compile(r"(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?(?:[\s,]|$))(?=[\s,;]|$)", re.IGNORECASE)
"""In C{Accept-Encoding}: gzip, and not with the weight of nothing (RFC 9110, 12.5.3)."""


class Asset:
    """One file of the page, as it is sent."""

    def __init__(self, body: bytes, type: str) -> None:
        self._type = type
        tag = sha256(body).hexdigest()[:24]
        self._plain = (body, f'"{tag}"'.encode())
        self._gzipped = (gzip.compress(body, 9, mtime=0), f'"{tag}-gzip"'.encode())

    def answer(self, request: Request) -> bytes | int:
        """All of it, or that nothing has changed since the browser asked last."""
        accepts = ",".join(values_of(request, b"accept-encoding"))
        body, tag = self._plain
        if _GZIP.search(accepts):
            body, tag = self._gzipped
            request.setHeader("content-encoding", "gzip")
        request.setHeader("content-type", self._type)
        request.setHeader("cache-control", "no-cache")  # to be asked for again each time, with the tag
        request.setHeader("vary", "accept-encoding")
        if request.setETag(tag) is http.CACHED:
            request.finish()
            return NOT_DONE_YET
        if request.method == b"HEAD":
            request.setHeader("content-length", str(len(body)))
            return b""
        return body


def page(server: IServer) -> dict[bytes, Asset]:
    """The page, by path."""
    found = {}
    for path in sorted((Path(__file__).parent / "page").iterdir()):
        if path.suffix in _TYPES:
            body = path.read_bytes()
            if path.name == "index.html":
                body = _filled_in(
                    body, {"name": server.name, "lobby": server.lobby, "longest": str(server.limits.json_length)}
                )
            name = "" if path.name == "index.html" else path.name
            found[f"/{name}".encode()] = Asset(body, _TYPES[path.suffix])
    return found


def _filled_in(template: bytes, values: dict[str, str]) -> bytes:
    """The template with what it cannot know in place of names in double braces, as text and not as HTML."""
    return re.sub(rb"\{\{(\w+)\}\}", lambda found: escape(values[found[1].decode()]).encode(), template)
