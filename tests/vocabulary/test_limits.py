"""
The table of limits: complete, lawful and explained, because options and documentation are made from it.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from ipaddress import IPv4Address, IPv6Address

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.addresses import network, origin, place, plain
from chatroom.limits import OFF, Limits, each
from chatroom.testing import Server


class LimitsTests(SynchronousTestCase):
    """Each limit has what an operator needs to know."""

    def test_every_limit_says_what_it_counts(self) -> None:
        """In a phrase that fits a table and the help of an option."""
        for limit in each():
            self.assertRegex(limit.metadata["help"], r"\A(?:[a-z]|HTTP).*[^.]\Z", limit.name)

    def test_every_default_is_lawful(self) -> None:
        """It is at least the least, or off where it may be."""
        for limit in each():
            lawful = limit.default >= limit.metadata["least"] or (limit.metadata["off"] and limit.default == OFF)
            self.assertTrue(lawful, limit.name)

    def test_off_is_no_lawful_number(self) -> None:
        """Where a limit may be lifted, the value that lifts it means nothing else."""
        for limit in each():
            if limit.metadata["off"]:
                self.assertGreater(limit.metadata["least"], OFF, limit.name)

    def test_every_limit_of_the_table_is_one_of_the_limits(self) -> None:
        """What the table names is what the server goes by."""
        limits = Limits()
        self.assertEqual([limit.default for limit in each()], [getattr(limits, limit.name) for limit in each()])

    def test_types_are_those_of_the_defaults(self) -> None:
        """A whole number is asked for where half of one makes no sense."""
        for limit in each():
            self.assertIn(limit.type, ("int", "float"), limit.name)
            if limit.type == "int":
                self.assertIsInstance(limit.default, int, limit.name)

    def test_limits_do_not_change(self) -> None:
        """Everybody on the server goes by the same numbers, from start to stop."""
        self.assertRaises(FrozenInstanceError, setattr, Limits(), "connections", 1)

    def test_operator_changes_them(self) -> None:
        """Only an operator makes them others, for everybody at once, and only those that may change meanwhile."""
        limits = Limits()
        changed = limits.become(Limits(connections=5, topic_length=40, hash_threads=9))
        self.assertEqual(["topic_length", "connections"], changed)
        self.assertEqual(Limits(connections=5, topic_length=40), limits)
        self.assertEqual([], limits.become(limits))

    def test_defaults_fit_together(self) -> None:
        """One limit never keeps another from being reached."""
        limits = Limits()
        self.assertLess(limits.unread_soft, limits.unread_hard)
        self.assertLess(limits.text_length, limits.line_length)
        self.assertLess(limits.line_length, limits.json_length)
        self.assertLess(limits.nick_length, limits.text_length)
        self.assertLessEqual(limits.recent_lines, limits.page_lines)
        self.assertLessEqual(limits.page_lines, limits.catch_up_lines)
        self.assertLessEqual(limits.login_tries, limits.login_tries_per_address)
        # One place alone must not be able to close an account to strangers.
        self.assertLess(limits.login_tries * 3600 / limits.login_window, limits.login_tries_per_account)


class ReloadedTests(SynchronousTestCase):
    """Limits that become others while people are here, as these notice it."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice = self.server.guest("alice")

    def become(self, **limits: float) -> None:
        """An operator says so."""
        self.server.limits.become(Limits(**limits))  # type: ignore[arg-type]

    def says(self, *lines: str) -> str:
        """What alice reads when she types this."""
        self.alice.types(*lines)
        return "\n".join(self.alice.reads())

    def test_talk(self) -> None:
        """The next message is measured by the new number, and nobody is let go."""
        self.assertEqual("", self.says("x" * 30))
        self.become(text_length=20)
        self.assertIn("the limit is 20", self.says("x" * 30))
        self.become()
        self.assertEqual("", self.says("x" * 30))

    def test_gate(self) -> None:
        """Who comes next is counted by the new numbers; those who are here stay."""
        self.server.guest("bob")
        for limits in ({"connections": 2}, {"max_per_address": 2}, {"new_per_minute": 2}):
            self.become(**limits)
            self.assertTrue(self.server.connection().is_disconnected(), limits)
        self.become()
        self.assertFalse(self.server.connection().is_disconnected())
        self.assertFalse(self.alice.is_disconnected())

    def test_talk_rate(self) -> None:
        """How fast one may talk is settled when one comes: newcomers are held to the new rate."""
        self.become(talk_burst=2, talk_rate=1.0)
        bob = self.server.connection()
        bob.types("bob", "one", "two", "three")
        self.assertIn("<bob> one", self.says())
        self.assertEqual("", self.says())
        self.assertEqual("", self.says(*"abcdef"))
        self.server.wait(1)
        self.assertIn("<bob> two", self.says())

    def test_idle(self) -> None:
        """Silence is measured by the new number, also that which has gone by."""
        self.server.wait(100)
        self.become(idle_time=120)
        self.server.wait(21)
        self.assertTrue(self.alice.is_disconnected())

    def test_forgetting(self) -> None:
        """History begins to be forgotten, although nothing was to be at the start."""
        self.says(*map(str, range(20)))
        self.become(history_lines=10)
        self.server.wait(601)
        read = self.says("/history")
        self.assertIn("<alice> 19", read)
        self.assertNotIn("<alice> 9", read)


