"""
Floods, against a real daemon: who behaves still gets in, is heard, and the daemon's memory stays where it was said to.
"""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.daemon.secrecy import put_pair
from tests.e2e.daemon import PATIENCE, Daemon, free_port, until
from tests.e2e.people import HOST, Peer

MiB = 1024 * 1024

OPEN = ("--max-per-address", "off", "--new-per-minute", "off")
"""Everybody in these tests comes from one machine."""


QUEUE = 20
"""At most so many connections wait to be accepted: of more than 50, some are dropped and tried again a second later."""

LISTENS = "0A"
"""A state of a socket, in the numbers of the kernel."""


def waiting_at(port: int) -> int:
    """How many have connected to a port of this machine and were not accepted yet (proc(5), net/tcp)."""
    with open("/proc/net/tcp") as lines:
        next(lines)
        for line in lines:
            _, local, _, state, queues, *_ = line.split()
            if state != LISTENS:  # those that listen come first
                break
            if int(local.rpartition(":")[2], 16) == port:
                return int(queues.rpartition(":")[2], 16)
    return 0


class AbuseCase(SynchronousTestCase):
    """A daemon, and as many connections to it as a test likes."""

    options: tuple[str, ...] = OPEN

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).resolve()
        self.daemon = Daemon(self.folder, *self.options)
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def sockets(self, count: int, port: int = 0, buffer: int = 0) -> list[socket.socket]:
        """
        Connections that have said nothing yet.

        @param port: another than that of nc.
        @param buffer: how many bytes may wait unread in the system.
        """
        made = []
        port = port or self.daemon.port
        for number in range(count):
            if number % QUEUE == 0:
                until("connections to be accepted", lambda: waiting_at(port) < QUEUE)
            each = socket.socket()
            self.addCleanup(each.close)
            if buffer:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            each.settimeout(PATIENCE)
            with contextlib.suppress(ConnectionResetError):  # it was one too many, and cut before we could look
                each.connect((HOST, port))
            made.append(each)
        return made

    def person(self, nick: str, source: str = HOST) -> Peer:
        """Somebody who behaves, and has come in."""
        peer = Peer(self.daemon.port, source)
        self.addCleanup(peer.close)
        peer.sends(nick.encode() + b"\n")
        peer.reads(b"Registration successful")
        return peer

    def assert_alive(self) -> None:
        """It has no bug to report, and two people talk."""
        alice, bob = self.person("alice"), self.person("bob")
        alice.sends(b"are you there\n")
        bob.reads(b"<alice> are you there")
        self.assertNotIn("Traceback", self.daemon.log)


