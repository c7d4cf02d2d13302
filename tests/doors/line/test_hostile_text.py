"""
Nobody can hurt another person's terminal: whatever alice types, bob's screen gets text, on lines of its own.

Bob's screen is an emulated VT100 (pyte). Alice is as mean as Hypothesis can make her, by words, names, topics, rooms,
reasons and passwords, as a person and as a program; carl says something before and after, and it has to stay as it is.
"""

from __future__ import annotations

import re
from typing import Any

import pyte
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.cleaning import clean
from chatroom.events import Role
from chatroom.plugins.find import find
from chatroom.testing import Program, Server

COMMANDS = find()
COLUMNS, ROWS = 120, 400

weapons = st.sampled_from(
    [
        "\x1b[2J", "\x1b[H", "\x1b[31m", "\x1b]0;owned\x07", "\x1b]2;owned\x1b\\", "\x1b[?1049h", "\x1b[5;10r",
        "\x1b7", "\x1b[6n", "\x1b[c", "\x1bc", "\x1b#8", "\x1b(0", "\x1b[4h", "\x1b[?25l", "\x1b[1A", "\x1b[2K",
        "\x1bP", "\x9b2J", "\x9d0;owned\x9c", "\x0e", "\x0f", "\x07", "\x08", "\x0b", "\x0c", "\r", "\t", "\x7f",
        "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u0301" * 9, "\ufe0f",
        "\U000e0041", "\uffff", "宽", "🙂", "\x00",
    ]
)  # fmt: skip
mean_text = st.lists(weapons | st.text(max_size=8), min_size=1, max_size=5).map("".join)
mean_bytes = mean_text.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(min_size=1, max_size=30)

TYPED = (
    "{}", "//{}", "/me {}", "/say {}", "@bob {}", "/topic {}", "/nick {}", "/create {}", "/join {}", "/away {}",
    "/kick bob {}", "/ban bob 1m {}", "/mute bob 1m {}", "/ban {}", "/leave den {}", "/invite {}", "/op {}", "/{} x",
    "/password {}", "/quit {}", "QUIT{}", "/signup {}", "/ignore {}", "x{}\n{}", "/reply {}",
)  # fmt: skip
"""What a person may type; alice's weapon takes the place of the braces."""

SENT: tuple[dict[str, Any], ...] = (
    {"do": "say", "text": ...},
    {"do": "say", "room": "den", "text": ...},
    {"do": "me", "text": ...},
    {"do": "whisper", "to": "bob", "text": ...},
    {"do": "topic", "room": "den", "text": ...},
    {"do": "nick", "nick": ...},
    {"do": "create", "room": ...},
    {"do": "away", "text": ...},
    {"do": "kick", "nick": "bob", "room": "den", "reason": ...},
    {"do": "ban", "nick": ..., "room": "den", "reason": ...},
    {"do": "mute", "nick": "bob", "duration": "1m", "room": "den", "reason": ...},
    {"do": "leave", "room": "den", "reason": ...},
    {"do": "quit", "reason": ...},
)
"""What a program may send."""

LOOKED_UP = (
    "/who *",
    "/rooms",
    "/topic",
    "/history",
    "/info alice",
    "/search x",
    "/bans",
    "/missed",
    "/reply hm",
    "/x",
)
"""What bob types to see more of her."""


PIECES = re.compile(r"[ -~]+|.", re.DOTALL)
"""Plain text together, and every other character alone."""


