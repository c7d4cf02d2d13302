"""
The example package is held to its own tests, as an author runs them, without being installed.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "chatroom-dice"


def load(name: str, file: str) -> ModuleType:
    """A module from the folder, which is not on the path."""
    spec = spec_from_file_location(name, FOLDER / file)
    assert spec is not None and spec.loader is not None
    sys.modules[name] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


load("chatroom_dice", "chatroom_dice/__init__.py")
RollTests = load("test_chatroom_dice", "test_chatroom_dice.py").RollTests
