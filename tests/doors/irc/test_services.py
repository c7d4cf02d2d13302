"""
NickServ and its like, and our own commands from IRC clients.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc import chanserv, nickserv
from chatroom.events import ServerRole
from chatroom.limits import OFF, Limits
from chatroom.testing import IrcClient, Server
from tests.doors.irc.asking import LOTS, numbers

PASSWORD = "correct horse battery"


def said(client: IrcClient, service: str, text: str) -> list[str]:
    """What a service answers to a client."""
    client.reads()
    client.types(f"PRIVMSG {service} :{text}")
    return [line.partition(" :")[2] for line in client.reads() if line.startswith(f":{service}!")]


class ServiceTests(SynchronousTestCase):
    """NickServ and its like, which nobody can be."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_rate=OFF))
        self.alice = self.server.irc_client("alice", "account-notify")

    def serves(self, text: str) -> list[str]:
        """What NickServ answers to alice."""
        return said(self.alice, "NickServ", text)

    def test_register_and_identify(self) -> None:
        """A guest registers, and identifies on another connection; those around read that it is an account."""
        bob = self.server.irc_client("bob", "account-notify")
        self.alice.reads()
        self.assertIn(
            "alice is now your account; its password is asked for from now on.", self.serves("REGISTER secret words")
        )
        self.assertIn(":alice!~alice@alice.chatroom ACCOUNT alice", bob.reads())
        self.alice.types("QUIT")
        bob.reads()
        self.alice = self.server.irc_client("alice_")
        self.assertEqual(["Wrong nickname or password."], self.serves("IDENTIFY alice wrong"))
        self.alice.types("PRIVMSG NickServ :IDENTIFY alice secret words")
        lines = self.alice.reads()
        self.assertEqual(["900", "NICK"], numbers(lines)[:2])
        self.assertIn(":alice_!~alice_@alice_.chatroom NICK alice", lines)
        self.assertTrue(lines[-1].endswith("NOTICE alice :You are logged in as alice."), lines)
        self.assertIn(":alice_!~alice_@alice_.chatroom NICK alice", bob.reads())

    def test_short_passwords(self) -> None:
        """What our command refuses is refused by NickServ with the same sentence."""
        self.assertIn("at least 8 characters", self.serves("REGISTER tea")[0])

    def test_nobody_is_a_service(self) -> None:
        """No guest can take the nickname of a service, from whatever door."""
        person = self.server.connection()
        person.types("NickServ")
        self.assertTrue(any("reserved" in line for line in person.reads()))

    def test_our_own_commands(self) -> None:
        """A word that IRC does not know is a command of ours, and what nobody knows is 421."""
        self.alice.types("JOIN #tea", "TOPIC #tea :leaves")
        self.alice.reads()
        self.alice.types("rooms")
        self.assertIn(":chatroom NOTICE alice :tea: 1 person (you are in it). leaves", self.alice.reads())
        self.alice.types("nonsense")
        self.assertIn(" 421 alice NONSENSE :", self.alice.reads()[0])


class HelpTests(SynchronousTestCase):
    """HELP, which is another one for each service."""

    def setUp(self) -> None:
        self.server = Server(LOTS)
        self.alice = self.server.irc_client("alice")

    def test_each_service_has_its_own(self) -> None:
        """NickServ lists the words for accounts and ChanServ those for rooms; the others say whom to ask."""
        nick, chan = (said(self.alice, service, "HELP") for service in ("NickServ", "ChanServ"))
        self.assertIn("REGISTER PASSWORD makes your nickname an account.", nick)
        self.assertIn("OP #ROOM [NICK] makes a person an operator.", chan)
        self.assertEqual({chan[-1]}, set(nick) & set(chan))
        self.assertIn("/msg NickServ HELP", said(self.alice, "MemoServ", "HELP")[0])

    def test_one_word(self) -> None:
        """HELP and a word explains it, also where it is one of our commands; a service knows the other one's words."""
        self.assertEqual(
            ["IDENTIFY [NAME] PASSWORD logs in to an account. You have its name for a nickname then."],
            said(self.alice, "NickServ", "HELP identify"),
        )
        self.assertEqual(["Usage: ID [NAME] PASSWORD"], said(self.alice, "NickServ", "HELP ID"))
        self.assertIn("#ROOM", said(self.alice, "ChanServ", "HELP REGISTER")[0])
        self.assertIn("#ROOM", said(self.alice, "NickServ", "HELP AKICK")[0])
        self.assertTrue(said(self.alice, "NickServ", "HELP search")[0].startswith("/search"))
        self.assertTrue(len(said(self.alice, "ChanServ", "HELP COMMANDS")) > 3)

    def test_words_that_lack_something(self) -> None:
        """Each word that needs more says how it is used."""
        for service, words in (("NickServ", nickserv.WORDS), ("ChanServ", chanserv.WORDS)):
            for word, known in words.items():
                if (known.usage and not known.usage.startswith("[N")) or word in ("IDENTIFY", "ID", "LOGIN", "AUTH"):
                    [line] = said(self.alice, service, word)
                    self.assertTrue(line.startswith("Usage: "), (word, line))
        self.assertEqual(
            ["There is no command NONSENSE. To see what there is, send HELP."], said(self.alice, "ChanServ", "NONSENSE")
        )


