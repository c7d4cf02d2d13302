"""
People with nc: what they type means what PROTOCOL says it means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

from twisted.trial.unittest import SynchronousTestCase

from chatroom import layout, meaning
from chatroom.core import inbox, talk
from chatroom.doors.conversation import Conversation
from chatroom.testing import Guest, Server
from tests.daemon.slow import at_once


class NicknameTests(SynchronousTestCase):
    """The first line."""

    def setUp(self) -> None:
        self.server = Server()

    def test_greeting(self) -> None:
        """It names the server and the room, and asks for a nickname."""
        first, second = self.server.connection().greeting()
        self.assertIn("chatroom", first)
        self.assertIn("lobby", first)
        self.assertIn("nickname", second)

    def test_nickname_brings_one_in(self) -> None:
        """Others read that somebody came."""
        alice = self.server.guest("alice")
        bob = self.server.connection()
        bob.types("bob")
        self.assertIn("Registration successful", "\n".join(bob.reads()))
        self.assertEqual(["-- bob joined."], alice.reads())

    def test_who_types_at_once_is_greeted_all_the_same(self) -> None:
        """The greeting comes before the answer, and only once."""
        bob = self.server.connection()
        bob.types("bob")
        lines = bob.reads()
        self.assertIn("Welcome", lines[0])
        self.assertEqual(1, sum("Welcome" in line for line in lines + bob.greeting()))

    def test_taken_nickname_can_be_tried_again(self) -> None:
        """The connection stays, whatever the letter case."""
        self.server.guest("alice")
        other = self.server.connection()
        other.greeting()
        other.types("ALICE")
        (refusal,) = other.reads()
        self.assertTrue(refusal.startswith("! "))
        self.assertIn("already taken", refusal)
        other.types("carol")
        self.assertIn("Registration successful", "\n".join(other.reads()))

    def test_space_around_a_nickname_is_nothing(self) -> None:
        """Spaces around a nickname are dropped, and an empty line is no nickname and no mistake."""
        carol = self.server.connection()
        carol.greeting()
        carol.types("", "   ")
        self.assertEqual([], carol.reads())
        carol.types(" carol ")
        self.assertIn("Registration successful", "\n".join(carol.reads()))

    def test_help_before_a_nickname(self) -> None:
        """Somebody who is lost before they are in is not sent away."""
        lost = self.server.connection()
        lost.greeting()
        lost.types("/help")
        self.assertIn("/login", "\n".join(lost.reads()))

    def test_quit_before_a_nickname(self) -> None:
        """QUIT is no nickname."""
        shy = self.server.connection()
        shy.types("QUIT")
        self.assertTrue(shy.is_disconnected())

    def test_other_commands_need_a_nickname(self) -> None:
        """They say so, and talk does too."""
        eager = self.server.connection()
        eager.greeting()
        eager.types("/rooms", "//rooms")
        for line in eager.reads():
            self.assertTrue(line.startswith("! "), line)
            self.assertIn("nickname", line)


class OwnedNicknameTests(SynchronousTestCase):
    """A nickname that belongs to an account."""

    def setUp(self) -> None:
        self.server = Server()
        bob = self.server.account("bob", "right password")
        bob.types("QUIT")
        self.line = self.server.connection()
        self.line.greeting()
        self.line.types("bob")

    def test_next_line_is_the_password(self) -> None:
        """With nc it is said plainly that it will be seen, and what does instead."""
        refusal, question, instead = self.line.reads()
        self.assertTrue(refusal.startswith("! "), refusal)
        self.assertIn("If you are bob, type the password", question)
        self.assertIn("visible", question)
        self.assertIn("/resume TOKEN", instead)
        self.line.types("right password")
        self.assertIn("Logged in as", "\n".join(self.line.reads()))

    def test_wrong_password_can_be_tried_again(self) -> None:
        """The question is asked again."""
        self.line.reads()
        self.line.types("wrong password")
        refusal, question, _ = self.line.reads()
        self.assertTrue(refusal.startswith("! "), refusal)
        self.assertIn("If you are bob, type the password", question)
        self.line.types("right password")
        self.assertIn("Logged in as", "\n".join(self.line.reads()))

    def test_quit_leaves(self) -> None:
        """As the greeting says; no account has a password as short."""
        self.line.reads()
        self.line.types("QUIT")
        self.assertEqual(["-- Goodbye."], self.line.reads())
        self.assertTrue(self.line.is_disconnected())

    def test_empty_line_leads_back(self) -> None:
        """It asks for another nickname, and the next line is one."""
        self.line.reads()
        self.line.types("", "carol")
        lines = self.line.reads()
        self.assertIn("another nickname", lines[0])
        self.assertIn("Registration successful", "\n".join(lines))

    def test_token_does_instead(self) -> None:
        """/resume works where the password is asked for."""
        other = self.server.connection()
        other.greeting()
        other.types("/login bob right password")
        token = next(line for line in other.reads() if "/resume" in line).split()[-1]
        self.line.reads()
        self.line.types(f"/resume {token}")
        self.assertIn("Logged in as", "\n".join(self.line.reads()))

    def test_a_nickname_typed_as_a_command_asks_for_nothing(self) -> None:
        """Only the nickname question leads to the password question."""
        self.line.types("")
        self.line.reads()
        self.line.types("/hello bob")
        self.assertEqual(1, len(self.line.reads()))
        self.line.types("carol")
        self.assertIn("Registration successful", "\n".join(self.line.reads()))


class TalkTests(SynchronousTestCase):
    """What a line means once one is in."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice, self.bob, self.eve = (self.server.guest(nick) for nick in ("alice", "bob", "eve"))
        for guest in (self.alice, self.bob, self.eve):
            guest.reads()

    def test_a_line_is_talk(self) -> None:
        """Everyone else in the room reads it; who typed it has it on the screen already."""
        self.alice.types("hello")
        self.assertEqual(["<alice> hello"], self.bob.reads())
        self.assertEqual(["<alice> hello"], self.eve.reads())
        self.assertEqual([], self.alice.reads())

    def test_at_sign_whispers(self) -> None:
        """Only that person reads it, and the sender one line that confirms it."""
        self.alice.types("@bob psst")
        self.assertEqual(["[alice whispers] psst"], self.bob.reads())
        self.assertEqual([], self.eve.reads())
        (confirmed,) = self.alice.reads()
        self.assertIn("bob", confirmed)

    def test_slip_in_a_whisper_is_not_said_aloud(self) -> None:
        """C{@ bob secret}, with a space too many, is refused rather than told to the room."""
        self.alice.types("@ bob secret", "@bob", "@bob  ")
        for line in self.alice.reads():
            self.assertTrue(line.startswith("! "), line)
        self.assertEqual([], self.bob.reads())

    def test_slash_is_a_command(self) -> None:
        """Nobody else reads it."""
        self.alice.types("/who")
        self.assertIn("alice", "\n".join(self.alice.reads()))
        self.assertEqual([], self.bob.reads())

    def test_two_slashes_say_one(self) -> None:
        """A line that begins with a slash can be said."""
        self.alice.types("//etc/passwd")
        self.assertEqual(["<alice> /etc/passwd"], self.bob.reads())

    def test_unknown_command_is_not_said_aloud(self) -> None:
        """It might have been a password command with a slip of the finger."""
        self.alice.types("/passwrd secret", "/", "/ help")
        for line in self.alice.reads():
            self.assertTrue(line.startswith("! "), line)
        self.assertEqual([], self.bob.reads())

    def test_quit(self) -> None:
        """QUIT alone leaves; others read that."""
        self.alice.types("QUIT")
        self.assertTrue(self.alice.is_disconnected())
        self.assertEqual(["-- alice left the chat."], self.bob.reads())

    def test_quit_within_a_line_is_talk(self) -> None:
        """The word QUIT within a line is talk, and so is the word in small letters."""
        self.alice.types("QUIT now", "quit")
        self.assertEqual(["<alice> QUIT now", "<alice> quit"], self.bob.reads())

    def test_lines_behind_quit_are_not_said(self) -> None:
        """Whoever has left, has left."""
        self.alice.types("QUIT", "one more thing")
        self.assertEqual(["-- alice left the chat."], self.bob.reads())

    def test_empty_lines_say_nothing(self) -> None:
        """Empty lines say nothing, and neither do lines of spaces."""
        self.alice.types("", "   ", "\t")
        self.assertEqual([], self.bob.reads())
        self.assertEqual([], self.alice.reads())

    def test_lost_connection_is_announced(self) -> None:
        """The room reads of a lost connection as it reads of a QUIT."""
        self.alice.disconnects()
        (line,) = self.bob.reads()
        self.assertTrue(line.startswith("-- alice left the chat: "), line)

    def test_rooms_not_looked_at_carry_their_name(self) -> None:
        """Several can be joined at once."""
        self.bob.types("/create attic")
        self.bob.reads()
        self.alice.types("hello")
        self.assertEqual(["[lobby] <alice> hello"], self.bob.reads())
        self.bob.types("/look lobby")
        self.bob.reads()
        self.alice.types("again")
        self.assertEqual(["<alice> again"], self.bob.reads())

    def test_refusal_is_one_line(self) -> None:
        """It says why, and the connection stays."""
        self.alice.types("/join nowhere")
        (line,) = self.alice.reads()
        self.assertTrue(line.startswith("! "), line)
        self.alice.types("still here")
        self.assertEqual(["<alice> still here"], self.bob.reads())


