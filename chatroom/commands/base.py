"""
What a command is made of: L{Command}, a row of a table with one C{run}, and how arguments are read.

Public: plugins in other packages build on it. It knows the interfaces and the refusals, not the server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from twisted.plugin import IPlugin

from chatroom import quoting
from chatroom.errors import BadArguments
from chatroom.folding import fold
from chatroom.interfaces import ICaller, ICommand, Outcome, Parameter, Role, ServerRole, Standing, provides

ROOM = Parameter("room", required=False, by_name=True, help="default: the current room")
"""For commands about a room whose words leave people no place to name it."""

OTHER_ROOM = Parameter("room", required=False, help="default: the current room")
"""For those whose words leave one."""

DURATION = Parameter("duration", required=False, help="10m, 2h, 7d or forever")
REASON = Parameter("reason", required=False, rest=True, help="shown to the room")

SKIP = Parameter("skip", required=False, help="how many to skip, as the previous page says")
"""For lists that may be longer than a page."""

LONGEST_WORD = 32
"""Characters of a number, a time, or a word that is one of a few: what is longer is none, and is not looked at."""

_FLAGS = {"on": True, "yes": True, "true": True, "1": True, "off": False, "no": False, "false": False, "0": False}

_OFF = frozenset(word for word, yes in _FLAGS.items() if not yes) | {"none"}


@provides(ICommand, IPlugin)
class Command:
    """
    A command with every default filled in. A subclass needs C{name}, C{summary} and C{run}.

    One object serves everybody for as long as the daemon lives, so nothing about a caller may be kept on it.
    The attributes are those of L{ICommand}, which says what each means, and one more that a plugin may leave out.

    @cvar facts: what its L{chatroom.interfaces.Answer}s hold for programs: a C{TypedDict}, or several if its answers
        have different keys. Documentation and tests use it, and the running server does not. C{()}: not declared.
    """

    name: str
    aliases: tuple[str, ...] = ()
    family: str = "More"
    summary: str
    details: str = ""
    parameters: tuple[Parameter, ...] = ()
    standing: Standing = Standing.GUEST
    role: Role = Role.NOBODY
    staff: ServerRole = ServerRole.NONE
    hidden: bool = False
    facts: tuple[type, ...] = ()

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome | Awaitable[Outcome]:
        """See L{ICommand.run}. A plain C{def} or an C{async def}."""
        raise NotImplementedError(f"{type(self).__name__} has no run")


def meant(caller: ICaller, arguments: Mapping[str, str]) -> str:
    """The name of the room that a command is about, for sentences and facts; C{""} if there is none."""
    typed = arguments.get("room")
    return fold(typed.strip().lstrip("#")) if typed else caller.room or ""


def person(arguments: Mapping[str, str], name: str = "nick") -> str:
    """A nickname as an argument, without the C{@} that people put before it, or the C{:} or C{,} behind it."""
    return arguments[name].removeprefix("@").rstrip(":,")


def shown(text: str) -> str:
    """As much as a refusal says back of a word that somebody typed, in quotes."""
    return repr(text if len(text) <= LONGEST_WORD else f"{text[:LONGEST_WORD]}...")


def words(arguments: Mapping[str, str], name: str) -> list[str]:
    """
    The words of an argument whose parameter is C{many}: a person may have put each in quotes, and a program sends a
    list. None, if it was not given.
    """
    return quoting.words(arguments.get(name, ""))


def number(arguments: Mapping[str, str], name: str) -> int | None:
    """
    A whole number from 0 up, or C{None} where it was not given.

    @raise BadArguments: it is something else.
    """
    text = arguments.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadArguments(f"{name} must be a whole number, not {shown(text)}.")
    return int(text)


def is_off(word: str | None) -> bool:
    """Whether somebody wants what a command does not to be: C{off}, C{no}, C{none}."""
    return word is not None and word[:LONGEST_WORD].strip().casefold() in _OFF


def flag(arguments: Mapping[str, str], name: str, default: bool) -> bool:
    """
    C{on}, C{yes} or C{true}, or their opposites.

    @raise BadArguments: it is something else.
    """
    text = arguments.get(name)
    if text is None:
        return default
    try:
        return _FLAGS[text[:LONGEST_WORD].casefold()]
    except KeyError:
        raise BadArguments(f"{name} must be yes or no, not {shown(text)}.") from None
