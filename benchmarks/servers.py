"""
The servers: how each is configured, started and found, with the limits that protect a public server opened up alike.

None of them slows down people who talk fast, lets go of people who read late before some 64 MiB wait for them (where
that can be set at all: chatroom holds back instead, ngIRCd's 32 KiB are compiled in), or counts connections per
address. No DNS, no ident. What each keeps on is what makes it what it is: chatroom keeps history on disk, as it does
by default; the others keep none.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from benchmarks.dialects import ChatroomLines, Dialect, Irc, IrcOfChatroom, NatsCore

CONNECTIONS = 20_000
"""That each lets in, at least."""

NOBODY = "nobody"
"""Who a server runs as when the benchmark is run by root."""


class Server(Protocol):
    """
    @ivar name: as tables call it.
    @ivar chat: a chat daemon, and not only a broker: what chatroom is held against.
    """

    name: str
    chat: bool
    dialect: Dialect

    def version(self) -> str | None:
        """As it says itself, or C{None} where it is not installed."""

    def command(self, folder: Path, port: int) -> Sequence[str]:
        """How to start it in the foreground, on loopback; its configuration is written into the folder."""


def _program(name: str) -> str | None:
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    return shutil.which(name, path=path)


def _found(name: str) -> str:
    program = _program(name)
    if program is None:
        raise FileNotFoundError(f"{name} is not installed")
    return program


def _first_line(*command: str) -> str:
    run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return (run.stdout or run.stderr).splitlines()[0].strip()


class Chatroom:
    """As installed, with all that it does by default: SQLite with every line on the disk before anybody reads it."""

    name = "chatroom"
    chat = True
    dialect: Dialect = ChatroomLines()

    def __init__(self, options: Sequence[str] = ()) -> None:
        """@param options: of twistd chatroom, besides those that open it up."""
        self._options = options

    def version(self) -> str | None:
        """See L{Server}."""
        import chatroom

        return f"chatroom {chatroom.__version__}, Python {sys.version.split()[0]}"

    def command(self, folder: Path, port: int) -> Sequence[str]:
        """See L{Server}."""
        twistd = Path(sys.executable).with_name("twistd")
        return [
            str(twistd), "--nodaemon", "--pidfile=", "chatroom", "--port", f"tcp:{port}:interface=127.0.0.1",
            "--talk-rate", "off", "--max-per-address", "off", "--new-per-minute", "off", "--unregistered", "off",
            "--connections", str(CONNECTIONS), *self._options,
        ]  # fmt: skip


class ChatroomIrc(Chatroom):
    """The same, spoken to as the IRC servers are: by clients that know no capabilities, at a port for IRC alone."""

    name = "chatroom IRC"
    dialect: Dialect = IrcOfChatroom()

    def command(self, folder: Path, port: int) -> Sequence[str]:
        """See L{Server}."""
        (folder / "line").mkdir()
        line = f"unix:{folder / 'line' / 'port'}"
        made = [line if word.startswith("tcp:") else word for word in super().command(folder, port)]
        return [*made, "--irc", f"tcp:{port}:interface=127.0.0.1", "--irc-autojoin", "off"]


class NgIRCd:
    """The C daemon of small networks."""

    name = "ngIRCd"
    chat = True
    dialect: Dialect = Irc()

    def version(self) -> str | None:
        """See L{Server}."""
        return None if _program("ngircd") is None else _first_line(_found("ngircd"), "--version").split("-")[0]

    def command(self, folder: Path, port: int) -> Sequence[str]:
        """See L{Server}."""
        file = folder / "ngircd.conf"
        file.write_text(
            f"""
            [Global]
            Name = irc.bench.example
            Info = bench
            AdminEMail = bench@bench.example
            MotdPhrase = Hello
            Listen = 127.0.0.1
            Ports = {port}
            [Limits]
            MaxConnections = 0
            MaxConnectionsIP = 0
            MaxJoins = 0
            MaxNickLength = 16
            MaxPenaltyTime = 0
            PingTimeout = 3600
            PongTimeout = 3600
            [Options]
            DNS = no
            Ident = no
            PAM = no
            """
        )
        return [_found("ngircd"), "--nodaemon", "--config", str(file)]


class InspIRCd:
    """The C++ daemon of large ones."""

    name = "InspIRCd"
    chat = True
    dialect: Dialect = Irc()

    def version(self) -> str | None:
        """See L{Server}."""
        return None if _program("inspircd") is None else _first_line(_found("inspircd"), "--version")

    def command(self, folder: Path, port: int) -> Sequence[str]:
        """See L{Server}."""
        file = folder / "inspircd.conf"
        file.write_text(
            f"""
            <path configdir="{folder}" datadir="{folder}" logdir="{folder}" runtimedir="{folder}">
            <server name="irc.bench.example" description="bench" network="bench">
            <admin name="bench" nick="bench" email="bench@bench.example">
            <bind address="127.0.0.1" port="{port}" type="clients">
            <connect name="all" allow="*" timeout="60" pingfreq="1h" hardsendq="67108864" softsendq="67108864"
                recvq="1048576" threshold="1000000" commandrate="100000000" fakelag="no" localmax="{CONNECTIONS}"
                globalmax="{CONNECTIONS}" maxconnwarn="no" resolvehostnames="no" useident="no" limit="{CONNECTIONS}"
                maxchans="100">
            <performance netbuffersize="65534" somaxconn="4096" softlimit="{CONNECTIONS}" clonesonconnect="no">
            <options defaultmodes="not" nosnoticestack="no">
            <log method="file" type="* -USERINPUT -USEROUTPUT" level="sparse" target="{folder}/ircd.log">
            """
        )
        return [_found("inspircd"), "--nofork", "--nopid", "--nolog", "--config", str(file)]


class Ergo:
    """The daemon in Go that keeps history, too: here in memory, as it does by default."""

    name = "Ergo"
    chat = True
    dialect: Dialect = Irc()

    def version(self) -> str | None:
        """See L{Server}. Debian has a chemists' program of that name."""
        said = "" if _program("ergo") is None else _first_line(_found("ergo"), "--version")
        return said if said.startswith("ergo-") else None

    def command(self, folder: Path, port: int) -> Sequence[str]:
        """See L{Server}. It makes its database first."""
        file, database = folder / "ircd.yaml", folder / "ircd.db"
        file.write_text(
            f"""
            network: {{name: bench}}
            server:
                name: irc.bench.example
                listeners: {{"127.0.0.1:{port}": {{}}}}
                max-sendq: 64M
                lookup-hostnames: false
                forward-confirm-hostnames: false
                check-ident: false
                ip-limits: {{count: false, throttle: false}}
                ip-cloaking: {{enabled: false}}
                casemapping: ascii
                enforce-utf8: true
                compatibility: {{force-trailing: true}}
            accounts:
                authentication-enabled: true
                registration: {{enabled: false}}
                multiclient: {{enabled: false}}
            channels: {{default-modes: +n, registration: {{enabled: false}}}}
            datastore: {{path: {database}, autoupgrade: true}}
            languages: {{enabled: false}}
            limits: {{nicklen: 32, identlen: 20, channellen: 64, awaylen: 390, kicklen: 390, topiclen: 390,
                monitor-entries: 100, whowas-entries: 100, chan-list-modes: 60, registration-messages: 1024,
                multiline: {{max-bytes: 4096, max-lines: 100}}}}
            fakelag: {{enabled: false}}
            history: {{enabled: true, channel-length: 2048, client-length: 256, autoresize-window: 3d,
                chathistory-maxmessages: 1000, znc-maxmessages: 2048}}
            logging: [{{method: stderr, level: error, type: "* -userinput -useroutput"}}]
            """
        )
        subprocess.run([_found("ergo"), "initdb", "--conf", str(file), "--quiet"], check=True, timeout=60)
        return [_found("ergo"), "run", "--conf", str(file), "--quiet"]


