"""
Talk between IRC clients and everybody else.
"""

from __future__ import annotations

import re

from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import Limits
from chatroom.testing import Server
from tests.daemon.slow import SlowServer

ALICE = ":alice!~alice@alice.chatroom"
BOB = ":bob!~bob@bob.chatroom"


class TalkTests(SynchronousTestCase):
    """A person with nc and an IRC client in one room."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")
        self.alice = self.server.irc_client("alice")
        self.bob.reads()

    def test_both_ways(self) -> None:
        """What one says the other reads, each once, and the client is not told its own lines."""
        self.alice.types("PRIVMSG #lobby :hello")
        self.bob.types("hi there")
        self.assertEqual(["<alice> hello"], self.bob.reads())
        self.assertEqual([f"{BOB} PRIVMSG #lobby :hi there"], self.alice.reads())

    def test_actions(self) -> None:
        """CTCP ACTION is /me, in both directions."""
        self.alice.types("PRIVMSG #lobby :\x01ACTION waves\x01")
        self.bob.types("/me nods")
        self.assertEqual(["* alice waves"], self.bob.reads())
        self.assertEqual([f"{BOB} PRIVMSG #lobby :\x01ACTION nods\x01"], self.alice.reads())

    def test_whispers(self) -> None:
        """PRIVMSG to a nickname is a whisper, in both directions."""
        self.alice.types("PRIVMSG bob :psst")
        self.assertEqual(["[alice whispers] psst"], self.bob.reads())
        self.bob.types("@alice what?")
        self.assertEqual([f"{BOB} PRIVMSG alice :what?"], self.alice.reads())

    def test_passwords_stay_unread(self) -> None:
        """A line that looks like a command with a password reaches no room and no person, and says what to type."""
        for line in (
            " /msg NickServ identify hunter",
            "NickServ identify hunter22",
            "/login ann hunter",
            "//oper ann pw",
        ):
            for target in ("#lobby", "bob", "@#lobby", "#lobby,bob"):
                self.alice.types(f"PRIVMSG {target} :{line}")
                self.server.wait(1)
                self.assertEqual([], self.bob.reads(), line)
                self.assertIn("nobody else has read it. To ", self.alice.reads()[0])

    def test_refused_in_the_words_of_irc(self) -> None:
        """A refused line to a room is 404 with the room, and the sentence names what IRC clients know."""
        self.alice.types("PRIVMSG #lobby :nickserv register hunter22")
        self.assertEqual(
            [
                ":chatroom 404 alice #lobby :That looks like a command with a password, so nobody else has read it. "
                "To make an account, type /msg NickServ REGISTER PASSWORD. To send it all the same, put another word "
                "before it."
            ],
            self.alice.reads(),
        )
        self.alice.types("PRIVMSG #lobby :type nickserv register hunter22")
        self.assertEqual(["<alice> type nickserv register hunter22"], self.bob.reads())

    def test_help_is_no_password(self) -> None:
        """People can tell each other what to type."""
        for line in (
            "/msg NickServ HELP",
            " /msg NickServ IDENTIFY PASSWORD",
            "NickServ is down",
            "/join #den",
            "@bob hi",
        ):
            self.alice.types(f"PRIVMSG #lobby :{line}")
            self.assertEqual([f"<alice> {line}"], self.bob.reads())

    def test_services_are_written_to_alone(self) -> None:
        """What is sent to a service and to others at once reaches nobody: it may have a password in it."""
        for targets in ("NickServ,bob", "#lobby,NickServ@services.chatroom", "bob,chatroom"):
            self.alice.types(f"PRIVMSG {targets} :identify hunter")
            self.assertEqual([], self.bob.reads())
            self.assertIn(f" 407 alice {targets} :Send to ", self.alice.reads()[0])

    def test_refusals_of_what_is_for_operators(self) -> None:
        """What operators alone were to read is refused with the room's name, as talk in the room is."""
        self.alice.types("PRIVMSG @#den :hello")
        self.assertIn(" 403 alice #den :", self.alice.reads()[0])
        operator = self.server.guest("olga")
        operator.types("/create den")
        self.alice.types("JOIN #den")
        operator.types("/mute alice")
        self.alice.reads()
        self.alice.types("PRIVMSG @#den :hello")
        self.assertIn(":chatroom 404 alice #den :You are muted in den until ", self.alice.reads()[0])
        self.alice.types("JOIN #tea")
        self.alice.reads()
        self.alice.types("PRIVMSG @#tea :hello")
        self.assertEqual(
            [":chatroom 404 alice #tea :You are the only operator in tea at the moment."], self.alice.reads()
        )

    def test_notices(self) -> None:
        """NOTICE to a room is what a program says by itself: people read it as talk, clients as NOTICE."""
        carol = self.server.irc_client("carol")
        program = self.server.program("dave")
        self.alice.reads()
        self.alice.types("NOTICE #lobby :beep")
        self.assertIn("<alice> beep", self.bob.reads())
        self.assertIn(f"{ALICE} NOTICE #lobby :beep", carol.reads())
        self.assertEqual("auto-said", program.hears()[-1]["event"])

    def test_colours_are_left_out(self) -> None:
        """Formatting goes with its digits, and CTCP for programs is said to nobody."""
        self.alice.types("PRIVMSG #lobby :\x0304,01red\x03 and \x02bold", "PRIVMSG #lobby :\x01VERSION\x01")
        self.assertEqual(["<alice> red and bold"], self.bob.reads())
        self.assertEqual([], self.alice.reads())

    def test_long_lines_are_split(self) -> None:
        """600 letters of two bytes come in lines of at most 512 bytes, which joined are the text."""
        self.bob.types("é" * 600)
        lines = self.alice.receives().split(b"\r\n")[:-1]
        self.assertLessEqual(3, len(lines))
        self.assertTrue(all(len(line) <= 510 for line in lines))
        self.assertEqual("é" * 600, "".join(line.decode().partition(" :")[2] for line in lines))

    def test_first_piece_has_the_identity(self) -> None:
        """Of a text in several lines, the first has the msgid, and all have the time."""
        carol = self.server.irc_client("carol", "message-tags", "server-time")
        self.server.program("dave").asks("say", text="one\ntwo")
        self.assertEqual(
            [
                "@time=2026-01-01T00:00:00.000Z;msgid=lobby-6 :dave!~dave@dave.chatroom PRIVMSG #lobby :one",
                "@time=2026-01-01T00:00:00.000Z :dave!~dave@dave.chatroom PRIVMSG #lobby :two",
            ],
            [line for line in carol.reads() if "PRIVMSG" in line],
        )

    def test_line_that_fits_only_without_a_name(self) -> None:
        """A line that is too long with the author's name before it is 417, and nobody reads half of it."""
        self.alice.types("PRIVMSG #lobby :" + "x" * 494, "PRIVMSG #lobby :" + "x" * 450)
        self.assertEqual(["417"], [line.split(" ")[1] for line in self.alice.reads()])
        self.assertEqual([f"<alice> {'x' * 450}"], self.bob.reads())

    def test_names_that_fill_a_line(self) -> None:
        """Where names leave no room for a text, it is written all the same, in lines that are longer than others."""
        server = Server(Limits(nick_length=64), name="a" * 200)
        alice = server.irc_client("alice")
        bob = server.guest("\U00020000" * 64)
        alice.reads()
        bob.types("hello")
        self.assertIn("PRIVMSG #lobby :hello", alice.reads()[-1])

    def test_several_targets(self) -> None:
        """One message may go to a room and a person; what cannot be sent is refused by its target."""
        self.alice.types("PRIVMSG #lobby,bob,nobody :hi")
        self.assertEqual(["<alice> hi", "[alice whispers] hi"], self.bob.reads())
        self.assertEqual(["401"], [line.split(" ")[1] for line in self.alice.reads()])

    def test_notices_to_people(self) -> None:
        """NOTICE to somebody is a whisper that no program answers: clients read NOTICE, programs C{auto}."""
        carol = self.server.irc_client("carol")
        program = self.server.program("dave")
        self.alice.types("NOTICE bob,carol,dave :beep")
        self.assertEqual([f"{ALICE} NOTICE carol :beep"], [line for line in carol.reads() if "beep" in line])
        self.assertIn("[alice whispers] beep", self.bob.reads())
        self.assertIs(True, program.hears()[-1]["auto"])

    def test_notices_are_never_answered(self) -> None:
        """A NOTICE that cannot be sent is not refused: programs would answer one another's refusals."""
        self.alice.types("NOTICE #nowhere :beep", "NOTICE nobody :beep")
        self.assertEqual([], self.alice.reads())

    def test_whisper_to_the_absent(self) -> None:
        """A whisper to an account that is not there waits for it, also as one of several targets."""
        self.server.account("carol").types("QUIT")
        self.alice.types("PRIVMSG carol :one", "PRIVMSG carol,bob :two")
        carol = self.server.connection()
        carol.types("/login carol correct horse battery", "/inbox")
        self.assertEqual(
            ["one", "two"], [line.split("whispers] ")[1] for line in carol.reads() if "[alice whispers]" in line]
        )

    def test_whisper_that_waits(self) -> None:
        """A whisper to an account that is not there is read at its next login, with its time."""
        self.server.account("carol", "correct horse").types("QUIT")
        self.alice.reads()
        self.alice.types("PRIVMSG carol :call me")
        self.assertEqual(
            [":chatroom NOTICE alice :carol is offline. Your whisper is in their inbox."], self.alice.reads()
        )
        self.server.wait(3600)
        carol = self.server.irc_client()
        carol.types("CAP REQ :server-time", "PASS :correct horse", "NICK carol", "USER c 0 * :Carol", "CAP END")
        self.assertIn(f"@time=2026-01-01T00:00:00.000Z {ALICE} PRIVMSG carol :call me", carol.reads())

    def test_whisper_to_somebody_away(self) -> None:
        """Who whispers to somebody who is away reads that, and not for a NOTICE."""
        self.bob.types("/away lunch")
        self.alice.reads()
        self.alice.types("PRIVMSG bob :psst", "NOTICE bob :beep")
        self.assertEqual([":chatroom 301 alice bob :lunch"], self.alice.reads())

    def test_where_one_is_not(self) -> None:
        """What is said to a room that one is not in, to none, or while muted, is refused, and said nowhere else."""
        self.bob.types("/create den")
        self.bob.reads()
        self.alice.types("PRIVMSG #den :one", "PRIVMSG #nowhere :two", "JOIN #den")
        refused = [line.split(" ")[1] for line in self.alice.reads()]
        self.assertEqual(["404", "403"], refused[:2])
        self.bob.types("/mute alice")
        self.alice.types("PRIVMSG #den :four")
        self.assertIn(":chatroom 404 alice #den :", "\n".join(self.alice.reads()))
        self.assertFalse([line for line in self.bob.reads() if "<alice>" in line])

    def test_nothing_to_say(self) -> None:
        """A message without a target is 411, and without a text 412."""
        self.alice.types("PRIVMSG", "PRIVMSG #lobby", "PRIVMSG #lobby :")
        self.assertEqual(["411", "412", "412"], [line.split(" ")[1] for line in self.alice.reads()])


