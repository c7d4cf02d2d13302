"""
What an operator may say to C{twistd chatroom}: every option, its default, and whether it is lawful.

It decides what the daemon is told, and starts nothing: what is made of it is L{chatroom.tap}'s, the only one that
may know this module.
"""

from __future__ import annotations

import re
import sys
from dataclasses import Field
from typing import Any

from twisted.cred.credentials import IUsernamePassword
from twisted.cred.strcred import AuthOptionMixin
from twisted.python import usage

from chatroom import __version__
from chatroom.core.names import room_name
from chatroom.errors import Refused
from chatroom.limits import OFF, Limits, each
from chatroom.passwords import Cost

PORT = "64700"
TLS_PORT = "64701"

ORIGIN = re.compile(r"https?://[^/\s?#@]+", re.IGNORECASE)
"""How a browser names the site that a page comes from (RFC 6454, 6.2)."""


def endpoint(text: str, interface: str = "") -> str:
    """
    An endpoint description from what stands behind C{--port}.

    @param interface: where a mere number listens; C{""} is everywhere.
    @raise ValueError: a number that is no port.
    """
    if not text.strip():
        raise ValueError("a port is a number from 1 to 65535, or an endpoint such as tcp:64700:interface=127.0.0.1")
    if not text.isdigit():
        return text
    if not 0 < int(text) < 65536:
        raise ValueError(f"{text} is no port: a port is a number from 1 to 65535")
    return f"tcp:{text}:interface={interface}" if interface else f"tcp:{text}"


def limit(field: Field[Any], text: str) -> Any:
    """
    A limit's value, from what stands behind its option.

    @raise ValueError: it is no number, or one too small.
    """
    name, least, off = option(field), field.metadata["least"], field.metadata["off"]
    if off and text.lower() == "off":
        return OFF
    kind, what = (float, "number") if field.type == "float" else (int, "whole number")
    try:
        value = kind(text)
    except ValueError:
        raise ValueError(f"--{name} is a {what}, not {text!r}") from None
    if not least <= value < 1e12:
        raise ValueError(f"--{name} is {least} at least" + (", or off" if off else ""))
    return value


def option(field: Field[Any]) -> str:
    """The name of a limit's option, without its dashes."""
    return field.name.replace("_", "-")


def _limit_options() -> list[list[Any]]:
    options: list[list[Any]] = []
    for field in each():
        off = field.metadata["off"]
        default = "off" if off and field.default == OFF else str(field.default)
        options.append([option(field), None, default, field.metadata["help"] + (", or off" if off else "")])
    return options


class Options(usage.Options, AuthOptionMixin):
    """
    @ivar ports: endpoint descriptions, in the order given.
    @ivar tls_ports: the same, for those where TLS is spoken.
    @ivar metrics: that at which Prometheus asks, if there is one.
    @ivar web: those at which the page is.
    @ivar web_tls: those at which it is over TLS.
    @ivar web_origins: sites whose pages are welcome besides it.
    """

    synopsis = "[options]"
    longdesc = "A chat room that anyone with nc or telnet can use at once. Try: nc localhost 64700"
    supportedInterfaces = (IUsernamePassword,)
    optParameters = [
        ["data", "d", "chatroom-data", "folder of the database; made if it is not there"],
        ["backend", None, "sqlite", "sqlite, or memory, which forgets everything when it stops"],
        ["tls", None, None, "folder of fullchain.pem or cert.pem, and privkey.pem, for TLS. Needs chatroom[tls]"],
        ["metrics", None, None, "port of this machine, or an endpoint, for Prometheus. Needs chatroom[metrics]"],
        ["name", None, "chatroom", "what the greeting calls this place"],
        ["lobby", None, "lobby", "the room everybody enters first"],
        ["argon2-memory", None, 65536, "KiB of memory that checking one password takes", int],
        ["argon2-time", None, 3, "passes over that memory", int],
        ["argon2-parallelism", None, 4, "lanes in which it is done", int],
        *_limit_options(),
    ]
    compData = usage.Completions(optActions={"data": usage.CompleteDirs(), "tls": usage.CompleteDirs()})

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.ports: list[str] = []
        self.tls_ports: list[str] = []
        self.web: list[str] = []
        self.web_tls: list[str] = []
        self.web_origins: list[str] = []
        self.metrics: list[str] = []

    def _add(self, option: str, to: list[str], text: str, interface: str = "") -> None:
        try:
            to.append(endpoint(text, interface))
        except ValueError as error:
            raise usage.UsageError(f"--{option}: {error}.") from None

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

    def opt_web_origin(self, text: str) -> None:
        """Another site, such as https://example.org, whose pages may come in as well; may be given again."""
        if not ORIGIN.fullmatch(text):
            raise usage.UsageError(f"--web-origin: a site is written like https://example.org:8443, not {text!r}.")
        self.web_origins.append(text)

    def opt_version(self) -> None:
        """Display the version and exit."""
        sys.stdout.write(f"chatroom {__version__}\n")
        sys.exit(0)

    def parseArgs(self, *surplus: str) -> None:
        if surplus:
            raise usage.UsageError(f"chatroom takes options only, not {surplus[0]!r}.")

    def postOptions(self) -> None:
        if not self.ports:
            self.ports.append(endpoint(PORT))
        if self["tls"] is None:
            for name, ports in (("tls-port", self.tls_ports), ("web-tls", self.web_tls)):
                if ports:
                    raise usage.UsageError(f"--{name} needs a certificate: --tls FOLDER.")
        elif not self.tls_ports:
            self.tls_ports.append(endpoint(TLS_PORT))
        if self["metrics"] is not None:
            self._add("metrics", self.metrics, self["metrics"], "127.0.0.1")
        try:
            self["limits"] = Limits(**{field.name: limit(field, self[option(field)]) for field in each()})
            self["lobby"] = room_name(self["lobby"], self.limits.room_length)
            self.cost()
        except Refused as refused:
            raise usage.UsageError(f"--lobby: {refused.sentence}") from None
        except ValueError as error:
            raise usage.UsageError(f"{error}.".replace("..", ".")) from None
        if self["backend"] not in ("sqlite", "memory"):
            raise usage.UsageError("--backend is sqlite or memory.")
        if self.limits.unread_hard < self.limits.unread_soft:
            raise usage.UsageError("--unread-hard must not be less than --unread-soft.")

    @property
    def limits(self) -> Limits:
        """Once the options are parsed."""
        made: Limits = self["limits"]
        return made

    def cost(self) -> Cost:
        """@raise ValueError: argon2 would not take it."""
        return Cost(time=self["argon2-time"], memory=self["argon2-memory"], parallelism=self["argon2-parallelism"])
