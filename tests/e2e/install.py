"""
Every command of docs/install.rst, typed as root on a clean Debian: C{python -m tests.e2e.install [OPTIONS]}.

The clean Debian is made by debootstrap and entered by chroot, so it needs root, debootstrap and what they and pip need
of the network; some minutes. There is no systemd in it: a stand-in for C{systemctl} and C{journalctl} does what the
units say, as their users and in their folders, and leaves their sandboxes to tests/test_contrib.py, which asks systemd.
Nothing but chroot parts it from this machine: it listens at the ports of the page, or at the environment's PORT and the
next one.

Whoever wants to look at it afterwards, or has one already, says C{--root FOLDER}. Without root or debootstrap it says
so, and ends with status 0.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.daemon import ROOT

PAGE = ROOT / "docs" / "install.rst"

PORT = int(os.environ.get("PORT", "64700"))

NEEDED = "ca-certificates,netcat-openbsd,procps,python3,util-linux"
"""What an ordinary Debian has, and the smallest one not."""

EXPECTED = {
    "systemctl is-active chatroom": "active",
    "journalctl -u chatroom": f"Will wait for client messages at port {PORT}",
    "printf 'root2": "Registration successful",
    "healthz": "ok",
    "chatroom-admin role alice": "alice is an admin in this house now",
    "accounts list": "alice",
    "ls -l /var/backups": ".sqlite",
    "systemctl reload": "From now on: max-per-address = 100.",
}
"""What the answer to some commands has in it, by how they begin or by a word of theirs."""

SYSTEMCTL = r"""#!/bin/bash
# A stand-in: the unit's own commands, as its user, in its folder.
set -e
unit() { local name=${1%.service}; echo "/etc/systemd/system/$name.service"; }
values() { sed -n "s/^$2=//p" "$(unit "$1")" | sed 's/%%/%/g'; }
pid() { cat "/run/$1.pid" 2>/dev/null; }
begin() {
    local name=${1%.service} user folder log=/var/log/$1.log
    [[ $name == *.timer || ! -e $(unit "$name") ]] && return
    user=$(values "$name" User) folder=$(values "$name" WorkingDirectory)
    if [ "$(values "$name" Type)" = oneshot ]; then
        { values "$name" ExecStart; values "$name" ExecStartPost; } | while read -r line; do
            runuser -u "$user" -- /bin/sh -c "umask $(values "$name" UMask); $line"
        done
        return
    fi
    : >"$log"
    (cd "${folder:-/}" && exec setsid runuser -u "$user" -- /bin/sh -c "umask $(values "$name" UMask)
        exec $(values "$name" ExecStart)" >"$log" 2>&1 </dev/null & echo $! >"/run/$name.wrapper")
    for _ in $(seq 100); do
        grep -q "Will wait for client messages" "$log" && break
        sleep 0.2
    done
    grep -q "Will wait for client messages" "$log" || { cat "$log"; exit 1; }
    pgrep -u "$user" -f nodaemon | head -n 1 >"/run/$name.pid"
}
end() {
    local name=${1%.service}
    [ -n "$(pid "$name")" ] || return 0
    kill "$(pid "$name")"
    for _ in $(seq 100); do kill -0 "$(pid "$name")" 2>/dev/null || break; sleep 0.2; done
    rm -f "/run/$name.pid"
}
word=$1; shift
for name in "$@"; do case "$word $name" in
    *" --now") now=yes ;;
    "enable "*|"start "*) begin "$name" ;;
    "disable "*|"stop "*) end "$name" ;;
    "restart "*) end "$name"; begin "$name" ;;
    "is-active "*) [ -n "$(pid "$name")" ] && kill -0 "$(pid "$name")" && echo active ;;
    "reload "*) kill -HUP "$(pid "$name")"; sleep 1; cat "/var/log/$name.log" ;;
esac; done
"""

JOURNALCTL = """#!/bin/bash
cat "/var/log/$2.log"
"""


def commands() -> Iterator[str]:
    """Those of all console blocks of the page."""
    for block in re.findall(r"^\.\. code-block:: console\n\n((?:    .*\n|\n)+)", PAGE.read_text(), re.MULTILINE):
        for command in re.findall(r"^# (.+)$", textwrap.dedent(block), re.MULTILINE):
            yield command.replace("64700", str(PORT)).replace("9470", str(PORT + 1) if "PORT" in os.environ else "9470")


def say(line: str) -> None:
    """To whoever looks on."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def make(root: Path, mirror: str) -> None:
    """A Debian as small as there is."""
    target = ["debootstrap", "--variant=minbase", f"--include={NEEDED}", "bookworm", str(root)]
    subprocess.run([*target, mirror] if mirror else target, check=True, stdout=subprocess.DEVNULL)


def furnish(root: Path) -> None:
    """The sources, what stands for systemd, and how this machine reaches Debian's and Python's packages."""
    sources = root / "root" / "chatroom"
    shutil.rmtree(sources, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    for name in filter(None, listed.decode().split("\0")):
        (sources / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, sources / name)
    for name, text in (("systemctl", SYSTEMCTL), ("journalctl", JOURNALCTL)):
        path = root / "usr" / "local" / "sbin" / name
        path.write_text(text)
        path.chmod(0o755)
    for name in ("etc/resolv.conf", "etc/hosts", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt"):
        if Path("/", name).exists():
            shutil.copy2(Path("/", name), root / name)
    for folder in ("etc/apt/sources.list.d", "etc/apt/apt.conf.d", "usr/share/keyrings"):
        if Path("/", folder).exists():
            shutil.copytree(Path("/", folder), root / folder, dirs_exist_ok=True)


def follow(root: Path) -> int:
    """Type them all; how many there were. Stops at the first that fails, or that does not answer as it should."""
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "http"))}
    environment |= {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    count = 0
    for command in commands():
        say(f"# {command}")
        ran = subprocess.run(
            ["chroot", str(root), "/bin/bash", "-ec", f"cd /root/chatroom; {command}"],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=600, check=False,
        )  # fmt: skip
        wanted = [text for beginning, text in EXPECTED.items() if beginning in command]
        if ran.returncode or any(text not in ran.stdout for text in wanted):
            sys.exit(f"{ran.stdout}\nStatus {ran.returncode}. Expected: {wanted}")
        count += 1
    return count


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Follow docs/install.rst on a clean Debian.")
    parser.add_argument("--root", type=Path, help="a clean Debian that is there already, or where to make one")
    parser.add_argument("--mirror", default="", help="where debootstrap gets it from")
    parser.add_argument("--bind", type=Path, action="append", default=[], help="a folder it sees as well, for pip")
    options = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        say("Skipped: this needs root, and debootstrap.")
        return
    root = options.root or Path(tempfile.mkdtemp(prefix="chatroom-install-"))
    mounts = [("proc", root / "proc"), ("devtmpfs", root / "dev")]
    bound = [(folder, root / folder.relative_to("/")) for folder in options.bind]
    try:
        if not (root / "etc").exists():
            make(root, options.mirror)
        furnish(root)
        for kind, where in mounts:
            subprocess.run(["mount", "-t", kind, kind, str(where)], check=True)
        for folder, where in bound:
            where.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "--bind", str(folder), str(where)], check=True)
        say(f"{follow(root)} commands, and all of it is true.")
    finally:
        subprocess.run(["chroot", str(root), "/usr/local/sbin/systemctl", "stop", "chatroom"], check=False)
        for _, where in [*bound, *mounts]:
            subprocess.run(["umount", "--lazy", str(where)], check=False, stderr=subprocess.DEVNULL)
        if options.root is None:
            shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
