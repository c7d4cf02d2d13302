"""
MODE and AWAY, as IRC clients use them on rooms that others have by other doors.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import IrcClient, Server
from tests.doors.irc.asking import LOTS, numbers, numerics

ALICE = ":alice!~alice@alice.chatroom"


class ModeTests(SynchronousTestCase):
    """alice has made the den by IRC; bob is in it with IRC, carol with nc."""

    def setUp(self) -> None:
        self.server = Server(limits=LOTS)
        self.alice, self.bob = self.server.irc_client("alice"), self.server.irc_client("bob")
        self.carol = self.server.guest("carol")
        self.alice.types("JOIN #den")
        self.bob.types("JOIN #den")
        self.carol.types("/join den")
        self.alice.reads(), self.bob.reads(), self.carol.reads()

    def _alice_does(self, line: str) -> list[str]:
        """What bob reads of it, and then alice, who reads the same."""
        self.alice.types(line)
        hers, his = self.alice.reads(), self.bob.reads()
        self.assertEqual(his, hers)
        return [each.removeprefix(ALICE + " ") for each in his]

    def test_passwords(self) -> None:
        """A password that JOIN cannot have, or that is too long or none, is 696, and is not sent back."""
        for password in ("two words", " ", "a,b", "\u2003", "x" * 101, ""):
            [(number, rest)] = numerics(self.alice, f"MODE #den +k :{password}")
            self.assertEqual(("696", "#den k *"), (number, rest.partition(" :")[0]), password)
        self.assertEqual([], self.bob.reads())

    def test_password_of_another_door(self) -> None:
        """A password with blanks and commas, set by nc, opens the room to a client that joins no other room with it."""
        nc = self.server.guest("nina")
        nc.types("/create snug", "/password tea, and cake")
        self.bob.reads()
        self.assertEqual(["475"], [number for number, _ in numerics(self.bob, "JOIN #snug tea")])
        self.bob.types("JOIN #snug :tea, and cake")
        self.assertIn(":chatroom 366 bob #snug :End of names.", self.bob.reads())

    def test_shown(self) -> None:
        """MODE of a room shows its letters, and since when there is the room."""
        self.alice.types("MODE #den +i")
        self.alice.reads()
        self.assertEqual([("324", "#den +int"), ("329", "#den 1767225600")], numerics(self.alice, "MODE #DEN"))

    def test_password_is_shown_to_those_who_gave_it(self) -> None:
        """A client that has set a password, or joined with it, reads it until it is changed; others read C{*}."""

        def shown(client: IrcClient) -> str:
            client.reads()
            return numerics(client, "MODE #den")[0][1].removeprefix("#den +knt ")

        self.alice.types("MODE #den +o carol", "MODE #den +k secret")
        dora = self.server.irc_client("dora")
        dora.types("JOIN #DEN secret")
        self.assertEqual(["secret", "secret", "*"], [shown(each) for each in (self.alice, dora, self.bob)])
        dora.types("PART #den")
        for password in ("another", "tea, and cake", ":)"):
            self.carol.types(f"/password {password}")
            self.assertEqual(["*", "*"], [shown(each) for each in (self.alice, self.bob)])
            dora.types(f"JOIN #den :{password}")
            self.assertEqual(password if password == "another" else "*", shown(dora))
            dora.types("PART #den")
        self.alice.types("MODE #den -k *")
        self.assertEqual("#den +nt", shown(self.alice))

    def test_settings(self) -> None:
        """Invited only, a password, and a topic for all: each is set and lifted, and everybody in the room reads it."""
        for line, told in {
            "MODE #den +i": "MODE #den +i", "MODE #den -i": "MODE #den -i", "MODE #den -t": "MODE #den -t",
            "MODE #den +k secret": "MODE #den +k *", "MODE #den -k *": "MODE #den -k *",
        }.items():  # fmt: skip
            self.assertEqual([told], [each.replace(":", "") for each in self._alice_does(line)], line)
        self.assertIn("-- alice lets every member set the topic", "\n".join(self.carol.reads()))

    def test_moderated(self) -> None:
        """In a moderated room, people without voice are answered 404, also by NOTICE's silence; +v lets them talk."""
        self.assertEqual(["MODE #den +m"], self._alice_does("MODE #den +m"))
        self.assertEqual(["404"], [number for number, _ in numerics(self.bob, "PRIVMSG #den :hi")])
        self.bob.types("NOTICE #den :hi")
        self.assertEqual([], [*self.bob.reads(), *self.alice.reads()])
        self.assertEqual(["MODE #den +v bob"], self._alice_does("MODE #den +v bob"))
        self.bob.types("PRIVMSG #den :hi")
        self.assertEqual([":bob!~bob@bob.chatroom PRIVMSG #den :hi"], self.alice.reads())
        self.assertEqual(["MODE #den -v+o bob bob"], self._alice_does("MODE #den +o bob"))
        self.assertEqual([], self._alice_does("MODE #den +v bob"))

    def test_limit_of_people(self) -> None:
        """A room that is full is 471, for all but the invited; what is no number is 696."""
        self.assertEqual(["MODE #den +l 3"], self._alice_does("MODE #den +l 3"))
        dora = self.server.irc_client("dora")
        self.assertEqual(["471"], [number for number, _ in numerics(dora, "JOIN #den")])
        self.alice.reads(), self.bob.reads()
        for given in ("0", "000", "-1", "off", "", "9999999", "1e3"):
            [(number, rest)] = numerics(self.alice, f"MODE #den +l :{given}")
            self.assertEqual(("696", "#den l"), (number, rest[:6]), given)
        self.assertEqual([("324", "#den +lnt 3"), ("329", "#den 1767225600")], numerics(self.bob, "MODE #den"))
        self.assertEqual(["MODE #den -l"], self._alice_does("MODE #den -l"))
        dora.types("JOIN #den")
        self.assertIn(":dora!~dora@dora.chatroom JOIN #den", self.bob.reads())

    def test_secret(self) -> None:
        """A secret room is on nobody's LIST but its members', and its sign in NAMES is an @."""
        self.assertEqual(["MODE #den +s"], self._alice_does("MODE #den +s"))
        self.assertIn("322", [number for number, rest in numerics(self.bob, "LIST") if rest.startswith("#den")])
        dora = self.server.irc_client("dora")
        self.assertEqual([], [rest for number, rest in numerics(dora, "LIST #den") if number == "322"])
        self.bob.reads()
        self.assertIn(("353", "@ #den :@alice bob carol"), numerics(self.bob, "NAMES #den"))
        dora.types("JOIN #den")
        self.assertIn(":dora!~dora@dora.chatroom JOIN #den", self.bob.reads())

    def test_people_who_may_join_at_any_time(self) -> None:
        """The mode I admits one person to a room that is invite-only; operators list it, and members read nothing."""
        self.alice.types("MODE #den +i")
        dora = self.server.irc_client("dora")
        self.alice.reads(), self.bob.reads()
        self.assertEqual(["MODE #den +I dora!*@*"], self._alice_does("MODE #den +I *!*@dora.chatroom"))
        self.assertEqual(
            [["346", "347"], ["347"]], [[n for n, _ in numerics(e, "MODE #den I")] for e in (self.alice, self.bob)]
        )
        for _ in range(2):
            dora.types("JOIN #den", "PART #den")
            self.assertIn(":dora!~dora@dora.chatroom JOIN #den", self.bob.reads())
        self.alice.reads()
        self.assertEqual(["MODE #den -I dora!*@*"], self._alice_does("MODE #den -I dora"))
        dora.reads()
        self.assertEqual(["473"], [number for number, _ in numerics(dora, "JOIN #den")])
        self.assertEqual(["696"], [number for number, _ in numerics(self.alice, "MODE #den +I m:dora")])

    def test_several(self) -> None:
        """Several letters of one line are done in order."""
        self.alice.types("MODE #den +io-t bob")
        self.assertEqual(["+i", "+o", "-t"], [line.split()[3].lstrip(":") for line in self.bob.reads()])

    def test_operators(self) -> None:
        """+o makes an operator, whom nc sees as one."""
        self.assertEqual(["MODE #den +o bob"], [each.replace(":", "") for each in self._alice_does("MODE #den +o bob")])
        self.carol.types("/who")
        self.assertIn("bob (operator", "\n".join(self.carol.reads()))

    def test_bans(self) -> None:
        """Each mask of a client bans one person, is listed, and lifts the ban again."""
        for mask in ("bob", "*!*@bob.chatroom", "*!*bob@bob.chatroom", "bob!*@*"):
            self.alice.types(f"MODE #den +b {mask}")
            self.assertEqual(["MODE", "KICK"], [line.split()[1] for line in self.bob.reads()])
            self.alice.reads()
            listed = numerics(self.alice, "MODE #den b")
            self.assertEqual(["367", "368"], [number for number, _ in listed])
            self.bob.types("JOIN #den")
            self.assertEqual(["474"], [line.split()[1] for line in self.bob.reads()])
            self.alice.types(f"MODE #den -b {listed[0][1].split()[1]}")
            self.bob.types("JOIN #den")
            self.alice.reads(), self.bob.reads()

    def test_mutes(self) -> None:
        """A mask behind m: mutes, and bob cannot talk there."""
        self.assertEqual(
            ["MODE #den +b m:bob!*@*"], [each.replace(" :", " ") for each in self._alice_does("MODE #den +b m:bob")]
        )
        self.bob.types("PRIVMSG #den :hi")
        self.assertEqual(["404"], [line.split()[1] for line in self.bob.reads()])

    def test_refused(self) -> None:
        """Members may not change modes, masks that fit many ban nobody, letters that are none are named."""
        for client, line, number in (
            (self.bob, "MODE #den +i", "482"), (self.bob, "MODE #den +b alice", "482"),
            (self.alice, "MODE #den +b *!*@*", "696"),
            (self.alice, "MODE #den +b bob!*@10.0.0.1", "696"), (self.alice, "MODE #den +z", "472"),
            (self.alice, "MODE #den +k", "696"),
            (self.alice, "MODE #den +o", "696"), (self.alice, "MODE #den +o nobody", "401"),
            (self.alice, "MODE #nowhere +i", "403"),
            (self.bob, "MODE bob +z", "501"), (self.bob, "MODE alice", "502"), (self.bob, "MODE nobody", "401"),
        ):  # fmt: skip
            self.assertEqual([number], [number for number, _ in numerics(client, line)], line)

    def test_oneself(self) -> None:
        """A person's own modes say that nobody sees their rooms who is not in them, and that they have an account."""
        self.assertEqual([("221", "+i")], numerics(self.bob, "MODE bob"))

    def test_away(self) -> None:
        """AWAY is shown to others as by any door, until AWAY alone."""
        self.assertEqual([("306", ":You are marked as away.")], numerics(self.bob, "AWAY :lunch"))
        self.assertIn("-- bob is away: lunch", self.carol.reads())
        self.assertEqual([("305", ":You are no longer marked as away.")], numerics(self.bob, "AWAY"))

    def test_accounts(self) -> None:
        """A mask behind a: bans or admits an account, also one that is not here, and never a guest."""
        self.server.account("dora", "correct horse").types("QUIT")
        self.alice.reads(), self.bob.reads()
        [(number, rest)] = numerics(self.alice, "MODE #den +b a:bob")
        self.assertEqual(("401", "a:bob :There is no account of that name"), (number, rest.partition(".")[0]))
        self.assertEqual([], self.bob.reads())
        self.assertEqual(["MODE #den +b dora!*@*"], self._alice_does("MODE #den +b a:dora"))
        dora = self.server.irc_client()
        dora.types("PASS :dora:correct horse", "NICK dora", "USER d 0 * :Dora")
        dora.reads(), self.alice.reads(), self.bob.reads()
        self.assertEqual(["474"], [number for number, _ in numerics(dora, "JOIN #den")][-1:])
        self.assertEqual(["MODE #den -b dora!*@*"], self._alice_does("MODE #den -b a:dora"))
        self.alice.types("MODE #den +i", "MODE #den +I a:Dora")
        dora.reads()
        dora.types("JOIN #den")
        self.assertIn("366", numbers(dora.reads()))

    def test_unbanned(self) -> None:
        """Who is unbanned reads nothing of it with IRC, as on other servers, and can join; with nc, a sentence."""
        self.alice.types("MODE #den +bb bob!*@* carol!*@*")
        self.bob.types("JOIN #den")
        self.assertIn(" 474 bob #den ", self.bob.reads()[-1])
        self.carol.reads()
        self.alice.types("MODE #den -bb bob!*@* carol!*@*")
        self.assertEqual([], self.bob.reads())
        self.assertEqual(["[den] -- alice unbanned you from den: /join den"], self.carol.reads())
        self.bob.types("JOIN #den")
        self.assertEqual(":bob!~bob@bob.chatroom JOIN #den", self.bob.reads()[0])


