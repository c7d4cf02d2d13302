"""
What every backend refuses, in the same words. These sentences are read by people who chat: they name no file,
no machine and no cause that is only the operator's affair.
"""

from __future__ import annotations

from chatroom.errors import LimitReached, NotAllowed, NotKept


def closing() -> NotKept:
    """It is asked of a backend that has stopped or is about to."""
    return NotKept("The chat room is closing, so this was not kept. Try again when it is back.")


def full_disk() -> NotKept:
    """There is no room to write it down."""
    return NotKept("The chat room's disk is full, so this was not kept. Nobody has read it; try again later.")


def broken_disk() -> NotKept:
    """It cannot be written down for another reason."""
    return NotKept("The chat room cannot write to its disk, so this was not kept. Nobody has read it; try again later.")


def lost_ground() -> NotKept:
    """The database has been deleted or moved while it was open."""
    return NotKept(
        "The chat room's database was taken away, so this was not kept. Nobody has read it; the operator has to act."
    )


def unreadable() -> NotKept:
    """What was kept cannot be read just now."""
    return NotKept("The chat room cannot read what it has kept just now. Try again later.")


def full_inbox(name: str) -> LimitReached:
    """So many whispers wait for somebody that no more may."""
    return LimitReached(f"The inbox of {name} is full, so this was not kept. Try again when {name} has read it.")


def last_admin(name: str) -> NotAllowed:
    """Without an admin, nobody could make another."""
    return NotAllowed(f"{name} is the only admin of this server. Make another one first.")
