"""
The page's menus: what one may do is offered, what one may not do is not, and a confirmation names what happens.
"""

from __future__ import annotations

from pathlib import Path

from selenium.webdriver.common.keys import Keys

from chatroom.admin.target import place_of, reach
from tests.e2e.chromium import Tab
from tests.e2e.daemon import until
from tests.e2e.pages import PASSWORD, PageCase

CHOICES = "return [...document.querySelectorAll('.pop [role^=menuitem]')].map((each) => each.textContent)"


class MenuCase(PageCase):
    """People with a page in a room of alice's."""

    def choices(self, tab: Tab, selector: str) -> list[str]:
        """What the menu of this button offers. It is closed again."""
        tab.click(selector)
        tab.find(".pop")
        found: list[str] = tab.run(CHOICES)
        tab.presses(Keys.ESCAPE)
        return found

    def chooses(self, tab: Tab, selector: str, choice: str) -> None:
        """That choice of the menu of this button, by the keyboard alone."""
        tab.run("document.querySelector(arguments[0]).focus()", selector)
        tab.presses(Keys.ENTER)
        tab.find(".pop")
        for _ in range(20):
            if tab.focused().startswith(choice):
                break
            tab.presses(Keys.ARROW_DOWN)
        self.assertTrue(tab.focused().startswith(choice), tab.run(CHOICES))
        tab.presses(Keys.ENTER)

    def den(self, name: str = "alice") -> Tab:
        """Somebody in a room of their own."""
        tab = self.page(name)
        tab.types("/create den")
        tab.sees("den", "#top h2")
        return tab


