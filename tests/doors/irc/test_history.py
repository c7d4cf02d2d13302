"""
CHATHISTORY, and what clients that do not know it are shown when they join.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.testing import IrcClient, Server
from tests.doors.irc.asking import LOTS

WORDS = """
LATEST BEFORE AFTER AROUND BETWEEN TARGETS #lobby #lobby * 5 msgid=lobby-3 msgid=lobby-99999999999
timestamp=1970-01-01T00:00:00.000Z timestamp=9999-12-31T23:59:59.999Z
"""

MODERN = ("batch", "message-tags", "server-time", "draft/chathistory")


def texts(lines: list[str]) -> list[str]:
    """What was said in them."""
    return [
        line.partition(" :")[2].partition(" :")[2] or line.rpartition(" :")[2] for line in lines if " PRIVMSG " in line
    ]


def tag(line: str, name: str) -> str:
    """The value of a tag of a line."""
    tags = line[1:].partition(" ")[0] if line.startswith("@") else ""
    return dict(each.partition("=")[::2] for each in tags.split(";")).get(name, "")


class HistoryTests(SynchronousTestCase):
    """bob said ten lines in the lobby, a second apart; alice has a modern client."""

    def setUp(self) -> None:
        self.server = Server(limits=LOTS)
        self.bob = self.server.guest("bob")
        for number in range(10):
            self.bob.types(f"line {number}")
            self.server.wait(1.0)
        self.alice = self.server.irc_client("alice", *MODERN)
        self.lines = self._asks("LATEST #lobby * 50")

    def _asks(self, words: str) -> list[str]:
        self.alice.types(f"CHATHISTORY {words}")
        return self.alice.reads()

    def _numbers(self, words: str) -> list[int]:
        """Which of the ten lines are answered."""
        first, *lines, last = self._asks(words)
        self.assertRegex(first, r"^:chatroom BATCH \+b\d+ chathistory #lobby$")
        self.assertEqual(first.split()[2][1:], last.split()[2][1:])
        self.assertEqual({first.split()[2][1:]}, {tag(line, "batch") for line in lines} or {first.split()[2][1:]})
        return [int(text.split()[1]) for text in texts(lines)]

    def _point(self, number: int, how: str) -> str:
        (line,) = (line for line in self.lines if line.endswith(f"line {number}"))
        return f"msgid={tag(line, 'msgid')}" if how == "msgid" else f"timestamp={tag(line, 'time')}"

    def test_ways(self) -> None:
        """Each way gives the lines that it names, by number and by time alike."""
        self.assertEqual(list(range(10)), self._numbers("LATEST #lobby * 50"))
        self.assertEqual([8, 9], self._numbers("LATEST #lobby * 2"))
        for how in ("msgid", "timestamp"):
            four, seven = self._point(4, how), self._point(7, how)
            self.assertEqual([5, 6, 7, 8, 9], self._numbers(f"LATEST #lobby {four} 50"))
            self.assertEqual([2, 3], self._numbers(f"BEFORE #lobby {four} 2"))
            self.assertEqual([5, 6], self._numbers(f"AFTER #lobby {four} 2"))
            self.assertEqual([3, 4, 5], self._numbers(f"AROUND #lobby {four} 3"))
            self.assertEqual([5, 6], self._numbers(f"BETWEEN #lobby {four} {seven} 50"))
            self.assertEqual([5, 6], self._numbers(f"BETWEEN #lobby {seven} {four} 50"))
            self.assertEqual([5], self._numbers(f"BETWEEN #lobby {four} {seven} 1"))
            self.assertEqual([6], self._numbers(f"BETWEEN #lobby {seven} {four} 1"))

    def test_page_by_page(self) -> None:
        """A client that asks for more and more gets every line once, and in the end an empty batch."""
        found: list[int] = []
        point = "timestamp=2030-01-01T00:00:00.000Z"
        while True:
            numbers = self._numbers(f"BEFORE #lobby {point} 3")
            if not numbers:
                break
            found = numbers + found
            point = self._point(numbers[0], "timestamp")
        self.assertEqual(list(range(10)), found)

    def test_more_than_a_page(self) -> None:
        """More lines than a page of the server's come in one batch."""
        for number in range(10, 130):
            self.bob.types(f"line {number}")
            self.server.wait(1.0)
        self.alice.reads()
        self.assertEqual(list(range(130)), self._numbers("LATEST #lobby * 1000"))

    def test_same_to_the_byte(self) -> None:
        """A line of the history is the line that was read when it was said, but for the batch."""
        self.bob.types("once more")
        (live,) = (line for line in self.alice.reads() if line.endswith("once more"))
        (past,) = (line for line in self._asks("LATEST #lobby * 1") if line.endswith("once more"))
        self.assertEqual(live, "@" + past.partition(";")[2])

    def test_events(self) -> None:
        """With event-playback, comings and goings are part of it; without, only what was said."""
        client = self.server.irc_client("carol", *MODERN, "draft/event-playback")
        self.bob.types("/leave")
        client.reads()
        client.types("CHATHISTORY LATEST #lobby * 50")
        words = [line.split()[2] for line in client.reads() if line.startswith("@")]
        self.assertEqual({"JOIN", "PRIVMSG", "PART"}, set(words))
        self.alice.reads()
        self.assertNotIn("JOIN", " ".join(self._asks("LATEST #lobby * 50")))

    def test_faults(self) -> None:
        """What cannot be answered is a FAIL: no such room, a room of others, a person, no limit, no place."""
        self.bob.types("/create den")
        self.alice.reads()
        for words, code in {
            "LATEST #nowhere * 5": "INVALID_TARGET", "LATEST #den * 5": "INVALID_TARGET",
            "LATEST bob * 5": "INVALID_TARGET",
            "LATEST #lobby * 0": "INVALID_PARAMS", "LATEST #lobby": "INVALID_PARAMS",
            "BEFORE #lobby * 5": "INVALID_PARAMS",
            "SING #lobby * 5": "INVALID_PARAMS", "BEFORE #lobby msgid=den-5 5": "INVALID_PARAMS",
        }.items():  # fmt: skip
            (line,) = self._asks(words)
            self.assertEqual([":chatroom", "FAIL", "CHATHISTORY", code], line.split()[:4], words)

    def test_targets(self) -> None:
        """TARGETS names the rooms in which something was said between two moments, and when."""
        words = "TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 50"
        first, *lines, _ = self._asks(words)
        self.assertIn("draft/chathistory-targets", first)
        self.assertEqual(
            [":chatroom CHATHISTORY TARGETS #lobby 2026-01-01T00:00:09.000Z"],
            [line.partition(" ")[2] for line in lines],
        )
        self.assertEqual(2, len(self._asks(words.replace("2020", "2029"))))

    def test_label(self) -> None:
        """With a label, the batch has it, and the lines inside have not."""
        client = self.server.irc_client("carol", *MODERN, "labeled-response")
        client.types("@label=abc CHATHISTORY LATEST #lobby * 2")
        lines = client.reads()
        self.assertEqual("abc", tag(lines[0], "label"))
        self.assertEqual([""] * 3, [tag(line, "label") for line in lines[1:]])

    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.sampled_from(WORDS.split()), max_size=6))
    def test_anything(self, words: list[str]) -> None:
        """Whatever is asked for, it is a batch or a FAIL."""
        lines = self._asks(" ".join(words))
        self.assertIn(lines[0].split()[1], ("BATCH", "FAIL"))


