"""
Bad input from outside: each is answered clearly, costs the daemon little, and others chat on meanwhile.
"""

from __future__ import annotations

import json
import re
import threading

from tests.e2e.daemon import Daemon
from tests.e2e.people import Peer
from tests.e2e.room_case import RoomCase

MiB = 1024 * 1024


class HostileCase(RoomCase):
    """alice and bob are talking; the test is the third."""

    DAEMON = Daemon

    def setUp(self) -> None:
        super().setUp()
        self.alice = self.registered(self.nc("alice"))
        self.bob = self.registered(self.nc("bob"))
        self.alice.reads("bob")
        self.said = 0
        self.memory = self.daemon.memory()

    def peer(self, source: str = "127.0.0.1", buffer: int | None = None) -> Peer:
        """A program connected to the daemon."""
        peer = Peer(self.daemon.port, source, buffer)
        self.addCleanup(peer.close)
        return peer

    def registered_peer(self, name: bytes, buffer: int | None = None) -> Peer:
        """The same, with a nickname."""
        peer = self.peer(buffer=buffer)
        peer.sends(name + b"\n")
        peer.reads(b"Registration successful")
        return peer

    def assert_unharmed(self, growth: int = 16 * MiB) -> None:
        """alice and bob still talk to each other, nothing in the log is a bug, memory has not run away."""
        for speaker, listener in ((self.alice, self.bob), (self.bob, self.alice)):
            self.said += 1
            speaker.types(f"still here {self.said}")
            listener.reads(f"<{speaker.name}> still here {self.said}")
        self.assertNotIn("Traceback", self.daemon.log)
        grown = self.daemon.memory() - self.memory
        self.assertLess(grown, growth, f"{grown / MiB:.1f} MiB more than before")


