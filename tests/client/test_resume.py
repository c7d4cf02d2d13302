"""
A link and a real server, in memory: lost connections, and what is made good of them.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.connection import Disconnected
from chatroom.client.reports import Answered, Entered, Heard, RequestDeclined, Unanswered, Welcomed
from chatroom.client.rooms import PAGE
from chatroom.events import Acted, Left, Missed, RoomEvent, Said
from chatroom.limits import Limits
from chatroom.testing import Server
from tests.client.visitors import Program

LONG = 5.0
"""Seconds, longer than the wait before a first try."""


def talk(program: Program) -> list[tuple[str, str]]:
    """What was said since the last time, in the order in which it was told: room and text."""
    return [
        (news.event.room, news.event.text)
        for news in program.told()
        if isinstance(news, Heard) and isinstance(news.event, Said | Acted)
    ]


class ResumeCase(SynchronousTestCase):
    """A server with bob in it, and a program called luca."""

    limits = Limits(talk_rate=0)

    def setUp(self) -> None:
        self.server = Server(self.limits)
        self.bob = self.server.guest("bob")
        self.luca = self.program("luca")

    def program(self, nick: str, **arguments: object) -> Program:
        """One that is connected, and has told what it had to tell."""
        program = Program(self.server, nick, **arguments)
        program.starts()
        program.told()
        return program

    def without_luca(self, *lines: str) -> None:
        """Luca's connection is lost; bob goes on; luca comes back."""
        self.luca.street.open = False
        self.luca.street.breaks()
        self.bob.types(*lines)
        self.luca.street.open = True
        self.luca.waits(LONG)


