"""
What a command may ask of the server, for one connection.

It is made of small interfaces, one for each family of wishes; C{chatroom/server/session/} fulfils it in the same
families. Doors have L{ISession<chatroom.interfaces.ISession>}, which is this and a little more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence

from chatroom.events import Event
from chatroom.interfaces.contract import Contract
from chatroom.interfaces.identity import IIdentity
from chatroom.interfaces.moderation import IModeration
from chatroom.interfaces.plugins import ICommand
from chatroom.interfaces.reading import IReading
from chatroom.interfaces.rooms import IRooms
from chatroom.interfaces.talk import ITalk
from chatroom.interfaces.values import Outcome


class ICaller(ITalk, IRooms, IReading, IModeration, IIdentity, Contract):
    """
    One connection, as the server knows it: all that a command may ask of the server.

    Every method that changes something returns when the change is durable and delivered. Every one raises
    L{chatroom.errors.Refused} or one of its children; C{NotKept} can come from all that change something. A C{room} of
    C{None} is the current room. To name another room, the person has to be in it, or be its operator.

    A method is for the same people as the command that asks for it: it raises C{NotRegistered}, C{NeedsAccount},
    C{NotInRoom} or C{NotAllowed} for all others, so a door may call it without a command. A person's role on the server
    counts as it was read last; L{do} reads it anew first.
    """

    @property
    def motd(self) -> tuple[str, ...]:
        """The lines of the server's welcome text: a tuple of C{str}, empty where there is none."""

    @property
    def address(self) -> str:
        """The IP address of the connection, which only its owner and moderators can see: C{str}."""

    def now(self) -> float:
        """Seconds since 1970 in UTC."""

    def tell(self, *parts: str | Event) -> None:
        """Write something to this connection alone, outside an answer."""

    def do(self, word: str, arguments: str | Mapping[str, str]) -> Outcome | Awaitable[Outcome]:
        """
        Run a command, as if this connection had asked for it, guards and all.

        @param arguments: what a person typed behind the word, or what a program sent by name.
        @raise UnknownCommand: @raise BadArguments: @raise NotRegistered: @raise NotAllowed: and what the
            command itself raises.
        """

    def commands(self) -> Sequence[ICommand]:
        """Every command this caller could use, sorted by family and name; hidden ones left out."""

    def command(self, word: str) -> ICommand:
        """
        The command of this word or alias.

        @raise UnknownCommand: there is none.
        """

    def quit(self, reason: str) -> None:
        """Ask the door to disconnect, after all answers are written. The person's rooms read C{reason}."""
