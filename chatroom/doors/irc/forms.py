"""
Events as lines of IRC: one form for each set of capabilities that changes their bytes, so that a line said in a room is
written once for all clients alike.

RFC 1459 and 2812; IRCv3 server-time, message-tags, account-tag, extended-join, away-notify, account-notify,
invite-notify. It knows events and names, and nothing of connections. It is long because every kind of event has its
line; each is short.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from zope.interface import implementer

from chatroom import events as happened
from chatroom.doors.irc.beside import CONCAT, MULTILINE, PLAIN, BesideEvents, Piece, broken_up
from chatroom.doors.irc.channel_names import STATUS
from chatroom.doors.irc.formatting import ACTION_SIZE, action
from chatroom.doors.irc.masks import mask_of, source_of
from chatroom.doors.irc.splitting import lines
from chatroom.doors.irc.times import msgid, server_time, whisper_id
from chatroom.doors.irc.wire import MOST_REST, NOTHING, written, written_tags
from chatroom.doors.line.text import lines_of, stamp
from chatroom.events import SERVER, Event, Role, RoomEvent
from chatroom.folding import fold
from chatroom.interfaces import IForm
from chatroom.sentences import sentence
from chatroom.zones import moment

NOT_SHOWN = frozenset({"looking"})
"""Notices of the server that only a door with a current room needs."""


NOT_READ_ALONE = (happened.BotSet, happened.RoomUnbanned)
"""
What other doors tell one person, and IRC does not: clients learn of a bot by C{MODE}; and as on other servers, a person
who was unbanned learns it when they join.
"""

SMALLEST = 100
"""Bytes of a text that stand in a line at least, however long the names before it are."""


FEW_ON_EACH = 32
"""Characters of clients' tags that stand before each line of a message, and not before its first alone."""


class Names:
    """
    What the server and its people are called on IRC.

    @ivar host: of the server: a word that may stand where a host name stands.
    @ivar name: as people know the server, which is also who does what the server does by itself.
    @ivar beside: what stands beside messages that are on their way.
    """

    def __init__(self, host: str, name: str) -> None:
        self.beside = BesideEvents()
        self.host = host
        self.name = name

    def source(self, nick: str) -> str:
        """Who a line comes from."""
        return self.host if not nick or nick == self.name else source_of(nick, self.host)

    def is_account(self, nick: str) -> bool:
        """Whether somebody is online by this nickname who is logged in."""
        raise NotImplementedError

    def away(self, nick: str) -> str:
        """Why somebody is away who is online; C{""}: they are not."""
        raise NotImplementedError

    def role(self, room: str, nick: str) -> Role:
        """What somebody is in a room; L{Role.NOBODY}: they are not in it."""
        raise NotImplementedError

    def real(self, nick: str) -> str:
        """The real name that somebody's client has sent."""
        raise NotImplementedError


