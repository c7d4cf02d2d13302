"""
What is installed: objects in C{twisted.plugins} that provide an interface, ours and other packages'.

What is broken is logged in one line and left out. It knows how Twisted's plugins behave, and nothing of what any
of them is for, but for the number of the interface that a plugin was made for.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import ModuleType, TracebackType
from typing import Any
from weakref import WeakKeyDictionary

from twisted.logger import Logger
from twisted.plugin import IPlugin
from twisted.python.filepath import FilePath
from twisted.python.modules import getModule
from twisted.python.monkey import MonkeyPatcher
from zope.interface import Interface

from chatroom.interfaces import FIRST_PLUGIN_API
from chatroom.plugins import plugin_api
from twisted import plugin

_log = Logger()

_said: WeakKeyDictionary[ModuleType, set[str]] = WeakKeyDictionary()
"""What was logged of each package of plugins."""

LONGEST = 300
"""Characters of what an exception says that are logged."""


def discover(interface: type[Interface], package: ModuleType) -> Iterator[tuple[Any, str]]:
    """
    Every plugin that provides this once, and the file that holds it, in the order of the modules' names.

    Twisted's C{dropin.cache} trusts files' times, so after a file was replaced by an older one it still lists
    what the older one lacks, and not what only that one has. So it is asked only for the modules with such plugins.

    @param package: where plugins are looked for.
    """
    listed = {id(each) for each in _listed(interface, package)}
    _load_those_with_nothing(package)
    seen = set()
    for name, module in sorted(sys.modules.items()):
        if name.rpartition(".")[0] != package.__name__:
            continue
        held = [value for value in vars(module).values() if _provides(interface, value)]
        for overlooked in _overlooked(interface, module, held):
            _skipped(package, f"Skipped a plugin in {module.__file__}: {overlooked}")
        if not any(id(each) in listed for each in held):
            continue
        fault = plugin_api.fault(getattr(module, "plugin_api", FIRST_PLUGIN_API))
        if fault:
            _skipped(package, f"Skipped the plugin {name.rpartition('.')[2]} in {module.__file__}: {fault}.")
            continue
        for each in held:
            if id(each) not in seen:
                seen.add(id(each))
                yield each, str(module.__file__)


def _skipped(package: ModuleType, sentence: str) -> None:
    """Log why a plugin is left out: once, although commands, filters and services are each looked for."""
    said = _said.setdefault(package, set())
    if sentence not in said:
        said.add(sentence)
        _log.warn("{sentence}", sentence=sentence)


def _provides(interface: type[Interface], value: Any) -> bool:
    try:
        return bool(interface.providedBy(value))
    except Exception:  # noqa: BLE001 an object of anybody's, whose attributes may be computed
        return False


def _load_those_with_nothing(package: ModuleType) -> None:
    """Import the modules in which Twisted has found no plugin of any kind: their authors may have expected one."""
    caught = _Failures(package)
    patch = MonkeyPatcher((plugin, "log", caught))
    cache: dict[str, Any] = patch.runWithPatches(lambda: plugin.getCache(package))
    empty = {dropin.moduleName for dropin in cache.values() if not dropin.plugins}
    for module in getModule(package.__name__).iterModules():  # as Twisted's own cache is made
        if module.name in empty:
            with suppress(BaseException):  # what cannot be imported was told of before
                module.load()


def _overlooked(interface: type[Interface], module: ModuleType, held: Sequence[Any]) -> Iterator[str]:
    """What looks like a plugin there, and is none: why, as the end of a sentence."""
    what = interface.__name__
    for name, value in vars(module).items():
        if not isinstance(value, type):
            if any(value is each for each in held) and not _provides(IPlugin, value):
                yield f"{name} is an {what}, but not an IPlugin"
        elif (
            interface.implementedBy(value)
            and isinstance(vars(value).get("name"), str)
            and not any(isinstance(each, value) for each in held)
        ):
            yield f"{name} is a class, and no object of it is there. Make one: {name.lower()} = {name}()"


def described(error: BaseException) -> tuple[str, str]:
    """
    What went wrong, in one line; and where: the file and line of the innermost call, or of a syntax error.
    """
    what = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()[-1][:LONGEST]
    if isinstance(error, SyntaxError) and error.filename:
        return what, f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    return what, f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"


def _listed(interface: type[Interface], package: ModuleType) -> Sequence[Any]:
    """
    What C{getPlugins} gives. It reports failures in no other way than by logging a traceback for each, at every
    call, and twistd has called it before us; so ours are caught on their way to the log and told in a line.
    """
    caught = _Failures(package)
    patch = MonkeyPatcher((plugin, "log", caught))
    listed: list[Any] = patch.runWithPatches(lambda: list(plugin.getPlugins(interface, package)))
    for failure in caught.failures:
        _skipped(package, f"Skipped a plugin: {failure}")
    return listed


class _Failures:
    """
    Stands in for the L{twisted.python.log} that L{twisted.plugin} logs to.

    @ivar failures: a line for each failure, in order. A module that cannot be imported fails once for
        itself and once for each object that the cache lists in it, and is here once.
    """

    def __init__(self, package: ModuleType) -> None:
        """@param package: where plugins are looked for."""
        self.failures: dict[str, None] = {}
        self.folders = {FilePath(folder) for folder in package.__path__}

    def err(self, _stuff: object = None, _why: str | None = None) -> None:
        """Called while the exception is being handled."""
        kind, error, trace = sys.exc_info()
        what = "".join(traceback.format_exception_only(kind, error)).strip().splitlines()[-1]
        where = traceback.extract_tb(trace)[-1]
        if isinstance(error, SyntaxError):
            where = traceback.FrameSummary(error.filename or where.filename, error.lineno, "")
        self.failures[f"{what} ({where.filename}:{where.lineno}){self._other_number(trace, where)}"] = None

    def _other_number(self, trace: TracebackType | None, where: traceback.FrameSummary) -> str:
        """What is added where the plugin file was made for another server, which may be why it cannot be imported."""
        for each in (*traceback.extract_tb(trace), where):
            file = FilePath(each.filename)
            if file.parent() in self.folders:
                fault = plugin_api.fault(plugin_api.said_in(each.filename))
                if fault:
                    return f". The plugin {file.basename().removesuffix('.py')} in {each.filename}: {fault}."
        return ""

    def msg(self, *message: object, format: str = "{message}", **values: object) -> None:
        """That the cache could not be written, as where another user installed the packages; no harm."""
        _log.debug("{text}", text=format % values if values else " ".join(map(str, message)))
