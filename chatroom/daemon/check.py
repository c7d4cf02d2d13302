"""
What C{--check} tries: it opens all that a start would open, as the user the daemon will run as, and keeps nothing open.

It knows options as they were parsed, files and sockets. It changes nothing: the folder of C{--data} is not made.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any, NamedTuple

from twisted.cred.checkers import FilePasswordDB
from twisted.internet.endpoints import (
    SSL4ServerEndpoint,
    TCP4ServerEndpoint,
    TCP6ServerEndpoint,
    UNIXServerEndpoint,
)
from twisted.plugins.cred_unix import UNIXChecker
from twisted.python.util import gidFromString, uidFromString

from chatroom.auth.checkers import check_file
from chatroom.backends.address import is_shared
from chatroom.control.socket_path import LONGEST
from chatroom.daemon.files import NotReadable, read_bytes
from chatroom.daemon.listeners import reason, understand
from chatroom.daemon.openfiles import SPARE, most_files
from chatroom.limits import Limits

PROXIED = "haproxy:"
"""Before the description of an endpoint: a proxy says first for whom it connects, in the PROXY protocol."""

SHADOW = "/etc/shadow"
"""Where the system keeps its passwords: see shadow(5)."""

NEEDS = {"web": ("wsproto", "h11"), "web-tls": ("wsproto", "h11"), "metrics": ("prometheus_client",)}
"""Modules that an option needs and that are not installed with everybody."""


KNOWN = (TCP4ServerEndpoint, TCP6ServerEndpoint, SSL4ServerEndpoint, UNIXServerEndpoint)
"""Endpoints that listen at one place, by one call of the reactor's. What others do is not known here."""


class ListeningPlace(NamedTuple):
    """
    A place to listen at.

    @ivar option: without its dashes. @ivar described: the endpoint as it was given.
    @ivar family: C{AF_INET}, C{AF_INET6} or C{AF_UNIX}.
    @ivar host: C{""} for every address, or the absolute path of a UNIX socket. @ivar port: 0 for any, or for none.
    """

    option: str
    described: str
    family: int
    host: str
    port: int

    def is_also(self, other: ListeningPlace) -> bool:
        """Whether only one of the two can be had."""
        if socket.AF_UNIX in (self.family, other.family):
            return (self.family, self.host) == (other.family, other.host)
        return self.port == other.port != 0 and (self.host == other.host or not (self.host and other.host))


class Recorder:
    """In the place of a reactor: it notes where an endpoint would listen, and does not listen."""

    def __init__(self) -> None:
        self.tcp: list[tuple[str, int]] = []
        self.unix: list[str] = []

    def listenTCP(self, port: int, factory: object, backlog: int = 50, interface: str = "") -> None:  # noqa: N802
        """See L{twisted.internet.interfaces.IReactorTCP.listenTCP}."""
        self.tcp.append((interface, port))

    def listenSSL(  # noqa: N802
        self, port: int, factory: object, context: object, backlog: int = 50, interface: str = ""
    ) -> None:
        """See L{twisted.internet.interfaces.IReactorSSL.listenSSL}."""
        self.tcp.append((interface, port))

    def listenUNIX(self, address: str | bytes, *_: object, **__: object) -> None:  # noqa: N802
        """See L{twisted.internet.interfaces.IReactorUNIX.listenUNIX}."""
        self.unix.append(os.fsdecode(address))


class Fault(ValueError):
    """The daemon could not start. The text is a sentence without its end, which names the option."""


@contextmanager
def as_user(parent: Mapping[str, Any]) -> Iterator[None]:
    """
    Do this with the rights of twistd's C{--uid} and C{--gid}, where this process may take them.

    @raise Fault: there is no such user or group.
    """
    uid, gid = parent.get("uid"), parent.get("gid")
    if os.geteuid() != 0 or (uid is None and gid is None):
        yield
        return
    try:
        user = None if uid is None else uidFromString(str(uid))
        group = None if gid is None else gidFromString(str(gid))
    except (KeyError, ValueError):
        raise Fault(f"twistd's --uid {uid} or --gid {gid} names no user or group of this machine") from None
    groups = os.getgroups()
    try:
        if group is not None:
            os.setgroups([group])
            os.setegid(group)
        if user is not None:
            os.seteuid(user)
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def check_places(settings: Mapping[str, Sequence[str]], options: Sequence[str], folder: str = ".") -> list[str]:
    """
    Whether the daemon could listen where it is to listen.

    @param settings: descriptions of endpoints, by option.
    @param options: those that name places to listen at.
    @param folder: where relative paths of UNIX sockets go from.
    @return: sentences about what need be no mistake: a port is in use, perhaps by the daemon that runs already.
    @raise Fault: one description cannot be understood, two name one place, or a place cannot be had.
    """
    wanted = [
        each
        for option in options
        for description in settings.get(option, ())
        for each in _place(option, description, folder)
    ]
    for number, each in enumerate(wanted):
        for other in wanted[:number]:
            if each.is_also(other):
                raise Fault(
                    f"--{other.option} {other.described} and --{each.option} {each.described} are the same place"
                )
    return [sentence for each in wanted for sentence in _try(each)]


