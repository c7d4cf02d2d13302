"""
The machine of several nodes is tested itself: each fault that is planted is found.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.errors import FlakyFailure
from hypothesis.stateful import run_state_machine_as_test
from twisted.trial.unittest import SynchronousTestCase

from tests.server import planted
from tests.server.memory_cluster import MemoryClusterMachine

SEARCH = settings(
    max_examples=300,  # it ends with the first that fails
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    verbosity=Verbosity.quiet,
)


class PlantedTests(SynchronousTestCase):
    """Two hubs, and one of them or what they stand on has a fault."""

    def assert_found(self, fault: Callable[[], AbstractContextManager[None]]) -> None:
        """The machine fails with it, and without it the same search does not: see L{tests.server.test_cluster}."""
        with fault():
            try:
                run_state_machine_as_test(MemoryClusterMachine, settings=SEARCH)
            except (AssertionError, FlakyFailure):
                self.flushLoggedErrors()
                return
        self.fail(f"not found: {fault.__doc__}")

    def test_names_are_free_at_once(self) -> None:
        """A stranger who has a dead guest's nickname before the goodbye is found."""
        self.assert_found(planted.names_are_free_at_once)

    def test_numbers_have_a_hole(self) -> None:
        """A number that no event has is found."""
        self.assert_found(planted.numbers_have_a_hole)

    def test_two_goodbyes(self) -> None:
        """A goodbye that two nodes say is found."""
        self.assert_found(planted.two_goodbyes)

    def test_own_turns_come_first(self) -> None:
        """A node that tells its own turns too early is found."""
        self.assert_found(planted.own_turns_come_first)

    def test_a_turn_is_missed(self) -> None:
        """A turn that does not reach a node is found."""
        self.assert_found(planted.a_turn_is_missed)

    def test_closed_rooms_are_joined(self) -> None:
        """A person in a room that nobody made is found."""
        self.assert_found(planted.closed_rooms_are_joined)

    def test_a_nickname_is_given_back_twice(self) -> None:
        """A claim that is lost while its owner is there is found."""
        self.assert_found(planted.a_nickname_is_given_back_twice)