class OneConnectionTests(HostileCase):
    """One connection that does not behave."""

    def test_no_newline(self) -> None:
        """10 MB without the end of a line: it is told that the line is too long."""
        peer = self.registered_peer(b"mallory")
        peer.sends_in_any_case(b"x" * 10_000_000)
        peer.reads(b"without an end. Goodbye.")
        self.assert_unharmed()

    def test_no_newline_before_a_nickname(self) -> None:
        """The same from somebody who has not even said who they are."""
        peer = self.peer()
        peer.sends_in_any_case(b"x" * 10_000_000)
        peer.reads(b"without an end. Goodbye.")
        self.assert_unharmed()

    def test_nul_bytes(self) -> None:
        """NUL and other control characters reach nobody's terminal; the text around them does."""
        peer = self.registered_peer(b"mallory")
        peer.sends("\0\0\0before\0\x07\x1b[2J\x9bafter\0\n".encode())
        self.bob.reads("<mallory> beforeafter")
        for byte in ("\0", "\x07", "\x1b", "\x9b"):
            self.assertFalse(self.bob.has_read(byte), repr(byte))
        peer.sends(b"\0" * 100_000 + b"\n")
        self.assert_unharmed()

    def test_nul_bytes_as_a_nickname(self) -> None:
        """They are no nickname, and the next try may be one."""
        peer = self.peer()
        peer.sends(b"\0\0\0\nmallory\n")
        peer.reads(b"You are mallory.")
        self.assert_unharmed()

    def test_invalid_utf8(self) -> None:
        """A line that is not UTF-8 is refused whole, with a word why; the next one is heard."""
        peer = self.registered_peer(b"mallory")
        for line in (b"caf\xe9", b"\xfe\xfe", b"\xc0\x80", b"half of \xed\xa0\x80", b"cut off \xf0\x9f\x98"):
            peer.sends(line + b"\n")
            peer.reads_next(b"! That line is not UTF-8")
        peer.sends("and caf\u00e9 again\n".encode())
        self.bob.reads("<mallory> and caf\u00e9 again")
        self.assertEqual(1, self.bob.raw.count("<mallory>"))
        self.assert_unharmed()

    def test_a_hundred_thousand_empty_lines(self) -> None:
        """Nobody reads any of them, and the sender is neither dropped nor answered a hundred thousand times."""
        peer = self.registered_peer(b"mallory")
        before = len(peer.received)
        peer.sends(b"\n" * 100_000)
        peer.sends(b"and then a word\n")
        self.bob.reads("<mallory> and then a word")
        self.assertLess(len(peer.received) - before, 10_000)
        self.assert_unharmed()

    def test_half_closed(self) -> None:
        """A peer that will send no more is still answered, and then let go."""
        peer = self.peer()
        peer.sends(b"mallory\n/who\n")
        peer.sends_no_more()
        self.assertIn(b"alice", peer.reads_to_the_end().split(b"Registration successful")[1])
        self.bob.reads("mallory")
        self.assert_unharmed()

    def test_half_closed_in_the_middle_of_a_line(self) -> None:
        """A last line counts without its end, as that of a file often lacks it."""
        peer = self.registered_peer(b"mallory")
        peer.sends(b"that is all")
        peer.sends_no_more()
        peer.reads_to_the_end()
        self.bob.reads("<mallory> that is all")
        self.assert_unharmed()

    def test_byte_by_byte(self) -> None:
        """A line that comes in pieces of one byte is one line."""
        peer = self.registered_peer(b"mallory")
        for byte in "one byte at a time: \u00e9\u4e2d\n".encode():
            peer.sends(bytes([byte]))
        self.bob.reads("<mallory> one byte at a time: \u00e9\u4e2d")
        self.assert_unharmed()

    def test_a_browser(self) -> None:
        """A page that makes a browser knock at the port cannot talk: it is told what this is, and let go."""
        peer = self.peer()
        peer.sends(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\nmallory\r\nhello all\r\n")
        self.assertIn(b"chat", peer.reads_to_the_end())
        self.assert_unharmed()
        self.assertFalse(self.bob.has_read("mallory"))

    def test_tls(self) -> None:
        """A client that tries TLS is told in TLS's own words that there is none (RFC 8446, 6: an alert, fatal)."""
        peer = self.peer()
        peer.sends(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 508)
        self.assertEqual(b"\x15\x03", peer.reads_to_the_end()[:2])
        self.assert_unharmed()

    def test_telnet_negotiation_without_end(self) -> None:
        """10 MB of a telnet subnegotiation that never ends are not collected (RFC 855), nor is every offer answered."""
        peer = self.registered_peer(b"mallory")
        peer.sends(b"\xff\xfb\x63" * 1000)
        peer.sends_in_any_case(b"\xff\xfa\x18" + b"x" * 10_000_000)
        self.assert_unharmed()

    def test_broken_json(self) -> None:
        """A program that sends no JSON, or far too much of it, is told so in JSON."""
        peer = self.peer()
        for request in (b"{", b'{"do": 1}', b'{"id": 1, "do": "hello", "nick": ["x"]}', b"{" * 10_000, b"{}"):
            peer.sends(request + b"\n")
            self.assertFalse(json.loads(peer.reads_line())["ok"])
        self.assertNotIn(b"Registration", peer.received)
        self.assert_unharmed()


class NotReadingTests(HostileCase):
    """A peer that never reads while others flood."""

    options = ("--talk-rate", "off", "--max-per-address", "off")

    def test_others_chat_on(self) -> None:
        """
        10 MB are said to somebody who reads nothing. Memory stays bounded, and whoever reads gets every line once, or
        is told how many were too much to catch up with.
        """
        self.move_to_a_quiet_room()
        deaf = self.registered_peer(b"mallory", buffer=4096)
        flood, reader = self.registered_peer(b"flood"), self.registered_peer(b"reader")
        reading = threading.Thread(target=reader.reads, args=[b"the last line"], daemon=True)
        reading.start()
        line, count = b"x" * 1000, 10_000
        for start in range(0, count, 100):
            flood.sends(b"".join(b"%05d %s\n" % (number, line) for number in range(start, start + 100)))
            if start % 1000 == 0:
                self.assert_unharmed(growth=48 * MiB)
        flood.sends(b"the last line\n")
        reading.join(120)
        self.assertFalse(reading.is_alive(), "reader did not get to the last line")
        numbers = [int(number) for number in re.findall(rb"^<flood> (\d{5}) x{1000}$", reader.received, re.MULTILINE)]
        self.assertEqual(sorted(set(numbers)), numbers, "in order, and none twice")
        missed = re.findall(rb"^-- ([\d,]+) lines? of lobby could not be shown", reader.received, re.MULTILINE)
        self.assertEqual(count, len(numbers) + sum(int(each.replace(b",", b"")) for each in missed))
        self.assert_unharmed(growth=48 * MiB)
        deaf.close()
        self.assert_unharmed(growth=48 * MiB)

    def move_to_a_quiet_room(self) -> None:
        """alice and bob leave the lobby: their terminals could not show so much in time."""
        self.alice.types("/create quiet", "/leave lobby")
        self.alice.reads("You left lobby")
        self.bob.types("/join quiet", "/leave lobby")
        self.bob.reads("You left lobby")
