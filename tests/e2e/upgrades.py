"""
A real daemon that is upgraded while it runs, its code in a folder of its own, and people with nc who talk meanwhile.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

from twisted.trial.unittest import SynchronousTestCase

from tests.e2e.daemon import PATIENCE, ROOT, Daemon, environment, until
from tests.e2e.people import Peer

BEING_WRITTEN = shutil.ignore_patterns("*.pyc.*", "*.new")
"""Files that another Python may rename while we copy: what it has just compiled, and Twisted's list of plugins."""

SPOKEN = re.compile(rb"<(\w+)> (\w+) says line (\d+) (x*)")


class UpgradableDaemon(Daemon):
    """
    A daemon whose code is a copy, in C{code}, which can be changed. What Python has compiled is copied as well: each
    start would compile all of it, which takes longer than the rest of a start. It compiles anew what was changed.

    @ivar code: the folder that holds the packages.
    """

    def __init__(self, folder: Path, *options: str, port: int | None = None) -> None:
        super().__init__(folder, *options, port=port)
        self.code = folder / "code"
        for name in ("chatroom", "twisted"):
            shutil.copytree(ROOT / name, self.code / name, ignore=BEING_WRITTEN)

    def environment(self) -> dict[str, str]:
        """As for any, but with its own code."""
        return {**environment(), "PYTHONPATH": str(self.code), "PYTHONDONTWRITEBYTECODE": "1"}

    def changes(self, path: str, old: str, new: str) -> Callable[[], None]:
        """Change its code. @return: puts it back."""
        file = self.code / path
        text = file.read_text()
        assert old in text, f"{path} does not say {old}"
        file.write_text(text.replace(old, new, 1))

        def put_back() -> None:
            file.write_text(text)

        return put_back

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "chatroom-data"

    @property
    def runs_as(self) -> int:
        """The number of the process that has the database now."""
        return int((self.data / "chatroom.sqlite.lock").read_text())

    def admin(self, *words: str) -> tuple[int, str]:
        """C{chatroom-admin}: its status, and all that it says."""
        done = self.asks_admin(*words)
        said, _ = done.communicate(timeout=2 * PATIENCE)
        return done.returncode, said

    def asks_admin(self, *words: str) -> subprocess.Popen[str]:
        """The same, not waited for."""
        return subprocess.Popen(
            [sys.executable, "-c", "import sys; from chatroom.admin.main import main; sys.exit(main())", *words],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def upgrades(self) -> str:
        """Upgrade it, and wait until the old process has ended as it should; what chatroom-admin says."""
        old = self.runs_as
        status, said = self.admin("upgrade", str(self.data))
        assert status == 0, f"{said}\n{self.log}"
        assert self.runs_as != old
        self.old_process_has_ended(old)
        return said

    def old_process_has_ended(self, pid: int) -> None:
        """With status 0, where it is ours to know."""
        if self._process is not None and self._process.pid == pid:
            status = self._process.wait(PATIENCE)
            assert status == 0, f"{status}\n{self.log}"
        until(f"the end of process {pid}", lambda: not is_alive(pid))

    def ends(self) -> int:
        """Wait for the end of the first process; its exit status."""
        assert self._process is not None
        return self._process.wait(PATIENCE)

    def children(self) -> list[int]:
        """Of the first process."""
        return [int(each) for each in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def logs_anyway(self, text: str) -> None:
        """Wait until this stands in its log, whichever process writes it."""
        until(f"{text!r} in the log", lambda: text in self.log)

    def close(self) -> None:
        """Whichever process it is now."""
        with suppress(OSError, ValueError):
            os.kill(self.runs_as, signal.SIGKILL)
        super().close()


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and not only what is left of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class UpgradeCase(SynchronousTestCase):
    """
    A daemon that can be upgraded.

    @ivar folder: where it runs.
    """

    OPTIONS: tuple[str, ...] = ()

    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.daemon = UpgradableDaemon(self.folder, *self.OPTIONS)
        self.addCleanup(self.daemon.close)

    def guest(self, nick: str) -> Peer:
        """Somebody who is in, and has read what there was to read."""
        peer = Peer(self.daemon.port)
        self.addCleanup(peer.close)
        peer.sends(f"{nick}\n".encode())
        peer.reads_next(b"Registration successful")
        return peer

    def program(self, nick: str) -> Peer:
        """One that speaks JSON, and is in."""
        peer = Peer(self.daemon.port)
        self.addCleanup(peer.close)
        self.asks(peer, "hello", nick=nick)
        return peer

    def asks(self, peer: Peer, word: str, **arguments: str) -> dict[str, object]:
        """What it is answered."""
        peer.sends(json.dumps({"id": "asked", "do": word, **arguments}).encode() + b"\n")
        while True:
            made: dict[str, object] = json.loads(peer.reads_line())
            if made.get("id") == "asked":
                self.assertTrue(made["ok"], made)
                return made


class Talker:
    """
    Somebody with a real C{nc}.

    @ivar said: how many lines. @ivar read: everything that came.
    """

    def __init__(self, nick: str, port: int, dice: Random) -> None:
        self.nick = nick
        self.said = 0
        self.read = b""
        self._dice = dice
        self._rest = b""
        self.process = subprocess.Popen(
            ["nc", "127.0.0.1", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def types(self, data: bytes) -> None:
        """Bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    def talks(self) -> None:
        """The rest of the line begun, and the beginning of the next one, in bytes that do not go by lines."""
        line = f"{self.nick} says line {self.said} {'x' * self._dice.randrange(60)}\n".encode()
        self.said += 1
        cut = self._dice.randrange(len(line))
        self.types(self._rest + line[:cut])
        self._rest = line[cut:]

    def ends_line(self) -> None:
        """Nothing is half typed."""
        self.types(self._rest)
        self._rest = b""

    def reads(self) -> None:
        """What has come."""
        assert self.process.stdout is not None
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        assert data, f"{self.nick} was disconnected, and has read {self.read[-2000:]!r}"
        self.read += data

    def lines(self) -> list[bytes]:
        """Those that are whole."""
        return self.read.split(b"\n")[:-1]

    def heard(self) -> list[tuple[bytes, int]]:
        """Who said which line, in the order in which it was read."""
        found = [SPOKEN.fullmatch(line) for line in self.lines()]
        return [(each[1], int(each[3])) for each in found if each is not None]

    def close(self) -> None:
        """Away with it."""
        self.process.kill()
        self.process.communicate()


class Company:
    """Talkers, looked after by one loop."""

    def __init__(self, port: int, people: int, dice: Random) -> None:
        self.talkers = [Talker(f"nc{number}", port, dice) for number in range(people)]
        self._selector = selectors.DefaultSelector()
        for each in self.talkers:
            self._selector.register(each.process.stdout, selectors.EVENT_READ, each)  # type: ignore[arg-type]

    def come_in(self) -> None:
        """Each with a nickname."""
        for each in self.talkers:
            each.types(f"{each.nick}\n".encode())
        self.wait(lambda: all(b"Registration successful" in each.read for each in self.talkers), "all to be in")
        self.pause(0.3)
        for each in self.talkers:
            each.read = b""

    def pause(self, seconds: float) -> None:
        """Read what comes, for so long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                key.data.reads()

    def wait(self, happens: Callable[[], bool], what: str, seconds: float = 2 * PATIENCE) -> None:
        """Read what comes, until that is so."""
        deadline = time.monotonic() + seconds
        while not happens():
            if time.monotonic() > deadline:
                raise AssertionError(f"Waited {seconds:.0f} seconds for {what}.")
            self.pause(0.02)

    def talk_while(self, goes_on: Callable[[], bool], interval: float) -> None:
        """Each says a line in each interval, as long as that is so."""
        while goes_on():
            for each in self.talkers:
                each.talks()
            self.pause(interval)

    def fall_silent(self) -> None:
        """All end their lines, and read what the others have said."""
        for each in self.talkers:
            each.ends_line()
        everything = sum(each.said for each in self.talkers)
        self.wait(
            lambda: all(len(each.heard()) >= everything - each.said for each in self.talkers), "everything to be read"
        )
        self.pause(0.5)

    def close(self) -> None:
        """All are gone."""
        self._selector.close()
        for each in self.talkers:
            each.close()
