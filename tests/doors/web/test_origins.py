"""
Origins and hosts: compared by what they mean (RFC 6454), however they are spelled.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.web.origins import Host, Origin, host, is_same, origin


class HostTests(SynchronousTestCase):
    """What a Host header says."""

    def test_spellings(self) -> None:
        """Letter case, a dot at the end, a long way of writing an address and an empty port mean nothing."""
        for text, expected in {
            "Chat.Example": Host("chat.example", None),
            "chat.example.": Host("chat.example", None),
            "chat.example.:8443": Host("chat.example", 8443),
            "chat.example:": Host("chat.example", None),
            "chat.example:0443": Host("chat.example", 443),
            "[::1]": Host("[::1]", None),
            "[0:0:0:0:0:0:0:1]:8080": Host("[::1]", 8080),
            "[2001:DB8::A]": Host("[2001:db8::a]", None),
            "192.0.2.1:80": Host("192.0.2.1", 80),
            "": Host("", None),
            "a..b": Host("a..b", None),
        }.items():
            self.assertEqual(expected, host(text), text)

    def test_none(self) -> None:
        """What is against the grammar is no host."""
        for text in (
            "a b", "a/b", "user@a", "a:b", "a:80:80", "::1", "[::1", "[::g]", "[]", "[v1.x]", "[fe80::1%25eth0]",
            "a,\x00", "ä.example", "a:65536", "a:999999999", "a:٣", "a\\b", "http://a", "a#b", "a?b", "[::1]x",
        ):  # fmt: skip
            self.assertIsNone(host(text), text)


class OriginTests(SynchronousTestCase):
    """What an Origin header says, and what stands behind --web-origin."""

    def test_spellings(self) -> None:
        """A port that is the scheme's own need not be written, and names of any script have an ASCII form."""
        for text, expected in {
            "https://Chat.Example": Origin("https", "chat.example", 443),
            "HTTP://chat.example.": Origin("http", "chat.example", 80),
            "https://chat.example:443": Origin("https", "chat.example", 443),
            "http://[::0001]:8080": Origin("http", "[::1]", 8080),
            "https://bücher.example": Origin("https", "xn--bcher-kva.example", 443),
            "https://例え.テスト:8443": Origin("https", "xn--r8jz45g.xn--zckzah", 8443),
        }.items():
            self.assertEqual(expected, origin(text), text)

    def test_none(self) -> None:
        """Nothing else is an origin of the web: no other scheme, no path, no user, nobody."""
        for text in (
            "null", "", "chat.example", "ftp://chat.example", "https://", "https://:443", "https://a/", "https://a/b",
            "https://u@a", "https://a?b", "https://a b", "//a", "https:a", "https://a:b", " https://a", "https://ä..b",
        ):  # fmt: skip
            self.assertIsNone(origin(text), text)

    @given(st.text())
    def test_any_text(self, text: str) -> None:
        """Any text is a host, an origin or none, and never an error."""
        found = origin(text) or origin(f"https://{text}")
        there = host(text)
        for port in (getattr(found, "port", None), getattr(there, "port", None)):
            self.assertTrue(port is None or 0 <= port < 65536)

    def test_same(self) -> None:
        """A page comes from the host it asks if name and port are the same, and over TLS its scheme as well."""
        for page, asked, plain, secure in (
            ("https://h", "h", True, True),
            ("https://h", "h:443", True, True),
            ("https://h", "H.:443", True, True),
            ("https://h:443", "h", True, True),
            ("https://h:8443", "h:8443", True, True),
            ("http://h", "h:80", True, False),
            ("http://h", "h", True, False),
            ("https://[::1]:8443", "[0:0::1]:8443", True, True),
            ("https://h", "h:80", False, False),
            ("http://h", "h:443", False, False),
            ("https://h:8443", "h", False, False),
            ("https://h", "h:8443", False, False),
            ("https://h", "g", False, False),
            ("https://h.g", "h", False, False),
        ):
            there, here = origin(page), host(asked)
            assert there is not None and here is not None
            self.assertEqual((plain, secure), (is_same(there, here, False), is_same(there, here, True)), (page, asked))
