"""
Whom the server keeps out, or silent: by name, or by the network they come from.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.addresses import address_of
from chatroom.core.presence import Presence
from chatroom.core.sanctions import Sanctions, check_width, concerns, network_of
from chatroom.errors import Unlawful
from chatroom.events import ACCOUNT, ADDRESS, FOREVER, NICK, SERVER, Expelled, Sanctioned
from chatroom.limits import Limits

addresses = st.ip_addresses()


def on(target: str, scope: str = NICK, until: float = FOREVER) -> Sanctioned:
    """A ban."""
    return Sanctioned(1.0, SERVER, "mia", target=target, scope=scope, until=until)


class NetworkTests(SynchronousTestCase):
    """What somebody means by an address or a network."""

    def test_what_people_type(self) -> None:
        """Addresses and networks of both kinds, also where bits behind the network are set."""
        for typed, meant in {
            "192.0.2.7": "192.0.2.7/32",
            "192.0.2.7/24": "192.0.2.0/24",
            "10.1.0.0/16": "10.1.0.0/16",
            "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
            "2001:DB8::/48": "2001:db8::/48",
            "2001:db8::1/128": "2001:db8::1/128",
            "fe80::1%eth0": "fe80::/64",
            "::1": "::1/128",
            "0:0:0:0:0:0:0:1": "::1/128",
            "::1/128": "::1/128",
            "::": "::/128",
            "::ffff:192.0.2.7": "192.0.2.7/32",
            "::ffff:192.0.2.7/120": "192.0.2.0/24",
        }.items():
            self.assertEqual(meant, str(network_of(typed)), typed)

    def test_names(self) -> None:
        """What does not look like an address is somebody's name."""
        for name in ("bob", "10", "1337", "dot.ted", "v1.2.3.4", "alice.5", "x.x", "0xC0000207"):
            self.assertIsNone(network_of(name))

    def test_nonsense(self) -> None:
        """What looks like an address or a network, and is none, is refused, and not taken for a name."""
        for typed in (
            "192.0.2.0/33", "2001:db8:::/32", "bob/24", "1.2.3.4/", ":", "192.0.2.256", "192.0.2", "1.2.3.4.5",
            "192.0.2.*", "10.x.x.x", "192.0.2.7-9", "010.0.0.1", "\uff11\uff19\uff12.0.2.7", "192.0.2.7:80",
            "[2001:db8::1]", "1.5", "5.",
        ):  # fmt: skip
            self.assertIn(
                "is neither an address nor a network", self.assertRaises(Unlawful, network_of, typed).sentence
            )

    def test_too_wide(self) -> None:
        """A slip does not shut out half the world."""
        limits = Limits()
        for typed in ("192.0.0.0/16", "2001:db8::/32"):
            check_width(ip_network(typed), limits)
        for typed in ("0.0.0.0/0", "192.0.0.0/15", "::/0", "2001:d00::/31"):
            self.assertIn("too wide", self.assertRaises(Unlawful, check_width, ip_network(typed), limits).sentence)

    def test_ipv4_inside_ipv6(self) -> None:
        """One who comes by NAT64, 6to4 or Teredo is the one of IPv4, and nobody else who comes so."""
        for typed, meant in {
            "64:ff9b::192.0.2.7": "192.0.2.7/32",
            "64:ff9b::192.0.2.7/120": "192.0.2.0/24",
            "64:ff9b::/64": "0.0.0.0/0",
            "::ffff:0:192.0.2.7": "192.0.2.7/32",
            "2002:c000:207::1": "192.0.2.7/32",
            "2002:c000:207::/48": "192.0.2.7/32",
            "2002:c000:200::/40": "192.0.2.0/24",
            "2002::/16": "0.0.0.0/0",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2": "192.0.2.45/32",
            "2001:0:4136:e378::/64": "0.0.0.0/0",
        }.items():
            self.assertEqual(meant, str(network_of(typed)), typed)

    @given(st.text(max_size=30) | st.text("0123456789.:/xfF*-[]", max_size=20))
    def test_anything_is_a_network_or_a_name_or_refused(self, typed: str) -> None:
        """Whatever is typed."""
        try:
            network = network_of(typed)
        except Unlawful:
            self.assertTrue("/" in typed or ":" in typed or any(each.isnumeric() for each in typed))
        else:
            self.assertTrue(network is None or network.prefixlen <= network.max_prefixlen)

    @given(addresses)
    def test_an_address_is_in_the_network_it_stands_for(self, address: IPv4Address | IPv6Address) -> None:
        """However it is written."""
        network, meant = network_of(str(address)), address_of(str(address))
        assert network is not None and meant is not None
        self.assertIn(meant, network)


