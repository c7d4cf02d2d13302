"""
What one can look at: lines in their place, what is unread, who is there.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.buffers import LONGEST, Buffer, Buffers
from chatroom.client.facts import Facts
from chatroom.client.lines import Kind, ScreenLine
from chatroom.events import AwaySet, Joined, Kicked, Left, Renamed, RoleSet, RoomBanned, Said, TopicSet

AT = 1767268800.0
DAY = 24 * 3600.0


def talk(seq: int, at: float = AT, **more: Any) -> ScreenLine:
    """Something that was said."""
    return ScreenLine(Kind.TALK, f"line {seq}", at, "bob", room="lobby", seq=seq, **more)


def texts(buffer: Buffer) -> list[str]:
    """Its lines, dates left out."""
    return [line.text for line in buffer.lines if line.kind is not Kind.DAY]


def kinds(buffer: Buffer) -> list[Kind]:
    """Of its lines."""
    return [line.kind for line in buffer.lines]


class LinesTests(SynchronousTestCase):
    """Each line where it belongs."""

    def test_late_lines(self) -> None:
        """One with a lower number goes before those with higher ones, and none comes twice."""
        buffer = Buffer("lobby")
        self.assertEqual([True, True, True, False], [buffer.add(talk(seq)) for seq in (1, 3, 2, 3)])
        self.assertEqual(["line 1", "line 2", "line 3"], texts(buffer))

    def test_lines_without_a_number(self) -> None:
        """They stay where they came, however often."""
        buffer = Buffer("lobby")
        buffer.add(talk(1))
        note = ScreenLine(Kind.NOTE, "note")
        self.assertTrue(buffer.add(note) and buffer.add(note))
        buffer.add(talk(3))
        buffer.add(talk(2))
        self.assertEqual(["line 1", "note", "note", "line 2", "line 3"], texts(buffer))

    @given(st.permutations(range(1, 12)))
    def test_any_order(self, seqs: list[int]) -> None:
        """In whatever order they come, they stand in the room's."""
        buffer = Buffer("lobby")
        for seq in seqs:
            buffer.add(talk(seq))
        self.assertEqual([f"line {seq}" for seq in range(1, 12)], texts(buffer))

    def test_days(self) -> None:
        """A date stands before the first line of each day."""
        buffer = Buffer("lobby")
        for seq, at in ((1, AT), (2, AT + 60), (3, AT + DAY)):
            buffer.add(talk(seq, at))
        self.assertEqual([Kind.DAY, Kind.TALK, Kind.TALK, Kind.DAY, Kind.TALK], kinds(buffer))

    def test_read_back(self) -> None:
        """Older lines go before all others; what is here already is not doubled, and the date moves up."""
        buffer = Buffer("lobby")
        buffer.add(talk(5))
        self.assertEqual(2, buffer.look_back([talk(3), talk(4), talk(5)]))
        self.assertEqual(["line 3", "line 4", "line 5"], texts(buffer))
        self.assertEqual([Kind.DAY, Kind.TALK, Kind.TALK, Kind.TALK], kinds(buffer))
        self.assertEqual(3, buffer.oldest)
        buffer.look_back([talk(1, AT - DAY), talk(2, AT - DAY)])
        self.assertEqual([Kind.DAY, Kind.TALK, Kind.TALK, Kind.DAY, Kind.TALK, Kind.TALK, Kind.TALK], kinds(buffer))

    def test_long_days(self) -> None:
        """A buffer that grows forever forgets its oldest lines, which can be read back."""
        buffer = Buffer("lobby")
        buffer.whole = True
        for seq in range(1, LONGEST + 100):
            buffer.add(talk(seq))
        self.assertEqual(LONGEST, len(buffer.lines))
        self.assertEqual(100, buffer.oldest)
        self.assertFalse(buffer.whole)
        self.assertEqual(1, buffer.look_back([talk(99)]))


