"""
How a public name goes: for some releases it works as before, and each use warns with what to write instead.

docs/api.rst has the rule. It knows no name: the module that a name leaves says it. trial and pytest show the warnings,
at the line that uses the name; a running server does not log them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

C = TypeVar("C", bound=Callable[..., Any])


def deprecated(replacement: str) -> Callable[[C], C]:
    """
    A decorator for a function or a method: each call warns.

    @param replacement: what to call instead, as its whole name or as code.
    """

    def decorate(function: C) -> C:
        @wraps(function)
        def warned(*args: Any, **kwargs: Any) -> Any:
            _warn(f"{function.__module__}.{function.__qualname__}", replacement)
            return function(*args, **kwargs)

        return warned  # type: ignore[return-value]  # it is called as that one is

    return decorate


def renamed(module: str, names: Mapping[str, tuple[str, Any]]) -> Callable[[str], Any]:
    """
    What a module has as its C{__getattr__} (PEP 562) for names that it has lost: each import or use of one warns.

    @param module: its C{__name__}. @param names: the whole name of the replacement, and the object, by the old name.
    """

    def found(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        replacement, value = names[name]
        _warn(f"{module}.{name}", replacement)
        return value

    found.deprecated = names  # type: ignore[attr-defined]  # for the list of public names
    return found


def _warn(name: str, replacement: str) -> None:
    sentence = f"{name} is deprecated and will be removed. Use {replacement} instead."
    warnings.warn(sentence, DeprecationWarning, stacklevel=3)