class UsualLinesTests(SynchronousTestCase):
    """What almost all people type costs no more than it must."""

    def setUp(self) -> None:
        server = Server()
        self.alice, self.bob = server.guest("alice"), server.guest("bob")
        self.work: Counter[str] = Counter()
        for where, name in ((meaning, "_understand"), (talk, "message"), (inbox, "message"), (layout, "rows")):
            self.patch(where, name, partial(self.count, name, getattr(where, name)))
        charge = Conversation.charge
        self.patch(Conversation, "charge", lambda *given, **named: self.count("charge", charge, *given, **named))

    def count(self, what: str, does: Callable[..., object], *given: object, **named: object) -> object:
        """Have it done, and remember that it was."""
        self.work[what] += 1
        return does(*given, **named)

    def test_plain_talk(self) -> None:
        """A plain line is talk at first sight: it is neither cleaned, nor broken into rows, nor charged for."""
        for line in (
            "hello there",
            "Lovely!",
            "3 of us are still here, and wait for the others to come back from lunch",
        ):
            self.alice.types(line)
            self.assertEqual(f"<alice> {line}", self.bob.reads()[-1])
        self.assertEqual(Counter(), self.work)

    def test_plain_whispers(self) -> None:
        """A plain whisper is one at first sight, and is no more work than plain talk."""
        self.alice.types("@bob are you still there, or have you gone to lunch with the others?")
        self.assertIn("[alice whispers] are you still there", self.bob.reads()[-1])
        self.assertEqual(Counter(), self.work)

    def test_what_is_not_plain(self) -> None:
        """What could be more than it seems is looked at."""
        self.alice.types("-- login", "h\u00e9\u0301 you", "@bob " + "longer" * 100)
        self.assertEqual({"_understand": 1, "message": 1, "charge": 1}, dict(self.work))


