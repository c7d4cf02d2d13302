"""
The door for browsers, with Twisted's own WebSocket client at the other end.
"""

from __future__ import annotations

import json
from struct import pack, unpack

from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.intake import FEW
from chatroom.doors.web.frames import MALFORMED, MOST_FRAGMENTS, PING, Code, close_frame
from chatroom.doors.web.websocket import EXTRAS_BURST
from chatroom.limits import OFF, Limits
from tests.doors.timers import timers, timers_of_nobody
from tests.doors.web.browsers import Place
from tests.doors.web.client_frames import frame, whole_frame
from tests.doors.web.handshake import HANDSHAKE


class TalkTests(SynchronousTestCase):
    """People in browsers and people in terminals are in the same rooms."""

    def setUp(self) -> None:
        self.place = Place()

    def test_browser_and_terminal(self) -> None:
        """What one says, the other reads, each in their own way."""
        bob = self.place.server.guest("bob")
        alice = self.place.browser("alice")
        bob.reads()
        answer = alice.asks("say", text="hello", room="lobby")
        self.assertEqual(["<alice> hello"], bob.reads())
        bob.types("hello yourself")
        [said] = alice.hears()
        self.assertEqual(
            ("said", "lobby", "bob", "hello yourself"), tuple(said[k] for k in ("event", "room", "nick", "text"))
        )
        self.assertEqual(answer["seq"] + 1, said["seq"])

    def test_same_objects_as_json_lines(self) -> None:
        """A program on the line door and a browser are told the very same."""
        browser, program = self.place.browser("alice"), self.place.server.program("robot")
        carol = self.place.server.guest("carol")
        browser.hears(), program.hears()
        carol.types("hi", "/topic cats", "/me waves", "/nick dora")
        self.assertEqual(program.hears(), browser.hears())

    def test_frames_are_shared(self) -> None:
        """However many browsers read a line, its frame is made once."""
        tabs = [self.place.browser(nick) for nick in ("alice", "carol")]
        for tab in tabs:
            tab.hears()
        written: list[bytes] = []
        for tab in tabs:
            tab.end.write = written.append  # type: ignore[method-assign]
        bob = self.place.server.guest("bob")
        bob.types("hello")
        joined, also_joined, said, also_said = written
        self.assertIs(joined, also_joined)
        self.assertIs(said, also_said)

    def test_several_messages_in_one_piece(self) -> None:
        """Messages are answered in order, whatever pieces they come in."""
        tab = self.place.browser("alice")
        for text in ("one", "two"):
            tab.transport.sendTextMessage(json.dumps({"id": text, "do": "say", "text": text}))
        tab.settle()
        self.assertEqual(["one", "two"], [json.loads(text)["id"] for text in tab.texts])

    def test_quit(self) -> None:
        """Quitting is answered with a goodbye and a close frame, and the room is told."""
        bob, alice = self.place.server.guest("bob"), self.place.browser("alice")
        bob.reads()
        alice.sends('{"do": "quit", "reason": "tea"}')
        self.assertTrue(alice.closed)
        self.assertTrue(alice.raw.endswith(close_frame(1000, "Goodbye.")))
        self.assertIn("tea", bob.reads()[0])

    def test_closed_tab(self) -> None:
        """A tab that is closed is somebody leaving, and what was said last is still said."""
        bob, alice = self.place.server.guest("bob"), self.place.browser("alice")
        bob.reads()
        alice.transport.sendTextMessage('{"do": "say", "text": "bye"}')
        alice.closes()
        said, left = bob.reads()
        self.assertEqual("<alice> bye", said)
        self.assertIn("alice", left)
        self.assertEqual(1, len(self.place.server.doorkeeper.present))

    def test_lost_connection(self) -> None:
        """A connection that breaks is somebody leaving."""
        bob, alice = self.place.server.guest("bob"), self.place.browser("alice")
        bob.reads()
        alice.end.reportDisconnect()
        alice.settle()
        self.assertIn("alice", bob.reads()[0])

    def test_server_closes(self) -> None:
        """When the server closes, browsers are told that it is going away: they may come back."""
        alice = self.place.browser("alice")
        self.place.factory.doStop()
        closed = self.place.server.doorkeeper.close("See you soon.")
        alice.settle()
        self.assertTrue(closed.called)
        self.assertTrue(alice.raw.endswith(close_frame(1001, "See you soon.")))


