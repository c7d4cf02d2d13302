"""
The line mode for scripts: lines in, lines out, complaints, and an exit status.
"""

from __future__ import annotations

import json
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.connection import Disconnected, ServerConnection
from chatroom.client.display import Status
from chatroom.client.link import Link
from chatroom.client.pipe import UNANSWERED, Manner, Pipe
from chatroom.client.reports import Request, RequestDeclined
from chatroom.limits import Limits
from chatroom.testing import Server
from tests.client.visitors import HERE, Street


class Script:
    """
    What a script sees.

    @ivar out: what was written.
    @ivar complaints: what was complained of.
    @ivar status: what it ended with, or C{None}.
    @ivar taken: how many lines are done with.
    """

    def __init__(self, server: Server, nick: str, manner: Manner, password: str = "", token: str = "") -> None:
        self.server = server
        self.street = Street(server)
        self.out: list[str] = []
        self.complaints: list[str] = []
        self.status: Status | None = None
        self.taken = 0
        self.token: str | None = None
        self.pipe = Pipe(
            manner, self.out.append, self.complaints.append, self._end, self._take, password, self._remember
        )
        self.pipe.connection = self.connection = ServerConnection(
            Link(nick, password, token), HERE, self.street, server.clock, self.pipe.heard
        )

    def _end(self, status: Status) -> None:
        self.status = status
        self.connection.stop()

    def _take(self) -> None:
        self.taken += 1

    def _remember(self, token: str) -> None:
        self.token = token

    def starts(self, *lines: str, end: bool = True) -> None:
        """Start it with this for input."""
        self.connection.start()
        self.reads(*lines, end=end)

    def reads(self, *lines: str, end: bool = False) -> None:
        """This comes in."""
        for line in lines:
            self.pipe.line(line)
        if end:
            self.pipe.no_more()
        self.settle()

    def settle(self) -> None:
        """Let everything arrive."""
        self.street.settle()


class PipeCase(SynchronousTestCase):
    """A server with bob in it, who uses nc."""

    def setUp(self) -> None:
        self.server = Server(Limits(talk_rate=0))
        self.bob = self.server.guest("bob")

    def script(self, nick: str = "robot", password: str = "", token: str = "", **manner: Any) -> Script:
        """One that has not started yet."""
        return Script(self.server, nick, Manner(**manner), password, token)


