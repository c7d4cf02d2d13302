"""
What the answers of the built-in commands hold for programs: the facts, each with its type.

A command names its shapes as C{Command.facts}. From them come C{answer-WORD} in docs/schema/protocol.json and the
column Answer of docs/protocol.rst; tests hold the server's real answers against them. Here are names and types alone:
nothing makes an answer, and the running server never reads this.

Every key is in every answer, but for those of a class with C{total=False}; C{X | None} may be C{null}. A later version
may have more keys. The module is long, because it is a list of all answers and has no logic.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias, TypedDict

from chatroom.events import Event

Time: TypeAlias = Annotated[str, "time"]
"""RFC 3339 in UTC to the millisecond: see L{chatroom.commands.times.stamp}."""

Count: TypeAlias = Annotated[int, "count"]
"""A whole number from 0 up."""

Number: TypeAlias = Annotated[int, "number"]
"""A whole number from 1 up."""


class NoFacts(TypedDict):
    """C{logout}, C{quit}: that it is done says all."""


# Objects inside answers.


class LockFacts(TypedDict):
    """Who locked a room to newcomers. C{until}: C{None} until further notice."""

    by: str
    at: Time
    until: Time | None
    reason: str


class PersonFacts(TypedDict):
    """A person online. C{role} is in the room meant, C{staff} on the server."""

    nick: str
    account: bool
    away: str
    since: Time
    role: str
    staff: str
    bot: bool


class RoomFacts(TypedDict):
    """A room as one of its members sees it: L{chatroom.interfaces.RoomView}. Also C{join}, C{create}."""

    room: str
    topic: str
    role: str
    people: list[PersonFacts]
    people_total: Count
    recent: list[Event]
    last: Count
    missed: Count
    read: Count
    keep: bool
    invite_only: bool
    locked: bool
    created: Time
    slow: Count
    lock: LockFacts | None
    topic_by: str
    moderated: bool
    unlisted: bool
    capacity: Count


class ListedRoomFacts(TypedDict):
    """A room as everybody sees it."""

    room: str
    topic: str
    people: Count
    invite_only: bool
    locked: bool
    joined: bool
    lock: LockFacts | None
    unlisted: bool
    capacity: Count


class BanFacts(TypedDict):
    """A ban or mute in a room. Also C{ban}, C{mute}."""

    room: str
    kind: str
    nick: str
    by: str
    at: Time
    until: Time | None
    reason: str
    guest: bool
    address: bool
    now: str | None


class _ServerBan(TypedDict):
    kind: str
    target: str
    scope: str
    by: str
    at: Time
    until: Time | None
    reason: str


class ServerBanFacts(_ServerBan, total=False):
    """A ban or mute on the whole server. Also C{gmute}. C{address}: from which other guests are banned as well."""

    address: str


class ReportFacts(TypedDict):
    """A report to the staff. Also C{report}."""

    number: Number
    at: Time
    by: str
    who: str
    where: str
    reason: str
    quote: str
    last: Count


class WaitingWhisperFacts(TypedDict):
    """A whisper in the inbox."""

    number: Number
    at: Time
    nick: str
    to: str
    text: str


class SessionFacts(TypedDict):
    """A session of one's account. C{expires}: C{None} for a program's, which has no end."""

    session: str
    current: bool
    label: str
    created: Time
    used: Time
    expires: Time | None
    kept: bool
    service: str


class StaffMemberFacts(TypedDict):
    """A moderator or admin of the server."""

    nick: str
    staff: str
    online: bool


class EntryFacts(TypedDict):
    """An entry of the audit log."""

    number: Number
    at: Time
    who: str
    act: str
    target: str
    detail: str


class ParameterFacts(TypedDict):
    """A parameter of a command: L{chatroom.interfaces.Parameter}."""

    name: str
    required: bool
    rest: bool
    quoted: bool
    secret: bool
    by_name: bool
    help: str


class CommandFacts(TypedDict):
    """A command: L{chatroom.interfaces.ICommand}."""

    word: str
    aliases: list[str]
    family: str
    summary: str
    details: str
    usage: str
    parameters: list[ParameterFacts]
    standing: str
    role: str
    staff: str


# Answers of several commands, or of one.


class LoginFacts(TypedDict):
    """C{hello}, C{login}, C{resume}, C{signup}. C{view}: the current room, or C{None} if there is none."""

    nick: str
    account: bool
    token: str | None
    kept: bool
    waiting: Count
    reports: Count
    lockdown: str
    motd: list[str]
    view: RoomFacts | None


class PageFacts(TypedDict):
    """C{history}, C{missed}. C{gap}: the first and last number of events that are no longer kept."""

    room: str
    events: list[Event]
    more: bool
    gap: tuple[Number, Number] | None


class _Said(TypedDict):
    room: str
    seq: Number
    at: Time


class SaidFacts(_Said, total=False):
    """C{say}, C{me}. The JSON door makes them of the event that is kept. C{nonce}: if one was sent."""

    nonce: str


class WhisperedFacts(TypedDict):
    """C{whisper}, C{reply}. C{delivered}: not in the inbox."""

    to: str
    delivered: bool


class OperatorsToldFacts(TypedDict):
    """C{tellops}. C{people}: how many operators are in the room."""

    room: str
    people: Count


class OwnFacts(TypedDict):
    """C{whoami}."""

    nick: str
    account: bool
    bot: bool
    staff: str
    rooms: list[str]


class ServerFacts(OwnFacts):
    """C{info} about the server."""

    version: str
    people_total: Count
    rooms_total: Count
    now: Time


class _About(TypedDict):
    nick: str
    online: bool
    since: Time | None
    away: str
    account: bool
    created: Time | None
    staff: str
    bot: bool


class AboutFacts(_About, total=False):
    """C{info} about a person. Staff also get C{addresses}, C{nodes}, where there are any."""

    addresses: list[str]
    nodes: list[str]


class WhoFacts(TypedDict):
    """C{who}. C{room}: C{None} for all of the server."""

    room: str | None
    people_total: Count
    next: str | None
    people: list[PersonFacts]


class NickFacts(TypedDict):
    """C{nick}."""

    nick: str


class AwayFacts(TypedDict):
    """C{away}, C{back}."""

    away: str


class IgnoredFacts(TypedDict):
    """C{ignore}, C{unignore}."""

    ignored: list[str]


class ZoneFacts(TypedDict):
    """C{zone}. C{zone}: C{None} for UTC."""

    zone: str | None
    now: Time


class BotFacts(TypedDict):
    """C{bot}."""

    nick: str
    bot: bool


class SessionsFacts(TypedDict):
    """C{session}: the list."""

    sessions: list[SessionFacts]


class CertificateFacts(TypedDict):
    """A TLS certificate of an account. C{used}: C{None} if it has never logged in."""

    fingerprint: str
    current: bool
    added: Time
    used: Time | None


class CertificatesFacts(TypedDict):
    """C{cert}: the list."""

    certificates: list[CertificateFacts]


class AddedCertificateFacts(TypedDict):
    """C{cert add}."""

    fingerprint: str


class RemovedCertificatesFacts(TypedDict):
    """C{cert remove}: how many."""

    removed: int


class KeptSessionFacts(TypedDict):
    """C{session remember}."""

    session: str
    expires: Time


class ServiceFacts(TypedDict):
    """C{session create}."""

    service: str
    token: str


class RevokedFacts(TypedDict):
    """C{session revoke}, C{passwd}: how many sessions ended."""

    revoked: Count


class CommandsFacts(TypedDict):
    """C{help}."""

    commands: list[CommandFacts]


class MotdFacts(TypedDict):
    """C{motd}."""

    motd: list[str]


class FoundFacts(TypedDict):
    """C{search}."""

    next: Count | None
    events: list[Event]


class InboxFacts(TypedDict):
    """C{inbox}."""

    unread: Count
    more: bool
    whispers: list[WaitingWhisperFacts]


class RoomsFacts(TypedDict):
    """C{rooms}."""

    total: Count
    rooms: list[ListedRoomFacts]


class LeftFacts(TypedDict):
    """C{leave}. C{room}: the current room now."""

    left: str
    room: str | None


class CurrentRoomFacts(TypedDict):
    """C{look}."""

    room: str | None
    rooms: list[str]


class TopicFacts(TypedDict):
    """C{topic}."""

    room: str
    topic: str


class TopicByFacts(TypedDict):
    """C{opentopic}."""

    room: str
    topic_by: str


class PasswordFacts(TypedDict):
    """C{password}."""

    room: str
    locked: bool


class InviteOnlyFacts(TypedDict):
    """C{private}, C{public}."""

    room: str
    invite_only: bool


class ModeratedFacts(TypedDict):
    """C{moderated}."""

    room: str
    moderated: bool


class UnlistedFacts(TypedDict):
    """C{unlisted}."""

    room: str
    unlisted: bool


class CapacityFacts(TypedDict):
    """C{capacity}."""

    room: str
    capacity: Count


class SlowFacts(TypedDict):
    """C{slow}."""

    room: str
    seconds: Count


class RoomLockFacts(TypedDict):
    """C{lock}."""

    room: str
    until: Time | None
    reason: str


class RoomNameFacts(TypedDict):
    """C{unlock}, C{close}."""

    room: str


class RoomNickFacts(TypedDict):
    """C{admit}, C{invite}, C{kick}, C{unadmit}, C{unban}, C{unmute}, C{unvoice}, C{voice}."""

    room: str
    nick: str


class RoleFacts(RoomNickFacts):
    """C{op}, C{deop}."""

    role: str


class AdmittedFacts(TypedDict):
    """Somebody who can join a room at any time."""

    nick: str
    by: str
    at: Time


class AdmittedListFacts(TypedDict):
    """C{admitted}."""

    room: str
    next: Count | None
    admitted: list[AdmittedFacts]


class BansFacts(TypedDict):
    """C{bans}."""

    room: str
    next: Count | None
    bans: list[BanFacts]


class MadeServerBanFacts(ServerBanFacts):
    """C{gban}. C{addresses}: where the person is connected from."""

    addresses: list[str]


class ServerBansFacts(TypedDict):
    """C{gbans}."""

    next: Count | None
    bans: list[ServerBanFacts]


class TargetFacts(TypedDict):
    """C{gkick}, C{gunban}, C{gunmute}."""

    target: str


class StaffFacts(TypedDict):
    """C{staff}."""

    staff: list[StaffMemberFacts]


class PromotedFacts(TypedDict):
    """C{promote}, C{demote}: the role on the server now, and before."""

    nick: str
    staff: str
    before: str


class ActingFacts(TypedDict):
    """C{oper}, C{unoper}: the account with whose role the connection acts, or C{""}, and its role on the server."""

    acts_as: str
    staff: str


class EntriesFacts(TypedDict):
    """C{audit}."""

    entries: list[EntryFacts]


class LockdownFacts(TypedDict):
    """C{lockdown}. C{by}, C{at}: C{None} if there is none."""

    level: str
    by: str | None
    at: Time | None
    until: Time | None
    reason: str


class ReportsFacts(TypedDict):
    """C{reports}: the list."""

    next: Count | None
    reports: list[ReportFacts]


class ClosedReportFacts(TypedDict):
    """C{reports done}."""

    number: Number
