"""
Nicknames that two nodes claim, release and hand over, while any answer of the database may be lost. At each moment,
the database has the nicknames that the nodes count.

The database is a dictionary here that does what the functions of schema/ do, so that thousands of such stories take a
second. L{tests.backends.postgres.test_names} asks PostgreSQL.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.postgres import node
from chatroom.backends.postgres.errors import Unreachable
from chatroom.backends.postgres.link import DatabaseLink
from chatroom.backends.postgres.names import HeldNames
from chatroom.errors import NotKept
from tests.server.planted import replaced

FINE, BEFORE, AFTER = "it answers", "it is lost before it does it", "it is lost after it has done it"

FATES = st.lists(st.sampled_from((FINE, BEFORE, AFTER)), max_size=3)
"""What becomes of what the database is asked next; all that follows is fine."""

NODES = st.sampled_from((1, 2))

KEYS = st.sampled_from(("ada", "bob"))

HOLDERS = st.sampled_from(("account", "guest", "guest of another"))


class Tables:
    """What the database has. @ivar claims: by nickname, for whom. @ivar held: nicknames, and the epochs of nodes."""

    def __init__(self) -> None:
        self.claims: dict[str, str] = {}
        self.held: set[tuple[str, int]] = set()

    async def claim(self, epoch: int, key: str, holder: str) -> bool:
        """See C{claim_1} in schema/."""
        if self.claims.setdefault(key, holder) != holder:
            return False
        self.held.add((key, epoch))
        return True

    async def release(self, epoch: int, key: str) -> bool:
        """See C{release_1} in schema/."""
        self.held.discard((key, epoch))
        if not any(held == key for held, _ in self.held):
            self.claims.pop(key, None)
        return key not in self.claims

    async def is_free(self, key: str) -> bool:
        """See L{node.is_free}."""
        return key not in self.claims

    async def claim_all(self, epoch: int, holders: dict[str, str]) -> list[str]:
        """See L{node.claim_all}."""
        for key in [key for key, holding in self.held if holding == epoch]:
            await self.release(epoch, key)
        return [key for key, holder in sorted(holders.items()) if not await self.claim(epoch, key, holder)]


class Wire:
    """Stands for a L{DatabaseLink}. @ivar fates: of what is asked next."""

    def __init__(self, tables: Tables) -> None:
        self.fates: list[str] = []
        self._does: dict[Any, Any] = {
            node.claim: tables.claim,
            node.release: tables.release,
            node.is_free: tables.is_free,
            node.claim_all: tables.claim_all,
        }

    async def do(self, work: Any, *values: Any) -> Any:
        """@raise Unreachable: the answer is lost."""
        fate = self.fates.pop(0) if self.fates else FINE
        if fate == BEFORE:
            raise Unreachable(sent=True)
        result = await self._does[work](*values)
        if fate == AFTER:
            raise Unreachable(sent=True)
        return result


class HeldNamesMachine(RuleBasedStateMachine):
    """
    People who have nicknames, some who still have to let go of one, and two nodes.

    C{having} counts, by node, nickname and holder, the connections that have it, and C{owed} the releases that failed
    and are tried again, in any order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.tables = Clock(), Tables()
        self.wires = {epoch: Wire(self.tables) for epoch in (1, 2)}
        self.names = {epoch: self.process(epoch) for epoch in (1, 2)}
        self.having: Counter[tuple[int, str, str]] = Counter()
        self.owed: Counter[tuple[int, str, str]] = Counter()

    def process(self, epoch: int) -> HeldNames:
        """One that is this node."""
        return HeldNames(cast(DatabaseLink, self.wires[epoch]), self.clock, epoch)

    def asked(self, coroutine: Any, epoch: int, fates: list[str]) -> Any:
        """@return: what it comes to; C{None}: the answer was lost."""
        self.wires[epoch].fates = fates
        results: list[Any] = []
        Deferred.fromCoroutine(coroutine).addCallbacks(results.append, lambda failure: failure.trap(NotKept))
        self.wires[epoch].fates = []
        return results[0] if results else None

    @rule(epoch=NODES, key=KEYS, holder=HOLDERS, fates=FATES)
    def claims(self, epoch: int, key: str, holder: str, fates: list[str]) -> None:
        """A connection wants a nickname."""
        if self.asked(self.names[epoch].claim(key, holder), epoch, list(fates)):
            self.having[epoch, key, holder] += 1

    @precondition(lambda self: self.having.total())
    @rule(data=st.data(), fates=FATES)
    def releases(self, data: st.DataObject, fates: list[str]) -> None:
        """A connection is gone."""
        one = data.draw(st.sampled_from(sorted(self.having.elements())))
        self.having[one] -= 1
        self.owed[one] += 1
        self._release(one, fates)

    @precondition(lambda self: self.owed.total())
    @rule(data=st.data(), fates=FATES)
    def releases_again(self, data: st.DataObject, fates: list[str]) -> None:
        """One that failed is tried again."""
        self._release(data.draw(st.sampled_from(sorted(self.owed.elements()))), fates)

    def _release(self, one: tuple[int, str, str], fates: list[str]) -> None:
        epoch, key, holder = one
        if self.asked(self.names[epoch].release(key, holder), epoch, list(fates)) is not None:
            self.owed[one] -= 1

    @rule(epoch=NODES, fates=FATES)
    def time_passes(self, epoch: int, fates: list[str]) -> None:
        """What is in doubt is taken back."""
        self.wires[epoch].fates = list(fates)
        self.clock.advance(1)
        self.wires[epoch].fates = []

    @rule(epoch=NODES)
    def hands_over(self, epoch: int) -> None:
        """Another process goes on as this node, or the same one after a hand-over that failed."""
        self.names[epoch].stop()
        self.names[epoch] = self.process(epoch)
        claims: dict[str, tuple[str, int]] = {}
        for (at, key, holder), times in (self.having + self.owed).items():
            if at == epoch:
                claims[key] = holder, claims.get(key, (holder, 0))[1] + times
        taken = self.asked(self.names[epoch].claim_all(claims), epoch, [])
        for one in [one for one in self.owed if one[0] == epoch and one[1] in taken]:
            del self.owed[one]

    @invariant()
    def who_has_a_nickname_holds_it(self) -> None:
        """In the database, by the node, and nobody has it who is somebody else."""
        for epoch, key, holder in +self.having:
            assert self.tables.claims.get(key) == holder, (key, holder, self.tables.claims)
            assert (key, epoch) in self.tables.held, (key, epoch, self.tables.held)

    def teardown(self) -> None:
        """All that failed is tried again: nobody holds what nobody has."""
        for one in list(self.owed.elements()):
            self._release(one, [])
        self.clock.advance(2)
        held = {(key, epoch) for epoch, key, _ in +self.having}
        assert self.tables.held == held, (self.tables.held, held)
        assert set(self.tables.claims) == {key for key, _ in held}, self.tables.claims
        self.who_has_a_nickname_holds_it()