class MovingTests(SynchronousTestCase):
    """People talk in the room that one is just leaving for another."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice, self.bob, self.carl = (self.server.guest(nick) for nick in ("alice", "bob", "carl"))
        self.carl.types("/create den", "/look lobby")
        for guest in (self.alice, self.bob, self.carl):
            guest.reads()

    def test_what_is_said_while_one_joins_another_room(self) -> None:
        """It is read before one is there: behind that it would look as if it had been said there."""
        at_once((self.alice, "/join den"), (self.bob, "here in the lobby"))
        read = self.alice.reads()
        self.assertEqual(["<bob> here in the lobby", "You are in den."], read[:2])
        self.assertNotIn("<bob>", "\n".join(read[2:]))

    def test_what_is_said_where_one_goes(self) -> None:
        """It is read behind the answer, with the room's name where it was said before one looked there."""
        at_once((self.alice, "/join den"), (self.carl, "/look den"), (self.carl, "welcome"), (self.bob, "bye"))
        read = self.alice.reads()
        self.assertEqual(["<bob> bye", "You are in den."], read[:2])
        self.assertEqual(["[den] <carl> welcome"], read[4:])

    def test_what_is_said_while_one_comes_in(self) -> None:
        """There was no room before: all of it comes behind the first words."""
        dave = self.server.connection()
        at_once((dave, "dave"), (self.bob, "hi"))
        read = dave.reads()
        self.assertIn("Registration successful", "\n".join(read[:3]))
        self.assertEqual(1, sum(line.endswith("<bob> hi") for line in read[3:]), read)


