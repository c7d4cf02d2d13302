"""
Rooms as IRC clients join, leave and change them.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import OFF, Limits
from chatroom.testing import IrcClient, Server

ALICE = ":alice!~alice@alice.chatroom"
DAVE = ":dave!~dave@dave.chatroom"


def numbers(client: IrcClient) -> list[str]:
    """The second words of what a client reads."""
    return [line.split(" ")[1] for line in client.reads()]


class ChannelTests(SynchronousTestCase):
    """Alice and Dave with IRC clients, and Bob with nc."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_rate=OFF))
        self.bob = self.server.guest("bob")
        self.alice = self.server.irc_client("alice")
        self.dave = self.server.irc_client("dave")
        self.alice.types("JOIN #new")
        self.dave.types("JOIN #new")
        for each in (self.alice, self.dave, self.bob):
            each.receives()

    def test_join_makes_a_room(self) -> None:
        """Who joins a room that nobody has made is its operator, and everyone else can join it."""
        self.alice.types("JOIN #tea")
        self.assertEqual(
            [
                f"{ALICE} JOIN #tea",
                ":chatroom 353 alice = #tea :@alice",
                ":chatroom 366 alice #tea :End of names.",
            ],
            self.alice.reads(),
        )
        self.bob.types("/join tea")
        self.assertIn("You are in tea.", self.bob.reads())

    def test_join_again_says_nothing(self) -> None:
        """To join a room that one is in changes nothing."""
        self.alice.types("JOIN #new")
        self.assertEqual([], self.alice.reads())

    def test_names_that_cannot_be(self) -> None:
        """A channel begins with one #; ##new would be the same room as #new."""
        self.alice.types("JOIN new", "JOIN ##new", "JOIN #a/b")
        self.assertEqual(["403", "403", "476"], numbers(self.alice))

    def test_topic(self) -> None:
        """A topic that is set is read by everyone, shown to those who ask, and may be emptied."""
        self.alice.types("TOPIC #new :tea at five", "TOPIC #new")
        self.assertEqual(
            {
                f"{ALICE} TOPIC #new :tea at five",
                ":chatroom 332 alice #new :tea at five",
                ":chatroom 333 alice #new alice!~alice@alice.chatroom 1767225600",
            },
            set(self.alice.reads()),
        )
        self.assertEqual([f"{ALICE} TOPIC #new :tea at five"], self.dave.reads())
        self.dave.types("TOPIC #new :coffee")
        self.assertEqual(["482"], numbers(self.dave))
        self.alice.types("TOPIC #new :")
        self.assertEqual([f"{ALICE} TOPIC #new :"], self.dave.reads())

    def test_operators_who_return(self) -> None:
        """An operator who leaves and joins again still is one, and the others read so."""
        self.dave.types("NS REGISTER correct horse battery")
        self.alice.types("MODE #new +o dave")
        self.alice.reads()
        self.dave.types("PART #new", "JOIN #new")
        self.assertEqual([f"{DAVE} PART #new", f"{DAVE} JOIN #new", ":chatroom MODE #new +o dave"], self.alice.reads())
        self.assertIn(":chatroom 353 dave = #new :@alice @dave", self.dave.reads())

    def test_ranks_of_people_who_are_not_there(self) -> None:
        """An account that becomes operator of a room it is not in is told of in a sentence, as clients know members."""
        self.server.account("erin")
        self.dave.reads()
        self.alice.types("MODE #new +o erin")
        self.assertEqual([":chatroom NOTICE #new :alice made erin an operator."], self.dave.reads())

    def test_part(self) -> None:
        """Who leaves reads so, and the others do with the reason."""
        self.dave.types("PART #new :bye")
        self.assertEqual([f"{DAVE} PART #new :bye"], self.dave.reads())
        self.assertEqual([f"{DAVE} PART #new :bye"], self.alice.reads())
        self.dave.types("PART #new", "PART #nowhere")
        self.assertEqual(["442", "403"], numbers(self.dave))

    def test_kick(self) -> None:
        """An operator kicks somebody; a member cannot, and nobody who is not there can be kicked."""
        self.dave.types("KICK #new alice")
        self.assertEqual(["482"], numbers(self.dave))
        self.alice.types("KICK #new dave :go", "KICK #new bob")
        kicked = f"{ALICE} KICK #new dave :go"
        self.assertIn(kicked, self.alice.reads())
        self.assertEqual([kicked], self.dave.reads())

    def test_kick_several(self) -> None:
        """Several people are kicked by one KICK, from one room or from one each."""
        self.bob.types("/join new")
        self.alice.reads()
        self.alice.types("KICK #new,#new bob,dave :go")
        kicked = [f"{ALICE} KICK #new bob :go", f"{ALICE} KICK #new dave :go"]
        self.assertEqual(kicked, self.alice.reads())

    def test_names_of_several_rooms(self) -> None:
        """NAMES of several rooms ends once, with the rooms as they were asked for."""
        self.alice.types("NAMES #new,#lobby,#nowhere")
        lines = self.alice.reads()
        self.assertEqual(["353", "353", "366"], [line.split(" ")[1] for line in lines])
        self.assertEqual(":chatroom 366 alice #new,#lobby,#nowhere :End of names.", lines[-1])

    def test_list_of_invitations(self) -> None:
        """INVITE alone lists the rooms that one is invited to, until one has joined them."""
        eve = self.server.irc_client("eve")
        self.alice.types("INVITE eve #new")
        eve.reads()
        eve.types("INVITE", "INVITE #new")
        self.assertEqual(
            [":chatroom 336 eve #new", ":chatroom 337 eve :End of INVITE list", "461"],
            [*(lines := eve.reads())[:2], *[line.split()[1] for line in lines[2:]]],
        )
        eve.types("JOIN #new")
        eve.reads()
        eve.types("INVITE")
        self.assertEqual(["337"], numbers(eve))

    def test_invite(self) -> None:
        """An invitation is read by the one who is invited, and lets them into a room that is invite-only."""
        self.alice.types("MODE #new +i", "INVITE bob #new")
        self.assertIn(":chatroom 341 alice bob #new", self.alice.reads())
        self.bob.types("/join new")
        self.assertIn("You are in new.", self.bob.reads())
        self.alice.reads()
        self.alice.types("INVITE bob #new")
        self.assertEqual(["443"], numbers(self.alice))

    def test_refused_invitations(self) -> None:
        """INVITE is 442 from outside of a room, and 482 from a member of one that is invite-only."""
        self.alice.types("JOIN #tea")
        self.dave.types("INVITE bob #tea")
        self.assertEqual(["442"], numbers(self.dave))
        self.alice.types("MODE #new +i")
        self.dave.reads()
        self.dave.types("INVITE bob #new", "INVITE nobody #new")
        self.assertEqual(["482", "482"], numbers(self.dave))
        self.alice.reads()
        self.alice.types("INVITE nobody #new")
        self.assertEqual(["401"], numbers(self.alice))

    def test_quit_and_nick_are_read_once(self) -> None:
        """In two rooms with somebody, one reads a new nickname and a goodbye once."""
        self.dave.types("NICK david")
        self.assertEqual([f"{DAVE} NICK david"], self.dave.reads())
        self.assertEqual([f"{DAVE} NICK david"], self.alice.reads())
        self.dave.types("QUIT :bed")
        self.assertEqual([":david!~david@david.chatroom QUIT :bed"], self.alice.reads())

    def test_two_clients_of_one_account(self) -> None:
        """Where one client of an account joins, leaves or talks, the other one knows it."""
        self.alice.types("NS REGISTER correct horse battery")
        self.alice.reads()
        second = self.server.irc_client()
        second.types("PASS :alice:correct horse battery", "NICK alice", "USER a 0 * :Alice")
        joined = [line for line in second.reads() if " JOIN " in line]
        self.assertEqual([f"{ALICE} JOIN #lobby", f"{ALICE} JOIN #new"], joined)
        self.alice.types("JOIN #tea", "PRIVMSG #tea :hi", "PART #tea")
        self.assertEqual(
            [
                f"{ALICE} JOIN #tea",
                ":chatroom MODE #tea +o alice",
                ":chatroom 353 alice = #tea :@alice",
                ":chatroom 366 alice #tea :End of names.",
                f"{ALICE} PRIVMSG #tea :hi",
                f"{ALICE} PART #tea",
            ],
            second.reads(),
        )


