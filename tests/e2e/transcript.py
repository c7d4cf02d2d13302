"""
The transcript in docs/transcript.txt: what three people see in nc and telnet, from a real twistd.

C{python -m tests.e2e.transcript} plays the scene and writes the file; with C{--check} it compares instead, and
fails if the file says anything else than what was seen. Times, tokens and ports are replaced by fixed ones.
"""

from __future__ import annotations

import difflib
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.e2e.daemon import ROOT, Daemon, until
from tests.e2e.people import Person, nc, telnet

WRITTEN = ROOT / "docs" / "transcript.txt"
PORT = "64700"

FIXED = (
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "2026-11-21"),
    (re.compile(r"\b\d\d:\d\d(:\d\d)?\b"), "18:30"),
    (re.compile(r"(?<=/resume )[\w-]{32}"), "THE-TOKEN-THAT-ONLY-CAROL-KNOWS"),
)
"""What differs from run to run, and what is written instead."""

_READ = re.compile(r"\w+ *\| ")
"""A line that somebody reads."""

PASSWORD = "eleven green bottles"


class Scene:
    """
    Writes down who types what and who then reads what. C{alice > hello} was typed, C{bob | <alice> hello} was read.
    """

    def __init__(self, daemon: Daemon, expected: Sequence[str] = ()) -> None:
        """
        @param expected: what will be written, probably. While it is, there is no need to wait whether more comes: that
            would be found where the next thing is typed, or at the end.
        """
        self.daemon = daemon
        self.written: list[str] = []
        self._expected = list(expected)
        self._people: dict[str, Person] = {}
        self._lines_seen: dict[str, int] = {}

    def title(self, text: str) -> None:
        """What happens next, and why."""
        self.written += ["", f"-- {text}", ""]

    def shell(self, command: str, *answers: str) -> None:
        """What the operator types, and reads."""
        self.written += [f"$ {command}", *answers]

    def starts_daemon(self) -> None:
        """In the folder it was in before."""
        self.daemon.start()
        self.shell(f"twistd -n chatroom --port {PORT}", f"... Will wait for client messages at port {PORT}")

    def opens(
        self,
        name: str,
        program: Callable[[str, int], Person],
        *reads: str,
        daemon: Daemon | None = None,
        port: str = PORT,
    ) -> None:
        """
        Somebody starts nc or telnet in a terminal.

        @param daemon: where, if there are several. @param port: what stands in the place of its port.
        """
        command = f"$ {program.__name__} localhost {port}"
        self._people[name] = program(name, (daemon or self.daemon).port)
        self._lines_seen[name] = 0
        self.written.append(f"{name:<5} > {command}")
        self.all_read({name: reads})

    def types(self, name: str, line: str, shown: bool = True, **reads: str | tuple[str, ...]) -> None:
        """
        Somebody types a line, and these people read these texts.

        @param shown: whether the terminal shows what is typed.
        """
        before = len(self._people[name].raw)
        self.written.append(f"{name:<5} > {line if shown else '(typed, and not shown)'}")
        self._people[name].types(line)
        self.all_read(reads, (name, line if shown else None))
        visible = line in self._people[name].raw[before:]
        assert visible == shown, f"{line!r} is {'' if visible else 'not '}on {name}'s screen"

    def all_read(self, reads: Mapping[str, str | tuple[str, ...]], typed: tuple[str, str | None] = ("", None)) -> None:
        """
        Wait for these texts, and for whatever else comes, and write down what each has read.

        @param typed: by whom something was typed that the terminal shows, and what.
        """
        for name, texts in reads.items():
            for text in (texts,) if isinstance(texts, str) else texts:
                self._people[name].reads(text)
        if not self._as_expected(typed):
            for person in self._people.values():
                person.settle()
        self.written += self._unwritten(typed)
        for name, person in self._people.items():
            self._lines_seen[name] = len(person.screen())

    def _unwritten(self, typed: tuple[str, str | None] = ("", None)) -> list[str]:
        """What stands on the screens, and was not written down yet."""
        found = []
        for name, person in self._people.items():
            lines = person.screen()[self._lines_seen[name] :]
            if typed[0] == name and typed[1] in lines:
                lines.remove(typed[1])
            found += [f"{name:<5} | {fixed(line)}".rstrip() for line in lines if line]
        return found

    def _as_expected(self, typed: tuple[str, str | None]) -> bool:
        """Wait until all have read what they are expected to; whether they have. Once they have not, expect no more."""

        def read() -> bool:
            for person in self._people.values():
                person.settle(0)
            now = [*self.written, *self._unwritten(typed)]
            following = self._expected[len(now) : len(now) + 1]
            return now == self._expected[: len(now)] and not (following and _READ.match(following[0]))

        try:
            return bool(self._expected) and until("what is expected", read)
        except AssertionError:
            self._expected.clear()
            return False

    def leaves(self, *names: str) -> None:
        """These have been disconnected, and what they read until then that nobody expected is written down as well."""
        for name in names:
            self._people[name].is_disconnected()
        self.written += self._unwritten()
        for name in names:
            del self._people[name]

    def close(self) -> None:
        """Nobody and nothing is left running."""
        for person in self._people.values():
            person.closes()
        self.daemon.close()


