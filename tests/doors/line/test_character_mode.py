"""
Telnet in character mode: the line being typed is edited by the server, and stays whole while others talk.
"""

from __future__ import annotations

from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.line.character_mode import HINT, STILL_PASTED
from chatroom.doors.line.keystrokes import PASTE_OFF, PASTE_ON
from chatroom.doors.line.text import ENDLESS, WIDEST
from chatroom.limits import Limits
from chatroom.testing import Server
from tests.doors.line.telnet_screen import DO, DONT, ECHO, IAC, NAWS, SB, SE, SGA, WILL, WONT, TelnetScreen

UP, DOWN, RIGHT, LEFT = b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D"

QUIET = Limits(talk_rate=0)


KEYS = [
    *(b"a", b" word", b"\xff\xff", b"\xc3", b"\x9b", b"\0", b"\x1b", b"\x1b[", b"[D", UP, DOWN, LEFT, RIGHT),
    *("\u65e5".encode(), "e\u0301".encode(), "\u202e".encode(), b"\x1b[200~", b"\x1b[201~", b"\r\0", b"\n", b"\t"),
    *(b"\x01", b"\x04", b"\x05", b"\x0b", b"\x15", b"\x17", b"\x7f", b"\x1b[3~"),
    IAC + SB + NAWS + b"\0\x14\0\x18" + IAC + SE,
]


class CharacterCase(SynchronousTestCase):
    """A server with bob, who uses nc, and alice, who uses telnet in character mode."""

    columns = 60

    def setUp(self) -> None:
        self.server = Server(QUIET)
        self.bob = self.server.guest("bob")
        self.alice = TelnetScreen(self.server, self.columns)
        self.alice.comes_in("alice")
        self.bob.reads()

    def assert_says(self, text: str) -> None:
        """Bob reads that alice said this, and nothing else."""
        self.assertEqual([f"<alice> {text}"], self.bob.reads())