class CapabilityTests(SynchronousTestCase):
    """What changes with what a client has asked for."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")

    def test_echo(self) -> None:
        """With echo-message, a client reads its own line as the others do, with its place in the room."""
        alice = self.server.irc_client("alice", "echo-message", "message-tags")
        alice.types("PRIVMSG #lobby :hello", "PRIVMSG bob :psst")
        read = [re.sub(r"msgid=w\.[0-9a-f]+\.[0-9a-f]{8}", "msgid=W", line) for line in alice.reads()]
        self.assertEqual([f"@msgid=lobby-4 {ALICE} PRIVMSG #lobby :hello", f"@msgid=W {ALICE} PRIVMSG bob :psst"], read)

    def test_whispers_on_other_clients(self) -> None:
        """What a person whispers by one client, their others with echo-message read as well, and nobody else."""
        self.server.account("anna")
        clients = [self.server.irc_client() for _ in range(3)]
        for client, wanted in zip(clients, ("", "echo-message", ""), strict=True):
            client.types(*([f"CAP REQ {wanted}"] if wanted else []), "PASS :anna:correct horse battery", "NICK anna")
            client.types("USER anna 0 * :Anna", "CAP END")
            client.reads()
        self.bob.reads()
        clients[0].types("PRIVMSG bob :psst")
        self.assertIn("[anna whispers] psst", self.bob.reads())
        self.assertEqual([[], [":anna!~anna@anna.chatroom PRIVMSG bob :psst"], []], [each.reads() for each in clients])

    def test_echo_of_several(self) -> None:
        """With a label, what goes to several comes back as one batch."""
        alice = self.server.irc_client("alice", "echo-message", "labeled-response", "batch")
        alice.types("@label=x PRIVMSG #lobby,bob :hi")
        self.assertEqual(
            [
                "@label=x :chatroom BATCH +b1 labeled-response",
                f"@batch=b1 {ALICE} PRIVMSG #lobby :hi",
                f"@batch=b1 {ALICE} PRIVMSG bob :hi",
                ":chatroom BATCH -b1",
            ],
            alice.reads(),
        )

    def test_away_people_join(self) -> None:
        """With away-notify, a client reads of somebody who joins that they are away."""
        alice = self.server.irc_client("alice", "away-notify")
        self.bob.types("/away lunch")
        alice.types("JOIN #tea")
        alice.reads()
        self.bob.types("/join tea")
        self.assertEqual([f"{BOB} JOIN #tea", f"{BOB} AWAY :lunch"], alice.reads())

    def test_labels(self) -> None:
        """A label comes back on one line, on a batch of several, and on ACK where there is nothing to say."""
        alice = self.server.irc_client("alice", "labeled-response", "batch")
        for line in ("@label=a PING x", "@label=b PRIVMSG #lobby :hi", "@label=c NAMES #lobby"):
            alice.types(line)
        self.assertEqual(
            [
                "@label=a :chatroom PONG chatroom :x",
                "@label=b :chatroom ACK",
                "@label=c :chatroom BATCH +b1 labeled-response",
                "@batch=b1 :chatroom 353 alice = #lobby :alice bob",
                "@batch=b1 :chatroom 366 alice #lobby :End of names.",
                ":chatroom BATCH -b1",
            ],
            alice.reads(),
        )

    def test_one_rendering_for_all_alike(self) -> None:
        """Clients with the same capabilities are written to in one form, however many they are."""
        first, second = frozenset({"server-time", "sasl", "batch"}), frozenset({"server-time"})
        style = self.server.irc.style
        self.assertIs(style(first).form(True), style(second).form(False))
        self.assertIsNot(style(first), style(frozenset()))

    def test_pong_comes_after_what_others_said(self) -> None:
        """What the server was sent by others before a PING is read before its PONG."""
        alice, carol = self.server.irc_client("alice"), self.server.irc_client("carol")
        for target in ("carol", "#lobby"):
            with self.subTest(target):
                carol.reads()
                alice.protocol.dataReceived(f"PRIVMSG {target} :hello\r\n".encode())  # in one turn of the reactor
                carol.types("PING x")
                line, pong = carol.reads()
                self.assertTrue(line.endswith(f" PRIVMSG {target} :hello"), line)
                self.assertEqual(":chatroom PONG chatroom :x", pong)

    def test_pong_comes_after_what_lay_at_other_connections(self) -> None:
        """What others had sent when a PING was read comes before its PONG, even if their connections are read later."""
        for target in ("carol", "#lobby"):
            with self.subTest(target):
                alice, carol = self.server.irc_client("alice"), self.server.irc_client("carol")
                carol.protocol.dataReceived(b"PING x\r\n")  # both in one turn of the reactor
                alice.types(f"PRIVMSG {target} :hello")
                line, pong = carol.reads()
                self.assertTrue(line.endswith(f" PRIVMSG {target} :hello"), line)
                self.assertEqual(":chatroom PONG chatroom :x", pong)
                alice.disconnects()
                carol.disconnects()

    def test_pong_comes_although_the_database_is_away(self) -> None:
        """A client that has said nothing waits five seconds for what others said, and never longer."""
        server = SlowServer()
        alice, carol = server.irc_client("alice"), server.irc_client("carol")
        server.slow.busy, server.slow.answers = True, False
        alice.types("PRIVMSG #lobby :hello")
        carol.types("PING x")
        server.wait(4.9)
        self.assertNotIn(":chatroom PONG chatroom :x", carol.reads())
        server.wait(0.2)
        self.assertIn(":chatroom PONG chatroom :x", carol.reads())
        server.slow.answers = True
        server.catches_up()
        server.wait(1)
        self.assertIn(":alice!~alice@alice.chatroom PRIVMSG #lobby :hello", carol.reads())

    def test_pong_is_a_barrier(self) -> None:
        """PONG comes when all that was said before is kept and told."""
        alice = self.server.irc_client("alice")
        alice.types("PRIVMSG #lobby :last words", "PING x")
        self.assertEqual([":chatroom PONG chatroom :x"], alice.reads())
        self.assertIn("<alice> last words", self.bob.reads())
