"""
The whole server against a simple model, on every backend that an operator can choose.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from chatroom.backends.memory import MemoryStore
from chatroom.backends.sqlite.backend import SQLiteBackend
from chatroom.testing import NEW_YEAR, Server
from tests.backends.workers import AtOnce
from tests.server.machine import COMMANDS, LIMITS, ServerMachine, choices


class MemoryMachine(ServerMachine):
    """The server keeps everything in memory, and may vanish without a goodbye."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        super().__init__()

    def opened(self, number: int) -> Server:
        """See L{ServerMachine.opened}."""
        return Server(LIMITS, store=self.store, commands=COMMANDS, node=str(number))

    @rule(node=choices)
    def crashes(self, node: int) -> None:
        """As with C{kill -9}: what anybody has read is there when it starts again."""
        self.store.kill(str(node % self.count))
        for server in self.nodes:
            server.settle()
        self.is_gone(node % self.count)
        self.nodes[node % self.count] = self.opened(node % self.count)

    @invariant()
    def names_are_held_by_people(self) -> None:
        """No name is taken by nobody."""
        assert set(self.store.claims) == {key for _, key in self.connections}


class TwoNodesMachine(MemoryMachine):
    """The server is two daemons; people come by either, and accounts by both."""

    count = 2


class SQLiteMachine(ServerMachine):
    """The server keeps everything in a file."""

    def __init__(self) -> None:
        self.folder = TemporaryDirectory()
        super().__init__()

    def opened(self, number: int) -> Server:
        """See L{ServerMachine.opened}."""
        clock = Clock()
        path = Path(self.folder.name) / "chatroom.sqlite"
        backend = SQLiteBackend(path, clock, lambda: NEW_YEAR + clock.seconds(), worker=AtOnce)
        return Server(LIMITS, backend=backend, clock=clock, commands=COMMANDS)

    def teardown(self) -> None:
        """Close it, and throw the file away."""
        for server in self.nodes:
            server.stop()
        self.folder.cleanup()


class ServerTests(SynchronousTestCase):
    """The server does as the model does."""

    def test_in_memory(self) -> None:
        """Whatever people do, and however often it crashes."""
        run_state_machine_as_test(MemoryMachine, settings=settings(max_examples=100, stateful_step_count=50))

    def test_on_two_nodes(self) -> None:
        """Whatever people do, by whichever daemon, and however often one of them stops or crashes."""
        run_state_machine_as_test(TwoNodesMachine, settings=settings(max_examples=100, stateful_step_count=50))

    def test_in_a_file(self) -> None:
        """Whatever people do, and however often it is opened again."""
        run_state_machine_as_test(SQLiteMachine, settings=settings(max_examples=25, stateful_step_count=40))