class CatchUpTests(ResumeCase):
    """Nothing is lost, and nothing told twice."""

    def test_while_away(self) -> None:
        """What was said meanwhile is told, in order, and what is said afterwards comes behind it."""
        self.bob.types("one")
        self.without_luca("two", "three")
        self.bob.types("four")
        self.assertEqual([("lobby", text) for text in ("one", "two", "three", "four")], talk(self.luca))

    def test_says_how_it_was(self) -> None:
        """Whoever uses the link can tell the past from what happens now."""
        self.without_luca("two")
        news = self.luca.told()
        self.assertTrue(any(isinstance(each, Disconnected) for each in news))
        self.assertTrue(next(each.again for each in news if isinstance(each, Welcomed)))
        self.assertTrue(next(each.again for each in news if isinstance(each, Entered)))
        two = next(each for each in news if isinstance(each, Heard) and isinstance(each.event, Said))
        self.assertFalse(two.live)
        self.assertFalse(two.own)

    def test_all_rooms(self) -> None:
        """It goes back into every room it was in, also behind a password, and looks where it looked."""
        self.bob.types("/create attic", "/password key")
        self.luca.asks("join", room="attic", password="key")
        self.luca.asks("create", room="den")
        self.luca.asks("look", room="attic")
        self.luca.told()
        self.without_luca("in the attic", "/look lobby", "in the lobby")
        self.assertEqual(("lobby", "attic"), self.luca.link.rooms, "the den was gone with its only member")
        self.assertEqual("attic", self.luca.link.room)
        self.assertEqual([("attic", "in the attic"), ("lobby", "in the lobby")], sorted(talk(self.luca)))

    def test_a_room_that_is_no_more(self) -> None:
        """It is told which room it could not get back into, and why."""
        self.luca.asks("create", room="den")
        self.luca.told()
        self.without_luca()
        declined = [each for each in self.luca.told() if isinstance(each, RequestDeclined)]
        self.assertEqual(["no-such-room"], [each.code for each in declined])
        self.assertEqual(("lobby",), self.luca.link.rooms)

    def test_more_than_a_page(self) -> None:
        """A long absence is caught up with page by page."""
        lines = [f"line {number}" for number in range(2 * PAGE + 50)]
        self.without_luca(*lines)
        self.assertEqual([("lobby", line) for line in lines], talk(self.luca))

    def test_live_talk_waits(self) -> None:
        """What is said while it is catching up comes behind what it catches up with."""
        self.luca.street.open = False
        self.luca.street.breaks()
        self.bob.types("missed")
        self.luca.street.open = True
        cable = self.luca.street.wait_for_try()
        while not any(isinstance(each, Entered) for each in self.luca.news):
            cable.carry()
        self.bob.types("live")
        self.assertEqual([("lobby", "missed"), ("lobby", "live")], talk(self.luca))

    def test_comings_and_goings(self) -> None:
        """It learns of these as well, its own among them."""
        self.server.open_topic()
        self.luca.told()
        self.without_luca("/topic Tea")
        kinds = [each.event.kind for each in self.luca.told() if isinstance(each, Heard) and not each.live]
        self.assertEqual(["left", "topic", "joined"], kinds)

    def test_twice(self) -> None:
        """A connection that breaks while it is catching up costs nothing either."""
        lines = [f"line {number}" for number in range(PAGE + 10)]
        self.luca.street.open = False
        self.luca.street.breaks()
        self.bob.types(*lines)
        self.luca.street.open = True
        cable = self.luca.street.wait_for_try()
        while len(self.luca.news) < PAGE // 2:
            cable.carry()
        cable.cut()
        self.bob.types("last")
        self.luca.waits(LONG)
        self.assertEqual([("lobby", line) for line in [*lines, "last"]], talk(self.luca))

    @settings(deadline=None)
    @given(st.lists(st.sampled_from(["bob", "luca", "carry", "break", "wait"]), max_size=40))
    def test_whatever_happens(self, steps: list[str]) -> None:
        """However connections break, each line is told once, none is missing, and each room is in order."""
        server = Server(self.limits)
        bob, luca = server.guest("bob"), Program(server, "luca")
        luca.starts()
        said = []
        for number, step in enumerate([*steps, "wait"]):
            if step == "bob":
                bob.types(f"bob {number}")
                said.append(f"bob {number}")
            elif step == "luca" and luca.link.welcomed:
                luca.connection.ask("say", room="lobby", text=f"luca {number}")
            elif step == "carry":
                luca.street.cables[-1].carry()
            elif step == "break":
                luca.street.cables[-1].cut()
            elif step == "wait":
                luca.waits(LONG)
        kept = [event for event in self.kept(server) if isinstance(event, Said)]
        heard = [news.event for news in luca.news if isinstance(news, Heard) and isinstance(news.event, Said)]
        self.assertEqual(sorted(event.seq for event in kept), sorted(event.seq for event in heard))
        others = [event.seq for event in heard if event.nick == "bob"]
        self.assertEqual(sorted(others), others)
        self.assertEqual(said, [event.text for event in kept if event.nick == "bob"])
        lost = {news.request.arguments["text"] for news in luca.news if isinstance(news, Unanswered)}
        self.assertEqual(set(), lost & {event.text for event in kept}, "what was kept is not said to be in doubt")

    def kept(self, server: Server) -> list[RoomEvent]:
        """The lobby's history, as it is kept."""
        return list(self.successResultOf(server.backend.history("lobby", after=0, before=None, limit=10000, talk=True)))


class DoubtTests(ResumeCase):
    """Lines that were on their way when the connection was lost."""

    def test_kept_after_all(self) -> None:
        """The answer was lost, and the line was not: it is told in its place, as ours, and there is no doubt."""
        self.luca.connection.ask("say", room="lobby", text="is  this\there?")
        cable = self.luca.street.cables[-1]
        cable.line.sends(cable.transport.value())
        self.bob.types("yes")
        self.without_luca()
        news = self.luca.told()
        said = [
            (each.event.text, each.own) for each in news if isinstance(each, Heard) and isinstance(each.event, Said)
        ]
        self.assertEqual([("is  this    here?", True), ("yes", False)], said)
        self.assertEqual([], [each for each in news if isinstance(each, Unanswered)])

    def test_never_arrived(self) -> None:
        """It is said which one, so that it can be said again."""
        request = self.luca.connection.ask("say", room="lobby", text="hello?")
        self.luca.street.cables[-1].transport.clear()
        self.without_luca()
        self.assertEqual([request], [each.request for each in self.luca.told() if isinstance(each, Unanswered)])

    def test_the_same_words_twice(self) -> None:
        """Of two equal lines of which one was kept, one is in doubt."""
        first = self.luca.connection.ask("say", room="lobby", text="hello")
        cable = self.luca.street.cables[-1]
        cable.line.sends(cable.transport.value())
        cable.transport.clear()
        second = self.luca.connection.ask("say", room="lobby", text="hello")
        cable.transport.clear()
        self.without_luca()
        doubt = [each.request for each in self.luca.told() if isinstance(each, Unanswered)]
        self.assertEqual(1, len(doubt))
        self.assertIn(doubt[0], (first, second))

    def test_in_a_room_that_lets_us_in_no_more(self) -> None:
        """Whether it was kept cannot be found out, and that is said."""
        self.bob.types("/create attic")
        self.luca.asks("join", room="attic")
        request = self.luca.connection.ask("say", room="attic", text="hello")
        self.luca.street.cables[-1].transport.clear()
        self.luca.told()
        self.without_luca("/ban luca")
        news = self.luca.told()
        self.assertIn(request, [each.request for each in news if isinstance(each, Unanswered)])
        self.assertIn("banned", [each.code for each in news if isinstance(each, RequestDeclined)])


