"""
Lines that would make work for whoever looks for markup in them.
"""

from __future__ import annotations

HOSTILE = (
    "*a" * 2000, "**" * 2000, "*_~~" * 1000, "*a " * 1300, "* a*" * 1000, "`" * 4001, "` ``" * 1000, "`\n``\n" * 800,
    "```\n" * 1000, "```\n`a`\n" * 500, "[" * 4000, "[a](" * 1000, "](https://x.org)" * 260, "[a](https://x.org)" * 220,
    "[*a](https://x.org)" * 200, "\\*a" * 1300, ":a" * 2000, ":tada:" * 660, "_" * 4000, "\\" * 4000, "~~a~~" * 800,
)  # fmt: skip
