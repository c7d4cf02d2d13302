"""
The operator's side: starting, stopping, and what is said when it cannot start.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

from tests.e2e.daemon import PATIENCE, Daemon, environment, free_port, run, twistd, until
from tests.e2e.daemon_case import DaemonCase
from tests.e2e.people import HOST, nc, need
from tests.e2e.upgrades import is_alive

CANNOT = "Cannot listen on"
CURE = "Another port: --port NUMBER."


class StartTests(DaemonCase):
    """What an operator sees who starts it."""

    def test_says_that_it_waits(self) -> None:
        """It says at which port, listens there, and has put its data beside itself."""
        daemon = self.daemon()
        daemon.start()
        with socket.create_connection((HOST, daemon.port), PATIENCE):
            pass
        self.assertTrue((self.folder / "chatroom-data").is_dir())

    def test_data_elsewhere(self) -> None:
        """C{--data} says where, and the folder is made, for nobody else to read."""
        data = self.folder / "deep" / "data"
        daemon = self.daemon("--data", str(data))
        daemon.start()
        self.assertEqual(0o700, data.stat().st_mode & 0o777)
        self.assertFalse((self.folder / "chatroom-data").exists())

    def test_several_ports(self) -> None:
        """C{--port} may be given more than once, as a number or as any endpoint Twisted knows."""
        second = free_port()
        path = os.path.relpath(self.folder / "chat.sock")
        daemon = self.daemon("--port", f"tcp:{second}:interface=127.0.0.1", "--port", "unix:chat.sock")
        daemon.start()
        for port in (daemon.port, second):
            with socket.create_connection((HOST, port), PATIENCE):
                pass
        with socket.socket(socket.AF_UNIX) as unix:
            unix.connect(path)

    def test_help(self) -> None:
        """C{twistd chatroom --help} says what every option does, and fits on a terminal."""
        shown = run("chatroom", "--help", cwd=self.folder)
        self.assertEqual(0, shown.returncode)
        for option in ("--port ", "--data ", "--line-length ", "--talk-rate ", "--auth "):
            self.assertIn(option, shown.stdout)
        self.assertEqual([], [line for line in shown.stdout.splitlines() if len(line) > 100])

    def test_backlog(self) -> None:
        """A crowd that comes at once is kept until it is accepted: as many as --backlog, and not Twisted's 50."""
        daemon = self.daemon("--backlog", "77")
        daemon.start()
        shown = subprocess.run(["ss", "-Hltn", f"sport = :{daemon.port}"], capture_output=True, text=True, check=True)
        self.assertEqual("77", shown.stdout.split()[2])

    def test_listed(self) -> None:
        """C{twistd --help} lists it among the things it can run."""
        self.assertRegex(run("--help", cwd=self.folder).stdout, r"(?m)^ +chatroom +A chat room")


