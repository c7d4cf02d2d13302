"""
Saying something as the server, and reading along.
"""

from __future__ import annotations

import json

from chatroom.control import door
from chatroom.control.following import PAGE
from tests.control.shell import Shell, ShellCase


class PostTests(ShellCase):
    """The server speaks."""

    def test_in_a_room(self) -> None:
        """It is a line like any other, by the name that nobody can have, and is kept."""
        answer = self.asks("post", room="Lobby", text="Cake in the kitchen")
        self.assertEqual(("lobby", 1), (answer["room"], answer["people"]))
        self.assertEqual(["<chatroom> Cake in the kitchen"], self.alice.reads())
        self.alice.types("/history")
        self.assertIn("<chatroom> Cake in the kitchen", self.alice.reads()[-1])

    def test_to_everybody(self) -> None:
        """All on line are told once, in however many rooms they are; programs by a code; nobody later."""
        self.alice.types("/create tea")
        self.alice.reads()
        robot = self.server.program("robot")
        stranger = self.server.connection()
        stranger.greeting()
        self.assertEqual(2, self.asks("post", text="We stop at six")["people"])
        self.assertEqual(["-- We stop at six"], [line for line in self.alice.reads() if "six" in line])
        (told,) = [event for event in robot.hears() if event["event"] == "notice"]
        self.assertEqual(("announcement", "We stop at six"), (told["code"], told["text"]))
        self.assertEqual([], stranger.reads())
        self.assertNotIn("six", "".join(self.server.connection().greeting()))

    def test_to_everybody_on_all_nodes(self) -> None:
        """Whoever is on line through another node is told as well."""
        north = self.another_node()
        bob = north.guest("bob")
        self.asks("post", text="We stop at six")
        self.assertIn("-- We stop at six", bob.reads())

    def test_refused(self) -> None:
        """What nobody could say, the server cannot say either."""
        self.assert_refused("no-such-room", "no room called nowhere", "post", room="nowhere", text="hello")
        self.assert_refused("unlawful", "Nothing in that line", "post", text="  ")
        self.assert_refused("unlawful", "the limit is 2,000", "post", text="x" * 2001)
        self.assert_refused("bad-arguments", "text", "post", room="lobby")
        self.assertEqual([], self.alice.reads())


