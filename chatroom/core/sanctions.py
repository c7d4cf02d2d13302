"""
Whom the house keeps out, or silent: by name, or by the network they come from.

It knows names, addresses and times, and nothing of connections or of who may decide such a thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from chatroom.core.moderation import in_force
from chatroom.core.names import clean, fold
from chatroom.errors import Unlawful
from chatroom.events import ADDRESS, Expelled, Sanctioned
from chatroom.limits import Limits

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

SITE = 64
"""Bits of an IPv6 address that a site cannot choose (RFC 6177): a single one means all of these."""


def address_of(text: str) -> Address | None:
    """
    An IP address as a connection has it; IPv4 also where it is mapped into IPv6 (RFC 4291, 2.5.5.2). C{None} for what
    is none, such as a UNIX socket.
    """
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(found, IPv6Address) and found.ipv4_mapped) or found


def network_of(text: str) -> Network | None:
    """
    What somebody means by an address or a network (RFC 4632): C{192.0.2.7}, C{192.0.2.0/24}, C{2001:db8::/48}. A
    single IPv6 address stands for its site.

    @return: C{None} where it cannot be one, and so is a name.
    @raise Unlawful: it can be nothing else, and is none.
    """
    found = address_of(text)
    if found is not None:
        return ip_network((found, SITE if isinstance(found, IPv6Address) else found.max_prefixlen), strict=False)
    if "/" not in text and ":" not in text:
        return None
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise Unlawful(
            f"{clean(text)} is no address and no network. Write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/48."
        ) from None
    inside = network.network_address
    if isinstance(inside, IPv6Address) and inside.ipv4_mapped is not None and network.prefixlen >= 96:
        return IPv4Network((inside.ipv4_mapped, network.prefixlen - 96))
    return network


def check_width(network: Network, limits: Limits) -> None:
    """@raise Unlawful: so wide that it must be a slip."""
    least = limits.ban_prefix_ipv4 if network.version == 4 else limits.ban_prefix_ipv6
    if network.prefixlen < least:
        raise Unlawful(f"{network} is too wide: /{least} is the widest. Ban several smaller networks, if it has to be.")


def concerns(act: Sanctioned | Expelled, key: str | None, address: str) -> bool:
    """
    Whether it is about this connection.

    @param key: of its nickname, or C{None}. @param address: as the connection has it, perhaps C{""}.
    """
    if act.scope != ADDRESS:
        return key == fold(act.target)
    return is_in(address, ip_network(act.target))


def is_in(address: str, network: Network) -> bool:
    """Whether a connection comes from there; what is no address comes from nowhere."""
    found = address_of(address)
    return found is not None and found in network


class Sanctions:
    """
    Bans or mutes of the whole house.

    @ivar entries: by the key of a name or by a network, in the order in which they came; also those that have run out.
    """

    __slots__ = ("_lengths", "entries")

    def __init__(self) -> None:
        self.entries: dict[str, Sanctioned] = {}
        self._lengths: dict[tuple[int, int], int] = {}

    def put(self, event: Sanctioned) -> None:
        """From now on; in place of one on the same target."""
        key = self.key_of(event.target)
        self.remove(key)
        self.entries[key] = event
        if event.scope == ADDRESS:
            self._count(key, 1)

    def remove(self, target: str) -> Sanctioned | None:
        """No more; what it was, if there was one."""
        old = self.entries.pop(self.key_of(target), None)
        if old is not None and old.scope == ADDRESS:
            self._count(old.target, -1)
        return old

    def _count(self, network: str, one: int) -> None:
        """There are few lengths however many networks, so an address is looked up by each of them."""
        made = ip_network(network)
        kind = (made.version, made.prefixlen)
        self._lengths[kind] = self._lengths.get(kind, 0) + one
        if not self._lengths[kind]:
            del self._lengths[kind]

    @staticmethod
    def key_of(target: str) -> str:
        """Of a name or a network."""
        return target if "/" in target else fold(target)

    def on(self, key: str | None, address: str, at: float) -> Sanctioned | None:
        """The one in force on this connection, the one on its name first; see L{concerns}."""
        found = self.entries.get(key) if key is not None else None
        if found is not None and in_force(found, at):
            return found
        return next((each for each in self._from(address) if in_force(each, at)), None) if self._lengths else None

    def _from(self, address: str) -> Iterator[Sanctioned]:
        found = address_of(address)
        if found is not None:
            for version, length in self._lengths:
                if version == found.version:
                    entry = self.entries.get(str(ip_network((found, length), strict=False)))
                    if entry is not None:
                        yield entry