class MistakeTests(DaemonCase):
    """What is wrong with the settings is one sentence on standard error."""

    def mistake(self, *options: str) -> str:
        """What is on standard error, where the start ends with status 1 and standard output stays empty."""
        ran = subprocess.run(
            [twistd(), "-n", "--pidfile=", "chatroom", *options],
            cwd=self.folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        self.assertEqual((1, ""), (ran.returncode, ran.stdout), ran.stderr)
        self.assertEqual(1, len(ran.stderr.splitlines()), ran.stderr)
        return ran.stderr

    def test_one_sentence(self) -> None:
        """It names the mistake, and the whole help is not before it."""
        os.mkfifo(self.folder / "fifo")
        for options, expected in (
            (["--prot", "7000"], "There is no option --prot. Did you mean '--port'?"),
            (["--port", "0"], "--port: 0 is not a port"),
            (["--line-length", "many"], "--line-length must be a whole number of bytes (or KiB, MiB, GiB), not 'many'"),
            (["--config", "fifo"], "fifo is not a regular file"),
            (["--config", "nowhere.ini"], "nowhere.ini: no such file or directory"),
            (["--check", "--port", "7000", "--web", "tcp:7000"], "are the same place"),
            (["--check", "--data", "fifo"], "is not a directory"),
            (["surplus"], "chatroom takes only options"),
        ):
            self.assertIn(expected, self.mistake(*options))

    def test_port_in_use(self) -> None:
        """A port that another program has is named on standard error too, after the log has begun."""
        with socket.socket() as other:
            other.bind((HOST, 0))
            other.listen()
            place = f"tcp:{other.getsockname()[1]}:interface={HOST}"
            ran = subprocess.run(
                [twistd(), "-n", "--pidfile=", "chatroom", "--port", place],
                cwd=self.folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False,
            )  # fmt: skip
            self.assertEqual(1, ran.returncode)
            self.assertEqual(f"twistd chatroom: {CANNOT} {place}: address already in use. {CURE}\n", ran.stderr)
            checked = subprocess.run(
                [twistd(), "-n", "--pidfile=", "chatroom", "--check", "--port", place],
                cwd=self.folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False,
            )  # fmt: skip
        self.assertEqual(0, checked.returncode)
        self.assertIn("is in use", checked.stderr)

    def test_stale_pidfile(self) -> None:
        """A pidfile whose number another program has does not stop the start."""
        with subprocess.Popen(["sleep", "1000"]) as other:
            try:
                (self.folder / "twistd.pid").write_text(str(other.pid))
                ran = run("--logfile=chat.log", "chatroom", "--port", str(free_port()), cwd=self.folder)
                self.assertEqual((0, ""), (ran.returncode, ran.stdout))
                pidfile = self.folder / "twistd.pid"
                pid = int(until("the pid file", lambda: pidfile.exists() and pidfile.read_text()))
                self.addCleanup(_end, pid)
                self.assertNotEqual(other.pid, pid)
            finally:
                other.kill()


class StopTests(DaemonCase):
    """How it ends."""

    def test_people_are_told(self) -> None:
        """On SIGTERM everybody reads that the room closes; the exit status is 0."""
        need("nc")
        daemon = self.daemon()
        daemon.start()
        alice = nc("alice", daemon.port)
        alice.types("alice")
        alice.reads("Registration successful")
        self.assertEqual(0, daemon.stop())
        alice.reads("shutting down")
        alice.is_disconnected()
        self.assertNotIn("Traceback", daemon.log)

    def test_interrupted(self) -> None:
        """Ctrl-C in its terminal stops it just as well, also where a background shell has the signal ignored."""
        for handler in (signal.default_int_handler, signal.SIG_IGN):
            self.addCleanup(signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, handler))
            daemon = self.daemon()
            daemon.start()
            self.interrupt(daemon)

    def interrupt(self, daemon: Daemon) -> None:
        """Press Ctrl-C."""
        os.kill(daemon.pid, signal.SIGINT)
        until("the end of twistd", lambda: not daemon.alive())
        self.assertNotIn("Traceback", daemon.log)


class ReloadTests(DaemonCase):
    """SIGHUP."""

    def test_limits(self) -> None:
        """Changed limits count for somebody who is here, and who stays."""
        settings = self.folder / "chatroom.ini"
        settings.write_text("[chatroom]\n")
        daemon = self.daemon("--config", "chatroom.ini")
        daemon.start()
        with socket.create_connection((HOST, daemon.port), PATIENCE) as alice:
            lines = alice.makefile("rw")
            print("alice", file=lines, flush=True)
            settings.write_text("[chatroom]\ntext-length = 16\nname = Tea\n")
            os.kill(daemon.pid, signal.SIGHUP)
            daemon.logs("These settings change at the next start: name.")
            daemon.logs("From now on: text-length = 16.")
            print("more than sixteen characters", file=lines, flush=True)
            self.assertTrue(any("the limit is 16" in line for line in lines))
        self.assertEqual(0, daemon.stop())


