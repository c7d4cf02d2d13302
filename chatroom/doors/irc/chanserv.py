"""
ChanServ: rooms, with the words that IRC clients and people use for them.

The maker of a room owns it, and a room that is made to be kept is there also when nobody is in it. It knows the
speaker.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatroom.doors.irc.channel_names import room_of
from chatroom.doors.irc.masks import parsed_mask
from chatroom.doors.irc.service_words import ServiceWord, ran, wrong_use
from chatroom.errors import NoSuchRoom, NotAllowed
from chatroom.events import Role
from chatroom.interfaces import Person, RoomView
from chatroom.meaning import split_word
from chatroom.zones import day

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

ABOUT = "ChanServ looks after rooms. The person who makes a room owns it."


def _room(word: str, usage: str, rest: str) -> tuple[str, str]:
    """The room in front, without its hash, and what stands behind it. @raise BadArguments: there is none."""
    room, others = split_word(rest)
    if not room.startswith("#") or len(room) < 2:
        raise wrong_use(word, usage)
    return room_of(room), others.strip()


async def _register(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    """Make a room that is kept. One that exists was made to be kept, or not."""
    room, _ = _room("REGISTER", "#ROOM", rest)
    try:
        view = speaker.caller.view(room)
    except NoSuchRoom:
        return await ran(speaker, "create", {"room": room, "keep": "yes"})
    owners = _with_role(speaker, view, Role.OWNER)
    if view.role < Role.OWNER:
        raise NotAllowed(f"#{view.name} belongs to {owners or 'somebody else'}.")
    if view.keep:
        return [f"#{view.name} is yours, and it is kept when everybody has left."]
    return [
        f"#{view.name} is yours. It was not made to be kept: it is deleted when everybody has left.",
        f"After that, REGISTER #{view.name} makes it anew, and keeps it.",
    ]


def _with_role(speaker: IrcSpeaker, view: RoomView, role: Role) -> str:
    return ", ".join(who.nick for who in speaker.caller.people(view.name) if who.role is role)


async def _info(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    room, _ = _room("INFO", "#ROOM", rest)
    view = speaker.caller.view(room)
    kept = "It is kept when everybody has left." if view.keep else "It is deleted when everybody has left."
    lines = [f"#{view.name} was made on {day(view.created, speaker.caller.zone)}. {kept}"]
    for what, role in (("Owners", Role.OWNER), ("Operators", Role.OPERATOR)):
        names = _with_role(speaker, view, role)
        if names:
            lines.append(f"{what} who are here: {names}.")
    if view.topic:
        lines.append(f"Topic: {view.topic}")
    return lines


async def _to_somebody(word: str, command: str, speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    """C{OP #room nick reason}: a nickname or a mask that means one person. OP and the like mean oneself without it."""
    usage = "#ROOM NICK"
    room, others = _room(word, usage, rest)
    nick, reason = split_word(others)
    if not nick:
        if command not in _TO_ONESELF:
            raise wrong_use(word, usage)
        nick = speaker.called
    arguments = {"room": room, "nick": parsed_mask(nick, speaker.network.host).nick}
    if reason and command in ("kick", "ban", "mute"):
        arguments["reason"] = reason
    return await ran(speaker, command, arguments)


_TO_ONESELF = frozenset(["op", "deop", "voice", "unvoice"])


async def _topic(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    room, text = _room("TOPIC", "#ROOM [TEXT]", rest)
    return await ran(speaker, "topic", {"room": room, **({"text": text} if text else {})})


async def _access(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    """C{#room LIST}. What changes the list elsewhere is OP here."""
    room, others = _room("ACCESS", "#ROOM LIST", rest)
    if others.upper() not in ("", "LIST"):
        return ["OP, DEOP, VOICE and DEVOICE change who has which role in a room."]
    view = speaker.caller.view(room)
    people = sorted((who for who in speaker.caller.people(view.name) if who.role > Role.MEMBER), key=_by_role)
    return [f"{who.nick}: {who.role.name.lower()}" for who in people] or [f"Nobody has a role in #{view.name}."]


def _by_role(who: Person) -> tuple[int, str]:
    return -who.role, who.nick


async def _akick(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    """C{#room ADD nick reason}, C{#room DEL nick} and C{#room LIST}: bans."""
    usage = "#ROOM ADD|DEL|LIST [NICK]"
    room, others = _room("AKICK", usage, rest)
    word, behind = split_word(others)
    if word.upper() in ("", "LIST"):
        return await ran(speaker, "bans", {"room": room})
    if word.upper() not in ("ADD", "DEL") or not behind.strip():
        raise wrong_use("AKICK", usage)
    return await _to_somebody(
        "AKICK", "ban" if word.upper() == "ADD" else "unban", speaker, f"#{room} {behind}", response
    )


async def _drop(speaker: IrcSpeaker, rest: str, response: Response) -> list[str]:
    room, reason = _room("DROP", "#ROOM", rest)
    try:
        return await ran(speaker, "close", {"room": room, **({"reason": reason} if reason else {})})
    except NotAllowed:
        return [
            f"Moderators and admins of the server close a room. If #{room} is not kept, it is deleted when everybody "
            "has left."
        ]


def _somebody(word: str, command: str, summary: str) -> ServiceWord:
    usage = "#ROOM [NICK]" if command in _TO_ONESELF else "#ROOM NICK"
    return ServiceWord(usage, summary, partial(_to_somebody, word, command))


WORDS = {
    "REGISTER": ServiceWord(
        "#ROOM", "makes a room that is kept when everybody has left. It needs an account.", _register
    ),
    "INFO": ServiceWord("#ROOM", "shows what is known of a room.", _info),
    "ACCESS": ServiceWord("#ROOM LIST", "shows who has which role in a room.", _access),
    "OP": _somebody("OP", "op", "makes a person an operator."),
    "DEOP": _somebody("DEOP", "deop", "takes the role away."),
    "VOICE": _somebody("VOICE", "voice", "lets a person talk in a moderated room."),
    "DEVOICE": _somebody("DEVOICE", "unvoice", "takes the voice away."),
    "KICK": _somebody("KICK", "kick", "removes a person from the room. A reason may follow."),
    "BAN": _somebody("BAN", "ban", "bans a person from the room. A reason may follow."),
    "UNBAN": _somebody("UNBAN", "unban", "lifts the ban."),
    "QUIET": _somebody("QUIET", "mute", "mutes a person in the room."),
    "UNQUIET": _somebody("UNQUIET", "unmute", "lifts the mute."),
    "INVITE": _somebody("INVITE", "invite", "invites a person."),
    "AKICK": ServiceWord("#ROOM ADD|DEL|LIST [NICK]", "bans, lifts a ban or lists the bans.", _akick),
    "TOPIC": ServiceWord("#ROOM [TEXT]", "shows or sets the topic.", _topic),
    "DROP": ServiceWord("#ROOM", "closes a room, for moderators and admins of the server.", _drop),
    "MUTE": _somebody("MUTE", "mute", ""),
    "UNMUTE": _somebody("UNMUTE", "unmute", ""),
}
