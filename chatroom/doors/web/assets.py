"""
The files of the page, ready to be sent: read once at the start, packed, and each with a tag that changes when it does.

It knows how a browser asks for a file, and not what any file is for.
"""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Mapping
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
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}

_WORKER = "worker.js"

_PAGE = Path(__file__).parent / "page"

_LOADING_FILE = "loading.js"

LOADING = (_PAGE / _LOADING_FILE).read_bytes()
"""
The script that says why the page is not whole, and tries again. It stands in the page itself: as a file of its own it
could be the one that a busy server refuses.
"""

LOADING_SOURCE = f"'sha256-{b64encode(sha256(LOADING).digest()).decode()}'"
"""How a Content-Security-Policy names it."""

_GZIP = re.compile(r"(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?(?:[\s,]|$))(?=[\s,;]|$)", re.IGNORECASE)
"""In C{Accept-Encoding}: gzip, and not with the weight of nothing (RFC 9110, 12.5.3)."""


class Asset:
    """
    One file of the page, as it is sent.

    @ivar tag: 24 characters that stand for its bytes; part of its C{ETag}.
    """

    def __init__(self, body: bytes, type: str) -> None:
        self._type = type
        self.tag = sha256(body).hexdigest()[:24]
        self._plain = (body, f'"{self.tag}"'.encode())
        self._gzipped = (gzip.compress(body, 9, mtime=0), f'"{self.tag}-gzip"'.encode())

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
    found: dict[str, Asset] = {}
    for path in sorted(_PAGE.iterdir()):
        if path.suffix in _TYPES and path.name not in (_WORKER, _LOADING_FILE):
            name = "" if path.name == "index.html" else path.name
            found[name] = Asset(_body(path, server), _TYPES[path.suffix])
    found[_WORKER] = _worker(found)
    return {f"/{name}".encode(): asset for name, asset in found.items()}


def _body(path: Path, server: IServer) -> bytes:
    body = path.read_bytes()
    if path.name == "index.html":
        return _filled_in(body, _values(server)).replace(b"<script></script>", b"<script>" + LOADING + b"</script>")
    if path.suffix == ".webmanifest":
        return json.dumps({**json.loads(body), "name": server.name, "short_name": server.name}).encode()
    return body


def _worker(files: Mapping[str, Asset]) -> Asset:
    """
    The service worker, which knows all files of this version. It leaves out pictures, which only an installation needs.
    """
    tags = " ".join(f"{name}:{asset.tag}" for name, asset in files.items() if not name.endswith(".png"))
    values = {"version": sha256(tags.encode()).hexdigest()[:16], "files": tags}
    template = (_PAGE / _WORKER).read_bytes()
    return Asset(_filled_in(template, values), _TYPES[".js"])


def _values(server: IServer) -> dict[str, str]:
    """What the page has to know before it is connected."""
    limits = server.limits
    return {
        "name": server.name,
        "lobby": server.lobby,
        "longest": str(limits.json_length),
        "password": str(limits.password_length),
    }


def _filled_in(template: bytes, values: dict[str, str]) -> bytes:
    """The template with what it cannot know in place of names in double braces, as text and not as HTML."""
    return re.sub(rb"\{\{(\w+)\}\}", lambda found: escape(values[found[1].decode()]).encode(), template)
