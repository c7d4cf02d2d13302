"""
What a room is set to: its topic, its password, who may join it, who may talk in it, and how often.

It knows rooms and roles. The caller has checked the role that a setting needs.
"""

from __future__ import annotations

from chatroom.core import permissions
from chatroom.core.cleaning import FEW, clean
from chatroom.core.directory import Directory
from chatroom.core.presence import Presence
from chatroom.core.rooms import Room
from chatroom.core.rules import Rules
from chatroom.core.talk import TalkRules
from chatroom.errors import LimitReached, NotAllowed, NotFound, Unlawful, counted
from chatroom.events import (
    MEMBERS,
    CapacitySet,
    InviteOnlySet,
    Locked,
    ModeratedSet,
    PasswordSet,
    Role,
    RoomEvent,
    SlowSet,
    TopicRuleSet,
    TopicSet,
    UnlistedSet,
    Unlocked,
)

MOST_PEOPLE = 999_999
"""The highest limit of people that a room may have. It is a number to compare with, and makes no work."""


class RoomSettingRules(Rules):
    """What a room may be set to."""

    __slots__ = ("_lobby", "_talk")

    def __init__(self, directory: Directory, talk: TalkRules, lobby: str) -> None:
        super().__init__(directory.state, directory.limits)
        self._talk = talk
        self._lobby = lobby

    def set_topic(self, at: float, who: Presence, room: Room, text: str) -> RoomEvent:
        """@raise Muted: @raise NotAllowed: @raise Unlawful: @raise TooSoon:"""
        permissions.check_may_talk(room, who, at)
        if not self.members_set_topic(room) and permissions.power(room, who) < Role.OPERATOR:
            whose = "its operators" if room.name != self._lobby else "the staff of this server"
            raise NotAllowed(f"Only {whose} can set the topic of {room.name}.")
        if len(text) <= FEW * self.limits.topic_length:
            text = clean(text).strip()
        if len(text) > self.limits.topic_length:
            most = self.limits.topic_length
            raise Unlawful(f"That topic has {len(text)} characters; the limit is {most:,}.", most=most)
        self._talk.keep_pace(room, who, at, text, "Set the topic")
        return TopicSet(at, room.name, who.nick, text=text)

    def members_set_topic(self, room: Room) -> bool:
        """Whether every member may set the topic: as the room has chosen, or else where nobody is in charge."""
        if room.topic_by:
            return room.topic_by == MEMBERS
        return room.name != self._lobby and not room.governed()

    def set_topic_by(self, at: float, who: Presence, room: Room, by: str) -> RoomEvent:
        """
        @param by: L{MEMBERS} or L{chatroom.events.OPERATORS}.
        """
        return TopicRuleSet(at, room.name, who.nick, by=by)

    def set_password(self, at: float, who: Presence, room: Room, hash: str) -> RoomEvent:
        """@param hash: of the password; C{""} lifts it."""
        return PasswordSet(at, room.name, who.nick, hash=hash, on=bool(hash))

    def set_invite_only(self, at: float, who: Presence, room: Room, on: bool) -> RoomEvent:
        """Only invited people can join, or everyone can."""
        return InviteOnlySet(at, room.name, who.nick, on=on)

    def set_slow(self, at: float, who: Presence, room: Room, seconds: int) -> RoomEvent:
        """@raise LimitReached: that is longer than people may be asked to wait."""
        if seconds > self.limits.slow_seconds:
            most = self.limits.slow_seconds
            raise LimitReached(f"Slow mode can be at most {counted(most, 'second')}.", most=most)
        return SlowSet(at, room.name, who.nick, seconds=seconds)

    def set_moderated(self, at: float, who: Presence, room: Room, on: bool) -> RoomEvent:
        """Only people with voice and those in charge may talk, or everyone in the room."""
        return ModeratedSet(at, room.name, who.nick, on=on)

    def set_unlisted(self, at: float, who: Presence, room: Room, on: bool) -> RoomEvent:
        """The room is not on the list of rooms, or it is."""
        return UnlistedSet(at, room.name, who.nick, on=on)

    def set_capacity(self, at: float, who: Presence, room: Room, people: int) -> RoomEvent:
        """
        Limit how many people may join; 0: any number. Nobody has to leave the room for it.

        @raise Unlawful: it is no number of people.
        """
        if not 0 <= people <= MOST_PEOPLE:
            raise Unlawful(f"The limit of people must be between 1 and {MOST_PEOPLE:,}, or off.", most=MOST_PEOPLE)
        return CapacitySet(at, room.name, who.nick, people=people)

    def lock(self, at: float, who: Presence, room: Room, until: float, reason: str) -> RoomEvent:
        """@param until: when it opens again, in seconds since 1970."""
        return Locked(at, room.name, who.nick, until=until, reason=self.reason(reason))

    def unlock(self, at: float, who: Presence, room: Room) -> RoomEvent:
        """@raise NotFound:"""
        if not permissions.in_force(room.lock, at):
            raise NotFound(f"{room.name} is not locked.")
        return Unlocked(at, room.name, who.nick)
