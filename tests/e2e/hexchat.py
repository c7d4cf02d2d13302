"""
HexChat in an X server of its own, with a person who types in it, for pictures.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import which
from time import sleep

from tests.e2e.daemon import until
from tests.e2e.people import HOST

SIZE = (1100, 560)

SETTINGS = """version = 2.16.1
irc_nick1 = {nick}
irc_user_name = {nick}
irc_real_name = {real}
gui_slist_skip = 1
gui_join_dialog = 0
gui_win_width = {width}
gui_win_height = {height}
text_font = Monospace 9
text_font_main = Monospace 9
"""


def can_run() -> bool:
    """Whether HexChat is here, an X server without a screen, and what types and takes pictures in it."""
    return all(which(name) for name in ("hexchat", "Xvfb", "xdotool", "import"))


class HexChat:
    """Somebody with HexChat, connected to a server at this machine's port."""

    def __init__(self, home: Path, nick: str, port: int) -> None:
        width, height = SIZE
        home.mkdir()
        settings = SETTINGS.format(nick=nick, real=nick.title(), width=width, height=height)
        (home / "hexchat.conf").write_text(settings, encoding="utf-8")
        read, write = os.pipe()
        screen = f"{width}x{height}x24"
        self._x = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp"],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with open(read, encoding="ascii") as told:
            self._environment = {**os.environ, "DISPLAY": f":{told.readline().strip()}"}
        self._client = subprocess.Popen(
            ["hexchat", "--cfgdir", str(home), f"irc://{HOST}:{port}/"],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until("HexChat is in the lobby", self._is_in_the_lobby)
        sleep(2)

    def _does(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["xdotool", *words], env=self._environment, capture_output=True, check=False)

    def _is_in_the_lobby(self) -> bool:
        if os.geteuid() == 0:  # a window warns of that, until one agrees
            self._does("key", "Return")
        return self._does("search", "--onlyvisible", "--name", "#lobby").stdout != b""

    def types(self, line: str) -> None:
        """A line, and the return key, in the room that is shown."""
        width, height = SIZE
        self._does("mousemove", str(width // 2), str(height - 12), "click", "1", "type", line)
        self._does("key", "Return")

    def screenshot(self, path: Path) -> None:
        """Keep a picture of its window."""
        subprocess.run(["import", "-window", "root", str(path)], env=self._environment, check=True)

    def close(self) -> None:
        """It is gone, and the X server as well."""
        for process in (self._client, self._x):
            process.terminate()
            process.wait()
