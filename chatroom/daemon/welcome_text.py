"""
The welcome text of C{--motd}: a file of an operator's, with rules or news, as the lines that everyone reads.

It knows the file and the limits, and not where the lines are shown.
"""

from __future__ import annotations

from chatroom.core.cleaning import clean
from chatroom.daemon.files import read_bytes
from chatroom.limits import Limits


def read_welcome_text(path: str, limits: Limits) -> tuple[str, ...]:
    """
    The lines of a welcome text, each without characters that could harm a terminal; empty lines at both ends are left
    out.

    @param path: of a file in UTF-8.
    @raise ValueError: it cannot be read, is not UTF-8, or is longer than C{motd_bytes} or C{motd_lines}; a sentence
        without its end, which names the file.
    """
    content = read_bytes(path, limits.motd_bytes)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8") from None
    lines = [clean(line.replace("\t", "    ")).rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    if len(lines) > limits.motd_lines:
        raise ValueError(f"{path} has {len(lines):,} lines; the limit is {limits.motd_lines:,} (--motd-lines)")
    return tuple(lines)