def is_open(connection: socket.socket) -> bool:
    """Whether the daemon has not closed it: reads all there is."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return True
    except OSError:  # cut, perhaps before it was quite there
        return False
    return False


def answer(connection: socket.socket) -> bytes:
    """What a connection reads up to the outcome of its login."""
    read = b""
    while not any(word in read for word in (b"Logged in as", b"! ")) or not read.endswith(b"\n"):
        data = connection.recv(65536)
        if not data:
            return read
        read += data
    return read


class SilenceTests(AbuseCase):
    """Connections that never say who they are."""

    options = (*OPEN, "--unregistered", "100", "--register-time", "3")

    def test_newcomers_get_in(self) -> None:
        """Beside 500 that say nothing and come without end, somebody with a name comes in at once and talks."""
        silent = []
        for number in range(10):
            silent += self.sockets(50)
            self.person(f"guest{number}")
        until("the first 400 to be let go", lambda: sum(map(is_open, silent)) <= 100)
        self.assert_alive()
        until("the rest to be let go, when their time is over", lambda: not any(map(is_open, silent)))

    def test_handshakes_without_end(self) -> None:
        """Half a TLS handshake, or nothing at all where one is expected, has its time like everybody, and is let go."""
        put_pair(self.folder / "certs", "localhost")
        port = free_port()
        secret = Daemon(
            self.folder / "tls", *self.options, "--tls", str(self.folder / "certs"), "--tls-port", str(port)
        )
        self.addCleanup(secret.close)
        secret.start()
        secret.logs(f"over TLS at port {port}")
        halves = self.sockets(60, port)
        for each in halves[:30]:
            each.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 100)
        self.assertTrue(all(map(is_open, halves)))
        until("all of them to be let go", lambda: not any(map(is_open, halves)), seconds=3 + 10 + PATIENCE)
        self.assertNotIn("Traceback", secret.log)
        self.assertTrue(secret.alive())


class SentAwayTests(AbuseCase):
    """Connections too many, over TLS, which is not over before both sides have said so."""

    options = ("--max-per-address", "3", "--new-per-minute", "off", "--register-time", "600")

    def test_silence_keeps_nobody_connected(self) -> None:
        """Whoever is sent away and does not answer is cut, at the door for nc and at that for browsers."""
        put_pair(self.folder / "certs", "localhost")
        line, web = free_port(), free_port()
        secret = Daemon(
            self.folder / "tls", *self.options,
            "--tls", str(self.folder / "certs"), "--tls-port", str(line), "--web-tls", str(web),
        )  # fmt: skip
        self.addCleanup(secret.close)
        secret.start()
        secret.logs(f"The web page is over TLS at port {web}")
        crowds: dict[int, list[socket.socket]] = {line: [], web: []}
        for _ in range(20):
            for port, crowd in crowds.items():
                crowd += self.sockets(10, port)
        for crowd in crowds.values():
            until("those too many to be gone", lambda crowd=crowd: sum(map(is_open, crowd)) <= 3)  # type: ignore[misc]
        self.assertNotIn("Traceback", secret.log)


class LoginTests(AbuseCase):
    """Logins without end."""

    options = (*OPEN, "--signups-per-address", "off", "--unregistered", "off")

    def test_an_honest_login_beside_a_flood(self) -> None:
        """
        A crowd from one address logs in as fast as it can with wrong passwords; from another, carol logs in meanwhile,
        within a few seconds, and her own account is not closed by those who guess at it.
        """
        carol = self.person("carol", "127.0.0.2")
        carol.sends(b"/signup correct horse battery\n")
        carol.reads(b"/resume")
        carol.close()
        flood = self.sockets(60)
        for number, each in enumerate(flood):
            name = "carol" if number % 2 else f"nobody{number}"
            each.sendall(b"".join(b"/login %s wrong%d\n" % (name.encode(), guess) for guess in range(20)))
        began = time.monotonic()
        again = Peer(self.daemon.port, "127.0.0.2")
        self.addCleanup(again.close)
        again.sends(b"/login carol correct horse battery\n")
        again.reads(b"Logged in as carol")
        self.assertLess(time.monotonic() - began, 10)
        self.assertNotIn("Traceback", self.daemon.log)

    def test_a_class_logs_in_beside_a_guesser(self) -> None:
        """
        Forty pupils behind one address log in at the same moment, each with the right password, beside one who guesses:
        all of them get in, and the guesser has the guesses of that address and no more.
        """
        self.daemon.stop()
        cheap = ("--argon2-memory", "1024", "--argon2-time", "1")
        self.daemon = Daemon(self.folder, *self.options, *cheap, "--login-tries-per-address", "10")
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        for number in range(40):
            pupil = self.person(f"pupil{number}")
            pupil.sends(b"/signup correct horse battery\n")
            pupil.reads(b"/resume")
            pupil.close()
        guessers = self.sockets(8)
        pupils = self.sockets(40)
        for number, each in enumerate(guessers):
            each.sendall(b"/login nobody%d wrong\n" % number)
        for number, each in enumerate(pupils):
            each.sendall(b"/login pupil%d correct horse battery\n" % number)
        for each in pupils:
            self.assertIn(b"Logged in as", answer(each))
        for each in guessers:
            self.assertIn(b"Wrong nickname or password", answer(each))
        for number, each in enumerate(guessers):
            each.sendall(b"/login other%d wrong\n" % number)
        refused = [b"Too many wrong passwords" in answer(each) for each in guessers]
        self.assertEqual(6, sum(refused))


class MemoryTests(AbuseCase):
    """What a crowd can make the daemon keep."""

    options = (*OPEN, "--talk-rate", "off", "--unread-total", "32", "--unregistered", "off")

    def test_a_thousand_who_never_read(self) -> None:
        """
        20 MB are said in a room where 1,000 read nothing, and they whisper to each other what they do not read: what is
        kept for them is --unread-soft for each at most, and --unread-total.
        """
        deaf = self.sockets(1000, buffer=4096)
        for number, each in enumerate(deaf):
            each.sendall(b"deaf%d\n" % number)
        talker, reader = self.person("talker"), self.person("reader")
        memory = self.daemon.memory()
        line, worst = b"x" * 1900, 0
        for block in range(100):
            talker.sends(b"".join(b"%05d %s\n" % (block * 100 + number, line) for number in range(100)))
            talker.sends(b"".join(b"@deaf%d %s\n" % ((block * 50 + number) % 1000, line) for number in range(50)))
            reader.reads(b"<talker> %05d" % (block * 100 + 99))
            reader.received = b""
            talker.reads_what_is_there()  # whoever does not read answers is not listened to any more
            worst = max(worst, self.daemon.memory())
        ceiling = 1000 * 96 * 1024 + 32 * MiB
        self.assertLess(worst - memory, ceiling + 48 * MiB, "and what the server itself needs for 20 MB of talk")
        self.assert_alive()

    def test_tiny_lines(self) -> None:
        """300 connections send 96 KiB of lines of two letters each, and are not listened to faster for it."""
        self.daemon.stop()
        self.daemon = Daemon(self.folder, *OPEN, "--unregistered", "off")
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        crowd = self.sockets(300)
        for number, each in enumerate(crowd):
            each.sendall(b"many%d\n/leave lobby\n" % number)
        self.assert_alive()
        memory = self.daemon.memory()
        for each in crowd:
            each.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                each.send(b"ab\n" * 65536)
        time.sleep(2)
        grown = self.daemon.memory() - memory
        self.assertLess(grown, 100 * MiB)
