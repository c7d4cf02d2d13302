"""
What an IRC client believes of its rooms and of the people there, by the bytes that it has read.

What a client believes has to be what the server knows.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Guest, Server
from tests.doors.irc.asking import LOTS
from tests.doors.irc.believing import MISSING, TODAY, Believer

PASSWORD = "correct horse battery"


class BeliefTests(SynchronousTestCase):
    """alice with an account and a client of today, bob with one of 1993, carol with nc: all in the den."""

    skip = MISSING

    def setUp(self) -> None:
        self.server = Server(LOTS)
        self.server.account("alice", PASSWORD).types("/quit")
        self.alice = Believer(self.server, "alice", TODAY, PASSWORD)
        self.bob = Believer(self.server, "bob")
        self.carol = self.server.guest("carol")
        self.alice.types("JOIN #den")
        self.bob.types("JOIN #den")
        self.carol.types("/join den")

    def tearDown(self) -> None:
        """Nobody believes anything that is not so."""
        for each in (self.alice, self.bob):
            if not each.client.is_disconnected():
                self.assertEqual([], each.differences())

    def test_oneself(self) -> None:
        """A client knows its nickname, user, host, account and modes, and what the server can do."""
        alice, bob = self.alice.believes(), self.bob.believes()
        self.assertTrue(alice.registered)
        self.assertEqual(
            ("alice", "~alice", "alice.chatroom", "alice"),
            (alice.nickname, alice.username, alice.hostname, alice.account),
        )
        self.assertEqual({"i", "r"}, alice.modes)
        self.assertEqual({"i"}, bob.modes)
        self.assertEqual(set(TODAY.split()), set(alice.agreed_caps))
        supported = bob.isupport
        self.assertEqual(
            ("ASCII", ["#"], ["o", "v"], ["@", "+"], "chatroom"),
            (supported.casemapping.name, supported.chantypes, supported.prefix.modes, supported.prefix.prefixes,
             supported.network),
        )  # fmt: skip
        letters = supported.chanmodes
        self.assertEqual(
            (["b", "I"], ["k"], ["l"], ["i", "m", "n", "s", "t"]),
            (letters.a_modes, letters.b_modes, letters.c_modes, letters.d_modes),
        )

    def test_members(self) -> None:
        """Members are those of the room, the one who made it is an operator, and each has a user and a host."""
        for each in (self.alice, self.bob):
            self.assertEqual({"alice": "o", "bob": "", "carol": ""}, each.members("den"))
            self.assertEqual("carol!~carol@carol.chatroom", each.user("carol").hostmask())

    def test_voice(self) -> None:
        """A client knows who has voice, also where somebody becomes an operator or a member, or joins again."""
        self.carol.types("/signup correct horse battery")
        self.alice.types("MODE #den +v bob", "MODE #den +v carol")
        self.assertEqual({"alice": "o", "bob": "v", "carol": "v"}, self.bob.members("den"))
        self.alice.types("MODE #den +o bob")
        self.assertEqual({"alice": "o", "bob": "o", "carol": "v"}, self.bob.members("den"))
        self.carol.types("/leave den", "/join den")
        self.alice.types("MODE #den -o bob")
        self.assertEqual({"alice": "o", "bob": "", "carol": "v"}, self.bob.members("den"))
        self.alice.types("MODE #den -v carol")
        self.assertEqual({"alice": "o", "bob": "", "carol": ""}, self.bob.members("den"))

    def test_rules_of_a_room(self) -> None:
        """A client knows that a room is moderated and unlisted, and its limit of people, and when they end."""
        self.alice.types("MODE #den +msl 7")
        self.assertEqual({"m": None, "s": None, "l": "7"}, self.rules_of("den"))
        self.alice.types("MODE #den -ms-l")
        self.assertEqual({}, self.rules_of("den"))

    def rules_of(self, room: str) -> dict[str, str | None]:
        """What bob's client believes of it."""
        return {letter: given for letter, given in self.bob.channel(room).modes.items() if letter in "lms"}

    def test_ranks(self) -> None:
        """Who is made an operator is one, by IRC or by nc, until that ends."""
        self.alice.types("MODE #den +oo bob carol")
        self.assertEqual({"alice": "o", "bob": "o", "carol": "o"}, self.bob.members("den"))
        self.alice.types("MODE #den -o carol")
        self.assertEqual({"alice": "o", "bob": "o", "carol": ""}, self.bob.members("den"))
        nc = self.server.connection()
        nc.types(f"/login alice {PASSWORD}", "/join den", "/deop bob")
        self.assertEqual({"alice": "o", "bob": "", "carol": ""}, self.bob.members("den"))

    def test_settings(self) -> None:
        """A room's letters, password and bans are known, as they are set and as MODE shows them."""
        self.alice.types("MODE #den +ik-t secret", "MODE #den +b dave")
        for each in (self.alice, self.bob):
            self.assertEqual({"i", "k"}, set(each.channel("den").modes))
            self.assertEqual(["dave!*@*"], each.channel("den").list_modes["b"])
        self.alice.types("MODE #den -ik+t *", "MODE #den -b dave")
        for each in (self.alice, self.bob):
            self.assertEqual({"t"}, set(each.channel("den").modes))
            self.assertEqual([], each.channel("den").list_modes["b"])
        self.alice.types("MODE #den +b dave", "MODE #den b")
        self.assertEqual(["dave!*@*"], self.alice.channel("den").list_modes["b"])
        self.bob.types("MODE #den")
        self.assertEqual({"n", "t"}, set(self.bob.channel("den").modes))
        self.assertEqual(self.alice.session.view("den").created, self.bob.channel("den").created.timestamp())

    def test_topic(self) -> None:
        """The topic is known to those who are there, to those who come later, and when there is none any more."""
        self.alice.types("TOPIC #den :tea at five")
        self.assertEqual("tea at five", self.bob.channel("den").topic)
        dave = Believer(self.server, "dave")
        dave.types("JOIN #den")
        self.assertEqual("tea at five", dave.channel("den").topic)
        self.alice.types("TOPIC #den :")
        self.assertEqual(["", ""], [each.channel("den").topic for each in (self.alice, dave)])

    def test_accounts(self) -> None:
        """Who is logged in is known when they join, when they log in, and when they log out."""
        dave = Believer(self.server, "dave", TODAY)
        dave.types("JOIN #den")
        self.assertEqual(("", "Dave"), (self.alice.user("dave").account, self.alice.user("dave").realname))
        dave.types(f"NS REGISTER {PASSWORD}")
        self.assertEqual(("dave", "dave"), (dave.believes().account, self.alice.user("dave").account))
        dave.types("PART #den", "JOIN #den")
        self.assertEqual("dave", self.alice.user("dave").account)
        self.carol.types(f"/signup {PASSWORD}")
        self.assertEqual("carol", self.alice.user("carol").account)
        self.bob.types(f"NS IDENTIFY dave {PASSWORD}")
        self.assertEqual(("dave", "dave"), (self.bob.believes().nickname, self.bob.believes().account))

    def test_away(self) -> None:
        """Who is away is known by AWAY, by WHO and when they join."""
        self.carol.types("/away lunch")
        self.bob.types("AWAY :bed")
        self.assertEqual(["lunch", "bed"], [self.alice.user(nick).away for nick in ("carol", "bob")])
        self.assertIsNone(self.bob.user("carol").away)
        self.bob.types("WHO #den")
        self.assertIsNotNone(self.bob.user("carol").away)
        self.carol.types("/leave den", "/join den")
        self.assertEqual("lunch", self.alice.user("carol").away)
        self.carol.types("/back")
        self.assertIsNone(self.alice.user("carol").away)

    def test_names(self) -> None:
        """Another nickname is known everywhere, and the room has nobody twice."""
        self.alice.types("MODE #den +o bob")
        self.carol.types("/nick caroline")
        self.bob.types("NICK bobby")
        for each in (self.alice, self.bob):
            self.assertEqual({"alice": "o", "bobby": "o", "caroline": ""}, each.members("den"))
        self.assertEqual("bobby", self.bob.believes().nickname)
        self.bob.types("NICK BOBBY")
        self.assertEqual({"alice": "o", "BOBBY": "o", "caroline": ""}, self.alice.members("den"))

    def test_gone(self) -> None:
        """Who leaves, is kicked, is banned or quits is there no more, by any door."""
        dave, erin = Believer(self.server, "dave"), Believer(self.server, "erin")
        for each in (dave, erin):
            each.types("JOIN #den")
        self.alice.types("KICK #den carol")
        self.assertEqual({"alice", "bob", "dave", "erin"}, set(self.bob.members("den")))
        dave.types("PART #den :bye")
        self.assertEqual(
            (["#lobby"], {"alice", "bob", "erin"}), (list(dave.believes().channels), set(self.bob.members("den")))
        )
        self.alice.types("MODE #den +b erin")
        self.assertEqual((["#lobby"], {"alice", "bob"}), (list(erin.believes().channels), set(self.bob.members("den"))))
        erin.types("QUIT :bed")
        dave.client.disconnects()
        self.assertEqual({"alice", "bob", "carol"}, set(self.bob.members("lobby")))

    def test_two_connections(self) -> None:
        """What one connection of an account does, the other one knows: joins, parts, kicks and being away."""
        other = Believer(self.server, "alice", "", PASSWORD)
        self.assertEqual({"#lobby", "#den"}, set(other.believes().channels))
        self.assertEqual({"alice": "o", "bob": "", "carol": ""}, other.members("den"))
        other.types("JOIN #tea", "TOPIC #tea :green")
        self.assertEqual(({"alice": "o"}, "green"), (self.alice.members("tea"), self.alice.channel("tea").topic))
        self.bob.types("JOIN #tea")
        self.assertEqual({"alice": "o", "bob": ""}, other.members("tea"))
        self.alice.types("PART #tea")
        self.assertEqual({"#lobby", "#den"}, set(other.believes().channels))
        other.types("AWAY :lunch")
        self.assertEqual("lunch", self.alice.believes().away)
        other.types("QUIT")
        self.assertEqual({"alice": "o", "bob": "", "carol": ""}, self.alice.members("den"))
        self.assertIn("alice", self.bob.members("den"))


