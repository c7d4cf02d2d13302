"""
Order on the whole server: who keeps it, and who may make somebody keep it.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.presence import Acting, Presence
from chatroom.core.staff import check_is, check_may_give
from chatroom.core.state import State
from chatroom.errors import NotAllowed
from chatroom.events import SERVER, ActingSet, Arrived, Became, Departed, ServerRole, StaffSet

ADMIN, MODERATOR, NONE = ServerRole.ADMIN, ServerRole.MODERATOR, ServerRole.NONE


def somebody(nick: str, staff: ServerRole) -> Presence:
    """On line, with this role."""
    made = Presence(nick, True, "north", 0.0)
    made.staff = staff
    return made


class RankTests(SynchronousTestCase):
    """Who may do what."""

    def test_higher_roles_may_what_lower_ones_may(self) -> None:
        """Higher roles may do what lower ones may, and nobody else may do anything."""
        check_is(somebody("mia", MODERATOR), MODERATOR, "do that")
        check_is(somebody("ada", ADMIN), MODERATOR, "do that")
        refusal = self.assertRaises(NotAllowed, check_is, somebody("bob", NONE), MODERATOR, "read the audit log")
        self.assertEqual("Only server moderators can read the audit log. /staff lists them.", refusal.sentence)

    def test_only_admins_give_roles(self) -> None:
        """To anybody below them."""
        for has in (NONE, MODERATOR):
            check_may_give(somebody("ada", ADMIN), "bob", has)
            self.assertRaises(NotAllowed, check_may_give, somebody("mia", MODERATOR), "bob", has)

    def test_nobody_takes_the_role_of_an_equal(self) -> None:
        """Only one's own."""
        self.assertRaises(NotAllowed, check_may_give, somebody("ada", ADMIN), "eve", ADMIN)
        check_may_give(somebody("ada", ADMIN), "ada", ADMIN)


class OnLineTests(SynchronousTestCase):
    """Who is staff among those who are here."""

    def setUp(self) -> None:
        """Ada is here, through two nodes."""
        self.state = State()
        for node in ("north", "south"):
            self.state.apply(Arrived(1.0, SERVER, "Ada", account=True, node=node))

    def set(self, role: str) -> bool:
        """Whether it is news."""
        return self.state.apply(StaffSet(2.0, SERVER, "Ada", who="ADA", role=role))

    def test_role_is_given_and_taken(self) -> None:
        """What is so already is no news."""
        self.assertEqual([True, False, True], [self.set("admin"), self.set("admin"), self.set("none")])
        self.assertIs(NONE, self.state.people["ada"].staff)

    def test_role_holds_until_the_last_connection_goes(self) -> None:
        """It is read anew when its owner comes back."""
        self.set("moderator")
        self.state.apply(Departed(3.0, SERVER, "Ada", node="north", last=False))
        self.assertIs(MODERATOR, self.state.people["ada"].staff)
        self.state.apply(Departed(3.0, SERVER, "Ada", node="south", last=True))
        self.state.apply(Arrived(4.0, SERVER, "Ada", account=True, node="north"))
        self.assertIs(NONE, self.state.people["ada"].staff)

    def test_node_that_starts_learns_it(self) -> None:
        """In whatever order it is told."""
        state = State()
        state.learn([StaffSet(2.0, SERVER, "Ada", who="Ada", role="admin"), Arrived(1.0, SERVER, "Ada", node="north")])
        self.assertIs(ADMIN, state.people["ada"].staff)

    def test_role_of_somebody_who_is_gone(self) -> None:
        """Does no harm."""
        self.assertFalse(self.state.apply(StaffSet(2.0, SERVER, "Ada", who="bob", role="admin")))


class ActingTests(SynchronousTestCase):
    """Who acts with the role of another account."""

    def setUp(self) -> None:
        """Ada is here, through two nodes, and bob is a guest."""
        self.state = State()
        for node in ("north", "south"):
            self.state.apply(Arrived(1.0, SERVER, "Ada", account=True, node=node))
        self.state.apply(Arrived(1.0, SERVER, "bob", node="north", visit="~b"))
        self.ada, self.bob = self.state.people["ada"], self.state.people["bob"]

    def acts(self, nick: str, role: str, node: str) -> bool:
        """Whether it is news."""
        return self.state.apply(ActingSet(2.0, SERVER, nick, role, node))

    def test_highest_role_is_shown(self) -> None:
        """Of one's own role and those of all nodes, others see the highest; one's own stays what it is."""
        self.assertEqual(
            [True, False, True], [self.acts("ADA", role, "north") for role in ("admin", "admin", "moderator")]
        )
        self.acts("Ada", "admin", "south")
        self.assertEqual((ADMIN, NONE), (self.ada.shown_staff, self.ada.staff))
        self.acts("Ada", "none", "south")
        self.assertIs(MODERATOR, self.ada.shown_staff)
        self.state.apply(StaffSet(2.0, SERVER, "Ada", who="Ada", role="admin"))
        self.assertIs(ADMIN, self.ada.shown_staff)

    def test_ends_with_the_node_and_the_nickname(self) -> None:
        """A departure through a node takes what holds there, and another nickname begins without it."""
        self.acts("Ada", "admin", "north")
        self.acts("Ada", "moderator", "south")
        self.state.apply(Departed(3.0, SERVER, "Ada", node="north", last=False))
        self.assertIs(MODERATOR, self.ada.shown_staff)
        self.acts("bob", "admin", "north")
        self.state.apply(Became(3.0, SERVER, "bob", new="rob", node="north", visit="~b"))
        self.assertIs(NONE, self.bob.shown_staff)
        self.assertFalse(self.acts("nobody", "admin", "north"))

    def test_for_a_decision(self) -> None:
        """A connection has the higher of both roles, acts in the name of the account, and else is the person."""
        self.ada.away = "lunch"
        acting = Acting(self.ada, "mia", MODERATOR)
        self.assertEqual((MODERATOR, "mia", "Ada"), (acting.staff, acting.actor, acting.by))
        self.assertEqual(("Ada", "Ada", ""), (self.ada.nick, self.ada.actor, self.ada.by))
        for name in ("nick", "key", "account", "acting", "nodes", "away", "since", "rooms", "visit", "origin", "bot"):
            self.assertEqual(getattr(self.ada, name), getattr(acting, name), name)
        self.ada.staff = ADMIN
        self.assertIs(ADMIN, Acting(self.ada, "mia", MODERATOR).staff)
