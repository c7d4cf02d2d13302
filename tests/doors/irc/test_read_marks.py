"""
MARKREAD: what somebody has read, on all of their clients and for our command missed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.read_marks import MOST_MARKS, ReadMarkers
from chatroom.server.read_marks import EVERY
from chatroom.testing import IrcClient, Server

LATER = "2026-01-01T00:00:30.000Z"


def marks(client: IrcClient) -> list[str]:
    """What it has read about marks."""
    return [line.split(" ", 2)[2] for line in client.reads() if " MARKREAD " in line]


class MarkTests(SynchronousTestCase):
    """alice is a guest; anna has an account and two clients."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice = self.server.irc_client("alice", "draft/read-marker")

    def anna(self) -> IrcClient:
        """One more client of the account."""
        client = self.server.irc_client()
        client.types("CAP REQ :draft/read-marker", "PASS :anna:correct horse battery", "NICK anna", "USER a 0 * :A")
        client.types("CAP END")
        return client

    def test_guest(self) -> None:
        """A guest's marks are known while they are here, only ever go on, and are shown at each JOIN."""
        for asked in ("", f" timestamp={LATER}", " timestamp=2020-01-01T00:00:00Z"):
            self.alice.types(f"MARKREAD #lobby{asked}")
        self.assertEqual(["#lobby *", f"#lobby timestamp={LATER}", f"#lobby timestamp={LATER}"], marks(self.alice))
        self.alice.types("PART #lobby", "JOIN #lobby")
        lines = [line.split(" ")[1] for line in self.alice.reads()]
        self.assertLess(lines.index("MARKREAD"), lines.index("366"))

    def test_people(self) -> None:
        """A person's whispers can be marked as well."""
        self.alice.types(f"MARKREAD bob timestamp={LATER}", "MARKREAD BOB")
        self.assertEqual([f"bob timestamp={LATER}", f"BOB timestamp={LATER}"], marks(self.alice))

    def test_what_is_no_mark(self) -> None:
        """No target, and no time, are refused by name."""
        self.alice.types("MARKREAD", "MARKREAD #lobby *", "MARKREAD #lobby timestamp=*", "MARKREAD #lobby timestamp=x")
        self.assertEqual(
            ["NEED_MORE_PARAMS", "INVALID_PARAMS", "INVALID_PARAMS", "INVALID_PARAMS"],
            [line.split(" ")[3] for line in self.alice.reads()],
        )

    def test_other_clients(self) -> None:
        """All clients of a person read the mark at once, and those that do not ask for marks read nothing."""
        self.server.account("anna")
        one, two = self.anna(), self.anna()
        old = self.server.irc_client()
        old.types("PASS :anna:correct horse battery", "NICK anna", "USER a 0 * :A")
        one.reads(), two.reads(), old.reads()
        one.types(f"MARKREAD #lobby timestamp={LATER}")
        self.assertEqual([[f"#lobby timestamp={LATER}"]] * 2, [marks(one), marks(two)])
        self.assertEqual([], old.reads())

    def test_missed(self) -> None:
        """What a client has marked as read before it left is where the command missed begins, on other doors."""
        self.assertEqual(["two"], self.missed_by_anna("#lobby"))

    def test_no_channel(self) -> None:
        """C{#} alone is no room, and marks nothing in the current one."""
        self.assertEqual([], self.missed_by_anna("#"))

    def missed_by_anna(self, marked: str) -> list[str]:
        """What she has missed of two lines when she marks this between them, and then leaves."""
        self.server.account("anna").types("/quit")
        client = self.anna()
        bob = self.server.guest("bob")
        bob.types("one")
        self.server.wait(60)
        client.types(f"MARKREAD {marked} timestamp={LATER}")
        bob.types("two")
        client.types("QUIT")
        person = self.server.guest("visitor")
        person.reads()
        person.types("/login anna correct horse battery")
        person.reads()
        person.types("/missed")
        return [line.split("> ")[1] for line in person.reads() if "> " in line]

    def test_without_marks(self) -> None:
        """Who has no such client has read everything until they left, as ever."""
        person = self.server.account("anna")
        bob = self.server.guest("bob")
        bob.types("one")
        person.types("/quit")
        bob.types("two")
        person = self.server.guest("visitor")
        person.types("/login anna correct horse battery")
        person.reads()
        person.types("/missed")
        self.assertEqual(["two"], [line.split("> ")[1] for line in person.reads() if "> " in line])

    def test_what_others_read(self) -> None:
        """A client that joins is shown what its account has read by any door."""
        person = self.server.account("anna")
        self.server.guest("bob").types("one")
        self.server.wait(60)
        person.types("/quit")
        client = self.anna()
        self.assertEqual(["#lobby timestamp=2026-01-01T00:01:00.000Z"], marks(client))

    def test_few_commits(self) -> None:
        """A client that marks a thousand times makes one write, some seconds later."""
        self.server.account("anna")
        client = self.anna()
        for number in range(20):
            self.server.guest(f"guest{number}").types("hi")
        written: list[Mapping[str, int]] = []
        backend = self.server.backend
        mark = backend.mark

        def counted(account: str, marks: Mapping[str, int]) -> Awaitable[None]:
            written.append(marks)
            return mark(account, marks)

        self.patch(backend, "mark", counted)
        for number in range(50):
            client.types(f"MARKREAD #lobby timestamp=2026-01-01T00:00:{number:02}.000Z")
        self.assertEqual([], written)
        self.server.wait(EVERY)
        self.assertEqual(1, len(written))
        self.server.wait(EVERY * 3)
        self.assertEqual(1, len(written))

    @given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 9))))
    def test_bounds(self, said: list[tuple[int, int]]) -> None:
        """Whatever is marked, no mark goes back, and no more than a number of them are known."""
        markers = ReadMarkers()
        for target, at in said:
            before = markers.times.get(str(target), 0.0)
            self.assertIs(at > before, markers.mark(str(target), at))
            self.assertEqual(max(at, before), markers.times[str(target)])
        self.assertLessEqual(len(markers.times), MOST_MARKS)
