"""
What a command may ask for is made of small interfaces; what belongs to doors is in one of its own.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from chatroom.interfaces import ICaller, IIdentity, IModeration, IReading, IRooms, ISession, ITalk, interface

FAMILIES = tuple(map(interface, (ITalk, IRooms, IReading, IModeration, IIdentity)))
CALLER, SESSION = interface(ICaller), interface(ISession)


class CallerTests(SynchronousTestCase):
    """Plugins see all of L{ICaller}, and nothing of L{ISession}."""

    def test_is_made_of_families(self) -> None:
        """Each family is a part of ICaller, and depends on no other."""
        for family in FAMILIES:
            self.assertTrue(CALLER.extends(family), family)
            self.assertEqual(set(), {each for each in FAMILIES if family.extends(each)})

    def test_no_wish_stands_twice(self) -> None:
        """What one interface says of a wish, no other says again."""
        own = [name for each in (*FAMILIES, CALLER, SESSION) for name in each.names()]
        self.assertEqual(sorted(set(own)), sorted(own))

    def test_doors_have_their_own(self) -> None:
        """To prove or make an account before a nickname, to hand over, to wait and to mark as read are for doors."""
        doors_own = set(
            "prove prove_certificate check_nick make_account arrive state gone departed barrier check_may_talk "
            "mark_read read_until".split()
        )
        self.assertEqual(doors_own, set(SESSION.names()))
        self.assertEqual(set(), doors_own & set(CALLER.names(all=True)))
