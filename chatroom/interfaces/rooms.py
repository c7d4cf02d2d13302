"""
Rooms, as those who are in them have them, and the people there.

It is a part of L{ICaller<chatroom.interfaces.ICaller>}, which says what holds for all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from chatroom.events import Role
from chatroom.interfaces.contract import Contract
from chatroom.interfaces.values import AccountInfo, Person, RoomSummary, RoomView


class IRooms(Contract):
    """Which rooms there are, who is where, and how one joins and leaves."""

    @property
    def room(self) -> str | None:
        """The current room: C{str} or C{None}."""

    @property
    def lobby(self) -> str:
        """The name of the room that everybody joins first: C{str}."""

    @property
    def rooms(self) -> tuple[str, ...]:
        """Names of the rooms this person is in: a tuple of C{str}, in order of joining."""

    def look(self, room: str) -> None:
        """
        Switch to another of the rooms that this person is in.

        @raise NotInRoom:
        """

    def view(self, room: str | None = None) -> RoomView:
        """
        The room as it is now, with no C{recent}.

        @raise NotInRoom:
        """

    def rooms_open(self) -> Sequence[RoomSummary]:
        """
        Every room that is not invite-only, and the rooms this person is in, most people first.

        What is read of it is made while it is read: a server may have very many rooms. So it holds in the turn of the
        reactor in which it was asked for; who reads it later makes a list of it first.
        """

    async def rooms_matching(
        self, word: str, most: int, wanted: Callable[[RoomSummary], bool] | None = None
    ) -> tuple[Sequence[RoomSummary], int]:
        """
        Those of L{rooms_open} with this in their name or topic, in any letter case, looked for in pieces.

        @param wanted: says of each of these whether it is one of them; C{None}: all are.

        @param most: so many of them are returned, the first ones.
        @return: and how many there are.
        """

    async def create(self, room: str, keep: bool = False) -> RoomView:
        """
        Create a room, become its owner and switch to it.

        @param keep: it stays without members; for accounts.
        @raise Unlawful: @raise RoomExists: @raise NeedsAccount: @raise LimitReached:
        """

    async def join(self, room: str, password: str = "") -> RoomView:
        """
        Join a room and switch to it. To join again does no harm.

        @raise NoSuchRoom: @raise RoomClosedToYou: @raise RoomWantsPassword: @raise WrongPassword:
        @raise RoomLocked: @raise Banned: @raise LimitReached: @raise Throttled:
        """

    async def leave(self, room: str | None = None, reason: str = "") -> str:
        """
        Leave a room; returns its name. The caller's next room becomes the current room.

        @raise NotInRoom:
        """

    async def set_topic(self, text: str, room: str | None = None) -> None:
        """
        @raise Muted: @raise TooSoon:
        @raise NotAllowed: only operators can set it, or in the lobby only staff, and this person is neither.
        """

    def people(self, room: str | None = None) -> Sequence[Person]:
        """
        The people in the current room or in the room given; with C{"*"}, on the server. They are in the order of their
        nicknames in lower case, and made while they are read, as those of L{rooms_open}.

        @raise NotInRoom:
        """

    def people_after(self, nick: str, room: str | None = None) -> Iterator[Person]:
        """
        Those of L{people} whose nicknames come after this one, which need not be anybody's.

        @raise NotInRoom:
        """

    def person_now(self, nick: str) -> Person | None:
        """
        The person who has this nickname now, in any letter case, without waiting for a disk; C{None}: nobody online has
        it. The role is L{Role.NOBODY}, as no room is meant.
        """

    def rooms_with(self, nick: str) -> Sequence[tuple[str, Role]]:
        """
        The names of the rooms that this person is in together with another, and the other's role in each. Of oneself,
        all of one's rooms.
        """

    def invitations(self) -> Sequence[str]:
        """The names of the rooms to which this person is invited and has not gone yet, by name."""

    async def person(self, nick: str) -> tuple[Person | None, AccountInfo | None]:
        """
        What is known of a person: online or not, with an account or not.

        @raise NoSuchPerson: neither.
        """
