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
from tests.server.cluster_machine import ClusterMachine
from tests.server.memory_cluster import MemoryClusterMachine

Story = Callable[[ClusterMachine], None]
"""What happens to a machine."""

SEARCH = settings(
    max_examples=2000,  # it ends with the first that fails
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

    def assert_told(self, fault: Callable[[], AbstractContextManager[None]], story: Story) -> None:
        """The machine's checks fail after this story with the fault, and not without it. Few stories are like it."""
        self.tell(story)
        with fault(), self.assertRaises(AssertionError):
            self.tell(story)

    def tell(self, story: Story) -> None:
        """From the beginning, until all has settled."""
        machine = MemoryClusterMachine()
        machine.begins()
        story(machine)
        machine.teardown()

    def test_names_are_free_at_once(self) -> None:
        """A stranger who has a dead guest's nickname before the goodbye is found."""

        def story(machine: ClusterMachine) -> None:
            alice = machine.people[0].server
            (node,) = (name for name, server in machine.nodes.items() if server is alice)
            (other,) = machine.nodes.keys() - {node}
            machine.forget(node)
            machine.holds(other, True)
            machine.dies(node)
            machine.comes(0, "alice")

        self.assert_told(planted.names_are_free_at_once, story)

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

        def story(machine: ClusterMachine) -> None:
            alice, bob = machine.people[:2]
            (node,) = (name for name, server in machine.nodes.items() if server is bob.server)
            bob.types("/leave attic")
            machine.quietly()
            machine.holds(node, True)
            alice.types("/leave attic")
            bob.types("/join attic")

        self.assert_told(planted.closed_rooms_are_joined, story)

    def test_a_nickname_is_given_back_twice(self) -> None:
        """A claim that is lost while its owner is there is found."""
        self.assert_found(planted.a_nickname_is_given_back_twice)
