"""
What services of plugins check before it happens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from chatroom.errors import Filtered
from chatroom.interfaces import Wish
from chatroom.plugins.base import PluginService
from chatroom.testing import Server
from tests.plugins.finding import logged


class Guard(PluginService):
    """A service that does with a wish what a test wants."""

    name = "guard"
    checks = ("join", "whisper", "topic", "nickname")

    def __init__(self) -> None:
        self.wishes: list[Wish] = []
        self.answer: Callable[[Wish], Any] = lambda wish: None

    def check(self, wish: Wish) -> Any:
        """What a test wants."""
        self.wishes.append(wish)
        return self.answer(wish)


class CheckCase(SynchronousTestCase):
    """Alice and bob are here, and bob has made a den."""

    def setUp(self) -> None:
        self.guard = Guard()
        self.server = Server(services=[self.guard])
        self.alice, self.bob = self.server.guest("alice"), self.server.guest("bob")
        self.bob.types("/create den")
        self.alice.reads(), self.bob.reads()
        self.guard.wishes.clear()

    def refuse(self, wish: Wish) -> None:
        """A guard who is against all."""
        raise Filtered(f"No {wish.kind} today.")

    def does(self, typed: str) -> str:
        """What alice reads who types this."""
        self.alice.reads()
        self.alice.types(typed)
        return "\n".join(self.alice.reads())


class WishTests(CheckCase):
    """What is checked."""

    def test_what_a_service_sees(self) -> None:
        """Each wish is shown with who wishes it, where, and what."""
        self.does("/join den")
        self.does("@bob hi")
        self.does("/nick carol")
        self.bob.types("/topic Tea")
        shown = [(each.kind, each.nick, each.room, each.to, each.text) for each in self.guard.wishes]
        self.assertEqual(
            [
                ("join", "alice", "den", "", ""),
                ("whisper", "alice", "", "bob", "hi"),
                ("nickname", "alice", "", "", "carol"),
                ("topic", "bob", "den", "", "Tea"),
            ],
            shown,
        )
        self.assertEqual(1, len({each.identity for each in self.guard.wishes[:3]}))

    def test_refused(self) -> None:
        """What a service is against does not happen, and the person reads its sentence."""
        self.guard.answer = self.refuse
        for typed, kind in (("/join den", "join"), ("@bob hi", "whisper"), ("/nick carol", "nickname")):
            self.assertIn(f"! No {kind} today.", self.does(typed))
        self.bob.types("/topic Tea")
        self.assertEqual(["! No topic today."], self.bob.reads())
        self.assertEqual("", self.server.services.chat.state.rooms["den"].topic)
        self.assertNotIn("den", self.server.services.chat.state.people["alice"].rooms)
        eve = self.server.connection()
        eve.types("eve")
        self.assertIn("! No nickname today.", eve.reads())
        self.assertNotIn("eve", self.server.services.chat.state.people)

    def test_who_is_in_the_room_already(self) -> None:
        """To switch to a room that one is in is no join."""
        self.does("/join den")
        self.guard.answer = self.refuse
        self.assertNotIn("No join", self.does("/join lobby"))

    def test_other_words(self) -> None:
        """A whisper and a topic may be replaced, and their author reads by what."""
        self.guard.answer = lambda wish: wish.text.replace("heck", "****\x1b[2J")
        self.assertIn("A plugin changed your whisper: what the ****[2J", self.does("@bob what the heck"))
        self.assertEqual(["[alice whispers] what the ****[2J"], self.bob.reads())
        self.bob.types("/topic heck")
        self.assertIn("A plugin changed your topic: ****[2J", "\n".join(self.bob.reads()))
        self.assertEqual("****[2J", self.server.services.chat.state.rooms["den"].topic)

    def test_what_cannot_be_replaced(self) -> None:
        """A nickname stays what was wished, and what is no text is ignored; the log says so."""
        lines = logged(self)
        self.guard.answer = lambda wish: "mallory"
        self.does("/nick carol")
        self.assertIn("carol", self.server.services.chat.state.people)
        (line,) = lines
        self.assertTrue(line.startswith("The service guard ("), line)
        self.assertTrue(line.endswith(" gave back text for a nickname, which was ignored."), line)
        self.guard.answer = lambda wish: Deferred.fromCoroutine(_seven())
        self.does("@bob hi")
        self.assertIn("[carol whispers] hi", self.bob.reads())


async def _seven() -> int:
    return 7


class FailureTests(CheckCase):
    """A service that does not do as it should."""

    def test_failure(self) -> None:
        """Where a check fails, the wish is granted, and the log has it."""

        def fail(wish: Wish) -> None:
            raise RuntimeError("oh")

        self.guard.answer = fail
        self.does("@bob hi")
        self.assertIn("[alice whispers] hi", self.bob.reads())
        self.assertEqual(1, len(self.flushLoggedErrors(RuntimeError)))

    def test_deadline(self) -> None:
        """Where a check takes too long, the wish is granted after that time, and others have not waited."""
        carol = self.server.guest("carol")
        self.guard.answer = lambda wish: Deferred() if wish.nick == "alice" else None
        self.does("/join den")
        self.bob.types("@carol hi")
        self.assertIn("[bob whispers] hi", "\n".join(carol.reads()))
        self.server.wait(self.server.limits.plugin_time)
        self.assertIn("den", self.server.services.chat.state.people["alice"].rooms)

    def test_who_leaves_meanwhile(self) -> None:
        """Who is gone before the check is over joins nothing, and nothing fails."""
        waiting: list[Deferred[None]] = []

        def wait(wish: Wish) -> Deferred[None]:
            waiting.append(Deferred())
            return waiting[-1]

        self.guard.answer = wait
        self.alice.types("/join den")
        self.alice.disconnects()
        waiting[0].callback(None)
        self.server.settle()
        self.assertNotIn("alice", self.server.services.chat.state.people)
        self.assertEqual([], self.flushLoggedErrors())

    def test_room_that_changes_meanwhile(self) -> None:
        """A password that the room gets while the check lasts is asked for all the same."""
        waiting: list[Deferred[None]] = []

        def wait(wish: Wish) -> Deferred[None]:
            waiting.append(Deferred())
            return waiting[-1]

        self.guard.answer = wait
        self.alice.types("/join den")
        self.guard.answer = lambda wish: None
        self.bob.types("/password zwiebelkuchen")
        waiting[0].callback(None)
        self.server.settle()
        self.assertNotIn("den", self.server.services.chat.state.people["alice"].rooms)

    def test_stopped_service(self) -> None:
        """A service that does not run checks nothing."""
        self.guard.answer = self.refuse
        self.server.finish(self.server.plugins.stop())
        self.does("@bob hi")
        self.assertIn("[alice whispers] hi", self.bob.reads())