class GapTests(ResumeCase):
    """What cannot be made good is said aloud."""

    def gaps(self) -> list[tuple[int, int]]:
        """The gaps that were told of."""
        return [
            (each.event.first, each.event.last)
            for each in self.luca.told()
            if isinstance(each, Heard) and isinstance(each.event, Missed)
        ]

    def test_forgotten_by_the_server(self) -> None:
        """Where the server has no more of it, the numbers that are gone are named."""
        self.luca.street.open = False
        self.luca.street.breaks()
        self.bob.types(*(f"line {number}" for number in range(20)))
        self.successResultOf(self.server.backend.expire(None, 5))
        self.luca.street.open = True
        self.luca.waits(LONG)
        gaps = [each.event for each in self.luca.news if isinstance(each, Heard) and isinstance(each.event, Missed)]
        self.assertEqual(1, len(gaps))
        told = talk(self.luca)
        self.assertEqual([f"line {number}" for number in range(20 - len(told), 20)], [text for _, text in told])
        self.assertTrue(0 < len(told) < 20)

    def test_too_much(self) -> None:
        """After a very long absence only the end is fetched; what is left out is named, and may be read back."""
        self.luca = self.program("lucas", catch_up=10)
        self.without_luca(*(f"line {number}" for number in range(30)))
        news = self.luca.told()
        gap = next(each.event for each in news if isinstance(each, Heard) and isinstance(each.event, Missed))
        heard = [each.event.seq for each in news if isinstance(each, Heard) and isinstance(each.event, RoomEvent)]
        self.assertEqual(gap.last + 1, heard[0])
        self.assertEqual(10, len(heard))

    def test_begun_anew(self) -> None:
        """Where the server has lost its memory, its numbers begin anew, and what it says is news again."""
        self.bob.types(*(f"old {number}" for number in range(5)))
        self.luca.told()
        self.luca.street.breaks()
        self.luca.street.server = server = Server(self.limits, clock=self.server.clock)
        server.guest("carol").types("new")
        self.luca.waits(LONG)
        self.assertEqual(
            [("lobby", "new")], [(event.room, event.text) for event in self.recent() if isinstance(event, Said)]
        )

    def recent(self) -> tuple[RoomEvent, ...]:
        """What was told on entering."""
        return next(each.recent for each in self.luca.told() if isinstance(each, Entered))


