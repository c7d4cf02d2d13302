"""
Finds the services of plugins: everything that provides L{IPluginService} in C{twisted.plugins}.

As with commands (L{chatroom.plugins.find}), what is broken is logged in one line and left out. So are two of one name,
both of them: the data of one must not become the other's. It knows nothing of what services do.
"""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

from twisted.logger import Logger
from zope.interface.exceptions import Invalid
from zope.interface.verify import verifyObject

from chatroom.events import KINDS, RoomEvent
from chatroom.interfaces import IPluginService, PluginOption, interface
from chatroom.interfaces.plugin_services import JOIN, NICKNAME, TOPIC, WHISPER
from chatroom.plugins.discovery import discover
from twisted import plugins

WORD = re.compile(r"[a-z][a-z0-9-]{0,23}", re.ASCII)
"""What the name of a service or of an option looks like."""

HEARD = frozenset(kind for kind, cls in KINDS.items() if issubclass(cls, RoomEvent)) | {
    "arrived",
    "departed",
    "became",
    "away",
    "announced",
}
"""Kinds of events that a service may hear. What is whispered, reported or audited is none of its business."""

_log = Logger()


def find_services(package: ModuleType = plugins) -> dict[str, IPluginService]:
    """
    What is installed, by name.

    @param package: where plugins are looked for.
    """
    found: dict[str, list[tuple[IPluginService, str]]] = {}
    for service, file in discover(interface(IPluginService), package):
        fault = fault_of(service)
        if fault:
            _log.warn("Left out a service of {file}: {fault}", file=file, fault=fault)
        else:
            found.setdefault(service.name, []).append((service, file))
    for name, claims in found.items():
        for file in dict.fromkeys(file for _, file in claims) if len(claims) > 1 else ():
            others = " and ".join(other for _, other in claims if other != file) or "the same file"
            _log.error(
                "Skipped the service {name} in {file}: {others} has a service of that name as well. Neither runs. "
                "Uninstall the package of one of them.",
                name=name, file=file, others=others,
            )  # fmt: skip
    return {name: claims[0][0] for name, claims in found.items() if len(claims) == 1}


def fault_of(service: IPluginService) -> str | None:
    """What is wrong with a service, as the end of a sentence, or C{None}."""
    try:
        verifyObject(interface(IPluginService), service)
        return _fault_of_attributes(service)
    except Invalid as error:
        return " ".join(str(error).split())
    except BaseException as error:  # noqa: BLE001 an attribute may be computed, by code we know nothing of
        return f"{type(error).__name__}: {error}"


def _fault_of_attributes(service: Any) -> str | None:
    name = service.name
    if not (isinstance(name, str) and WORD.fullmatch(name)):
        return f"{name!r} is no name: it takes up to 24 small letters, digits and -, a letter first"
    unknown = [kind for kind in service.hears if kind not in HEARD]
    if isinstance(service.hears, str) or unknown:
        wanted = service.hears if isinstance(service.hears, str) else unknown[0]
        return f"{name!r} wants to hear {wanted!r}, which is no kind of event for services"
    for kind in service.checks:
        if isinstance(service.checks, str) or kind not in (JOIN, WHISPER, TOPIC, NICKNAME):
            return f"{name!r} wants to check {service.checks!r}, and not some of join, whisper, topic, nickname"
    names: set[str] = {"nick"}
    for option in service.options:
        if not (isinstance(option, PluginOption) and WORD.fullmatch(option.name)):
            return f"{option!r} is no option for {name!r}"
        default: object = option.default
        if not isinstance(default, str | int | float):
            return f"the default of the option {option.name!r} of {name!r} is no text, number, or on and off"
        if option.name in names:
            return f"the option {option.name!r} of {name!r} is in use already"
        names.add(option.name)
    return None
