"""
Waiting for what was said to be kept.

It knows receipts, and no connection.
"""

from __future__ import annotations

from twisted.internet.defer import Deferred

from chatroom.events import Event
from chatroom.interfaces import Receipt


def kept(receipt: Receipt) -> Deferred[Event]:
    """Fires when it is kept and told, or not kept."""
    done: Deferred[Event] = Deferred()
    receipt.kept = lambda outcome: done.errback(outcome) if isinstance(outcome, Exception) else done.callback(outcome)
    return done