class NegotiationTests(SynchronousTestCase):
    """Who is asked for it, and who gets it."""

    def setUp(self) -> None:
        self.server = Server(QUIET)
        self.bob = self.server.guest("bob")

    def test_a_client_that_agrees(self) -> None:
        """The window, the echo and the suppression of go-aheads are asked for once each, behind the first line."""
        alice = TelnetScreen(self.server)
        alice.comes_in("alice")
        alice.types("hello")
        self.assertEqual(DO + NAWS + WILL + ECHO + WILL + SGA, alice.asked)
        self.assertEqual("hello", alice.sees()[-2])

    def test_a_client_that_refuses(self) -> None:
        """Who refuses is in line mode as ever: nothing it types is written back to it."""
        alice = TelnetScreen(self.server, agrees=False)
        alice.comes_in("alice")
        self.bob.reads()
        alice.presses("hello\r\n")
        self.assertEqual(["<alice> hello"], self.bob.reads())
        self.assertEqual([""], alice.sees())

    def test_half_an_agreement(self) -> None:
        """A client that agrees to one of the two options is asked to forget it, and stays in line mode."""
        for yes, no in ((ECHO, SGA), (SGA, ECHO)):
            for first in (yes, no):
                alice = self.server.connection()
                self.server.wait(1)
                alice.sends(b"alice\r\n")
                alice.sends(IAC + WILL + NAWS)
                alice.receives()
                answers = [IAC + DO + yes, IAC + DONT + no]
                for answer in answers if first == yes else reversed(answers):
                    alice.sends(answer)
                got = alice.receives()
                self.assertIn(IAC + WONT + yes, got)
                alice.sends(IAC + DONT + yes + b"hello\r\n")
                self.assertEqual("<alice> hello", self.bob.reads()[-1])
                self.assertEqual(b"", alice.receives())
                alice.sends(b"/quit\r\n")
                self.bob.reads()

    def test_a_client_that_begins(self) -> None:
        """One that offers its window at once, as at port 23, is in character mode before it has a nickname."""
        alice = TelnetScreen(self.server)
        alice.presses(IAC + DO + SGA + IAC + WILL + NAWS)
        self.server.wait(1)
        alice.presses(*"alic")
        self.assertEqual("alic", alice.sees()[-1])
        alice.presses("e\r\0")
        self.assertIn("alice joined.", self.bob.reads()[-1])

    def test_nc_is_never_asked(self) -> None:
        """What nc reads and sends is what it always was, byte for byte."""
        carol = self.server.connection()
        self.server.wait(1)
        carol.sends(b"carol\n")
        carol.sends(b"half\x7f a li")
        self.assertNotIn(IAC, carol.receives())
        self.bob.types("hello")
        self.assertEqual(b"<bob> hello\n", carol.receives())

    def test_switched_off(self) -> None:
        """With C{--telnet-editing off}, nobody is asked to send each key."""
        self.server.factory.telnet_editing = False
        alice = TelnetScreen(self.server)
        alice.comes_in("alice")
        self.assertEqual(DO + NAWS, alice.asked)

    def test_back_to_line_mode(self) -> None:
        """After C{mode line}, telnet's own command, the server shows nothing; what was half typed is not lost."""
        for refusal in (IAC + DONT + ECHO + IAC + DONT + SGA, IAC + DONT + SGA + IAC + DONT + ECHO, IAC + DONT + SGA):
            alice = TelnetScreen(self.server)
            alice.comes_in("alice")
            self.bob.reads()
            alice.presses("one ", refusal)
            before = alice.sees()
            alice.presses("two\r\n")
            self.assertEqual(["<alice> one two"], self.bob.reads())
            self.assertEqual(before, alice.sees())
            alice.presses("/quit\r\n")
            self.bob.reads()

    def test_programs_are_not_edited(self) -> None:
        """A program that speaks telnet first and JSON then is answered in JSON, and nothing it sends comes back."""
        program = TelnetScreen(self.server)
        program.presses(IAC + WILL + NAWS)
        program.presses('{"id": 1, "do": "hello", "nick": "bot"}\r\n')
        program.line.receives()
        program.line.sends(b'{"id": 2, "do": "whoami"}\n')
        self.assertTrue(program.line.receives().startswith(b'{"id":2,'))


