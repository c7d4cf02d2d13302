"""
What may be refused: each kind has a code of its own for programs, and a sentence for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from chatroom import errors
from chatroom.errors import NickTaken, Refused, with_full_stop


def kinds() -> Iterator[type[Refused]]:
    """Every class of refusal in L{chatroom.errors}."""
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, Refused) and not name.startswith("_"):
            yield value


class CodeTests(SynchronousTestCase):
    """Codes are promised to programs."""

    def test_every_kind_has_a_code_of_its_own(self) -> None:
        """A program can tell any two refusals apart, without reading sentences."""
        codes = [kind.code for kind in kinds()]
        self.assertEqual(sorted(set(codes)), sorted(codes))

    def test_codes_are_words_for_programs(self) -> None:
        """Small letters and hyphens: nothing to quote, nothing to translate."""
        for kind in kinds():
            self.assertRegex(kind.code, re.compile(r"\A[a-z]+(-[a-z]+)*\Z"))

    def test_codes_do_not_change(self) -> None:
        """Programs out there compare with these; a new one may be added, none may go or be renamed."""
        promised = """
            bad-arguments bad-request banned limit muted needs-account nick-owned nick-taken no-such-person
            no-such-room not-allowed not-found not-in-room not-kept not-registered refused room-closed
            room-exists slow-down unknown-command unlawful wants-password wrong-password
        """.split()
        self.assertEqual(set(), set(promised) - {kind.code for kind in kinds()})


class SentenceTests(SynchronousTestCase):
    """Sentences are for people, and shown as they stand."""

    def test_sentence_is_kept_as_written(self) -> None:
        """What is shown, what is logged and what was written is the same."""
        refusal = NickTaken("alice is already taken. Choose another nickname.")
        self.assertEqual("alice is already taken. Choose another nickname.", refusal.sentence)
        self.assertEqual(refusal.sentence, str(refusal))

    def test_every_kind_says_what_it_is_for(self) -> None:
        """A kind without a description would leave programmers guessing what its code means."""
        for kind in kinds():
            self.assertTrue((kind.__doc__ or "").strip(), kind)

    def test_a_sentence_ends_once(self) -> None:
        """An error becomes a sentence with one end, whether its author wrote a full stop or not."""
        for text, whole in (
            ("no such file", "no such file."),
            (ValueError("no such file."), "no such file."),
            ("later..", "later.."),
            ("why?", "why?"),
            ("later\u2026", "later\u2026"),
            ("", "."),
        ):
            self.assertEqual(whole, with_full_stop(text))

    def test_no_error_is_put_before_a_full_stop_as_it_is(self) -> None:
        """No module writes a full stop of its own behind an error or a person's words, because they may have one."""
        composed = re.compile(
            r"""f"[^"\n]*\{(?:str\()?(?:error|refused|text|[a-z.]*\breason|[a-z]+\.away)\)?\}\.(?=[ "])"""
        )
        for path in sorted(Path(errors.__file__).parent.rglob("*.py")):
            source = path.read_text()
            self.assertEqual([], composed.findall(source), path.name)
