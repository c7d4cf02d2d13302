"""
What typed lines mean: the examples of tests/vectors/commands.json, and lines that nobody thought of.
"""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.core.cleaning import clean
from chatroom.core.names import nickname
from chatroom.errors import Unlawful
from chatroom.meaning import NO_NAMES, Slip, TypedCommand, TypedTalk, TypedWhisper, is_plain, understand
from tests.vocabulary.vectors import VECTORS


def as_vector(typed: str) -> dict[str, Any]:
    """What a line means, as a row of the table."""
    meaning = understand(typed)
    if meaning is None:
        return {"typed": typed, "means": "nothing"}
    if isinstance(meaning, TypedTalk):
        return {"typed": typed, "means": "talk", "text": meaning.text}
    if isinstance(meaning, TypedWhisper):
        return {"typed": typed, "means": "whisper", "to": meaning.to, "text": meaning.text}
    if isinstance(meaning, TypedCommand):
        row = {"typed": typed, "means": "command", "word": meaning.word, "rest": meaning.rest}
        return row if meaning.typed == meaning.rest else {**row, "exactly": meaning.typed}
    return {"typed": typed, "means": "refused", "why": meaning.kind}


unseen = st.text(
    st.one_of(
        st.sampled_from(" \t\u00a0\u2003\u200b\u200d\u2800\u3000\u3164\ufe0f\ufeff\u00ad\u202e\U000e0101"),
        st.characters(categories=["Cc", "Cf", "Co", "Zl", "Zp", "Zs"], exclude_characters="\n"),
    ),
    max_size=4,
)


