"""
The load generator of the benchmark, with this test for a server: every delivery is checked, and one that is not as it
should be fails the run.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from pathlib import Path
from threading import Thread

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from benchmarks.dialects import ChatroomLines, filler
from benchmarks.load import Gathering, Load, LoadFailed, Talk, build


class Pipes(Load):
    """A load whose people are connected to the test, which is the server."""

    def __init__(self, library: Path, gathering: Gathering) -> None:
        super().__init__(library, 0, ChatroomLines(), gathering)
        self.ends: list[socket.socket] = []
        for index in range(gathering.people):
            ours, theirs = socket.socketpair()
            theirs.setblocking(False)
            self._sockets.append(theirs)
            self.ends.append(ours)
            self._check(self._c.load_add(self._load, theirs.fileno(), self._room(index)))

    def text(self, talker: int, number: int, talk: Talk) -> bytes:
        """What a talker says, as everybody should read it."""
        return b"=%04x.%08x=" % (talker, number) + filler(talk.size - 15, talk.ascii)

    def tell(self, listener: int, *lines: bytes) -> None:
        """What a server would."""
        self.ends[listener].sendall(b"".join(line + b"\n" for line in lines))

    def close(self) -> None:
        """Hang up."""
        for each in (*self._sockets, *self.ends):
            each.close()
        self._c.load_free(self._load)


class DeliveryTests(SynchronousTestCase):
    """Every delivery is checked."""

    TALK = Talk(lines=2, talkers=1, under_way=2)

    def setUp(self) -> None:
        if shutil.which("cc") is None:
            raise SkipTest("there is no C compiler")
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.load = Pipes(build(folder), Gathering(3, 1, talkers=2))
        self.addCleanup(self.load.close)
        self.lines = [b"<m0000> " + self.load.text(0, number, self.TALK) for number in range(3)]

    def fails(self, *lines: bytes) -> str:
        """Member 1 reads this, and member 2 what it should; the sentence that the run ends with."""
        self.load.tell(1, *lines)
        self.load.tell(2, *self.lines[:2])
        return str(self.assertRaises(LoadFailed, self.load.talk, self.TALK, 0.3))

    def test_all_is_well(self) -> None:
        """Two lines to two listeners each are four deliveries, whatever else they read."""
        self.load.tell(1, b"-- welcome", self.lines[0], b"-- m0007 joined.", self.lines[1])
        self.load.tell(2, self.lines[0] + b"\r", self.lines[1] + b"\r")
        outcome = self.load.talk(self.TALK, 5.0)
        self.assertEqual((4, None), (outcome.deliveries, outcome.latencies))
        self.assertEqual(b"=0000.00000000=", self.load.ends[0].recv(4096)[:15])

    def test_lines_in_pieces(self) -> None:
        """A line may come in two pieces, as TCP likes."""
        whole = b"".join(line + b"\n" for line in self.lines[:2])
        self.load.ends[1].sendall(whole[:50])
        self.load.rest(0.02)
        self.load.ends[1].sendall(whole[50:])
        self.load.tell(2, *self.lines[:2])
        self.assertEqual(4, self.load.talk(self.TALK, 5.0).deliveries)

    def test_latency(self) -> None:
        """In an open loop, from the moment a line was due."""

        def serve() -> None:
            for line in self.lines[:2]:
                self.load.ends[0].recv(4096)
                self.load.tell(1, line)
                self.load.tell(2, line)

        server = Thread(target=serve)
        server.start()
        outcome = self.load.talk(Talk(lines=2, talkers=1, rate=10.0), 5.0)
        server.join()
        assert outcome.latencies is not None
        p50, p99, longest = outcome.latencies
        self.assertTrue(0 < p50 <= p99 < 5.0 and 0 < longest < 5.0)

    def test_lost_line(self) -> None:
        """The next one comes too early."""
        self.assertIn("lost or out of order", self.fails(self.lines[1]))

    def test_line_that_never_comes(self) -> None:
        """Time is up, and the sentence says how many lines had reached everybody."""
        self.assertIn("1 of 2 lines had reached everybody", self.fails(self.lines[0]))

    def test_repeated_line(self) -> None:
        """Once is enough."""
        self.assertIn("repeated", self.fails(self.lines[0], self.lines[0]))

    def test_repeated_at_the_end(self) -> None:
        """Also when all is over."""
        self.assertIn("repeated", self.fails(self.lines[0], self.lines[1], self.lines[1]))

    def test_repeated_later(self) -> None:
        """Nothing that is said twice stays hidden, however late it comes."""
        self.test_all_is_well()
        self.load.tell(1, self.lines[0])
        self.assertIn("all had been delivered", str(self.assertRaises(LoadFailed, self.load.rest, 0.1)))

    def test_line_before_it_was_sent(self) -> None:
        """A server does not know what will be said."""
        self.assertIn("not sent yet", self.fails(self.lines[0], self.lines[1], self.lines[2]))

    def test_changed_line(self) -> None:
        """Every byte is compared."""
        self.assertIn("changed", self.fails(self.lines[0][:-1] + b"?"))

    def test_line_nobody_sent(self) -> None:
        """There is no talker of that number."""
        self.assertIn("nobody sent", self.fails(self.load.text(0x99, 0, self.TALK)))

    def test_own_line(self) -> None:
        """Nobody is told what they said themselves."""
        self.load.tell(0, self.lines[0])
        self.assertIn("its own line", str(self.assertRaises(LoadFailed, self.load.talk, self.TALK, 0.3)))

    def test_other_room(self) -> None:
        """What is said in one room stays there."""
        load = Pipes(Path(self.load._c._name), Gathering(4, 2, talkers=1))
        self.addCleanup(load.close)
        load.tell(1, self.lines[0])
        self.assertIn("another room", str(self.assertRaises(LoadFailed, load.talk, self.TALK, 0.3)))

    def test_cut_off(self) -> None:
        """A server that hangs up on somebody has failed."""
        self.load.ends[1].close()
        self.assertIn("member 1 was cut off", str(self.assertRaises(LoadFailed, self.load.talk, self.TALK, 0.3)))

    def test_those_who_do_not_read_are_not_waited_for(self) -> None:
        """Two of three read; one of them talks."""
        load = Pipes(Path(self.load._c._name), Gathering(3, 1, talkers=1, deaf=1))
        self.addCleanup(load.close)
        load.deafen()
        load.tell(1, *self.lines[:2])
        self.assertEqual(2, load.talk(self.TALK, 5.0).deliveries)
        self.assertEqual(1, load.still_here())
        load.ends[2].close()
        self.assertEqual(0, load.still_here())

    def test_ping_is_answered(self) -> None:
        """As IRC and NATS ask for."""
        self.load.tell(1, b"PING :are you there", *self.lines[:2])
        self.load.tell(2, *self.lines[:2])
        self.load.talk(self.TALK, 5.0)
        self.assertEqual(b"PONG :are you there\r\n", self.load.ends[1].recv(4096))
