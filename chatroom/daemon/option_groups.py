"""
Every option of C{twistd chatroom} in its group: the one table from which C{--help} and the options pages of the docs
are made.

It knows words and limits, and not how an option is parsed: that is L{chatroom.daemon.options}'.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import Field, dataclass
from typing import Any

from chatroom.daemon.quantities import shown
from chatroom.limits import OFF, each

WIDTH = 79
"""Columns of the help text: a terminal has 80."""

_COLUMN = 28
"""Where the explanations begin."""


@dataclass(frozen=True)
class ListedOption:
    """
    An option as a reader meets it.

    @ivar name: without its dashes. @ivar value: a word for what follows it, or C{""} for a flag.
    @ivar help: a phrase without a full stop. @ivar default: as a person writes it, or C{""} where there is none.
    @ivar letter: its short form, without the dash, or C{""}.
    @ivar again: whether it may be given more than once. @ivar off: whether C{off} is a value.
    """

    name: str
    value: str
    help: str
    default: str = ""
    letter: str = ""
    again: bool = False
    off: bool = False

    @property
    def typed(self) -> str:
        """How it is typed: C{--port PORT}."""
        return f"--{self.name} {self.value}".rstrip()

    @property
    def explained(self) -> str:
        """The help with all that goes with it, in one line; its default is in brackets."""
        more = "; may be repeated" if self.again else ""
        return f"{self.help}{more}" + (f" [{self.usual}]" if self.default else "")

    @property
    def usual(self) -> str:
        """The default, and whether C{off} is another value: C{120, or off}."""
        return f"{self.default}, or off" if self.off and self.default != "off" else self.default


@dataclass(frozen=True)
class OptionGroup:
    """Options that belong together, under a title."""

    title: str
    options: tuple[ListedOption, ...]


_VALUES = {"bytes": "SIZE", "KiB": "SIZE", "MiB": "SIZE", "seconds": "TIME", "days": "TIME", "": "N"}


def limit_option(field: Field[Any]) -> str:
    """The name of a limit's option, without its dashes."""
    return field.name.replace("_", "-")


def _listed(field: Field[Any]) -> ListedOption:
    unit, off, number = field.metadata["unit"], field.metadata["off"], float(str(field.default))
    default = "off" if off and number == OFF else shown(number, unit)
    return ListedOption(limit_option(field), _VALUES[unit], field.metadata["help"], default, off=off)


_LIMITS = {limit_option(field): _listed(field) for field in each()}


def _group(title: str, *options: ListedOption | str) -> OptionGroup:
    return OptionGroup(title, tuple(_LIMITS[each] if isinstance(each, str) else each for each in options))


_Option = ListedOption

