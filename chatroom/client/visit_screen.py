"""
A visit on the full screen, with the form before it where nobody said where to go.
"""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from typing import Any

from chatroom.client.client import Client
from chatroom.client.config import Store
from chatroom.client.connection import CannotConnect
from chatroom.client.display import Status
from chatroom.client.form import Form
from chatroom.client.lines import Kind
from chatroom.client.screen import Screen
from chatroom.client.terminal import PlainTerminal
from chatroom.client.url import Address
from chatroom.client.visit import BUG, Visit


class ScreenVisit(Visit):
    """See L{Visit}."""

    def __init__(self, reactor: Any, options: Namespace, store: Store, password: str) -> None:
        super().__init__(reactor, options, store, password)
        self._terminal = PlainTerminal(reactor, not options.no_mouse, options.preferences)
        self._client: Client | None = None
        self._asked = False

    def start(self, address: Address, ask: bool) -> Status:
        self._asked = ask
        try:
            return self.run(partial(self._ask, address) if ask else partial(self._visit, address, ""))
        finally:
            self._terminal.stop()

    def end(self, status: Status, sentence: str = "") -> None:
        """Before anything is said, the terminal is what it was."""
        self._terminal.stop()
        super().end(status, sentence)

    def bug(self) -> None:
        if self._client is not None:
            self._client.note(Kind.NOTE, BUG)

    def _ask(self, address: Address, trouble: str = "") -> None:
        form = Form(address, self._visit, partial(self.end, Status.OK))
        form.refuse(trouble)
        self._terminal.show(form)

    def _visit(self, address: Address, password: str) -> None:
        screen = Screen(partial(self._over, address), self.reactor.seconds)
        client = Client(address, screen, self.store, self.reactor.seconds)
        screen.attach(client)
        client.buffers.sorted = self.options.preferences.rooms == "activity"
        screen.redraw, screen.clear = self._terminal.redraw, self._terminal.clear
        screen.notify, screen.retitle = self._terminal.notify, self._terminal.retitle
        try:
            connection = self.connect(address, client.heard, password)
        except CannotConnect as error:
            self._over(address, Status.NO_CONNECTION, str(error))
            return
        client.connection = connection
        self._client = client
        self._terminal.show(screen)
        connection.start()

    def _over(self, address: Address, status: Status, sentence: str) -> None:
        """The end; or where an address from the form was wrong, another try."""
        self.hang_up()
        if self._asked and status is Status.NO_CONNECTION:
            self._ask(address, sentence)
        else:
            self.end(status, sentence)
