"""
A word and link filter for a chat room: C{--filter rules:FILE}, with rules for each room in an INI file.
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from twisted.plugin import IPlugin

from chatroom.errors import Filtered
from chatroom.interfaces import IFilterFactory, ITalkFilter, Role, Utterance, provides

EVERYWHERE = "*"
KEYS = {"words": "", "on-words": "refuse", "links": "anybody"}
"""What may stand in a section, and what holds where it does not."""

LINK = re.compile(r"\b(?:https?|ftp)://\S|\bwww\.\w|\b[a-z0-9-]+\.[a-z]{2,24}/\S", re.IGNORECASE)
"""An address as people write it: with C{http://}, with C{www.}, or with something behind a slash."""

LINKS: dict[str, Callable[[Utterance], bool]] = {
    "anybody": lambda line: True,
    "accounts": lambda line: line.account,
    "operators": lambda line: line.role >= Role.OPERATOR,
    "nobody": lambda line: False,
}
"""Who may post one."""


@dataclass(frozen=True)
class Rules:
    """
    What holds in one room.

    @ivar words: finds a word that is not wanted; C{None} where all are.
    @ivar star: such a word is starred out, and the line is said.
    @ivar links: one of L{LINKS}.
    """

    words: re.Pattern[str] | None
    star: bool
    links: str

    def look(self, line: Utterance) -> str:
        """See L{ITalkFilter.look}."""
        if not LINKS[self.links](line) and LINK.search(line.text):
            raise Filtered(
                f"Links in {line.room} are for {self.links}: say it without."
                if self.links != "nobody"
                else f"There are no links in {line.room}: say it without."
            )
        if self.words is None:
            return line.text
        if self.star:
            return self.words.sub(lambda found: "*" * len(found[0]), line.text)
        found = self.words.search(line.text)
        if found:
            raise Filtered(f"The word {found[0]!r} is not wanted in {line.room}: say it in others.")
        return line.text


@provides(ITalkFilter)
class RulesFilter:
    """Rules of every room, from a file that is read again at SIGHUP."""

    def __init__(self, path: str) -> None:
        """@raise ValueError: the file cannot be used."""
        self._path = os.path.abspath(path)
        self._rooms = read(self._path)

    def look(self, line: Utterance) -> str:
        """See L{ITalkFilter.look}."""
        rules = self._rooms.get(line.room) or self._rooms[EVERYWHERE]
        return rules.look(line)

    def reload(self) -> None:
        """See L{ITalkFilter.reload}."""
        self._rooms = read(self._path)


@provides(IPlugin, IFilterFactory)
class Factory:
    """Makes it, for C{--filter rules:FILE}."""

    name = "rules"

    def make(self, argument: str) -> ITalkFilter:
        """See L{IFilterFactory.make}."""
        if not argument:
            raise ValueError("name a file of rules, as in --filter rules:/etc/chatroom/filter.ini")
        return RulesFilter(argument)


def read(path: str) -> dict[str, Rules]:
    """
    The rules by room; those of L{EVERYWHERE} are always among them.

    @raise ValueError: the file cannot be used; a sentence without its end.
    """
    parser = configparser.ConfigParser(default_section=EVERYWHERE, interpolation=None, delimiters=("=",))
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except OSError as error:
        raise ValueError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {' '.join(str(error).split())}") from None
    found = {section.casefold(): rules(path, section, parser[section]) for section in parser.sections()}
    return {EVERYWHERE: rules(path, EVERYWHERE, parser[EVERYWHERE]), **found}


def rules(path: str, section: str, settings: configparser.SectionProxy) -> Rules:
    """
    Those of one section.

    @raise ValueError: it says something that means nothing.
    """
    unknown = set(settings) - set(KEYS)
    if unknown:
        raise ValueError(f"{path}: [{section}] has {', '.join(sorted(unknown))}; known are {', '.join(KEYS)}")
    said = {key: settings.get(key, default).strip() for key, default in KEYS.items()}
    if said["links"] not in LINKS:
        raise ValueError(f"{path}: in [{section}], links is one of {', '.join(LINKS)}")
    if said["on-words"] not in ("refuse", "star"):
        raise ValueError(f"{path}: in [{section}], on-words is refuse or star")
    return Rules(pattern(said["words"].split()), said["on-words"] == "star", said["links"])


def pattern(words: list[str]) -> re.Pattern[str] | None:
    """Finds any of these as a whole word; C{None} for none."""
    endings = [re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in words]
    return re.compile(rf"(?<!\w)(?:{'|'.join(endings)})(?!\w)", re.IGNORECASE) if endings else None