class PersonTests(MenuCase):
    """What one can do with somebody."""

    def test_by_role(self) -> None:
        """Everybody can whisper, ignore and report; operators and owners are offered more, against those below."""
        alice, bob, carol = self.den(), self.page("bob"), self.page("carol")
        for tab in (bob, carol):
            tab.types("/join den")
        alice.sees("3 people", "#panel")
        everybody = ["Whisper", "Mention", "Ignore …", "Report …"]
        self.assertEqual(everybody, self.choices(bob, "button[data-nick=carol]"))
        order = ["Mute …", "Kick …", "Ban …"]
        self.assertEqual(
            [*everybody, "Make operator", "Make owner …", *order], self.choices(alice, "button[data-nick=bob]")
        )
        self.chooses(alice, "button[data-nick=bob]", "Make operator")
        bob.sees("Operator", "#panel button[data-nick=bob]")
        self.assertEqual([*everybody, *order], self.choices(bob, "button[data-nick=carol]"))
        self.assertEqual(everybody, self.choices(bob, "button[data-nick=alice]"))
        self.assertIn("Remove operator", self.choices(alice, "button[data-nick=bob]"))
        self.assertEqual([], self.choices(alice, "button[data-nick=alice]"))

    def test_mute_and_unmute(self) -> None:
        """A mute takes a time and a reason; who is muted is offered to be unmuted."""
        alice, bob = self.den(), self.page("bob")
        bob.types("/join den")
        alice.sees("2 people", "#panel")
        self.chooses(alice, "button[data-nick=bob]", "Mute")
        alice.sees("bob can read den and cannot say anything there.", "dialog")
        self.assertEqual("Mute bob", alice.text("dialog .primary"))
        alice.find("dialog input[name=reason]").send_keys("too loud", Keys.ENTER)
        bob.sees("alice muted you in den until", "#lines")
        bob.sees("too loud", "#lines")
        self.assertNotIn("Mute …", self.choices(alice, "button[data-nick=bob]"))
        self.chooses(alice, "button[data-nick=bob]", "Unmute")
        bob.sees("alice unmuted you in den: you can talk again.", "#lines")
        self.assertIn("Mute …", self.choices(alice, "button[data-nick=bob]"))

    def test_ban_and_lift(self) -> None:
        """A ban names what happens; the list of bans lifts it."""
        alice, bob = self.den(), self.page("bob")
        bob.types("/join den")
        alice.sees("2 people", "#panel")
        self.chooses(alice, "button[data-nick=bob]", "Ban")
        alice.sees("bob leaves den now, and cannot join again until the ban ends.", "dialog")
        alice.find("dialog input[name=reason]").send_keys("spam", Keys.ENTER)
        bob.sees("alice banned you from this room: spam", "#banner")
        self.chooses(alice, "#more", "Bans and mutes")
        alice.sees("banned until", "dialog")
        alice.sees("by alice: spam", "dialog")
        alice.click("dialog li .link")
        alice.sees("Nobody is banned from den or muted there.", "dialog")
        bob.sees("alice unbanned you from den.", "#toasts")
        alice.presses(Keys.ESCAPE)
        bob.click("#banner .link")
        alice.sees("2 people", "#panel")

    def test_ignore(self) -> None:
        """Whom one ignores is read no more; the menu of the person and of oneself end it."""
        alice, bob = self.page("alice"), self.program("bob")
        bob.says("apples")
        alice.hears("<bob> apples")
        self.chooses(alice, "button[data-nick=bob]", "Ignore")
        alice.sees("You no longer see messages and whispers from bob.", "dialog")
        alice.presses(Keys.ENTER)
        until("bob unheard", lambda: "apples" not in alice.text("#lines"))
        self.chooses(alice, "button[data-nick=bob]", "Stop ignoring")
        bob.says("pears")
        alice.hears("<bob> apples", "<bob> pears")
        alice.types("/ignore bob")
        until("ignored", lambda: "pears" not in alice.text("#lines"))
        self.chooses(alice, "#me", "Ignored people")
        alice.sees("bob", "dialog")
        alice.click("dialog li .link")
        alice.sees("You are not ignoring anyone.", "dialog")

    def test_report(self) -> None:
        """A report takes a reason, says who reads it, and reaches the staff."""
        self.program("mia").asks("signup", password=PASSWORD)
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("role", name="mia", role="moderator")
        alice, mia, bob = self.page("alice"), self.tab("mia"), self.program("bob")
        mia.comes_in(how="login", password=PASSWORD)
        bob.says("buy my pills")
        alice.hears("<bob> buy my pills")
        self.chooses(alice, "button[data-nick=bob]", "Report")
        alice.sees("The moderators of this server read your report", "dialog")
        alice.find("dialog input").send_keys("advertising", Keys.ENTER)
        alice.sees("Report 1 about bob", "#toasts")
        mia.sees("alice reported bob in lobby: advertising", "#toasts")

    def test_owner(self) -> None:
        """An owner makes another one, who is told what that means."""
        alice, bob = self.den(), self.page("bob")
        bob.types("/join den")
        alice.sees("2 people", "#panel")
        self.chooses(alice, "button[data-nick=bob]", "Make owner")
        alice.sees("bob can then do everything in den that you can. You cannot take that back.", "dialog")
        self.assertEqual("Cancel", alice.focused())
        alice.click("dialog .primary")
        bob.sees("alice made you an owner of den.", "#lines")
        self.assertNotIn("Kick …", self.choices(alice, "button[data-nick=bob]"))


class StaffTests(MenuCase):
    """What the staff of the server can do with somebody, in any room."""

    def test_server_ban(self) -> None:
        """A moderator bans somebody from the server by the menu and lifts it by a list; nobody else is offered it."""
        self.program("mia").asks("signup", password=PASSWORD)
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("role", name="mia", role="moderator")
        alice, bob, mia = self.page("alice"), self.page("bob"), self.tab("mia")
        mia.comes_in(how="login", password=PASSWORD)
        mia.sees("3 people", "#panel")
        staff = ["Mute on the server …", "Kick from the server …", "Ban from the server …"]
        self.assertEqual(staff, self.choices(mia, "button[data-nick=bob]")[-3:])
        self.assertNotIn(staff[2], self.choices(alice, "button[data-nick=bob]"))
        self.assertNotIn(staff[2], self.choices(bob, "button[data-nick=mia]"))
        self.assertNotIn("Server bans and mutes …", self.choices(alice, "#me"))
        self.chooses(mia, "button[data-nick=bob]", "Ban from the server")
        mia.sees("bob is disconnected now, and cannot connect again until the ban ends.", "dialog")
        mia.find("dialog input[name=reason]").send_keys("spam", Keys.ENTER)
        bob.sees("spam", "#join-error")
        self.chooses(mia, "#me", "Server bans and mutes")
        mia.sees("by mia: spam", "dialog")
        mia.click("dialog li .link")
        mia.sees("Nobody is banned from this server or muted on it.", "dialog")


