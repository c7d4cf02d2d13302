"""
C{twistd chatroom}'s options, and what they make. Starting a real one is for L{tests.e2e}.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from twisted.internet.error import CannotListenError
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import LogLevel, capturedLogs
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from chatroom.daemon.options import Options, endpoint
from chatroom.doors.proxied import ProxiedFactory
from chatroom.errors import NotKept
from chatroom.limits import OFF, Limits, each
from chatroom.records import Account
from chatroom.tap import CannotServe, ChatService, makeService
from tests.daemon.secrecy import put_pair


def parsed(*arguments: str) -> Options:
    """Options as twistd would parse them."""
    options = Options()
    options.parseOptions(list(arguments))
    return options


class PortTests(SynchronousTestCase):
    """C{--port}."""

    def test_default(self) -> None:
        """Without one, it serves at 64700."""
        self.assertEqual(["tcp:64700"], parsed().ports)

    def test_number_or_endpoint(self) -> None:
        """A number is a TCP port; anything else is an endpoint; both may be given, again and again."""
        options = parsed("--port", "7000", "-p", "unix:chat.sock", "--port", "tcp:7001:interface=::1")
        self.assertEqual(["tcp:7000", "unix:chat.sock", "tcp:7001:interface=::1"], options.ports)

    def test_no_port(self) -> None:
        """What cannot be a port is refused with what can."""
        for text in ("0", "65536", "", "   "):
            error = self.assertRaises(UsageError, parsed, "--port", text)
            self.assertIn("a port is a number from 1 to 65535", str(error))

    def test_endpoint_is_left_as_it_is(self) -> None:
        """An endpoint is Twisted's to understand."""
        self.assertEqual("ssl:443:privateKey=a.pem", endpoint("ssl:443:privateKey=a.pem"))


class TlsOptionTests(SynchronousTestCase):
    """C{--tls}, and the ports it is spoken at."""

    def test_default(self) -> None:
        """With a certificate, TLS is spoken at 64701, besides the plain port."""
        options = parsed("--tls", "certs")
        self.assertEqual((["tcp:64700"], ["tcp:64701"]), (options.ports, options.tls_ports))

    def test_none(self) -> None:
        """Without a certificate, it is not spoken."""
        self.assertEqual([], parsed().tls_ports)

    def test_ports(self) -> None:
        """Ports and endpoints, as for --port."""
        options = parsed("--tls", "certs", "--tls-port", "7001", "--tls-port", "tcp6:7001", "--web-tls", "443")
        self.assertEqual((["tcp:7001", "tcp6:7001"], ["tcp:443"]), (options.tls_ports, options.web_tls))
        error = self.assertRaises(UsageError, parsed, "--tls", "certs", "--tls-port", "0")
        self.assertIn("--tls-port: 0 is not a port", str(error))

    def test_no_certificate(self) -> None:
        """A port for TLS without a certificate is refused."""
        for option in ("--tls-port", "--web-tls"):
            self.assertIn("needs a certificate", str(self.assertRaises(UsageError, parsed, option, "7001")))


class StsOptionTests(SynchronousTestCase):
    """C{--irc-sts}."""

    def test_port_and_time(self) -> None:
        """The first port of --irc-tls with a number is the one that clients are told of, and times have units."""
        ports = (
            "--irc-tls",
            "haproxy:tcp:7000",
            "--irc-tls",
            "unix:irc.sock",
            "--irc-tls",
            "tcp:6697:interface=127.0.0.1",
        )
        for text, seconds in (("30days", 30 * 86400), ("60", 60), ("0", 0)):
            options = parsed("--tls", "certs", *ports, "--irc-sts", text)
            self.assertEqual((6697, seconds), options.irc_sts())
        for text in ("off", "OFF"):
            self.assertIsNone(parsed("--irc-sts", text).irc_sts())
        self.assertIsNone(parsed().irc_sts())

    def test_no_port_for_tls(self) -> None:
        """Where clients would find no TLS, the server does not start."""
        for words in ((), ("--tls", "certs"), ("--tls", "certs", "--irc-tls", "haproxy:tcp:6697")):
            error = self.assertRaises(UsageError, parsed, *words, "--irc-sts", "1day")
            self.assertIn("--irc-sts needs a port where IRC clients find TLS", str(error))

    def test_no_time(self) -> None:
        """What is no time, and what is longer than anybody can promise, is refused."""
        for text in ("soon", "-1", "1.5", "20years", "4000days", ""):
            error = self.assertRaises(UsageError, parsed, "--tls", "certs", "--irc-tls", "6697", "--irc-sts", text)
            self.assertIn("--irc-sts must be", str(error), text)


