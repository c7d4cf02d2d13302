"""
LIST: which rooms there are.
"""

from __future__ import annotations

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
