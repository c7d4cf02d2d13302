"""
What a client and the server agree on: CAP LS, LIST, REQ, ACK, NAK, END, NEW and DEL.

IRCv3 capability negotiation, version 302. The state of one connection, and what to answer; it knows neither bytes nor
what a capability changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

NEWEST = 302
"""The version of CAP LS from which on capabilities have values, and several lines may list them."""

LINE = 400
"""Bytes of names in one line of an answer."""

CAPABILITIES: Mapping[str, str] = {
    "account-notify": "",
    "account-tag": "",
    "away-notify": "",
    "batch": "",
    "cap-notify": "",
    "chghost": "",
    "draft/account-registration": "",
    "draft/chathistory": "",
    "draft/event-playback": "",
    "draft/extended-isupport": "",
    "draft/metadata-3": "",
    "draft/multiline": "",
    "draft/no-implicit-names": "",
    "draft/pre-away": "",
    "draft/read-marker": "",
    "echo-message": "",
    "extended-join": "",
    "extended-monitor": "",
    "invite-notify": "",
    "labeled-response": "",
    "message-tags": "",
    "multi-prefix": "",
    "sasl": "PLAIN",
    "server-time": "",
    "setname": "",
    "soju.im/no-implicit-names": "",
    "soju.im/search": "",
    "standard-replies": "",
    "userhost-in-names": "",
}
"""All that this door can do, with the value that clients of L{NEWEST} see. A connection is offered these or fewer."""

ONLY_SHOWN = frozenset({"sts"})
"""What clients read and cannot ask for. It is nothing without its value, which clients before L{NEWEST} do not see."""

NEEDS: Mapping[str, frozenset[str]] = {
    "labeled-response": frozenset({"batch"}),
    "draft/chathistory": frozenset({"batch"}),
    "draft/metadata-3": frozenset({"batch"}),
    "draft/multiline": frozenset({"batch"}),
    "draft/extended-isupport": frozenset({"batch"}),
    "soju.im/search": frozenset({"batch"}),
    "draft/event-playback": frozenset({"draft/chathistory", "batch"}),
}
"""What has no effect without others."""


@dataclass
class Capabilities:
    """
    What one connection has agreed on.

    @ivar offered: names and values; a server may offer others later: L{offer}.
    @ivar chosen: what the client has asked for and got.
    @ivar version: of CAP, as the client named it; 0 before.
    @ivar under_way: registration waits for CAP END.
    """

    offered: dict[str, str] = field(default_factory=lambda: dict(CAPABILITIES))
    chosen: set[str] = field(default_factory=set)
    version: int = 0
    under_way: bool = False

    @property
    def active(self) -> frozenset[str]:
        """What has an effect now: chosen, with all that it L{NEEDS}."""
        return frozenset(name for name in self.chosen if NEEDS.get(name, frozenset()) <= self.chosen)

    @property
    def notified(self) -> bool:
        """Whether the client wants CAP NEW and CAP DEL."""
        return "cap-notify" in self.chosen

    def answer(self, params: tuple[str, ...], *, registered: bool) -> list[tuple[str, ...]] | None:
        """
        Do what CAP asks for.

        @param params: the parameters of CAP. @param registered: whether the client has got 001.
        @return: the parameters of each CAP to answer with, behind the nickname; C{None}: the subcommand is unknown,
            which is answered with 410.
        """
        word, rest = (params[0].upper(), params[1:]) if params else ("", ())
        if word in ("LS", "REQ") and not registered:
            self.under_way = True
        if word == "LS":
            return self._listed(rest)
        if word == "LIST":
            return list(self._lines("LIST", sorted(self.chosen)))
        if word == "REQ":
            return [self._requested(" ".join(rest))]
        if word == "END":
            self.under_way = False
            return []
        return None

    def _listed(self, rest: tuple[str, ...]) -> list[tuple[str, ...]]:
        asked = rest[0] if rest else ""
        self.version = max(self.version, int(asked[:9]) if asked.isascii() and asked.isdigit() else 0)
        if self.version >= NEWEST:
            self.chosen.add("cap-notify")
        return list(self._lines("LS", map(self._offer, self._readable(self.offered))))

    def _readable(self, names: Iterable[str]) -> list[str]:
        """Those of these that this client understands, in order."""
        return sorted(name for name in names if self.version >= NEWEST or name not in ONLY_SHOWN)

    def _offer(self, name: str) -> str:
        given = self.offered[name]
        return f"{name}={given}" if given and self.version >= NEWEST else name

    def _lines(self, word: str, names: Iterable[str]) -> Iterator[tuple[str, ...]]:
        """As many lines as needed: all but the last with a star, for clients that know it."""
        lines = [""]
        for name in names:
            if lines[-1] and len(lines[-1]) + 1 + len(name) > LINE and self.version >= NEWEST:
                lines.append("")
            lines[-1] += f" {name}" if lines[-1] else name
        yield from ((word, "*", line) for line in lines[:-1])
        yield word, lines[-1]

    def _requested(self, text: str) -> tuple[str, ...]:
        """All of what one REQ names is done, or nothing of it."""
        wanted = text.split()
        on = {name for name in wanted if not name.startswith("-")}
        off = {name[1:] for name in wanted if name.startswith("-")}
        forced = {"cap-notify"} if self.version >= NEWEST else set()
        if not on | off <= self.offered.keys() - ONLY_SHOWN or on & off or off & forced:
            return ("NAK", text)
        self.chosen |= on
        self.chosen -= off
        return ("ACK", text)

    def offer(self, offered: Mapping[str, str]) -> list[tuple[str, ...]]:
        """
        From now on, offer these.

        @return: the parameters of CAP DEL and CAP NEW, for a client that wants them.
        """
        gone = self._readable(self.offered.keys() - offered.keys())
        new = self._readable(name for name, given in offered.items() if self.offered.get(name) != given)
        self.offered = dict(offered)
        self.chosen -= set(gone)
        if not self.notified:
            return []
        told = [("DEL", " ".join(gone))] if gone else []
        return [*told, ("NEW", " ".join(map(self._offer, new)))] if new else [*told]
