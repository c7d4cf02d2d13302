"""
Rooms: finding them, going in and out, making them, and what their owners and operators set.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence

from chatroom.commands import shapes, views
from chatroom.commands.base import OTHER_ROOM, ROOM, Command, flag, is_off, meant, person
from chatroom.errors import BadArguments
from chatroom.events import MEMBERS, OPERATORS
from chatroom.interfaces import Answer, ICaller, Parameter, Role, RoomSummary


class Rooms(Command):
    """The rooms there are."""

    name = "rooms"
    aliases = ("list",)
    family = "Rooms"
    summary = "list the rooms, busiest first"
    details = "/rooms WORD lists rooms with that word in their name or topic. Private rooms are not listed."
    parameters = (Parameter("match", required=False, rest=True, help="a word of the name or topic"),)
    facts = (shapes.RoomsFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer | Awaitable[Answer]:
        """See L{ICaller.rooms_open}, and with a word L{ICaller.rooms_matching}."""
        if "match" in arguments:
            return self._search(caller, arguments["match"])
        rooms = caller.rooms_open()
        return _rooms(caller, rooms[: views.FACTS], len(rooms), "No rooms. /create ROOM makes one.")

    async def _search(self, caller: ICaller, word: str) -> Answer:
        return _rooms(
            caller, *await caller.rooms_matching(word, views.FACTS), "No rooms found. /create ROOM makes one."
        )


def _rooms(caller: ICaller, rooms: Sequence[RoomSummary], total: int, none: str) -> Answer:
    page = views.Listed(rooms, views.summary_facts, caller.page_bytes, 0)
    named = page.rows[: views.NAMES]
    parts = [views.summary_line(room) for room in named]
    if not rooms:
        parts.append(none)
    elif total > len(named):
        parts.append(f"And {total - len(named):,} more. /rooms WORD searches.")
    return Answer(tuple(parts), {"rooms": page.facts, "total": total})


class Join(Command):
    """Into a room."""

    name = "join"
    aliases = ("j",)
    family = "Rooms"
    summary = "join a room and switch to it"
    details = "You stay in your other rooms; /look ROOM switches between them."
    parameters = (
        Parameter("room", help="its name; /rooms lists them"),
        Parameter("password", required=False, rest=True, secret=True, help="if the room has one"),
    )
    facts = (shapes.RoomFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.join}."""
        view = await caller.join(arguments["room"], arguments.get("password", ""))
        return Answer(views.room_parts(view), views.room_facts(view))


class Leave(Command):
    """Out of a room."""

    name = "leave"
    aliases = ("part",)
    family = "Rooms"
    summary = "leave a room"
    parameters = (
        Parameter("room", required=False, help="default: the current room"),
        Parameter("reason", required=False, rest=True, help="shown to the others"),
    )
    role = Role.MEMBER
    facts = (shapes.LeftFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.leave}."""
        left = await caller.leave(arguments.get("room"), arguments.get("reason", ""))
        now = (
            f"Current room: {caller.room}."
            if caller.room
            else "You are not in any room. /rooms lists them, /join ROOM joins one."
        )
        return Answer((f"You left {left}. {now}",), {"left": left, "room": caller.room})


class Look(Command):
    """Which room one's lines go to."""

    name = "look"
    aliases = ("l", "switch")
    family = "Rooms"
    summary = "switch to another of your rooms: your lines go there"
    details = "/look alone shows your current room and your other rooms."
    parameters = (Parameter("room", required=False, help="one of the rooms you are in"),)
    facts = (shapes.CurrentRoomFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.look}."""
        if "room" in arguments:
            caller.look(arguments["room"])
        if caller.room is None:
            return Answer(
                ("You are not in any room. /rooms lists them, /join ROOM joins one.",), {"room": None, "rooms": []}
            )
        parts = [f"Current room: {caller.room}."]
        others = [room for room in caller.rooms if room != caller.room]
        if others:
            parts.append(f"Also in: {', '.join(others)}.")
        return Answer((" ".join(parts),), {"room": caller.room, "rooms": list(caller.rooms)})


class Topic(Command):
    """What the room is about."""

    name = "topic"
    family = "Rooms"
    summary = "show or set the topic of the room"
    details = (
        "/topic alone shows it, /topic - clears it. In a room with operators only they can set it, unless they allow "
        "everyone: /opentopic on. In the lobby only server staff can set it."
    )
    parameters = (Parameter("text", required=False, rest=True, help="the new topic"), ROOM)
    role = Role.MEMBER
    facts = (shapes.TopicFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_topic}."""
        room, text = meant(caller, arguments), arguments.get("text")
        if text is None:
            topic = caller.view(arguments.get("room")).topic
            return Answer((f"Topic of {room}: {topic}" if topic else f"{room} has no topic.",), _topic(room, topic))
        text = "" if text == "-" else text
        await caller.set_topic(text, arguments.get("room"))
        return Answer((f"Topic of {room}: {text}" if text else f"Topic of {room} cleared.",), _topic(room, text))


