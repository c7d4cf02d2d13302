"""
Where a house is: C{chat://nick@host:port/room}, and C{chats://} for TLS.

Text in, an L{Address} out; nothing is looked up or connected to.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

PORTS = {"chat": 64700, "chats": 64701}
"""Scheme to the port where none is given."""


@dataclass(frozen=True)
class Address:
    """
    @ivar host: a name or an IP address, an IPv6 one without its brackets.
    @ivar nick: perhaps empty.
    @ivar room: where to go after the lobby; perhaps empty.
    """

    host: str
    port: int = PORTS["chat"]
    tls: bool = False
    nick: str = ""
    room: str = ""

    def __str__(self) -> str:
        """The URL that L{parse} makes this of, in its shortest form."""
        scheme = "chats" if self.tls else "chat"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[scheme] else f":{self.port}"
        nick = f"{quote(self.nick, safe='')}@" if self.nick else ""
        room = f"/{quote(self.room, safe='')}" if self.room else ""
        return f"{scheme}://{nick}{host}{port}{room}"

    @property
    def house(self) -> str:
        """C{host:port}, whoever asks: what sessions are remembered by."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host.lower()}:{self.port}"


def parse(text: str) -> Address:
    """
    The address of a URL. Without a scheme, C{chat://} is meant: C{localhost:64700} will do.

    @raise ValueError: it is none; with a sentence that says why.
    """
    text = text.strip()
    if "://" not in text:
        text = "chat://" + text
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{text!r} is no address: {error}.") from None
    if parts.scheme not in PORTS:
        raise ValueError(f"An address begins with chat:// or, for TLS, chats://, not {parts.scheme}://.")
    if not parts.hostname:
        raise ValueError(f"{text!r} names no host. Write chat://HOST, chat://HOST:PORT or chat://HOST:PORT/ROOM.")
    if parts.password is not None:
        raise ValueError("A password does not belong into an address, where others can read it. You will be asked.")
    if port == 0:
        raise ValueError("0 is no port: a port is a number from 1 to 65535.")
    room = unquote(parts.path.strip("/")) or unquote(parts.fragment)
    if "/" in room or parts.query:
        raise ValueError(f"What stands behind the host is a room: chat://{parts.hostname}/ROOM.")
    nick = unquote(parts.username or "")
    return Address(parts.hostname, port or PORTS[parts.scheme], parts.scheme == "chats", nick, room)
