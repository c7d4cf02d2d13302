"""
What decides whether something is as docs/schema/protocol.json says.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tests.answer_shapes import words
from tests.schema import FILE, schema

SCHEMA = json.loads(FILE.read_text(encoding="utf-8"))


@cache
def validator(name: str) -> Draft202012Validator:
    """What a definition of the schema is asked by."""
    return Draft202012Validator({**SCHEMA, "anyOf": [{"$ref": f"#/$defs/{name}"}]})


@cache
def _exactly(name: str) -> Draft202012Validator:
    return Draft202012Validator({**schema(closed=True), "anyOf": [{"$ref": f"#/$defs/{name}"}]})


def wrong_in(word: str, answer: dict[str, Any]) -> str:
    """
    What is wrong in the answer to this word, a built-in command or another word for it; C{""} if nothing is. A key that
    its command does not declare is wrong as well: the schema allows later versions to have more, and this is no later
    version.
    """
    if not answer["ok"]:
        return _reason(validator("refusal"), answer)
    name = f"answer-{words()[word]}"
    return _reason(validator(name), answer) or _reason(_exactly(name), answer)


def _reason(asked: Draft202012Validator, made: dict[str, Any]) -> str:
    if asked.is_valid(made):
        return ""
    found = [leaf.message for error in asked.iter_errors(made) for leaf in (error.context or [error])]
    return "; ".join(found)
