"""
What an account needs: a password that will do, and tokens that say nothing.
"""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.accounts import LONGEST_PASSWORD, check_password, digest, public_id
from chatroom.errors import Unlawful


class PasswordTests(SynchronousTestCase):
    """Which new passwords will do."""

    def refused(self, password: str, name: str = "alice") -> str:
        """Why not."""
        refusal: Unlawful = self.assertRaises(Unlawful, check_password, password, name, 8)
        self.assertNotIn(password, refusal.sentence)
        return refusal.sentence

    def test_phrases_and_random_characters(self) -> None:
        """Any that others will not guess, in any language."""
        for password in ("correct horse battery", "x7!kQ2#p", "пароль из слов", "正确的马电池钉书钉", "a" * 100 + "bc"):
            check_password(password, "alice", 8)

    def test_too_short_and_too_long(self) -> None:
        """The refusal says what is enough."""
        self.assertIn("8", self.refused("1234567"))
        check_password("12345678", "alice", 8)
        self.assertIn("600", self.refused("abc" * 201))
        check_password("abcd" * (LONGEST_PASSWORD // 4), "alice", 8)

    def test_the_name_itself(self) -> None:
        """In any letter case, and with a digit or two; in a longer phrase it does no harm."""
        for password in ("margarethe", "MARGARETHE", "Margarethe12", "1margarethe!"):
            self.refused(password, "Margarethe")
        check_password("Margarethe likes horses", "margarethe", 8)

    def test_one_character_over_and_over(self) -> None:
        """It has the length, and nothing else."""
        self.refused("aaaaaaaaaaaa")
        self.refused("abababababab")

    def test_where_short_passwords_do(self) -> None:
        """Where the shortest password has one or two characters, such a one will do."""
        for password, shortest in (("x", 1), ("é" * 100, 1), ("xy", 2)):
            check_password(password, "alice", shortest)
        self.assertIn("2 different", self.assertRaises(Unlawful, check_password, "xx", "alice", 2).sentence)

    def test_what_cannot_be_typed_again(self) -> None:
        """Control characters and line ends come from a slip, not from a choice."""
        for password in ("correct\thorse", "correct\nhorse", "correct\x00horse", "correct\u200bhorse"):
            self.refused(password)


class TokenTests(SynchronousTestCase):
    """What is kept of a session token."""

    @given(st.text(st.characters(max_codepoint=127), min_size=1), st.text(st.characters(max_codepoint=127), min_size=1))
    def test_digest_stands_for_the_token_and_hides_it(self, one: str, other: str) -> None:
        """Equal for equal tokens only."""
        self.assertEqual(one == other, digest(one) == digest(other))
        self.assertRegex(digest(one), re.compile(r"\A[0-9a-f]{64}\Z"))

    def test_public_id(self) -> None:
        """Eight digits for the owner to call it by, which open nothing."""
        self.assertRegex(public_id(digest("token")), re.compile(r"\A[0-9a-f]{8}\Z"))
        self.assertNotEqual(digest("token"), digest(public_id(digest("token"))))