class PostTests(PipeCase):
    """Saying something, and ending."""

    def test_one_line(self) -> None:
        """It is said, kept, and over, without a word."""
        script = self.script()
        script.starts("The backup is done.")
        self.assertEqual((Status.OK, [], []), (script.status, script.out, script.complaints))
        self.assertEqual(
            ["-- robot joined.", "<robot> The backup is done.", "-- robot left the chat."], self.bob.reads()
        )

    def test_in_a_room(self) -> None:
        """A text without a room goes to the room of the address."""
        self.bob.types("/create ops")
        script = self.script(room="ops")
        script.starts("done")
        self.assertIn("<robot> done", self.bob.reads())
        self.assertEqual(Status.OK, script.status)

    def test_no_such_room(self) -> None:
        """It is complained of, and nothing is said anywhere else."""
        script = self.script(room="ops")
        script.starts("secret plans")
        self.assertEqual(Status.REFUSED, script.status)
        self.assertIn("There is no room called ops", script.complaints[0])
        self.assertNotIn("secret plans", str(self.bob.reads()))

    def test_hostile_server(self) -> None:
        """What it refuses with, and what it said before it hung up, is one line and drives no terminal."""
        script = self.script()
        hello = Request(1, "hello", {"nick": "robot"}, True)
        script.pipe.heard(RequestDeclined(hello, "x", "no \x1b[2J\x1b]0;mine\x07\n\x9b31mway"))
        script.pipe.heard(Disconnected("The server says: \x1b[2Jgo away", 1.0))
        self.assertEqual(["no [2J]0;mine 31mway", "The server says: [2Jgo away"], script.complaints)

    def test_many(self) -> None:
        """In order, and never more at once than the server should have waiting; each line is done with once."""
        script = self.script()
        lines = [f"line {number}" for number in range(5 * UNANSWERED)]
        script.starts(*lines)
        self.assertEqual([f"<robot> {line}" for line in lines], [row for row in self.bob.reads() if row[0] == "<"])
        self.assertEqual((Status.OK, len(lines)), (script.status, script.taken))

    def test_long_line(self) -> None:
        """It is said in several messages, and done with once."""
        script = self.script()
        script.starts("word " * 1000)
        self.assertEqual(1, script.taken)
        self.assertEqual(1000, "".join(self.bob.reads()).count("word"))

    def test_empty_lines(self) -> None:
        """They say nothing, and hold nothing up."""
        script = self.script()
        script.starts("", "  ", "hi")
        self.assertEqual((Status.OK, 3), (script.status, script.taken))

    def test_commands(self) -> None:
        """As people type them: what they answer is written, and what is refused is complained of."""
        self.server.open_topic()
        script = self.script()
        script.starts("/topic Tea", "@bob psst", "/who", "/nosuch thing", "/look a b", "bye")
        self.assertEqual("Topic of lobby: Tea", script.out[0])
        self.assertIn("In lobby (2 people): bob (guest), robot (guest)", script.out)
        self.assertIn("Unknown command: /nosuch.", script.complaints[0])
        self.assertIn("Too many arguments. Usage: /look", script.complaints[1])
        self.assertEqual(Status.REFUSED, script.status)
        self.assertIn("<robot> bye", self.bob.reads(), "the rest is done all the same")

    def test_as_it_is(self) -> None:
        """With --text, what looks like a command is said, as log lines are."""
        script = self.script(text=True)
        script.starts("/var/log is full", "@all: look")
        self.assertEqual(["<robot> /var/log is full", "<robot> @all: look"], self.bob.reads()[1:3])

    def test_nobody_there(self) -> None:
        """It ends at once with what to check."""
        script = self.script()
        script.street.open = False
        script.starts("hi")
        self.server.settle()
        self.assertEqual(Status.NO_CONNECTION, script.status)
        self.assertIn("Check the address and the port", script.complaints[0])

    def test_lost_on_the_way(self) -> None:
        """A script does not wait for a server to come back, and says what may not have been said."""
        script = self.script()
        script.connection.start()
        script.settle()
        script.pipe.line("hello")
        script.pipe.no_more()
        script.street.cables[-1].transport.clear()
        script.street.breaks()
        self.server.settle()
        self.assertEqual(Status.NO_CONNECTION, script.status)

    def test_nickname_taken(self) -> None:
        """There is nobody to ask for another."""
        script = self.script("bob")
        script.starts("hi")
        self.assertEqual(Status.REFUSED, script.status)
        self.assertIn("already taken", script.complaints[0])

    def test_accounts(self) -> None:
        """With a password from elsewhere; the session is remembered, and used the next time."""
        self.server.account("robot", "correct horse").types("/quit")
        script = self.script()
        script.starts("hi")
        self.assertEqual(Status.REFUSED, script.status)
        self.assertIn("CHATROOM_PASSWORD", script.complaints[0])
        script = self.script(password="correct horse")
        script.starts("hi")
        self.assertEqual(Status.OK, script.status)
        assert script.token
        script = self.script(token=script.token)
        script.starts("hi")
        self.assertEqual(Status.OK, script.status)

    def test_stale_session(self) -> None:
        """It is forgotten, and the password used instead."""
        self.server.account("robot", "correct horse").types("/quit")
        script = self.script(password="correct horse", token="stale")
        script.starts("hi")
        self.assertEqual((Status.OK, []), (script.status, script.complaints))
        self.assertTrue(script.token)


