"""
Lets irctest (https://github.com/progval/irctest) start this server and test it as an IRC server.

Put this folder on PYTHONPATH and name this module: C{pytest --controller=chatroom_controller}. See README.rst.
irctest is no part of this project; it finds what it needs by L{get_irctest_controller_class}.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

from irctest.basecontrollers import BaseServerController, DirectoryBasedController
from irctest.cases import BaseServerTestCase
from irctest.runner import NotImplementedByController

PYTHON = os.environ.get("CHATROOM_PYTHON", "python3")
"""That of an environment in which chatroom is installed."""

OPTIONS = {
    "name": "My.Little.Server",
    "irc-autojoin": "off",
    "nick-length": "32",
    "room-length": "64",
    "register-time": "600",
    "talk-rate": "off",
    "work-rate": "off",
    "new-per-minute": "off",
    "new-per-network": "off",
    "max-per-address": "off",
    "signups-per-address": "off",
    "password-length": "1",
    "argon2-memory": "64 KiB",
}
"""irctest connects many clients at once from one address, by names of its own and with passwords like C{sesame}."""


LINE = 400
"""Bytes of a password for which a line of IRC has room, with all that stands before it."""

ADMIN = "from chatroom.admin.main import main; raise SystemExit(main())"
"""C{chatroom-admin}, for L{PYTHON}."""


class Forker:
    """The process that starts servers: see preloaded.py. One serves all tests."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("preloaded.py")
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([PYTHON, str(program)], stdin=pipe, stdout=pipe, text=True)

    def ask(self, **request: Any) -> Any:
        """Its answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@cache
def forker() -> Forker:
    """The one for all."""
    return Forker()


def make_operator(data: Path) -> None:
    """An account that is staff, C{operuser} with C{operpassword}, in the database of a server that has run."""
    for words in (("accounts", "create", "operuser"), ("role", "operuser", "admin")):
        command = [PYTHON, "-c", ADMIN, *words, f"--data={data}"]
        subprocess.run(command, input="operpassword\n", text=True, check=True, stdout=subprocess.DEVNULL)


@cache
def prepared() -> Path:
    """A folder with the database that each server starts with: that of one that has run, and an operator in it."""
    data = Path(tempfile.mkdtemp(prefix="chatroom-irctest-"))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    command = ["--nodaemon", "--pidfile=", f"--logfile={data / 'log'}", "chatroom"]
    first = ServerProcess([*command, f"--port=unix:{data / 'line'}", f"--data={data}"])
    until = time.monotonic() + 60
    while not (data / "control").exists():
        assert time.monotonic() < until, "the first server does not start"
        time.sleep(0.05)
    first.terminate()
    first.wait(60)
    make_operator(data)
    return data


class ServerProcess:
    """As much of C{subprocess.Popen} as irctest needs."""

    def __init__(self, arguments: list[str], speed: float = 1) -> None:
        """@param speed: so many seconds of its clock pass in one second."""
        self.pid: int = forker().ask(start=arguments, speed=speed)["pid"]
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """See C{subprocess.Popen}."""
        if self.returncode is None:
            self.returncode = forker().ask(poll=self.pid)["status"]
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """See C{subprocess.Popen}."""
        until = time.monotonic() + (timeout if timeout is not None else 1e9)
        while self.poll() is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired("twistd", timeout or 0)
            time.sleep(0.01)
        assert self.returncode is not None
        return self.returncode

    def terminate(self) -> None:
        """See C{subprocess.Popen}."""
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """See C{subprocess.Popen}."""
        os.kill(self.pid, signal.SIGKILL)


class ChatroomController(BaseServerController, DirectoryBasedController):
    """One server for each test, with a database of its own."""

    software_name = "chatroom"
    supported_sasl_mechanisms = {"PLAIN"}
    supports_sts = False
    extban_mute_char = "m"
    nickserv = "NickServ"
    isupport = {"CASEMAPPING": "ascii", "UTF8ONLY": None}
    _port_wait_interval = 0.02

    def create_config(self) -> None:
        """A folder for the database."""
        super().create_config()
        with self.open_file("log"):
            pass

    def run(
        self,
        hostname: str,
        port: int,
        *,
        password: str | None,
        ssl: bool,
        run_services: bool,
        faketime: str | None,
        websocket_hostname: str | None,
        websocket_port: int | None,
    ) -> None:
        """Start it. What it does not have, irctest skips."""
        if password is not None:
            raise NotImplementedByController("a password of the whole server")
        if self.test_config.account_registration_requires_email:
            raise NotImplementedByController("accounts with an address for mail")
        self.port, self.hostname = port, hostname
        self.create_config()
        assert self.directory is not None
        early = "on" if self.test_config.account_registration_before_connect else "off"
        words = [f"--{name}={value}" for name, value in (*OPTIONS.items(), ("irc-early-signup", early))]
        endpoint = f"{port}:interface={hostname}"
        if ssl:
            self.gen_ssl()
            shutil.copy(self.pem_path, self.directory / "cert.pem")
            shutil.copy(self.key_path, self.directory / "privkey.pem")
            words += [f"--tls={self.directory}", f"--irc-tls=tcp:{endpoint}"]
        else:
            words.append(f"--irc=tcp:{endpoint}")
        if websocket_port is not None:
            words.append(f"--web=tcp:{websocket_port}:interface={websocket_hostname}")
        shutil.copytree(prepared(), self.directory / "data")
        nowhere = f"unix:{self.directory / 'line'}"
        command = ["--nodaemon", "--pidfile=", f"--logfile={self.directory / 'log'}", "chatroom"]
        arguments = [*command, f"--port={nowhere}", f"--data={self.directory / 'data'}", *words]
        self.faketime_enabled = faketime is not None
        speed = float(faketime.rpartition("x")[2]) if faketime else 1  # "+1y x30": what year it is says nothing here
        self.proc = ServerProcess(arguments, speed)  # type: ignore[assignment]

    def wait_for_services(self) -> None:
        """NickServ and ChanServ are in the server itself."""

    def registerUser(self, case: BaseServerTestCase, username: str, password: str | None = None) -> None:
        """Make an account, as an IRC client does, or with nc where a line of IRC is too short for the password."""
        assert password is not None
        if len(password.encode()) > LINE:
            self._register_by_nc(username, password)
            return
        client = case.addClient(show_io=False)
        case.sendLine(client, f"NICK {username}")
        case.sendLine(client, "USER r e g :user")
        while case.getRegistrationMessage(client).command != "001":
            pass
        case.getMessages(client)
        case.sendLine(client, f"PRIVMSG NickServ :REGISTER {password}")
        time.sleep(0.1)
        case.getMessages(client)
        case.sendLine(client, "QUIT")
        case.assertDisconnected(client)

    def _register_by_nc(self, username: str, password: str) -> None:
        assert self.directory is not None
        self.wait_for_port()
        with socket.socket(socket.AF_UNIX) as person:
            person.settimeout(10)
            person.connect(str(self.directory / "line"))
            person.sendall(f"{username}\n/signup {password}\nQUIT\n".encode())
            read = b"".join(iter(lambda: person.recv(4096), b""))
        assert b"is now your account" in read, read


def get_irctest_controller_class() -> type[ChatroomController]:
    """What irctest asks for."""
    return ChatroomController
