"""
How much of a room's past is shown at once, and what to say when part of it is gone.

It knows numbers and limits; where history is kept is a backend's affair.
"""

from __future__ import annotations

from chatroom.errors import BadArguments


def page_size(asked: int | None, most: int) -> int:
    """
    How many lines to show.

    @raise BadArguments: fewer than one were asked for.
    """
    if asked is None:
        return most
    if asked < 1:
        raise BadArguments("Ask for at least one line.")
    return min(asked, most)


def gap(since: int, first: int | None, last: int) -> tuple[int, int] | None:
    """
    What cannot be shown of what was asked for.

    @param since: events after this number were asked for.
    @param first: the number of the first one found, or C{None} if there is none.
    @param last: the room's last number, for when nothing is found.
    @return: the first and last missing number, or C{None}.
    """
    reached = last + 1 if first is None else first
    return (since + 1, reached - 1) if reached > since + 1 else None


def search_words(text: str, longest: int = 200) -> tuple[str, ...]:
    """
    The words to look for.

    @param longest: characters they may have altogether.
    @raise BadArguments: there is none, or there are more than 16, or they are longer.
    """
    if len(text) > longest:
        raise BadArguments(f"That has {len(text)} characters; the limit is {longest:,}.", most=longest)
    words = tuple(text.split())
    if not words:
        raise BadArguments("Missing WORDS. Usage: /search WORDS ...")
    if len(words) > 16:
        raise BadArguments("Search for at most 16 words.")
    return words