class TypingTests(CharacterCase):
    """The line being typed, on the screen and to others."""

    def test_others_talk(self) -> None:
        """What others say stands above the line being typed, which stays as it is, with the cursor where it was."""
        self.alice.presses(*"half a li", LEFT, LEFT)
        self.bob.types("hello alice", "and more")
        self.assertEqual(["<bob> hello alice", "<bob> and more", "half a li"], self.alice.sees()[-3:])
        self.assertEqual(7, self.alice.cursor)
        self.alice.presses(b"\x05", "ne", b"\r\0")
        self.assert_says("half a line")
        self.assertEqual(["<bob> and more", "half a line", ""], self.alice.sees()[-3:])

    def test_nothing_is_typed(self) -> None:
        """To a person who types nothing, talk is written as it is, and not a byte more."""
        self.alice.sees()
        self.bob.types("hello")
        self.assertEqual(b"<bob> hello\r\n", self.alice.line.receives())

    def test_one_key(self) -> None:
        """A key at the end of a line costs a byte to show, and so little to take back."""
        self.alice.presses("hell")
        self.alice.line.sends(b"o")
        self.assertEqual(b"o", self.alice.line.receives())
        self.alice.line.sends(b"\x7f")
        self.assertEqual(b"\b \b", self.alice.line.receives())

    def test_drawn_again(self) -> None:
        """Ctrl+L writes the whole line anew, where something else has written over it."""
        self.alice.presses("hello")
        self.alice.line.sends(b"\x0c")
        self.assertEqual(b"\r\x1b[Khello", self.alice.line.receives())

    def test_enter_may_be_any_of_its_ways(self) -> None:
        """CR LF, CR NUL, CR alone and LF alone end a line, and each ends one."""
        for end in (b"\r\n", b"\r\0", b"\r", b"\n"):
            self.alice.presses("hello", end)
            self.assert_says("hello")
            self.assertEqual(["hello", ""], self.alice.sees()[-2:])

    def test_answers(self) -> None:
        """What is typed while an answer is on its way stands below the answer."""
        self.alice.presses("/look\r\0", "next")
        self.assertEqual("next", self.alice.sees()[-1])
        self.assertIn("lobby", "\n".join(self.alice.sees()))

    def test_wide_and_combining_characters(self) -> None:
        """The cursor follows what is seen: a wide character is one, and so is a letter with its marks."""
        self.alice.presses("日本e\u0301x", LEFT, LEFT)
        self.assertEqual(4, self.alice.cursor)
        self.alice.presses(b"\x7f")
        self.assertEqual(normalize("NFC", "日e\u0301x"), normalize("NFC", self.alice.sees()[-1].replace(" ", "")))
        self.alice.presses(b"\x1b[3~", b"\r\0")
        self.assert_says("日x")

    def test_long_lines_are_scrolled(self) -> None:
        """A line that is longer than the window takes one row; when it is sent, all of it stands there."""
        text = " ".join(f"word{number}" for number in range(40))
        self.alice.presses(*text)
        row = self.alice.sees()[-1]
        self.assertTrue(row.startswith("<") and row.endswith("word39"), row)
        self.assertLess(len(row), self.columns)
        self.bob.types("hello")
        self.assertEqual(["<bob> hello", row], self.alice.sees()[-2:])
        self.alice.presses(b"\x01")
        row = self.alice.sees()[-1]
        self.assertTrue(row.startswith("word0 ") and row.endswith(">"), row)
        self.assertEqual(0, self.alice.cursor)
        self.alice.presses(b"\r\0")
        self.assert_says(text)
        self.assertIn(text, "".join(row.ljust(self.columns) for row in self.alice.sees()))

    def test_another_window(self) -> None:
        """The line is scrolled for the window as it is now; a width of 0 is taken for the usual one."""
        self.alice.presses(*"x" * 70)
        for columns in (120, 40, 9):
            self.alice.resizes(columns)
            self.assertLess(len(self.alice.sees()[-1]), columns)
        self.alice.presses(self.alice.size(0, 0), b"\r\0")
        self.assert_says("x" * 70)

    def test_a_line_that_is_too_long_and_was_left_by_an_arrow(self) -> None:
        """Going to another line by the keys Up and Down and back does not make a line whole that was cut."""
        self.alice.types("first")
        self.bob.reads()
        self.alice.presses("\u65e5" * 1990, UP, DOWN, b"\r\0")
        self.assertIn("too long", "\n".join(self.alice.sees()))
        self.assertEqual([], self.bob.reads())

    def test_a_line_that_is_too_long(self) -> None:
        """It is refused, and nothing of it is said; what had room can be edited and sent."""
        self.alice.presses("x" * 5000, b"\r\0")
        self.assertEqual([], self.bob.reads())
        self.assertIn("too long", "\n".join(self.alice.sees()))
        self.alice.presses("x" * 5000, b"\x15", "short", b"\r\0")
        self.assert_says("short")

    def test_text_in_another_encoding(self) -> None:
        """Bytes that are no UTF-8 are shown as such, and the line is refused."""
        self.alice.presses(b"caf\xe9 ", "ok")
        self.assertEqual("caf\ufffd ok", self.alice.sees()[-1])
        self.alice.presses(b"\r\0")
        self.assertIn("not UTF-8", "\n".join(self.alice.sees()))
        self.assertEqual([], self.bob.reads())

    def test_commands_of_telnet(self) -> None:
        """EC erases a character, and IP the line."""
        self.alice.presses("hexx", IAC + b"\xf7", IAC + b"\xf7", "llo", b"\r\0")
        self.assert_says("hello")
        self.alice.presses("/login bob geheim", IAC + b"\xf4", "right", b"\r\0")
        self.assert_says("right")

    def test_leaving_by_key(self) -> None:
        """Ctrl+D on an empty line says how to leave; the goodbye leaves nothing half typed on the screen."""
        self.alice.presses(b"\x04")
        self.assertIn(f"-- {HINT}", self.alice.sees())
        self.alice.presses("half", b"\x15/quit\r\0")
        self.assertTrue(self.alice.line.is_disconnected())

    def test_the_server_stops(self) -> None:
        """The last words stand by themselves, and pasted text is marked no more."""
        self.alice.presses("half a li")
        self.server.doorkeeper.close("The room is closing.")
        self.assertEqual("-- The room is closing.", self.alice.sees()[-2])
        self.assertEqual("", self.alice.sees()[-1])

    def test_remembered_lines(self) -> None:
        """Up brings back what was typed before, but no line with a password in it; Down what was being typed."""
        for line in ("one", "two", "/signup correct horse battery", "/login alice correct horse"):
            self.alice.types(line)
        self.alice.presses("draft", UP)
        self.assertEqual("two", self.alice.sees()[-1])
        self.alice.presses(UP, UP, UP)
        self.assertEqual("one", self.alice.sees()[-1])
        self.alice.presses(*[DOWN] * 5)
        self.assertEqual("draft", self.alice.sees()[-1])

    def test_completion(self) -> None:
        """Tab completes nicknames and commands, and offers the next one when it is pressed again."""
        self.server.guest("bertha")
        self.alice.presses("b\t")
        self.assertEqual("bertha:", self.alice.sees()[-1])
        self.alice.presses("\t", "hi @be\t", b"\r\0")
        self.assertEqual("<alice> bob: hi @bertha", self.bob.reads()[-1].rstrip())
        self.alice.presses("/unig\t")
        self.assertEqual("/unignore", self.alice.sees()[-1])


