"""
Rooms: finding them, going in and out, making them, and what their owners and operators set.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatroom.commands import views
from chatroom.commands.base import OTHER_ROOM, ROOM, Command, flag, is_off, meant, person
from chatroom.errors import BadArguments
from chatroom.events import MEMBERS, OPERATORS
from chatroom.interfaces import Answer, ICaller, Parameter, Role


class Rooms(Command):
    """The rooms there are."""

    name = "rooms"
    aliases = ("list",)
    family = "Rooms"
    summary = "list the rooms, those with most people first"
    details = "With a word, only rooms that have it in their name or topic. Private rooms are not listed."
    parameters = (Parameter("match", required=False, rest=True, help="a word of the name or topic"),)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.rooms_open}."""
        match = arguments.get("match", "").casefold()
        rooms = [
            room for room in caller.rooms_open() if match in room.name.casefold() or match in room.topic.casefold()
        ]
        page = views.Listed(rooms[: views.FACTS], views.summary_facts, caller.page_bytes, 0)
        named = page.rows[: views.NAMES]
        parts = [views.summary_line(room) for room in named]
        if not rooms:
            parts.append(
                "No such room. Make one: /create ROOM" if match else "There is no room. Make one: /create ROOM"
            )
        elif len(rooms) > len(named):
            parts.append(f"And {len(rooms) - len(named):,} more: /rooms WORD finds those with a word.")
        return Answer(tuple(parts), {"rooms": page.facts, "total": len(rooms)})


class Join(Command):
    """Into a room."""

    name = "join"
    aliases = ("j",)
    family = "Rooms"
    summary = "go into a room and look at it"
    details = "You stay in the rooms you are in; /look says which of them your lines go to."
    parameters = (
        Parameter("room", help="its name; /rooms lists them"),
        Parameter("password", required=False, rest=True, secret=True, help="where the room wants one"),
    )

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.join}."""
        view = await caller.join(arguments["room"], arguments.get("password", ""))
        return Answer(views.room_parts(view), views.room_facts(view))


class Leave(Command):
    """Out of a room."""

    name = "leave"
    aliases = ("part",)
    family = "Rooms"
    summary = "go out of a room"
    parameters = (
        Parameter("room", required=False, help="the room, if not the one looked at"),
        Parameter("reason", required=False, rest=True, help="told to the others"),
    )
    role = Role.MEMBER

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.leave}."""
        left = await caller.leave(arguments.get("room"), arguments.get("reason", ""))
        now = f"You look at {caller.room}." if caller.room else "You are in no room now: /rooms lists them."
        return Answer((f"You left {left}. {now}",), {"left": left, "room": caller.room})


class Look(Command):
    """Which room one's lines go to."""

    name = "look"
    aliases = ("l", "switch")
    family = "Rooms"
    summary = "say which of your rooms you look at: your lines go there"
    details = "Without a room, it says where you look and where else you are."
    parameters = (Parameter("room", required=False, help="one of the rooms you are in"),)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.look}."""
        if "room" in arguments:
            caller.look(arguments["room"])
        if caller.room is None:
            return Answer(("You are in no room: /rooms lists them.",), {"room": None, "rooms": []})
        parts = [f"You look at {caller.room}."]
        others = [room for room in caller.rooms if room != caller.room]
        if others:
            parts.append(f"You are in {', '.join(others)} as well.")
        return Answer((" ".join(parts),), {"room": caller.room, "rooms": list(caller.rooms)})


class Topic(Command):
    """What the room is about."""

    name = "topic"
    family = "Rooms"
    summary = "show what the room is about, or set it"
    details = (
        "Without a text it shows the topic. /topic - takes it away. Where a room has operators, only they set it, "
        "unless they let all members: /opentopic on. In the lobby the topic is for the staff."
    )
    parameters = (Parameter("text", required=False, rest=True, help="the new topic"), ROOM)
    role = Role.MEMBER

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_topic}."""
        room, text = meant(caller, arguments), arguments.get("text")
        if text is None:
            topic = caller.view(arguments.get("room")).topic
            return Answer(
                (f"{room} has the topic: {topic}" if topic else f"{room} has no topic.",), _topic(room, topic)
            )
        text = "" if text == "-" else text
        await caller.set_topic(text, arguments.get("room"))
        return Answer((f"{room} has the topic: {text}" if text else f"{room} has no topic now.",), _topic(room, text))