class WebOptionTests(SynchronousTestCase):
    """C{--web} and C{--web-origin}."""

    def test_ports(self) -> None:
        """Ports and endpoints, as for --port; without the option there is no page."""
        options = parsed("--web", "8080", "--web", "unix:page.sock")
        self.assertEqual(["tcp:8080", "unix:page.sock"], options.web)
        self.assertEqual([], parsed().web)
        self.assertIn("--web: 0 is not a port", str(self.assertRaises(UsageError, parsed, "--web", "0")))

    def test_origins(self) -> None:
        """Sites, as browsers name them: a scheme, a host, perhaps a port, and nothing else."""
        sites = ["https://example.org", "http://intranet.example:8080"]
        self.assertEqual(sites, parsed("--web-origin", sites[0], "--web-origin", sites[1]).web_origins)
        for other in (
            "example.org",
            "https://example.org/",
            "https://example.org/chat",
            "ftp://example.org",
            "*",
            "",
            "https://a:b",
        ):
            error = self.assertRaises(UsageError, parsed, "--web-origin", other)
            self.assertIn("a site looks like https://example.org:8443", str(error))


class MetricsOptionTests(SynchronousTestCase):
    """C{--metrics}."""

    def test_loopback(self) -> None:
        """A mere number is a port of this machine alone; an endpoint is what it says; the default is none."""
        self.assertEqual(["tcp:9000:interface=127.0.0.1"], parsed("--metrics", "9000").metrics)
        self.assertEqual(["unix:metrics.sock"], parsed("--metrics", "unix:metrics.sock").metrics)
        self.assertEqual([], parsed().metrics)

    def test_no_port(self) -> None:
        """What cannot be a port is refused."""
        self.assertIn("--metrics: 0 is not a port", str(self.assertRaises(UsageError, parsed, "--metrics", "0")))


class LimitOptionTests(SynchronousTestCase):
    """Every limit is an option."""

    def test_defaults(self) -> None:
        """Without options, every limit has the number of the table."""
        self.assertEqual(Limits(), parsed().limits)

    def test_each_can_be_set(self) -> None:
        """Each limit's option sets that limit and no other."""
        for field in each():
            value = max(field.metadata["least"], 7)
            if field.name == "unread_hard":
                value = 10**9
            limits = parsed(f"--{field.name.replace('_', '-')}", str(value)).limits
            changed = [other.name for other in each() if getattr(limits, other.name) != other.default]
            self.assertEqual([field.name] if value != field.default else [], changed)

    def test_off(self) -> None:
        """C{off} lifts those limits that may be lifted, and is refused for the others."""
        for field in each():
            name = f"--{field.name.replace('_', '-')}"
            if field.metadata["off"]:
                self.assertEqual(OFF, getattr(parsed(name, "off").limits, field.name))
            else:
                self.assertRaises(UsageError, parsed, name, "off")

    def test_least(self) -> None:
        """A number that is too small is refused, with the smallest one."""
        error = self.assertRaises(UsageError, parsed, "--line-length", "63")
        self.assertIn("--line-length must be at least 64 bytes", str(error))

    def test_whole_numbers(self) -> None:
        """What counts things is a whole number."""
        self.assertIn("must be a whole number", str(self.assertRaises(UsageError, parsed, "--connections", "2.5")))
        self.assertIn("must be a number", str(self.assertRaises(UsageError, parsed, "--talk-rate", "fast")))

    def test_units(self) -> None:
        """Sizes and times may be typed as help shows them; an error names the units."""
        limits = parsed("--page-bytes", "128 KiB", "--session-days", "12h", "--connections", "1,000").limits
        self.assertEqual((131072, 0.5, 1000), (limits.page_bytes, limits.session_days, limits.connections))
        error = self.assertRaises(UsageError, parsed, "--register-time", "5 KiB")
        self.assertEqual(
            "--register-time must be a whole number of seconds (or minutes, hours, days), not '5 KiB'.", str(error)
        )

    def test_hard_below_soft(self) -> None:
        """A connection cannot be cut before it is held back."""
        self.assertRaises(UsageError, parsed, "--unread-soft", "65536", "--unread-hard", "8192")


class OtherOptionTests(SynchronousTestCase):
    """The rest."""

    def test_surplus(self) -> None:
        """Words that are no options are refused, not passed over."""
        self.assertIn("only options", str(self.assertRaises(UsageError, parsed, "surplus")))

    def test_lobby_is_a_lawful_name(self) -> None:
        """The lobby is named by the rules for rooms."""
        self.assertEqual("hall", parsed("--lobby", "#Hall")["lobby"])
        self.assertIn("--lobby", str(self.assertRaises(UsageError, parsed, "--lobby", "two words")))

    def test_backend(self) -> None:
        """There are two backends."""
        self.assertEqual("memory", parsed("--backend", "memory")["backend"])
        self.assertRaises(UsageError, parsed, "--backend", "paper")

    def test_argon2(self) -> None:
        """Parameters that argon2 would not take are refused before anybody needs it."""
        self.assertEqual(1024, parsed("--argon2-memory", "1024").cost().memory)
        self.assertRaises(UsageError, parsed, "--argon2-memory", "8")
        error = self.assertRaises(UsageError, parsed, "--argon2-time", "long")
        self.assertEqual("--argon2-time must be a whole number, not 'long'.", str(error))


