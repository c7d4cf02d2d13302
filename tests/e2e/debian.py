"""
A clean Debian with a systemd of its own, to follow a page of the documentation in as root.

debootstrap makes it and systemd-nspawn boots it, so it needs root, both of these, and what they and pip need of the
network. It has its own processes, files and users, but shares the network with this machine: nothing that is followed
in it may listen where somebody does already. L{ported} puts the ports of the pages where the environment's PORT says.

This module knows nothing of what is typed, nor of what has to come of it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.daemon import until
from tests.e2e.readme import copy_of_checkout

PORT = int(os.environ.get("PORT", "64700"))
"""The one that stands for 64700; the others of the pages follow."""

PORTS = {"64700": PORT, "64701": PORT + 1, "9470": PORT + 2, "8080": PORT + 3} if "PORT" in os.environ else {}

NEEDED = "ca-certificates,dbus,netcat-openbsd,procps,python3,systemd-sysv,util-linux"
"""What an ordinary Debian has, and the smallest one not."""

SOURCES = "/root/chatroom"
"""Where the checkout is in it."""

SECONDS = 240
"""What one command may take at most; those that install things take longest."""

BOOTED = ("running", "degraded")
"""What systemd says of itself when it has started all that there is."""


def say(line: str) -> None:
    """To whoever looks on."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def ported(text: str) -> str:
    """The same with other ports, where the environment has a PORT."""
    return re.sub(r"\b(" + "|".join(PORTS) + r")\b", lambda found: str(PORTS[found[0]]), text) if PORTS else text


def make(root: Path, mirror: str) -> None:
    """A Debian as small as there is."""
    say(f"Making a Debian in {root}: a minute or two.")
    target = ["debootstrap", "--variant=minbase", f"--include={NEEDED}", "bookworm", str(root)]
    subprocess.run([*target, mirror] if mirror else target, check=True, stdout=subprocess.DEVNULL)


def furnish(root: Path) -> None:
    """The sources, and how this machine reaches Debian's and Python's packages."""
    sources = root / SOURCES.lstrip("/")
    shutil.rmtree(sources, ignore_errors=True)
    copy_of_checkout(sources)
    for name in ("etc/hosts", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt"):
        if Path("/", name).exists():
            shutil.copy2(Path("/", name), root / name)
    for folder in ("etc/apt/sources.list.d", "etc/apt/apt.conf.d", "usr/share/keyrings"):
        if Path("/", folder).exists():
            shutil.copytree(Path("/", folder), root / folder, dirs_exist_ok=True)


class Debian:
    """
    One that is there, and can be booted once.

    @ivar root: its folder, as this machine sees it.
    """

    def __init__(self, root: Path, bound: Sequence[Path] = ()) -> None:
        """@param bound: folders of this machine that it sees as well."""
        self.root = root
        self._bound = bound
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._first = 0

    def boot(self) -> None:
        """Return when everything in it has started."""
        command = ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--console=pipe", "--resolv-conf=copy-host"]
        if not Path("/run/systemd/system").exists():
            command.append("--keep-unit")  # there is no systemd outside that could give it another
        command += [f"--directory={self.root}", *(f"--bind-ro={folder}" for folder in self._bound)]
        with (self.root.parent / f"{self.root.name}.console").open("wb") as console:
            self._nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        until("a Debian that has booted", self._booted, 120)

    def _booted(self) -> bool:
        assert self._nspawn is not None
        if self._nspawn.poll() is not None:
            raise AssertionError((self.root.parent / f"{self.root.name}.console").read_text(errors="replace"))
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        self._first = int(children[-1]) if children else 0
        return bool(self._first) and self.tries("systemctl is-system-running", folder="/").stdout.strip() in BOOTED

    def types(self, command: str, user: str = "root", folder: str = SOURCES) -> str:
        """
        What is written when somebody types this.

        @raise AssertionError: it failed.
        """
        done = self.tries(command, user, folder)
        if done.returncode:
            raise AssertionError(f"{command}\n{done.stdout}\nStatus {done.returncode}.")
        return done.stdout

    def tries(self, command: str, user: str = "root", folder: str = SOURCES) -> subprocess.CompletedProcess[str]:
        """The same, and it may fail."""
        return subprocess.run(
            self._within(command, user, folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip

    def begins(self, command: str, log: Path, user: str = "root", folder: str = SOURCES) -> subprocess.Popen[bytes]:
        """Something that goes on. What it writes is in C{log}, outside."""
        with log.open("wb") as file:
            return subprocess.Popen(
                self._within(command, user, folder), stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
            )

    def logs(self, text: str, unit: str = "chatroom") -> str:
        """Wait until this stands in the journal of that unit since this boot; all of that."""

        def there() -> str:
            said = self.types(f"journalctl --unit={unit} --boot --no-pager --output=cat", folder="/")
            return said if text in said else ""

        return until(f"{text!r} in the journal", there)

    def _within(self, command: str, user: str, folder: str) -> list[str]:
        """A shell of that user, with what a login would give, and how this machine reaches Python's packages."""
        names = [name for name in os.environ if name.startswith("PIP_") or name.endswith("_proxy")]
        settings = [f"{name}={os.environ[name]}" for name in names]
        home = "/root" if user == "root" else f"/home/{user}"
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        settings += [f"PATH={path}", f"HOME={home}", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"]
        become = [] if user == "root" else ["runuser", "--user", user, "--"]
        enter = ["nsenter", f"--target={self._first}", "--all", "--root", "--wd"]
        return [*enter, "env", "-i", *settings, *become, "bash", "-ec", f"cd {folder}; {command}"]

    def halt(self) -> None:
        """As its power button would."""
        if self._nspawn is None:
            return
        self._nspawn.send_signal(signal.SIGTERM)
        try:
            self._nspawn.wait(60)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()


@contextmanager
def booted(base: Path, bound: Sequence[Path], keep: bool) -> Iterator[Debian]:
    """A copy of a clean one, while it runs. C{keep}: it is there to be looked at afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="chatroom-debian-"))
    debian = Debian(folder / "root", bound)
    try:
        subprocess.run(["cp", "--archive", "--reflink=auto", str(base), str(debian.root)], check=True)
        furnish(debian.root)
        debian.boot()
        yield debian
    finally:
        debian.halt()
        if keep:
            say(f"It is in {debian.root}.")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def main(description: str, follow: Callable[[Debian], int]) -> None:
    """
    The program for one page or more.

    @param follow: does what they say, and tells how many commands that were.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, help="a clean Debian that is there, or where to make one; it stays clean")
    parser.add_argument("--mirror", default="", help="where debootstrap gets it from")
    parser.add_argument("--bind", type=Path, action="append", default=[], help="a folder it sees as well, for pip")
    parser.add_argument("--keep", action="store_true", help="leave the one it was done in to be looked at")
    options = parser.parse_args()
    if os.geteuid() != 0 or not shutil.which("debootstrap") or not shutil.which("systemd-nspawn"):
        say("Skipped: this needs root, debootstrap and systemd-nspawn (in Debian's systemd-container).")
        return
    with tempfile.TemporaryDirectory(prefix="chatroom-debian-") as folder:
        base = options.root or Path(folder, "base")
        if not (base / "etc").exists():
            make(base, options.mirror)
        with booted(base, options.bind, options.keep) as debian:
            say(f"{follow(debian)} commands, and all of it is true.")
