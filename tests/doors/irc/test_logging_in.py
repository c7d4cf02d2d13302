"""
How a client that has a nickname logs in, with the bytes that it reads and what it believes then.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.events import ServerRole
from chatroom.limits import Limits
from chatroom.testing import IrcClient, Server
from tests.doors.irc.asking import LOTS, numbers, plain
from tests.doors.irc.believing import MISSING, TODAY, Believer

PASSWORD = "correct horse"


class LoggingInTestCase(SynchronousTestCase):
    """Alice and carl have accounts. Nobody is online but bob, a guest in the tea room."""

    limits: Limits = LOTS

    def setUp(self) -> None:
        self.server = Server(self.limits)
        for name in ("alice", "carl"):
            self.server.account(name, PASSWORD).types("QUIT")
        self.bob = self.server.irc_client("bob", "sasl", "account-notify", "extended-join")
        self.bob.types("JOIN #tea")
        self.bob.reads()

    def authenticates(self, client: IrcClient, name: str, password: str = PASSWORD) -> list[str]:
        """What the client reads of its login. What it has heard before is left out."""
        client.reads()
        client.types("AUTHENTICATE PLAIN")
        self.assertEqual(["AUTHENTICATE +"], client.reads())
        client.types(f"AUTHENTICATE {plain(name, password)}")
        return client.reads()


class SaslTests(LoggingInTestCase):
    """AUTHENTICATE at any time."""

    def test_a_guest_logs_in(self) -> None:
        """A guest who authenticates reads 900 and 903, has the account's name then, and stays in the room."""
        dora = self.server.irc_client("dora")
        dora.types("JOIN #tea")
        dora.reads()
        self.assertEqual(
            [
                ":chatroom 900 bob alice!~alice@alice.chatroom alice :You are now logged in as alice.",
                ":chatroom 903 bob :SASL authentication successful.",
                ":bob!~bob@bob.chatroom NICK alice",
                ":alice!~alice@alice.chatroom ACCOUNT alice",
            ],
            self.authenticates(self.bob, "alice")[:4],
        )
        self.assertEqual(":bob!~bob@bob.chatroom NICK alice", dora.reads()[0])
        self.bob.types("PRIVMSG #tea :hi")
        self.assertEqual([":alice!~alice@alice.chatroom PRIVMSG #tea :hi"], dora.reads())

    def test_a_guest_who_is_here_already(self) -> None:
        """A guest who logs in to an account that is online takes that person along into the room."""
        page = self.server.program()
        page.asks("hello", nick="alice", password=PASSWORD)
        self.assertEqual(["900", "903", "NICK", "ACCOUNT"], numbers(self.authenticates(self.bob, "alice"))[:4])
        self.assertIn("tea", page.asks("whoami")["rooms"])

    def test_the_same_account_once_more(self) -> None:
        """A client that proves its account again reads 900 and 903, and nothing changes."""
        self.authenticates(self.bob, "alice")
        dora = self.server.irc_client("dora")
        dora.types("JOIN #tea")
        dora.reads()
        self.bob.reads()
        self.assertEqual(["900", "903"], numbers(self.authenticates(self.bob, "Alice")))
        self.assertEqual([], dora.reads())

    def test_another_account(self) -> None:
        """A client that logs in to another account leaves the first one, with its rooms, as others read too."""
        self.authenticates(self.bob, "alice")
        dora = self.server.irc_client("dora")
        dora.types("JOIN #tea")
        dora.reads()
        self.bob.reads()
        lines = self.authenticates(self.bob, "carl")
        self.assertEqual(
            [
                ":chatroom 900 alice carl!~carl@carl.chatroom carl :You are now logged in as carl.",
                ":chatroom 903 alice :SASL authentication successful.",
                ":alice!~alice@alice.chatroom PART #lobby",
                ":alice!~alice@alice.chatroom PART #tea",
                ":alice!~alice@alice.chatroom NICK carl",
                ":carl!~carl@carl.chatroom ACCOUNT carl",
                ":carl!~carl@carl.chatroom JOIN #lobby carl Bob",
            ],
            lines[:7],
        )
        self.assertEqual(["QUIT", "JOIN"], numbers(dora.reads()))
        self.bob.types("PRIVMSG #tea :hi")
        self.assertEqual(["404"], numbers(self.bob.reads()))
        self.assertEqual([], dora.reads())

    def test_wrong_password(self) -> None:
        """A wrong password is 904, and the client is who it was, as a guest and as an account."""
        self.assertEqual(["904"], numbers(self.authenticates(self.bob, "alice", "wrong")))
        self.authenticates(self.bob, "alice")
        self.assertEqual(["904"], numbers(self.authenticates(self.bob, "carl", "wrong")))
        self.bob.types("PRIVMSG #tea :hi", "WHOIS alice")
        self.assertIn("330", numbers(self.bob.reads()))

    def test_banned_from_the_server(self) -> None:
        """Who proves an account that is banned from the server is who they were, and reads why."""
        self.server.promote("carl", ServerRole.MODERATOR)
        mia = self.server.program()
        mia.asks("hello", nick="carl", password=PASSWORD)
        self.assertTrue(mia.asks("gban", target="alice")["ok"])
        lines = self.authenticates(self.bob, "alice")
        self.assertEqual(["904"], numbers(lines))
        self.assertIn("banned", lines[0])
        self.bob.types("PRIVMSG #tea :hi")
        self.assertEqual([], self.bob.reads())

    def test_without_the_capability(self) -> None:
        """A client that has not asked for sasl is told to, with 904."""
        dora = self.server.irc_client("dora")
        dora.types("AUTHENTICATE PLAIN")
        self.assertEqual(["904"], numbers(dora.reads()))

    def test_registration_ends_an_exchange(self) -> None:
        """A client that completes its registration in the middle of SASL reads 906, and is a guest."""
        client = self.server.irc_client()
        client.types("CAP REQ :sasl", "AUTHENTICATE PLAIN", "NICK dora", "USER dora 0 * :Dora", "CAP END")
        lines = numbers(client.reads())
        self.assertEqual(["CAP", "AUTHENTICATE", "906", "001"], lines[:4])
        client.types(f"AUTHENTICATE {plain('alice', PASSWORD)}")
        self.assertEqual(["908", "904"], numbers(client.reads()))

    def test_a_second_proof_before_001(self) -> None:
        """Before it has a nickname, a client may authenticate again: the last proof counts, and a wrong one is none."""
        client = self.server.irc_client()
        client.types("CAP REQ :sasl", "NICK dora", "USER dora 0 * :Dora")
        client.reads()
        self.assertEqual(["900", "903"], numbers(self.authenticates(client, "alice")))
        self.assertEqual(["900", "903"], numbers(self.authenticates(client, "carl")))
        client.types("CAP END")
        self.assertIn(":chatroom 001 carl ", client.reads()[0])
        client = self.server.irc_client()
        client.types("CAP REQ :sasl", "NICK dora", "USER dora 0 * :Dora")
        client.reads()
        self.authenticates(client, "alice")
        self.assertEqual(["904"], numbers(self.authenticates(client, "carl", "wrong")))
        client.types("CAP END")
        self.assertIn(":chatroom 001 dora ", client.reads()[0])

    def test_whispers_that_waited(self) -> None:
        """Whispers that waited for the account are read behind the login."""
        self.bob.types("PRIVMSG alice :tea is ready")
        self.bob.reads()
        lines = self.authenticates(self.bob, "alice")
        self.assertTrue(any("tea is ready" in line for line in lines), lines)

    def test_metadata_and_marks_stay_with_their_account(self) -> None:
        """Another account on the same connection has neither the metadata nor the read marks of the first one."""
        client = self.server.irc_client("dora", "sasl", "batch", "draft/metadata-3", "draft/read-marker")
        client.types("METADATA * SET color :red", "MARKREAD eve timestamp=2026-01-01T00:00:00.000Z")
        client.reads()
        self.authenticates(client, "alice")
        client.types("METADATA * GET color", "MARKREAD eve")
        lines = client.reads()
        self.assertTrue(any(" 761 " in line for line in lines), lines)
        self.assertIn(":chatroom MARKREAD eve timestamp=2026-01-01T00:00:00.000Z", lines)
        self.authenticates(client, "carl")
        client.types("METADATA * GET color", "MARKREAD eve")
        lines = client.reads()
        self.assertTrue(any(" 766 " in line for line in lines), lines)
        self.assertIn(":chatroom MARKREAD eve *", lines)


