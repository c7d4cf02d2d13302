"""
Staff of the server and those whom it keeps out, where things cross.
"""

from __future__ import annotations

from collections.abc import Callable

from chatroom.errors import Banned, NotAllowed, NotRegistered
from chatroom.events import ACCOUNT, ADDRESS, BAN, FOREVER, SERVER, Sanctioned, ServerRole
from tests.server.session.people import PASSWORD, CallerTestCase, Somebody


class CrossingTests(CallerTestCase):
    """A ban that comes while somebody is on the way in."""

    def while_claiming(self, happens: Callable[[], None]) -> None:
        """Let this happen, once, when the next nickname has just been claimed."""
        claim = self.server.backend.claim

        async def claimed(key: str, holder: str) -> bool:
            self.server.backend.claim = claim  # type: ignore[method-assign]
            outcome = await claim(key, holder)
            happens()
            return outcome

        self.server.backend.claim = claimed  # type: ignore[method-assign]

    def ban(self, target: str, scope: str = ACCOUNT) -> Callable[[], None]:
        """As another node has decided it."""
        made = Sanctioned(self.server.now(), SERVER, "mia", act=BAN, target=target, scope=scope, until=FOREVER)
        return lambda: self.server.hub.heard([made])

    def assert_nobody(self, key: str) -> None:
        """Nobody of that name is here, and the name is free."""
        self.server.settle()
        self.assertNotIn(key, self.server.services.chat.state.people)
        self.assertTrue(Somebody(self.server).gets(self.server.backend.claim(key, "somebody else")))

    def test_guest(self) -> None:
        """By name: they never were here."""
        self.while_claiming(self.ban("bob"))
        bob = self.somebody()
        self.refused(Banned, bob, lambda: bob.caller.register("bob"))
        self.assertIsNone(bob.caller.nick)
        self.assert_nobody("bob")

    def test_account(self) -> None:
        """Whatever proves that it is theirs."""
        self.account("dora").goes()
        dora = self.somebody()
        self.while_claiming(self.ban("dora"))
        self.refused(Banned, dora, lambda: dora.caller.login("dora", PASSWORD))
        self.assert_nobody("dora")

    def test_network(self) -> None:
        """Their connection is closed as that of all others from there."""
        bob = self.somebody()
        self.while_claiming(self.ban("192.0.2.0/24", ADDRESS))
        self.refused(NotRegistered, bob, lambda: bob.caller.register("bob"))
        self.assertEqual("Your network is banned from this server forever.", bob.ear.goodbye)
        self.assert_nobody("bob")

    def test_rename(self) -> None:
        """Somebody who just took a name that is banned by now is out."""
        bob = self.guest("bob")
        self.while_claiming(self.ban("rob"))
        bob.gets(bob.caller.rename("rob"))
        self.assertEqual("You are banned from this server forever.", bob.ear.goodbye)
        self.assert_nobody("rob")


class UnguardedTests(CallerTestCase):
    """What a plugin could ask for that guards nothing itself."""

    def test_everything_asks_who_one_is(self) -> None:
        """No method of staff does anything for others."""
        bob = self.account("bob")
        caller = bob.caller
        self.assertIs(ServerRole.NONE, caller.staff)
        for wish in (
            lambda: caller.set_server_role("bob", ServerRole.ADMIN),
            lambda: caller.server_kick("bob"),
            lambda: caller.server_ban("eve", FOREVER),
            lambda: caller.server_mute("eve", FOREVER),
            lambda: caller.server_unban("eve"),
            lambda: caller.server_unmute("eve"),
            lambda: caller.close_room("lobby"),
            lambda: caller.audit(),
        ):
            self.refused(NotAllowed, bob, wish)
        self.assertRaises(NotAllowed, caller.server_bans)
        self.assertRaises(NotAllowed, caller.addresses, "eve")
