"""
Upgrades of a real twistd, with real sockets: people with nc notice nothing.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
from random import Random

from tests.daemon.secrecy import put_pair
from tests.e2e.daemon import PATIENCE, run, until
from tests.e2e.people import HOST, Peer, need, telnet
from tests.e2e.upgrades import Company, UpgradableDaemon, UpgradeCase, is_alive

UPGRADES = 10

EARLY = """def too_early():
    if "asked" not in os.environ:
        os.environ["asked"] = "yes"
        os.kill(os.getpid(), signal.SIGUSR2)"""
"""Asks the first process for an upgrade while it is being made."""


class LoadTests(UpgradeCase):
    """Ten upgrades, while everybody talks."""

    OPTIONS = ("--talk-rate", "off", "--max-per-address", "off")

    def test_ten_upgrades(self) -> None:
        """Everybody reads everything that was said, once, and all read it in the same order. Nobody came or went."""
        need("nc")
        dice = Random(2026)
        self.daemon.start()
        company = Company(self.daemon.port, 12, dice)
        self.addCleanup(company.close)
        company.come_in()
        pids = [self.daemon.runs_as]
        for _ in range(UPGRADES):
            asked = self.daemon.asks_admin("upgrade", str(self.daemon.data))
            company.talk_while(lambda asked=asked: asked.poll() is None, 0.02)  # type: ignore[misc]
            said, _ = asked.communicate()
            self.assertEqual(0, asked.returncode, f"{said}\n{self.daemon.log}")
            pids.append(self.daemon.runs_as)
        company.fall_silent()
        self.assertEqual(UPGRADES + 1, len(set(pids)))
        self.daemon.old_process_has_ended(pids[0])
        until("the end of all old processes", lambda: not any(map(is_alive, pids[:-1])))
        self.assertTrue(is_alive(pids[-1]))
        self.assert_all_is_told(company)

    def assert_all_is_told(self, company: Company) -> None:
        """Nothing else is read than what the others said."""
        order: list[tuple[bytes, int]] | None = None
        for each in company.talkers:
            heard, nick = each.heard(), each.nick.encode()
            self.assertEqual([], [line for line in each.lines() if b" says line " not in line])
            self.assertEqual(len(each.lines()), len(heard))
            for other in company.talkers:
                numbers = [number for who, number in heard if who == other.nick.encode()]
                self.assertEqual([] if other is each else list(range(other.said)), numbers)
            if order is None:
                order = heard
                first = nick
            else:
                both = {nick, first}
                self.assertEqual([e for e in order if e[0] not in both], [e for e in heard if e[0] not in both])
        self.assertLess(UPGRADES * 50, len(order or ()))


class PeopleTests(UpgradeCase):
    """What people see of an upgrade."""

    OPTIONS = ("--talk-rate", "off", "--max-per-address", "off", "--new-per-minute", "off", "--catch-up-lines", "5000")

    def test_telnet_in_the_middle_of_a_line(self) -> None:
        """Half a line is typed before, half after it; a password asked for before is still not shown."""
        need("telnet")
        self.daemon.start()
        bob = self.guest("bob")
        alice = telnet("alice", self.daemon.port)
        self.addCleanup(alice.closes)
        alice.types("alice")
        alice.reads("Registration successful")
        alice.types("/signup")
        alice.reads("It is not shown as you type.")
        self.daemon.upgrades()
        alice.types("correct horse battery")
        alice.reads("Repeat the password")
        self.daemon.upgrades()
        alice.types("correct horse battery")
        alice.reads("is now your account")
        self.assertFalse(alice.has_read("correct horse battery"))
        alice.types("hello")
        bob.reads_next(b"<alice> hello\n")

    def test_somebody_who_does_not_read(self) -> None:
        """Bytes that waited for them in the old process come from the new one, and none of them twice."""
        self.daemon.start()
        slow = Peer(self.daemon.port, buffer=4096)
        self.addCleanup(slow.close)
        slow.sends(b"slow\n")
        slow.reads_next(b"Registration successful")
        bob = self.program("bob")
        lines = [f"{number:05d} " + "x" * 1500 for number in range(3000)]
        for number, line in enumerate(lines):
            bob.sends(json.dumps({"id": number, "do": "say", "text": line}).encode() + b"\n")
            if number % 20 == 19:
                bob.reads_next(b'"id":%d,' % number)
            if number in (1000, 2000):
                self.daemon.upgrades()
        slow.reads(b"<bob> " + lines[-1].encode() + b"\n")
        read = [line for line in slow.received.decode().split("\n") if line.startswith("<bob>")]
        self.assertEqual([f"<bob> {line}" for line in lines], read)

    test_somebody_who_does_not_read.timeout = 240  # type: ignore[attr-defined]

    def test_newcomers_wait(self) -> None:
        """Whoever connects in the very moment is let in by the new version."""
        self.daemon.start()
        asked = self.daemon.asks_admin("upgrade", str(self.daemon.data))
        peers = []
        while asked.poll() is None:
            peers.append(Peer(self.daemon.port))
            self.addCleanup(peers[-1].close)
            if len(peers) < 40:
                peers[-1].sends(f"guest{len(peers)}\n".encode())
            else:
                asked.wait(PATIENCE)
        self.assertEqual(0, asked.returncode, asked.communicate()[0])
        for peer in peers[:39]:
            peer.reads(b"Registration successful")


class SecretTests(UpgradeCase):
    """Connections that cannot be handed over."""

    def test_tls(self) -> None:
        """They are told at the very end. An account that comes back by its token has not left."""
        certs = self.folder / "certs"
        options = ("--tls", str(certs), "--tls-port", "tcp:0:interface=127.0.0.1")
        self.daemon = UpgradableDaemon(self.folder / "tls", *options)
        self.addCleanup(self.daemon.close)
        put_pair(certs)
        self.daemon.start()
        self.daemon.logs("over TLS at port")
        port = int(self.daemon.log.split("over TLS at port ")[1].split()[0])
        bob, carol = self.guest("bob"), self.secret(port)
        alice = self.secret(port)
        self.asks_in_secret(alice, "hello", nick="alice")
        token = str(self.asks_in_secret(alice, "signup", password="correct horse battery")["token"])
        carol.sendall(b"carol\n")
        bob.reads_next(b"carol joined")
        old = self.daemon.runs_as
        status, said = self.daemon.admin("upgrade", str(self.daemon.data))
        self.assertEqual(0, status, said)
        self.assertIn(b"The server has been upgraded", self.all_of(carol))
        self.assertIn(b'"code":"closing"', self.all_of(alice))
        self.daemon.old_process_has_ended(old)
        again = self.secret(port)
        self.asks_in_secret(again, "hello", token=token)
        bob.reads_next(b"-- carol left the chat: the server was upgraded\n")
        again.sendall(b'{"do": "say", "text": "back"}\n')
        self.assertEqual(b"<alice> back\n", bob.reads_line())

    def secret(self, port: int) -> ssl.SSLSocket:
        """Somebody over TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        made = context.wrap_socket(socket.create_connection((HOST, port), PATIENCE))
        self.addCleanup(made.close)
        return made

    def asks_in_secret(self, stream: ssl.SSLSocket, word: str, **arguments: str) -> dict[str, object]:
        """A request, and its answer."""
        stream.sendall(json.dumps({"id": 1, "do": word, **arguments}).encode() + b"\n")
        data = b""
        while True:
            data += stream.recv(1 << 16)
            for line in data.split(b"\n")[:-1]:
                made: dict[str, object] = json.loads(line)
                if "ok" in made:
                    self.assertTrue(made["ok"], made)
                    return made

    def all_of(self, stream: ssl.SSLSocket) -> bytes:
        """What comes to the end."""
        data = b""
        while piece := stream.recv(1 << 16):
            data += piece
        return data


