"""
Joining: a nickname, and where it takes one, a password or the token of an earlier session.

It speaks for the client with the person until the server knows who they are. Passwords pass through here and are kept
nowhere.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from chatroom import wire
from chatroom.client.clean import name as clean_name
from chatroom.client.clean import safe
from chatroom.client.lines import Kind
from chatroom.client.link import NotConnected
from chatroom.client.reports import Answered, RequestDeclined, Welcomed

if TYPE_CHECKING:
    from chatroom.client.client import Client

_PASSWORD = frozenset({"nick-owned", "wrong-password", "slow-down", "busy"})
"""Refusals after which a password may help."""


class EntryQuestions:
    """
    @ivar registered: the server has known us once.
    @ivar waiting: for the nickname to be free again, with why; or C{""}.
    """

    def __init__(self, client: Client) -> None:
        self.registered = False
        self.waiting = ""
        self._client = client
        self._kept: tuple[str, ...] | None = None
        self._missing: dict[str, None] = {}

    def welcomed(self, news: Welcomed) -> None:
        """The server knows us: by this connection, or by another name from now on."""
        client = self._client
        if news.token:
            self.remember(news.token)
        if news.again:
            client.note(Kind.NOTE, "Connected again.")
        for text in () if news.again else news.lines:
            if not client.is_token(text):
                client.note(Kind.ANSWER, text)
        if news.version > wire.VERSION and not self.registered:
            client.note(Kind.NOTE, "The server is newer than this client, which may not show everything.")
        if not self.registered:
            self._first_time()
        self.registered = True
        self.waiting = ""
        client.ask("help", lambda answer: client.prompt.vocabulary.learn(answer.facts))
        client.ask("rooms", self._learn_rooms)
        if news.again and not client.link.account:  # a new connection of a guest ignores nobody yet
            for nick in sorted(client.ignored):
                client.ask("ignore", lambda answer: None, nick=nick)
        else:
            client.ask("ignore", self._learn_ignored)

    def _first_time(self) -> None:
        client = self._client
        with suppress(OSError):  # then it is typed again the next time
            client.store.keep_last(replace(client.address, nick=client.link.nick))
        if client.link.account:
            self._missing = dict.fromkeys(client.store.rooms(client.address.server, client.link.nick))
        for name in self._missing:
            if name != client.address.room:
                client.ask("join", room=name)
        if client.address.room:
            client.ask("join", room=client.address.room)

    def keep_rooms(self) -> None:
        """Remember which rooms an account is in, and those it has still to get back into, for the next start."""
        client = self._client
        if not (self.registered and client.link.welcomed and client.link.account):
            return
        names = tuple(dict.fromkeys((*client.link.rooms, *self._missing)))
        if names != self._kept:
            self._kept = names
            with suppress(OSError):  # then one goes there by hand the next time
                client.store.keep_rooms(client.address.server, client.link.nick, names)

    def forget_rooms(self) -> None:
        """The session has ended by our own will."""
        with suppress(OSError):
            self._client.store.keep_rooms(self._client.address.server, self._client.link.nick, ())
        self._kept, self._missing = None, {}

    def back_in(self, name: str) -> None:
        """A room that was remembered is entered, or lets us in no more."""
        self._missing.pop(name, None)

    def _learn_rooms(self, answer: Answered) -> None:
        names = (clean_name(room.text("room")) for room in answer.facts.objects("rooms"))
        self._client.room_names.update(names)

    def _learn_ignored(self, answer: Answered) -> None:
        self._client.ignore(answer.facts.texts("ignored"))

    def remember(self, token: str) -> None:
        """Keep the session's token for the next time, or with C{""} forget it."""
        client = self._client
        try:
            client.store.keep_token(client.address.server, client.link.nick, token)
        except OSError as error:
            client.note(Kind.NOTE, f"This session cannot be saved: {error.strerror or error}.")

    # Refused.

    def declined(self, refusal: RequestDeclined) -> None:
        """Hello was refused: ask the person for what would help."""
        client = self._client
        if refusal.code == "nick-taken" and self.registered:
            self.waiting = f"{safe(client.link.nick)} is still connected, probably from your old session. Waiting."
            client.connection.again()
            return
        client.note(Kind.REFUSAL, refusal.sentence)
        if refusal.code == "wrong-password" and client.link.token:
            self.remember("")
        if refusal.code in _PASSWORD and client.link.nick:
            self._ask_password()
        else:
            self.ask_nick()

    def ask_nick(self) -> None:
        """Ask the person who they would like to be."""
        self._client.question("Nickname: ", self._got_nick)

    def _got_nick(self, typed: str) -> None:
        nick = typed.strip()
        if nick:
            self._greet(nick, "", self._client.store.token(self._client.address.server, nick))
        else:
            self.ask_nick()

    def _ask_password(self) -> None:
        nick = self._client.link.nick
        self._client.question(
            f"Password for {safe(nick)} (Enter for another nickname): ", self._got_password, secret=True
        )

    def _got_password(self, password: str) -> None:
        if password:
            self._greet(self._client.link.nick, password)
        else:
            self.ask_nick()

    def _greet(self, nick: str, password: str = "", token: str = "") -> None:
        with suppress(NotConnected):  # then the next connection says it
            self._client.connection.greet(nick, password, token)
