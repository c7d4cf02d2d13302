"""
What an operator has set for one service of a plugin, read by what the service says of its options.

It knows options and text, and neither files nor command lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from chatroom.interfaces import IPluginService, OptionValue, PluginOption

_YES = frozenset({"on", "yes", "true", "1"})
_NO = frozenset({"off", "no", "false", "0"})

NICK = "nick"
"""The option that every service has: the nickname by which it talks. Its default is the service's name."""


class PluginOptions(Mapping[str, OptionValue]):
    """The values of one service. They change when L{become} is called, and at no other time."""

    def __init__(self, name: str, known: Sequence[PluginOption], settings: Mapping[str, str]) -> None:
        """
        @param name: of the service.
        @raise ValueError: a setting cannot be taken: a sentence without its end.
        """
        self._name = name
        self._known = {each.name: each for each in (PluginOption(NICK, name, "nickname by which it talks"), *known)}
        self._values = self._read(settings)

    def become(self, settings: Mapping[str, str]) -> list[str]:
        """
        Go by these from now on.

        @return: the names of those that have changed. @raise ValueError: nothing has changed.
        """
        old, self._values = self._values, self._read(settings)
        return [name for name, value in self._values.items() if value != old[name]]

    def _read(self, settings: Mapping[str, str]) -> dict[str, OptionValue]:
        for name in settings:
            if name not in self._known:
                close = get_close_matches(name, self._known, 1)
                hint = f"; did you mean {close[0]!r}?" if close else f"; it has {', '.join(self._known)}"
                raise ValueError(f"the plugin {self._name} has no option {name!r}{hint}")
        return {
            name: self._value(each, settings[name]) if name in settings else each.default
            for name, each in self._known.items()
        }

    def _value(self, option: PluginOption, text: str) -> OptionValue:
        """@raise ValueError:"""
        text = text.strip()
        if isinstance(option.default, bool):
            if text.lower() not in _YES | _NO:
                raise self._fault(option, "is on or off", text)
            return text.lower() in _YES
        if isinstance(option.default, int | float):
            return self._number(option, text)
        if option.choices and text not in option.choices:
            raise self._fault(option, f"is one of {', '.join(option.choices)}", text)
        return text

    def _number(self, option: PluginOption, text: str) -> int | float:
        whole = isinstance(option.default, int)
        try:
            value = int(text) if whole and len(text) < 20 else float(text)
        except ValueError:
            value = float("nan")
        if value != value or (whole and not isinstance(value, int)):
            raise self._fault(option, f"is a {'whole ' if whole else ''}number", text)
        if option.least is not None and value < option.least:
            raise self._fault(option, f"is at least {option.least:g}", text)
        if option.most is not None and value > option.most:
            raise self._fault(option, f"is at most {option.most:g}", text)
        return value

    def _fault(self, option: PluginOption, wanted: str, text: str) -> ValueError:
        return ValueError(f"the option {option.name!r} of the plugin {self._name} {wanted}, not {text[:80]!r}")

    def __getitem__(self, name: str) -> OptionValue:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def read_options(
    installed: Mapping[str, IPluginService], settings: Mapping[str, Mapping[str, str]]
) -> dict[str, PluginOptions]:
    """
    The options of all services that are installed, by their names.

    @param settings: by service, values of its options as the operator wrote them.
    @raise ValueError: a setting cannot be taken; a sentence without its end.
    """
    for name in settings:
        if name not in installed:
            known = ", ".join(sorted(installed)) or "none"
            raise ValueError(f"no plugin with options is called {name!r}; installed are: {known}")
    return {name: PluginOptions(name, each.options, settings.get(name, {})) for name, each in installed.items()}
