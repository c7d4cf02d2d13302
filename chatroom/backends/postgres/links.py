"""
The connections of one node, each for one kind of work, so that none waits for another kind.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime

from chatroom.backends import refusals
from chatroom.backends.postgres.driver import Driver
from chatroom.backends.postgres.link import RETRY, SOON, DatabaseLink
from chatroom.backends.postgres.reader import listen
from chatroom.errors import NotKept


class Links:
    """
    From start to stop.

    @ivar write: for turns alone. @ivar wake: listens, and reads the log. @ivar lease: for the beat.
    @ivar side: for accounts, names, letters: what is short. @ivar read: for history.
    @ivar scan: for searches, which may take long. @ivar tidy: for what nobody waits for.
    """

    def __init__(self, driver: Callable[[str], Driver], conninfo: str, clock: IReactorTime) -> None:
        """@param driver: by a name, the way in which a connection is waited for."""

        def link(name: str, broken: Callable[[], NotKept] = refusals.failing, retry: float = RETRY) -> DatabaseLink:
            return DatabaseLink(driver(f"chatroom-{name}"), conninfo, clock, broken, retry=retry)

        self.write = link("write", retry=SOON)
        self.wake = link("wake", refusals.unreadable, SOON)
        self.wake.prepare = listen
        self.lease = link("lease")
        self.side = link("side")
        self.read = link("read", refusals.unreadable)
        self.scan = link("scan", refusals.unreadable)
        self.tidy = link("tidy")
        self.all = (self.scan, self.tidy, self.read, self.side, self.wake, self.write, self.lease)

    async def close(self) -> None:
        """Finish what is under way, but for what may take long."""
        self.scan.cut()
        self.tidy.cut()
        for link in self.all:
            await link.close()
