"""
What plugins promise: commands, and filters of what is about to be said.

It knows events and the values that cross the seams.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zope.interface import Attribute, Interface

from chatroom.events import Role
from chatroom.interfaces.values import Outcome

if TYPE_CHECKING:
    from chatroom.interfaces.caller import ICaller


class ICommand(Interface):
    """
    One word a person may type. Providers also provide L{twisted.plugin.IPlugin}, are found by
    L{chatroom.plugins.find} and keep no state: one object serves everybody.
    """

    name = Attribute("The word, in lower case, without the slash: L{str}.")
    aliases = Attribute("Other words for it: a tuple of L{str}.")
    family = Attribute("Under which heading /help lists it: L{str}.")
    summary = Attribute("What it does, in one line, for /help: L{str}.")
    details = Attribute("More, for /help WORD: L{str}, perhaps empty.")
    parameters = Attribute("Its arguments: a tuple of L{Parameter}.")
    standing = Attribute("The least L{Standing} that may use it; C{ICaller.do} checks it, never the command.")
    role = Attribute(
        "The least L{Role} in the room meant (the argument C{room}, else the room looked at); C{ICaller.do} checks "
        "it, and so does each wish of the caller, never the command. C{Role.NOBODY}: it is not about a room."
    )
    staff = Attribute(
        "The least L{ServerRole} that may use it; C{ICaller.do} checks it, never the command, and reads it from the "
        "account anew at each use. C{ServerRole.NONE}: anybody."
    )
    hidden = Attribute("Whether /help leaves it out, as a word for programs: L{bool}.")

    def run(caller: ICaller, arguments: Mapping[str, str]) -> Outcome | Awaitable[Outcome]:
        """
        Do it. C{ICaller.do} calls it, in the reactor thread.

        @param arguments: the C{parameters} by name. Those that were not given are not in it.
        @raise Refused: shown to the caller as it stands.
        """


def usage(command: ICommand) -> str:
    """How a person types it: C{/kick NICK [REASON ...]}."""
    return " ".join(["/" + command.name, *(p.shown for p in command.parameters if not p.by_name)])


@dataclass(frozen=True, slots=True)
class Utterance:
    """
    What is about to be said in a room, as a filter sees it.

    @ivar account: whether C{nick} is logged in.
    @ivar role: what they may do in the room; staff of the server counts as its operators.
    @ivar text: clean, not blank, one or more lines parted by C{"\\n"}.
    @ivar act: it is C{/me}: nick does text.
    """

    room: str
    nick: str
    account: bool
    role: Role
    text: str
    act: bool = False


class ITalkFilter(Interface):
    """
    Looks at every line before it is said. It keeps nothing that a line depends on, so that the same line is treated the
    same every time, and sees no whispers.
    """

    def look(line: Utterance) -> str:
        """
        Called in the reactor thread for each line, so it does not wait for anything and is done in less than a
        millisecond. Any other exception than those below is logged, and lets the line pass.

        @return: what is said: the text as it is, or another, which is then cleaned and cut like any text, and shown to
            its author. Nothing is left where that is blank: then it is refused.
        @raise Refused: it is not said; the sentence is shown to its author as it stands. Use
            L{chatroom.errors.Filtered} where no other fits.
        """

    def reload() -> None:
        """
        Read again what is read from files. Called at each SIGHUP.

        @raise ValueError: that cannot be; a sentence without its end. The filter goes on as it was.
        """


class IFilterFactory(Interface):
    """
    Makes filters of one kind. Providers also provide L{twisted.plugin.IPlugin} and are found by
    L{chatroom.plugins.filters.find_filters}; an operator asks for one with C{--filter NAME:ARGUMENT}.
    """

    name = Attribute("What stands before the colon: L{str}, without one.")

    def make(argument: str) -> ITalkFilter:
        """
        A filter. Called before the daemon goes into the background, so relative paths are to be made absolute here.

        @param argument: what stands behind the colon, perhaps empty.
        @raise ValueError: it cannot be made; a sentence without its end.
        """