class Terminal:
    """
    Bob's screen, and everything about it that is not text.

    @ivar rung: whether its bell has rung, or it has sent anything back.
    """

    def __init__(self) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.rung: list[str] = []
        self.screen.bell = lambda *args: self.rung.append("bell")  # type: ignore[method-assign]
        self.screen.write_process_input = self.rung.append  # type: ignore[method-assign,assignment]
        self._stream = pyte.Stream(self.screen)
        self._fresh = self.condition()

    def shows(self, data: bytes) -> None:
        """Print what nc prints, LF as CR LF as terminal drivers do. In pieces: pyte loses what is behind a joiner."""
        for piece in PIECES.findall(data.decode().replace("\n", "\r\n")):
            self._stream.feed(piece)

    def condition(self) -> dict[str, Any]:
        """What escape sequences could change."""
        screen = self.screen
        return {
            "column": screen.cursor.x,
            "attributes": screen.cursor.attrs,
            "hidden": screen.cursor.hidden,
            "modes": set(screen.mode),
            "margins": screen.margins,
            "title": (screen.title, screen.icon_name),
            "charset": (screen.charset, screen.g0_charset, screen.g1_charset),
            "tab stops": set(screen.tabstops),
            "saved": list(screen.savepoints),
            "bell": list(self.rung),
            "size": (screen.columns, screen.lines),
        }

    def is_fresh(self) -> dict[str, Any]:
        """What differs from a terminal just switched on, beyond its text."""
        now = self.condition()
        return {name: now[name] for name in now if now[name] != self._fresh[name]}

    def rows(self) -> list[str]:
        """Its text, down to the cursor."""
        rows = (self.screen.buffer[number] for number in range(self.screen.cursor.y))
        return ["".join(row[column].data for column in range(COLUMNS)).rstrip() for row in rows]

    def styles(self) -> set[Any]:
        """Every way in which its characters are shown."""
        return {cell._replace(data="") for row in self.screen.buffer.values() for cell in row.values()}


class Scene:
    """A room called den that alice owns; carl and bob are in it."""

    def __init__(self) -> None:
        self.server = Server(commands=COMMANDS)
        self.alice = self.server.guest("alice", "192.0.2.1")
        self.carl, self.bob = self.server.guest("carl", "192.0.2.2"), self.server.guest("bob", "192.0.2.3")
        self.alice.types("/create den")
        for guest in (self.carl, self.bob):
            guest.types("/join den")
        self.bob.reads()
        self.terminal = Terminal()

    def bob_reads(self) -> list[str]:
        """Everything that came, on his screen."""
        data = self.bob.receives()
        self.terminal.shows(data)
        return data.decode().split("\n")[:-1]

    def frames(self, test: SynchronousTestCase, act: Any) -> list[str]:
        """Carl speaks, alice acts, carl speaks again: what bob reads of her act, if all is well with his screen."""
        self.carl.types("what carl says before")
        before = self.bob_reads()
        act()
        lines = self.bob_reads()
        if self.bob_is_in():
            self.carl.types("what carl says behind")
            behind = self.bob_reads()
            test.assertEqual(["<carl> what carl says behind"], behind)
            test.assertEqual(behind[0], self.terminal.rows()[-1])
        test.assertEqual(["<carl> what carl says before"], before)
        test.assertEqual(before[0], self.terminal.rows()[0])
        test.assertEqual({}, self.terminal.is_fresh())
        return lines

    def bob_is_in(self) -> bool:
        """Whether she has not sent him out."""
        return "bob" in self.server.services.chat.state.rooms["den"].members

    def looks(self, test: SynchronousTestCase) -> None:
        """Bob asks for all that can be known of her."""
        self.bob.types(*LOOKED_UP)
        self.bob_reads()
        test.assertEqual({}, self.terminal.is_fresh())
        test.assertEqual(1, len(self.terminal.styles()))