class TailTests(PipeCase):
    """Reading on."""

    def test_follows(self) -> None:
        """Every line that others say, and what happens; not what it says itself."""
        script = self.script(follow=True)
        script.starts("hello")
        self.bob.types("hi robot", "/me waves")
        self.bob.types("@robot psst")
        script.settle()
        self.assertEqual(["<bob> hi robot", "* bob waves", "[bob whispers] psst"], script.out)
        self.assertIsNone(script.status)

    def test_only_that_room(self) -> None:
        """With a room in the address, nothing is written of others."""
        self.bob.types("/create ops", "/look lobby")
        script = self.script(room="ops", follow=True)
        script.starts()
        self.bob.types("in the lobby", "/look ops", "in ops")
        script.settle()
        self.assertEqual(["<bob> in ops"], script.out)

    def test_last_lines(self) -> None:
        """It begins with as many lines of the past as it was asked for."""
        self.bob.types("one", "two", "three")
        script = self.script(follow=True, last=2)
        script.starts()
        self.bob.types("four")
        script.settle()
        self.assertEqual(["<bob> two", "<bob> three", "<bob> four"], script.out)

    def test_times(self) -> None:
        """Where they are asked for, with date and seconds."""
        script = self.script(follow=True, times=True)
        script.starts()
        self.bob.types("hi")
        script.settle()
        self.assertRegex(script.out[0], r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d <bob> hi$")

    def test_lost_and_found(self) -> None:
        """It is complained of, and what was missed is written."""
        script = self.script(follow=True)
        script.starts()
        script.street.breaks()
        self.bob.types("missed")
        script.street.wait(5)
        self.bob.types("live")
        script.settle()
        self.assertEqual(["The connection was lost. Reconnecting ..."], script.complaints)
        self.assertEqual(["<bob> missed", "<bob> live"], [line for line in script.out if line.startswith("<")])

    def test_while_there_is_input(self) -> None:
        """A script whose input goes on stays as well, and comes back."""
        script = self.script()
        script.starts("one", end=False)
        script.street.breaks()
        script.street.wait(5)
        script.reads("two", end=True)
        self.assertIn("<robot> two", self.bob.reads())
        self.assertEqual(Status.OK, script.status)

    def test_old_self(self) -> None:
        """A nickname that its own broken connection still has is waited for."""
        from twisted.internet.error import ConnectionLost
        from twisted.python.failure import Failure

        script = self.script(follow=True)
        script.starts()
        cable = script.street.cables[-1]
        cable.connected = False
        cable.protocol.connectionLost(Failure(ConnectionLost()))
        script.street.wait(5)
        self.assertFalse(script.connection.link.welcomed)
        cable.line.disconnects()
        script.street.wait(20)
        self.assertTrue(script.connection.link.welcomed)


class JsonTests(PipeCase):
    """For programs in other languages."""

    def test_events(self) -> None:
        """Each as the server sends it, one a line."""
        script = self.script(json=True, follow=True)
        script.starts()
        self.bob.types("hi")
        script.settle()
        made = json.loads(script.out[-1])
        self.assertEqual(("said", "bob", "hi"), (made["event"], made["nick"], made["text"]))

    def test_requests(self) -> None:
        """A line of JSON is a request, whose answer carries its id; others are said."""
        script = self.script(json=True)
        script.starts('{"id": "a", "do": "who"}', "hello", '{"do": "kick", "nick": "bob"}', "{oops", '{"id": 1}')
        answers = {answer.get("id"): answer for answer in map(json.loads, script.out) if "ok" in answer}
        self.assertEqual(2, answers["a"]["people_total"])
        self.assertEqual("not-allowed", answers[None].get("error", "not-allowed"))
        self.assertIn("<robot> hello", self.bob.reads())
        self.assertEqual(2, len(script.complaints))
        self.assertEqual(Status.REFUSED, script.status)

    def test_arguments_that_are_no_values(self) -> None:
        """A list where it makes no sense, or an object, is refused by the server, and harms nothing."""
        script = self.script(json=True)
        script.starts('{"id": 1, "do": "say", "text": ["x"]}', '{"id": 2, "do": "who", "id2": {}}')
        self.assertEqual(["bad-arguments", "bad-request"], [json.loads(line)["error"] for line in script.out[:2]])