class SessionTests(ResumeCase):
    """Accounts come back without their password."""

    def test_by_token(self) -> None:
        """The token of the session resumes it: the password was needed once."""
        self.luca.asks("signup", password="correct horse")
        token = self.luca.link.token
        self.without_luca("hello?")
        self.assertTrue(self.luca.link.account)
        self.assertEqual(token, self.luca.link.token)
        self.assertIn(("lobby", "hello?"), talk(self.luca))

    def test_by_password(self) -> None:
        """One who logged in by password resumes by token as well."""
        self.luca.asks("signup", password="correct horse")
        other = self.program("luca", password="correct horse")
        self.assertTrue(other.link.account)
        self.assertNotEqual("", other.link.token)
        self.assertNotEqual(self.luca.link.token, other.link.token)

    def test_ended_elsewhere(self) -> None:
        """A session that was revoked lets nobody in, and that is said."""
        self.luca.asks("signup", password="correct horse")
        other = self.program("luca", password="correct horse")
        other.asks("session", action="revoke", session="all")
        self.luca.waits(LONG)
        declined = [each for each in self.luca.told() if isinstance(each, RequestDeclined)]
        self.assertEqual("wrong-password", declined[-1].code)

    def test_rooms_of_our_other_connections(self) -> None:
        """An account's second connection finds itself in the rooms of the first, and hears them."""
        self.luca.asks("signup", password="correct horse")
        self.bob.types("/create attic", "anybody here?")
        self.luca.asks("join", room="attic")
        other = self.program("luca", password="correct horse")
        self.assertEqual({"lobby", "attic"}, set(other.link.rooms))
        self.assertEqual("lobby", other.link.room)
        self.bob.types("now?")
        self.assertEqual([("attic", "now?")], talk(other))
        self.luca.asks("leave", room="attic")
        other.told()
        self.assertEqual(("lobby",), other.link.rooms)

    def test_guest_whose_old_self_is_still_here(self) -> None:
        """The server has not noticed yet that the old connection is gone: the nickname is taken, for a while."""
        cable = self.luca.street.cables[-1]
        cable.connected = False
        cable.protocol.connectionLost(self.lost())
        self.luca.waits(10)
        self.assertIn("nick-taken", [each.code for each in self.luca.told() if isinstance(each, RequestDeclined)])
        cable.line.disconnects()
        self.luca.connection.again()
        self.luca.waits(LONG)
        self.assertTrue(self.luca.link.welcomed)

    def lost(self) -> object:
        """As Twisted tells a protocol."""
        from twisted.internet.error import ConnectionLost
        from twisted.python.failure import Failure

        return Failure(ConnectionLost())


class OwnDoingsTests(ResumeCase):
    """What we do ourselves is told to us as well."""

    def own(self) -> list[str]:
        """The kinds of events that were told as ours."""
        return [each.event.kind for each in self.luca.told() if isinstance(each, Heard) and each.own and each.live]

    def test_told(self) -> None:
        """As an event in its place, behind the answer."""
        self.luca.asks("create", room="den")
        self.luca.told()
        self.luca.asks("topic", text="Tea")
        self.assertEqual(["topic"], self.own())
        self.luca.asks("private")
        self.luca.asks("nick", nick="lu")
        self.assertEqual(["invite-only", "renamed", "renamed"], [kind for kind in self.own() if kind != "role"])
        self.luca.asks("who")
        self.assertEqual([], self.own())

    def test_plugins(self) -> None:
        """Also what a command does that came later."""
        self.luca.asks("me", text="waves")
        self.assertEqual(["acted"], self.own())

    def test_lost_on_the_way(self) -> None:
        """If the connection breaks before it was told, it is caught up with."""
        self.server.open_topic()
        self.luca.told()
        self.luca.connection.ask("topic", text="Tea")
        cable = self.luca.street.cables[-1]
        cable.carry()
        self.bob.types("nice")
        self.without_luca()
        kinds = [each.event.kind for each in self.luca.told() if isinstance(each, Heard)]
        self.assertEqual(["topic", "left", "joined"], [kind for kind in kinds if kind != "said"])
        self.assertEqual(1, kinds.count("said"))


class AnswersTests(ResumeCase):
    """Each request ends in exactly one answer."""

    def test_of_every_command(self) -> None:
        """Whatever the server can do, it answers once."""
        self.luca.asks("help")
        words = next(each for each in self.luca.told() if isinstance(each, Answered)).facts.objects("commands")
        for word in [each.text("word") for each in words]:
            if word in ("quit", "logout"):
                continue
            request = self.luca.connection.ask(word)
            self.assertEqual(
                [request],
                [each.request for each in self.luca.told() if isinstance(each, Answered | RequestDeclined)],
                word,
            )

    def test_goodbye(self) -> None:
        """It may leave, and comes back all the same, as nobody told it to stop."""
        self.luca.asks("quit", reason="tea")
        news = self.luca.told()
        self.assertTrue(any(isinstance(each, Answered) for each in news))
        self.luca.waits(LONG)
        left = [each.event for each in self.luca.told() if isinstance(each, Heard) and isinstance(each.event, Left)]
        self.assertEqual(["tea"], [event.reason for event in left])