class RoomTests(MenuCase):
    """What one can do with a room."""

    def test_by_role(self) -> None:
        """A member sees what members may do, an operator the rest; staff can close a room, but not the lobby."""
        alice, bob = self.den(), self.page("bob")
        bob.types("/join den")
        bob.sees("2 people", "#panel")
        self.assertEqual(["Report this room …", "Leave room"], self.choices(bob, "#more"))
        self.assertEqual("", bob.text("#topic-edit"))
        whole = [
            "Set topic …", "Invite …", "Make invite-only …", "Set password …", "Slow mode …", "Let only some talk …",
            "Limit people …", "Hide from the list of rooms", "Lock …", "Bans and mutes …", "Report this room …",
            "Leave room",
        ]  # fmt: skip
        self.assertEqual(whole, self.choices(alice, "#more"))
        self.program("mia").asks("signup", password=PASSWORD)
        with reach(place_of(str(self.daemon.folder / "chatroom-data"), None, None)) as server:
            server.ask("role", name="mia", role="moderator")
        mia = self.tab("mia")
        mia.comes_in(how="login", password=PASSWORD)
        mia.sees("mia", "#panel")
        self.assertNotIn("Close room …", self.choices(mia, "#more"))
        mia.types("/join den")
        mia.sees("3 people", "#panel")
        self.assertEqual([*whole, "Close room …"], self.choices(mia, "#more"))
        self.chooses(mia, "#more", "Close room")
        mia.sees(
            "Everyone is removed from den. The room is deleted with all its messages. This cannot be undone.", "dialog"
        )
        mia.presses("off topic", Keys.ENTER)
        bob.sees("mia kicked you from this room", "#banner")

    def test_slow_and_lock(self) -> None:
        """Slow mode and the lock are set and lifted by the menu, which says how they stand."""
        alice, bob = self.den(), self.page("bob")
        bob.types("/join den")
        alice.sees("2 people", "#panel")
        self.chooses(alice, "#more", "Slow mode")
        alice.find("dialog select").send_keys("One line every 30")
        alice.click("dialog .primary")
        bob.sees("alice turned on slow mode: each person can send one line every 30 seconds.", "#lines")
        self.assertIn("Slow mode: 30 seconds …", self.choices(alice, "#more"))
        self.chooses(alice, "#more", "Lock")
        alice.sees("Nobody new can join den until the lock ends. People who are in the room stay.", "dialog")
        alice.click("dialog .primary")
        bob.sees("alice locked the room until", "#lines")
        carol = self.page("carol")
        carol.types("/join den")
        carol.sees("den is locked", "#refused")
        self.chooses(alice, "#more", "Unlock")
        bob.sees("alice unlocked the room.", "#lines")
        self.assertIn("Lock …", self.choices(alice, "#more"))

    def test_moderated_and_limited(self) -> None:
        """By menus, an owner lets only some talk, gives voice, limits the people, and hides the room."""
        alice, bob = self.den(), self.page("bob")
        bob.types("/join den")
        alice.sees("2 people", "#panel")
        self.chooses(alice, "#more", "Let only some talk")
        alice.sees("Only operators and people with voice can then talk in den.", "dialog")
        alice.click("dialog .primary")
        bob.sees("alice made the room moderated: only people with voice can talk.", "#lines")
        self.chooses(alice, "button[data-nick=bob]", "Give voice")
        bob.sees("alice gave you voice in den: you can talk", "#lines")
        bob.types("thanks")
        alice.hears("<bob> thanks")
        self.chooses(alice, "#more", "Limit people")
        alice.find("dialog input[name=people]").send_keys("2")
        alice.click("dialog .primary")
        until("the limit", lambda: "Limit: 2 people …" in self.choices(alice, "#more"))
        carol = self.page("carol")
        carol.types("/join den")
        carol.sees("den is full", "#refused")
        self.chooses(alice, "#more", "Hide from the list of rooms")
        until("the room to be hidden", lambda: "Show in the list of rooms" in self.choices(alice, "#more"))
        self.chooses(alice, "#more", "Let everyone talk")
        bob.sees("alice lets everyone in the room talk.", "#lines")

    def test_role_is_taken(self) -> None:
        """What a role allowed is not offered any longer when the role is gone."""
        alice, bob = self.den(), self.page("bob")
        bob.types("/join den")
        alice.sees("2 people", "#panel")
        alice.types("/op bob")
        until("more for bob", lambda: "Lock …" in self.choices(bob, "#more"))
        alice.types("/deop bob")
        until("less for bob", lambda: "Lock …" not in self.choices(bob, "#more"))

    def test_keys(self) -> None:
        """Home, End and first letters go through a menu; Tab and Escape close it and go back to its button."""
        alice = self.den()
        alice.run("document.querySelector('#more').focus()")
        for close in (Keys.TAB, Keys.ESCAPE):
            alice.presses(Keys.ENTER)
            alice.find(".pop")
            self.assertEqual("Set topic …", alice.focused())
            alice.presses(Keys.END)
            self.assertEqual("Leave room", alice.focused())
            alice.presses(Keys.ARROW_DOWN)
            self.assertEqual("Set topic …", alice.focused())
            alice.presses("b")
            self.assertEqual("Bans and mutes …", alice.focused())
            alice.presses(Keys.HOME, Keys.ARROW_UP)
            self.assertEqual("Leave room", alice.focused())
            alice.presses(close)
            self.assertEqual("more", alice.focused())
        self.assertEqual(0, alice.run("return document.querySelectorAll('.pop').length"))


