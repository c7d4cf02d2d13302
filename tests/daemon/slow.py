"""
A backend that takes its time, and people who act at the same moment: to see what happens in between.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import Deferred

from chatroom.backends.memory import MemoryBackend, MemoryStore
from chatroom.errors import NotKept
from chatroom.events import Event
from chatroom.limits import Limits
from chatroom.testing import Guest, Server


class SlowBackend(MemoryBackend):
    """
    Keeps nothing while it is L{busy}, until L{catch_up}.

    @ivar batches: how many batches it has been given. @ivar answers: whether L{probe} finds it well.
    """

    def __init__(self, store: MemoryStore | None = None) -> None:
        super().__init__(store or MemoryStore())
        self.busy = False
        self.answers = True
        self.batches = 0
        self._waiting: Deferred[None] | None = None

    async def keep(self, batch: Sequence[Event]) -> Sequence[bool]:
        """See L{chatroom.interfaces.IBackend.keep}."""
        self.batches += 1
        if self.busy:
            self._waiting = Deferred()
            await self._waiting
        return await super().keep(batch)

    async def probe(self) -> None:
        """See L{chatroom.interfaces.IBackend.probe}."""
        if not self.answers:
            raise NotKept("The database does not answer.")
        await super().probe()

    def catch_up(self) -> None:
        """Keep the batch under way, and what comes from now on at once."""
        self.busy = False
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)


class SlowServer(Server):
    """
    A server on such a backend.

    @ivar slow: the backend.
    """

    def __init__(self, store: MemoryStore | None = None, limits: Limits | None = None) -> None:
        self.slow = SlowBackend(store)
        super().__init__(limits, backend=self.slow)

    def catches_up(self) -> None:
        """All that waited is kept and told."""
        self.slow.catch_up()
        self.settle()


def at_once(*acts: tuple[Guest, str]) -> None:
    """Each types a line, all before the server does anything about the first; C{""} for a connection that is lost."""
    for guest, line in acts:
        if line:
            guest.protocol.dataReceived(f"{line}\n".encode())
        else:
            guest.transport.connectionLost()
    for server in {guest.server for guest, _ in acts}:
        server.settle()
