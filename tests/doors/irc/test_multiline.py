"""
Messages of several lines from IRC clients: one message for everybody, whatever they read it with.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.beside import Piece, broken_up, text_of
from chatroom.doors.irc.multiline import OPEN_SECONDS
from chatroom.limits import Limits
from chatroom.testing import IrcClient, Server

CAPABILITIES = ("batch", "message-tags", "server-time", "draft/multiline")
OPEN = "BATCH +1 draft/multiline #lobby"


def line(text: str, tags: str = "batch=1", target: str = "#lobby") -> str:
    """A line of the message."""
    return f"@{tags} PRIVMSG {target} :{text}"


class MultilineTests(SynchronousTestCase):
    """alice sends; bob has nc, carol the same capabilities, dave an old client, and erin is a program."""

    def setUp(self) -> None:
        self.server = Server(Limits(text_length=100, message_lines=5))
        self.alice = self.server.irc_client("alice", *CAPABILITIES, "echo-message", "labeled-response")
        self.bob = self.server.guest("bob")
        self.carol = self.server.irc_client("carol", *CAPABILITIES)
        self.dave = self.server.irc_client("dave")
        self.erin = self.server.program("erin")
        for each in (self.alice, self.bob, self.carol, self.dave):
            each.reads()
        self.erin.hears()

    def test_one_message(self) -> None:
        """All lines are one message with one number: programs read its line breaks, old clients a line for each."""
        self.alice.types(OPEN, line("one"), line("two "), line("three", "batch=1;draft/multiline-concat"), "BATCH -1")
        self.assertEqual(["one\ntwo three"], [event["text"] for event in self.erin.hears()])
        self.assertEqual(["<alice> one", "<alice> two three"], self.bob.reads())
        self.assertEqual(["PRIVMSG #lobby :one", "PRIVMSG #lobby :two ", "PRIVMSG #lobby :three"], said_by(self.dave))

    def test_capable_readers(self) -> None:
        """Clients that can put it together read a batch with one msgid, broken up as its author's client did."""
        self.alice.types(OPEN, line(""), line("one "), line("two", "batch=1;draft/multiline-concat"), "BATCH -1")
        begins, *lines, ends = self.carol.reads()
        self.assertIn("msgid=lobby-", begins)
        self.assertIn("BATCH +m", begins)
        name = begins.split("BATCH +")[1].split(" ")[0]
        self.assertEqual(
            [f"@batch={name} ", f"@batch={name} ", f"@batch={name};draft/multiline-concat "],
            [row.split(":")[0] for row in lines],
        )
        self.assertEqual(["", "one ", "two"], [row.split(" :")[-1] for row in lines])
        self.assertTrue(ends.endswith(f"BATCH -{name}"))

    def test_passwords_stay_unread(self) -> None:
        """A message with a password in one of its lines reaches nobody, whoever it is for."""
        for target in ("#lobby", "bob"):
            lines = (line("hello", target=target), line("NickServ identify hunter", target=target))
            self.alice.types(f"BATCH +1 draft/multiline {target}", *lines, "BATCH -1")
            self.assertEqual(([], []), (self.bob.reads(), self.dave.reads()))
            self.assertIn("nobody else has read it", self.alice.reads()[0])

    def test_echo_has_the_label(self) -> None:
        """The author reads the same batch, with the label of the command that opened it."""
        self.alice.types(f"@label=x {OPEN}", line("one"), line("two"), "BATCH -1")
        echo = self.alice.reads()
        self.assertEqual(4, len(echo))
        self.assertTrue(echo[0].startswith("@label=x;"))

    def test_lines_of_other_doors(self) -> None:
        """What a program says in several lines is a batch as well; a line that is too long is joined again."""
        self.erin.asks("say", text="é" * 50 + "\n" + "two")
        self.assertEqual(4, len(self.carol.reads()))

    def test_history(self) -> None:
        """In an answer of CHATHISTORY, the message is a batch in the batch, and no line is in two of them."""
        self.alice.types(OPEN, line("one"), line("two"), "BATCH -1")
        client = self.server.irc_client("fred", *CAPABILITIES, "draft/chathistory")
        client.reads()
        client.types("CHATHISTORY LATEST #lobby * 10")
        rows = client.reads()
        tags = [row.split(" ")[0] for row in rows if row.startswith("@")]
        self.assertTrue(all(each.count("batch=") == 1 for each in tags), tags)
        self.assertEqual(["one", "two"], [row.split(" :")[-1] for row in rows if "PRIVMSG" in row])

    def test_whispers(self) -> None:
        """A message of several lines may go to one person."""
        self.alice.types("BATCH +1 draft/multiline bob", line("one", target="bob"), line("two", target="bob"))
        self.alice.types("BATCH -1")
        self.assertEqual(["[alice whispers] one", "[alice whispers] two"], self.bob.reads())

    def test_upper_bounds(self) -> None:
        """Too many lines or bytes are one refusal, and nothing of the message is said."""
        for rows, code in (
            ([line("x")] * 9, "MULTILINE_MAX_LINES 5"),
            ([line("x" * 60)] * 4, "MULTILINE_MAX_BYTES 100"),
        ):
            self.alice.types(OPEN, *rows, "BATCH -1")
            (fail,) = self.alice.reads()
            self.assertIn(f"FAIL BATCH {code} :", fail)
        self.assertEqual([], self.bob.reads())

    def test_what_is_no_message(self) -> None:
        """Other targets, no text, a blank line that joins, CTCP and another batch are refused once each."""
        for rows, code in (
            ([line("x", target="bob")], "MULTILINE_INVALID_TARGET"),
            ([line("x", "batch=2")], "MULTILINE_INVALID"),
            ([line("x"), line("", "batch=1;draft/multiline-concat")], "MULTILINE_INVALID"),
            ([line("\x01VERSION\x01")], "MULTILINE_INVALID"),
            ([line(""), line(" ")], "MULTILINE_INVALID"),
        ):
            self.alice.types(OPEN, *rows, "BATCH -1")
            (fail,) = self.alice.reads()
            self.assertIn(f"FAIL BATCH {code} ", fail)
        self.alice.types("BATCH -1", "BATCH +1 netsplit a b", line("x"))
        self.assertEqual(3, sum("FAIL BATCH" in row for row in self.alice.reads()))
        self.assertEqual([], self.bob.reads())

    def test_time(self) -> None:
        """A message that takes too long is refused with its next line."""
        self.alice.types(OPEN, line("one"))
        self.server.wait(OPEN_SECONDS + 1)
        self.alice.types(line("two"), "BATCH -1")
        self.assertEqual(1, sum("FAIL BATCH TIMEOUT" in row for row in self.alice.reads()))

    def test_one_at_a_time(self) -> None:
        """A second message that is opened ends the first, which is lost and reported."""
        self.alice.types(OPEN, line("one"), "BATCH +2 draft/multiline #lobby", line("two", "batch=2"), "BATCH -2")
        self.assertEqual(["<alice> two"], self.bob.reads())
        self.assertIn("FAIL BATCH MULTILINE_INVALID", self.alice.reads()[0])

    def test_refused_message(self) -> None:
        """What the server refuses is refused as one line is: somebody who is not in the room reads 404."""
        self.alice.types("BATCH +1 draft/multiline #attic", line("one", target="#attic"), "BATCH -1")
        self.assertEqual(["403"], [row.split(" ")[1] for row in self.alice.reads()])

    def test_offer(self) -> None:
        """The capability says how many bytes and lines a message may have."""
        client = self.server.irc_client()
        client.types("CAP LS 302")
        self.assertIn("draft/multiline=max-bytes=100,max-lines=5", " ".join(client.reads()))


class BrokenUpTests(SynchronousTestCase):
    """Texts in pieces."""

    @given(st.text(alphabet="aé \n👩", max_size=60), st.integers(4, 20))
    def test_joined_it_is_the_text(self, text: str, size: int) -> None:
        """Whatever the text, its pieces fit and joined are the text."""
        parts = broken_up(text, (), size)
        self.assertEqual(text, text_of(parts))
        self.assertTrue(all(len(part.text.encode()) <= size for part in parts))

    def test_changed_text(self) -> None:
        """Where a filter has changed the text, the pieces of its author no longer count."""
        self.assertEqual([Piece("a cat", False)], broken_up("a cat", (Piece("a ", False), Piece("dog", True)), 100))


def said_by(client: IrcClient) -> list[str]:
    """Lines of talk that it has read, without who said them."""
    return [row.split(" ", 1)[1] for row in client.reads() if "PRIVMSG" in row]
