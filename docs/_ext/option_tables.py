"""
The directive ``option-table``: one group of the options of ``twistd chatroom``, as a table made from the code.

    .. option-table:: Where to listen

The table that ``--help`` prints is the one it is made from, so that the two cannot differ.
"""

from __future__ import annotations

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from chatroom.daemon.option_groups import GROUPS, ListedOption


def row(option: ListedOption) -> list[str]:
    """A row of a list table."""
    letter = f"``-{option.letter}``, " if option.letter else ""
    again = "; may be repeated" if option.again else ""
    default = option.usual.replace("--data", "``--data``")
    return [f"   * - .. _option-{option.name}:", "", f"       {letter}``{option.typed}``",
            f"     - {default}", f"     - {option.help}{again}"]  # fmt: skip


class OptionTable(SphinxDirective):
    """See above. Its one argument is the title of the group."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """@raise docutils.utils.SystemMessage: there is no such group."""
        groups = {group.title: group for group in GROUPS}
        if self.arguments[0] not in groups:
            raise self.error(f"No group of options is called {self.arguments[0]!r}: {', '.join(groups)}")
        lines = [".. list-table::", "   :header-rows: 1", "   :widths: 34 18 48", ""]
        lines += ["   * - Option", "     - Default", "     - Meaning"]
        for option in groups[self.arguments[0]].options:
            lines += row(option)
        holder = nodes.Element()
        self.state.nested_parse(StringList(lines, source="option_groups.py"), self.content_offset, holder)
        return holder.children


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_directive("option-table", OptionTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
