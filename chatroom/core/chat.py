"""
All the rules together: one L{State}, and the families of rules that read it, side by side.

A family's methods decide: what is wished becomes the events that would fulfil it, or a refusal. Nothing has happened
yet; see L{chatroom.core.rules}. It knows no clock (the time is an argument), no connection and no backend.
"""

from __future__ import annotations

from chatroom.core.directory import Directory
from chatroom.core.membership import MembershipRules
from chatroom.core.pace import Reservations
from chatroom.core.room_moderation import RoomModerationRules
from chatroom.core.room_settings import RoomSettingRules
from chatroom.core.server_moderation import StaffRules
from chatroom.core.state import State
from chatroom.core.talk import Filter, TalkRules
from chatroom.core.visits import VisitRules
from chatroom.limits import Limits


class Chat:
    """
    @ivar state: what is true. L{State.apply} alone changes it.
    @ivar reserved: what was decided in rooms in slow mode and is not kept yet.
    @ivar directory: finds rooms and people.
    @ivar talk: what may be said. @ivar membership: who may join which room.
    @ivar visits: how people depart and are renamed.
    @ivar settings: what a room may be set to. @ivar moderation: roles, kicks, bans and mutes in a room.
    @ivar staff: what staff may do on the whole server.
    """

    __slots__ = (
        "directory", "limits", "membership", "reserved", "moderation", "settings", "staff", "state",
        "talk", "visits",
    )  # fmt: skip

    def __init__(self, limits: Limits, filter: Filter | None = None, lobby: str = "") -> None:
        """
        @param filter: looks at what is about to be said. @param lobby: the room that everybody joins first, or C{""}.
        """
        self.limits = limits
        self.state = State()
        self.reserved = Reservations()
        self.directory = Directory(self.state, limits)
        self.talk = TalkRules(self.directory, filter, self.reserved)
        self.membership = MembershipRules(self.directory, self.talk, lobby)
        self.visits = VisitRules(self.directory, self.talk, self.membership)
        self.settings = RoomSettingRules(self.directory, self.talk, lobby)
        self.moderation = RoomModerationRules(self.directory)
        self.staff = StaffRules(self.state, limits)