class FollowTests(ShellCase):
    """Somebody reads along from the shell."""

    def test_all_that_is_public(self) -> None:
        """Talk of all rooms that anybody may enter, as it is said, and nothing of the others."""
        bob = self.server.guest("bob")
        bob.types("/create den", "/private", "/create safe", "/password open sesame")
        self.alice.types("/create tea")
        self.asks("follow")
        self.alice.types("hello tea", "/me waves")
        bob.types("not for you")
        bob.types("/say hello lobby")
        bob.types("/look lobby", "hello lobby", "/look den", "nor this")
        self.asks_nothing()
        self.assertEqual(["tea: hello tea", "tea: waves", "lobby: hello lobby"], self.shell.texts())

    def asks_nothing(self) -> None:
        """Time for things to happen."""
        self.server.settle()

    def test_one_room(self) -> None:
        """Any room by its name, also one that is closed to most."""
        self.alice.types("/create den", "/private")
        self.asks("follow", room="Den")
        self.alice.types("in here", "/look lobby", "out there")
        self.assertEqual(["den: in here"], self.shell.texts())

    def test_events(self) -> None:
        """Comings and goings as well, if one likes; never a secret."""
        self.asks("follow", room="lobby", everything=True)
        bob = self.server.guest("bob")
        bob.types("hello")
        bob.disconnects()
        self.assertEqual(["lobby: joined", "lobby: hello", "lobby: left"], self.shell.texts())
        self.alice.types("/create tea")
        other = Shell(self.server)
        other.asks("follow", room="tea", everything=True)
        self.alice.types("/password open sesame")
        (event,) = other.hears()
        self.assertEqual("room-password", event["event"])
        self.assertNotIn("hash", event)

    def test_announcements(self) -> None:
        """What the server says to everybody is read by whoever reads everything."""
        self.asks("follow")
        self.asks_of_another("post", text="We stop at six")
        self.assertEqual([": We stop at six"], self.shell.texts())

    def asks_of_another(self, word: str, **arguments: str) -> None:
        """The same server, by another connection."""
        self.assertTrue(Shell(self.server).asks(word, **arguments)["ok"])

    def test_last_lines_first(self) -> None:
        """The last lines of each room, in the order in which they were said."""
        self.alice.types("one", "two")
        self.server.wait(1)
        self.alice.types("/create tea", "three")
        self.server.wait(1)
        self.alice.types("/look lobby", "four")
        self.asks("follow", lines=2)
        self.assertEqual(["lobby: two", "tea: three", "lobby: four"], self.shell.texts())

    def test_goes_on(self) -> None:
        """From a number on, nothing is missing and nothing comes twice, however much it is."""
        answer = self.asks("follow", room="lobby")
        since = answer["rooms"]
        self.shell.transport.connectionLost()
        self.server.limits.become(type(self.server.limits)(talk_rate=0))
        said = [f"line {n}" for n in range(PAGE + 10)]
        bob = self.server.guest("bob")
        bob.types(*said)
        again = Shell(self.server)
        again.asks("follow", room="lobby", since=json.dumps(since))
        bob.types("and on")
        self.assertEqual([f"lobby: {text}" for text in [*said, "and on"]], again.texts())

    def test_reading_along_where_not_everybody_may_is_in_the_audit_log(self) -> None:
        """
        Reading along in a room that not everybody may join is written into the audit log; in open rooms it is not.
        """
        self.alice.types("/create den", "/private", "/create vault", "/password sesame")
        for number, room in enumerate(("lobby", "den", "vault")):
            (Shell(self.server) if number else self.shell).asks("follow", room=room)
        self.assertEqual(["den", "vault"], [target for act, target, _ in self.log() if act == "tail"])

    def test_gap(self) -> None:
        """What is kept no more is said to be missing."""
        self.alice.types(*[f"line {n}" for n in range(20)])
        self.server.limits.become(type(self.server.limits)(history_lines=10))
        self.server.wait(601)
        answer = self.asks("follow", room="lobby", since='{"lobby": 1}')
        self.assertTrue(answer)
        self.assertEqual("lobby: gap", self.shell.texts()[0])

    def test_wrong(self) -> None:
        """It is said what is wrong, and one may try again."""
        self.assert_refused("no-such-room", "no room called nowhere", "follow", room="nowhere")
        self.assert_refused("bad-request", "numbers", "follow", since='{"lobby": "one"}')
        self.assert_refused("bad-arguments", "is not a number", "follow", lines="many")
        self.asks("follow")
        self.assert_refused("bad-request", "once", "follow")

    def test_leaves(self) -> None:
        """Who has gone is not told anything, and costs nothing."""
        self.asks("follow")
        self.shell.transport.connectionLost()
        self.assertEqual([], self.server.hub._watchers)
        self.alice.types("hello")

    def test_does_not_read(self) -> None:
        """Who does not read is cut before it costs much memory, and nobody in the room notices."""
        self.patch(door, "UNREAD", 1000)
        self.asks("follow")
        self.shell.protocol.pauseProducing()
        self.alice.types(*["x" * 80] * 5)
        self.assertFalse(self.shell.transport.lost)
        self.alice.types(*["x" * 80] * 5)
        self.assertTrue(self.shell.transport.lost)
        self.assertFalse(self.alice.is_disconnected())


class DoorTests(ShellCase):
    """How it is asked."""

    def test_one_after_the_other(self) -> None:
        """Requests are answered in order, with their ids, also those that come together."""
        answers = self.shell.sends(b'{"id": 1, "do": "accounts"}\n{"id": "b", "do": "staff"}\n{"do": "audit"}\n')
        self.assertEqual([1, "b", None], [answer["id"] for answer in answers])
        self.assertTrue(all(answer["ok"] for answer in answers))

    def test_nonsense(self) -> None:
        """What is no request is refused, and the connection stays."""
        for data, words in (
            (b"hello\n", "not JSON"),
            (b"[]\n", "JSON object"),
            (b"\xff\n", "UTF-8"),
            (b"{}\n", 'A request needs a command in "do"'),
            (b'{"do": "fly"}\n', "does not know 'fly'"),
            (b'{"do": "tokens"}\n', "missing a required argument"),
            (b'{"do": "tokens", "name": "alice", "colour": "red"}\n', "unexpected keyword argument"),
            (b'{"do": "tokens", "name": {}}\n', "must be a string, a number"),
        ):
            (answer,) = self.shell.sends(data)
            self.assertFalse(answer["ok"])
            self.assertIn(words, answer["sentence"])
        self.asks("accounts")

    def test_too_long(self) -> None:
        """A request without an end is refused, and the connection closed."""
        (answer,) = self.shell.sends(b"x" * (door.LONGEST + 2))
        self.assertIn("too long", answer["sentence"])
        self.assertTrue(self.shell.transport.lost)

    def test_bug(self) -> None:
        """Something that fails is logged whole and answered politely, and the next request is taken up."""
        self.patch(self.server.backend, "staff", None)
        self.assert_refused("internal", "logged it", "staff")
        self.assertEqual(1, len(self.flushLoggedErrors(TypeError)))
        self.asks("accounts")

    def test_server_closes(self) -> None:
        """Whoever is connected is let go."""
        self.shell.protocol.factory.stopFactory()
        self.assertTrue(self.shell.transport.lost)
