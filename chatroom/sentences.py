"""
What happened, told as a sentence: C{bob joined.}, C{alice set the topic: Tea}.

Talk is no sentence; how it is shown differs from reader to reader. It knows only the events, so that doors and the
client may both take their words from here; how a time is written is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatroom import events as happened
from chatroom.errors import counted, with_full_stop
from chatroom.events import FOREVER, Event
from chatroom.folding import fold

Moment = Callable[[float], str]
"""Writes seconds since 1970 as a date and time that a reader understands."""

SILENT = (
    happened.Arrived, happened.Departed, happened.Became, happened.Revoked,
    happened.Sanctioned, happened.Pardoned, happened.Expelled, happened.Erased,
    happened.PluginStored, happened.AccountChanged, happened.Tried, happened.ActingSet, happened.UnknownKind,
)  # fmt: skip
"""For nodes: people read the same as joins, leaves and renames of their rooms, and staff as entries of the log."""

_TOPIC_BY = {"members": "every member", "operators": "only operators"}
_ROLES = {"owner": "an owner", "operator": "an operator"}
_VOICE = "voice"
_STAFF = {"moderator": "a moderator of this server", "admin": "an admin of this server"}


def sentence(event: Event, moment: Moment, reader: str = "") -> str:
    """
    One sentence; C{""} for what does not concern people.

    @param reader: the nickname of the person who reads it. What happened to that person is in the second person.
    """
    if isinstance(event, SILENT):
        return ""
    if reader and is_personal(event) and fold(concerned(event)) == fold(reader):
        return _TO_YOU[type(event)](event, moment)
    if isinstance(event, (happened.RoomMuted, happened.RoomBanned)):
        done = "muted" if isinstance(event, happened.RoomMuted) else "banned"
        return f"{event.nick} {done} {event.who}{_until(event.until, moment)}{_because(event.reason)}"
    if isinstance(event, happened.Locked):
        return f"{event.nick} locked the room{_until(event.until, moment)}{_because(event.reason)}"
    if isinstance(event, happened.LockdownSet):
        return _lockdown(event, moment)
    spell = _SENTENCES.get(type(event))
    return spell(event) if spell is not None else f"{event.nick}: {event.kind}"


def is_personal(event: Event) -> bool:
    """Whether the person whom it concerns reads another sentence than everyone else."""
    return type(event) in _TO_YOU


def concerned(event: Event) -> str:
    """The nickname of the person to whom something personal happened."""
    return str(event.to if isinstance(event, happened.ReportClosed) else getattr(event, "who", ""))


def _until(until: float, moment: Moment) -> str:
    return "" if until == FOREVER else f" until {moment(until)}"


def _because(reason: str) -> str:
    return f": {reason}" if reason else "."


def _ended(reason: str) -> str:
    """The same before another sentence."""
    return with_full_stop(_because(reason))


def _topic(event: happened.TopicSet) -> str:
    if not event.text:
        return f"{event.nick} removed the topic."
    return f"{event.nick} set the topic: {event.text}"


def _slow(event: happened.SlowSet) -> str:
    if not event.seconds:
        return f"{event.nick} turned off slow mode."
    seconds = "second" if event.seconds == 1 else f"{event.seconds:,} seconds"
    return f"{event.nick} turned on slow mode: each person can send one line every {seconds}."


def _role(event: happened.RoleSet) -> str:
    if event.role in _ROLES:
        return f"{event.nick} made {event.who} {_ROLES[event.role]}."
    if event.role == _VOICE:
        return f"{event.nick} gave {event.who} voice."
    return f"{event.nick} removed the role that {event.who} had in the room."


def _capacity(event: happened.CapacitySet) -> str:
    if not event.people:
        return f"{event.nick} removed the limit of people in the room."
    return f"{event.nick} limited the room to {counted(event.people, 'person', 'people')}."


def _staff(event: happened.StaffSet) -> str:
    if event.role in _STAFF:
        return f"{event.nick} made {event.who} {_STAFF[event.role]}."
    return f"{event.nick} removed the role that {event.who} had on this server."


def _your_staff(event: happened.StaffSet) -> str:
    if event.role in _STAFF:
        return f"{event.nick} made you {_STAFF[event.role]}."
    return f"{event.nick} removed your role on this server."


def _kicked(event: happened.Kicked) -> str:
    if event.reason.startswith(happened.ROOM_CLOSED):
        return f"{event.nick} kicked you from {event.room}{_because(event.reason)}"
    return f"{event.nick} kicked you from {event.room}{_ended(event.reason)} /join {event.room} lets you return."


def _your_role(event: happened.RoleSet) -> str:
    if event.role in _ROLES:
        return f"{event.nick} made you {_ROLES[event.role]} of {event.room}."
    if event.role == _VOICE:
        return f"{event.nick} gave you voice in {event.room}: you can talk, even if the room is moderated."
    return f"{event.nick} removed your role in {event.room}."


def _staff_told(event: happened.StaffTold) -> str:
    who = f"{event.nick} (as {event.acts_as})" if event.acts_as else event.nick
    return f"{who} to all staff: {event.text}"


def _audited(event: happened.Audited) -> str:
    return f"Staff log: {event.nick}, {event.act} {event.target}" + (f" ({event.detail})" if event.detail else "")


_LEVELS = {
    "guests": "new guests cannot connect",
    "accounts": "new accounts cannot be created",
    "registered": "new guests cannot connect, and new accounts cannot be created",
}


def _lockdown(event: happened.LockdownSet, moment: Moment) -> str:
    if event.level not in _LEVELS:
        return f"{event.nick} ended the lockdown of this server: everyone can connect."
    until = _until(event.until, moment)
    return f"{event.nick} locked this server down{until}, so {_LEVELS[event.level]}{_because(event.reason)}"


def _reported(event: happened.Reported) -> str:
    where = f" in {event.where}" if event.who and event.where else ""
    lines = [f"Report {event.number}: {event.nick} reported {event.who or event.where}{where}{_because(event.reason)}"]
    for line in event.quote.split("\n") if event.quote else ():
        number, _, text = line.partition(" ")
        lines.append(f"    line {number}: {text}")
    return "\n".join(lines)


def _missed(event: happened.Missed) -> str:
    count = event.last - event.first + 1
    lines = "1 line" if count == 1 else f"{count:,} lines"
    return f"{lines} of {event.room} could not be shown here and cannot be fetched."


_SENTENCES: dict[type[Event], Callable[..., str]] = {
    happened.Joined: lambda e: f"{e.nick} (bot) joined." if e.bot else f"{e.nick} joined.",
    happened.Left: lambda e: f"{e.nick} {'left the chat' if e.gone else 'left the room'}{_because(e.reason)}",
    happened.Renamed: lambda e: f"{e.nick} is now called {e.new}.",
    happened.RoomCreated: lambda e: f"{e.nick} created the room.",
    happened.RoomClosed: lambda e: "The room is closed.",
    happened.TopicSet: _topic,
    happened.TopicRuleSet: lambda e: f"{e.nick} lets {_TOPIC_BY.get(e.by, e.by)} set the topic.",
    happened.PasswordSet: lambda e: (
        f"{e.nick} {'set a password for the room' if e.on else 'removed the password of the room'}."
    ),
    happened.InviteOnlySet: lambda e: (
        f"{e.nick} {'made the room invite-only' if e.on else 'opened the room to everyone'}."
    ),
    happened.SlowSet: _slow,
    happened.ModeratedSet: lambda e: (
        f"{e.nick} {'made the room moderated: only people with voice' if e.on else 'lets everyone in the room'} "
        f"{'can talk' if e.on else 'talk'}."
    ),
    happened.UnlistedSet: lambda e: f"{e.nick} {'took the room off' if e.on else 'put the room on'} the list of rooms.",
    happened.CapacitySet: _capacity,
    happened.Unlocked: lambda e: f"{e.nick} unlocked the room.",
    happened.Invited: lambda e: f"{e.nick} invited {e.who}.",
    happened.Uninvited: lambda e: f"{e.who} is no longer invited.",
    happened.AdmittedSet: lambda e: (
        f"{e.nick} {'lets' if e.on else 'no longer lets'} {e.who} join the room at any time."
    ),
    happened.RoleSet: _role,
    happened.Kicked: lambda e: f"{e.nick} kicked {e.who}{_because(e.reason)}",
    happened.RoomUnmuted: lambda e: f"{e.nick} unmuted {e.who}.",
    happened.RoomUnbanned: lambda e: f"{e.nick} unbanned {e.who}.",
    happened.StaffSet: _staff,
    happened.BotSet: lambda e: f"{e.who} is {'now' if e.on else 'no longer'} marked as a bot.",
    happened.Audited: _audited,
    happened.StaffTold: _staff_told,
    happened.Reported: _reported,
    happened.ReportClosed: lambda e: f"{e.nick} closed report {e.number} by {e.to} about {e.who}{_because(e.reason)}",
    happened.AwaySet: lambda e: f"{e.nick} is away: {e.text}" if e.text else f"{e.nick} is back.",
    happened.Mailed: lambda e: f"{e.nick} sent you a whisper. To read it, type /inbox",
    happened.OperatorsTold: lambda e: f"{e.nick} to the operators of {e.to}: {e.text}",
    happened.Noticed: lambda e: e.text,
    happened.Announced: lambda e: e.text,
    happened.Missed: _missed,
}

_TO_YOU: dict[type[Event], Callable[[Any, Moment], str]] = {
    happened.Invited: lambda e, _: f"{e.nick} invited you to {e.room}: /join {e.room}",
    happened.Uninvited: lambda e, _: f"Your invitation to {e.room} was withdrawn.",
    happened.AdmittedSet: lambda e, _: (
        f"{e.nick} lets you join {e.room} at any time: /join {e.room}"
        if e.on
        else f"{e.nick} no longer lets you join {e.room} at any time."
    ),
    happened.RoleSet: lambda e, _: _your_role(e),
    happened.Kicked: lambda e, _: _kicked(e),
    happened.RoomMuted: lambda e, moment: (
        f"{e.nick} muted you in {e.room}{_until(e.until, moment)}{_because(e.reason)}"
    ),
    happened.RoomUnmuted: lambda e, _: f"{e.nick} unmuted you in {e.room}: you can talk again.",
    happened.RoomBanned: lambda e, moment: (
        f"{e.nick} banned you from {e.room}{_until(e.until, moment)}{_because(e.reason)}"
    ),
    happened.RoomUnbanned: lambda e, _: f"{e.nick} unbanned you from {e.room}: /join {e.room}",
    happened.StaffSet: lambda e, _: _your_staff(e),
    happened.BotSet: lambda e, _: f"You are {'now' if e.on else 'no longer'} marked as a bot.",
    happened.ReportClosed: lambda e, _: f"{e.nick} closed your report {e.number} about {e.who}{_because(e.reason)}",
}
