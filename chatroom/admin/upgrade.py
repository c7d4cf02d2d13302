"""
Asking a daemon that runs to let a new version take its place, and waiting for what becomes of it.

It knows signals and files: the lock beside the database, which says who has it, and what the daemon writes down about
its last upgrade. Nothing of how an upgrade is done.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from chatroom.admin.backup import DATABASE

LOCK = f"{DATABASE}.lock"
"""Beside the database: held by the daemon, and with its number in it."""

OUTCOME = "chatroom.upgrade"
"""Beside it: what became of the last upgrade."""

PATIENCE = 400.0
"""Seconds: longer than the daemon itself has patience with the new version."""

BEGIN_TIME = 30.0
"""Seconds in which a daemon that works says that it has begun."""

POLL = 0.05


def folder_of(pidfile: Path) -> Path:
    """
    The data folder of the daemon that has written this file: where the lock is that it holds open.

    @raise ValueError: there is none, or it cannot be found out; a sentence without its end.
    @raise OSError: the file cannot be read.
    """
    text = pidfile.read_text().strip()
    if not text.isdecimal():
        raise ValueError(f"{pidfile} has no process number")
    try:
        open_files = list(Path(f"/proc/{text}/fd").iterdir())
    except OSError:
        raise ValueError(f"process {text} does not run, or belongs to another user. Try --data") from None
    for each in open_files:
        with suppress(OSError):  # it is closed already
            name = Path(os.readlink(each))
            if name.name == LOCK:
                return name.parent
    raise ValueError(f"process {text} is not a chatroom with a database in a file. If it uses PostgreSQL, try --data")


def daemon_of(data: Path, answering: Callable[[], int] = int) -> int:
    """
    The number of the daemon that has this data folder.

    @param answering: the number of the daemon that answers there, or 0. It is asked where nothing has a database file
        open in the folder: the database may be PostgreSQL.
    @raise ValueError: there is none, or it is one that cannot be upgraded.
    """
    try:
        with (data / LOCK).open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                text = lock.read().strip()
            else:
                text = _number(data, answering)
    except FileNotFoundError:
        text = _number(data, answering)
    if not text.isdecimal():
        raise ValueError("the running version cannot be upgraded this way. Stop it and start the new one")
    return int(text)


def _number(data: Path, answering: Callable[[], int]) -> str:
    number = answering()
    if not number:
        raise ValueError(f"no daemon has {data} open") from None
    return str(number)


def upgrade(
    data: Path,
    answering: Callable[[], int] = int,
    *,
    seconds: Callable[[], float] = time.monotonic,
    rest: Callable[[float], None] = time.sleep,
) -> str:
    """
    Have the daemon of this data folder taken over by a new process, with the code that is installed now.

    @param answering: see L{daemon_of}. @param seconds: a clock. @param rest: waits so many seconds.
    @return: what the daemon says of it.
    @raise ValueError: there was no upgrade, and why; a sentence without its end.
    @raise OSError:
    """
    pid, outcome = daemon_of(data, answering), data / OUTCOME
    outcome.unlink(missing_ok=True)
    try:
        os.kill(pid, signal.SIGUSR2)
    except PermissionError:
        raise ValueError(f"process {pid} belongs to another user: run this as that user, or as root") from None
    said = _wait(pid, outcome, seconds, rest)
    sentence = str(said["sentence"])
    if not said["ok"]:
        became = "stops; start it again" if said.get("stopped") else "goes on as it was"
        raise ValueError(f"there was no upgrade, and the daemon {became}. {sentence.rstrip('.')}")
    return sentence


def _wait(pid: int, outcome: Path, seconds: Callable[[], float], rest: Callable[[float], None]) -> dict[str, Any]:
    asked = seconds()
    while seconds() < asked + PATIENCE:
        alive = _is_alive(pid)  # asked first: it writes before it ends
        said: dict[str, Any] = json.loads(outcome.read_text() or "{}") if outcome.exists() else {}
        if "ok" in said:
            return said
        if not alive:
            raise ValueError(f"process {pid} exited without a message; see its log")
        if not said and seconds() > asked + BEGIN_TIME:
            raise ValueError(
                f"process {pid} has not started an upgrade in {BEGIN_TIME:.0f} seconds: it hangs or cannot write "
                f"{outcome}; see its log"
            )
        rest(POLL)
    raise ValueError(f"process {pid} has not reported a result in {PATIENCE:.0f} seconds; see its log")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