class OriginTests(SynchronousTestCase):
    """Which addresses count as one."""

    @given(st.ip_addresses(v=4))
    def test_ipv4_address_is_one_however_it_is_written(self, address: IPv4Address) -> None:
        """Also where a socket for both versions shows it as IPv6."""
        self.assertEqual(str(address), origin(str(address)))
        self.assertEqual(str(address), origin(f"::ffff:{address}"))

    @given(st.ip_addresses(v=4), st.ip_addresses(v=4))
    def test_different_ipv4_addresses_are_different(self, one: IPv4Address, other: IPv4Address) -> None:
        """Nobody pays for a stranger."""
        self.assertEqual(one == other, origin(str(one)) == origin(f"::ffff:{other}"))

    @given(st.ip_addresses(v=6, network="2001:db8::/32"), st.integers(0, 2**64 - 1))
    def test_addresses_of_one_ipv6_network_are_one(self, address: IPv6Address, host: int) -> None:
        """A home has 2**64 of them, and could use each only once."""
        neighbour = IPv6Address(int(address) >> 64 << 64 | host)
        self.assertEqual(origin(str(address)), origin(str(neighbour)))

    def test_other_ipv6_networks_are_different(self) -> None:
        """The next home is another one."""
        self.assertEqual("2001:db8:0:1::/64", origin("2001:db8:0:1::5"))
        self.assertNotEqual(origin("2001:db8:0:1::5"), origin("2001:db8:0:2::5"))

    @given(st.ip_addresses(v=4))
    def test_ipv4_inside_ipv6_is_ipv4(self, address: IPv4Address) -> None:
        """By NAT64, translation, 6to4 or Teredo: else all who come so would be one, or one could be many."""
        value = int(address)
        for whole in (
            0x64_FF9B << 96 | value, 0xFFFF << 48 | value, 0x2002 << 112 | value << 80 | 77,
            0x20010000 << 96 | 1 << 64 | value ^ 0xFFFFFFFF,
        ):  # fmt: skip
            shown = str(IPv6Address(whole))
            self.assertEqual((str(address),) * 2, (origin(shown), network(shown)), shown)

    def test_shown_in_one_way(self) -> None:
        """An address is shown in its canonical form, without a zone; what is none is not shown."""
        for address, shown in {
            "2001:DB8:0::0001": "2001:db8::1",
            "fe80::1%a\nFailed\x1b": "fe80::1",
            "::ffff:192.0.2.7": "192.0.2.7",
            "192.0.2.7": "192.0.2.7",
            "/run/chat.sock": "",
            "evil\n": "",
            "": "",
        }.items():
            self.assertEqual(shown, plain(address))

    def test_loopback_counts_alone(self) -> None:
        """No site has it, so that it stands for no other address."""
        self.assertEqual(("::1", "::1"), place("::1"))
        self.assertEqual(("127.0.0.1", "127.0.0.1"), place("::ffff:127.0.0.1"))

    def test_scope_is_left_out(self) -> None:
        """A link-local address is named with the interface it came by."""
        self.assertEqual(origin("fe80::1"), origin("fe80::1%eth0"))

    def test_what_is_no_address_counts_as_none(self) -> None:
        """People behind one UNIX socket are not one person."""
        for address in ("", "/run/chat.sock", "localhost", "1.2.3"):
            self.assertEqual("", origin(address))
            self.assertEqual("", network(address))

    @given(st.ip_addresses(v=6, network="2001:db8::/32"), st.integers(0, 2**80 - 1))
    def test_a_site_is_one_network(self, address: IPv6Address, rest: int) -> None:
        """All of a /48, whatever is made of it; of IPv4, each address is one."""
        neighbour = IPv6Address(int(address) >> 80 << 80 | rest)
        self.assertEqual(network(str(address)), network(str(neighbour)))
        self.assertEqual("2001:db8:1::/48", network("2001:db8:1:2:3::4"))
        self.assertNotEqual(network("2001:db8:1::1"), network("2001:db8:2::1"))
        self.assertEqual("192.0.2.7", network("::ffff:192.0.2.7"))

    def test_a_place_is_both(self) -> None:
        """Worked out once for each connection."""
        self.assertEqual(("2001:db8:1:2::/64", "2001:db8:1::/48"), place("2001:db8:1:2:3::4"))
        self.assertEqual(("192.0.2.7", "192.0.2.7"), place("::ffff:192.0.2.7"))
        self.assertEqual(("", ""), place("/run/chat.sock"))