SEARCH = settings(max_examples=100, stateful_step_count=20)

UNTIL_FOUND = settings(
    SEARCH,
    max_examples=2000,  # it ends with the first that fails
    phases=(Phase.generate,),
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,
)


class HeldNamesTests(SynchronousTestCase):
    """The machine, and faults that it has to find."""

    def test_any_story(self) -> None:
        """However claims and releases follow each other, and whichever answers are lost."""
        run_state_machine_as_test(HeldNamesMachine, settings=SEARCH)

    def test_it_finds_a_release_that_is_forgotten(self) -> None:
        """A nickname that was perhaps released is claimed again without a question to the database."""
        claim = HeldNames.claim

        async def planted(self: HeldNames, key: str, holder: str) -> bool:
            self._perhaps_released.clear()
            return await claim(self, key, holder)

        self.assert_finds("claim", planted)

    def test_it_finds_a_claim_that_is_forgotten(self) -> None:
        """A nickname that was perhaps claimed is not taken back."""
        self.assert_finds("_take_back_later", lambda self: None)

    def assert_finds(self, name: str, planted: Any) -> None:
        """A fault that is planted in L{HeldNames}."""
        with replaced(HeldNames, name, planted), self.assertRaises(AssertionError):
            run_state_machine_as_test(HeldNamesMachine, settings=UNTIL_FOUND)