def visitor(nick: str) -> Presence:
    """A guest."""
    return Presence(nick, False, "north", 0.0)


class ConcernTests(SynchronousTestCase):
    """Whether an act is about a connection."""

    def test_names_in_any_letter_case(self) -> None:
        """Of an account or a guest; never of somebody without one."""
        for scope in (NICK, ACCOUNT):
            self.assertTrue(concerns(on("Straße", scope), visitor("Strasse"), ""))
            self.assertFalse(concerns(on("bob", scope), visitor("rob"), "192.0.2.7"))
            self.assertFalse(concerns(on("bob", scope), None, "192.0.2.7"))

    def test_networks(self) -> None:
        """Whoever it is, also before there is a name; a UNIX socket is in none."""
        act = Expelled(1.0, SERVER, "mia", target="192.0.2.0/24", scope=ADDRESS)
        for address, meant in {
            "192.0.2.255": True, "::ffff:192.0.2.1": True, "192.0.3.1": False, "2001:db8::1": False, "": False,
        }.items():  # fmt: skip
            self.assertEqual(meant, concerns(act, None, address), address)


class BookTests(SynchronousTestCase):
    """Finding the one that holds."""

    def setUp(self) -> None:
        """There are none."""
        self.book = Sanctions()

    def test_empty(self) -> None:
        """Everybody is welcome."""
        self.assertIsNone(self.book.on(visitor("bob"), "192.0.2.1", 5.0))

    def test_by_name_and_by_network(self) -> None:
        """The one on the name is told first."""
        self.book.put(on("192.0.2.0/24", ADDRESS))
        self.book.put(on("BOB"))
        for key, address, target in (
            ("bob", "192.0.2.9", "BOB"),
            ("bob", "", "BOB"),
            ("rob", "192.0.2.9", "192.0.2.0/24"),
            (None, "192.0.2.9", "192.0.2.0/24"),
        ):
            found = self.book.on(None if key is None else visitor(key), address, 5.0)
            self.assertEqual(target, found and found.target)
        self.assertIsNone(self.book.on(visitor("rob"), "192.0.3.9", 5.0))

    def test_time_runs_out(self) -> None:
        """When the ban on a name has run out, that on a network may still hold."""
        self.book.put(on("192.0.2.9/32", ADDRESS, until=10.0))
        self.book.put(on("192.0.2.0/24", ADDRESS, until=20.0))
        ends = [found and found.until for found in (self.book.on(None, "192.0.2.9", at) for at in (9.0, 10.0, 20.0))]
        self.assertIn(ends[0], (10.0, 20.0))
        self.assertEqual([20.0, None], ends[1:])

    def test_one_in_place_of_another(self) -> None:
        """On the same target, in any letter case."""
        for until in (10.0, 20.0):
            self.book.put(on("Bob", until=until))
            self.book.put(on("192.0.2.0/24", ADDRESS, until=until))
        self.assertEqual(2, len(self.book.entries))
        self.assertIsNotNone(self.book.remove("bOB"))
        self.assertIsNotNone(self.book.remove("192.0.2.0/24"))
        self.assertIsNone(self.book.remove("192.0.2.0/24"))
        self.assertIsNone(self.book.on(visitor("bob"), "192.0.2.9", 5.0))

    @given(st.lists(st.tuples(addresses, st.integers(0, 128)), max_size=8), addresses)
    def test_found_as_by_looking_at_each(
        self, networks: list[tuple[IPv4Address | IPv6Address, int]], address: IPv4Address | IPv6Address
    ) -> None:
        """Quick, and the same as slow."""
        book = Sanctions()
        made = [ip_network((each, min(length, each.max_prefixlen)), strict=False) for each, length in networks]
        for network in made:
            book.put(on(str(network), ADDRESS))
        for each in [address, *(network.network_address for network in made)]:
            meant = address_of(str(each))
            found = book.on(None, str(each), 5.0)
            self.assertEqual(any(meant in network for network in made), found is not None)
            if found is not None:
                self.assertIn(ip_address(str(meant)), ip_network(found.target))