class AtOnceTests(SynchronousTestCase):
    """Frames that come in one piece with the handshake, as a program may send them that waits for nothing."""

    HANDSHAKE = HANDSHAKE + b"\r\nHost: chat.example\r\n\r\n"
    HELLO = whole_frame(1, b'{"id": 1, "do": "hello", "nick": "alice"}')

    def test_at_once(self) -> None:
        """They are taken up like any others."""
        wire = Place().wire()
        wire.sends(self.HANDSHAKE + self.HELLO + whole_frame(1, b'{"id": 2, "do": "who"}'))
        read = wire.reads()
        self.assertIn(b'"id":1,"ok":true', read)
        self.assertIn(b'"id":2,"ok":true', read)

    def test_any_pieces(self) -> None:
        """However handshake and frames are cut, what they say is the same."""
        whole = self.HANDSHAKE + self.HELLO
        for at in range(len(self.HANDSHAKE) - 5, len(whole)):
            wire = Place().wire()
            wire.sends(whole[:at])
            wire.sends(whole[at:])
            self.assertIn(b'"id":1,"ok":true', wire.reads(), at)

    def test_much_at_once(self) -> None:
        """Also if it is more than HTTP would read ahead; then the connection goes on being read."""
        place = Place(Limits(talk_rate=OFF))
        wire = place.wire()
        says = frame(1, 16_000) * 4 + whole_frame(1, b'{"id": 7, "do": "who"}')
        wire.sends(self.HANDSHAKE + self.HELLO + says)
        wire.sends(whole_frame(1, b'{"id": 8, "do": "who"}'))
        read = wire.reads()
        self.assertIn(b'"id":7,"ok":true', read)
        self.assertIn(b'"id":8,"ok":true', read)
        self.assertFalse(wire.end.paused)

    def test_behind_another_request(self) -> None:
        """A handshake may come behind a request for the page, all in one piece."""
        wire = Place().wire()
        wire.sends(b"GET / HTTP/1.1\r\nHost: chat.example\r\n\r\n" + self.HANDSHAKE + self.HELLO)
        read = wire.reads()
        self.assertIn(b"<title>", read)
        self.assertIn(b'"id":1,"ok":true', read)

    def test_limits_hold(self) -> None:
        """A frame that is too long, or none, is refused as ever."""
        for bad, code in ((frame(1, 100_000), 1009), (b"\xff" * 14, 1002), (frame(2, 1), 1003)):
            place = Place()
            wire = place.wire()
            wire.sends(self.HANDSHAKE + bad)
            self.assertIn(b"\x88", wire.reads())
            self.assertEqual({"bad-request": 1}, place.server.doorkeeper.refusals, code)

    def test_handshake_with_a_body(self) -> None:
        """What is neither frame nor request has no place there."""
        for header in (b"Content-Length: 5", b"Transfer-Encoding: chunked"):
            wire = Place().wire()
            wire.sends(HANDSHAKE + b"\r\nHost: a\r\n" + header + b"\r\n\r\n" + b"5\r\nhello\r\n0\r\n\r\n")
            self.assertTrue(wire.reads().startswith(b"HTTP/1.1 400 "))
        wire = Place().wire()
        wire.sends(HANDSHAKE + b"\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + self.HELLO)
        self.assertIn(b'"id":1,"ok":true', wire.reads())


class GoodbyeTests(SynchronousTestCase):
    """The codes by which a peer closes (RFC 6455, 7.4, and IANA's registry)."""

    def closes(self, payload: bytes, *pieces: int) -> tuple[bytes, int]:
        """What a goodbye with this in it is answered, and how often it was counted as a bad request."""
        place = Place()
        tab = place.browser("alice")
        tab.raw, data = b"", whole_frame(8, payload)
        for begin, end in zip((0, *pieces), (*pieces, len(data)), strict=True):
            tab.sends_bytes(data[begin:end])
        self.assertTrue(tab.closed)
        return tab.raw, place.server.doorkeeper.refusals["bad-request"]

    def test_every_code(self) -> None:
        """Those that are defined, and those for libraries and private use, are goodbyes; all others are errors."""
        lawful = {*range(1000, 1004), *range(1007, 1015), 3000, 3999, 4000, 4999}
        others = {0, 1, 999, 1004, 1005, 1006, *range(1015, 1030), 1100, 1999, 2000, 2999, 5000, 9999, 65535}
        for code in sorted(lawful | others):
            answer, counted = self.closes(pack("!H", code))
            expected = (code, 0) if code in lawful else (1002, 1)
            self.assertEqual(expected, (*unpack("!H", answer[2:4]), counted), code)

    def test_in_pieces(self) -> None:
        """Also where it comes in pieces, or says why."""
        for payload in (b"\x03\xf6", b"\x03\xf6bad gateway", b"\x03\xf6\xc3\xbc"):
            for at in range(1, len(payload) + 6):
                answer, counted = self.closes(payload, at)
                self.assertEqual((pack("!H", 1014), 0), (answer[2:4], counted), (payload, at))

    def test_none(self) -> None:
        """No code at all is a goodbye, half a code or a reason that is no UTF-8 is not."""
        self.assertEqual((b"\x88\x00", 0), self.closes(b""))
        for payload in (b"\x03", b"\x03\xe8\xff", b"\x03\xf6\xff"):
            answer, counted = self.closes(payload)
            self.assertIn(answer[2:4], MALFORMED)
            self.assertEqual(1, counted, payload)


class BadInputTests(SynchronousTestCase):
    """What is not as it should be is answered clearly, and harms nobody else."""

    def setUp(self) -> None:
        self.limits = Limits(json_length=1000)
        self.place = Place(self.limits)
        self.bob = self.place.server.guest("bob")
        self.tab = self.place.browser("alice")
        self.bob.reads()

    def assert_refused(self, code: int, words: str) -> None:
        """The connection was closed with this code and a sentence with these words; the others were told."""
        [notice] = [each for each in self.tab.hears() if each.get("event") == "notice"]
        self.assertEqual("closing", notice["code"])
        self.assertIn(words, notice["text"])
        self.assertTrue(self.tab.raw.endswith(close_frame(code, notice["text"])))
        self.assertTrue(self.tab.closed)
        self.assertIn("alice", self.bob.reads()[0])
        self.assert_counted("slow-down" if code == Code.POLICY else "bad-request")

    def assert_counted(self, code: str) -> None:
        """One refusal was counted, by this code."""
        self.assertEqual({code: 1}, self.place.server.doorkeeper.refusals)

    def test_no_json(self) -> None:
        """A message that is no JSON is answered, and the connection stays."""
        self.tab.sends("hello")
        [answer] = self.tab.hears()
        self.assertEqual("bad-request", answer["error"])
        self.assertTrue(self.tab.asks("who")["ok"])
        self.assert_counted("bad-request")

    def test_longest_message(self) -> None:
        """A message of just as many bytes as are lawful is a message."""
        text = json.dumps({"do": "say", "text": ""})
        self.tab.sends(text[:-2] + "x" * (1000 - len(text)) + text[-2:])
        self.assertTrue(self.tab.hears()[0]["ok"])
        self.assertIn("<alice> xxx", self.bob.reads()[0])

    def test_too_long(self) -> None:
        """A longer one closes the connection, before it has come."""
        self.tab.sends_bytes(frame(1, 100_000)[:14])
        self.assert_refused(1009, "too long: 1000 bytes")

    def test_endless(self) -> None:
        """A message of endless pieces cannot grow in our memory."""
        self.tab.sends_bytes(frame(1, 10, last=False), *[frame(0, 10, last=False)] * 99)
        self.assert_refused(1009, "too long")

    def test_crumbs(self) -> None:
        """A message may not come in very many tiny pieces, which only make work."""
        self.tab.sends_bytes(frame(1, 1, last=False), *[frame(0, 0, last=False)] * MOST_FRAGMENTS)
        self.assert_refused(1009, "few frames")

    def test_bytes(self) -> None:
        """A message of bytes instead of text closes the connection."""
        self.tab.transport.sendBytesMessage(b'{"do": "who"}')
        self.tab.settle()
        self.assert_refused(1003, "text")

    def test_ping_flood(self) -> None:
        """Pings are answered, and more of them than anybody needs close the connection."""
        self.tab.sends_bytes(*[frame(9, 0)] * EXTRAS_BURST)
        self.assertEqual((EXTRAS_BURST, False), (self.tab.pongs, self.tab.closed))
        self.tab.sends_bytes(frame(9, 0))
        self.assert_refused(1008, "pings")

    def test_no_frame(self) -> None:
        """Bytes that are no frames end the connection, and the others are told."""
        self.tab.sends_bytes(b"\xff\xff\xff\xff\xff\xff\xff\xff")
        self.assertTrue(self.tab.closed)
        self.assertIn("alice", self.bob.reads()[0])
        self.assertNotIn("alice", self.place.server.doorkeeper.nicks())
        self.assert_counted("bad-request")

    def test_half_a_character(self) -> None:
        """A text that is not UTF-8 closes the connection (RFC 6455, 8.1)."""
        self.tab.sends_bytes(b"\x81\x81\0\0\0\0\xc3")
        self.assertTrue(self.tab.closed)
        self.assert_counted("bad-request")

    def test_unmasked(self) -> None:
        """A client that does not mask its frames is none (RFC 6455, 5.1)."""
        self.tab.sends_bytes(b"\x81\x02{}")
        self.assertTrue(self.tab.closed)
        self.assert_counted("bad-request")

    def test_nothing_is_heard_after_goodbye(self) -> None:
        """What comes behind the message that closed the connection is not taken up."""
        self.tab.sends_bytes(frame(2, 1), frame(1, 5), frame(9, 3))
        self.assert_refused(1003, "text")


class HeartbeatTests(SynchronousTestCase):
    """Who is silent is asked for a sign of life."""

    def setUp(self) -> None:
        self.place = Place(Limits(keepalive_time=90, idle_time=600))
        self.server = self.place.server
        self.tab = self.place.browser("alice")
        self.tab.hears()
        self.tab.raw = b""

    def test_silent_browser_is_pinged(self) -> None:
        """After C{keepalive_time} of silence at the latest, there is a ping; who answers stays."""
        self.tab.waits(90)
        self.assertEqual((1, False), (self.tab.raw.count(PING), self.tab.closed))
        self.tab.waits(450)
        self.assertFalse(self.tab.closed)

    def test_talker_is_not_pinged(self) -> None:
        """Nobody who says something is asked whether they live."""
        for _ in range(10):
            self.tab.waits(30)
            self.tab.asks("who")
        self.assertNotIn(PING, self.tab.raw)

    def test_dead_browser_is_cut(self) -> None:
        """Who does not answer is gone, and the others are told."""
        bob = self.server.guest("bob")
        self.tab.dead = True
        self.tab.waits(150)
        self.assertTrue(self.tab.closed)
        self.assertIn("connection timed out", bob.reads()[-1])

    def test_empty_message(self) -> None:
        """An empty message is answered by one at once: a browser's own way to ask for a sign of life."""
        self.tab.sends("")
        self.assertEqual([""], self.tab.texts)

    def test_heartbeat_is_no_word(self) -> None:
        """Signs of life are no talk: who only beats is let go when C{idle_time} is over."""
        for _ in range(20):
            self.tab.waits(30)
            if not self.tab.closed:
                self.tab.sends("")
        self.tab.waits(5)
        self.assertTrue(self.tab.closed)
        self.assertIn(b"You sent nothing for 600 seconds", self.tab.raw)

    def test_nobody_costs_nothing(self) -> None:
        """While no browser is here, no timer runs for one."""
        self.tab.closes()
        self.server.wait(1)  # until the server has looked at its disk
        self.assertEqual(timers_of_nobody(), timers(self.server))


class LimitTests(SynchronousTestCase):
    """The limits of every door are those of this one."""

    def test_talk_rate(self) -> None:
        """A paste arrives whole, and a flood is slowed down, not lost."""
        place = Place(Limits(talk_burst=3, talk_rate=1.0))
        bob, alice = place.server.guest("bob"), place.browser("alice")
        place.server.wait(60)
        bob.reads()
        for n in range(3 + FEW + 1):
            alice.transport.sendTextMessage(json.dumps({"do": "say", "text": str(n)}))
        alice.settle()
        self.assertEqual(["<alice> 0", "<alice> 1", "<alice> 2"], bob.reads())
        self.assertTrue(alice.end.paused)
        place.server.wait(FEW + 1)
        self.assertEqual([f"<alice> {n}" for n in range(3, 3 + FEW + 1)], bob.reads())
        self.assertFalse(alice.end.paused)

    def test_connections_of_one_address(self) -> None:
        """One connection too many is told so, with a code that says: later."""
        place = Place(Limits(max_per_address=1))
        place.browser("alice")
        late = place.browser()
        [notice] = late.hears()
        self.assertIn("already 1 connection from your address", notice["text"])
        self.assertTrue(late.raw.endswith(close_frame(1013, notice["text"])))
        self.assertTrue(late.closed)
        self.assertEqual(1, len(place.server.doorkeeper.present))

    def test_banned_network(self) -> None:
        """Those who are in read why, as the last thing; those who come are told the same instead of coming in."""
        place = Place()
        mia, alice = place.server.staff("mia"), place.browser("alice", "198.51.100.7")
        mia.types("/gban 198.51.100.0/24 1d raid")
        alice.settle()
        late = place.browser(None, "198.51.100.8")
        told = "Your network is banned from this server until 2026-01-02 00:00 UTC: raid"
        for tab in (alice, late):
            [*_, last] = tab.hears()
            self.assertEqual(("closing", told), (last["code"], last["text"]))
            self.assertTrue(tab.raw.endswith(close_frame(1000, told)), "do not come back unasked")
            self.assertTrue(tab.closed)

    def test_register_time(self) -> None:
        """Who chooses no nickname is let go, with a sentence."""
        place = Place(Limits(register_time=60))
        tab = place.browser()
        place.server.wait(61)
        tab.settle()
        self.assertTrue(tab.closed)
        self.assertIn("60 seconds", tab.hears()[0]["text"])

    def test_slow_reader(self) -> None:
        """Who does not read is spared the talk, and caught up when it reads again: in order, nothing twice."""
        place = Place(Limits(talk_burst=1000))
        bob, alice = place.server.guest("bob"), place.browser("alice")
        alice.hears()
        producer = alice.end.producer
        bob.types("before")
        producer.pauseProducing()
        bob.types(*(f"line {n}" for n in range(120)))
        self.assertEqual(["before"], [each["text"] for each in alice.hears()])
        producer.resumeProducing()
        place.server.settle()
        bob.types("after")
        heard = alice.hears()
        self.assertEqual([*(f"line {n}" for n in range(120)), "after"], [each["text"] for each in heard])
        self.assertEqual(sorted({each["seq"] for each in heard}), [each["seq"] for each in heard])

    def test_pings_of_somebody_who_does_not_read(self) -> None:
        """Answers to pings cannot pile up either."""
        place = Place(Limits(unread_soft=4096))
        alice = place.browser("alice")
        alice.end.producer.pauseProducing()
        for _ in range(40):
            alice.sends_bytes(frame(9, 120))
            alice.waits(1)
        self.assertTrue(alice.closed)
