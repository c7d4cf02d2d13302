"""
Telnet clients: commands are understood and never talk, and passwords are typed without echo.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.line import telnet
from chatroom.doors.line.telnet import LONGEST_SUBNEGOTIATION, TelnetFilter
from chatroom.testing import Server

IAC, DONT, DO, WONT, WILL, SB, SE = b"\xff", b"\xfe", b"\xfd", b"\xfc", b"\xfb", b"\xfa", b"\xf0"
EC, EL = b"\xf7", b"\xf8"
ECHO, NAWS, NEW_ENVIRON = b"\x01", b"\x1f", b"\x27"


class TelnetClientTests(SynchronousTestCase):
    """Somebody with telnet, which sends CR LF and may negotiate."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")
        self.alice = self.server.connection()
        self.alice.greeting()

    def types(self, line: str) -> bytes:
        """A line of Alice's; what comes back, as bytes."""
        self.alice.sends(f"{line}\r\n".encode())
        return self.alice.receives()

    def test_commands_are_no_talk(self) -> None:
        """Wherever they stand, also in the middle of a line, or of a character."""
        self.types("alice")
        self.bob.reads()
        self.alice.sends(IAC + WILL + NAWS + b"hel" + IAC + SB + NAWS + b"\0\x50\0\x18" + IAC + SE + b"lo\r\n")
        self.alice.sends(IAC + SB + IAC + SE)
        self.alice.sends("grü".encode()[:-1] + IAC + b"\xf1" + "grü".encode()[-1:] + b"n\r\n")
        self.assertEqual(["<alice> hello", "<alice> grün"], self.bob.reads())

    def test_every_command_is_taken_out(self) -> None:
        """Commands of one byte leave nothing behind, wherever they stand and however they are cut."""
        self.types("alice")
        self.bob.reads()
        for code in (0xEC, 0xED, 0xEF, 0xF0, 0xF1, 0xF2, 0xF5, 0xF6, 0xF9):
            command = IAC + bytes([code])
            self.alice.sends(command + b"he" + command + b"ll\xc3" + command + b"\xb6" + IAC)
            self.alice.sends(bytes([code]) + b"\r" + command + b"\n")
            self.assertEqual(["<alice> hell\u00f6"], self.bob.reads(), hex(code))

    def test_commands_that_erase(self) -> None:
        """EC erases a character; EL, IP, BRK and ABORT the line; what was erased is read by nobody."""
        self.types("alice")
        self.bob.reads()
        self.alice.sends("hex\u0301".encode() + IAC + EC + b"llo\r\n")
        self.assertEqual(["<alice> hello"], self.bob.reads())
        for code in (b"\xf8", b"\xf4", b"\xf3", b"\xee"):
            self.alice.sends(b"/login bob geheim" + IAC)
            self.alice.sends(code + b"right\r\n")
            self.assertEqual(["<alice> right"], self.bob.reads(), code)

    def test_keys_that_erase(self) -> None:
        """A client that sends every key has Ctrl+U, Ctrl+W and Backspace do what they do elsewhere."""
        self.types("alice")
        self.bob.reads()
        self.alice.sends(IAC + DO + ECHO)
        for key in b"wrong\x15one wrong\x17ri\x7f\x7fright\r\n":
            self.alice.sends(bytes([key]))
        self.assertEqual(["<alice> one right"], self.bob.reads())

    def test_text_in_another_encoding(self) -> None:
        """IAC before what is no command, and IAC IAC, are no UTF-8: nothing of such a line is read."""
        self.types("alice")
        self.bob.reads()
        for data in (IAC + b"ahello", IAC + IAC + b"hello", b"hello" + IAC + b"\x80"):
            self.alice.sends(data + b"\r\n")
        self.assertEqual([], self.bob.reads())
        self.assertEqual(3, self.alice.receives().count(b"not UTF-8"))

    def test_wishes_are_declined(self) -> None:
        """Every option but that of the window, each once, as RFC 1143 has it."""
        self.server.factory.telnet_editing = False
        self.alice.sends(IAC + WILL + NAWS + IAC + DO + ECHO + IAC + WILL + NEW_ENVIRON)
        self.assertEqual(IAC + DO + NAWS + IAC + WONT + ECHO + IAC + DONT + NEW_ENVIRON, self.alice.receives())

    def test_whoever_negotiates_reads_cr_lf(self) -> None:
        """From then on, talk of others included."""
        self.assertNotIn(b"\r", self.types("alice"))
        self.alice.sends(IAC + DO + ECHO)
        self.alice.receives()
        self.bob.types("hello")
        self.assertEqual(b"<bob> hello\r\n", self.alice.receives())

    def test_enter_may_be_any_of_its_ways(self) -> None:
        """CR LF, CR NUL or CR alone: one line each, however they are cut."""
        self.types("alice")
        self.bob.reads()
        self.alice.sends(IAC + DO + ECHO)
        for piece in (b"one\r", b"\ntwo\r", b"\0three\rfour\r\n"):
            self.alice.sends(piece)
        self.assertEqual([f"<alice> {text}" for text in ("one", "two", "three", "four")], self.bob.reads())

    def test_enter_is_one_line_end(self) -> None:
        """Its second half is no empty line, which would answer the next question."""
        self.types("alice")
        self.alice.sends(IAC + DO + ECHO + b"/signup\r")
        self.alice.sends(b"\nmy new password\r")
        self.alice.sends(b"\0my new password\r\n")
        self.assertIn(b"is now your account", self.alice.receives())

    def test_endless_subnegotiation_is_cut(self) -> None:
        """None is asked for, so a long one is no telnet client's."""
        self.types("alice")
        self.alice.sends(IAC + SB + NAWS + b"x" * (LONGEST_SUBNEGOTIATION + 1))
        self.assertTrue(self.alice.is_disconnected())
        self.assertIn("telnet", self.bob.reads()[-1])

    def test_commands_without_end_are_cut(self) -> None:
        """Commands are work to read, so a burst of them is taken, then so many a second, and more ends it."""
        self.patch(telnet, "COMMAND_BURST", 6000)
        self.patch(telnet, "COMMAND_RATE", 60)
        for command in (IAC + b"\xf1", IAC + IAC, IAC + SB + b"x" * 96 + IAC + SE, IAC + DO + ECHO):
            carol = self.server.connection()
            self.server.wait(1)
            carol.sends(b"carol\r\n" + command * (5900 // len(command)))
            for _ in range(20):
                self.server.wait(10)
                carol.sends(command * (600 // len(command)) + b"\r\n")
            self.assertFalse(carol.is_disconnected(), command)
            carol.sends(command * (6000 // len(command)))
            carol.sends(command)
            self.assertTrue(carol.is_disconnected(), command)
            self.assertIn("sent telnet commands without end", self.bob.reads()[-1])

    def test_answers_to_commands_are_counted(self) -> None:
        """Whoever negotiates without end and reads nothing is cut like anyone who does not read."""
        self.alice.sends(IAC + DO + ECHO)
        producer = self.alice.transport.producer
        assert producer is not None
        producer.pauseProducing()
        for _ in range(100):
            self.alice.sends((IAC + DO + NAWS) * 10_000)
        self.assertTrue(self.alice.is_disconnected())


class WindowTests(SynchronousTestCase):
    """How wide the window is."""

    def setUp(self) -> None:
        self.server = Server()
        self.bob = self.server.guest("bob")
        self.alice = self.server.connection()
        self.alice.greeting()

    def says_width(self, width: int) -> None:
        """Alice's telnet says how wide its window is, with IAC doubled."""
        columns = width.to_bytes(2, "big").replace(IAC, IAC + IAC)
        self.alice.sends(IAC + SB + NAWS + columns + b"\0\x18" + IAC + SE)
        self.alice.receives()

    def test_is_asked_for(self) -> None:
        """Whoever ends the first line as telnet does, behind the greeting, is asked for the window once."""
        self.alice.sends(b"alice\r\n")
        self.assertEqual(1, self.alice.receives().count(IAC + DO + NAWS))
        self.alice.sends(b"hello\r\n")
        self.assertNotIn(IAC, self.alice.receives())

    def test_programs_are_not_asked(self) -> None:
        """Programs are not asked, nor is anybody who speaks before the greeting or ends lines with LF alone."""
        self.assertNotIn(IAC, self.bob.receives())
        for first in (b'{"id": 1, "do": "help"}\r\n', b"script\r\n"):
            script = self.server.connection()
            script.sends(first)
            self.assertNotIn(IAC, script.receives())

    def test_lines_are_broken(self) -> None:
        """Talk and answers are broken at the width, each row behind the first with an indent."""
        self.alice.sends(b"alice\r\n")
        for width in (40, 80, 132, 255):
            self.says_width(width)
            self.bob.types("word " * 100)
            rows = self.alice.receives().decode().split("\r\n")[:-1]
            self.assertTrue(rows[0].startswith("<bob> word word"), rows[0])
            self.assertGreater(len(rows), 1)
            for row in rows:
                self.assertLess(len(row), width)
            for row in rows[1:]:
                self.assertTrue(row.startswith("  word"), row)
            self.assertEqual("<bob> " + ("word " * 100).strip(), " ".join(row.strip() for row in rows))

    def test_another_width(self) -> None:
        """A window that changes is written to as it is now; 0, or a very narrow one, breaks nothing."""
        self.alice.sends(b"alice\r\n")
        for width, most in ((40, 39), (80, 79), (0, 1000), (10, 1000), (65535, 239)):
            self.says_width(width)
            self.bob.types("x" * 900)
            longest = max(map(len, self.alice.receives().decode().split("\r\n")))
            self.assertLessEqual(longest, most, width)
            self.server.wait(5)

    def test_broken_subnegotiations(self) -> None:
        """What is too short or too long for a width is read over."""
        self.alice.sends(b"alice\r\n")
        for data in (b"", b"\0", b"\0\x28\0", b"\0\x28\0\x18\0"):
            self.alice.sends(IAC + SB + NAWS + data + IAC + SE)
        self.alice.receives()
        self.bob.types("x" * 200)
        self.assertEqual(b"<bob> " + b"x" * 200 + b"\r\n", self.alice.receives())


class UnseenTests(SynchronousTestCase):
    """Passwords."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice = self.server.connection()
        self.alice.greeting()
        self.alice.sends(b"alice\r\n")
        self.alice.receives()

    def types(self, line: str) -> bytes:
        """A line of Alice's; what comes back, as bytes."""
        self.alice.sends(f"{line}\r\n".encode())
        return self.alice.receives()

    def test_password_is_not_shown(self) -> None:
        """The terminal is asked to hide it from the question to the last answer, and to move to a new line itself."""
        asked = self.types("/signup")
        self.assertIn(IAC + WILL + ECHO, asked)
        self.assertIn(b"not shown", asked)
        self.alice.sends(IAC + DO + ECHO)
        again = self.types("my new password")
        self.assertTrue(again.startswith(b"\r\n"), again)
        self.assertNotIn(IAC, again)
        done = self.types("my new password")
        self.assertTrue(done.startswith(b"\r\n"), done)
        self.assertIn(IAC + WONT + ECHO, done)
        self.assertIn(b"is now your account", done)

    def test_erasing_unseen(self) -> None:
        """Passwords are edited as well, by keys and by commands."""
        self.types("/signup")
        self.alice.sends(IAC + DO + ECHO)
        self.alice.sends(b"wrong" + IAC + EL + b"my new passworx\x7fd\r\n")
        self.assertIn(b"is now your account", self.types("oops\x15my new passwords" + "\b"))

    def test_owned_nickname_asks_unseen(self) -> None:
        """The line behind the nickname."""
        self.types("/signup my new password")
        self.types("QUIT")
        self.alice = self.server.connection()
        asked = self.types("alice")
        self.assertIn(IAC + WILL + ECHO, asked)
        self.assertNotIn(b"visible", asked)
        self.alice.sends(IAC + DO + ECHO)
        done = self.types("my new password")
        self.assertIn(IAC + WONT + ECHO, done)
        self.assertIn(b"Logged in as", done)

    def test_typed_ahead(self) -> None:
        """Who answers before the terminal has agreed gets the echo back when it has."""
        self.types("/signup")
        self.types("my new password")
        done = self.types("my new password")
        self.assertNotIn(IAC + WONT + ECHO, done)
        self.alice.sends(IAC + DO + ECHO)
        self.assertEqual(IAC + WONT + ECHO, self.alice.receives())

    def test_terminal_that_refuses_is_not_asked_again(self) -> None:
        """It is its owner's choice, and the password is taken all the same."""
        self.types("/signup")
        self.alice.sends(IAC + DONT + ECHO)
        self.assertNotIn(IAC, self.types("my new password"))
        self.assertIn(b"is now your account", self.types("my new password"))

    def test_terminal_that_changes_its_mind(self) -> None:
        """It may show again what is typed without being asked."""
        self.types("/signup")
        self.alice.sends(IAC + DO + ECHO + IAC + DONT + ECHO)
        self.assertEqual(IAC + WONT + ECHO, self.alice.receives())
        self.types("my new password")
        self.assertIn(b"is now your account", self.types("my new password"))

    def test_terminal_that_says_yes_twice(self) -> None:
        """Also while it is asked for the opposite; it is not believed, and nothing goes wrong."""
        self.types("/signup")
        self.alice.sends(IAC + DO + ECHO)
        self.types("")
        self.alice.sends(IAC + DO + ECHO + IAC + DONT + ECHO)
        self.assertIn(b"alice", self.types("/who"))

    def test_gone_before_the_answer(self) -> None:
        """A terminal may be gone before it answers a question, whichever it is; its person has left then."""
        bob = self.server.guest("bob")
        for sent in (IAC + SE, IAC + WILL + NAWS, IAC + DO + ECHO, IAC + DO + b"\x03", b"\r\n"):
            for hide in (False, True):
                with self.subTest(sent=sent, hide=hide):
                    carol = self.server.connection()
                    carol.sends(b"carol\n" + sent)
                    if hide:
                        carol.sends(b"/signup\r\n")
                    carol.disconnects()
                    self.assertEqual([], self.flushLoggedErrors())
                    self.assertIn("-- carol left the chat: connection closed", bob.reads())

    def test_nc_is_never_asked(self) -> None:
        """It would show the bytes of the question."""
        bob = self.server.guest("bob")
        bob.types("/signup", "my new password", "my new password")
        self.assertNotIn(IAC, bob.receives())


class AnyTelnetTests(SynchronousTestCase):
    """Whatever a peer negotiates."""

    @given(
        st.lists(
            st.sampled_from(
                [IAC, SB, SE, b"\r", b"\n", b"\0", b"a", b"hide", b"show"]
                + [IAC + command + option for command in (DONT, DO, WONT, WILL) for option in (ECHO, NAWS)]
            )
        )
    )
    def test_no_sequence_of_commands_is_too_odd(self, pieces: list[bytes]) -> None:
        """Yes to what was not asked, no to what was, in any order: nothing is raised, and text comes through."""
        received: list[bytes] = []
        reasons: list[str] = []
        telnet = TelnetFilter(received.append, lambda data: None, reasons.append, lambda width: None)
        for piece in pieces:
            if piece in (b"hide", b"show"):
                telnet.hide_typing(piece == b"hide")
            else:
                telnet.filter(piece)
        telnet.filter(IAC + SE + b"\nplain text\n")
        telnet.filter(b"\n" + IAC + SE + b"\nplain text\n")
        self.assertIn(b"plain text\n", b"".join(received))
        self.assertEqual([], reasons)


class FilterTests(SynchronousTestCase):
    """The filter by itself."""

    @given(st.lists(st.sampled_from([IAC, WILL, SB, SE, ECHO, b"\r", b"\n", b"\0", b"a", b"bc"])), st.integers(1, 7))
    def test_pieces_do_not_matter(self, pieces: list[bytes], size: int) -> None:
        """The same bytes, cut at other places, give the same text and the same answers."""
        data = b"".join(pieces)
        self.assertEqual(
            self.pass_through([data]), self.pass_through([data[at : at + size] for at in range(0, len(data), size)])
        )

    def pass_through(self, pieces: list[bytes]) -> tuple[bytes, bytes]:
        """The text that is left of the pieces, and what is sent in answer."""
        text: list[bytes] = []
        sent: list[bytes] = []
        telnet = TelnetFilter(text.append, sent.append, lambda reason: None, lambda width: None)
        for piece in pieces:
            telnet.filter(piece)
        return b"".join(text), b"".join(sent)
