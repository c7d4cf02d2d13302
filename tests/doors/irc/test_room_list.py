"""
LIST: which rooms there are.
"""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Server
from tests.doors.irc.asking import LOTS, numerics


class ListTests(SynchronousTestCase):
    """alice has made two rooms, and bob is in one of them."""

    def setUp(self) -> None:
        self.server = Server(limits=LOTS)
        self.alice, self.bob = self.server.irc_client("alice"), self.server.irc_client("bob")
        self.alice.types("JOIN #den,#garden", "TOPIC #den :tea")
        self.bob.types("JOIN #den")
        self.alice.reads(), self.bob.reads()

    def _listed(self, line: str) -> list[str]:
        (first, *rooms, last) = numerics(self.bob, line)
        self.assertEqual(("321", "323"), (first[0], last[0]))
        return [room.partition(" ")[0] for _, room in rooms]

    def test_all(self) -> None:
        """LIST shows each room with how many people are in it, and its topic."""
        rows = numerics(self.bob, "LIST")
        self.assertIn(("322", "#den 2 :tea"), rows)
        self.assertIn(("322", "#garden 1 :"), rows)

    def test_conditions(self) -> None:
        """Rooms are chosen by names, masks, their opposite, and how many people are in them."""
        every = {"#den", "#lobby", "#garden"}
        for condition, shown in {
            "#den": {"#den"}, "#DEN": {"#den"}, "*den": {"#den", "#garden"}, "!*den": {"#lobby"}, "<2": {"#garden"},
            ">1": {"#den", "#lobby"}, "*den,>1": {"#den"}, "#den,#lobby": {"#den", "#lobby"}, "#nowhere": set(),
            ">x": every,
        }.items():  # fmt: skip
            self.assertEqual(shown, set(self._listed(f"LIST {condition}")), condition)

    def test_ages(self) -> None:
        """Rooms are chosen by how many minutes ago they were made, and how many minutes ago their topic was set."""
        self.server.wait(130)
        self.alice.types("JOIN #new", "TOPIC #new :cake")
        self.server.wait(60)
        for condition, shown in {
            "C>2": {"#den", "#garden", "#lobby"}, "C<2": {"#new"}, "c<2": {"#new"}, "C<0": set(), "C<2,*den": set(),
            "C>2,#g*": {"#garden"}, "T>2": {"#den"}, "T<2": {"#new"}, "T<0": set(), "T>0": {"#den", "#new"},
            "T>x": {"#den", "#new"}, "T<99999999999999": {"#den", "#new"}, "T<4,C>2": {"#den"}, "C": set(),
        }.items():  # fmt: skip
            self.assertEqual(shown, set(self._listed(f"LIST {condition}")), condition)

    def test_ages_of_hidden_topics(self) -> None:
        """The topic of a room with a password has no age for those who cannot read it."""
        self.alice.types("MODE #den +k tea")
        self.bob.types("PART #den")
        self.server.wait(130)
        self.bob.reads()
        self.assertEqual([], self._listed("LIST T>1"))
        self.alice.types("TOPIC #garden :cake")
        self.assertEqual(["#garden"], self._listed("LIST T<1"))

    def test_conditions_cost(self) -> None:
        """Each condition of LIST costs as much as a line."""
        server = Server(limits=replace(LOTS, talk_rate=1.0, talk_burst=5))
        alice = server.irc_client("alice")
        alice.types("LIST *a,*b,*c,*d,*e,*f", "LIST")
        self.assertEqual(["321", "323"], [line.split()[1] for line in alice.reads()])
        server.wait(10)
        self.assertEqual(["321", "322", "323"], [line.split()[1] for line in alice.reads()])

    def test_private_rooms(self) -> None:
        """A room for the invited alone is listed only to its members."""
        self.server.guest("carol").types("/create attic", "/private")
        self.bob.reads()
        self.assertNotIn("#attic", self._listed("LIST"))

    def test_empty_lobby(self) -> None:
        """Where clients do not join the lobby by themselves, an empty one is not listed."""
        server = Server(irc_autojoin=False)
        alice = server.irc_client("alice")
        self.assertEqual(["321", "323"], [number for number, _ in numerics(alice, "LIST")])
        server.guest("bob")
        self.assertEqual(["321", "322", "323"], [number for number, _ in numerics(alice, "LIST")])