class SecretTests(SynchronousTestCase):
    """Passwords that are left out are asked for."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")
        self.alice = self.server.guest("alice")
        self.bob.reads()

    def types_one_by_one(self, guest: Guest, *lines: str) -> list[str]:
        """Each line after the answer to the last one; the last answer."""
        answer: list[str] = []
        for line in lines:
            guest.types(line)
            answer = guest.reads()
        return answer

    def test_signup_asks_twice(self) -> None:
        """The word signup asks twice, and tells nc users that the password will be seen."""
        self.alice.types("/signup")
        (question,) = self.alice.reads()
        self.assertIn("password", question)
        self.assertIn("visible", question)
        answer = self.types_one_by_one(self.alice, "my new password", "my new password")
        self.assertIn("is now your account", answer[0])
        self.assertEqual([], self.bob.reads())

    def test_empty_line_stops_the_question(self) -> None:
        """The next line is talk again."""
        answer = self.types_one_by_one(self.alice, "/signup", "")
        self.assertTrue(answer[0].startswith("! "), answer)
        self.alice.types("never mind")
        self.assertEqual(["<alice> never mind"], self.bob.reads())

    def test_passwd_asks_for_the_old_one_once(self) -> None:
        """The word passwd asks for the old password once, and for the new one twice."""
        self.types_one_by_one(self.alice, "/signup my old password")
        answer = self.types_one_by_one(self.alice, "/passwd", "my old password", "my new password", "my new password")
        self.assertFalse(answer[0].startswith("! "), answer)
        self.alice.types("QUIT")
        again = self.server.connection()
        again.types("/login alice my new password")
        self.assertIn("Logged in as", "\n".join(again.reads()))

    def test_login_asks_once(self) -> None:
        """There is nothing to make up, so nothing to confirm."""
        self.types_one_by_one(self.alice, "/signup my old password", "QUIT")
        again = self.server.connection()
        again.greeting()
        answer = self.types_one_by_one(again, "/login alice", "my old password")
        self.assertIn("Logged in as", "\n".join(answer))

    def test_nobody_is_asked_for_what_they_may_not_do(self) -> None:
        """A guest has no password to change."""
        self.alice.types("/passwd")
        (refusal,) = self.alice.reads()
        self.assertTrue(refusal.startswith("! "), refusal)

    def test_what_is_typed_meanwhile_is_not_said(self) -> None:
        """A password never becomes talk, whatever it looks like."""
        self.types_one_by_one(self.alice, "/signup", "@bob QUIT", "@bob QUIT")
        self.assertEqual([], self.bob.reads())
        self.assertFalse(self.alice.is_disconnected())

    def test_logout_leads_to_the_nickname_question(self) -> None:
        """The connection stays, and the next line is a nickname."""
        self.types_one_by_one(self.alice, "/signup my old password", "/logout")
        answer = self.types_one_by_one(self.alice, "carol")
        self.assertIn("Registration successful", "\n".join(answer))