class PlaybackTests(SynchronousTestCase):
    """Clients that do not ask for history."""

    def setUp(self) -> None:
        self.server = Server(limits=LOTS)
        self.bob = self.server.guest("bob")
        self.bob.types("/create den", "one", "two")
        self.server.wait(60.0)

    def _joins(self, client: IrcClient) -> list[str]:
        client.types("JOIN #den")
        return [line for line in client.reads() if "PRIVMSG" in line]

    def test_old_times(self) -> None:
        """A client with server-time reads the last lines with the time at which they were said."""
        lines = self._joins(self.server.irc_client("alice", "server-time"))
        self.assertEqual(["one", "two"], texts(lines))
        self.assertEqual({"2026-01-01T00:00:00.000Z"}, {tag(line, "time") for line in lines})

    def test_simple_clients(self) -> None:
        """A client that reads no tags reads the time in the text."""
        self.assertEqual(["[00:00] one", "[00:00] two"], texts(self._joins(self.server.irc_client("alice"))))

    def test_once(self) -> None:
        """Who leaves and joins again reads only what was said meanwhile."""
        alice = self.server.irc_client("alice", "server-time")
        self._joins(alice)
        alice.types("PART #den")
        self.bob.types("three")
        self.assertEqual(["three"], texts(self._joins(alice)))
        alice.types("PART #den")
        self.assertEqual([], self._joins(alice))

    def test_bots(self) -> None:
        """A bot reads no old lines, as it would answer them: marked as one before it joins, or with its account."""
        robin = self.server.irc_client("robin", "server-time", "message-tags")
        robin.types("MODE robin +B")
        self.assertEqual([], self._joins(robin))
        robin.types("NS REGISTER correct horse battery", "bot on", "QUIT")
        self.bob.types("/join lobby", "!roll 3")
        again = self.server.irc_client()
        again.types("PASS :robin:correct horse battery", "NICK robin", "USER robin 0 * :Robin")
        self.assertNotIn("!roll 3", "".join(again.reads()))
        self.assertEqual([], self._joins(again))

    def test_modern_clients(self) -> None:
        """A client that knows CHATHISTORY asks for itself."""
        self.assertEqual([], self._joins(self.server.irc_client("alice", *MODERN)))
