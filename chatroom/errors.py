"""
What may be refused: one exception per kind of refusal, each a sentence and a code.

A L{Refused} is for people: its sentence is shown as it stands, says why and what to do, and
names nothing a stranger should not know. Its code is for programs and never changes. Any other
exception is a bug: logged whole, answered politely.

This module knows no other module.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

A_FEW_SECONDS = 3.0
"""Seconds to wait where nobody can know how many it takes."""


def counted(number: int, one: str, more: str = "") -> str:
    """C{1 person}, C{4,950 people}: a number with what it counts, for sentences."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def with_full_stop(text: object) -> str:
    """
    A sentence that ends once: with what ends it already (C{later..}, C{why?}), or with a full stop.

    @param text: an error, or words that somebody else has written.
    """
    sentence = str(text)
    return sentence if sentence.endswith((".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")) else f"{sentence}."


class Refused(Exception):
    """
    Somebody asked for something they may not have, or asked in a way that cannot be understood.

    @ivar sentence: One line of text that says why, and what to do instead.
    @ivar until: a moment that the sentence names, as L{chatroom.zones.moment} writes it in UTC, for doors that show it
        in the zone of the reader; in seconds since 1970. C{None} where it names none.
    @ivar wait: seconds after which the same may be asked again; C{None} where waiting does not help.
    @ivar most: the limit that was passed: of characters, lines, bytes or things. C{None} where it was none.
    """

    code: ClassVar[str] = "refused"

    def __init__(
        self, sentence: str, until: float | None = None, *, wait: float | None = None, most: int | None = None
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.until = until
        self.wait = wait
        self.most = most


class _Later(Refused):
    """Nothing is wrong with what was asked, but with the moment: each says how long to wait."""

    def __init__(self, sentence: str, *, wait: float) -> None:
        super().__init__(sentence, wait=wait)


class Unlawful(Refused):
    """A name, text or password that breaks the rules for such things."""

    code = "unlawful"


class NickTaken(Refused):
    """Somebody present has this nickname, in some letter case."""

    code = "nick-taken"


class NickOwned(Refused):
    """The nickname belongs to an account, and nobody has proved to be its owner yet."""

    code = "nick-owned"


class NotRegistered(Refused):
    """This needs a nickname first."""

    code = "not-registered"


class NeedsAccount(Refused):
    """This needs an account, and the one who asks is a guest."""

    code = "needs-account"


class WrongPassword(Refused):
    """The password, or the token, is not the right one."""

    code = "wrong-password"


class AccountDisabled(Refused):
    """Who runs the server lets nobody in by this account."""

    code = "account-disabled"


class Throttled(_Later):
    """Too many tries in too short a time."""

    code = "slow-down"


class Busy(_Later):
    """Nothing was wrong: too much of this kind is under way. The same will do in a few seconds."""

    code = "busy"

    def __init__(self, sentence: str, *, wait: float = A_FEW_SECONDS) -> None:
        super().__init__(sentence, wait=wait)


class UnknownCommand(Refused):
    """No command has this word."""

    code = "unknown-command"


class BadArguments(Refused):
    """The command needs other arguments."""

    code = "bad-arguments"


class BadRequest(Refused):
    """What a program sent is not a request."""

    code = "bad-request"


class NotAllowed(Refused):
    """The role of the one who asks is too low."""

    code = "not-allowed"


class NoSuchRoom(Refused):
    """There is no such room."""

    code = "no-such-room"


class RoomExists(Refused):
    """There is such a room already."""

    code = "room-exists"


class NotInRoom(Refused):
    """The one who asks, or the one meant, is not in that room."""

    code = "not-in-room"


class NoSuchPerson(Refused):
    """Nobody of that name is here, or has an account."""

    code = "no-such-person"


class RoomClosedToYou(Refused):
    """The room lets in only those who are invited."""

    code = "room-closed"


class RoomFull(Refused):
    """As many people are in the room as it may have."""

    code = "room-full"


class RoomWantsPassword(Refused):
    """The room lets nobody in without its password, and none was given."""

    code = "wants-password"


class RoomLocked(Refused):
    """The room is locked: nobody new comes in for now."""

    code = "room-locked"


class Banned(Refused):
    """The one who asks is banned from there."""

    code = "banned"


class Muted(Refused):
    """The one who asks may not talk there."""

    code = "muted"


class RoomModerated(Refused):
    """Only operators of the room and people with voice may talk there."""

    code = "moderated"


class TooSoon(_Later):
    """The room is in slow mode, and the one who asks has said something a moment ago."""

    code = "too-soon"


class Filtered(Refused):
    """A filter of the server does not let this be said."""

    code = "filtered"


class LockedDown(Refused):
    """For as long as a raid lasts, the server does not let this one in."""

    code = "lockdown"


class LimitReached(Refused):
    """A published limit is reached."""

    code = "limit"


class NotKept(Refused):
    """The backend could not keep it, so nobody was told it."""

    code = "not-kept"


class CommandFailed(Refused):
    """There is a bug in a command of another package. The server's log says what."""

    code = "internal"

    def __init__(self, word: str) -> None:
        super().__init__(f"The server made a mistake and logged it: /{word} failed. Tell an admin.")


class CommandStopped(Refused):
    """A command took too long, or its connection was about to end."""

    code = "stopped"


class NotFound(Refused):
    """What was asked for (a session, a message, a page) does not exist."""

    code = "not-found"


def codes(kind: type[Refused] = Refused) -> Iterator[str]:
    """Every code that a refusal can have, some perhaps twice."""
    yield kind.code
    for each in kind.__subclasses__():
        yield from codes(each)
