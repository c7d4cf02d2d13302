"""
Rooms, as channels: JOIN, PART, TOPIC, NAMES, KICK and INVITE.

RFC 2812, 3.2. A room that nobody has made yet is made by the one who joins it. It knows the speaker; who may do what,
the server's commands decide.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import zip_longest
from typing import TYPE_CHECKING

from chatroom.doors.irc.channel_names import is_channel, room_of
from chatroom.doors.irc.isupport import ROOMS, TARGETS
from chatroom.doors.irc.names import show_names, show_topic
from chatroom.doors.irc.numerics import (
    ERR_NEEDMOREPARAMS,
    ERR_NOSUCHCHANNEL,
    ERR_USERONCHANNEL,
    RPL_ENDOFINVITELIST,
    RPL_ENDOFNAMES,
    RPL_INVITELIST,
    RPL_INVITING,
)
from chatroom.doors.irc.wire import IrcMessage
from chatroom.errors import NoSuchRoom, NotInRoom, Refused, RoomClosedToYou, RoomExists
from chatroom.folding import fold

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker


async def join(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """JOIN."""
    if message.params[0] == "0":
        speaker.costs(len(speaker.caller.rooms))
        for room in speaker.caller.rooms:
            await _leave(speaker, room, "", response)
        return
    keys = message.params[1].split(",") if len(message.params) > 1 else []
    channels = message.params[0].split(",")[:ROOMS]
    speaker.costs(len(channels))
    if len(channels) == 1:  # a password that was set by another door may have commas in it
        keys = list(message.params[1:2])
    for channel, key in zip_longest(channels, keys[: len(channels)], fillvalue=""):
        if not is_channel(channel):
            response.numeric(ERR_NOSUCHCHANNEL, channel or "*", "The name of a channel begins with one #.")
            continue
        try:
            await _join(speaker, channel[1:], key)
        except Refused as refused:
            response.refuse(refused, channel)
        await speaker.look_around(response)


async def _join(speaker: IrcSpeaker, room: str, key: str) -> None:
    arguments = {"room": room, "password": key} if key else {"room": room}
    try:
        await speaker.asks("join", **arguments)
    except NoSuchRoom:
        try:
            await speaker.asks("create", room=room)
        except RoomExists:  # it is hidden, or somebody else has made it meanwhile
            try:
                await speaker.asks("join", **arguments)
            except NoSuchRoom:
                raise RoomClosedToYou("Only invited people can join this room.") from None
    if key:
        speaker.gave(room, key)


async def part(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """PART."""
    reason = message.params[1] if len(message.params) > 1 else ""
    channels = message.params[0].split(",")[:ROOMS]
    speaker.costs(len(channels))
    for channel in channels:
        if not is_channel(channel):
            response.numeric(ERR_NOSUCHCHANNEL, channel or "*", "There is no such channel.")
            continue
        try:
            await _leave(speaker, channel[1:], reason, response)
        except Refused as refused:
            response.refuse(refused, channel)


async def _leave(speaker: IrcSpeaker, room: str, reason: str, response: Response) -> None:
    name = speaker.caller.view(room).name
    speaker.leaving = name, reason
    try:
        await speaker.asks("leave", room=name, **({"reason": reason} if reason else {}))
    finally:
        speaker.leaving = None


async def topic(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """TOPIC, which shows it or sets it."""
    channel = message.params[0]
    response.about = channel
    if not is_channel(channel):
        response.numeric(ERR_NOSUCHCHANNEL, channel or "*", "There is no such channel.")
    elif len(message.params) == 1:
        show_topic(speaker, channel[1:], response)
    else:
        await speaker.asks("topic", room=channel[1:], text=message.params[1] or "-")


async def names(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """NAMES."""
    if not message.params:
        response.numeric(RPL_ENDOFNAMES, "*", "End of names.")
        return
    asked = message.params[0]
    for channel in dict.fromkeys(asked.split(",")[:TARGETS]):
        with suppress(Refused):  # what one may not see is as empty as what does not exist
            show_names(speaker, room_of(channel), response, last=False)
    response.numeric(RPL_ENDOFNAMES, asked or "*", "End of names.")


async def kick(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """KICK: several people from one room, or each from a room of its own."""
    reason = message.params[2] if len(message.params) > 2 else ""
    channels, people = message.params[0].split(",")[:TARGETS], message.params[1].split(",")[:TARGETS]
    speaker.costs(len(people))
    for at, who in enumerate(people):
        channel = channels[min(at, len(channels) - 1)]
        if not is_channel(channel):
            response.numeric(ERR_NOSUCHCHANNEL, channel or "*", "There is no such channel.")
            continue
        try:
            await speaker.asks("kick", nick=who, room=channel[1:], **({"reason": reason} if reason else {}))
        except Refused as refused:
            mine = isinstance(refused, NotInRoom) and not speaker.knows(fold(channel[1:]))
            response.refuse(refused, channel, "" if mine else who)


async def invite(speaker: IrcSpeaker, message: IrcMessage, response: Response) -> None:
    """INVITE: somebody to a room, or without both, which rooms oneself is invited to."""
    if not message.params:
        for room in speaker.caller.invitations():
            response.numeric(RPL_INVITELIST, f"#{room}")
        response.numeric(RPL_ENDOFINVITELIST, "End of INVITE list")
        return
    if len(message.params) == 1:
        response.numeric(ERR_NEEDMOREPARAMS, "INVITE", "That command needs more parameters.")
        return
    who, channel = message.params[0], message.params[1]
    response.about = channel
    room = fold(room_of(channel)) if channel.startswith("#") else channel
    response.who = who if speaker.knows(room) else ""
    if speaker.knows(room) and any(name == room for name, _ in speaker.caller.rooms_with(who)):
        response.numeric(ERR_USERONCHANNEL, who, channel, "is in that room already")
        return
    await speaker.asks("invite", nick=who, room=room)
    response.numeric(RPL_INVITING, who, channel)
