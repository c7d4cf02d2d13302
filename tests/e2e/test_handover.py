"""
What two processes say to each other during an upgrade: messages, and descriptors with them.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.upgrade.channel import MOST, Broken, Channel
from chatroom.upgrade.launch import LOG_FILE, VARIABLE, NotStarted, Start

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


class ChannelTests(SynchronousTestCase):
    """
    Two ends of a socket.

    @ivar wire: what is below C{here}.
    """

    def setUp(self) -> None:
        self.wire, there = socket.socketpair()
        self.here, self.there = Channel(self.wire), Channel(there)
        self.addCleanup(self.here.close)
        self.addCleanup(self.there.close)

    @settings(deadline=None)
    @given(st.text(), JSON)
    def test_messages(self, kind: str, body: object) -> None:
        """Whatever is said is heard, one after the other."""
        self.here.send(kind, body)
        self.here.send("next")
        self.assertEqual((kind, body, (), ()), tuple(self.there.receive(5.0)))
        self.assertEqual("next", self.there.receive(5.0).kind)

    def test_bytes_as_they_are(self) -> None:
        """Megabytes that people have not read go along, empty ones too, and what is said next comes behind them."""
        raw = (b"", b"\x00\xff" * 1_000_000, b"last")
        speaking = threading.Thread(target=self.here.send, args=("these", [1]), kwargs={"raw": raw})
        speaking.start()
        self.assertEqual(("these", [1], (), raw), tuple(self.there.receive(30.0)))
        speaking.join()
        self.here.send("next")
        self.assertEqual("next", self.there.receive(5.0).kind)

    def test_long_message(self) -> None:
        """Also more than the system holds, where the other end reads meanwhile."""
        text = "é" * 3_000_000
        speaking = threading.Thread(target=self.here.send, args=("long", text))
        speaking.start()
        self.assertEqual(text, self.there.receive(30.0).body)
        speaking.join()

    def test_descriptors(self) -> None:
        """As many as one message takes, in order; they are others, and inherited by nobody."""
        pipes = [os.pipe() for _ in range(MOST // 2)]
        mine = [each for pipe in pipes for each in pipe]
        self.here.send("before")
        self.here.send("these", None, mine)
        self.here.send("after")
        self.assertEqual((), self.there.receive(5.0).descriptors)
        message = self.there.receive(5.0)
        self.assertEqual("after", self.there.receive(5.0).kind)
        self.assertEqual(MOST, len(message.descriptors))
        for own, other in zip(mine, message.descriptors, strict=True):
            self.assertTrue(os.path.samestat(os.fstat(own), os.fstat(other)))
            self.assertFalse(os.get_inheritable(other))
            os.close(own)
            os.close(other)

    def test_silence(self) -> None:
        """Nobody waits for ever, and one can look before one waits."""
        self.assertFalse(self.there.has_news(0.0))
        self.assertIn("has sent nothing", str(self.assertRaises(Broken, self.there.receive, 0.01)))
        self.here.send("there")
        self.assertTrue(self.there.has_news(5.0))

    def test_gone(self) -> None:
        """The end of the other process is news as well."""
        self.here.close()
        self.assertTrue(self.there.has_news(5.0))
        self.assertIn("it is gone", str(self.assertRaises(Broken, self.there.receive, 5.0)))
        self.assertRaises(Broken, self.there.send, "hello")

    def test_nonsense(self) -> None:
        """What is no message is understood by nobody."""
        for data in (b"\xff" * 8, b"\0\0\0\1\0\0\0\0x", b"\0\0\0\1\0\0\0\1x", b"\0\0\0\2\0\0\0\0[]"):
            self.wire.sendall(data)
            self.assertRaises(Broken, self.there.receive, 5.0)
            while self.there.has_news(0.0):
                os.read(self.there.fileno(), 100)


class StartTests(SynchronousTestCase):
    """The command line of the new process."""

    def again(self, *command: str, words: int = 2, **parent: object) -> list[str]:
        """That for a process that was started by this one, with so many words at its end for the chat room."""
        start = Start(["python", *command], command[len(command) - words :], ".", {"pidfile": "twistd.pid", **parent})
        made = start.again()
        self.assertEqual(sys.executable, made[0])
        return made[1:]

    def test_foreground(self) -> None:
        """It stays in the foreground, and leaves the pidfile to the old one."""
        self.assertEqual(
            ["/bin/twistd", "-n", "--nodaemon", "--pidfile=", "chatroom", "--port", "7000"],
            self.again("/bin/twistd", "-n", "chatroom", "--port", "7000", nodaemon=True),
        )

    def test_background(self) -> None:
        """A daemon's log goes on where twistd had it."""
        logs = f"--logfile={LOG_FILE}"
        self.assertIn(logs, self.again("twistd", "chatroom", words=0))
        self.assertNotIn(logs, self.again("twistd", "chatroom", words=0, logfile="room.log"))
        self.assertNotIn(logs, self.again("twistd", "chatroom", words=0, syslog=True))

    def test_not_of_twistd(self) -> None:
        """What did not start this program cannot start it again."""
        for command, words in ((("trial", "tests"), 3), (("twistd", "chatroom", "-p", "1"), 7)):
            start = Start(["python", *command], ["x"] * words, ".", {"pidfile": ""})
            self.assertRaises(NotStarted, start.again)
        self.assertIn(
            "--chroot", str(self.assertRaises(NotStarted, self.again, "twistd", "chatroom", words=0, chroot="/x"))
        )

    def test_first_of_a_container(self) -> None:
        """It must not end."""
        self.patch(os, "getpid", lambda: 1)
        self.assertIn("container", str(self.assertRaises(NotStarted, self.again, "twistd", "chatroom", words=0)))

    def test_environment(self) -> None:
        """The new process is told of the channel, and not what systemd has said to the old one alone."""
        self.patch(os, "environ", {"HOME": "/home", "WATCHDOG_PID": "7", "WATCHDOG_USEC": "1", "LISTEN_FDS": "1"})
        self.assertEqual({"HOME": "/home", "WATCHDOG_USEC": "1", VARIABLE: "3"}, Start([], [], ".", {}).environment())
