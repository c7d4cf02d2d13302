"""
REGISTER of draft/account-registration, by a client that is connected and by one that is not yet.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.events import ServerRole
from chatroom.limits import Limits
from chatroom.testing import IrcClient, Server
from tests.doors.irc.asking import numbers, plain

PASSWORD = "correct horse battery"


class RegisterTests(SynchronousTestCase):
    """With a nickname."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice = self.server.irc_client("alice", "draft/account-registration", "account-notify")

    def answer(self, line: str) -> str:
        """The line that says what came of it."""
        self.alice.types(line)
        return next(row for row in self.alice.reads() if " REGISTER " in row or " VERIFY " in row).split(" ", 1)[1]

    def test_success(self) -> None:
        """The nickname is an account, to which one can log in elsewhere; once is enough."""
        self.assertTrue(self.answer(f"REGISTER * * :{PASSWORD}").startswith("REGISTER SUCCESS alice "))
        self.assertIn("ALREADY_AUTHENTICATED", self.answer(f"REGISTER * * :{PASSWORD}"))
        self.alice.types("QUIT")
        person = self.server.guest("visitor")
        person.types(f"/login alice {PASSWORD}")
        self.assertIn("Logged in as alice.", "".join(person.reads()))

    def test_refusals(self) -> None:
        """Another name, a weak password, nothing at all, and a code that nobody has sent."""
        self.assertIn("FAIL REGISTER ACCOUNT_NAME_MUST_BE_NICK bob ", self.answer("REGISTER bob * :correct horse"))
        self.assertIn("FAIL REGISTER WEAK_PASSWORD alice ", self.answer("REGISTER alice * x"))
        self.assertIn("FAIL REGISTER NEED_MORE_PARAMS ", self.answer("REGISTER alice"))
        self.assertIn("FAIL VERIFY INVALID_CODE alice ", self.answer("VERIFY alice 123"))


