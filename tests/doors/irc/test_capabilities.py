"""
Clients ask for capabilities one by one or together, before and after they are registered.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.capabilities import CAPABILITIES, LINE, NEEDS, Capabilities


class Client:
    """A client that sends CAP and reads the answers."""

    def __init__(self) -> None:
        self.state = Capabilities()
        self.registered = False

    def sends(self, *params: str) -> list[tuple[str, ...]] | None:
        """What is answered to CAP with these parameters."""
        return self.state.answer(params, registered=self.registered)


class CapabilitiesTests(SynchronousTestCase):
    """One connection."""

    def setUp(self) -> None:
        self.client = Client()

    def test_registration_waits(self) -> None:
        """LS or REQ holds registration up until END; LIST does not, and neither does any after registration."""
        self.client.sends("LIST")
        self.assertFalse(self.client.state.under_way)
        for first in (("LS", "302"), ("REQ", "batch")):
            self.client.sends(*first)
            self.assertTrue(self.client.state.under_way)
            self.assertEqual([], self.client.sends("END"))
            self.assertFalse(self.client.state.under_way)
        self.client.registered = True
        self.client.sends("LS", "302")
        self.assertFalse(self.client.state.under_way)

    def test_values(self) -> None:
        """Only clients of version 302 read values, and they have cap-notify with it."""
        (old,) = self.client.sends("LS") or []
        self.assertIn("sasl", old[1].split())
        self.assertFalse(self.client.state.notified)
        new = self.client.sends("LS", "302") or []
        self.assertIn("sasl=PLAIN", [name for line in new for name in line[-1].split()])
        self.assertTrue(self.client.state.notified)
        self.assertEqual(set(CAPABILITIES), set(old[1].split()))

    def test_all_or_nothing(self) -> None:
        """A REQ is done as a whole; one with a name that is not offered, or with yes and no to one, changes nothing."""
        self.assertEqual([("ACK", "batch server-time")], self.client.sends("REQ", "batch server-time"))
        self.assertEqual([("NAK", "echo-message flying")], self.client.sends("REQ", "echo-message flying"))
        self.assertEqual([("NAK", "batch -batch")], self.client.sends("REQ", "batch -batch"))
        self.assertEqual([("ACK", "-batch")], self.client.sends("REQ", "-batch"))
        self.assertEqual([("LIST", "server-time")], self.client.sends("LIST"))

    def test_cap_notify_stays(self) -> None:
        """A client of version 302 cannot do without cap-notify."""
        self.client.sends("LS", "302")
        self.assertEqual([("NAK", "-cap-notify")], self.client.sends("REQ", "-cap-notify"))

    def test_unknown(self) -> None:
        """Another subcommand, or none, is nothing that can be answered with CAP."""
        self.assertIsNone(self.client.sends("SING"))
        self.assertIsNone(self.client.sends())

    def test_needs(self) -> None:
        """What needs another capability has no effect without it, in whatever order they are asked for."""
        self.client.sends("REQ", "labeled-response")
        self.assertNotIn("labeled-response", self.client.state.active)
        self.client.sends("REQ", "batch")
        self.assertIn("labeled-response", self.client.state.active)
        self.assertEqual(set(), {name for needed in NEEDS.values() for name in needed} - CAPABILITIES.keys())

    def test_many(self) -> None:
        """A long list comes in several lines, all but the last with a star, for clients that know it."""
        self.client.state.offered = {f"example.com/{number:040}": "" for number in range(30)}
        made = self.client.sends("LS", "302") or []
        self.assertLess(3, len(made))
        self.assertEqual({("LS", "*")}, {line[:2] for line in made[:-1]})
        self.assertEqual(2, len(made[-1]))
        self.assertEqual(30, sum(len(line[-1].split()) for line in made))
        self.assertLessEqual(max(len(line[-1]) for line in made), LINE)

    def test_change(self) -> None:
        """What a server offers later is NEW, what it offers no more is DEL and has no effect from then on."""
        self.client.sends("LS", "302")
        self.client.sends("REQ", "sasl batch")
        offered = {**CAPABILITIES, "sts": "port=6697"}
        del offered["sasl"]
        self.assertEqual([("DEL", "sasl"), ("NEW", "sts=port=6697")], self.client.state.offer(offered))
        self.assertEqual({"batch", "cap-notify"}, self.client.state.active)
        self.assertEqual([], Client().state.offer(offered))

    @given(
        st.lists(
            st.lists(
                st.one_of(st.sampled_from(["LS", "REQ", "-batch batch", "302", *CAPABILITIES]), st.text()), max_size=4
            )
        )
    )
    def test_anything(self, sent: list[list[str]]) -> None:
        """Whatever a client sends, it has nothing that is not offered."""
        client = Client()
        for params in sent:
            client.sends(*params)
            self.assertEqual(set(), client.state.active - CAPABILITIES.keys())
