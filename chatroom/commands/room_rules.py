"""
Who may talk in a room, how many may join it, who may at any time, and who reads of it.

Which of them is in force is the server's business; here is only what to type.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from chatroom.commands import shapes
from chatroom.commands.base import OTHER_ROOM, ROOM, SKIP, Command, flag, is_off, meant, number, person, shown
from chatroom.commands.times import count, stamp
from chatroom.commands.views import Listed
from chatroom.errors import BadArguments
from chatroom.events import AdmittedSet
from chatroom.interfaces import Answer, ICaller, Parameter, Role, RoomView

_ON = Parameter("on", required=False, help="on or off")
_NICK = Parameter("nick", help="the nickname")


class Moderated(Command):
    """A room where only some talk, as one for announcements."""

    name = "moderated"
    family = "Rooms"
    summary = "let only operators and people with voice talk in the room"
    details = (
        "/moderated on or /moderated off; /moderated alone shows the setting. /voice NICK lets somebody talk. "
        "Everybody in the room can still read it."
    )
    parameters = (_ON, ROOM)
    role = Role.OPERATOR
    facts = (shapes.ModeratedFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_moderated}.

        @raise BadArguments: it is neither on nor off.
        """
        room, on = await _switched(caller, arguments, caller.set_moderated, lambda view: view.moderated)
        sentence = (
            f"{room} is moderated: only operators and people with voice can talk. /voice NICK gives voice."
            if on
            else f"{room} is not moderated: everyone in it can talk."
        )
        return Answer((sentence,), {"room": room, "moderated": on})


class Unlisted(Command):
    """A room that only people who know its name can find."""

    name = "unlisted"
    family = "Rooms"
    summary = "take the room off the list of rooms, or put it back"
    details = (
        "/unlisted on or /unlisted off; /unlisted alone shows the setting. Everybody who knows the name can join the "
        "room. To let nobody join without an invitation, use /private."
    )
    parameters = (_ON, ROOM)
    role = Role.OPERATOR
    facts = (shapes.UnlistedFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_unlisted}.

        @raise BadArguments: it is neither on nor off.
        """
        room, on = await _switched(caller, arguments, caller.set_unlisted, lambda view: view.unlisted)
        sentence = (
            f"{room} is not on the list of rooms. People who know its name can join it."
            if on
            else f"{room} is on the list of rooms."
        )
        return Answer((sentence,), {"room": room, "unlisted": on})


async def _switched(
    caller: ICaller,
    arguments: Mapping[str, str],
    change: Callable[[bool, str | None], Awaitable[None]],
    is_on: Callable[[RoomView], bool],
) -> tuple[str, bool]:
    """
    Change a setting of the room as it was typed; with nothing typed, read it.

    @return: the room's name, and whether the setting is on. @raise BadArguments: it is neither on nor off.
    """
    room, on = meant(caller, arguments), flag(arguments, "on", False)
    if "on" in arguments:
        await change(on, arguments.get("room"))
    else:
        on = is_on(caller.view(arguments.get("room")))
    return room, on


class Capacity(Command):
    """A room for a few."""

    name = "capacity"
    family = "Rooms"
    summary = "limit how many people can join the room (/capacity off ends it)"
    details = (
        "/capacity 20 sets the limit; /capacity alone shows it. People in the room stay. /invite NICK lets somebody in "
        "anyway, and operators of the room can always join."
    )
    parameters = (Parameter("people", required=False, help="a number of people, or off"), OTHER_ROOM)
    role = Role.OPERATOR
    facts = (shapes.CapacityFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.set_capacity}.

        @raise BadArguments: it is no number of people.
        """
        room, given = meant(caller, arguments), arguments.get("people")
        if given is None:
            people = caller.view(arguments.get("room")).capacity
        else:
            people = _people(given)
            await caller.set_capacity(people, arguments.get("room"))
        limit = f"{room} is limited to {count(people, 'person', 'people')}. /capacity off removes the limit."
        return Answer((limit if people else f"{room} has no limit of people.",), {"room": room, "capacity": people})


