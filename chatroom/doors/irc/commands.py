"""
Every command of IRC that clients send, by its word: how many parameters it takes at least, and what does it.

It knows functions, and not what they do. Words that are not here are commands of our own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from chatroom.doors.irc import (
    about_server,
    accounts,
    channels,
    history,
    metadata,
    monitor,
    multiline,
    profiles,
    queries,
    read_marks,
    registration,
    room_list,
    room_modes,
    searching,
    staff,
    tagging,
    talking,
    welcome,
)
from chatroom.doors.irc.wire import IrcMessage

if TYPE_CHECKING:
    from chatroom.doors.irc.response import Response
    from chatroom.doors.irc.speaker import IrcSpeaker

Quick: TypeAlias = "Callable[[IrcSpeaker, IrcMessage, Response], None]"
Slow: TypeAlias = "Callable[[IrcSpeaker, IrcMessage, Response], Awaitable[None]]"

QUICK: dict[str, tuple[int, Quick]] = {
    "CAP": (1, registration.cap),
    "PASS": (1, registration.password),
    "NICK": (0, registration.nick),
    "USER": (4, registration.user),
    "AUTHENTICATE": (1, registration.authenticate),
    "PRIVMSG": (0, talking.privmsg),
    "NOTICE": (0, talking.notice),
    "TAGMSG": (0, tagging.tagmsg),
    "BATCH": (1, multiline.batch),
    "PING": (0, talking.ping),
    "PONG": (0, talking.pong),
    "SETNAME": (0, profiles.setname),
    "REGISTER": (0, accounts.register),
    "VERIFY": (0, accounts.verify),
    "QUIT": (0, talking.leave),
}
"""Commands of one step, or none."""

SLOW: dict[str, tuple[int, Slow]] = {
    "JOIN": (1, channels.join),
    "PART": (1, channels.part),
    "TOPIC": (1, channels.topic),
    "NAMES": (0, channels.names),
    "KICK": (2, channels.kick),
    "INVITE": (0, channels.invite),
    "MODE": (1, room_modes.mode),
    "AWAY": (0, room_modes.away),
    "WHO": (0, queries.who),
    "WHOIS": (0, queries.whois),
    "WHOWAS": (1, queries.whowas),
    "USERHOST": (1, queries.userhost),
    "ISON": (1, queries.ison),
    "LIST": (0, room_list.list_rooms),
    "MONITOR": (1, monitor.monitor),
    "CHATHISTORY": (0, history.chathistory),
    "MOTD": (0, welcome.show_motd),
    "LUSERS": (0, welcome.show_lusers),
    "VERSION": (0, about_server.version),
    "TIME": (0, about_server.time),
    "INFO": (0, about_server.info),
    "ADMIN": (0, about_server.admin),
    "STATS": (0, about_server.stats),
    "LINKS": (0, about_server.links),
    "ISUPPORT": (0, welcome.show_supported),
    "METADATA": (2, metadata.metadata),
    "MARKREAD": (0, read_marks.markread),
    "SEARCH": (0, searching.search),
    "HELP": (0, about_server.help_),
    "HELPOP": (0, about_server.help_),
    "OPER": (2, staff.oper),
    "KILL": (1, staff.kill),
    "WALLOPS": (1, staff.wallops),
    "NICKSERV": (0, talking.service),
    "NS": (0, talking.service),
    "CHANSERV": (0, talking.service),
    "CS": (0, talking.service),
}
"""Commands that may wait."""

NO_NICKNAME = frozenset(
    "CAP PASS NICK USER AUTHENTICATE PING PONG QUIT ERROR AWAY METADATA REGISTER VERIFY ISUPPORT".split()
)
"""Those that need none."""
