"""
Writes docs/schema/protocol.json: JSON Schema (draft 2020-12) of every request, answer and event, made from the
commands, the shapes of their facts, the refusals and the events themselves. C{python -m tests.schema} writes it anew.

C{tests/docs/test_schema.py} compares the file, and holds it against what programs and a server really send.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Annotated, Any, get_args, get_origin

from chatroom.doors.json.json_speaker import GREETINGS
from chatroom.doors.replies import Bug
from chatroom.errors import codes
from chatroom.events import KINDS, Event, RoomEvent
from chatroom.interfaces import ICommand
from chatroom.wire import SPARING, VERSION
from tests.answer_shapes import built_in, hints, inner, is_nullable, is_shape, name_of, nested, required
from tests.arrows import ROOT
from tests.protocol_page import NEVER_TOLD

FILE = ROOT / "docs" / "schema" / "protocol.json"

TIME = {"type": "string", "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z$"}
SCALAR = {"type": ["string", "number", "boolean", "null"]}
_TYPES: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
}
_NAMED: dict[str, dict[str, Any]] = {
    "at": TIME,
    "until": {"anyOf": [TIME, {"type": "null"}]},
    "seq": {"type": "integer", "minimum": 1},
    "nonce": {"type": "string", "minLength": 1},
    "bot": {"const": True},
}


def event_schema(cls: type[Event]) -> dict[str, Any]:
    """Of one kind of event, as programs get it. More keys may come with a later version."""
    properties: dict[str, Any] = {"event": {"const": cls.kind}}
    required = ["event"]
    for field in fields(cls):
        if field.name in cls.secret:
            continue
        properties[field.name] = _NAMED.get(field.name) or _TYPES[str(field.type)]
        if field.name in SPARING or (field.name == "room" and not issubclass(cls, RoomEvent)):
            continue
        required.append(field.name)
    return {"title": cls.kind, "type": "object", "properties": properties, "required": required}


def request_schema(command: ICommand) -> dict[str, Any]:
    """Of one command: what a program may send. The server refuses other keys, unless they are null."""
    properties: dict[str, Any] = {"do": {"enum": [command.name, *command.aliases]}, "id": SCALAR}
    required = ["do"]
    for parameter in command.parameters:
        properties[parameter.name] = {"description": parameter.help, **SCALAR} if parameter.help else SCALAR
        if parameter.required:
            properties[parameter.name] = {**properties[parameter.name], "type": ["string", "number", "boolean"]}
            required.append(parameter.name)
    return {
        "title": command.name,
        "description": command.summary,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": {"type": "null"},
    }


_MARKED: dict[str, dict[str, Any]] = {
    "time": TIME,
    "count": {"type": "integer", "minimum": 0},
    "number": {"type": "integer", "minimum": 1},
}
_LINES = {"description": "the same for people", "type": "array", "items": {"type": "string"}}
_ANSWERED: dict[str, dict[str, Any]] = {"id": SCALAR, "ok": {"const": True}}
_GREETED: dict[str, dict[str, Any]] = {
    "wire": {"const": VERSION},
    "limits": {"type": "object", "additionalProperties": {"type": "number"}},
}


def value_schema(hint: Any) -> dict[str, Any]:
    """Of one fact, by its type in a shape."""
    if is_nullable(hint):
        return {"anyOf": [value_schema(inner(hint)), {"type": "null"}]}
    if get_origin(hint) is Annotated:
        return _MARKED[get_args(hint)[1]]
    if get_origin(hint) is list:
        return {"type": "array", "items": value_schema(get_args(hint)[0])}
    if get_origin(hint) is tuple:
        items = [value_schema(each) for each in get_args(hint)]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if is_shape(hint):
        return {"$ref": f"#/$defs/object-{name_of(hint)}"}
    return {"$ref": "#/$defs/event"} if hint is Event else _TYPES[hint.__name__]


def shape_schema(shape: type, closed: bool) -> dict[str, Any]:
    """Of an object inside an answer. More keys may come with a later version, if it is not closed."""
    made: dict[str, Any] = {
        "title": name_of(shape),
        "type": "object",
        "properties": {key: value_schema(hint) for key, hint in hints(shape).items()},
        "required": required(shape),
    }
    return {**made, "additionalProperties": False} if closed else made


def answer_schema(command: Any, closed: bool) -> dict[str, Any]:
    """Of what a built-in command answers when it has done what was requested; closed: with these keys alone."""
    greeted = _GREETED if command.name in GREETINGS else {}
    made: dict[str, Any] = {
        "title": f"answer to {command.name}",
        "type": "object",
        "properties": {**_ANSWERED, **greeted, "lines": _LINES},
        "required": [*_ANSWERED, *greeted],
    }
    if len(command.facts) == 1:
        only = shape_schema(command.facts[0], False)
        made["properties"] |= only["properties"]
        made["required"] += only["required"]
    else:
        made["anyOf"] = [shape_schema(shape, False) for shape in command.facts]
    return {**made, "unevaluatedProperties": False} if closed else made


def refusal_schema() -> dict[str, Any]:
    """Of an answer to what was not done."""
    names = sorted({*codes(), Bug.code})
    return {
        "title": "refusal",
        "type": "object",
        "properties": {
            "id": SCALAR,
            "ok": {"const": False},
            "error": {"type": "string", "examples": names},
            "sentence": {"type": "string"},
            "retry_after": {"description": "seconds", "type": "integer", "minimum": 1},
            "until": TIME,
            "max": {"type": "integer"},
        },
        "required": ["id", "ok", "error", "sentence"],
    }


def schema(closed: bool = False) -> dict[str, Any]:
    """All of it. @param closed: whether answers to built-in commands have the declared keys alone, as today's have."""
    commands = built_in()
    ours = list(commands)
    told = sorted(kind for kind in KINDS if kind not in NEVER_TOLD)
    made: dict[str, Any] = {f"request-{name}": request_schema(commands[name]) for name in ours}
    made |= {f"event-{kind}": event_schema(KINDS[kind]) for kind in told}
    made["answer"] = {
        "title": "answer",
        "type": "object",
        "properties": {
            **_ANSWERED,
            **_GREETED,
            "lines": _LINES,
            "events": {"type": "array", "items": {"$ref": "#/$defs/event"}},
        },
        "required": [*_ANSWERED],
    }
    made |= {f"answer-{name}": answer_schema(commands[name], closed) for name in ours}
    made |= {f"object-{name_of(shape)}": shape_schema(shape, closed) for shape in nested()}
    made["refusal"] = refusal_schema()
    made["event"] = {"anyOf": [{"$ref": f"#/$defs/event-{kind}"} for kind in told]}
    made["request"] = {"anyOf": [{"$ref": f"#/$defs/request-{name}"} for name in ours]}
    made["received"] = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in ("event", "answer", "refusal")]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The protocol of chatroom: what a program sends (request) and receives (received)",
        "description": "Commands of plugins and kinds of events that came later are not in it. See docs/protocol.rst.",
        "$comment": "Made by python -m tests.schema.",
        "$defs": made,
        "anyOf": [{"$ref": "#/$defs/request"}, {"$ref": "#/$defs/received"}],
    }


def text() -> str:
    """The file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
