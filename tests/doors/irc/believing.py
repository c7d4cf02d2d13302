"""
An IRC client that believes what it reads, for tests.

C{irctokens} parses the bytes and C{ircstates} keeps the state, as they do in clients and bots that are built on them.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from chatroom.events import OPERATORS
from chatroom.interfaces import ISession, Role
from chatroom.testing import IrcClient, Server

MISSING = (
    None
    if find_spec("irctokens") and find_spec("ircstates")
    else "ircstates is not installed. There is none for Python 3.13: see docs/adr/0062."
)

TODAY = (
    "account-notify account-tag away-notify batch echo-message extended-join invite-notify message-tags multi-prefix "
    "server-time userhost-in-names"
)
"""What a client of today asks for."""

LETTERS = {Role.OWNER: "o", Role.OPERATOR: "o", Role.VOICE: "v"}
"""What a client believes of somebody's role."""


class Believer:
    """
    A client that believes what it reads.

    @ivar client: its connection.
    """

    def __init__(self, server: Server, nick: str, capabilities: str = "", password: str = "") -> None:
        self.client = IrcClient(server, "127.0.0.1")
        self._state: Any = import_module("ircstates").Server("test")
        asked = ("CAP LS 302", f"CAP REQ :{capabilities}", "CAP END") if capabilities else ()
        login = (f"PASS :{nick}:{password}",) if password else ()
        self.types(*login, *asked[:2], f"NICK {nick}", f"USER {nick} 0 * :{nick.title()}", *asked[2:], f"MODE {nick}")

    def types(self, *lines: str) -> None:
        """Lines of IRC, and it reads what comes of them."""
        self.client.types(*lines)
        self.believes()

    def believes(self) -> Any:
        """An C{ircstates.Server}, with all that has come by now."""
        came = self.client.receives()
        for line in self._state.recv(came) if came else ():
            self._state.parse_tokens(line)
        return self._state

    def members(self, room: str) -> dict[str, str]:
        """Who is in a room, with the letters of their ranks."""
        state = self.believes()
        users = state.channels[f"#{room}"].users
        return {state.users[key].nickname: "".join(sorted(user.modes)) for key, user in users.items()}

    def user(self, nick: str) -> Any:
        """An C{ircstates.User}."""
        return self.believes().users[nick]

    def channel(self, room: str) -> Any:
        """An C{ircstates.Channel}."""
        return self.believes().channels[f"#{room}"]

    @property
    def session(self) -> ISession:
        """What the server knows this client as."""
        conversation = self.client.protocol.conversation
        assert conversation is not None and conversation.caller is not None
        return conversation.caller

    def differences(self) -> list[str]:
        """What it believes that is not so."""
        state, session = self.believes(), self.session
        found = []

        def compare(what: str, believed: object, is_so: object) -> None:
            if believed != is_so:
                found.append(f"{session.nick} believes of {what}: {believed!r}; it is {is_so!r}")

        compare("its nickname", state.nickname, session.nick)
        compare("its rooms", set(state.channels), {f"#{room}" for room in session.rooms})
        present = {person.nick for room in session.rooms for person in session.people(room)}
        compare("people it knows", {user.nickname for user in state.users.values()}, present)
        for room in set(session.rooms) & {name[1:] for name in state.channels}:
            view, channel = session.view(room), state.channels[f"#{room}"]
            signs = {who.nick: LETTERS.get(who.role, "") for who in session.people(room)}
            compare(f"who is in #{room}", self.members(room), signs)
            compare(f"the topic of #{room}", channel.topic or "", view.topic)
            self.types(f"MODE #{room}")
            letters = {
                "i": view.invite_only, "k": view.locked, "n": True, "t": view.topic_by == OPERATORS,
                "m": view.moderated, "s": view.unlisted, "l": view.capacity,
            }  # fmt: skip
            compare(f"the modes of #{room}", set(channel.modes), {letter for letter, is_on in letters.items() if is_on})
        return found
