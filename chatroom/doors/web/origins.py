"""
Where a page comes from, and whether that is the host it speaks to: origins (RFC 6454) and hosts (RFC 9110, 7.2), read
from text and compared by what they mean and not by how they are spelled.

It is asked by the door for browsers and by the options; it knows neither.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from typing import NamedTuple

PORTS = {"http": 80, "https": 443}
"""Where a page comes from whose origin names no port (RFC 6454, 4)."""

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::(\d*))?", re.ASCII)
"""A host and perhaps a port (RFC 3986, 3.2.2 and 3.2.3), without the addresses of the future that nobody has."""


class Host(NamedTuple):
    """
    Whom a request is for.

    @ivar name: in small letters, without the dot at its end; an IPv6 address in brackets and in its shortest form.
    @ivar port: from 0 to 65535, or C{None} where none is named.
    """

    name: str
    port: int | None


class Origin(NamedTuple):
    """
    Where a page comes from.

    @ivar scheme: C{http} or C{https}. @ivar name: as a L{Host}'s. @ivar port: always a number.
    """

    scheme: str
    name: str
    port: int


def host(text: str) -> Host | None:
    """What a C{Host} header says, or C{None} where it is against the grammar. It may be empty (RFC 9110, 7.2)."""
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        return None
    name, port = found[1].lower(), found[2]
    if name.startswith("["):
        try:
            name = f"[{IPv6Address(name[1:-1]).compressed}]"
        except ValueError:
            return None
    else:
        name = name[:-1] if name.endswith(".") else name  # the same name, said to be whole (RFC 1034, 3.1)
    if not port:
        return Host(name, None)
    return Host(name, int(port)) if len(port) <= 5 and int(port) < 65536 else None


def origin(text: str) -> Origin | None:
    """
    A page's origin as browsers write it (RFC 6454, 6.2), or C{None} where this is none of the web's.

    People may write the letters of their script in a name; browsers write the ASCII form of it (RFC 3490).
    """
    scheme, separator, authority = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in PORTS:
        return None
    if not authority.isascii():
        name, colon, port = authority.partition(":")
        try:
            authority = name.encode("idna").decode() + colon + port
        except UnicodeError:
            return None
    there = host(authority)
    if there is None or not there.name:
        return None
    return Origin(scheme, there.name, PORTS[scheme] if there.port is None else there.port)


def is_same(page: Origin, asked: Host, secure: bool) -> bool:
    """
    Whether a page comes from the host that it speaks to.

    @param asked: by the request. Without a port, it is the one of the page's scheme.
    @param secure: TLS is spoken here, so that only pages that came over TLS are of the same origin. Without, it may be
        spoken before us, by a proxy.
    """
    port = PORTS[page.scheme] if asked.port is None else asked.port
    return (page.name, page.port) == (asked.name, port) and (page.scheme == "https" or not secure)