@implementer(IForm)
class IrcForm:
    """How clients read the events of rooms that have the same ones of L{IrcStyle.CAPABILITIES}."""

    echoes = True

    def __init__(self, names: Names, capabilities: frozenset[str]) -> None:
        self._names = names
        self._beside = names.beside.known
        self._multiline = MULTILINE in capabilities
        self._time = "server-time" in capabilities
        self._tags = "message-tags" in capabilities
        self._account = "account-tag" in capabilities
        self._extended = "extended-join" in capabilities
        self._invites = "invite-notify" in capabilities
        self._away = "away-notify" in capabilities

    def render(self, events: Sequence[Event], reader: str = "") -> list[bytes]:
        """See L{IForm.render}. C{b""}: IRC has no line for it, or it is told once: see L{IEar.once}."""
        made = []
        for event in events:
            write = _WRITERS.get(type(event))
            made.append(b"" if write is None else write(self, event))
        return made

    def past(self, events: Sequence[Event], stamped: bool = False) -> list[bytes]:
        """
        Events of a history. It has QUIT and NICK, too, which clients read only once when they happen.

        @param stamped: talk begins with its time, for clients that read no C{time}.
        """
        made = []
        for event in events:
            if isinstance(event, happened.Left) and event.gone:
                made.append(self.line(event, "QUIT", event.reason))
            elif isinstance(event, happened.Renamed):
                made.append(self.line(event, "NICK", event.new))
            elif isinstance(event, happened.Joined):
                made.append(self.joined(event))
            elif isinstance(event, happened.RoleSet):
                made.append(self.role(event))
            elif stamped and isinstance(event, happened.Said | happened.Acted):
                made += self.render([replace(event, text=stamp(event.at) + event.text)])
            else:
                made += self.render([event])
        return [data for data in made if data]

    def tags(self, event: Event) -> Mapping[str, str]:
        """All that a line of this event has before it."""
        if not (self._time or self._tags or self._account):
            return NOTHING
        made: dict[str, str] = {}
        if self._time:
            made["time"] = server_time(event.at)
        if self._tags:
            if isinstance(event, RoomEvent) and event.seq:
                made["msgid"] = msgid(event.room, event.seq)
            elif isinstance(event, happened.Whispered | happened.OperatorsTold):
                made["msgid"] = whisper_id(event.at, event.nick, event.to, event.text)
            if getattr(event, "bot", False):
                made["bot"] = ""
        if self._account and self._names.is_account(event.nick):
            made["account"] = event.nick
        return made

    def addressed(self, event: happened.Whispered | happened.OperatorsTold, target: str) -> bytes:
        """A message that is in no room."""
        return self.talk(event, "NOTICE" if event.auto else "PRIVMSG", target)

    def talk(self, event: Any, command: str, target: str, act: bool = False) -> bytes:
        """A message, in as many lines as it takes; the first has the msgid, and the tags of its author's client."""
        head = f":{self._names.source(event.nick)} {command} {target} :"
        size = max(SMALLEST, MOST_REST - 2 - len(head.encode()) - (ACTION_SIZE if act else 0))
        text, tags = event.text, self.tags(event)
        beside = self._names.beside.of(event) if self._beside else PLAIN
        if self._tags and beside.tags:
            tags = {**tags, **beside.tags}
        if len(text) * 4 <= size and "\n" not in text and not beside.pieces:  # as almost always
            broken = [text]
        elif self._multiline and not act:
            return self._in_a_batch(event, broken_up(text, beside.pieces, size), head, target, tags)
        else:
            broken = [piece.text for piece in broken_up(text, beside.pieces, size) if piece.text] or [""]
        made = [f"{written_tags(tags)}{head}{action(broken[0]) if act else broken[0]}\r\n"]
        if len(broken) > 1:
            few = sum(map(len, beside.tags.values())) + sum(map(len, beside.tags)) <= FEW_ON_EACH
            more = written_tags(
                {key: value for key, value in tags.items() if key != "msgid" and (few or key[0] != "+")}
            )
            made += [f"{more}{head}{action(piece) if act else piece}\r\n" for piece in broken[1:]]
        return "".join(made).encode(errors="replace")

    def _in_a_batch(
        self, event: Any, broken: Sequence[Piece], head: str, target: str, tags: Mapping[str, str]
    ) -> bytes:
        """A message of several lines, for clients that put them together again; one line goes without a batch."""
        if len(broken) == 1:
            return f"{written_tags(tags)}{head}{broken[0].text}\r\n".encode(errors="replace")
        source, name = self.source(event.nick), f"m{getattr(event, 'seq', 0)}"
        made = [f"{written_tags(tags)}:{source} BATCH +{name} {MULTILINE} {target}\r\n"]
        for piece in broken:
            made.append(f"@batch={name}{f';{CONCAT}' if piece.joins else ''} {head}{piece.text}\r\n")
        made.append(f":{source} BATCH -{name}\r\n")
        return "".join(made).encode(errors="replace")

    def source(self, nick: str) -> str:
        """See L{Names.source}."""
        return self._names.source(nick)

    def line(self, event: Event, command: str, *params: str, by: str | None = None) -> bytes:
        """One line that comes from the person who did it."""
        source = self._names.source(event.nick if by is None else by)
        return written(command, *params, source=source, tags=self.tags(event))

    def joined(self, event: happened.Joined) -> bytes:
        """Somebody joined the room."""
        account = ("*" if event.guest else event.nick, self._names.real(event.nick)) if self._extended else ()
        return self.line(event, "JOIN", "#" + event.room, *account)

    def joined_now(self, event: happened.Joined) -> bytes:
        """The same, with what clients cannot know of a newcomer: that person may be an operator there, or away."""
        made = self.joined(event)
        letter = _LETTERS.get(self._names.role(event.room, event.nick).name.lower())
        if letter:
            made += written("MODE", "#" + event.room, f"+{letter}", event.nick, source=self._names.host)
        away = self._names.away(event.nick) if self._away else ""
        return made + self.line(event, "AWAY", away) if away else made

    def role(self, event: happened.RoleSet) -> bytes:
        """Somebody has voice, is an operator or an owner, or no longer."""
        old, new = _LETTERS.get(event.was or "operator", ""), _LETTERS.get(event.role, "")
        if not (old or new):
            return b""
        lost = f"-{old}" if old and old != new and (event.was or not new) else ""
        changes = lost + (f"+{new}" if new else "")
        return self.mode(event, changes, *[event.who] * (len(changes) // 2))

    def role_now(self, event: happened.RoleSet) -> bytes:
        """The same. A person outside the room has no rank that clients know, so the room reads a sentence."""
        absent = self._names.role(event.room, event.who) is Role.NOBODY
        return self.said_by_server(event) if absent else self.role(event)

    def said_by_server(self, event: Event) -> bytes:
        """What IRC has no command for: a sentence."""
        return self.line(event, "NOTICE", "#" + event.room, sentence(event, moment), by="")

    def mode(self, event: Event, *words: str) -> bytes:
        """A setting of the room is another."""
        return self.line(event, "MODE", "#" + event.room, *words)

    def out(self, event: happened.Kicked | happened.RoomBanned) -> bytes:
        """Somebody was sent out."""
        return self.line(event, "KICK", "#" + event.room, event.who, event.reason or event.nick)

    def invited(self, event: happened.Invited) -> bytes:
        """A line for clients that asked to read the invitations of other people."""
        return self.line(event, "INVITE", event.who, "#" + event.room) if self._invites else b""

    def barred(self, event: Event, on: bool, who: str, mute: bool = False) -> bytes:
        """Somebody is banned or muted, or no longer."""
        return self.mode(event, "+b" if on else "-b", mask_of(who, mute=mute))


def _left(form: IrcForm, event: happened.Left) -> bytes:
    reason = (event.reason,) if event.reason else ()
    return b"" if event.gone else form.line(event, "PART", "#" + event.room, *reason)


_LETTERS = {"owner": "o", "operator": "o", "voice": "v"}
"""Roles as modes: see PREFIX in 005."""

_WRITERS: dict[type[Event], Callable[[IrcForm, Any], bytes]] = {
    happened.Said: lambda form, e: form.talk(e, "PRIVMSG", "#" + e.room),
    happened.AutoSaid: lambda form, e: form.talk(e, "NOTICE", "#" + e.room),
    happened.Acted: lambda form, e: form.talk(e, "PRIVMSG", "#" + e.room, act=True),
    happened.Joined: IrcForm.joined_now,
    happened.Left: _left,
    happened.TopicSet: lambda form, e: form.line(e, "TOPIC", "#" + e.room, e.text),
    happened.TopicRuleSet: lambda form, e: form.mode(e, "+t" if e.by == happened.OPERATORS else "-t"),
    happened.PasswordSet: lambda form, e: form.mode(e, "+k" if e.on else "-k", "*"),
    happened.InviteOnlySet: lambda form, e: form.mode(e, "+i" if e.on else "-i"),
    happened.SlowSet: IrcForm.said_by_server,
    happened.ModeratedSet: lambda form, e: form.mode(e, "+m" if e.on else "-m"),
    happened.UnlistedSet: lambda form, e: form.mode(e, "+s" if e.on else "-s"),
    happened.CapacitySet: lambda form, e: form.mode(e, "+l", str(e.people)) if e.people else form.mode(e, "-l"),
    happened.Locked: IrcForm.said_by_server,
    happened.Unlocked: IrcForm.said_by_server,
    happened.Invited: IrcForm.invited,
    happened.AdmittedSet: lambda form, e: form.mode(e, "+I" if e.on else "-I", mask_of(e.who)),
    happened.RoleSet: IrcForm.role_now,
    happened.Kicked: IrcForm.out,
    happened.RoomMuted: lambda form, e: form.barred(e, True, e.who, mute=True),
    happened.RoomUnmuted: lambda form, e: form.barred(e, False, e.who, mute=True),
    happened.RoomBanned: lambda form, e: form.barred(e, True, e.who) + (b"" if e.absent else form.out(e)),
    happened.RoomUnbanned: lambda form, e: form.barred(e, False, e.who),
}
"""How each kind is written. Others are not shown: IRC's people know them by something else."""


class IrcStyle:
    """How clients are written to that have the same ones of L{CAPABILITIES}."""

    CAPABILITIES: ClassVar[frozenset[str]] = frozenset(
        [
            "server-time",
            "message-tags",
            "account-tag",
            "extended-join",
            "away-notify",
            "account-notify",
            "invite-notify",
            MULTILINE,
        ]
    )
    """Those that change the bytes of an event."""

    def __init__(self, names: Names, capabilities: frozenset[str]) -> None:
        self._names = names
        self._form = IrcForm(names, capabilities)
        self._away = "away-notify" in capabilities
        self._accounts = "account-notify" in capabilities

    def form(self, here: bool) -> IrcForm:
        """All rooms are read in the same way."""
        return self._form

    def told(self, parts: Sequence[str | Event], room: str | None, now: float, reader: str = "") -> bytes:
        """What one person reads alone."""
        return b"".join([self._told(part, reader or "*") for part in parts])

    def refusal(self, sentence: str) -> bytes:
        """Why a connection is not let in."""
        return self.error(sentence)

    def error(self, sentence: str) -> bytes:
        """The last line of a connection."""
        return written("ERROR", sentence)

    def notice(self, text: str, reader: str, source: str = "") -> bytes:
        """
        A sentence of the server, a line for each of its lines.

        @param source: who says it, if it is not the server itself.
        """
        source = source or self._names.host
        size = max(SMALLEST, MOST_REST - len(f":{source} NOTICE {reader} :\r\n".encode()))
        return b"".join([written("NOTICE", reader, each, source=source) for each in lines(text, size)])

    def past(self, event: Event, reader: str) -> bytes:
        """Something of the past, in the answer to one of our own commands: as people read it, with its time."""
        room = "" if event.room == SERVER else f"#{event.room}: "
        return self.notice("\n".join(f"{stamp(event.at)}{room}{each}" for each in lines_of(event, reader)), reader)

    def _told(self, part: str | Event, reader: str) -> bytes:
        if isinstance(part, str):
            return self.notice(part, reader)
        form = self._form
        if isinstance(part, happened.Whispered | happened.OperatorsTold | happened.StaffTold):
            return self._talk(part, reader)
        if isinstance(part, happened.Departed):
            return form.line(part, "QUIT", part.reason)
        if isinstance(part, happened.Became):
            return self._became(part, reader)
        if isinstance(part, happened.AwaySet):
            return form.line(part, "AWAY", *((part.text,) if part.text else ())) if self._away else b""
        if isinstance(part, happened.Noticed):
            return self._noticed(part, reader)
        if isinstance(part, happened.Invited) and fold(part.who) == fold(reader):
            return form.line(part, "INVITE", part.who, "#" + part.room)
        if isinstance(part, NOT_READ_ALONE):
            return b""
        told = sentence(part, moment, reader)
        return self.notice(told if part.room == SERVER else f"#{part.room}: {told}", reader) if told else b""

    def _talk(self, part: happened.Whispered | happened.OperatorsTold | happened.StaffTold, reader: str) -> bytes:
        """What somebody says to some people, and in no room."""
        if isinstance(part, happened.StaffTold):
            return self._wallops(part)
        to = reader if isinstance(part, happened.Whispered) else f"{STATUS}#{part.to}"
        return self._form.addressed(part, to)

    def _wallops(self, part: happened.StaffTold) -> bytes:
        """What one of the staff tells the others; before it stands the account that lends the role."""
        form, account = self._form, f"(as {part.acts_as}) " if part.acts_as else ""
        size = max(SMALLEST, MOST_REST - len(f":{form.source(part.nick)} WALLOPS :\r\n".encode()))
        return b"".join([form.line(part, "WALLOPS", each) for each in lines(account + part.text, size)])

    def _became(self, part: happened.Became, reader: str) -> bytes:
        """Of oneself, the door has said it."""
        if fold(part.new) == fold(reader):
            return b""
        form, renamed = self._form, part.nick != part.new
        made = form.line(part, "NICK", part.new) if renamed else b""
        if self._accounts and part.account and (not renamed or fold(part.nick) != fold(part.new)):
            made += form.line(part, "ACCOUNT", part.new, by=part.new)
        return made

    def _noticed(self, part: happened.Noticed, reader: str) -> bytes:
        if part.code == "closing":
            return self.error(f"Closing link: {part.text}")
        told = b"" if part.code in NOT_SHOWN else self.notice(part.text, reader)
        return told + self._form.line(part, "MODE", reader, "-o", by=reader) if part.code == "acting-ended" else told