class SecretTests(CharacterCase):
    """Passwords."""

    def test_are_never_shown(self) -> None:
        """A secret is not shown while it is typed, nor when others talk, nor by the key Up."""
        self.alice.types("/signup")
        self.alice.presses(*"correct horse")
        self.bob.types("hello")
        self.assertEqual(["<bob> hello", ""], self.alice.sees()[-2:])
        self.alice.presses(b"\r\0")
        self.alice.types("correct horse")
        self.assertIn("is now your account", "\n".join(self.alice.sees()))
        self.alice.presses(UP)
        self.assertEqual("/signup", self.alice.sees()[-1])
        self.assertNotIn("horse", "\n".join(self.alice.sees()))

    def test_a_pasted_command_and_its_answer_are_not_said(self) -> None:
        """A command that asks for a password, pasted with the password behind it, reaches nobody else."""
        for pasted in ("/login alice\rhunter2 hunter2\r", "/signup\rhunter2 hunter2\rhunter2 hunter2\r"):
            self.alice.presses(pasted)
            self.server.wait(1)
            self.alice.presses(b"\r\0")
            self.assertEqual([], self.bob.reads())
            self.assertIn("nobody else has", "\n".join(self.alice.sees()))
            self.alice.presses(UP)
            self.assertEqual("", self.alice.sees()[-1])

    def test_typing_is_shown_again(self) -> None:
        """After the last answer, and after an empty one."""
        self.alice.types("/signup")
        self.alice.types("")
        self.alice.presses("seen")
        self.assertEqual("seen", self.alice.sees()[-1])

    def test_on_the_way_in(self) -> None:
        """An owned nickname asks unseen, whichever of the questions is answered first."""
        self.alice.types("/signup correct horse battery")
        self.alice.types("/quit")
        again = TelnetScreen(self.server)
        again.comes_in("alice")
        again.types("correct horse battery")
        self.assertIn("alice", "\n".join(again.sees()))
        self.assertNotIn("horse", "\n".join(again.sees()))
        again.presses("seen")
        self.assertEqual("seen", again.sees()[-1])


