"""
What IRC clients say of their people, before they are online and after: SETNAME, AWAY before registration, bots.
"""

from __future__ import annotations

from base64 import b64encode

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Server


class ProfileTests(SynchronousTestCase):
    """alice and carol know setname, dave does not."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice = self.server.irc_client("alice", "setname", "message-tags")
        self.carol = self.server.irc_client("carol", "setname", "extended-monitor", "away-notify")
        self.dave = self.server.irc_client("dave")
        self.alice.reads(), self.carol.reads()

    def test_setname(self) -> None:
        """A new real name is read by clients in the same rooms that ask for it, and stands in WHOIS."""
        self.alice.types("SETNAME :Alice the Second")
        line = ":alice!~alice@alice.chatroom SETNAME :Alice the Second"
        self.assertEqual([[line], [line], []], [each.reads() for each in (self.alice, self.carol, self.dave)])
        self.dave.types("WHOIS alice")
        self.assertIn("Alice the Second", next(row for row in self.dave.reads() if " 311 " in row))

    def test_of_a_newcomer(self) -> None:
        """The JOIN of a guest, and of an account by SASL and by PASS, has the real name that the client has sent."""
        erin = self.server.irc_client("erin", "extended-join")
        frank = self.server.guest("frank")
        frank.types("/signup correct horse battery")
        frank.disconnects()
        erin.reads()
        secret = b64encode(b"frank\0frank\0correct horse battery").decode()
        sasl = "CAP REQ sasl", "AUTHENTICATE PLAIN", f"AUTHENTICATE {secret}", "CAP END"
        for nick, account, first, then in (
            ("gwen", "*", (), ()),
            ("frank", "frank", ("PASS :frank:correct horse battery",), ()),
            ("frank", "frank", sasl[:1], sasl[1:]),
        ):
            client = self.server.irc_client()
            client.types(*first, f"NICK {nick}", f"USER {nick} 0 * :A Real Name", *then)
            self.assertIn(f"JOIN #lobby {account} :A Real Name", "".join(erin.reads()), first)
            client.disconnects()
            erin.reads()

    def test_of_an_impostor(self) -> None:
        """A client that is refused a nickname leaves its real name to nobody."""
        bob = self.server.guest("bob")
        bob.types("/signup correct horse battery")
        for taken in ("alice", "bob", "no/name"):
            client = self.server.irc_client()
            client.types(f"NICK {taken}", f"USER {taken} 0 * :I am not")
            self.assertNotIn(" 001 ", "".join(client.reads()))
            client.types("NICK later")
            client.reads()
            client.disconnects()
            self.dave.types(f"WHOIS {taken}")
            self.assertNotIn("I am not", "".join(self.dave.reads()))
        bob.disconnects()
        client = self.server.irc_client()
        client.types("PASS wrong", "NICK bob", "USER bob 0 * :I am not")
        bob = self.server.guest("visitor")
        bob.types("/login bob correct horse battery")
        self.dave.types("WHOIS bob")
        self.assertNotIn("I am not", "".join(self.dave.reads()))

    def test_no_name(self) -> None:
        """An empty or a long name is refused, and is nobody's."""
        self.alice.types("SETNAME", "SETNAME :", "SETNAME :" + "é" * 100)
        self.assertEqual(3, sum("FAIL SETNAME INVALID_REALNAME" in row for row in self.alice.reads()))

    def test_muted(self) -> None:
        """A person who is muted in a room, or on the server, cannot speak by a new real name."""
        opal = self.server.irc_client("opal")
        opal.types("JOIN #den")
        self.alice.types("JOIN #den")
        self.carol.types("JOIN #den")
        opal.types("MODE #den +b m:alice")
        self.alice.reads(), self.carol.reads()
        self.alice.types("SETNAME :I speak anyway")
        refusal = ":chatroom FAIL SETNAME CANNOT_CHANGE_REALNAME :You are muted in den forever."
        self.assertEqual([[refusal], []], [self.alice.reads(), self.carol.reads()])
        self.carol.types("WHOIS alice")
        self.assertNotIn("anyway", "".join(self.carol.reads()))
        self.alice.types("PART #den", "SETNAME Alice")
        self.assertIn("SETNAME :Alice", self.alice.reads()[-1])

    def test_moderated(self) -> None:
        """A moderated room does not read the new real name of somebody without voice, and other rooms do."""
        opal = self.server.irc_client("opal", "setname")
        opal.types("JOIN #den", "MODE #den +m", "PART #lobby")
        self.alice.types("JOIN #den")
        opal.reads(), self.alice.reads(), self.carol.reads()
        self.alice.types("SETNAME :I speak anyway")
        readers = self.alice, self.carol, opal
        self.assertEqual([1, 1, 0], [sum("SETNAME" in row for row in each.reads()) for each in readers])
        opal.types("MODE #den +v alice")
        self.alice.types("SETNAME Alice")
        self.assertIn(":alice!~alice@alice.chatroom SETNAME :Alice", opal.reads())

    def test_watched_from_outside(self) -> None:
        """With extended-monitor, a client with no room in common reads names and absences of those it watches."""
        self.carol.types("PART #lobby", "MONITOR + alice")
        self.carol.reads()
        self.alice.types("SETNAME new", "AWAY :lunch", "AWAY")
        self.assertEqual(["SETNAME", "AWAY", "AWAY"], [row.split(" ")[1] for row in self.carol.reads()])
        self.carol.types("JOIN #lobby")
        self.carol.reads()
        self.alice.types("AWAY :lunch")
        self.assertEqual(["AWAY"], [row.split(" ")[1] for row in self.carol.reads()])
        self.carol.types("MONITOR C", "PART #lobby")
        self.carol.reads()
        self.alice.types("AWAY")
        self.assertEqual([], self.carol.reads())

    def test_login_of_a_watched_person(self) -> None:
        """With extended-monitor and account-notify, a client reads that somebody it watches has signed up."""
        erin = self.server.irc_client("erin", "extended-monitor", "account-notify")
        erin.types("PART #lobby", "MONITOR + bob")
        bob = self.server.guest("bob")
        erin.reads()
        bob.types("/signup correct horse battery")
        self.assertEqual([":bob!~bob@bob.chatroom ACCOUNT bob"], erin.reads())

    def test_away_before_registration(self) -> None:
        """With draft/pre-away, a client may be away from its first moment; without it, AWAY is too early."""
        client = self.server.irc_client()
        client.types("CAP REQ draft/pre-away", "AWAY :phone", "NICK erin", "USER e 0 * :E", "CAP END")
        client.reads()
        self.dave.types("WHOIS erin")
        self.assertIn("phone", next(row for row in self.dave.reads() if " 301 " in row))
        early = self.server.irc_client()
        early.types("CAP LS", "AWAY :phone")
        self.assertEqual("451", early.reads()[-1].split(" ")[1])

    def test_away_under_another_nickname(self) -> None:
        """A person who is away stays away with a new nickname, and as an account: clients still show them so."""
        bob = self.server.guest("bob")
        bob.types("/signup correct horse battery")
        bob.disconnects()
        erin = self.server.irc_client("erin", "away-notify")
        erin.types("AWAY :lunch")
        self.carol.reads(), erin.reads()
        for line, nick in (
            ("NICK ernie", "ernie"),
            ("NICK Ernie", "Ernie"),
            ("NS IDENTIFY bob correct horse battery", "bob"),
        ):
            erin.types(line)
            self.assertNotIn(" AWAY", "".join(erin.reads()))
            self.dave.types(f"WHO {nick}")
            self.assertIn(f" {nick} G :0 ", self.dave.reads()[-2])
        self.assertIn(":ernie!~ernie@ernie.chatroom AWAY :lunch", self.carol.reads())

    def test_no_implicit_names(self) -> None:
        """A client that does not want the list of people is not sent it at JOIN, and gets it by NAMES."""
        client = self.server.irc_client("erin", "draft/no-implicit-names")
        client.types("JOIN #attic", "NAMES #attic")
        self.assertEqual(["353", "366"], [row.split(" ")[1] for row in client.reads() if row.split(" ")[1][0] == "3"])

    def test_isupport(self) -> None:
        """ISUPPORT sends 005 in a batch, also before there is a nickname, to those who ask for it."""
        client = self.server.irc_client()
        client.types("CAP REQ :draft/extended-isupport batch", "ISUPPORT")
        rows = client.reads()[1:]
        self.assertIn("BATCH +b1 draft/isupport", rows[0])
        self.assertTrue(all(row.startswith("@batch=b1 ") for row in rows[1:-1]))
        self.assertIn(" 005 * ", rows[1])
        self.dave.types("ISUPPORT")
        self.assertEqual(["421"], [row.split(" ")[1] for row in self.dave.reads()])

    def test_links(self) -> None:
        """LINKS lists no servers: all nodes are one."""
        self.dave.types("LINKS")
        self.assertEqual([":chatroom 365 dave * :End of LINKS"], self.dave.reads())


