"""
Rows of a screen: whatever somebody writes, no row begins as a line of somebody else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom import events as happened
from chatroom.doors.line.text import LF, telnet_style
from chatroom.events import SERVER
from chatroom.layout import FSI, INDENT, PDI, columns, cut, isolated, isolated_within, rows
from chatroom.testing import Server

NOON = 1767268800.0

BLANKS = " \u00a0\u2000\u2003\u2007\u202f\u205f\u2800\u3000\t"

WIDTHS = (40, 80, 132)

FAKES = (
    "<alice> I quit.", "* alice quits", "-- alice left the chat.", "! You are banned.", "[adm whispers] psst",
    "[lobby] <alice> hi", "\uff1calice\uff1e I quit.", "\u2014\u2014 alice left.",
)  # fmt: skip

_FAKE = re.compile("(?:[<\uff1c]alice[>\uff1e]|\\* alice|(?:--|\u2014\u2014) alice|! You|\\[adm|\\[lobby)")


def screen(line: str, width: int) -> Iterator[str]:
    """The rows that a terminal makes of a line: the next one begins where a character has no room left."""
    row, used = "", 0
    for character in line:
        wide = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        size = 0 if unicodedata.category(character) in ("Mn", "Cf") else wide
        if used + size > width:
            yield row
            row, used = "", 0
        row += character
        used += size
    yield row


class FakeTests(SynchronousTestCase):
    """A text of eve's that ends with what looks like a line of somebody else."""

    def assert_no_fake(self, data: bytes, width: int, beginning: str) -> None:
        """No row of a screen begins like a line of alice's, of the server's or of an admin's."""
        lines = data.decode().replace("\r\n", "\n").split("\n")[:-1]
        self.assertTrue(lines[0].startswith(beginning), lines)
        found = [row for line in lines for row in screen(line, width)]
        for row in found[1:]:
            self.assertIsNone(_FAKE.match(row), found)

    def padded(self) -> Iterator[tuple[str, int]]:
        """Fakes behind blanks, and behind ink, at the left edge of the second row of a window."""
        for width in WIDTHS:
            for fake in FAKES:
                for blank in BLANKS.replace("\t", ""):
                    for count in range(width - 24, width + 1):
                        yield f"hi{blank * count}{fake}", width
                for ink in ("x", "x ", "\u754c", "\U0001f600"):
                    for count in range(width // 2 - 14, width + 1):
                        yield f"{ink * count}{fake}", width

    def test_talk(self) -> None:
        """In nc, whose width nobody knows."""
        form = LF.form(here=True)
        for text, width in self.padded():
            (data,) = form.render([happened.Said(NOON, "lobby", "eve", 1, text)])
            self.assert_no_fake(data, width, "<eve> ")

    def test_talk_in_telnet(self) -> None:
        """In telnet, whose width is known."""
        for text, width in self.padded():
            (data,) = telnet_style(width).form(here=True).render([happened.Said(NOON, "lobby", "eve", 1, text)])
            self.assert_no_fake(data, width, "<eve> ")

    def test_everything_else(self) -> None:
        """Topics, whispers, reasons, away texts, and answers that repeat them."""
        for width in WIDTHS:
            for fake in FAKES:
                for count in range(width - 40, width):
                    text = "x" + "\u3000" * (count // 2) + fake
                    for event in (
                        happened.TopicSet(NOON, "lobby", "eve", 1, text),
                        happened.Whispered(NOON, SERVER, "eve", "bob", text),
                        happened.AwaySet(NOON, SERVER, "eve", text),
                        happened.Left(NOON, "lobby", "eve", 1, text),
                        happened.Kicked(NOON, "lobby", "eve", 1, "bob", text),
                        happened.Acted(NOON, "lobby", "eve", 1, text),
                    ):
                        for style in (LF, telnet_style(width)):
                            self.assert_no_fake(b"".join(style.form(here=True).render([event])), width, "")
                            self.assert_no_fake(style.answer((event,), "lobby"), width, "-- 2026")
                    self.assert_no_fake(LF.answer((f"Topic of lobby: {text}",), "lobby"), width, "Topic")
                    self.assert_no_fake(LF.refusal(f"You are banned: {text}"), width, "! You")

    def test_runs_of_blanks(self) -> None:
        """No more than a few blanks in a row are shown, of whatever kind."""
        for blank in BLANKS.replace("\t", ""):
            (data,) = LF.form(here=True).render([happened.Said(NOON, "lobby", "eve", 1, f"a{blank * 60}b")])
            self.assertEqual(b"<eve> a        b\n", data, repr(blank))
        self.assertEqual(["<eve> a        b"], rows("<eve> a" + "\u2800\u3000 " * 30 + "b"))

    def test_ordinary_lines(self) -> None:
        """What looks like nothing but itself stays one line in nc, however long it is."""
        for text in ("word " * 300, "x" * 3000, "a -> b, c < d! really? 5 * 3", "wow! so - much", "\u754c" * 500):
            (data,) = LF.form(here=True).render([happened.Said(NOON, "lobby", "eve", 1, text)])
            self.assertEqual(f"<eve> {text}\n", data.decode())

    def test_programs_read_what_was_said(self) -> None:
        """JSON has every blank that was said, and no line end of ours."""
        server = Server()
        robot, eve = server.program("robot"), server.guest("eve")
        robot.hears()
        text = "hi" + " " * 72 + "<alice> I quit."
        eve.types(text)
        self.assertEqual([text], [event["text"] for event in robot.hears()])

    @given(
        st.text(st.sampled_from("ab <>[]-!*\u3000\u754c\u05d0\u0301\U0001f600"), max_size=300), st.sampled_from(WIDTHS)
    )
    def test_nothing_is_lost(self, text: str, width: int) -> None:
        """Whatever is broken is broken between characters: all ink is there, in order, and each row has room."""
        ink = re.sub(f"[\\s{FSI}{PDI}]", "", text)
        for broken in (rows(text), rows(text, width), rows(isolated(text), width)):
            self.assertEqual(ink, re.sub(f"[\\s{FSI}{PDI}]", "", "".join(broken)))
            for row in broken:
                self.assertEqual(row.count(FSI), row.count(PDI))
        for row in rows(text, width):
            self.assertLess(sum(map(columns, row)), width)
        for row in rows(text, width)[1:]:
            self.assertTrue(row.startswith(INDENT))

    @given(
        st.text(st.sampled_from("ab <>[]-!*\u3000\u754c\u05d0\u0301\U0001f600"), max_size=300), st.sampled_from(WIDTHS)
    )
    def test_cut_lines(self, text: str, width: int) -> None:
        """A line that is cut is as much of its beginning as the window has columns for, and no isolate stays open."""
        for line in (text, isolated(text)):
            shown = cut(line, width)
            self.assertEqual(shown.count(FSI), shown.count(PDI))
            self.assertLessEqual(sum(map(columns, shown)), width)
            rest = line[len(shown.removesuffix(PDI)) :].removesuffix(PDI)
            self.assertTrue(line.startswith(shown.removesuffix(PDI)))
            self.assertTrue(not rest or sum(map(columns, shown)) + columns(rest[0]) > width)


class Bidi:
    """
    What a terminal that reorders shows of a line of letters, signs and isolates, by the rules of UAX 9 that they need.
    Letters are strong, all else is neutral; an isolate is laid out by its own first strong letter, and is neutral in
    its line. Numbers are left out.
    """

    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 0

    def shown(self) -> str:
        """From left to right."""
        return "".join(self._level())

    def _level(self) -> list[str]:
        parts: list[str] = []  # characters, or whole isolates
        while self._at < len(self._line):
            character = self._line[self._at]
            self._at += 1
            if character == PDI:
                break
            parts.append("".join(self._level()) if character == FSI else character)
        kinds = [self._kind(part) if len(part) == 1 else "N" for part in parts]
        right = next((kind for kind in kinds if kind != "N"), "L") == "R"
        for at, kind in enumerate(kinds):  # N1, N2
            if kind == "N":
                before = next((k for k in reversed(kinds[:at]) if k != "N"), "R" if right else "L")
                after = next((k for k in kinds[at:] if k != "N"), "R" if right else "L")
                kinds[at] = before if before == after else ("R" if right else "L")
        runs: list[tuple[str, list[str]]] = []
        for kind, part in zip(kinds, parts, strict=True):
            if runs and runs[-1][0] == kind:
                runs[-1][1].append(part)
            else:
                runs.append((kind, [part]))
        made = [run[::-1] if kind == "R" else run for kind, run in runs]
        return [part for run in (made[::-1] if right else made) for part in run]

    @staticmethod
    def _kind(character: str) -> str:
        return {"L": "L", "R": "R", "AL": "R"}.get(unicodedata.bidirectional(character), "N")


class DirectionTests(SynchronousTestCase):
    """Hebrew and Arabic on a terminal that reorders."""

    NAME, WORDS = "\u05d3\u05d5\u05d3", "\u05e9\u05dc\u05d5\u05dd \u05dc\u05db\u05dc\u05dd"

    def shown(self, event: happened.Event) -> str:
        """What stands on the screen, from left to right."""
        (data,) = LF.form(here=True).render([event])
        return Bidi(data.decode().rstrip("\n")).shown()

    def test_model(self) -> None:
        """The model sees the fault: without isolates, a line with a Hebrew nickname is laid out from the right."""
        self.assertEqual(f"a {self.NAME[::-1]} b", Bidi(f"a {self.NAME} b").shown())
        self.assertEqual(f"b {self.NAME[::-1]}", Bidi(f"{self.NAME} b").shown())
        self.assertFalse(Bidi(f"<{self.NAME}> {self.WORDS}").shown().startswith("<"))

    def test_who_speaks_stands_in_front(self) -> None:
        """The nickname is in its brackets at the left, whatever it and the text are written in."""
        for nick in (self.NAME, "bob", "\u0639\u0644\u064a"):
            for text in (self.WORDS, "hello", f"hello {self.WORDS} <alice> hi", f"{self.WORDS} <alice>", "12 (3)"):
                seen = self.shown(happened.Said(NOON, "lobby", nick, 1, text))
                self.assertTrue(seen.startswith((f"<{nick}> ", f"<{nick[::-1]}> ")), seen)
                acted = self.shown(happened.Acted(NOON, "lobby", nick, 1, text))
                self.assertTrue(acted.startswith((f"* {nick} ", f"* {nick[::-1]} ")), acted)
                whisper = self.shown(happened.Whispered(NOON, SERVER, nick, "bob", text))
                self.assertTrue(whisper.startswith((f"[{nick} whispers] ", f"[{nick[::-1]} whispers] ")), whisper)

    def test_sentences_of_the_server(self) -> None:
        """A sentence begins with its sign and reads from left to right, whoever it is about."""
        back = self.NAME[::-1]
        self.assertEqual(f"-- {back} joined.", self.shown(happened.Joined(NOON, "lobby", self.NAME, 1)))
        topic = self.shown(happened.TopicSet(NOON, "lobby", self.NAME, 1, self.WORDS))
        self.assertEqual(f"-- {back} set the topic: {self.WORDS[::-1]}", topic)
        answer = LF.answer((f"{self.NAME} is offline. Your whisper is in their inbox.",), "lobby").decode()
        self.assertTrue(Bidi(answer.rstrip("\n")).shown().startswith(f"{back} is offline."))
        self.assertTrue(Bidi(LF.refusal(f"{self.NAME} is not in den.").decode()).shown().startswith(f"! {back} is not"))

    def test_other_scripts_are_as_they_were(self) -> None:
        """Where nothing is reordered, nothing is put in."""
        for text in ("hello", "h\u00e9llo", "\u65e5\u672c\u8a9e", "\u0440\u0443\u0441", "\U0001f600"):
            self.assertEqual(text, isolated(text))
            self.assertEqual(text, isolated_within(text))

    def test_nobody_ends_an_isolate(self) -> None:
        """Isolates and other turns of direction that somebody wrote are left out."""
        text = f"{PDI}{FSI}\u202e{self.WORDS}{PDI}\u2066 <alice> hi"
        (data,) = LF.form(here=True).render([happened.Said(NOON, "lobby", "bob", 1, text)])
        self.assertEqual(f"<bob> {FSI}{self.WORDS} <alice> hi{PDI}\n", data.decode())
