"""
Settings in a file: option names and values under C{[chatroom]}, in the form that C{configparser} knows as INI.

It knows text and names, and not what they mean: L{chatroom.daemon.options} says which options exist and which values
are valid.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from configparser import ConfigParser, Error
from difflib import get_close_matches

from chatroom.daemon.files import NotReadable, read_bytes
from chatroom.errors import with_full_stop

SECTION = "chatroom"

PLUGIN = "plugin "
"""How the section of a plugin's own settings begins."""

Settings = Mapping[str, Sequence[str]]
"""Values by the option's name without its dashes, several where it was given more than once."""


def read(path: str, names: Collection[str], repeatable: Collection[str]) -> Settings:
    """
    What a file says.

    @param names: of options that may be in it.
    @param repeatable: those of them that may have more than one value, each on a line of its own.
    @raise ValueError: a sentence that names the file and what is wrong in it.
    """
    parser = ConfigParser(delimiters=("=",), comment_prefixes=("#", ";"), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(read_bytes(path).decode("utf-8"), path)
    except NotReadable as error:
        raise ValueError(with_full_stop(error)) from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8.") from None
    except Error as error:
        raise ValueError(f"{path}: {with_full_stop(' '.join(str(error).split()))}") from None
    others = [each for each in parser.sections() if each != SECTION]
    if parser.defaults() or not all(each.startswith(PLUGIN) and each[len(PLUGIN) :].strip() for each in others):
        raise ValueError(f"{path}: all settings must be under [{SECTION}], and those of a plugin under [{PLUGIN}NAME].")
    found = {name: _values(text) for name, text in parser.items(SECTION)} if parser.has_section(SECTION) else {}
    for name, values in found.items():
        if name not in names:
            raise ValueError(f"{path}: there is no option {name!r}.{meant(name, names)}")
        if len(values) != 1 and name not in repeatable:
            raise ValueError(f"{path}: {name} takes one value, on the line of its name.")
    for section in others:
        own = [
            f"{section[len(PLUGIN) :].strip()}:{name}={_single(path, name, text)}"
            for name, text in parser.items(section)
        ]
        found["plugin"] = [*found.get("plugin", ()), *own]
    return found


def _single(path: str, name: str, text: str) -> str:
    """@raise ValueError: it has more lines than one."""
    if "\n" in text:
        raise ValueError(f"{path}: {name} takes one value, on the line of its name.")
    return text


def _values(text: str) -> list[str]:
    if "\n" not in text:
        return [text]
    return [line.strip() for line in text.split("\n") if line.strip()]


def meant(name: str, names: Collection[str]) -> str:
    """A question that names the option most like this one, or C{""} where none is like it."""
    close = get_close_matches(name.replace("_", "-").lower(), names, 1)
    return f" Did you mean {close[0]!r}?" if close else ""


def written(settings: Settings) -> str:
    """The text of a file that says this, in the order given."""
    lines = [f"[{SECTION}]"]
    for name, values in settings.items():
        if len(values) == 1:
            lines.append(f"{name} = {values[0]}".rstrip())
        else:
            lines += [f"{name} =", *(f"    {value}" for value in values)]
    return "\n".join(lines) + "\n"
