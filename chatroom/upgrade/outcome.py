"""
The file in the data folder by which C{chatroom-admin upgrade} learns what becomes of an upgrade.

It knows the file's form, and nothing of upgrades. The file is made first, with room for the last words. Where that
fails, there is no upgrade, and nobody waits for an answer that cannot be written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

NAME = "chatroom.upgrade"
"""In the data folder."""

ROOM = 16384
"""Bytes that are written at the beginning. What is said at the end takes their place, also on a full disk."""

LONGEST = 1024
"""Characters of the sentence, each of which takes at most twelve bytes of JSON."""

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW


class Outcome:
    """Of one upgrade."""

    def __init__(self, folder: str) -> None:
        """
        Say that an upgrade has begun.

        @raise OSError: that cannot be written down.
        """
        self._descriptor = os.open(os.path.join(folder, NAME), _FLAGS, 0o600)
        try:
            self._write({"begun": True, "pid": os.getpid()})
        except OSError:
            self.close()
            raise

    def end(self, outcome: Mapping[str, Any]) -> None:
        """
        Say what became of it.

        @param outcome: C{ok}, a number C{pid}, and a C{sentence}.
        @raise OSError:
        """
        self._write(outcome)

    def _write(self, outcome: Mapping[str, Any]) -> None:
        """All at once, and always as long, so that nobody reads the beginning of one and the end of another."""
        text = json.dumps({**outcome, "sentence": str(outcome.get("sentence", ""))[:LONGEST]}).encode("ascii")
        os.pwrite(self._descriptor, text.ljust(ROOM), 0)

    def close(self) -> None:
        """Nothing more is said."""
        with suppress(OSError):
            os.close(self._descriptor)
