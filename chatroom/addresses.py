"""
Network addresses: in which form they are shown, and which of them count as one.

IPv4 inside IPv6 counts as IPv4, an IPv6 address as its /64, and what one party may own whole as its /48. The loopback
address and its neighbours are no site's, and each counts alone. This module knows no other module.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

_TEREDO = IPv6Network("2001::/32")
_INSIDE = (
    (IPv6Network("::ffff:0:0/96"), 96),  # mapped by a socket for both kinds: RFC 4291, 2.5.5.2
    (IPv6Network("::ffff:0:0:0/96"), 96),  # translated: RFC 2765, 2.1
    (IPv6Network("64:ff9b::/96"), 96),  # NAT64: RFC 6052, 2.1
    (IPv6Network("2002::/16"), 16),  # 6to4: RFC 3056, 2
    (_TEREDO, 96),  # Teredo, where each bit is the other one: RFC 4380, 4
)
"""Networks of IPv6 whose addresses stand for one of IPv4, and behind how many bits it stands in them."""

_NO_SITE = IPv6Network("::/64")
"""The loopback and the unspecified address (RFC 4291, 2.5.2 and 2.5.3), and IPv4 inside IPv6: nobody is given these."""

_NEARLY = re.compile(r"(?=.*[0-9])([0-9]+\.[0-9.]*|\.[0-9.]+|[0-9*xX\-\[\]]*(\.[0-9*xX\-\[\]]*){3,})")
"""What looks like an address: numbers with full stops between, perhaps with a sign for any number."""


def looks_like_address(text: str) -> bool:
    """
    Whether people mean an address by this, be it one or not: C{192.0.2.7}, C{192.0.2}, C{10.x.x.x}.

    @param text: the caller has limited its length.
    """
    if text.isascii() and "." not in text and ":" not in text:  # as most names are
        return False
    return address_of(text) is not None or _NEARLY.fullmatch(unicodedata.normalize("NFKC", text)) is not None


def address_of(text: str) -> Address | None:
    """
    An IP address, by which somebody is counted, limited and banned. Where an IPv4 address is inside of one of IPv6, it
    is that: else whoever comes by NAT64, which is one /64, would be one with everybody else who does. A zone
    (RFC 4007) is left out: it says by which of our interfaces somebody comes.

    @return: C{None} for what is none, such as a UNIX socket.
    """
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    inside = ipv4_inside(IPv6Network(found)) if isinstance(found, IPv6Address) else None
    return found if inside is None else inside.network_address


def ipv4_inside(network: IPv6Network) -> IPv4Network | None:
    """The network of IPv4 that this one of IPv6 stands for, if it does: C{0.0.0.0/0}, where it holds all of it."""
    for outer, bits in _INSIDE:
        if network.subnet_of(outer):
            value = int(network.network_address) >> 96 - bits & 0xFFFFFFFF
            length = min(32, max(0, network.prefixlen - bits))
            return IPv4Network((value ^ 0xFFFFFFFF if outer is _TEREDO else value, length), strict=False)
        if outer.subnet_of(network) and network.prefixlen > 16:
            return IPv4Network("0.0.0.0/0")
    return None


def has_site(address: IPv6Address) -> bool:
    """Whether this address is one of those of a link, which are a /64 (RFC 4291, 2.5.4), and not one by itself."""
    return address not in _NO_SITE


@lru_cache(maxsize=1024)
def plain(address: str) -> str:
    """
    An address as it is shown and written into logs: in its canonical form (RFC 5952), without a zone, in which there
    could be anything, and IPv4 again where a socket for both kinds has mapped it into IPv6 (RFC 4291, 2.5.5.2).

    @return: C{""} for what is none, such as a UNIX socket.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return _written(found if mapped is None else mapped, address)


def origin(address: str) -> str:
    """
    What counts as one address: an IPv4 address, also where it is inside of one of IPv6 (L{address_of}), or the /64
    that the machines on one link share (L{has_site}). C{""} for what is no IP address, such as a UNIX socket, and
    counts as no address at all.
    """
    return _prefix(address, 64)


def network(address: str) -> str:
    """
    What one party may own whole: an L{origin} of IPv4, or the /48 of IPv6, which is the most that one site is given
    (RFC 6177): 65,536 origins, each of which it could use once.
    """
    return _prefix(address, 48)


class AddressGroup(NamedTuple):
    """Where somebody comes from, as far as limits go by it: see L{origin} and L{network}."""

    origin: str
    network: str


@lru_cache(maxsize=1024)
def place(address: str) -> AddressGroup:
    """The same once and for all. Who comes in a storm comes from few addresses."""
    where = origin(address)
    return AddressGroup(where, network(address) if where.endswith("/64") else where)


def _prefix(address: str, bits: int) -> str:
    found = address_of(address)
    if found is None:
        return ""
    if not isinstance(found, IPv6Address) or not has_site(found):
        return _written(found, address)
    return f"{IPv6Address(int(found) >> 128 - bits << 128 - bits)}/{bits}"


def _written(found: Address, address: str) -> str:
    """It in its canonical form: where it came in that form, the same string, as each connection keeps it."""
    shown = str(found)
    return address if shown == address else shown