def _people(typed: str) -> int:
    if is_off(typed):
        return 0
    people = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
    if not people:
        raise BadArguments(f"{shown(typed)} is not a number of people. A room can have a limit such as 20, or off.")
    return people


class Voice(Command):
    """A word for somebody where others are silent."""

    name = "voice"
    family = "Moderation"
    summary = "let somebody talk in the room, even if it is moderated"
    details = (
        "It also lifts a mute on that person. /unvoice NICK takes it away, and so does /mute. A guest's voice ends "
        "when the guest leaves the server."
    )
    parameters = (_NICK, ROOM)
    role = Role.OPERATOR
    facts = (shapes.RoomNickFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_voice}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.set_voice(nick, True, arguments.get("room"))
        return Answer((f"{nick} can talk in {room}, even if it is moderated.",), {"room": room, "nick": nick})


class Unvoice(Command):
    """The opposite of L{Voice}."""

    name = "unvoice"
    aliases = ("devoice",)
    family = "Moderation"
    summary = "take somebody's voice in the room away"
    details = "It does not mute: where the room is not moderated, that person can still talk. Operators need no voice."
    parameters = (_NICK, ROOM)
    role = Role.OPERATOR
    facts = (shapes.RoomNickFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_voice}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.set_voice(nick, False, arguments.get("room"))
        return Answer((f"{nick} has no voice in {room}.",), {"room": room, "nick": nick})


class Admit(Command):
    """A key to the room."""

    name = "admit"
    family = "Rooms"
    summary = "let somebody join a room at any time, even if it is private, full or locked"
    details = (
        "Valid until /unadmit NICK. It holds on the nickname, so give it to people with an account. /admitted lists "
        "them. /invite NICK lets somebody join once."
    )
    parameters = (_NICK, OTHER_ROOM)
    role = Role.OPERATOR
    facts = (shapes.RoomNickFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_admitted}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.set_admitted(nick, True, arguments.get("room"))
        return Answer((f"{nick} can join {room} at any time. /unadmit {nick} ends it.",), {"room": room, "nick": nick})


class Unadmit(Command):
    """The opposite of L{Admit}."""

    name = "unadmit"
    family = "Rooms"
    summary = "no longer let somebody join the room at any time"
    details = "It kicks nobody: a person in the room stays there."
    parameters = (_NICK, OTHER_ROOM)
    role = Role.OPERATOR
    facts = (shapes.RoomNickFacts,)

    async def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """See L{ICaller.set_admitted}."""
        room, nick = meant(caller, arguments), person(arguments)
        await caller.set_admitted(nick, False, arguments.get("room"))
        return Answer((f"{nick} can no longer join {room} at any time.",), {"room": room, "nick": nick})


class Admitted(Command):
    """Who has a key."""

    name = "admitted"
    family = "Rooms"
    summary = "list who can join the room at any time"
    parameters = (SKIP, ROOM)
    role = Role.OPERATOR
    facts = (shapes.AdmittedListFacts,)

    def run(self, caller: ICaller, arguments: Mapping[str, str]) -> Answer:
        """
        See L{ICaller.admitted}.

        @raise BadArguments: the number is none.
        """
        room = meant(caller, arguments)
        rows = caller.admitted(arguments.get("room"))
        page = Listed(rows, _admitted_facts, caller.page_bytes, number(arguments, "skip"))
        parts = (*(f"{row.who} can join at any time, by {row.nick}." for row in page.rows), *page.hint(self.name))
        nothing = "No more." if rows else f"Nobody is admitted to {room}."
        return Answer(parts or (nothing,), {"room": room, "admitted": page.facts, "next": page.next})


def _admitted_facts(row: AdmittedSet) -> dict[str, str | None]:
    return {"nick": row.who, "by": row.nick, "at": stamp(row.at)}