class GuessingTests(LoggingInTestCase):
    """Passwords that are guessed by a client with a nickname."""

    def test_guesses_are_counted(self) -> None:
        """A client that guesses has as many tries as at any other door, whoever it is logged in as."""
        self.authenticates(self.bob, "carl")
        sentences = [self.authenticates(self.bob, "alice", f"guess {n}")[-1] for n in range(7)]
        self.assertIn("Wrong nickname or password", sentences[0])
        self.assertIn("Too many wrong passwords", sentences[-1])
        self.assertIn("Too many wrong passwords", self.authenticates(self.bob, "alice")[-1])


class BeliefTests(LoggingInTestCase):
    """What a client believes of itself and of its rooms after it has logged in."""

    skip = MISSING

    def test_every_login(self) -> None:
        """After a guest's login, the same once more, and one to another account, what the client believes is true."""
        dora = Believer(self.server, "dora", f"{TODAY} sasl")
        other = Believer(self.server, "eve", TODAY)
        for client in (dora, other):
            client.types("JOIN #tea")
        for name in ("alice", "alice", "carl"):
            dora.types("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain(name, PASSWORD)}")
            self.assertEqual(name, dora.believes().nickname)
            self.assertEqual(name, dora.believes().account)
            self.assertEqual([], dora.differences() + other.differences())
        self.assertNotIn("#tea", dora.believes().channels)
        dora.types("JOIN #tea")
        self.assertEqual([], dora.differences() + other.differences())

    def test_an_account_that_is_here_already(self) -> None:
        """A guest who logs in to an account that is online, and those around them, believe what is true."""
        page = self.server.program()
        page.asks("hello", nick="alice", password=PASSWORD)
        page.asks("create", room="den")
        dora, other = Believer(self.server, "dora", f"{TODAY} sasl"), Believer(self.server, "eve", TODAY)
        for client in (dora, other):
            client.types("JOIN #tea", "JOIN #den")
        dora.types("AUTHENTICATE PLAIN", f"AUTHENTICATE {plain('alice', PASSWORD)}")
        self.assertEqual([], dora.differences() + other.differences())
        self.assertEqual({"#tea", "#den", "#lobby"}, {channel.name for channel in dora.believes().channels.values()})
