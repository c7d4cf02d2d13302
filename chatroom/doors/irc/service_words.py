"""
What a service of IRC understands: its words, each with how it is used and what it does.

All that it changes goes through the server's own commands, with their guards. It knows the speaker, and no service.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from chatroom.errors import BadArguments

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

Run: TypeAlias = "Callable[[IrcSpeaker, str, Response], Awaitable[list[str]]]"


class ServiceWord(NamedTuple):
    """
    @ivar usage: what stands behind the word. @ivar summary: what it does, for HELP; C{""}: HELP leaves it out.
    @ivar run: is given what stands behind the word, and gives the lines of the answer.
    """

    usage: str
    summary: str
    run: Run


Words: TypeAlias = Mapping[str, ServiceWord]


def wrong_use(word: str, usage: str) -> BadArguments:
    """The refusal of a word that needs more behind it."""
    return BadArguments(f"Usage: {word} {usage}".rstrip())


def explained(word: str, about: ServiceWord) -> str:
    """A line of HELP."""
    return f"{' '.join(filter(None, (word, about.usage)))} {about.summary}"


async def ran(speaker: IrcSpeaker, command: str, arguments: str | dict[str, str]) -> list[str]:
    """
    Run one of our own commands. @return: the lines of its answer.

    @raise Refused:
    """
    answer = await speaker.outcome(speaker.caller.do(command, arguments))
    if answer.then is not None:
        answer.then()
    said = [line for part in answer.parts if isinstance(part, str) for line in part.split("\n")]
    return [line for line in said if "/resume" not in line] or ["Done."]
