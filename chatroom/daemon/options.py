"""
The options of C{twistd chatroom}: their defaults, and which values are accepted.

It parses and checks, and starts nothing: L{chatroom.tap} makes the service, and is the only module that may know this
one. L{chatroom.daemon.option_groups} has the words for people. It is long because options are many.
"""

from __future__ import annotations

import getopt
import os
import re
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field
from typing import TYPE_CHECKING, Any

from twisted.cred.credentials import IUsernamePassword
from twisted.cred.strcred import AuthOptionMixin
from twisted.python import usage

from chatroom import __version__
from chatroom.auth import checkers
from chatroom.auth.passwords import Cost
from chatroom.backends import address
from chatroom.control.socket_path import CONTROL, nearest
from chatroom.core.names import room_name
from chatroom.daemon.check import (
    PROXIED as PROXIED,
)
from chatroom.daemon.check import (
    Fault,
    as_user,
    check_checkers,
    check_data,
    check_files,
    check_installed,
    check_places,
    number_of,
)
from chatroom.daemon.option_groups import help_text, limit_option, listed
from chatroom.daemon.pidfile import remove_stale
from chatroom.daemon.quantities import UNITS, shown
from chatroom.daemon.quantities import read as quantity
from chatroom.daemon.settings import meant, read, written
from chatroom.daemon.welcome_text import read_welcome_text
from chatroom.doors.web.origins import origin
from chatroom.errors import Refused, with_full_stop
from chatroom.limits import OFF, Limits, each
from chatroom.plugins.filters import make_filters
from chatroom.plugins.find_services import find_services
from chatroom.plugins.options import read_options
from chatroom.streams import forgive

if TYPE_CHECKING:
    from chatroom.daemon.tls import Certificates

MiB = 1024 * 1024

PORT = "64700"
TLS_PORT = "64701"

ENDPOINTS = ("port", "tls-port", "web", "web-tls", "irc", "irc-tls", "metrics")
"""Options that say where to listen."""

REPEATABLE = (frozenset(ENDPOINTS) - {"metrics"}) | {"web-origin", "auth", "filter", "plugin"}
"""Options that may be given more than once."""

UNKNOWN = re.compile(r"option --([\w-]+) not recognized")
"""What L{getopt} says of an option that does not exist."""

