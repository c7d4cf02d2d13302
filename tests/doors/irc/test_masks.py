"""
Ban masks mean one person, or are answered with a sentence.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatroom.doors.irc.masks import Mask, mask_of, parsed_mask, source_of
from chatroom.errors import BadArguments

SERVER = "Chat.Room"

nicks = st.from_regex(r"[a-zé][a-z0-9_.-]{0,15}", fullmatch=True)


class MaskTests(SynchronousTestCase):
    """Whom a mask means."""

    def test_as_clients_make_them(self) -> None:
        """The masks that irssi, WeeChat and HexChat make of a person's host, and those that people type, mean bob."""
        for mask in (
            "bob", "BOB", "bob!*@*", "*!*@bob.chat.room", "*!*bob@bob.chat.room", "*!me@bob.chat.room",
            "bob!~bob@bob.Chat.Room",
            "*@bob.chat.room", "bob!*", "*!*@bob", "bob!bob@bob", "**!*@bob.chat.room",
        ):  # fmt: skip
            self.assertEqual("bob", parsed_mask(mask, SERVER).nick.lower(), mask)

    def test_mutes(self) -> None:
        """A mask behind m: mutes."""
        self.assertEqual(Mask("bob", True), parsed_mask("m:bob", SERVER))
        self.assertEqual(Mask("bob", True), parsed_mask("M:*!*@bob.chat.room", SERVER))

    def test_accounts(self) -> None:
        """A mask behind a: means the account of that name, and has no parts and no stars."""
        self.assertEqual(Mask("bob", False, True), parsed_mask("a:bob", SERVER))
        self.assertEqual(Mask("Bob", True, True), parsed_mask("m:A:Bob", SERVER))
        for mask in ("a:", "a:*", "a:b*", "a:b?b", "m:a:"):
            self.assertRaises(BadArguments, parsed_mask, mask, SERVER)

    def test_no_one_person(self) -> None:
        """What fits several people, or nobody, is answered with a sentence that says what to use."""
        for mask in ("*", "*!*@*", "b*", "*!*@*.chat.room", "*!*@b?b.chat.room", "", "m:", "!@", "b*!*@*", "*!bob@*"):
            with self.assertRaises(BadArguments) as caught:
                parsed_mask(mask, SERVER)
            self.assertIn("Use the nickname instead.", caught.exception.sentence)
        for mask in ("bob!*@eve.chat.room", "m:bob!*@eve.chat.room", "bob!*@192.0.2.7", "bob!*@eve"):
            with self.assertRaises(BadArguments) as caught:
                parsed_mask(mask, SERVER)
            self.assertIn("fits nobody", caught.exception.sentence)

    @given(nicks, st.booleans())
    def test_listed(self, nick: str, mute: bool) -> None:
        """What a list of bans shows can be given back to lift it, and so can the person's whole source."""
        self.assertEqual(Mask(nick, mute), parsed_mask(mask_of(nick, mute=mute), SERVER))
        self.assertEqual(Mask(nick, False), parsed_mask(source_of(nick, SERVER), SERVER))

    @given(st.text(max_size=40))
    def test_anything(self, mask: str) -> None:
        """Whatever the mask is, it means one person without a star, or is refused."""
        try:
            nick = parsed_mask(mask, SERVER).nick
        except BadArguments:
            return
        self.assertTrue(nick)
        self.assertFalse({"*", "?"} & set(nick))
