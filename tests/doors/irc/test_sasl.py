"""
SASL: names and passwords come through in any pieces, and nothing else does.
"""

from __future__ import annotations

from base64 import b64encode

from hypothesis import assume, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.sasl import EXTERNAL, MOST, PIECE, ExternalLogin, PlainLogin, SaslExchange, SaslFailed

parts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=250)


def _pieces(data: bytes) -> list[str]:
    """As a client sends them: behind a full piece there is always another one."""
    text = b64encode(data).decode()
    made = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    return made if made and len(made[-1]) < PIECE else [*made, "+"]


class PlainTests(SynchronousTestCase):
    """One exchange."""

    def _numeric(self, *pieces: str) -> str:
        exchange = SaslExchange("PLAIN")
        with self.assertRaises(SaslFailed) as caught:
            for piece in pieces:
                exchange.receive(piece)
        return str(caught.exception.numeric)

    @given(parts, parts)
    def test_any_name_and_password(self, name: str, password: str) -> None:
        """Any name and password come through as they were, in as many pieces as they need."""
        sent = _pieces(f"\0{name}\0{password}".encode())
        exchange = SaslExchange("plain")
        assume(sum(map(len, sent)) <= MOST)
        for piece in sent[:-1]:
            self.assertIsNone(exchange.receive(piece))
        self.assertEqual(PlainLogin(name, password), exchange.receive(sent[-1]))

    def test_full_piece(self) -> None:
        """A message that fills its last piece ends with a plus."""
        sent = _pieces(b"\0alice\0" + b"x" * 293)
        self.assertEqual(["+"], sent[1:])
        exchange = SaslExchange("PLAIN")
        self.assertIsNone(exchange.receive(sent[0]))
        self.assertEqual(PlainLogin("alice", "x" * 293), exchange.receive("+"))

    def test_faults(self) -> None:
        """Bad base64 or UTF-8, missing parts, acting for another, and too many pieces are 904; a long piece is 905."""
        for data in (
            b"",
            b"alice",
            b"\0alice",
            b"\0alice\0",
            b"\0\0secret",
            b"bob\0alice\0secret",
            b"\0a\0b\0c",
            b"\0\xff\0secret",
        ):
            self.assertEqual("904", self._numeric(*_pieces(data)), data)
        self.assertEqual("904", self._numeric("no base64!"))
        self.assertEqual("904", self._numeric("é"))
        self.assertEqual("905", self._numeric("x" * (PIECE + 1)))
        self.assertEqual("904", self._numeric(*["x" * PIECE] * (MOST // PIECE + 1)))
        self.assertEqual("906", self._numeric("x" * PIECE, "*"))

    def test_acts_as_oneself(self) -> None:
        """Clients may send the account's name twice, in any letter case."""
        self.assertEqual(PlainLogin("alice", "x"), SaslExchange("PLAIN").receive(_pieces(b"Alice\0alice\0x")[0]))

    def test_mechanisms(self) -> None:
        """Other mechanisms are refused by 908."""
        with self.assertRaises(SaslFailed) as caught:
            SaslExchange("SCRAM-SHA-256")
        self.assertEqual("908", caught.exception.numeric)


class ExternalTests(SynchronousTestCase):
    """One exchange by certificate."""

    def received(self, *pieces: str) -> ExternalLogin:
        """What came through."""
        exchange = SaslExchange("external", (EXTERNAL,))
        for piece in pieces[:-1]:
            self.assertIsNone(exchange.receive(piece))
        login = exchange.receive(pieces[-1])
        assert isinstance(login, ExternalLogin)
        return login

    @given(parts)
    def test_any_name(self, name: str) -> None:
        """A client may name the account, or send nothing."""
        self.assertEqual(name, self.received(*_pieces(name.encode())).name)
        self.assertEqual("", self.received("+").name)

    def test_faults(self) -> None:
        """What is no base64 or no UTF-8 fails; too long is 905, and a stop 906."""
        for numeric, piece in (("904", "no base64!"), ("904", "/w=="), ("905", "x" * (PIECE + 1)), ("906", "*")):
            with self.assertRaises(SaslFailed) as caught:
                self.received(piece)
            self.assertEqual(numeric, caught.exception.numeric, piece)

    def test_not_offered(self) -> None:
        """Without a certificate, EXTERNAL is refused by 908."""
        with self.assertRaises(SaslFailed) as caught:
            SaslExchange("EXTERNAL")
        self.assertEqual("908", caught.exception.numeric)
