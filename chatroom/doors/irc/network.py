"""
What all IRC connections of a daemon share: what the server and its people are called on IRC, and how they are written
to.

A person's source is C{alice!~alice@alice.chatroom}: the host names the person, as others may not learn the address, so
that the ban mask of every client hits that person and nobody else. See C{docs/adr/0060}.
It knows the server, and no connection.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

from chatroom import __version__
from chatroom.doors.irc.capabilities import CAPABILITIES
from chatroom.doors.irc.forms import IrcStyle, Names
from chatroom.doors.irc.metadata_values import LIMITS, MetadataValues, Values
from chatroom.doors.irc.monitor import NameWatches
from chatroom.doors.irc.read_marks import ReadMarkers
from chatroom.doors.irc.sasl import mechanisms
from chatroom.doors.irc.sts import StsPolicy
from chatroom.doors.irc.wire import NOTHING
from chatroom.doors.transport import Encryption
from chatroom.events import Role
from chatroom.folding import fold
from chatroom.interfaces import IServer, RoomSummary

if TYPE_CHECKING:
    from chatroom.doors.irc.speaker import IrcSpeaker

CHANNEL = "#"
"""How the name of a room begins on IRC."""

_NO_HOST = re.compile(r"[^\w.-]+")


class Profile:
    """
    What a client says of the person at its registration. It is kept while the connection lives, by this node alone.

    @ivar user: the username, without C{~}. @ivar real: the real name. @ivar metadata: of a guest.
    """

    __slots__ = ("__weakref__", "metadata", "real", "user")

    def __init__(self, user: str, real: str) -> None:
        self.user = user
        self.real = real
        self.metadata: Values = NOTHING


REMEMBERED = 100
"""People that WHOWAS knows: the last ones who left, by this node and since it started."""


class Gone(NamedTuple):
    """Somebody who was here, as their client named them."""

    nick: str
    user: str
    real: str


class Network(Names):
    """
    @ivar server: the server. @ivar metadata: what people and rooms say of themselves.
    @ivar autojoin: people join the lobby when they connect.
    @ivar early_signup: a client may make an account before it is connected.
    @ivar sts: what clients read of TLS; C{None}: nothing.
    @ivar version: what it says it is. @ivar most: so many people were online at once, as far as clients have asked.
    """

    def __init__(
        self, server: IServer, autojoin: bool = True, early_signup: bool = True, sts: StsPolicy | None = None
    ) -> None:
        super().__init__(_NO_HOST.sub("-", server.name).strip("-.") or "chatroom", server.name)
        self.server = server
        self.autojoin = autojoin
        self.early_signup = early_signup
        self.sts = sts
        self.version = f"chatroom-{__version__}"
        self.most = 0
        self.watches = NameWatches(server)
        self.metadata = MetadataValues(server.store("irc"))
        self._gone: deque[Gone] = deque(maxlen=REMEMBERED)
        self._styles: dict[frozenset[str], IrcStyle] = {}
        self._profiles: WeakValueDictionary[str, Profile] = WeakValueDictionary()
        self._clients: dict[str, dict[IrcSpeaker, None]] = {}
        self._markers: WeakValueDictionary[str, ReadMarkers] = WeakValueDictionary()
        self._hearing: dict[str, dict[IrcSpeaker, None]] = {}

    def style(self, capabilities: frozenset[str]) -> IrcStyle:
        """How a client with these capabilities is written to. Clients that read the same bytes have the same style."""
        wanted = capabilities & IrcStyle.CAPABILITIES
        made = self._styles.get(wanted)
        if made is None:
            made = self._styles[wanted] = IrcStyle(self, wanted)
        return made

    def is_account(self, nick: str) -> bool:
        """Whether somebody is online by this nickname who is logged in."""
        who = self.server.person_now(nick)
        return who is not None and who.account

    def away(self, nick: str) -> str:
        """See L{Names.away}."""
        who = self.server.person_now(nick)
        return "" if who is None else who.away

    def role(self, room: str, nick: str) -> Role:
        """See L{Names.role}."""
        return self.server.role(room, nick)

    def real(self, nick: str) -> str:
        """See L{Names.real}."""
        return self.profile(nick).real

    def lists(self, room: RoomSummary) -> bool:
        """Whether LIST shows it: not an empty lobby, where people do not join it by themselves."""
        return bool(room.people) or self.autojoin or fold(room.name) != fold(self.server.lobby)

    def service(self, name: str) -> str:
        """The source of what one of L{chatroom.doors.irc.services} says, or the server."""
        return self.host if name == self.host else f"{name}!{name}@services.{self.host}"

    def offered(self, certificate: str = "", encryption: Encryption = Encryption.UNKNOWN) -> Mapping[str, str]:
        """
        The capabilities that a connection is offered, with their values.

        @param certificate: the fingerprint of what its client has presented, or C{""}.
        @param encryption: how it is encrypted.
        """
        limits = self.server.limits
        lines = f"max-bytes={limits.text_length},max-lines={limits.message_lines}"
        early = "before-connect" if self.early_signup else ""
        made = {"draft/account-registration": early, "draft/multiline": lines, "draft/metadata-3": LIMITS}
        sts = "" if self.sts is None else self.sts.value(encryption)
        made.update({"sasl": ",".join(mechanisms(certificate)), **({"sts": sts} if sts else {})})
        return {**CAPABILITIES, **made}

    # Who is connected to this node by an IRC client.

    def is_called(self, speaker: IrcSpeaker, old: str | None, new: str | None) -> None:
        """A client has another nickname now, or none."""
        if old is not None:
            _take_out(self._clients, fold(old), speaker)
        if new is not None:
            self._clients.setdefault(fold(new), {})[speaker] = None

    def clients(self, nick: str) -> Sequence[IrcSpeaker]:
        """The clients of one person."""
        return tuple(self._clients.get(fold(nick), ()))

    def hears(self, speaker: IrcSpeaker, room: str) -> None:
        """A client hears what happens in this room."""
        self._hearing.setdefault(room, {})[speaker] = None

    def hears_no_more(self, speaker: IrcSpeaker, room: str) -> None:
        """It does not any more."""
        _take_out(self._hearing, room, speaker)

    def hearing(self, room: str) -> Sequence[IrcSpeaker]:
        """The clients that hear a room."""
        return tuple(self._hearing.get(room, ()))

    def markers(self, speaker: IrcSpeaker) -> ReadMarkers:
        """How far this client's person has read. A guest who becomes an account takes along what is known."""
        return self._markers.setdefault(speaker.caller.identity or "", speaker.markers)

    def around(self, speaker: IrcSpeaker, capability: str, rooms: Iterable[str]) -> list[IrcSpeaker]:
        """
        The clients with this capability that read what somebody does: their own, those in these rooms of theirs, and
        those that watch them. Who ignores them does not.
        """
        nick, key = speaker.called, fold(speaker.called)
        found = dict.fromkeys(self.clients(nick))
        for room in rooms:
            found.update(dict.fromkeys(self.hearing(room)))
        found.update(dict.fromkeys(each for each in self.watches.of(nick) if each.has("extended-monitor")))
        return [each for each in found if each.has(capability) and key not in each.caller.ignored]

    # What clients say of their people.

    def profile(self, nick: str) -> Profile:
        """What the first client of that person said; or what a person of another door would say."""
        return self._profiles.get(fold(nick)) or Profile(fold(nick), nick)

    @contextmanager
    def arrives(self, nick: str, profile: Profile) -> Iterator[None]:
        """Somebody is arriving, whose real name others read in the JOIN already. Refused, it is nobody's."""
        if self.server.person_now(nick) is None:
            self.is_profiled(nick, profile)
        try:
            yield
        except BaseException:
            self.is_profiled_no_more(nick, profile)
            raise

    def is_profiled(self, nick: str, profile: Profile) -> None:
        """The person of this nickname has that profile, unless another client of theirs was first."""
        self._profiles.setdefault(fold(nick), profile)

    def is_profiled_no_more(self, nick: str, profile: Profile) -> None:
        """That person has another nickname now, or none."""
        if self._profiles.get(fold(nick)) is profile:
            del self._profiles[fold(nick)]

    def has_left(self, nick: str, profile: Profile) -> None:
        """A client of that person is gone. What it said of them is so no more; another client of theirs may say it."""
        self.is_profiled_no_more(nick, profile)
        for other in self.clients(nick):
            if other.profile is not None:
                self.is_profiled(nick, other.profile)
        self._gone.append(Gone(nick, profile.user, profile.real))

    def gone(self, nick: str) -> list[Gone]:
        """Who had this nickname before, the last one first."""
        key = fold(nick)
        return [gone for gone in reversed(self._gone) if fold(gone.nick) == key]


def _take_out(known: dict[str, dict[IrcSpeaker, None]], key: str, speaker: IrcSpeaker) -> None:
    """Leave no empty entry behind."""
    some = known.get(key)
    if some is not None:
        some.pop(speaker, None)
        if not some:
            del known[key]
