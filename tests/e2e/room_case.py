"""
A daemon with people in a room.
"""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import Daemon
from tests.e2e.people import Person, nc, need, telnet
from tests.e2e.quick import QuickDaemon


class RoomCase(SynchronousTestCase):
    """
    A daemon that runs, and everybody leaves at the end.

    @cvar DAEMON: L{Daemon} itself for tests of what a daemon occupies.
    """

    DAEMON: type[Daemon] = QuickDaemon
    options: tuple[str, ...] = ()

    def setUp(self) -> None:
        self.start_in(Path(self.mktemp()).absolute())

    def start_in(self, folder: Path) -> None:
        """Start the daemon there."""
        need("nc", "telnet")
        self.daemon = self.DAEMON(folder, *self.options)
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def nc(self, name: str) -> Person:
        """Somebody with nc, connected."""
        person = nc(name, self.daemon.port)
        self.addCleanup(person.closes)
        return person

    def telnet(self, name: str) -> Person:
        """Somebody with telnet, connected."""
        person = telnet(name, self.daemon.port)
        self.addCleanup(person.closes)
        return person

    def registered(self, person: Person) -> Person:
        """The same, with the nickname of that name."""
        person.types(person.name)
        person.reads("Registration successful")
        return person
