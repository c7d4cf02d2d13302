"""
Whom the server keeps out, or silent: by name, or by the network they come from.

It knows names, addresses and times, and nothing of connections or of who may decide such a thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from itertools import islice
from typing import TypeAlias

from chatroom.addresses import address_of, has_site, ipv4_inside, looks_like_address
from chatroom.core.cleaning import quoted
from chatroom.core.holds import Holds, in_force
from chatroom.core.names import fold
from chatroom.core.presence import Presence
from chatroom.errors import Unlawful
from chatroom.events import ADDRESS, GUEST, Expelled, Sanctioned
from chatroom.limits import Limits

Network: TypeAlias = IPv4Network | IPv6Network

LONGEST = 128
"""Characters of an address or a network, with its zone: what is longer is none, and is not looked at."""

_FEW = 3
"""So many other networks are named in a refusal."""

SITE = 64
"""Bits of an IPv6 address that a site cannot choose (RFC 6177): a single one means all of these."""


def network_of(text: str) -> Network | None:
    """
    What somebody means by an address or a network (RFC 4632): C{192.0.2.7}, C{192.0.2.0/24}, C{2001:db8::/48}. A
    single IPv6 address stands for its site, if it is of one; one that stands for IPv4 is that one
    (L{chatroom.addresses.address_of}).

    @return: C{None} where it does not look like one, and so is a name.
    @raise Unlawful: it looks like one, and is none.
    """
    found = address_of(text)
    if found is not None:
        of_site = isinstance(found, IPv6Address) and has_site(found)
        return ip_network((found, SITE if of_site else found.max_prefixlen), strict=False)
    if len(text) > LONGEST:
        if "/" not in text and ":" not in text:
            return None
        raise Unlawful(f"{quoted(text)} is neither an address nor a network.")
    if "/" not in text and ":" not in text and not looks_like_address(text):
        return None
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise Unlawful(
            f"{quoted(text)} is neither an address nor a network. Type 192.0.2.7, 192.0.2.0/24 or 2001:db8::/48. For "
            "a nickname, put @ before it."
        ) from None
    inside = ipv4_inside(network) if isinstance(network, IPv6Network) else None
    return network if inside is None else inside


def check_width(network: Network, limits: Limits, typed: str = "") -> None:
    """
    @param typed: the network as somebody wrote it, if not like this.
    @raise Unlawful: so wide that it must be a slip.
    """
    least = limits.ban_prefix_ipv4 if network.version == 4 else limits.ban_prefix_ipv6
    if network.prefixlen < least:
        stands_for = f" stands for {network}, which" if ":" in typed and network.version == 4 else ""
        named = f"{quoted(typed)}{stands_for}" if typed else network
        raise Unlawful(f"{named} is too wide: /{least} is the widest. Ban several smaller networks, if necessary.")


def overlapping(acts: Iterable[Sanctioned], target: str) -> list[str]:
    """Networks of these acts that have an address in common with this network, a few of them; none, if it is a name."""
    if "/" not in target:
        return []
    network = ip_network(target)
    there = (ip_network(act.target) for act in acts if act.scope == ADDRESS)
    return list(map(str, islice((each for each in there if _overlaps(each, network)), _FEW)))


def _overlaps(one: Network, other: Network) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(other, IPv4Network) and one.overlaps(other)
    return isinstance(other, IPv6Network) and one.overlaps(other)


def concerns(act: Sanctioned | Expelled, who: Presence | None, address: str) -> bool:
    """
    Whether it is about this connection.

    @param who: who that is, or C{None}. @param address: as the connection has it, perhaps C{""}.
    """
    if act.scope == ADDRESS:
        return is_in(address, ip_network(act.target))
    if isinstance(act, Sanctioned) and act.scope == GUEST:
        return who is not None and act.visit == who.visit
    return who is not None and who.key == fold(act.target)


def is_in(address: str, network: Network) -> bool:
    """Whether a connection comes from there; what is no address comes from nowhere."""
    found = address_of(address)
    return found is not None and found in network


class Sanctions(Holds[Sanctioned]):
    """Bans or mutes of the whole server."""

    __slots__ = ("_lengths",)

    def __init__(self) -> None:
        super().__init__()
        self._lengths: dict[tuple[int, int], int] = {}

    def _index(self, key: str, act: Sanctioned, there: bool) -> None:
        """There are few lengths however many networks, so an address is looked up by each of them."""
        super()._index(key, act, there)
        if act.scope == ADDRESS:
            made = ip_network(key)
            kind = (made.version, made.prefixlen)
            self._lengths[kind] = self._lengths.get(kind, 0) + (1 if there else -1)
            if not self._lengths[kind]:
                del self._lengths[kind]

    def on(self, who: Presence | None, address: str, at: float) -> Sanctioned | None:
        """The one in force on this connection, the one on the person first; see L{concerns}."""
        found = self.on_person(who, at) if who is not None else None
        if found is not None or not self._lengths:
            return found
        return next((each for each in self._from(address) if in_force(each, at)), None)

    def _from(self, address: str) -> Iterator[Sanctioned]:
        found = address_of(address)
        if found is not None:
            for version, length in self._lengths:
                if version == found.version:
                    entry = self.entries.get(str(ip_network((found, length), strict=False)))
                    if entry is not None:
                        yield entry
