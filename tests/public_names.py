"""
Every public name that plugins may build on, with its arguments: C{python -m tests.public_names} writes
docs/plugin-api.names.

Which modules are public, docs/api.rst says. This module knows how to read them, and nothing of what they are for.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from types import ModuleType
from typing import Any

from zope.interface.interface import InterfaceClass, Method

from chatroom.interfaces import PLUGIN_API
from tests.arrows import ROOT

PAGE = ROOT / "docs" / "api.rst"
LIST = ROOT / "docs" / "plugin-api.names"


def modules() -> list[str]:
    """Those that the page names."""
    return re.findall(r"^   \* - ``(chatroom[\w.]*)``$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def not_for_plugins() -> frozenset[str]:
    """Names of chatroom.interfaces that the page says are for the parts of the server."""
    paragraph = PAGE.read_text(encoding="utf-8").split("not for plugins:", 1)[1].split("\n\n", 1)[0]
    return frozenset(re.findall(r"``(\w+)``", paragraph))


def names() -> Iterator[str]:
    """A line for each name: with its arguments, if it can be called."""
    for name in modules():
        module = import_module(name)
        deprecated = getattr(getattr(module, "__getattr__", None), "deprecated", {})
        values = {each: getattr(module, each) for each in getattr(module, "__all__", None) or _own(module)}
        values |= {each: value for each, (_, value) in deprecated.items()}
        for each in sorted(values.keys() - not_for_plugins()):
            yield from _lines(f"{name}.{each}", values[each])


def _own(module: ModuleType) -> list[str]:
    """Public names that a module defines itself."""
    found: list[str] = []
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [target.id for target in targets if isinstance(target, ast.Name)]
    return [name for name in found if not name.startswith("_")]


def _lines(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, InterfaceClass):
        yield name
        for each, element in sorted(value.namesAndDescriptions(all=True)):
            arguments = element.getSignatureString() if isinstance(element, Method) else ""
            yield f"{name}.{each}{arguments}"
    elif inspect.isclass(value):
        # How an enumeration itself is called is Python's affair, and another one in each version.
        yield name if issubclass(value, Enum) else f"{name}{_arguments(value)}"
        for each, member in sorted(vars(value).items()):
            if not each.startswith("_"):
                yield f"{name}.{each}{_arguments(member) if inspect.isfunction(member) else ''}"
    else:
        yield f"{name}{_arguments(value) if inspect.isfunction(value) else ''}"


def _arguments(value: Any) -> str:
    """C{(text, room=...)}: which values stand behind the signs is not promised."""
    try:
        parameters = [each for each in inspect.signature(value).parameters.values() if each.name != "self"]
    except (TypeError, ValueError):
        return ""
    shown = [
        str(each.replace(annotation=each.empty, default=each.default if each.default is each.empty else ...)).replace(
            "Ellipsis", "..."
        )
        for each in parameters
    ]
    return f"({', '.join(shown)})"


def main() -> None:
    """Write the list."""
    text = f"plugin_api {PLUGIN_API}\n\n" + "".join(f"{line}\n" for line in names())
    LIST.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