def _topic(room: str, topic: str) -> dict[str, str]:
    return {"room": room, "topic": topic}


class OpenTopic(Command):
    """Whose the topic is to set."""

    name = "opentopic"
    family = "Rooms"
    summary = "let all members set the topic of the room, or only its operators"
    details = "/opentopic on or /opentopic off; without a word it shows who may."
    parameters = (Parameter("on", required=False, help="on or off"), ROOM)
    role = Role.OPERATOR

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
    summary = "make a room of your own"
    details = (
        "You own it and look at it. It is gone when the last person leaves it, unless you write keep behind its "
        "name, which needs an account."
    )
    parameters = (
        Parameter("room", help="letters, digits and . _ + - inside"),
        Parameter("keep", required=False, help="the word keep: the room stays when it is empty"),
    )

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.create}.

        @raise BadArguments: the second word is neither C{keep} nor a yes or no.
        """
        keep = arguments.get("keep", "").casefold() == "keep" or flag(arguments, "keep", False)
        view = await caller.create(arguments["room"], keep)
        stays = "It stays when it is empty." if view.keep else "It is gone when the last person leaves it."
        return Answer(
            (
                f"You made {view.name} and own it. {stays}",
                "Next: /topic TEXT, /invite NICK, /private, /password PASSWORD, /op NICK",
            ),
            views.room_facts(view),
        )


class Invite(Command):
    """A word with the door."""

    name = "invite"
    family = "Rooms"
    summary = "let somebody into a room, whatever its door says"
    details = "Once. A guest's invitation ends with the visit, and with the nickname; an account's waits."
    parameters = (
        Parameter("nick", help="whom"),
        Parameter("room", required=False, help="the room, if not the one looked at"),
    )
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.invite}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.invite(nick, arguments.get("room"))
        return Answer((f"{nick} may join {room} now.",), {"room": room, "nick": nick})


class Password(Command):
    """A lock on the door."""

    name = "password"
    family = "Rooms"
    summary = "lock the room with a password, or take the lock away"
    details = (
        "Without a password it takes the lock away. People then come in with /join ROOM PASSWORD. The password of "
        "your account is another one: /passwd."
    )
    parameters = (Parameter("password", required=False, rest=True, secret=True, help="of the room"), ROOM)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_password}.

        @raise BadArguments: it is a word by which people mean that there should be none.
        """
        room, password = meant(caller, arguments), arguments.get("password", "")
        if is_off(password):
            raise BadArguments("To take the password away, type /password and nothing behind it.")
        await caller.set_password(password, arguments.get("room"))
        sentence = f"{room} wants a password now: /join {room} PASSWORD" if password else f"{room} wants no password."
        return Answer((sentence,), {"room": room, "locked": bool(password)})


class Private(Command):
    """By invitation only."""

    name = "private"
    family = "Rooms"
    summary = "let only those into the room who are invited, and take it off the list"
    details = "Whoever is in it stays. /invite NICK lets somebody in, /public opens the room again."
    parameters = (OTHER_ROOM,)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_invite_only}."""
        room = meant(caller, arguments)
        await caller.set_invite_only(True, arguments.get("room"))
        return Answer((f"{room} is private: /invite NICK lets somebody in.",), {"room": room, "invite_only": True})


class Public(Command):
    """The opposite of L{Private}."""

    name = "public"
    family = "Rooms"
    summary = "let everybody into the room again, and list it"
    details = "A password stays; /password takes that away."
    parameters = (OTHER_ROOM,)
    role = Role.OPERATOR

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_invite_only}."""
        room = meant(caller, arguments)
        await caller.set_invite_only(False, arguments.get("room"))
        return Answer((f"{room} is open to everybody.",), {"room": room, "invite_only": False})
