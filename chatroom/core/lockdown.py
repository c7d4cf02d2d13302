"""
Lockdown: for as long as a raid lasts, fewer people can join. People who are here stay.

It knows levels and times, and nothing of doors or of who may decide such a thing.
"""

from __future__ import annotations

from chatroom.core.audit import entry_of
from chatroom.core.permissions import because_before, in_force, until_text
from chatroom.core.presence import Presence
from chatroom.errors import BadArguments, LockedDown
from chatroom.events import FOREVER, OPEN, SERVER, Event, LockdownSet

LEVELS = (OPEN, "guests", "accounts", "registered")
"""What L{LockdownSet} says each of them means. Who has an account may log in at any of them."""

_NO_GUESTS = frozenset(["guests", "registered"])
_NO_ACCOUNTS = frozenset(["accounts", "registered"])


def set_level(at: float, who: Presence, level: str, until: float, reason: str) -> list[Event]:
    """
    From now on, and in the audit log.

    @raise BadArguments: there is no such level.
    """
    if level not in LEVELS:
        raise BadArguments(f"The level must be one of {', '.join(LEVELS)}.")
    if level == OPEN:
        until = FOREVER
    term = "" if until == FOREVER else until_text(until)
    return [
        LockdownSet(at, SERVER, who.actor, level=level, until=until, reason=reason),
        entry_of(at, who, "lockdown", level, ": ".join(filter(None, (term, reason)))),
    ]


def check_guest(lockdown: LockdownSet | None, at: float) -> None:
    """
    May somebody without an account come in?

    @raise LockedDown: with until when and why, and who may.
    """
    if lockdown is not None and lockdown.level in _NO_GUESTS and in_force(lockdown, at):
        who = "If you have an account, log in: /login NAME"
        raise LockedDown(f"New guests cannot join {_term(lockdown)} {who}", lockdown.until)


def check_account(lockdown: LockdownSet | None, at: float) -> None:
    """
    May a guest make an account?

    @raise LockedDown: with until when and why.
    """
    if lockdown is not None and lockdown.level in _NO_ACCOUNTS and in_force(lockdown, at):
        told = f"New accounts cannot be created {_term(lockdown)} You can stay as a guest."
        raise LockedDown(told, lockdown.until)


def _term(lockdown: LockdownSet) -> str:
    until = "at the moment" if lockdown.until == FOREVER else until_text(lockdown.until)
    return until + because_before(lockdown.reason)
