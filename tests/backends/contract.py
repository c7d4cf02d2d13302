"""
The contract of L{IBackend<chatroom.interfaces.IBackend>} as tests: a backend is done when it passes them.

A test case mixes in L{BackendContract}, and L{ClusterContract<tests.backends.cluster.ClusterContract>} where several
nodes can share what is kept, and says how such a backend is made and how it is made to fail.
"""

from __future__ import annotations

from tests.backends.erasing import ErasingContract
from tests.backends.keeping import ClaimContract, KeepContract, ProbeContract, SnapshotContract
from tests.backends.people import PeopleContract
from tests.backends.reading import HistoryContract
from tests.backends.staff import StaffContract
from tests.backends.storing import StoringContract


class BackendContract(
    KeepContract,
    ProbeContract,
    SnapshotContract,
    ClaimContract,
    HistoryContract,
    PeopleContract,
    StaffContract,
    ErasingContract,
    StoringContract,
):
    """All of it, for one node."""
