"""
Links for bots: requests that are waited for, rooms that they go back to, and programs that answer no programs.
"""

from __future__ import annotations

import subprocess
import sys

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.connection import News
from chatroom.client.facts import Facts
from chatroom.client.link import NotConnected
from chatroom.client.reports import Heard
from chatroom.client.twisted_link import TwistedLink
from chatroom.client.waiting import NoAnswer, RequestRefused
from chatroom.events import Said
from chatroom.testing import Server
from tests.arrows import ROOT
from tests.client.visitors import Street

SERVER_PARTS = """
import sys
import chatroom.client.asyncio_link
parts = {name.split(".")[1] for name in sys.modules if name.startswith("chatroom.")}
print(sorted(parts), sorted({name.split(".")[0] for name in sys.modules} & {"twisted", "zope", "urwid", "passlib"}))
"""


class ImportTests(SynchronousTestCase):
    """What a bot needs."""

    def test_no_part_of_the_server(self) -> None:
        """Importing the link for asyncio imports the client, the events and their JSON, and no package but ours."""
        done = subprocess.run(
            [sys.executable, "-S", "-c", SERVER_PARTS], cwd=ROOT, capture_output=True, text=True, check=True
        )
        self.assertEqual("['client', 'events', 'folding', 'wire'] []", done.stdout.strip())


class BotCase(SynchronousTestCase):
    """Bots on Twisted, bob, and a server in memory."""

    def setUp(self) -> None:
        self.server = Server()
        self.street = Street(self.server)
        self.bob = self.server.guest("bob")
        self.heard: list[News] = []

    def bot(self, url: str = "chat://robot@server.example", **more: object) -> TwistedLink:
        """A bot that writes down what it hears."""
        made = TwistedLink(url, self.server.clock, self.heard.append, endpoint=self.street, **more)  # type: ignore[arg-type]
        self.street.settle()
        return made

    def texts(self) -> list[tuple[str, bool]]:
        """What was said, as far as it was heard, and whether that was live."""
        said = [news for news in self.heard if isinstance(news, Heard) and isinstance(news.event, Said)]
        return [(news.event.text, news.live) for news in said if isinstance(news.event, Said)]


class AskTests(BotCase):
    """Requests that are waited for."""

    def test_answer(self) -> None:
        """The Deferred fires with the answer; of a message, when it is kept."""
        bot = self.bot()
        answer = bot.ask("say", room="lobby", text="hi")
        self.assertNoResult(answer)
        self.street.settle()
        facts = self.successResultOf(answer)
        self.assertEqual(("lobby", 4), (facts.text("room"), facts.number("seq")))
        self.assertIn("<robot> hi", self.bob.reads())

    def test_refusal(self) -> None:
        """It fails with the code, the sentence, and how many seconds to wait."""
        bot = self.bot()
        den = bot.ask("join", room="den")
        self.street.settle()
        self.assertEqual("no-such-room", self.failureResultOf(den, RequestRefused).value.code)
        self.bob.types("/create den", "/slow 30")
        for word, arguments in (("join", {}), ("say", {"text": "a"})):
            bot.ask(word, room="den", **arguments)
            self.street.settle()
        soon = bot.ask("say", room="den", text="b")
        self.street.settle()
        self.assertEqual(("too-soon", 30), self.code(soon))

    def code(self, answer: Deferred[Facts]) -> tuple[str, int]:
        """Why it was refused."""
        value = self.failureResultOf(answer, RequestRefused).value
        return value.code, value.retry_after

    def test_a_doubtful_message_is_found(self) -> None:
        """If the connection is lost after the server kept it, the history answers; each message by its nonce alone."""
        bot = self.bot()
        first, second = bot.ask("say", room="lobby", text="hi"), bot.ask("say", room="lobby", text="hi")
        cable = self.street.cables[-1]
        out, _ = cable.transport.value(), cable.transport.clear()
        cable.line.sends(out.splitlines(keepends=True)[0])  # the second one is lost on its way
        self.street.breaks()
        self.assertNoResult(first)
        self.street.wait(5)
        self.assertEqual("hi", self.successResultOf(first).text("text"))
        self.failureResultOf(second, NoAnswer)
        self.assertEqual(1, self.bob.reads().count("<robot> hi"))

    def test_stop(self) -> None:
        """What is waited for when the bot stops is not answered any more; and nothing is asked without a connection."""
        bot = self.bot()
        answer = bot.ask("who")
        bot.stop()
        self.failureResultOf(answer, NoAnswer)
        self.street.breaks()
        self.assertRaises(NotConnected, bot.ask, "who")


class SeenTests(BotCase):
    """A bot that is started again."""

    def test_goes_on_where_it_stopped(self) -> None:
        """It joins its rooms, and reports what was said since, once and in order; what is said meanwhile comes last."""
        self.bob.types("/create den", "before")
        bot = self.bot("chat://robot@server.example/den")
        self.bob.types("heard")
        self.street.settle()
        seen = bot.link.seen
        self.assertEqual({"lobby", "den"}, set(seen))
        bot.stop()
        self.street.breaks()
        self.bob.types(*(f"missed {number}" for number in range(3)))
        self.heard.clear()
        again = self.bot(seen=seen)
        self.bob.types("now")
        self.street.settle()
        missed = [(f"missed {number}", False) for number in range(3)]
        self.assertEqual([*missed, ("now", True)], self.texts())
        self.assertEqual(seen["den"] + 6, again.link.seen["den"])

    def test_a_room_that_is_gone(self) -> None:
        """It is not in the rooms any more, and a room with that name that began anew is a new room."""
        bot = self.bot(seen={"cellar": 40, "lobby": 900})
        self.assertEqual(["lobby"], list(bot.link.seen))


class LoopTests(BotCase):
    """Two bots that answer everything that they may."""

    def test_two_bots_stop(self) -> None:
        """If one of them sends its answers as automatic ones, there is one answer to the other and no more."""
        answers: list[str] = []
        bots = {name: self.eager(name, auto, answers) for name, auto in (("parrot", False), ("echo", True))}
        self.street.settle()
        self.bob.types("hello")
        self.street.settle()
        self.assertEqual(["echo", "echo", "parrot"], sorted(answers))  # echo answers parrot, and nobody answers echo
        for bot in bots.values():
            bot.stop()

    def eager(self, name: str, auto: bool, answers: list[str]) -> TwistedLink:
        """A bot that answers all that it may."""

        def heard(news: News) -> None:
            if isinstance(news, Heard) and isinstance(news.event, Said) and bot.link.may_answer(news):
                answers.append(name)
                bot.ask("say", room="lobby", text="what?", auto=auto)

        bot = TwistedLink(f"chat://{name}@server.example", self.server.clock, heard, endpoint=self.street)
        return bot
