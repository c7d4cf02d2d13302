"""
What an IRC client learns about people: WHO, WHOIS, WHOWAS, USERHOST and ISON.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import OFF, Limits
from chatroom.testing import Server
from tests.doors.irc.asking import LOTS, numerics


class QueryTests(SynchronousTestCase):
    """alice and bob use IRC, carol nc."""

    def setUp(self) -> None:
        self.server = Server(limits=LOTS)
        self.alice = self.server.irc_client("alice")
        self.bob = self.server.irc_client("bob")
        self.carol = self.server.guest("carol")
        self.alice.types("JOIN #den")
        self.carol.types("/away lunch")
        self.alice.reads(), self.bob.reads()

    def test_room(self) -> None:
        """WHO of a room shows its members to a member: here or away, operator or not."""
        self.assertEqual(
            [
                ("352", "#lobby ~alice alice.chatroom chatroom alice H :0 Alice"),
                ("352", "#lobby ~bob bob.chatroom chatroom bob H :0 Bob"),
                ("352", "#lobby ~carol carol.chatroom chatroom carol G :0 carol"),
                ("315", "#LOBBY :End of WHO list"),
            ],
            numerics(self.bob, "WHO #LOBBY"),
        )
        self.assertEqual("H@", numerics(self.alice, "WHO #den")[0][1].split()[5])

    def test_room_of_others(self) -> None:
        """Who is not in a room learns nothing about who is."""
        self.assertEqual([("315", "#den :End of WHO list")], numerics(self.bob, "WHO #den"))

    def test_masks(self) -> None:
        """WHO of a nickname or a mask shows whom it fits, by nickname or by host."""
        everybody = ["alice", "bob", "carol"]
        for mask, shown in {
            "CAROL": ["carol"], "*o*": ["bob", "carol"], "bob.*": ["bob"], "*.chatroom": everybody, "zoe": [],
            "0": everybody,
        }.items():  # fmt: skip
            rows = numerics(self.alice, f"WHO {mask}")
            self.assertEqual(shown, [row.split()[4] for number, row in rows if number == "352"], mask)
            self.assertEqual(("315", f"{mask} :End of WHO list"), rows[-1])

    def test_fields(self) -> None:
        """WHOX shows the fields that the client asks for; a guest has account 0."""
        self.assertEqual(("354", "743 bob.chatroom bob H :0"), numerics(self.alice, "WHO bob %tnafh,743")[0])

    def test_accounts(self) -> None:
        """The account of a person who is logged in is shown by WHOX and WHOIS."""
        self.carol.types("/signup correct horse battery")
        self.assertEqual(("354", ":carol"), numerics(self.alice, "WHO carol %a")[0])
        self.assertIn(("330", "carol carol :is logged in as"), numerics(self.alice, "WHOIS carol"))

    def test_as_many_as_a_page(self) -> None:
        """WHO ends where a page of an answer is full, so that a crowd drops nobody's connection."""
        server = Server(limits=Limits(max_per_address=OFF, new_per_minute=OFF, page_bytes=4096))
        people = [server.guest(f"guest{number:03}") for number in range(100)]
        alice = server.irc_client("alice")
        rows = numerics(alice, "WHO #lobby")
        self.assertLess(len(rows), len(people))
        self.assertEqual("315", rows[-1][0])

    def test_whois(self) -> None:
        """WHOIS tells who somebody is, that they are away, and the rooms that both are in."""
        self.assertEqual(
            [
                ("311", "carol ~carol carol.chatroom * :carol"),
                ("319", "carol :#lobby"),
                ("312", "carol chatroom :chatroom"),
                ("301", "carol :lunch"),
                ("318", "carol :End of WHOIS list"),
            ],
            numerics(self.alice, "WHOIS chatroom carol"),
        )
        self.assertIn(("319", "alice :#lobby @#den"), numerics(self.alice, "WHOIS alice"))
        self.assertIn(("319", "alice :#lobby"), numerics(self.bob, "WHOIS alice"))

    def test_address(self) -> None:
        """Only to oneself does WHOIS tell an address."""
        self.assertIn(("338", "alice 127.0.0.1 :is connected from"), numerics(self.alice, "WHOIS alice"))
        self.assertNotIn("338", [number for number, _ in numerics(self.bob, "WHOIS alice")])

    def test_nobody(self) -> None:
        """WHOIS of nobody is 401, of nothing 431."""
        self.assertEqual(["401", "318"], [number for number, _ in numerics(self.alice, "WHOIS zoe")])
        self.assertEqual(["431"], [number for number, _ in numerics(self.alice, "WHOIS")])

    def test_whowas(self) -> None:
        """WHOWAS knows who left, the last one first, and no more than asked for."""
        self.bob.types("QUIT")
        for real in ("One", "Two"):
            client = self.server.irc_client()
            client.types("NICK dave", f"USER dave 0 * :{real}", "QUIT")
        self.alice.reads()
        rows = numerics(self.alice, "WHOWAS dave")
        self.assertEqual(["314", "312", "314", "312", "369"], [number for number, _ in rows])
        self.assertEqual("dave ~dave dave.chatroom * :Two", rows[0][1])
        self.assertEqual(["314", "312", "369"], [number for number, _ in numerics(self.alice, "WHOWAS dave 1")])
        self.assertEqual(["406", "369"], [number for number, _ in numerics(self.alice, "WHOWAS zoe")])

    def test_present(self) -> None:
        """ISON and USERHOST name those who are here."""
        self.assertEqual([("303", ":alice carol")], numerics(self.bob, "ISON ALICE zoe carol"))
        self.assertEqual(
            [("302", ":alice=+~alice@alice.chatroom carol=-~carol@carol.chatroom")],
            numerics(self.bob, "USERHOST alice zoe carol"),
        )

    def test_nothing_moves_a_cursor(self) -> None:
        """What a client sends is sent back without what could do something to a terminal."""
        self.alice.types("WHOIS \x1b[2Jzoe", "\x1b[2J", "MONITOR + \x9fzoe", "CAP REQ :\u202ebatch")
        came = "\n".join(self.alice.reads())
        self.assertFalse({"\x1b", "\x9f", "\u202e"} & set(came))
        self.assertIn("401 alice [2Jzoe ", came)