class TerminalTests(SynchronousTestCase):
    """Bob's terminal."""

    def test_screen_would_notice(self) -> None:
        """The emulator is hurt by what the server keeps from it: otherwise these tests would prove nothing."""
        for weapon in (
            "\x1b[2J",
            "\x1b[31mx",
            "\x1b]0;owned\x07",
            "\x1b[5;10r",
            "\x1b7",
            "\x1b[?25l",
            "\x07",
            "\x1b[6n",
            "x",
        ):
            terminal = Terminal()
            terminal.shows(f"hello\n{weapon}".encode())
            self.assertTrue(terminal.is_fresh() or terminal.rows() != ["hello"], ascii(weapon))

    @settings(max_examples=300)
    @given(st.sampled_from(TYPED), mean_bytes)
    @example("@bob {}", b"\x1b[2J\r\nQUIT \x9b")
    def test_what_a_person_types(self, template: str, weapon: bytes) -> None:
        """As talk, in whispers, as a name, a topic, a room, a reason, a password, or no command at all."""
        scene = Scene()
        line = template.encode().replace(b"{}", weapon) + b"\n"
        scene.frames(self, lambda: scene.alice.sends(line))
        scene.looks(self)

    @settings(max_examples=300)
    @given(st.sampled_from(SENT), mean_text)
    @example(SENT[0], "\ud83d\n\udc00\u2028<carl> not carl\n-- chatroom")
    def test_what_a_program_sends(self, template: dict[str, Any], weapon: str) -> None:
        """Programs can send what no keyboard has: line ends inside a text, halves of characters."""
        scene = Scene()
        scene.alice.disconnects()
        program = scene.server.program("alice")
        program.asks("join", room="den")
        scene.bob.reads(), scene.carl.reads()
        scene.server.services.chat.state.rooms["den"].roles["alice"] = Role.OWNER
        scene.frames(self, lambda: self.send(program, template, weapon))
        scene.looks(self)

    def send(self, program: Program, template: dict[str, Any], weapon: str) -> None:
        """A request with the weapon in place of the dots."""
        arguments = {name: weapon if value is ... else value for name, value in template.items()}
        if not program.is_disconnected():
            program.asks(arguments.pop("do"), **arguments)

    @settings(max_examples=200)
    @given(mean_bytes)
    def test_what_a_stranger_is_called(self, name: bytes) -> None:
        """Somebody comes in by that name, says hello and goes."""
        scene = Scene()

        def come_and_go() -> None:
            stranger = scene.server.connection()
            stranger.sends(name + b"\n")
            stranger.types("hello", "/join den", "hello again", "QUIT")

        scene.frames(self, come_and_go)
        scene.looks(self)

    @settings(max_examples=200)
    @given(
        st.lists(
            weapons | st.text(max_size=8) | st.sampled_from(["\n", "\n-- ", "\n<carl> ", "\n! "]),
            min_size=1,
            max_size=6,
        )
    )
    def test_every_line_says_whose_it_is(self, pieces: list[str]) -> None:
        """However many lines a message has, none can pass for carl's, or for the server's word."""
        scene = Scene()
        scene.alice.disconnects()
        program = scene.server.program("alice")
        program.asks("join", room="den")
        scene.bob.reads()
        lines = scene.frames(self, lambda: program.asks("say", text="".join(pieces), room="den"))
        for line in lines:
            self.assertTrue(line.startswith("<alice> "), ascii(line))
        whispered = scene.frames(self, lambda: program.asks("whisper", to="bob", text="".join(pieces)))
        for line in whispered:
            self.assertTrue(line.startswith("[alice whispers] "), ascii(line))

    @settings(max_examples=50)
    @given(st.sampled_from(TYPED), mean_bytes)
    def test_no_telnet_command_gets_through(self, template: str, weapon: bytes) -> None:
        """The byte with which telnet commands begin is in nothing that bob is sent: it is in no UTF-8."""
        scene = Scene()
        scene.alice.sends(template.encode().replace(b"{}", weapon) + b"\n")
        data = scene.bob.receives()
        self.assertNotIn(b"\xff", data)
        data.decode()

    @settings(max_examples=200)
    @given(st.sampled_from(SENT), mean_text)
    def test_programs_are_given_clean_text(self, template: dict[str, Any], weapon: str) -> None:
        """A program may print what it hears as it stands."""
        scene = Scene()
        robot, mean = scene.server.program("robot"), scene.server.program("mean")
        for program in (robot, mean):
            program.asks("join", room="den")
        scene.server.services.chat.state.rooms["den"].roles["mean"] = Role.OWNER
        robot.hears()
        self.send(mean, template | ({"to": "robot"} if "to" in template else {}), weapon)
        for event in robot.hears():
            for value in event.values():
                for line in value.split("\n") if isinstance(value, str) else ():
                    self.assertEqual(clean(line), line)
