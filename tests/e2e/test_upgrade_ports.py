"""
Upgrades of a real twistd that listens in other ways than at a TCP port of its own: behind a proxy, over TLS, at a UNIX
socket, at systemd's sockets, and as somebody else than it was started by.
"""

from __future__ import annotations

import os
import pwd
import signal
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SkipTest

from tests.daemon.secrecy import put_pair
from tests.e2e.daemon import PATIENCE, environment, free_port, twistd, until
from tests.e2e.people import HOST, Peer, need
from tests.e2e.upgrades import UpgradableDaemon, UpgradeCase, is_alive


class Stream(Peer):
    """Somebody at a socket that is connected already."""

    def __init__(self, made: socket.socket) -> None:
        self.received = b""
        self._read_to = 0
        self._socket = made
        made.settimeout(PATIENCE)


class PortsCase(UpgradeCase):
    """A daemon with more ports than one."""

    def start(self, *options: str) -> None:
        """With these options, in a folder with a short name: the path of a UNIX socket has to be short."""
        self.daemon = UpgradableDaemon(self.folder / "more", *options)
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def stream(self, made: socket.socket) -> Stream:
        """Somebody at the other end of it."""
        self.addCleanup(made.close)
        return Stream(made)

    def talks_on(self, *peers: Peer) -> None:
        """They have half typed a line; after an upgrade, the rest is read by all others."""
        bob = self.guest(f"bob{self.daemon.runs_as}")
        for peer in peers:
            peer.sends(b"half ")
        self.daemon.upgrades()
        for number, peer in enumerate(peers):
            peer.sends(b"line %d\n" % number)
            bob.reads_next(b"> half line %d\n" % number)


class ProxyTests(PortsCase):
    """C{haproxy:}."""

    def client(self, port: int, address: str) -> Peer:
        """Somebody whom the proxy says to come from there."""
        peer = Peer(port)
        self.addCleanup(peer.close)
        peer.sends(f"PROXY TCP4 {address} 10.0.0.1 5555 23\r\n".encode())
        return peer

    def test_proxy(self) -> None:
        """Its clients stay, with the addresses that it named, by which they are counted; so are newcomers."""
        port = free_port()
        self.start("--port", f"haproxy:tcp:{port}:interface=127.0.0.1", "--max-per-address", "2")
        alice = self.client(port, "192.0.2.7")
        alice.sends(b"alice\n")
        alice.reads_next(b"Registration successful")
        self.talks_on(alice)
        carol = self.client(port, "192.0.2.7")
        carol.sends(b"carol\n")
        carol.reads_next(b"Registration successful")
        self.client(port, "192.0.2.7").reads_next(b"from your address")
        self.client(port, "192.0.2.8").reads_next(b"What is your nickname?")

    def test_before_the_header(self) -> None:
        """Whoever the proxy has not said anything of yet is hung up on at the end, and may come again."""
        port = free_port()
        self.start("--port", f"haproxy:tcp:{port}:interface=127.0.0.1")
        early = Peer(port)
        self.addCleanup(early.close)
        self.daemon.upgrades()
        early.reads_to_the_end()
        self.client(port, "192.0.2.7").reads_next(b"What is your nickname?")


class SecretPortTests(PortsCase):
    """Ports that speak TLS are handed over, and its connections are not."""

    def secret(self, port: int, certs: Path) -> ssl.SSLSocket:
        """Somebody over TLS, who trusts the certificate that is there."""
        context = ssl.create_default_context(cafile=str(certs / "cert.pem"))
        made = context.wrap_socket(socket.create_connection((HOST, port), PATIENCE), server_hostname="localhost")
        self.addCleanup(made.close)
        return made

    def test_tls_and_ssl(self) -> None:
        """C{--tls}, and C{ssl:} as an endpoint, are the new process's; people there are told to connect again."""
        certs = self.folder / "certs"
        put_pair(certs, "localhost")
        port, own = free_port(), free_port()
        key, cert = certs / "privkey.pem", certs / "cert.pem"
        self.start(
            "--port", f"ssl:{own}:privateKey={key}:certKey={cert}:interface=127.0.0.1",
            "--tls", str(certs), "--tls-port", f"tcp:{port}:interface=127.0.0.1",
        )  # fmt: skip
        self.daemon.logs(f"over TLS at port {port}")
        early = [self.secret(each, certs) for each in (port, own)]
        self.daemon.upgrades()
        for each, stream in zip((port, own), early, strict=True):
            said = b""
            while piece := stream.recv(1 << 16):
                said += piece
            self.assertIn(b"The server has been upgraded", said)
            again = self.stream(self.secret(each, certs))
            again.sends(f"carol{each}\n".encode())
            again.reads_next(b"Registration successful")
        self.daemon.upgrades()


