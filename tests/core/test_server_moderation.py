"""
What staff may wish for the whole server: who may do what to whom, for how long, and what is written down of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.presence import Presence
from chatroom.core.server_moderation import Guard, SanctionTarget
from chatroom.core.staff import check_may_give, shell
from chatroom.errors import Banned, LimitReached, Muted, NotAllowed, NotFound, Unlawful
from chatroom.events import (
    ACCOUNT,
    ADDRESS,
    BAN,
    FOREVER,
    MUTE,
    SERVER,
    Arrived,
    Audited,
    Event,
    Expelled,
    Sanctioned,
    ServerRole,
    StaffSet,
)
from chatroom.limits import Limits
from tests.core.world import World

ADMIN, MODERATOR, NONE = ServerRole.ADMIN, ServerRole.MODERATOR, ServerRole.NONE
NETWORK = SanctionTarget("192.0.2.0/24", ADDRESS)


def visitor(nick: str) -> Presence:
    """A guest who is about to come."""
    return Presence(nick, False, "north", 0.0)


class OrderTestCase(SynchronousTestCase):
    """Ada, an admin; mia and max, moderators; and bob, a guest."""

    def setUp(self) -> None:
        """All of them are here."""
        self.world = World(Limits(server_bans=3))
        self.chat = self.world.chat
        for nick, role in (("ada", ADMIN), ("mia", MODERATOR), ("max", MODERATOR), ("bob", NONE)):
            self.world.happen(Arrived(1.0, SERVER, nick, account=role > NONE, node="north"))
            self.world.happen(StaffSet(1.0, SERVER, nick, who=nick, role=role.name.lower()))
        self.guards: list[Guard] = []

    def who(self, nick: str) -> Presence:
        """Somebody on line."""
        return self.chat.directory.person_on_line(nick)

    def sanction(
        self, by: str, target: SanctionTarget, act: str = BAN, at: float = 5.0, until: float = FOREVER, reason: str = ""
    ) -> list[Event]:
        """A ban or a mute, as it happens."""
        events = self.chat.staff.sanction(at, self.who(by), act, target, until, reason, self.guards)
        self.world.happen(events)
        return events

    def entries(self, events: Sequence[Event]) -> list[tuple[str, str, str, str]]:
        """What is written down of it."""
        return [(e.nick, e.act, e.target, e.detail) for e in events if isinstance(e, Audited)]


class RankTests(OrderTestCase):
    """Nobody acts upward, or against an equal."""

    def test_moderators_act_on_people(self) -> None:
        """On guests, on accounts, and on those who are not here."""
        for target in (SanctionTarget("bob"), SanctionTarget("dora", ACCOUNT), SanctionTarget("eve")):
            for act in (BAN, MUTE):
                self.chat.staff.sanction(5.0, self.who("mia"), act, target, FOREVER, "", ())
            self.chat.staff.expel(5.0, self.who("mia"), target, "", ())

    def test_not_on_staff_of_their_own_rank_or_above(self) -> None:
        """Here or not."""
        for target in (SanctionTarget("max", ACCOUNT, MODERATOR), SanctionTarget("ada", ACCOUNT, ADMIN)):
            for act in (BAN, MUTE):
                self.assertRaises(NotAllowed, self.sanction, "mia", target, act)
            self.assertRaises(NotAllowed, self.chat.staff.expel, 5.0, self.who("mia"), target, "", ())
        self.sanction("ada", SanctionTarget("max", ACCOUNT, MODERATOR))

    def test_nobody_else_acts_at_all(self) -> None:
        """Whatever a plugin may ask for."""
        bob = self.who("bob")
        self.assertRaises(NotAllowed, self.sanction, "bob", SanctionTarget("eve"))
        self.assertRaises(NotAllowed, self.chat.staff.expel, 5.0, bob, SanctionTarget("eve"), "", ())
        self.assertRaises(NotAllowed, self.chat.staff.pardon, 5.0, bob, BAN, "eve")

    def test_not_on_oneself(self) -> None:
        """Nobody bans themselves, by name or by network, or lifts a sanction on themselves."""
        self.assertIn("yourself", self.assertRaises(NotAllowed, self.sanction, "mia", SanctionTarget("MIA")).sentence)
        self.guards = [Guard(self.who("mia"), "192.0.2.7")]
        self.assertIn("include you", self.assertRaises(NotAllowed, self.sanction, "mia", NETWORK).sentence)
        self.guards = []
        self.sanction("ada", SanctionTarget("mia", ACCOUNT, MODERATOR), MUTE)
        self.assertRaises(NotAllowed, self.chat.staff.pardon, 6.0, self.who("mia"), MUTE, "mia")
        self.world.happen(self.chat.staff.pardon(6.0, self.who("max"), MUTE, "Mia"))

    def test_who_runs_the_server_acts_on_admins(self) -> None:
        """From the shell, which is on line nowhere and has no name that anybody could take."""
        for target in (SanctionTarget("ada", ACCOUNT, ADMIN), NETWORK):
            events = self.chat.staff.sanction(
                5.0, shell(), BAN, target, FOREVER, "", [Guard(self.who("ada"), "192.0.2.7")]
            )
            self.assertEqual([("(shell)", BAN, target.name, "forever")], self.entries(events))
        check_may_give(shell(), "ada", ADMIN)

    def test_not_by_the_network_either(self) -> None:
        """An admin is not kicked by where she is; a moderator below oneself is."""
        self.guards = [Guard(self.who("ada"), "::ffff:192.0.2.7")]
        self.assertIn("ada", self.assertRaises(NotAllowed, self.sanction, "mia", NETWORK).sentence)
        self.guards = [Guard(self.who("mia"), "192.0.2.7"), Guard(self.who("max"), "")]
        self.sanction("ada", NETWORK)

    def test_slips(self) -> None:
        """Half the world is not banned."""
        self.assertRaises(Unlawful, self.sanction, "ada", SanctionTarget("0.0.0.0/0", ADDRESS))


class BanTests(OrderTestCase):
    """Who may come in."""

    def test_until_when_and_why(self) -> None:
        """It is said to those it concerns, but not by whom; and written down."""
        events = self.sanction("mia", SanctionTarget("bob"), until=3600.0, reason="spam \x1b[2J")
        refusal = self.assertRaises(Banned, self.chat.staff.check_may_come_in, visitor("bob"), "192.0.2.7", 6.0)
        self.assertEqual("You are banned from this server until 1970-01-01 01:00 UTC: spam [2J", refusal.sentence)
        self.assertEqual([("mia", BAN, "bob", "until 1970-01-01 01:00 UTC: spam [2J")], self.entries(events))
        self.chat.staff.check_may_come_in(visitor("bob"), "192.0.2.7", 3600.0)

    def test_networks(self) -> None:
        """Whatever one is called there; how wide it is, is not said."""
        self.sanction("mia", NETWORK)
        refusal = self.assertRaises(Banned, self.chat.staff.check_may_come_in, visitor("dora"), "192.0.2.99", 6.0)
        self.assertEqual("Your network is banned from this server forever.", refusal.sentence)
        self.assertEqual(refusal.sentence, self.chat.staff.shut_out("192.0.2.99", 6.0))
        self.assertIsNone(self.chat.staff.shut_out("192.0.3.99", 6.0))
        self.chat.staff.check_may_come_in(visitor("dora"), "2001:db8::1", 6.0)

    def test_lifted(self) -> None:
        """A ban that is lifted holds no more, and only what is there can be lifted."""
        self.sanction("mia", SanctionTarget("bob"))
        events = self.chat.staff.pardon(6.0, self.who("max"), BAN, "BOB")
        self.world.happen(events)
        self.assertEqual([("max", "unban", "bob", "")], self.entries(events))
        self.chat.staff.check_may_come_in(visitor("bob"), "", 7.0)
        self.assertRaises(NotFound, self.chat.staff.pardon, 7.0, self.who("max"), BAN, "bob")
        self.assertRaises(NotFound, self.chat.staff.pardon, 7.0, self.who("max"), MUTE, "bob")

    def test_so_many_and_no_more(self) -> None:
        """One in place of another is none more, and those that have run out make room."""
        for number in range(3):
            self.sanction("mia", SanctionTarget(f"guest{number}"), until=100.0 + number)
        self.assertRaises(LimitReached, self.sanction, "mia", NETWORK)
        self.sanction("mia", SanctionTarget("guest2"), until=500.0)
        self.sanction("mia", NETWORK, MUTE, at=101.0)
        self.assertEqual(["guest2", NETWORK.name], [each.target for each in self.chat.staff.server_sanctions(101.0)])
        self.assertEqual(["guest2"], list(self.chat.state.server_bans.entries))

    def test_kick_leaves_nothing_behind(self) -> None:
        """A kick leaves nothing behind but a line in the log."""
        [act, entry] = self.chat.staff.expel(5.0, self.who("mia"), SanctionTarget("bob"), "enough", ())
        self.assertIsInstance(act, Expelled)
        self.assertEqual([("mia", "kick", "bob", "enough")], self.entries([entry]))
        self.chat.staff.check_may_come_in(visitor("bob"), "", 6.0)


class MuteTests(OrderTestCase):
    """Who may talk."""

    def test_by_name(self) -> None:
        """Staff as well, if somebody above them says so."""
        self.sanction("mia", SanctionTarget("bob"), MUTE, until=100.0, reason="noise")
        refusal = self.assertRaises(Muted, self.chat.staff.check_may_speak, self.who("bob"), "", 6.0)
        self.assertEqual("You are muted on this server until 1970-01-01 00:01 UTC: noise", refusal.sentence)
        self.chat.staff.check_may_speak(self.who("bob"), "", 100.0)
        self.sanction("ada", SanctionTarget("mia", ACCOUNT, MODERATOR), MUTE)
        self.assertRaises(Muted, self.chat.staff.check_may_speak, self.who("mia"), "", 6.0)

    def test_by_network(self) -> None:
        """Staff among the noise goes on talking."""
        self.sanction("ada", NETWORK, MUTE)
        self.assertRaises(Muted, self.chat.staff.check_may_speak, self.who("bob"), "192.0.2.7", 6.0)
        self.chat.staff.check_may_speak(self.who("mia"), "192.0.2.7", 6.0)

    def test_new_name_is_muted_as_well(self) -> None:
        """By the same hand, until the same time; and it is written down."""
        self.sanction("mia", SanctionTarget("bob"), MUTE, until=100.0, reason="noise")
        events = self.chat.visits.rename(6.0, self.who("bob"), "rob", False)
        self.world.happen(events)
        self.assertRaises(Muted, self.chat.staff.check_may_speak, self.who("rob"), "", 7.0)
        self.assertEqual([("mia", MUTE, "rob", "was called bob")], self.entries(events))
        [kept] = [event for event in events if isinstance(event, Sanctioned)]
        self.assertEqual(("mia", 100.0, "noise"), (kept.nick, kept.until, kept.reason))
        self.assertEqual([], self.entries(self.chat.visits.rename(7.0, self.who("rob"), "ROB", False)))
