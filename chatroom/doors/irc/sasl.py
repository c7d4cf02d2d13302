"""
SASL over AUTHENTICATE, by password (PLAIN) or by the client's TLS certificate (EXTERNAL): base64 in pieces of 400
bytes, put together within bounds.

IRCv3 sasl-3.1 and 3.2, RFC 4616, RFC 4422 (appendix A). It knows the exchange, and neither accounts nor certificates.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from typing import NamedTuple

from chatroom.folding import fold

PIECE = 400
"""Bytes of base64 in one AUTHENTICATE. A piece as long as this says that another one follows."""

MOST = 4 * PIECE
"""Bytes of base64 in all pieces: names and passwords here are far shorter."""

PLAIN, EXTERNAL = "PLAIN", "EXTERNAL"


def mechanisms(certificate: str) -> tuple[str, ...]:
    """
    Those for one connection: without a certificate, nobody can use EXTERNAL.

    @param certificate: the fingerprint of what its client has presented, or C{""}.
    """
    return (PLAIN, EXTERNAL) if certificate else (PLAIN,)


class SaslFailed(Exception):
    """
    The exchange is over, without a login.

    @ivar numeric: C{904} failed, C{905} too long, C{906} stopped by the client, C{908} no such mechanism.
    """

    def __init__(self, numeric: str, sentence: str) -> None:
        super().__init__(sentence)
        self.numeric = numeric
        self.sentence = sentence


class PlainLogin(NamedTuple):
    """
    What a client sends to log in.

    @ivar name: the account. @ivar password: not cleaned.
    """

    name: str
    password: str


class ExternalLogin(NamedTuple):
    """
    What a client sends to log in by its certificate.

    @ivar name: the account; C{""}: the one that has the certificate.
    """

    name: str


class SaslExchange:
    """One login by SASL: made when the client names the mechanism, then given each piece."""

    __slots__ = ("_held", "_mechanism")

    def __init__(self, mechanism: str, offered: Collection[str] = (PLAIN,)) -> None:
        """@raise SaslFailed: this mechanism is not offered."""
        self._mechanism = mechanism.upper()
        if self._mechanism not in offered:
            raise SaslFailed("908", "These SASL mechanisms are available.")
        self._held = ""

    def receive(self, piece: str) -> PlainLogin | ExternalLogin | None:
        """
        @return: C{None} while pieces are missing.
        @raise SaslFailed: the client has stopped, a piece (905) or all of them (904) are too long, or it is not what
            the mechanism sends.
        """
        if piece == "*":
            raise SaslFailed("906", "SASL authentication was aborted.")
        if len(piece) > PIECE:
            raise SaslFailed("905", "Your SASL message is too long. Send it in pieces of 400 bytes.")
        if len(self._held) + len(piece) > MOST:
            raise SaslFailed("904", "SASL authentication failed: your message is too long.")
        self._held += "" if piece == "+" else piece
        if len(piece) == PIECE:
            return None
        held, self._held = self._held, ""
        return plain_login(held) if self._mechanism == PLAIN else external_login(held)


def plain_login(encoded: str) -> PlainLogin:
    """
    Who wants to log in, out of the base64 of RFC 4616.

    @raise SaslFailed: it is something else, or somebody wants to act for somebody else.
    """
    try:
        acts_as, name, password = base64.b64decode(encoded, validate=True).decode("utf-8").split("\0")
    except ValueError:
        raise SaslFailed("904", "SASL authentication failed: that is not what PLAIN sends.") from None
    if not name or not password or (acts_as and fold(acts_as) != fold(name)):
        raise SaslFailed("904", "SASL authentication failed: send your account's name and password.")
    return PlainLogin(name, password)


def external_login(encoded: str) -> ExternalLogin:
    """
    Which account a client wants to log in to by its certificate, out of the base64 of RFC 4422, appendix A.

    @raise SaslFailed: it is something else.
    """
    try:
        return ExternalLogin(base64.b64decode(encoded, validate=True).decode("utf-8"))
    except ValueError:
        raise SaslFailed("904", "SASL authentication failed: that is not what EXTERNAL sends.") from None
