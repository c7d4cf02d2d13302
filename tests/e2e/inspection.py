"""
After a daemon was killed: what its files look like, and what it says when it runs again.

What is found goes to a L{Witness}, who knows what should have been found.
"""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any

from tests.e2e.daemon import PATIENCE
from tests.e2e.people import HOST
from tests.e2e.witness import LOBBY, Object, Witness, word

SEARCHES = 3
"""So many of the lines found in a room are searched for."""


# The files.


def is_torn(log: bytes) -> bool:
    """
    Whether a write-ahead log ends in the middle of a transaction
    (U{https://www.sqlite.org/fileformat2.html#the_write_ahead_log}).
    """
    if len(log) < 32:
        return False
    page_size, _, salts = struct.unpack(">8xII8s8x", log[:32])
    committed, torn = True, False
    for start in range(32, len(log), 24 + page_size):
        frame = log[start : start + 24 + page_size]
        if frame[8:16] != salts:
            break  # left over from an earlier round through the file
        committed = frame[4:8] != bytes(4)
        torn = len(frame) < 24 + page_size
    return torn or not committed


def examine(data: Path, folder: Path, witness: Witness) -> bool:
    """
    Look at a copy of the database as a killed daemon left it.

    @param data: the daemon's folder.
    @param folder: for the copy.
    @return: whether it was killed in the middle of writing a transaction down.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in data.glob("chatroom.sqlite*"):
        if not path.name.endswith("-shm"):  # made anew from the log, as after a loss of power
            shutil.copy(path, folder)
    log = folder / "chatroom.sqlite-wal"
    torn = log.exists() and is_torn(log.read_bytes())
    with closing(sqlite3.connect(folder / "chatroom.sqlite")) as database:
        for (row,) in database.execute("PRAGMA integrity_check"):
            if row != "ok":
                witness.fault(f"integrity_check says {row}")
        if database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'word'").fetchone()[0]:
            _examine_index(database, witness)
    return torn


def _examine_index(database: sqlite3.Connection, witness: Witness) -> None:
    """Every line up to the one that is said to be indexed last is in the index of its room, and nothing else is."""
    database.execute("INSERT INTO word (word) VALUES ('integrity-check')")
    (last,) = database.execute("SELECT talk FROM indexed").fetchone()
    for (room,) in database.execute("SELECT id FROM room").fetchall():
        said = database.execute("SELECT id FROM talk WHERE room = ? AND id <= ? ORDER BY id", (room, last)).fetchall()
        found = database.execute("SELECT rowid FROM word WHERE word MATCH ? ORDER BY rowid", (f'"\ue000{room}"',))
        if said != found.fetchall():
            witness.fault(f"the index of room {room} does not hold the lines it should")


# The daemon.


class Inspector:
    """A program that asks one thing after another."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), PATIENCE)
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Inspector:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._socket.close()

    def asks(self, word: str, /, **arguments: Any) -> Object:
        """
        The answer.

        @raise AssertionError: the connection was closed.
        """
        self._socket.sendall(json.dumps({"id": word, "do": word, **arguments}).encode() + b"\n")
        for line in self._lines:
            made: Object = json.loads(line)
            if "event" not in made:
                return made
        raise AssertionError(f"no answer to {word} {arguments}")

    def gets(self, word: str, /, **arguments: Any) -> Object:
        """
        The answer, which is no refusal.

        @raise AssertionError: it is one.
        """
        answer = self.asks(word, **arguments)
        assert answer["ok"], (word, arguments, answer)
        return answer


def signed_up(port: int, nick: str, password: str) -> str:
    """Make an account; the token it gets."""
    with Inspector(port) as inspector:
        inspector.gets("hello", nick=nick)
        token: str = inspector.gets("signup", password=password)["token"]
        return token


def inspect(port: int, witness: Witness, dice: Random, nicks: list[str], absent: list[str]) -> None:
    """
    Ask a daemon that was just started again for all that was promised.

    @param nicks: of guests who were on line when it was killed.
    @param absent: accounts with mail.
    """
    with Inspector(port) as inspector:
        inspector.gets("hello", nick="inspector")
        ghosts = [person["nick"] for person in inspector.gets("who", room="*")["people"]]
        if ghosts != ["inspector"]:
            witness.fault(f"{ghosts} are on line")
        _look_through(inspector, LOBBY, witness, dice)
    for nick in dice.sample(nicks, min(3, len(nicks))):
        with Inspector(port) as inspector:
            answer = inspector.asks("hello", nick=nick)
            if not answer["ok"]:
                witness.fault(f"nobody can be called {nick}: {answer['sentence']}")
    for name in sorted(witness.touched & set(witness.rooms) - {LOBBY}):
        _inspect_room(port, name, witness, dice)
    for nick in absent:
        with _logged_in(port, nick, witness) as inspector:
            _read_mail(inspector, nick, witness)
    for nick in dice.sample(sorted(witness.tokens), 2):
        _logged_in(port, nick, witness).__exit__(None, None, None)


def _logged_in(port: int, nick: str, witness: Witness) -> Inspector:
    inspector = Inspector(port)
    inspector.gets("hello", token=witness.tokens[nick])
    return inspector


def _inspect_room(port: int, name: str, witness: Witness, dice: Random) -> None:
    known = witness.rooms[name]
    with _logged_in(port, known.owner, witness) as owner:
        view = owner.asks("join", room=name)
        if view["ok"]:
            known.certain = True
            witness.has_room(name, view, [ban["nick"] for ban in owner.gets("bans", room=name)["bans"]])
            _look_through(owner, name, witness, dice)
        elif known.certain:
            witness.fault(f"{name} is gone: {view['sentence']}")


def _look_through(inspector: Inspector, room: str, witness: Witness, dice: Random) -> None:
    found = []
    while True:
        page = inspector.gets("history", room=room, since=witness.rooms[room].through, limit=1000, talk=False)
        if page["gap"] is not None:
            witness.fault(f"{room} has a gap: {page['gap']}")
        found += witness.look_through(room, page["events"])
        if not page["more"]:
            break
    witness.looked_through(room)
    for number in {*dice.sample(found, min(SEARCHES, len(found))), *found[-1:]}:
        witness.found_in_search(number, inspector.gets("search", words=word(number), room=room)["events"])


def _read_mail(inspector: Inspector, nick: str, witness: Witness) -> None:
    unread = 1
    while unread:
        answer = inspector.gets("inbox")
        witness.fetch(answer["whispers"])
        unread = answer["unread"]
    mails: list[dict[str, Any]] = []
    more, before = True, dict[str, int]()
    while more:
        page = inspector.gets("inbox", which="all", **before)
        mails += page["whispers"]
        more = page["more"]
        before = {"before": page["whispers"][0]["number"]} if more else {}
    witness.has_mail(nick, mails)
