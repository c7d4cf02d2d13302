"""
The example packages are held to their own tests, as their authors run them, without being installed.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[2] / "examples"


def load(package: str, name: str, file: str) -> ModuleType:
    """A module from a package's folder, which is not on the path."""
    spec = spec_from_file_location(name, FOLDER / package / file)
    assert spec is not None and spec.loader is not None
    sys.modules[name] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


load("chatroom-dice", "chatroom_dice", "chatroom_dice/__init__.py")
RollTests = load("chatroom-dice", "test_chatroom_dice", "test_chatroom_dice.py").RollTests

sys.path.append(str(FOLDER / "chatroom-poll"))  # a package of several modules
_poll = load("chatroom-poll", "test_chatroom_poll", "test_chatroom_poll.py")
_POLL = "OpenTests PollFilterTests VoteTests AccountsTests CloseTests RemindTests BrowserTests LifeTests".split()
OpenTests, PollFilterTests, VoteTests, AccountsTests, CloseTests, RemindTests, BrowserTests, LifeTests = (
    getattr(_poll, name) for name in _POLL
)

load("chatroom-filter", "chatroom_filter", "chatroom_filter/__init__.py")
_filter = load("chatroom-filter", "test_chatroom_filter", "test_chatroom_filter.py")
WordTests, StarTests, LinkTests, FileTests = (
    getattr(_filter, name) for name in ("WordTests", "StarTests", "LinkTests", "FileTests")
)
for _case in (RollTests, WordTests, StarTests, LinkTests, FileTests, *(getattr(_poll, name) for name in _POLL)):
    _case.__module__ = __name__  # so that a process of trial's that runs some of the tests finds them by their names