class UnreadTests(SynchronousTestCase):
    """What came while another buffer was looked at."""

    def setUp(self) -> None:
        self.buffers = Buffers()
        self.lobby, self.attic = self.buffers.open("lobby"), self.buffers.open("attic")

    def test_first_is_looked_at(self) -> None:
        """What was said before there was any stands in it."""
        buffers = Buffers()
        buffers.put(buffers.current, ScreenLine(Kind.NOTE, "hello"))
        self.assertEqual(["hello"], texts(buffers.open("lobby")))
        self.assertEqual("lobby", buffers.current.name)

    def test_counts(self) -> None:
        """Talk of others that is not looked at; mentions apart. Reading takes it away."""
        for line in (talk(1), talk(2, mention=True), talk(3, own=True), ScreenLine(Kind.EVENT, "x joined", AT, seq=4)):
            self.buffers.put(self.attic, line)
        self.buffers.put(self.attic, talk(1))
        self.buffers.put(self.attic, talk(5), live=False)
        self.buffers.put(self.lobby, talk(1))
        self.assertEqual((2, 1, 0), (self.attic.unread, self.attic.mentions, self.lobby.unread))
        self.buffers.look(self.attic)
        self.assertEqual((0, 0), (self.attic.unread, self.attic.mentions))

    def test_where_new_lines_begin(self) -> None:
        """A rule is drawn once, before the first unread line, and is gone when one comes back."""
        self.buffers.put(self.attic, talk(1), live=False)
        self.buffers.put(self.attic, talk(2))
        self.buffers.put(self.attic, talk(3))
        self.assertEqual(["line 1", "new", "line 2", "line 3"], texts(self.attic))
        self.buffers.look(self.attic)
        self.assertIn("new", texts(self.attic))
        self.buffers.look(self.lobby)
        self.assertNotIn("new", texts(self.attic))

    def test_around(self) -> None:
        """The next and the one before, round and round; the most urgent first."""
        den = self.buffers.open("den")
        self.assertEqual(["attic", "den", "lobby"], [self.buffers.beside(step).name for step in (1, -1, 3)])
        self.assertIsNone(self.buffers.busiest())
        self.buffers.put(self.attic, talk(1))
        self.assertIs(self.attic, self.buffers.busiest())
        self.buffers.put(den, talk(1, mention=True))
        self.assertIs(den, self.buffers.busiest())

    def test_close(self) -> None:
        """The one beside it is looked at then; after the last one, none."""
        self.buffers.look(self.attic)
        self.buffers.close(self.attic)
        self.assertIs(self.lobby, self.buffers.current)
        self.buffers.close(self.lobby)
        self.assertEqual(("", 0), (self.buffers.current.name, len(self.buffers)))

    def test_names(self) -> None:
        """Whatever the letter case, one person is one buffer."""
        self.assertIs(self.buffers.open("@Bob"), self.buffers.open("@bob"))
        self.assertIn("@BOB", self.buffers)
        self.assertEqual((False, "Bob"), (self.buffers.open("@bob").is_room, self.buffers.open("@bob").person))


class MembersTests(SynchronousTestCase):
    """Who is in a room."""

    def setUp(self) -> None:
        self.room = Buffer("lobby")
        people = [
            {"nick": "carol", "role": "owner"},
            {"nick": "bob", "role": "member", "away": "lunch"},
            {"nick": "al"},
        ]
        self.room.enter(Facts({"topic": "Tea", "role": "member", "people": people, "people_total": 3}))

    def here(self) -> list[str]:
        """Their names, with what marks them."""
        return [member.mark.strip() + member.nick + ("*" if member.away else "") for member in self.room.members]

    def test_entering(self) -> None:
        """Owners stand first, then everybody by name."""
        self.assertEqual(["~carol", "al", "bob*"], self.here())
        self.assertEqual(("Tea", 3, True), (self.room.topic, self.room.people, self.room.joined))

    def test_coming_and_going(self) -> None:
        """Each event does what it says, whatever the letter case of names."""
        for event in (
            Joined(AT, "lobby", "dan", 1),
            Joined(AT, "lobby", "dan", 1),
            Left(AT, "lobby", "BOB", 2),
            Renamed(AT, "lobby", "al", 3, "alan"),
            RoleSet(AT, "lobby", "carol", 4, "dan", "operator"),
            AwaySet(AT, "", "carol", "out"),
            TopicSet(AT, "lobby", "dan", 5, "Cake"),
        ):
            self.assertTrue(self.room.follow(event))
        self.assertEqual(["~carol*", "@dan", "alan"], self.here())
        self.assertEqual((3, "Cake"), (self.room.people, self.room.topic))
        self.room.follow(Kicked(AT, "lobby", "carol", 6, "alan"))
        self.room.follow(RoomBanned(AT, "lobby", "carol", 7, "dan"))
        self.assertEqual((["~carol*"], 1), (self.here(), self.room.people))
        self.assertFalse(self.room.follow(Said(AT, "lobby", "bob", 8, "hi")))

    def test_crowds(self) -> None:
        """Of those who are not known by name, the number is kept right."""
        self.room.people = 5000
        self.room.follow(Left(AT, "lobby", "somebody", 1))
        self.assertEqual(4999, self.room.people)

    def test_leaving(self) -> None:
        """Nobody is known to be in a room that we are not in."""
        self.room.leave()
        self.assertEqual(([], 0, False), (self.here(), self.room.people, self.room.joined))
