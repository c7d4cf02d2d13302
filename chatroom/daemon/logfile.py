"""
twistd's log file, as logrotate and other programs expect it: opened by name again at SIGUSR1, written at its end,
readable by its owner and group alone, and with a bound on its size where nobody else rotates it.

It knows files and Twisted's own log file, and nothing of what is logged. twistd's own opens the file once and writes at
the place it has reached: after C{mv twistd.log old} it goes on in C{old}, and after C{: > twistd.log} it leaves a hole.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from twisted.logger import ILogObserver, Logger, textFileLogObserver
from twisted.python.logfile import LogFile

log = Logger()

MODE = 0o640
"""The log names addresses of people, so it is nobody's but the owner's and the group's, such as Debian's adm."""

DEFAULT = "twistd.log"
"""Where twistd logs in the background, if nothing else is said."""

MiB = 1024 * 1024


class ReopenedLog(LogFile):
    """A log file that can be opened again by its name."""

    def __init__(self, path: str, rotate_at: int, keep: int) -> None:
        """
        @param path: an absolute path. @param rotate_at: bytes, or 0 to leave that to others.
        @param keep: how many of the former files are kept.
        @raise OSError: it cannot be opened.
        """
        folder, name = os.path.split(path)
        super().__init__(name, folder, rotate_at or None, MODE, keep)  # type: ignore[no-untyped-call]

    def _openFile(self) -> None:  # noqa: N802 Twisted's
        """Twisted calls this to open the file, at first and after each rotation."""
        descriptor = os.open(
            self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, MODE
        )
        if os.fstat(descriptor).st_uid == os.geteuid():
            os.fchmod(descriptor, MODE)
        self.closed = False
        self._file = cast(BinaryIO, os.fdopen(descriptor, "wb", 0))
        self.size = os.fstat(descriptor).st_size

    def shouldRotate(self) -> bool:  # noqa: N802 Twisted's
        """Whether the file is as long as it may be. Its length is read, as others may have cut it (copytruncate)."""
        if not self.rotateLength or self.size < self.rotateLength:
            return False
        self.size = os.fstat(self._file.fileno()).st_size
        return bool(self.size >= self.rotateLength)

    def reopen(self) -> None:
        """Open the file that has the name now. If that cannot be done, go on in the one that is open, and say so."""
        former = self._file
        try:
            self._openFile()
        except OSError as error:
            log.error("Cannot reopen the log file, so the old one stays in use: {error}", error=error)
        else:
            former.close()


def path_of(parent: Mapping[str, Any]) -> str | None:
    """
    Where twistd would log to.

    @param parent: twistd's options.
    @return: an absolute path; C{None} for standard output, syslog, or a logger that C{--logger} names.
    """
    name = parent.get("logfile") or ("" if parent.get("nodaemon") else DEFAULT)
    if not name or name == "-" or parent.get("syslog") or parent.get("logger"):
        return None
    return os.path.abspath(name)


def observer(file: ReopenedLog) -> ILogObserver:
    """What writes to it, in the form that twistd uses."""
    return textFileLogObserver(cast(Any, file))