GROUPS = (
    _group(
        "General",
        _Option("config", "FILE", "read settings from a file; command-line options take precedence", letter="c"),
        _Option("check", "", "check the settings, print them as a config file, and exit"),
        _Option("name", "TEXT", "name of this server, shown in the greeting", "chatroom"),
        _Option("lobby", "ROOM", "room that everyone joins first", "lobby"),
        _Option("motd", "FILE", "welcome text and rules, shown to everyone who joins; read again at SIGHUP"),
        "motd-lines",
        "motd-bytes",
        _Option("version", "", "print the version and exit"),
        _Option("help", "", "print this help and exit"),
    ),
    _group(
        "Where to listen",
        _Option(
            "port", "PORT", "port or endpoint for nc, telnet, JSON and the client", "64700", letter="p", again=True
        ),
        _Option(
            "tls", "FOLDER", "certificate for TLS: fullchain.pem or cert.pem, and privkey.pem; needs chatroom[tls]"
        ),
        _Option("tls-port", "PORT", "the same as --port, over TLS; needs --tls", "64701 with --tls", again=True),
        _Option("web", "PORT", "port or endpoint for the web page; needs chatroom[web]", again=True),
        _Option("web-tls", "PORT", "port or endpoint for the web page over TLS; needs --tls", again=True),
        _Option("irc", "PORT", "port or endpoint for IRC clients alone; off: no IRC at any port", again=True),
        _Option("irc-tls", "PORT", "port or endpoint for IRC clients over TLS; needs --tls", again=True),
        _Option("irc-autojoin", "ON", "let IRC clients join the lobby when they connect: on or off", "on"),
        _Option(
            "irc-sts", "TIME", "time for which IRC clients must use TLS once they did; needs --irc-tls", "off", off=True
        ),
        _Option("irc-early-signup", "ON", "let IRC clients make an account before they are connected: on or off", "on"),
        _Option("metrics", "PORT", "local port, or an endpoint, for Prometheus; needs chatroom[metrics]"),
        _Option("control", "SOCKET", "UNIX socket for chatroom-admin", "control in the --data folder", off=True),
    ),
    _group(
        "Who may join",
        _Option("auth", "TYPE:ARGS", "external authentication, asked before local accounts", again=True),
        _Option("help-auth", "", "list the types of --auth and exit"),
        _Option("help-auth-type", "TYPE", "explain one type of --auth and exit"),
        _Option("web-origin", "SITE", "another web site, such as https://example.org, that may connect", again=True),
        "register-time",
        "signups-per-address",
        "password-length",
    ),
    _group(
        "What is kept",
        _Option("data", "FOLDER", "folder of the database; created if missing", "chatroom-data", letter="d"),
        _Option(
            "backend",
            "NAME",
            "sqlite, memory (which loses everything at a stop), or the postgresql:// URL of a database that several "
            "daemons share; needs chatroom[postgres]",
            "sqlite",
        ),
        _Option("node", "NAME", "name of this daemon among those that share a backend", "the machine's name"),
        "lease",
        "patience",
        "unsaved-lines",
        "history-days",
        "history-lines",
        "history-events",
        "inbox-length",
        "session-days",
        "session-grace",
        "sessions-per-account",
        "certificates-per-account",
        "audit-days",
        _Option("log-size", "SIZE", "size at which twistd's log file is rotated", "10 MiB", off=True),
        _Option("log-files", "N", "rotated log files to keep", "9"),
    ),
    _group(
        "Limits on connections",
        "connections",
        "max-per-address",
        "max-per-network",
        "new-per-minute",
        "new-per-network",
        "backlog",
        "unregistered",
        "unregistered-per-address",
        "requests-per-minute",
        "idle-time",
        "keepalive-time",
        "line-length",
        _Option("telnet-editing", "ON", "edit what is being typed for telnet clients that allow it: on or off", "on"),
        "typing-rate",
        "json-length",
        "unread-soft",
        "unread-hard",
        "unread-time",
        "unread-total",
    ),
    _group(
        "Talk",
        _Option("filter", "NAME:ARGS", "message filter plugin; several are asked in this order", again=True),
        "text-length",
        "nonce-length",
        "message-lines",
        "talk-burst",
        "talk-rate",
        "talk-bytes",
        "search-length",
        "page-lines",
        "page-bytes",
        "catch-up-lines",
        "ignores",
    ),
    _group(
        "Rooms",
        "room-length",
        "topic-length",
        "rooms-per-person",
        "kept-rooms-per-account",
        "recent-lines",
        "slow-seconds",
        "bans-per-room",
        "invites-per-room",
    ),
    _group(
        "Accounts",
        "nick-length",
        "login-tries",
        "login-tries-per-address",
        "login-tries-per-account",
        "login-window",
        "login-queue",
    ),
    _group(
        "Staff",
        "server-bans",
        "ban-prefix-ipv4",
        "ban-prefix-ipv6",
        "reports-per-hour",
        "reports-open",
    ),
    _group(
        "Plugins",
        _Option("plugin", "NAME:OPTION=VALUE", "option of an installed plugin", again=True),
        "plugin-time",
        "plugin-page",
        "plugin-keys",
        "plugin-value",
    ),
    _group(
        "Resources",
        _Option("argon2-memory", "SIZE", "memory for checking one password", "64 MiB"),
        _Option("argon2-time", "N", "Argon2 iterations", "3"),
        _Option("argon2-parallelism", "N", "Argon2 lanes", "4"),
        "hash-threads",
        "hash-queue",
        "work-burst",
        "work-rate",
        "command-timeout",
        "command-hold",
        "running-commands",
        "answer-bytes",
        "stop-time",
    ),
)
"""All options, each once, as C{--help} and the docs show them: first what one needs first."""


def listed() -> dict[str, ListedOption]:
    """All options of L{GROUPS} by name."""
    return {option.name: option for group in GROUPS for option in group.options}


def help_text(groups: Iterable[OptionGroup] = GROUPS) -> str:
    """The groups for a terminal of 80 columns: a title, then each option with its explanation."""
    return "\n".join(_in_columns(group) for group in groups)


def _in_columns(group: OptionGroup) -> str:
    lines = [f"{group.title}:"]
    for option in group.options:
        lines += _rows(option)
    return "\n".join(lines) + "\n"


def _rows(option: ListedOption) -> Sequence[str]:
    head = f"  -{option.letter}, {option.typed}" if option.letter else f"  {option.typed}"
    space = " " * _COLUMN
    begin = head.ljust(_COLUMN) if len(head) < _COLUMN - 1 else space
    text = textwrap.wrap(
        option.explained.replace(option.usual, option.usual.replace(" ", "\xa0")),
        WIDTH,
        initial_indent=begin,
        subsequent_indent=space,
        break_on_hyphens=False,
        break_long_words=False,
    )
    text = [line.replace("\xa0", " ") for line in text]
    return text if begin != space else [head, *text]