def _topic(room: str, topic: str) -> dict[str, str]:
    return {"room": room, "topic": topic}


class OpenTopic(Command):
    """Whose the topic is to set."""

    name = "opentopic"
    family = "Rooms"
    summary = "allow all members to set the topic, or only operators"
    details = "/opentopic on or /opentopic off; /opentopic alone shows the setting."
    parameters = (Parameter("on", required=False, help="on or off"), ROOM)
    role = Role.OPERATOR
    facts = (shapes.TopicByFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_topic_by}.

        @raise BadArguments: it is neither.
        """
        room = meant(caller, arguments)
        by = MEMBERS if flag(arguments, "on", False) else OPERATORS
        if "on" in arguments:
            await caller.set_topic_by(by, arguments.get("room"))
        else:
            by = caller.view(arguments.get("room")).topic_by
        who = "every member" if by == MEMBERS else "only operators"
        return Answer((f"In {room}, {who} can set the topic.",), {"room": room, "topic_by": by})


class Create(Command):
    """A new room."""

    name = "create"
    family = "Rooms"
    summary = "create a room"
    details = (
        "You own it, and it becomes your current room. It is deleted when the last person leaves, unless you add the "
        "word keep, which needs an account."
    )
    parameters = (
        Parameter("room", help="letters, digits, and . _ + - in the middle"),
        Parameter("keep", required=False, help="the word keep: keep the room when it is empty"),
    )
    facts = (shapes.RoomFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.create}.

        @raise BadArguments: the second word is neither C{keep} nor a yes or no.
        """
        keep = arguments.get("keep", "").casefold() == "keep" or flag(arguments, "keep", False)
        view = await caller.create(arguments["room"], keep)
        stays = "It is kept when it is empty." if view.keep else "It is deleted when the last person leaves."
        return Answer(
            (
                f"You created {view.name} and own it. {stays}",
                "Next: /topic TEXT, /invite NICK, /private, /password PASSWORD, /op NICK",
            ),
            views.room_facts(view),
        )


class Invite(Command):
    """A word with the door."""

    name = "invite"
    family = "Rooms"
    summary = "invite somebody to a room, even if it is private or locked"
    details = (
        "Valid once. An account's invitation lasts until it is used; a guest's ends when the guest disconnects or "
        "changes the nickname."
    )
    parameters = (
        Parameter("nick", help="the nickname"),
        Parameter("room", required=False, help="default: the current room"),
    )
    role = Role.OPERATOR
    facts = (shapes.RoomNickFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.invite}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.invite(nick, arguments.get("room"))
        return Answer((f"{nick} was invited to {room}.",), {"room": room, "nick": nick})


class Password(Command):
    """A lock on the door."""

    name = "password"
    family = "Rooms"
    summary = "set or remove the password of the room"
    details = (
        "/password alone removes it. People then join with /join ROOM PASSWORD. To change the password of your "
        "account, use /passwd."
    )
    parameters = (Parameter("password", required=False, rest=True, secret=True, help="of the room"), ROOM)
    role = Role.OPERATOR
    facts = (shapes.PasswordFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_password}.

        @raise BadArguments: it is a word by which people mean that there should be none.
        """
        room, password = meant(caller, arguments), arguments.get("password", "")
        if is_off(password):
            raise BadArguments("To remove the password, type /password alone.")
        await caller.set_password(password, arguments.get("room"))
        sentence = (
            f"{room} now requires a password: /join {room} PASSWORD"
            if password
            else f"{room} no longer requires a password."
        )
        return Answer((sentence,), {"room": room, "locked": bool(password)})


class Private(Command):
    """By invitation only."""

    name = "private"
    family = "Rooms"
    summary = "make the room invite-only and hide it from the list"
    details = "People in the room stay. /invite NICK lets somebody in, /public opens the room again."
    parameters = (OTHER_ROOM,)
    role = Role.OPERATOR
    facts = (shapes.InviteOnlyFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_invite_only}."""
        room = meant(caller, arguments)
        await caller.set_invite_only(True, arguments.get("room"))
        return Answer((f"{room} is invite-only. /invite NICK lets somebody in.",), {"room": room, "invite_only": True})


class Public(Command):
    """The opposite of L{Private}."""

    name = "public"
    family = "Rooms"
    summary = "open the room to everyone and list it"
    details = "A password stays; /password removes it."
    parameters = (OTHER_ROOM,)
    role = Role.OPERATOR
    facts = (shapes.InviteOnlyFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_invite_only}."""
        room = meant(caller, arguments)
        await caller.set_invite_only(False, arguments.get("room"))
        return Answer((f"{room} is open to everyone.",), {"room": room, "invite_only": False})
