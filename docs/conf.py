"""Sphinx settings. `make docs` builds with warnings as errors."""

from __future__ import annotations

import re
from pathlib import Path

project = "chatroom"
author = "the chatroom authors"
project_copyright = f"2026, {author}"

_package = Path(__file__).parent.parent / "chatroom" / "__init__.py"
_version = re.search(r'^__version__ = "(.+)"$', _package.read_text(encoding="utf-8"), re.MULTILINE)
assert _version is not None
release = _version.group(1)
version = ".".join(release.split(".")[:2])

extensions: list[str] = []
exclude_patterns = ["_build", "performance/*.rst"]  # the latter are parts of a page
highlight_language = "none"
smartquotes = False

html_theme = "alabaster"
html_theme_options = {
    "description": "A chat room for nc, telnet and programs",
    "fixed_sidebar": True,
    "page_width": "64rem",
}
html_static_path: list[str] = []
html_copy_source = False
