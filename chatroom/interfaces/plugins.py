"""
What plugins promise: commands, and filters of what is about to be said.

It knows events and the values that cross the seams.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatroom.events import Role, ServerRole
from chatroom.interfaces.contract import Contract
from chatroom.interfaces.values import Outcome, Parameter, Standing

if TYPE_CHECKING:
    from chatroom.interfaces.caller import ICaller


FIRST_PLUGIN_API = 1
"""The C{plugin_api} of a plugin whose file says none."""

PLUGIN_API = 1
"""
The number of the interface that this server offers to plugins. It is raised where something public is taken away or
means something else, and at no other time. C{docs/api.rst} names what is public.
"""


class ICommand(Contract):
    """
    One word a person may type. Providers also provide C{twisted.plugin.IPlugin}, are found by
    L{chatroom.plugins.find} and keep no state: one object serves everybody.
    """

    @property
    def name(self) -> str:
        """The word, in lower case, without the slash: C{str}."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other words for it: a tuple of C{str}."""

    @property
    def family(self) -> str:
        """Under which heading /help lists it: C{str}."""

    @property
    def summary(self) -> str:
        """What it does, in one line, for /help: C{str}."""

    @property
    def details(self) -> str:
        """More, for /help WORD: C{str}, perhaps empty."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its arguments: a tuple of L{Parameter}."""

    @property
    def standing(self) -> Standing:
        """The least L{Standing} that may use it; C{ICaller.do} checks it, never the command."""

    @property
    def role(self) -> Role:
        """
        The least L{Role} needed in the room (the argument C{room}, else the current room); C{ICaller.do}
        checks it, and so does each wish of the caller, never the command. C{Role.NOBODY}: it is not about a
        room.
        """

    @property
    def staff(self) -> ServerRole:
        """
        The least L{ServerRole} that may use it; C{ICaller.do} checks it, never the command, and reads it from
        the account anew at each use. C{ServerRole.NONE}: anybody.
        """

    @property
    def hidden(self) -> bool:
        """Whether /help leaves it out, as a word for programs: C{bool}."""

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Outcome | Awaitable[Outcome]:
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


class ITalkFilter(Contract):
    """
    Checks every line before it is sent. It keeps nothing that a line depends on, so that the same line is treated the
    same every time, and sees no whispers.
    """

    def look(self, line: Utterance) -> str:
        """
        Called in the reactor thread for each line, so it does not wait for anything and is done in less than a
        millisecond. Any other exception than those below is logged, and lets the line pass.

        @return: what is said: the text as it is, or another, which is then cleaned and cut like any text, and shown to
            its author. Nothing is left where that is blank: then it is refused.
        @raise Refused: it is not said; the sentence is shown to its author as it stands. Use
            L{chatroom.errors.Filtered} where no other fits.
        """

    def reload(self) -> None:
        """
        Read again what is read from files. Called at each SIGHUP.

        @raise ValueError: that cannot be; a sentence without its end. The filter goes on as it was.
        """


class IFilterFactory(Contract):
    """
    Makes filters of one kind. Providers also provide C{twisted.plugin.IPlugin} and are found by
    L{chatroom.plugins.filters.find_filters}; an operator asks for one with C{--filter NAME:ARGUMENT}.
    """

    @property
    def name(self) -> str:
        """What stands before the colon: C{str}, without one."""

    def make(self, argument: str) -> ITalkFilter:
        """
        A filter. Called before the daemon goes into the background, so relative paths are to be made absolute here.

        @param argument: what stands behind the colon, perhaps empty.
        @raise ValueError: it cannot be made; a sentence without its end.
        """
