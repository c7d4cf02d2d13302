"""
How things look: styles by name, for terminals with 256 colours, with 16 and with none.

The terminal's own background stays, so that it may be dark or light; every colour is one that can be read on both.
"""

from __future__ import annotations

from itertools import product
from zlib import crc32

_NICKS = (
    ("dark cyan", "#08a"),
    ("dark green", "#080"),
    ("brown", "#a60"),
    ("light blue", "#66f"),
    ("dark green", "#0a6"),
    ("brown", "#880"),
    ("dark cyan", "#48c"),
    ("light blue", "#86d"),
    ("brown", "#c84"),
    ("dark green", "#6a0"),
    ("dark cyan", "#0aa"),
    ("light blue", "#68a"),
)
"""For people's names: with 16 colours, and with 256. Purple is left to whispers, and red to what is refused."""

FORMATTED = {"bold": "bold", "italic": "italics", "struck": "strikethrough"}
"""What terminals have for the styles of L{chatroom.client.formatting}; code has a colour of its own."""

_TALK = {
    # name: with 16 colours, without colours, with 256
    "talk": ("default", "", "default"),
    "mention talk": ("default,bold", "bold", "default,bold"),
    "whisper talk": ("dark magenta", "underline", "#a0a"),
    "event": ("dark gray", "", "g50"),
    "answer": ("default", "", "default"),
}
"""Of lines in which there may be words that somebody wrote."""


def formatted(base: str, styles: frozenset[str]) -> str:
    """The style of formatted text. @param base: of the text around it."""
    if styles & {"code", "block"}:
        return "code"
    return " ".join([base, *(style for style in FORMATTED if style in styles)])


def _formatted() -> list[tuple[str, str, str, str, str, str]]:
    """Every style of talk, with every formatting."""
    made = []
    for base, chosen in product(_TALK, product((False, True), repeat=len(FORMATTED))):
        styles = [style for style, is_on in zip(FORMATTED, chosen, strict=True) if is_on]
        basic, mono, high = (
            ",".join(dict.fromkeys([*filter(None, colour.split(",")), *(FORMATTED[style] for style in styles)]))
            for colour in _TALK[base]
        )
        made.append((formatted(base, frozenset(styles)), basic, "default", mono, high, "default"))
    return made


PALETTE = [
    # name, with 16 colours, background, without colours, with 256 colours, background
    ("bar", "white", "dark blue", "standout", "#fff", "#24a"),
    ("bar dim", "light gray", "dark blue", "standout", "#acf", "#24a"),
    ("bar trouble", "white", "dark red", "standout,bold", "#fff", "#a00"),
    ("bar mention", "black", "brown", "standout,bold", "#000", "#fa0"),
    ("side", "default", "default", "", "default", "default"),
    ("side dim", "dark gray", "default", "", "g50", "default"),
    ("here", "white", "dark blue", "standout", "#fff", "#24a"),
    ("unread", "default,bold", "default", "bold", "default,bold", "default"),
    ("called", "black", "brown", "bold,standout", "#000", "#fa0"),
    ("time", "dark gray", "default", "", "g50", "default"),
    *_formatted(),
    ("code", "dark cyan", "default", "underline", "#08a", "default"),
    ("own", "default,bold", "default", "bold", "default,bold", "default"),
    ("mention", "black", "brown", "standout", "#000", "#fa0"),
    ("whisper", "dark magenta,bold", "default", "bold", "#a0a,bold", "default"),
    ("link", "default,underline", "default", "underline", "default,underline", "default"),
    ("note", "dark cyan", "default", "", "#08a", "default"),
    ("refusal", "dark red,bold", "default", "bold", "#d00,bold", "default"),
    ("gap", "white", "dark red", "standout", "#fff", "#a00"),
    ("day", "dark gray", "default", "", "g50", "default"),
    ("found", "black", "brown", "standout", "#000", "#fa0"),
    ("new", "dark red", "default", "bold", "#d00", "default"),
    ("prompt", "dark cyan,bold", "default", "bold", "#08a,bold", "default"),
    ("box", "default", "default", "", "default", "default"),
    ("field", "default,underline", "default", "underline", "default,underline", "default"),
    ("field here", "white", "dark blue", "standout", "#fff", "#24a"),
    *(
        (f"nick {number}", f"{basic},bold", "default", "bold", f"{high},bold", "default")
        for number, (basic, high) in enumerate(_NICKS)
    ),
]


class Colours:
    """Colours for people: the same for the same nickname, and one of their own for each of the first dozen."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def of(self, nick: str) -> str:
        """The style of a nickname."""
        key = nick.casefold()
        if key not in self._taken:
            wanted = crc32(key.encode()) % len(_NICKS)
            others = set(self._taken.values())
            free = [(wanted + step) % len(_NICKS) for step in range(len(_NICKS))]
            self._taken[key] = next((number for number in free if number not in others), wanted)
        return f"nick {self._taken[key]}"
