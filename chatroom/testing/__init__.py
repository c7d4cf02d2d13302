"""
A whole chat server in memory, for our tests and for those of plugin authors: no port, no disk, no waiting.

    >>> server = Server()
    >>> alice, bob = server.guest("alice"), server.guest("bob")
    >>> alice.types("hello")
    >>> bob.reads()
    ['<alice> hello']

Everything but the wires is real: guests type bytes into the line door and read what it writes. Time stands still until
L{Server.wait}. C{Server(plugins=[Poll()])} has the built-in commands and these plugins, verified as the daemon
verifies them. C{with Server(plugins=[Poll()]) as server:} also fails where the server logged an error.
"""

from __future__ import annotations

from chatroom.testing.people import FakeTransport, Guest, IrcClient, Line, OpenRequest, Program
from chatroom.testing.server import NEW_YEAR, Server

__all__ = ["Server", "Guest", "Program", "IrcClient", "OpenRequest", "Line", "FakeTransport", "NEW_YEAR"]
