"""
Files and folders that are for their owner alone: how they are made, and what is done about those that are not.

Nothing that somebody has planted is written through: where a symbolic link stands in the place of a file of ours, it is
not followed (open(2), O_NOFOLLOW). What is ours and open to others is closed to them; what is another's is refused, as
sshd does (StrictModes in sshd_config(5)). It knows files, and nothing of what is in them.
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterable
from pathlib import Path


class NotOurs(ValueError):
    """It belongs to somebody else, or is no place for what is private. A sentence without its end."""


def open_private(path: str | Path, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    """
    Open a file, made for its owner alone where there is none.

    @return: its descriptor. @raise OSError: among others, a symbolic link has this name.
    """
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def make(path: str | Path) -> None:
    """
    An empty file that was not there.

    @raise OSError: among others, there is something of this name, were it a symbolic link to nothing.
    """
    os.close(open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))


def sync(path: str | Path) -> None:
    """What was written or made there survives a loss of power from now on. @raise OSError: it cannot be promised."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep_private(folder: Path, files: Iterable[Path]) -> list[str]:
    """
    Let a folder and files in it be for this process's user alone, as far as they are there.

    @return: the names of those that others could read or write until now.
    @raise NotOurs: something belongs to somebody else. @raise OSError: it cannot be changed.
    """
    changed = []
    for path in (folder, *files):
        try:
            found = os.stat(path) if path == folder else os.lstat(path)
        except FileNotFoundError:
            continue
        if path == folder and found.st_mode & stat.S_ISVTX:
            raise NotOurs(f"{path} is a folder for everybody. Name one of the daemon's own")
        if path != folder and stat.S_ISLNK(found.st_mode):
            raise NotOurs(f"{path} is a symbolic link. Name the folder that it leads to, or move the file here")
        if found.st_uid != os.geteuid():
            raise NotOurs(f"{path} belongs to {user_name(found.st_uid)}, and this is {user_name(os.geteuid())}")
        if stat.S_IMODE(found.st_mode) & 0o077:
            os.chmod(path, stat.S_IMODE(found.st_mode) & ~0o077)
            changed.append(str(path))
    return changed


def user_name(user: int) -> str:
    """Of a user of this machine, or the number where it has none."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
