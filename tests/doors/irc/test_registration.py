"""
How an IRC client becomes somebody, with the bytes that clients and the server send.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import Server
from tests.doors.irc.asking import numbers, plain


class FirstLineTests(SynchronousTestCase):
    """Who speaks IRC at the port that people use."""

    def setUp(self) -> None:
        self.server = Server()

    def test_commands_of_clients_begin_irc(self) -> None:
        """Each way in which a client may begin is answered in IRC, and not by the questions for people."""
        for first in ("CAP LS 302", "CAP LS", "CAP REQ :sasl", "PASS secret", "USER a 0 * :Alice"):
            client = self.server.irc_client()
            client.types(first, "NICK alice", "USER a 0 * :Alice", "CAP END")
            lines = client.reads()
            self.assertIn("001", numbers(lines), first)
            client.disconnects()

    def test_nick_waits_for_user(self) -> None:
        """A client that begins with NICK is known when USER follows, also in another piece."""
        client = self.server.irc_client()
        client.types("NICK alice")
        self.assertEqual([], client.reads())
        client.types("USER alice 0 * :Alice")
        self.assertEqual("001", numbers(client.reads())[0])

    def test_person_may_be_called_nick(self) -> None:
        """The word nick alone is a nickname, as it was before."""
        person = self.server.connection()
        person.types("nick")
        self.assertIn("Registration successful. You are nick.", person.reads())

    def test_person_who_types_nick_and_a_name(self) -> None:
        """NICK and a word, with nothing behind it, is refused as any line of a person after a second."""
        person = self.server.connection()
        person.types("NICK alice")
        person.reads()
        self.server.wait(1)
        self.assertTrue(any(line.startswith("! A nickname can have") for line in person.reads()))

    def test_second_line_of_a_person(self) -> None:
        """Where the line behind NICK and a word is a person's, both are taken as a person's, in order."""
        person = self.server.connection()
        person.types("NICK alice", "alice")
        lines = person.reads()
        self.assertIn("Registration successful. You are alice.", lines)
        self.assertTrue(any(line.startswith("! A nickname can have") for line in lines))

    def test_end_behind_nick(self) -> None:
        """Somebody who sends NICK and a word, and then no more, is answered before the connection closes."""
        person = self.server.connection()
        person.types("NICK alice")
        person.ends()
        self.assertTrue(any(line.startswith("! A nickname can have") for line in person.reads()))


class RegistrationTests(SynchronousTestCase):
    """From the first line to 422."""

    def setUp(self) -> None:
        self.server = Server()

    def test_welcome(self) -> None:
        """A guest reads 001 to 005, how many people there are, that there is no welcome text, and the lobby."""
        self.server.guest("bob")
        client = self.server.irc_client()
        client.types("NICK alice", "USER alice 0 * :Alice")
        lines = client.reads()
        self.assertEqual(
            "001 002 003 004 005 005 005 251 252 253 254 255 265 266 422 JOIN 353 366".split(), numbers(lines)
        )
        self.assertEqual(":chatroom 001 alice :Welcome to chatroom, alice!~alice@alice.chatroom", lines[0])
        self.assertEqual(":alice!~alice@alice.chatroom JOIN #lobby", lines[-3])
        self.assertEqual(":chatroom 353 alice = #lobby :alice bob", lines[-2])

    def test_capabilities_hold_registration(self) -> None:
        """A client that has begun with capabilities is nobody until CAP END."""
        bob, client = self.server.guest("bob"), self.server.irc_client()
        client.types("CAP LS 302", "NICK alice", "USER alice 0 * :Alice")
        self.assertEqual({"CAP"}, set(numbers(client.reads())))
        self.assertEqual([], bob.reads())
        client.types("CAP END")
        self.assertEqual("001", numbers(client.reads())[0])
        self.assertEqual(["-- alice joined."], bob.reads())

    def test_nickname_that_is_taken(self) -> None:
        """Who wishes for a nickname that somebody has reads 433, and may choose another."""
        self.server.guest("alice")
        client = self.server.irc_client()
        client.types("NICK alice", "USER alice 0 * :Alice")
        self.assertEqual(["433"], numbers(client.reads()))
        client.types("NICK alice_")
        self.assertEqual(":chatroom 001 alice_", client.reads()[0][: len(":chatroom 001 alice_")])

    def test_nickname_that_cannot_be(self) -> None:
        """Who wishes for a nickname with signs that no nickname has reads 432 and why."""
        client = self.server.irc_client()
        client.types("NICK [alice]", "USER alice 0 * :Alice")
        self.assertEqual(
            [
                ":chatroom 432 * [alice] :A nickname can have letters, digits, and . _ - in the middle. "
                "Choose another nickname."
            ],
            client.reads(),
        )

    def test_nickname_that_a_client_makes_of_a_taken_one(self) -> None:
        """A sign that a client puts behind a nickname that is taken is read as an underscore; 001 says the nickname."""
        self.server.guest("alice")
        for sign in "^`|[]{}\\":
            client = self.server.irc_client()
            client.types("NICK alice", "USER alice 0 * :Alice", f"NICK alice{sign}")
            taken, welcome = client.reads()[:2]
            self.assertEqual(("433", ":chatroom 001 alice_ "), (taken.split(" ")[1], welcome[:21]), sign)
            client.disconnects()
        first, second = self.server.irc_client("alice_"), self.server.irc_client()
        first.reads()
        second.types("NICK alice", "USER alice 0 * :Alice", "NICK alice^", "NICK alice^^")
        self.assertEqual(["433", "433", "001"], numbers(second.reads())[:3])
        third = self.server.irc_client()
        third.types("NICK alice", "USER alice 0 * :Alice", "NICK [alice]", "NICK bob^")
        self.assertEqual(["433", "432", "432"], numbers(third.reads()))

    def test_commands_before_registration(self) -> None:
        """Nothing but registration is possible without a nickname: 451."""
        client = self.server.irc_client()
        client.types("CAP LS", "JOIN #lobby", "PRIVMSG #lobby :hi", "rooms")
        self.assertEqual(["CAP", "451", "451", "451"], numbers(client.reads()))

    def test_without_autojoin(self) -> None:
        """With --irc-autojoin off, a client is in no room."""
        server = Server(irc_autojoin=False)
        client = server.irc_client()
        client.types("NICK alice", "USER alice 0 * :Alice")
        self.assertNotIn("JOIN", numbers(client.reads()))
        client.types("PRIVMSG #lobby :hi")
        self.assertEqual(["404"], numbers(client.reads()))

    def test_logout_at_once(self) -> None:
        """QUIT before registration is answered with ERROR, and the connection closes."""
        client = self.server.irc_client()
        client.types("CAP LS", "QUIT :chkport")
        self.assertEqual("ERROR :Closing link: Goodbye.", client.reads()[-1])
        self.assertTrue(client.is_disconnected())


class LoginTests(SynchronousTestCase):
    """With the password of an account."""

    def setUp(self) -> None:
        self.server = Server()
        self.server.account("alice", "correct horse").types("QUIT")
        self.bob = self.server.guest("bob")

    def test_sasl_plain(self) -> None:
        """SASL says 900 and 903 before 001, and the client is the account."""
        client = self.server.irc_client()
        client.types("CAP LS 302", "CAP REQ :sasl", "NICK alice", "USER alice 0 * :Alice", "AUTHENTICATE PLAIN")
        self.assertEqual("AUTHENTICATE +", client.reads()[-1])
        client.types(f"AUTHENTICATE {plain('alice', 'correct horse')}")
        self.assertEqual(["900", "903"], numbers(client.reads()))
        self.assertEqual([], self.bob.reads())
        client.types("CAP END")
        self.assertEqual("001", numbers(client.reads())[0])
        self.assertEqual(["-- alice joined."], self.bob.reads())

    def test_wrong_password(self) -> None:
        """A wrong password is 904, nobody saw anybody, and the nickname is still the account's."""
        client = self.server.irc_client()
        client.types("CAP REQ :sasl", "NICK alice", "USER alice 0 * :Alice", "AUTHENTICATE PLAIN")
        client.reads()
        client.types(f"AUTHENTICATE {plain('alice', 'wrong')}")
        self.assertEqual(["904"], numbers(client.reads()))
        client.types("CAP END")
        self.assertEqual(["433"], numbers(client.reads()))
        self.assertEqual([], self.bob.reads())

    def test_pass(self) -> None:
        """PASS NAME:PASSWORD logs in, and so does PASS PASSWORD with the nickname of the account."""
        for secret in ("alice:correct horse", "correct horse"):
            client = self.server.irc_client()
            client.types(f"PASS :{secret}", "NICK alice", "USER alice 0 * :Alice")
            self.assertEqual("001", numbers(client.reads())[0])
            client.types("QUIT")

    def test_wrong_pass(self) -> None:
        """A wrong PASS for an account is 464, and ends the connection."""
        client = self.server.irc_client()
        client.types("PASS wrong", "NICK alice", "USER alice 0 * :Alice")
        self.assertEqual(["464", "ERROR"], numbers(client.reads()))

    def test_logins_keep_no_session(self) -> None:
        """However often IRC clients log in, the page that remembers its session is still logged in."""
        page = self.server.program()
        token = page.asks("hello", nick="alice", password="correct horse", keep="yes")["token"]
        page.disconnects()
        for _ in range(21):
            client = self.server.irc_client()
            client.types("PASS :correct horse", "NICK alice", "USER alice 0 * :Alice")
            self.assertEqual("001", numbers(client.reads())[0])
            client.types("QUIT")
        self.assertTrue(self.server.program().asks("hello", token=token)["ok"])
