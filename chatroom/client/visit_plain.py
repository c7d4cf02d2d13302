"""
A visit in the plain mode, with questions before it where nobody said where to go.
"""

from __future__ import annotations

import getpass
import sys
import termios
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from chatroom.client.client import Client
from chatroom.client.config import Store
from chatroom.client.connection import CannotConnect
from chatroom.client.display import Status
from chatroom.client.lines import Kind
from chatroom.client.osc import notification
from chatroom.client.plain import Plain
from chatroom.client.tty import Tty
from chatroom.client.url import PORTS, Address, parse, port_number
from chatroom.client.visit import BUG, Visit


def ask_line(question: str) -> str:
    """Ask on the terminal for one line. What was pasted behind its end is no answer to the next question."""
    answer = input(question)
    with suppress(termios.error, ValueError):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
    return answer


def ask_where(
    address: Address, ask: Callable[[str], str] = ask_line, ask_secret: Callable[[str], str] = getpass.getpass
) -> tuple[Address, str]:
    """
    The form, question by question: where to and as whom, and the password.

    @param address: what is meant where nothing is typed.
    @raise EOFError: @raise KeyboardInterrupt: nobody wants to answer.
    """

    def asked(question: str, default: str) -> str:
        return ask(f"{question} [{default}]: " if default else f"{question}: ").strip() or default

    while True:
        host = asked("Host", address.host)
        tls = asked("Encrypted (TLS), yes or no", "yes" if address.tls else "no").lower().startswith("y")
        port = asked("Port", str(address.port if tls == address.tls else PORTS["chats" if tls else "chat"]))
        nick = asked("Nickname", address.nick)
        try:
            found = parse(host)
            if "://" not in host:
                own = found.port != PORTS["chat"]  # then the port stands behind the host
                found = replace(found, tls=tls, port=found.port if own else port_number(port))
        except ValueError as error:
            sys.stderr.write(f"{error}\n")
            continue
        if nick:
            return replace(found, nick=nick, room=address.room), ask_secret("Password (if the name is an account): ")


class PlainVisit(Visit):
    """See L{Visit}."""

    def __init__(self, reactor: Any, options: Namespace, store: Store, password: str) -> None:
        super().__init__(reactor, options, store, password)
        self._client: Client | None = None
        self._tty: Tty | None = None

    def start(self, address: Address, ask: bool) -> Status:
        password = ""
        if ask:
            try:
                address, password = ask_where(address)
            except (EOFError, KeyboardInterrupt):
                sys.stderr.write("\n")
                return Status.OK
        try:
            return self.run(partial(self._visit, address, password))
        finally:
            self._give_back()

    def end(self, status: Status, sentence: str = "") -> None:
        """Before anything is said, the terminal is what it was."""
        self._give_back()
        super().end(status, sentence)

    def bug(self) -> None:
        if self._client is not None:
            self._client.note(Kind.NOTE, BUG)

    def _give_back(self) -> None:
        if self._tty is not None:
            self._tty.stop()

    def _visit(self, address: Address, password: str) -> None:
        tty = Tty(self.reactor, lambda key: plain.press(key), lambda: self.end(Status.OK))
        soon = partial(self.reactor.callLater, 0)
        plain = Plain(tty.write_out, tty.columns, self.end, soon, self.options.times)
        plain.notify = lambda text: tty.write_out(notification(self.options.preferences.notify, text))
        client = Client(address, plain, self.store, self.reactor.seconds)
        plain.attach(client)
        try:
            connection = self.connect(address, client.heard, password)
        except CannotConnect as error:
            self.end(Status.NO_CONNECTION, str(error))
            return
        client.connection = connection
        self._client, self._tty = client, tty
        tty.start()
        connection.start()