class UnixTests(PortsCase):
    """C{unix:}."""

    def test_unix(self) -> None:
        """People at a UNIX socket stay, newcomers find it with the mode it had, and it is gone at the end."""
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        self.start("--port", "unix:room.sock:mode=600")
        place = Path("more") / "room.sock"

        def comes(nick: str) -> Stream:
            made = socket.socket(socket.AF_UNIX)
            made.connect(str(place))
            peer = self.stream(made)
            peer.sends(f"{nick}\n".encode())
            peer.reads_next(b"Registration successful")
            return peer

        alice = comes("alice")
        for _ in range(2):
            self.talks_on(alice)
            self.assertEqual(0o600, stat.S_IMODE(place.stat().st_mode))
            self.assertEqual(str(self.daemon.runs_as), os.readlink(f"{place}.lock"))
            comes("carol").close()
        os.kill(self.daemon.runs_as, signal.SIGTERM)
        alice.reads_next(b"The server is shutting down")
        until("the end of the socket", lambda: not place.exists() and not os.path.lexists(f"{place}.lock"))


class SystemdTests(PortsCase):
    """C{systemd:}."""

    def test_socket_activation(self) -> None:
        """The port is still systemd's: the new process has it from the old one, and people stay."""
        need("systemd-socket-activate")
        daemon = self.daemon
        environment = [f"--setenv={name}" for name in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")]
        with (self.folder / "output.log").open("wb") as log:
            started = subprocess.Popen(
                ["systemd-socket-activate", "--listen", f"127.0.0.1:{daemon.port}", "--fdname=chat", *environment,
                 twistd(), "-n", "--pidfile=", "chatroom", "--port", "systemd:domain=INET:name=chat"],
                cwd=self.folder, env=daemon.environment(), stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.addCleanup(started.wait, PATIENCE)
        self.addCleanup(started.kill)

        def listens() -> bool:
            with socket.socket() as probe:  # to connect is to start it, as well
                return probe.connect_ex((HOST, daemon.port)) == 0

        until("systemd's socket", listens)
        alice = self.guest("alice")
        self.talks_on(alice)
        self.talks_on(alice)
        self.assertTrue(is_alive(daemon.runs_as))


class PrivilegeTests(PortsCase):
    """Started by root, and somebody else when it runs."""

    def test_privileges_stay_dropped(self) -> None:
        """The new process runs as the old one, keeps the port below 1024 and serves the socket that root has made."""
        if os.getuid():
            raise SkipTest("This needs root.")
        nobody = pwd.getpwnam("nobody")
        if not may_run(nobody):
            raise SkipTest("The Python that runs this is in a folder that only root may read.")
        folder = self.folder / "lowly"
        options = ("--port", "tcp:987:interface=127.0.0.1", "--port", "unix:of-root/x")
        self.daemon = LowlyDaemon(folder, *options)
        self.addCleanup(self.daemon.close)
        self.folder.parent.chmod(0o711)
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        place = folder / "of-root"
        place.mkdir()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)
        self.daemon.start()
        alice = Peer(987)
        self.addCleanup(alice.close)
        alice.sends(b"alice\n")
        alice.reads_next(b"Registration successful")
        self.talks_on(alice)
        self.talks_on(alice)
        status = Path(f"/proc/{self.daemon.runs_as}/status").read_text()
        self.assertIn("Uid:" + f"\t{nobody.pw_uid}" * 4 + "\n", status)
        self.assertIn("Gid:" + f"\t{nobody.pw_gid}" * 4 + "\n", status)
        self.assertEqual(0, (place / "x").stat().st_uid)
        made = socket.socket(socket.AF_UNIX)
        made.connect("of-root/x")
        self.stream(made).reads_next(b"What is your nickname?")


class LowlyDaemon(UpgradableDaemon):
    """One that gives up its privileges."""

    def program(self) -> list[str]:
        """See L{Daemon.program}."""
        return [*super().program(), "--uid=nobody", "--gid=nogroup"]


def may_run(who: pwd.struct_passwd) -> bool:
    """Whether somebody may run what runs this."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", "import twisted, tests"],
            user=who.pw_uid, group=who.pw_gid, extra_groups=[], check=False, env=environment(), capture_output=True,
        )  # fmt: skip
    except PermissionError:
        return False
    return done.returncode == 0
