"""
The client's half of the protocol, byte by byte: what it sends, and what it makes of what comes.

The server is hand-written here; in test_resume it is a real one.
"""

from __future__ import annotations

import contextlib
import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom import wire
from chatroom.client.link import GREETING, LONGEST, Link, LinkError, NotConnected
from chatroom.client.reports import (
    Answered,
    Entered,
    Heard,
    Report,
    RequestDeclined,
    Unanswered,
    Unknown,
    Welcomed,
)
from chatroom.events import Invited, Joined, Kicked, Left, Missed, Noticed, Renamed, Said, Whispered
from chatroom.testing import Server
from tests.client.visitors import Program

AT = 1767225600.0


def said(seq: int, text: str = "hi", nick: str = "bob", room: str = "lobby") -> Said:
    """Something that was said."""
    return Said(AT, room, nick, seq, text)


def view(last: int = 10, room: str = "lobby", **facts: Any) -> dict[str, Any]:
    """A room, as the server tells of it."""
    return {"room": room, "last": last, "people": [], "recent": [], **facts}


class LinkCase(SynchronousTestCase):
    """A link, and the server's end of its wire."""

    def setUp(self) -> None:
        self.link = Link("luca")
        self.link.connected()

    def asked(self) -> list[dict[str, Any]]:
        """What the link has sent since the last time."""
        return [json.loads(line) for line in self.link.data_to_send().splitlines()]

    def sends(self, *objects: Any) -> list[Report]:
        """The server sends these; what the link reports."""
        lines = [wire.dumps(made) if not isinstance(made, dict) else json.dumps(made) for made in objects]
        return self.link.receive("".join(line + "\n" for line in lines).encode())

    def welcomed(self, **facts: Any) -> None:
        """The server has let us in, and all that follows from it is done with."""
        self.asked()
        self.sends({"id": 1, "ok": True, "wire": 1, "nick": "luca", "view": view(), **facts})
        self.answers_rest()

    def answers_rest(self) -> list[Report]:
        """The server grants whatever the link has asked by itself."""
        reports = []
        for request in self.asked():
            reports += self.sends({"id": request["id"], "ok": True, "room": "lobby", "rooms": ["lobby"]})
        return reports


class GreetingTests(LinkCase):
    """Saying hello."""

    def test_says_hello_first(self) -> None:
        """The first line is a hello, in JSON, so that the server knows at once what it has before it."""
        self.assertEqual(b'{"id":1,"do":"hello","nick":"luca"}\n', self.link.data_to_send())
        self.assertEqual(b"", self.link.data_to_send())

    def test_with_a_password_or_a_token(self) -> None:
        """A token comes before a password, and a password goes with the nickname."""
        link = Link("luca", password="pass word")
        link.connected()
        self.assertEqual(
            {"id": 1, "do": "hello", "nick": "luca", "password": "pass word", "keep": True},
            json.loads(link.data_to_send()),
        )
        link = Link("luca", "pass word", "t0ken")
        link.connected()
        self.assertEqual({"id": 1, "do": "hello", "token": "t0ken"}, json.loads(link.data_to_send()))

    def test_nobody_yet(self) -> None:
        """Without a nickname it waits to be told one."""
        link = Link()
        link.connected()
        self.assertEqual(b"", link.data_to_send())
        link.greet("bob")
        self.assertEqual({"id": 1, "do": "hello", "nick": "bob"}, json.loads(link.data_to_send()))

    def test_welcome(self) -> None:
        """The answer says who we are, and in which room we stand."""
        reports = self.sends(
            {"id": 1, "ok": True, "wire": 1, "nick": "Luca", "token": "t0ken", "account": True, "waiting": 2,
             "lines": ["Welcome back."], "view": view(recent=[wire.to_object(said(9))])}
        )  # fmt: skip
        self.assertEqual(Welcomed("Luca", True, "t0ken", 2, False, 1, ("Welcome back.",)), reports[0])
        entered = reports[1]
        assert isinstance(entered, Entered)
        self.assertEqual(("lobby", (said(9),), False), (entered.room, entered.recent, entered.again))
        self.assertEqual(("Luca", "t0ken", True), (self.link.nick, self.link.token, self.link.account))
        self.assertEqual(("lobby",), self.link.rooms)

    def test_refused(self) -> None:
        """Whoever uses the link may try with another name, on the same connection."""
        self.asked()
        reports = self.sends({"id": 1, "ok": False, "error": "nick-taken", "sentence": "Taken."})
        declined = reports[0]
        assert isinstance(declined, RequestDeclined) and declined.request is not None
        self.assertEqual(("hello", "nick-taken", "Taken."), (declined.request.word, declined.code, declined.sentence))
        self.link.greet("lucas")
        self.assertEqual([{"id": 2, "do": "hello", "nick": "lucas"}], self.asked())

    def test_lines_for_people_are_skipped(self) -> None:
        """A server greets people before it knows better; that is kept, in case it is a goodbye."""
        self.assertEqual([], self.link.receive("Welcome to chatroom.\r\nWhat is your näme?\n".encode()))
        self.assertEqual("Welcome to chatroom.\nWhat is your näme?", self.link.greeting)
        self.assertIsInstance(self.sends({"id": 1, "ok": True, "nick": "luca"})[0], Welcomed)

    def test_greetings_are_bounded(self) -> None:
        """A server that greets forever does not fill the memory."""
        for _ in range(100):
            self.link.receive(b"x" * 100 + b"\n")
        self.assertEqual(GREETING, len(self.link.greeting))

    def test_in_a_nickname_or_password_may_stand_anything(self) -> None:
        """Also half a character, which UTF-8 has no bytes for."""
        link = Link("l\ud800uca", "p\n\x00ss")
        link.connected()
        self.assertEqual("l?uca", json.loads(link.data_to_send())["nick"])


