"""
What a room is: who is in it, what it is about, who may do what there.

It knows presences and nothing of how they got here; what may be decided is in L{chatroom.core.chat}.
"""

from __future__ import annotations

from chatroom.core.holds import Holds
from chatroom.core.pace import Pace
from chatroom.core.presence import Presence
from chatroom.events import AdmittedSet, Locked, Role, RoomBanned, RoomMuted, Sanctioned


class Room:
    """
    @ivar last: the sequence number of its last event.
    @ivar made: the sequence number of the event that made it; while it is the last, nobody has joined the room yet.
    @ivar maker_node: the node through which it was made; C{""}: not known.
    @ivar keep: it stays when the last member leaves.
    @ivar topic_from: who set the topic, and when: C{topic_at}.
    @ivar topic_by: who may set the topic, as in L{TopicRuleSet<chatroom.events.TopicRuleSet>}; C{""}: nobody has said.
    @ivar password: the hash of its password, or C{""}.
    @ivar roles: by key of the person; those not in it are members, if they are in the room.
    @ivar in_charge: how many of them are operators or owners.
    @ivar moderated: only people with voice may talk, and those in charge.
    @ivar unlisted: it is not on the list of rooms. @ivar capacity: so many people may join it; 0: any number.
    @ivar invited: keys of those who may come in once, whatever the door says.
    @ivar admitted: who may join at any time, by key: as the invited, but more than once.
    @ivar slow: seconds that a member waits between two lines, or 0.
    @ivar pace: when, in slow mode, each said something last, by C{Presence.pace_key}; C{None} without it.
    @ivar lock: nobody new comes in, while it is in force.
    """

    __slots__ = (
        "name", "created", "last", "made", "maker_node", "keep", "topic", "topic_from", "topic_at", "topic_by",
        "password", "invite_only", "members", "roles", "in_charge", "moderated", "unlisted", "capacity", "invited",
        "admitted", "bans", "mutes", "slow", "pace", "lock",
    )  # fmt: skip

    def __init__(self, name: str, created: float) -> None:
        self.name = name
        self.created = created
        self.last = 0
        self.made = 0
        self.maker_node = ""
        self.keep = False
        self.topic = ""
        self.topic_from = ""
        self.topic_at = 0.0
        self.topic_by = ""
        self.password = ""
        self.invite_only = False
        self.members: dict[str, Presence] = {}
        self.roles: dict[str, Role] = {}
        self.in_charge = 0
        self.moderated = False
        self.unlisted = False
        self.capacity = 0
        self.invited: set[str] = set()
        self.admitted: dict[str, AdmittedSet] = {}
        self.bans: Holds[RoomBanned | Sanctioned] = Holds()
        self.mutes: Holds[RoomMuted | Sanctioned] = Holds()
        self.slow = 0
        self.pace: Pace | None = None
        self.lock: Locked | None = None

    def role(self, key: str) -> Role:
        """What this person is here: an absent owner is still the owner."""
        role = self.roles.get(key)
        if role is not None:
            return role
        return Role.MEMBER if key in self.members else Role.NOBODY

    def is_half_made(self) -> bool:
        """Whether nothing has happened in it since it was made: its maker is not in it yet, and it has no owner."""
        return 0 < self.made == self.last

    def governed(self) -> bool:
        """Whether anybody is in charge here; where nobody is, every member may set the topic."""
        return self.in_charge > 0

    def operators(self) -> list[str]:
        """Keys of the operators and owners who are in it."""
        return [key for key, role in self.roles.items() if role >= Role.OPERATOR and key in self.members]

    def is_invited(self, key: str) -> bool:
        """Whether this person may join whatever else keeps people out: once, or at any time."""
        return key in self.invited or key in self.admitted

    def is_listed(self) -> bool:
        """Whether everybody reads of it in the list of rooms."""
        return not (self.invite_only or self.unlisted)

    def is_full(self) -> bool:
        """Whether as many people are in it as may join it. Several may join at once, by different nodes."""
        return 0 < self.capacity <= len(self.members)
