"""
The PostgreSQL backend: the contract for one node and for several.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.backends import cluster, contract
from tests.backends.postgres.on_one_database import OnOneDatabase


class PostgresBackendTests(OnOneDatabase, contract.BackendContract, SynchronousTestCase):
    """The contract on one node."""


class PostgresClusterTests(OnOneDatabase, cluster.ClusterContract, SynchronousTestCase):
    """The contract on several nodes."""
