"""
Work on the database that one can make long: history that is indexed, erased, deleted or copied while others talk.

What older versions let people say is put into the file directly; all else is done by the doors and C{chatroom-admin}.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.attacks.siege import Siege, attack

ADMIN = ("-c", "import sys; from chatroom.admin.main import main; sys.exit(main())")
"""C{chatroom-admin}, of the checkout whose daemon is attacked."""

SPACING = "a" + "\U0001d165\U0001d16d" * 999
"""Marks out of order that are no marks by their category: older versions let people say as many as they like."""

PLAIN = "one two three four five six seven eight nine ten eleven twelve {number}"
"""A line as people say it."""


def said(data: Path, room: str, lines: Sequence[str], nick: str = "eve") -> None:
    """Let this have been said, before the daemon is started."""
    with closing(sqlite3.connect(data / "chatroom.sqlite")) as db, db:
        (id, last) = db.execute(
            "SELECT id, max(last, (SELECT coalesce(max(seq), 0) FROM talk WHERE room = room.id),"
            " (SELECT coalesce(max(seq), 0) FROM happening WHERE room = room.id)) FROM room WHERE name = ?",
            (room,),
        ).fetchone()
        now = int(time.time() * 1000)
        db.executemany(
            "INSERT INTO talk (room, seq, at, kind, nick, text) VALUES (?, ?, ?, 'said', ?, ?)",
            ((id, last + number, now, nick, text) for number, text in enumerate(lines, 1)),
        )


def admin(siege: Siege, *words: str) -> None:
    """What an operator asks for meanwhile, and how long that took."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, *ADMIN, words[0], "--data", str(siege.daemon.data), *words[1:]],
        env={**siege.daemon.environment(), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=siege.daemon.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stdout + done.stderr).strip().splitlines() or ["nothing"]
    siege.row.notes.append(f"{words[0]}: {time.monotonic() - begun:.1f} s, {said[-1][:60]}")


@attack("kept-marks-search", seconds=10, held=True, prepare=lambda data: said(data, "lobby", [SPACING] * 1000))
def kept_marks(siege: Siege) -> None:
    """Somebody searches where a thousand lines of such marks wait to be indexed."""
    (eve,) = siege.people(1, "searcher")
    while not siege.over():
        siege.sends(eve, b"/search tea\n")
        siege.reads([eve], 0.5)


@attack(
    "erase-long-history",
    seconds=10,
    held=True,
    prepare=lambda data: said(data, "lobby", [PLAIN.format(number=number) for number in range(100_000)]),
)
def erase(siege: Siege) -> None:
    """An operator erases somebody who has said 100,000 lines, which are not even indexed."""
    admin(siege, "erase", "eve", "--yes")
    siege.rests()


@attack(
    "backup-while-all-talk",
    seconds=15,
    held=True,
    prepare=lambda data: said(data, "lobby", [os.urandom(500).hex() for _ in range(300_000)]),
)
def backup(siege: Siege) -> None:
    """An operator makes a copy of 300 MB while twenty people talk as fast as they may."""
    mob = siege.people(20)
    with subprocess.Popen(
        [sys.executable, *ADMIN, "backup", "--data", str(siege.daemon.data), str(siege.daemon.folder / "copy")],
        env=siege.daemon.environment(),
        cwd=siege.daemon.folder,
        stdout=subprocess.DEVNULL,
    ) as copying:
        begun = time.monotonic()
        while not siege.over():
            for each in mob:
                siege.sends(each, b"so much to say " * 100 + b"\n")
            siege.reads(mob, 0.2)
            if copying.poll() is not None and len(siege.row.notes) == 0:
                siege.row.notes.append(f"backup: {time.monotonic() - begun:.1f} s")
        copying.kill()


@attack("locked-database", seconds=6)
def locked(siege: Siege) -> None:
    """Another program holds the database locked, and does so still when the daemon is asked to stop."""
    command = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    command += "db.execute('BEGIN EXCLUSIVE'); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", command, str(siege.daemon.data / "chatroom.sqlite")], stdin=subprocess.PIPE
    )
    siege.at_end(holder.kill)
    siege.rests()
