"""
MONITOR: who comes online and who leaves.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.isupport import MONITOR
from chatroom.testing import Server
from tests.doors.irc.asking import LOTS, numerics


class MonitorTests(SynchronousTestCase):
    """alice watches."""

    def setUp(self) -> None:
        self.server = Server(limits=LOTS)
        self.alice = self.server.irc_client("alice")
        self.alice.types("PART #lobby")
        self.alice.reads()

    def test_comes_and_goes(self) -> None:
        """A name that is watched is told of at once, and again at each change, by any door."""
        self.assertEqual([("731", "bob")], numerics(self.alice, "MONITOR + bob"))
        bob = self.server.guest("Bob")
        self.assertEqual([":chatroom 730 alice Bob!~Bob@Bob.chatroom"], self.alice.reads())
        bob.types("/nick rob")
        self.assertEqual([":chatroom 731 alice Bob"], self.alice.reads())
        bob.types("/nick bob")
        self.assertEqual(["730"], [line.split()[1] for line in self.alice.reads()])
        bob.types("/quit")
        self.assertEqual([":chatroom 731 alice bob"], self.alice.reads())

    def test_no_more(self) -> None:
        """After - or C, nothing is told, and nothing is kept."""
        self.alice.types("MONITOR + bob,carol", "MONITOR - bob")
        self.alice.reads()
        self.server.guest("bob")
        self.assertEqual([], self.alice.reads())
        self.assertEqual([], numerics(self.alice, "MONITOR C"))
        self.server.guest("carol")
        self.assertEqual([("733", ":End of MONITOR list")], numerics(self.alice, "MONITOR L"))
        self.assertEqual({}, self.server.irc.watches._watchers)

    def test_lists(self) -> None:
        """L lists the names, S says who of them is online."""
        self.server.guest("bob")
        self.alice.types("MONITOR + bob,carol")
        self.alice.reads()
        self.assertEqual([("732", "bob,carol"), ("733", ":End of MONITOR list")], numerics(self.alice, "MONITOR L"))
        self.assertEqual([("730", "bob!~bob@bob.chatroom"), ("731", "carol")], numerics(self.alice, "MONITOR S"))

    def test_limit(self) -> None:
        """More names than 005 says are refused by name."""
        for start in range(0, MONITOR, 25):
            self.alice.types("MONITOR + " + ",".join(f"guest{start + number}" for number in range(25)))
        self.alice.reads()
        self.assertEqual(
            [("734", f"{MONITOR} bob :You watch as many names as you can.")], numerics(self.alice, "MONITOR + bob")
        )

    def test_gone(self) -> None:
        """A client that is gone watches nobody."""
        self.alice.types("MONITOR + bob")
        self.alice.disconnects()
        self.assertEqual({}, self.server.irc.watches._watchers)

    @settings(max_examples=20)
    @given(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=20), max_size=5
        )
    )
    def test_anything(self, lines: list[str]) -> None:
        """Whatever is asked for, masks are not watched."""
        for line in lines:
            self.alice.types(f"MONITOR + {line}")
        self.alice.reads()
        speaker_names = set(self.server.irc.watches._watchers)
        self.assertFalse([key for key in speaker_names if {"*", "?", "!", "@"} & set(key)])
        self.alice.types("MONITOR C")
