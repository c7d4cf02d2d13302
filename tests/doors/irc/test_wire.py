"""
Lines of IRC: what clients send is understood or refused, and what is written is read again as it was meant.
"""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.wire import (
    MOST_REST,
    MOST_TAGS,
    BadLine,
    IrcMessage,
    is_tag_key,
    middle,
    parse,
    parsed_tags,
    written,
    written_tags,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "irc_messages.json").read_text(encoding="utf-8"))
"""Those of ircdocs/parser-tests: see the README beside the file."""

words = st.text(st.characters(exclude_characters="\0\r\n ", exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda word: word[0] != ":"
)
texts = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=60)
values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
keys = st.from_regex(r"\+?[a-z]{1,5}(/[a-z]{1,5})?", fullmatch=True)


class ParseTests(SynchronousTestCase):
    """What clients send."""

    def test_vectors(self) -> None:
        """Every line of ircdocs/parser-tests has the tags, the source, the command and the parameters named there."""
        for vector in VECTORS["parse"]:
            message = parse(vector["line"].encode())
            assert message is not None
            read = {"tags": dict(message.tags), "source": message.source, "params": list(message.params)}
            self.assertEqual({key: vector[key] for key in read}, read, vector["line"])
            self.assertEqual(vector["command"].upper(), message.command)

    def test_lines_without_a_command(self) -> None:
        """Empty lines, and lines of blanks or of a source alone, are no message and no fault."""
        for line in (b"", b"\r", b"   ", b":alice", b"@a=b", b"@a=b ", b"@", b"\0"):
            self.assertIsNone(parse(line), line)

    def test_no_parameter_holds_what_ends_a_line(self) -> None:
        """A CR in the middle of a line is a blank, and NUL is left out."""
        self.assertEqual(IrcMessage("PRIVMSG", ("#a", "b QUIT")), parse(b"PRIVMSG #a :b\rQUIT\r"))
        self.assertEqual(IrcMessage("PING", ("x",)), parse(b"PI\0NG x"))

    def test_limits(self) -> None:
        """Tags and the rest have limits of their own: one is not used up by the other."""
        tags = b"@a=" + b"x" * (MOST_TAGS - 4) + b" "
        rest = b"PRIVMSG #a " + b"x" * (MOST_REST - 13)
        self.assertEqual((MOST_TAGS, MOST_REST - 2), (len(tags), len(rest)))
        self.assertIsNotNone(parse(tags + rest + b"\r"))
        for line in (
            tags[:-1] + b"y " + rest,
            tags[:-1] + b"y PING x",
            rest + b"x",
            tags + rest + b"x",
            b"@" + rest * 20,
        ):
            with self.assertRaises(BadLine) as caught:
                parse(line)
            self.assertEqual(("417", ()), (caught.exception.command, caught.exception.parameters))

    def test_not_utf_8(self) -> None:
        """A line in another encoding is refused with the FAIL of UTF8ONLY and its command, wherever the byte stands."""
        for line, word in (
            (b"PRIVMSG #a :caf\xe9", "PRIVMSG"),
            (b"@a=\xff :me ping x", "PING"),
            (b"\xff\xfe", "*"),
            (b"NICK \xc3", "NICK"),
        ):
            with self.assertRaises(BadLine) as caught:
                parse(line)
            self.assertEqual(("FAIL", (word, "INVALID_UTF8")), (caught.exception.command, caught.exception.parameters))

    @given(st.binary(max_size=700))
    def test_anything(self, line: bytes) -> None:
        """Whatever bytes come, the line is a message, none, or refused; what is read can be written and read again."""
        try:
            message = parse(line.replace(b"\n", b""))
        except BadLine:
            return
        if message is None:
            return
        self.assertFalse({"\0", "\r", "\n"} & set("".join((message.command, *message.params))))
        again = parse(message.format().removesuffix(b"\n"))
        assert again is not None
        self.assertEqual(
            message.params[-1:], again.params[-1:] if len(message.format()) < MOST_REST else message.params[-1:]
        )

    @given(st.text(max_size=40))
    def test_any_tags(self, text: str) -> None:
        """Whatever stands for tags, each key is there once."""
        self.assertNotIn("", parsed_tags(text))


class WrittenTests(SynchronousTestCase):
    """What the server sends."""

    def test_vectors(self) -> None:
        """Messages of ircdocs/parser-tests are written as they are there, but for colons that may stand or not."""
        for vector in VECTORS["format"]:
            message = IrcMessage(vector["command"], tuple(vector["params"]), vector["source"], vector["tags"])
            line = message.format().decode().removesuffix("\r\n")
            self.assertEqual(_without_order(vector["lines"][0]), _without_order(line))

    @given(words, st.lists(words, max_size=5), texts, words, st.dictionaries(keys, values, max_size=4))
    def test_read_again(self, command: str, params: list[str], last: str, source: str, tags: dict[str, str]) -> None:
        """What is written is read again as it was, colons, blanks and tags included."""
        message = IrcMessage(command.upper(), (*params, last), source, tags)
        line = message.format()
        if len(line) - len(written_tags(tags).encode()) < MOST_REST:
            self.assertEqual(message, parse(line.removesuffix(b"\n")))

    @given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=6))
    def test_one_line(self, params: list[str]) -> None:
        """Whatever the parameters are, it is one line with as many parameters, so nobody can smuggle in another."""
        line = written("PRIVMSG", *params, source="alice!~alice@alice.chatroom")
        self.assertEqual(1, line.count(b"\n"))
        self.assertTrue(line.endswith(b"\r\n"))
        self.assertEqual(1, line.count(b"\r"))
        read = parse(line.removesuffix(b"\n"))
        assert read is not None
        self.assertEqual(len(params), len(read.params))

    def test_middle(self) -> None:
        """What cannot stand in the middle of a line is a star there."""
        for param in ("", ":x", "a b", "a\nb", "a\0b"):
            self.assertEqual("*", middle(param))
        self.assertEqual("a:b", middle("a:b"))

    @given(st.text(st.sampled_from("a é\U0001f600"), max_size=600))
    def test_length(self, text: str) -> None:
        """A line has 512 bytes at the most, tags apart, and ends with a whole letter."""
        tags = {"time": "2026-11-30T07:00:00.000Z"}
        line = written("PRIVMSG", "#lobby", text, source="alice!~alice@alice.chatroom", tags=tags)
        self.assertLessEqual(len(line), MOST_REST + len(written_tags(tags)))
        read = line.decode().partition("#lobby :")[2].removesuffix("\r\n")
        self.assertTrue(text.startswith(read))
        if len(text.encode()) < 400:
            self.assertEqual(text, read)

    def test_keys(self) -> None:
        """Keys of tags are letters, digits and dashes, perhaps with a vendor and a plus."""
        for key in ("time", "+typing", "+draft/reply", "example.com/a-b"):
            self.assertTrue(is_tag_key(key), key)
        for key in ("", "+", "a b", "a=b", "é", "a/", "/a"):
            self.assertFalse(is_tag_key(key), key)


def _without_order(line: str) -> object:
    """A line with its tags in no order, and with no colon before a last parameter that can go without."""
    tags, _, rest = line[1:].partition(" ") if line.startswith("@") else ("", "", line)
    message = parse(rest.encode())
    assert message is not None
    return frozenset(parsed_tags(tags).items()), message
