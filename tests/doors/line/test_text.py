"""
Events as lines of text: what people read.
"""

from __future__ import annotations

import unicodedata
from dataclasses import fields
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase
from zope.interface.verify import verifyObject

from chatroom import events as happened
from chatroom.doors.line.text import CRLF, LF, lines_of, safe, telnet_style
from chatroom.events import FOREVER, KINDS, SERVER, Event
from chatroom.interfaces import Drawn, IForm

NOON = 1767268800.0
"""2026-01-01 12:00 UTC."""


class LiveLineTests(SynchronousTestCase):
    """What is read in the moment it happens."""

    def assert_reads(self, expected: str, event: Event) -> None:
        """The event is this one line, in the room looked at."""
        self.assertEqual([f"{expected}\n".encode()], LF.form(here=True).render([event]))

    def test_forms_keep_their_promise(self) -> None:
        """Each form is what the server expects of one."""
        for style in (LF, CRLF):
            verifyObject(IForm, style.form(here=True))
            verifyObject(IForm, style.form(here=False))

    def test_talk(self) -> None:
        """Who says it stands in front."""
        self.assert_reads("<bob> hi", happened.Said(NOON, "lobby", "bob", 1, "hi"))
        self.assert_reads("* bob waves", happened.Acted(NOON, "lobby", "bob", 1, "waves"))
        self.assert_reads("[bob whispers] psst", happened.Whispered(NOON, SERVER, "bob", "alice", "psst"))

    def test_each_line_of_a_long_message_has_its_speaker(self) -> None:
        """Each line of a long message has its speaker, so that none can pass for another person's or the server's."""
        said = happened.Said(NOON, "lobby", "bob", 1, "first\n-- eve joined.")
        self.assertEqual([b"<bob> first\n<bob> -- eve joined.\n"], LF.form(here=True).render([said]))

    def test_other_rooms_are_named(self) -> None:
        """A line from a room that is not looked at carries its name."""
        form = LF.form(here=False)
        said = happened.Said(NOON, "attic", "bob", 1, "hi")
        joined = happened.Joined(NOON, "attic", "eve", 2)
        away = happened.AwaySet(NOON, SERVER, "eve", "lunch")
        self.assertEqual(
            [b"[attic] <bob> hi\n", b"[attic] -- eve joined.\n", b"-- eve is away: lunch\n"],
            form.render([said, joined, away]),
        )

    def test_telnet_reads_its_own_line_ends(self) -> None:
        """CR LF, for every line of a message."""
        said = happened.Said(NOON, "lobby", "bob", 1, "one\ntwo")
        self.assertEqual([b"<bob> one\r\n<bob> two\r\n"], CRLF.form(here=True).render([said]))

    def test_coming_and_going(self) -> None:
        """Everyone knows who is here, and why somebody is not."""
        self.assert_reads("-- bob joined.", happened.Joined(NOON, "lobby", "bob"))
        self.assert_reads("-- bob left the room.", happened.Left(NOON, "lobby", "bob"))
        self.assert_reads("-- bob left the chat: tea", happened.Left(NOON, "lobby", "bob", 1, "tea", gone=True))
        self.assert_reads("-- bob is now called rob.", happened.Renamed(NOON, "lobby", "bob", 1, "rob"))

    def test_order_in_the_room(self) -> None:
        """What operators do is told with the reason, and until when."""
        self.assert_reads(
            "-- bob muted eve until 2026-01-01 12:00 UTC: noise",
            happened.RoomMuted(NOON, "lobby", "bob", 1, "eve", NOON, "noise"),
        )
        self.assert_reads("-- bob banned eve.", happened.RoomBanned(NOON, "lobby", "bob", 1, "eve", FOREVER))
        self.assert_reads("-- bob kicked eve.", happened.Kicked(NOON, "lobby", "bob", 1, "eve"))

    def test_every_event_has_its_sentence(self) -> None:
        """No kind of event reaches people as a mere code; those that are no news to people are not shown."""
        silent = {"arrived", "departed", "became", "session-revoked", "sanctioned", "pardoned", "expelled", "erased"}
        silent |= {"plugin-stored", "plugin-added", "account-changed", "tried", "acting"}
        for kind, cls in KINDS.items():
            texts = {f.name: "text" for f in fields(cls) if f.type == "str" and f.name not in ("room", "nick")}
            lines = lines_of(cls(at=NOON, room="lobby", nick="bob", **texts))
            self.assertEqual(kind in silent, lines == [], kind)
            self.assertNotIn(f"bob: {kind}", " ".join(lines))

    def test_an_event_of_tomorrow_is_shown_all_the_same(self) -> None:
        """A kind this door has never heard of is written by its name."""

        class Danced(happened.RoomEvent):
            kind = "danced"

        self.assert_reads("-- bob: danced", Danced(NOON, "lobby", "bob"))


