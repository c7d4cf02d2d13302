"""
One password is the same from every keyboard, at every door and in every form (RFC 8265, OpaqueString).
"""

from __future__ import annotations

import unicodedata
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

import chatroom.core.opaque
from chatroom.core.opaque import MOST_BYTES, forms, made_up, opaque
from chatroom.errors import Unlawful
from chatroom.testing import Server

SPACES = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Zs"]
"""Every space that Unicode has, the plain one among them."""

WORDS = st.text("ab\u00e9\u00df\u4e2d\U0001f600", min_size=1, max_size=4)


class OpaqueTests(SynchronousTestCase):
    """The form in which a password is hashed."""

    def test_composed_and_decomposed(self) -> None:
        """A letter with its accent is the same in one character (Linux) or in two (macOS), and a Korean syllable."""
        for text in ("caf\u00e9", "\ud55c\uad6d", "\u1ebd\u0301"):
            self.assertEqual(opaque(unicodedata.normalize("NFC", text)), opaque(unicodedata.normalize("NFD", text)))

    def test_spaces(self) -> None:
        """Every kind of space is the plain one."""
        self.assertGreater(len(SPACES), 10)
        for space in SPACES:
            self.assertEqual("correct horse", opaque(f"correct{space}horse"), ascii(space))

    def test_nothing_else_is_the_same(self) -> None:
        """Letter case, width and spaces at the ends are part of the password."""
        made = {opaque(one) for one in ("Password", "password", "\uff50assword", " password", "password ")}
        self.assertEqual(5, len(made))

    def test_refused(self) -> None:
        """A password that is empty, or has control characters or half a character in it, is refused in a sentence."""
        for password in ("", "tab\there", "nul\0here", "escape\x1b[2J", "half\ud83d", "next\x85line"):
            self.assertIn("cannot", self.assertRaises(Unlawful, opaque, password).sentence)

    def test_longest(self) -> None:
        """1024 bytes may be hashed and no more, however many characters they are."""
        self.assertEqual(MOST_BYTES, len(opaque("x" * MOST_BYTES)))
        self.assertEqual(MOST_BYTES, len(opaque("\u00e9" * (MOST_BYTES // 2)).encode()))
        for password in ("x" * (MOST_BYTES + 1), "\u00e9" * (MOST_BYTES // 2 + 1), "x" * 10_000_000):
            self.assertIn("1,024 bytes", self.assertRaises(Unlawful, opaque, password).sentence)

    def test_bounded_before_it_is_transformed(self) -> None:
        """Marks out of order, of which normalising takes the square, are normalised only where a hash may be made."""
        normalised: list[int] = []
        normalize = unicodedata.normalize

        class Watched:
            """The Unicode database, watched."""

            category = staticmethod(unicodedata.category)

            @staticmethod
            def normalize(form: Literal["NFC"], text: str) -> str:
                """Normalise, and write down how much."""
                normalised.append(len(text))
                return normalize(form, text)

        self.patch(chatroom.core.opaque, "unicodedata", Watched)
        for length in (5, 200, 600, 5_000, 500_000):
            for judge in (opaque, lambda text: made_up(text, 256)):
                try:
                    judge("a" + "\u0300\u0323" * length)
                except Unlawful:
                    self.assertGreater(length, 5)
        self.assertEqual([11, 11], normalised)

    @given(st.text())
    def test_done_twice_is_done_once(self, password: str) -> None:
        """The form of a form is itself, so that it does not matter how often it is made."""
        try:
            form = opaque(password)
        except Unlawful:
            return
        self.assertEqual(form, opaque(form))
        self.assertEqual(form, forms(password)[0])


class MadeUpTests(SynchronousTestCase):
    """A new password."""

    def test_what_is_never_shown(self) -> None:
        """Characters that nobody sees, or that Unicode does not have, are refused."""
        for character in "\u200b\u200d\ufeff\u00ad\u202e\u2028\ufe0f\u034f\u3164\ue000\u0378\U000e0061":
            refusal = self.assertRaises(Unlawful, made_up, f"geheim{character}wort", 256)
            self.assertIn("invisible", refusal.sentence, ascii(character))

    def test_length(self) -> None:
        """Length is that of the form: letters in pieces count once."""
        self.assertEqual("\u00e9" * 10, made_up("e\u0301" * 10, 10))
        self.assertIn("10 characters", self.assertRaises(Unlawful, made_up, "e\u0301" * 11, 10).sentence)


class EveryDoorTests(SynchronousTestCase):
    """A password that was made in one way opens in every other."""

    PASSWORDS = (
        "geheim\u3000wort x1",
        "geheim wort x1 ",
        "  two before x1",
        "caf\u00e9 \u00a0 noir",
        "cafe\u0301\u2003noir\u00a0",
        "\u00fcber\u3000\u3000alles\u3000",
    )

    def ways_in(self, server: Server, nick: str, password: str) -> dict[str, bool]:
        """In which ways this password lets one log in."""
        inline, asked, at_nick = server.connection(), server.connection(), server.connection()
        inline.types(f"/login {nick} {password}")
        asked.types(f"/login {nick}", password)
        at_nick.types(nick, password)
        json, hello = server.program(), server.program()
        ways = {
            name: "Logged in as" in "\n".join(guest.reads())
            for name, guest in (("inline", inline), ("asked", asked), ("at the nickname", at_nick))
        }
        ways["JSON"] = json.asks("login", name=nick, password=password)["ok"]
        ways["hello"] = hello.asks("hello", nick=nick, password=password)["ok"]
        for each in (inline, asked, at_nick, json, hello):
            each.disconnects()
        return ways

    def test_accounts(self) -> None:
        """An account made or changed by a typed line, a question, JSON or the shell opens by all of them."""
        for number, password in enumerate(self.PASSWORDS):
            server = Server()
            inline, asked, changed = (server.guest(nick) for nick in ("inline", "asked", "changed"))
            inline.types(f"/signup {password}")
            asked.types("/signup", password, password)
            changed.types("/signup something else x1", "/passwd", "something else x1", password, password)
            json = server.program("json")
            json.asks("signup", password=password)
            for each in (inline, asked, changed, json):
                each.disconnects()
            for nick in ("inline", "asked", "changed", "json"):
                ways = self.ways_in(server, nick, password)
                self.assertEqual({True}, set(ways.values()), (number, nick, ways))
                other = self.ways_in(server, nick, unicodedata.normalize("NFD", password).replace(" ", "\u2002"))
                self.assertEqual({True}, set(other.values()), (number, nick, other))

    def test_rooms(self) -> None:
        """The password of a room is typed in the same form at every door."""
        for password in self.PASSWORDS:
            server = Server()
            owner = server.account("olga")
            owner.types("/create den", f"/password {password}")
            self.assertIn("requires a password", "\n".join(owner.reads()))
            guest, program = server.guest("guest"), server.program("program")
            guest.types(f"/join den {password}")
            self.assertNotIn("! ", "\n".join(guest.reads()), ascii(password))
            self.assertTrue(program.asks("join", room="den", password=password)["ok"])

    def test_refused_everywhere(self) -> None:
        """Nobody makes up a password that others could not type, at any door."""
        server = Server()
        guest, program = server.guest("guest"), server.program("program")
        owner = server.account("olga")
        owner.types("/create den")
        owner.reads()
        for password in ("zero\u200bwidth 1", "tab\there and there", ""):
            self.assertFalse(program.asks("signup", password=password)["ok"])
        guest.types("/signup zero\u200bwidth 1")
        self.assertIn("invisible", "\n".join(guest.reads()))
        owner.types("/password zero\u200bwidth 1")
        self.assertIn("invisible", "\n".join(owner.reads()))
