"""
The PostgreSQL backend: the contract for one node and for several.
"""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from tests.backends import cluster, contract
from tests.backends.people import ALICE, certificate
from tests.backends.postgres.on_one_database import OnOneDatabase


class PostgresBackendTests(OnOneDatabase, contract.BackendContract, SynchronousTestCase):
    """The contract on one node."""

    def test_account_that_an_older_daemon_drops(self) -> None:
        """Its certificates go with it, though that daemon does not know them, and are free for another account."""
        for name in ("alice", "bob"):
            self.done(self.backend.add_account(replace(ALICE, name=name, key=name)))
        self.assertTrue(self.add_certificate(certificate("c1")))
        self.sql("DELETE FROM account WHERE key = 'alice'")
        self.assertIsNone(self.done(self.backend.certificate("c1")))
        self.assertTrue(self.add_certificate(certificate("c1", "bob")))


class PostgresClusterTests(OnOneDatabase, cluster.ClusterContract, SynchronousTestCase):
    """The contract on several nodes."""
