"""
STS: what a client reads of the port for TLS, and of how long it must use TLS.

IRCv3 sts. A client that reads the port connects again, over TLS. There it reads the duration. It knows nothing of a
connection but how it is encrypted.
"""

from __future__ import annotations

from typing import NamedTuple

from chatroom.doors.transport import Encryption


class StsPolicy(NamedTuple):
    """
    @ivar port: the number of the port for TLS.
    @ivar seconds: how long a client goes by it after each connection; 0: clients should forget it.
    """

    port: int
    seconds: int

    def value(self, encryption: Encryption) -> str:
        """What a client reads that is connected so; C{""}: nothing, as it could not use it."""
        if encryption is Encryption.TLS:
            return f"duration={self.seconds}"
        return f"port={self.port}" if encryption is Encryption.PLAIN and self.seconds else ""