class ServiceTests(SynchronousTestCase):
    """What the options make."""

    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()
        self.reactor.sigTerm = lambda *_: None  # type: ignore[attr-defined]

    def service(self, *arguments: str) -> ChatService:
        service = makeService(parsed("--backend", "memory", *arguments), self.reactor)
        assert isinstance(service, ChatService)
        return service

    def test_listens_on_every_port(self) -> None:
        """Each C{--port} is bound before privileges are given up."""
        self.service("--port", "7000", "--port", "7001").privilegedStartService()
        self.assertEqual([7000, 7001], [server[0] for server in self.reactor.tcpServers])

    def test_tls(self) -> None:
        """The ports of --tls-port speak TLS, those of --port do not, and all lead into one room."""
        folder = Path(self.mktemp())
        put_pair(folder)
        self.service("--port", "7000", "--tls", str(folder), "--tls-port", "7001").privilegedStartService()
        plain, secret = (server[1] for server in self.reactor.tcpServers)
        assert isinstance(secret, TLSMemoryBIOFactory)
        self.assertIs(plain, secret.wrappedFactory)

    def test_no_certificate(self) -> None:
        """A folder without a certificate ends the program with a sentence."""
        error = self.assertRaises(SystemExit, self.service, "--tls", self.mktemp())
        self.assertIn("--tls: ", str(error))
        self.assertIn("holds no fullchain.pem", str(error))

    def test_reload_renews_certificates(self) -> None:
        """SIGHUP reads the files again, although nobody has come; with bad ones, nothing changes."""
        folder = Path(self.mktemp())
        put_pair(folder, "old.example")
        service = self.service("--tls", str(folder))
        put_pair(folder, "new.example")
        with capturedLogs() as logged:
            service.reload()
        self.assertEqual(["New certificate in use. It expires on {day}."], [each["log_format"] for each in logged])

    def test_extras(self) -> None:
        """An option that needs more than is installed ends the program with what to install."""
        folder = Path(self.mktemp())
        put_pair(folder)
        for option, value, ours, theirs in (
            ("tls", str(folder), "chatroom.daemon.tls", "OpenSSL"),
            ("metrics", "9000", "chatroom.daemon.metrics", "prometheus_client"),
        ):
            with mock.patch.dict(sys.modules, {theirs: None}):
                sys.modules.pop(ours, None)
                error = self.assertRaises(SystemExit, self.service, f"--{option}", value)
            self.assertRegex(str(error), rf"\A--{option}:? .*pip install 'chatroom\[{option}\]'\W*\Z")

    def test_proxy(self) -> None:
        """With haproxy: before the endpoint, and only there, the PROXY protocol is spoken."""
        self.service("--port", "7000", "--port", "haproxy:tcp:7001").privilegedStartService()
        plain, proxied = (server[1] for server in self.reactor.tcpServers)
        assert isinstance(proxied, ProxiedFactory)
        self.assertIs(plain, proxied.wrappedFactory)

    def test_no_such_endpoint(self) -> None:
        """An endpoint of a kind nobody knows ends the program with a sentence that names it."""
        error = self.assertRaises(SystemExit, self.service, "--port", "carrier:pigeon")
        self.assertIn("carrier:pigeon", str(error))

    def test_no_such_filter(self) -> None:
        """A filter that is not installed ends the program with a sentence that names it."""
        error = self.assertRaises(SystemExit, self.service, "--filter", "nobody-has-this")
        self.assertIn("--filter: no filter called 'nobody-has-this' is installed", str(error))

    def test_database_fails_behind_the_start(self) -> None:
        """The daemon is up by then, and stays so: it only does not say how an administrator begins."""
        service = self.service("--port", "7000", "--data", self.mktemp())
        service.privilegedStartService()

        async def staff() -> Sequence[Account]:
            raise NotKept("The database does not answer.")

        self.patch(service.parts.backend, "staff", staff)
        with capturedLogs() as logged:
            service.startService()
            self.reactor.advance(0)
        self.assertEqual([], [each for each in logged if each["log_level"] is LogLevel.critical])
        self.assertFalse(self.reactor.hasStopped)

    def test_port_taken(self) -> None:
        """A port in use ends the program; in the foreground with a plain sentence on the terminal."""

        def taken(port: int, *_: object, **__: object) -> None:
            raise CannotListenError("", port, OSError(98, "Address already in use"))

        self.reactor.listenTCP = taken  # type: ignore[method-assign]
        service = self.service("--port", "7000")
        self.assertIn(
            "7000: address already in use", str(self.assertRaises(CannotServe, service.privilegedStartService))
        )
        service.foreground = True
        self.assertIn(
            "7000: address already in use", str(self.assertRaises(SystemExit, service.privilegedStartService))
        )