class ConversationTests(MenuCase):
    """Whispers with somebody."""

    def test_part(self) -> None:
        """/part, and /leave, close a conversation and leave no room."""
        alice, bob = self.page("alice"), self.program("bob")
        for word in ("/part", "/leave", "/part bye"):
            bob.asks("whisper", to="alice", text="psst")
            alice.sees("bob", "#whispers")
            alice.click("#whispers .row")
            alice.hears("<bob> psst")
            alice.types(word)
            alice.sees("lobby", "#top h2")
            alice.sees("No conversations yet", "#whispers")
        self.assertEqual("2", alice.text("#people-open"))

    def test_menu(self) -> None:
        """The menu of a conversation closes it."""
        alice, bob = self.page("alice"), self.program("bob")
        bob.asks("whisper", to="alice", text="psst")
        alice.sees("bob", "#whispers")
        alice.click("#whispers .row")
        self.chooses(alice, "#more", "Close conversation")
        alice.sees("lobby", "#top h2")


class ListTests(MenuCase):
    """Lists by the keyboard."""

    def test_one_stop(self) -> None:
        """The list of people is one stop for Tab; arrows, Home and End go through it, also while people come and go."""
        alice = self.page("alice")
        for name in ("bob", "carol", "dora"):
            self.program(name)
        alice.sees("4 people", "#panel")
        stops = "return document.querySelectorAll('.people button[tabindex=\"0\"]').length"
        self.assertEqual(1, alice.run(stops))
        alice.run("document.querySelector('#panel input').focus()")
        alice.presses(Keys.ARROW_DOWN)
        nick = "return document.activeElement.dataset.nick"
        found = []
        for key in (Keys.END, Keys.ARROW_UP, Keys.HOME, Keys.ARROW_UP, Keys.ARROW_DOWN):
            alice.presses(key)
            found.append(alice.run(nick))
        self.assertEqual(["dora", "carol", "alice", "alice", "bob"], found)
        self.program("aaron")
        alice.sees("5 people", "#panel")
        self.assertEqual(("bob", 1), (alice.run(nick), alice.run(stops)))
        alice.presses(Keys.TAB)
        self.assertIsNone(alice.run(nick))
        alice.presses(Keys.SHIFT + Keys.TAB + Keys.NULL)
        self.assertEqual("bob", alice.run(nick))

    def test_rooms(self) -> None:
        """The list of rooms is one stop for Tab, and the keys of a list go through it."""
        alice = self.page("alice")
        alice.types("/create den", "/create garden")
        alice.sees("garden", "#top h2")
        self.assertEqual(1, alice.run("return document.querySelectorAll('#rooms button[tabindex=\"0\"]').length"))
        alice.run("document.querySelector('#rooms [aria-current]').focus()")
        alice.presses(Keys.HOME, Keys.ENTER)
        alice.sees("lobby", "#top h2")

    def test_filter(self) -> None:
        """The filter finds people by any part of their names, and stays while people come and go."""
        alice = self.page("alice")
        for name in ("bob", "Bobby", "carol"):
            self.program(name)
        alice.sees("4 people", "#panel")
        shown = "return [...document.querySelectorAll('.people [data-nick]')].map((each) => each.dataset.nick)"
        alice.find("#panel input").send_keys("BO")
        until("two", lambda: alice.run(shown) == ["bob", "Bobby"])
        self.program("jambo")
        until("three", lambda: alice.run(shown) == ["bob", "Bobby", "jambo"])
        alice.sees("3 matches", "#panel")
        alice.find("#panel input").send_keys("x")
        alice.sees("No match.", "#panel")
        alice.presses(Keys.ESCAPE)
        until("all", lambda: len(alice.run(shown)) == 5)


