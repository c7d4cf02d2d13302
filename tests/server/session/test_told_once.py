"""
What doors need that show people rather than rooms: who quits or is renamed is told once, and an ear knows its rooms.
"""

from __future__ import annotations

from collections.abc import Sequence

from zope.interface import implementer

from chatroom.events import Became, Departed, Event, Left, Renamed, Said
from chatroom.interfaces import IForm
from tests.server.session.people import CallerTestCase, Ear, Lines, Somebody


@implementer(IForm)
class OnceLines(Lines):
    """Events on the wire, without those that are told once."""

    def render(self, events: Sequence[Event], reader: str = "") -> list[bytes]:
        """See L{IForm.render}."""
        made = super().render(events)
        told_once = [isinstance(event, Renamed) or (isinstance(event, Left) and event.gone) for event in events]
        return [b"" if once else line for line, once in zip(made, told_once, strict=True)]


FORM = OnceLines()


class OnceEar(Ear):
    """One that is told once."""

    once = True

    def form(self, room: str) -> IForm:
        """See L{IEar.form}."""
        return FORM

    def tell(self, parts: Sequence[str | Event]) -> None:
        """In one list with what rooms say, to see the order."""
        super().tell(parts)
        self.heard += [part for part in parts if isinstance(part, Event)]


class ToldOnceTests(CallerTestCase):
    """Carl is told once and bob in each room; they share two rooms with alice, and dora shares none."""

    def setUp(self) -> None:
        """All have heard what there was."""
        super().setUp()
        self.alice, self.bob, self.dora = self.guest("alice"), self.guest("bob"), self.somebody()
        self.carl = self.told_once("carl")
        self.dora = self.told_once("dora", lobby=False)
        self.alice.gets(self.alice.caller.create("den"))
        for somebody in (self.bob, self.carl):
            somebody.gets(somebody.caller.join("den"))
        for somebody in (self.alice, self.bob, self.carl, self.dora):
            somebody.hears()

    def told_once(self, nick: str, lobby: bool = True) -> Somebody:
        """Somebody whose ear is told once."""
        somebody = self.somebody()
        somebody.ear = OnceEar()
        somebody.caller = self.server.hub.enter(somebody.ear, "192.0.2.1", "test")
        somebody.gets(somebody.caller.register(nick, lobby))
        return somebody

    def kinds(self, who: Somebody) -> list[type[Event]]:
        """Of what somebody heard."""
        return [type(event) for event in who.hears()]

    def test_who_quits(self) -> None:
        """Once with their words, or in each room; and not at all where no room is shared."""
        self.alice.caller.quit("good night")
        self.server.settle()
        [event] = self.carl.hears()
        assert isinstance(event, Departed)
        self.assertEqual(("alice", "good night"), (event.nick, event.reason))
        self.assertEqual([Left, Left], self.kinds(self.bob))
        self.assertEqual([], self.kinds(self.dora))

    def test_who_is_renamed(self) -> None:
        """Once, in other letter case as well; the one who did it has the answer."""
        for new in ("Alice", "alicia"):
            self.alice.gets(self.alice.caller.rename(new))
            [event] = self.carl.hears()
            assert isinstance(event, Became)
            self.assertEqual(new, event.new)
            self.assertEqual([Renamed, Renamed], self.kinds(self.bob))
            self.assertEqual([], self.kinds(self.dora))
        self.carl.gets(self.carl.caller.rename("karl"))
        self.assertEqual([], self.kinds(self.carl))

    def test_order(self) -> None:
        """What somebody said before they were renamed is heard before it, under the old name."""
        self.alice.caller.say("hello")
        self.alice.gets(self.alice.caller.rename("alicia"))
        self.assertEqual([Said, Became], self.kinds(self.carl))

    def test_words_of_somebody_ignored(self) -> None:
        """Whoever ignores them reads that they are gone, and not what they said of it."""
        self.carl.gets(self.carl.caller.ignore("alice"))
        self.alice.caller.quit("you all!")
        self.server.settle()
        [event] = self.carl.hears()
        assert isinstance(event, Departed)
        self.assertEqual("", event.reason)

    def test_rooms_are_left_one_by_one(self) -> None:
        """Who leaves a room and stays on the server is told of in that room, to all."""
        self.alice.gets(self.alice.caller.leave("den"))
        self.assertEqual([Left], self.kinds(self.carl))
        self.assertEqual([Left], self.kinds(self.bob))

    def test_who_is_gone_is_told_nothing(self) -> None:
        """A connection that is lost is forgotten."""
        self.carl.goes()
        self.alice.caller.quit("bye")
        self.server.settle()
        self.assertEqual([], self.carl.hears())
        self.assertEqual([self.dora.caller], list(self.server.connections.told_once))


class RoomsOfAnEarTests(CallerTestCase):
    """An ear knows where it is, whoever made it so."""

    def test_by_oneself_and_by_others(self) -> None:
        """Joining, making, leaving, being kicked and logging out."""
        alice, bob = self.account("alice"), self.guest("bob")
        self.assertEqual(["lobby"], alice.ear.rooms)
        alice.gets(alice.caller.create("den"))
        bob.gets(bob.caller.join("den"))
        self.assertEqual(["lobby", "den"], bob.ear.rooms)
        alice.gets(alice.caller.kick("bob", "", "den"))
        self.assertEqual(["lobby"], bob.ear.rooms)
        alice.gets(alice.caller.leave("lobby"))
        self.assertEqual(["den"], alice.ear.rooms)
        alice.gets(alice.caller.logout())
        self.assertEqual([], alice.ear.rooms)

    def test_by_another_connection(self) -> None:
        """What one connection joins and leaves, the other is told of; one that comes later learns all."""
        one = self.account("alice")
        two = self.again("alice")
        self.assertEqual(["lobby"], two.ear.rooms)
        one.gets(one.caller.create("den"))
        self.assertEqual(["lobby", "den"], two.ear.rooms)
        self.assertEqual(["lobby", "den"], self.again("alice").ear.rooms)
        two.gets(two.caller.leave("lobby"))
        self.assertEqual(["den"], one.ear.rooms)
        two.goes()
        self.assertEqual(["den"], one.ear.rooms)

    def test_guest_who_turns_out_to_be_somebody_here(self) -> None:
        """Their rooms become the account's, and none is named twice."""
        self.account("alice")
        guest = self.guest("al")
        guest.gets(guest.caller.create("attic"))
        guest.gets(guest.caller.login("alice", "correct horse battery"))
        self.assertEqual({"lobby", "attic"}, set(guest.ear.rooms))

    def test_out_and_in_again_at_once(self) -> None:
        """In one turn: the ear was out in between."""
        alice = self.guest("alice")
        alice.gets(alice.caller.create("den"))
        bob = self.guest("bob")
        bob.gets(bob.caller.join("den"))
        bob.gets(bob.caller.leave("den"))
        bob.gets(bob.caller.join("den"))
        self.assertEqual(["lobby", "den"], bob.ear.rooms)
