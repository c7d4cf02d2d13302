"""
The disk of a real twistd is full, or refuses to be written: what people are told, and what is there afterwards.
"""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from tests.e2e.daemon import Daemon, run, until
from tests.e2e.inspection import Inspector, signed_up
from tests.e2e.people import Peer

PASSWORD = "correct horse battery"

MOST = 2000
"""Lines of talk that fit on a full disk at the most: where something was deleted, there is room for some."""

LINE = "x" * 1500


class OutageTests:
    """What every kind of outage is like. C{breaks} begins it, C{mends} ends it."""

    sentence = b"! The server cannot write to its disk, so this was not saved or delivered."

    def setUp(self) -> None:
        """Alice, bob and a robot talk; carol has an account, and is away."""
        self.folder = Path(self.mktemp()).absolute()  # type: ignore[attr-defined]
        self.folder.mkdir(parents=True)
        self.prepare()
        self.daemon = Daemon(self.folder, "--talk-rate", "off", "--argon2-memory", "8", "--argon2-parallelism", "1")
        self.addCleanup(self.daemon.close)  # type: ignore[attr-defined]
        self.daemon.start()
        self.carol = signed_up(self.daemon.port, "carol", PASSWORD)
        self.alice, self.bob = self.peer("alice"), self.peer("bob")
        self.robot = Inspector(self.daemon.port)
        self.robot.gets("hello", nick="robot")
        self.told: dict[int, str] = {}
        self.says("before")

    def prepare(self) -> None:
        """Before anything is started."""

    def breaks(self) -> None:
        """From now on nothing can be written."""
        raise NotImplementedError

    def mends(self) -> None:
        """It can again."""
        raise NotImplementedError

    def peer(self, nick: str) -> Peer:
        """Somebody in the lobby."""
        peer = Peer(self.daemon.port)
        self.addCleanup(peer.close)  # type: ignore[attr-defined]
        peer.sends(f"{nick}\n".encode())
        peer.reads_next(b"Registration successful")
        return peer

    def says(self, text: str) -> bool:
        """Whether what the robot says is kept; then it has to stand in history."""
        answer = self.robot.asks("say", text=text)
        if answer["ok"]:
            self.told[answer["seq"]] = text
        else:
            assert answer["error"] == "not-kept", answer
        ok: bool = answer["ok"]
        return ok

    def history(self) -> dict[int, Any]:
        """All that has happened in the lobby, by number."""
        with Inspector(self.daemon.port) as reader:
            reader.gets("hello", nick="reader")
            events: dict[int, Any] = {}
            more = True
            while more:
                page = reader.gets("history", room="lobby", since=len(events), talk=False)
                events.update((event["seq"], event) for event in page["events"])
                more = page["more"]
            return events

    def assert_kept(self) -> None:
        """What was told is in history, once; nothing else that anybody said is; and there are no holes."""
        events = self.history()
        assert list(events) == list(range(1, len(events) + 1)), list(events)
        said = {seq: event["text"] for seq, event in events.items() if event["event"] == "said"}
        assert said == self.told, (said, self.told)

    def test_outage(self) -> None:
        """People are told in one line, stay, and read on; afterwards they talk on, and who went meanwhile is gone."""
        self.breaks()
        count = next(number for number in range(MOST) if not self.says(f"{number} {LINE}"))
        self.alice.sends(b"hello\n")
        self.alice.reads_next(self.sentence)
        self.alice.sends(b"/history\n/who\n@bob psst\n")
        for line in (b"<robot> before", b"bob", b"Whispered to bob."):
            self.alice.reads(line)
        self.bob.reads_next(b"[alice whispers] psst")
        assert self.robot.asks("whisper", to="carol", text="psst")["error"] == "not-kept"
        dora = Peer(self.daemon.port)
        self.addCleanup(dora.close)  # type: ignore[attr-defined]
        dora.sends(b"dora\n")
        dora.reads_next(self.sentence)
        self.bob.close()
        assert self.says(f"{count} {LINE}") is False

        self.mends()
        until("talk to go on", lambda: self.says("after"))
        self.alice.reads_next(b"-- bob left the chat")
        dora.sends(b"dora\n")
        dora.reads_next(b"Registration successful")
        self.peer("bob")
        assert self.robot.gets("whisper", to="carol", text="psst again")["delivered"] is False
        self.assert_kept()
        self.daemon.logs("The database works again.")
        assert "Traceback" not in self.daemon.log, self.daemon.log
        self.daemon.kill()
        self.daemon.start()
        self.assert_kept()
        with Inspector(self.daemon.port) as carol:
            carol.gets("hello", token=self.carol)
            assert [mail["text"] for mail in carol.gets("inbox")["whispers"]] == ["psst again"]


class UnwritableTests(OutageTests, SynchronousTestCase):
    """
    Every write to a file fails, as where a disk has become read-only. The system does that to a process whose files
    must not grow (RLIMIT_FSIZE of getrlimit(2)).
    """

    def breaks(self) -> None:
        self._limit(0)

    def mends(self) -> None:
        if self.daemon.alive():
            self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        resource.prlimit(self.daemon.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def test_stop(self) -> None:
        """It ends in time when it is told to, says nothing of a bug, and starts again with all that was told."""
        self.breaks()
        next(number for number in range(MOST) if not self.says(f"{number} {LINE}"))
        assert self.daemon.stop() == 0
        self.alice.reads_to_the_end()
        assert b"shutting down" in self.alice.received
        assert "Traceback" not in self.daemon.log, self.daemon.log
        self.mends()
        self.daemon.start()
        self.assert_kept()


class FullDiskTests(OutageTests, SynchronousTestCase):
    """A disk of a few megabytes, for the data and for the log, that somebody else fills up."""

    sentence = b"! The server's disk is full, so this was not saved or delivered."

    def prepare(self) -> None:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "chatroom", self.folder],
            capture_output=True,
            text=True,
            check=False,
        )
        if mounted.returncode != 0:
            raise SkipTest(f"Only root may mount a small disk here: {mounted.stderr.strip()}")
        self.addCleanup(self.unmount)

    def unmount(self) -> None:
        """Leave nothing behind."""
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def breaks(self) -> None:
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            size = 1 << 16
            while size:
                try:
                    filler.write(b"x" * size)
                except OSError:
                    size //= 2

    def mends(self) -> None:
        (self.folder / "filler").unlink()

    def test_start(self) -> None:
        """Where there is no room even to begin, or nothing can be written at all, it says so and ends."""
        assert self.daemon.stop() == 0
        for path in (self.folder / "chatroom-data").iterdir():
            path.unlink()
        self.breaks()
        self.assert_sentence("disk|full|space")
        self.mends()
        self.daemon.start()
        self.daemon.stop()
        subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)
        self.assert_sentence("[Rr]ead-only|readonly")

    def assert_sentence(self, pattern: str) -> None:
        """It does not start, and says why in its last line."""
        ran = run("-n", "--pidfile=", "chatroom", "--port", str(self.daemon.port), cwd=self.folder)
        self.assertEqual(1, ran.returncode, ran.stdout)
        self.assertNotIn("Traceback", ran.stdout)
        self.assertRegex(ran.stdout.splitlines()[-1], pattern)
