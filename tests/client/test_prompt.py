"""
What becomes of the lines that a person types, and what is said of a line before it is sent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.buffers import Buffers
from chatroom.client.facts import Facts
from chatroom.client.lines import Kind
from chatroom.client.prompt import Prompt
from chatroom.testing import Server

VECTORS = Path(__file__).parent.parent / "vectors" / "commands.json"


class Recorder:
    """In place of a client: writes down what a prompt asks of it."""

    def __init__(self) -> None:
        self.buffers = Buffers()
        self.buffers.open("lobby")
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.questions: list[str] = []
        self.notes: list[Kind] = []
        self.refused: Any = None
        self.answered: Any = None

    def ask(self, word: str, then: Any = None, otherwise: Any = None, /, **arguments: Any) -> None:
        self.asked.append((word, arguments))
        self.refused = otherwise

    def question(self, prompt: str, answered: Any, secret: bool = False) -> None:
        self.questions.append(prompt)
        self.answered = answered

    def note(self, kind: Kind, text: str, buffer: Any = None) -> None:
        self.notes.append(kind)

    def leave(self, reason: str = "") -> None:
        self.asked.append(("quit", {}))


class PromptCase(SynchronousTestCase):
    """A prompt that knows the commands of a real server."""

    def setUp(self) -> None:
        self.client = Recorder()
        self.prompt = Prompt(self.client)  # type: ignore[arg-type]  # all that a prompt needs of a client
        self.prompt.vocabulary.learn(Facts(Server().program("bob").asks("help")))

    def enters(self, typed: str) -> list[tuple[str, dict[str, Any]]]:
        """What is asked when this is typed."""
        self.client.asked.clear()
        self.client.notes.clear()
        self.prompt.enter(typed)
        return self.client.asked


class MeaningTests(PromptCase):
    """The rule of every door, tests/vectors/commands.json, holds in the client as well."""

    def test_every_vector(self) -> None:
        """Talk is said as it is, a whisper goes to the one it names, and anything else is never published."""
        for row in json.loads(VECTORS.read_text(encoding="utf-8")):
            asked = self.enters(row["typed"])
            if row["means"] == "talk":
                self.assertEqual([("say", {"room": "lobby", "text": row["text"]})], asked, row)
            elif row["means"] == "whisper":
                self.assertEqual([("whisper", {"to": row["to"], "text": row["text"]})], asked, row)
            elif row["means"] == "command":
                self.assertFalse({"say", "whisper"}.intersection(word for word, _ in asked), row)
            else:
                self.assertEqual([], asked, row)
            if row["means"] != "command":
                self.assertEqual([Kind.REFUSAL] * (row["means"] == "refused"), self.client.notes, row)

    def test_secrets_are_not_remembered(self) -> None:
        """No line with a password in it comes back with the Up key, neither a command nor one that is refused."""
        for row in json.loads(VECTORS.read_text(encoding="utf-8")):
            if row["means"] == "refused" or row.get("word") in ("resume",) or "pw" in row.get("rest", ""):
                self.assertTrue(self.prompt.is_secret(row["typed"]), row)

    @given(st.sampled_from(" \u00a0\u2003\u200b\u3000\ufeff\t\u2800"), st.sampled_from(["ann geheim", "x  geheim"]))
    def test_blanks_of_every_kind_part_arguments(self, blank: str, rest: str) -> None:
        """Any white space parts the arguments of a command, and nothing unseen makes a password talk."""
        for word, _ in self.enters(f"{blank}/login{blank}{rest}"):
            self.assertEqual("login", word)


class JoinTests(PromptCase):
    """The password of a room that wants one is asked for unseen."""

    def test_room_that_wants_a_password(self) -> None:
        """A join without the password leads to the question, and the answer to a join with it."""
        self.enters("/join den")
        self.client.refused("wants-password")
        self.assertEqual(["Password for den: "], self.client.questions)
        self.client.answered("sesame")
        self.assertEqual(("join", {"room": "den", "password": "sesame"}), self.client.asked[-1])
        self.client.refused("wrong-password")
        self.assertEqual(2, len(self.client.questions))

    def test_room_that_no_password_opens(self) -> None:
        """Nobody is asked for a password where it would be no use."""
        for code in ("room-closed", "no-such-room", "banned", "room-locked", "limit", "slow-down", ""):
            self.enters("/join den")
            self.client.refused(code)
        self.assertEqual([], self.client.questions)


class AimTests(PromptCase):
    """While a line is typed that would be a whisper, the client says who alone will read it."""

    def test_in_a_room(self) -> None:
        """A whisper by its sign or by its command, as soon as there is text in it; everything else says nothing."""
        for typed, aim in (
            ("@dave is it true?", "Only dave will read this"), ("\uff20dave hi", "Only dave will read this"),
            ("\u3000@dave hi", "Only dave will read this"), ("@dave: hi", "Only dave will read this"),
            ("/whisper dave hi", "Only dave will read this"), ("/msg dave hi", "Only dave will read this"),
            ("/reply hi", "Only the person you answer will read this"),
            ("@dave", ""), ("@dave ", ""), ("dave: hi", ""), ("hi @dave", ""), ("/whisper dave", ""), ("", ""),
            ("/me waves", ""), ("//whisper dave hi", ""), ("one\n@dave two", ""), ("/nosuch dave hi", ""),
        ):  # fmt: skip
            self.assertEqual(aim, self.prompt.aim(typed), typed)

    def test_among_whispers(self) -> None:
        """Where one looks at the whispers with somebody, talk is one more; a command is not."""
        self.client.buffers.look(self.client.buffers.open("@dave"))
        self.assertEqual("Only dave will read this", self.prompt.aim("hi"))
        self.assertEqual("Only eve will read this", self.prompt.aim("@eve hi"))
        self.assertEqual("", self.prompt.aim("/who"))
        self.assertEqual("", self.prompt.aim(""))

    @given(st.text(), st.booleans())
    def test_it_is_true(self, typed: str, whispers: bool) -> None:
        """Whatever is typed: a line of which nothing was said is not whispered, and the other way round."""
        self.client.buffers.look(self.client.buffers.open("@dave" if whispers else "lobby"))
        aim = self.prompt.aim(typed)
        asked = [word for word, _ in self.enters(typed)]
        self.assertEqual(bool(aim), "whisper" in asked)