def fixed(line: str) -> str:
    """The line with everything in it that differs from run to run replaced."""
    for pattern, instead in FIXED:
        line = pattern.sub(instead, line)
    return line


def play(scene: Scene) -> None:
    """The scene, from the first start to the last stop."""
    meeting(scene)
    rooms(scene)
    account(scene)
    crash(scene)


def meeting(scene: Scene) -> None:
    """Registering, a name that is taken, talk, whispers."""
    scene.title("The operator starts the server.")
    scene.starts_daemon()
    scene.title("Alice joins with nc, and chooses a nickname.")
    scene.opens("alice", nc)
    scene.types("alice", "alice", alice="Registration successful")
    scene.title("Bob types the same nickname. It is taken, in any letter case, so he chooses another.")
    scene.opens("bob", nc)
    scene.types("bob", "Alice", bob="already taken")
    scene.types("bob", "bob", bob="Registration successful", alice="bob")
    scene.title("They talk. Carol joins with telnet, and sees the messages so far.")
    scene.types("alice", "hello bob", bob="<alice> hello bob")
    scene.types("bob", "hello alice! who else is here?", alice="<bob> hello")
    scene.opens("carol", telnet)
    scene.types("carol", "carol", carol=("Registration successful", "who else is here?"), alice="carol")
    scene.types("carol", "me :-)", alice="<carol> me", bob="<carol> me")
    scene.title("Alice whispers. Only bob reads it.")
    scene.types("alice", "@bob it is her birthday", bob="[alice whispers]", alice="bob")


def rooms(scene: Scene) -> None:
    """A room of one's own."""
    scene.title("Bob creates a room, and Alice joins it. Carol sees nothing of it.")
    scene.types("bob", "/create party", bob="party")
    scene.types("bob", "/topic carol's surprise", bob="surprise")
    scene.types("alice", "/join party", alice="You are in party", bob="alice")
    scene.types("alice", "I bring a cake", bob="I bring a cake")
    scene.title("Messages from another room begin with its name.")
    scene.types("carol", "is anybody still here?", bob="still here", alice="still here")
    scene.types("alice", "/look lobby", alice="lobby")
    scene.types("alice", "just thinking", carol="<alice> just thinking", bob="just thinking")


def account(scene: Scene) -> None:
    """A nickname that stays one's own, and an inbox that fills while its owner is away."""
    scene.title("Carol makes her nickname an account. Her telnet does not show the password.")
    scene.types("carol", "/signup", carol="assword")
    scene.types("carol", PASSWORD, shown=False, carol="Repeat the password")
    scene.types("carol", PASSWORD, shown=False, carol="/resume")
    scene.title("She leaves. Nobody else can be carol now.")
    scene.types("carol", "QUIT", alice="carol", bob="carol")
    scene.leaves("carol")
    scene.title("A whisper to a person who is offline waits in the inbox.")
    scene.types("alice", "@carol happy birthday, come to the party room!", alice="inbox")


def crash(scene: Scene) -> None:
    """kill -9, and everything is still there."""
    scene.title("The server is killed, without a chance to save anything, and started again.")
    scene.shell("kill -9 $(pgrep -f 'twistd -n chatroom')")
    scene.daemon.kill()
    scene.leaves("alice", "bob")
    scene.starts_daemon()
    scene.title("Carol comes back. History and inbox are as they were.")
    scene.opens("carol", telnet)
    scene.types("carol", "carol", carol="assword")
    scene.types("carol", PASSWORD, shown=False, carol=("Logged in as carol", "whisper waits"))
    scene.types("carol", "/inbox", carol="happy birthday")
    scene.types("carol", "/history", carol="just thinking")
    scene.title("The operator stops the server.")
    scene.shell("kill $(pgrep -f 'twistd -n chatroom')")
    assert scene.daemon.stop() == 0
    scene.all_read({"carol": "clos"})
    scene.leaves("carol")


def transcript(expected: str = "") -> str:
    """Play the scene with a new daemon, and give what was written down: the same as expected, or not."""
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Daemon(Path(folder)), ["", *expected.splitlines()] if expected else ())
        try:
            play(scene)
        finally:
            scene.close()
    return "\n".join(scene.written).strip() + "\n"


def written() -> str:
    """What is in the file."""
    return WRITTEN.read_text(encoding="utf-8") if WRITTEN.exists() else ""


def difference(seen: str) -> str:
    """What the file says otherwise, as a diff; nothing, if it says the same."""
    before = written().splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, seen.splitlines(keepends=True), "docs/transcript.txt", "seen now"))


def main() -> None:
    """See above."""
    seen = transcript(written())
    if "--check" in sys.argv:
        sys.exit(difference(seen) or 0)
    WRITTEN.write_text(seen, encoding="utf-8")


if __name__ == "__main__":
    main()
