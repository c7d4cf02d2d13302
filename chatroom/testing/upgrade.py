"""
One server takes over from another, in memory: what two processes do in an upgrade, without sockets or processes.

It knows the wires of a test, and what the doors and the hub hand over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chatroom.dataclass_json import from_plain, to_plain
from chatroom.events import Event
from chatroom.states import LineSnapshot
from chatroom.testing.people import FakeTransport, Line
from chatroom.upgrade.predecessor import POLL, QUIET_TIME

if TYPE_CHECKING:
    from chatroom.testing.server import Server

PATIENCE = 30.0
"""Seconds in which an account may come back unnoticed after an upgrade."""


def hand_over(
    old: Server, lines: Sequence[Line], make: Callable[[Sequence[Event]], Server], unsent: bytes = b""
) -> tuple[Server, list[LineSnapshot]]:
    """
    Have another server take these connections over, in this order. All others are lost.

    @param make: makes the new server of what the old one says of who is here.
    @param unsent: what the transport of each connection still holds.
    @return: the new server, and the states of the connections as it has read them.
    @raise AssertionError: something was under way for so long that an upgrade would fail.
    """
    old.doorkeeper.freeze()
    old.settle()
    deadline = old.clock.seconds() + QUIET_TIME
    while not (old.hub.is_quiet() and not any(each.is_busy() for each in old.doorkeeper.present)):
        assert old.clock.seconds() < deadline, f"something was still running after {QUIET_TIME:.0f} seconds"
        old.wait(POLL)
    present = old.finish(old.hub.suspend())
    documents = [json.dumps(to_plain(line.protocol.state(unsent))) for line in lines]
    states = [from_plain(LineSnapshot, json.loads(text)) for text in documents]
    new = make(present)
    for line, state in zip(lines, states, strict=True):
        line.protocol.conversation.hand_over()  # type: ignore[union-attr]
        line.server, line.protocol = new, new.factory.again(state)
        peer = line.transport.getPeer()  # type: ignore[no-untyped-call]
        unread = line.receives()
        line.transport = FakeTransport(peer.host, line.protocol)
        line.transport.write(unread)  # type: ignore[no-untyped-call]  # it was written before, and nobody has read it
        line.protocol.makeConnection(line.transport)  # type: ignore[no-untyped-call]
        line.protocol.go_on()
    new.hub.welcome_back(PATIENCE)
    new.settle()
    return new, states