class FormTests(MenuCase):
    """The join page."""

    options = ("--password-length", "10")

    def test_button(self) -> None:
        """The button says what it does, and a new password's rule is shown where one is chosen."""
        tab = self.tab("alice")
        found = {}
        for way in ("signup", "login", "guest"):
            tab.click(f".segments label:has([value={way}])")
            found[tab.text("#join-form .primary")] = tab.text("#join-rule")
        self.assertEqual({"Sign up": "At least 10 characters. Spaces are allowed.", "Log in": "", "Join": ""}, found)

    def test_show_password(self) -> None:
        """A password is shown when one asks for it, by mouse or keyboard, and hidden again when it is sent."""
        tab = self.tab("alice")
        tab.click(".segments label:has([value=signup])")
        tab.find("#join-nick").send_keys("alice")
        tab.writes("#join-password", "correct horse")
        kind = "return document.querySelector('#join-password').type"
        self.assertEqual("password", tab.run(kind))
        tab.presses(Keys.TAB, Keys.SPACE)
        self.assertEqual("text", tab.run(kind))
        self.assertEqual("true", tab.run("return document.activeElement.getAttribute('aria-pressed')"))
        tab.click("#join-form .primary")
        tab.find("#chat")
        self.assertEqual("password", tab.run(kind))

    def test_in_dialogs(self) -> None:
        """The rule and the button are in the page's dialogs as well."""
        alice = self.page("alice")
        self.chooses(alice, "#me", "Create account")
        alice.sees("At least 10 characters", "dialog")
        alice.find("dialog input").send_keys("short", Keys.ENTER)
        alice.sees("10", "dialog .error")
        alice.click("dialog .secret button")
        self.assertEqual("text", alice.run("return document.querySelector('dialog input').type"))


class WelcomeTests(PageCase):
    """The welcome text."""

    def setUp(self) -> None:
        rules = Path(self.mktemp()).absolute()
        rules.write_text("Be kind.\nMore at https://example.org/rules <b>here</b>\n", encoding="utf-8")
        self.options = ("--motd", str(rules))
        super().setUp()

    def test_join_page(self) -> None:
        """The join page shows the welcome text as text, with its links, and how many people are there."""
        self.program("bob"), self.program("carol")
        tab = self.tab("alice")
        tab.sees("Be kind.", "#welcome")
        tab.sees("<b>here</b>", "#welcome")
        self.assertEqual("https://example.org/rules", tab.find("#welcome a").get_attribute("href"))
        tab.sees("2 people are online.", "#join-form")


class EmojiTests(PageCase):
    """Emoji by name."""

    def test_completion(self) -> None:
        """A name that is begun is offered and becomes its emoji; a name that is typed whole is shown as one."""
        alice, bob = self.page("alice"), self.nc("bob")
        alice.find("#text").send_keys("well done :tad")
        alice.sees("🎉", "#completion")
        alice.presses(Keys.TAB)
        self.assertEqual("well done 🎉 ", alice.find("#text").get_attribute("value"))
        alice.presses(Keys.ENTER)
        alice.hears("<alice> well done 🎉")
        bob.reads("<alice> well done 🎉")
        alice.types("see :rocket: go")
        alice.hears("<alice> see 🚀 go")
        bob.reads("<alice> see :rocket: go")

    def test_not_offered(self) -> None:
        """Times, addresses and single letters behind a colon offer nothing."""
        alice = self.page("alice")
        for text in ("at 10:30", "https://example.org:80", ":x", "a:tad"):
            alice.writes("#text", text)
            self.assertEqual("", alice.text("#completion"), text)