class PasteTests(CharacterCase):
    """Pasted text: one message, which waits for the Enter key."""

    TEXT = "first\n@bob second\n/quit\n"

    def check(self, *pieces: bytes) -> None:
        """The pieces are pasted; nothing happens until Enter, and then all of it is said as one message."""
        self.alice.presses(*pieces)
        self.assertEqual([], self.bob.reads())
        self.assertEqual("first\u21b5@bob second\u21b5/quit", self.alice.sees()[-1])
        self.server.wait(STILL_PASTED)
        self.alice.presses(b"\r\0")
        self.assertEqual(["<alice> first", "<alice> @bob second", "<alice> /quit"], self.bob.reads())
        self.assertEqual(["first", "@bob second", "/quit", ""], self.alice.sees()[-4:])

    def test_marked(self) -> None:
        """The terminal is asked to mark it, which most do."""
        text = self.TEXT.replace("\n", "\r").encode()
        self.check(b"\x1b[200~" + text + b"\x1b[201~")
        self.check(*[bytes([byte]) for byte in b"\x1b[200~" + text + b"\x1b[201~"])

    def test_unmarked(self) -> None:
        """Text behind a line end in one piece of input is a paste as well, whatever the line ends are."""
        for end in ("\r", "\n", "\r\n", "\r\0"):
            self.check(self.TEXT.rstrip().replace("\n", end).encode())

    def test_unmarked_in_several_pieces(self) -> None:
        """What follows at once belongs to it; what comes later is typed."""
        self.alice.presses(b"first\rsecond", b" half\r")
        self.assertEqual([], self.bob.reads())
        self.server.wait(STILL_PASTED * 2)
        self.alice.presses(b"\r")
        self.assertEqual(["<alice> first", "<alice> second half"], self.bob.reads())

    def test_a_single_line(self) -> None:
        """With the mark, it waits as well; without, a line and its end are as they are typed."""
        self.alice.presses(b"\x1b[200~/quit\r\x1b[201~")
        self.assertFalse(self.alice.line.is_disconnected())
        self.server.wait(STILL_PASTED)
        self.alice.presses(b"\x15hello\r")
        self.assert_says("hello")

    def test_at_a_secret_question(self) -> None:
        """The answer is the first line, and the rest is nothing."""
        self.alice.types("/signup")
        self.alice.presses(b"correct horse\rsay this\r/quit\r")
        self.server.wait(STILL_PASTED)
        self.alice.presses(b"\r", "correct horse", b"\r")
        self.assertIn("is now your account", "\n".join(self.alice.sees()))
        self.assertNotIn("say this", "\n".join(self.bob.reads()))

    def test_a_secret_in_it(self) -> None:
        """A pasted text with a login in it is refused, and nobody reads it."""
        self.alice.presses(b"\x1b[200~hello\r/login alice geheim\r\x1b[201~")
        self.server.wait(STILL_PASTED)
        self.alice.presses(b"\r")
        self.assertIn("mistyped /login", "\n".join(self.alice.sees()))
        self.assertEqual([], self.bob.reads())

    def test_without_an_end(self) -> None:
        """Ctrl+C ends a paste whose end never comes; more than a line has room for is refused."""
        self.alice.presses(b"\x1b[200~lost", b"\x03", "typed", b"\r")
        self.assert_says("typed")
        self.alice.presses(b"\x1b[200~" + b"x\r" * 9000 + b"\x1b[201~")
        self.server.wait(10)
        self.alice.presses(b"\r")
        self.assertEqual([], self.bob.reads())
        self.assertIn("too long", "\n".join(self.alice.sees()))

    def test_marks_are_asked_for_and_given_back(self) -> None:
        """From the beginning of character mode to its end."""
        carol = self.server.connection()
        self.server.wait(1)
        carol.sends(b"carol\r\n" + IAC + WILL + NAWS + IAC + DO + ECHO + IAC + DO + SGA)
        self.assertEqual(1, carol.receives().count(PASTE_ON))
        carol.sends(b"/quit\r\0")
        self.assertEqual(1, carol.receives().count(PASTE_OFF))