class BackgroundTests(UpgradeCase):
    """A daemon in the background, with a pidfile and a log file."""

    def test_pidfile(self) -> None:
        """The new process is the daemon: its number is in the file, the log goes on, and it stops as any."""
        pidfile, log = self.folder / "room.pid", self.folder / "twistd.log"
        self.daemon.launch = lambda: None  # type: ignore[method-assign]
        options = ["--pidfile", str(pidfile), "chatroom", "--port", str(self.daemon.port)]
        started = run(*options, cwd=self.folder)
        self.assertEqual(0, started.returncode, started.stdout)
        until("the port", lambda: log.exists() and "Will wait" in log.read_text())
        alice = self.guest("alice")
        old = int(pidfile.read_text())
        for _ in range(2):
            status, said = self.daemon.admin("upgrade", "--pidfile", str(pidfile))
            self.assertEqual(0, status, f"{said}\n{log.read_text()}")
            new = int(pidfile.read_text())
            self.assertNotEqual(old, new)
            self.assertIn(f"Process {new} has taken over from {old} with 1 connection.", said)
            until("the end of the old process", lambda old=old: not is_alive(old))  # type: ignore[misc]
            self.assertEqual(new, int(pidfile.read_text()))
            old = new
        alice.sends(b"/who\n")
        alice.reads(b"alice")
        os.kill(old, signal.SIGTERM)
        until("the end of it", lambda: not is_alive(old))
        self.assertFalse(pidfile.exists())
        lines = log.read_text().splitlines()
        self.assertEqual([], [line for line in lines if not line.startswith("20")])
        self.assertEqual(3, sum("Will wait for client messages" in line for line in lines))
        self.assertEqual(3, sum("Server Shut Down" in line for line in lines))
        alice.reads(b"The server is shutting down")

    def test_service(self) -> None:
        """systemd is told which process is meant now, before that one says that it is ready."""
        place = self.folder / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            os.chdir(self.folder)  # a path of a socket has to be short
            self.addCleanup(os.chdir, os.getcwd())
            listener.bind(place.name)
            listener.settimeout(PATIENCE)
            self.daemon.environment = lambda: {  # type: ignore[method-assign]
                **UpgradableDaemon.environment(self.daemon), "NOTIFY_SOCKET": place.name,
                "WATCHDOG_USEC": "20000000",
            }  # fmt: skip
            self.daemon.start()
            said = self.daemon.upgrades()
            self.assertIn("has taken over", said)
            told: list[bytes] = []
            while sum(b"READY=1" in each for each in told) < 2:
                told.append(listener.recv(4096))
            place_of = [index for index, each in enumerate(told) if b"READY=1" in each]
            main = told.index(b"MAINPID=%d" % self.daemon.runs_as)
            self.assertTrue(place_of[0] < main < place_of[1], told)

    def test_asked_too_early(self) -> None:
        """Asked before it can take a signal, the daemon is upgraded a moment later, and does not end by it."""
        self.daemon.changes("chatroom/tap.py", "def add_doors(", f"{EARLY}\n\n\ndef add_doors(")
        self.daemon.changes("chatroom/tap.py", "    add_doors(service", "    too_early()\n    add_doors(service")
        self.daemon.launch()
        self.daemon.logs("has taken over from")
        self.guest("alice")

    def test_nothing_to_upgrade(self) -> None:
        """No daemon there, and one that keeps nothing."""
        status, said = self.daemon.admin("upgrade", str(self.folder))
        self.assertEqual((1, f"chatroom-admin: no daemon has {self.folder} open.\n"), (status, said))
        self.daemon = UpgradableDaemon(self.folder / "memory", "--backend", "memory")
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        os.kill(self.daemon.pid, signal.SIGUSR2)
        self.daemon.logs("With --backend memory there can be no upgrade")
        self.guest("alice")
