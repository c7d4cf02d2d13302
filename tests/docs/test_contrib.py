"""
What contrib/ holds for others' programs fits what chatroom does.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from typing import Any

from twisted.logger import LogEvent, capturedLogs, textFileLogObserver
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatroom.daemon.jsonlog import as_line
from chatroom.daemon.options import Options
from chatroom.limits import Limits
from chatroom.testing import Server
from tests.arrows import ROOT
from tests.patience import PATIENCE

CONTRIB = ROOT / "contrib"

ADDRESSES = ("198.51.100.7", "2001:db8::7")


def failed_logins(address: str) -> list[LogEvent]:
    """What is logged when somebody there tries a wrong password, one that nobody has, and a wrong token."""
    server = Server()
    server.account("alice", "correct horse battery").disconnects()
    guest = server.connection(address)
    with capturedLogs() as logged:
        guest.types("/login alice hunter2-secret", "/login nobody hunter2-secret", "/resume hunter2-secret")
    return [event for event in logged if event.get("log_namespace") == "chatroom.auth.entrance"]


def as_written(events: list[LogEvent]) -> list[str]:
    """These as lines of twistd.log."""
    file = io.StringIO()
    write = textFileLogObserver(file)
    for event in events:
        write(event)
    return file.getvalue().splitlines()


class Fail2banTests(SynchronousTestCase):
    """contrib/fail2ban."""

    def setUp(self) -> None:
        parser = ConfigParser()
        parser.read(CONTRIB / "fail2ban" / "filter.d" / "chatroom.conf", encoding="utf-8")
        self.filter = parser["Definition"]

    def addresses(self, line: str) -> list[str]:
        """Whom the filter takes a line to be about. fail2ban cuts the time off first, and leaves what is around it."""
        rest = re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", "", line)
        patterns = self.filter["failregex"].replace("<ADDR>", r"(?P<address>[0-9a-fA-F:.]+)").strip().split("\n")
        return [found["address"] for found in (re.search(pattern, rest) for pattern in patterns) if found]

    def test_every_failure(self) -> None:
        """Each login that failed, by password or by token, is found with its address, as twistd.log has it."""
        for address in ADDRESSES:
            lines = as_written(failed_logins(address))
            self.assertEqual([[address]] * 3, [self.addresses(line) for line in lines], lines)

    def test_json(self) -> None:
        """The log as JSON has the address as well, also in what systemd keeps of it."""
        for address in ADDRESSES:
            for event in failed_logins(address):
                line = as_line(event).rstrip("\n")
                self.assertEqual([address], self.addresses(line))
                self.assertEqual([address], self.addresses(f" myhost twistd[123]: {line}"))

    def test_quoted_json(self) -> None:
        """A line of JSON that only quotes such a line gets nobody banned."""
        (event, *_) = failed_logins("203.0.113.1")
        quoting = {
            "log_format": "{line}",
            "line": as_line(event),
            "log_time": 0.0,
            "log_namespace": "chatroom.server.hub",
        }
        self.assertEqual([], self.addresses(as_line(quoting).rstrip("\n")))

    def test_a_class_that_mistypes(self) -> None:
        """The jail lets many people at one address make mistakes: 30 people, 5 mistakes each."""
        parser = ConfigParser()
        parser.read(CONTRIB / "fail2ban" / "jail.d" / "chatroom.conf", encoding="utf-8")
        self.assertGreater(int(parser["chatroom"]["maxretry"]), 30 * Limits().login_tries)

    def test_journal(self) -> None:
        """What systemd keeps is read as well, where a host and a process stand before the line."""
        (line, *_) = as_written(failed_logins("198.51.100.7"))
        self.assertEqual(["198.51.100.7"], self.addresses(f" myhost twistd[123]: {line}"))

    def test_secrets(self) -> None:
        """Neither the password nor the name that was tried is in the log."""
        text = "\n".join(as_written(failed_logins("198.51.100.7")))
        for secret in ("hunter2", "alice", "nobody"):
            self.assertNotIn(secret, text)

    def test_quoted(self) -> None:
        """A line that only quotes such a line, as a traceback may, gets nobody banned."""
        line = "[chatroom.auth.entrance#info] Failed login from 203.0.113.1"
        for quoting in (
            f"    raise Oops('{line}')",
            f"[chatroom.server.hub#critical] {line}",
            f"x {line}",
            f"{line} or so",
        ):
            self.assertEqual([], self.addresses(quoting))

    def test_right_password(self) -> None:
        """Who logs in is not in the log at all."""
        server = Server()
        server.account("alice", "correct horse battery").disconnects()
        with capturedLogs() as logged:
            server.connection().types("/login alice correct horse battery")
        self.assertEqual([], [event for event in logged if "ogin" in str(event.get("log_format"))])

    def test_fail2ban_itself(self) -> None:
        """Where it is installed, fail2ban finds them as well."""
        if shutil.which("fail2ban-regex") is None:
            raise SkipTest("Not installed here: fail2ban")
        events = [event for address in ADDRESSES for event in failed_logins(address)]
        lines = [*as_written(events), *(as_line(event).rstrip("\n") for event in events)]
        path = self.mktemp()
        with open(path, "w") as file:
            file.write("\n".join([*lines, "2026-01-01T00:00:00+0000 [-] Starting", ""]))
        told = subprocess.run(
            ["fail2ban-regex", path, str(CONTRIB / "fail2ban" / "filter.d" / "chatroom.conf")],
            capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        self.assertIn("13 lines, 0 ignored, 12 matched, 1 missed", told.stdout)


class SystemdTests(SynchronousTestCase):
    """contrib/systemd."""

    def test_command(self) -> None:
        """The unit starts twistd in the foreground, with options that there are."""
        text = (CONTRIB / "systemd" / "chatroom.service").read_text(encoding="utf-8")
        (command,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
        before, after = command.split(" chatroom ")
        self.assertIn("--nodaemon --pidfile=", before)
        names = {name.rstrip("=") for name in Options().longOpt}
        self.assertLessEqual(set(re.findall(r"--([a-z-]+)", after)), names)
        self.assertIn("Type=notify\n", text)

    def test_systemd_itself(self) -> None:
        """Where it is installed, systemd finds nothing wrong with the units but that the program is elsewhere."""
        if shutil.which("systemd-analyze") is None:
            raise SkipTest("Not installed here: systemd")
        units = sorted(str(path) for path in (CONTRIB / "systemd").iterdir())
        told = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *units],
            capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        faults = [line for line in told.stderr.splitlines() if "chatroom" in line and "not executable" not in line]
        self.assertEqual([], faults)


class ContainerTests(SynchronousTestCase):
    """contrib/Containerfile."""

    def test_command(self) -> None:
        """It starts twistd in the foreground, with options that can be parsed."""
        text = (CONTRIB / "Containerfile").read_text(encoding="utf-8")
        words = json.loads(re.findall(r"^ENTRYPOINT (.+)$", text, re.MULTILINE)[0])
        options = Options()
        options.parseOptions(words[words.index("chatroom") + 1 :])
        self.assertEqual("/data", options["data"])
        self.assertIn(options.metrics[0].split(":")[1], text.split("HEALTHCHECK")[1].split("\n")[0])
        self.assertIn("--nodaemon", words)


class GrafanaTests(SynchronousTestCase):
    """contrib/grafana."""

    def test_metrics_exist(self) -> None:
        """Every metric that a panel asks for is one that docs/monitoring.rst explains, which is held to the code."""
        board = dashboard()
        text = (ROOT / "docs" / "monitoring.rst").read_text(encoding="utf-8")
        explained = set(re.findall(r"``(chatroom_\w+)``", text))
        asked = {
            re.sub(r"_(bucket|sum|count)$", "", name)
            for expression in expressions(board)
            for name in re.findall(r"\bchatroom_\w+", expression)
        }
        self.assertGreater(len(asked), 8)
        self.assertEqual(set(), asked - explained)
        of_plugins = {name for name in explained if name.startswith("chatroom_plugin_")}
        self.assertEqual(set(), of_plugins - asked)
        self.assertEqual(6, len(of_plugins))

    def test_panels_lie_beside_each_other(self) -> None:
        """No panel has the number or the place of another one."""
        panels = dashboard()["panels"]
        self.assertEqual(len(panels), len({each["id"] for each in panels}))
        self.assertEqual(len(panels), len({(each["gridPos"]["x"], each["gridPos"]["y"]) for each in panels}))


def dashboard() -> Any:
    """The one of Grafana's."""
    return json.loads((CONTRIB / "grafana" / "chatroom.json").read_text(encoding="utf-8"))


def expressions(made: Any) -> Iterator[str]:
    """Every query anywhere in a dashboard."""
    if isinstance(made, dict):
        for name, value in made.items():
            if name in ("expr", "query") and isinstance(value, str):
                yield value
            yield from expressions(value)
    elif isinstance(made, list):
        for value in made:
            yield from expressions(value)
