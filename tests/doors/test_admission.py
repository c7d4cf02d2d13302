"""
What a door holds people to: the rate of talk, and how many come from where.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.addresses import origin, place
from chatroom.doors.admission import Gate, TalkRate
from chatroom.limits import OFF, Limits


class TalkRateTests(SynchronousTestCase):
    """A burst at once, then so many a second."""

    def test_a_burst_goes_through(self) -> None:
        """As much as the burst, without waiting; what comes next waits for its second."""
        rate = TalkRate(3, 2.0, 100.0)
        self.assertEqual([0.0, 0.0, 0.0, 0.5], [rate.wait(100.0) for _ in range(4)])

    def test_waiting_so_long_is_enough(self) -> None:
        """Who waits as long as was said may go on, however odd the numbers."""
        rate = TalkRate(1, 0.3, 0.0)
        now = 0.1
        for _ in range(1000):
            now += rate.wait(now)
            self.assertLess(rate.wait(now), 1 / 0.3 + 1e-9)
            now += 0.7

    def test_silence_saves_up_no_more_than_the_burst(self) -> None:
        """An hour of silence is not an hour of talk owed."""
        rate = TalkRate(2, 5.0, 0.0)
        self.assertEqual(2, sum(rate.wait(3600.0) == 0.0 for _ in range(10)))

    def test_a_clock_that_jumps_back_harms_nobody(self) -> None:
        """Time lost is not taken from anybody."""
        rate = TalkRate(2, 1.0, 1000.0)
        self.assertEqual([0.0, 0.0, 1.0], [rate.wait(now) for now in (1000.0, 0.0, 0.0)])


class OriginTests(SynchronousTestCase):
    """What counts as one address."""

    def test_a_site_is_one_origin(self) -> None:
        """All of an IPv6 /64, whatever interface it comes in by."""
        self.assertEqual("2001:db8:0:1::/64", origin("2001:db8:0:1:aaaa::1"))
        self.assertEqual(origin("2001:db8:0:1::2%eth0"), origin("2001:db8:0:1:ffff:ffff:ffff:ffff"))
        self.assertNotEqual(origin("2001:db8:0:1::1"), origin("2001:db8:0:2::1"))

    def test_an_ipv4_address_is_the_same_by_both_roads(self) -> None:
        """Mapped into IPv6 it is still that machine, and not one of all of them."""
        self.assertEqual("192.0.2.7", origin("192.0.2.7"))
        self.assertEqual("192.0.2.7", origin("::ffff:192.0.2.7"))

    def test_a_unix_socket_has_none(self) -> None:
        """A UNIX socket has no origin, and neither has anything else without an IP address."""
        self.assertEqual("", origin(""))
        self.assertEqual("", origin("/run/chatroom"))


def sentence(gate: Gate, address: str, now: float = 0.0) -> str:
    """What somebody from there reads who is turned away; C{""} for one who is let in."""
    why = gate.admit(place(address), now)
    return "" if why is None else why.sentence


class GateTests(SynchronousTestCase):
    """How many may come in."""

    def test_server_full(self) -> None:
        """One goes, one comes."""
        gate = Gate(Limits(connections=2))
        self.assertEqual([None, None], [gate.admit(place(""), 0.0), gate.admit(place("192.0.2.1"), 0.0)])
        self.assertIn("full", sentence(gate, "192.0.2.2"))
        gate.leave(place(""))
        self.assertIsNone(gate.admit(place("192.0.2.2"), 0.0))

    def test_one_address_has_its_share(self) -> None:
        """One address has its share and no more, whoever else is there."""
        gate = Gate(Limits(max_per_address=1))
        self.assertIsNone(gate.admit(place("192.0.2.1"), 0.0))
        self.assertIn("There is already 1 connection from your address", sentence(gate, "192.0.2.1"))
        self.assertIsNone(gate.admit(place("192.0.2.2"), 0.0))
        gate.leave(place("192.0.2.1"))
        self.assertIsNone(gate.admit(place("192.0.2.1"), 0.0))

    def test_new_ones_in_any_minute(self) -> None:
        """The limit holds in any minute, and not only in those that begin with a full minute."""
        gate = Gate(Limits(new_per_minute=2))
        for now, comes in ((0.0, True), (50.0, True), (59.0, False), (60.0, True), (61.0, False), (110.0, True)):
            self.assertEqual(comes, gate.admit(place("192.0.2.1"), now) is None, now)

    def test_limits_that_are_off_hold_nobody(self) -> None:
        """As on a trusted network."""
        gate = Gate(Limits(max_per_address=OFF, new_per_minute=OFF))
        self.assertEqual({None}, {gate.admit(place("192.0.2.1"), 0.0) for _ in range(1000)})

    def test_no_memory_of_those_long_gone(self) -> None:
        """A million passers-by leave nothing behind."""
        gate = Gate(Limits())
        for number in range(100):
            where = place(f"192.0.2.{number}")
            gate.admit(where, float(number))
            gate.leave(where)
        gate.admit(place("198.51.100.1"), 1000.0)
        self.assertEqual({"198.51.100.1"}, gate._new._times.keys() | gate._of.keys())

    def test_one_network_has_its_share(self) -> None:
        """Somebody with a /48 of IPv6 has 65,536 addresses, and not 65,536 shares."""
        gate = Gate(Limits(max_per_network=3))
        outcomes = [gate.admit(place(f"2001:db8:1:{number}::1"), 0.0) for number in range(4)]
        self.assertEqual([None] * 3, outcomes[:3])
        self.assertEqual("max-per-network", outcomes[3] and outcomes[3].reason)
        self.assertIsNone(gate.admit(place("2001:db8:2::1"), 0.0))
        gate.leave(place("2001:db8:1:0::1"))
        self.assertIsNone(gate.admit(place("2001:db8:1:9::1"), 0.0))

    def test_new_ones_of_a_network(self) -> None:
        """The addresses of one network may not storm the door by taking turns."""
        gate = Gate(Limits(new_per_network=3))
        for number in range(3):
            where = place(f"2001:db8:1:{number}::1")
            self.assertIsNone(gate.admit(where, float(number)))
            gate.leave(where)
        self.assertIn("Too many connections", sentence(gate, "2001:db8:1:7::1", 59.0))
        self.assertIsNone(gate.admit(place("2001:db8:1:7::1"), 60.0))

    def test_networks_that_are_not_limited(self) -> None:
        """Both can be lifted; an address of IPv4 is its own network, and is not counted twice."""
        gate = Gate(Limits(max_per_network=OFF, new_per_network=OFF))
        self.assertEqual({None}, {gate.admit(place(f"2001:db8:1:{number:x}::1"), 0.0) for number in range(1000)})
        gate = Gate(Limits(max_per_address=5, max_per_network=1, new_per_network=1))
        self.assertEqual({None}, {gate.admit(place("192.0.2.1"), 0.0) for _ in range(5)})