class TalkTests(LinkCase):
    """Saying, hearing, asking."""

    def setUp(self) -> None:
        super().setUp()
        self.welcomed()

    def test_hears(self) -> None:
        """Events come as what they are, each once."""
        whisper = Whispered(AT, "", "bob", to="luca", text="psst")
        self.assertEqual([Heard(said(11)), Heard(whisper), Heard(said(12))], self.sends(said(11), whisper, said(12)))
        self.assertEqual([], self.sends(said(11)))

    def test_says(self) -> None:
        """What we say is heard by ourselves when it is kept, with its number, and then the request is answered."""
        request = self.link.ask("say", room="lobby", text="hëllo\nthere")
        self.assertEqual([{"id": request.id, "do": "say", "room": "lobby", "text": "hëllo\nthere"}], self.asked())
        reports = self.sends({"id": request.id, "ok": True, "room": "lobby", "seq": 11, "at": wire.time_text(AT)})
        self.assertEqual(Heard(said(11, "hëllo\nthere", "luca"), own=True), reports[0])
        answered = reports[1]
        assert isinstance(answered, Answered)
        self.assertIs(request, answered.request)

    def test_nothing_is_lost_or_doubled_around_our_own_lines(self) -> None:
        """What others said just before us may be told just after."""
        request = self.link.ask("say", text="mine")
        reports = self.sends(
            said(11),
            {"id": request.id, "ok": True, "room": "lobby", "seq": 13, "at": wire.time_text(AT)},
            said(12),
            said(14),
        )
        heard = [report.event for report in reports if isinstance(report, Heard)]
        self.assertEqual([11, 13, 12, 14], [event.seq for event in heard if isinstance(event, Said)])

    def test_refused(self) -> None:
        """A refusal names the request it answers."""
        request = self.link.ask("kick", nick="bob")
        reports = self.sends({"id": request.id, "ok": False, "error": "not-allowed", "sentence": "No."})
        self.assertEqual([RequestDeclined(request, "not-allowed", "No.")], reports)

    def test_what_could_not_be_read_is_refused_without_a_request(self) -> None:
        """The server does not know which one it was."""
        self.assertEqual(
            [RequestDeclined(None, "bad-request", "Too long.")],
            self.sends({"id": None, "ok": False, "error": "bad-request", "sentence": "Too long."}),
        )

    def test_arguments_may_be_called_word(self) -> None:
        """As that of help is."""
        request = self.link.ask("help", word="kick")
        self.assertEqual([{"id": request.id, "do": "help", "word": "kick"}], self.asked())

    def test_counts_what_is_under_way(self) -> None:
        """What was asked and not answered."""
        self.link.ask("who")
        request = self.link.ask("rooms")
        self.assertEqual(2, self.link.unanswered)
        self.sends({"id": request.id, "ok": True})
        self.assertEqual(1, self.link.unanswered)

    def test_our_own_changes(self) -> None:
        """The link knows what we are called, whoever changed it."""
        request = self.link.ask("nick", nick="lu")
        self.sends({"id": request.id, "ok": True, "nick": "Lu"})
        self.assertEqual("Lu", self.link.nick)
        self.sends(Renamed(AT, "lobby", "lu", 11, new="luca2"))
        self.assertEqual("luca2", self.link.nick)

    def test_in_and_out_of_rooms(self) -> None:
        """It knows which rooms we are in: those we join, those we are taken to, and those we are sent out of."""
        request = self.link.ask("join", room="attic", password="key")
        self.sends({"id": request.id, "ok": True, **view(5, "attic")})
        self.assertEqual((("lobby", "attic"), "attic"), (self.link.rooms, self.link.room))
        self.sends(Joined(AT, "den", "LUCA", 3))
        self.assertEqual(("lobby", "attic", "den"), self.link.rooms)
        self.sends(Kicked(AT, "attic", "bob", 6, who="luca"), Left(AT, "den", "luca", 4))
        self.assertEqual(("lobby",), self.link.rooms)
        request = self.link.ask("leave")
        self.sends({"id": request.id, "ok": True, "left": "lobby", "room": None})
        self.assertEqual(((), ""), (self.link.rooms, self.link.room))

    def test_an_invitation_is_no_way_in(self) -> None:
        """It is told, though we are not in that room."""
        event = Invited(AT, "attic", "bob", 7, who="luca")
        self.assertEqual([Heard(event)], self.sends(event))
        self.assertEqual(("lobby",), self.link.rooms)

    def test_gaps_that_the_server_tells_of(self) -> None:
        """They are heard like anything else."""
        self.assertEqual([Heard(Missed(AT, "lobby", "", 11, 20))], self.sends(Missed(AT, "lobby", "", 11, 20)))

    def test_what_is_new_to_us(self) -> None:
        """Kinds of events and of objects that came later are passed on, and harm nothing."""
        for made in ({"event": "levitated", "room": "lobby", "seq": 11}, {"hello": 1}, {"id": 99, "ok": True}):
            self.assertEqual([Unknown(made)], self.sends(made))
        self.assertEqual([Heard(said(11))], self.sends(said(11)))

    def test_logout(self) -> None:
        """Afterwards we are nobody, in no room, and may say hello again."""
        self.link.token, self.link.account = "t0ken", True
        request = self.link.ask("logout")
        self.asked()
        self.sends({"id": request.id, "ok": True})
        self.assertEqual(((), "", False), (self.link.rooms, self.link.token, self.link.welcomed))
        self.link.greet("bob")
        self.assertEqual("bob", self.asked()[0]["nick"])

    def test_signing_up_gives_a_token(self) -> None:
        """From then on the next connection resumes the session, and the password is forgotten."""
        request = self.link.ask("signup", password="correct horse")
        self.asked()
        reports = self.sends(
            {"id": request.id, "ok": True, "nick": "luca", "account": True, "token": "t0ken", "view": view()}
        )
        self.assertEqual(Welcomed("luca", True, "t0ken", 0, False, 1), reports[0])
        self.link.lost()
        self.link.connected()
        self.assertEqual({"do": "hello", "token": "t0ken"}, {k: v for k, v in self.asked()[0].items() if k != "id"})


