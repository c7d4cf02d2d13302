"""
Every command of docs/install.rst, typed as root on a clean Debian with a real systemd:
C{python -m tests.e2e.install [OPTIONS]}, some minutes. L{tests.e2e.debian} says what it needs; without that, it says so
and ends with status 0.
"""

from __future__ import annotations

from tests.e2e.blocks import blocks, commands
from tests.e2e.debian import PORT, Debian, main, ported, say

PASSWORD = "correct horse battery staple"

EXPECTED = {
    "systemctl is-active chatroom": "active",
    "journalctl -u chatroom": f"Will wait for client messages at port {PORT}",
    "printf 'root2": "Registration successful",
    "healthz": "ok",
    "chatroom-admin role alice": "alice is an admin on this server now",
    "accounts list": "alice",
    "ls -l /var/backups": ".sqlite",
}
"""What the answer to some commands has in it, by how they begin or by a word of theirs."""

LOGGED = {"systemctl reload": "From now on: max-per-address = 100."}
"""What is in the journal after some commands."""


def follow(debian: Debian) -> int:
    """Type them all; how many there were. Stops at the first that fails, or that does not answer as it should."""
    count = 0
    for block in blocks("docs/install.rst"):
        for command in commands(block):
            typed = ported(command.typed)
            say(f"# {typed}")
            # Root types a password where it is asked for; here it is the first line of the input.
            said = debian.types(f"echo '{PASSWORD}' | {typed}" if "accounts create" in typed else typed)
            for part, text in EXPECTED.items():
                if part in typed and text not in said:
                    raise AssertionError(f"{typed}\n{said}\nExpected: {text}")
            for part, text in LOGGED.items():
                if part in typed:
                    debian.logs(text)
            count += 1
    return count


if __name__ == "__main__":
    main("Follow docs/install.rst on a clean Debian.", follow)