NODE = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What C{--node} may be."""

LONGEST_STS = 315_360_000
"""Seconds for which IRC clients may be told to use TLS: ten years."""

LETTERS = {"c": "config", "d": "data", "p": "port"}
"""Options by their letters."""

DEFAULTS: dict[str, str | None] = {
    "config": None,
    "data": "chatroom-data",
    "backend": "sqlite",
    "control": None,
    "tls": None,
    "motd": None,
    "metrics": None,
    "log-size": "10 MiB",
    "log-files": "9",
    "telnet-editing": "on",
    "irc-autojoin": "on",
    "irc-early-signup": "on",
    "irc-sts": "off",
    "node": None,
    "name": "chatroom",
    "lobby": "lobby",
    "argon2-memory": "64 MiB",
    "argon2-time": "3",
    "argon2-parallelism": "4",
}
"""Values of options that have one value and are no limit, where they are not given."""

PATHS = {"data": "folder", "tls": "folder", "motd": "file", "control": "socket"}
"""Options that name something on the disk."""

ONLY_TYPED = frozenset(["config", "help-auth-type"])
"""Options that mean nothing in a file."""


def endpoint(text: str, interface: str = "") -> str:
    """
    An endpoint description from what stands behind C{--port}.

    @param interface: where a mere number listens; C{""} is everywhere.
    @raise ValueError: a number that is no port.
    """
    if not text.strip():
        raise ValueError("a port is a number from 1 to 65535, or an endpoint such as tcp:64700:interface=127.0.0.1")
    if not text.isnumeric():
        return text
    if not (text.isascii() and len(text) <= 5 and 0 < int(text) < 65536):
        raise ValueError(f"{text} is not a port: a port is a number from 1 to 65535")
    return f"tcp:{text}:interface={interface}" if interface else f"tcp:{text}"


def certificates(folder: str, asks: bool = False) -> Certificates:
    """
    Those of C{--tls}. Imported here, as not everybody has what it needs.

    @param asks: clients are asked for a certificate of theirs.

    @raise ValueError: they cannot be used, or what they need is not installed; a sentence without its end.
    """
    try:
        from chatroom.daemon.tls import Certificates
    except ModuleNotFoundError as error:
        if error.name not in ("OpenSSL", "cryptography"):
            raise
        raise ValueError("this needs more packages. Try: pip install 'chatroom[tls]'") from None
    return Certificates(folder, asks)


def whole(name: str, text: str, unit: str = "") -> int:
    """
    A whole number, counted in C{unit}, from what stands behind an option.

    @raise ValueError: it is none; a sentence without its end.
    """
    try:
        value = quantity(text, unit)
    except ValueError:
        value = 0.5
    if value != int(value):
        raise ValueError(f"--{name} must be a whole number{_of(unit)}, not {text!r}")
    return int(value)


def _of(unit: str) -> str:
    """How an error names what a number counts, with the other units that can be typed."""
    others = [each for each in UNITS[unit] if each != unit]
    return f" of {unit} (or {', '.join(others)})" if unit else ""


def limit(field: Field[Any], text: str) -> Any:
    """
    A limit's value, from what stands behind its option.

    @raise ValueError: it is no number, or one too small; a sentence without its end.
    """
    name, off, unit = limit_option(field), field.metadata["off"], field.metadata["unit"]
    least, most = field.metadata["least"], field.metadata["most"]
    if off and text.lower() == "off":
        return OFF
    if field.type == "float":
        try:
            value = quantity(text, unit)
        except ValueError:
            raise ValueError(f"--{name} must be a number{_of(unit)}, not {text!r}") from None
    else:
        value = whole(name, text, unit)
    if value > most:
        raise ValueError(f"--{name} must be at most {shown(most, unit)}")
    if not value >= least:  # so that NaN is refused as well
        raise ValueError(f"--{name} must be at least {shown(least, unit)}" + (", or off" if off else ""))
    return value


def _parameters() -> Iterator[list[Any]]:
    """What L{usage.Options} asks for of each option with a value: name, letter, default and help."""
    limits = {limit_option(field) for field in each()}
    for option in listed().values():
        if option.name in limits or option.name in DEFAULTS:
            default = option.default if option.name in limits else DEFAULTS[option.name]
            yield [option.name, option.letter or None, default, option.explained]


NOTE = """\
Defaults are in brackets; "off" lifts a limit that says "or off". Sizes and
times may be typed with a unit: 64KiB, 5minutes, 30days."""


class Options(usage.Options, AuthOptionMixin):
    """
    @ivar ports: endpoint descriptions, in the order given.
    @ivar tls_ports: the same, for those where TLS is spoken.
    @ivar metrics: that at which Prometheus asks, if there is one.
    @ivar web: those at which the page is.
    @ivar web_tls: those at which it is over TLS.
    @ivar irc: those for IRC clients alone. @ivar irc_tls: those where they speak TLS.
    @ivar speaks_irc: IRC clients are served, at those ports and at all that people use.
    @ivar web_origins: sites whose pages are welcome besides it.
    @ivar plugins: options of plugins, each C{NAME:OPTION=VALUE}. The last one of an option counts.
    @ivar filters: plugins that look at what is said, each C{NAME} or C{NAME:ARGUMENT}.
    """

    synopsis = "[options]"
    longdesc = "A chat server for nc, telnet, browsers and programs. Try: nc localhost 64700"
    supportedInterfaces = (IUsernamePassword,)
    optFlags = [["check", None, listed()["check"].explained]]
    optParameters: list[list[Any]] = [*_parameters()]
    compData = usage.Completions(
        optActions={
            "config": usage.CompleteFiles(),
            "data": usage.CompleteDirs(),
            "tls": usage.CompleteDirs(),
            "motd": usage.CompleteFiles(),
        }
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        forgive()
        self.ports: list[str] = []
        self.tls_ports: list[str] = []
        self.web: list[str] = []
        self.web_tls: list[str] = []
        self.irc: list[str] = []
        self.irc_tls: list[str] = []
        self.speaks_irc = True
        self.web_origins: list[str] = []
        self.metrics: list[str] = []
        self.auths: list[str] = []
        self.filters: list[str] = []
        self.plugins: list[str] = []
        self._file: str | None = None
        self._words: list[str] = []

    def parseOptions(self, options: Sequence[str] | None = None) -> None:  # noqa: N802 Twisted's
        """
        Take the options from the command line, and those it does not give from the file that it names.

        @raise SystemExit: one of them cannot be taken; a sentence. Left to itself, twistd would print its whole help
            before the sentence, and both to standard output.
        @raise UsageError: the same, where no twistd asks.
        """
        try:
            self.take(list(sys.argv[1:] if options is None else options))
        except usage.UsageError as error:
            if self.parent is None:
                raise
            raise SystemExit(f"twistd chatroom: {error}") from None
        if self.parent is not None:
            remove_stale(str(self.parent.get("pidfile") or ""))

    def take(self, words: list[str]) -> None:
        """@raise UsageError: one of them cannot be taken; a sentence."""
        self._words = words
        try:
            super().parseOptions([*self._from_file(), *words])  # type: ignore[no-untyped-call]
        except usage.UsageError as error:
            unknown = UNKNOWN.fullmatch(str(error))
            if unknown is None:
                raise
            close = meant(f"--{unknown[1]}", ["--" + name.rstrip("=") for name in self.longOpt])
            raise usage.UsageError(
                f"There is no option --{unknown[1]}.{close} twistd chatroom --help lists all."
            ) from None

    def _from_file(self) -> list[str]:
        try:
            pairs, _ = getopt.getopt(self._words, self.shortOpt, self.longOpt)
        except getopt.error:
            return []  # the parser says it better
        given = [(flag[2:] if flag.startswith("--") else LETTERS[flag[1]], value) for flag, value in pairs]
        files = [value for name, value in given if name == "config"]
        if not files:
            return []
        # An absolute path, as a daemon changes its folder, and may read the file again.
        self._file = self._file or os.path.abspath(files[-1])
        names = {name.rstrip("=") for name in self.longOpt if name.endswith("=")} - ONLY_TYPED
        try:
            settings = read(self._file, names, REPEATABLE)
        except ValueError as error:
            raise usage.UsageError(f"--config {error}") from None
        typed = {name for name, _ in given}
        return [
            f"--{name}={value}"
            for name, values in settings.items()
            if name not in typed or name == "plugin"
            for value in values
        ]

    def settings(self) -> dict[str, list[str]]:
        """What counts now, as L{chatroom.daemon.settings} has it. What is not set is not in it."""
        lists = {
            "port": self.ports,
            "tls-port": self.tls_ports,
            "web": self.web,
            "web-tls": self.web_tls,
            "irc": self.irc if self.speaks_irc else ["off"],
            "irc-tls": self.irc_tls,
            "web-origin": self.web_origins,
            "metrics": self.metrics,
            "auth": self.auths,
            "filter": self.filters,
            "plugin": self.plugins,
        }
        names = [parameter[0] for parameter in self.optParameters]
        single = {
            name: [str(self[name])]
            for name in names
            if name not in ONLY_TYPED and name not in lists and self[name] is not None
        }
        return {**{name: values for name, values in lists.items() if values}, **single}

    def reread(self) -> tuple[list[str], list[str]]:
        """
        Read the file again, and go by it from now on, as far as that can be while people are here.

        @return: names of settings that have become others, and of those that wait for the next start.
        @raise UsageError: the file cannot be used any more. Nothing has changed.
        """
        again = Options()
        again.parent, again._file = self.parent, self._file
        again.take(self._words)
        now = [name.replace("_", "-") for name in self.limits.become(again.limits)]
        self.update((name, again[name]) for name in now)
        if again.plugins != self.plugins:
            self.plugins[:] = again.plugins
            now.append("plugin")
        old, new = self.settings(), again.settings()
        return now, sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))

    @property
    def words(self) -> list[str]:
        """As they were typed."""
        return self._words

    def has_file(self) -> bool:
        """Whether there is one to read again."""
        return self._file is not None

    def node(self) -> str:
        """
        What this daemon is called among those that share a backend: C{--node}, or else the name of the machine.

        @raise ValueError: it is no such name; a sentence without its end.
        """
        if self["node"] is None:
            return re.sub(r"[^A-Za-z0-9._-]+", "-", socket.gethostname())[:64] or "node"
        name = str(self["node"])
        if NODE.fullmatch(name) is None:
            raise ValueError(f"--node must be 1 to 64 letters, digits, dots, hyphens or underscores, not {name!r}")
        return name

    def control(self) -> str | None:
        """
        Where C{chatroom-admin} finds the daemon, as twistd will see it from where it runs; or C{None}: nowhere.

        @raise ValueError: the path is too long; a sentence without its end.
        """
        if self["control"] == "off" or (self["control"] is None and self["backend"] == "memory"):
            return None
        path = self.path("control") if self["control"] else os.path.join(self.path("data"), CONTROL)
        return nearest(path, self._folder())

    def _folder(self) -> str:
        """Where twistd will go, as an absolute path."""
        parent: Mapping[str, Any] = self.parent or {}
        return os.path.abspath(str(parent.get("rundir", ".")))

    def path(self, name: str) -> str:
        """This option's value as an absolute path, from twistd's C{--rundir} on: twistd will go there."""
        return os.path.join(self._folder(), str(self[name]))

    def _add(self, option: str, to: list[str], text: str, interface: str = "") -> None:
        try:
            to.append(endpoint(text, interface))
        except ValueError as error:
            raise usage.UsageError(f"--{option}: {with_full_stop(error)}") from None

    def opt_port(self, text: str) -> None:
        """A port to serve on, or an endpoint; may be given again. [default: 64700]"""
        self._add("port", self.ports, text)

    opt_p = opt_port

    def opt_tls_port(self, text: str) -> None:
        """A port, or an endpoint, to speak TLS on; may be given again. Needs --tls. [default: 64701 with --tls]"""
        self._add("tls-port", self.tls_ports, text)

    def opt_web(self, text: str) -> None:
        """A port, or an endpoint, for the page in browsers; may be given again. Needs chatroom[web]."""
        self._add("web", self.web, text)

    def opt_web_tls(self, text: str) -> None:
        """The same over TLS; may be given again. Needs --tls."""
        self._add("web-tls", self.web_tls, text)

    def opt_irc(self, text: str) -> None:
        """A port, or an endpoint, for IRC clients alone; may be given again. off: no IRC at any port."""
        if text.lower() == "off":
            self.speaks_irc = False
        else:
            self._add("irc", self.irc, text)

    def opt_irc_tls(self, text: str) -> None:
        """The same over TLS; may be given again. Needs --tls."""
        self._add("irc-tls", self.irc_tls, text)

    def opt_web_origin(self, text: str) -> None:
        """Another site, such as https://example.org, whose pages may come in as well; may be given again."""
        if origin(text) is None:
            raise usage.UsageError(f"--web-origin: a site looks like https://example.org:8443, not {text!r}.")
        self.web_origins.append(text)

    def opt_auth(self, text: str) -> None:
        """Somewhere else that knows names and passwords; may be given again. See --help-auth."""
        try:
            self.addChecker(checkers.checker(text, self._folder()))  # type: ignore[no-untyped-call]
        except ValueError as error:
            raise usage.UsageError(f"--auth {with_full_stop(error)}") from None
        self.auths.append(text)

    def _checkerFactoriesForOptHelpAuth(self) -> Iterator[Any]:  # noqa: N802 Twisted's
        return checkers.factories()

    def opt_filter(self, text: str) -> None:
        """A plugin that looks at what is said, NAME or NAME:ARGUMENT; may be given again, to be asked in this order."""
        self.filters.append(text)

    def opt_plugin(self, text: str) -> None:
        """An option of a plugin that is installed, NAME:OPTION=VALUE; may be given again."""
        name, colon, setting = text.partition(":")
        option, equals, _ = setting.partition("=")
        if not (name.strip() and colon and option.strip() and equals):
            raise usage.UsageError(f"--plugin: an option of a plugin looks like poll:max=10, not {text[:80]!r}.")
        self.plugins.append(text)

    def plugin_settings(self) -> dict[str, dict[str, str]]:
        """What C{--plugin} says, by plugin and option."""
        made: dict[str, dict[str, str]] = {}
        for text in self.plugins:
            name, _, setting = text.partition(":")
            option, _, value = setting.partition("=")
            made.setdefault(name.strip(), {})[option.strip()] = value.strip()
        return made

    def getUsage(self, width: int | None = None) -> str:  # noqa: N802 Twisted's
        """What C{--help} prints behind the synopsis: the options in their groups, on 80 columns."""
        return f"{self.longdesc}\n\n{help_text()}\n{NOTE}\n"

    def opt_version(self) -> None:
        """Display the version and exit."""
        sys.stdout.write(f"chatroom {__version__}\n")
        sys.exit(0)

    def parseArgs(self, *surplus: str) -> None:
        if surplus:
            raise usage.UsageError(f"unexpected argument {surplus[0]!r}; chatroom takes only options.")

    def postOptions(self) -> None:
        self._fill_ports()
        try:
            self["limits"] = Limits(**{field.name: limit(field, self[limit_option(field)]) for field in each()})
            self["lobby"] = room_name(self["lobby"], self.limits.room_length)
            self.cost()
            self["log-rotation"] = self._rotation()
            for name in ("telnet-editing", "irc-autojoin", "irc-early-signup"):
                if self[name].lower() not in ("on", "off"):
                    raise ValueError(f"--{name} is on or off, not {self[name]!r}")
            for name, what in PATHS.items():
                if self[name] is not None and not self[name].strip():
                    raise ValueError(f"--{name} is empty: it is the path of a {what}")
            if self["control"] is not None:
                self.control()
            self.node()
            self.irc_sts()
            address.check(self["backend"])
        except Refused as refused:
            raise usage.UsageError(f"--lobby: {refused.sentence}") from None
        except ValueError as error:
            raise usage.UsageError(with_full_stop(error)) from None
        if self.limits.unread_hard < self.limits.unread_soft:
            raise usage.UsageError("--unread-hard must be at least --unread-soft.")
        if self["check"]:
            self._check()
            sys.stdout.write(written(self.settings()))
            sys.exit(0)

    def _fill_ports(self) -> None:
        """@raise UsageError:"""
        if not self.ports:
            self.ports.append(endpoint(PORT))
        if self["tls"] is None:
            for name, ports in (("tls-port", self.tls_ports), ("web-tls", self.web_tls), ("irc-tls", self.irc_tls)):
                if ports:
                    raise usage.UsageError(f"--{name} needs a certificate: --tls FOLDER.")
        elif not self.tls_ports:
            self.tls_ports.append(endpoint(TLS_PORT))
        if (self.irc or self.irc_tls) and not self.speaks_irc:
            raise usage.UsageError("--irc off allows no port for IRC. Remove it, or the other --irc and --irc-tls.")
        if self["metrics"] is not None:
            self._add("metrics", self.metrics, self["metrics"], "127.0.0.1")

    def irc_sts(self) -> tuple[int, int] | None:
        """
        What IRC clients read of TLS: the port's number, and for how many seconds they must use it. C{None}: nothing.

        @raise ValueError: it is no time, or there is no such port; a sentence without its end.
        """
        if str(self["irc-sts"]).lower() == "off":
            return None
        seconds = self._whole("irc-sts", "seconds")
        if not 0 <= seconds <= LONGEST_STS:
            raise ValueError(f"--irc-sts must be from 0 to {shown(LONGEST_STS, 'seconds')}, or off")
        numbers = (number_of("irc-tls", each) for each in self.irc_tls)
        port = next((number for number in numbers if number), 0)
        if not port:
            raise ValueError("--irc-sts needs a port where IRC clients find TLS: --irc-tls 6697, without haproxy:")
        return port, seconds

    def _check(self) -> None:
        """@raise UsageError: what the daemon would find out only when it is made."""
        settings = self.settings()
        try:
            check_installed(settings)
            # Ports are bound before twistd gives up its rights, and the rest is used after that.
            remarks = check_places(settings, ENDPOINTS, self._folder())
            with as_user(self.parent or {}):
                check_checkers(self.get("credCheckers", ()))
                if self["backend"] == "sqlite":
                    check_data(self.path("data"))
            check_files(self.limits)
        except Fault as error:
            raise usage.UsageError(with_full_stop(error)) from None
        for remark in remarks:
            sys.stderr.write(f"{remark}\n")
        if self["tls"] is not None:
            try:
                with as_user(self.parent or {}):
                    certificates(self.path("tls"))
            except ValueError as error:
                raise usage.UsageError(f"--tls: {with_full_stop(error)}") from None
        try:
            make_filters(self.filters)
        except ValueError as error:
            raise usage.UsageError(f"--filter: {with_full_stop(error)}") from None
        try:
            read_options(find_services(), self.plugin_settings())
        except ValueError as error:
            raise usage.UsageError(f"--plugin: {with_full_stop(error)}") from None
        try:
            with as_user(self.parent or {}):
                self.motd()
        except ValueError as error:
            raise usage.UsageError(with_full_stop(error)) from None

    def motd(self) -> tuple[str, ...]:
        """
        The lines of the welcome text, as its file has them now; empty where no file is named.

        @raise ValueError: the file cannot be used; a sentence without its end, which names the option.
        """
        if self["motd"] is None:
            return ()
        try:
            return read_welcome_text(self.path("motd"), self.limits)
        except ValueError as error:
            raise ValueError(f"--motd {error}") from None

    @property
    def limits(self) -> Limits:
        """Once the options are parsed."""
        made: Limits = self["limits"]
        return made

    def cost(self) -> Cost:
        """@raise ValueError: argon2 would not take it."""
        time, parallelism = self._whole("argon2-time"), self._whole("argon2-parallelism")
        memory = self._whole("argon2-memory", "KiB")
        return Cost(time=time, memory=memory, parallelism=parallelism)

    def _rotation(self) -> tuple[int, int]:
        """
        @return: bytes at which the log file is rotated (0: never), and how many are kept.
        @raise ValueError: one of them is no such number.
        """
        off = str(self["log-size"]).lower() == "off"
        size, keep = (0 if off else self._whole("log-size", "MiB")), self._whole("log-files")
        if not (off or size >= 1):
            raise ValueError("--log-size must be at least 1 MiB, or off")
        if keep < 1:
            raise ValueError("--log-files must be at least 1")
        return size * MiB, keep

    def _whole(self, name: str, unit: str = "") -> int:
        return whole(name, str(self[name]), unit)