class ManyAtOnceTests(SynchronousTestCase):
    """One line for several rooms or people."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice = self.server.irc_client("alice")
        self.server.wait(60)

    def done(self, lines: list[str], word: str) -> int:
        """How many of these things were done before alice had to wait for her turn; in the end, all are."""
        self.server.wait(300)
        self.alice.reads()
        self.alice.types(*lines)
        return sum(f" {word} " in line for line in self.alice.reads())

    def test_joins_all_that_a_person_can_be_in(self) -> None:
        """A client that names all its rooms in one JOIN is in all of them, and leaves all of them by one PART."""
        rooms = ",".join(f"#room{number}" for number in range(1, 20))
        self.assertEqual(19, self.done([f"JOIN {rooms}"], "JOIN"))
        self.assertEqual(19, self.done([f"PART {rooms}"], "PART"))
        self.alice.types("VERSION")
        self.assertIn("JOIN:20,KICK:4,LIST:1,NAMES:4,NOTICE:4,PART:20,PRIVMSG:4,WHOIS:1", "".join(self.alice.reads()))

    def test_each_of_them_costs_a_line(self) -> None:
        """Rooms, people and modes that one line names cost as much as a line each, so that no line stops the others."""
        rooms = ",".join(f"#room{number}" for number in range(10))
        self.assertLessEqual(self.done([f"JOIN {rooms}", f"PART {rooms}"] * 20, "JOIN"), 30)
        self.server.wait(300)
        self.alice.types("JOIN #den")
        self.assertLessEqual(self.done(["MODE #den " + "+m-m" * 5] * 20, "MODE"), 50)
        self.assertLessEqual(self.done(["MODE #den +i"], "MODE"), 1)
        bob = self.server.irc_client("bob")
        self.server.wait(300)
        self.alice.types(*["PRIVMSG #den,#lobby,bob,alice :hi"] * 40)
        self.assertLessEqual(sum("PRIVMSG bob" in line for line in bob.reads()), 12)

    def test_names_of_one_room_twice(self) -> None:
        """A room that NAMES names several times is shown once."""
        self.assertEqual(1, self.done(["NAMES #lobby,#lobby,#lobby"], "353"))


class ModeTests(SynchronousTestCase):
    """What a room is, and whom it bans."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_rate=OFF))
        self.alice = self.server.irc_client("alice")
        self.dave = self.server.irc_client("dave")
        self.alice.types("JOIN #new")
        self.dave.types("JOIN #new")
        for each in (self.alice, self.dave):
            each.receives()

    def test_they_are_shown(self) -> None:
        """The modes of a room are shown, without its password to people who have not given it."""
        self.alice.types("MODE #new +ik s3cret")
        self.alice.reads(), self.dave.reads()
        self.dave.types("MODE #new")
        self.assertEqual(":chatroom 324 dave #new +iknt *", self.dave.reads()[0])

    def test_password_and_invitation(self) -> None:
        """A room with a password is 475 without it, and one that is invite-only is 473."""
        bob = self.server.irc_client("bob")
        self.alice.types("MODE #new +k s3cret")
        bob.types("JOIN #new", "JOIN #new wrong", "JOIN #new s3cret")
        self.assertEqual(["475", "475", "JOIN", "353", "366"], numbers(bob))
        bob.types("PART #new")
        bob.reads()
        self.alice.types("MODE #new -k+i *")
        bob.types("JOIN #new")
        self.assertEqual(["473"], numbers(bob))

    def test_everyone_reads_changes(self) -> None:
        """A change is read by everyone in the room, who made it as well."""
        self.alice.types("MODE #new +o dave", "MODE #new -t")
        read = [f"{ALICE} MODE #new +o dave", f"{ALICE} MODE #new -t"]
        self.assertEqual(read, self.alice.reads())
        self.assertEqual(read, self.dave.reads())

    def test_ban_by_the_mask_of_a_client(self) -> None:
        """The masks that irssi and WeeChat make of a host ban that person, are listed, and are lifted."""
        for mask in ("*!*~dave@dave.chatroom", "*!*@dave.chatroom", "dave!*@*", "dave"):
            self.alice.types(f"MODE #new +b {mask}")
            self.assertIn(f"{ALICE} MODE #new +b dave!*@*", self.alice.reads(), mask)
            self.dave.reads()
            self.dave.types("JOIN #new")
            self.assertEqual(["474"], numbers(self.dave), mask)
            self.alice.types("MODE #new b", "MODE #new -b dave!*@*")
            self.assertIn("367", numbers(self.alice))
            self.dave.types("JOIN #new")
            self.assertIn("366", numbers(self.dave), mask)
            self.alice.reads()

    def test_ban_of_somebody_who_is_not_there(self) -> None:
        """Who is not in the room is banned and not kicked: nobody reads that they left, now or in the history."""
        self.server.guest("eve")
        self.dave.reads()
        for nick in ("eve", "nobody"):
            self.alice.types(f"MODE #new +b {nick}")
            self.assertEqual([f"{ALICE} MODE #new +b {nick}!*@*"], self.dave.reads())
        self.alice.types("MODE #new +b dave", "MODE #new +b dave")
        self.assertEqual(["MODE", "KICK"], numbers(self.dave))
        self.alice.reads()
        self.alice.types("MODE #new +b eve")
        self.assertEqual(["MODE"], numbers(self.alice))

    def test_mask_of_many(self) -> None:
        """A mask that fits several people is refused, and nobody is banned."""
        self.alice.types("MODE #new +b *!*@*")
        self.assertEqual(["696"], numbers(self.alice))
        self.assertEqual([], self.dave.reads())

    def test_mute(self) -> None:
        """A mask that begins with m: mutes: what the person says is 404."""
        self.alice.types("MODE #new +b m:*!*@dave.chatroom")
        self.assertIn(f"{ALICE} MODE #new +b m:dave!*@*", self.alice.reads())
        self.dave.reads()
        self.dave.types("PRIVMSG #new :hi")
        self.assertEqual(["404"], numbers(self.dave))

    def test_unknown_modes(self) -> None:
        """A letter that is no mode here is 472 for a room and 501 for oneself; others are nobody's business."""
        self.alice.types("MODE #new +Z 5", "MODE alice +w", "MODE dave", "MODE nobody")
        self.assertEqual(["472", "501", "502", "401"], numbers(self.alice))

    def test_what_is_on_oneself(self) -> None:
        """A member reads of the list of bans what is on themselves, and nothing of others."""
        self.alice.types("MODE #new +b m:dave!*@*", "MODE #new +b eve!*@*")
        self.dave.reads()
        self.dave.types("MODE #new +b")
        self.assertEqual(["dave!*@*"], [line.split()[4].removeprefix("m:") for line in self.dave.reads()][:-1])

    def test_members_change_nothing(self) -> None:
        """Without a role, every change is 482, and the list of bans is empty."""
        self.dave.types("MODE #new +i", "MODE #new +o dave", "MODE #new b")
        self.assertEqual(["482", "482", "368"], numbers(self.dave))
