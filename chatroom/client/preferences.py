"""
What somebody likes their client to be like: a file that they write, and what the command line says instead.

The file is C{client.ini} in the folder of L{chatroom.client.config}, with one section::

    [client]
    notify = bell
    title = on
    links = on
    rooms = joined

It knows files and words, and no terminal.
"""

from __future__ import annotations

import configparser
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path

NOTIFY = ("bell", "osc9", "osc777", "off")
ROOMS = ("joined", "activity")
_ON = ("on", "off")

CHOICES = {"notify": NOTIFY, "title": _ON, "links": _ON, "rooms": ROOMS}
"""The settings, and what each may be."""


@dataclass(frozen=True)
class Preferences:
    """
    @ivar notify: what happens when somebody means this person: the terminal's bell, or a notification of the desktop by
        OSC 9 (iTerm2, kitty, WezTerm, Windows Terminal) or OSC 777 (rxvt, foot, Ghostty).
    @ivar title: whether the window's title says which room this is, and what is unread.
    @ivar links: whether addresses are links that the terminal opens (OSC 8).
    @ivar rooms: in which order rooms stand.
    """

    notify: str = "bell"
    title: str = "on"
    links: str = "on"
    rooms: str = "joined"

    def with_choice(self, name: str, value: str) -> Preferences:
        """
        The same, but for one setting.

        @raise ValueError: there is no such setting, or it cannot be that; a sentence.
        """
        if name not in CHOICES:
            close = get_close_matches(name, CHOICES, 1)
            meant = f" Did you mean {close[0]}?" if close else ""
            raise ValueError(f"There is no setting {name!r}.{meant} The settings are {', '.join(CHOICES)}.")
        if value not in CHOICES[name]:
            raise ValueError(f"{name} is one of {', '.join(CHOICES[name])}, not {value!r}.")
        return replace(self, **{name: value})


def for_terminal(chosen: Preferences, term: str) -> Preferences:
    """What can be had of it: the console of Linux and terminals of hardware would show the sequences as text."""
    if term in ("linux", "dumb", "") or term.startswith(("vt", "ansi")):
        return replace(chosen, title="off", links="off", notify="off" if chosen.notify == "off" else "bell")
    return chosen


def read(path: Path) -> Preferences:
    """
    What the file says; all as it is usual where there is none.

    @raise ValueError: it cannot be read, or says what nobody can do; a sentence that names the file.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except FileNotFoundError:
        return Preferences()
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise ValueError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    chosen = Preferences()
    for section in parser.sections():
        if section != "client":
            raise ValueError(f"{path}: there is no section [{section}]. The only one is [client].")
        for name, value in parser.items(section):
            try:
                chosen = chosen.with_choice(name, value.strip().lower())
            except ValueError as error:
                raise ValueError(f"{path}: {error}") from None
    return chosen


assert [field.name for field in fields(Preferences)] == list(CHOICES)
