"""Sphinx settings. `make docs` builds with warnings as errors."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "chatroom"
author = "the chatroom authors"
project_copyright = f"2026, {author}"

_package = Path(__file__).parent.parent / "chatroom" / "__init__.py"
_version = re.search(r'^__version__ = "(.+)"$', _package.read_text(encoding="utf-8"), re.MULTILINE)
assert _version is not None
release = _version.group(1)
version = ".".join(release.split(".")[:2])

extensions = ["option_tables", "sphinx_copybutton", "sphinx_design"]
exclude_patterns = ["_build", "performance/*.rst"]  # the latter are parts of a page
highlight_language = "none"
smartquotes = False
nitpicky = True

# What is copied is what one types: without prompts, and without what a command answers.
copybutton_prompt_text = r"[$#] "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"

# docs/adr/0034 says why furo.
html_theme = "furo"
html_title = f"chatroom {release}"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b57d0", "color-brand-content": "#0b57d0"},
    "dark_css_variables": {"color-brand-primary": "#8ab4f8", "color-brand-content": "#8ab4f8"},
}
pygments_style = "default"
pygments_dark_style = "github-dark"
html_static_path = ["_static"]
html_css_files = ["chatroom.css"]
html_search_scorer = str(Path(__file__).parent / "_ext" / "scorer.js")
html_copy_source = False
html_show_sphinx = False
