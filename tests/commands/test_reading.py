"""
Reading: what was said before, while one was away, and to oneself alone.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.limits import Limits
from chatroom.testing import Server

SMALL = Limits(page_lines=3)
"""Three lines are a page."""


def talk(server: Server, *lines: str) -> None:
    """Bob comes, says these, and goes."""
    bob = server.guest("bob")
    bob.types(*lines)
    bob.types("/quit")


class HistoryTests(SynchronousTestCase):
    """C{/history}."""

    def setUp(self) -> None:
        """Seven lines were said."""
        self.server = Server(SMALL)
        self.alice = self.server.guest("alice")
        talk(self.server, *(f"line {number}" for number in range(1, 8)))
        self.alice.reads()

    def test_pages_lead_back_to_the_beginning(self) -> None:
        """Each says what to type for the one before it, as long as there is one."""
        typed, read = "/history", list[str]()
        while typed:
            self.alice.types(typed)
            lines = self.alice.reads()
            typed = lines.pop().removeprefix("More: ") if lines[-1].startswith("More: ") else ""
            read = lines + read
        read = [line for line in read if line != "-- 2026-01-01 (UTC)"]  # each page begins with it
        self.assertEqual([f"[00:00] <bob> line {number}" for number in range(1, 8)], read)

    def test_before_the_beginning(self) -> None:
        """There is nothing, and that is said."""
        self.alice.types("/history 1")
        self.assertEqual(["There is nothing more."], self.alice.reads())

    def test_empty_room(self) -> None:
        """There is nothing yet."""
        self.alice.types("/create attic")
        self.alice.reads()
        self.alice.types("/history")
        self.assertEqual(["No messages in attic yet."], self.alice.reads())

    def test_not_a_number(self) -> None:
        """A refusal says what it is to be."""
        self.alice.types("/history yesterday")
        self.assertEqual(["! before must be a whole number, not 'yesterday'."], self.alice.reads())

    def test_programs_catch_up(self) -> None:
        """Everything since a number, without a hole."""
        robot = self.server.program("robot")
        answer = robot.asks("history", since=0, talk=False)
        self.assertFalse(answer["more"])
        self.assertIsNone(answer["gap"])
        self.assertEqual("lobby", answer["room"])
        self.assertEqual(list(range(1, len(answer["events"]) + 1)), [event["seq"] for event in answer["events"]])
        first = robot.asks("history", room="lobby", since=0, limit=2, talk=False)
        self.assertTrue(first["more"])
        self.assertEqual([1, 2], [event["seq"] for event in first["events"]])

    def test_programs_page_back(self) -> None:
        """With the number of the first event they have."""
        robot = self.server.program("robot")
        last = robot.asks("history", limit=2)
        self.assertEqual(["line 6", "line 7"], [event["text"] for event in last["events"]])
        before = robot.asks("history", before=last["events"][0]["seq"], limit=2)
        self.assertEqual(["line 4", "line 5"], [event["text"] for event in before["events"]])

    def test_before_and_since(self) -> None:
        """One cannot be asked for with the other."""
        self.assertEqual("bad-arguments", self.server.program("robot").asks("history", before=9, since=1)["error"])


class GapTests(SynchronousTestCase):
    """What is not kept any more."""

    def test_gap_is_said_aloud(self) -> None:
        """Never hidden: a program that was away too long learns which numbers it will not get."""
        server = Server(Limits(history_lines=10))
        alice = server.guest("alice")
        for number in range(20):
            alice.types(f"line {number}")
            server.wait(1)
        server.wait(3600)
        answer = server.program("robot").asks("history", since=1, talk=False)
        first, last = answer["gap"]
        self.assertEqual(2, first)
        self.assertEqual(answer["events"][0]["seq"] - 1, last)


class MissedTests(SynchronousTestCase):
    """C{/missed}."""

    def setUp(self) -> None:
        """Dora was here, went, and four lines were said."""
        self.server = Server(SMALL)
        self.server.account("dora", "correct horse battery").types("/quit")
        talk(self.server, "one", "two", "three", "four")
        self.dora = self.server.connection()
        self.dora.types("/login dora correct horse battery")
        self.came = self.dora.reads()

    def test_newcomer_is_told_that_something_was_missed(self) -> None:
        """A newcomer reads that something was missed, and what to type."""
        self.assertIn("/missed", self.came[-1])

    def test_one_count_of_talk(self) -> None:
        """What is counted is what /missed shows: comings, goings and topics are not, on any door."""
        server = Server()
        server.account("ann", "correct horse battery").types("QUIT")
        program = server.program()
        for said in ((), ("one",), ("two", "three")):
            bob = server.guest("bob")
            bob.types("/topic x", *said, "/away", "QUIT")
            facts = program.asks("login", name="ann", password="correct horse battery")
            self.assertEqual(len(said), facts["view"]["missed"])
            self.assertEqual(len(said), len(program.asks("missed")["events"]))
            notes = [line for line in facts["lines"] if "/missed" in line]
            wanted = {0: [], 1: ["1 line since your last visit: /missed"]}
            self.assertEqual(wanted.get(len(said), ["2 lines since your last visit: /missed"]), notes)
            program.asks("quit")
            server.wait(60)
            program = server.program()

    def test_count_has_an_end(self) -> None:
        """Of very much, it is only counted that it is a hundred lines or more."""
        server = Server()
        server.account("ann", "correct horse battery").types("QUIT")
        robot = server.program("robot")
        for number in range(130):
            robot.asks("say", text=f"line {number}")
            server.wait(1)
        facts = server.program().asks("login", name="ann", password="correct horse battery")
        self.assertEqual(100, facts["view"]["missed"])
        self.assertIn("100 lines or more since your last visit: /missed", facts["lines"])

    def test_pages(self) -> None:
        """Each goes on where the last one stopped."""
        self.dora.types("/missed")
        self.assertEqual(
            ["-- 2026-01-01 (UTC)", *(f"[00:00] <bob> {word}" for word in ("one", "two", "three")), "More: /missed"],
            self.dora.reads(),
        )
        self.dora.types("/missed")
        self.assertEqual(["-- 2026-01-01 (UTC)", "[00:00] <bob> four"], self.dora.reads())
        self.dora.types("/missed")
        self.assertEqual(["You missed nothing in lobby."], self.dora.reads())

    def test_programs_read_events(self) -> None:
        """As in history."""
        program = self.server.program()
        program.asks("hello", nick="dora", password="correct horse battery")
        answer = program.asks("missed", room="lobby")
        self.assertEqual(["one", "two", "three"], [event["text"] for event in answer["events"]])
        self.assertTrue(answer["more"])

    def test_guests_have_no_last_visit(self) -> None:
        """The refusal says how to have one."""
        alice = self.server.guest("alice")
        alice.types("/missed")
        (line,) = alice.reads()
        self.assertIn("/signup", line)


class SearchTests(SynchronousTestCase):
    """C{/search}."""

    def setUp(self) -> None:
        """Alice is in two rooms where something was said."""
        self.server = Server(SMALL)
        self.alice = self.server.guest("alice")
        talk(self.server, "red apple", "green apple", "red cherry", "yellow apple", "brown apple")
        self.alice.types("/create attic", "an apple in the attic")
        self.alice.reads()

    def search(self, typed: str) -> list[str]:
        """What comes of it."""
        self.alice.types(typed)
        return self.alice.reads()

    def test_all_words_have_to_be_there(self) -> None:
        """In any order and letter case."""
        self.assertEqual(["-- 2026-01-01 (UTC)", "[00:00] [lobby] <bob> red apple"], self.search("/search APPLE red"))
        self.assertEqual(["No messages found."], self.search("/search apple cherry"))

    def test_rooms_one_is_in(self) -> None:
        """All of them, or the one named."""
        self.assertEqual(
            ["-- 2026-01-01 (UTC)", "[00:00] <alice> an apple in the attic"], self.search("/find in:attic apple")
        )
        self.assertEqual(
            3, len([line for line in self.search("/search apple") if "apple" in line and "Older" not in line])
        )

    def test_pages_lead_back(self) -> None:
        """The newest last, and then what to type for older ones."""
        typed, read = "/search in:lobby apple", list[str]()
        while typed:
            lines = self.search(typed)
            typed = lines.pop().removeprefix("Older: ") if lines[-1].startswith("Older") else ""
            read = lines + read
        fruit = [line.rpartition("> ")[2] for line in read if ">" in line]
        self.assertEqual(["red apple", "green apple", "yellow apple", "brown apple"], fruit)

    def test_programs_page_with_next(self) -> None:
        """Newest first, until it is null."""
        robot = self.server.program("robot")
        first = robot.asks("search", words="apple", room="lobby")
        self.assertEqual("brown apple", first["events"][0]["text"])
        second = robot.asks("search", words="apple", room="lobby", before=first["next"])
        self.assertEqual(["red apple"], [event["text"] for event in second["events"]])
        self.assertIsNone(second["next"])

    def test_room_one_is_not_in(self) -> None:
        """Is not searched."""
        self.assertEqual(
            "not-in-room", self.server.program("robot").asks("search", words="apple", room="attic")["error"]
        )


class InboxTests(SynchronousTestCase):
    """C{/inbox}."""

    def setUp(self) -> None:
        """Four whispers wait for dora."""
        self.server = Server(SMALL)
        self.server.account("dora", "correct horse battery").types("/quit")
        talk(self.server, "@dora one", "@dora two", "@dora three", "@dora four")
        self.dora = self.server.connection()
        self.dora.types("/login dora correct horse battery")
        self.dora.reads()

    def test_each_is_new_once(self) -> None:
        """With the time it was sent; then nothing waits any more."""
        self.dora.types("/inbox")
        self.assertEqual(
            [
                "-- 2026-01-01 (UTC)",
                "[00:00] [bob whispers] one",
                "[00:00] [bob whispers] two",
                "[00:00] [bob whispers] three",
                "1 whisper more: /inbox",
            ],
            self.dora.reads(),
        )
        self.dora.types("/mail")
        self.assertEqual(["-- 2026-01-01 (UTC)", "[00:00] [bob whispers] four"], self.dora.reads())
        self.dora.types("/inbox")
        self.assertEqual(["No new whispers. /inbox all shows older ones."], self.dora.reads())

    def test_old_ones_can_be_read_again(self) -> None:
        """Page by page, back to the first."""
        self.dora.types("/inbox", "/inbox")
        self.dora.reads()
        typed, read = "/inbox all", list[str]()
        while typed:
            self.dora.types(typed)
            lines = self.dora.reads()
            typed = lines.pop().removeprefix("Older: ") if lines[-1].startswith("Older") else ""
            read = [line.rpartition("] ")[2] for line in lines if line.startswith("[")] + read
        self.assertEqual(["one", "two", "three", "four"], read)

    def test_anything_else(self) -> None:
        """A refusal says what there is."""
        self.dora.types("/inbox everything")
        self.assertEqual(["! Usage: /inbox or /inbox all"], self.dora.reads())

    def test_programs_read_facts(self) -> None:
        """Of each whisper, and how many are left."""
        program = self.server.program()
        program.asks("hello", nick="dora", password="correct horse battery")
        answer = program.asks("inbox")
        self.assertEqual(1, answer["unread"])
        first = answer["whispers"][0]
        self.assertEqual({"number", "at", "nick", "to", "text"}, set(first))
        self.assertEqual(("bob", "dora", "one"), (first["nick"], first["to"], first["text"]))
        older = program.asks("inbox", which="all", before=answer["whispers"][1]["number"])
        self.assertEqual(["one"], [whisper["text"] for whisper in older["whispers"]])