class BrokenTests(LinkCase):
    """Servers that are no chatroom, or a hostile one."""

    def test_no_json(self) -> None:
        """A line that begins like JSON and is none ends the connection."""
        for line in (b"{oops}\n", b'{"a":' * 100000 + b"\n", b'{"event": "said"\n', b'{"a": "\xff"}\n'):
            link = Link("luca")
            link.connected()
            self.assertRaises(LinkError, link.receive, line)

    def test_text_behind_json(self) -> None:
        """Who has begun to speak JSON goes on with it."""
        self.sends(said(1))
        self.assertRaises(LinkError, self.link.receive, b"oops\n")

    def test_endless_line(self) -> None:
        """There is an end to what is kept of a line that has none."""
        piece = b"{" + b" " * (1 << 20)
        with self.assertRaises(LinkError):
            for _ in range(LONGEST // len(piece) + 2):
                self.link.receive(piece)

    def test_nonsense_in_good_form(self) -> None:
        """Answers with the wrong types in them are taken for empty ones."""
        self.asked()
        self.sends({"id": 1, "ok": True, "nick": 7, "view": [1], "lines": "x", "waiting": None, "wire": "new"})
        self.assertTrue(self.link.welcomed)
        self.assertEqual("luca", self.link.nick)
        for word in ("say", "join", "look", "leave", "history", "nick"):
            request = self.link.ask(word, room="lobby", text="x")
            self.sends(
                {"id": request.id, "ok": True, "room": 5, "seq": "x", "at": 1, "rooms": {"a": 1}, "events": [[]]}
            )
        self.sends(
            {"event": "said", "room": "lobby", "seq": True, "at": "2026-01-01T00:00:00Z", "nick": "x", "text": "y"}
        )


class LostTests(LinkCase):
    """Without a connection."""

    def test_asking_is_refused(self) -> None:
        """Nothing is kept back to surprise people later."""
        self.welcomed()
        self.link.lost()
        self.assertRaises(NotConnected, self.link.ask, "say", text="hi")
        self.assertEqual(b"", self.link.data_to_send())

    def test_what_was_not_answered_is_said(self) -> None:
        """It may have been done or not, and whoever asked has to know. What the link asked by itself is no news."""
        self.welcomed()
        request = self.link.ask("topic", text="Tea")
        self.link.ask("history", room="lobby")
        self.assertEqual(
            [request], [report.request for report in self.link.lost()[:1] if isinstance(report, Unanswered)]
        )
        self.assertEqual(0, self.link.unanswered)

    def test_half_a_line_is_forgotten(self) -> None:
        """It is not glued to the first line of the next connection."""
        self.link.receive(b'{"event": "sa')
        self.link.lost()
        self.link.connected()
        self.assertEqual([Heard(Noticed(AT, "", "", text="x"))], self.sends(Noticed(AT, "", "", text="x")))

    def test_the_first_hello_is_said_again(self) -> None:
        """As long as it was not answered, with the password in it."""
        link = Link("luca", "pass word")
        link.connected()
        link.data_to_send()
        link.lost()
        link.connected()
        self.assertEqual("pass word", json.loads(link.data_to_send())["password"])


def conversation() -> bytes:
    """All that a real server sends a program in a busy minute, from its greeting on."""
    server = Server()
    robot = Program(server, "robot")
    line = robot.street
    received = b""
    robot.starts()
    cable = line.cables[0]
    real = cable.protocol.dataReceived

    def listen(data: bytes) -> None:
        nonlocal received
        received += data
        real(data)

    cable.protocol.dataReceived = listen
    bob = server.guest("bob")
    bob.types("héllo", "/me waves", "@robot psst 🎉", "/topic Tea & cake", "/create attic", "/invite robot")
    robot.asks("join", room="attic")
    bob.types("in the attic", "/kick robot enough", "/nick bobby")
    robot.asks("history", room="lobby")
    robot.asks("nonsense")
    bob.types("/quit")
    line.settle()
    return received


CONVERSATION = conversation()


def reports_of(pieces: list[bytes]) -> list[str]:
    """What a link reports that hears this conversation, in these pieces."""
    link = Link("robot")
    link.connected()
    reports: list[Report] = link.receive(
        b'Welcome.\n{"id":1,"ok":true,"nick":"robot","view":{"room":"lobby","last":2,"recent":[]}}\n'
    )
    for piece in pieces:
        reports += link.receive(piece)
    return [repr(report) for report in reports]


class PiecesTests(SynchronousTestCase):
    """Bytes come in whatever pieces the network makes."""

    def test_conversation_is_worth_cutting(self) -> None:
        """There is something of everything in it."""
        for part in (b'"said"', b'"acted"', b'"whispered"', b'"topic"', b'"kicked"', b'"ok":true', b'"ok":false'):
            self.assertIn(part, CONVERSATION)

    def test_byte_by_byte(self) -> None:
        """Single bytes are as good as all at once."""
        whole = reports_of([CONVERSATION])
        self.assertEqual(whole, reports_of([CONVERSATION[i : i + 1] for i in range(len(CONVERSATION))]))

    @given(st.lists(st.integers(0, len(CONVERSATION)), max_size=30))
    def test_any_pieces(self, cuts: list[int]) -> None:
        """Any way to cut the text into pieces comes to the same."""
        places = [0, *sorted(cuts), len(CONVERSATION)]
        pieces = [CONVERSATION[a:b] for a, b in pairwise(places)]
        self.assertEqual(CONVERSATION, b"".join(pieces))
        self.assertEqual(reports_of([CONVERSATION]), reports_of(pieces))

    @given(st.binary(max_size=200))
    def test_anything_at_all(self, noise: bytes) -> None:
        """What is not understood ends in one kind of error and no other."""
        link = Link("luca")
        link.connected()
        with contextlib.suppress(LinkError):
            link.receive(noise + b"\n")
