"""
Talk: what may be said, and when. In a room in slow mode, everything that somebody chose to have read there counts.

It knows rooms, mutes and slow mode. Mutes of the whole server need an address, and are in
L{chatroom.core.server_moderation}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chatroom.core import permissions
from chatroom.core.cleaning import check_nonce, clean_lines, is_blank, is_plain, message
from chatroom.core.directory import Directory
from chatroom.core.pace import Reservations
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.core.rules import Rules
from chatroom.errors import Filtered, NoSuchPerson, Refused, Unlawful
from chatroom.events import SERVER, Acted, AutoSaid, AwaySet, Event, OperatorsTold, RoomEvent, Said

Filter = Callable[[Room, Presence, str, bool], str]
"""Who is about to say what where, and whether it is C{/me}; gives what is said instead, or raises L{Refused}."""


class TalkRules(Rules):
    """
    May somebody say this, here and now?

    @ivar filter: looks at what is about to be said; C{None} where nobody does.
    @ivar reserved: what counts in slow mode although it is not kept yet.
    """

    __slots__ = ("_directory", "filter", "reserved")

    def __init__(self, directory: Directory, filter: Filter | None, reserved: Reservations) -> None:
        super().__init__(directory.state, directory.limits)
        self._directory = directory
        self.filter = filter
        self.reserved = reserved

    def say(
        self, at: float, who: Presence, name: str, text: str, act: bool, auto: bool = False, nonce: str = ""
    ) -> RoomEvent:
        """@raise Unlawful: @raise NotInRoom: @raise Muted: @raise RoomModerated: @raise TooSoon: @raise Filtered:"""
        room = who.rooms.get(name) or self._directory.room_of(who, name)
        if room.moderated or room.mutes.entries:
            permissions.check_may_talk(room, who, at)
        if not is_plain(text, self.limits.text_length):
            text = self.text(text)
        if self.filter is not None:
            text = self._filtered(self.filter(room, who, text, act))
        if room.pace is not None:
            self.keep_pace(room, who, at, text)
        kind = Acted if act else AutoSaid if auto else Said
        return kind(at, room.name, who.nick, 0, text, nonce and check_nonce(nonce, self.limits.nonce_length), who.bot)

    def to_operators(
        self, at: float, who: Presence, name: str, text: str, auto: bool = False
    ) -> tuple[OperatorsTold, int]:
        """
        For the operators of a room alone. Who may not talk there may not do this either.

        @return: and how many read it.
        @raise Unlawful: @raise NotInRoom: @raise Muted: @raise RoomModerated: @raise TooSoon: @raise Filtered:
        @raise NoSuchPerson: no other operator is there.
        """
        room = self.check_may_talk(at, who, name)
        if not is_plain(text, self.limits.text_length):
            text = self.text(text)
        if self.filter is not None:
            text = self._filtered(self.filter(room, who, text, False))
        operators = room.operators()
        others = sum(key != who.key for key in operators)
        if not others and operators:
            raise NoSuchPerson(f"You are the only operator in {room.name} at the moment.")
        if not others:
            name = room.name
            raise NoSuchPerson(f"No operator of {name} is in the room. /report {name} REASON reaches the staff.")
        return OperatorsTold(at, SERVER, who.nick, room.name, text, who.bot, auto), others

    def check_may_talk(self, at: float, who: Presence, name: str) -> Room:
        """@raise NotInRoom: @raise Muted: @raise TooSoon:"""
        room = who.rooms.get(name) or self._directory.room_of(who, name)
        permissions.check_may_talk(room, who, at)
        self.check_pace(room, who, at)
        return room

    def text(self, text: str) -> str:
        """
        Text that may be said.

        @raise Unlawful: it is too long, or there is nothing in it.
        """
        text = message(text, self.limits.text_length, self.limits.message_lines)
        if is_blank(text):
            raise Unlawful("Nothing in that line can be displayed.")
        return text

    def _filtered(self, text: str) -> str:
        """What a filter has left of a text is held to the same rules."""
        text = clean_lines(text, self.limits.message_lines)
        if is_blank(text):
            raise Filtered("Your message was blocked by a filter.")
        return text[: self.limits.text_length]

    # Slow mode.

    def check_pace(self, room: Room, who: Presence, at: float, again: str = "Try again") -> None:
        """
        Whether a room in slow mode may read something of somebody's.

        @param again: what to do later, as the beginning of a sentence.
        @raise TooSoon: with how long to wait.
        """
        permissions.check_pace(room, who, at, again, self.reserved)

    def keep_pace(self, room: Room, who: Presence, at: float, text: str, again: str = "Try again") -> None:
        """
        The same for what is decided now: until it is kept, it counts as said.

        @param text: clean. One line is what slow mode lets people say.
        @raise TooSoon: with how long to wait. @raise Unlawful: it has more lines than one.
        """
        if room.pace is None or permissions.is_in_charge(room, who):
            return
        permissions.check_is_one_line(room, text)
        self.check_pace(room, who, at, again)
        self.reserve(room, who, at)

    def reserve(self, room: Room, who: Presence, at: float) -> None:
        """Something that the room may read is decided, and on its way to be kept."""
        if room.pace is not None:
            self.reserved.reserve(room.name, who.pace_key, at)

    def own_words(self, at: float, who: Presence, text: str, rooms: Iterable[Room]) -> str:
        """
        What somebody says by the way, for these rooms to read; nothing, where they may not talk in one of them, or it
        is in slow mode and it is too soon.
        """
        try:
            for room in rooms:
                permissions.check_may_talk(room, who, at)
                self.check_pace(room, who, at)
        except Refused:
            return ""
        return text

    def paces(self, who: Presence, at: float) -> dict[str, float]:
        """When somebody said something last, by rooms in slow mode in which they still have to wait for it."""
        rooms = self.state.paced.values()
        waits = {room: room.pace.wait(who.pace_key, at) for room in rooms if room.pace is not None}
        return {room.name: at + wait - room.slow for room, wait in waits.items() if 0 < wait <= room.slow}

    # Being away.

    def set_away(self, at: float, who: Presence, text: str) -> Event:
        """They are away, and say so; or, with no text, are back."""
        return AwaySet(at, SERVER, who.nick, text=self.reason(text))

    def rooms_reading(self, who: Presence, at: float) -> list[Room]:
        """The rooms of somebody that read what they say by the way now: they may talk there, and it is not too soon."""
        return permissions.rooms_reading(who, at, self.reserved)
