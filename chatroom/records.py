"""
What a backend keeps that did not happen in a room: accounts, session tokens, mail.

Keys (C{key}, C{account}) are names folded by L{chatroom.folding.fold}. Times are seconds since
1970 in UTC. Nothing here can be read to learn a password or a token: both are kept as hashes.
This module knows only the events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chatroom.events import Acted, Event, RoomEvent, Said, ServerRole

ERASED = "!"
"""The C{password} of an account that was erased and whose name nobody else may have: no hash looks like it."""

ERASED_NAME = "(erased)"
"""Who said it, where that is not to be known any more. No nickname has brackets."""

ERASED_TEXT = "(erased)"
"""What was said, where that is not to be known any more."""

SHELL = "(shell)"
"""Who did it, in the audit log, where it was done by C{chatroom-admin}. No nickname has brackets."""


def shell_of(user: str) -> str:
    """The same, of a user of the machine; L{SHELL} where that is not known."""
    return f"{SHELL[:-1]}: {user})" if user else SHELL


def is_shell(who: str) -> bool:
    """Whether this is who did it by C{chatroom-admin}."""
    return who.startswith(SHELL[:-1]) and who.endswith(SHELL[-1])


@dataclass(frozen=True, slots=True)
class Account:
    """
    @ivar password: the hash as passlib writes it, or C{""} where another checker knows the password, or L{ERASED}.
    @ivar ignored: keys of those this person does not want to read.
    @ivar role: set by C{IBackend.set_server_role} alone.
    @ivar disabled: nobody may log in to it; set by C{IBackend.set_disabled} alone.
    @ivar zone: the time zone in which this person reads times, such as C{Europe/Rome}; C{""} is UTC.
    @ivar bot: a program uses it, which everybody is shown.
    """

    name: str
    key: str
    password: str
    created: float
    ignored: tuple[str, ...] = ()
    role: ServerRole = ServerRole.NONE
    disabled: bool = False
    zone: str = ""
    bot: bool = False

    @property
    def erased(self) -> bool:
        """Nothing is left of it but its name."""
        return self.password == ERASED


@dataclass(frozen=True, slots=True)
class Token:
    """
    A session that can be resumed.

    @ivar digest: SHA-256 of the token in hexadecimal; its first 8 digits are the session's public id.
    @ivar label: where it was made, for the owner to recognise it: an address.
    @ivar kept: its owner has asked to keep it. Another one ends soon after its connection, and no other for it.
    @ivar service: the name that its owner gave it for a program; C{""} for a session that began by a login.
    """

    digest: str
    account: str
    created: float
    used: float
    expires: float
    label: str = ""
    kept: bool = True
    service: str = ""

    @property
    def sort(self) -> tuple[bool, bool]:
        """An account has a limited number of each sort of sessions; no sort displaces another."""
        return self.kept, bool(self.service)


@dataclass(frozen=True, slots=True)
class Certificate:
    """
    A TLS certificate that logs in to an account.

    @ivar fingerprint: SHA-256 of the certificate in DER, as 64 small hexadecimal digits.
    @ivar account: the key of the account.
    @ivar used: when it logged in last; 0.0: it never did.
    """

    fingerprint: str
    account: str
    added: float
    used: float = 0.0


@dataclass(frozen=True, slots=True)
class Mail:
    """
    A whisper that waited. C{id} grows with time, over all accounts; 0 until it is kept.
    """

    at: float
    sender: str
    to: str
    text: str
    id: int = 0
    read: bool = False


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """
    Who did what to whom, on the whole server or by its powers. It never holds a password, a token or what was said.

    @ivar who: a nickname as shown, or L{shell_of} a user.
    @ivar act: a word that never changes, such as C{ban}.
    @ivar target: a nickname, a network or a room, perhaps empty.
    @ivar detail: more, for people.
    @ivar id: grows with time; 0 until it is kept.
    """

    at: float
    who: str
    act: str
    target: str = ""
    detail: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """
    One page of search results, newest first.

    @ivar next: what to pass as C{before} for the next page, or C{None} at the end.
    """

    events: tuple[RoomEvent, ...]
    next: int | None


@dataclass(frozen=True, slots=True)
class StartState:
    """
    What a node that starts needs to know.

    @ivar events: the last event of every slot, those of the server first, then room by room, in the order in which
        the slots were set.
    @ivar last: the last sequence number of each room that ever had one.
    @ivar nodes: the other nodes that are alive, each with its C{settings}: see C{IBackend.start}.
    @ivar missed: where it takes over, what the other nodes have kept since the node was handed over, in order, so that
        the people of the node can be told. It is in C{events} and C{last} already.
    @ivar lost: nodes for whose people this one has to say goodbye: see C{IListener.lost}.
    """

    events: tuple[Event, ...]
    last: Mapping[str, int]
    nodes: Mapping[str, str] = field(default_factory=dict)
    missed: tuple[Event, ...] = ()
    lost: tuple[str, ...] = ()


PAGE = 64 * 1024
"""Bytes on a page, where nobody says another number."""

AROUND = 100
"""Bytes that count for what stands around a text on a page: a name, a time, a number."""

OTHERS = 500
"""Bytes that count for what happened and is no talk: about as much as the longest topic takes in most languages."""


def fitting(kept: Iterable[RoomEvent | Mail], lines: int, size: int) -> int:
    """
    How many of these fit on a page, from the first on; one does in any case. What the page is made of decides, and
    not how it is written: each line of a message is a line.

    @param size: bytes of UTF-8, with L{AROUND} for each. Backends read by the same measure.
    """
    fit = 0
    for each in kept:
        if isinstance(each, Said | Acted | Mail):
            lines -= 1 + each.text.count("\n")
            size -= AROUND + len(each.text.encode())
        else:
            lines -= 1
            size -= OTHERS
        if fit and (lines < 0 or size < 0):
            break
        fit += 1
    return fit
