"""
Several hubs at once, on each backend that can do that.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from twisted.trial.unittest import SynchronousTestCase

from tests.e2e import postgres as running
from tests.server.memory_cluster import MemoryClusterMachine
from tests.server.postgres_cluster import PostgresClusterMachine


class ThreeNodesMachine(MemoryClusterMachine):
    """Three of them, so that one may die while another one buries a third."""

    count = 3


class ThreeNodesOnPostgresMachine(PostgresClusterMachine):
    """The same on PostgreSQL."""

    count = 3


class ClusterTests(SynchronousTestCase):
    """Whatever people and nodes do at once, nobody is forgotten, doubled or given another's name."""

    def test_two_nodes(self) -> None:
        """Two hubs in memory."""
        run_state_machine_as_test(MemoryClusterMachine, settings=SETTINGS)

    def test_three_nodes(self) -> None:
        """Three hubs in memory."""
        run_state_machine_as_test(ThreeNodesMachine, settings=SETTINGS)

    def test_two_nodes_on_postgres(self) -> None:
        """Two hubs on a real PostgreSQL."""
        running.skip_or_fail()
        run_state_machine_as_test(PostgresClusterMachine, settings=FEW)

    def test_three_nodes_on_postgres(self) -> None:
        """Three hubs on a real PostgreSQL."""
        running.skip_or_fail()
        run_state_machine_as_test(ThreeNodesOnPostgresMachine, settings=FEW)


SETTINGS = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    report_multiple_bugs=False,  # trial shows the first one, and of a group of them none
)

FEW = settings(SETTINGS, max_examples=5, stateful_step_count=12)
"""Where each step asks a database."""
