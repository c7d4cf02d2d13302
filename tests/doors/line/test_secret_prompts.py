"""
Questions for secrets at the line door: they are asked again in place, and no answer to one is ever talk.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.errors import Busy
from chatroom.interfaces import ServerRole
from chatroom.limits import OFF, Limits
from chatroom.testing import Guest, Server

IAC, DONT, DO, WONT, WILL, ECHO = b"\xff", b"\xfe", b"\xfd", b"\xfc", b"\xfb", b"\x01"
RIGHT = "correct horse battery"


class QuestionCase(SynchronousTestCase):
    """Bob reads the lobby, and whatever becomes public there."""

    LIMITS = Limits()

    def setUp(self) -> None:
        self.server = Server(self.LIMITS)
        self.bob = self.server.guest("bob")

    def answers(self, guest: Guest, *lines: str) -> str:
        """What somebody reads after the last of these lines, each typed when the one before was answered."""
        read: list[str] = []
        for line in lines:
            guest.types(line)
            self.server.wait(5)  # a password that is checked costs its asker a while
            read = guest.reads()
        return "\n".join(read)

    def assert_asks(self, word: str, read: str) -> None:
        """Of the last two lines, one is the question for this; the other may say what to do instead."""
        self.assertIn(f"-- Type the {word}", "\n".join(read.split("\n")[-2:]))

    def assert_nothing_public(self) -> None:
        """Bob has read that people joined and left, and nothing else."""
        for line in self.bob.reads():
            self.assertRegex(line, r"^-- \w+ (joined|left the chat).*\.$")


class SignupTests(QuestionCase):
    """Two new passwords."""

    def setUp(self) -> None:
        super().setUp()
        self.alice = self.server.guest("alice")

    def test_two_different_ones(self) -> None:
        """The question is asked again, both times, until the passwords are the same."""
        self.assert_asks("password", self.answers(self.alice, "/signup", "one password", "another password"))
        self.assertIn("Repeat the", self.answers(self.alice, "one password"))
        self.assert_asks("password", self.answers(self.alice, "a third password"))
        self.assertIn("is now your account", self.answers(self.alice, "one password", "one password"))
        self.assert_nothing_public()

    def test_too_short(self) -> None:
        """A password that the server refuses is asked for again."""
        self.assert_asks("password", self.answers(self.alice, "/signup", "short", "short"))
        self.assertIn("is now your account", self.answers(self.alice, "one password", "one password"))
        self.assert_nothing_public()

    def test_empty_line_ends_it(self) -> None:
        """An empty line stops the question wherever it stands, and then a line is talk."""
        for lines in (("",), ("one password", ""), ("one password", "another", ""), ("short", "short", "")):
            self.assertIn("was cancelled", self.answers(self.alice, "/signup", *lines))
            self.alice.types("talk")
            self.assertEqual("<alice> talk", self.bob.reads()[-1])

    def test_typed_ahead_of_an_empty_line(self) -> None:
        """A password that came together with the empty line that stopped the question is not said."""
        self.alice.types("/signup", "", "one password", "one password")
        self.assert_nothing_public()
        self.assertIn("not sent", "\n".join(self.alice.reads()))

    def test_typed_ahead_of_a_mismatch(self) -> None:
        """Whatever comes together with two different passwords is an answer."""
        self.alice.types("/signup", "one password", "another password", "one password", "one password")
        self.assertIn("is now your account", "\n".join(self.alice.reads()))
        self.assert_nothing_public()

    def test_unreadable_answers(self) -> None:
        """A line that is too long, or is no UTF-8, is no answer, and the question is asked again."""
        self.answers(self.alice, "/signup")
        self.assert_asks("password", self.answers(self.alice, "x" * 20_000))
        self.alice.sends(b"caf\xe9 and more\n")
        self.assert_asks("password", "\n".join(self.alice.reads()))
        self.assertIn("is now your account", self.answers(self.alice, "one password", "one password"))

    def test_the_command_again(self) -> None:
        """Who types the command again, whole, has it done."""
        self.assertIn("is now your account", self.answers(self.alice, "/signup", "/signup one password"))

    def test_leaving(self) -> None:
        """QUIT leaves from the question."""
        self.alice.types("/signup", "QUIT")
        self.assertTrue(self.alice.is_disconnected())

    def test_kicked_meanwhile(self) -> None:
        """Who is kicked out of a room in the middle of it goes on answering."""
        self.bob.types("/create den")
        self.answers(self.alice, "/join den", "/signup", "one password")
        self.bob.types("/kick alice")
        self.bob.reads()
        self.assertIn("is now your account", self.answers(self.alice, "one password"))
        self.assertEqual([], [line for line in self.bob.reads() if "password" in line])

    def test_impossible_for_good(self) -> None:
        """Where another try is of no use, the next line is not said, and its author reads why."""
        mia = self.server.staff("mia", ServerRole.ADMIN)
        self.answers(self.alice, "/signup", "one password")
        mia.types("/lockdown accounts")
        self.bob.reads()
        read = self.answers(self.alice, "one password")
        self.assertIn("! New accounts cannot be created", read)
        self.assertIn("not sent", self.answers(self.alice, "one password"))
        self.assertEqual([], self.bob.reads())
        self.alice.types("talk")
        self.assertEqual(["<alice> talk"], self.bob.reads())

    def test_busy(self) -> None:
        """A server that has no time for a hash asks again."""

        async def busy(*given: object) -> str:
            raise Busy("Too many logins are being checked at the moment.")

        self.patch(self.server.services.entrance, "new_hash", busy)
        self.assert_asks("password", self.answers(self.alice, "/signup", "one password", "one password"))
        self.assert_nothing_public()


class LoginTests(QuestionCase):
    """The password of an account, asked for by a command or at the nickname question."""

    LIMITS = Limits(talk_rate=OFF)

    def setUp(self) -> None:
        super().setUp()
        self.server.account("ann", RIGHT).types("QUIT")
        self.bob.reads()
        self.stranger = self.server.connection()
        self.stranger.greeting()

    def test_login_as_the_first_line(self) -> None:
        """A wrong password is no nickname: it is asked for again."""
        self.assert_asks("password", self.answers(self.stranger, "/login ann"))
        for _ in range(3):
            self.assert_asks("password", self.answers(self.stranger, "hunter2"))
        self.assertIn("Logged in as ann", self.answers(self.stranger, RIGHT))
        self.assert_nothing_public()

    def test_login_of_a_guest(self) -> None:
        """A wrong password is not said in the room: it is asked for again."""
        eve = self.server.guest("eve")
        self.assert_asks("password", self.answers(eve, "/login ann", "hunter2"))
        self.assertIn("Logged in as ann", self.answers(eve, RIGHT))
        self.assertEqual([], [line for line in self.bob.reads() if "hunter2" in line])

    def test_login_behind_the_nickname_question(self) -> None:
        """Where the password of a nickname is asked for, /login works, and a wrong one leads back to the question."""
        self.assertIn("If you are ann, type the password", self.answers(self.stranger, "ann"))
        self.assertIn("If you are ann, type the password", self.answers(self.stranger, "/login ann hunter2"))
        self.assertIn("Logged in as ann", self.answers(self.stranger, f"\u3000/login ann {RIGHT}"))

    def test_throttled(self) -> None:
        """Who has tried too often is still asked, and nothing of it is a nickname."""
        for number in range(12):
            read = self.answers(self.stranger, "ann" if number == 0 else f"guess number {number}")
            self.assertIn("If you are ann, type the password", read)
        self.assert_nothing_public()

    def test_typed_ahead(self) -> None:
        """A wrong password and what came with it are answers."""
        self.stranger.types("/login ann", "wrong", "hunter2", RIGHT)
        self.assertIn("Logged in as ann", "\n".join(self.stranger.reads()))
        self.assert_nothing_public()

    def test_nickname_refused_with_more_behind_it(self) -> None:
        """What came in the same write as a nickname that is taken is no nickname."""
        self.stranger.types("bob", "hunter2")
        self.assertIn("not sent", "\n".join(self.stranger.reads()))
        self.assert_nothing_public()


class PasswdTests(QuestionCase):
    """The old password and two new ones."""

    def setUp(self) -> None:
        super().setUp()
        self.ann = self.server.account("ann", RIGHT)
        self.bob.reads()

    def test_wrong_old_one(self) -> None:
        """It is asked for again, and the new ones with it."""
        new = "a new password"
        self.assert_asks("old password for /passwd", self.answers(self.ann, "/passwd", "hunter2", new, new))
        self.assertIn("has been changed", self.answers(self.ann, RIGHT, new, new))
        self.assertEqual([], self.bob.reads())

    def test_two_new_ones(self) -> None:
        """The questions say which password they want, and that two were not the same."""
        self.assert_asks("new password for /passwd", self.answers(self.ann, "/passwd", RIGHT))
        self.assertIn("Repeat the new password", self.answers(self.ann, "one new password"))
        self.assertIn("The new passwords did not match", self.answers(self.ann, "another new password"))

    def test_logged_out_meanwhile(self) -> None:
        """Who lost the nickname in the middle of it has no password taken for a new one."""
        self.answers(self.ann, "/passwd", RIGHT, "a new password")
        again = self.server.connection()
        again.types(f"/login ann {RIGHT}", "/session revoke all")
        self.server.settle()
        self.bob.reads()
        self.ann.types("secretword", "secretword")
        self.assert_nothing_public()


class RoomPasswordTests(QuestionCase):
    """A room that requires a password."""

    def setUp(self) -> None:
        super().setUp()
        self.bob.types("/create den", "/password open sesame", "/look lobby")
        self.alice = self.server.guest("alice")
        self.bob.reads()

    def test_join_asks(self) -> None:
        """Who joins without the password is asked for it, until it is right."""
        read = self.answers(self.alice, "/join den")
        self.assertIn("You are still in lobby.", read)
        self.assert_asks("password for den", read)
        self.assert_asks("password for den", self.answers(self.alice, "hunter2"))
        self.assertIn("You are in den.", self.answers(self.alice, "open sesame"))
        self.assertEqual(["[den] -- alice joined."], self.bob.reads())

    def test_empty_line(self) -> None:
        """It stops the question, and lines go where they went."""
        self.answers(self.alice, "/join den", "hunter2", "")
        self.alice.types("talk")
        self.assertEqual(["<alice> talk"], self.bob.reads())

    def test_join_with_it(self) -> None:
        """The command with its password is taken at the question as well."""
        self.assertIn("You are in den.", self.answers(self.alice, "/join den", "/join den open sesame"))

    def test_same_write(self) -> None:
        """Lines that came with a /join that requires a password are neither answers nor talk."""
        self.alice.types("/join den", "hello den", "more")
        self.assertEqual([], self.bob.reads())
        self.assertEqual(3, sum(line.startswith("! ") for line in self.alice.reads()))

    def test_banned_meanwhile(self) -> None:
        """The password of a room that lets nobody of that name in is not said in another one."""
        self.answers(self.alice, "/join den")
        self.bob.types("/look den", "/ban alice", "/look lobby")
        self.bob.reads()
        self.assertIn("banned", self.answers(self.alice, "open sesame"))
        self.assertIn("not sent", self.answers(self.alice, "open sesame"))
        self.assertEqual([], self.bob.reads())


class EchoTests(QuestionCase):
    """Telnet shows what is typed again when no secret is asked for, and never before."""

    def setUp(self) -> None:
        super().setUp()
        self.alice = self.server.connection()
        self.alice.greeting()
        self.sends(b"alice\r\n")

    def sends(self, data: bytes) -> bytes:
        """Bytes of Alice's, whose terminal agrees to whatever it is asked; what comes back."""
        self.alice.sends(data)
        back = self.alice.receives()
        if IAC + WILL + ECHO in back:
            self.alice.sends(IAC + DO + ECHO)
        if IAC + WONT + ECHO in back:
            self.alice.sends(IAC + DONT + ECHO)
        return back

    def test_asked_again(self) -> None:
        """Between two questions, nothing that is typed can be seen."""
        self.sends(b"/signup\r\n")
        for line in (b"one password", b"another password", b"short", b"short", b"one password"):
            self.assertNotIn(IAC + WONT + ECHO, self.sends(line + b"\r\n"), line)
        self.assertIn(IAC + WONT + ECHO, self.sends(b"one password\r\n"))

    def test_ends(self) -> None:
        """However a question ends, typing is shown again."""
        mia = self.server.staff("mia", ServerRole.ADMIN)
        for lines in ((b"",), (b"x", b"y", b""), (b"/signup short",)):
            self.assertIn(IAC + WILL + ECHO, self.sends(b"/signup\r\n"))
            back = b"".join([self.sends(line + b"\r\n") for line in lines])
            self.assertEqual(1, back.count(IAC + WONT + ECHO), lines)
            self.server.wait(60)
        self.sends(b"/signup\r\n")
        mia.types("/lockdown accounts")
        self.assertIn(IAC + WONT + ECHO, self.sends(b"one password\r\none password\r\n"))

    def test_owned_nickname(self) -> None:
        """The password of a nickname stays unseen through wrong ones, and another nickname is seen."""
        self.server.account("ann", RIGHT).types("QUIT")
        dave = self.alice = self.server.connection()
        dave.greeting()
        self.assertIn(IAC + WILL + ECHO, self.sends(b"ann\r\n"))
        self.assertNotIn(IAC, self.sends(b"wrong\r\n"))
        self.assertIn(IAC + WONT + ECHO, self.sends(b"\r\n"))