class Nats:
    """A broker, for scale: it has subjects and no people, and promises less than a chat does."""

    name = "NATS"
    chat = False
    dialect: Dialect = NatsCore()

    def version(self) -> str | None:
        """See L{Server}."""
        return None if _program("nats-server") is None else _first_line(_found("nats-server"), "--version")

    def command(self, folder: Path, port: int) -> Sequence[str]:
        """See L{Server}."""
        file = folder / "nats.conf"
        file.write_text(
            f"""
            listen: "127.0.0.1:{port}"
            max_connections: {CONNECTIONS}
            max_pending: 67108864
            write_deadline: "600s"
            ping_interval: "1h"
            """
        )
        return [_found("nats-server"), "--config", str(file)]


ALL: tuple[Server, ...] = (Chatroom(), NgIRCd(), InspIRCd(), Nats())
"""In the order in which they take turns."""

IRC: tuple[Server, ...] = (ChatroomIrc(), NgIRCd(), InspIRCd(), Ergo())
"""Those that speak IRC, spoken to in it."""


def account() -> tuple[int, int] | None:
    """The user and the group of those that will not run as root; C{None} if we are not root."""
    if os.geteuid() != 0:
        return None
    found = pwd.getpwnam(NOBODY)
    return found.pw_uid, found.pw_gid
