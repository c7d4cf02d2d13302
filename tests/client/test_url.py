"""
Where a server is, written as a URL.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.client.url import Address, parse

NAMES = st.text(min_size=1, max_size=24).filter(lambda text: text.strip() == text and "/" not in text)


class ParseTests(SynchronousTestCase):
    """What people type behind C{chatroom}."""

    def test_all_of_it(self) -> None:
        """Nickname, host, port and room are found where they stand."""
        self.assertEqual(
            Address("chat.example.org", 6000, False, "luca", "attic"), parse("chat://luca@chat.example.org:6000/attic")
        )

    def test_what_may_be_left_out(self) -> None:
        """A host is enough; the port depends on whether there is TLS."""
        self.assertEqual(Address("localhost", 64700), parse("chat://localhost"))
        self.assertEqual(Address("localhost", 64701, True), parse("chats://localhost/"))
        self.assertEqual(Address("localhost", 64700), parse("localhost"))
        self.assertEqual(Address("localhost", 7), parse(" localhost:7 "))

    def test_ipv6(self) -> None:
        """An IPv6 address stands in brackets, and is an address without them."""
        self.assertEqual(Address("::1", 7), parse("chat://[::1]:7"))
        self.assertEqual("chat://[::1]:7", str(Address("::1", 7)))
        for bare in ("::1", "chat://::1", "[::1]"):
            self.assertEqual(Address("::1"), parse(bare))
        self.assertEqual(Address("::1", nick="luca"), parse("luca@::1"))

    def test_zones(self) -> None:
        """A zone stands behind %25 in a URL (RFC 6874), and behind % where people type it."""
        for text in ("chat://[fe80::1%25lo]:7", "chat://[fe80::1%lo]:7"):
            self.assertEqual(Address("fe80::1%lo", 7), parse(text))
        self.assertEqual(Address("fe80::1%eth0"), parse("fe80::1%eth0"))
        self.assertEqual("chat://[fe80::1%25lo]", str(Address("fe80::1%lo")))
        self.assertEqual("[fe80::1%25lo]:64700", Address("fe80::1%lo").server)

    def test_what_is_none_is_refused_with_a_sentence(self) -> None:
        """What is no address is refused with a sentence, so that one can see what is wrong."""
        for wrong, why in (
            ("http://localhost", "starts with chat://"),
            ("chat://", "has no host"),
            ("chat://localhost:99999", "A port is a number from 1 to 65535"),
            ("chat://localhost:0", "A port is a number from 1 to 65535"),
            ("chat://localhost:\u0663", "A port is a number from 1 to 65535"),
            ("chat://localhost:1_0", "A port is a number from 1 to 65535"),
            ("chat://localhost:+5", "A port is a number from 1 to 65535"),
            ("chat://localhost:" + "9" * 5000, "A port is a number from 1 to 65535"),
            ("chat://localhost/attic/corner", "can only have a room"),
            ("chat://localhost/attic?x=1", "can only have a room"),
            ("chat://[::1", "not an address"),
            ("chat://[::1]x:5", "not an address"),
            ("chat://[::g]", "not an IPv6 address"),
            ("chat://[v1.x]", "not an IPv6 address"),
            ("localhost:64700:5", "not an IPv6 address"),
            ("chat://[fe80::1%25]", "network interface"),
            ("chat://[fe80::1%25a/b]", "not an address"),
            ("chat://a..b", "not a valid host name"),
            ("chat://" + "a" * 300, "not a valid host name"),
            ("chat://%41", "not a valid host name"),
            ("chat://local host", "spaces"),
            ("chat://local\nhost", "spaces"),
            ("chat://localhost/%ff", "UTF-8"),
        ):
            error = self.assertRaises(ValueError, parse, wrong)
            self.assertIn(why, str(error))

    def test_passwords_are_refused(self) -> None:
        """Everyone on the machine can read a command line."""
        error = self.assertRaises(ValueError, parse, "chat://luca:secret@localhost")
        self.assertIn("You will be asked", str(error))
        self.assertNotIn("secret", str(error))

    @given(
        st.builds(
            Address,
            st.sampled_from(
                ["localhost", "chat.example.org", "127.0.0.1", "::1", "fe80::1%lo", "fe80::1%25", "b\u00fc.example"]
            ),
            st.integers(1, 65535),
            st.booleans(),
            st.just("") | NAMES,
            st.just("") | NAMES,
        )
    )
    def test_written_and_read_again(self, address: Address) -> None:
        """What is remembered of an address is that address, whatever the names in it."""
        self.assertEqual(address, parse(str(address)))

    @given(st.text() | st.text("chat:/[]%@.?#0123456789\u0663 fe"))
    def test_any_text(self, text: str) -> None:
        """Any text is an address, which is written as one that means the same, or is refused with a sentence."""
        try:
            address = parse(text)
        except ValueError as error:
            self.assertRegex(str(error), r"(?s)^.*\w.*[.]$")
        else:
            self.assertEqual(address, parse(str(address)))

    def test_server(self) -> None:
        """Sessions are remembered by host and port, in whatever letter case."""
        self.assertEqual(parse("chat://luca@Example.org/attic").server, parse("chat://example.ORG:64700").server)
        self.assertNotEqual(parse("example.org").server, parse("example.org:7").server)
