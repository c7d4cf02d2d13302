"""
Somebody at a clean Debian with pages of the documentation before them, who types what is there and looks whether it is
true. This module knows blocks, shells and connections, and no page; L{tests.e2e.operations} knows those.
"""

from __future__ import annotations

import inspect
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.e2e.blocks import Block, blocks, commands, pattern
from tests.e2e.daemon import PATIENCE, until
from tests.e2e.debian import PORT, Debian, ported, say
from tests.e2e.people import Peer

BIN = "/opt/chatroom/bin"

READY = f"Will wait for client messages at port {PORT}"

PASSWORD = "correct horse battery staple"


class Running(NamedTuple):
    """A program that goes on."""

    process: subprocess.Popen[bytes]
    log: Path

    def says(self, text: str) -> None:
        """Wait until this stands in what it has written."""

        def there() -> bool:
            if text in self.log.read_text(errors="replace"):
                return True
            if self.process.poll() is not None:
                raise AssertionError(f"It ended with {self.process.returncode}:\n{self.log.read_text()}")
            return False

        until(f"{text!r} from a program that runs", there)


class Operator:
    """
    @ivar debian: where.
    @ivar user: whoever C{$} is the prompt of; their home is the folder C{folder}.
    @ivar count: how many commands of the pages have been typed.
    """

    def __init__(self, debian: Debian) -> None:
        self.debian = debian
        self.user = self.folder = ""
        self.count = 0
        self._running: list[Running] = []

    def becomes(self, user: str, folder: str) -> None:
        """From now on C{$} is this user's prompt, in this folder."""
        self.user, self.folder = user, folder

    def follows(self, block: Block) -> str:
        """
        Type each command of a block, and compare what it answers with what the page shows, in which a number may be
        another. What was written.

        @raise AssertionError: it failed, or answered something else.
        """
        said = ""
        for command in commands(block):
            self.count += 1
            said = self.types(command.typed) if command.root else self.user_types(command.typed)
            for answer in command.answers:
                if re.search(any_numbers(ported(answer)), said) is None:
                    raise AssertionError(f"{block}\n{command.typed}\n{said}\nExpected: {answer}")
        return said

    def types(self, command: str) -> str:
        """As root, in the sources."""
        say(f"# {ported(command)}")
        return self.debian.types(ported(command))

    def user_types(self, command: str) -> str:
        """As the user of C{$}."""
        say(f"{self.user}$ {ported(command)}")
        return self.debian.types(self._with_path(command), self.user, self.folder)

    def is_refused(self, command: str) -> str:
        """The user of C{$} types something that has to end with status 1; what it says."""
        say(f"{self.user}$ {ported(command)}   (refused)")
        done = self.debian.tries(self._with_path(command), self.user, self.folder)
        self.expects(done.returncode == 1, f"{command} ended with {done.returncode}: {done.stdout}")
        return done.stdout

    def starts(self, block: Block) -> Running:
        """Type the one command of a block, which goes on until L{ends} or the end of all."""
        (command,) = commands(block)
        self.count += 1
        return self.begins(command.typed)

    def begins(self, command: str) -> Running:
        """Something of the user of C{$} that goes on."""
        say(f"{self.user}$ {ported(command)}")
        log = self.debian.root.parent / f"running-{len(self._running)}.log"
        process = self.debian.begins("exec " + self._with_path(command, ""), log, self.user, self.folder)
        self._running.append(Running(process, log))
        return self._running[-1]

    def ends(self, running: Running, how: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal, and wait for its end; its exit status, as a shell gives it."""
        # What was begun from here is nsenter, whose grandchild is the program itself, in processes of its own.
        subprocess.run(["kill", f"-{how.value}", str(innermost(running.process.pid))], check=True)
        return running.process.wait(PATIENCE)

    def writes(self, path: str, text: str) -> None:
        """A file."""
        say(f"({path})")
        file = self.debian.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(ported(text))

    def reads(self, path: str) -> str:
        """A file."""
        return (self.debian.root / path.lstrip("/")).read_text()

    def expects(self, true: bool, otherwise: str) -> None:
        """@raise AssertionError: it is not."""
        if not true:
            raise AssertionError(otherwise)

    def comes(self, name: str, port: int = PORT) -> Peer:
        """Somebody who has come in."""
        peer = Peer(port)
        peer.sends(name.encode() + b"\n")
        peer.reads(b"Registration successful")
        return peer

    def fetches(self, address: str, file: str) -> None:
        """Put what a daemon answers by HTTP into a file."""
        self.types(f"{BIN}/python -c \"from urllib.request import urlretrieve as get; get('{address}', '{file}')\"")

    def main_process(self) -> int:
        """What systemd takes for the daemon."""
        return int(self.debian.types("systemctl show --property=MainPID --value chatroom"))

    def _with_path(self, command: str, separator: str = "; ") -> str:
        path = f"PATH={BIN}:$PATH"
        return f"export {path}{separator}{ported(command)}" if separator else f"env {path} {ported(command)}"

    def goes(self) -> None:
        """End what still runs."""
        for running in self._running:
            if running.process.poll() is None:
                running.process.kill()
                running.process.wait()


def innermost(pid: int) -> int:
    """The only descendant of a process that has no child of its own."""
    while children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        pid = int(children[0])
    return pid


def any_numbers(line: str) -> str:
    """A regular expression for this line in which every number may be another."""
    return re.sub(r"\d[\d,.]*\d|\d", r"[\\d,.]+", pattern(line).replace("\\.", ".").replace("\\-", "-"))


Follow = Callable[..., None]
"""Takes an L{Operator} and each block of one section, in order."""


class Pages:
    """What is done with each section that has blocks, in the order in which it is done."""

    def __init__(self) -> None:
        self._followed: dict[tuple[str, str], Follow] = {}

    def section(self, page: str, title: str) -> Callable[[Follow], Follow]:
        """Says of a function which section it follows."""

        def keep(follow: Follow) -> Follow:
            self._followed[page, title] = follow
            return follow

        return keep

    def shown(self) -> dict[tuple[str, str], list[Block]]:
        """The blocks of all sections that have any, of the pages that are followed."""
        made: dict[tuple[str, str], list[Block]] = {}
        for page in dict.fromkeys(page for page, _ in self._followed):
            for block in blocks(page):
                made.setdefault((page, block.section), []).append(block)
        return made

    def numbers(self) -> dict[tuple[str, str], int]:
        """How many blocks each function expects."""
        return {key: len(inspect.signature(follow).parameters) - 1 for key, follow in self._followed.items()}

    def follow(self, debian: Debian) -> int:
        """All of them; how many commands there were."""
        operator, shown = Operator(debian), self.shown()
        try:
            for key, follow in self._followed.items():
                say(f"\n== {', '.join(key)}")
                follow(operator, *shown.pop(key))
        finally:
            operator.goes()
        return operator.count