class NickServTests(SynchronousTestCase):
    """Accounts: alice has one, and a client of hers is called alice_."""

    def setUp(self) -> None:
        self.server = Server(LOTS)
        self.page = self.server.account("alice", PASSWORD)
        self.client = self.server.irc_client("alice_")

    def serves(self, text: str) -> list[str]:
        """What NickServ answers to the client."""
        return said(self.client, "NickServ", text)

    def test_identify_as_another_account(self) -> None:
        """IDENTIFY by somebody who is logged in leaves that account for the other one, as SASL does."""
        self.server.account("carl", PASSWORD).types("QUIT")
        self.assertEqual(["You are logged in as alice."], self.serves(f"IDENTIFY alice {PASSWORD}"))
        self.assertEqual(["You are logged in as carl."], self.serves(f"IDENTIFY carl {PASSWORD}"))
        self.client.types("MODE carl")
        self.assertIn("r", self.client.reads()[-1].split(" ")[-1])
        self.assertEqual(["Wrong nickname or password."], self.serves("IDENTIFY alice wrong"))

    def test_the_nickname_back(self) -> None:
        """GHOST, REGAIN, RECOVER and RELEASE give the account's nickname, and nobody is disconnected for it."""
        for word in ("GHOST", "REGAIN", "RECOVER", "RELEASE"):
            client = self.server.irc_client("somebody")
            self.assertEqual(["You are logged in as alice."], said(client, "NickServ", f"{word} alice {PASSWORD}"))
            self.assertIn("as often as you like", said(client, "NickServ", f"{word} alice")[0])
            client.types("QUIT")
        self.assertEqual(["Usage: GHOST NAME PASSWORD"], self.serves("GHOST alice"))
        self.assertFalse(self.page.is_disconnected())

    def test_password(self) -> None:
        """SET PASSWORD needs the old one, and the new one is good from then on."""
        self.serves(f"IDENTIFY alice {PASSWORD}")
        self.assertEqual(["Usage: SET PASSWORD OLD NEW"], self.serves("SET PASSWORD new"))
        self.assertEqual(["Usage: SET PASSWORD OLD NEW"], self.serves("SET EMAIL a@example.org"))
        self.assertEqual(["Wrong nickname or password."], self.serves("SET PASSWORD wrong another-good-one"))
        self.page.types("QUIT")
        self.server.account("carl", "horse-battery").types("QUIT")
        carl = self.server.irc_client("carl_")
        said(carl, "NickServ", "IDENTIFY carl horse-battery")
        self.assertIn("has been changed", said(carl, "NickServ", "SET PASSWORD horse-battery staple-clip-pin")[0])
        self.assertEqual(
            ["You are logged in as carl."], said(self.server.irc_client("c"), "NickServ", "ID carl staple-clip-pin")
        )

    def test_what_is_known(self) -> None:
        """INFO, STATUS and ACC tell of somebody, or of oneself."""
        self.assertIn("With an account", self.serves("INFO alice")[0])
        self.assertIn("A guest", self.serves("INFO")[0])
        self.assertEqual(["STATUS alice 3"], self.serves("STATUS alice"))
        self.assertEqual(["STATUS alice_ 0"], self.serves("STATUS"))
        self.assertEqual(["nobody ACC 0"], self.serves("ACC nobody"))

    def test_logout_and_drop(self) -> None:
        """DROP says who deletes accounts, and LOGOUT disconnects."""
        self.assertIn("admin", self.serves("DROP alice")[0])
        self.assertIn("account", self.serves("LOGOUT")[0])
        self.serves(f"IDENTIFY alice {PASSWORD}")
        self.client.types("NS LOGOUT")
        self.assertTrue(self.client.is_disconnected())

    def test_guesses_are_counted(self) -> None:
        """Passwords that are guessed by IDENTIFY and GHOST have the tries of one account."""
        lines = [self.serves(f"{word} alice guess{word}{n}")[-1] for n in range(4) for word in ("IDENTIFY", "GHOST")]
        self.assertIn("Wrong nickname", lines[0])
        self.assertIn("Too many wrong passwords", lines[-1])