class EarlyTests(SynchronousTestCase):
    """Before the client is connected. Bob is a guest in the lobby."""

    limits = Limits()

    def setUp(self) -> None:
        self.server = Server(self.limits)
        self.bob = self.server.guest("bob")

    def client(self, *lines: str) -> IrcClient:
        """One that has asked for the capability, and has not ended that yet."""
        client = self.server.irc_client()
        client.types("CAP LS 302", "CAP REQ :draft/account-registration sasl", *lines)
        client.reads()
        return client

    def answers(self, nick: str = "alice", password: str = PASSWORD, name: str = "*") -> list[str]:
        """What a new client reads of a sign-up under this nickname."""
        client = self.client(f"NICK {nick}")
        client.types(f"REGISTER {name} * :{password}")
        return client.reads()

    def refused(self, code: str, nick: str = "alice", password: str = PASSWORD, name: str = "*") -> str:
        """Such a sign-up is refused with this code alone, and there is no account. @return: the sentence."""
        [line] = self.answers(nick, password, name)
        self.assertTrue(line.startswith(f":chatroom FAIL REGISTER {code} "), line)
        if "alice" not in self.known:
            self.assertIs(None, self.stored("alice"))
        return line.partition(" :")[2]

    known: frozenset[str] = frozenset()

    def stored(self, nick: str) -> object:
        """The account of this name, or C{None}."""
        found: list[object] = []
        Deferred.fromCoroutine(self.server.backend.account(nick)).addCallback(found.append)
        self.server.settle()
        return found[0]

    def test_it_is_offered(self) -> None:
        """The capability has the value before-connect, unless the operator does not want that."""
        client = self.server.irc_client()
        client.types("CAP LS 302")
        self.assertIn("draft/account-registration=before-connect", " ".join(client.reads()))
        self.server.irc.early_signup = False
        client = self.server.irc_client()
        client.types("CAP LS 302")
        self.assertNotIn("account-registration=", " ".join(client.reads()))

    def test_the_operator_does_not_want_it(self) -> None:
        """With --irc-early-signup off, a client has to connect first."""
        self.server.irc.early_signup = False
        self.assertIn("NICK, USER and CAP END", self.refused("COMPLETE_CONNECTION_REQUIRED"))

    def test_success(self) -> None:
        """The client reads SUCCESS and 900, nobody hears of it, and it is its account when it has registered."""
        client = self.client("NICK Alice")
        client.types(f"REGISTER * mail@example.org :{PASSWORD}")
        self.assertEqual(
            [
                ":chatroom REGISTER SUCCESS Alice :Your account is made, and you are logged in.",
                ":chatroom 900 * Alice!~Alice@Alice.chatroom Alice :You are now logged in as Alice.",
            ],
            client.reads(),
        )
        self.assertEqual([], self.bob.reads())
        client.types("USER a 0 * :Alice", "CAP END", "MODE alice")
        lines = client.reads()
        self.assertEqual("001", numbers(lines)[0])
        self.assertNotIn("900", numbers(lines))
        self.assertIn("r", lines[-1].split(" ")[-1])
        self.assertEqual(["-- Alice joined."], self.bob.reads())

    def test_once_is_enough(self) -> None:
        """A client that has made its account, or logged in, cannot make another one."""
        client = self.client("NICK alice")
        client.types(f"REGISTER * * :{PASSWORD}", "NICK carl", f"REGISTER * * :{PASSWORD}")
        self.assertIn(" FAIL REGISTER ALREADY_AUTHENTICATED carl ", client.reads()[-1])
        self.assertIs(None, self.stored("carl"))

    def test_without_a_nickname(self) -> None:
        """A client that has not sent NICK is told to, and another name than the nickname is refused."""
        client = self.client()
        client.types(f"REGISTER alice * :{PASSWORD}")
        self.assertIn(" FAIL REGISTER NEED_NICK * ", client.reads()[0])
        self.refused("ACCOUNT_NAME_MUST_BE_NICK", nick="carl", name="alice")

    def test_rules_of_nicknames(self) -> None:
        """Nicknames that nobody may have, that somebody has, and those of accounts and services are refused."""
        self.known = frozenset(["alice"])
        self.server.account("alice", PASSWORD)
        for code, nick in (
            ("BAD_ACCOUNT_NAME", "[alice]"),
            ("BAD_ACCOUNT_NAME", "NickServ"),
            ("BAD_ACCOUNT_NAME", "root"),
            ("BAD_ACCOUNT_NAME", "chatroom"),
            ("BAD_ACCOUNT_NAME", "a" * 200),
            ("ACCOUNT_EXISTS", "bob"),
            ("ACCOUNT_EXISTS", "BOB"),
            ("ACCOUNT_EXISTS", "Alice"),
        ):
            self.refused(code, nick)

    def test_rules_of_passwords(self) -> None:
        """A password that is too short, the nickname or one letter is weak here as everywhere."""
        for password in ("tea", "alice", "aaaaaaaaaaaa", "correct\thorse"):
            self.refused("WEAK_PASSWORD", password=password)

    def test_lockdown(self) -> None:
        """While no guests or no new accounts are let in, no account is made."""
        mia = self.server.staff("mia", ServerRole.MODERATOR)
        for level in ("guests", "accounts", "registered"):
            mia.types(f"/lockdown {level} 1h raid")
            self.assertIn("raid", self.refused("TEMPORARILY_UNAVAILABLE"))
        mia.types("/lockdown off")
        self.assertIn("REGISTER SUCCESS alice", self.answers()[0])

    def test_bans(self) -> None:
        """From where a guest was banned from the server, nobody makes an account."""
        mia = self.server.staff("mia", ServerRole.MODERATOR, address="192.0.2.9")
        mia.types("/gban bob 1h spam")
        self.assertIn("spam", self.refused("TEMPORARILY_UNAVAILABLE"))

    def test_budget(self) -> None:
        """Sign-ups before connecting count as all others do, and those that are refused do not."""
        most = int(self.limits.signups_per_address)
        for number in range(most):
            self.refused("WEAK_PASSWORD", password="tea")
            self.assertIn("SUCCESS", self.answers(f"user{number}")[0])
        self.assertIn("Too many new accounts", self.refused("TEMPORARILY_UNAVAILABLE"))
        guest = self.server.guest("dora")
        guest.types(f"/signup {PASSWORD}")
        self.assertIn("Too many new accounts", "".join(guest.reads()))

    def test_gone_meanwhile(self) -> None:
        """If the connection is gone before the password is hashed, there is no account, and the nickname is free."""
        waiting: Deferred[str] = Deferred()
        self.patch(self.server.passwords, "hash", lambda password, asker: waiting)
        client = self.client("NICK alice")
        client.types(f"REGISTER * * :{PASSWORD}")
        other = self.server.irc_client()
        other.types("NICK alice", "USER a 0 * :Alice")
        self.assertEqual(["433"], numbers(other.reads()))
        client.disconnects()
        waiting.callback("a hash")
        self.server.settle()
        self.assertIs(None, self.stored("alice"))
        other.types("NICK alice")
        self.assertEqual("001", numbers(other.reads())[0])

    def test_gone_afterwards(self) -> None:
        """A client that made its account and went away logs in later; until then nobody is online by that name."""
        client = self.client("NICK alice")
        client.types(f"REGISTER * * :{PASSWORD}")
        client.disconnects()
        self.assertEqual([], self.bob.reads())
        other = self.server.irc_client()
        other.types("NICK alice", "USER a 0 * :Alice")
        self.assertEqual(["433"], numbers(other.reads()))
        again = self.client("NICK alice", "USER a 0 * :Alice", "AUTHENTICATE PLAIN")
        again.types(f"AUTHENTICATE {plain('alice', PASSWORD)}", "CAP END")
        self.assertEqual(["900", "903", "001"], numbers(again.reads())[:3])
