"""
All that is kept of one person: shown to them, or let go of.
"""

from __future__ import annotations

import json
from unittest import mock

from chatroom.interfaces import ServerRole
from chatroom.records import ERASED_NAME
from chatroom.server.plugin_store import PluginStore
from tests.control.shell import PASSWORD, ShellCase


class ExportTests(ShellCase):
    """What somebody may have who asks what is kept of them."""

    def test_profile(self) -> None:
        """Sessions, certificates, rooms, roles, bans, people ignored, time zone, what they have read, and no hash."""
        bob = self.server.guest("bob")
        bob.types("/create den", "/invite alice")
        self.alice.types("/ignore mallory", "/zone Europe/Rome", "/create tea", "/join den")
        bob.types("/mute alice 1h loud")
        self.shell.asks("role", name="alice", role="moderator")
        self.alice.types(f"/cert add {'ab' * 32}")
        made = self.asks("profile", name="alice")
        self.assertEqual([("ab" * 32, None)], [(each["fingerprint"], each["used"]) for each in made["certificates"]])
        self.assertEqual(("alice", "moderator", ["mallory"]), (made["name"], made["staff"], made["ignores"]))
        self.assertEqual("Europe/Rome", made["zone"])
        rooms = {each["room"]: each for each in made["rooms"]}
        self.assertEqual({"lobby", "tea", "den"}, set(rooms))
        self.assertEqual(("owner", None), (rooms["tea"]["role"], rooms["tea"]["muted"]))
        self.assertEqual(("bob", "loud"), (rooms["den"]["muted"]["nick"], rooms["den"]["muted"]["reason"]))
        self.assertEqual(1, len(made["sessions"]))
        self.assertNotIn("argon2", json.dumps(made))

    def test_it_is_in_the_audit_log(self) -> None:
        """Who exports an inbox can be asked why."""
        self.asks("profile", name="alice")
        self.assertEqual([("export", "alice", "")], self.log())

    def test_guest(self) -> None:
        """What is kept of a guest can be shown as well as erased: what was said by that name, and what rooms know."""
        bob = self.server.guest("bob")
        bob.types("hello", "/create den", "/me waves")
        for there in (True, False):
            made = self.asks("profile", name="Bob")
            self.assertEqual(("Bob", False, there), (made["name"], made["account"], made["online"]))
            lines = self.asks("lines", name="Bob")["lines"]
            self.assertEqual(["hello", "waves"][: 1 + there], [each["text"] for each in lines])  # den goes with bob
            self.assertEqual([], self.asks("letters", name="Bob")["letters"])
            bob.disconnects()
        self.asks("erase", name="bob")
        self.assert_refused("not-found", "no data of anyone called bob", "profile", name="bob")
        self.assertEqual(["export", "export", "erase"], [act for act, _, _ in self.log()])

    def test_inbox(self) -> None:
        """Whispers, read and unread; looking at them marks none as read."""
        self.alice.disconnects()
        bob = self.server.guest("bob")
        bob.types("@alice one", "@alice two")
        letters = self.asks("letters", name="alice")["letters"]
        self.assertEqual(
            [("bob", "one", False), ("bob", "two", False)], [(x["from"], x["text"], x["read"]) for x in letters]
        )
        self.assertEqual(2, self.asks("accounts")["accounts"][0]["unread"])

    def test_lines(self) -> None:
        """Her own lines of all rooms, page by page; not those of a guest who had the name before."""
        carol = self.server.guest("carol")
        carol.types("I am another carol")
        carol.disconnects()
        self.server.wait(1)
        carol = self.server.account("carol", PASSWORD)
        carol.types("one", "/create tea", "two", "/me three")
        self.alice.types("not hers")
        texts: list[tuple[str, str]] = []
        after: str | None = "0"
        with mock.patch("chatroom.control.personal_data.LINES", 2):
            while after is not None:
                page = self.asks("lines", name="carol", after=after)
                texts += [(each["room"], each["text"]) for each in page["lines"]]
                after = page["next"]
        self.assertEqual([("lobby", "one"), ("tea", "two"), ("tea", "three")], texts)

    def test_nobody(self) -> None:
        """Of somebody who never was here there is nothing, and that is said."""
        self.assert_refused("not-found", "no data of anyone called bob", "profile", name="bob")
        self.assertEqual([], self.asks("letters", name="bob")["letters"])
        self.assertEqual([], self.asks("lines", name="bob")["lines"])