class MeaningTests(SynchronousTestCase):
    """Talk, whispers, commands and slips."""

    def test_table(self) -> None:
        """Every line of the table means what its row says."""
        for row in VECTORS:
            self.assertEqual(row, as_vector(row["typed"]))

    def test_nobody_can_have_such_a_name(self) -> None:
        """Every word that makes talk of a bare C{login} is refused as a nickname: no password stands behind it."""
        for word in NO_NAMES:
            for typed in (word, word.upper()):
                self.assertRaises(Unlawful, nickname, typed, 24)

    def test_first_sight(self) -> None:
        """Whatever line is talk at first sight is talk, exactly as it was typed."""
        seen = [row for row in VECTORS if "\n" not in row["typed"] and is_plain(row["typed"])]
        self.assertGreater(len(seen), 10)
        for row in seen:
            self.assertEqual("talk", row["means"], row)
            self.assertEqual(row["typed"], row["text"])

    def test_what_is_seen_at_first_sight(self) -> None:
        """Ordinary lines are talk at first sight: nothing more is done to find out what they mean."""
        ordinary = [
            "hello",
            "Z\u00fcrich",
            "\u0441\u043b\u043e\u0432\u043e",
            "\u4f60\u597d",
            "7 days",
            "70 of them",
            "1 of us",
        ]
        for line in (*ordinary, "loves it", "signal", '"Everybody\'s here"', "=0012.0000004a=the end"):
            self.assertTrue(is_plain(line), line)

    def test_characters_that_hold_a_slash(self) -> None:
        """A fraction or a unit whose plain form holds a slash may begin a command: it is not talk at first sight."""
        for character in map(chr, range(128, sys.maxunicode)):
            if set(unicodedata.normalize("NFKC", character)) & set("/\uff0f\u2044\u2215\u29f8"):
                self.assertFalse(is_plain(f"0{character}login ann secret"), hex(ord(character)))

    def test_letters_that_are_ascii_in_another_dress(self) -> None:
        """No letter or digit whose plain form begins with ASCII makes talk of a line at first sight."""
        for character in map(chr, range(128, sys.maxunicode)):
            plain = unicodedata.normalize("NFKC", character).lower()
            if plain[:1].isascii():
                self.assertFalse(is_plain(f"{character} works"), ascii(character))

    @given(
        st.text("=7.:_#0", max_size=3),
        st.sampled_from(["login", "lgin", "l\uff4fgin", "\u017fignup", "\U0001d429asswd", "LOGIN", "resume", "join"]),
        st.sampled_from([" ", "\u3164", "\u00a0", "\u115f", "x "]),
    )
    def test_slips_at_first_sight(self, before: str, word: str, blank: str) -> None:
        """A mistyped command is not talk at first sight, whatever signs, letters and blanks are about it."""
        line = f"{before}{word}{blank}ann geheimgeheimgeheim"
        if is_plain(line):
            self.assertEqual(TypedTalk(line), understand(line))

    @given(st.text(max_size=12), st.sampled_from(["", "login a b", "QUIT", "/signup x", "@ann x"]))
    def test_first_sight_of_any_line(self, start: str, end: str) -> None:
        """No line that is something else than talk looks like talk at first sight."""
        line = (start + end).replace("\n", "")
        if is_plain(line):
            self.assertEqual(TypedTalk(line), understand(line))

    @given(unseen, st.sampled_from("/／⁄"), st.sampled_from(["login ann", "signup", "passwd old", "resume"]), unseen)
    def test_secrets_behind_anything_unseen(self, before: str, sign: str, command: str, between: str) -> None:
        """A command with a password is a command or refused, whatever nobody can see stands around it."""
        meaning = understand(f"{before}{sign}{command} {between}geheim")
        self.assertNotIsInstance(meaning, (TypedTalk, TypedWhisper))
        self.assertIsNotNone(meaning)

    @given(unseen, st.sampled_from("@＠﹫"), unseen)
    def test_whispers_behind_anything_unseen(self, before: str, sign: str, between: str) -> None:
        """A whisper goes to the person it names or nowhere, whatever nobody can see stands around it."""
        meaning = understand(f"{before}{sign}{between}ann secret")
        if not isinstance(meaning, Slip):
            self.assertEqual(TypedWhisper("ann", "secret"), meaning)

    @given(st.text("aB0:,.@/; \t\n\u00e9\u3001\u200b\u00a0", max_size=9), st.sampled_from(["", "ann", "ann psst"]))
    def test_whispers_at_first_sight(self, line: str, start: str) -> None:
        """A whisper that is plain to see means what it means with something unseen before it, which is not."""
        typed = f"@{start}{line}"
        self.assertEqual(understand(f"\u200b{typed}"), understand(typed))

    @given(st.text(max_size=6), st.sampled_from(["/login ann pw", "@ann secret"]))
    def test_what_is_left_out_hides_nothing(self, before: str, line: str) -> None:
        """
        Characters that the server leaves out of what is said hide no sign: what is talk does not begin with a sign
        when they are gone.
        """
        typed = before.replace("\n", "") + line
        meaning = understand(typed)
        if isinstance(meaning, TypedTalk) and meaning.text == typed:
            self.assertNotIn(clean(typed).strip()[:1], ("/", "@"))

    @given(st.text(), st.text())
    def test_any_text(self, first: str, second: str) -> None:
        """Any text means something, and nothing is put into it."""
        for typed in (first, f"{first}\n{second}"):
            meaning = understand(typed)
            if isinstance(meaning, (TypedTalk, TypedWhisper)):
                self.assertIn(meaning.text, typed)

    def test_slips_say_what_to_do(self) -> None:
        """Each refusal names the command to type instead."""
        self.assertIn("/signup", Slip("secret", "signup").sentence)
        self.assertIn("/say", Slip("whisper").sentence)
        self.assertIn("//", Slip("slash").sentence)

    def test_unicode_of_the_table(self) -> None:
        """The table holds characters of every category that leaves no ink."""
        starts = {unicodedata.category(row["typed"][0]) for row in VECTORS}
        self.assertLessEqual({"Cc", "Cf", "Co", "Mn", "Zl", "Zs"}, starts)
