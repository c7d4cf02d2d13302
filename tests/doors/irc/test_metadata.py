"""
METADATA: what people and rooms say of themselves.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.metadata_values import MOST_BYTES, MOST_KEYS, MOST_SUBSCRIPTIONS, is_key, is_value
from chatroom.testing import IrcClient, Server
from tests.doors.irc.asking import LOTS

CAPABILITIES = ("draft/metadata-3", "batch")


def answer(client: IrcClient, line: str) -> list[str]:
    """What is answered, without a batch around it and without the server's name."""
    client.reads()
    client.types(f"METADATA {line}")
    rows = [row.split(" ", 1)[1] if row.startswith("@") else row for row in client.reads()]
    return [row.removeprefix(":chatroom ") for row in rows if " BATCH " not in row]


class MetadataTests(SynchronousTestCase):
    """alice and carol are guests with such clients."""

    def setUp(self) -> None:
        self.server = Server(LOTS)
        self.alice = self.server.irc_client("alice", *CAPABILITIES)
        self.carol = self.server.irc_client("carol", *CAPABILITIES)
        self.alice.reads()

    def test_of_a_person(self) -> None:
        """One's own are set, listed, shown by WHOIS, unset and cleared; others read them."""
        self.assertEqual(["761 alice alice color * blue"], answer(self.alice, "* SET color :blue"))
        answer(self.alice, "* SET Display-Name :Alice B.")
        self.assertEqual(
            ["761 carol alice display-name * :Alice B.", "766 carol alice avatar :That key is not set."],
            answer(self.carol, "alice GET display-name avatar"),
        )
        self.carol.types("WHOIS alice")
        self.assertIn(":chatroom 760 carol alice color * blue", self.carol.reads())
        self.assertEqual(["766 alice alice color :That key is not set."], answer(self.alice, "* SET color"))
        self.assertEqual(1, len(answer(self.alice, "* CLEAR")))
        self.assertEqual([], answer(self.carol, "alice LIST"))

    def _before(self, *lines: str) -> IrcClient:
        """A client that sends this before it has a nickname."""
        client = self.server.irc_client(None)
        client.types("CAP LS 302", "CAP REQ :batch draft/metadata-3")
        client.reads()
        client.types(*lines)
        return client

    def test_before_there_is_a_nickname(self) -> None:
        """What a client sets before it is connected is its person's from then on, and it reads that in a batch."""
        dave = self._before("METADATA * SET color :red", "METADATA * GET color", "METADATA * SUB avatar")
        said = dave.reads()
        self.assertEqual(":chatroom 761 * * color * red", said[0])
        self.assertIn(" 761 * * color * red", said[2])
        self.assertIn(":chatroom 770 * avatar", said)
        dave.types("METADATA alice SET color :red", "METADATA #lobby LIST")
        self.assertEqual(["INVALID_TARGET"] * 2, [line.split()[3] for line in dave.reads()])
        dave.types("NICK dave", "USER d 0 * :Dave", "CAP END")
        said = dave.reads()
        begin = next(at for at, line in enumerate(said) if line.endswith(" metadata dave"))
        self.assertIn(" 761 dave dave color * red", said[begin + 1])
        self.assertIn(" BATCH -", said[begin + 2])
        self.assertEqual(["761 carol dave color * red"], answer(self.carol, "dave LIST"))

    def test_before_a_login(self) -> None:
        """An account keeps what it had, with what the client has set before it logged in, up to the limit of keys."""
        self.server.account("dave", "sesame and cake").types("/quit")
        for number in range(MOST_KEYS):
            dave = self._before(f"METADATA * SET key{number} :{number}", "METADATA * SET color :red")
            dave.types("PASS :dave:sesame and cake", "NICK dave", "USER d 0 * :Dave", "CAP END")
            said = dave.reads()
            dave.types("QUIT")
        self.assertEqual(MOST_KEYS, sum(" 761 dave dave " in line for line in said))
        self.assertTrue(any("FAIL METADATA LIMIT_REACHED dave" in line for line in said), said)

    def test_before_without_the_capability(self) -> None:
        """A client that has not asked for it, and has no nickname, registers first."""
        client = self.server.irc_client(None)
        client.types("USER a 0 * :A", "METADATA * SET color :red")
        self.assertEqual(["451"], [line.split()[1] for line in client.reads()])

    def test_of_somebody_else(self) -> None:
        """Nobody changes those of others, and there are none of nobody."""
        self.assertIn("KEY_NO_PERMISSION alice color", answer(self.carol, "alice SET color :red")[0])
        self.assertIn("KEY_NO_PERMISSION alice *", answer(self.carol, "alice CLEAR")[0])
        self.assertIn("INVALID_TARGET nobody", answer(self.carol, "nobody LIST")[0])

    def test_of_a_room(self) -> None:
        """Operators set them, members read them, and nobody else does."""
        self.alice.types("JOIN #attic")
        self.alice.reads()
        self.assertIn("INVALID_TARGET #attic", answer(self.carol, "#attic LIST")[0])
        self.carol.types("JOIN #attic")
        self.carol.reads(), self.alice.reads()
        self.assertEqual(["761 alice #attic avatar * a.png"], answer(self.alice, "#attic SET avatar a.png"))
        self.assertEqual(["761 carol #attic avatar * a.png"], answer(self.carol, "#ATTIC LIST"))
        self.assertIn("KEY_NO_PERMISSION #attic avatar", answer(self.carol, "#attic SET avatar b.png")[0])

    def test_another_room_of_the_name(self) -> None:
        """A room that was closed takes its metadata along."""
        self.alice.types("JOIN #attic", "METADATA #attic SET avatar a.png", "PART #attic")
        self.server.wait(5)
        self.alice.types("JOIN #attic")
        self.alice.reads()
        self.assertEqual([], answer(self.alice, "#attic LIST"))

    def test_accounts_keep_them(self) -> None:
        """Those of an account are there after it has left and returned; those of a guest are gone."""
        bob = self.server.irc_client("bob", *CAPABILITIES)
        bob.types("METADATA * SET color :blue", "NS REGISTER correct horse battery", "QUIT")
        self.server.guest("visitor").types("/login bob correct horse battery")
        self.assertEqual(["761 carol bob color * blue"], answer(self.carol, "bob LIST"))
        answer(self.alice, "* SET color :red")
        self.alice.types("QUIT")
        self.server.guest("alice")
        self.assertEqual([], answer(self.carol, "alice LIST"))

    def test_subscriptions(self) -> None:
        """Who has subscribed to a key reads its changes in shared rooms, and what is set when somebody joins."""
        self.assertEqual(["770 carol color", "774 carol #lobby 1"], answer(self.carol, "* SUB color"))
        answer(self.alice, "* SET color :blue")
        answer(self.alice, "* SET avatar :a.png")
        self.assertEqual([":chatroom 761 carol alice color * blue"], self.carol.reads())
        self.assertEqual(["761 carol alice color * blue"], answer(self.carol, "#lobby SYNC"))
        self.carol.types("PART #lobby", "JOIN #lobby")
        self.assertIn(":chatroom 761 carol alice color * blue", self.carol.reads())
        self.alice.types("PART #lobby")
        self.carol.reads()
        answer(self.alice, "* SET color :green")
        self.assertEqual([], self.carol.reads())
        self.alice.types("JOIN #lobby")
        self.assertIn(":chatroom 761 carol alice color * green", self.carol.reads())
        self.assertEqual(["772 carol color"], answer(self.carol, "* SUBS"))
        self.assertEqual(["771 carol color"], answer(self.carol, "* UNSUB color"))
        answer(self.alice, "* CLEAR")
        self.assertEqual([], self.carol.reads())

    def test_upper_bounds(self) -> None:
        """Keys, values and subscriptions have an end, and each is refused by name."""
        for number in range(MOST_KEYS):
            answer(self.alice, f"* SET key{number} x")
        self.assertIn("LIMIT_REACHED alice", answer(self.alice, "* SET onemore x")[0])
        self.assertIn("INVALID_VALUE key0", answer(self.alice, "* SET key0 :" + "é" * (MOST_BYTES // 2 + 1))[0])
        self.assertIn("KEY_INVALID a*b", answer(self.alice, "* SET a*b x")[0])
        self.assertIn("KEY_INVALID", answer(self.alice, "* GET ü")[0])
        self.assertIn("SUBCOMMAND_INVALID SING", answer(self.alice, "* SING")[0])
        for first in range(0, MOST_SUBSCRIPTIONS, 10):
            answer(self.alice, "* SUB " + " ".join(f"key{first + number}" for number in range(10)))
        self.assertIn("TOO_MANY_SUBS onemore", answer(self.alice, "* SUB onemore another")[0])
        self.assertIn("KEY_INVALID", answer(self.alice, "* SUB Ü")[0])

    def test_those_who_may_not_talk(self) -> None:
        """Who is muted on the server says nothing of themselves either."""
        self.server.staff("judge").types("/gmute alice 1h spam")
        self.alice.reads()
        self.assertIn("KEY_NO_PERMISSION alice", answer(self.alice, "* SET color :red")[0])
        self.assertEqual([], answer(self.carol, "alice LIST"))

    def test_muted_in_a_room(self) -> None:
        """Who is muted in a room sets nothing that is read there, and brings nothing along when they join."""
        self.carol.types("JOIN #attic", "METADATA * SUB color", "MODE #attic +b m:alice!*@*")
        answer(self.alice, "* SET color :blue")
        self.carol.types("PART #lobby")
        self.carol.reads()
        self.alice.types("JOIN #attic")
        self.assertIn("KEY_NO_PERMISSION alice", answer(self.alice, "* SET color :red")[0])
        self.assertFalse([row for row in self.carol.reads() if " 761 " in row])

    def test_after_an_upgrade(self) -> None:
        """A client that is handed over has the same subscriptions, metadata and marks."""
        self.carol.types("METADATA * SUB color", "METADATA * SET color red")
        self.carol.types("MARKREAD bob timestamp=2026-01-01T00:00:01Z")
        speaker = self.server.irc.clients("carol")[0]
        state = speaker.state()
        self.assertEqual((("color",), {"color": "red"}), (state.subscriptions, state.metadata))
        self.assertEqual(["bob"], list(state.marked))

    @given(st.text(max_size=40), st.text(max_size=400))
    def test_anything(self, key: str, value: str) -> None:
        """Whatever a client sends, a key has no blank and a value fits into a line."""
        if is_key(key):
            self.assertEqual([key], key.split())
        if is_value(value):
            self.assertLessEqual(len(value.encode()), MOST_BYTES)
            self.assertEqual([value], (value or "x").splitlines() if value else [value])
