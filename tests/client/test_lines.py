"""
Events as lines, before it is known where they are read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom import events as happened
from chatroom.client.lines import Kind, ScreenLine, clock_time, day, full_time, line_of, moment, plain
from chatroom.events import KINDS, Event, RoomEvent
from chatroom.sentences import SILENT, is_personal

AT = 1767225600.0


def example(kind: type[Event]) -> Event:
    """An event of this class, with every field filled in."""
    values = {"at": AT, "room": "lobby", "nick": "bob", "who": "carol", "new": "bobby", "text": "tea", "to": "luca"}
    fields = {name: values[name] for name in kind.__dataclass_fields__ if name in values}
    return kind(**fields, **({"seq": 7} if issubclass(kind, RoomEvent) else {}))  # type: ignore[arg-type]


class LineTests(SynchronousTestCase):
    """What becomes of each event."""

    def test_every_kind(self) -> None:
        """Each says something that is not code, or is none of people's business."""
        for kind in KINDS.values():
            line = line_of(example(kind), "luca")
            if issubclass(kind, SILENT):
                self.assertIsNone(line, kind)
            else:
                assert line is not None
                self.assertTrue(line.text, kind)
                self.assertNotIn(f": {kind.kind}", line.text)

    def test_talk(self) -> None:
        """With who said it, when, and its place in the room."""
        line = line_of(happened.Said(AT, "lobby", "bob", 7, "hi"), "luca")
        self.assertEqual(ScreenLine(Kind.TALK, "hi", AT, "bob", "", "lobby", 7, written=0), line)

    def test_mentions(self) -> None:
        """Our nickname means us, as in tests/vectors/mentions.json. We never mean ourselves."""
        for text, means in (("luca: hi", True), ("hi LUCA", True), ("luca-maria: hi", False), ("hi", False)):
            line = line_of(happened.Said(AT, "lobby", "bob", 7, text), "luca")
            assert line is not None
            self.assertEqual(means, line.mention, text)
        own = line_of(happened.Said(AT, "lobby", "Luca", 7, "I am luca"), "luca")
        assert own is not None
        self.assertEqual((True, False), (own.own, own.mention))

    def test_whispers(self) -> None:
        """One to us means us; our own says to whom."""
        self.assertEqual(["[bob whispers] psst"], self.plain(happened.Whispered(AT, "", "bob", "luca", "psst")))
        self.assertEqual(["[to bob] psst"], self.plain(happened.Whispered(AT, "", "luca", "bob", "psst")))

    def test_what_happens_to_us(self) -> None:
        """What happens to us now is in the second person, and in a history our nickname may be another person's."""
        event = happened.RoomMuted(AT, "lobby", "bob", 7, who="Luca", reason="spam")
        for nick, now, told in (
            ("luca", True, "bob muted you in lobby: spam"),
            ("luca", False, "bob muted Luca: spam"),
            ("carol", True, "bob muted Luca: spam"),
        ):
            line = line_of(event, nick, now)
            assert line is not None
            self.assertEqual(told, line.text)

    def test_plain(self) -> None:
        """As nc shows it."""
        for event, lines in (
            (happened.Said(AT, "lobby", "bob", 7, "one\ntwo"), ["<bob> one", "<bob> two"]),
            (happened.AutoSaid(AT, "lobby", "bob", 7, "green"), ["<bob> green"]),
            (happened.Acted(AT, "lobby", "bob", 7, "waves"), ["* bob waves"]),
            (happened.Joined(AT, "lobby", "bob", 7), ["-- bob joined."]),
            (happened.Left(AT, "lobby", "bob", 7, "tea", True), ["-- bob left the chat: tea"]),
            (happened.TopicSet(AT, "lobby", "bob", 7, ""), ["-- bob removed the topic."]),
            (happened.Noticed(AT, "", "", text="Careful."), ["-- Careful."]),
            (happened.Mailed(AT, "", "bob", to="luca"), ["-- bob sent you a whisper. To read it, type /inbox"]),
        ):  # fmt: skip
            self.assertEqual(lines, self.plain(event))

    def told(self, event: Event) -> str:
        """What luca reads of it when it happens."""
        line = line_of(event, "luca", now=True)
        assert line is not None
        return line.text

    def test_what_happened_to_us(self) -> None:
        """What happened to us is in the second person, in any letter case; what happened to others is not."""
        kicked = happened.Kicked(AT, "lobby", "bob", 7, "Luca", "too loud")
        self.assertEqual("bob kicked you from lobby: too loud. /join lobby lets you return.", self.told(kicked))
        self.assertEqual("bob kicked carol: too loud", self.told(replace(kicked, who="carol")))
        for kind in KINDS.values():
            ours: dict[str, Any] = dict.fromkeys({"who", "to"} & set(kind.__dataclass_fields__), "LUCA")
            event = replace(example(kind), **ours)
            if is_personal(event):
                self.assertRegex(self.told(event), r"\b[Yy]ou", kind)

    def test_other_rooms(self) -> None:
        """A line from a room that is not looked at begins with its name."""
        line = line_of(happened.Said(AT, "attic", "bob", 7, "hi"), "luca")
        assert line is not None
        self.assertEqual(["[attic] <bob> hi"], plain(line, "lobby"))
        self.assertEqual(["<bob> hi"], plain(line, "attic"))
        self.assertEqual([f"{full_time(AT)} <bob> hi"], plain(line, "attic", times=True))

    def test_nothing_passes_for_another_line(self) -> None:
        """Names with spaces, line ends and escapes in them, which only a hostile server sends, stay names."""
        line = line_of(happened.Said(AT, "lob\nby", "bob>\n-- carol", 7, "\x1b[2Jhi\r\n\x1b]0;x\x07"), "luca")
        assert line is not None
        self.assertEqual(["<bob>--carol> [2Jhi", "<bob>--carol> ]0;x"], plain(line))
        self.assertEqual("lobby", line.room)

    def plain(self, event: Event) -> list[str]:
        """As plain text, for luca."""
        line = line_of(event, "luca")
        assert line is not None
        return plain(line)


class TimeTests(SynchronousTestCase):
    """Times are those of whoever reads; tests/e2e/test_client.py holds that. Here it is that any time is one."""

    def test_forms(self) -> None:
        """Short, long, and a day."""
        self.assertRegex(clock_time(AT), r"^\d\d:\d\d$")
        self.assertRegex(moment(AT), r"^202[56]-\d\d-\d\d \d\d:\d\d$")
        self.assertRegex(full_time(AT), r"^202[56]-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertRegex(day(AT), r"^(Wednesday, 31 December 2025|Thursday, 1 January 2026)$")

    def test_no_such_time(self) -> None:
        """A server may claim any."""
        for at in (1e300, -1e300, float("inf"), float("nan")):
            self.assertEqual("?", clock_time(at))
