"""
Where a server is: C{chat://nick@host:port/room}, and C{chats://} for TLS; C{ws://nick@host:port/ws#room} and C{wss://}
for its WebSocket.

Text in, an L{Address} out; nothing is looked up or connected to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import quote, unquote

PORTS = {"chat": 64700, "chats": 64701, "ws": 80, "wss": 443}
"""Scheme to the port where none is given."""

_NOT_IN_HOSTS = frozenset("%!\"$&'()*+,;<=>[\\]^`{|}~")
"""ASCII that no name of a host has."""


@dataclass(frozen=True)
class Address:
    """
    @ivar host: a name or an IP address, an IPv6 one without its brackets and perhaps with its zone: C{fe80::1%eth0}.
    @ivar nick: perhaps empty.
    @ivar room: where to go after the lobby; perhaps empty.
    @ivar path: of the WebSocket; empty: there is none, and lines are sent.
    """

    host: str
    port: int = PORTS["chat"]
    tls: bool = False
    nick: str = ""
    room: str = ""
    path: str = ""

    def __str__(self) -> str:
        """The URL that L{parse} makes this of, in its shortest form."""
        scheme = ("ws" if self.path else "chat") + ("s" if self.tls else "")
        port = "" if self.port == PORTS[scheme] else f":{self.port}"
        nick = f"{quote(self.nick, safe='')}@" if self.nick else ""
        room = f"{'#' if self.path else '/'}{quote(self.room, safe='')}" if self.room else ""
        return f"{scheme}://{nick}{self._bracketed}{port}{self.path}{room}"

    @property
    def server(self) -> str:
        """C{host:port}, whoever asks: what sessions are remembered by."""
        return f"{self._bracketed.lower()}:{self.port}"

    @property
    def _bracketed(self) -> str:
        if ":" not in self.host:
            return self.host
        address, sign, zone = self.host.partition("%")
        return f"[{address}%25{quote(zone, safe='')}]" if sign else f"[{address}]"


def parse(text: str) -> Address:
    """
    The address of a URL (RFC 3986, and RFC 6874 for the zone of an IPv6 address). Without a scheme, C{chat://} is
    meant: C{localhost:64700} and C{::1} will do.

    @raise ValueError: it is none; with a sentence that says why.
    """
    text = text.strip()
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError("That is not an address: it contains spaces or invisible characters.")
    scheme, sign, rest = text.partition("://")
    if not sign:
        scheme, rest = "chat", text
    scheme = scheme.lower()
    if scheme not in PORTS:
        raise ValueError(f"An address starts with chat:// or, for TLS, with chats://, not with {scheme}://.")
    authority, path = re.fullmatch("([^/?#]*)(.*)", rest).groups()  # type: ignore[union-attr]
    user, _, place = authority.rpartition("@")
    if ":" in user:
        raise ValueError("Do not put a password in an address, where others can read it. You will be asked for it.")
    host, port = _parted(place)
    if not host:
        raise ValueError(f"{text!r} has no host. Write chat://HOST, chat://HOST:PORT or chat://HOST:PORT/ROOM.")
    number = port_number(port) if port else PORTS[scheme]
    tls = scheme in ("chats", "wss")
    if scheme.startswith("ws"):
        where, _, room = path.partition("#")
        return Address(host, number, tls, _unquoted(user), _unquoted(room), where if len(where) > 1 else "/ws")
    return Address(host, number, tls, _unquoted(user), _room(path, host))


def port_number(text: str) -> int:
    """
    A port.

    @raise ValueError: it is none; with a sentence.
    """
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536):
        raise ValueError(f"{text[:40]!r} is not a port. A port is a number from 1 to 65535.")
    return int(text)


def _parted(place: str) -> tuple[str, str]:
    """Host and port of what stands between them and the rest. An IPv6 address alone needs no brackets."""
    if place.startswith("["):
        inside, sign, behind = place[1:].partition("]")
        if not sign or not (behind == "" or behind.startswith(":")):
            raise ValueError(
                f"{place!r} is not an address. Write an IPv6 address as [::1], or with a port [::1]:64700."
            )
        return _six(inside), behind[1:]
    if place.count(":") > 1:
        return _six(place), ""
    host, _, port = place.partition(":")
    try:
        host.encode("idna")
    except UnicodeError:
        raise ValueError(f"{host!r} is not a valid host name.") from None
    if set(host) & _NOT_IN_HOSTS:
        raise ValueError(f"{host!r} is not a valid host name.")
    return host.lower(), port


def _six(text: str) -> str:
    """An IPv6 address, with its zone behind a C{%} as the system writes it; in a URL it stands behind C{%25}."""
    address, sign, zone = text.partition("%")
    zone = _unquoted(zone[2:] if zone.startswith("25") else zone)
    try:
        IPv6Address(address)
    except ValueError:
        raise ValueError(
            f"{text!r} is not an IPv6 address. A port follows a host (localhost:64700) or brackets ([::1]:64700)."
        ) from None
    if (sign and not zone) or set(zone) & set("%/[]@"):
        raise ValueError(f"{text!r} is not an address. After the % comes the network interface, as in fe80::1%eth0.")
    return f"{address}%{zone}" if sign else address


def _room(path: str, host: str) -> str:
    before, _, fragment = path.partition("#")
    room = _unquoted(before.strip("/")) or _unquoted(fragment)
    if "/" in room or "?" in before:
        raise ValueError(f"After the host, an address can only have a room: chat://{host}/ROOM.")
    return room


def _unquoted(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"{text!r} is not a name: its % sequences are not UTF-8.") from None