ALICES = (
    "JOIN #den", "JOIN #tea", "PART #den", "PART #tea :bye", "KICK #den bob", "KICK #den carol", "JOIN 0",
    "MODE #den +o bob", "MODE #den -o bob", "MODE #den +i", "MODE #den -i", "MODE #den +k secret", "MODE #den -k *",
    "MODE #den -t", "MODE #den +t", "MODE #den +b bob", "MODE #den -b bob", "MODE #den +b m:carol", "AWAY :lunch",
    "AWAY", "TOPIC #den :green", "TOPIC #den :", "INVITE bob #den", "PRIVMSG #den :hi",
)  # fmt: skip

ACTS = {
    "alice": ALICES,
    "other": ALICES,
    "bob": (
        "JOIN #den", "JOIN #den secret", "JOIN #tea", "PART #den", "NICK bob", "NICK bobby", "NICK BOB",
        "MODE #den -o alice", "KICK #den carol", "TOPIC #den :black", "TOPIC #tea :white", "MODE #tea +o alice",
    ),
    "carol": (
        "/join den", "/join den secret", "/join tea", "/leave den", "/nick carol", "/nick caroline", "/topic oolong",
        "/away bed", "/back", "/kick bob",
    ),
}  # fmt: skip
"""What each of them may do; some of it is refused, by what was done before."""


class AnyOrderTests(SynchronousTestCase):
    """Acts of several people by several doors, in any order."""

    skip = MISSING

    @settings(max_examples=50, deadline=None)
    @given(
        st.lists(
            st.sampled_from([(who, line) for who, lines in ACTS.items() for line in lines]),
            max_size=30,
        )
    )
    def test_all_is_so(self, acts: list[tuple[str, str]]) -> None:
        """Whatever happened, nobody believes anything that is not so: not of rooms, people, ranks, topics or modes."""
        with Server(LOTS) as server:
            server.account("alice", PASSWORD).types("/quit")
            alice = Believer(server, "alice", TODAY, PASSWORD)
            other, bob = Believer(server, "alice", "", PASSWORD), Believer(server, "bob")
            carol = server.guest("carol")
            people: dict[str, Believer | Guest] = {"alice": alice, "other": other, "bob": bob, "carol": carol}
            for who, line in (("alice", "JOIN #den"), ("bob", "JOIN #den"), ("carol", "/join den"), *acts):
                people[who].types(line)
            for each in (alice, other, bob):
                self.assertEqual([], each.differences(), acts)
