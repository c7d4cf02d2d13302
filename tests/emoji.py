"""
The page's table of emoji, made of the client's: C{python -m tests.emoji} writes it.

The program and the test that holds the two together are here, because the page's files are served as they are.
"""

from __future__ import annotations

from pathlib import Path

from chatroom.client.emoji import TABLE

FILE = Path(__file__).parents[1] / "chatroom" / "doors" / "web" / "page" / "emoji.js"


def script() -> str:
    """The file as it should be."""
    return f"""/**
 * Emoji by name, as people type them: ":tada:". Made of chatroom/client/emoji.py by tests/emoji.py: change that.
 */

const WORDS = `{TABLE}`.trim().split(/\\s+/u);

/** The character of each name, without the colons. */
export const EMOJI = new Map();
for (let at = 0; at < WORDS.length; at += 2) EMOJI.set(WORDS[at], WORDS[at + 1]);
"""


if __name__ == "__main__":
    FILE.write_text(script(), encoding="utf-8")