class BoundsTests(CharacterCase):
    """Strangers may send what they like."""

    def test_windows_without_end(self) -> None:
        """Ten thousand sizes of a window are one redrawn line, and of no more styles than there are widths."""
        self.alice.presses("half")
        self.alice.line.sends(b"".join(self.alice.size(number % 3000, 24) for number in range(10_000)))
        self.assertLess(len(self.alice.line.receives()), 1000)
        self.assertFalse(self.alice.line.is_disconnected())

    def test_a_window_too_wide_to_be_true(self) -> None:
        """A row is never longer than the widest text, whatever a window says of itself: others' talk draws it anew."""
        self.alice.line.sends(self.alice.size(0xFFFE, 24) + "\u0434".encode() * 2000)
        self.alice.line.receives()
        self.bob.types("hello")
        got = self.alice.line.receives().decode()
        self.assertIn("<bob> hello", got)
        self.assertLessEqual(got.count("\u0434"), WIDEST)

    def test_keys_without_end(self) -> None:
        """Keys that come too fast wait with the reader paused, and none is lost; without Enter, this ends."""
        alice = self.alice.line
        alice.sends(b"x\x7f" * 30_000 + b"hello")
        self.assertEqual("paused", alice.transport.producerState)
        alice.receives()
        self.server.wait(30)
        self.assertEqual("producing", alice.transport.producerState)
        alice.sends(b"\r\0")
        self.assert_says("hello")
        for _ in range(ENDLESS // 60_000 + 1):
            alice.sends(b"x\x7f" * 30_000)
            self.server.wait(30)
        self.assertTrue(alice.is_disconnected())

    def test_a_great_paste_in_slices(self) -> None:
        """A pasted text that has to wait is one message all the same."""
        lines = [f"line {number} {'x' * 60}" for number in range(28)]
        for _ in range(20):  # what may be typed at once is used up
            self.alice.line.sends(b"x\x7f" * 500)
        self.alice.line.sends("\r".join(lines).encode())
        self.server.wait(10)
        self.assertEqual([], self.bob.reads())
        self.alice.presses(b"\r")
        self.assertEqual([f"<alice> {line}" for line in lines], self.bob.reads())

    def test_last_words(self) -> None:
        """What was sent before the window was closed is said, even if it has to wait; what is half typed is not."""
        self.alice.line.sends(b"x\x7f" * 20_000 + b"hello\r\0")
        self.alice.line.sends(b"I hate")
        self.alice.line.ends()
        self.assertEqual(["<alice> hello", "-- alice left the chat: connection closed"], self.bob.reads())

    def test_a_piece_of_keys_is_drawn_once(self) -> None:
        """However many keys come in one piece."""
        self.alice.sees()
        self.alice.line.sends((LEFT + "日".encode()) * 5000)
        self.assertLess(len(self.alice.line.receives()), 2000)

    @given(st.lists(st.sampled_from(KEYS), max_size=60))
    def test_whatever_is_typed(self, keys: list[bytes]) -> None:
        """The row on the screen is always what the editor has, and talk of others stands above it, whole."""
        self.setUp()
        alice = self.alice
        alice.presses(*keys)
        if alice.line.is_disconnected():
            return
        alice.sees()
        self.bob.types("hello")
        rows = alice.sees()
        self.assertIn("<bob> hello", rows)
        self.assertLessEqual(len(rows) - 1 - rows.index("<bob> hello"), 1)
        alice.presses(b"\x1b[201~", b"\x03", b"\x03")
        self.server.wait(1)
        alice.presses(b"", b"\r", b"/quit\r")
        self.assertTrue(alice.line.is_disconnected(), keys)
