"""
What the server and its doors promise each other: forms and ears, and the server that talks to them.

It knows events and commands, and no bytes' meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zope.interface import Attribute, Interface

from chatroom.events import Event
from chatroom.interfaces.session import ISession
from chatroom.states import CallerSnapshot


class IForm(Interface):
    """How a kind of door writes events. One object for all ears that read the same bytes."""

    echoes = Attribute(
        "Whether its readers are told of what they have changed in a room themselves: a L{bool}. Nobody is told of "
        "their own talk, coming or going, of which the answer says it all."
    )

    def render(events: Sequence[Event], reader: str = "") -> list[bytes]:
        """
        Each event as the bytes to be written, line ends included; C{b""} where it is not shown.

        @param reader: the nickname of the only person who reads them. What happened to that person may be written in
            the second person.
        """


class IEar(Interface):
    """
    A connection's hearing: the hub tells it what happens. Nothing here may raise or block.
    """

    once = Attribute(
        """
        Whether who leaves the server or takes another nickname is told to it once, by L{tell} of a
        L{chatroom.events.Departed} or L{chatroom.events.Became}, and not in each room: a L{bool} that never changes.
        Its forms then write L{chatroom.events.Renamed}, and L{chatroom.events.Left} that is C{gone}, as nothing.
        """
    )

    def form(room: str) -> IForm:
        """How events of this room are written to this ear now."""

    def hear(room: str, first: int, last: int, data: bytes) -> None:
        """
        A run of a room's events, numbered C{first} to C{last} (some may be left out), written in C{form(room)}. It
        need not be sent before C{flush}.
        """

    def tell(parts: Sequence[str | Event]) -> None:
        """Something for this connection alone. As what is heard, it need not be sent before C{flush}."""

    def flush() -> None:
        """
        Send what was heard and told, in one write. The hub calls this once at the end of a turn for each ear that it
        made hear or told anything; but not for one whose whisper is about to be confirmed, which is then flushed by
        the door, with the answer.
        """

    def flush_soon() -> None:
        """
        As C{flush}, when this turn of the reactor is over. For whoever tells one ear something at any time, and does
        not know what else it is told in this turn.
        """

    def charge(units: float, shared: bool = True) -> None:
        """
        Something that was asked for here costs more than the line that asked for it, such as a password check: the
        connection is listened to later for it.

        @param units: of work: see L{chatroom.doors.budget}. @param shared: its address pays as well.
        """

    def named(nick: str | None) -> None:
        """The connection's nickname is now this; C{None}: it has none any more."""

    def entered(room: str) -> None:
        """
        The connection's person is in this room, and it hears the room from now on: by a wish of its own, by one of
        another connection of theirs, or because they were there before it.
        """

    def went(room: str) -> None:
        """It hears this room no more, whoever wished it: the last of the room has been heard."""

    def hang_up(sentence: str) -> None:
        """
        Say this as the last thing, behind the answer to the command under way, then close. C{caller.gone} follows as
        after any loss.
        """


class IServer(Interface):
    """What a door needs to bring people in. Provided by the hub."""

    limits = Attribute("L{chatroom.limits.Limits}.")
    name = Attribute("What the greeting calls this place: L{str}.")
    lobby = Attribute("The room everybody enters first: L{str}.")
    motd = Attribute("The lines of the welcome text, clean: a tuple of L{str}, empty where there is none.")

    def people_there() -> int:
        """How many people are there now, on all nodes: each counts once, however many connections they have."""

    def watch_names(watch: Callable[[str, bool], None]) -> Callable[[], None]:
        """
        Be told of every nickname that comes on line or goes, on this node or another, once however many connections
        have it. Who takes another nickname goes by the old one and comes by the new one; other letter case is no news.

        @param watch: called with the nickname as it is shown and whether somebody has it now. It may not raise.
        @return: call it to be told no more; once more does no harm.
        """

    def shut_out(address: str) -> str | None:
        """
        What to say to somebody who connects from there, before hanging up: the network is banned. C{None}: nothing.
        """

    def enter(ear: IEar, address: str, door: str, page_lines: int | None = None) -> ISession:
        """
        A new connection.

        @param address: a textual IP address, or C{""} where there is none.
        @param door: a word for logs: C{line}, C{json}, C{websocket}.
        @param page_lines: lines in one page of what is read through this door, 1 or more; C{None}: the limit
            C{page_lines}. No page holds more bytes than the limit C{page_bytes} in any case.
        """

    def enter_again(ear: IEar, address: str, state: CallerSnapshot, page_lines: int | None = None) -> ISession:
        """
        A connection that another process of this node had. Nobody is told; the ear is not told its nickname, either,
        which is the caller's.

        @param page_lines: see L{enter}.
        """


class IListener(Interface):
    """What a backend tells the hub of its node. Neither method may raise."""

    def heard(events: Sequence[Event]) -> None:
        """
        Events that are kept and in order, from this node and others: each event once, in one order per room and
        per sending node. Those of this node are the very objects that were given to C{keep}.
        """

    def lost(node: str) -> None:
        """
        Another node's lease ran out. Told to one of the nodes alive, which says goodbye for its people.
        """