class InTheBackgroundTests(DaemonCase):
    """Without C{-n}."""

    def test_log_and_pid(self) -> None:
        """twistd returns at once, and leaves a log and the number of the process that serves."""
        port = free_port()
        ran = run("--pidfile=chat.pid", "--logfile=chat.log", "chatroom", "--port", str(port), cwd=self.folder)
        self.assertEqual((0, ""), (ran.returncode, ran.stdout))
        log, pidfile = self.folder / "chat.log", self.folder / "chat.pid"
        pid = int(until("the pid file", lambda: pidfile.exists() and pidfile.read_text()))
        self.addCleanup(_end, pid)
        waits = f"Will wait for client messages at port {port}"
        until("the daemon's log to say that it waits", lambda: log.exists() and waits in log.read_text())
        self.assertEqual(0o640, stat.S_IMODE(log.stat().st_mode))
        self.rotate(pid, log, port)
        os.kill(pid, signal.SIGTERM)
        until("the pid file to go", lambda: not pidfile.exists())
        until("the process to end", lambda: not is_alive(pid))

    def rotate(self, pid: int, log: Path, port: int) -> None:
        """logrotate itself, in both of its ways: what is logged afterwards is in the new file, at its beginning."""
        need("logrotate")
        for way, signalled in (
            ("create 0640", f"postrotate\n kill -USR1 {pid}\n endscript"),
            ("nocreate", f"postrotate\n kill -USR1 {pid}\n endscript"),
            ("copytruncate", ""),
        ):
            config = self.folder / "logrotate.conf"
            config.write_text(f"{log} {{\n rotate 3\n su root root\n {way}\n {signalled}\n}}\n")
            if os.geteuid() != 0:
                config.write_text(config.read_text().replace(" su root root\n", ""))
            state = self.folder / "logrotate.state"
            subprocess.run(["logrotate", "--force", "--state", state, config], check=True, timeout=PATIENCE)
            if signalled:
                until("the log to be opened again", log.exists)
            with socket.create_connection((HOST, port), PATIENCE) as guesser:
                guesser.sendall(b"/login nobody wrong-password\n")
                until("the new line", lambda: log.exists() and b"Failed login from" in log.read_bytes())
            self.assertNotIn(b"\0", log.read_bytes())
            self.assertNotIn(b"Will wait for client messages", log.read_bytes())


def _end(pid: int) -> None:
    if Path(f"/proc/{pid}").exists():
        os.kill(pid, signal.SIGKILL)


