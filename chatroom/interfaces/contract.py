"""
A contract: for zope.interface, an interface; for a type checker, a protocol. Each is written once, and is both.

A class statement with L{Contract} as its base makes one. Methods take C{self}, and attributes are properties, so that
mypy and pyright read a C{typing.Protocol}, without a plugin of theirs. When the program runs, the same class is an
interface, which C{providedBy} and C{verifyObject} understand. This module knows nothing of ours. See C{docs/adr/0040}.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

from zope.interface import Attribute, implementer
from zope.interface.interface import InterfaceClass, fromFunction

__all__ = ["Contract", "interface", "provides"]

_Class = TypeVar("_Class", bound=type)


class ContractClass(InterfaceClass):
    """What makes an interface of a class statement whose methods take C{self} and whose attributes are properties."""

    def __init__(
        self, name: str, bases: tuple[Any, ...] = (), attrs: dict[str, Any] | None = None, **rest: Any
    ) -> None:
        """@param attrs: what stands in the class statement."""
        made = {key: _element(key, value) for key, value in (attrs or {}).items()}
        super().__init__(name, bases, made, **rest)


def _element(name: str, value: Any) -> Any:
    """A method or an attribute of an interface, from one of a class. Everything else is left as it is."""
    if isinstance(value, FunctionType):
        return fromFunction(value, imlevel=1, name=name)
    if isinstance(value, property):
        return Attribute(value.__doc__ or "")
    return value


if TYPE_CHECKING:
    from typing import Protocol as Contract

    def provides(*contracts: object) -> Callable[[_Class], _Class]:
        """Declare that the objects of a class keep these contracts."""
        ...

else:
    Contract = ContractClass("Contract", __module__=__name__)
    provides = implementer


def interface(contract: object) -> Any:
    """The same as what zope.interface takes: a type checker sees a protocol, which has no C{providedBy}."""
    return contract