class SearchTests(SynchronousTestCase):
    """SEARCH of soju.im/search."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")
        self.alice = self.server.irc_client("alice", "soju.im/search", "batch", "message-tags", "server-time")
        self.alice.reads()
        self.bob.types("red tea", "green tea", "red wine")
        self.alice.reads()

    def found(self, asked: str) -> list[str]:
        """Texts that the answer has."""
        self.alice.types(f"SEARCH {asked}")
        rows = self.alice.reads()
        self.assertIn("BATCH +", rows[0])
        return [row.split(" :")[-1] for row in rows[1:-1]]

    def test_words(self) -> None:
        """All words, in one room or all of them, by one person, and as many as wanted."""
        self.assertEqual(["red tea", "green tea"], self.found("text=tea"))
        self.assertEqual(["red tea"], self.found("text=red\\stea;in=#lobby;from=BOB"))
        self.assertEqual(["green tea"], self.found("text=tea;limit=1"))
        self.assertEqual([], self.found("text=tea;from=carol"))
        self.assertEqual([], self.found("text=tea;in=bob"))
        self.assertEqual([], self.found("text=tea;before=2020-01-01T00:00:00Z"))
        self.assertEqual([], self.found("text=tea;after=2030-01-01T00:00:00Z"))

    def test_refusals(self) -> None:
        """No words, a room one is not in, and what is no time or number."""
        for asked in ("", "in=#lobby", "text=a;in=#nowhere", "text=a;limit=x", "text=a;after=x"):
            self.alice.types(f"SEARCH {asked}")
            self.assertIn("FAIL SEARCH INVALID_PARAMS", self.alice.reads()[0], asked)

    def test_our_own_command(self) -> None:
        """Other clients search with our command of that name, and read an answer for people."""
        dave = self.server.irc_client("dave")
        dave.types("SEARCH wine")
        self.assertIn("red wine", "".join(dave.reads()))