class ChanServTests(SynchronousTestCase):
    """Rooms: alice has an account and owns the tea room, where bob is."""

    def setUp(self) -> None:
        self.server = Server(LOTS)
        self.server.account("alice", PASSWORD).types("QUIT")
        self.alice = self.server.irc_client()
        self.alice.types(f"PASS :alice:{PASSWORD}", "NICK alice", "USER a 0 * :Alice", "JOIN #tea")
        self.bob = self.server.irc_client("bob")
        self.bob.types("JOIN #tea")
        self.bob.reads()

    def serves(self, text: str) -> list[str]:
        """What ChanServ answers to alice."""
        return said(self.alice, "ChanServ", text)

    def test_register(self) -> None:
        """REGISTER makes a room that is kept. Of one that exists, it says whose it is and whether it is kept."""
        self.assertIn("It is kept", self.serves("REGISTER #den")[0])
        self.assertIn("is kept when everybody has left", self.serves("REGISTER #den")[0])
        self.assertIn("deleted when everybody has left", self.serves("REGISTER #tea")[0])
        self.assertEqual(["#tea belongs to alice."], said(self.bob, "ChanServ", "REGISTER #tea"))
        self.assertIn("need an account", said(self.bob, "ChanServ", "REGISTER #cave")[0])
        self.assertEqual(["Usage: REGISTER #ROOM"], self.serves("REGISTER den"))

    def test_roles(self) -> None:
        """OP, DEOP, VOICE and DEVOICE change roles, with the guards of our commands; alone, they mean oneself."""
        self.serves("OP #tea bob")
        self.assertIn(":alice!~alice@alice.chatroom MODE #tea +o bob", self.bob.reads())
        self.assertEqual(["alice: owner", "bob: operator"], self.serves("ACCESS #tea LIST"))
        said(self.bob, "ChanServ", "DEOP #tea")
        self.serves("DEOP #tea bob")
        self.serves("VOICE #tea bob!*@*")
        self.assertEqual(["alice: owner", "bob: voice"], self.serves("ACCESS #tea"))
        self.serves("DEVOICE #tea bob")
        self.assertIn("only", said(self.bob, "ChanServ", "OP #tea")[0].lower())
        self.assertIn("only", said(self.bob, "ChanServ", "KICK #tea alice")[0].lower())

    def test_sanctions(self) -> None:
        """KICK, BAN, QUIET and AKICK act on one person, by nickname or mask, with a reason."""
        self.serves("QUIET #tea bob")
        self.bob.types("PRIVMSG #tea :hi")
        self.assertIn("404", numbers(self.bob.reads()))
        self.serves("UNQUIET #tea bob")
        self.serves("KICK #tea bob too loud")
        self.assertIn(":alice!~alice@alice.chatroom KICK #tea bob :too loud", self.bob.reads())
        self.serves("AKICK #tea ADD *!*@bob.chatroom too loud")
        self.bob.types("JOIN #tea")
        self.assertIn("474", numbers(self.bob.reads()))
        self.assertTrue(any("bob" in line for line in self.serves("AKICK #tea LIST")))
        self.assertIn("more than one person", self.serves("BAN #tea *!*@*")[0])
        self.serves("AKICK #tea DEL bob")
        self.bob.types("JOIN #tea")
        self.assertIn("366", numbers(self.bob.reads()))

    def test_what_is_known(self) -> None:
        """INFO tells members of a room what it is, and TOPIC shows and sets the topic."""
        self.serves("TOPIC #tea green and black")
        lines = self.serves("INFO #tea")
        self.assertIn("deleted when everybody has left", lines[0])
        self.assertIn("Owners who are here: alice.", lines)
        self.assertIn("Topic: green and black", lines)
        self.assertIn("green and black", self.serves("TOPIC #tea")[0])
        self.assertIn("nowhere", self.serves("INFO #nowhere")[0])

    def test_drop(self) -> None:
        """DROP is for the server's staff; others read when the room is deleted."""
        self.assertIn("deleted when everybody", self.serves("DROP #tea")[0])
        self.server.promote("alice", ServerRole.MODERATOR)
        self.serves("DROP #tea")
        self.bob.types("NAMES #tea")
        self.assertNotIn("353", numbers(self.bob.reads()))
