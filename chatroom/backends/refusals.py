"""
What every backend refuses, in the same words. These sentences are read by people who chat: they name no file,
no machine and no cause that is only the operator's affair.
"""

from __future__ import annotations

from chatroom.errors import LimitReached, NotAllowed, NotKept, counted


def closing() -> NotKept:
    """It is asked of a backend that has stopped or is about to."""
    return NotKept("The server is shutting down, so this was not saved or delivered. Try again when it is back.")


EVICTED = "This server was cut off from the others. Connect again: nothing is lost."
"""What those read who are connected to a node that was taken for lost: see C{IListener.evicted}."""


def evicted() -> NotKept:
    """The node was taken for lost, or another process goes on as it."""
    return NotKept("This server was cut off from the others, so this was not saved or delivered. Connect again.")


def full_disk() -> NotKept:
    """There is no room to write it down."""
    return NotKept("The server's disk is full, so this was not saved or delivered. Try again later.")


def broken_disk() -> NotKept:
    """It cannot be written down for another reason."""
    return NotKept("The server cannot write to its disk, so this was not saved or delivered. Try again later.")


def away() -> NotKept:
    """A database on another machine does not answer."""
    return NotKept("The database does not answer, so this was not saved or delivered. Try again later.")


def failing() -> NotKept:
    """A database on another machine answers that it cannot write."""
    return NotKept("The database cannot save anything, so this was not saved or delivered. Try again later.")


def lost_ground() -> NotKept:
    """The database has been deleted or moved while it was open."""
    return NotKept(
        "The server's database is missing, so this was not saved or delivered. An administrator must fix this."
    )


def unreadable() -> NotKept:
    """What was kept cannot be read just now."""
    return NotKept("The server cannot read its database at the moment. Try again later.")


def full_inbox(name: str) -> LimitReached:
    """So many whispers wait for somebody that no more may."""
    return LimitReached(f"The inbox of {name} is full, so this was not delivered. Try again later.")


def too_many_certificates(most: int) -> LimitReached:
    """An account has as many as it may have."""
    sentence = (
        f"Your account has {counted(most, 'certificate')}; that is the limit. Remove one: /cert remove FINGERPRINT"
    )
    return LimitReached(sentence, most=most)


def last_admin(name: str) -> NotAllowed:
    """Without an admin, nobody could make another."""
    return NotAllowed(f"{name} is the only admin of this server. Make another account admin first.")