class EraseTests(ShellCase):
    """The right to be forgotten."""

    def setUp(self) -> None:
        super().setUp()
        self.bob = self.server.account("bob", PASSWORD)
        self.bob.types("/create tea")
        self.alice.types("my secret", "/join tea", "more of it", "/create hers")
        self.bob.types("hello alice", "/op alice")
        self.bob.reads()

    def everything(self) -> str:
        """All that the store holds, as text."""
        store = self.store
        slots = [room.slots for room in store.ledger.rooms.values()]
        return repr(
            (
                store.history,
                store.accounts,
                store.tokens,
                store.certificates,
                store.mail,
                store.marks,
                store.claims,
                slots,
            )
        )

    def test_gone(self) -> None:
        """She is let go with a word. The store knows what she said no more, and her only as a name that is taken."""
        self.bob.types("@nobody")
        answer = self.asks("erase", name="Alice")
        self.assertEqual(("alice", 2, True), (answer["name"], answer["lines"], answer["reserved"]))
        self.assertTrue(self.alice.is_disconnected())
        self.assertIn("Your account was erased. Goodbye.", self.alice.reads()[-1])
        left = self.everything().replace("text='hello alice'", "")
        for secret in ("my secret", "more of it", "argon2id$v=19$alice"):
            self.assertNotIn(secret, left)
        self.assertEqual(
            left.count("alice"), left.count("'alice': Account(name='alice', key='alice', password='!'") * 3
        )
        self.assertEqual([("erase", "alice", "2 lines")], self.log())

    def test_others_read_on(self) -> None:
        """History has no hole, says neither who nor what, and what others said stays; search finds no more."""
        self.asks("erase", name="alice")
        self.bob.reads()
        self.bob.types("/history")
        read = "\n".join(self.bob.reads())
        self.assertIn(f"<{ERASED_NAME}> (erased)", read)
        self.assertIn("<bob> hello alice", read)
        self.assertNotIn("more of it", read)
        self.bob.types("/search more")
        self.assertNotIn("more of it", "\n".join(self.bob.reads()))

    def test_roles_go(self) -> None:
        """Whatever she was, might or might not in rooms is over; what she made belongs to nobody."""
        self.bob.types("/join hers", "/kick alice")
        self.asks("erase", name="alice", free=True)
        alice = self.server.account("alice", PASSWORD)
        self.assertEqual([], [each for each in self.asks("profile", name="alice")["rooms"] if each["role"] != "member"])
        alice.types("/join tea", "/op alice")
        self.assertIn("! ", "\n".join(alice.reads()))

    def test_invitations_go(self) -> None:
        """Whoever has the name next is not let in by them, and nobody finds it there."""
        self.bob.types("/create closed", "/private", "/invite alice", "/admit alice")
        self.asks("erase", name="alice", free=True)
        self.assertNotIn("invited:alice", self.everything())
        self.assertNotIn("admitted:alice", self.everything())
        alice = self.server.guest("alice")
        alice.types("/join closed")
        self.assertTrue(alice.reads()[-1].startswith("! There is no room called closed."))

    def test_bans_go(self) -> None:
        """Bans and mutes on an erased account go, as nobody could have the name."""
        self.bob.types("/join tea", "/ban alice rude")
        self.asks("erase", name="alice")
        self.bob.reads()
        self.bob.types("/bans")
        self.assertNotIn("alice", "\n".join(self.bob.reads()))

    def test_reports(self) -> None:
        """A report stays for the staff, without the name and without what was written about her or quoted."""
        self.bob.types("/look tea", "/report alice she was rude")
        self.assertIn("more of it", self.everything())
        self.asks("ban", target="mallory", reason="raid")
        self.asks("erase", name="alice")
        left = self.everything()
        self.assertNotIn("she was rude", left)
        self.assertNotIn("more of it", left)
        self.assertEqual(["mallory"], [each["target"] for each in self.asks("bans")["bans"]])
        mia = self.server.staff("mia")
        mia.types("/reports")
        told = "\n".join(mia.reads())
        self.assertIn("-- Report 1: bob reported (erased) in tea.", told)

    def test_her_own_reports(self) -> None:
        """What she wrote in a report of hers goes, also when it is closed."""
        mia, alice = self.server.staff("mia"), self.server.connection()
        alice.types(f"/login alice {PASSWORD}", "/report bob he knows where I live", "/report mia private matter")
        mia.types("/reports done 2 alice was right, she lives in Ghent")
        alice.disconnects()
        self.asks("erase", name="alice")
        left = self.everything()
        for words in ("where I live", "private matter", "Ghent"):
            self.assertNotIn(words, left)

    def test_reasons(self) -> None:
        """Why somebody was banned, muted or kicked goes, from facts, history and the log."""
        mia = self.server.staff("mia")
        mia.types("/join tea", "/mute alice 1h secret one", "/ban alice secret two", "/gmute alice 1h secret three")
        mia.types("/gban alice secret four")
        self.asks("erase", name="alice")
        self.assertNotIn("secret", self.everything())
        self.assertNotIn("secret", str(self.asks("audit")["entries"]))
        self.assertIn("alice", [each["target"] for each in self.asks("audit")["entries"]])
        self.assertEqual([], self.asks("bans")["bans"])

    def test_what_she_did_to_others_stays(self) -> None:
        """In force, and done by nobody: those who read it now, and not only after a restart, do not read her name."""
        self.server.promote("alice", ServerRole.MODERATOR)
        self.alice.types("/look tea", "/mute carol forever", "/ban dora forever", "/lock 1h", "/lockdown accounts")
        self.server.promote("alice", ServerRole.NONE)
        self.asks("erase", name="alice")
        self.bob.types("/look tea")
        self.bob.reads()
        self.bob.types("/bans")
        bans = self.bob.reads()
        self.assertEqual(["dora is banned forever, by (erased).", "carol is muted forever, by (erased)."], bans)
        rooms, lockdown = (
            self.server.program("robot").asks("rooms", match="tea")["rooms"],
            self.server.services.chat.state.lockdown,
        )
        self.assertEqual([ERASED_NAME], [room["lock"]["by"] for room in rooms])
        assert lockdown is not None
        self.assertEqual(("accounts", ERASED_NAME), (lockdown.level, lockdown.nick))

    def test_name_is_kept(self) -> None:
        """Nobody can be taken for her: the name is neither a guest's nor can it be logged in to, written to or used."""
        self.asks("erase", name="alice")
        other = self.server.connection()
        other.types("alice", PASSWORD, "", f"/login alice {PASSWORD}", "/login alice !")
        read = "\n".join(other.reads())
        self.assertIn("belongs to an account", read)
        self.assertEqual(3, read.count("Wrong nickname or password"))
        self.bob.types("@alice are you there", "/info alice", "/promote alice")
        self.assertEqual(3, len([line for line in self.bob.reads() if line.startswith("! ")]))
        for word in ("profile", "tokens", "revoke"):
            self.assert_refused("not-found", "was erased", word, name="alice")
        self.assert_refused("not-found", "was erased", "password", name="alice", password=PASSWORD)
        self.assert_refused("nick-owned", "There is already an account", "create", name="alice", password=PASSWORD)
        (alice, _) = self.asks("accounts")["accounts"]
        self.assertEqual(("alice", True, 0), (alice["name"], alice["erased"], alice["sessions"]))

    def test_name_is_freed(self) -> None:
        """An erased name stays taken, unless the operator says that others may have it, then or later."""
        self.asks("erase", name="alice")
        answer = self.asks("erase", name="alice", free=True)
        self.assertEqual((0, False), (answer["lines"], answer["reserved"]))
        self.server.guest("alice")

    def test_keep_lines(self) -> None:
        """What she said can stay, under nobody's name."""
        self.asks("erase", name="alice", keep_text=True)
        self.bob.reads()
        self.bob.types("/search more")
        self.assertIn(f"<{ERASED_NAME}> more of it", "\n".join(self.bob.reads()))
        self.assertNotIn("'alice'", self.everything().replace("'alice': Account(name='alice', key='alice'", ""))

    def test_guest(self) -> None:
        """A guest is erased by name, and let go; the name is free."""
        carol = self.server.guest("carol")
        carol.types("guests talk, too")
        answer = self.asks("erase", name="carol")
        self.assertEqual((1, False), (answer["lines"], answer["reserved"]))
        self.assertTrue(carol.is_disconnected())
        self.assertNotIn("carol", self.everything())
        self.server.guest("carol")

    def test_nobody(self) -> None:
        """Where there is nothing of somebody, it is said."""
        self.assert_refused("not-found", "no data of anyone called zoe", "erase", name="zoe")
        self.assert_refused("bad-arguments", "neither true nor false", "erase", name="bob", free="maybe")
        self.assertFalse(self.bob.is_disconnected())

    def test_on_another_node(self) -> None:
        """Who is on line through another node is let go there."""
        north = self.another_node()
        far = north.connection()
        far.types(f"/login alice {PASSWORD}")
        self.asks("erase", name="alice")
        self.assertTrue(far.is_disconnected())
        self.assertNotIn("more of it", self.everything())