class BotModeTests(SynchronousTestCase):
    """IRCv3 bot-mode: a client says that it is a program."""

    def test_a_bot_is_seen_as_one(self) -> None:
        """MODE +B is answered with MODE, and shown by WHO, WHOIS, MODE and the tag bot, until MODE -B."""
        server = Server(limits=LOTS)
        parrot, alice = (
            server.irc_client("parrot", "message-tags", "echo-message"),
            server.irc_client("alice", "message-tags"),
        )
        parrot.reads()
        parrot.types("MODE parrot +B")
        self.assertEqual([":parrot!~parrot@parrot.chatroom MODE parrot +B"], parrot.reads())
        alice.reads()
        parrot.types("PRIVMSG #lobby :beep", "PRIVMSG alice :psst")
        for line in (*alice.reads(), *parrot.reads()):
            self.assertIn("bot", line.partition(" ")[0].lstrip("@").split(";"), line)
        self.assertIn("HB", dict(numerics(alice, "WHO parrot"))["352"].split())
        self.assertEqual("parrot :is a bot", dict(numerics(alice, "WHOIS parrot"))["335"])
        self.assertEqual([("221", "+iB")], numerics(parrot, "MODE parrot"))
        parrot.types("MODE parrot -B")
        parrot.reads(), alice.reads()
        self.assertNotIn("335", dict(numerics(alice, "WHOIS parrot")))
