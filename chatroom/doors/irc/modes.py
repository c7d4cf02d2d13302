"""
What the parameters of MODE ask for, one change at a time.

RFC 2811, 4 and the letters that rooms have here: bans (and mutes, by a mask that begins with C{m:}), people who may
join at any time, a password, a limit of people, only for the invited, moderated, no talk from outside, not on the list,
topic for operators alone, operators and voice. It knows letters, and no room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

MOST_CHANGES = 20
"""Changes in one MODE. Those beyond are refused: each may be one more command."""

WITH_LIST = "bI"
"""Letters of lists: without a parameter, the list is shown. Type A of CHANMODES."""

WITH_PARAMETER = "k"
"""Letters that have a parameter to set and to lift. Type B of CHANMODES."""

WITH_PARAMETER_TO_SET = "l"
"""Letters that have a parameter to set, and none to lift. Type C of CHANMODES."""

FLAGS = "imnst"
"""Letters alone. Type D of CHANMODES."""

RANKS = "ov"
"""Letters that give a member a rank. Owners are operators to IRC clients: old ones know no other sign."""

RANK_SIGNS = "@+"
"""The sign of each rank."""

BOT = "B"
"""Of people who have marked themselves as bots; people set it themselves. IRCv3 bot-mode."""

USER_FLAGS = f"i{BOT}or"
"""Letters of people: invisible, bot, staff of the server, logged in."""

CHANMODES = f"{WITH_LIST},{WITH_PARAMETER},{WITH_PARAMETER_TO_SET},{FLAGS}"
PREFIX = f"({RANKS}){RANK_SIGNS}"


class ModeChange(NamedTuple):
    """
    One change.

    @ivar on: set or lift. @ivar letter: one of those above.
    @ivar parameter: C{None} where none was given: for L{WITH_LIST}, the list is asked for; for the others it is
        missing, but for C{-k}, which needs none.
    """

    on: bool
    letter: str
    parameter: str | None = None


class ModeRequest(NamedTuple):
    """
    What one MODE asks for.

    @ivar changes: in the order of the letters. @ivar unknown: letters that are none, each once, for 472 or 501.
    @ivar left_over: whether it has more than L{MOST_CHANGES}, so that the others were left out.
    """

    changes: tuple[ModeChange, ...]
    unknown: str
    left_over: bool


def room_modes(params: Sequence[str]) -> ModeRequest:
    """What the parameters behind a room's name ask for."""
    return _request(params, WITH_LIST + WITH_PARAMETER + RANKS, WITH_PARAMETER_TO_SET, FLAGS)


def user_modes(params: Sequence[str]) -> ModeRequest:
    """What the parameters behind a nickname ask for."""
    return _request(params, "", "", USER_FLAGS)


def _request(params: Sequence[str], taking: str, to_set: str, alone: str) -> ModeRequest:
    changes: list[ModeChange] = []
    unknown = ""
    for on, letter, parameter in _letters(params, taking, to_set):
        if letter not in taking + to_set + alone:
            unknown += "" if letter in unknown else letter
        elif len(changes) == MOST_CHANGES:
            return ModeRequest(tuple(changes), unknown, True)
        else:
            changes.append(ModeChange(on, letter, parameter))
    return ModeRequest(tuple(changes), unknown, False)


def _letters(params: Sequence[str], taking: str, to_set: str) -> Iterator[tuple[bool, str, str | None]]:
    """
    Each letter with its sign and its parameter. A word that no letter takes has letters again if it begins with a sign;
    else it is left out, as it may be the parameter of a letter that nobody knows.
    """
    words = list(params)
    first = True
    while words:
        on, word = True, words.pop(0)
        if not first and word[:1] not in ("+", "-"):
            continue
        first = False
        for letter in word:
            if letter in "+-":
                on = letter == "+"
            else:
                takes = letter in taking or (on and letter in to_set)
                yield on, letter, words.pop(0) if takes and words else None


def written_modes(changes: Sequence[ModeChange]) -> list[str]:
    """The changes as the parameters of MODE: signs and letters, and then the parameters."""
    letters, last = "", None
    for change in changes:
        if change.on != last:
            letters, last = letters + ("+" if change.on else "-"), change.on
        letters += change.letter
    return [letters, *(change.parameter for change in changes if change.parameter is not None)]