class AnswerTests(SynchronousTestCase):
    """What is read because it was asked for."""

    def test_history_has_times(self) -> None:
        """Each line has its time, and the date stands before the first and wherever the day changes."""
        today = happened.Said(NOON - 60, "lobby", "bob", 1, "hi")
        before = happened.Said(NOON - 86_400, "lobby", "bob", 1, "hi")
        long_before = happened.Said(NOON - 86_400 * 400, "attic", "bob", 1, "hi")
        self.assertEqual(
            b"One:\n-- 2024-11-27 (UTC)\n[12:00] [attic] <bob> hi\n-- 2025-12-31\n[12:00] <bob> hi\n[12:00] <bob> hi\n"
            b"-- 2026-01-01\n[11:59] <bob> hi\nMore: /history 1\n",
            LF.answer(("One:", long_before, before, before, today, "More: /history 1"), "lobby"),
        )

    def test_drawn_lines_keep_their_columns(self) -> None:
        """A table or a picture of the operator's stands as it was drawn, and a narrow window cuts it off."""
        picture = ("  /\\_/\\" + " " * 20 + "| rules", "=" * 120, "", "-- of -- <the> * house *" + " " * 50 + "! end")
        answer = ("Registration successful.", *map(Drawn, picture))
        self.assertEqual("\n".join(("Registration successful.", *picture)) + "\n", LF.answer(answer, "lobby").decode())
        for width in (40, 80, 120):
            rows = telnet_style(width).answer(answer[1:], "lobby").decode().split("\r\n")
            self.assertEqual([line[:width] for line in picture], rows[:-1])
        self.assertEqual(("=" * 120 + "\r\n").encode(), telnet_style(120).answer((Drawn("=" * 120),), "lobby"))

    def test_drawn_lines_leave_a_terminal_as_it_was(self) -> None:
        """What could move a cursor is left out of a drawn line as of every other."""
        self.assertEqual(b"a[31mb\n", LF.answer((Drawn("a\x1b[31mb"),), "lobby"))

    def test_rooms_not_looked_at_are_named_in_answers(self) -> None:
        """A search over all rooms shows which room each line is from."""
        said = happened.Said(NOON, "attic", "bob", 1, "hi")
        self.assertEqual(b"-- 2026-01-01 (UTC)\n[12:00] [attic] <bob> hi\n", LF.answer((said,), "lobby"))

    def test_what_the_server_says_unasked_is_marked(self) -> None:
        """Nobody can mistake it for what somebody says; a whisper told so is a whisper still."""
        whisper = happened.Whispered(NOON, SERVER, "bob", "alice", "psst")
        self.assertEqual(b"-- one\n-- two\n[bob whispers] psst\n", LF.told(("one\ntwo", whisper), "lobby", NOON))

    def test_refusals_are_one_line(self) -> None:
        """Whatever they are about."""
        self.assertEqual(b"! No. Never.\n", LF.refusal("No.\nNever."))


class HarmlessTests(SynchronousTestCase):
    """The last thing before a terminal lets nothing through that a terminal would obey."""

    def test_ordinary_text_is_left_alone(self) -> None:
        """Any script, and emoji made of several characters."""
        for text in ("naïve", "שלום", "👩\u200d👩\u200d👧", "नमस्ते", "a\u00a0b"):
            self.assertEqual(text, safe(text))

    @given(st.text(), st.text(), st.text())
    def test_no_event_moves_a_cursor(self, nick: str, room: str, text: str) -> None:
        """No event moves a cursor, cleaned or not: only line ends are control characters, one behind each line."""
        for event in (
            happened.Said(NOON, room, nick, 1, text),
            happened.TopicSet(NOON, room, nick, 1, text),
            happened.Noticed(NOON, SERVER, nick, text=text),
        ):
            for style in (LF, CRLF):
                for data in (
                    *style.form(here=True).render([event]),
                    *style.form(here=False).render([event]),
                    style.answer((event, text), "lobby"),
                ):
                    self.assert_harmless(data.decode())

    def assert_harmless(self, shown: str) -> None:
        """Nothing in it but text, line ends, and isolates of our own, each of which ends on its line (UAX 9, BD9)."""
        for line in shown.splitlines():
            depths = list(accumulate({"\u2068": 1, "\u2069": -1}.get(character, 0) for character in line))
            self.assertTrue(not depths or (min(depths) >= 0 and depths[-1] == 0), repr(line))
        for character in shown.replace("\r\n", "\n").replace("\n", ""):
            self.assertNotIn(unicodedata.category(character), ("Cc", "Zl", "Zp", "Cs"), repr(shown))
            self.assertNotIn(character, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067")