class CannotStartTests(DaemonCase):
    """One clear sentence, exit status 1, and nothing listens."""

    def assert_sentence(self, ran: CompletedProcess[str], *words: str) -> None:
        """It ended with status 1, and its last line is a sentence with these words in it, for a person."""
        self.assertEqual(1, ran.returncode, ran.stdout)
        self.assertNotIn("Traceback", ran.stdout)
        self.assertNotIn("Unhandled", ran.stdout)
        said = [line for line in ran.stdout.splitlines() if line.strip()][-1]
        for word in words:
            self.assertIn(word, said, ran.stdout)
        self.assertRegex(said, r"[.!]$")

    def start(self, *options: str) -> CompletedProcess[str]:
        """Start it where it cannot."""
        return run("-n", "--pidfile=", "chatroom", *options, cwd=self.folder)

    def test_port_taken(self) -> None:
        """Somebody else listens there: it says so, and leaves the other alone."""
        with socket.socket() as other:
            other.bind(("", 0))
            other.listen()
            port = str(other.getsockname()[1])
            self.assert_sentence(self.start("--port", port), port, "in use")

    def test_port_taken_in_the_background(self) -> None:
        """Without C{-n} as well, it says so to the one who starts it, not only to a log."""
        with socket.socket() as other:
            other.bind(("", 0))
            other.listen()
            port = str(other.getsockname()[1])
            ran = run("--pidfile=chat.pid", "--logfile=chat.log", "chatroom", "--port", port, cwd=self.folder)
        self.assertEqual(1, ran.returncode, ran.stdout)
        log = self.folder / "chat.log"
        self.assertIn("in use", ran.stdout + (log.read_text() if log.exists() else ""))
        until("the pid file to go", lambda: not (self.folder / "chat.pid").exists())

    def test_second_port_taken(self) -> None:
        """One of several ports is taken: it does not serve half of them."""
        with socket.socket() as other:
            other.bind(("", 0))
            other.listen()
            taken, free = str(other.getsockname()[1]), free_port()
            self.assert_sentence(self.start("--port", str(free), "--port", taken), taken, "in use")

    def test_bad_options(self) -> None:
        """Whatever is wrong is named. More such mistakes are among L{MistakeTests}."""
        wrong = (
            (["--port", "70000"], "70000"),
            (["--port", "nonsense:1"], "nonsense"),
            (["--port", ""], "port"),
            (["--line-length", "3"], "line-length"),
            (["--line-length", "off"], "line-length"),
            (["--argon2-memory", "8", "--argon2-parallelism", "4"], "argon2"),
        )
        with ThreadPoolExecutor(os.cpu_count()) as side_by_side:
            outcomes = list(side_by_side.map(lambda each: self.start(*each[0]), wrong))
        for (options, word), ran in zip(wrong, outcomes, strict=True):
            self.assertEqual(1, ran.returncode, (options, ran.stdout))
            self.assertNotIn("Traceback", ran.stdout)
            self.assertIn(word, ran.stdout.replace("argument", ""), options)

    def test_data_is_a_file(self) -> None:
        """The data folder's name is taken by a file."""
        (self.folder / "chatroom-data").write_text("not a folder")
        port = free_port()
        self.assert_sentence(self.start("--port", str(port)), "chatroom-data")
        self.assertEqual("not a folder", (self.folder / "chatroom-data").read_text())

    def test_data_cannot_be_written(self) -> None:
        """The data folder is not ours to write in."""
        # Root may write everywhere but into the kernel's own tree.
        folder = Path("/sys") if os.geteuid() == 0 else self.folder / "read-only"
        if os.geteuid() != 0:
            folder.mkdir(mode=0o500)
        data = str(folder / "data")
        self.assert_sentence(self.start("--port", str(free_port()), "--data", data), data)

    def test_database_of_a_newer_version(self) -> None:
        """Data that a newer chatroom has written is left exactly as it is."""
        daemon = self.daemon()
        daemon.start()
        self.assertEqual(0, daemon.stop())
        path = self.folder / "chatroom-data" / "chatroom.sqlite"
        with closing(sqlite3.connect(path)) as database:
            _raise_version(database)
        before = path.read_bytes()
        self.assert_sentence(self.start("--port", str(daemon.port)), "newer")
        self.assertEqual(before, path.read_bytes())

    def test_data_is_no_database(self) -> None:
        """Something else stands where the database should be."""
        daemon = self.daemon()
        daemon.start()
        daemon.stop()
        path = self.folder / "chatroom-data" / "chatroom.sqlite"
        path.write_bytes(b"Dear diary, " * 1000)
        self.assert_sentence(self.start("--port", str(daemon.port)), path.name)

    def test_data_in_use(self) -> None:
        """Two daemons do not share one folder: the second says so, the first does not notice."""
        daemon = self.daemon()
        daemon.start()
        self.assert_sentence(self.start("--port", str(free_port())), "chatroom-data")
        with socket.create_connection((HOST, daemon.port), PATIENCE):
            pass


def _raise_version(database: sqlite3.Connection) -> None:
    """Make it look as if a chatroom far in the future had written it."""
    database.execute("UPDATE schema_version SET version = 999")
    database.commit()
