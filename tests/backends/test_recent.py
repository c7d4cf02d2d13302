"""
The last talk that the SQLite backend has at hand for those who come in: always what the disk would say.
"""

from __future__ import annotations

from collections.abc import Sequence
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends import recent
from chatroom.backends.ledger import RoomLog
from chatroom.backends.recent import LINES, Recent
from chatroom.errors import NotKept
from chatroom.events import RoomEvent, Said
from tests.backends.sqlite.on_one_file import OnOneFile
from tests.backends.verbs import NOON, closed, created, joined, said


class AtHandTests(OnOneFile, SynchronousTestCase):
    """Who comes in and is shown what was said last."""

    def setUp(self) -> None:
        """There is a room."""
        super().setUp()
        self.keep(created())

    def reads(self) -> int:
        """How often the disk has been read."""
        return self.workers["read"].asked

    def shown(self, room: str = "lobby", limit: int = 3) -> list[str]:
        """What a newcomer is shown."""
        return self.texts_of(self.history(room, talk=True, limit=limit))

    def texts_of(self, events: Sequence[RoomEvent]) -> list[str]:
        """What was said."""
        return [getattr(event, "text", "") for event in events]

    def test_crowd_asks_the_disk_once(self) -> None:
        """However many come in, and whatever is said and done meanwhile."""
        self.keep(*(said(text) for text in "abcd"))
        before = self.reads()
        self.assertEqual(["b", "c", "d"], self.shown())
        self.keep(said("e"), joined())
        self.assertEqual(["c", "d", "e"], self.shown())
        self.assertEqual(1, self.reads() - before)

    def test_empty_room_asks_the_disk_once(self) -> None:
        """An empty room asks the disk once, because that nothing was said is remembered as well."""
        before = self.reads()
        self.assertEqual([], self.shown())
        self.assertEqual([], self.shown())
        self.keep(said("first"))
        self.assertEqual(["first"], self.shown())
        self.assertEqual(1, self.reads() - before)

    def test_lines_said_while_the_disk_is_read_are_shown(self) -> None:
        """None is missing, and none is there twice, whether the disk had it already or not."""
        self.keep(said("a"))
        reader = self.workers["read"]
        reader.holding = True
        reading = Deferred.fromCoroutine(self.backend.history("lobby", after=None, before=None, limit=3, talk=True))
        self.keep(said("b"))
        reader.do_one()  # which sees b on the disk
        self.keep(said("c"))
        self.assertEqual(["a", "b"], self.texts_of(self.successResultOf(reading)))
        reader.let_go()
        self.assertEqual(["a", "b", "c"], self.shown())

    def test_what_is_too_old_comes_from_the_disk(self) -> None:
        """Scrolling back further than what is at hand."""
        self.keep(*(said(str(number)) for number in range(LINES + 5)))
        self.shown()
        first = self.history("lobby", talk=True, before=5, limit=2)
        self.assertEqual(["1", "2"], self.texts_of(first))

    def test_forgotten_lines_are_gone(self) -> None:
        """What an operator lets the server forget is shown to nobody any more."""
        self.keep(*(said(text) for text in "abc"))
        self.shown()
        self.done(self.backend.expire(None, 1))
        self.assertEqual(["c"], self.shown())

    def test_erased_lines_are_gone(self) -> None:
        """Somebody who is taken out of history is shown to nobody who comes in."""
        self.keep(said("my address is ..."), said("hello", nick="bob"))
        self.shown()
        self.done(self.backend.erase("alice", False))
        self.assertNotIn("my address is ...", self.shown())
        self.assertIn("hello", self.shown())

    def test_room_that_is_made_again_begins_anew(self) -> None:
        """Nothing of the closed room's talk is shown in the new one of its name."""
        self.keep(said("secret"))
        self.shown()
        self.keep(closed(), created(), said("hello"))
        self.assertEqual(["hello"], self.shown())

    def test_line_that_could_not_be_kept_is_not_shown(self) -> None:
        """It did not happen."""
        self.keep(said("a"))
        self.shown()
        self.break_down(self.backend, True)
        self.refused(self.backend.keep([said("b")]), NotKept)
        self.break_down(self.backend, False)
        self.assertEqual(["a"], self.shown())

    def test_disk_that_cannot_be_read_is_asked_again(self) -> None:
        """A failure is told, and not remembered as silence."""
        self.keep(said("a"))
        cannot = "chatroom.backends.sqlite.talk.history"
        with patch(cannot, side_effect=NotKept("The disk cannot be read.")):
            self.refused(self.backend.history("lobby", after=None, before=None, limit=3, talk=True), NotKept)
        self.assertEqual(["a"], self.shown())


class SpaceTests(SynchronousTestCase):
    """Memory: it is bounded, however many rooms there are and however long their lines."""

    def setUp(self) -> None:
        """Rooms with so many lines each, of which nothing is on the disk."""
        self.asked: list[str] = []
        self.recent = Recent(self.read)

    async def read(self, room: str, limit: int) -> list[RoomEvent]:
        """Nothing was said before."""
        self.asked.append(room)
        return []

    def enter(self, room: RoomLog) -> list[RoomEvent] | None:
        """Somebody comes in."""
        return self.successResultOf(Deferred.fromCoroutine(self.recent.before(room, None, 1)))

    def test_rooms_that_nobody_enters_are_let_go(self) -> None:
        """Those that somebody came into last are kept."""
        self.patch(recent, "ROOMS", 2)
        rooms = [RoomLog(number, f"r{number}") for number in range(3)]
        for room in (rooms[0], rooms[1], rooms[0], rooms[2], rooms[0], rooms[1]):
            self.enter(room)
        self.assertEqual(["r0", "r1", "r2", "r1"], self.asked)

    def test_lines_of_all_rooms_together(self) -> None:
        """Where too much is said, what was asked for longest ago goes first."""
        self.patch(recent, "IN_ALL", 5)
        quiet, loud = RoomLog(1, "quiet"), RoomLog(2, "loud")
        self.enter(quiet)
        self.enter(loud)
        self.recent.add([(quiet, Said(NOON, "quiet", "alice", 1, "a"))])
        self.recent.add([(loud, Said(NOON, "loud", "bob", seq, "b")) for seq in range(1, 6)])
        self.enter(loud)
        self.enter(quiet)
        self.assertEqual(["quiet", "loud", "quiet"], self.asked)

    @given(st.integers(0, 3 * LINES), st.integers(0, 3 * LINES), st.integers(1, LINES), st.integers(1, 6 * LINES))
    def test_is_what_the_disk_would_say_or_nothing(self, old: int, new: int, limit: int, before: int) -> None:
        """Whatever was said before the first one came in and after, and whichever lines are asked for."""
        room = RoomLog(1, "lobby")
        lines: list[RoomEvent] = [Said(NOON, "lobby", "alice", seq, str(seq)) for seq in range(1, old + new + 1)]

        async def read(name: str, most: int) -> list[RoomEvent]:
            return lines[:old][-most:]

        tails = Recent(read)
        self.successResultOf(Deferred.fromCoroutine(tails.before(room, None, limit)))
        tails.add((room, line) for line in lines[old:])
        found = self.successResultOf(Deferred.fromCoroutine(tails.before(room, before, limit)))
        if found is not None:
            self.assertEqual([line for line in lines if line.seq < before][-limit:], found)
        else:
            self.assertGreater(len(lines), LINES - 1)
