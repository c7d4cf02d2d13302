"""
What the server and its doors promise each other: forms and ears, and the server that talks to them.

It knows events and commands, and no bytes' meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zope.interface import Attribute, Interface

from chatroom.events import Event, Role
from chatroom.interfaces.plugin_services import PageAnswer, PageRequest
from chatroom.interfaces.plugin_store import IPluginStore
from chatroom.interfaces.session import ISession
from chatroom.interfaces.values import Person
from chatroom.states import CallerSnapshot


class IForm(Interface):
    """How a kind of door writes events. One object for all ears that read the same bytes."""

    echoes = Attribute(
        "Whether its readers also receive the events of what they have changed in a room themselves: a L{bool}. They "
        "never receive their own talk, joins and leaves, because the answer says everything about these."
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
        Whether a person who leaves the server, takes another nickname or logs in is reported to it once, by L{tell}
        with a L{chatroom.events.Departed} or L{chatroom.events.Became}, and not in each room: a L{bool} that never
        changes.
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
        """Write something to this connection alone. It need not be sent before C{flush}."""

    def flush() -> None:
        """
        Send everything from C{hear} and C{tell} in one write. The hub calls this once at the end of a turn, for each
        ear that it called in that turn. It does not call it for an ear whose whisper is about to be confirmed: the door
        flushes that one, with the answer.
        """

    def flush_soon() -> None:
        """
        As C{flush}, when this turn of the reactor is over. For code that writes to one ear at any time, and does not
        know what else is written to it in this turn.
        """

    def charge(units: float, shared: bool = True) -> None:
        """
        Add the cost of a command that costs more than its line, such as a password check: the server reads from the
        connection later for it.

        @param units: of work: see L{chatroom.doors.budget}. @param shared: its address pays as well.
        """

    def named(nick: str | None) -> None:
        """The connection's nickname is now this; C{None}: it has none any more."""

    def entered(room: str) -> None:
        """
        The person has joined this room, and this connection hears the room from now on. The person joined by this
        connection or another, or was there before it.
        """

    def went(room: str) -> None:
        """This connection no longer hears this room, and has heard the last of it. Anyone may have caused that."""

    def hang_up(sentence: str) -> None:
        """
        Say this as the last thing, behind the answer to the command under way, then close. C{caller.gone} follows as
        after any loss.
        """


class IServer(Interface):
    """What a door needs to connect people. Provided by the hub."""

    limits = Attribute("L{chatroom.limits.Limits}.")
    name = Attribute("The name of the server in the greeting: L{str}.")
    lobby = Attribute("The room that everyone joins first: L{str}.")
    motd = Attribute("The lines of the welcome text, clean: a tuple of L{str}, empty where there is none.")

    def people_there() -> int:
        """How many people are online now, on all nodes: each counts once, however many connections they have."""

    def person_now(nick: str) -> Person | None:
        """See L{chatroom.interfaces.ICaller.person_now}: anybody may know who is online."""

    def role(room: str, nick: str) -> Role:
        """What the person who has this nickname now is in a room. L{Role.NOBODY}: they are not in it."""

    def watch_names(watch: Callable[[str, bool], None]) -> Callable[[], None]:
        """
        Call C{watch} for every nickname that comes on line or goes, on this node or another, once for all connections
        of one person. When a person takes another nickname, the old one goes and the new one comes; a change of letter
        case is no news.

        @param watch: called with the nickname as it is shown and whether somebody has it now. It may not raise.
        @return: call it to stop watching; to call it again does no harm.
        """

    def store(name: str) -> IPluginStore:
        """
        What a door keeps, as a plugin does; no plugin has the same store.

        @param name: of the door.
        """

    def watch_people(watch: Callable[[Event], None]) -> Callable[[], None]:
        """
        Call C{watch} with each L{chatroom.events.AwaySet}, and with each L{chatroom.events.Became} by which somebody
        is logged in.

        @param watch: it may not raise. @return: as of L{watch_names}.
        """

    async def plugin_page(name: str, request: PageRequest) -> PageAnswer | None:
        """What the service of this name answers a browser; C{None}: there is no such page. It never raises."""

    def shut_out(address: str) -> str | None:
        """
        What to say to a peer that connects from this address, before hanging up, because its network is banned.
        C{None}: it is not banned.
        """

    def enter(ear: IEar, address: str, door: str, page_lines: int | None = None, certificate: str = "") -> ISession:
        """
        A new connection.

        @param address: a textual IP address, or C{""} where there is none.
        @param door: a word for logs: C{line}, C{json}, C{irc}, C{websocket}.
        @param page_lines: lines in one page of what is read through this door, 1 or more; C{None}: the limit
            C{page_lines}. No page holds more bytes than the limit C{page_bytes} in any case.
        @param certificate: see L{chatroom.interfaces.IIdentity.certificate}.
        """

    def enter_again(ear: IEar, address: str, state: CallerSnapshot, page_lines: int | None = None) -> ISession:
        """
        A connection that another process of this node had. No event is sent, and the ear's C{named} is not called: its
        nickname is the caller's.

        @param page_lines: see L{enter}.
        """


class IListener(Interface):
    """What a backend reports to the hub of its node. No method may raise."""

    def heard(events: Sequence[Event]) -> None:
        """
        Events that are kept and in order, from this node and others: each event once, in one order per room and
        per sending node. Those of this node are the very objects that were given to C{keep}.
        """

    def has_readers() -> bool:
        """
        Whether what is heard is passed on to anyone here now: a connection, or an operator or service that follows. If
        not, the backend may report events of other nodes up to 0.05 seconds late, until C{IBackend.hasten}.
        """

    def lost(node: str) -> None:
        """
        Another node's lease ran out. One of the nodes alive learns of it, says goodbye for that node's people, and then
        lets go of their nicknames by C{IBackend.release_lost}. Until then nobody else can have them. If this node stops
        or is lost before that has ended, another one learns of it.
        """

    def evicted(sentence: str) -> None:
        """
        The other nodes have taken this one for lost and say goodbye for its people, or another process goes on as this
        node. Nothing can be kept through it any more. Called once.

        @param sentence: what to say to the people who are connected here.
        """
