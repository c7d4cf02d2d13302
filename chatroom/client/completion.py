"""
What the Tab key offers: commands, nicknames and rooms that begin like the word before the cursor.

It is given what there is, and knows nothing of keys or screens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatroom.client.vocabulary import Vocabulary


@dataclass(frozen=True)
class Offer:
    """
    @ivar start: where in the text the word to be replaced begins.
    @ivar words: what may stand there, the likeliest first, each with what belongs behind it.
    """

    start: int
    words: tuple[str, ...]


def complete(before: str, vocabulary: Vocabulary, nicks: Iterable[str], rooms: Iterable[str]) -> Offer:
    """
    @param before: the text before the cursor.
    @param nicks: the likeliest first.
    """
    start = max(before.rfind(" "), before.rfind("\n")) + 1
    word = before[start:]
    if start == 0 and word.startswith("/") and not word.startswith("//"):
        return Offer(0, _fitting(word, (f"/{name} " for name in vocabulary.words)))
    if before.startswith("/") and not before.startswith("//"):
        return Offer(start, _fitting(word, _arguments(before, vocabulary, nicks, rooms)))
    if word.startswith("@"):
        return Offer(start, _fitting(word, (f"@{nick} " for nick in nicks)))
    if not word:
        return Offer(start, ())
    if word.startswith("#"):
        return Offer(start, _fitting(word[1:], (f"{room} " for room in rooms)))
    return Offer(start, _fitting(word, (f"{nick}: " if start == 0 else f"{nick} " for nick in nicks)))


def _arguments(before: str, vocabulary: Vocabulary, nicks: Iterable[str], rooms: Iterable[str]) -> Iterable[str]:
    """What the command's next argument may be, by the name it has."""
    word, *given = before[1:].split(" ")
    command = vocabulary.find(word.casefold())
    parameters = command.typed if command is not None else ()
    place = len(given) - 1
    if place >= len(parameters) and parameters and parameters[-1].rest:
        place = len(parameters) - 1
    name = parameters[place].name if place < len(parameters) else ""
    offered = {
        "nick": [f"{nick} " for nick in nicks],
        "to": [f"{nick} " for nick in nicks],
        "room": [f"{room} " for room in rooms],
        "word": [f"{word} " for word in vocabulary.words],
    }
    return offered.get(name, [f"{nick} " for nick in nicks])


def _fitting(word: str, offered: Iterable[str]) -> tuple[str, ...]:
    folded = word.casefold()
    return tuple(dict.fromkeys(each for each in offered if each.casefold().startswith(folded)))
