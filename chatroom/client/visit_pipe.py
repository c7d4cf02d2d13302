"""
A visit by a script: standard input is said, standard output is heard, and standard error has the complaints.
"""

from __future__ import annotations

import os
import sys
import threading
from argparse import Namespace
from functools import partial
from typing import Any

from chatroom.client.config import Store
from chatroom.client.connection import CannotConnect
from chatroom.client.display import Status
from chatroom.client.pipe import UNANSWERED, Manner, Pipe
from chatroom.client.url import Address
from chatroom.client.visit import BUG, Visit
from chatroom.streams import decoded


class PipeVisit(Visit):
    """See L{Visit}."""

    def __init__(self, reactor: Any, options: Namespace, store: Store, password: str) -> None:
        super().__init__(reactor, options, store, password)
        self._room = threading.Semaphore(UNANSWERED)

    def start(self, address: Address, ask: bool) -> Status:
        options = self.options
        manner = Manner(address.room, options.json, options.text, options.follow, options.last, options.times)
        remember = partial(self._remember, address)
        pipe = Pipe(manner, self._write, self._complain, self.end, self._room.release, self.password, remember)
        return self.run(partial(self._visit, address, pipe))

    def bug(self) -> None:
        self._complain(BUG)

    def _visit(self, address: Address, pipe: Pipe) -> None:
        try:
            pipe.connection = connection = self.connect(address, pipe.heard)
        except CannotConnect as error:
            self.end(Status.NO_CONNECTION, str(error))
            return
        # A thread, because a file cannot be waited for by a reactor; a daemon, because it may never end.
        threading.Thread(target=self._read, args=(pipe,), daemon=True).start()
        connection.start()

    def _remember(self, address: Address, token: str) -> None:
        try:
            self.store.keep_token(address.server, address.nick, token)
        except OSError as error:
            self._complain(f"The session cannot be saved: {error.strerror or error}.")

    def _read(self, pipe: Pipe) -> None:
        """In its own thread: never more lines than can be taken."""
        for line in sys.stdin.buffer:
            self._room.acquire()
            self.reactor.callFromThread(pipe.line, decoded(line).rstrip("\r\n"))
        self.reactor.callFromThread(pipe.no_more)

    def _write(self, line: str) -> None:
        try:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever was reading has had enough. Python would try once more at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.end(Status.OK)

    def _complain(self, sentence: str) -> None:
        sys.stderr.write(f"chatroom: {sentence}\n")
        sys.stderr.flush()
