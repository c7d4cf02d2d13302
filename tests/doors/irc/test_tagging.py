"""
Tags that IRC clients send each other, alone or before a message.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.client_tags import MOST_CLIENT_TAGS, client_tags
from chatroom.doors.irc.wire import parse
from chatroom.testing import Server


class TaggingTests(SynchronousTestCase):
    """alice and carol want tags, dave does not, and bob has nc."""

    def setUp(self) -> None:
        self.server = Server()
        self.alice = self.server.irc_client("alice", "message-tags")
        self.carol = self.server.irc_client("carol", "message-tags")
        self.dave = self.server.irc_client("dave")
        self.bob = self.server.guest("bob")
        for each in (self.alice, self.carol, self.dave):
            each.reads()

    def test_typing(self) -> None:
        """TAGMSG reaches clients that want tags, with an identity of its own, and nobody else."""
        self.alice.types("@+typing=active;label=x TAGMSG #lobby")
        (row,) = self.carol.reads()
        tags, _, rest = row.partition(" ")
        self.assertTrue(tags.startswith("@msgid=t."), tags)
        self.assertTrue(tags.endswith(";+typing=active"), tags)
        self.assertEqual(":alice!~alice@alice.chatroom TAGMSG #lobby", rest)
        self.assertEqual([[], [], []], [self.alice.reads(), self.dave.reads(), self.bob.reads()])

    def test_to_a_person(self) -> None:
        """TAGMSG to a nickname reaches that person alone; to nobody, it is 401."""
        self.alice.types("@+typing=active TAGMSG Carol", "@+typing=active TAGMSG nobody")
        self.assertIn("TAGMSG carol", self.carol.reads()[0])
        self.assertEqual(["401"], [row.split(" ")[1] for row in self.alice.reads()])

    def test_before_a_message(self) -> None:
        """Tags before a message go with it, and those who want none read the message alone."""
        self.alice.types("@+draft/reply=lobby-1;time=x PRIVMSG #lobby :yes", "@+draft/react=+1 PRIVMSG carol :psst")
        room, whisper = self.carol.reads()
        self.assertRegex(room, r"^@msgid=lobby-\d+;\+draft/reply=lobby-1 :alice\S+ PRIVMSG #lobby :yes$")
        self.assertIn("+draft/react=+1", whisper)
        self.assertEqual([":alice!~alice@alice.chatroom PRIVMSG #lobby :yes"], self.dave.reads())

    def test_echo(self) -> None:
        """The author's own echo has the same tags, and the same identity."""
        erin = self.server.irc_client("erin", "message-tags", "echo-message")
        self.carol.reads()
        erin.types("@+a=b PRIVMSG #lobby :hi", "@+a=b TAGMSG #lobby")
        self.assertEqual(erin.reads(), self.carol.reads())

    def test_before_a_message_of_several_lines(self) -> None:
        """A few characters of tags stand before each line of a message for old clients, long ones before its first."""
        erin = self.server.irc_client("erin", "message-tags", "draft/multiline", "batch")
        self.carol.reads()
        lines = (f"@batch=1 PRIVMSG #lobby :line {number}" for number in (1, 2, 3))
        erin.types("@+a=b BATCH +1 draft/multiline #lobby", *lines, "BATCH -1")
        self.assertEqual([True, True, True], ["+a=b" in row for row in self.carol.reads()])

    def test_what_tags_cost(self) -> None:
        """Long tags before a message cost what all their readers are sent, as TAGMSG and long texts do."""
        crowd = [self.server.irc_client(f"guest{number}", "message-tags") for number in range(18)]
        for tags, verb, most in (
            ("+a=" + "x" * 3900, "PRIVMSG #lobby :hi", 6),
            ("+a=" + "x" * 3900, "NOTICE #Lobby :hi", 6),
            ("+a=" + "x" * 3900, "TAGMSG #lobby", 6),
            ("+draft/reply=lobby-12", "PRIVMSG #lobby :hi", 30),
        ):
            self.server.wait(120)
            self.carol.reads()
            self.alice.types(*[f"@{tags} {verb}"] * 40)
            read = len(self.carol.reads())
            self.assertTrue(most * 2 // 3 <= read <= most * 2, (verb, read))
            self.server.wait(120)
            self.assertEqual(40 - read, len(self.carol.reads()), verb)
        self.assertEqual(18, len(crowd))

    def test_not_kept(self) -> None:
        """A tag is gone when it was told: the history does not have it."""
        self.alice.types("@+a=b PRIVMSG #lobby :hi")
        erin = self.server.irc_client("erin", "message-tags", "batch", "server-time", "draft/chathistory")
        erin.reads()
        erin.types("CHATHISTORY LATEST #lobby * 1")
        self.assertNotIn("+a", "".join(erin.reads()))
        self.assertEqual({}, self.server.irc.beside.known)

    def test_those_who_may_not_talk(self) -> None:
        """Who is muted or not in the room cannot tag there, and who is ignored is not read."""
        self.alice.types("MODE #lobby +b m:carol!*@*", "JOIN #attic", "MODE #attic +b m:carol!*@*")
        self.carol.types("JOIN #attic")
        self.alice.reads(), self.carol.reads()
        self.carol.types("@+typing=active TAGMSG #attic", "@+typing=active TAGMSG #nowhere")
        self.assertEqual(["404", "403"], [row.split(" ")[1] for row in self.carol.reads()])
        self.alice.types("IGNORE carol")
        self.alice.reads()
        self.carol.types("@+typing=active TAGMSG #lobby", "@+typing=active TAGMSG alice")
        self.assertEqual([], self.alice.reads())

    def test_many_targets(self) -> None:
        """No more targets than a message may have."""
        self.alice.types("@+a TAGMSG " + ",".join(["#lobby"] * 9), "@+a TAGMSG", "@+a TAGMSG nickserv")
        self.assertEqual(["407", "411"], [row.split(" ")[1] for row in self.alice.reads()])

    def test_renamed_and_gone(self) -> None:
        """A client is found by the nickname it has, and not when it is gone."""
        self.carol.types("NICK Caroline")
        self.alice.reads(), self.carol.reads()
        self.alice.types("@+a TAGMSG caroline", "@+a TAGMSG carol")
        self.assertEqual(1, sum("TAGMSG" in row for row in self.carol.reads()))
        self.carol.disconnects()
        self.alice.reads()
        self.alice.types("@+a TAGMSG #lobby", "@+a TAGMSG caroline")
        self.assertEqual(["401"], [row.split(" ")[1] for row in self.alice.reads()])
        for each in (self.alice, self.dave):
            each.disconnects()
        self.assertEqual(((), ()), (self.server.irc.hearing("lobby"), self.server.irc.clients("alice")))


class ClientTagsTests(SynchronousTestCase):
    """Which tags go on to other clients."""

    def test_which(self) -> None:
        """Those that begin with a plus, have a lawful key and nothing that moves a cursor, and no more than a few."""
        tags = {"+a": "b", "time": "x", "+": "", "+ü": "", "+bell": "\x07", "+draft/react": "👩\u200d🚀"}
        self.assertEqual({"+a": "b", "+draft/react": "👩\u200d🚀"}, client_tags(tags))
        self.assertEqual(MOST_CLIENT_TAGS, len(client_tags({f"+{number}": "" for number in range(99)})))

    @given(st.binary(max_size=80))
    def test_anything(self, data: bytes) -> None:
        """Whatever stands before a line, only client-only tags are passed on."""
        message = parse(b"@" + data.replace(b" ", b"").replace(b"\n", b"") + b" TAGMSG a") if is_text(data) else None
        if message is not None:
            self.assertTrue(all(key.startswith("+") for key in client_tags(message.tags)))


def is_text(data: bytes) -> bool:
    """Whether it is UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