class PluginTests(ShellCase):
    """What plugins store of somebody."""

    def setUp(self) -> None:
        super().setUp()
        self.store_of = PluginStore(self.server.services, "poll")
        self.store_of.put("poll:1", {"by": "alice", "question": "tea?", "seen": ["bob", "alice"]})
        self.store_of.put("vote:1:alice", "yes", who="alice")
        self.store_of.put("vote:1:bob", "no", who="bob")
        self.server.settle()

    def stored(self, name: str) -> dict[str, str]:
        """What an export has, by key."""
        return {each["key"]: each["value"] for each in self.asks("stored", name=name)["stored"]}

    def test_export(self) -> None:
        """An export has what is stored of a person, and what names them."""
        self.assertEqual({"poll:1", "vote:1:alice"}, set(self.stored("alice")))
        self.assertEqual('"yes"', self.stored("alice")["vote:1:alice"])
        self.server.guest("carol")
        self.assertEqual({}, self.stored("carol"))

    def test_export_comes_in_pages(self) -> None:
        """Much that is stored takes more than one answer, and nothing is missing or there twice."""
        for number in range(45):
            self.store_of.put(f"x:{number}", number, who="alice")
        self.server.settle()
        found, after = [], "0"
        while after != "None":
            answer = self.asks("stored", name="alice", after=after)
            found += [each["key"] for each in answer["stored"]]
            after = str(answer["next"])
        self.assertEqual((47, 47), (len(found), len(set(found))))

    def test_erase(self) -> None:
        """After an erasure, no plugin stores anything of the person, and nothing of others is lost."""
        for keep in ("true", "false"):
            self.asks("erase", name="alice", keep_text=keep)
            self.assertEqual(("poll:1", "vote:1:bob"), self.store_of.keys())
            left = {"by": ERASED_NAME, "question": "tea?", "seen": ["bob", ERASED_NAME]}
            self.assertEqual(left, self.store_of.get("poll:1"))
        slots = [event for room in self.store.ledger.rooms.values() for slot in room.slots.items() for event in slot]
        self.assertNotIn("alice", repr([each for each in slots if "poll" in repr(each)]))

    def test_guest(self) -> None:
        """What is stored of a guest goes with the guest, who is known to plugins by another name."""
        carol = self.server.guest("carol")
        (visit,) = [each.visit for each in self.server.services.chat.state.people.values() if each.nick == "carol"]
        self.store_of.put(f"vote:1:{visit}", "yes", who=visit)
        self.server.settle()
        self.assertEqual({f"vote:1:{visit}"}, set(self.stored("carol")))
        self.asks("erase", name="carol")
        self.assertTrue(carol.is_disconnected())
        self.assertNotIn(f"vote:1:{visit}", self.store_of.keys())