def _place(option: str, described: str, folder: str) -> Iterator[ListeningPlace]:
    own = described.removeprefix(PROXIED)
    if own.startswith("systemd:"):  # only a process that systemd has started has those
        return
    recorder: Any = Recorder()
    try:
        endpoint = understand(recorder, own)
    except ValueError as error:
        raise Fault(f"--{option} {described}: {error}") from None
    if isinstance(endpoint, KNOWN):
        endpoint.listen(None)  # type: ignore[no-untyped-call]
    for host, port in recorder.tcp:
        family = socket.AF_INET6 if ":" in host or isinstance(endpoint, TCP6ServerEndpoint) else socket.AF_INET
        yield ListeningPlace(option, described, family, _address(host, family), port)
    for path in recorder.unix:
        yield ListeningPlace(option, described, socket.AF_UNIX, os.path.realpath(os.path.join(folder, path)), 0)


def number_of(option: str, described: str) -> int:
    """
    The number of the TCP port that an endpoint means; 0: it has none that clients know, as a UNIX socket, one of
    systemd's, and one behind a proxy.

    @raise Fault: it cannot be understood.
    """
    return 0 if described.startswith(PROXIED) else next((each.port for each in _place(option, described, ".")), 0)


def _address(host: str, family: int) -> str:
    """One spelling for one address; C{""}: every address. What is none stays as it is, and L{_try} refuses it."""
    with suppress(OSError, ValueError, TypeError):
        found = str(socket.getaddrinfo(host or None, 0, family, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)[0][4][0])
        mapped = found.removeprefix("::ffff:")
        return "" if found in ("0.0.0.0", "::") else mapped if "." in mapped else found
    return host


def _try(each: ListeningPlace) -> Iterator[str]:
    if each.family == socket.AF_UNIX:
        _try_socket_file(each)
        return
    family = each.family if ":" in each.host or not each.host else socket.AF_INET  # a mapped address is IPv4's
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((each.host, each.port))
    except (OSError, OverflowError, ValueError, TypeError) as error:
        if not isinstance(error, OSError) or error.errno != errno.EADDRINUSE:
            raise Fault(f"--{each.option} {each.described}: {reason(error)}") from None
        yield f"Port {each.port} of --{each.option} is in use. That is fine if this daemon is already running."


def _try_socket_file(each: ListeningPlace) -> None:
    """@raise Fault: a UNIX socket cannot be made there."""
    folder = os.path.dirname(each.host)
    given = each.described.removeprefix(PROXIED).removeprefix("unix:").partition(":")[0]
    if len(os.fsencode(given)) > LONGEST:
        raise Fault(f"--{each.option} {each.described}: the path of a UNIX socket may have {LONGEST} bytes")
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        raise Fault(f"--{each.option} {each.described}: {folder} is not a directory that can be written to")
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.stat(each.host).st_mode):
            raise Fault(f"--{each.option} {each.described}: there is another file, not a UNIX socket")


def check_installed(settings: Mapping[str, Sequence[str]]) -> None:
    """@raise Fault: an option needs a package that is not installed."""
    for option, modules in NEEDS.items():
        if option in settings and any(find_spec(name) is None for name in modules):
            extra = option.partition("-")[0]
            raise Fault(f"--{option} needs more packages. Try: pip install 'chatroom[{extra}]'")
    if any(map(is_shared, settings.get("backend", ()))) and find_spec("psycopg") is None:
        raise Fault("--backend postgresql://... needs more packages. Try: pip install 'chatroom[postgres]'")


def check_checkers(checkers: Sequence[object]) -> None:
    """@raise Fault: a file of passwords that a checker of C{--auth} needs cannot be read, or cannot be understood."""
    effective = os.access in os.supports_effective_ids
    for checker in checkers:
        if isinstance(checker, UNIXChecker) and not os.access(SHADOW, os.R_OK, effective_ids=effective):
            raise Fault(f"--auth unix: the daemon's user cannot read {SHADOW}. Put it into that file's group")
        if isinstance(checker, FilePasswordDB):
            try:
                path = os.fspath(checker.filename)
                check_file(path, read_bytes(path))
            except NotReadable as error:
                raise Fault(f"--auth file: {error}") from None
            except ValueError as error:
                raise Fault(f"--auth {error}") from None


def check_data(folder: str) -> None:
    """
    @param folder: an absolute path; it need not exist yet.
    @raise Fault: the daemon could not keep anything there.
    """
    effective = os.access in os.supports_effective_ids
    there = folder
    while not os.path.lexists(there):
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        raise Fault(f"--data: {there} is not a directory")
    if not os.access(there, os.W_OK | os.X_OK, effective_ids=effective):
        raise Fault(f"--data: {there} cannot be written to")
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            ours = entry.name.startswith("chatroom.sqlite") and entry.is_file(follow_symlinks=False)
            if ours and not os.access(entry.path, os.R_OK | os.W_OK, effective_ids=effective):
                raise Fault(f"--data: {entry.path} cannot be read and written")


def check_files(limits: Limits) -> None:
    """@raise Fault: the system lets this process have fewer open files than C{--connections} asks for."""
    most = most_files()
    if most is not None and most < limits.connections + SPARE:
        raise Fault(
            f"--connections {limits.connections} needs {limits.connections + SPARE} open files, and the system allows "
            f"{most}: raise LimitNOFILE (systemd) or ulimit -n, or lower --connections"
        )
